//! The server: files of one folder to a browser on this machine, and the news that pages wait for.
//!
//! It answers GET and HEAD alone, serves nothing outside its folder, and refuses a request whose
//! `Host` is a name it does not go by: a page elsewhere cannot have its own name point here and
//! read the book through the reader's browser.

use std::fs;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use tiny_http::{Header, Request, Response, Server};

use super::state::{Seen, State};

/// Address of the script that is put into served pages.
const SCRIPT: &str = "/.serve/reload.js";
/// Address at which a page asks for news.
const NEWS: &str = "/.serve/news";
/// How long a page waits for news before it asks again.
const PATIENCE: Duration = Duration::from_secs(25);
/// What stands in for a book that was never bound.
const EMPTY: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <title>Not bound yet</title></head><body><main><h1>The book is not bound yet</h1>\
    <p>This page shows why below, and becomes the book when that is mended.</p></main></body></html>";

/// What is served: a folder, and the news.
#[derive(Debug)]
pub struct Site {
    /// The folder.
    pub folder: PathBuf,
    /// The name or address that the server was asked to listen on.
    pub hostname: String,
    /// What pages are told.
    pub state: State,
    /// Held for writing while files of the folder are exchanged.
    pub files: RwLock<()>,
}

/// What a browser asks.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// `GET`.
    pub method: &'a str,
    /// `/14-parameters/index.html?x=y`.
    pub url: &'a str,
    /// The header `Host`.
    pub host: Option<&'a str>,
}

/// What it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content type.
    pub kind: &'static str,
    /// Content, also of an answer to HEAD, whose content the server leaves out.
    pub body: Vec<u8>,
    /// Where to look instead.
    pub location: Option<String>,
}

impl Answer {
    fn new(status: u16, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Answer { status, kind, body: body.into(), location: None }
    }

    fn text(status: u16, body: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }
}

/// Listens on `hostname`: on `port`, or on the next that is free from 3000 on.
///
/// # Errors
/// A port that is taken, or an address that is not this machine's.
pub fn listen(hostname: &str, port: Option<u16>) -> anyhow::Result<TcpListener> {
    let ports = port.map_or(3000..=3099, |port| port..=port);
    let mut last = None;
    for port in ports {
        match TcpListener::bind((hostname, port)) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
            Err(error) => anyhow::bail!(
                "cannot listen on {hostname}, port {port} ({error}); give another --hostname or --port"
            ),
        }
    }
    match (port, last) {
        (Some(port), _) => anyhow::bail!(
            "port {port} is taken; give another --port, or none to have the next free one"
        ),
        (None, _) => anyhow::bail!("ports 3000 to 3099 are taken; give a --port"),
    }
}

/// Answers for as long as the program runs, each question on a thread of its own.
///
/// # Errors
/// What the system says of the listener.
pub fn start(listener: TcpListener, site: Arc<Site>) -> anyhow::Result<()> {
    let server = Server::from_listener(listener, None)
        .map_err(|e| anyhow::anyhow!("the server cannot start ({e}); try again"))?;
    thread::spawn(move || {
        for request in server.incoming_requests() {
            let site = Arc::clone(&site);
            thread::spawn(move || reply(&site, request));
        }
    });
    Ok(())
}

fn reply(site: &Site, request: Request) {
    let host = request.headers().iter().find(|h| h.field.equiv("Host"));
    let (method, url) = (request.method().to_string(), request.url().to_owned());
    let host = host.map(|h| h.value.as_str().to_owned());
    let question = Question { method: &method, url: &url, host: host.as_deref() };
    let answer = site.answer(question);
    let mut headers = vec![
        ("Content-Type", answer.kind.to_owned()),
        ("Cache-Control", "no-store".to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
    ];
    headers.extend(answer.location.map(|to| ("Location", to)));
    if answer.status == 405 {
        headers.push(("Allow", "GET, HEAD".to_owned()));
    }
    let mut response = Response::from_data(answer.body).with_status_code(answer.status);
    for (name, value) in headers {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    // A browser that went away needs no answer.
    let _ = request.respond(response);
}

impl Site {
    /// Answers a question.
    pub fn answer(&self, question: Question<'_>) -> Answer {
        if !matches!(question.method, "GET" | "HEAD") {
            return Answer::text(405, "Only GET and HEAD are answered here.\n");
        }
        if !question.host.is_some_and(|host| self.goes_by(host)) {
            return Answer::text(
                403,
                "This server does not go by that name; open the address that it printed.\n",
            );
        }
        let (path, query) = question.url.split_once('?').unwrap_or((question.url, ""));
        match path {
            SCRIPT => Answer::new(200, kind_of("reload.js"), include_str!("reload.js")),
            NEWS => {
                let news = self.state.wait(&seen(query), PATIENCE);
                Answer::new(200, kind_of("news.json"), news.to_string())
            }
            path => self.file(path),
        }
    }

    /// Is this a name of this server? An address is no name that another could have taken.
    fn goes_by(&self, host: &str) -> bool {
        let port = host.rfind(':').filter(|at| host[at + 1..].bytes().all(|b| b.is_ascii_digit()));
        let name = port.map_or(host, |at| &host[..at]).to_ascii_lowercase();
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        name == "localhost" || name == self.hostname.to_ascii_lowercase() || address.is_ok()
    }

    fn file(&self, path: &str) -> Answer {
        let _files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        // Taken before the file is read: a page may be newer than it says, and never older.
        let version = self.state.version();
        let Some(relative) = relative(path) else { return self.absent(version) };
        let mut file = self.folder.join(&relative);
        if file.is_dir() {
            if !path.ends_with('/') {
                let location = Some(format!("{path}/"));
                return Answer { location, ..Answer::text(301, "The folder's page is here.\n") };
            }
            file.push("index.html");
        }
        let inside = |folder: &Path| file.canonicalize().is_ok_and(|f| f.starts_with(folder));
        if !self.folder.canonicalize().is_ok_and(|folder| inside(&folder)) {
            return self.absent(version);
        }
        match fs::read(&file) {
            Ok(body) => self.page(200, kind_of(&file.to_string_lossy()), body, version),
            Err(_) => self.absent(version),
        }
    }

    /// The book's page for addresses that lead nowhere.
    fn absent(&self, version: u64) -> Answer {
        let body = fs::read(self.folder.join("404.html"));
        self.page(404, kind_of("404.html"), body.unwrap_or_else(|_| EMPTY.into()), version)
    }

    /// Puts the script into a page; other files pass.
    fn page(&self, status: u16, kind: &'static str, body: Vec<u8>, version: u64) -> Answer {
        if !kind.starts_with("text/html") {
            return Answer::new(status, kind, body);
        }
        let page = String::from_utf8_lossy(&body);
        let script = format!(
            "<script src=\"{SCRIPT}\" data-server=\"{}\" data-version=\"{version}\" defer></script>",
            self.state.server
        );
        let at = page.rfind("</body>").unwrap_or(page.len());
        Answer::new(status, kind, format!("{}{script}{}", &page[..at], &page[at..]))
    }
}

/// The path of a file in the served folder; none where it would lead out of it.
fn relative(path: &str) -> Option<PathBuf> {
    let decoded = decode(path.strip_prefix('/')?)?;
    if decoded.contains(['\\', '\0', ':']) {
        return None;
    }
    let path = Path::new(&decoded);
    path.components().all(|part| matches!(part, Component::Normal(_))).then(|| path.to_owned())
}

/// Replaces `%20` and the like.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// What a page says that it has seen: `server=…&page=…&loaded=3&answered=4`.
fn seen(query: &str) -> Seen {
    let mut seen = Seen::default();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = decode(value).unwrap_or_default();
        match name {
            "server" => seen.server = value,
            "page" => {
                let page = value.trim_start_matches('/').to_owned();
                let is_folder = page.is_empty() || page.ends_with('/');
                seen.page = if is_folder { page + "index.html" } else { page };
            }
            "loaded" => seen.loaded = value.parse().unwrap_or_default(),
            "answered" => seen.answered = value.parse().ok(),
            _ => {}
        }
    }
    seen
}

/// The content type of a file.
pub fn kind_of(file: &str) -> &'static str {
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "webmanifest" => "application/json; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" | "bib" => "text/plain; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (tempfile::TempDir, Site) {
        let folder = tempfile::tempdir().unwrap();
        let book = folder.path().join("book");
        fs::create_dir_all(book.join("a b")).unwrap();
        fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        fs::write(book.join("index.html"), "<html><body>Home</body></html>").unwrap();
        fs::write(book.join("404.html"), "<html><body>Nowhere</body></html>").unwrap();
        fs::write(book.join("a b/index.html"), "A").unwrap();
        fs::write(book.join("style.css"), "a{}").unwrap();
        let state = State::new("run".into());
        let hostname = "127.0.0.1".to_owned();
        (folder, Site { folder: book, hostname, state, files: RwLock::default() })
    }

    fn get(site: &Site, url: &str) -> Answer {
        site.answer(Question { method: "GET", url, host: Some("127.0.0.1:3000") })
    }

    #[test]
    fn files_are_served_with_their_types() {
        let (_folder, site) = site();
        let home = get(&site, "/");
        assert_eq!((home.status, home.kind), (200, "text/html; charset=utf-8"));
        let text = String::from_utf8(home.body).unwrap();
        assert!(text.starts_with("<html><body>Home<script src=\"/.serve/reload.js\""), "{text}");
        assert!(text.ends_with("</script></body></html>"), "{text}");
        assert_eq!(
            get(&site, "/style.css?v=2"),
            Answer::new(200, "text/css; charset=utf-8", "a{}")
        );
        assert_eq!(get(&site, "/a%20b/").status, 200);
        let moved = get(&site, "/a%20b");
        assert_eq!((moved.status, moved.location.as_deref()), (301, Some("/a%20b/")));
        assert_eq!(get(&site, "/.serve/reload.js").kind, "text/javascript; charset=utf-8");
        assert_eq!(kind_of("a.woff2"), "font/woff2");
        assert_eq!(kind_of("a.unknown"), "application/octet-stream");
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let (folder, site) = site();
        for url in [
            "/../secret.txt",
            "/..%2fsecret.txt",
            "/%2e%2e/secret.txt",
            "/a b/../../secret.txt",
            "/..\\secret.txt",
            "//secret.txt",
            "/%00",
            "/%zz",
            "/%ff",
            "secret.txt",
            "",
        ] {
            let answer = get(&site, url);
            assert_eq!(answer.status, 404, "{url}");
            assert!(!String::from_utf8_lossy(&answer.body).contains("secret"), "{url}");
        }
        let absolute = folder.path().join("secret.txt").display().to_string();
        assert_eq!(get(&site, &absolute).status, 404);
        assert_eq!(get(&site, &format!("/{absolute}")).status, 404);
        #[cfg(unix)]
        {
            let link = site.folder.join("link.txt");
            std::os::unix::fs::symlink(folder.path().join("secret.txt"), link).unwrap();
            assert_eq!(get(&site, "/link.txt").status, 404, "a link leads out");
        }
    }

    #[test]
    fn an_absent_page_is_the_books_own() {
        let (_folder, site) = site();
        let absent = get(&site, "/gone/deep.html");
        assert_eq!((absent.status, absent.kind), (404, "text/html; charset=utf-8"));
        assert!(String::from_utf8_lossy(&absent.body).contains("Nowhere<script"));
        fs::remove_file(site.folder.join("404.html")).unwrap();
        let body = get(&site, "/gone.html").body;
        assert!(String::from_utf8_lossy(&body).contains("not bound yet"));
    }

    #[test]
    fn only_reading_is_answered() {
        let (_folder, site) = site();
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
            let host = Some("localhost");
            assert_eq!(site.answer(Question { method, url: "/", host }).status, 405, "{method}");
        }
        let host = Some("localhost");
        assert_eq!(site.answer(Question { method: "HEAD", url: "/", host }).status, 200);
    }

    #[test]
    fn another_host_is_refused() {
        let (_folder, mut site) = site();
        let mut status = |hostname: &str, host: Option<&str>| {
            site.hostname = hostname.to_owned();
            site.answer(Question { method: "GET", url: "/", host }).status
        };
        for host in ["localhost", "LOCALHOST:3000", "127.0.0.1:3000", "[::1]:3000", "127.0.0.1"] {
            assert_eq!(status("127.0.0.1", Some(host)), 200, "{host}");
        }
        for host in ["example.org", "example.org:3000", "127.0.0.1.example.org", "localhost.", ""] {
            assert_eq!(status("127.0.0.1", Some(host)), 403, "{host}");
        }
        assert_eq!(status("127.0.0.1", None), 403);
        assert_eq!(status("desk.local", Some("Desk.local:3000")), 200);
    }

    #[test]
    fn a_port_that_is_taken_is_said() {
        let taken = listen("127.0.0.1", Some(0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let fault = listen("127.0.0.1", Some(port)).unwrap_err().to_string();
        assert!(fault.starts_with(&format!("port {port} is taken; give another")), "{fault}");
        assert!(listen("127.0.0.1", None).is_ok());
        assert!(listen("192.0.2.1", None).unwrap_err().to_string().contains("cannot listen"));
    }

    #[test]
    fn a_page_says_what_it_has_seen() {
        let expected = Seen {
            server: "r".into(),
            page: "a b/index.html".into(),
            loaded: 3,
            answered: Some(4),
        };
        assert_eq!(seen("server=r&page=%2Fa%20b%2F&loaded=3&answered=4&x=y"), expected);
        assert_eq!(seen("page=/").page, "index.html");
        assert_eq!(seen("answered=").answered, None);
    }
}
