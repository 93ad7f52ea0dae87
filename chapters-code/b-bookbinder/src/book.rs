//! The book as a typed structure: parts, chapters and pages, each with its number and raw text.
//!
//! It is read once, from SUMMARY.md and the pages; everything after works on this structure.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use mdbook_summary::{Link, SummaryItem};

use crate::faults::Faults;
use crate::markup::Markup;
use crate::text::{Lines, normalize, slashes, slug};

/// The whole book, in reading order.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// Folder of the sources, from the workspace's root: `book`.
    pub source: PathBuf,
    /// Chapters; a page outside the numbered parts is a chapter of one page without a number.
    pub chapters: Vec<Chapter>,
    /// Every page.
    pub pages: Vec<Page>,
    /// Position of the first page at each path.
    at: HashMap<PathBuf, usize>,
}

/// A chapter, written or still a draft.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// Title of the part it belongs to.
    pub part: Option<String>,
    /// Title, as SUMMARY.md gives it.
    pub title: String,
    /// `14`, or `A` for an appendix.
    pub number: Option<String>,
    /// Is it in the part with letters?
    pub is_appendix: bool,
    /// Folder of its pages, which is also the folder of its crate: `14-parameters`.
    pub folder: Option<String>,
    /// Its pages, as positions in [`Book::pages`]; none for a draft.
    pub pages: Range<usize>,
    /// Its line in SUMMARY.md.
    pub line: usize,
}

impl Chapter {
    /// `Chapter 14`, `Appendix A`, or the title where there is no number.
    pub fn label(&self) -> String {
        match &self.number {
            Some(number) if self.is_appendix => format!("Appendix {number}"),
            Some(number) => format!("Chapter {number}"),
            None => self.title.clone(),
        }
    }

    /// Does it announce a chapter that is not written yet?
    pub fn is_draft(&self) -> bool {
        self.pages.is_empty()
    }

    /// The concept: `parameters` for the folder `14-parameters`, a slug of the title for a draft.
    pub fn concept(&self) -> String {
        let concept = self
            .folder
            .as_deref()
            .and_then(|f| f.split_once('-'))
            .map(|(_, concept)| concept.to_owned());
        concept.unwrap_or_else(|| slug(&self.title))
    }
}

/// A page: one Markdown file.
#[derive(Debug, Clone)]
pub struct Page {
    /// Position of its chapter in [`Book::chapters`].
    pub chapter: usize,
    /// Title, as SUMMARY.md gives it.
    pub title: String,
    /// `14`, `14.2`, `A.1`.
    pub number: Option<String>,
    /// Path, from the folder of the sources: `14-parameters/index.md`.
    pub path: PathBuf,
    /// Path, from the workspace's root: `book/14-parameters/index.md`.
    pub file: String,
    /// Its text, as it stands in the file.
    pub text: String,
    /// The structure of the text.
    pub markup: Markup,
    lines: Lines,
}

impl Page {
    /// A page with `text`.
    pub fn new(
        source: &Path,
        path: PathBuf,
        title: &str,
        number: Option<String>,
        chapter: usize,
        text: String,
    ) -> Self {
        let file = slashes(&source.join(&path));
        let (markup, lines) = (Markup::of(&text), Lines::of(&text));
        Page { chapter, title: title.to_owned(), number, path, file, text, markup, lines }
    }

    /// The line of the byte at `offset`, counted from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.lines.number(offset)
    }

    /// The name that `{{#ref section:…}}` knows it by: `14-parameters/where`, `glossary`.
    pub fn name(&self) -> String {
        let name = slashes(&self.path.with_extension(""));
        let name =
            name.strip_suffix("/index").or_else(|| name.strip_suffix("/README")).unwrap_or(&name);
        name.to_owned()
    }
}

impl Book {
    /// Reads SUMMARY.md and every page it lists, below `root/source`. Pages that cannot be read are
    /// faults, and are left out.
    ///
    /// # Errors
    /// Where SUMMARY.md cannot be read or understood.
    pub fn read(root: &Path, source: &Path, faults: &mut Faults) -> anyhow::Result<Book> {
        let file = slashes(&source.join("SUMMARY.md"));
        let path = root.join(source).join("SUMMARY.md");
        let bytes = fs::read(&path).map_err(|e| {
            anyhow::anyhow!("{file}: cannot be read ({e}); it lists the pages of the book")
        })?;
        let text = String::from_utf8(bytes)
            .map_err(|_| anyhow::anyhow!("{file}: is not UTF-8; save it as UTF-8"))?;
        let summary = mdbook_summary::parse_summary(&text)
            .map_err(|e| anyhow::anyhow!("{file}: {}; mend the list", e.root_cause()))?;
        let mut reader = Reader {
            root,
            summary: &text,
            part: None,
            letters: 0,
            draft_lines_from: 0,
            faults,
            book: Book { source: source.to_owned(), ..Book::default() },
        };
        for item in &summary.prefix_chapters {
            reader.read_item(item);
        }
        for item in &summary.numbered_chapters {
            reader.read_item(item);
        }
        reader.part = None;
        for item in &summary.suffix_chapters {
            reader.read_item(item);
        }
        let book = reader.book;
        if book.pages.is_empty() && faults.is_fine() {
            faults.fault(
                &file,
                1,
                "lists no page; add one, for example `- [Title](01-name/index.md)`",
            );
        }
        Ok(book)
    }

    /// The file SUMMARY.md, from the workspace's root.
    pub fn summary_file(&self) -> String {
        slashes(&self.source.join("SUMMARY.md"))
    }

    /// The page at `path`, from the folder of the sources.
    pub fn page_at(&self, path: &Path) -> Option<usize> {
        self.at.get(path).copied()
    }

    /// The chapter whose folder is `folder`.
    pub fn chapter_in(&self, folder: &str) -> Option<&Chapter> {
        self.chapters.iter().find(|c| c.folder.as_deref() == Some(folder))
    }

    /// Gives a page another text, for example what an earlier preprocessor made of it.
    pub fn replace_text(&mut self, path: &Path, text: &str) {
        if let Some(i) = self.page_at(path)
            && self.pages[i].text != text
        {
            let old = &self.pages[i];
            let new = Page::new(
                &self.source,
                old.path.clone(),
                &old.title,
                old.number.clone(),
                old.chapter,
                text.to_owned(),
            );
            self.pages[i] = new;
        }
    }
}

struct Reader<'a> {
    root: &'a Path,
    summary: &'a str,
    part: Option<String>,
    letters: u8,
    draft_lines_from: usize,
    faults: &'a mut Faults,
    book: Book,
}

impl Reader<'_> {
    fn read_item(&mut self, item: &SummaryItem) {
        match item {
            SummaryItem::PartTitle(title) => self.part = Some(title.clone()),
            SummaryItem::Link(link) => self.read_chapter(link),
            _ => {}
        }
    }

    fn read_chapter(&mut self, link: &Link) {
        let line = self.line_of(link);
        let folder = link
            .location
            .as_ref()
            .and_then(|path| path.parent())
            .map(slashes)
            .filter(|f| !f.is_empty());
        let is_appendix =
            link.number.is_some() && self.part.as_deref().is_some_and(|p| p.starts_with("Appendi"));
        let number = link.number.as_ref().map(|number| {
            if is_appendix {
                self.letters += 1;
                char::from(b'A' + (self.letters - 1) % 26).to_string()
            } else {
                number.first().map_or_else(String::new, u32::to_string)
            }
        });
        let first = self.book.pages.len();
        let chapter = self.book.chapters.len();
        self.read_page(link, number.clone(), chapter);
        let pages = first..self.book.pages.len();
        let (part, title) = (self.part.clone(), link.name.clone());
        self.book.chapters.push(Chapter { part, title, number, is_appendix, folder, pages, line });
    }

    /// Reads the page of `link` and those below it.
    fn read_page(&mut self, link: &Link, number: Option<String>, chapter: usize) {
        let path = link.location.as_deref().map(normalize);
        if let Some(path) = path
            && let Some(text) = self.read_text(link, &path)
        {
            let page =
                Page::new(&self.book.source, path, &link.name, number.clone(), chapter, text);
            self.book.at.entry(page.path.clone()).or_insert(self.book.pages.len());
            self.book.pages.push(page);
        }
        let mut position = 0;
        for item in &link.nested_items {
            if let SummaryItem::Link(below) = item {
                position += 1;
                self.read_page(below, number.as_ref().map(|n| format!("{n}.{position}")), chapter);
            }
        }
    }

    fn read_text(&mut self, link: &Link, path: &Path) -> Option<String> {
        let from_root = self.book.source.join(path);
        let file = slashes(&from_root);
        let summary = self.book.summary_file();
        if path.is_absolute() || path.starts_with("..") {
            let line = self.line_of(link);
            let fault = format!(
                "`{}` is not in {}; move the page there",
                slashes(path),
                slashes(&self.book.source)
            );
            self.faults.fault(&summary, line, fault);
            return None;
        }
        match fs::read(self.root.join(&from_root)) {
            Err(e) => {
                let line = self.line_of(link);
                self.faults.fault(
                    &summary,
                    line,
                    format!(
                        "{file} cannot be read ({e}); write the page, or make it a draft: `[{}]()`",
                        link.name
                    ),
                );
                None
            }
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    Some(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
                }
                Err(e) => {
                    let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
                    let line = 1 + before.iter().filter(|b| **b == b'\n').count();
                    self.faults.fault(
                        &file,
                        line,
                        "is not UTF-8 from here on; save the page as UTF-8",
                    );
                    None
                }
            },
        }
    }

    /// The line of SUMMARY.md that lists `link`.
    fn line_of(&mut self, link: &Link) -> usize {
        let needle = match &link.location {
            Some(path) => format!("]({}", slashes(path).replace(' ', "%20")),
            None => format!("[{}]", link.name),
        };
        let from = if link.location.is_none() { self.draft_lines_from } else { 0 };
        let at = self.summary[from..].find(&needle).map(|i| from + i);
        if let (Some(at), None) = (at, &link.location) {
            self.draft_lines_from = at + 1;
        }
        at.map_or(1, |at| 1 + self.summary[..at].matches('\n').count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMMARY: &str = "[Preface](preface.md)\n\n# One\n\n- [First]()\n- [Second](02-two/index.md)\n  - [More](02-two/more.md)\n  - [Later]()\n  - [Gone](02-two/gone.md)\n\n# Appendices\n\n- [Notes](a-notes/index.md)\n  - [Deep](a-notes/deep.md)\n\n---\n\n[End](end.md)\n[Out](../outside.md)\n";

    fn read() -> (Book, Faults) {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &[u8]| {
            let path = folder.path().join("book").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("SUMMARY.md", SUMMARY.as_bytes());
        for page in ["preface", "02-two/index", "02-two/more", "a-notes/index", "a-notes/deep"] {
            write(&format!("{page}.md"), b"# Title\n");
        }
        fs::write(folder.path().join("outside.md"), "# Outside\n").unwrap();
        write("end.md", b"one\ntwo \xff\n");
        let mut faults = Faults::default();
        let book = Book::read(folder.path(), Path::new("book"), &mut faults).unwrap();
        (book, faults)
    }

    #[test]
    fn pages_are_numbered_drafts_and_appendices_too() {
        let (book, _) = read();
        let pages: Vec<_> =
            book.pages.iter().map(|p| (p.name(), p.number.as_deref().unwrap_or("-"))).collect();
        let expected = [
            ("preface", "-"),
            ("02-two", "2"),
            ("02-two/more", "2.1"),
            ("a-notes", "A"),
            ("a-notes/deep", "A.1"),
        ];
        assert_eq!(pages, expected.map(|(name, number)| (name.to_owned(), number)));
        let chapters: Vec<_> =
            book.chapters.iter().map(|c| (c.label(), c.line, c.is_draft())).collect();
        let expected = [
            ("Preface", 1, false),
            ("Chapter 1", 5, true),
            ("Chapter 2", 6, false),
            ("Appendix A", 13, false),
            ("End", 18, true),
            ("Out", 19, true),
        ];
        assert_eq!(chapters, expected.map(|(label, line, draft)| (label.to_owned(), line, draft)));
        assert_eq!(book.chapters[2].concept(), "two");
    }

    #[test]
    fn pages_that_cannot_be_read_are_faults() {
        let (_, faults) = read();
        let told: Vec<_> = faults.iter().map(|f| (f.file.as_str(), f.line)).collect();
        assert_eq!(told, [("book/SUMMARY.md", 9), ("book/SUMMARY.md", 19), ("book/end.md", 2)]);
    }

    #[test]
    fn a_book_without_pages_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("book")).unwrap();
        let mut faults = Faults::default();
        assert!(Book::read(folder.path(), Path::new("book"), &mut faults).is_err());
        fs::write(folder.path().join("book/SUMMARY.md"), "").unwrap();
        let book = Book::read(folder.path(), Path::new("book"), &mut faults).unwrap();
        assert!(book.pages.is_empty() && !faults.is_fine());
    }
}
