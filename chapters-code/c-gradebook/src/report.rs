//! The report of a grading: a table for the instructor, a page for each student, and what Gradescope and GitHub Classroom read.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::examine::KindMark;
use crate::exercise::Exercise;
use crate::front_matter::points;
use crate::grade::{Graded, Status, Student, is_plain, write_whole};

/// Writes the whole report into `folder`.
///
/// # Errors
/// What the file system said.
pub fn write(folder: &Path, exercises: &[&Exercise], students: &[Student]) -> anyhow::Result<()> {
    let pretty = |value: &Value| {
        serde_json::to_vec_pretty(value).map(|mut b| {
            b.push(b'\n');
            b
        })
    };
    write_whole(&folder.join("grades.csv"), csv(exercises, students).as_bytes())?;
    write_whole(&folder.join("report.json"), &pretty(&json!({ "students": students }))?)?;
    for student in students {
        let name = &student.student;
        if !student.is_graded() {
            // What was written of an earlier grading is no grade of this one.
            for stale in [gradescope_file(folder, name), classroom_file(folder, name)] {
                if stale.exists() {
                    fs::remove_file(&stale).with_context(|| stale.display().to_string())?;
                }
            }
        }
        let page = feedback(exercises, student);
        write_whole(&folder.join("feedback").join(format!("{name}.md")), page.as_bytes())?;
        if student.is_graded() {
            let results = pretty(&gradescope(exercises, student))?;
            write_whole(&gradescope_file(folder, name), &results)?;
            let results = pretty(&classroom(exercises, student))?;
            write_whole(&classroom_file(folder, name), &results)?;
        }
    }
    Ok(())
}

fn gradescope_file(folder: &Path, name: &str) -> PathBuf {
    folder.join("gradescope").join(name).join("results.json")
}

fn classroom_file(folder: &Path, name: &str) -> PathBuf {
    folder.join("classroom").join(format!("{name}.json"))
}

/// One row a student: name, total, and the points of each exercise. What was not graded has no number, and neither has its total.
fn csv(exercises: &[&Exercise], students: &[Student]) -> String {
    let names = exercises.iter().map(|e| e.name.as_str());
    let mut text =
        ["student", "earned", "points"].into_iter().chain(names).collect::<Vec<_>>().join(",");
    text.push('\n');
    for student in students {
        let total = [
            student.student.clone(),
            number(student.is_graded(), student.earned),
            student.points.to_string(),
        ];
        let each = student.answers.iter().map(|a| number(a.is_graded(), a.mark.earned));
        text.push_str(&total.into_iter().chain(each).collect::<Vec<_>>().join(","));
        text.push('\n');
    }
    text
}

/// A number, where there is one.
fn number(is_known: bool, number: f64) -> String {
    if is_known { number.to_string() } else { String::new() }
}

/// A student's page, in Markdown.
fn feedback(exercises: &[&Exercise], student: &Student) -> String {
    let so_far = if student.is_graded() { "" } else { ", so far" };
    let total = format!("**{} of {}{so_far}**", student.earned, points(student.points));
    let mut page = format!("# {}\n\n{total}\n", student.student);
    for answer in &student.answers {
        let exercise = exercises.iter().find(|e| e.name == answer.exercise);
        let title = exercise.map_or(answer.exercise.as_str(), |e| e.front.title.as_str());
        let _ = write!(
            page,
            "\n## {title}\n\n`src/{}.rs`: **{} of {}**\n\n{}",
            answer.exercise,
            answer.mark.earned,
            points(answer.mark.points),
            details(answer)
        );
    }
    page
}

/// What there is to say about an answer, in Markdown.
pub(crate) fn details(answer: &Graded) -> String {
    match &answer.status {
        Status::Missing(why) => format!("Nothing to grade: {}.\n", inline(why)),
        Status::DoesNotCompile(said) => {
            format!("It does not compile. The compiler says:\n\n{}\n", fenced(said))
        }
        Status::CompilerStopped => {
            "The compiler was stopped: with this file it took too much time or memory, or broke down.\n".to_owned()
        }
        // The cause names folders of the machine, and the student can do nothing about it.
        Status::NotGraded(_) => "Not graded: the machine was at fault and not this answer. \
             It will be tried again, and no point is lost.\n"
            .to_owned(),
        Status::Run => kinds(answer),
    }
}

fn kinds(answer: &Graded) -> String {
    let mut text = String::from("| kind of input | cases | |\n| --- | ---: | --- |\n");
    for kind in &answer.mark.kinds {
        let _ = writeln!(text, "| {} | {} | {} |", kind.kind, kind.cases, verdict(kind));
    }
    if let Some(advice) = &answer.mark.advice {
        let _ = write!(text, "\n**A hint.** {advice}\n");
    }
    let has_edges = answer.mark.kinds.iter().any(|k| !k.general && k.wrong == 0);
    if answer.mark.earned == 0.0 && has_edges && !answer.mark.kinds.is_empty() {
        text.push_str("\nEdge cases earn points only where the general ones are right.\n");
    }
    text
}

fn verdict(kind: &KindMark) -> String {
    match &kind.said {
        None => "right".to_owned(),
        Some(said) if kind.wrong == kind.cases => format!("wrong: {}", cell(said)),
        Some(said) => format!("{} wrong, the first: {}", kind.wrong, cell(said)),
    }
}

/// Text in a cell of a table: in one line, and nothing in it is Markdown.
fn cell(text: &str) -> String {
    // A bar ends a cell, and no way to escape it holds with every reader of Markdown.
    inline(&text.replace('|', "¦"))
}

/// Text in a line, as code where it could be taken for Markdown or HTML or a link.
fn inline(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|&c| is_plain(c)).take(400).collect();
    let harmless = |c: char| c.is_alphanumeric() || " .,;:()'+-=%/…".contains(c);
    if line.chars().all(harmless) && !line.contains("://") && !line.contains("www.") {
        line
    } else {
        format!("`{}`", line.replace('`', "'"))
    }
}

/// Text in a fence that it cannot close.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}\n{fence}")
}

/// `results.json` of Gradescope's autograder.
fn gradescope(exercises: &[&Exercise], student: &Student) -> Value {
    let test = |answer: &Graded| {
        let right = answer.mark.is_right();
        json!({
            "name": title(exercises, answer),
            "score": answer.mark.earned,
            "max_score": answer.mark.points,
            "status": if right { "passed" } else { "failed" },
            "output": details(answer),
            "output_format": "md",
        })
    };
    json!({
        "score": student.earned,
        "output_format": "md",
        "tests": student.answers.iter().map(test).collect::<Vec<_>>(),
    })
}

/// The result that GitHub Classroom's autograding reporter reads.
fn classroom(exercises: &[&Exercise], student: &Student) -> Value {
    let status = |right: bool| if right { "pass" } else { "fail" };
    let test = |answer: &Graded| {
        json!({
            "name": title(exercises, answer),
            "status": status(answer.mark.is_right()),
            "score": answer.mark.earned,
            "message": details(answer),
            "test_code": format!("src/{}.rs", answer.exercise),
            "filename": format!("src/{}.rs", answer.exercise),
            "line_no": 0,
            "execution_time": "0s",
        })
    };
    json!({
        "version": 1,
        "status": status(student.answers.iter().all(|a| a.mark.is_right())),
        "max_score": student.points,
        "tests": student.answers.iter().map(test).collect::<Vec<_>>(),
    })
}

fn title(exercises: &[&Exercise], answer: &Graded) -> String {
    let exercise = exercises.iter().find(|e| e.name == answer.exercise);
    exercise.map_or_else(|| answer.exercise.clone(), |e| e.front.title.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_student_writes_stays_text() {
        assert_eq!(inline("a <b> `c`"), "`a <b> 'c'`");
        assert_eq!(cell("a \\| b"), "`a \\¦ b`");
        assert_eq!(inline("see https://x.org"), "`see https://x.org`");
        assert_eq!(inline("share 1: expected 0.5\u{202e}"), "share 1: expected 0.5");
        assert_eq!(fenced("x\n```\ny"), "````text\nx\n```\ny\n````");
    }
}
