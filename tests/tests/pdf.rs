//! The PDF, where a browser is found: A4, an outline, links inside it, and none to a file.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::fs;

use book_tests::{Copy, said};
use notebook::testing::skip;
use regex::bytes::Regex;

fn count(bytes: &[u8], pattern: &str) -> usize {
    Regex::new(pattern).unwrap().find_iter(bytes).count()
}

#[test]
#[ignore = "takes minutes: the whole book is printed"]
fn the_book_is_printed() {
    if bookbinder::browser::find().is_none() {
        return skip("the PDF", "no Chromium found (set BOOK_BROWSER)");
    }
    let copy = Copy::new();
    let path = copy.root().join("book.pdf");
    // However busy the machine is; a browser that hangs is ended all the same.
    let patient = ["pdf", "--timeout", "3600", "--out", path.to_str().unwrap()];
    let output = copy.bookbinder(&patient);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    // Chromium compresses the streams of a page and leaves the objects around them readable.
    let pages = count(&bytes, r"/Type /Page\b");
    // Those of the contents stand twice: as printed, and with their numbers.
    let changed = count(&bytes, r"/Contents \[\d+ 0 R \d+ 0 R \d+ 0 R\]");
    let pages = pages - changed;
    assert!(pages > 60 && (1..9).contains(&changed), "{pages} pages, {changed} of contents");
    // A4 is 595.28 by 841.89 points; the browser rounds to its own pixels.
    let boxes = count(&bytes, r"/MediaBox \[0 0 59[45][\d.]* 84[12][\d.]*\]");
    assert_eq!(boxes, pages + changed, "a page that is not A4");
    assert!(count(&bytes, r"/Outlines\b") >= 1, "no outline");
    assert!(count(&bytes, r"/StructTreeRoot\b") >= 1, "no tags");
    assert!(count(&bytes, r"/Dest\b") > 300, "links inside the book");
    assert_eq!(count(&bytes, r"/URI \(file:"), 0, "a link to a file of this machine");
    assert!(count(&bytes, r"/URI \(https://doi\.org") > 10, "links to the sources");
    assert!(count(&bytes, r"/FontFile") > 3, "fonts that are not embedded");
    // The contents say on which page each entry is, and the file who wrote it.
    let numbers = count(&bytes, r"Td \(\d+\) Tj");
    assert!(numbers > 60, "{numbers} entries of the contents have a number");
    assert!(count(&bytes, r"/Author <FEFF[0-9A-F]{8,}>") == 1, "no author");
    assert_eq!(count(&bytes, r"startxref"), 2, "the update stands behind the file");
    // The outline holds the headings as text.
    assert!(count(&bytes, "What is different here") >= 1, "a heading in the outline");
}

#[test]
fn what_the_browser_says_is_told_and_nothing_is_written() {
    let copy = Copy::new();
    let path = copy.root().join("book.pdf");
    let with =
        |browser: &str, out: &str| copy.bookbinder(&["pdf", "--browser", browser, "--out", out]);
    let output = with("/none/chromium", path.to_str().unwrap());
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("there is no browser at /none/chromium"), "{}", said(&output));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        copy.write("browser", "#!/bin/sh\necho the display is on fire >&2\nexit 7\n");
        let browser = copy.root().join("browser");
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
        let output = with(browser.to_str().unwrap(), path.to_str().unwrap());
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(
            said(&output).contains("its last words: the display is on fire"),
            "{}",
            said(&output)
        );
    }
    assert!(!path.exists());
}
