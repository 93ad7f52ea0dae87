//! The book as a reader of sentences sees it: paragraphs and words, with the exact place of each.
//!
//! A page's prose is a copy of its text, byte for byte as long, in which all that is not prose is
//! painted over: code, formulas and directives become one opaque word, marks of Markdown nothing.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};

use super::settings::Settings;
use crate::book::Book;
use crate::directives::question;
use crate::directives::syntax::Found;
use crate::markup::{Markup, OPTIONS, mask};

/// A byte of something that stands in a sentence like a word and is none: a formula, a value.
const OPAQUE: u8 = 1;
/// A byte of a mark that the reader does not see.
const UNSEEN: u8 = 2;

/// The whole book.
#[derive(Debug)]
pub struct Manuscript<'a> {
    /// Its structure.
    pub book: &'a Book,
    /// What the rules go by.
    pub settings: Settings,
    /// The prose of each page of [`Book::pages`].
    pub pages: Vec<Prose>,
}

/// The prose of a page.
#[derive(Debug)]
pub struct Prose {
    /// The painted copy of the page's text.
    pub text: String,
    /// Paragraphs and what else holds sentences, in order.
    pub blocks: Vec<Block>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A paragraph, possibly in a list or a quotation.
    Paragraph,
    /// A heading and its level.
    Heading(u8),
    /// A cell of a table.
    Cell,
    /// The title of an entry in a definition list.
    Title,
    /// A formula on lines of its own; its words are none.
    Display,
}

/// A piece of prose that is read in one go.
#[derive(Debug, Clone)]
pub struct Block {
    /// From its first seen byte to its last.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// Is it quoted from somebody else, with `>`?
    pub is_quoted: bool,
    /// Is it below a heading that begins with "Exercise", or in a five-minute check? The numbers there
    /// are its own.
    pub is_exercise: bool,
    /// Its words and marks.
    pub tokens: Vec<Token>,
}

/// A word or a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its place.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TokenKind,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, with digits, hyphens and apostrophes inside.
    Word,
    /// Digits, with points and commas inside.
    Number,
    /// A formula, code or a directive.
    Opaque,
    /// Any other character that is seen.
    Mark,
}

impl<'a> Manuscript<'a> {
    /// Reads the prose of every page.
    pub fn new(book: &'a Book, settings: Settings) -> Self {
        let pages = book.pages.iter().map(|p| Prose::new(&p.text, &p.markup)).collect();
        Manuscript { book, settings, pages }
    }

    /// Every block of the book with the position of its page.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, &Prose, &Block)> {
        self.pages.iter().enumerate().flat_map(|(i, p)| p.blocks.iter().map(move |b| (i, p, b)))
    }
}

impl Block {
    /// Does it hold sentences, rather than a name or a number?
    pub fn is_running_text(&self) -> bool {
        self.kind == Kind::Paragraph
    }
}

impl Prose {
    /// Reads a page.
    pub fn new(text: &str, markup: &Markup) -> Self {
        let mut reader = Reader::new(text, markup);
        let masked = mask(text, &markup.found);
        for (event, range) in Parser::new_ext(&masked, OPTIONS).into_offset_iter() {
            reader.read(event, range);
        }
        reader.close();
        reader.paint_formulas();
        reader.paint_directives();
        let Reader { bytes, mut blocks, .. } = reader;
        for check in question::ranges(markup) {
            let inside = blocks.iter_mut().filter(|b| check.contains(&b.range.start));
            inside.for_each(|b| b.is_exercise = true);
        }
        let painted = String::from_utf8(bytes).unwrap_or_default();
        for block in blocks.iter_mut().filter(|b| b.kind != Kind::Display) {
            block.tokens = tokens(&painted, block.range.clone());
        }
        Prose { text: painted, blocks }
    }

    /// The text of a token.
    pub fn word(&self, token: &Token) -> &str {
        &self.text[token.range.clone()]
    }

    /// The lower-case text of a token.
    pub fn lower(&self, token: &Token) -> String {
        self.word(token).to_lowercase()
    }

    /// The sentences of a block, as ranges of its tokens.
    pub fn sentences(&self, block: &Block) -> Vec<Range<usize>> {
        let mut sentences = Vec::new();
        let mut start = 0;
        for (i, token) in block.tokens.iter().enumerate() {
            if token.kind == TokenKind::Mark && self.ends_sentence(block, i) {
                sentences.push(start..i + 1);
                start = i + 1;
            }
        }
        if start < block.tokens.len() {
            sentences.push(start..block.tokens.len());
        }
        sentences
    }

    /// Does the mark at position `i` end a sentence?
    fn ends_sentence(&self, block: &Block, i: usize) -> bool {
        let mark = self.word(&block.tokens[i]);
        if !matches!(mark, "." | "?" | "!") {
            return false;
        }
        let previous = i.checked_sub(1).map(|p| self.lower(&block.tokens[p])).unwrap_or_default();
        if mark == "." && matches!(previous.as_str(), "al" | "e.g" | "i.e" | "cf" | "vs" | "etc") {
            return false;
        }
        let after = &self.text[block.tokens[i].range.end..block.range.end];
        let gap = after.trim_start_matches(['"', '”', '’', ')', '*', '_', char::from(UNSEEN)]);
        gap.is_empty() || gap.starts_with(char::is_whitespace)
    }
}

/// Cuts the painted text in `range` into tokens.
fn tokens(text: &str, range: Range<usize>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = range.start;
    while let Some(first) = text[at..range.end].chars().next() {
        let rest = &text[at..range.end];
        let (kind, length) = if first == char::from(OPAQUE) {
            (TokenKind::Opaque, run(rest, |c, _, _| c == char::from(OPAQUE)))
        } else if first.is_ascii_digit() {
            let inside = |c: char, _, next: Option<char>| {
                c.is_numeric() || (matches!(c, '.' | ',') && next.is_some_and(|n| n.is_numeric()))
            };
            (TokenKind::Number, run(rest, inside))
        } else if first.is_alphanumeric() {
            (TokenKind::Word, run(rest, is_inside_word))
        } else if first.is_whitespace() || first == char::from(UNSEEN) {
            at += first.len_utf8();
            continue;
        } else {
            (TokenKind::Mark, first.len_utf8())
        };
        tokens.push(Token { range: at..at + length, kind });
        at += length;
    }
    tokens
}

/// Letters, digits, and what joins them: `state-of-the-art`, `don't`, `e.g`, `GPT-3.5`.
fn is_inside_word(c: char, before: Option<char>, next: Option<char>) -> bool {
    let joins = |test: fn(char) -> bool| before.is_some_and(test) && next.is_some_and(test);
    match c {
        '-' | '\'' | '’' => next.is_some_and(char::is_alphanumeric),
        '.' => joins(|c| c.is_ascii_digit()) || joins(|c| c.is_ascii_lowercase()),
        c => c.is_alphanumeric(),
    }
}

/// The bytes of the longest start of `text` whose characters all pass, given their neighbours.
fn run(text: &str, passes: impl Fn(char, Option<char>, Option<char>) -> bool) -> usize {
    let mut before = None;
    for (i, c) in text.char_indices() {
        let next = text[i + c.len_utf8()..].chars().next();
        if !passes(c, before, next) {
            return i;
        }
        before = Some(c);
    }
    text.len()
}

/// Reads the parser's events into a painted copy and its blocks.
struct Reader<'a> {
    text: &'a str,
    markup: &'a Markup,
    bytes: Vec<u8>,
    blocks: Vec<Block>,
    /// Kind and range of the block that is open.
    open: Option<(Kind, Range<usize>)>,
    kind: Kind,
    quotes: usize,
    code: bool,
    address: bool,
    /// The level of the heading of exercises that we are below.
    exercises: Option<u8>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, markup: &'a Markup) -> Self {
        let bytes = text.bytes().map(|b| if b == b'\n' { b } else { UNSEEN }).collect();
        Reader {
            text,
            markup,
            bytes,
            blocks: Vec::new(),
            open: None,
            kind: Kind::Paragraph,
            quotes: 0,
            code: false,
            address: false,
            exercises: None,
        }
    }

    fn read(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Text(_) if self.code => {}
            Event::Text(_) if self.address => self.paint(range, OPAQUE),
            Event::Text(_) => {
                self.bytes[range.clone()].copy_from_slice(&self.text.as_bytes()[range.clone()]);
                self.extend(range);
            }
            Event::Code(_) => self.read_code(range),
            Event::FootnoteReference(_) | Event::InlineMath(_) => self.paint(range, OPAQUE),
            Event::Start(Tag::Link { link_type, .. }) => {
                self.address = matches!(link_type, LinkType::Autolink | LinkType::Email);
            }
            Event::End(TagEnd::Link) => self.address = false,
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        if matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Image { .. }) {
            return;
        }
        self.close();
        match tag {
            Tag::Heading { level, .. } => self.kind = Kind::Heading(number(*level)),
            Tag::TableCell => self.kind = Kind::Cell,
            Tag::DefinitionListTitle => self.kind = Kind::Title,
            Tag::BlockQuote(_) => self.quotes += 1,
            Tag::CodeBlock(_) => {
                self.code = true;
                let display = self.markup.formulas.iter().find(|f| f.range == range);
                if display.is_some() {
                    self.open = Some((Kind::Display, range));
                    self.close();
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Image)
        {
            return;
        }
        self.close();
        match tag {
            TagEnd::Heading(_) | TagEnd::TableCell | TagEnd::DefinitionListTitle => {
                self.kind = Kind::Paragraph;
            }
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::CodeBlock => self.code = false,
            _ => {}
        }
    }

    /// A code span, with the dollars of a formula.
    fn read_code(&mut self, range: Range<usize>) {
        let formula = self.markup.formulas.iter().find(|f| f.range.contains(&range.start));
        let range = formula.map_or(range, |f| f.range.clone());
        self.paint(range, OPAQUE);
    }

    fn paint(&mut self, range: Range<usize>, with: u8) {
        for byte in &mut self.bytes[range.clone()] {
            if *byte != b'\n' || with == OPAQUE {
                *byte = with;
            }
        }
        self.extend(range);
    }

    fn extend(&mut self, range: Range<usize>) {
        let start = self.open.as_ref().map_or(range.start, |(_, r)| r.start.min(range.start));
        let end = self.open.as_ref().map_or(range.end, |(_, r)| r.end.max(range.end));
        self.open = Some((self.kind, start..end));
    }

    fn close(&mut self) {
        let Some((kind, range)) = self.open.take() else { return };
        if let Kind::Heading(level) = kind {
            if self.exercises.is_some_and(|e| level <= e) {
                self.exercises = None;
            }
            if self.text[range.clone()].starts_with("Exercise") {
                self.exercises = Some(level);
            }
        }
        self.blocks.push(Block {
            range,
            kind,
            is_quoted: self.quotes > 0,
            is_exercise: self.exercises.is_some(),
            tokens: Vec::new(),
        });
    }

    /// Formulas within sentences become opaque, with their dollars, which the parser takes for text.
    fn paint_formulas(&mut self) {
        for formula in self.markup.formulas.iter().filter(|f| !f.display) {
            self.bytes[formula.range.clone()].fill(OPAQUE);
        }
    }

    /// Directives become opaque, but for the words that the author gave to one.
    fn paint_directives(&mut self) {
        for found in &self.markup.found {
            let range = match found {
                Found::Directive { range, .. } => range.clone(),
                Found::Escaped(range) | Found::Unclosed(range) => {
                    for byte in &mut self.bytes[range.clone()] {
                        if *byte == b'x' || *byte == b'\\' || *byte == b'{' || *byte == b'#' {
                            *byte = UNSEEN;
                        }
                    }
                    continue;
                }
            };
            // Painted over already, as part of code or a comment.
            if [OPAQUE, UNSEEN].contains(&self.bytes[range.start]) {
                continue;
            }
            let words = self.words_of(found, &range);
            for i in range {
                if words.contains(&i) {
                    continue;
                }
                self.bytes[i] = if words.is_empty() { OPAQUE } else { UNSEEN };
            }
        }
    }

    /// The words of a term and the caption of a table, which are the author's prose.
    fn words_of(&self, found: &Found, range: &Range<usize>) -> Range<usize> {
        let Found::Directive { name, .. } = found else { return 0..0 };
        let inside = &self.text[range.start..range.end - 2];
        let bar = inside.find('|').map(|i| i + 1);
        let from = match (name.as_str(), bar) {
            ("term" | "table", Some(bar)) => bar,
            ("term", None) => inside.find("term").map_or(inside.len(), |i| i + 4),
            _ => return 0..0,
        };
        range.start + from..range.end - 2
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(text: &str) -> Prose {
        Prose::new(text, &Markup::of(text))
    }

    fn words(text: &str) -> Vec<String> {
        let prose = prose(text);
        let tokens = prose.blocks.iter().flat_map(|b| &b.tokens);
        tokens
            .map(|t| match t.kind {
                TokenKind::Opaque => "·".to_owned(),
                _ => prose.word(t).to_owned(),
            })
            .collect()
    }

    #[test]
    fn prose_is_what_a_reader_reads() {
        assert_eq!(
            words("A *b* [c](d.md) `e` $`f`$ {{#value g h}}s."),
            ["A", "b", "c", "·", "·", "·", "s", "."]
        );
        assert_eq!(words("{{#term die | two dice}} {{#term face}}s"), ["two", "dice", "face", "s"]);
        assert_eq!(words("{{#table a/b c | A caption.}}"), ["A", "caption", "."]);
        assert_eq!(
            words("8-bit GPT-3.5, 1,000.5 e.g. don't"),
            ["8", "-", "bit", "GPT-3.5", ",", "1,000.5", "e.g", ".", "don't"]
        );
    }

    #[test]
    fn blocks_are_told_apart() {
        let text = "# T\n\nA\nb.\n\n- c\n- d\n\n> e\n\n| f |\n|---|\n| g |\n\n```math\nx\n```\n\n## Exercises\n\n1. h\n\n## I\n\nj\n";
        let prose = prose(text);
        let kinds: Vec<_> = prose
            .blocks
            .iter()
            .map(|b| (text[b.range.clone()].trim(), b.kind, b.is_quoted, b.is_exercise))
            .collect();
        use Kind::{Cell, Display, Heading, Paragraph};
        assert_eq!(
            kinds,
            [
                ("T", Heading(1), false, false),
                ("A\nb.", Paragraph, false, false),
                ("c", Paragraph, false, false),
                ("d", Paragraph, false, false),
                ("e", Paragraph, true, false),
                ("f", Cell, false, false),
                ("g", Cell, false, false),
                ("```math\nx\n```", Display, false, false),
                ("Exercises", Heading(2), false, true),
                ("h", Paragraph, false, true),
                ("I", Heading(2), false, false),
                ("j", Paragraph, false, false),
            ]
        );
    }

    #[test]
    fn a_check_is_prose_whose_numbers_are_its_own() {
        let text =
            "A.\n\n{{#question}}\nB?\n- [ ] c\n- [x] d\n{{#answer}}\nE.\n{{#endquestion}}\nF.\n";
        let prose = prose(text);
        let blocks: Vec<_> = prose
            .blocks
            .iter()
            .map(|b| (text[b.range.clone()].trim(), b.kind, b.is_exercise))
            .collect();
        let inside = ["B?", "c", "d", "E."].map(|word| (word, Kind::Paragraph, true));
        assert_eq!(blocks[1..5], inside);
        assert_eq!((blocks[0].2, blocks[5].2, blocks.len()), (false, false, 6));
    }

    #[test]
    fn sentences_end_where_they_end() {
        let prose = prose("He et al. found 0.5, e.g. this. \"Did it?\" Yes (they say.) No");
        let ranges = prose.sentences(&prose.blocks[0]);
        assert_eq!(ranges.len(), 4, "{ranges:?}");
    }
}
