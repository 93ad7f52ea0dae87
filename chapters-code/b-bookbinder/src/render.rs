//! The way into mdBook: as a preprocessor inside this process, and as a command for `mdbook build`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mdbook_driver::MDBook;
use mdbook_driver::book::{Book as RawBook, BookItem, Chapter as RawChapter};
use mdbook_driver::config::Config;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::bind::{Bound, Settings};
use crate::book::{Book, Chapter};
use crate::text::normalize;

/// The name under which book.toml declares the command.
pub const NAME: &str = "bookbinder";

/// Reads what matters here from `root/book.toml`.
///
/// # Errors
/// Where the file cannot be read or understood.
pub fn settings(root: &Path) -> anyhow::Result<Settings> {
    let config = Config::from_disk(root.join("book.toml")).map_err(|e| {
        anyhow::anyhow!(
            "book.toml: cannot be read ({}); restore it from version control",
            e.root_cause()
        )
    })?;
    Ok(settings_of(&config))
}

/// What matters here of a configuration.
pub fn settings_of(config: &Config) -> Settings {
    let repository = config.html_config().and_then(|html| html.git_repository_url);
    Settings { source: config.book.src.clone(), repository, ..Settings::default() }
}

/// Puts bound pages into the book that mdBook loaded.
///
/// mdBook counts an appendix on as 18, 19; it gets its letter instead, as part of its title.
pub fn apply(bound: &BTreeMap<PathBuf, String>, book: &Book, raw: &mut RawBook) {
    raw.for_each_chapter_mut(|chapter| {
        let path = chapter.source_path.as_deref().map(normalize);
        if let Some(text) = path.and_then(|path| bound.get(&path)) {
            chapter.content.clone_from(text);
        }
    });
    let chapters = raw.items.iter_mut().filter_map(|item| match item {
        BookItem::Chapter(chapter) => Some(chapter),
        _ => None,
    });
    for (raw, chapter) in chapters.zip(&book.chapters) {
        if let Chapter { is_appendix: true, number: Some(letter), .. } = chapter {
            letter_titles(raw, letter, &[]);
        }
    }
}

/// `Notebook` becomes `A. Notebook`, and the page below it `A.1 Results`.
fn letter_titles(chapter: &mut RawChapter, number: &str, parents: &[String]) {
    let dot = if parents.is_empty() { "." } else { "" };
    chapter.name = format!("{number}{dot} {}", chapter.name);
    chapter.number = None;
    chapter.parent_names = parents.to_vec();
    let mut parents = parents.to_vec();
    parents.push(chapter.name.clone());
    let below = chapter.sub_items.iter_mut().filter_map(|item| match item {
        BookItem::Chapter(chapter) => Some(chapter),
        _ => None,
    });
    for (i, chapter) in below.enumerate() {
        letter_titles(chapter, &format!("{number}.{}", i + 1), &parents);
    }
}

/// The pages that are bound already, handed to mdBook as a preprocessor.
struct Bookbinder {
    bound: Bound,
    book: Book,
}

impl Preprocessor for Bookbinder {
    fn name(&self) -> &str {
        NAME
    }

    fn run(&self, _: &PreprocessorContext, mut raw: RawBook) -> anyhow::Result<RawBook> {
        apply(&self.bound.pages, &self.book, &mut raw);
        Ok(raw)
    }
}

/// Renders bound pages with mdBook, and gives the path of the book's first page.
///
/// book.toml declares the command preprocessor under the same name, which this replaces, so that
/// nothing runs twice.
///
/// # Errors
/// What mdBook says.
// ANCHOR: render
pub fn render(root: &Path, book: Book, bound: Bound) -> anyhow::Result<PathBuf> {
    let mut mdbook = MDBook::load(root).context("mdBook cannot load the book")?;
    // An edition of its own gets a folder of its own: what is for instructors stays apart.
    mdbook.config.build.build_dir.as_mut_os_string().push(bound.edition.suffix());
    mdbook.with_preprocessor(Bookbinder { bound, book });
    mdbook.build().context("mdBook cannot render the book")?;
    Ok(mdbook.build_dir_for("html").join("index.html"))
}
// ANCHOR_END: render
