//! `cargo book serve` from outside: what a browser asks and is told, from a save to the news of it.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use book_tests::{Copy, bookbinder, said};
use regex::Regex;

/// After so long it hangs. Nothing is judged by it: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(900);

/// A running `cargo book serve` of a copy.
struct Serve {
    copy: Copy,
    child: Child,
    address: String,
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the server answered.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Serve {
    fn start(copy: Copy) -> Self {
        let mut child = Command::new(bookbinder())
            .args(["serve", "--port", "0", "--root"])
            .arg(copy.root())
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                let line = line.unwrap();
                line.strip_prefix("Serving http://")?.split('/').next().map(str::to_owned)
            })
            .expect("the server says where it is");
        // Keeps reading, so that the server never waits for its terminal.
        std::thread::spawn(move || lines.for_each(drop));
        Serve { copy, child, address }
    }

    fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    fn ask(&self, method: &str, path: &str, host: &str) -> Answer {
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &self.address)
    }

    /// The run of the server and the version with which a page was loaded.
    fn load(&self, page: &str) -> (String, u64) {
        let body = self.get(&format!("/{page}")).body;
        let script = Regex::new(r#"data-server="([^"]+)" data-version="(\d+)""#).unwrap();
        let found = script.captures(&body).expect("a served page has the script");
        (found[1].to_owned(), found[2].parse().unwrap())
    }

    /// Asks for news of a page, as its script does, until they satisfy `is_it`.
    fn wait(&self, page: &str, loaded: &(String, u64), is_it: impl Fn(&str) -> bool) -> String {
        let (server, version) = loaded;
        let until = Instant::now() + PATIENCE;
        let number = Regex::new(r#""version":(\d+)"#).unwrap();
        let mut answered = String::new();
        while Instant::now() < until {
            let query =
                format!("server={server}&page=/{page}&loaded={version}&answered={answered}");
            let news = self.get(&format!("/.serve/news?{query}")).body;
            if is_it(&news) {
                return news;
            }
            answered = number.captures(&news).expect("news have a version")[1].to_owned();
        }
        panic!("no such news of {page}");
    }
}

fn reloads(news: &str) -> bool {
    news.contains("\"action\":\"reload\"")
}

#[test]
fn a_browser_is_answered_and_nobody_else() {
    let serve = Serve::start(Copy::new());
    let home = serve.get("/");
    assert_eq!(home.status, 200);
    assert!(home.head.contains("content-type: text/html; charset=utf-8"), "{}", home.head);
    assert!(home.body.contains("<script src=\"/.serve/reload.js\""));
    for (path, kind) in [
        ("/.serve/reload.js", "text/javascript"),
        ("/assets/book.css", "text/css"),
        ("/assets/katex/fonts/KaTeX_AMS-Regular.woff2", "font/woff2"),
        ("/searchindex.js", "text/javascript"),
        ("/print.html", "text/html"),
    ] {
        let answer = serve.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.head.contains(&format!("content-type: {kind}")), "{path}: {}", answer.head);
    }
    let absent = serve.get("/no/such/page.html");
    assert_eq!(absent.status, 404);
    assert!(absent.body.contains("/.serve/reload.js"), "it comes to life when it is written");
    for path in ["/../Cargo.toml", "/..%2f..%2f..%2fCargo.toml", "/%2e%2e/%2e%2e/Cargo.toml"] {
        let answer = serve.get(path);
        assert_ne!(answer.status, 200, "{path}");
        assert!(!answer.body.contains("[workspace"), "{path}");
    }
    assert_eq!(serve.ask("GET", "/", "evil.example").status, 403);
    assert_eq!(serve.ask("GET", "/", "localhost").status, 200);
    assert_eq!(serve.ask("POST", "/", &serve.address).status, 405);
    let head = serve.ask("HEAD", "/", &serve.address);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    // What is served is served; what is written is the book alone.
    let served = serve.copy.root().join("target/serve");
    for page in book_tests::files(&served, ".html") {
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(!text.contains(".serve/"), "{}", page.display());
    }
    assert!(!serve.copy.root().join("target/book").exists(), "a frozen build is not disturbed");
}

#[test]
fn a_saved_page_is_bound_and_its_reader_told() {
    let serve = Serve::start(Copy::new());
    let (page, other) = ("a-notebook/results.html", "glossary.html");
    let (loaded, elsewhere) = (serve.load(page), serve.load(other));

    // Prose.
    serve.copy.append("book/a-notebook/results.md", "A sentence that was not there before.");
    serve.wait(page, &loaded, reloads);
    let text = serve.get(&format!("/{page}")).body;
    assert!(text.contains("A sentence that was not there before."));
    // The page is what a whole build makes of it, but for the script and the names of files.
    assert!(text.contains("../a-notebook/index.html") || text.contains("index.html"), "no links");
    let news = serve.wait(other, &elsewhere, |_| true);
    assert!(news.contains("\"action\":\"none\""), "{news}");

    // A fault is told, and the last good book stays.
    let loaded = serve.load(page);
    let line = serve.copy.append("book/a-notebook/results.md", "{{#value dice/nothing x}}");
    let news = serve.wait(page, &loaded, |news| news.contains("\"message\""));
    assert!(news.contains("\"file\":\"book/a-notebook/results.md\""), "{news}");
    assert!(news.contains(&format!("\"line\":{line}")), "{news}");
    assert!(news.contains("\"action\":\"none\""), "{news}");
    assert!(serve.get(&format!("/{page}")).body.contains("was not there before."));

    // Mended.
    serve.copy.replace("book/a-notebook/results.md", "{{#value dice/nothing x}}", "Mended.");
    serve.wait(page, &loaded, |news| reloads(news) && news.contains("\"faults\":[]"));
    assert!(serve.get(&format!("/{page}")).body.contains("Mended."));

    // A style is exchanged; nobody reloads.
    let loaded = serve.load(page);
    serve.copy.append("book/assets/book.css", ".serve-test { color: red }");
    let news = serve.wait(page, &loaded, |news| !news.contains("\"action\":\"none\""));
    assert!(news.contains("\"action\":\"style\""), "{news}");
    assert!(serve.get("/assets/book.css").body.contains(".serve-test"));

    // A result.
    let recorded = serve.copy.read("chapters-code/a-notebook/results/dice.json");
    let mean = Regex::new(r#"("mean": \{\s*"value": )[0-9.]+"#).unwrap();
    let loaded = serve.load("a-notebook/index.html");
    let changed = mean.replace(&recorded, "${1}3.21987");
    assert_ne!(recorded, changed, "the result file has the mean");
    serve.copy.write("chapters-code/a-notebook/results/dice.json", &changed);
    // Its figure no longer follows from it, and the page names the command that draws it anew.
    let told = |news: &str| news.contains("\"message\"");
    let news = serve.wait("a-notebook/index.html", &loaded, told);
    assert!(news.contains("draw dice"), "{news}");
    serve.copy.write("chapters-code/a-notebook/results/dice.json", &recorded);
    serve.wait("a-notebook/index.html", &loaded, |news| news.contains("\"faults\":[]"));

    // The structure of the book: every page shows it.
    let loaded = serve.load(other);
    serve.copy.replace("book/SUMMARY.md", "[Glossary]", "[Words]");
    serve.wait(other, &loaded, reloads);

    // Code of a crate: this program was compiled in another checkout, and says so.
    let loaded = serve.load(other);
    let source = serve.copy.read("chapters-code/a-notebook/src/figures.rs");
    serve.copy.write("chapters-code/a-notebook/src/figures.rs", &source);
    let news = serve.wait(other, &loaded, |news| !news.contains("\"notice\":\"\""));
    assert!(news.contains("start it again"), "{news}");
}

#[test]
fn search_and_print_follow_after_a_pause() {
    let serve = Serve::start(Copy::new());
    let word = "Quincunxial";
    assert!(!serve.get("/searchindex.js").body.to_lowercase().contains("quincunx"));
    serve.copy.append("book/glossary.md", &format!("{word} words."));
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let found = serve.get("/searchindex.js").body.to_lowercase().contains("quincunx");
        if found && serve.get("/print.html").body.contains(word) {
            return;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("the search index does not follow");
}

#[test]
fn what_cannot_be_served_is_said_in_a_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let copy = Copy::new();
    let fails = |arguments: &[&str], expected: &str| {
        let output = copy.bookbinder(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(expected), "{error}");
    };
    fails(&["serve", "--port", &port], &format!("port {port} is taken; give another --port"));
    fails(&["serve", "--port", "70000"], "70000");
    fails(&["serve", "--port", "0", "--hostname", "192.0.2.1"], "cannot listen on 192.0.2.1");
    std::fs::remove_file(copy.root().join("book/SUMMARY.md")).unwrap();
    fails(&["serve", "--port", "0"], "book/SUMMARY.md: cannot be read");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_well() {
    let mut serve = Serve::start(Copy::new());
    let killed = Command::new("kill").args(["-INT", &serve.child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(serve.child.wait().unwrap().code(), Some(0));
}
