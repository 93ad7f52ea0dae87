//! Builds the whole book in a temporary folder and reads the pages.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use book_tests::built;
use book_tests::{Copy, bookbinder, files, said};
use mdbook_driver::MDBook;
use regex::Regex;

/// The rendered book.
fn rendered() -> &'static Path {
    static BOOK: LazyLock<PathBuf> = LazyLock::new(built::book);
    assert!(BOOK.join("index.html").is_file());
    &BOOK
}

/// Every rendered page but the print page, which repeats the others.
fn pages() -> Vec<(PathBuf, String)> {
    let all = files(rendered(), ".html");
    let pages: Vec<_> = all
        .into_iter()
        .filter(|p| !p.ends_with("print.html") && !p.ends_with("toc.html"))
        .map(|p| (p.clone(), fs::read_to_string(&p).unwrap()))
        .collect();
    assert!(pages.len() > 15, "{} pages", pages.len());
    pages
}

#[test]
fn a_second_build_gives_the_same_bytes_and_says_what_was_bound() {
    let copy = Copy::new();
    let output = copy.bookbinder(&["--frozen"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in
        ["pages", "figures", "values", "claims held", "formulas", "references", "oldest result"]
    {
        assert!(text.contains(part), "the summary has no {part}: {text}");
    }
    assert!(text.contains("index.html"), "{text}");
    assert!(!text.contains("warning"), "{text}");
    for (path, text) in pages() {
        let name = path.strip_prefix(rendered()).unwrap();
        let other = fs::read_to_string(copy.root().join("target/book").join(name)).unwrap();
        assert!(text == other, "{} differs from one build to the next", name.display());
    }
}

#[test]
fn no_page_asks_the_network() {
    // A link that a person may follow is no request. What a browser fetches by itself is.
    let fetched = Regex::new(
        r#"(?i)<(?:script|img|image|iframe|source|audio|video|embed|object|input)\b[^>]*?\s(?:src|srcset|data|href|xlink:href)\s*=\s*["']?\s*(?:https?:)?//|<link\b[^>]*?\shref\s*=\s*["']?\s*(?:https?:)?//"#,
    )
    .unwrap();
    let in_css = Regex::new(r#"(?i)(?:url\(\s*["']?|@import\s+["']?)\s*(?:https?:)?//"#).unwrap();
    let in_script =
        Regex::new(r#"(?i)(?:fetch|import|importScripts)\s*\(\s*["'](?:https?:)?//"#).unwrap();
    for (path, text) in pages() {
        for pattern in [&fetched, &in_css, &in_script] {
            let found = pattern.find(&text).map(|m| m.as_str());
            assert_eq!(found, None, "{}", path.display());
        }
    }
    for path in files(rendered(), ".css") {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(in_css.find(&text).map(|m| m.as_str()), None, "{}", path.display());
    }
    for path in files(rendered(), ".js") {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(in_script.find(&text).map(|m| m.as_str()), None, "{}", path.display());
    }
    // The patterns themselves: each finds what it is for.
    assert!(fetched.is_match("<img alt='' src=\"https://example.org/a.png\">"));
    assert!(fetched.is_match("<link rel=stylesheet href=//example.org/a.css>"));
    assert!(
        in_css.is_match("@import \"https://example.org/a.css\"")
            && in_css.is_match("url(//example.org/a)")
    );
    assert!(!fetched.is_match("<a href=\"https://example.org\">"));
}

#[test]
fn every_link_inside_the_book_leads_somewhere() {
    let id = Regex::new(r#"\sid\s*=\s*["']([^"']+)["']"#).unwrap();
    let link = Regex::new(r#"(?:href|src)\s*=\s*["']([^"']+)["']"#).unwrap();
    let ids: BTreeMap<PathBuf, BTreeSet<String>> = pages()
        .into_iter()
        .map(|(path, text)| (path, id.captures_iter(&text).map(|c| c[1].to_owned()).collect()))
        .collect();
    let mut dead = Vec::new();
    let mut links = 0;
    for (path, text) in pages() {
        // The page for addresses that do not exist is served from any of them.
        if path.ends_with("404.html") {
            continue;
        }
        for found in link.captures_iter(&text) {
            let target = found[1].replace("&amp;", "&");
            if target.contains(':') || target.starts_with("//") {
                continue;
            }
            links += 1;
            let (file, fragment) = target.split_once('#').unwrap_or((&target, ""));
            let file = match file {
                "" => path.clone(),
                file => clean(&path.parent().unwrap().join(file)),
            };
            let known = ids.get(&file).is_none_or(|ids| ids.contains(fragment));
            if !file.exists() || !(fragment.is_empty() || known) {
                dead.push(format!("{} -> {target}", path.display()));
            }
        }
    }
    assert!(links > 500, "only {links} links were found");
    assert_eq!(dead, Vec::<String>::new());
}

/// A path without `.` and `..`; a folder means its index page.
fn clean(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_dir() { parts.join("index.html") } else { parts }
}

#[test]
fn ids_are_unique_on_every_page() {
    let id = Regex::new(r#"<[a-zA-Z][^>]*?\sid\s*=\s*["']([^"']+)["']"#).unwrap();
    for (path, text) in pages() {
        let mut seen = BTreeSet::new();
        for found in id.captures_iter(&text) {
            assert!(seen.insert(found[1].to_owned()), "{}: id {} twice", path.display(), &found[1]);
        }
    }
}

#[test]
fn every_figure_speaks_and_shows_its_data() {
    let figure = Regex::new(r#"(?s)<figure [^>]*class="figure".*?</figure>"#).unwrap();
    let mut figures = 0;
    for (path, text) in pages() {
        for found in figure.find_iter(&text) {
            figures += 1;
            for part in [
                "role=\"img\"",
                "<title",
                "<desc",
                "<figcaption",
                "<details",
                "<table",
                "cargo run",
            ] {
                assert!(
                    found.as_str().contains(part),
                    "{}: a figure without {part}",
                    path.display()
                );
            }
        }
    }
    assert!(figures >= 12, "{figures} figures");
}

#[test]
fn nothing_is_left_unresolved() {
    // Appendix B shows how directives are written, in code.
    let code = Regex::new(r"(?s)<(pre|code)\b.*?</(pre|code)>").unwrap();
    for (path, text) in pages() {
        let outside = code.replace_all(&text, "");
        assert!(!outside.contains("{{#"), "{}: a directive in the text", path.display());
        assert!(
            !text.contains("$`") || path.ends_with("directives.html"),
            "{}: a formula in the text",
            path.display()
        );
    }
}

#[test]
fn stock_mdbook_builds_the_same_pages() {
    // What `mdbook build` does: load book.toml and call the preprocessor as a command.
    let copy = Copy::new();
    let command = "command = \"cargo run --quiet --package bookbinder -- preprocess\"";
    let program = bookbinder().display().to_string().replace('\\', "/");
    copy.replace("book.toml", command, &format!("command = \"'{program}' preprocess\""));
    MDBook::load(copy.root()).unwrap().build().unwrap();
    let stock = copy.root().join("target/book");
    let index = Regex::new("searchindex-[0-9a-f]{8}").unwrap();
    for (path, text) in pages() {
        let name = path.strip_prefix(rendered()).unwrap();
        let other = fs::read_to_string(stock.join(name)).unwrap();
        // The one difference: `cargo book` writes an index of its own for the search.
        let (text, other) = (index.replace_all(&text, "index"), index.replace_all(&other, "index"));
        assert_eq!(text.len(), other.len(), "{} differs", name.display());
        assert!(text == other, "{} differs", name.display());
    }
}
