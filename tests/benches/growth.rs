//! How the work grows with the book: the time to bind and to render it by chapters and by pages, and
//! what a saved page costs. Nothing fails because of it; it is read.
//!
//! ```console
//! $ cargo bench -p book-tests --bench growth             # the written chapters, twice and four times
//! $ cargo bench -p book-tests --bench growth -- large    # up to twelve times, which takes minutes
//! ```

#![allow(clippy::unwrap_used)] // in a measurement, a panic is the report

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use book_tests::served::Served;
use book_tests::{Copy, synthetic};
use bookbinder::bind::{Bound, bind_again};
use bookbinder::book::Book;
use bookbinder::cache::Cache;
use bookbinder::faults::Faults;
use bookbinder::render::{self, Prepared};
use bookbinder::settings::Settings;
use mdbook_driver::book::{Book as RawBook, Chapter as Page};
use notebook::Workspace;

fn main() {
    let large = std::env::args().any(|argument| argument == "large");
    // Whole rounds of the written chapters, for some are larger than others.
    let rounds = if large { [3, 6, 12] } else { [1, 2, 4] };
    let written = synthetic::written();
    let books = rounds.map(|rounds| build(rounds * written));
    // Where each page or claim goes through all the others, a chapter costs twice as much in the end.
    growth("binding it first", &books, |took| took.first);
    growth("binding it again", &books, |took| took.binding);
    growth("rendering it", &books, |took| took.rendering);
    pages();
    a_saved_page();
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
    synthetic::enlarge(&copy, chapters);
    let settings = Settings::read(copy.root()).unwrap();
    let cache = Cache::default();
    let bind = || {
        let started = spent();
        let workspace = Workspace::open(copy.root()).unwrap();
        let mut faults = Faults::default();
        let book = Book::read(copy.root(), &settings.source, &mut faults).unwrap();
        let bound = bind_again(&workspace, &book, &settings, &cache, &mut faults);
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
fn growth(name: &str, books: &[Took; 3], time: fn(&Took) -> f64) {
    let cost = |i: usize| {
        let (small, large) = (&books[i], &books[i + 1]);
        (time(large) - time(small)) / (large.chapters - small.chapters) as f64
    };
    let (small, large) = (cost(0), cost(1));
    println!("{name}: a chapter costs {small:.3} s, then {large:.3} s, {:.2} times", large / small);
}

/// What a page of a line costs, so that their number weighs more than what they hold.
fn pages() {
    let copy = Copy::new();
    let settings = Settings::read(copy.root()).unwrap();
    let book = Book::read(copy.root(), &settings.source, &mut Faults::default()).unwrap();
    let mut prepared = Prepared::new(copy.root(), book, Bound::default()).unwrap();
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
    // 1 where the time grows with the pages, 2 where it grows with their square.
    let growth = (times[2] - times[1]) / (2.0 * (times[1] - times[0]));
    println!("{times:.2?} s to render 256, 512 and 1024 pages: a page costs {growth:.2} times");
}

/// What it takes to bind a book of eight chapters in which one page was saved.
fn a_saved_page() {
    let mut book = Served::new(8);
    let bound = |book: &mut Served| {
        let started = Instant::now();
        assert!(book.bind().result.is_ok());
        started.elapsed()
    };
    let whole = bound(&mut book);
    let mut quickest = Duration::MAX;
    for i in 0..3 {
        book.save(&format!("Sentence {i}."));
        quickest = quickest.min(bound(&mut book));
    }
    println!("the whole book {whole:.2?}, a saved page {quickest:.2?}");
}
