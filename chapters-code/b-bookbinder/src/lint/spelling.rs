//! `spelling`: words that the dictionary of misspellings of `typos` knows, and American spellings.
//!
//! It looks for known mistakes and not for unknown words, so that a name or a term of the field
//! needs no entry anywhere. What it takes for a mistake and is none goes to `words` in `lint.toml`.

use std::collections::HashSet;

use typos_vars::Category;
use unicase::UniCase;

use super::manuscript::TokenKind;
use super::{Findings, Manuscript};

/// Tells of every misspelling.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    let known: HashSet<String> =
        manuscript.settings.words.iter().map(|w| w.to_lowercase()).collect();
    for (page, prose, block) in manuscript.blocks() {
        for token in block.tokens.iter().filter(|t| t.kind == TokenKind::Word) {
            let mut offset = token.range.start;
            for part in prose.word(token).split('-') {
                let word = part.strip_suffix("'s").or(part.strip_suffix("’s")).unwrap_or(part);
                if !known.contains(&word.to_lowercase())
                    && let Some(better) = correction(word)
                {
                    findings.add(page, offset, format!("`{word}` is misspelled; {better}"));
                }
                offset += part.len() + 1;
            }
        }
    }
}

/// What to write in place of a word; nothing where it is not known to be wrong.
fn correction(word: &str) -> Option<String> {
    if !word.chars().all(|c| c.is_ascii_alphabetic()) || is_acronym(word) {
        return None;
    }
    let key = UniCase::new(word);
    if let Some(better) = typos_dict::WORD.find(&key).filter(|b| !b.is_empty()) {
        return Some(format!("write `{}`", better.join("` or `")));
    }
    let variants = typos_vars::VARS.find(&key)?;
    let is_british = |(flags, _): &&(u8, &typos_vars::VariantsMap)| {
        typos_vars::CategorySet::from_bits_truncate(*flags).contains(Category::BritishIse)
    };
    if variants.iter().any(|v| is_british(&v)) {
        return None;
    }
    let (_, options) = variants.first()?;
    let better = typos_vars::corrections(Category::BritishIse, **options);
    (!better.is_empty()).then(|| format!("in British spelling write `{}`", better.join("` or `")))
}

/// `HOG`, `GLCM`, `KiB`: more than one capital.
fn is_acronym(word: &str) -> bool {
    word.chars().filter(char::is_ascii_uppercase).count() > 1
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fired, found, found_in};

    #[test]
    fn mistakes_and_american_spellings_are_told() {
        let told: Vec<_> = found("Teh colour.\nA well-knwon color, normalized.")
            .into_iter()
            .map(|(_, line, column, message)| (line, column, message))
            .collect();
        assert_eq!((told[0].0, told[0].1), (1, 1));
        assert!(told[0].2.contains("write `the`"), "{told:?}");
        assert_eq!((told[1].0, told[1].1), (2, 8));
        assert!(told[2].2.contains("`colour`") && told[3].2.contains("`normalised`"), "{told:?}");
        assert_eq!(told.len(), 4);
    }

    #[test]
    fn names_code_and_listed_words_are_not() {
        for text in [
            "`teh color` $`\\text{teh}`$ HOG, LBP, bf16, Mäenpää and Pietikäinen",
            "```\nteh\n```",
            "[colour](color.md) {{#cite teh2020}} <https://teh.org>",
        ] {
            assert_eq!(fired(text), Vec::<&str>::new(), "{text}");
        }
        assert_eq!(
            found_in(&[("01-a/index.md", "Teh color.")], "words = [\"teh\", \"color\"]"),
            []
        );
    }
}
