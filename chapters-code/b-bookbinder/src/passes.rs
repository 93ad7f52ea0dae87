//! mdBook's pages of HTML, rendered a few at a time.
//!
//! For each page mdBook copies the list of all pages into the data of its template, and the template's
//! parts copy it again, so that its time grows with the square of the book. Only the list of contents
//! shows that list. So mdBook is called several times, each time with some of the pages and their
//! neighbours, which they link to, and what it makes of all pages together is put together here:
//!
//! - the list of contents comes from a first pass, in which every page is only planned, and gets its
//!   links; the later passes take it as part of the theme, so that it has the same name in all of them;
//! - the print page comes from the finished pages ([`print`]);
//! - the index for the search is made from the finished pages anyway ([`crate::output`]).
//!
//! What comes out is, byte for byte, what mdBook gives for the whole book, but for that index.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mdbook_driver::book::{Book, BookItem, Chapter};
use mdbook_driver::config::{Config, HtmlConfig};
use mdbook_html::HtmlHandlebars;
use mdbook_html::theme::Theme;
use mdbook_renderer::{RenderContext, Renderer};
use rayon::prelude::*;

use crate::output::collect;
use crate::text::slashes;
use crate::{print, search};

/// So many pages that the list of them weighs less than the files that every pass writes.
const AT_ONCE: usize = 64;

/// Stands around the content of a page while its passes go on; no text holds this code point.
const MARK: &str = "\u{fdd0}";

/// How a planned chapter begins in mdBook's list of contents.
const PLANNED: &str = "<span class=\"chapter-link-wrapper\"><span>";

/// Takes the place of mdBook's renderer.
#[derive(Debug, Clone, Copy)]
pub struct InPasses {
    /// How many pages mdBook gets at a time.
    pub at_once: usize,
}

impl Default for InPasses {
    fn default() -> Self {
        InPasses { at_once: AT_ONCE }
    }
}

impl Renderer for InPasses {
    fn name(&self) -> &str {
        "html"
    }

    fn render(&self, context: &RenderContext) -> anyhow::Result<()> {
        let passes = Passes::of(context);
        if passes.pages.len() <= self.at_once {
            return HtmlHandlebars::new().render(context);
        }
        passes.all(self.at_once)
    }
}

/// Renders the pages at these positions, each as it comes out of the whole book, and the files that are
/// part of no page; for no position these alone. What mdBook makes of all pages comes out of these few and is of no use.
///
/// # Errors
/// What mdBook says.
pub fn some(context: &RenderContext, positions: &[usize]) -> anyhow::Result<()> {
    let positions = positions.iter().copied().collect();
    Passes::of(context).pass(&positions, &Pass::default(), &context.destination)
}

/// What is special about a pass.
#[derive(Debug, Default)]
struct Pass<'a> {
    /// The theme, where it is not the book's.
    theme: Option<&'a Path>,
    /// Does it write the redirects from addresses that are no pages, too?
    redirects: bool,
}

/// A book that is rendered in passes.
struct Passes<'a> {
    context: &'a RenderContext,
    html: HtmlConfig,
    pages: Vec<&'a Chapter>,
    /// Where the pages are, from the book's root.
    addresses: HashSet<String>,
}

impl<'a> Passes<'a> {
    fn of(context: &'a RenderContext) -> Self {
        let pages: Vec<&Chapter> = context.book.chapters().collect();
        let addresses = pages.iter().map(|page| address(page)).collect();
        let html = context.config.html_config().unwrap_or_default();
        Passes { context, html, pages, addresses }
    }

    fn all(&self, at_once: usize) -> anyhow::Result<()> {
        let destination = &self.context.destination;
        let around = destination.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(around)?;
        // Beside the destination, so that files can be moved there.
        let scratch = tempfile::Builder::new().prefix(".passes").tempdir_in(around)?;
        let theme = self.theme(scratch.path())?;
        // As many as are needed, and as large as each other.
        let at_once = self.pages.len().div_ceil(self.pages.len().div_ceil(at_once));
        let passes: Vec<BTreeSet<usize>> = (0..self.pages.len())
            .step_by(at_once)
            .map(|start| (start..self.pages.len().min(start + at_once)).collect())
            .collect();
        let folder = |at: usize| match at {
            0 => destination.clone(),
            at => scratch.path().join(at.to_string()),
        };
        passes.par_iter().enumerate().try_for_each(|(at, positions)| {
            let pass = Pass { theme: Some(&theme), redirects: at == 0 };
            self.pass(positions, &pass, &folder(at))
        })?;
        let mut contents = Vec::with_capacity(self.pages.len());
        for (at, positions) in passes.iter().enumerate() {
            for position in positions {
                let page = PathBuf::from(address(self.pages[*position]));
                let parts = Parts::read(&folder(at).join(&page))?;
                parts.write(&destination.join(&page))?;
                contents.push(parts.content);
            }
        }
        let print_page = self.unmark(destination)?;
        if let Some((path, mut parts)) = print_page {
            parts.content =
                print::content(self.pages.iter().zip(contents).map(|(page, content)| {
                    print::Page { path: address(page).into(), name: &page.name, content }
                }));
            parts.write(&path)?;
        }
        Ok(())
    }

    /// Has mdBook render some pages, whole, and their neighbours, empty.
    fn pass(
        &self,
        positions: &BTreeSet<usize>,
        pass: &Pass<'_>,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let around = |at: &usize| at.saturating_sub(1)..self.pages.len().min(at + 2);
        let shown: BTreeSet<usize> = positions.iter().flat_map(around).collect();
        let items = shown.iter().map(|at| {
            let page = self.pages[*at];
            let content = if positions.contains(at) { page.content.clone() } else { String::new() };
            BookItem::Chapter(Chapter { content, ..bare(page) })
        });
        let book = Book::new_with_items(items.collect());
        let mut config = self.context.config.clone();
        if shown.is_empty() {
            // mdBook looks for a page to every setting of the search.
            config.set("output.html.search.chapter", HashMap::<String, String>::new())?;
        } else {
            search::leave_to_us(&mut config)?;
        }
        let own: HashSet<String> = positions.iter().map(|at| address(self.pages[*at])).collect();
        config.set("output.html.redirect", self.redirects(&own, pass.redirects))?;
        if let Some(theme) = pass.theme {
            config.set("output.html.theme", theme)?;
        }
        self.render(book, config, folder)
    }

    /// The redirects within these pages, and those from addresses that are no pages of the book.
    fn redirects(&self, own: &HashSet<String>, others: bool) -> HashMap<&str, &str> {
        let is_wanted = |source: &str| {
            let page = source.split('#').next().unwrap_or_default().trim_start_matches('/');
            own.contains(page) || others && !self.addresses.contains(page)
        };
        let all = self.html.redirect.iter().map(|(from, to)| (from.as_str(), to.as_str()));
        all.filter(|(source, _)| is_wanted(source)).collect()
    }

    fn render(&self, book: Book, config: Config, folder: &Path) -> anyhow::Result<()> {
        let mut context = RenderContext::new(&self.context.root, book, config, folder);
        context.chapter_titles.clone_from(&self.context.chapter_titles);
        HtmlHandlebars::new().render(&context)
    }

    /// The book's theme with the list of contents in it, and with marks around the content of pages.
    fn theme(&self, scratch: &Path) -> anyhow::Result<PathBuf> {
        let theme = scratch.join("theme");
        fs::create_dir(&theme)?;
        let of_book = self.html.theme_dir(&self.context.root);
        let mut files = Vec::new();
        collect(&of_book, "", &mut files);
        for file in files {
            let copy = theme.join(file.strip_prefix(&of_book)?);
            fs::create_dir_all(copy.parent().unwrap_or(&theme))?;
            fs::copy(&file, copy)?;
        }
        let index = theme.join("index.hbs");
        if !index.is_file() {
            let mut html = HtmlConfig::default();
            html.theme = Some(scratch.join("default"));
            Theme::copy_theme(&html, scratch)?;
            fs::copy(scratch.join("default/index.hbs"), &index)?;
        }
        fs::write(&index, marked(&fs::read_to_string(&index)?)?)?;
        let outline = scratch.join("outline");
        let mut config = self.context.config.clone();
        config.set("output.html.redirect", HashMap::<String, String>::new())?;
        config.set("output.html.search.chapter", HashMap::<String, String>::new())?;
        let book = Book::new_with_items(planned(&self.context.book.items));
        self.render(book, config, &outline)?;
        for (file, template, attributes) in [
            (contents_script(&outline)?, "toc.js.hbs", ""),
            (outline.join("toc.html"), "toc.html.hbs", " target=\"_parent\""),
        ] {
            let text = linked(&fs::read_to_string(file)?, &self.context.book, attributes)?;
            fs::write(theme.join(template), text.replace("{{", "\\{{"))?;
        }
        Ok(theme)
    }

    /// Takes the marks off the files of the first pass that are no pages of the book, and gives the
    /// print page, which waits for its content.
    fn unmark(&self, folder: &Path) -> anyhow::Result<Option<(PathBuf, Parts)>> {
        let mut print_page = None;
        let mut files = Vec::new();
        collect(folder, "html", &mut files);
        let is_page = |file: &PathBuf| {
            file.strip_prefix(folder).is_ok_and(|file| self.addresses.contains(&slashes(file)))
        };
        for file in files.into_iter().filter(|file| !is_page(file) && is_marked(file)) {
            let parts = Parts::read(&file)?;
            if self.html.print.enable && file == folder.join("print.html") {
                print_page = Some((file, parts));
            } else {
                parts.write(&file)?;
            }
        }
        Ok(print_page)
    }
}

/// Where mdBook writes a page, from the book's root.
fn address(page: &Chapter) -> String {
    slashes(&page.path.as_deref().unwrap_or(Path::new("")).with_extension("html"))
}

/// A chapter without its content and without what is below it.
fn bare(chapter: &Chapter) -> Chapter {
    Chapter {
        name: chapter.name.clone(),
        content: String::new(),
        number: chapter.number.clone(),
        sub_items: Vec::new(),
        path: chapter.path.clone(),
        source_path: chapter.source_path.clone(),
        parent_names: chapter.parent_names.clone(),
    }
}

/// The same chapters, all of them planned and none written: mdBook lists them and renders none.
fn planned(items: &[BookItem]) -> Vec<BookItem> {
    let plan = |item: &BookItem| match item {
        BookItem::Chapter(chapter) => BookItem::Chapter(Chapter {
            path: None,
            sub_items: planned(&chapter.sub_items),
            ..bare(chapter)
        }),
        other => other.clone(),
    };
    items.iter().map(plan).collect()
}

/// The list of contents of planned chapters, with links to those that are written.
fn linked(list: &str, book: &Book, attributes: &str) -> anyhow::Result<String> {
    const STRANGE: &str = "mdBook writes its list of contents in another way than version 0.5 does; pin mdbook-html in Cargo.toml to 0.5";
    let mut entries = list.split(PLANNED);
    let mut text = entries.next().unwrap_or_default().to_owned();
    let chapters = book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => Some(chapter),
        _ => None,
    });
    for chapter in chapters {
        let entry = entries.next().context(STRANGE)?;
        if chapter.is_draft_chapter() {
            text.extend([PLANNED, entry]);
            continue;
        }
        let (name, rest) = entry.split_once("</span>").context(STRANGE)?;
        let start = PLANNED.strip_suffix("<span>").unwrap_or(PLANNED);
        let href = address(chapter);
        text.extend([start, "<a href=\"", &href, "\"", attributes, ">", name, "</a>", rest]);
    }
    anyhow::ensure!(entries.next().is_none(), STRANGE);
    Ok(text)
}

/// toc.js, whose name can carry a hash.
fn contents_script(folder: &Path) -> anyhow::Result<PathBuf> {
    let is_script = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name == "toc.js" || name.starts_with("toc-") && name.ends_with(".js")
    };
    let mut files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    files.find(is_script).context("mdBook has written no toc.js; build again")
}

/// The template of pages, with marks around the content.
fn marked(template: &str) -> anyhow::Result<String> {
    let place = regex::Regex::new(r"\{\{\{\s*content\s*\}\}\}")?;
    let places = place.find_iter(template).count();
    anyhow::ensure!(
        places == 1,
        "index.hbs: it has `{{{{{{ content }}}}}}` {places} times; let it stand there once"
    );
    Ok(place
        .replace(template, |found: &regex::Captures<'_>| format!("{MARK}{}{MARK}", &found[0]))
        .into_owned())
}

fn is_marked(file: &Path) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.contains(MARK))
}

/// A page that was made with marks.
#[derive(Debug)]
struct Parts {
    before: String,
    content: String,
    after: String,
}

impl Parts {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("{}: mdBook did not render it", file.display()))?;
        match text.split(MARK).collect::<Vec<_>>()[..] {
            [before, content, after] => Ok(Parts {
                before: before.to_owned(),
                content: content.to_owned(),
                after: after.to_owned(),
            }),
            _ => anyhow::bail!("{}: its content has no clear place in it", file.display()),
        }
    }

    fn write(&self, file: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
        fs::write(file, [self.before.as_str(), &self.content, &self.after].concat())
            .with_context(|| format!("{} cannot be written; free the folder", file.display()))
    }
}
