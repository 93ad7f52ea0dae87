//! Inline Markdown, as captions and claims have it, to HTML.
//!
//! ```text
//! Half of $`w_i`$ is *zero*.   ─>   Half of <span class="katex">…</span> is <em>zero</em>.
//! ```

use pulldown_cmark::{Parser, html};

use crate::markup::{Markup, OPTIONS};
use crate::maths::Maths;

/// Renders inline Markdown with formulas to one line of HTML.
///
/// # Errors
/// A formula that does not parse.
pub fn inline(text: &str, maths: &Maths) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut markdown = String::new();
    let mut from = 0;
    for formula in Markup::of(&text).formulas {
        markdown.push_str(&text[from..formula.range.start]);
        let set = maths.typeset(&text[formula.tex.clone()], false).map_err(|e| e.to_string())?;
        markdown.push_str(&set);
        from = formula.range.end;
    }
    markdown.push_str(&text[from..]);
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(&markdown, OPTIONS));
    let rendered = rendered.trim();
    let paragraph = rendered.strip_prefix("<p>").and_then(|r| r.strip_suffix("</p>"));
    Ok(paragraph.unwrap_or(rendered).replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_markdown() {
        let maths = Maths::new();
        assert_eq!(inline("A *b* `c`\n\nd", &maths), Ok("A <em>b</em> <code>c</code> d".into()));
        let formula = inline("So $`x_i`$ is", &maths).unwrap();
        assert!(formula.starts_with("So <span") && formula.ends_with(" is"), "{formula}");
        assert!(inline("$`\\frac{`$", &maths).is_err());
        assert_eq!(inline("", &maths), Ok(String::new()));
    }
}
