//! `filler`: phrases that say nothing, from the list in `lint.toml`.
//!
//! `is|was found that` in the list stands for `is found that` and `was found that`. A phrase inside a
//! longer one of `unless` is in place.

use std::collections::HashMap;
use std::ops::Range;

use super::manuscript::{Block, Prose, TokenKind};
use super::settings::Phrase;
use super::{Findings, Manuscript};

/// The words of a phrase, each with its alternatives.
type Pattern<'a> = Vec<Vec<&'a str>>;

fn pattern(phrase: &str) -> Pattern<'_> {
    phrase.split_whitespace().map(|word| word.split('|').collect()).collect()
}

/// A phrase to look for, with those that excuse it and what to say.
struct Search<'a> {
    pattern: Pattern<'a>,
    unless: Vec<Pattern<'a>>,
    phrase: &'a Phrase,
}

/// Tells of every phrase of the list.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    let searches = searches(&manuscript.settings.phrases);
    // Few words begin a phrase, so that most are looked at once.
    let mut starts: HashMap<&str, Vec<&Search<'_>>> = HashMap::new();
    for search in &searches {
        for word in &search.pattern[0] {
            starts.entry(word).or_default().push(search);
        }
    }
    for (page, prose, block) in manuscript.blocks().filter(|(.., b)| !b.is_quoted) {
        let words: Vec<String> = block
            .tokens
            .iter()
            .map(|t| if t.kind == TokenKind::Opaque { String::new() } else { prose.lower(t) })
            .collect();
        for (at, word) in words.iter().enumerate() {
            for search in starts.get(word.as_str()).into_iter().flatten() {
                let found = at..at + search.pattern.len();
                if fits(&words, &search.pattern, at) && !is_excused(&words, &found, &search.unless)
                {
                    tell(prose, block, page, &found, search.phrase, findings);
                }
            }
        }
    }
}

fn searches(phrases: &[Phrase]) -> Vec<Search<'_>> {
    let mut searches = Vec::new();
    for phrase in phrases {
        for pattern in patterns(&phrase.find) {
            searches.push(Search { pattern, unless: patterns(&phrase.unless), phrase });
        }
    }
    searches
}

fn patterns(phrases: &[String]) -> Vec<Pattern<'_>> {
    phrases.iter().map(|p| pattern(p)).filter(|p| !p.is_empty()).collect()
}

/// Do the words from `at` on fit the pattern?
fn fits(words: &[String], pattern: &Pattern<'_>, at: usize) -> bool {
    let words = words.get(at..at + pattern.len()).unwrap_or_default();
    !words.is_empty() && pattern.iter().zip(words).all(|(any, word)| any.contains(&word.as_str()))
}

/// Does what was found lie within a longer phrase that excuses it?
fn is_excused(words: &[String], found: &Range<usize>, unless: &[Pattern<'_>]) -> bool {
    unless.iter().any(|longer| {
        let first = found.end.saturating_sub(longer.len());
        (first..=found.start).any(|at| fits(words, longer, at))
    })
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
