//! What a page's raw Markdown holds, with the exact place of everything.
//!
//! Directives are masked before the text is parsed, so that an underscore in a key is no emphasis
//! and a bar before a format is no table cell; every position is one of the raw text.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::directives::syntax::{self, CHECK, Found, Place};
use crate::leftovers;

/// A heading, or the title of an entry in a definition list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its place.
    pub range: Range<usize>,
    /// 1 to 6; 0 for the title of a definition.
    pub level: u8,
    /// The id that the author gave it with `{#id}`.
    pub explicit_id: Option<String>,
    /// The id that mdBook will give it, or the author's.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Where what it heads first ends: the definition, or the first paragraph below a heading.
    pub body_end: Option<usize>,
}

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// From the first fence to the last.
    pub range: Range<usize>,
    /// What stands behind the opening fence.
    pub info: String,
    /// What stands between the fences.
    pub content: Range<usize>,
}

/// A formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    /// From the first `$` or fence to the last.
    pub range: Range<usize>,
    /// The TeX between them.
    pub tex: Range<usize>,
    /// On lines of its own?
    pub display: bool,
    /// In a table, where Markdown wants a bar written as `\|`?
    pub in_table: bool,
    /// `NAME` of a fence ```` ```math equation:NAME ````.
    pub label: Option<String>,
    /// What stands behind ```` ```math ```` and is no label.
    pub stray: Option<String>,
}

/// A link or an image of Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its place.
    pub range: Range<usize>,
    /// Where it points to.
    pub target: String,
    /// Is it an image?
    pub is_image: bool,
}

/// The structure of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markup {
    /// Everything at `{{#`.
    pub found: Vec<Found>,
    /// Headings and titles of definitions, in order.
    pub headings: Vec<Heading>,
    /// Fenced blocks, those with formulas left out.
    pub fences: Vec<Fence>,
    /// Formulas, in order.
    pub formulas: Vec<Formula>,
    /// Links and images.
    pub links: Vec<Link>,
    /// Raw HTML, blocks and tags in running text.
    pub html: Vec<Range<usize>>,
    /// Ids of footnotes and of raw HTML.
    pub other_ids: Vec<String>,
    /// Words of prose.
    pub words: usize,
    /// What came out as text and was meant for something: where, and what to do.
    pub leftovers: Vec<(usize, String)>,
    spans: Vec<Range<usize>>,
    comments: Vec<Range<usize>>,
}

/// The Markdown that mdBook 0.5 reads, smart punctuation included.
pub const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_SMART_PUNCTUATION)
    .union(Options::ENABLE_DEFINITION_LIST)
    .union(Options::ENABLE_GFM);

/// The text with every directive made into a word of the same length; those of a check, which end what
/// stands above them, into a rule.
// ANCHOR: mask
pub(crate) fn mask(text: &str, found: &[Found]) -> String {
    let mut masked = text.as_bytes().to_vec();
    for item in found {
        let (Found::Directive { range, .. } | Found::Escaped(range) | Found::Unclosed(range)) =
            item;
        let ends = matches!(item, Found::Directive { name, .. } if CHECK.contains(&&**name));
        let with = if ends && is_alone(text, range) { b'*' } else { b'x' };
        for byte in &mut masked[range.clone()] {
            if *byte != b'\n' {
                *byte = with;
            }
        }
    }
    String::from_utf8(masked).unwrap_or_else(|_| text.to_owned())
}
// ANCHOR_END: mask

/// Does nothing else stand on its line?
fn is_alone(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].rsplit('\n').next().unwrap_or_default();
    let after = text[range.end..].split('\n').next().unwrap_or_default();
    before.trim().is_empty() && after.trim().is_empty()
}

impl Markup {
    /// Reads the structure of a page.
    pub fn of(text: &str) -> Self {
        let found = syntax::find(text);
        let masked = mask(text, &found);
        let mut markup = Markup { found, ..Markup::default() };
        let mut reader = Reader {
            markup: &mut markup,
            text: &masked,
            used: HashSet::new(),
            heading: None,
            fence: None,
            awaits_body: None,
            in_table: false,
        };
        let mut leftovers = leftovers::Reader::new(&masked);
        for (event, range) in Parser::new_ext(&masked, OPTIONS).into_offset_iter() {
            leftovers.read(&event, &range);
            reader.read(event, range);
        }
        markup.read_html(&masked);
        let is_comment = |at: usize| markup.comments.iter().any(|r| r.contains(&at));
        let left = leftovers.finish(markup.ids_by_place(&masked), is_comment);
        markup.leftovers = left;
        markup
    }

    /// What the byte at `offset` is part of.
    pub fn place(&self, offset: usize) -> Place {
        let within = |ranges: &[Range<usize>]| ranges.iter().any(|r| r.contains(&offset));
        if within(&self.comments) {
            Place::Comment
        } else if self.formulas.iter().any(|f| f.range.contains(&offset)) {
            Place::Formula
        } else if let Some(i) = self.fences.iter().position(|f| f.range.contains(&offset)) {
            Place::Fence(i)
        } else if within(&self.spans) {
            Place::Span
        } else if self.headings.iter().any(|h| h.level > 0 && h.range.contains(&offset)) {
            Place::Heading
        } else {
            Place::Prose
        }
    }

    /// As [`place`](Self::place), with the inside of a raw tag told apart.
    pub fn place_in(&self, text: &str, offset: usize) -> Place {
        let place = self.place(offset);
        let block = self.html.iter().find(|r| r.contains(&offset));
        if let (Place::Prose, Some(block)) = (place, block) {
            let before = &text[block.start..offset];
            if before.rfind('<') > before.rfind('>') {
                return Place::Tag;
            }
        }
        place
    }

    /// Every id that a link to this page may name.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.headings.iter().map(|h| h.id.as_str()).chain(self.other_ids.iter().map(String::as_str))
    }

    /// The ids of headings and of raw HTML, and where they stand; an empty one where a heading has none.
    fn ids_by_place(&self, text: &str) -> Vec<(usize, String)> {
        let nameless = |h: &Heading| h.explicit_id.is_none() && id_from_content(&h.text).is_empty();
        let headings = self
            .headings
            .iter()
            .map(|h| (h.range.start, if nameless(h) { String::new() } else { h.id.clone() }));
        let own = self.html.iter().flat_map(|range| {
            let found = attributes(&text[range.clone()], &["id"]);
            found.into_iter().map(|(_, at, id)| (range.start + at, id))
        });
        headings.chain(own).collect()
    }

    /// Reads what raw HTML adds: comments and ids.
    fn read_html(&mut self, text: &str) {
        for range in &self.html {
            let block = &text[range.clone()];
            let mut from = 0;
            while let Some(start) = block[from..].find("<!--").map(|i| from + i) {
                let end = block[start..].find("-->").map_or(block.len(), |i| start + i + 3);
                self.comments.push(range.start + start..range.start + end);
                from = end;
            }
            self.other_ids
                .extend(attributes(block, &["id"]).into_iter().map(|(_, _, value)| value));
        }
    }
}

/// Reads the events of the parser into a [`Markup`].
struct Reader<'a> {
    markup: &'a mut Markup,
    text: &'a str,
    used: HashSet<String>,
    /// The heading that is open.
    heading: Option<Heading>,
    /// The fence that is open.
    fence: Option<Fence>,
    /// The heading, by its position, whose first paragraph has not ended.
    awaits_body: Option<usize>,
    in_table: bool,
}

impl Reader<'_> {
    fn read(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                self.open_heading(range, level_number(level), id.map(|id| id.to_string()));
            }
            Event::Start(Tag::DefinitionListTitle) => self.open_heading(range, 0, None),
            Event::End(TagEnd::Heading(_) | TagEnd::DefinitionListTitle) => self.close_heading(),
            Event::End(TagEnd::Paragraph | TagEnd::DefinitionListDefinition) => {
                if let Some(heading) = self.awaits_body.take() {
                    let end = range.start + self.text[range].trim_end().len();
                    self.markup.headings[heading].body_end = Some(end);
                }
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                let empty = range.end..range.end;
                self.fence = Some(Fence { range, info, content: empty });
            }
            Event::End(TagEnd::CodeBlock) => self.close_fence(),
            Event::Start(Tag::Table(_)) => self.in_table = true,
            Event::End(TagEnd::Table) => self.in_table = false,
            Event::Text(text) => self.read_text(&text, range),
            Event::Code(text) => self.read_code(&text, range),
            Event::SoftBreak | Event::HardBreak => self.add_to_heading(" "),
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.markup.links.push(Link {
                    range,
                    target: dest_url.to_string(),
                    is_image: false,
                });
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                self.markup.links.push(Link {
                    range,
                    target: dest_url.to_string(),
                    is_image: true,
                });
            }
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => self.markup.html.push(range),
            Event::Start(Tag::FootnoteDefinition(name)) => {
                self.markup.other_ids.push(format!("footnote-{name}"));
            }
            _ => {}
        }
    }

    fn open_heading(&mut self, range: Range<usize>, level: u8, explicit_id: Option<String>) {
        let (id, text) = (String::new(), String::new());
        self.heading = Some(Heading { range, level, explicit_id, id, text, body_end: None });
    }

    fn close_heading(&mut self) {
        let Some(mut heading) = self.heading.take() else { return };
        heading.id = heading
            .explicit_id
            .clone()
            .unwrap_or_else(|| unique(&id_from_content(&heading.text), &mut self.used));
        heading.text = heading.text.trim().to_owned();
        self.awaits_body = Some(self.markup.headings.len());
        self.markup.headings.push(heading);
    }

    fn add_to_heading(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
    }

    fn read_text(&mut self, text: &str, range: Range<usize>) {
        if let Some(fence) = &mut self.fence {
            let start = if fence.content.is_empty() { range.start } else { fence.content.start };
            fence.content = start..range.end;
            return;
        }
        self.add_to_heading(text);
        self.markup.words +=
            text.split_whitespace().filter(|w| w.contains(char::is_alphanumeric)).count();
    }

    fn read_code(&mut self, code: &str, range: Range<usize>) {
        self.markup.words += code.split_whitespace().count();
        let whole = &self.text[range.clone()];
        let ticks = whole.bytes().take_while(|b| *b == b'`').count();
        let dollars = self.text[..range.start].ends_with('$')
            && !leftovers::is_escaped(self.text, range.start - 1)
            && self.text[range.end..].starts_with('$');
        self.add_to_heading(code);
        if dollars {
            let tex = range.start + ticks..range.end - ticks;
            let range = range.start - 1..range.end + 1;
            self.markup.formulas.push(Formula {
                range,
                tex,
                display: false,
                in_table: self.in_table,
                label: None,
                stray: None,
            });
        } else {
            self.markup.spans.push(range);
        }
    }

    fn close_fence(&mut self) {
        let Some(fence) = self.fence.take() else { return };
        let mut info = fence.info.split_whitespace();
        if info.next() != Some("math") {
            self.markup.fences.push(fence);
            return;
        }
        let rest = info.collect::<Vec<_>>().join(" ");
        let label = rest.strip_prefix("equation:").filter(|n| !n.is_empty() && !n.contains(' '));
        self.markup.formulas.push(Formula {
            range: fence.range,
            tex: fence.content,
            display: true,
            in_table: false,
            label: label.map(str::to_owned),
            stray: (label.is_none() && !rest.is_empty()).then_some(rest),
        });
    }
}

fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// The id that mdBook makes of a heading's text.
pub fn id_from_content(text: &str) -> String {
    let id_char = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    };
    text.trim().to_lowercase().chars().filter_map(id_char).collect()
}

/// An id that is not used yet: `id`, `id-1`, `id-2`.
fn unique(id: &str, used: &mut HashSet<String>) -> String {
    let mut candidate = id.to_owned();
    let mut counter = 0;
    while !used.insert(candidate.clone()) {
        counter += 1;
        candidate = format!("{id}-{counter}");
    }
    candidate
}

/// The quoted attributes of a piece of HTML that have one of `names`: tag, position, value.
pub fn attributes(html: &str, names: &[&str]) -> Vec<(String, usize, String)> {
    let mut found = Vec::new();
    for (open, _) in html.match_indices('<') {
        let tag_name: String = html[open + 1..]
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if tag_name.is_empty() {
            continue;
        }
        let mut at = open + 1 + tag_name.len();
        while let Some((name, value, end)) = attribute(html, at) {
            if names.contains(&name.as_str()) {
                found.push((tag_name.clone(), at, value));
            }
            at = end;
        }
    }
    found
}

/// The attribute that begins at `at` of `html`, after white space: name, value, end.
fn attribute(html: &str, at: usize) -> Option<(String, String, usize)> {
    let rest = html.get(at..)?;
    let start = at + (rest.len() - rest.trim_start().len());
    let rest = &html[start..];
    let length =
        rest.find(|c: char| c.is_whitespace() || "=>/\"'<".contains(c)).unwrap_or(rest.len());
    if length == 0 {
        return None;
    }
    let name = rest[..length].to_ascii_lowercase();
    let after = start + length;
    let Some(equals) = html[after..].trim_start().strip_prefix('=') else {
        return Some((name, String::new(), after));
    };
    let value = equals.trim_start();
    let begin = html.len() - value.len();
    let quoted = |quote: char| {
        let inner = value.strip_prefix(quote)?;
        let end = inner.find(quote)?;
        Some((inner[..end].to_owned(), begin + end + 2))
    };
    let (value, end) = quoted('"').or_else(|| quoted('\'')).unwrap_or_else(|| {
        let length = value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len());
        (value[..length].to_owned(), begin + length)
    });
    Some((name, value, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart() {
        let text = "# T {{#a}}\n\n{{#b}} `{{#c}}` $`{{#d}}`$ <i title=\"{{#e}}\">{{#f}}</i>\n\n```rust\n{{#g}}\n```\n\n<!-- {{#h}} -->\n\n| a | b |\n|---|---|\n| `{{#i x | int}}` | y |\n";
        let markup = Markup::of(text);
        let places: Vec<_> = markup
            .found
            .iter()
            .map(|f| match f {
                Found::Directive { range, name, .. } => {
                    (name.as_str(), markup.place_in(text, range.start))
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            places,
            [
                ("a", Place::Heading),
                ("b", Place::Prose),
                ("c", Place::Span),
                ("d", Place::Formula),
                ("e", Place::Tag),
                ("f", Place::Prose),
                ("g", Place::Fence(0)),
                ("h", Place::Comment),
                ("i", Place::Span),
            ]
        );
    }

    #[test]
    fn headings_have_the_ids_of_mdbook() {
        let markup = Markup::of(
            "# A `b_c` <em>D</em>!\n\n## Same\n\n## Same\n\n## Mine {#own}\n\nTerm\n: What it means.\n",
        );
        let ids: Vec<_> = markup.headings.iter().map(|h| h.id.as_str()).collect();
        assert_eq!(ids, ["a-b_c-d", "same", "same-1", "own", "term"]);
        assert_eq!(markup.headings[3].explicit_id.as_deref(), Some("own"));
    }

    #[test]
    fn formulas_are_found() {
        let text =
            "So $`x_i`$ and `code`.\n\n```math equation:sum\na + b\n```\n\n```math left\nc\n```\n";
        let markup = Markup::of(text);
        let tex: Vec<_> = markup
            .formulas
            .iter()
            .map(|f| (&text[f.tex.clone()], f.display, f.label.as_deref()))
            .collect();
        assert_eq!(
            tex,
            [("x_i", false, None), ("a + b\n", true, Some("sum")), ("c\n", true, None)]
        );
        assert_eq!(markup.formulas[2].stray.as_deref(), Some("left"));
        assert!(markup.fences.is_empty());
    }

    #[test]
    fn raw_html_gives_ids_and_links() {
        assert_eq!(Markup::of("<a id=\"here\"></a>\n").other_ids, ["here"]);
        let found = attributes("<img alt='a > b' src=x.png><a HREF = \"y\">", &["src", "href"]);
        let values: Vec<_> =
            found.iter().map(|(tag, _, value)| (tag.as_str(), value.as_str())).collect();
        assert_eq!(values, [("img", "x.png"), ("a", "y")]);
        assert_eq!(attributes("<", &["src"]), []);
        assert_eq!(attributes("<a b=", &["src"]), []);
    }
}
