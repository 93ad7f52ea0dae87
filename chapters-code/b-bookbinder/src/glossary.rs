//! The glossary: `glossary.md`, a definition list, or a heading for each entry.
//!
//! ```text
//! Kernel (núcleo)                    an entry that is found as `kernel` and as `kernels`
//! : A small matrix that slides …
//! ```

use crate::book::Book;
use crate::markup::Heading;

/// The entries of the glossary.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    /// Position of its page.
    pub page: usize,
    entries: Vec<Entry>,
}

/// One entry.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is found as.
    pub name: String,
    /// Its id on the page.
    pub id: String,
    /// Where the entry's text ends, for the link back.
    pub end: Option<usize>,
}

impl Glossary {
    /// Reads the glossary, if the book has one.
    pub fn of(book: &Book) -> Option<Self> {
        let page = book.pages.iter().position(|p| p.name() == "glossary")?;
        let entry = |h: &Heading| Entry { name: key(&h.text), id: h.id.clone(), end: h.body_end };
        let headings = book.pages[page].markup.headings.iter().filter(|h| h.level != 1);
        Some(Glossary { page, entries: headings.map(entry).collect() })
    }

    /// The entry for a term, in the singular or the plural.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        let wanted = key(name);
        let singular = wanted.strip_suffix('s');
        let find = |name: &str| self.entries.iter().find(|e| e.name == name);
        find(&wanted).or_else(|| singular.and_then(find))
    }

    /// What the entries are found as.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|e| e.name.as_str())
    }
}

/// `Kernel (núcleo)` as `kernel`.
fn key(name: &str) -> String {
    let name = name.split(['(', '/', ',', '·']).next().unwrap_or(name);
    name.trim().to_lowercase()
}
