//! `cargo book new-chapter`: what it writes builds, binds and passes, in a copy of the checkout; and
//! what it refuses leaves no trace.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use book_tests::{Copy, bookbinder, copy_folder, files, said};

/// A build folder that begins with what is compiled already: libraries are shared by hard links.
fn build_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-chapter");
    let _ = fs::remove_dir_all(&folder);
    let compiled = bookbinder().parent().unwrap();
    for part in [".fingerprint", "build", "deps"] {
        copy_folder(&compiled.join(part), &folder.join("debug").join(part), true);
    }
    folder
}

fn run(copy: &Copy, target: &Path, program: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(copy.root())
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn succeeds(output: &Output) -> String {
    let text = said(output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    text
}

/// Every file of a copy, data apart, with its bytes.
fn everything(copy: &Copy) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all: Vec<PathBuf> = ["book", "chapters-code"]
        .iter()
        .flat_map(|part| files(&copy.root().join(part), ""))
        .collect();
    all.extend(["Cargo.toml", "Cargo.lock"].map(|file| copy.root().join(file)));
    all.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Number and title of the first chapter that is still a draft.
fn first_draft(copy: &Copy) -> (usize, String) {
    let summary = copy.read("book/SUMMARY.md");
    let mut chapters = summary.lines().filter_map(|line| line.strip_prefix("- [")).zip(1..);
    let draft = chapters.find_map(|(line, n)| Some((n, line.strip_suffix("]()")?.to_owned())));
    draft.expect("a chapter is still to be written; else try the number after the last")
}

#[test]
fn a_new_chapter_builds_binds_and_passes() {
    let copy = Copy::new();
    let (number, title) = first_draft(&copy);
    let folder = format!("{number:02}-depth");
    for file in ["rustfmt.toml", "clippy.toml"] {
        fs::copy(book_tests::checkout().join(file), copy.root().join(file)).unwrap();
    }
    copy_folder(&book_tests::checkout().join("tests"), &copy.root().join("tests"), false);
    let target = build_folder();

    let number_as_text = number.to_string();
    let command = ["new-chapter", "depth", "--number", &number_as_text];
    let text = succeeds(&run(&copy, &target, bookbinder(), &command));
    assert!(text.contains("It builds and passes"), "{text}");
    assert!(!text.contains("warning"), "{text}");

    // The draft's title is the chapter's.
    let summary = copy.read("book/SUMMARY.md");
    assert!(summary.contains(&format!("- [{title}]({folder}/index.md)\n  - [")), "{summary}");
    assert!(!summary.contains(&format!("[{title}]()")));
    let made = |file: &str| copy.read(&format!("chapters-code/{folder}/results/{file}.json"));
    let results = made("throws");
    assert!(results.contains("\"chapter\": \"depth\"") && !results.contains("\"holds\": false"));
    assert!(made("chapter").contains("\"throws\"") && made("figures/throws").contains("<svg"));
    let manifest = copy.read("Cargo.toml");
    assert!(!manifest.contains("depth"), "the workspace takes what is in chapters-code: {manifest}");
    assert!(copy.read("Cargo.lock").contains("name = \"depth\""));

    // The bookbinder that is there renders it, without a word of warning.
    let text = succeeds(&run(&copy, &target, bookbinder(), &["--frozen"]));
    assert!(!text.contains("warning"), "{text}");
    let page = copy.read(&format!("target/book/{folder}/share.html"));
    let (figure, equation) = (format!("Figure {number}.1"), format!("({number}.1)"));
    for part in ["<svg", "class=\"katex\"", "pub fn share", "class=\"claim", &figure, &equation] {
        assert!(page.contains(part), "the section has no {part}");
    }

    // Its code is formatted, and its tests pass.
    let cargo = Path::new(env!("CARGO"));
    succeeds(&run(&copy, &target, cargo, &["fmt", "--check", "--package", "depth"]));
    let tests = ["test", "--package", "depth", "--lib", "--locked"];
    let text = succeeds(&run(&copy, &target, cargo, &tests));
    assert!(text.contains("3 passed"), "{text}");

    // A second one of that name is refused.
    let before = everything(&copy);
    let output = run(&copy, &target, bookbinder(), &["new-chapter", "depth"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(before, everything(&copy));
    let _ = fs::remove_dir_all(&target);
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let copy = Copy::new();
    let (number, _) = first_draft(&copy);
    let written = format!("chapter 2 is written, in 02-features; choose a free number: {number}, ");
    let number = &number.to_string()[..];
    let before = everything(&copy);
    for (arguments, expected) in [
        (&["Depth"][..], "is not a crate's name"),
        (&["match"], "another word"),
        (&["features"], "is there already, in chapters-code/02-features"),
        (&["rand"], "in Cargo.lock"),
        (&["depth", "--number", "2"], &written),
        (&["depth", "--number", "99"], "no place for chapter 99"),
        (&["depth", "--after", "learning"], "chapter 2 is written"),
        (&["depth", "--after", "lerning"], "did you mean `learning`?"),
        (&["depth", "--title", "a [link](x)"], "marks that Markdown reads"),
        (&["depth", "--number", number, "--after", "features"], "cannot be used with"),
        (&[], "NAME"),
    ] {
        let output = copy.bookbinder(&[&["new-chapter"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
    let folder = format!("book/{number:0>2}-depth");
    fs::write(copy.root().join(&folder), "in the way").unwrap();
    let output = copy.bookbinder(&["new-chapter", "depth", "--number", number]);
    assert!(said(&output).contains(&format!("{folder} is there already")), "{}", said(&output));
    fs::remove_file(copy.root().join(&folder)).unwrap();
    assert_eq!(before, everything(&copy));
}

#[test]
fn a_failure_is_undone() {
    // Cargo cannot be run at all: the last step fails after everything was written.
    let copy = Copy::new();
    let before = everything(&copy);
    let output = Command::new(bookbinder())
        .args(["new-chapter", "depth", "--root"])
        .arg(copy.root())
        .env("CARGO", copy.root().join("no-cargo"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("everything is as it was before"), "{}", said(&output));
    assert_eq!(before, everything(&copy));
}
