//! The search index: the words of the rendered pages, without what only looks like words.
//!
//! mdBook indexes every text node but scripts and styles, so a formula comes in twice (MathML and
//! HTML), and the labels of a drawing and the commands below it come in as prose. Here the finished
//! pages are read instead, with formulas, drawings, tables of data and the like left out. The terms that
//! a section defines and its formulas are kept apart, and `search.toml` adds what readers ask for in
//! other words ([`Words`]).
//!
//! The file holds the sections themselves; `assets/find.js` counts their words when a reader first
//! searches, which takes it less time than reading counts would. Sections, their titles, breadcrumbs and
//! addresses are those of mdBook (`html_handlebars/search.rs` of mdbook-html 0.5), and its `searcher.js`
//! shows what is found.

use std::cell::RefCell;

use anyhow::Context as _;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use mdbook_driver::config::{Config, Search};

use crate::search_words::{Place, Words};
use crate::text::nearest;

/// Elements whose words are not the page's.
const SKIPPED_TAGS: [&str; 7] =
    ["button", "math", "noscript", "script", "style", "svg", "template"];

/// Classes of elements whose words are not prose: formulas, facts and times, the data behind a
/// drawing, commands, check marks; and answers, which a teaser would give away.
const SKIPPED_CLASSES: [&str; 12] = [
    "buttons",
    "check-answer",
    "claim",
    "equation-number",
    "figure-data",
    "katex",
    "katex-display",
    "listing-source",
    "page-facts",
    "provenance",
    "timing-note",
    "timings-note",
];

/// Elements inside a line of prose, which part no words.
const INLINE: [&str; 20] = [
    "a", "abbr", "b", "cite", "code", "del", "dfn", "em", "i", "kbd", "mark", "q", "s", "small",
    "span", "strong", "sub", "sup", "var", "wbr",
];

/// A part of a page that a search can find.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// Its address from the book's root: `02-features/colour.html#cost`.
    pub url: String,
    /// Its heading.
    pub title: String,
    /// Its words.
    pub body: String,
    /// Chapter, page and heading: `A » B`.
    pub breadcrumbs: String,
    /// The terms that it defines, and what `search.toml` says is treated there.
    pub terms: Vec<String>,
    /// Its formulas as one types them: `dL/dw`.
    pub formulas: Vec<String>,
}

/// Makes mdBook index nothing: its index would be thrown away.
///
/// # Errors
/// Where the configuration cannot be changed.
pub fn leave_to_us(config: &mut Config) -> anyhow::Result<()> {
    // An empty path is the start of every path.
    let nothing = serde_json::json!({ "": { "enable": false } });
    config.set("output.html.search.chapter", nothing).context("the search cannot be set up")
}

/// The sections of a rendered page, split at headings of `level` and above.
///
/// `parents` are the titles that lead to the page, its own the last.
pub fn sections(address: &str, parents: &[String], html: &str, level: u8) -> Vec<Section> {
    let reader = Reader {
        state: RefCell::new(State {
            address: address.to_owned(),
            level,
            breadcrumbs: parents.to_vec(),
            ..State::default()
        }),
    };
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
    // Nothing here asks the tokenizer to stop before the end.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    let mut state = tokenizer.sink.state.into_inner();
    if !state.body.trim().is_empty() || !state.heading.is_empty() {
        if state.heading.is_empty() {
            state.heading = parents.first().cloned().unwrap_or_default();
        }
        state.end_section();
    }
    state.found
}

/// What has been read of a page.
#[derive(Debug, Default)]
struct State {
    address: String,
    level: u8,
    /// Between `<main>` and `</main>`?
    in_page: bool,
    /// The element that is left out, and how many of its name are open.
    skipped: Option<(String, usize)>,
    in_heading: bool,
    /// Is a term being defined?
    in_term: bool,
    math: Math,
    terms: Vec<String>,
    formulas: Vec<String>,
    id: String,
    heading: String,
    body: String,
    breadcrumbs: Vec<String>,
    found: Vec<Section>,
}

impl State {
    fn end_section(&mut self) {
        let fragment = if self.id.is_empty() { String::new() } else { format!("#{}", self.id) };
        self.found.push(Section {
            url: format!("{}{fragment}", self.address),
            title: collapse(&self.heading),
            body: collapse(&self.body),
            breadcrumbs: collapse(&self.breadcrumbs.join(" » ")),
            terms: std::mem::take(&mut self.terms).iter().map(|term| collapse(term)).collect(),
            formulas: std::mem::take(&mut self.formulas),
        });
    }

    fn add(&mut self, text: &str) {
        if self.in_page
            && self.in_term
            && let Some(term) = self.terms.last_mut()
        {
            term.push_str(text);
        }
        self.math.text(text);
        if self.in_page && self.skipped.is_none() {
            if self.in_heading { self.heading.push_str(text) } else { self.body.push_str(text) }
        }
    }

    fn open(&mut self, name: &str, tag: &Tag) {
        self.math.open(name, tag.self_closing);
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(skipped == name && !tag.self_closing);
            return;
        }
        if name == "dfn" {
            self.in_term = true;
            self.terms.push(String::new());
        }
        self.in_page |= name == "main";
        let value = |wanted: &str| {
            let attribute = tag.attrs.iter().find(|a| &*a.name.local == wanted)?;
            Some(attribute.value.to_string())
        };
        let classes = value("class").unwrap_or_default();
        let is_skipped = SKIPPED_TAGS.contains(&name)
            || classes.split_whitespace().any(|c| SKIPPED_CLASSES.contains(&c));
        if is_skipped && !tag.self_closing {
            // Words left and right of a formula stay two.
            self.add(if classes.contains("katex") { " … " } else { " " });
            self.skipped = Some((name.to_owned(), 1));
        } else if let (true, Some(level), Some(id)) = (self.in_page, level_of(name), value("id"))
            && level <= self.level
        {
            if !self.heading.is_empty() {
                self.end_section();
                self.heading.clear();
                self.body.clear();
                self.breadcrumbs.pop();
            }
            self.id = id;
            self.in_heading = true;
        } else if !INLINE.contains(&name) {
            self.add(" ");
        }
    }

    fn close(&mut self, name: &str) {
        let formula = self.math.close(name);
        self.formulas.extend(formula.filter(|_| self.in_page));
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth -= usize::from(skipped == name);
            if *depth == 0 {
                self.skipped = None;
            }
            return;
        }
        self.in_term &= name != "dfn";
        self.in_page &= name != "main";
        if self.in_heading && level_of(name).is_some() {
            self.in_heading = false;
            self.breadcrumbs.push(self.heading.clone());
        } else if !INLINE.contains(&name) {
            self.add(" ");
        }
    }
}

/// A formula of MathML, read as one would type it in a line: `∂L/∂w`, `x2` for a square.
#[derive(Debug, Default)]
struct Math {
    /// The elements that are open: whether it is a fraction, and how many elements it holds so far.
    open: Vec<(bool, usize)>,
    line: String,
}

impl Math {
    fn open(&mut self, name: &str, is_empty: bool) {
        if !self.open.is_empty() || name == "math" {
            self.open.push((name == "mfrac", 0));
        }
        if is_empty {
            self.close(name);
        }
    }

    fn text(&mut self, text: &str) {
        if !self.open.is_empty() {
            self.line.extend(text.chars().filter(|c| !c.is_whitespace()));
        }
    }

    /// Ends an element; gives the formula with its last one.
    fn close(&mut self, _: &str) -> Option<String> {
        self.open.pop()?;
        match self.open.last_mut() {
            Some((is_fraction, inside)) => {
                *inside += 1;
                if *is_fraction && *inside == 1 {
                    self.line.push('/');
                }
                None
            }
            None => Some(std::mem::take(&mut self.line)),
        }
    }
}

/// Reads the tokens of a page.
struct Reader {
    state: RefCell<State>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.add(&text),
            Token::TagToken(tag) => {
                let name = tag.name.to_string();
                match tag.kind {
                    TagKind::EndTag => state.close(&name),
                    TagKind::StartTag => {
                        state.open(&name, &tag);
                        match name.as_str() {
                            "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                            "style" => return TokenSinkResult::RawData(RawKind::Rawtext),
                            _ => {}
                        }
                    }
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// 2 of `h2`. The title of a definition, such as the glossary's, begins a section, too.
fn level_of(name: &str) -> Option<u8> {
    if name == "dt" {
        return Some(1);
    }
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

/// One space for each run of white space; none before a full stop or a comma, where a mark was.
fn collapse(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [" .", " ,", " ;", " )"].iter().fold(text, |text, gap| text.replace(gap, &gap[1..]))
}

/// Adds to each section what `search.toml` says is treated there.
///
/// # Errors
/// A section that the book does not have.
pub fn place(words: &Words, sections: &mut [Section]) -> anyhow::Result<()> {
    for Place { words, section } in &words.place {
        let is_named = |s: &&mut Section| {
            s.url == *section || s.url.split('#').next() == Some(section.as_str())
        };
        match sections.iter_mut().find(is_named) {
            Some(found) => found.terms.extend(words.iter().cloned()),
            None => {
                let near = nearest(section, sections.iter().map(|s| s.url.as_str()));
                anyhow::bail!("search.toml: there is no section `{section}`{near}");
            }
        }
    }
    Ok(())
}

/// The file that `searcher.js` loads.
///
/// # Errors
/// Where the index cannot be written as JSON.
pub fn file(sections: &[Section], words: &Words, search: &Search) -> anyhow::Result<String> {
    let index = json(sections, words, search)?;
    let index = index.replace('\\', "\\\\").replace('\'', "\\'");
    Ok(format!("window.search = Object.assign(window.search, JSON.parse('{index}'));"))
}

/// The sections as find.js counts their words, with what mdBook's searcher.js asks for.
fn json(sections: &[Section], words: &Words, search: &Search) -> anyhow::Result<String> {
    let urls: Vec<&str> = sections.iter().map(|section| section.url.as_str()).collect();
    let of_section = |section: &Section| {
        serde_json::json!([
            section.title,
            section.body,
            section.breadcrumbs,
            section.terms,
            section.formulas.join(" "),
            words.weight(&section.url),
        ])
    };
    let value = serde_json::json!({
        "results_options": {
            "limit_results": search.limit_results,
            "teaser_word_count": search.teaser_word_count,
        },
        "search_options": {},
        "doc_urls": urls,
        "index": {
            "sections": sections.iter().map(of_section).collect::<Vec<_>>(),
            "same": words.same,
        },
    });
    serde_json::to_string(&value).context("the search index cannot be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<body><h1>Menu</h1><main>\n<h1 id=\"dice\"><a class=\"header\" href=\"#dice\">Dice</a></h1>\
        <p class=\"page-facts\"><span>3 minutes to read</span></p>\
        <p>A die&#39;s mean is <span class=\"katex\"><span>frac<span>mathbf</span></span></span>, as <em>Pas</em>cal knew. <a class=\"claim\">✓</a></p>\
        <h2 id=\"settles\">It settles</h2><figure><svg><text>axis</text></svg>\
        <figcaption><b>Figure 1.1.</b> The mean settles.</figcaption><details class=\"figure-data\"><summary>Data</summary><table><tr><td>1667</td></tr></table></details></figure>\
        <h4 id=\"deep\">Deep</h4><p>Below.</p><script>let x = \"<p>no</p>\";</script></main><nav>Next</nav></body>";

    fn page() -> Vec<Section> {
        sections("01-dice/index.html", &["Dice, rolled".to_owned()], PAGE, 3)
    }

    #[test]
    fn a_page_is_split_at_its_headings() {
        let section = |url: &str, title: &str, body: &str, breadcrumbs: &str| Section {
            url: url.into(),
            title: title.into(),
            body: body.into(),
            breadcrumbs: breadcrumbs.into(),
            ..Section::default()
        };
        assert_eq!(
            page(),
            [
                section(
                    "01-dice/index.html#dice",
                    "Dice",
                    "A die's mean is …, as Pascal knew.",
                    "Dice, rolled » Dice"
                ),
                section(
                    "01-dice/index.html#settles",
                    "It settles",
                    "Figure 1.1. The mean settles. Deep Below.",
                    "Dice, rolled » It settles"
                ),
            ]
        );
    }

    #[test]
    fn a_page_without_headings_has_its_title() {
        let found = sections("a.html", &["Alone".into()], "<main><p>Text</p></main>", 3);
        assert_eq!(
            (found.len(), found[0].title.as_str(), found[0].url.as_str()),
            (1, "Alone", "a.html")
        );
        assert!(sections("a.html", &["Empty".into()], "<main></main>", 3).is_empty());
    }

    #[test]
    fn terms_and_formulas_are_kept_apart_and_debris_is_out() {
        let page = "<main><h1 id=\"a\">A</h1><p>A <dfn><a>die</a></dfn> has <span class=\"katex\"><math><mfrac><mrow><mi>∂</mi><mi>L</mi></mrow><mi>w</mi></mfrac><mspace/><mo>=</mo><msup><mi>x</mi><mn>2</mn></msup></math><span>frac</span></span>.</p>\
            <dl><dt id=\"die\">die</dt><dd>A cube.</dd></dl></main>";
        let found = sections("a.html", &["A".into()], page, 3);
        assert_eq!((found[0].terms[0].as_str(), found[0].formulas[0].as_str()), ("die", "∂L/w=x2"));
        assert_eq!(found[0].body, "A die has ….");
        assert_eq!((found[1].url.as_str(), found[1].title.as_str()), ("a.html#die", "die"));
        let file = file(&found, &Words::default(), &Search::default()).unwrap();
        let json = file.strip_prefix("window.search = Object.assign(window.search, JSON.parse('");
        let json = json.and_then(|j| j.strip_suffix("'));")).unwrap();
        let json = json.replace("\\'", "'").replace("\\\\", "\\");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["doc_urls"][1], "a.html#die");
        assert_eq!(value["index"]["sections"][1][1], "A cube.");
        assert!(!json.contains("frac"), "{json}");
    }

    #[test]
    fn a_place_gets_its_words_and_a_lost_one_is_a_fault() {
        let words = |section: &str| Words {
            place: vec![Place { words: vec!["rolling".into()], section: section.into() }],
            ..Words::default()
        };
        let mut found = page();
        place(&words("01-dice/index.html#settles"), &mut found).unwrap();
        place(&words("01-dice/index.html"), &mut found).unwrap();
        assert_eq!((found[0].terms.len(), found[1].terms.len()), (1, 1));
        let said = place(&words("01-dice/index.html#settle"), &mut found).unwrap_err().to_string();
        assert!(said.contains("did you mean `01-dice/index.html#settles`?"), "{said}");
    }

    #[test]
    fn mdbook_indexes_nothing() {
        let mut config = Config::default();
        leave_to_us(&mut config).unwrap();
        let chapters = config.html_config().unwrap().search.unwrap().chapter;
        assert_eq!(chapters[""].enable, Some(false));
    }
}
