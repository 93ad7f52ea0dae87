//! The titles in a PDF's outline, as the headings of the page have them.
//!
//! Chromium gathers a title from pieces of text. Where a heading begins a sheet of paper it takes the first line
//! twice, and where a heading has two lines it forgets the space between them. The outline and the headings of
//! the page stand in the same order, so each title is looked for among the headings that come next.

use std::sync::LazyLock;

use regex::Regex;

/// How many headings may have no title of their own before the one that is looked for.
const AHEAD: usize = 40;

#[allow(clippy::unwrap_used, reason = "the patterns are constants, and a test uses them")]
static HEADING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)<h[1-6][ >].*?</h[1-6]>").unwrap());

#[allow(clippy::unwrap_used, reason = "the patterns are constants, and a test uses them")]
static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)<[^>]*>").unwrap());

/// The texts of a page's headings, in order.
pub fn headings(html: &str) -> Vec<String> {
    let text = |found: regex::Match<'_>| {
        let bare = TAG.replace_all(found.as_str(), "");
        let plain =
            ENTITIES.iter().fold(bare.into_owned(), |text, (name, is)| text.replace(name, is));
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    HEADING.find_iter(html).map(text).collect()
}

/// Entities of HTML that a heading may have, the ampersand last.
const ENTITIES: [(&str, &str); 5] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];

/// The heading that a title was made of, and how many of `headings` are used up then.
pub fn heading_of<'a>(title: &str, headings: &'a [String]) -> Option<(&'a str, usize)> {
    let found = headings.iter().take(AHEAD).position(|heading| is_made_of(title, heading))?;
    Some((&headings[found], found + 1))
}

/// Whether a title is a heading whose pieces may stand twice; spaces do not count.
fn is_made_of(title: &str, heading: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<Vec<_>>();
    let (title, heading) = (bare(title), bare(heading));
    // Which lengths of the title can be made of the heading's first `i` letters.
    let mut reached = vec![vec![false; title.len() + 1]; heading.len() + 1];
    reached[0][0] = true;
    for i in 0..heading.len() {
        for j in 0..title.len() {
            if !reached[i][j] {
                continue;
            }
            if title[j] == heading[i] {
                reached[i + 1][j + 1] = true;
            }
            for n in 1..=(heading.len() - i).min((title.len() - j) / 2) {
                let piece = &heading[i..i + n];
                if title[j..].starts_with(piece) && title[j + n..].starts_with(piece) {
                    reached[i + n][j + 2 * n] = true;
                }
            }
        }
    }
    !heading.is_empty() && reached[heading.len()][title.len()]
}

/// A text string of a PDF, `(…)` or `<FEFF…>`, at the beginning of `text`: what it says, and its length there.
pub fn string(text: &[u8]) -> Option<(String, usize)> {
    match text.first()? {
        b'(' => literal(text),
        b'<' => hexadecimal(text),
        _ => None,
    }
}

fn literal(text: &[u8]) -> Option<(String, usize)> {
    let (mut said, mut at, mut depth) = (String::new(), 1, 1);
    loop {
        match *text.get(at)? {
            b'\\' => {
                at += 1;
                match *text.get(at)? {
                    c @ (b'(' | b')' | b'\\') => said.push(char::from(c)),
                    _ => return None,
                }
            }
            b')' if depth == 1 => return Some((said, at + 1)),
            c => {
                depth += i32::from(c == b'(') - i32::from(c == b')');
                said.push(char::from(c));
            }
        }
        at += 1;
    }
}

fn hexadecimal(text: &[u8]) -> Option<(String, usize)> {
    let end = text.iter().position(|&b| b == b'>')?;
    let digits = std::str::from_utf8(&text[1..end]).ok()?.strip_prefix("FEFF")?;
    let unit = |i: usize| u16::from_str_radix(digits.get(4 * i..4 * i + 4)?, 16).ok();
    let units: Option<Vec<u16>> = (0..digits.len() / 4).map(unit).collect();
    Some((String::from_utf16(&units?).ok()?, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_found_among_the_headings() {
        let html = "<h1 id=\"a\"><a class=\"header\">One</a></h1><p>x</p><h2><span>1.9</span> Optional: a file from\na <em>stranger</em></h2>\
                    <h3><code>A&lt;T&gt;</code> &amp; you</h3>";
        let all = headings(html);
        assert_eq!(all, ["One", "1.9 Optional: a file from a stranger", "A<T> & you"]);
        let made =
            |title| heading_of(title, &all).map(|(heading, used)| (heading.to_owned(), used));
        assert_eq!(made("One"), Some(("One".into(), 1)));
        assert_eq!(made("OneOne"), Some(("One".into(), 1)));
        let second = Some((all[1].clone(), 2));
        assert_eq!(made("1.91.9 Optional: a file Optional: a filefrom a stranger"), second);
        assert_eq!(made("1.9 Optional: a filefrom a stranger"), second);
        assert_eq!(made("A<T>A<T> & & youyou").map(|m| m.1), Some(3));
        assert_eq!(made("Another"), None);
        assert_eq!(made("OneOneOne"), None);
        assert_eq!(heading_of("x", &[]), None);
    }

    #[test]
    fn strings_of_a_pdf_are_read() {
        assert_eq!(string(b"(a \\(b\\) c)\n/Dest"), Some(("a (b) c".into(), 11)));
        assert_eq!(string(b"(a (b))"), Some(("a (b)".into(), 7)));
        assert_eq!(string(b"<FEFF00C90041>>"), Some(("ÉA".into(), 14)));
        for other in [&b"(a"[..], b"<00>", b"/Name", b"", b"(\\351)"] {
            assert_eq!(string(other), None);
        }
    }
}
