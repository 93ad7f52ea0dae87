//! What a page weighs on its way to a reader, reckoned from the files alone; in a browser, where there is
//! one, `browser/pages.rs` asks what is really loaded.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use book_tests::{built, files};
use flate2::Compression;
use flate2::write::GzEncoder;
use regex::Regex;

/// The most that a page may weigh, compressed, without the search index.
const HEAVIEST: usize = 300_000;

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
    let root = built::book();
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
