//! `long-sentence`: a sentence that should be two.

use super::manuscript::TokenKind;
use super::{Findings, Manuscript};

/// Tells of every sentence with more words than `sentence_words` of `lint.toml`.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    let limit = manuscript.settings.sentence_words;
    for (page, prose, block) in manuscript.blocks() {
        if !block.is_running_text() || block.is_quoted {
            continue;
        }
        for sentence in prose.sentences(block) {
            let tokens = &block.tokens[sentence];
            let words = tokens.iter().filter(|t| t.kind != TokenKind::Mark).count();
            if words > limit {
                let message =
                    format!("a sentence of {words} words, more than {limit}; make two of it");
                findings.add(page, tokens[0].range.start, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::found;

    #[test]
    fn words_are_counted_to_the_end_of_the_sentence() {
        let words = |n: usize| vec!["word"; n].join(", ");
        assert_eq!(found(&format!("Short. {}.", words(40))), []);
        let told = found(&format!("Short. {}.", words(41)));
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].0, told[0].1, told[0].2), ("long-sentence", 1, 8));
        assert_eq!(found(&format!("{}. {}? {}.", words(20), words(20), words(20))), []);
        let values = "{{#value a/b c | int}} and, ".repeat(20);
        assert_eq!(found(&format!("{values}end.")).len(), 1);
    }
}
