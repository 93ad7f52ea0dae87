//! `{{#term name}}`: a term where it is defined, tied to its entry in the glossary.
//!
//! ```text
//! A {{#term kernel}} slides …        ─>  A <dfn class="term" id="term-kernel"><a href="../glossary.html#kernel">kernel</a></dfn> slides …
//! Two {{#term kernel | kernels}} …   ─>  other words for the same entry
//! ```
//!
//! The entry in the [`glossary`](crate::glossary) gets a link back to the page that defines the term.

use notebook::escape::inert;

use super::syntax::{Expansion, Site, named};
use crate::binding::Binding;
use crate::faults::Trouble;
use crate::glossary::{Entry, Glossary};
use crate::text::{href, nearest, slug};

/// Replaces the directive.
///
/// # Errors
/// A term that the glossary does not have.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let (name, words) = named(arguments);
    if name.is_empty() || words.is_empty() {
        return Err(
            "`term` needs a name; write `{{#term name}}` or `{{#term name | other words}}`".into(),
        );
    }
    let Some(glossary) = &binding.glossary else {
        return Err("there is no glossary; write glossary.md and list it in SUMMARY.md".into());
    };
    let Some(entry) = glossary.find(name) else {
        let hint = nearest(name, glossary.names());
        return Err(format!("the glossary has no entry `{name}`{hint}").into());
    };
    let link = href(&binding.book.pages[site.page].path, &binding.book.pages[glossary.page].path);
    let html = format!(
        "<dfn class=\"term\" id=\"term-{}\"><a href=\"{link}#{}\">{}</a></dfn>",
        slug(name),
        entry.id,
        inert(words)
    );
    Ok(Expansion::Inline { html, plain: words.to_owned() })
}

/// The links back to the pages that define terms: where in the glossary's text, and what.
pub fn links_back(binding: &Binding<'_>, glossary: &Glossary) -> Vec<(usize, String)> {
    let from = &binding.book.pages[glossary.page];
    let mut links = Vec::new();
    for (page, arguments) in binding.uses.terms() {
        let (name, _) = named(arguments);
        let Some(Entry { end: Some(end), .. }) = glossary.find(name) else { continue };
        let to = &binding.book.pages[page];
        let section = binding.labels.get(&format!("section:{}", to.name()));
        let html = format!(
            " <a class=\"term-defined\" href=\"{}#term-{}\" title=\"{}\">{}</a>",
            href(&from.path, &to.path),
            slug(name),
            inert(&to.title),
            inert(section.map_or("", |t| t.text.as_str()))
        );
        links.push((*end, html));
    }
    links
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_page, bind_text, fault_of};

    #[test]
    fn a_term_links_to_the_glossary_and_back() {
        assert_eq!(
            bind_text("Two {{#term die | dice}}."),
            "Two <dfn class=\"term\" id=\"term-die\"><a href=\"../glossary.html#die-dado\">dice</a></dfn>."
        );
        let back = " <a class=\"term-defined\" href=\"01-dice/index.html#term-die\" title=\"Dice\">Chapter 1</a>";
        let glossary = bind_page("glossary.md", "{{#term die}}");
        let entries = format!("\n\nDie (dado)\n: A cube.{back}\n\nFace\n: A side.\n");
        assert!(
            glossary.starts_with("# Glossary\n\n") && glossary.ends_with(&entries),
            "{glossary}"
        );
    }

    #[test]
    fn a_term_that_is_not_there_is_a_fault() {
        assert_eq!(
            fault_of("{{#term dye}}"),
            "the glossary has no entry `dye`; did you mean `die`?"
        );
        assert!(bind_text("{{#term faces}}").contains("#face"));
        assert!(fault_of("{{#term}}").contains("needs a name"));
    }
}
