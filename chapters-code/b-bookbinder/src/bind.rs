//! Binding: every directive and formula of every page is replaced, in one go, from ranges of the
//! raw text; then everything is checked. Nothing that was put in is looked at again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use gradebook::library::Library;
use notebook::Workspace;
use notebook::escape::{html, inert};

use crate::addresses;
use crate::bibliography::Bibliography;
use crate::binding::{Binding, Log, Tally};
use crate::book::{Book, Page};
use crate::cache::Cache;
use crate::checks;
use crate::directives::syntax::{Expansion, Found, Place, Site};
use crate::directives::{self, include, question, term};
use crate::evidence::{Evidence, origin};
use crate::facts;
use crate::faults::{Faults, Trouble};
use crate::formula;
use crate::glossary::Glossary;
use crate::labels::Labels;
use crate::settings::{Edition, Settings};
use crate::spaces;
use crate::splice::{gap, margin, splice, start};
use crate::text::{line_around, slashes};
use crate::uses::Uses;

/// What binding gives: the pages, and what they hold.
#[derive(Debug, Default)]
pub struct Bound {
    /// The text of each page, by its path from the folder of the sources.
    pub pages: BTreeMap<PathBuf, String>,
    /// What the book holds.
    pub tally: Tally,
    /// For whom it was bound.
    pub edition: Edition,
}

/// Reads and binds the book at the workspace's root.
///
/// # Errors
/// Where the list of its pages cannot be read.
pub fn load(workspace: &Workspace, settings: &Settings) -> anyhow::Result<(Book, Bound, Faults)> {
    let mut faults = Faults::default();
    let book = Book::read(workspace.root(), &settings.source, &mut faults)?;
    let bound = bind(workspace, &book, settings, &mut faults);
    Ok((book, bound, faults))
}

/// Binds the book; what is wrong goes into `faults`.
pub fn bind(workspace: &Workspace, book: &Book, settings: &Settings, faults: &mut Faults) -> Bound {
    bind_again(workspace, book, settings, &Cache::default(), faults)
}

/// As [`bind`], with what an earlier binding left in `cache`.
pub fn bind_again(
    workspace: &Workspace,
    book: &Book,
    settings: &Settings,
    cache: &Cache,
    faults: &mut Faults,
) -> Bound {
    let mut evidence = Evidence::new(workspace);
    let judged = evidence.judge();
    let labels = Labels::number(book, faults);
    let uses = Uses::of(book);
    let library = library(workspace, &uses, faults);
    let binding = Binding {
        book,
        evidence: &evidence,
        labels: &labels,
        uses: &uses,
        maths: cache.maths(),
        bibliography: bibliography(workspace, book, &uses, cache, faults),
        glossary: Glossary::of(book),
        repository: settings.repository.clone(),
        cache: cache.clone(),
        library: &library,
        edition: settings.edition,
        log: Log::default(),
    };
    let texts: Vec<String> =
        (0..book.pages.len()).map(|page| bind_page(&binding, page, faults)).collect();
    checks::leftovers(&binding, faults);
    checks::results(&binding, judged, faults);
    checks::claims(&binding, faults);
    checks::crates(&binding, faults);
    checks::anchors(&binding, faults);
    checks::medians(&binding, faults);
    checks::pages(&binding, faults);
    checks::references(&binding, faults);
    checks::links(&binding, &texts, faults);
    addresses::check(&binding, faults);
    let tally = binding.tally();
    let pages = book.pages.iter().map(|p| p.path.clone()).zip(texts).collect();
    Bound { pages, tally, edition: settings.edition }
}

/// Reads the exercises, if a page shows one.
fn library(workspace: &Workspace, uses: &Uses, faults: &mut Faults) -> Library {
    if uses.named("exercise").next().is_none() {
        return Library::default();
    }
    let library = match Library::of_book(workspace) {
        Ok(library) => library,
        Err(error) => {
            faults.fault("chapters-code", 1, format!("{error:#}"));
            return Library::default();
        }
    };
    for fault in &library.faults.0 {
        let file = fault.path.strip_prefix(workspace.root()).unwrap_or(&fault.path);
        faults.fault(&slashes(file), fault.line.unwrap_or(1), fault.what.clone());
    }
    let exercises = library.exercises.iter().map(|e| (&e.chapter, &e.name, &e.path));
    let questions = library.questions.iter().map(|q| (&q.chapter, &q.name, &q.path));
    for (chapter, name, path) in exercises.chain(questions) {
        let label = format!("{chapter}/{name}");
        if !uses.named("exercise").any(|u| u.arguments == label) {
            let file = slashes(path.strip_prefix(workspace.root()).unwrap_or(path));
            faults.fault(
                &file,
                1,
                format!("is on no page; write `{{{{#exercise {label}}}}}` on one"),
            );
        }
    }
    library
}

/// Reads the references, if there is a file of them or a page that needs it.
fn bibliography(
    workspace: &Workspace,
    book: &Book,
    uses: &Uses,
    cache: &Cache,
    faults: &mut Faults,
) -> Option<Bibliography> {
    let path = book.source.join("references.bib");
    let needed = uses.named("cite").chain(uses.named("references")).next().is_some();
    if !needed && !workspace.root().join(&path).exists() {
        return None;
    }
    match cache.bibliography(&workspace.root().join(&path)) {
        Ok(bibliography) => Some(bibliography),
        Err(error) => {
            for fault in error.faults() {
                faults.fault(
                    &slashes(&path),
                    fault.line.unwrap_or(1),
                    format!("{}; {}", fault.fault, fault.fix),
                );
            }
            None
        }
    }
}

/// Replaces everything on one page.
// ANCHOR: page
fn bind_page(binding: &Binding<'_>, index: usize, faults: &mut Faults) -> String {
    let page = &binding.book.pages[index];
    let mut replacements: Vec<(Range<usize>, String)> = Vec::new();
    let mut take = |offset: usize, outcome: Result<Vec<_>, Trouble>| match outcome {
        Ok(more) => replacements.extend(more),
        Err(Trouble::Fault(message)) => faults.fault(&page.file, page.line(offset), message),
        Err(Trouble::Reported) => {}
    };
    for found in &page.markup.found {
        take(start(found), replace(binding, index, found));
    }
    for formula in &page.markup.formulas {
        let html = formula::typeset(binding, index, formula);
        take(formula.tex.start, html.map(|html| vec![(formula.range.clone(), html)]));
    }
    if let Some(glossary) = binding.glossary.as_ref().filter(|g| g.page == index) {
        replacements.extend(
            term::links_back(binding, glossary).into_iter().map(|(at, link)| (at..at, link)),
        );
    }
    replacements.extend(facts::line(binding, index).map(|(at, line)| (at..at, line)));
    let mut text = splice(&page.text, replacements);
    text.push_str(&timings_note(binding, index));
    spaces::kept(text)
}
// ANCHOR_END: page

/// What one thing at `{{#` becomes; those in formulas are replaced with the formula.
fn replace(
    binding: &Binding<'_>,
    index: usize,
    found: &Found,
) -> Result<Vec<(Range<usize>, String)>, Trouble> {
    let page = &binding.book.pages[index];
    let place = page.markup.place_in(&page.text, start(found));
    if matches!(place, Place::Comment | Place::Formula) {
        return Ok(Vec::new());
    }
    match found {
        Found::Escaped(range) => Ok(vec![(range.clone(), String::new())]),
        Found::Unclosed(_) => {
            Err("`{{#` without `}}`; close it, or write `\\{{#` for the braces".into())
        }
        Found::Directive { range, name, arguments } => {
            let site = Site { page: index, offset: range.start, place };
            if place != Place::Prose && directives::BLOCKS.contains(&name.as_str()) {
                return Err(format!(
                    "`{name}` cannot stand in code, a heading or a tag; give it a line of its own"
                )
                .into());
            }
            let expansion = directives::expand(binding, site, name, arguments)?;
            let mut replaced = vec![(range.clone(), fit(page, range, place, name, expansion)?)];
            if name == "include"
                && let Some(fence) = include::is_sole(&page.text, &page.markup, range)
            {
                let caption = include::caption(binding, site, arguments)?;
                let fence = &page.markup.fences[fence].range;
                let (line, _) = line_around(&page.text, fence.start);
                let margin = margin(&page.text[line..fence.start]);
                let (_, end) =
                    line_around(&page.text, fence.end.saturating_sub(1).max(fence.start));
                replaced.push((
                    end..end,
                    format!("\n{margin}\n{margin}{caption}{}", gap(page, end, &margin)),
                ));
            }
            if name == "question" {
                replaced.extend(question::without_marks(binding, site));
            }
            if name == "card" && !is_closed(binding, site) {
                return Err(
                    "the card is not closed; write `{{#endcard}}` after what it says".into()
                );
            }
            Ok(replaced)
        }
    }
}

fn is_closed(binding: &Binding<'_>, site: Site) -> bool {
    binding.uses.card_after(site.page, site.offset).is_some_and(|u| u.name == "endcard")
}

/// An expansion in the form that fits where it stands.
fn fit(
    page: &Page,
    range: &Range<usize>,
    place: Place,
    name: &str,
    expansion: Expansion,
) -> Result<String, Trouble> {
    let (line, end) = line_around(&page.text, range.start);
    let before = &page.text[line..range.start];
    let margin = margin(before);
    let indented = |text: &str| text.replace('\n', &format!("\n{margin}"));
    match (expansion, place) {
        (Expansion::Inline { html, .. }, Place::Prose) => Ok(html),
        (Expansion::Inline { plain, .. }, Place::Heading | Place::Tag) => Ok(inert(&plain)),
        (Expansion::Inline { plain, .. }, _) => Ok(plain),
        (Expansion::Verbatim(text), Place::Prose | Place::Fence(_)) => Ok(indented(&text)),
        (Expansion::Verbatim(text), Place::Span) if !text.contains('\n') => Ok(text),
        (Expansion::Block(html), Place::Prose) => {
            let (_, end) =
                if end < range.end { line_around(&page.text, range.end) } else { (line, end) };
            let alone = before.chars().all(|c| c.is_whitespace() || c == '>')
                && page.text[range.end..end].trim().is_empty();
            if !alone {
                return Err(format!("`{name}` must stand on a line of its own").into());
            }
            Ok(indented(&html) + &gap(page, end, &margin))
        }
        _ => Err(format!("`{name}` cannot stand here; put it into a paragraph or a fence").into()),
    }
}

/// The note below a page that shows times: which machine, threads, date.
fn timings_note(binding: &Binding<'_>, index: usize) -> String {
    let paths = binding.times_on(index);
    let mut items = String::new();
    for path in paths {
        let (Ok(results), Ok((chapter, name))) =
            (binding.evidence.results(&path), binding.evidence.split(&path, "experiment"))
        else {
            continue;
        };
        items.push_str(&format!(
            "<p>Times from {}. To measure yours: <code>{}</code></p>",
            html(&origin(&results, true)),
            html(&chapter.run_command(name))
        ));
    }
    if items.is_empty() {
        items
    } else {
        format!("\n\n<aside class=\"timings-note\">{items}</aside>\n")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::tests::{Fixture, bind_text, fault_of};

    #[test]
    fn what_is_escaped_or_commented_stays() {
        assert_eq!(bind_text(r"Write `\{{#value a b}}`."), "Write `{{#value a b}}`.");
        let comment = "<!-- {{#nonsense}} -->\n";
        assert_eq!(bind_text(comment), comment);
    }

    #[test]
    fn odd_input_is_a_fault() {
        assert!(fault_of("{{#").contains("without `}}`"));
        assert!(fault_of("{{#value {{#ref x}}").contains("without `}}`"));
        assert!(fault_of("{{#}}").contains("without a name"));
        assert_eq!(
            fault_of("{{#figur dice/mean}}"),
            "unknown directive `figur`; did you mean `figure`?"
        );
        assert!(fault_of("{{#exercise dice/one}}").contains("there is no exercise"));
    }

    #[test]
    fn a_block_keeps_its_margin_and_gets_a_blank_line() {
        let text = bind_text("> {{#figure dice/mean}}\n> after\n");
        assert!(text.lines().all(|l| l.starts_with('>')), "{text}");
        assert!(text.ends_with("</figure>\n>\n> after\n"), "{text}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_text_panics(text in r"(\{\{#(value|ref|figure|include|card|table|cite|term|claim)?|\}\}|[ -~]|\$`|`|```|\n|> |- |<|é|dice/rolls|\|){0,40}") {
            Fixture::new().bind("01-dice/index.md", &text);
        }

        #[test]
        fn plain_text_passes_unchanged(text in r"([a-zé \n*_#>|-]|`x`|<b>|&amp;|```\n){0,60}") {
            // But for the line that is put below a title.
            let bound = Fixture::new().bind("01-dice/index.md", &text);
            let from = bound.find("\n\n<p class=\"page-facts\">").unwrap_or(bound.len());
            let to = bound[from..].find("</p>\n").map_or(from, |i| from + i + 5);
            prop_assert_eq!(format!("{}{}", &bound[..from], &bound[to..]), text);
        }
    }
}
