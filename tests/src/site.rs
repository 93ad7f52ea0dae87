//! The rendered book as a reader meets it: below a path of a web server, or as files.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use regex::{Captures, Regex};
use serde_json::Value;

use notebook::testing::skip;

use crate::browser::{Browser, Tab, find};
use crate::built::{self, Kind, build_folder};
use crate::files;

/// The path below which the tests serve the book: projects on GitHub Pages have such a one.
pub const BELOW: &str = "/some/path/";

/// The book, rendered and served, with a browser that looks at it.
#[derive(Debug)]
pub struct Site {
    folder: PathBuf,
    address: SocketAddr,
    browser: Arc<Browser>,
}

impl Site {
    /// The site that the tests of this process share; none where there is no Chromium.
    pub fn shared() -> Option<Arc<Site>> {
        // It ends with the last test that holds it, and takes the browser along.
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
        let folder = Kind { site: Some(BELOW), ..Kind::default() }.book();
        let address = serve(&folder);
        let new = Arc::new(Site { folder, address, browser: Browser::start(&program) });
        *site = Arc::downgrade(&new);
        Some(new)
    }

    /// The folder of the rendered book.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every page by its path in the book, the print page and the bare contents apart.
    pub fn pages(&self) -> Vec<String> {
        let folder = self.folder();
        let all = files(folder, ".html");
        let name = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
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

    /// The address of the book served below [`BELOW`] although it was bound for no path.
    pub fn unaware(&self) -> String {
        format!("http://{}{BELOW}", serve(&built::book()))
    }

    /// A page's address as a file.
    pub fn file(&self, page: &str) -> String {
        address(&self.folder().join(page))
    }

    /// The file that an address of the site stands for.
    pub fn local(&self, address: &str) -> Option<PathBuf> {
        let page = address.split(['?', '#']).next()?.strip_prefix(&self.http(""))?;
        Some(file_of(self.folder(), page))
    }

    /// The fewest pages that show everything the book has: each element, class and role that stands on
    /// any page stands on one of these. What a browser makes of a page depends on what is on it, so
    /// that these pages stand for the others where each page with each setting would be too much.
    pub fn kinds(&self) -> Vec<String> {
        let tag = Regex::new(r"<([a-z][a-z0-9-]*)[^>]*>").unwrap();
        let attribute = Regex::new(r#"\b(?:class|role)="([^"]*)""#).unwrap();
        // What is drawn and set has classes by the thousand, which no style sheet of ours knows.
        let inner = Regex::new(r#"(?s)<svg\b.*?</svg>|<span class="katex".*?</math>|<(?:code|pre)\b.*?</(?:code|pre)>"#).unwrap();
        let shown = |page: &String| -> BTreeSet<String> {
            let text = fs::read_to_string(self.folder().join(page)).unwrap();
            let main = text.split("<main>").nth(1).and_then(|rest| rest.split("</main>").next());
            let main = inner.replace_all(main.unwrap_or(&text), |found: &Captures<'_>| {
                let end = found[0].find('>').map_or(0, |end| end + 1);
                found[0][..end].to_owned()
            });
            let tags = tag.captures_iter(&main).map(|found| found[1].to_owned());
            let words = attribute.captures_iter(&main);
            let words = words.flat_map(|found| {
                found[1].split_whitespace().map(|word| format!(".{word}")).collect::<Vec<_>>()
            });
            tags.chain(words).collect()
        };
        let pages = self.pages();
        let mut left: Vec<_> = pages.iter().map(|page| (page, shown(page))).collect();
        let mut chosen = Vec::new();
        // The one with most that is new, again and again.
        while let Some((page, most)) =
            left.iter().rev().max_by_key(|(_, shown)| shown.len()).cloned()
            && !most.is_empty()
        {
            chosen.push(page.clone());
            left.iter_mut().for_each(|(_, shown)| shown.retain(|word| !most.contains(word)));
        }
        chosen
    }

    /// Does something with each of these pages, several at once, each in a tab that no other page is in
    /// at the time. What is done is told the page's number, too. The faults come in the pages' order.
    pub fn each(
        &self,
        pages: &[String],
        prepare: impl Fn(&Tab) + Sync,
        look: impl Fn(&Tab, usize, &str, &mut Faults) + Sync,
    ) -> Faults {
        let next = AtomicUsize::new(0);
        let work = || {
            let tab = self.tab();
            prepare(&tab);
            let mut all = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(page) = pages.get(number) else { return all };
                let mut faults = Faults::default();
                look(&tab, number, page, &mut faults);
                all.push((number, faults));
            }
        };
        // The browser computes in other processes; a tab more than processors keeps them all busy.
        let tabs = std::thread::available_parallelism().map_or(2, |n| n.get() + 1).min(8);
        let mut all: Vec<(usize, Faults)> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..tabs).map(|_| scope.spawn(work)).collect();
            let done = workers.into_iter().map(|worker| worker.join());
            done.flat_map(|done| done.unwrap_or_else(|fault| resume_unwind(fault))).collect()
        });
        all.sort_by_key(|(number, _)| *number);
        Faults(all.into_iter().flat_map(|(_, faults)| faults.0).collect())
    }

    /// A new tab of the browser.
    pub fn tab(&self) -> Tab {
        self.browser.tab()
    }

    /// What asked for something that is neither a file of the book nor on its own server.
    pub fn strangers(&self, tab: &Tab) -> Vec<String> {
        let own = [self.http(""), address(self.folder())];
        let local = |a: &String| {
            own.iter().any(|o| a.starts_with(o.as_str()))
                || a.starts_with("blob:")
                || a.starts_with("about:")
        };
        tab.seen().requests.into_iter().filter(|a| !local(a)).collect()
    }
}

/// The address of a file as a browser writes it, whatever the folders above it are called.
fn address(path: &Path) -> String {
    let path = path.display().to_string().replace('\\', "/");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&b);
    let encoded: String = path
        .bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    format!("file://{}{encoded}", if encoded.starts_with('/') { "" } else { "/" })
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
    let body = if request.starts_with("HEAD ") { Vec::new() } else { fs::read(&file)? };
    let kind = kind(&file);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        fs::metadata(&file)?.len()
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
    let folder = build_folder().join("browser-failures");
    tab.screenshot(&folder.join(format!("{name}.png")));
}
