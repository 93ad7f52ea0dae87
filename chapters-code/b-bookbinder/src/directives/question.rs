//! `{{#question}} … {{#answer}} … {{#endquestion}}`: a five-minute check, with its answer in a fold.
//! A list of tasks at the end of the question makes it a choice.
//!
//! ```text
//! {{#question}}                 <div class="check" id="five-minute-1" … data-right="2">
//! What does … cost?             <p class="check-title">Check 1</p> <div class="check-question"> …
//! - [ ] nothing                 <li>nothing
//! - [x] a pass                  <li>a pass
//! {{#answer}}            ─>     </div><details class="check-answer"><summary>Answer</summary>
//! Because …                     <p class="check-right">B is right.</p> …
//! {{#endquestion}}              </details></div>
//! ```
//!
//! Without scripts the options are a list with letters. assets/check.js makes them something to choose
//! from.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::syntax::{Expansion, Found, Place, Site};
use crate::binding::Binding;
use crate::book::Page;
use crate::faults::Trouble;
use crate::markup::{Markup, OPTIONS, mask};
use crate::uses::Use;

/// A check whose three parts are in order: their offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    question: usize,
    answer: usize,
    end: usize,
}

/// The checks of a page, and what is wrong with the others, by offset.
#[derive(Debug, Default)]
struct Checks {
    whole: Vec<Check>,
    faults: Vec<(usize, String)>,
}

/// A list of tasks: where each mark stands, and whether it is a cross.
type Marks = Vec<(Range<usize>, bool)>;

/// Replaces one of the three.
///
/// # Errors
/// Parts that are missing, doubled or nested, and options without a right one.
pub fn expand(binding: &Binding<'_>, site: Site, name: &str) -> Result<Expansion, Trouble> {
    let page = &binding.book.pages[site.page];
    let parts = binding.uses.parts_of_checks(site.page);
    let checks = Checks::of(page, &parts);
    if let Some((_, fault)) = checks.faults.iter().find(|(at, _)| *at == site.offset) {
        return Err(fault.clone().into());
    }
    let has = |c: &&Check| [c.question, c.answer, c.end].contains(&site.offset);
    // What belongs to a check with a fault is reported there.
    let check = checks.whole.iter().find(has).ok_or(Trouble::Reported)?;
    let number =
        parts.iter().filter(|p| p.name == "question" && p.offset <= check.question).count();
    let right = right(&marks(page, check));
    Ok(Expansion::Block(match name {
        "question" => opening(number, &right),
        "answer" => format!(
            "</div>\n<details class=\"check-answer\"><summary>Answer</summary>{}",
            said(&right)
        ),
        _ => "</details></div>".to_owned(),
    }))
}

/// The marks of the options of a question: the list of a choice has none.
pub fn without_marks(binding: &Binding<'_>, site: Site) -> Vec<(Range<usize>, String)> {
    let page = &binding.book.pages[site.page];
    let checks = Checks::of(page, &binding.uses.parts_of_checks(site.page));
    let check = checks.whole.iter().find(|c| c.question == site.offset);
    let marks = check.map(|check| marks(page, check)).unwrap_or_default();
    marks.into_iter().map(|(range, _)| (range, String::new())).collect()
}

fn opening(number: usize, right: &[usize]) -> String {
    let right: Vec<String> = right.iter().map(ToString::to_string).collect();
    let choice = match &right[..] {
        [] => String::new(),
        right => format!(" data-right=\"{}\"", right.join(" ")),
    };
    format!(
        "<div class=\"check\" id=\"five-minute-{number}\" role=\"group\" aria-label=\"Check {number}\"{choice}>\n<p class=\"check-title\">Check {number}</p>\n<div class=\"check-question\">"
    )
}

/// `B is right.`
fn said(right: &[usize]) -> String {
    let letters: Vec<String> = right
        .iter()
        .map(|i| char::from(b'@' + u8::try_from(*i).unwrap_or(0)).to_string())
        .collect();
    match &letters[..] {
        [] => String::new(),
        [one] => format!("\n\n<p class=\"check-right\">{one} is right.</p>"),
        [most @ .., last] => {
            format!("\n\n<p class=\"check-right\">{} and {last} are right.</p>", most.join(", "))
        }
    }
}

/// The numbers of the right options, from 1.
fn right(marks: &Marks) -> Vec<usize> {
    let all = marks.iter().enumerate();
    all.filter(|(_, (_, is_right))| *is_right).map(|(i, _)| i + 1).collect()
}

impl Checks {
    /// Goes through the parts of a page as one goes through brackets.
    fn of(page: &Page, parts: &[&Use]) -> Self {
        let mut checks = Checks::default();
        // The questions that are open, each with its answer, and whether one of them held another.
        let mut open: Vec<(usize, Option<usize>)> = Vec::new();
        let mut nested = false;
        for part in parts {
            let at = part.offset;
            match (part.name.as_str(), open.last_mut()) {
                ("question", None) => open.push((at, None)),
                ("question", Some((outer, _))) => {
                    let line = page.line(*outer);
                    checks.faults.push((at, format!("a question within the one of line {line}; close that one with `{{{{#endquestion}}}}` before it")));
                    open.push((at, None));
                    nested = true;
                }
                ("answer", Some((_, answer @ None))) => *answer = Some(at),
                ("answer", Some(_)) => checks.faults.push((
                    at,
                    "a second answer to one question; write one, or close the question with `{{#endquestion}}`".into(),
                )),
                (name, None) => checks
                    .faults
                    .push((at, format!("`{name}` without a question; write `{{{{#question}}}}` before it"))),
                (_, Some(_)) => checks.close(at, &mut open),
            }
        }
        if let (Some((at, _)), false) = (open.first(), nested) {
            checks.faults.push((
                *at,
                "the question is not closed; write `{{#endquestion}}` after its answer".into(),
            ));
        }
        checks.hold_to_options(page);
        checks
    }

    /// Ends the innermost question.
    fn close(&mut self, end: usize, open: &mut Vec<(usize, Option<usize>)>) {
        match open.pop() {
            Some((question, Some(answer))) => self.whole.push(Check { question, answer, end }),
            Some((question, None)) => self.faults.push((
                question,
                "the question has no answer; write `{{#answer}}` and the answer before `{{#endquestion}}`".into(),
            )),
            None => {}
        }
    }

    /// Reports choices from which nothing can be chosen; what has a fault in it is not whole.
    fn hold_to_options(&mut self, page: &Page) {
        for check in &self.whole {
            if let Err(fault) = options(page, check) {
                self.faults.push((check.question, fault.to_owned()));
            }
        }
        let faults = &self.faults;
        self.whole.retain(|c| !faults.iter().any(|(at, _)| (c.question..c.end).contains(at)));
    }
}

/// The marks of a check whose options are in order.
fn marks(page: &Page, check: &Check) -> Marks {
    options(page, check).unwrap_or_default()
}

/// The marks of the list that ends a question; none, where no list does.
fn options(page: &Page, check: &Check) -> Result<Marks, &'static str> {
    let text = mask(&page.text, &page.markup.found);
    let from = check.question + text[check.question..].find('\n').unwrap_or(0);
    let question = text.get(from..check.answer).unwrap_or_default();
    let (mut depth, mut items, mut marks) = (0_usize, 0, Marks::new());
    for (event, range) in Parser::new_ext(question, OPTIONS).into_offset_iter() {
        if depth == 0 && !marks.is_empty() {
            return Err(
                "its options stand before the end of the question; let their list be the last of it",
            );
        }
        match event {
            Event::Start(tag) => {
                items += usize::from(depth == 1 && tag == Tag::Item);
                depth += 1;
            }
            Event::End(tag) => {
                depth -= 1;
                if depth == 0 && matches!(tag, TagEnd::List(_)) {
                    hold(items, &marks)?;
                    items = 0;
                }
            }
            Event::TaskListMarker(is_right) if depth <= 3 => {
                let space = usize::from(question[range.end..].starts_with(' '));
                marks.push((from + range.start..from + range.end + space, is_right));
            }
            _ => {}
        }
    }
    Ok(marks)
}

/// A choice has at least two options, a mark before each, and a right one.
fn hold(items: usize, marks: &Marks) -> Result<(), &'static str> {
    if marks.is_empty() {
        Ok(())
    } else if items < 2 {
        Err("a choice of one; give another option")
    } else if marks.len() != items {
        Err("an option has no mark; begin each with `[ ]`, or with `[x]` where it is right")
    } else if !marks.iter().any(|(_, is_right)| *is_right) {
        Err("no option is right; begin one with `[x]`")
    } else {
        Ok(())
    }
}

/// The texts of a page's checks, from `{{#question}}` to `{{#endquestion}}`.
pub fn ranges(markup: &Markup) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for item in &markup.found {
        let Found::Directive { range, name, .. } = item else { continue };
        match name.as_str() {
            "question" if markup.place(range.start) == Place::Prose => {
                ranges.push(range.start..range.start)
            }
            "endquestion" => {
                if let Some(last) = ranges.last_mut() {
                    last.end = range.end;
                }
            }
            _ => {}
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use crate::tests::{Fixture, bind_text, fault_of};

    const CHOICE: &str = "# T\n\n{{#question}}\nWhat does $`x`$ cost?\n- [ ] {{#value dice/rolls mean | fixed 1}}\n- [x] *a* pass\n{{#answer}}\nBecause\n`x` is.\n{{#endquestion}}\nAfter.\n";

    #[test]
    fn a_check_is_a_question_and_a_fold() {
        let text = bind_text("{{#question}}\nWhy?\n{{#answer}}\nSo.\n{{#endquestion}}\n");
        assert_eq!(
            text,
            "<div class=\"check\" id=\"five-minute-1\" role=\"group\" aria-label=\"Check 1\">\n<p class=\"check-title\">Check 1</p>\n<div class=\"check-question\">\n\nWhy?\n</div>\n<details class=\"check-answer\"><summary>Answer</summary>\n\nSo.\n</details></div>\n"
        );
    }

    #[test]
    fn options_lose_their_marks_and_the_answer_names_the_letters() {
        let text = bind_text(CHOICE);
        assert!(text.contains("aria-label=\"Check 1\" data-right=\"2\">"), "{text}");
        assert!(
            text.contains("\n- <span class=\"value\"") && text.contains("\n- *a* pass\n</div>")
        );
        assert!(text.contains("<p class=\"check-right\">B is right.</p>\n\nBecause\n"), "{text}");
        assert!(text.contains("katex") && text.ends_with("</details></div>\n\nAfter.\n"), "{text}");
        let several = CHOICE.replace("[ ]", "[x]");
        assert!(bind_text(&several).contains("data-right=\"1 2\""));
        assert!(bind_text(&several).contains("A and B are right."));
    }

    #[test]
    fn checks_are_numbered_within_their_page() {
        let text = bind_text(&format!("{CHOICE}\n{CHOICE}"));
        assert!(text.contains("Check 2</p>") && text.contains("id=\"five-minute-2\""), "{text}");
        // A list of tasks elsewhere stays one.
        let plain = "{{#question}}\nWhy?\n{{#answer}}\n- [x] done\n{{#endquestion}}\n";
        assert!(bind_text(plain).contains("- [x] done"));
    }

    #[test]
    fn a_fault_is_one_line_with_its_place() {
        let (q, a, e) = ("{{#question}}\nWhy?\n", "{{#answer}}\nSo.\n", "{{#endquestion}}\n");
        for (text, line, fault) in [
            (format!("{q}{e}"), 1, "has no answer"),
            (format!("{q}{a}"), 1, "is not closed"),
            (format!("{q}{q}{a}{e}"), 3, "within the one of line 3"),
            (format!("{q}{a}{q}{a}{e}{e}"), 5, "within the one of line 3"),
            (format!("{q}{a}{a}{e}"), 5, "a second answer"),
            (a.to_owned(), 1, "`answer` without a question"),
            (e.to_owned(), 1, "`endquestion` without a question"),
            (format!("{q}- [ ] a\n- [ ] b\n{a}{e}"), 1, "no option is right"),
            (format!("{q}- [x] a\n- b\n{a}{e}"), 1, "an option has no mark"),
            (format!("{q}- [x] a\n{a}{e}"), 1, "a choice of one"),
            (format!("{q}- [x] a\n- [ ] b\n\nMore.\n{a}{e}"), 1, "before the end"),
        ] {
            let faults = Fixture::new().faults(&format!("# T\n\n{text}"));
            assert_eq!(faults.len(), 1, "{text}: {faults:?}");
            assert!(faults[0].message.contains(fault), "{text}: {faults:?}");
            assert_eq!(faults[0].line, line + 2, "{text}: {faults:?}");
        }
        let inside = fault_of("Why {{#question}}\n{{#answer}}\n{{#endquestion}}");
        assert!(inside.contains("line of its own"), "{inside}");
    }
}
