//! The one template of mdBook's that the book overrides is pinned to the version it was taken from.

#![allow(clippy::unwrap_used)]

use std::fs;

use base64::Engine as _;
use book_tests::checkout;

fn read(path: &str) -> String {
    fs::read_to_string(checkout().join(path)).unwrap()
}

/// The version of a package in Cargo.lock.
fn locked(package: &str) -> String {
    let lock = read("Cargo.lock");
    let entry = lock.split("[[package]]").find(|p| p.contains(&format!("name = \"{package}\"\n")));
    let line = entry.unwrap().lines().find(|l| l.starts_with("version = ")).unwrap();
    line.trim_start_matches("version = ").trim_matches('"').to_owned()
}

#[test]
fn the_template_is_that_of_the_locked_mdbook() {
    let template = read("book/theme/index.hbs");
    let said = template.split("mdbook-html ").nth(1).unwrap();
    let said = said.split_whitespace().next().unwrap();
    assert_eq!(
        said,
        locked("mdbook-html"),
        "mdBook moved on: take its new index.hbs, mend it as the comment in book/theme/index.hbs lists, and name the version there"
    );
}

#[test]
fn every_font_in_a_sheet_is_listed_with_its_length() {
    let data = read("DATA.md");
    let styles = read("book/theme/fonts/fonts.css");
    let mut fonts = 0;
    for face in styles.split("@font-face").skip(1) {
        let name = face.split("/* ").nth(1).unwrap().split(" */").next().unwrap();
        let encoded = face.split("base64,").nth(1).unwrap().split('\'').next().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
        assert!(bytes.starts_with(b"wOF2"), "{name} is no font");
        let row = format!("| `{name}` | {} |", bytes.len());
        assert!(data.contains(&row), "DATA.md lacks {row}");
        fonts += 1;
    }
    assert!(fonts > 4);
}

#[test]
fn the_formula_fonts_in_their_sheet_are_katex_s() {
    let styles = read("book/assets/katex/first.css");
    for name in ["KaTeX_Main-Regular", "KaTeX_Math-Italic"] {
        let file = checkout().join(format!("book/assets/katex/fonts/{name}.woff2"));
        let encoded = base64::engine::general_purpose::STANDARD.encode(fs::read(file).unwrap());
        assert!(styles.contains(&encoded), "{name} is another");
    }
}
