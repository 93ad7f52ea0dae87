//! `undefined-symbol`: a symbol of a formula that nobody has named.
//!
//! A symbol is named on the page of notation, or by a formula of its own in the chapter's prose, at
//! the latest in the paragraph behind the formula that uses it: "where $`y_i`$ is the true class".
//! Whether the sentence around it explains it, only a reader can say.

use std::collections::{BTreeMap, BTreeSet};

use super::manuscript::Kind;
use super::{Findings, Manuscript, tex};
use crate::markup::Formula;

/// A symbol that a formula uses.
struct Use {
    page: usize,
    offset: usize,
    /// Until which block of the chapter it may be named.
    until: usize,
}

/// Tells of the first use of every symbol that is not named.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    let book = manuscript.book;
    let notation = book.pages.iter().position(|p| p.name() == "notation");
    let everywhere: BTreeSet<String> = notation
        .map(|page| {
            let page = &book.pages[page];
            page.markup
                .formulas
                .iter()
                .flat_map(|f| tex::names(&page.text[f.tex.clone()]))
                .collect()
        })
        .unwrap_or_default();
    for chapter in &book.chapters {
        let mut uses: BTreeMap<String, Use> = BTreeMap::new();
        let mut named: BTreeMap<String, usize> = BTreeMap::new();
        let mut position = 0;
        for page in chapter.pages.clone().filter(|p| Some(*p) != notation) {
            read_page(manuscript, page, &mut position, &mut uses, &mut named);
        }
        for (symbol, used) in uses {
            let is_named = named.get(&symbol).is_some_and(|at| *at <= used.until);
            if !is_named && !everywhere.contains(&symbol) {
                let later = if named.contains_key(&symbol) { " before it is named" } else { "" };
                findings.add(used.page, used.offset, format!("the symbol `{symbol}` is used{later} and not on the page of notation; say what it is, as in \"where $`{symbol}`$ is …\""));
            }
        }
    }
}

/// Collects what a page uses and names; `position` counts the blocks of the chapter.
fn read_page(
    manuscript: &Manuscript<'_>,
    page: usize,
    position: &mut usize,
    uses: &mut BTreeMap<String, Use>,
    named: &mut BTreeMap<String, usize>,
) {
    let source = &manuscript.book.pages[page];
    let blocks = &manuscript.pages[page].blocks;
    for (i, block) in blocks.iter().enumerate() {
        *position += 1;
        let is_display = block.kind == Kind::Display;
        // A formula on lines of its own may be explained in the paragraph behind it.
        let next = blocks[i + 1..].iter().position(|b| b.kind == Kind::Paragraph);
        let until = *position + if is_display { next.map_or(0, |n| n + 1) } else { 0 };
        let inside = |f: &&Formula| block.range.contains(&f.range.start);
        for formula in source.markup.formulas.iter().filter(inside) {
            let text = &source.text[formula.tex.clone()];
            for name in tex::names(text) {
                named.entry(name).or_insert(*position);
            }
            for (symbol, at) in tex::uses(text) {
                let offset = formula.tex.start + at;
                uses.entry(symbol).or_insert(Use { page, offset, until });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{found, found_in};

    #[track_caller]
    fn told(text: &str) -> Vec<String> {
        let symbol = |m: String| m.split('`').nth(1).unwrap_or_default().to_owned();
        found(text).into_iter().map(|(.., message)| symbol(message)).collect()
    }

    #[test]
    fn a_symbol_without_a_name_is_told() {
        assert_eq!(told("Then $`q = a + b`$.\n"), ["a", "b"]);
        assert_eq!(told("```math\ny = \\lambda x\n```\n\nwhere $`x`$ is it.\n"), ["\\lambda"]);
        assert_eq!(found("A\n$`2k`$.\n\nThe $`k`$.\n")[0].1, 2);
        assert!(found("A $`2k`$.\n\nThe $`k`$.\n")[0].3.contains("before it is named"));
    }

    #[test]
    fn a_symbol_with_one_is_not() {
        for text in [
            "With $`k`$ classes.\n\n```math\nz = k^2 + w\n```\n\nwhere $`w`$ is it.\n",
            "```math\n\\sum_{i} i^2 + \\ln 2 + \\text{abc}\n```\n",
            "Of $`n`$ and $`d`$, $`n + d`$.",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
        let pages = [
            ("01-a/index.md", "So $`n + \\eta`$.\n"),
            ("notation.md", "| $`n, d`$ | samples |\n|---|---|\n| $`\\eta`$ | rate |\n"),
        ];
        assert_eq!(found_in(&pages, ""), []);
        let pages = [("01-a/index.md", "A $`q`$.\n"), ("02-b/index.md", "So $`2q`$.\n")];
        assert_eq!(found_in(&pages, "").len(), 1);
    }
}
