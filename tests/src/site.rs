//! The rendered book as a reader meets it: below a path of a web server, or as files.

use std::env;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use serde_json::Value;

use crate::browser::{Browser, Tab, find, skip};
use crate::{Copy, bookbinder, files, said};

/// The path below which the tests serve the book: projects on GitHub Pages have such a one.
pub const BELOW: &str = "/some/path/";

/// The book, rendered and served, with a browser that looks at it.
#[derive(Debug)]
pub struct Site {
    copy: Copy,
    address: SocketAddr,
    browser: Arc<Browser>,
}

impl Site {
    /// The site that the tests of this process share; none where there is no Chromium.
    pub fn shared() -> Option<Arc<Site>> {
        // It ends with the last test that holds it, and takes the browser and the copy along.
        static SITE: Mutex<Weak<Site>> = Mutex::new(Weak::new());
        if !cfg!(unix) {
            skip("browser tests", "the debugging pipe is set up for Unix alone");
            return None;
        }
        let Some(program) = find() else {
            skip("browser tests", "no Chromium found (set BOOK_BROWSER)");
            return None;
        };
        let mut site = SITE.lock().unwrap_or_else(|fault| fault.into_inner());
        if let Some(site) = site.upgrade() {
            return Some(site);
        }
        let copy = rendered(BELOW);
        let address = serve(&copy.root().join("target/book"));
        let new = Arc::new(Site { copy, address, browser: Browser::start(&program) });
        *site = Arc::downgrade(&new);
        Some(new)
    }

    /// The folder of the rendered book.
    pub fn folder(&self) -> PathBuf {
        self.copy.root().join("target/book")
    }

    /// Every page by its path in the book, the print page and the bare contents apart.
    pub fn pages(&self) -> Vec<String> {
        let folder = self.folder();
        let all = files(&folder, ".html");
        let name = |path: &PathBuf| path.strip_prefix(&folder).unwrap().display().to_string();
        let pages = all.iter().map(name).filter(|page| page != "print.html" && page != "toc.html");
        let pages: Vec<_> = pages.collect();
        assert!(pages.len() > 15, "{} pages", pages.len());
        pages
    }

    /// Pages whose text contains something.
    pub fn pages_with(&self, text: &str) -> Vec<String> {
        let has =
            |page: &String| fs::read_to_string(self.folder().join(page)).unwrap().contains(text);
        self.pages().into_iter().filter(has).collect()
    }

    /// A page's address on the server.
    pub fn http(&self, page: &str) -> String {
        format!("http://{}{BELOW}{page}", self.address)
    }

    /// A page's address as a file.
    pub fn file(&self, page: &str) -> String {
        format!("file://{}", self.folder().join(page).display())
    }

    /// The file that an address of the site stands for.
    pub fn local(&self, address: &str) -> Option<PathBuf> {
        let page = address.split(['?', '#']).next()?.strip_prefix(&self.http(""))?;
        Some(file_of(&self.folder(), page))
    }

    /// A new tab of the browser.
    pub fn tab(&self) -> Tab {
        self.browser.tab()
    }

    /// What asked for something that is neither a file of the book nor on its own server.
    pub fn strangers(&self, tab: &Tab) -> Vec<String> {
        let own = [self.http(""), format!("file://{}", self.folder().display())];
        let local = |a: &String| {
            own.iter().any(|o| a.starts_with(o.as_str()))
                || a.starts_with("blob:")
                || a.starts_with("about:")
        };
        tab.seen().requests.into_iter().filter(|a| !local(a)).collect()
    }
}

/// A copy of the book, rendered for that path of a site.
pub fn rendered(below: &str) -> Copy {
    let copy = Copy::new();
    let output = std::process::Command::new(bookbinder())
        .args(["--frozen", "--root"])
        .arg(copy.root())
        .env("MDBOOK_OUTPUT__HTML__SITE_URL", below)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    copy
}

/// Serves a folder below [`BELOW`] on a free port of the loopback, as GitHub Pages would: `/` is
/// `index.html`, and what does not exist is answered with `404.html`.
fn serve(folder: &Path) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let folder = folder.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser that hangs up early is no fault.
            std::thread::spawn(move || drop(answer(&stream, &folder)));
        }
    });
    address
}

fn answer(mut stream: &TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let target = request.split(' ').nth(1).unwrap_or_default();
    let target = target.split(['?', '#']).next().unwrap_or_default();
    let file = target.strip_prefix(BELOW).map(|page| file_of(folder, page));
    let (status, file) = match file {
        Some(file) if file.is_file() && !target.contains("..") => ("200 OK", file),
        _ => ("404 Not Found", folder.join("404.html")),
    };
    let body = fs::read(&file)?;
    let kind = kind(&file);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)
}

/// The file of a path within the site.
fn file_of(folder: &Path, page: &str) -> PathBuf {
    if page.is_empty() || page.ends_with('/') {
        folder.join(page).join("index.html")
    } else {
        folder.join(page)
    }
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css",
        "js" => "text/javascript",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" | "webmanifest" => "application/json",
        "csv" => "text/csv",
        "txt" | "bib" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A fault of a page, in one line.
#[derive(Debug)]
pub struct Fault {
    /// Page, theme, width.
    pub place: String,
    /// What is wrong, where on the page, how to mend it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// The faults that a test has found, all told at its end.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, place: &str, what: impl Into<String>) {
        self.0.push(Fault { place: place.to_owned(), what: what.into() });
    }

    /// Notes a fault unless something holds.
    pub fn expect(&mut self, holds: bool, place: &str, what: impl Into<String>) {
        if !holds {
            self.add(place, what);
        }
    }

    /// Takes the triples that `checks.js` gives, and a picture of the page where there are any.
    pub fn take(&mut self, tab: &Tab, place: &str, found: &Value) {
        let found = found.as_array().cloned().unwrap_or_default();
        for fault in &found {
            let part = |i: usize| fault[i].as_str().unwrap_or_default();
            self.add(place, format!("{}: {}; {}", part(1), part(0), part(2)));
        }
        if !found.is_empty() {
            picture(tab, place);
        }
    }

    /// Takes what went wrong while a page was loaded.
    pub fn loading(&mut self, site: &Site, tab: &Tab, place: &str) {
        let seen = tab.seen();
        for error in &seen.errors {
            self.add(place, format!("on the console: {error}; mend the script"));
        }
        for failed in &seen.failed {
            self.add(place, format!("not loaded: {failed}; mend the address"));
        }
        for stranger in site.strangers(tab) {
            self.add(place, format!("asks for {stranger}; the book is to work offline"));
        }
    }

    /// How many faults there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fails the test where there is a fault, with one line for each; the same fault of one page in
    /// several themes and widths is told once.
    pub fn finish(self) {
        let mut told: Vec<(String, String, Vec<String>)> = Vec::new();
        for fault in self.0 {
            let (page, rest) = fault.place.split_once(' ').unwrap_or((&fault.place, ""));
            match told.iter_mut().find(|(p, what, _)| p == page && *what == fault.what) {
                Some((_, _, places)) => places.push(rest.to_owned()),
                None => told.push((page.to_owned(), fault.what.clone(), vec![rest.to_owned()])),
            }
        }
        let lines: Vec<_> = told
            .iter()
            .map(|(page, what, places)| {
                let places = places.join(", ");
                let places = if places.is_empty() { places } else { format!(" ({places})") };
                format!("{page}{places}: {what}")
            })
            .collect();
        assert!(
            lines.is_empty(),
            "{} faults; pictures are in target/browser-failures\n{}",
            lines.len(),
            lines.join("\n")
        );
    }
}

/// Keeps a picture of a page that has a fault.
pub fn picture(tab: &Tab, place: &str) {
    let name: String =
        place.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let target = env::current_exe().unwrap();
    // target/debug/deps/browser-… stands three folders below `target`.
    let target = target.ancestors().nth(3).unwrap();
    tab.screenshot(&target.join("browser-failures").join(format!("{name}.png")));
}
