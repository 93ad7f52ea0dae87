//! How the book grows: the time to bind and render it with its chapters, and the weight of a page.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use book_tests::{Copy, files, said, synthetic};
use bookbinder::bind::{Bound, bind_again};
use bookbinder::book::Book;
use bookbinder::cache::Cache;
use bookbinder::faults::Faults;
use bookbinder::render::{self, Prepared};
use bookbinder::serve::server::Site;
use bookbinder::serve::site::Binder;
use bookbinder::serve::state::State;
use flate2::Compression;
use flate2::write::GzEncoder;
use mdbook_driver::book::{Book as RawBook, Chapter as Page};
use notebook::Workspace;
use regex::Regex;

/// The most that a page may weigh, compressed, without the search index.
const HEAVIEST: usize = 300_000;

/// The tests here measure the time of the whole process, so one runs at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Seconds of computing that the process has taken, which do not grow when the machine is busy with
/// something else as the hours on the wall do. Those stand in where the system does not tell.
fn spent() -> f64 {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in parentheses, the 12th and 13th field: hundredths of a second, own and the
    // system's.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks[..] {
        [own, system] => (own + system) / 100.0,
        _ => STARTED.elapsed().as_secs_f64(),
    }
}

/// What a book took.
struct Took {
    chapters: usize,
    /// To bind it the first time: most of this is reading the data that figures show.
    first: f64,
    /// To bind it with the figures drawn and the formulas set.
    binding: f64,
    /// To render it: mdBook's work, and the index for the search.
    rendering: f64,
}

/// Binds and renders a book of so many chapters.
fn build(chapters: usize) -> Took {
    let copy = Copy::new();
    let all = synthetic::enlarge(&copy, chapters);
    let settings = render::settings(copy.root()).unwrap();
    let cache = Cache::default();
    let bind = || {
        let started = spent();
        let workspace = Workspace::open(copy.root()).unwrap();
        let mut faults = Faults::default();
        let book = Book::read(copy.root(), &settings.source, &mut faults).unwrap();
        let bound = bind_again(&workspace, &all, &book, &settings, &cache, &mut faults);
        assert!(faults.is_fine(), "{faults}");
        (spent() - started, book, bound)
    };
    let (first, ..) = bind();
    let mut binding = f64::INFINITY;
    for _ in 0..3 {
        // The links of every page are looked up anew.
        cache.ids(&[]);
        binding = binding.min(bind().0);
    }
    let mut rendering = f64::INFINITY;
    let mut pages = 0;
    for _ in 0..2 {
        let (_, book, bound) = bind();
        pages = book.pages.len();
        let started = spent();
        render::render(copy.root(), book, bound).unwrap();
        rendering = rendering.min(spent() - started);
    }
    println!(
        "{chapters} chapters, {pages} pages: {first:.2} s to bind, {binding:.2} s once the figures are drawn, {rendering:.2} s to render"
    );
    Took { chapters, first, binding, rendering }
}

/// How much more a further chapter costs in a large book than in a small one: what it adds between
/// the second and the third size, over what it adds between the first and the second. It is 1 where
/// the time grows with the book, whatever a book without chapters takes.
fn growth(books: &[Took; 3], time: fn(&Took) -> f64) -> f64 {
    let cost = |i: usize| {
        let (small, large) = (&books[i], &books[i + 1]);
        (time(large) - time(small)) / (large.chapters - small.chapters) as f64
    };
    println!("a chapter costs {:.3} s, then {:.3} s", cost(0), cost(1));
    assert!(cost(0) > 0.0);
    cost(1) / cost(0)
}

#[test]
fn the_time_to_bind_grows_with_the_book() {
    let _alone = alone();
    // Whole rounds of the written chapters, for some are larger than others.
    let written = synthetic::written();
    let books = [written, 2 * written, 4 * written].map(build);
    // Where each page or claim goes through all the others, this is 2.3 for five chapters.
    let binding = growth(&books, |took| took.binding);
    assert!(binding < 1.7, "{binding:.2}");
}

#[test]
fn the_time_to_render_grows_with_the_pages() {
    let _alone = alone();
    let copy = Copy::new();
    let settings = render::settings(copy.root()).unwrap();
    let book = Book::read(copy.root(), &settings.source, &mut Faults::default()).unwrap();
    let mut prepared = Prepared::new(copy.root(), book, Bound::default()).unwrap();
    // Pages of a line, so that their number weighs more than what they hold.
    let times = [256, 512, 1024].map(|pages| {
        let page = |i| {
            let title = format!("Page {i}");
            Page::new(&title, format!("# {title}\n"), format!("{i}.md"), Vec::new()).into()
        };
        prepared.book = RawBook::new_with_items((0..pages).map(page).collect());
        let started = spent();
        prepared.render(&copy.root().join("target/many")).unwrap();
        spent() - started
    });
    // What a page costs, between the second and the third size over between the first and the second:
    // 1 where the time grows with the pages, 2 where it grows with their square.
    let growth = (times[2] - times[1]) / (2.0 * (times[1] - times[0]));
    println!("{times:.2?} s for 256, 512 and 1024 pages: {growth:.2}");
    assert!(growth < 1.5, "{growth:.2}");
}

/// The figures that the book's notes report: `cargo test --release -p book-tests --test scale -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes; run it by name"]
fn the_time_grows_with_a_large_book() {
    let _alone = alone();
    let written = synthetic::written();
    let books = [3, 6, 12].map(|rounds| build(rounds * written));
    // Twice as much, were all of it to grow with the square.
    for time in [|took: &Took| took.first, |took: &Took| took.binding, |took: &Took| took.rendering]
    {
        let growth = growth(&books, time);
        assert!(growth < 1.6, "{growth:.2}");
    }
}

#[test]
fn a_saved_page_costs_less_than_the_book() {
    let _alone = alone();
    let copy = Copy::new();
    let all = synthetic::enlarge(&copy, 8);
    let workspace = Workspace::open(copy.root()).unwrap();
    let target = copy.root().join("target/serve/0");
    let site = Arc::new(Site {
        folder: target.join("book"),
        hostname: "127.0.0.1".into(),
        state: State::new("test".into()),
        files: RwLock::default(),
    });
    let mut binder = Binder::new(&workspace, &all, Arc::clone(&site), &target);
    let mut bound = || {
        let started = Instant::now();
        let update = binder.bind().result.expect("the book binds");
        (update, started.elapsed())
    };
    let (first, whole) = bound();
    assert!(first.all);
    let mut quickest = Duration::MAX;
    for i in 0..3 {
        copy.append("book/14-parameters/where.md", &format!("Sentence {i}."));
        let (update, time) = bound();
        assert_eq!(update.pages, ["14-parameters/where.html"], "and nothing else changed");
        quickest = quickest.min(time);
    }
    println!("the whole book {whole:.2?}, a saved page {quickest:.2?}");
    assert!(quickest < whole / 2, "{quickest:?} of {whole:?}");
    // The page is what a whole build with the same settings makes of it.
    let served = fs::read_to_string(site.folder.join("14-parameters/where.html")).unwrap();
    assert!(Binder::new(&workspace, &all, Arc::clone(&site), &target).bind().result.is_ok());
    let whole = fs::read_to_string(site.folder.join("14-parameters/where.html")).unwrap();
    assert!(served == whole, "a page rendered alone differs");
}

/// A file that a page loads, from the page.
fn beside(page: &Path, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    let target = target.split(['?', '#']).next().unwrap();
    for part in page.parent().unwrap().join(target).components() {
        if part == Component::ParentDir {
            path.pop();
        } else if part != Component::CurDir {
            path.push(part);
        }
    }
    path
}

/// What a page loads as it is opened: style sheets, scripts, the pictures in it, and of the fonts
/// those whose letters it shows.
fn loaded(page: &Path, text: &str) -> BTreeSet<PathBuf> {
    let tag = Regex::new(r#"<link\b[^>]*rel="stylesheet"[^>]*>|<(?:script|img)\b[^>]*>"#).unwrap();
    let target = Regex::new(r#"\b(?:href|src)="([^":]+)""#).unwrap();
    let media = "media=\"print\"";
    let mut found: BTreeSet<PathBuf> = tag
        .find_iter(text)
        .filter(|tag| !tag.as_str().contains(media))
        .filter_map(|tag| target.captures(tag.as_str()).map(|c| beside(page, &c[1])))
        .filter(|path| path.is_file())
        .collect();
    let face = Regex::new(r"(?s)@font-face\s*\{(.*?)\}").unwrap();
    let url = Regex::new(r#"url\(["']?([^"')]+\.woff2)"#).unwrap();
    let sheets: Vec<PathBuf> =
        found.iter().filter(|p| p.extension().is_some_and(|e| e == "css")).cloned().collect();
    for sheet in sheets {
        let css = fs::read_to_string(&sheet).unwrap();
        for face in face.captures_iter(&css) {
            if let Some(file) = url.captures(&face[1]).filter(|_| shows(text, &face[1])) {
                found.insert(beside(&sheet, &file[1]));
            }
        }
    }
    found
}

/// Does a page show letters of a font? Of the text's fonts a page shows the upright ones, and the
/// slanted where something is emphasised; of KaTeX's those whose class a formula has.
fn shows(text: &str, face: &str) -> bool {
    let has = |part: &str| text.contains(part);
    let name = face.split("url(").nth(1).unwrap_or_default();
    let katex: [(&str, &[&str]); 16] = [
        ("KaTeX_Main-Regular", &["class=\"katex\""]),
        ("KaTeX_Main-BoldItalic", &["boldsymbol"]),
        ("KaTeX_Main-Bold", &["mathbf", "textbf"]),
        ("KaTeX_Main-Italic", &["mathit", "textit"]),
        ("KaTeX_Math-BoldItalic", &["boldsymbol"]),
        ("KaTeX_Math-Italic", &["mathnormal"]),
        ("KaTeX_AMS", &["amsrm", "mathbb"]),
        ("KaTeX_Caligraphic", &["mathcal"]),
        ("KaTeX_Fraktur", &["mathfrak"]),
        ("KaTeX_SansSerif", &["mathsf", "textsf"]),
        ("KaTeX_Script", &["mathscr"]),
        ("KaTeX_Typewriter", &["mathtt", "texttt"]),
        ("KaTeX_Size1", &["size1", "small-op"]),
        ("KaTeX_Size2", &["size2", "large-op"]),
        ("KaTeX_Size3", &["size3"]),
        ("KaTeX_Size4", &["size4"]),
    ];
    match katex.iter().find(|(font, _)| name.contains(font)) {
        Some((_, classes)) => classes.iter().any(|class| has(class)),
        None => {
            let weight = Regex::new(r"font-weight:\s*(\w+)").unwrap();
            let weight = weight.captures(face).map_or("400".into(), |c| c[1].to_owned());
            let is = |weights: &[&str]| weights.contains(&weight.as_str());
            let slanted = face.contains("italic");
            match name.to_lowercase() {
                code if code.contains("code") || code.contains("mono") => has("<code"),
                _ if slanted => is(&["400", "normal"]) && (has("<em>") || has("<i>")),
                _ => is(&["400", "normal", "600", "700", "bold"]),
            }
        }
    }
}

fn compressed(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

/// The weight of a file on its way; fonts and pictures are compressed already.
fn weight(path: &Path) -> usize {
    let bytes = fs::read(path).unwrap();
    let text =
        path.extension().is_some_and(|e| ["html", "css", "js", "svg"].iter().any(|t| e == *t));
    if text { compressed(&bytes) } else { bytes.len() }
}

#[test]
fn no_page_is_heavy() {
    let _alone = alone();
    let copy = Copy::new();
    let output = copy.bookbinder(&["--frozen"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let root = copy.root().join("target/book");
    let mut pages: Vec<(usize, String)> = Vec::new();
    for page in files(&root, ".html") {
        // The print page is the whole book; the list of contents is part of every page.
        if page.ends_with("print.html") || page.ends_with("toc.html") {
            continue;
        }
        let text = fs::read_to_string(&page).unwrap();
        let loaded = loaded(&page, &text);
        assert!(loaded.len() > 3, "{}: {loaded:?}", page.display());
        let of_search = |path: &&PathBuf| {
            path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("searchindex"))
        };
        let parts: usize = loaded.iter().filter(|p| !of_search(p)).map(|p| weight(p)).sum();
        let name = page.strip_prefix(&root).unwrap().display().to_string();
        pages.push((compressed(text.as_bytes()) + parts, name));
    }
    pages.sort();
    let mean = pages.iter().map(|(bytes, _)| bytes).sum::<usize>() / pages.len();
    for (bytes, page) in pages.iter().rev().take(5) {
        println!("{:6.1} kB {page}", *bytes as f64 / 1000.0);
    }
    println!("{} pages, mean {:.1} kB", pages.len(), mean as f64 / 1000.0);
    let heavy: Vec<_> = pages.iter().filter(|(bytes, _)| *bytes > HEAVIEST).collect();
    assert!(heavy.is_empty(), "{heavy:?}");
}
