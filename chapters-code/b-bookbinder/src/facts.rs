//! The line below a page's title: minutes to read, the crate, the time its results took, and where
//! the page is edited.
//!
//! ```text
//! <p class="page-facts"><span>4 minutes to read</span> <span>crate <a href="…">features</a></span> …</p>
//! ```
//!
//! It is part of the bound Markdown, so that a stock mdBook shows it too. A page that is one
//! generated list, and the book's first page, have none.

use std::path::Path;

use notebook::cli::plural;
use notebook::escape::html;
use notebook::{Format, TIMINGS};

use crate::binding::Binding;
use crate::book::{Chapter, Page};
use crate::directives::include;
use crate::directives::syntax::{Found, Place, Site};
use crate::markup::Formula;
use crate::text::slashes;

/// Words that a person reads in a minute.
const WORDS_A_MINUTE: usize = 200;
/// Lines of code, with the text that walks through them, that a person follows in a minute.
const LINES_A_MINUTE: usize = 3;
/// Minutes that a five-minute check takes.
const MINUTES_A_QUESTION: usize = 5;
/// From here on a time is told in hours.
const LONG: usize = 100;

/// Minutes to read a page, at least one: its words; a minute for each formula on a line of its own, or
/// equation in a table; the lines of Rust and Python that it shows; and its questions. Commands and
/// their output are looked at, not read.
pub fn minutes(binding: &Binding<'_>, index: usize) -> usize {
    let page = &binding.book.pages[index];
    let weighs = |f: &&Formula| f.display || f.in_table && page.text[f.tex.clone()].contains('=');
    let formulas = page.markup.formulas.iter().filter(weighs).count();
    let lines = lines_of_code(binding, index).div_ceil(LINES_A_MINUTE);
    let asks =
        |found: &&Found| matches!(found, Found::Directive { name, .. } if name == "question");
    let questions = MINUTES_A_QUESTION * page.markup.found.iter().filter(asks).count();
    let words = (page.markup.words + WORDS_A_MINUTE / 2) / WORDS_A_MINUTE;
    (words + formulas + lines + questions).max(1)
}

/// Lines with a letter or a digit in the listings of a page.
fn lines_of_code(binding: &Binding<'_>, index: usize) -> usize {
    let page = &binding.book.pages[index];
    let is_code = |info: &str| info.starts_with("rust") || info.starts_with("python");
    let count = |code: &str| code.lines().filter(|l| l.contains(char::is_alphanumeric)).count();
    let mut lines = 0;
    for (i, fence) in page.markup.fences.iter().enumerate().filter(|(_, f)| is_code(&f.info)) {
        let included = page.markup.found.iter().filter_map(|found| match found {
            Found::Directive { range, name, arguments }
                if name == "include" && fence.content.contains(&range.start) =>
            {
                let site = Site { page: index, offset: range.start, place: Place::Fence(i) };
                Some(include::find(binding, site, arguments).map_or(0, |found| count(&found.code)))
            }
            _ => None,
        });
        // A line with a directive alone is not code.
        let typed = page.text[fence.content.clone()].lines().filter(|l| !l.contains("{{#include"));
        lines += included.sum::<usize>() + typed.map(count).sum::<usize>();
    }
    lines
}

/// Minutes to read a chapter: those of its pages together, rounded up to five.
pub fn chapter_minutes(binding: &Binding<'_>, chapter: &Chapter) -> usize {
    let pages = chapter.pages.clone();
    pages.map(|page| minutes(binding, page)).sum::<usize>().next_multiple_of(5).max(5)
}

/// How long reading takes, in words: `12 minutes`, from a hundred on to the half hour above: `2.5 hours`.
pub fn reading(minutes: usize) -> String {
    if minutes < LONG {
        return plural(minutes, "minute");
    }
    let halves = minutes.div_ceil(30);
    let rest = if halves % 2 == 1 { ".5" } else { "" };
    format!("{}{rest} hours", halves / 2)
}

/// How long something took, in words: `less than a second`, `1 min 4 s`.
pub fn seconds(seconds: f64) -> String {
    if seconds < 1.0 { "less than a second".into() } else { Format::Duration.number(seconds) }
}

/// The line, and the byte of the page's text where it goes: behind the first title.
pub fn line(binding: &Binding<'_>, index: usize) -> Option<(usize, String)> {
    let page = &binding.book.pages[index];
    let generated = ["claims", "references"].map(|list| binding.uses.page_of(list));
    if page.path == Path::new("index.md") || generated.contains(&Some(index)) {
        return None;
    }
    let title = page.markup.headings.iter().find(|heading| heading.level == 1)?;
    let start = title.range.start;
    let at = start + page.text[title.range.clone()].trim_end().len();
    // A title inside a quotation or a list is no title of the page.
    let stands_alone = start == 0 || page.text[..start].ends_with('\n');
    let read = || format!("{} to read", reading(minutes(binding, index)));
    let mut facts = vec![solve_fact(binding, index).unwrap_or_else(read)];
    facts.extend(crate_fact(binding, page));
    facts.extend(run_fact(binding, index));
    facts.push(edit_fact(binding, page));
    let spans: Vec<String> = facts.iter().map(|fact| format!("<span>{fact}</span>")).collect();
    let line = format!("\n\n<p class=\"page-facts\">{}</p>\n", spans.join(" "));
    stands_alone.then_some((at, line))
}

/// How long the exercises of a page take, in place of the time to read it.
fn solve_fact(binding: &Binding<'_>, index: usize) -> Option<String> {
    let named: Vec<&str> = binding
        .uses
        .named("exercise")
        .filter(|used| used.page == index)
        .map(|used| used.arguments.as_str())
        .collect();
    let is_here = |chapter: &str, name: &str| named.contains(&format!("{chapter}/{name}").as_str());
    let library = binding.library;
    let exercises = library.exercises.iter().map(|e| (&e.chapter, &e.name, &e.front));
    let questions = library.questions.iter().map(|q| (&q.chapter, &q.name, &q.front));
    let here = exercises.chain(questions).filter(|(chapter, name, _)| is_here(chapter, name));
    let minutes: u32 = here.map(|(_, _, front)| front.minutes).sum();
    let hours = usize::try_from(minutes.div_ceil(60)).unwrap_or_default();
    (minutes > 0).then(|| format!("about {} to solve", plural(hours, "hour")))
}

/// The crate of the page's chapter, linked to its folder.
fn crate_fact(binding: &Binding<'_>, page: &Page) -> Option<String> {
    let folder = binding.book.chapters[page.chapter].folder.as_deref()?;
    let workspace = binding.evidence.workspace;
    let member = binding.evidence.crate_in(folder)?;
    let path = slashes(member.folder.strip_prefix(workspace.root()).unwrap_or(&member.folder));
    Some(match &binding.repository {
        Some(repository) => {
            let (address, name) = (html(&repository.folder(&path)), html(&member.name));
            format!("crate <a href=\"{address}\"><code>{name}</code></a>")
        }
        None => format!("crate <code>{}</code>", html(&path)),
    })
}

/// How long the experiments took whose results stand on a page of a chapter with a crate.
fn run_fact(binding: &Binding<'_>, index: usize) -> Option<String> {
    crate_fact(binding, &binding.book.pages[index])?;
    let mut total = None;
    for path in binding.used_on(index) {
        let is_timing = path.split('/').nth(1) == Some(TIMINGS);
        if let (false, Ok(results)) = (is_timing, binding.evidence.results(&path)) {
            total = Some(total.unwrap_or(0.0) + results.provenance.seconds);
        }
    }
    total.map(|total| format!("its results took {} to compute", html(&seconds(total))))
}

/// Where the page is edited; its file, where no repository is known.
fn edit_fact(binding: &Binding<'_>, page: &Page) -> String {
    match &binding.repository {
        Some(repository) => {
            let address = html(&repository.edit(&page.file));
            format!("<a class=\"edit\" href=\"{address}\" rel=\"edit\">Edit this page</a>")
        }
        None => format!("source <code>{}</code>", html(&page.file)),
    }
}

#[cfg(test)]
mod tests {
    use crate::site::Repository;
    use crate::tests::Fixture;

    /// The line of a page, when the chapter's page has `text`.
    fn facts(page: &str, text: &str, repository: Option<&str>) -> Option<String> {
        let repository = repository.and_then(Repository::at);
        let bound = Fixture::new().bind_at(page, text, repository);
        bound.lines().find(|l| l.starts_with("<p class=\"page-facts\">")).map(str::to_owned)
    }

    #[test]
    fn a_page_tells_its_minutes_crate_run_and_source() {
        let text = "# Dice\n\nMean {{#value dice/rolls mean | fixed 1}}.\n";
        assert_eq!(
            facts("01-dice/index.md", text, None).unwrap(),
            "<p class=\"page-facts\"><span>1 minute to read</span> <span>crate <code>chapters-code/01-dice</code></span> <span>its results took 1.50\u{a0}s to compute</span> <span>source <code>book/01-dice/index.md</code></span></p>"
        );
        let linked = facts("01-dice/index.md", text, Some("https://github.com/a/b")).unwrap();
        for link in [
            "crate <a href=\"https://github.com/a/b/tree/HEAD/chapters-code/01-dice\"><code>dice</code></a>",
            "<a class=\"edit\" href=\"https://github.com/a/b/edit/HEAD/book/01-dice/index.md\" rel=\"edit\">Edit this page</a>",
        ] {
            assert!(linked.contains(link), "{linked}");
        }
    }

    #[test]
    fn a_page_without_results_or_crate_tells_what_it_has() {
        let without = facts("01-dice/index.md", "# Dice\n\nText.\n", None).unwrap();
        assert!(without.contains("crate") && !without.contains("compute"), "{without}");
        let timed =
            facts("01-dice/index.md", "# D\n\n{{#value dice/timings roll | duration}}\n", None);
        assert!(!timed.unwrap().contains("compute"));
        let glossary = facts("glossary.md", "# Dice\n", None).unwrap();
        assert_eq!(
            glossary,
            "<p class=\"page-facts\"><span>1 minute to read</span> <span>source <code>book/glossary.md</code></span></p>"
        );
        assert_eq!(facts("references.md", "# Dice\n", None), None);
        assert_eq!(facts("argument.md", "# Dice\n", None), None);
        assert_eq!(facts("01-dice/index.md", "Text.\n\n> # Quoted\n", None), None);
    }

    #[test]
    fn the_line_stands_below_the_first_title_and_alone() {
        let bound = Fixture::new().bind("01-dice/index.md", "# Dice {#dice}\nText.\n\n# More\n");
        assert!(bound.starts_with("# Dice {#dice}\n\n<p class=\"page-facts\">"), "{bound}");
        assert!(bound.contains("</p>\n\nText.\n\n# More\n"), "{bound}");
        assert_eq!(bound.matches("page-facts").count(), 1);
    }

    #[test]
    fn minutes_follow_the_words_and_the_card_never_says_less_than_the_pages() {
        let words = |n: usize| format!("# T\n\n{}\n", "word ".repeat(n));
        for (n, minutes) in [(1, "1 minute "), (400, "2 minutes "), (2000, "10 minutes ")] {
            let line = facts("01-dice/index.md", &words(n), None).unwrap();
            assert!(line.contains(&format!("<span>{minutes}")), "{n}: {line}");
        }
        let card = "{{#card dice}}\n\nText.\n\n{{#endcard}}\n";
        let bound = Fixture::new().bind("01-dice/index.md", &(words(1000) + card));
        assert!(bound.contains("<span>5 minutes to read") && bound.contains("about 5 minutes"));
        let bound = Fixture::new().bind("01-dice/index.md", &(words(21_000) + card));
        assert!(bound.contains("<span>2 hours to read") && bound.contains("about 2 hours"));
    }

    #[test]
    fn minutes_count_formulas_and_the_lines_of_listings() {
        let minutes = |text: &str| facts("01-dice/index.md", text, None).unwrap();
        let formula = "# T\n\nWord.\n\n```math\nx = 1\n```\n\n```math\nx = 2\n```\n";
        assert!(minutes(formula).contains("<span>2 minutes "));
        let table = "# T\n\n| a | b |\n| - | - |\n| $`x = 1`$ | $`x`$ |\n| $`y = 1`$ | word |\n";
        assert!(minutes(table).contains("<span>2 minutes "));
        let asked = "# T\n\n{{#question}}\nWhy?\n{{#answer}}\nSo.\n{{#endquestion}}\n";
        assert!(minutes(asked).contains("<span>5 minutes "));
        // Six lines with code; neither braces nor commands count.
        let code = "fn a() {\n    b();\n}\n".repeat(3);
        let typed = format!("# T\n\n```rust\n{code}```\n\n```console\n$ a\n$ b\n$ c\n```\n");
        assert!(minutes(&typed).contains("<span>2 minutes "));
        let included =
            "# T\n\n```rust\n{{#include ../../chapters-code/01-dice/src/lib.rs:roll}}\n```\n";
        assert!(minutes(included).contains("<span>1 minute "));
        assert_eq!(["99 minutes", "2 hours", "2.5 hours"], [99, 100, 121].map(super::reading));
    }
}
