//! Numbers: what can be referred to, what it is called, and where it is.
//!
//! Figures, tables and equations are numbered by chapter, in reading order; sections are pages.

use std::collections::BTreeMap;

use crate::book::Book;
use crate::directives::syntax::Found;
use crate::directives::syntax::Place;
use crate::faults::Faults;
use crate::text::{href, slug};

/// Something that `{{#ref label}}` leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `Figure 14.3`, `Section 14.2`, `Equation 14.1`.
    pub text: String,
    /// What it is about, for the link's title; possibly empty.
    pub about: String,
    /// Position of its page; none for a chapter that is not written.
    pub page: Option<usize>,
    /// Where it stands in the page's text.
    pub offset: usize,
    /// Its id on the page; empty for the page itself.
    pub id: String,
}

impl Target {
    /// The link from page `from`; none for a chapter that is not written.
    pub fn href(&self, book: &Book, from: usize) -> Option<String> {
        let page = self.page?;
        let fragment = if self.id.is_empty() { String::new() } else { format!("#{}", self.id) };
        if page == from && !fragment.is_empty() {
            return Some(fragment);
        }
        Some(href(&book.pages.get(from)?.path, &book.pages.get(page)?.path) + &fragment)
    }
}

/// Every label of the book.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    targets: BTreeMap<String, Target>,
    ambiguous: BTreeMap<String, String>,
}

impl Labels {
    /// Numbers everything, page by page; an equation's label that is used twice is a fault.
    pub fn number(book: &Book, faults: &mut Faults) -> Self {
        let mut labels = Labels::default();
        for chapter in &book.chapters {
            labels.add_chapter(book, chapter);
            let mut counts = BTreeMap::new();
            let number = chapter.number.as_deref();
            for page in chapter.pages.clone() {
                labels.add_page(book, page);
                labels.add_sections(book, page);
                labels.add_numbered(book, page, number, &mut counts, faults);
            }
        }
        labels
    }

    /// What `label` leads to.
    ///
    /// # Errors
    /// What is wrong with the label, and what to do.
    pub fn get(&self, label: &str) -> Result<&Target, String> {
        if let Some(fault) = self.ambiguous.get(label) {
            return Err(fault.clone());
        }
        self.targets.get(label).ok_or_else(|| {
            let kind = label.split(':').next().unwrap_or_default();
            let alike = self
                .targets
                .keys()
                .filter(|k| k.split(':').next() == Some(kind))
                .map(String::as_str);
            let known: Vec<_> = if alike.clone().next().is_some() {
                alike.collect()
            } else {
                vec![
                    "figure:chapter/name",
                    "table:chapter/experiment/key",
                    "equation:NAME",
                    "exercise:chapter/name",
                    "section:ID",
                    "chapter:NAME",
                ]
            };
            format!("there is no label `{label}`{}", crate::text::nearest(label, known))
        })
    }

    fn add_chapter(&mut self, book: &Book, chapter: &crate::book::Chapter) {
        if chapter.number.is_some() {
            let page = chapter.pages.clone().next();
            let offset = page.map_or(0, |p| book.pages[p].text.len());
            let target = Target {
                text: chapter.label(),
                about: chapter.title.clone(),
                page,
                offset,
                id: String::new(),
            };
            self.targets.entry(format!("chapter:{}", chapter.concept())).or_insert(target);
        }
    }

    fn add_page(&mut self, book: &Book, index: usize) {
        let page = &book.pages[index];
        let target = Target {
            text: section_text(book, index),
            about: page.title.clone(),
            page: Some(index),
            offset: 0,
            id: String::new(),
        };
        self.targets.insert(format!("section:{}", page.name()), target);
    }

    /// Headings with an id of the author's own.
    fn add_sections(&mut self, book: &Book, index: usize) {
        let page = &book.pages[index];
        for heading in &page.markup.headings {
            let Some(id) = &heading.explicit_id else { continue };
            let label = format!("section:{id}");
            let target = Target {
                text: section_text(book, index),
                about: heading.text.clone(),
                page: Some(index),
                offset: heading.range.start,
                id: id.clone(),
            };
            if let Some(other) = self.targets.insert(label.clone(), target) {
                let first = other.page.map_or("", |p| book.pages[p].file.as_str());
                let fault = format!(
                    "`{label}` is a heading of {first} and of {}; rename one of the ids",
                    page.file
                );
                self.ambiguous.insert(label, fault);
            }
        }
    }

    /// Figures, tables and equations, in the order of the page.
    fn add_numbered(
        &mut self,
        book: &Book,
        index: usize,
        chapter: Option<&str>,
        counts: &mut BTreeMap<&'static str, usize>,
        faults: &mut Faults,
    ) {
        let page = &book.pages[index];
        let mut met: Vec<(usize, &'static str, String, String)> = Vec::new();
        for found in &page.markup.found {
            let Found::Directive { range, name, arguments } = found else { continue };
            if page.markup.place(range.start) != Place::Prose {
                continue;
            }
            match name.as_str() {
                "figure" => {
                    let name = arguments.rsplit('/').next().unwrap_or_default();
                    met.push((
                        range.start,
                        "Figure",
                        format!("figure:{arguments}"),
                        format!("figure-{}", slug(name)),
                    ));
                }
                "exercise" => {
                    let name = arguments.rsplit('/').next().unwrap_or_default();
                    met.push((
                        range.start,
                        "Exercise",
                        format!("exercise:{arguments}"),
                        format!("exercise-{name}"),
                    ));
                }
                "table" => {
                    let (path, key) = table_path(arguments);
                    met.push((
                        range.start,
                        "Table",
                        format!("table:{path}/{key}"),
                        format!("table-{}", slug(key)),
                    ));
                }
                _ => {}
            }
        }
        for formula in &page.markup.formulas {
            if let Some(label) = &formula.label {
                met.push((
                    formula.range.start,
                    "Equation",
                    format!("equation:{label}"),
                    format!("equation-{}", slug(label)),
                ));
            }
        }
        met.sort_by_key(|(offset, ..)| *offset);
        for (offset, kind, label, id) in met {
            if self.targets.contains_key(&label) {
                let line = page.line(offset);
                let fault = format!(
                    "`{label}` is on a page already; refer to it with `{{{{#ref {label}}}}}`, or rename it"
                );
                faults.fault(&page.file, line, fault);
                continue;
            }
            let count = counts.entry(kind).or_default();
            *count += 1;
            let number = chapter.map_or_else(|| count.to_string(), |c| format!("{c}.{count}"));
            let target = Target {
                text: format!("{kind} {number}"),
                about: String::new(),
                page: Some(index),
                offset,
                id,
            };
            self.targets.insert(label, target);
        }
    }
}

/// `chapter/experiment` and key of the arguments of a `{{#table …}}`.
pub fn table_path(arguments: &str) -> (&str, &str) {
    let what = arguments.split('|').next().unwrap_or_default().trim();
    let (path, key) = what.split_once(' ').unwrap_or((what, ""));
    // Timings are one table.
    if key.is_empty() && path.ends_with("/timings") { (path, "all") } else { (path, key.trim()) }
}

/// `Section 14.2`, `Chapter 14`, `Appendix A`, or the title of a page without a number.
fn section_text(book: &Book, index: usize) -> String {
    let page = &book.pages[index];
    let chapter = &book.chapters[page.chapter];
    match &page.number {
        Some(number) if page.number != chapter.number => format!("Section {number}"),
        Some(_) => chapter.label(),
        None => page.title.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::book;

    #[test]
    fn numbers_run_through_a_chapter() {
        let book = book(&[
            (
                "14-x/index.md",
                "# T\n\n{{#figure x/a}}\n\n```math equation:one\nx\n```\n\n## S {#own}\n",
            ),
            (
                "14-x/more.md",
                "# U\n\n{{#figure x/b}}\n\n{{#table x/run sizes | A caption.}}\n\n`{{#figure x/c}}`\n",
            ),
        ]);
        let mut faults = Faults::default();
        let labels = Labels::number(&book, &mut faults);
        let text = |label: &str| labels.get(label).map(|t| t.text.clone());
        assert_eq!(text("figure:x/b"), Ok("Figure 1.2".into()));
        assert_eq!(text("table:x/run/sizes"), Ok("Table 1.1".into()));
        assert_eq!(text("equation:one"), Ok("Equation 1.1".into()));
        assert_eq!(text("section:own"), Ok("Chapter 1".into()));
        assert_eq!(text("section:14-x/more"), Ok("Section 1.1".into()));
        assert_eq!(text("chapter:x"), Ok("Chapter 1".into()));
        assert_eq!(
            text("figure:x/c"),
            Err("there is no label `figure:x/c`; did you mean `figure:x/a`?".into())
        );
        let target = labels.get("figure:x/a").unwrap();
        assert_eq!(target.href(&book, 1).as_deref(), Some("index.html#figure-a"));
        assert_eq!(target.href(&book, 0).as_deref(), Some("#figure-a"));
        assert!(faults.is_fine());
    }

    #[test]
    fn a_label_is_given_once() {
        let book = book(&[(
            "14-x/index.md",
            "{{#figure x/a}}\n\n{{#figure x/a}}\n\n## A {#s}\n\n## B {#s}\n",
        )]);
        let mut faults = Faults::default();
        let labels = Labels::number(&book, &mut faults);
        assert_eq!(faults.iter().map(|f| f.line).collect::<Vec<_>>(), [3]);
        assert!(labels.get("section:s").unwrap_err().contains("rename one of the ids"));
    }
}
