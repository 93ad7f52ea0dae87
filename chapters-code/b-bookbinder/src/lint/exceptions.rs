//! Exceptions, which the author marks in the source with a reason.
//!
//! ```text
//! <!-- lint: allow typed-number: the paper's own figure -->
//! The authors report 91.2 per cent.
//!
//! They report 91.2 per cent. <!-- lint: allow typed-number, filler: their own words -->
//! ```
//!
//! On a line of its own it holds for the paragraph, heading or formula that follows; within or behind
//! a paragraph, list item or row of a table it holds for that one.

use std::ops::Range;

use super::manuscript::{Block, Prose};
use super::{Findings, Manuscript, RULES};
use crate::markup::Markup;
use crate::text::{line_around, nearest};

/// A rule that may be broken in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Where the comment stands.
    pub offset: usize,
    /// The rule's name.
    pub rule: String,
    /// The bytes that it holds for.
    pub region: Range<usize>,
}

/// Reads the exceptions of a page into its prose.
pub fn read(text: &str, markup: &Markup, prose: &mut Prose) {
    for html in &markup.html {
        let mut from = html.start;
        while let Some(start) = text[from..html.end].find("<!--").map(|i| from + i) {
            let end = text[start..html.end].find("-->").map_or(html.end, |i| start + i + 3);
            let comment = text[start + 4..end].trim_end_matches("-->").trim();
            if let Some(rest) = comment.strip_prefix("lint:") {
                match parse(rest) {
                    Err(fault) => prose.faulty.push((start, fault)),
                    Ok(rules) => {
                        let region = region(text, &prose.blocks, start..end);
                        let exception = |rule: &str| Exception {
                            offset: start,
                            rule: rule.to_owned(),
                            region: region.clone(),
                        };
                        prose.exceptions.extend(rules.into_iter().map(exception));
                    }
                }
            }
            from = end;
        }
    }
}

/// The rules that ` allow RULE, RULE: reason` names.
fn parse(rest: &str) -> Result<Vec<&str>, String> {
    let form = "write `<!-- lint: allow RULE: reason -->`";
    let rest = rest.trim();
    let Some(rest) = rest.strip_prefix("allow ") else {
        return Err(format!("`lint: {rest}` is no exception; {form}"));
    };
    let (rules, reason) = rest.split_once(':').unwrap_or((rest, ""));
    if reason.trim().is_empty() {
        return Err(format!("an exception needs a reason; {form}"));
    }
    let rules: Vec<&str> = rules.split(',').map(str::trim).collect();
    let known = || RULES.iter().map(|(name, _)| *name);
    match rules.iter().find(|r| known().all(|k| k != **r)) {
        Some(unknown) => Err(format!("there is no rule `{unknown}`{}", nearest(unknown, known()))),
        None => Ok(rules),
    }
}

/// What a comment holds for.
fn region(text: &str, blocks: &[Block], comment: Range<usize>) -> Range<usize> {
    let before = blocks.iter().rev().find(|b| b.range.start < comment.start);
    let inside = before.filter(|b| comment.start <= line_around(text, b.range.end).1);
    let block = inside.or_else(|| blocks.iter().find(|b| b.range.start >= comment.end));
    let Some(block) = block else { return 0..0 };
    let start = line_around(text, block.range.start).0;
    start..line_around(text, block.range.end).1
}

/// Tells of exceptions that are malformed, and of those that allow nothing.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    findings.rule = "exception";
    for (page, prose) in manuscript.pages.iter().enumerate() {
        for (offset, fault) in &prose.faulty {
            findings.always(page, *offset, fault.clone());
        }
        for (i, exception) in prose.exceptions.iter().enumerate() {
            if !findings.used[page][i] {
                let message =
                    format!("there is no {} to allow here; remove the comment", exception.rule);
                findings.always(page, exception.offset, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fired, found};

    #[test]
    fn an_exception_holds_for_its_paragraph() {
        let allow = "<!-- lint: allow typed-number: theirs -->";
        assert_eq!(fired(&format!("{allow}\nIt took\n3 ms.\n")), Vec::<&str>::new());
        assert_eq!(fired(&format!("{allow}\n\nIt took 3 ms.\n")), Vec::<&str>::new());
        assert_eq!(fired(&format!("It took 3 ms. {allow}\n")), Vec::<&str>::new());
        assert_eq!(fired(&format!("It took\n3 ms\nor so. {allow}\n")), Vec::<&str>::new());
        assert_eq!(fired(&format!("- 3 ms {allow}\n- 4 ms\n")), ["typed-number"]);
        assert_eq!(
            fired(&format!("| a | b |\n|---|---|\n| 3 ms | 4 ms {allow} |\n| 5 ms | |\n")),
            ["typed-number"]
        );
        let rules = fired(&format!("{allow}\nIt took.\n\nAnd 3 ms.\n"));
        assert_eq!(rules, ["exception", "typed-number"]);
    }

    #[test]
    fn an_exception_names_rules_and_a_reason() {
        let both = "<!-- lint: allow typed-number, doubled-word: theirs -->\nThe the 3 ms.\n";
        assert_eq!(fired(both), Vec::<&str>::new());
        let message = |text: &str| found(text).remove(0).3;
        assert!(message("<!-- lint: allow filler -->\n").contains("needs a reason"));
        assert!(message("<!-- lint: allow filer: x -->\n").contains("did you mean `filler`?"));
        assert!(message("<!-- lint: off -->\n").contains("is no exception"));
        assert_eq!(
            found("A.\n\n<!-- lint: allow filler: x -->\n"),
            [(
                "exception",
                3,
                1,
                "there is no filler to allow here; remove the comment".to_owned()
            )]
        );
    }
}
