//! Spaces that no line may break at: a number keeps its `%`.
//!
//! Recorded numbers come with one ([`notebook::Format`]). Words that an author typed, on a page, in a caption or in a
//! table, have a plain one:
//!
//! ```text
//! half of 80 % and <b>20</b> %   ─>   half of 80&nbsp;% and <b>20</b>&nbsp;%
//! ```
//!
//! Code stays as it is.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::directives::syntax::Place;
use crate::markup::Markup;
use crate::splice::splice;

const NO_BREAK: &str = "\u{a0}";

#[allow(clippy::unwrap_used, reason = "the pattern is a constant, and a test uses it")]
static BEFORE_PERCENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[0-9½¼¾](?:[*_]{1,3}|</[a-z]+>)*([ \n]) *%").unwrap());

/// A bound page whose numbers keep their `%`.
pub fn kept(text: String) -> String {
    let found: Vec<Range<usize>> = BEFORE_PERCENT
        .captures_iter(&text)
        .filter_map(|found| Some(found.get(1)?.start()..found.get(0)?.end() - 1))
        .collect();
    if found.is_empty() {
        return text;
    }
    let markup = Markup::of(&text);
    let is_code = |at: usize| {
        matches!(markup.place(at), Place::Fence(_) | Place::Span | Place::Formula | Place::Comment)
            || within(&text, at, "code")
            || within(&text, at, "pre")
    };
    let replaced = found.into_iter().filter(|range| !is_code(range.start));
    splice(&text, replaced.map(|range| (range, NO_BREAK.to_owned())).collect())
}

/// Is the place within an element of raw HTML?
fn within(text: &str, at: usize, element: &str) -> bool {
    let before = &text[..at];
    let opened = before.rfind(&format!("<{element}"));
    opened.is_some() && opened > before.rfind(&format!("</{element}>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::bind_text;

    fn becomes(text: &str, expected: &str) {
        assert_eq!(kept(text.to_owned()).replace('\u{a0}', "·"), expected);
    }

    #[test]
    fn a_number_keeps_its_percent_sign() {
        becomes("Of 5 % and 2.5 %, | 10 % |", "Of 5·% and 2.5·%, | 10·% |");
        becomes("*7* % and <b>8</b> %", "*7*·% and <b>8</b>·%");
        becomes("more than 90\n% of", "more than 90·% of");
        becomes("# About 3 %\n\n<p>4 %</p>\n", "# About 3·%\n\n<p>4·%</p>\n");
        becomes("a % b, 5% and 5\u{a0}%", "a % b, 5% and 5·%");
    }

    #[test]
    fn code_stays() {
        for text in [
            "`7 % 3`\n",
            "```rust\n7 % 3\n```\n",
            "<p><code>7 % 3</code></p>\n",
            "<pre>\n7 % 3</pre>\n",
            "$`7 % 3`$\n",
        ] {
            becomes(text, text);
        }
        becomes("<code>x</code> 7 %", "<code>x</code> 7·%");
    }

    #[test]
    fn a_bound_page_has_no_other() {
        let text = bind_text("So 5 % of {{#value dice/rolls rolls | int}} % and `6 % 4`.\n");
        assert!(text.contains("5\u{a0}% of") && text.contains("`6 % 4`"), "{text}");
        assert_eq!(text.matches("\u{a0}%").count(), 2, "{text}");
    }
}
