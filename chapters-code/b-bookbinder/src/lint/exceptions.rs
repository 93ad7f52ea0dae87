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

use super::manuscript::{Block, Manuscript, Prose};
use crate::book::Page;
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

/// What the author of a page allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Each exception, in order.
    pub all: Vec<Exception>,
    /// Comments that should be exceptions: where, and what is wrong.
    pub faulty: Vec<(usize, String)>,
}

/// Reads the exceptions of every page to the rules called `known`.
pub fn read(manuscript: &Manuscript<'_>, known: &[&str]) -> Vec<Exceptions> {
    let pages = manuscript.book.pages.iter().zip(&manuscript.pages);
    pages.map(|(page, prose)| of_page(page, prose, known)).collect()
}

fn of_page(page: &Page, prose: &Prose, known: &[&str]) -> Exceptions {
    let text = &page.text;
    let mut found = Exceptions::default();
    for html in &page.markup.html {
        let mut from = html.start;
        while let Some(start) = text[from..html.end].find("<!--").map(|i| from + i) {
            let end = text[start..html.end].find("-->").map_or(html.end, |i| start + i + 3);
            let comment = text[start + 4..end].trim_end_matches("-->").trim();
            if let Some(rest) = comment.strip_prefix("lint:") {
                match parse(rest, known) {
                    Err(fault) => found.faulty.push((start, fault)),
                    Ok(rules) => {
                        let region = region(text, &prose.blocks, start..end);
                        let exception = |rule: &str| Exception {
                            offset: start,
                            rule: rule.to_owned(),
                            region: region.clone(),
                        };
                        found.all.extend(rules.into_iter().map(exception));
                    }
                }
            }
            from = end;
        }
    }
    found
}

/// The rules that ` allow RULE, RULE: reason` names.
fn parse<'a>(rest: &'a str, known: &[&str]) -> Result<Vec<&'a str>, String> {
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
    match rules.iter().find(|rule| !known.contains(rule)) {
        Some(unknown) => {
            let hint = nearest(unknown, known.iter().copied());
            Err(format!("there is no rule `{unknown}`{hint}"))
        }
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
