//! `{{#contents}}`: the chapters by part, as a list of links; drafts are named and marked.
//!
//! ```text
//! <nav class="contents"><section><h2>Parameter scaling</h2><ol>
//! <li><a href="14-parameters/index.html"><span class="number">14</span> How big …?</a></li>
//! <li class="draft"><span class="number">15</span> What does size buy? <small>(planned)</small></li>
//! ```

use notebook::escape::html;

use super::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::book::Chapter;
use crate::faults::Trouble;
use crate::text::href;

/// Replaces the directive.
///
/// # Errors
/// None at present; the signature is that of every directive.
pub fn expand(binding: &Binding<'_>, site: Site) -> Result<Expansion, Trouble> {
    let chapters = binding.book.chapters.iter().filter(|c| c.number.is_some());
    let mut list = String::new();
    let mut part = None;
    for chapter in chapters {
        if part != Some(&chapter.part) {
            if part.is_some() {
                list.push_str("</ol></section>");
            }
            let title = chapter.part.as_deref().unwrap_or("Chapters");
            list.push_str(&format!("<section><h2>{}</h2><ol>", html(title)));
            part = Some(&chapter.part);
        }
        list.push_str(&item(binding, site, chapter));
    }
    if part.is_some() {
        list.push_str("</ol></section>");
    }
    let drafts = binding.book.chapters.iter().any(|c| c.number.is_some() && c.is_draft());
    let legend =
        if drafts { "<p class=\"legend\">Grey: planned, not yet written.</p>" } else { "" };
    Ok(Expansion::Block(format!(
        "<nav class=\"contents\" aria-label=\"Chapters\">{list}{legend}</nav>"
    )))
}

fn item(binding: &Binding<'_>, site: Site, chapter: &Chapter) -> String {
    let number = html(chapter.number.as_deref().unwrap_or_default());
    let title = html(&chapter.title);
    let words = format!("<span class=\"number\">{number}</span> {title}");
    match chapter.pages.clone().next() {
        Some(page) => {
            let book = binding.book;
            let link = href(&book.pages[site.page].path, &book.pages[page].path);
            format!("<li><a href=\"{link}\">{words}</a></li>")
        }
        None => format!("<li class=\"draft\">{words} <small>(planned)</small></li>"),
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::bind_text;

    #[test]
    fn chapters_are_listed_by_part_and_drafts_are_marked() {
        let text = bind_text("{{#contents}}\n");
        assert!(
            text.starts_with("<nav class=\"contents\" aria-label=\"Chapters\"><section><h2>"),
            "{text}"
        );
        assert!(
            text.contains("<li><a href=\"index.html\"><span class=\"number\">1</span>"),
            "{text}"
        );
        assert!(
            text.contains("<li class=\"draft\"><span class=\"number\">2</span> Not yet <small>"),
            "{text}"
        );
        assert!(text.trim().ends_with("written.</p></nav>") && !text.contains("\n\n<"), "{text}");
    }
}
