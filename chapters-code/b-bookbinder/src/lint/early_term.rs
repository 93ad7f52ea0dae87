//! `early-term`: a term of the glossary in a chapter before the one that defines it.
//!
//! A term is defined where `{{#term name}}` stands. What the appendices define is the machinery's,
//! which a reader may open at any time, and not checked; nor are pages without a number. Terms that
//! are everyday words, too, are listed in `lint.toml`.

use super::manuscript::{Block, Kind, Prose, TokenKind};
use super::{Findings, Manuscript};
use crate::directives::syntax::Found;

/// A term and the chapter that defines it.
struct Term {
    words: Vec<String>,
    chapter: usize,
}

/// `Kernel (núcleo)` as `kernel`.
fn key(name: &str) -> String {
    name.split(['(', '/', ',', '·', '|']).next().unwrap_or(name).trim().to_lowercase()
}

/// Tells of the first early use of every term in every chapter.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    let book = manuscript.book;
    let terms = terms(manuscript);
    for (index, chapter) in book.chapters.iter().enumerate() {
        if chapter.number.is_none() {
            continue;
        }
        for term in terms.iter().filter(|t| t.chapter > index) {
            let blocks = chapter
                .pages
                .clone()
                .flat_map(|page| manuscript.pages[page].blocks.iter().map(move |b| (page, b)));
            let mut places =
                blocks.filter(|(_, b)| b.kind != Kind::Display).filter_map(|(page, block)| {
                    place(&manuscript.pages[page], block, &term.words).map(|offset| (page, offset))
                });
            if let Some((page, offset)) = places.next() {
                let label = book.chapters[term.chapter].label();
                findings.add(page, offset, format!("`{}` is a term that {label} defines; say it in plain words here, or define it here", term.words.join(" ")));
            }
        }
    }
}

/// The terms that numbered chapters define.
fn terms(manuscript: &Manuscript<'_>) -> Vec<Term> {
    let book = manuscript.book;
    let Some(glossary) = book.pages.iter().find(|p| p.name() == "glossary") else {
        return Vec::new();
    };
    let everyday: Vec<String> = manuscript.settings.everyday.iter().map(|e| key(&e.term)).collect();
    let names = glossary.markup.headings.iter().filter(|h| h.level != 1).map(|h| key(&h.text));
    let defined = |name: &String| {
        let defines = |found: &Found| match found {
            Found::Directive { name: directive, arguments, .. } => {
                let term = key(arguments);
                directive == "term" && (term == *name || term.strip_suffix('s') == Some(name))
            }
            _ => false,
        };
        book.pages.iter().find(|p| p.markup.found.iter().any(defines)).map(|p| p.chapter)
    };
    let with_chapter = names.filter(|n| !n.is_empty() && !everyday.contains(n)).filter_map(|n| {
        let chapter = defined(&n)?;
        let known = &book.chapters[chapter];
        let words = n.split_whitespace().map(str::to_owned).collect();
        (known.number.is_some() && !known.is_appendix).then_some(Term { words, chapter })
    });
    with_chapter.collect()
}

/// Where a block first uses a term, in the singular or the plural.
fn place(prose: &Prose, block: &Block, term: &[String]) -> Option<usize> {
    let (last, first) = term.split_last()?;
    block.tokens.windows(term.len()).find_map(|tokens| {
        let (end, start) = tokens.split_last()?;
        let is = |word: &str, term: &str| word.eq_ignore_ascii_case(term);
        let same = start.iter().zip(first).all(|(t, w)| is(prose.word(t), w));
        let word = prose.word(end);
        let ends = is(word, last) || word.strip_suffix('s').is_some_and(|w| is(w, last));
        let are_words = tokens.iter().all(|t| t.kind == TokenKind::Word);
        (same && ends && are_words).then(|| tokens[0].range.start)
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::found_in;

    const GLOSSARY: &str =
        "# Glossary\n\nDie (dado)\n: A cube.\n\nloaded die\n: One that lies.\n\nfold\n: A part.\n";

    fn told(first: &str, second: &str, toml: &str) -> Vec<(usize, usize, String)> {
        let pages =
            [("01-a/index.md", first), ("02-b/index.md", second), ("glossary.md", GLOSSARY)];
        let found = found_in(&pages, toml).into_iter();
        found
            .map(|(rule, line, column, message)| {
                assert_eq!(rule, "early-term");
                (line, column, message)
            })
            .collect()
    }

    #[test]
    fn a_term_before_its_chapter_is_told_once() {
        let told =
            told("# A\n\nTwo loaded\ndies. A loaded die.\n", "A {{#term loaded die}}.\n", "");
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].0, told[0].1), (3, 5));
        assert!(told[0].2.contains("`loaded die` is a term that Chapter 2 defines"), "{told:?}");
    }

    #[test]
    fn other_words_are_not() {
        assert_eq!(told("A {{#term fold}} and folds.", "A fold.", ""), []);
        assert_eq!(told("`fold` folding unfold", "{{#term fold}}", ""), []);
        assert_eq!(told("A fold.", "No definition.", ""), []);
        let everyday = "[[everyday]]\nterm = \"fold\"\nwhy = \"sheep\"\n";
        assert_eq!(told("A fold.", "A {{#term fold}}.", everyday), []);
    }
}
