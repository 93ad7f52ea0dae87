//! A lint for prose: what a careful editor would ask about, with file, line and column.
//!
//! ```text
//! book/01-dice/index.md:12:9: warning[typed-number]: `2.4 s` is a measured number typed by hand; write …
//! ```
//!
//! A rule is a module with a function that reads the [`Manuscript`] and tells the [`Findings`].
//! To add one, write the module and give it a line in [`RULES`]. Warnings never stop a build; an
//! exception is marked in the source ([`exceptions`]).

use std::collections::BTreeMap;
use std::path::Path;

use notebook::cli::plural;
use notebook::terminal::paint;

use crate::book::Book;

pub mod early_term;
pub mod exceptions;
pub mod figure_number;
pub mod filler;
pub mod findings;
pub mod hygiene;
pub mod long_sentence;
pub mod manuscript;
pub mod points;
pub mod settings;
pub mod spelling;
pub mod tex;
pub mod theme_word;
pub mod typed_number;
pub mod undefined_symbol;
pub mod vague_reference;

pub use findings::{Finding, Findings};
pub use manuscript::Manuscript;

/// The name of a rule, and the function that finds what breaks it.
pub type Rule = (&'static str, fn(&Manuscript<'_>, &mut Findings<'_>));

/// Every rule, by the name that an exception gives it.
// ANCHOR: rules
pub const RULES: [Rule; 13] = [
    ("doubled-word", hygiene::doubled_word),
    ("double-space", hygiene::double_space),
    ("early-term", early_term::check),
    ("filler", filler::check),
    ("heading-skip", hygiene::heading_skip),
    ("long-sentence", long_sentence::check),
    ("points", points::check),
    ("spelling", spelling::check),
    (theme_word::RULE, theme_word::check),
    ("typed-number", typed_number::check),
    ("undefined-symbol", undefined_symbol::check),
    ("unfinished", hygiene::unfinished),
    ("vague-reference", vague_reference::check),
];
// ANCHOR_END: rules

/// All that was found, in the order of files and lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Each finding.
    pub findings: Vec<Finding>,
}

impl Report {
    /// One a line, then how many there are of each rule; empty where there are none.
    pub fn show(&self, colour: bool) -> String {
        let mut text = String::new();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for Finding { file, line, column, rule, message } in &self.findings {
            *counts.entry(rule).or_default() += 1;
            let warning = paint(&format!("warning[{rule}]:"), "1;33", colour);
            text.push_str(&format!("{file}:{line}:{column}: {warning} {message}\n"));
        }
        if !counts.is_empty() {
            let each: Vec<String> =
                counts.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
            let total = plural(self.findings.len(), "warning");
            text.push_str(&format!("{total} about the prose: {}\n", each.join(", ")));
        }
        text
    }
}

/// Reads `lint.toml` below `root`, where there is one, and applies every rule to the book, and those of
/// [`figure_number`] and [`theme_word`] to the code.
///
/// # Errors
/// Where `lint.toml` cannot be read or understood.
pub fn check(root: &Path, book: &Book) -> anyhow::Result<Report> {
    let mut report = check_with(book, settings::Settings::read(root)?);
    report.findings.extend(figure_number::check(root));
    report.findings.extend(theme_word::check_code(root));
    report.findings.sort();
    Ok(report)
}

/// Applies every rule to the book.
pub fn check_with(book: &Book, settings: settings::Settings) -> Report {
    let manuscript = Manuscript::new(book, settings);
    let exceptions = exceptions::read(&manuscript, &RULES.map(|(name, _)| name));
    let mut findings = Findings::new(&manuscript, &exceptions);
    for (name, rule) in RULES {
        findings.rule = name;
        rule(&manuscript, &mut findings);
    }
    let mut found = findings.finish();
    found.sort();
    found.dedup();
    Report { findings: found }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::settings::Settings;
    use super::*;
    use crate::tests::book;

    /// What is found on a page of a chapter with `text`: rule, line, column, message.
    pub fn found(text: &str) -> Vec<(&'static str, usize, usize, String)> {
        found_in(&[("01-dice/index.md", text)], "")
    }

    /// What is found in a book of pages, under the settings in `toml`.
    pub fn found_in(
        pages: &[(&str, &str)],
        toml: &str,
    ) -> Vec<(&'static str, usize, usize, String)> {
        let report = check_with(&book(pages), Settings::parse(toml).unwrap());
        report.findings.into_iter().map(|f| (f.rule, f.line, f.column, f.message)).collect()
    }

    /// The rules that fire on a page with `text`.
    pub fn fired(text: &str) -> Vec<&'static str> {
        found(text).into_iter().map(|(rule, ..)| rule).collect()
    }

    #[test]
    fn a_finding_reads_as_an_editor_expects() {
        let book = book(&[("01-dice/index.md", "# T\n\nIt took 3 ms. The the.\n")]);
        let report = check_with(&book, Settings::default());
        let text = report.show(false);
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].starts_with("book/01-dice/index.md:3:9: warning[typed-number]: `3 ms`"),
            "{text}"
        );
        assert!(lines[1].starts_with("book/01-dice/index.md:3:19: warning[doubled-word]:"));
        assert_eq!(lines[2], "2 warnings about the prose: doubled-word 1, typed-number 1");
        assert_eq!(Report::default().show(false), "");
    }

    #[test]
    fn columns_count_characters_and_lines_may_end_in_two() {
        let places: Vec<_> = found("Título\r\n\r\nÉ ç — “ü” took 3 ms.\r\nthe the\r\n")
            .into_iter()
            .map(|(rule, line, column, _)| (rule, line, column))
            .collect();
        assert_eq!(places, [("typed-number", 3, 16), ("doubled-word", 4, 5)]);
    }

    #[test]
    fn what_is_no_prose_is_not_read() {
        let text = "`the the 3 ms`\n\n```text\nthe the 3 ms TODO\n```\n\n<!-- the the 3 ms -->\n\n<div title=\"the the 3 ms\"></div>\n\n[link](the-the-3-ms.md) {{#value a/b the the 3 ms}} <https://example.org/teh>\n";
        assert_eq!(fired(text), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r"([a-zé0-9 .,*_#>|$`{}<!\\^=-]|\n|\r\n|\{\{#term a \| b\}\}|<!-- lint: allow filler: x -->|```math\n|\$`|`\$|\\sum_|\\frac|% |“|”){0,80}") {
            let _ = found_in(&[("01-a/index.md", &text), ("notation.md", &text), ("glossary.md", &text)], "[[phrase]]\nfind = [\"a|b\"]\nwrite = \"c\"\nwhy = \"d\"\n");
        }
    }
}
