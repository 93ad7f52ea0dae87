//! Builds the book for a site whose addresses are known, with a page that was moved.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use book_tests::built::Kind;
use book_tests::{Copy, checkout, files, said};

const SITE: &str = "https://example.org/from/features";

/// The folder of the rendered book.
fn site() -> &'static Path {
    static SITE_BOUND: LazyLock<PathBuf> = LazyLock::new(|| {
        let kind = Kind {
            site: Some("https://example.org/from/features/"),
            repository: Some("https://github.com/example/features"),
            // Redirects are the last section of book.toml.
            settings: "\"/02-features/colours.html\" = \"colour.html\"\n",
            ..Kind::default()
        };
        kind.book()
    });
    &SITE_BOUND
}

fn page(path: &str) -> String {
    fs::read_to_string(site().join(path)).unwrap()
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(
        text.contains(part),
        "no {part:?} in:\n{}",
        text.chars().take(6000).collect::<String>()
    );
}

#[test]
fn a_page_tells_where_its_code_and_its_text_are() {
    let text = page("02-features/colour.html");
    has(&text, "<p class=\"page-facts\">");
    has(&text, "href=\"https://github.com/example/features/tree/HEAD/chapters-code/02-features\"");
    has(&text, "href=\"https://github.com/example/features/edit/HEAD/book/02-features/colour.md\"");
    has(
        &text,
        "href=\"https://github.com/example/features/blob/HEAD/chapters-code/02-features/src/",
    );
}

#[test]
fn a_preview_has_absolute_addresses() {
    let text = page("02-features/colour.html");
    let address = format!("{SITE}/02-features/colour.html");
    has(&text, &format!("<link rel=\"canonical\" href=\"{address}\">"));
    has(&text, &format!("<meta property=\"og:url\" content=\"{address}\">"));
    has(&text, &format!("<meta property=\"og:image\" content=\"{SITE}/assets/social.png\">"));
    has(&page("index.html"), &format!("<link rel=\"canonical\" href=\"{SITE}/\">"));
    assert!(!page("print.html").contains("rel=\"canonical\""));
    assert!(site().join("assets/social.png").is_file());
    assert!(fs::metadata(checkout().join("book/assets/social.png")).unwrap().len() < 100_000);
}

#[test]
fn the_page_for_lost_readers_works_at_any_depth() {
    let text = page("404.html");
    has(&text, &format!("<base href=\"{SITE}/\">"));
    has(&text, "<a href=\"index.html\">the first page</a>");
    has(&text, "There is no such page");
}

#[test]
fn a_page_of_exercises_says_how_long_they_take() {
    let page = page("02-features/exercises.html");
    has(&page, " hours to solve</span>");
    assert!(!page.contains(" to read</span>"));
}

#[test]
fn a_moved_page_leads_on() {
    has(&page("02-features/colours.html"), "URL=colour.html");
    let copy = Copy::new();
    let line = copy.append("book/published.txt", "02-features/gone.html");
    let output = copy.bookbinder(&["check", "--without-exercises"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    has(
        &said(&output),
        &format!("book/published.txt:{line}: `02-features/gone.html` was published"),
    );
}

#[test]
fn the_search_finds_words_and_no_debris() {
    let indexes: Vec<_> = files(site(), ".js")
        .into_iter()
        .filter(|p| p.file_name().unwrap().to_string_lossy().starts_with("searchindex"))
        .collect();
    assert_eq!(indexes.len(), 1, "{indexes:?}");
    let name = indexes[0].file_name().unwrap().to_string_lossy().into_owned();
    has(&page("02-features/colour.html"), &name);
    let text = fs::read_to_string(&indexes[0]).unwrap();
    let json = text.strip_prefix("window.search = Object.assign(window.search, JSON.parse('");
    let json = json.and_then(|j| j.strip_suffix("'));")).unwrap();
    let json = json.replace("\\'", "'").replace("\\\\", "\\");
    let index: serde_json::Value = serde_json::from_str(&json).unwrap();
    // A section is a list of texts: its heading, its words.
    let holds = |section: &serde_json::Value, word: &str| {
        let texts = section.as_array().into_iter().flatten().filter_map(|text| text.as_str());
        texts
            .flat_map(str::split_whitespace)
            .any(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).eq_ignore_ascii_case(word))
    };
    let sections = index["index"]["sections"].as_array().unwrap();
    let urls = |word: &str| -> Vec<String> {
        let found = sections.iter().zip(index["doc_urls"].as_array().unwrap());
        let found = found.filter(|(section, _)| holds(section, word));
        found.map(|(_, url)| url.as_str().unwrap().to_owned()).collect()
    };
    let found = urls("photograph");
    assert!(found.iter().any(|url| url.starts_with("02-features/index.html#")), "{found:?}");
    // A word of a figure's caption.
    let found = urls("late");
    assert!(found.iter().any(|url| url.starts_with("14-parameters/where.html#")), "{found:?}");
    for debris in ["mathbf", "xmlns", "mathnormal", "viewbox", "tfrac"] {
        assert_eq!(urls(debris), Vec::<String>::new(), "{debris}");
    }
}
