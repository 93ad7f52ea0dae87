//! `{{#exercise chapter/name}}`: an exercise or a question, from its own file. What stands below the statement depends on the
//! [`Edition`].
//!
//! ```text
//! {{#exercise features/rotation_invariant_lbp}}
//!
//! <section class="exercise">
//!
//! ## Exercise 2.1. Textures that turn {#exercise-rotation_invariant_lbp}
//!
//! <p class="exercise-facts">10 points · 35 minutes · medium · <code>cargo book exercise …</code></p>
//!
//! The statement, and a fold a hint; a fold with the solution for readers; key, mutants and notes for instructors.
//!
//! </section>
//! ```

use std::fmt::Write as _;

use gradebook::exercise::Exercise;
use gradebook::front_matter::{FrontMatter, points};
use gradebook::library::Question;
use notebook::escape::html;

use super::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::faults::Trouble;
use crate::markup::Markup;
use crate::maths::Maths;
use crate::settings::Edition;
use crate::text::nearest;

/// Replaces the directive.
///
/// # Errors
/// An unknown exercise, or a formula in it that does not parse.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let library = binding.library;
    let path = |chapter: &str, name: &str| format!("{chapter}/{name}");
    let exercise = library.exercises.iter().find(|e| path(&e.chapter, &e.name) == arguments);
    let question = library.questions.iter().find(|q| path(&q.chapter, &q.name) == arguments);
    let label = binding.labels.get(&format!("exercise:{arguments}"));
    let page = Writer { maths: &binding.maths, edition: binding.edition, text: String::new() };
    let level = level(binding, site);
    let written = match (exercise, question) {
        (Some(exercise), _) => page.exercise(exercise, &label?.text, level),
        (None, Some(question)) => page.question(question, &label?.text, level),
        (None, None) => {
            let exercises = library.exercises.iter().map(|e| path(&e.chapter, &e.name));
            let questions = library.questions.iter().map(|q| path(&q.chapter, &q.name));
            let known: Vec<String> = exercises.chain(questions).collect();
            let near = nearest(arguments, known.iter().map(String::as_str));
            return Err(format!("there is no exercise `{arguments}`{near}").into());
        }
    };
    Ok(Expansion::Block(written.map_err(|fault| format!("{arguments}: {fault}"))?))
}

/// One below the last heading of the author's own, so that no level is left out.
fn level(binding: &Binding<'_>, site: Site) -> usize {
    let headings = &binding.book.pages[site.page].markup.headings;
    let mut before = headings.iter().filter(|h| h.range.start < site.offset);
    before.next_back().map_or(2, |h| usize::from(h.level.max(1)) + 1)
}

struct Writer<'a> {
    maths: &'a Maths,
    edition: Edition,
    text: String,
}

impl Writer<'_> {
    fn exercise(
        mut self,
        exercise: &Exercise,
        number: &str,
        level: usize,
    ) -> Result<String, String> {
        let front = &exercise.front;
        let facts = format!(
            "{} · {} minutes · {} · <code>cargo book exercise {}</code>",
            points(front.points),
            front.minutes,
            front.difficulty,
            exercise.name
        );
        self.opening(&exercise.name, front, number, level, &facts);
        self.markdown(&front.statement)?;
        self.fold("What you start from", |page| {
            if let Some(given) = &exercise.given {
                page.text.push_str("\nThis is given and stays as it is:\n");
                page.code(given);
                page.text.push_str("\nThis is yours:\n");
            }
            page.code(exercise.starter_code());
            Ok(())
        })?;
        self.hints(front)?;
        match self.edition {
            Edition::Reader => self.fold("Solution", |page| page.solution(exercise))?,
            Edition::Student => {}
            Edition::Instructor => self.key(exercise)?,
        }
        Ok(self.close())
    }

    fn question(
        mut self,
        question: &Question,
        number: &str,
        level: usize,
    ) -> Result<String, String> {
        let front = &question.front;
        self.opening(&question.name, front, number, level, &format!("{} minutes", front.minutes));
        self.markdown(&front.statement)?;
        self.hints(front)?;
        match self.edition {
            Edition::Reader => self.fold("Model answer", |page| page.markdown(&front.solution))?,
            Edition::Student => {}
            Edition::Instructor => {
                self.part("Model answer");
                self.markdown(&front.solution)?;
                self.notes(front)?;
            }
        }
        Ok(self.close())
    }

    fn opening(
        &mut self,
        name: &str,
        front: &FrontMatter,
        number: &str,
        level: usize,
        facts: &str,
    ) {
        let marks = "#".repeat(level.min(6));
        let _ = write!(
            self.text,
            "<section class=\"exercise\">\n\n{marks} {number}. {} {{#exercise-{name}}}\n\n<p class=\"exercise-facts\">{facts}</p>\n\n",
            front.title
        );
    }

    fn close(self) -> String {
        self.text + "</section>"
    }

    fn hints(&mut self, front: &FrontMatter) -> Result<(), String> {
        for (i, hint) in front.hints.iter().enumerate() {
            let title =
                if front.hints.len() == 1 { "Hint".into() } else { format!("Hint {}", i + 1) };
            self.fold(&title, |page| page.markdown(hint))?;
        }
        Ok(())
    }

    fn solution(&mut self, exercise: &Exercise) -> Result<(), String> {
        self.markdown(&exercise.front.solution)?;
        self.code(exercise.solution_code());
        Ok(())
    }

    /// Everything that only whoever teaches sees.
    fn key(&mut self, exercise: &Exercise) -> Result<(), String> {
        self.part("Key");
        self.solution(exercise)?;
        self.part("Graded with");
        for kind in &exercise.kinds {
            let edge = if kind.general { "" } else { ", an edge" };
            let _ = writeln!(self.text, "- {} cases: {}{edge}", kind.count, html(&kind.name));
        }
        self.text.push('\n');
        self.part("Mutants");
        for mutant in &exercise.mutants {
            self.markdown(&format!(
                "**{}.** {}",
                mutant.name.replace('_', " "),
                mutant.description
            ))?;
            self.markdown(&format!("*Feedback:* {}", mutant.feedback))?;
            self.fold("Code", |page| {
                page.code(&mutant.code);
                Ok(())
            })?;
        }
        self.notes(&exercise.front)
    }

    fn notes(&mut self, front: &FrontMatter) -> Result<(), String> {
        if !front.notes.is_empty() {
            self.part("Teaching notes");
            self.markdown(&front.notes)?;
        }
        Ok(())
    }

    /// The title of a part that only instructors see.
    fn part(&mut self, title: &str) {
        let _ = write!(self.text, "<p class=\"exercise-part\">{title}</p>\n\n");
    }

    fn fold(
        &mut self,
        title: &str,
        write: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let _ = write!(self.text, "<details><summary>{title}</summary>\n\n");
        write(self)?;
        self.text.push_str("</details>\n\n");
        Ok(())
    }

    fn code(&mut self, code: &str) {
        let _ = write!(self.text, "```rust,ignore\n{}\n```\n\n", code.trim_end());
    }

    /// Markdown with its formulas set.
    fn markdown(&mut self, text: &str) -> Result<(), String> {
        let mut from = 0;
        for formula in Markup::of(text).formulas {
            self.text.push_str(&text[from..formula.range.start]);
            let tex = text[formula.tex.clone()].trim();
            let set = self.maths.typeset(tex, formula.display).map_err(|e| e.to_string())?;
            if formula.display {
                let _ = write!(self.text, "<div class=\"equation\">{set}</div>\n\n");
            } else {
                self.text.push_str(&set);
            }
            from = formula.range.end;
        }
        self.text.push_str(&text[from..]);
        self.text.push_str("\n\n");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const SOURCE: &str = include_str!("../../../02-features/exercises/rotation_invariant_lbp.rs");

    fn page(edition: Edition) -> (Exercise, String) {
        let path = Path::new("rotation_invariant_lbp.rs");
        let exercise = Exercise::parse(path, "features", SOURCE).unwrap();
        let maths = Maths::new();
        let writer = Writer { maths: &maths, edition, text: String::new() };
        let text = writer.exercise(&exercise, "Exercise 2.1", 2).unwrap();
        (exercise, text)
    }

    #[test]
    fn a_student_sees_statement_and_hints_and_nothing_more() {
        let (exercise, text) = page(Edition::Student);
        assert!(
            text.contains("## Exercise 2.1. Textures that turn {#exercise-rotation_invariant_lbp}")
        );
        assert!(text.contains("Hint 3") && text.contains("katex") && !text.contains("```math"));
        let secrets =
            [&exercise.solution, &exercise.judge, &exercise.front.notes, &exercise.front.solution];
        let mutants = exercise.mutants.iter().flat_map(|m| [&m.code, &m.feedback, &m.description]);
        let public = format!("{}{}", exercise.starter, text.split("Hint 1").next().unwrap());
        for secret in secrets.into_iter().chain(mutants) {
            let lines =
                secret.lines().map(str::trim).filter(|l| l.len() > 30 && !l.starts_with("//"));
            for line in lines.filter(|l| !public.contains(*l)) {
                assert!(!text.contains(line), "{line}");
            }
        }
    }

    #[test]
    fn a_reader_has_the_solution_in_a_fold_and_an_instructor_everything() {
        let (exercise, reader) = page(Edition::Reader);
        assert!(
            reader.contains("<summary>Solution</summary>") && !reader.contains("Teaching notes")
        );
        let (_, instructor) = page(Edition::Instructor);
        for wanted in
            ["Key", "Mutants", "Teaching notes", "constant image", &exercise.mutants[0].feedback]
        {
            assert!(instructor.contains(wanted), "{wanted}");
        }
    }
}
