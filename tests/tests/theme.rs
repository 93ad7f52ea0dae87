//! The one template of mdBook's that the book overrides is pinned to the version it was taken from.

#![allow(clippy::unwrap_used)]

use std::fs;

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
fn every_font_is_used_and_listed_with_its_sum() {
    let styles = read("book/theme/fonts/fonts.css");
    let data = read("DATA.md");
    for entry in fs::read_dir(checkout().join("book/theme/fonts")).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if name.ends_with(".woff2") {
            assert!(styles.contains(&name), "{name} is not used");
            let bytes = entry.metadata().unwrap().len();
            assert!(data.contains(&format!("| `{name}` | {bytes} |")), "DATA.md lacks {name}");
        }
    }
}
