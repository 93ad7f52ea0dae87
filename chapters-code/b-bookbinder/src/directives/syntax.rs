//! The grammar of directives: where they stand in the text of a page, what they
//! say, and in which forms they can be replaced.
//!
//! ```text
//! The run took {{#value parameters/lecture seconds | duration}}, and \{{#value}} stays.
//!              ~~~~~~~~~~~~~~~~~~~~ a directive ~~~~~~~~~~~~~~~      ~ escaped
//! ```

use std::ops::Range;

/// What a page's text holds at `{{#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// `{{#name arguments}}`; white space in the arguments is single spaces.
    Directive {
        /// The bytes from `{{#` to `}}`.
        range: Range<usize>,
        /// The name, possibly empty.
        name: String,
        /// What follows the name.
        arguments: String,
    },
    /// A backslash that keeps the `{{#` after it as it is; the range is the
    /// backslash's.
    Escaped(Range<usize>),
    /// A `{{#` whose paragraph ends, or whose successor begins, before `}}`
    /// comes.
    Unclosed(Range<usize>),
}

/// Every `{{#` of `text`, in order.
// ANCHOR: find
pub fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("{{#").map(|i| from + i) {
        let inside = start + 3;
        from = inside;
        if text[..start].ends_with('\\') {
            found.push(Found::Escaped(start - 1..start));
            continue;
        }
        let rest = &text[inside..];
        let before = |stop: &str| rest.find(stop).unwrap_or(rest.len());
        let end = before("}}");
        if end == rest.len() || end > before("{{#").min(before("\n\n")) {
            found.push(Found::Unclosed(start..inside));
            continue;
        }
        let mut words = rest[..end].split_whitespace();
        let name = words.next().unwrap_or_default().to_owned();
        let arguments = words.collect::<Vec<_>>().join(" ");
        from = inside + end + 2;
        found.push(Found::Directive { range: start..from, name, arguments });
    }
    found
}
// ANCHOR_END: find

/// What a position of a page is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Running text, or a paragraph of its own.
    Prose,
    /// A heading.
    Heading,
    /// A fenced block; its position among
    /// [`Markup::fences`](crate::markup::Markup::fences).
    Fence(usize),
    /// A code span.
    Span,
    /// A formula.
    Formula,
    /// The inside of a tag of raw HTML.
    Tag,
    /// An HTML comment, where nothing is replaced.
    Comment,
}

/// Where a directive stands.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// Position of the page in the book.
    pub page: usize,
    /// Its first byte in the page's text.
    pub offset: usize,
    /// What it is part of.
    pub place: Place,
}

/// What a directive becomes. Where it stands decides which of the forms is
/// used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expansion {
    /// Part of a paragraph, with the words alone for code, headings and
    /// formulas.
    Inline {
        /// In running text.
        html: String,
        /// Elsewhere.
        plain: String,
    },
    /// A block, which stands on a line of its own in running text and nowhere
    /// else.
    Block(String),
    /// Text from a file, put in as it is.
    Verbatim(String),
}

/// The three directives of a five-minute check, in their order. Each ends the paragraph or list above it.
pub const CHECK: [&str; 3] = ["question", "answer", "endquestion"];

/// The keys in the arguments of `cite`.
pub fn cited(arguments: &str) -> impl Iterator<Item = &str> {
    arguments.split(',').map(str::trim).filter(|key| !key.is_empty())
}

/// The path and the id in the arguments of `claim`.
pub fn claimed(arguments: &str) -> Option<(&str, &str)> {
    arguments.split_once(' ').filter(|(path, id)| !path.is_empty() && !id.contains(' '))
}

/// The entry's name and the words for it in the arguments of `term`.
pub fn named(arguments: &str) -> (&str, &str) {
    let (name, words) = arguments.split_once('|').unwrap_or((arguments, arguments));
    (name.trim(), words.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directive(range: Range<usize>, name: &str, arguments: &str) -> Found {
        Found::Directive { range, name: name.into(), arguments: arguments.into() }
    }

    #[test]
    fn a_directive_has_a_name_and_arguments() {
        assert_eq!(find("a {{#ref  x\ny }} b"), [directive(2..16, "ref", "x y")]);
        assert_eq!(find("{{#}}{{#a}}"), [directive(0..5, "", ""), directive(5..11, "a", "")]);
        assert_eq!(find("no {{braces}} here"), []);
    }

    #[test]
    fn a_backslash_escapes() {
        assert_eq!(find(r"\{{#ref x}}"), [Found::Escaped(0..1)]);
    }

    #[test]
    fn an_unclosed_one_does_not_swallow_the_next() {
        assert_eq!(find("{{#a {{#b}}"), [Found::Unclosed(0..3), directive(5..11, "b", "")]);
        assert_eq!(find("{{#a\n\n}}"), [Found::Unclosed(0..3)]);
        assert_eq!(find("{{#"), [Found::Unclosed(0..3)]);
    }
}
