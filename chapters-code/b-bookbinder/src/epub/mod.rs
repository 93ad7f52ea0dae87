//! `cargo book epub`: the whole book as one EPUB 3 file.
//!
//! ```text
//! bound pages ─> mdBook, with a theme of nothing but the page's content
//!             ─> an HTML parser ─> XHTML ([`xhtml`]) ─> manifest, spine, navigation ([`package`]) ─> ZIP
//! ```
//!
//! What only a screen with scripts can use stays out: buttons, scripts, the narrow form of a figure.
//! Formulas are their MathML. Drafts have no page, so the table of contents leaves them out and a line
//! below it names them. The same book gives the same bytes.

pub mod colours;
pub mod package;
pub mod xhtml;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use mdbook_driver::config::Config;
use notebook::{Workspace, cli, terminal};

use crate::bind::{Bound, load};
use crate::book::Book;
use crate::evidence::Evidence;
use crate::render;
use crate::settings::Settings;
use crate::text::slashes;
use crate::warnings;
use package::{About, Content, Entry};

/// What the command line says.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file to write [default: target/from-features-to-parameters.epub]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The template of a page: its content and nothing around it.
const BARE: &str = "<!DOCTYPE html><html><body>{{{ content }}}</body></html>";

/// Checks the book as a frozen build does, and writes it.
///
/// # Errors
/// Where the book cannot be read or rendered, or the file cannot be written.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let out = destination(workspace, arguments.out.as_deref(), "epub")?;
    let settings = Settings::read(workspace.root())?;
    let (book, bound, faults) = load(workspace, &settings)?;
    eprint!("{faults}");
    if !faults.is_fine() {
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    let about = about(workspace, &book)?;
    let site = rendered(workspace.root(), book.clone(), bound)?;
    if let Some(said) = warnings::told() {
        eprintln!("{said}");
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    let content = content(workspace.root(), &book, site.path())?;
    let bytes = package::pack(&about, &content)?;
    write(&out, &bytes)?;
    writeln!(
        terminal::stdout(),
        "{}, {}, {} MB: {}",
        cli::plural(content.pages.len(), "page"),
        cli::plural(content.files.len(), "picture"),
        notebook::Format::Fixed(1).number(bytes.len() as f64 / 1e6),
        out.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The file to write: what the command line says, or one in target that is called after the book.
///
/// # Errors
/// A path that cannot be a file of that kind: a folder, or one in a folder that does not exist.
pub(crate) fn destination(
    workspace: &Workspace,
    asked: Option<&Path>,
    ending: &str,
) -> anyhow::Result<PathBuf> {
    let Some(path) = asked else {
        let target = workspace.target();
        fs::create_dir_all(&target).with_context(|| {
            format!("{} cannot be made; name another place with --out FILE", target.display())
        })?;
        return Ok(target.join(format!("from-features-to-parameters.{ending}")));
    };
    if path.is_dir() || path.file_name().is_none() {
        anyhow::bail!("{} is a folder; write --out {0}/book.{ending}", path.display());
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        anyhow::bail!(
            "there is no folder {}; make it, or name another with --out",
            folder.display()
        );
    }
    Ok(path.to_owned())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file atomically: whoever kills this process leaves the old file or the new one.
///
/// # Errors
/// Where the folder cannot be written to.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let attempt = || -> io::Result<()> {
        let mut file = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.permissions(fs::Permissions::from_mode(0o644));
        }
        let mut file = file.tempfile_in(folder_of(path))?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    };
    attempt().with_context(|| {
        format!("{} cannot be written; name another place with --out FILE", path.display())
    })
}

/// What book.toml and the results say about the book.
fn about(workspace: &Workspace, book: &Book) -> anyhow::Result<About> {
    let config = Config::from_disk(workspace.root().join("book.toml"))?;
    let rights = config.get::<String>("preprocessor.bookbinder.rights").ok().flatten();
    Ok(About {
        title: config.book.title.clone().unwrap_or_else(|| "Untitled".to_owned()),
        authors: config.book.authors.clone(),
        language: config.book.language.clone().unwrap_or_else(|| "en".to_owned()),
        description: config.book.description.clone(),
        rights,
        source: config.html_config().and_then(|html| html.git_repository_url),
        modified: modified(workspace)?,
        planned: book.chapters.iter().filter(|c| c.is_draft()).map(label).collect(),
    })
}

/// `3. Title`, as the table of contents shows it.
fn label(chapter: &crate::book::Chapter) -> String {
    numbered(chapter.number.as_deref(), &chapter.title)
}

fn numbered(number: Option<&str>, title: &str) -> String {
    match number {
        Some(number) if number.contains('.') => format!("{number} {title}"),
        Some(number) => format!("{number}. {title}"),
        None => title.to_owned(),
    }
}

/// When the book last changed, as far as its bytes are concerned: `SOURCE_DATE_EPOCH`, or the date
/// of the newest result.
fn modified(workspace: &Workspace) -> anyhow::Result<String> {
    if let Ok(seconds) = std::env::var("SOURCE_DATE_EPOCH") {
        let seconds: u64 = seconds.trim().parse().ok().with_context(|| {
            format!("SOURCE_DATE_EPOCH is `{seconds}`; it must be seconds since 1970, or unset")
        })?;
        let time = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds));
        let time = time.context("SOURCE_DATE_EPOCH is too large; unset it")?;
        return Ok(notebook::provenance::date_of(time));
    }
    let evidence = Evidence::new(workspace);
    let dates = evidence.chapters.iter().flat_map(|chapter| {
        let date = |name: &str| evidence.results(&format!("{}/{name}", chapter.name)).ok();
        chapter.experiments.iter().filter_map(move |e| date(&e.name)).collect::<Vec<_>>()
    });
    let newest = dates.map(|results| results.provenance.date.clone()).max();
    Ok(newest.unwrap_or_else(|| "2000-01-01T00:00:00Z".to_owned()))
}

/// The pages as mdBook renders them, each its content alone, in a folder of their own.
fn rendered(root: &Path, book: Book, bound: Bound) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let theme = folder.path().join("theme");
    fs::create_dir(&theme)?;
    fs::write(theme.join("index.hbs"), BARE)?;
    let site = folder.path().join("site");
    render::render_to(root, book, bound, &site, |config| {
        config.set("output.html.theme", &theme)?;
        config.set("output.html.search.enable", false)?;
        config.set("output.html.print.enable", false)
    })?;
    Ok(folder)
}

/// Every page as XHTML, with its pictures and the colours of its figures.
fn content(root: &Path, book: &Book, folder: &Path) -> anyhow::Result<Content> {
    let site = folder.join("site");
    let sources = |name: &str| {
        fs::read_to_string(root.join(&book.source).join("assets").join(name)).unwrap_or_default()
    };
    let colours = colours::Colours::read(
        &[sources("epub.css"), sources("figure.css"), sources("book.css")].concat(),
    );
    let mut pages = Vec::new();
    for page in &book.pages {
        let path = html_path(&page.path);
        let html = fs::read_to_string(site.join(&path))
            .with_context(|| format!("{path}: mdBook did not render it"))?;
        pages.push((path, page.number.clone(), html));
    }
    let converted = xhtml::convert(&pages, &site, &colours)?;
    let style = sources("epub.css") + &colours.rules(&converted.colours);
    Ok(Content { pages: converted.pages, files: converted.files, style, contents: contents(book) })
}

/// Where mdBook renders a page to: `14-parameters/index.html`.
fn html_path(path: &Path) -> String {
    let path = slashes(&path.with_extension("html"));
    path.strip_suffix("README.html").map_or(path.clone(), |folder| format!("{folder}index.html"))
}

/// The table of contents: parts, chapters, pages. A part of drafts alone is left out.
fn contents(book: &Book) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut part: Option<&str> = None;
    for chapter in book.chapters.iter().filter(|c| !c.is_draft()) {
        let mut pages = book.pages[chapter.pages.clone()].iter().map(|page| Entry {
            title: numbered(page.number.as_deref(), &page.title),
            path: Some(xhtml::xhtml_path(&html_path(&page.path))),
            below: Vec::new(),
        });
        let Some(mut first) = pages.next() else { continue };
        first.below = pages.collect();
        let title = chapter.part.as_deref();
        if title != part
            && let Some(title) = title
        {
            entries.push(Entry { title: title.to_owned(), path: None, below: Vec::new() });
        }
        part = title;
        match entries.last_mut() {
            Some(last) if title.is_some() => last.below.push(first),
            _ => entries.push(first),
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_where_mdbook_puts_them() {
        assert_eq!(html_path(Path::new("02-two/README.md")), "02-two/index.html");
        assert_eq!(html_path(Path::new("a.b.md")), "a.b.html");
    }

    #[test]
    fn titles_carry_their_numbers() {
        assert_eq!(numbered(Some("14"), "Size"), "14. Size");
        assert_eq!(numbered(Some("A.1"), "Results"), "A.1 Results");
        assert_eq!(numbered(None, "Preface"), "Preface");
    }

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.epub");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a leftover");
        let fault = write(&folder.path().join("none/book.epub"), b"x").unwrap_err().to_string();
        assert!(fault.contains("cannot be written; name another place"), "{fault}");
    }
}
