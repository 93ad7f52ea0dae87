//! The way into mdBook: as a preprocessor inside this process, and as a command for `mdbook build`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mdbook_driver::MDBook;
use mdbook_driver::book::{Book as RawBook, BookItem, Chapter as RawChapter};
use mdbook_driver::config::Config;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use mdbook_renderer::{RenderContext, Renderer as _};

use crate::bind::Bound;
use crate::book::{Book, Chapter};
use crate::passes::{self, InPasses};
use crate::settings::config;
use crate::text::normalize;
use crate::{folder, output, search};

/// The name under which book.toml declares the command.
pub const NAME: &str = "bookbinder";

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
    let mut config = config(root)?;
    let html = config.html_config().unwrap_or_default();
    search::leave_to_us(&mut config)?;
    // An edition of its own gets a folder of its own: what is for instructors stays apart.
    config.build.build_dir.as_mut_os_string().push(bound.edition.suffix());
    let mut mdbook =
        MDBook::load_with_config(root, config).context("mdBook cannot load the book")?;
    let mut raw = mdbook.book.clone();
    apply(&BTreeMap::new(), &book, &mut raw);
    mdbook.with_preprocessor(Bookbinder { bound, book });
    mdbook.with_renderer(InPasses::default());
    let folder = mdbook.build_dir_for("html");
    let _lock = folder::lock(&folder)?;
    folder::written(mdbook.build(), &folder)?;
    output::finish(root, &folder, &output::pages(&raw), &html)?;
    Ok(folder.join("index.html"))
}
// ANCHOR_END: render

/// Renders bound pages into `folder` rather than where book.toml says, with what `adapt` changes of
/// the configuration: for an EPUB or a PDF, which must not disturb the book in target/book.
///
/// # Errors
/// What mdBook says.
pub fn render_to(
    root: &Path,
    book: Book,
    bound: Bound,
    folder: &Path,
    adapt: impl FnOnce(&mut Config) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut config = Config::from_disk(root.join("book.toml"))?;
    config.build.build_dir = std::path::absolute(folder)?;
    adapt(&mut config)?;
    let mut mdbook =
        MDBook::load_with_config(root, config).context("mdBook cannot load the book")?;
    mdbook.with_preprocessor(Bookbinder { bound, book });
    mdbook.with_renderer(InPasses::default());
    folder::written(mdbook.build(), folder)
}

/// A bound book as mdBook takes it, with its configuration: it can be rendered whole or in part,
/// into any folder.
#[derive(Debug, Clone)]
pub struct Prepared {
    root: PathBuf,
    config: Config,
    /// The chapters, bound.
    pub book: RawBook,
}

impl Prepared {
    /// Hands bound pages to mdBook's loader and to the other preprocessors of book.toml.
    ///
    /// The names of files carry no hash here, so that a page stays the same when another changes, and
    /// the book's address is the server's root.
    ///
    /// # Errors
    /// What mdBook says.
    pub fn new(root: &Path, book: Book, bound: Bound) -> anyhow::Result<Self> {
        let mut config = Config::from_disk(root.join("book.toml"))?;
        config.update_from_env()?;
        config.set("output.html.hash-files", false)?;
        config.set("output.html.site-url", "/")?;
        search::leave_to_us(&mut config)?;
        let mut mdbook = MDBook::load_with_config(root, config.clone())
            .context("mdBook cannot load the book")?;
        mdbook.with_preprocessor(Bookbinder { bound, book });
        let (book, _) = mdbook
            .preprocess_book(&InPasses::default())
            .context("a preprocessor of book.toml fails")?;
        Ok(Prepared { root: root.to_owned(), config, book })
    }

    /// The folder of the theme.
    pub fn theme(&self) -> PathBuf {
        let theme = self.config.html_config().and_then(|html| html.theme);
        self.root.join(theme.unwrap_or_else(|| PathBuf::from("theme")))
    }

    /// The pages, in the order of the book.
    pub fn pages(&self) -> impl Iterator<Item = &RawChapter> {
        self.book.iter().filter_map(|item| match item {
            BookItem::Chapter(chapter) if !chapter.is_draft_chapter() => Some(chapter),
            _ => None,
        })
    }

    /// Renders everything into `folder`.
    ///
    /// # Errors
    /// What mdBook says.
    pub fn render(&self, folder: &Path) -> anyhow::Result<()> {
        let rendered = InPasses::default().render(&self.context(folder));
        rendered.context("mdBook cannot render the book")?;
        let html = self.config.html_config().unwrap_or_default();
        output::finish(&self.root, folder, &output::pages(&self.book), &html)
    }

    /// Renders the pages at these positions into `folder`, each as it comes out of the whole book,
    /// and nothing that is made of all pages.
    ///
    /// # Errors
    /// What mdBook says.
    pub fn render_some(&self, positions: &[usize], folder: &Path) -> anyhow::Result<()> {
        let rendered = passes::some(&self.context(folder), positions);
        rendered.context("mdBook cannot render the pages")
    }

    /// What a renderer is given.
    pub fn context(&self, folder: &Path) -> RenderContext {
        RenderContext::new(&self.root, self.book.clone(), self.config.clone(), folder)
    }
}
