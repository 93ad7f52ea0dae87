//! `{{#term name}}`: a term where it is defined, tied to its entry in the glossary.
//!
//! ```text
//! A {{#term kernel}} slides …        ─>  A <dfn class="term" id="term-kernel"><a href="../glossary.html#kernel">kernel</a></dfn> slides …
//! Two {{#term kernel | kernels}} …   ─>  other words for the same entry
//! ```
//!
//! The glossary is `glossary.md`: a definition list, or a heading for each entry. An entry
//! `Kernel (núcleo)` is found as `kernel`. It gets a link back to the page that defines the term.

use super::{Expansion, Site};
use crate::bind::Binding;
use crate::book::{Book, Page};
use crate::faults::Trouble;
use crate::text::{href, inert, nearest, slug};

/// The entries of the glossary.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    /// Position of its page.
    pub page: usize,
    entries: Vec<Entry>,
}

/// One entry.
#[derive(Debug, Clone)]
struct Entry {
    name: String,
    id: String,
    /// Where the entry's text ends, for the link back.
    end: Option<usize>,
}

impl Glossary {
    /// Reads the glossary, if the book has one.
    pub fn of(book: &Book) -> Option<Self> {
        let page = book.pages.iter().position(|p| p.name() == "glossary")?;
        let entry = |h: &crate::markup::Heading| Entry {
            name: key(&h.text),
            id: h.id.clone(),
            end: h.body_end,
        };
        let headings = book.pages[page].markup.headings.iter().filter(|h| h.level != 1);
        Some(Glossary { page, entries: headings.map(entry).collect() })
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        let wanted = key(name);
        let singular = wanted.strip_suffix('s');
        let find = |name: &str| self.entries.iter().find(|e| e.name == name);
        find(&wanted).or_else(|| singular.and_then(find))
    }

    /// The links back: where in the glossary's text, and what.
    pub fn links_back(&self, binding: &Binding<'_>) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (page, arguments) in binding.uses.terms() {
            let (name, _) = parse(arguments);
            if let Some(Entry { end: Some(end), .. }) = self.find(name) {
                let (from, to): (&Page, &Page) =
                    (&binding.book.pages[self.page], &binding.book.pages[page]);
                let section = binding
                    .labels
                    .get(&format!("section:{}", to.name()))
                    .map_or("", |t| t.text.as_str());
                let link = href(&from.path, &to.path);
                let html = format!(
                    " <a class=\"term-defined\" href=\"{link}#term-{}\" title=\"{}\">{}</a>",
                    slug(name),
                    inert(&to.title),
                    inert(section)
                );
                links.push((*end, html));
            }
        }
        links
    }
}

/// `Kernel (núcleo)` as `kernel`.
fn key(name: &str) -> String {
    let name = name.split(['(', '/', ',', '·']).next().unwrap_or(name);
    name.trim().to_lowercase()
}

/// The entry's name and the words for it.
fn parse(arguments: &str) -> (&str, &str) {
    let (name, words) = arguments.split_once('|').unwrap_or((arguments, arguments));
    (name.trim(), words.trim())
}

/// Replaces the directive.
///
/// # Errors
/// A term that the glossary does not have.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let (name, words) = parse(arguments);
    if name.is_empty() || words.is_empty() {
        return Err(
            "`term` needs a name; write `{{#term name}}` or `{{#term name | other words}}`".into(),
        );
    }
    let Some(glossary) = &binding.glossary else {
        return Err("there is no glossary; write glossary.md and list it in SUMMARY.md".into());
    };
    let Some(entry) = glossary.find(name) else {
        let hint = nearest(name, glossary.entries.iter().map(|e| e.name.as_str()));
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
