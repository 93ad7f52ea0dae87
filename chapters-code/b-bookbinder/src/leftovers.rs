//! What Markdown left over: marks that were meant for something and came out as plain text, ids that
//! nothing can lead to, footnotes that nobody sees. A reader would meet them as they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

/// Marks that mean nothing in running text, and what to do about them.
const MARKS: [(&str, &str); 9] = [
    ("$$", "`$$` begins no formula here; write $`…`$, or a fence `math` around one of its own"),
    ("\\(", "`\\\\(` begins no formula here; write $`…`$"),
    ("\\[", "`\\\\[` begins no formula here; write a fence `math` around it"),
    ("$`", "a formula is not closed; write $`…`$, and within a table `\\|` for each bar in it"),
    ("`", "a backtick stands alone; close the code, or write \\` for the character"),
    ("[^", "the footnote is not defined; add `[^name]: …`, or write \\[ for the bracket"),
    ("][", "the link has no definition; add `[name]: address`, or write \\[ for the bracket"),
    ("](", "the link is not closed, or its address has spaces; write %20 for each"),
    ("**", "`**` has no partner, or a space beside it; close it, or write \\* for each"),
];

/// Reads the events of the parser for what is left over.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    /// The text that is seen as such; all else is blank, and what was escaped is an x.
    seen: Vec<u8>,
    in_code: bool,
    html: Vec<Range<usize>>,
    /// Footnotes that are defined, and where; those that are referred to.
    notes: BTreeMap<String, usize>,
    referred: BTreeSet<String>,
    found: Vec<(usize, String)>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Reader {
            text,
            seen: vec![b' '; text.len()],
            in_code: false,
            html: Vec::new(),
            notes: BTreeMap::new(),
            referred: BTreeSet::new(),
            found: Vec::new(),
        }
    }

    pub(crate) fn read(&mut self, event: &Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => self.in_code = true,
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            Event::Text(_) if !self.in_code => self.read_text(range),
            Event::Code(_) => self.read_code(range),
            Event::Html(_) => self.html.push(range.clone()),
            Event::FootnoteReference(name) => {
                self.referred.insert(name.to_string());
            }
            Event::Start(Tag::FootnoteDefinition(name)) => self.define(name, range.start),
            _ => {}
        }
    }

    fn define(&mut self, name: &str, at: usize) {
        if self.notes.insert(name.to_owned(), at).is_some() {
            let message = format!("the footnote `{name}` is defined twice; define it once");
            self.found.push((at, message));
        }
    }

    fn read_text(&mut self, range: &Range<usize>) {
        self.seen[range.clone()].copy_from_slice(&self.text.as_bytes()[range.clone()]);
        // A backslash that was written as two is one that is seen; what else was escaped is meant.
        if is_escaped(self.text, range.start) && self.text.as_bytes()[range.start] != b'\\' {
            self.seen[range.start] = b'x';
        }
    }

    /// Code with a dollar on one side alone is a formula that is open.
    fn read_code(&mut self, range: &Range<usize>) {
        let text = self.text;
        let before = text[..range.start].ends_with('$') && !is_escaped(text, range.start - 1);
        if before != text[range.end..].starts_with('$') {
            let message =
                "a formula has a dollar on one side only; write $`…`$, or \\$ for the character";
            self.found.push((range.start, message.to_owned()));
        }
        // The dollars of a formula are no text.
        if before {
            self.seen[range.start - 1] = b' ';
        }
    }

    /// All that is left over, with its places: also of these ids, of which an empty one is a heading's that has none.
    pub(crate) fn finish(
        mut self,
        ids: Vec<(usize, String)>,
        is_comment: impl Fn(usize) -> bool,
    ) -> Vec<(usize, String)> {
        for (name, at) in &self.notes {
            if !self.referred.contains(name) {
                let message = format!("nothing refers to the footnote `{name}`; write `[^{name}]`");
                self.found.push((*at, message));
            }
        }
        for range in &self.html {
            for (at, _) in self.text[range.clone()].match_indices("$`") {
                if !is_comment(range.start + at) {
                    let message = "a formula within raw HTML is not typeset; put blank lines between it and the tags";
                    self.found.push((range.start + at, message.to_owned()));
                }
            }
        }
        self.find_marks();
        self.find_ids(ids.into_iter().filter(|(at, _)| !is_comment(*at)).collect());
        self.found
    }

    fn find_marks(&mut self) {
        let mut at = 0;
        while at < self.seen.len() {
            let rest = &self.seen[at..];
            let mark = MARKS.iter().find(|(mark, _)| rest.starts_with(mark.as_bytes()));
            if let Some((mark, message)) = mark {
                // The parser does not always say the escape: two bytes of one event.
                if !is_escaped(self.text, at) || self.seen[at] == b'\\' {
                    self.found.push((at, (*message).to_owned()));
                }
                // One message for each line is enough.
                let line = self.text[at..].find('\n').unwrap_or(rest.len());
                at += line.max(mark.len());
            } else {
                at += 1;
            }
        }
    }

    /// Headings of which no id can be made, and ids that stand twice.
    fn find_ids(&mut self, mut ids: Vec<(usize, String)>) {
        ids.sort_unstable();
        let mut known = BTreeSet::new();
        for (at, id) in ids {
            if id.is_empty() {
                let message =
                    "a heading without a letter has no id; give it one: {#name} behind it";
                self.found.push((at, message.to_owned()));
            } else if known.contains(&id) {
                let message =
                    format!("the id `{id}` stands twice on this page; give one of them another");
                self.found.push((at, message));
            } else {
                known.insert(id);
            }
        }
    }
}

/// Does a backslash that is none itself stand before it?
pub(crate) fn is_escaped(text: &str, at: usize) -> bool {
    let before = &text.as_bytes()[..at];
    before.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use crate::tests::{Fixture, bind_text, fault_of};

    #[test]
    fn what_markdown_left_over_is_a_fault() {
        for (text, said) in [
            ("A note[^nope].", "the footnote is not defined"),
            ("A [link][nope].", "the link has no definition"),
            ("A [link](a b.md).", "is not closed, or its address has spaces"),
            ("So $$y$$.", "`$$` begins no formula"),
            ("So \\\\(x\\\\).", "begins no formula"),
            ("So \\\\[x\\\\].", "begins no formula"),
            ("An open $`x` one.", "a dollar on one side only"),
            ("A price of \\$`x`$ escaped.", "a dollar on one side only"),
            ("An open $`x one.", "a formula is not closed"),
            ("A lone ` tick.", "a backtick stands alone"),
            ("A ** b.", "`**` has no partner"),
            ("| a | b |\n| - | - |\n| $`|x|`$ | bare |\n", "within a table `\\|`"),
            ("Twice[^1].\n\n[^1]: one\n[^1]: two\n", "the footnote `1` is defined twice"),
            ("None.\n\n[^1]: one\n", "nothing refers to the footnote `1`"),
            ("<p>Inside HTML $`x`$</p>\n", "a formula within raw HTML"),
            ("## 🎉\n\nText.\n", "a heading without a letter"),
            ("## ???\n\nText.\n", "a heading without a letter"),
            ("## A {#same}\n\n## B {#same}\n", "the id `same` stands twice"),
            ("## Same\n\n<a id=\"same\"></a>\n", "the id `same` stands twice"),
        ] {
            let fault = fault_of(text);
            assert!(fault.contains(said), "{text:?}: {fault}");
        }
    }

    #[test]
    fn what_is_meant_is_none() {
        let text = "Costs \\$5 or \\`tick\\`, \\[^1], a\\*\\*b, \\[a\\]\\[b\\], [0, 1], $5.\n\n\
            `a[i][j] $$ ** [^x]` and ``a ` b`` and $`x_{[i][j]}`$.\n\n```text\n$$ ` [^x] ][ **\n```\n\n\
            A note[^n], a [link][l], **bold**, \\$`code`\\$.\n\n[^n]: Said.\n\n[l]: ../argument.md\n\n\
            ## 1\n\n## Same\n\n## Same\n\n## 🎉 {#party}\n\n<!-- $` [^x] <a id=\"same\"> -->\n";
        bind_text(text);
    }

    #[test]
    fn each_stands_on_its_line() {
        let faults = Fixture::new().faults("One.\n\nTwo $$y$$.\n\n- three[^4]\n");
        let lines: Vec<_> = faults.iter().map(|f| f.line).collect();
        assert_eq!(lines, [3, 5], "{faults:?}");
    }

    #[test]
    fn a_bar_in_a_table_is_written_with_a_backslash() {
        let text = bind_text("| f | m |\n| - | - |\n| $`\\|x\\|`$ | bars |\n");
        assert!(text.contains(">∣<") || text.contains(">|<") || text.contains("∣"), "{text}");
        assert!(!text.contains('∥') && !text.contains('‖'), "{text}");
        // Outside of a table it is TeX's double bar.
        assert!(bind_text("So $`\\|x\\|`$.").contains('∥'));
    }

    #[test]
    fn an_escaped_dollar_begins_no_formula() {
        let text = bind_text("A price of \\$`x`\\$ escaped.\n");
        assert!(text.ends_with("A price of \\$`x`\\$ escaped.\n"), "{text}");
    }
}
