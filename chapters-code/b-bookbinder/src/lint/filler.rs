//! `filler`: phrases that say nothing, from the list in `lint.toml`.
//!
//! `is|was found that` in the list stands for `is found that` and `was found that`. A phrase inside a
//! longer one of `unless` is in place.

use std::ops::Range;

use super::manuscript::{Block, Prose, TokenKind};
use super::settings::Phrase;
use super::{Findings, Manuscript};

/// The words of a phrase, each with its alternatives.
type Pattern<'a> = Vec<Vec<&'a str>>;

fn pattern(phrase: &str) -> Pattern<'_> {
    phrase.split_whitespace().map(|word| word.split('|').collect()).collect()
}

/// Tells of every phrase of the list.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    let phrases: Vec<_> = manuscript
        .settings
        .phrases
        .iter()
        .map(|p| (p, patterns(&p.find), patterns(&p.unless)))
        .collect();
    for (page, prose, block) in manuscript.blocks() {
        if block.is_quoted {
            continue;
        }
        let words: Vec<String> = block
            .tokens
            .iter()
            .map(|t| if t.kind == TokenKind::Opaque { String::new() } else { prose.lower(t) })
            .collect();
        for (phrase, find, unless) in &phrases {
            let excused: Vec<Range<usize>> =
                unless.iter().flat_map(|p| matches(&words, p)).collect();
            for found in find.iter().flat_map(|p| matches(&words, p)) {
                if excused.iter().any(|e| e.start <= found.start && found.end <= e.end) {
                    continue;
                }
                tell(prose, block, page, &found, phrase, findings);
            }
        }
    }
}

fn patterns(phrases: &[String]) -> Vec<Pattern<'_>> {
    phrases.iter().map(|p| pattern(p)).filter(|p| !p.is_empty()).collect()
}

/// Every place, in tokens, where the words are those of the pattern.
fn matches(words: &[String], pattern: &Pattern<'_>) -> Vec<Range<usize>> {
    let length = pattern.len();
    let fits = |at: &usize| {
        pattern.iter().zip(&words[*at..]).all(|(any, word)| any.contains(&word.as_str()))
    };
    (0..(words.len() + 1).saturating_sub(length)).filter(fits).map(|at| at..at + length).collect()
}

fn tell(
    prose: &Prose,
    block: &Block,
    page: usize,
    found: &Range<usize>,
    phrase: &Phrase,
    findings: &mut Findings<'_>,
) {
    let tokens = &block.tokens[found.clone()];
    let words: Vec<&str> = tokens.iter().map(|t| prose.word(t)).collect();
    let Some(first) = tokens.first() else { return };
    let message = format!("`{}`: {}; {}", words.join(" "), phrase.why, phrase.write);
    findings.add(page, first.range.start, message);
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::found_in;

    const LIST: &str = "[[phrase]]\nfind = [\"very\", \"it is|was found|shown that\"]\nunless = [\"the very\"]\nwhy = \"it says nothing\"\nwrite = \"leave it out\"\n";

    fn told(text: &str) -> Vec<String> {
        let found = found_in(&[("01-dice/index.md", text)], LIST);
        found.into_iter().map(|(.., message)| message).collect()
    }

    #[test]
    fn phrases_of_the_list_are_told() {
        assert_eq!(told("A *Very* good one."), ["`Very`: it says nothing; leave it out"]);
        assert_eq!(
            told("It was\nshown that."),
            ["`It was shown that`: it says nothing; leave it out"]
        );
    }

    #[test]
    fn look_alikes_are_not() {
        for text in ["Every one at the very end.", "It was `code` shown that.", "> very", "`very`"]
        {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }
}
