//! What is wrong in any text: doubled words, doubled spaces, notes to oneself, headings that skip.

use super::manuscript::{Kind, TokenKind};
use super::{Findings, Manuscript};

/// `doubled-word`: the same word twice in a row.
pub fn doubled_word(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    for (page, prose, block) in manuscript.blocks() {
        for pair in block.tokens.windows(2) {
            let (first, second) = (prose.lower(&pair[0]), prose.lower(&pair[1]));
            let is_word = pair.iter().all(|t| t.kind == TokenKind::Word);
            if is_word && first == second && !matches!(first.as_str(), "that" | "had") {
                let message = format!("`{first} {second}` is one word twice; remove one");
                findings.add(page, pair[1].range.start, message);
            }
        }
    }
}

/// `double-space`: two spaces between sentences, or at the end of a line, where Markdown breaks it.
pub fn double_space(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    for (page, _, block) in manuscript.blocks().filter(|(.., b)| b.is_running_text()) {
        let source = &manuscript.book.pages[page].text;
        for pair in block.tokens.windows(2) {
            let gap = &source[pair[0].range.end..pair[1].range.start];
            if let Some(at) =
                gap.find("  ").filter(|_| !gap.trim_start_matches(' ').starts_with('<'))
            {
                let at = pair[0].range.end + at;
                let rest = source[at..].trim_start_matches(' ');
                if rest.starts_with(['\n', '\r']) {
                    findings.add(
                        page,
                        at,
                        "two spaces break the line here; remove them, or write `<br>`",
                    );
                } else if !gap[..gap.find("  ").unwrap_or(0)].contains('\n') {
                    findings.add(page, at, "two spaces; one is enough");
                }
            }
        }
    }
}

/// `unfinished`: a note to oneself, in the prose or in a comment.
pub fn unfinished(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    const NOTES: [&str; 4] = ["TODO", "FIXME", "XXX", "TBD"];
    for (page, prose, block) in manuscript.blocks() {
        for token in block.tokens.iter().filter(|t| NOTES.contains(&prose.word(t))) {
            let word = prose.word(token);
            findings.add(
                page,
                token.range.start,
                format!("`{word}` is left; finish it, or remove it"),
            );
        }
    }
    for (page, source) in manuscript.book.pages.iter().enumerate() {
        for html in &source.markup.html {
            let text = &source.text[html.clone()];
            let notes = NOTES.iter().filter_map(|note| text.find(note).map(|at| (at, note)));
            for (at, note) in notes.filter(|_| text.starts_with("<!--")) {
                findings.add(
                    page,
                    html.start + at,
                    format!("`{note}` is left; finish it, or remove it"),
                );
            }
        }
    }
}

/// `heading-skip`: a heading more than one level below the one before it.
pub fn heading_skip(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    let mut last = (usize::MAX, 0);
    for (page, _, block) in manuscript.blocks() {
        let Kind::Heading(level) = block.kind else { continue };
        let above = if last.0 == page { last.1 } else { 0 };
        if level > above + 1 {
            let message = format!(
                "a heading of level {level} below one of level {above}; make it level {}",
                above + 1
            );
            findings.add(page, block.range.start, message);
        }
        last = (page, level);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fired, found};

    fn places(text: &str) -> Vec<(&'static str, usize, usize)> {
        found(text).into_iter().map(|(rule, line, column, _)| (rule, line, column)).collect()
    }

    #[test]
    fn doubled_words_are_told() {
        assert_eq!(places("Of the\nthe book."), [("doubled-word", 2, 1)]);
        assert_eq!(places("Of the *The* book."), [("doubled-word", 1, 9)]);
        for text in [
            "He knew that that had had it.",
            "No, no.",
            "`a` `a` x",
            "1 1",
            "A {{#ref b}} {{#ref b}}.",
        ] {
            assert_eq!(fired(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn doubled_spaces_are_told() {
        assert_eq!(places("One.  Two."), [("double-space", 1, 5)]);
        assert_eq!(places("One  \ntwo."), [("double-space", 1, 4)]);
        for text in [
            "- One\n  two.",
            "One.\n  Two.",
            "`a  b` c",
            "| a   | b |\n|-----|---|\n| c   | d |",
            "1. One\n\n   two",
        ] {
            assert_eq!(fired(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn notes_to_oneself_are_told() {
        assert_eq!(
            places("Here TODO more.\n\n<!-- FIXME -->\n"),
            [("unfinished", 1, 6), ("unfinished", 3, 6)]
        );
        assert_eq!(fired("A method for `TODO`."), Vec::<&str>::new());
    }

    #[test]
    fn skipped_levels_are_told() {
        assert_eq!(places("# A\n\n### B\n"), [("heading-skip", 3, 5)]);
        assert_eq!(fired("# A\n\n## B\n\n### C\n\n## D\n"), Vec::<&str>::new());
    }
}
