//! `points`: a difference of two shares that is printed as per cent.
//!
//! ```text
//! It gains {{#value learning/curve mean/gain | percent 1}}.            one finding
//! It is ahead by {{#value learning/shift lead | percent 1}}.           one finding
//! It is right for {{#value learning/curve mean/end | percent 1}}.      none
//! It gains {{#value a/b end over a/b begin | percent 1}} of what …     none
//! ```
//!
//! From 10 to 68 per cent are 58 points and not 58 per cent. A value is taken for a difference if its key or the
//! words around it say so, and if it is no ratio of two values.

use super::manuscript::{Block, Prose};
use super::{Findings, Manuscript};
use crate::directives::syntax::Found;

/// Words of a key that name a difference.
const KEYS: &str = "gain gains fall falls gap difference ahead lead drop loss losses";
/// Verbs that a difference follows.
const VERBS: &str = "gain gains gained lose loses lost cost costs";
/// Words that a difference follows with `by` between.
const CHANGES: &str = "ahead behind better worse higher lower rise rises rose fall falls fell drop drops \
    dropped grow grows grew differ differs beats miss misses typically error";
/// What follows a difference.
const AFTER: &str = "ahead wide apart";

fn among(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

/// Tells of every such value.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    for (page, prose, block) in manuscript.blocks() {
        for found in &manuscript.book.pages[page].markup.found {
            let Found::Directive { range, name, arguments } = found else { continue };
            if name != "value" || !block.range.contains(&range.start) {
                continue;
            }
            let Some((what, format)) = arguments.split_once('|') else { continue };
            let is_share = format.trim().starts_with("percent") && !what.contains(" over ");
            if is_share && (has_such_key(what) || stands_so(prose, block, range.start)) {
                let key = what.trim().rsplit(' ').next().unwrap_or_default();
                findings.add(
                    page,
                    range.start,
                    format!("`{key}` is a difference of shares by its key or its sentence; write `points` in place of `percent`"),
                );
            }
        }
    }
}

fn has_such_key(what: &str) -> bool {
    let key = what.trim().rsplit(' ').next().unwrap_or_default();
    key.split(['/', '-']).any(|word| among(KEYS, word))
}

/// Do the words around the value at `offset` speak of a difference?
fn stands_so(prose: &Prose, block: &Block, offset: usize) -> bool {
    let Some(at) = block.tokens.iter().position(|token| token.range.start == offset) else {
        return false;
    };
    let word = |back: usize| {
        at.checked_sub(back).map_or_else(String::new, |i| prose.lower(&block.tokens[i]))
    };
    let next = |on: usize| block.tokens.get(at + on).map_or_else(String::new, |t| prose.lower(t));
    // `costs 40 % of the time` is a share of something.
    let is_part = next(1) == "of";
    let by = word(1) == "by" && among(CHANGES, &word(2));
    among(AFTER, &next(1)) || (!is_part && (by || among(VERBS, &word(1))))
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::fired;

    #[test]
    fn differences_are_told() {
        for text in [
            "It reaches {{#value a/b mean/late-gain | percent 1}}.",
            "It gains {{#value a/b x | percent 1 interval}} over the year.",
            "It is ahead by {{#value a/b x | percent}}, and then falls.",
            "It begins {{#value a/b x | percent 0}} ahead.",
        ] {
            assert_eq!(fired(text), ["points"], "{text}");
        }
    }

    #[test]
    fn shares_are_not() {
        for text in [
            "It is right for {{#value a/b accuracy | percent 1}}.",
            "It is ahead by {{#value a/b gain | points 1}}.",
            "It costs {{#value a/b x | percent 0}} of the time.",
            "It is {{#value a/b x | percent 0}} behind a max-pool.",
            "It gains {{#value a/b gain over a/b all | percent 0}}.",
            "Divided by {{#value a/b x | percent 0}}.",
        ] {
            assert_eq!(fired(text), Vec::<&str>::new(), "{text}");
        }
    }
}
