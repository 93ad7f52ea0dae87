//! `theme-word`: a word for a shade that is true in light themes and false in dark ones.
//!
//! ```text
//! .caption("No row is pale.")        in a dark theme what is high is pale; write `low`
//! No row is pale all along.          the same on a page
//! ```
//!
//! The colours of heat maps and curves turn round with the theme. The words of a figure are read in the code, as
//! [`figure_number`] reads them, except where it shows pictures, which are the same in every theme. On a
//! page, a sentence is told where it gives a shade to a part of a chart.

use std::path::Path;

use super::figure_number::{self, Words};
use super::manuscript::TokenKind;
use super::{Finding, Findings, Manuscript};

/// The rule's name.
pub const RULE: &str = "theme-word";

const SHADES: [&str; 12] = [
    "pale",
    "paler",
    "palest",
    "dark",
    "darker",
    "darkest",
    "bright",
    "brighter",
    "brightest",
    "faint",
    "fainter",
    "faintest",
];
/// Parts of a chart.
const PARTS: [&str; 11] = [
    "row", "rows", "column", "columns", "cell", "cells", "diagonal", "curve", "curves", "bar",
    "bars",
];

fn message(shade: &str) -> String {
    format!("`{shade}` is false in a theme where shades turn round; say `low`, `high` or how large")
}

/// Tells of every shade in the words of a figure, in the sources of the crates below `root`.
pub fn check_code(root: &Path) -> Vec<Finding> {
    figure_number::check_words(root, RULE, &messages)
}

fn messages(words: &Words<'_>) -> Vec<String> {
    if words.function.contains("ImageGrid") {
        return Vec::new();
    }
    let letters = |c: char| !c.is_alphabetic();
    let said = words.literal.split(letters).map(str::to_lowercase);
    said.filter(|word| SHADES.contains(&word.as_str())).map(|word| message(&word)).collect()
}

/// Tells of every sentence that gives a shade to a part of a chart.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    for (page, prose, block) in manuscript.blocks() {
        if !block.is_running_text() || block.is_quoted {
            continue;
        }
        for sentence in prose.sentences(block) {
            let tokens = &block.tokens[sentence];
            let words: Vec<String> = tokens
                .iter()
                .map(|t| if t.kind == TokenKind::Word { prose.lower(t) } else { String::new() })
                .collect();
            if !words.iter().any(|word| PARTS.contains(&word.as_str())) {
                continue;
            }
            for (token, word) in tokens.iter().zip(&words) {
                if SHADES.contains(&word.as_str()) {
                    findings.add(page, token.range.start, message(word));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::{fired, found};

    #[test]
    fn a_shade_of_a_part_of_a_chart_is_told() {
        let told = found("All is well. No row is\npale all along.");
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].0, told[0].1, told[0].2), (RULE, 2, 1));
        for text in ["A dark coat. The row is low.", "A bright picture.", "`row` is pale"] {
            assert_eq!(fired(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn a_shade_in_a_figures_words_is_told_but_of_pictures() {
        let source = |kind: &str| {
            format!(
                "fn a() {{\n    {kind}::new()\n        .caption(\"No row is Pale.\")\n        \
                 .description(\"A dark diagonal.\")\n}}\n\nfn b() {{}}\n"
            )
        };
        let told = |kind: &str| figure_number::faults(&source(kind), RULE, &messages);
        let said: Vec<String> = told("HeatMap").into_iter().map(|(_, said)| said).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("`pale` is false") && said[1].starts_with("`dark` is"));
        assert_eq!(told("ImageGrid"), []);
        let allowed = source("HeatMap").replace(
            "        .caption",
            "        // lint: allow theme-word: the row of a picture\n        .caption",
        );
        assert_eq!(figure_number::faults(&allowed, RULE, &messages).len(), 1);
    }
}
