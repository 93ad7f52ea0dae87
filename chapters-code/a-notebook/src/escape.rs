//! Text where something reads it for marks: an element, an attribute, a file of
//! XML, Markdown, an address.
//!
//! ```text
//!          a < "b_c" - d
//! text     a &lt; "b_c" - d                between tags, as mdBook writes it
//! html     a &lt; &quot;b_c&quot; - d      between tags or in an attribute, on one line
//! xml      a &lt; &quot;b_c&quot; - d      the same in XML, with its lines
//! between  a &lt; &quot;b&#95;c&quot; - d  between tags that stand in a paragraph of Markdown
//! inert    a &lt; &quot;b&#95;c&quot; &#45; d  anywhere in Markdown
//! ```

/// How a character is written.
enum Form {
    Itself,
    Entity,
    Space,
    Nothing,
}

/// `text` with every character in the form that is asked for.
fn written(text: &str, form: impl Fn(char) -> Form) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match (form(c), c) {
            (Form::Itself, c) => safe.push(c),
            (Form::Space, _) => safe.push(' '),
            (Form::Nothing, _) => {}
            (Form::Entity, '&') => safe.push_str("&amp;"),
            (Form::Entity, '<') => safe.push_str("&lt;"),
            (Form::Entity, '>') => safe.push_str("&gt;"),
            (Form::Entity, '"') => safe.push_str("&quot;"),
            (Form::Entity, c) => safe.push_str(&format!("&#{};", u32::from(c))),
        }
    }
    safe
}

/// `text` as the content of an element, where quotes and lines mean nothing.
///
/// ```
/// assert_eq!(notebook::escape::text("a < \"b\""), "a &lt; \"b\"");
/// ```
pub fn text(text: &str) -> String {
    written(text, |c| if matches!(c, '&' | '<' | '>') { Form::Entity } else { Form::Itself })
}

/// `text` as the content of an element or a quoted attribute of HTML or SVG, on
/// one line.
///
/// ```
/// assert_eq!(notebook::escape::html("a < \"b\"\n_c_"), "a &lt; &quot;b&quot; _c_");
/// ```
pub fn html(text: &str) -> String {
    written(text, in_html)
}

fn in_html(c: char) -> Form {
    match c {
        '&' | '<' | '>' | '"' => Form::Entity,
        '\n' | '\r' | '\t' => Form::Space,
        // XML has no place for other control characters, escaped or not, and an SVG is XML.
        c if c.is_control() || c == '\u{fffe}' || c == '\u{ffff}' => Form::Nothing,
        _ => Form::Itself,
    }
}

/// `text` as the content of an element or a quoted attribute of XML. Lines
/// stay, and what XML has no place for goes.
///
/// ```
/// assert_eq!(notebook::escape::xml("a & b\n\u{1}c"), "a &amp; b\nc");
/// ```
pub fn xml(text: &str) -> String {
    written(text, |c| match c {
        '&' | '<' | '>' | '"' => Form::Entity,
        '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'.. => Form::Itself,
        _ => Form::Nothing,
    })
}

/// `text` as it can stand between tags in a paragraph of Markdown: as [`html`],
/// and no character begins or ends a mark.
///
/// ```
/// assert_eq!(notebook::escape::between("<b> x_i - y"), "&lt;b&gt; x&#95;i - y");
/// ```
pub fn between(text: &str) -> String {
    written(text, in_markdown)
}

fn in_markdown(c: char) -> Form {
    match c {
        '*' | '_' | '[' | ']' | '`' | '\\' | '|' | '~' | '$' | '{' | '}' => Form::Entity,
        c => in_html(c),
    }
}

/// `text` as it can stand anywhere in Markdown, in an HTML element or in a
/// quoted attribute, and still read the same: every character that means
/// something to any of them becomes an entity.
///
/// ```
/// let name = "vit_b_16 | <a>";
/// assert_eq!(notebook::escape::inert(name), "vit&#95;b&#95;16 &#124; &lt;a&gt;");
/// ```
pub fn inert(text: &str) -> String {
    // What begins a heading or a picture, and what smart punctuation would change.
    let safe = written(text, |c| match c {
        '#' | '!' | '^' | '\'' | '-' => Form::Entity,
        c => in_markdown(c),
    });
    // Three dots would become an ellipsis.
    safe.replace("..", "&#46;&#46;")
}

/// A path as it stands in an address.
///
/// ```
/// assert_eq!(notebook::escape::address("a b/c#d.html"), "a%20b/c%23d.html");
/// ```
pub fn address(path: &str) -> String {
    path.replace('%', "%25").replace(' ', "%20").replace('#', "%23").replace('?', "%3F")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_escape_what_html_reads() {
        for escape in [text, html, xml, between, inert] {
            assert_eq!(escape("a<b> & c"), "a&lt;b&gt; &amp; c");
            assert_eq!(escape("ü 中 ½ −"), "ü 中 ½ −");
        }
        for escape in [html, xml, between, inert] {
            assert_eq!(escape("\"a\"\0\u{7}\u{ffff}"), "&quot;a&quot;");
        }
    }

    #[test]
    fn lines_stay_where_they_mean_nothing() {
        for escape in [html, between, inert] {
            assert_eq!(escape("a\nb\tc"), "a b c");
        }
        for escape in [text, xml] {
            assert_eq!(escape("a\nb\tc"), "a\nb\tc");
        }
    }

    #[test]
    fn nothing_of_markdown_is_left() {
        assert_eq!(inert("# a_b* '--' ..."), "&#35; a&#95;b&#42; &#39;&#45;&#45;&#39; &#46;&#46;.");
    }
}
