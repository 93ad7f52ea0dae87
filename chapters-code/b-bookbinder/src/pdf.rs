//! `cargo book pdf`: the whole book as one PDF file, printed by Chromium.
//!
//! mdBook puts every page into one, `print.html`, and turns links between pages into links inside it.
//! A title page and a table of contents go before it, every heading gets its number, and the browser
//! prints it on A4 with book/assets/print.css. Then the contents get the numbers of pages ([`stamp`]).

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use mdbook_driver::config::Config;
use notebook::escape::{self, html};
use notebook::{Workspace, terminal};

use crate::bind::load;
use crate::book::Book;
use crate::settings::Settings;
use crate::stamp::{self, About};
use crate::{browser, epub, folder, outline, render, warnings};

/// What the command line says.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file to write [default: target/from-features-to-parameters.pdf]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Chromium, Chrome or Edge [default: what $BOOK_BROWSER or $CHROME names, or what is found]
    #[arg(long, value_name = "PATH")]
    browser: Option<PathBuf>,
    /// Seconds after which the browser is ended
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    timeout: u64,
}

/// What mdBook puts between two pages.
const BREAK: &str = r#"<div style="break-before: page; page-break-before: always;"></div>"#;

/// Checks the book as a frozen build does, and prints it.
///
/// # Errors
/// Where no browser is found, the book cannot be read or rendered, or the file cannot be written.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let out = epub::destination(workspace, arguments.out.as_deref(), "pdf")?;
    let browser = browser_for(arguments.browser.as_deref())?;
    let settings = Settings::read(workspace.root())?;
    let (book, bound, faults) = load(workspace, &settings)?;
    eprint!("{faults}");
    if !faults.is_fine() {
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    let site = workspace.target().join("print");
    let _lock = folder::lock(&site)?;
    render::render_to(workspace.root(), book.clone(), bound, &site, |config| {
        config.set("output.html.search.enable", false)?;
        config.set("output.html.print.enable", true)
    })?;
    if let Some(said) = warnings::told() {
        eprintln!("{said}");
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    let page = site.join("print.html");
    let text = fs::read_to_string(&page).context("mdBook rendered no print.html")?;
    let config = Config::from_disk(workspace.root().join("book.toml"))?;
    let (prepared, entries) = prepared(&text, &book, &config)?;
    let headings = outline::headings(&prepared);
    fs::write(&page, prepared)?;
    match print(&browser, &page, Duration::from_secs(arguments.timeout)) {
        Ok(printed) => {
            let bytes = with_numbers(printed, &entries, &headings, &config);
            epub::write(&out, &bytes)?;
            let size = notebook::Format::Fixed(1).number(bytes.len() as f64 / 1e6);
            writeln!(terminal::stdout(), "{size} MB: {}", out.display())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(said) => {
            eprintln!("{} did not print the book: {said}", browser.display());
            Ok(ExitCode::from(terminal::FAULTS))
        }
    }
}

/// The file with the numbers of pages in its contents, whole titles in its outline, and its author.
fn with_numbers(
    printed: Vec<u8>,
    entries: &[String],
    headings: &[String],
    config: &Config,
) -> Vec<u8> {
    let about = About {
        title: config.book.title.clone().unwrap_or_default(),
        author: config.book.authors.join(", "),
        creator: concat!("bookbinder ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    stamp::stamped(&printed, &entries, headings, &about).unwrap_or_else(|said| {
        eprintln!("the contents of the PDF have no page numbers: {said}; try another browser");
        printed
    })
}

fn browser_for(asked: Option<&Path>) -> anyhow::Result<PathBuf> {
    match asked {
        Some(path) if path.is_file() => Ok(path.to_owned()),
        Some(path) => anyhow::bail!("there is no browser at {}; correct --browser", path.display()),
        None => browser::find().context(
            "no Chromium, Chrome or Edge is found; install one (`apt install chromium`, `brew install --cask chromium`), or name it with --browser PATH",
        ),
    }
}

/// Prints the page into a temporary file, and gives its bytes.
fn print(browser: &Path, page: &Path, limit: Duration) -> Result<Vec<u8>, String> {
    let folder =
        tempfile::tempdir().map_err(|e| format!("no temporary folder can be made ({e})"))?;
    let pdf = folder.path().join("book.pdf");
    let page = std::path::absolute(page).map_err(|e| e.to_string())?;
    let arguments = [
        "--no-pdf-header-footer".to_owned(),
        "--generate-pdf-document-outline".to_owned(),
        "--export-tagged-pdf".to_owned(),
        "--force-prefers-reduced-motion".to_owned(),
        "--allow-file-access-from-files".to_owned(),
        format!("--print-to-pdf={}", pdf.display()),
        address(&page),
    ];
    browser::run(browser, &arguments, folder.path(), limit)?;
    match fs::read(&pdf) {
        Ok(bytes) if bytes.starts_with(b"%PDF-") && bytes.trim_ascii_end().ends_with(b"%%EOF") => {
            Ok(bytes)
        }
        Ok(_) => Err("what it wrote is no whole PDF; try again".to_owned()),
        Err(_) => Err("it wrote no file; try a newer one with --browser PATH".to_owned()),
    }
}

/// `file:` address of a path.
fn address(path: &Path) -> String {
    let path = path.display().to_string().replace('\\', "/");
    let escaped = escape::address(&path);
    format!("file://{}{escaped}", if escaped.starts_with('/') { "" } else { "/" })
}

/// The page of all pages, with title, contents and numbers, and the ids that the contents lead to.
fn prepared(text: &str, book: &Book, config: &Config) -> anyhow::Result<(String, Vec<String>)> {
    let opening = text.find("<main").context("print.html has no <main>")?;
    let start = opening + text[opening..].find('>').context("print.html ends in a tag")? + 1;
    let end = text.rfind("</main>").context("print.html has no </main>")?;
    let pages: Vec<&str> = text[start..end].split(BREAK).collect();
    if pages.len() != book.pages.len() {
        anyhow::bail!(
            "print.html has {} pages and the book {}; the bookbinder does not know this mdBook",
            pages.len(),
            book.pages.len()
        );
    }
    let ids: Vec<&str> = pages.iter().map(|page| heading(page)).collect();
    let mut printed = front(book, config, &ids);
    for (page, (known, id)) in pages.iter().zip(book.pages.iter().zip(&ids)) {
        let opening = format!("<h1 id=\"{id}\"><a class=\"header\" href=\"#{id}\">");
        let chapter = known.chapter;
        let is_first = book.chapters[chapter].pages.start == position(book, known);
        let class = if is_first { "print-page print-chapter" } else { "print-page" };
        let number = known.number.as_deref().map_or_else(String::new, |number| {
            format!("<span class=\"print-number\">{number}</span> ")
        });
        let page = page.replacen(&opening, &format!("{opening}{number}"), 1);
        printed.push_str(&format!(
            "<section class=\"{class}\" style=\"page: chapter-{chapter}\">{page}</section>"
        ));
    }
    let running = format!("<style>{}</style></head>", running_heads(book, config));
    let before = text[..start].replacen("</head>", &running, 1);
    // Nothing may depend on what a reader chose, or on a dark system: paper is light.
    let before = before.replacen("<html ", "<html data-print ", 1);
    let entries = ids.iter().map(|id| (*id).to_owned()).collect();
    Ok((format!("{before}{printed}{}", &text[end..]), entries))
}

/// The rules for what stands above the pages: the book's title at the left, the chapter at the right.
fn running_heads(book: &Book, config: &Config) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace(['"', '\\', '<'], " "));
    let title = quoted(config.book.title.as_deref().unwrap_or_default());
    let mut rules = format!(
        "@page {{ @top-left {{ content: {title}; }} }} @page :first {{ @top-left {{ content: none; }} }}"
    );
    for (i, chapter) in book.chapters.iter().enumerate().filter(|(_, c)| !c.is_draft()) {
        let number = chapter.number.as_deref().map_or_else(String::new, |n| format!("{n} "));
        let head = quoted(&format!("{number}{}", chapter.title));
        rules.push_str(&format!("@page chapter-{i} {{ @top-right {{ content: {head}; }} }}"));
    }
    rules
}

fn position(book: &Book, page: &crate::book::Page) -> usize {
    book.page_at(&page.path).unwrap_or_default()
}

/// The id of the page's first heading.
fn heading(page: &str) -> &str {
    let after = page.split_once("<h1 id=\"").map_or("", |(_, after)| after);
    after.split_once('"').map_or("", |(id, _)| id)
}

/// The title page and the table of contents.
fn front(book: &Book, config: &Config, ids: &[&str]) -> String {
    let of_book = &config.book;
    let mut title = format!(
        "<p class=\"print-title\">{}</p>",
        html(of_book.title.as_deref().unwrap_or_default())
    );
    if let Some(text) = &of_book.description {
        title.push_str(&format!("<p class=\"print-description\">{}</p>", html(text)));
    }
    title
        .push_str(&format!("<p class=\"print-authors\">{}</p>", html(&of_book.authors.join(", "))));
    if let Ok(Some(rights)) = config.get::<String>("preprocessor.bookbinder.rights") {
        title.push_str(&format!("<p class=\"print-rights\">{}</p>", html(&rights)));
    }
    let mut lines = String::new();
    let mut part = None;
    for chapter in &book.chapters {
        if chapter.part != part {
            part.clone_from(&chapter.part);
            let part = part.as_deref().map_or_else(String::new, html);
            lines.push_str(&format!("<li class=\"print-part\">{part}</li>"));
        }
        if chapter.is_draft() {
            let number = chapter.number.as_deref().unwrap_or_default();
            lines.push_str(&format!(
                "<li class=\"print-draft\"><span class=\"print-number\">{number}</span> {} (planned)</li>",
                html(&chapter.title)
            ));
        }
        for (i, page) in book.pages[chapter.pages.clone()].iter().enumerate() {
            let class = if i == 0 { "print-entry" } else { "print-entry print-below" };
            lines.push_str(&format!(
                "<li class=\"{class}\"><a href=\"#{}\"><span class=\"print-number\">{}</span> {}</a></li>",
                ids.get(chapter.pages.start + i).unwrap_or(&""),
                page.number.as_deref().unwrap_or_default(),
                html(&page.title)
            ));
        }
    }
    format!(
        "<section class=\"print-front\">{title}</section><nav class=\"print-contents\" aria-label=\"Contents\"><h1 id=\"print-contents\">Contents</h1><ul>{lines}</ul></nav>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_escaped() {
        assert_eq!(address(Path::new("/a b/c#d%.html")), "file:///a%20b/c%23d%25.html");
        assert_eq!(address(Path::new(r"C:\a\b.html")), "file:///C:/a/b.html");
    }

    #[test]
    fn the_heading_of_a_page_is_found() {
        assert_eq!(heading("<p>x</p><h1 id=\"a-b\"><a>y</a></h1><h1 id=\"c\">"), "a-b");
        assert_eq!(heading("<p>x</p>"), "");
    }

    #[test]
    fn a_browser_that_does_not_exist_is_told() {
        let fault = browser_for(Some(Path::new("/none/chromium"))).unwrap_err().to_string();
        assert_eq!(fault, "there is no browser at /none/chromium; correct --browser");
    }
}
