//! Plants every fault that should stop a build, and expects its message.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use book_tests::{Copy, said};

const PAGE: &str = "book/14-parameters/where.md";

/// What can stand on a page and is a fault, by kind: the text, and what is said of it. What has no
/// end comes last, for it swallows what follows.
const ON_A_PAGE: [(&str, &str); 28] = [
    // A directive, its arguments, its format.
    ("{{#valeu parameters/lecture figures}}", "did you mean `value`?"),
    ("{{#value parameters/lecture figurs | int}}", "did you mean `figures`?"),
    ("{{#value parameters/lectur figures | int}}", "did you mean `lecture`?"),
    ("{{#value parametres/lecture figures | int}}", "did you mean `parameters`?"),
    ("{{#value parameters/lecture figures | furlongs}}", "unknown format `furlongs`"),
    ("{{#figure parameters/stage}}", "did you mean `stages`?"),
    ("{{#table parameters/sizes modells | Sizes.}}", "did you mean `models`?"),
    // What is referred to.
    ("As shown {{#cite he2061}}.", "he2016"),
    ("See {{#ref figure:parameters/partz}}.", "figure:parameters/parts"),
    ("See {{#ref equation:bottelneck}}.", "equation:bottleneck"),
    ("A {{#term bufer}}.", "buffer"),
    ("True. {{#claim parameters/lecture unit-is-gb}}", "unit-is-gib"),
    // A listing's file, and its anchor.
    ("```rust\n{{#include ../../chapters-code/14-parameters/src/nothing.rs:a}}\n```", "nothing.rs"),
    (
        "```rust\n{{#include ../../chapters-code/14-parameters/src/composition.rs:part_off}}\n```",
        "part_of",
    ),
    // A formula.
    ("So $`\\frac{1`$.", "does not parse"),
    ("```math\n\\unknowncommand{x}\n```", "unknowncommand"),
    // Marks of Markdown that nothing took.
    ("As said[^nobody].", "the footnote is not defined"),
    ("See [there][nowhere].", "the link has no definition"),
    ("So $$x$$ holds.", "begins no formula"),
    ("An open $`x` one.", "a dollar on one side only"),
    // Ids, links, the network.
    ("## 🎉", "has no id; give it one"),
    ("<i id=\"twice\"></i><i id=\"twice\"></i>", "the id `twice` stands twice"),
    ("See [there](wher.md).", "wher.md"),
    ("See [there](sizes.md#nowhere).", "nowhere"),
    ("<img src=\"https://example.org/a.png\" alt=\"a\">", "https://example.org/a.png"),
    ("{{#cite}}", "needs a key"),
    ("{{#nonsense}}", "nonsense"),
    ("{{#value parameters/lecture figures", "}}"),
];

/// Every fault is told, and all in one go: a page with one of each is bound once.
#[test]
fn each_fault_on_a_page_is_told_with_its_line() {
    let copy = Copy::new();
    let planted = ON_A_PAGE.map(|(text, expected)| {
        // In a fence the fault is on the line after the opening one.
        let line = copy.append(PAGE, text) + usize::from(text.starts_with("```"));
        (format!("{PAGE}:{line}: "), expected)
    });
    let output = copy.bookbinder(&["check", "--without-exercises"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for (place, expected) in planted {
        let told = text.lines().any(|l| l.contains(&place) && l.contains(expected));
        assert!(told, "no line has {place:?} and {expected:?}:\n{text}");
    }
}

#[track_caller]
fn expect(copy: &Copy, place: &str, expected: &str) {
    let output = copy.bookbinder(&["check", "--without-exercises"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let named = text.lines().any(|l| l.contains(place) && l.contains(expected));
    assert!(named, "no line has {place:?} and {expected:?}:\n{text}");
}

#[test]
fn what_mdbook_warns_of() {
    let copy = Copy::new();
    copy.append(PAGE, "An <em>open tag.");
    let output = copy.bookbinder(&["--frozen"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("`<em>`") && text.contains("1 warning of mdBook"), "{text}");
}

#[test]
fn stale_result() {
    let copy = Copy::new();
    let code = "chapters-code/14-parameters/src/count.rs";
    copy.append(code, "/// Not a number, only a comment.\nconst _COMMENT: () = ();");
    expect(&copy, "book/14-parameters/", "the code of `parameters` changed");
    let output = copy.bookbinder(&["--frozen"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("cargo run --release -p parameters -- run"),
        "{}",
        said(&output)
    );
    assert!(!copy.root().join("target/book/index.html").exists(), "a stale book was rendered");
}

#[test]
fn a_comment_is_not_stale() {
    let copy = Copy::new();
    copy.append("chapters-code/14-parameters/src/count.rs", "// Only a comment.");
    let output = copy.bookbinder(&["check", "--without-exercises"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn absent_and_damaged_results() {
    let results = "chapters-code/14-parameters/results/lecture.json";
    let copy = Copy::new();
    std::fs::remove_file(copy.root().join(results)).unwrap();
    expect(
        &copy,
        "book/14-parameters/",
        "not recorded yet; run `cargo run --release -p parameters -- run lecture`",
    );
    copy.write(results, "{\"schema\": 1,");
    expect(&copy, "book/14-parameters/", "is damaged");
    copy.write(results, "{\"schema\": 99}");
    expect(&copy, "book/14-parameters/", "has schema 99");
}

#[test]
fn false_claim() {
    let copy = Copy::new();
    copy.replace(
        "chapters-code/14-parameters/results/lecture.json",
        "\"holds\": true",
        "\"holds\": false",
    );
    expect(&copy, "book/14-parameters/", "false");
}

#[test]
fn chapter_without_a_crate() {
    let copy = Copy::new();
    copy.write("book/15-scaling/index.md", "# What does size buy?\n");
    copy.replace(
        "book/SUMMARY.md",
        "[What does size buy?]()",
        "[What does size buy?](15-scaling/index.md)",
    );
    expect(&copy, "book/SUMMARY.md:", "15-scaling");
}

#[test]
fn crate_without_a_chapter() {
    let copy = Copy::new();
    let summary = copy.read("book/SUMMARY.md");
    let without: Vec<_> = summary.lines().filter(|l| !l.contains("(14-parameters/")).collect();
    copy.write("book/SUMMARY.md", &without.join("\n"));
    expect(&copy, "book/SUMMARY.md:", "parameters");
}

#[test]
fn reference_without_an_address() {
    let copy = Copy::new();
    copy.append(
        "book/references.bib",
        "@article{doe2020, author = {Doe, Jane}, title = {A}, year = {2020}}",
    );
    expect(&copy, "book/references.bib", "doe2020");
}

#[test]
fn an_anchor_that_no_page_uses_is_a_warning() {
    let copy = Copy::new();
    copy.append(
        "chapters-code/14-parameters/src/count.rs",
        "// ANCHOR: lonely\n// ANCHOR_END: lonely",
    );
    let output = copy.bookbinder(&["check", "--without-exercises"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).contains("warning: no page includes anchor `lonely`"),
        "{}",
        said(&output)
    );
}

#[test]
fn prose_is_warned_of_and_binds() {
    let copy = Copy::new();
    let line = copy
        .append(PAGE, "It took 3 ms, which is is very little. <!-- lint: allow filler: theirs -->");
    let output = copy.bookbinder(&["check", "--without-exercises"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for expected in [
        format!("{PAGE}:{line}:9: warning[typed-number]: `3 ms`"),
        format!("{PAGE}:{line}:24: warning[doubled-word]"),
    ] {
        assert!(text.contains(&expected), "{expected} is not told: {text}");
    }
    assert!(!text.contains("warning[filler]") && !text.contains("warning[exception]"), "{text}");
    let output = copy.bookbinder(&["--frozen"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!said(&output).contains("warning["), "{}", said(&output));
}

#[test]
fn every_fault_is_told_in_one_go() {
    let copy = Copy::new();
    copy.append(
        PAGE,
        "{{#nonsense}}\n\n{{#cite nobody1900}}\n\n[dead](nowhere.md)\n\n$`\\frac{1`$",
    );
    copy.append("book/14-parameters/fit.md", "{{#figure parameters/none}}");
    copy.replace(
        "chapters-code/14-parameters/results/sizes.json",
        "\"holds\": true",
        "\"holds\": false",
    );
    let output = copy.bookbinder(&[]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for expected in ["nonsense", "nobody1900", "nowhere.md", "frac", "figure `none`"] {
        assert!(text.contains(expected), "{expected} is not told: {text}");
    }
    assert!(!copy.root().join("target/book/index.html").exists());
}

#[test]
fn bad_usage_has_status_2() {
    let copy = Copy::new();
    for arguments in [&["--nonsense"][..], &["bind"], &["run", "no-such-chapter"]] {
        let output = copy.bookbinder(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
    }
}
