//! `cargo book check --claims`: each claim beside the sentence that it stands behind on the page.
//!
//! No program can tell whether a sentence says more than the claim that supports it. A person can, once the two
//! stand one above the other:
//!
//! ```text
//! book/01-learning/curve.md:15: learning/curve more-is-better
//!   page:     Every step up in data raises its mean accuracy.
//!   claim:    Every step up in data raises the nearest neighbour's mean accuracy.
//!   evidence: 10 of 10 steps up
//! ```

use std::ops::Range;

use notebook::Workspace;

use crate::book::{Book, Page};
use crate::directives::syntax::{self, Found, Place};
use crate::evidence::Evidence;
use crate::lint::manuscript::{Block, Prose};

/// Every claim of every page, in reading order, with its sentence.
pub fn list(workspace: &Workspace, book: &Book) -> String {
    let evidence = Evidence::new(workspace);
    let mut text = String::new();
    for page in &book.pages {
        let prose = Prose::new(&page.text, &page.markup);
        for (offset, arguments) in cited(page) {
            let (file, line) = (&page.file, page.line(offset));
            let sentence = sentence(page, &prose, offset);
            text.push_str(&format!("{file}:{line}: {arguments}\n  page:     {sentence}\n"));
            let found = syntax::claimed(arguments).and_then(|(path, id)| {
                let results = evidence.results(path).ok()?;
                results.claim(id).ok().cloned()
            });
            text.push_str(&match found {
                Some(claim) => {
                    format!("  claim:    {}\n  evidence: {}\n\n", claim.statement, claim.evidence)
                }
                None => "  claim:    none is recorded under this name\n\n".to_owned(),
            });
        }
    }
    text
}

/// The claims of a page: where, and which.
fn cited(page: &Page) -> impl Iterator<Item = (usize, &str)> {
    page.markup.found.iter().filter_map(|found| match found {
        Found::Directive { range, name, arguments }
            if name == "claim" && page.markup.place(range.start) != Place::Comment =>
        {
            Some((range.start, arguments.as_str()))
        }
        _ => None,
    })
}

/// The sentence that ends before the claim at `offset`, or what the claim's own sentence says up to it.
fn sentence(page: &Page, prose: &Prose, offset: usize) -> String {
    let Some(block) = prose.blocks.iter().find(|block| block.range.contains(&offset)) else {
        return "(not in a sentence)".to_owned();
    };
    let claims: Vec<usize> = cited(page).map(|(offset, _)| offset).collect();
    let is_claim = |token: usize| claims.contains(&block.tokens[token].range.start);
    let before = block.tokens.iter().take_while(|token| token.range.start < offset).count();
    let end = (0..before).rev().find(|&token| !is_claim(token)).map_or(0, |token| token + 1);
    let sentences = prose.sentences(block);
    let start =
        sentences.iter().rev().find(|words| words.start < end).map_or(0, |words| words.start);
    match words(block, start..end) {
        Some(range) => plain(page, range),
        None => "(nothing before it)".to_owned(),
    }
}

/// The bytes of some tokens of a block.
fn words(block: &Block, tokens: Range<usize>) -> Option<Range<usize>> {
    let tokens = block.tokens.get(tokens)?;
    Some(tokens.first()?.range.start..tokens.last()?.range.end)
}

/// The page's text in one line, with the keys of values in brackets, and without marks and references.
fn plain(page: &Page, range: Range<usize>) -> String {
    let (mut text, mut from) = (String::new(), range.start);
    for found in &page.markup.found {
        let Found::Directive { range: at, name, arguments } = found else { continue };
        if at.start < from || at.end > range.end {
            continue;
        }
        text.push_str(&page.text[from..at.start]);
        from = at.end;
        let what = arguments.split('|').next().unwrap_or_default().trim();
        match name.as_str() {
            "claim" | "cite" => {}
            "value" => {
                let key = what.split_once(' ').map_or(what, |(_, key)| key);
                text.push_str(&format!("[{key}]"));
            }
            _ => text.push_str(what),
        }
    }
    text.push_str(&page.text[from..range.end]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::book;

    #[track_caller]
    fn sentences(text: &str) -> Vec<String> {
        let book = book(&[("01-dice/index.md", text)]);
        let page = &book.pages[0];
        let prose = Prose::new(&page.text, &page.markup);
        cited(page).map(|(offset, _)| sentence(page, &prose, offset)).collect()
    }

    #[test]
    fn a_claim_has_the_sentence_before_it() {
        let page = "# Dice\n\nA die is thrown. The mean is {{#value dice/rolls mean | fixed 1}}\nand settles. \
                    {{#claim dice/rolls settles}} More follows. Sixes win {{#cite a}}. {{#claim dice/rolls a}}\n\
                    {{#claim dice/rolls b}} End.\n";
        assert_eq!(
            sentences(page),
            ["The mean is [mean] and settles.", "Sixes win .", "Sixes win ."]
        );
    }

    #[test]
    fn within_a_sentence_it_has_the_words_up_to_it() {
        let page = "One. It falls {{#claim dice/rolls a}} and rises. {{#claim dice/rolls b}}\n\n{{#claim dice/rolls c}}\n";
        assert_eq!(sentences(page), ["It falls", "It falls and rises.", "(nothing before it)"]);
    }
}
