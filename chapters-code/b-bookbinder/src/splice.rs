//! Putting replacements into the text of a page, and what has to stand around a
//! block so that the Markdown before and behind it stays what it was.
//!
//! ```text
//! > {{#figure a/b}}      >  <figure …>       the margin goes before every line
//! > after           ─>   >                   the gap ends the block
//!                        > after
//! ```

use std::ops::Range;

use crate::book::Page;
use crate::directives::syntax::Found;

/// Puts the replacements into the text, all in one go.
pub fn splice(text: &str, mut replacements: Vec<(Range<usize>, String)>) -> String {
    replacements.sort_by_key(|(range, _)| range.start);
    let mut spliced = String::with_capacity(text.len());
    let mut from = 0;
    for (range, new) in replacements {
        if range.start >= from {
            spliced.push_str(&text[from..range.start]);
            spliced.push_str(&new);
            from = range.end;
        }
    }
    spliced.push_str(&text[from..]);
    spliced
}

/// The first byte of what stands at `{{#`.
pub fn start(found: &Found) -> usize {
    let (Found::Directive { range, .. } | Found::Escaped(range) | Found::Unclosed(range)) = found;
    range.start
}

/// What stands before a directive on its line, as it has to stand before every
/// line that replaces it.
pub fn margin(before: &str) -> String {
    before.chars().map(|c| if c == '>' || c == '\t' { c } else { ' ' }).collect()
}

/// The blank line that a block needs after it, where the author left none.
pub fn gap(page: &Page, end: usize, margin: &str) -> String {
    let next =
        page.text[end..].strip_prefix('\n').and_then(|rest| rest.lines().next()).unwrap_or("");
    let blank = next.chars().all(|c| c.is_whitespace() || c == '>');
    if blank { String::new() } else { format!("\n{}", margin.trim_end()) }
}
