//! `{{#cite key}}`: a reference in the text; `{{#references}}`: the list of those that are cited.
//!
//! ```text
//! counted {{#cite brown2020}}        ─>   counted (<a class="citation" href="../references.html#ref-brown2020">Brown et al., 2020</a>)
//! {{#cite brown2020, he2016}}       ─>   (…; …)
//! ```

use notebook::escape::inert;

use super::syntax::{Expansion, Site, cited};
use crate::binding::Binding;
use crate::faults::Trouble;
use crate::text::{href, nearest, slug};

/// Replaces `{{#cite …}}`.
///
/// # Errors
/// An unknown key.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let bibliography = binding.bibliography.as_ref().ok_or(Trouble::Reported)?;
    let Some(page) = binding.uses.page_of("references") else {
        return Err("no page lists the references; write `{{#references}}` on one".into());
    };
    let list = href(&binding.book.pages[site.page].path, &binding.book.pages[page].path);
    let (mut links, mut words) = (Vec::new(), Vec::new());
    for key in cited(arguments) {
        let Some(text) = bibliography.cite(key) else {
            let hint = nearest(key, bibliography.keys());
            return Err(format!(
                "there is no reference `{key}` in {}{hint}",
                binding.bibliography_file()
            )
            .into());
        };
        links.push(format!(
            "<a class=\"citation\" href=\"{list}#ref-{}\">{}</a>",
            slug(key),
            inert(&text)
        ));
        words.push(text);
    }
    if links.is_empty() {
        return Err("`cite` needs a key; write `{{#cite key}}` or `{{#cite key, key}}`".into());
    }
    let (html, plain) = (links.join("; "), words.join("; "));
    Ok(Expansion::Inline { html: format!("({html})"), plain: format!("({plain})") })
}

/// Replaces `{{#references}}`.
///
/// # Errors
/// Where the file of references could not be read.
pub fn list(binding: &Binding<'_>) -> Result<Expansion, Trouble> {
    let bibliography = binding.bibliography.as_ref().ok_or(Trouble::Reported)?;
    let cited = binding.uses.cited();
    let mut items = String::new();
    for key in bibliography.keys().filter(|key| cited.contains(*key)) {
        let entry = bibliography.entry_html(key).unwrap_or_default().replace('\n', " ");
        items.push_str(&format!("<li id=\"ref-{}\">{entry}</li>\n", slug(key)));
    }
    let none = "Nothing is cited yet.".to_owned();
    Ok(Expansion::Block(if items.is_empty() {
        none
    } else {
        format!("<ul class=\"references\">\n{items}</ul>")
    }))
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_page, bind_text, fault_of};

    #[test]
    fn a_citation_links_to_the_list() {
        let text = bind_text("{{#cite pascal1654, cardano1663}}");
        assert!(text.starts_with("(<a class=\"citation\" href=\"../references.html#ref-pascal1654\">Pascal, 1654</a>; <a class=\"citation\""), "{text}");
    }

    #[test]
    fn the_list_has_what_is_cited() {
        let text = bind_page("references.md", "{{#cite pascal1654}}");
        assert!(text.contains("<li id=\"ref-pascal1654\">"), "{text}");
        assert!(!text.contains("cardano"), "{text}");
    }

    #[test]
    fn an_unknown_key_is_a_fault() {
        assert!(fault_of("{{#cite pascal1645}}").contains("did you mean `pascal1654`?"));
        assert!(fault_of("{{#cite}}").contains("needs a key"));
    }
}
