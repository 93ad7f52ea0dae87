//! The report of a grading: a table for the instructor, a page for each student, and what Gradescope and GitHub Classroom read.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::examine::KindMark;
use crate::exercise::Exercise;
use crate::front_matter::points;
use crate::grade::{Graded, Status, Student, Times, is_plain, round, write_whole};
use crate::table::{self, Table};

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
    forget(folder, students)?;
    write_whole(&folder.join("grades.csv"), &grades(exercises, students).to_bytes()?)?;
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

/// Removes what an earlier run wrote about rows that are no more, such as names of students who are anonymous now.
fn forget(folder: &Path, students: &[Student]) -> anyhow::Result<()> {
    let list = folder.join(".state/rows");
    let now: BTreeSet<&str> = students.iter().map(|s| s.student.as_str()).collect();
    let before = fs::read_to_string(&list).unwrap_or_default();
    for name in before.lines().filter(|name| !now.contains(name)) {
        let page = folder.join("feedback").join(format!("{name}.md"));
        for stale in [page, gradescope_file(folder, name), classroom_file(folder, name)] {
            if stale.exists() {
                fs::remove_file(&stale).with_context(|| stale.display().to_string())?;
            }
        }
        // The folder that Gradescope's file was in goes if nothing else is in it.
        let _ = fs::remove_dir(folder.join("gradescope").join(name));
    }
    let rows: String = now.iter().map(|name| format!("{name}\n")).collect();
    write_whole(&list, rows.as_bytes())
}

/// A row for each student: name, total, the points of each exercise, what being late cost where somebody was late, and why there is nothing where
/// there is nothing. What was not graded has no number, and neither has its total.
fn grades(exercises: &[&Exercise], students: &[Student]) -> Table {
    let names = exercises.iter().map(|e| e.name.as_str());
    let has_late = students.iter().any(|s| s.late.is_some());
    let late = ["before_late", "late_minutes", "late_percent"].into_iter().filter(|_| has_late);
    let head = ["student", "earned", "points"].into_iter();
    let mut table = Table::new(head.chain(names).chain(late).chain(["remark"]));
    for student in students {
        let mut row = vec![
            student.student.clone(),
            number(student.is_graded(), student.earned),
            student.points.to_string(),
        ];
        row.extend(student.answers.iter().map(|a| number(a.is_graded(), a.mark.earned)));
        if has_late {
            let cells = student.late.as_ref().map(|late| {
                [late.before.to_string(), late.minutes.to_string(), late.percent.to_string()]
            });
            row.extend(cells.unwrap_or_default());
        }
        row.push(table::text(&remark(student)));
        table.rows.push(row);
    }
    table
}

/// Why there is nothing where there is nothing, in a line.
pub fn remark(student: &Student) -> String {
    let why = |answer: &Graded| match &answer.status {
        Status::Run => None,
        Status::Missing(why) | Status::Unread(why) => Some(why.clone()),
        Status::DoesNotCompile(_) => Some(format!("{} does not compile", answer.exercise)),
        Status::CompilerStopped => Some(format!("{} stopped the compiler", answer.exercise)),
        Status::NotGraded(_) => Some(format!("{} is not graded", answer.exercise)),
    };
    let mut said: Vec<String> = Vec::new();
    for why in student.answers.iter().filter_map(why) {
        let line: String = why.chars().filter(|&c| is_plain(c)).take(400).collect();
        if !said.contains(&line) {
            said.push(line);
        }
    }
    said.join("; ")
}

/// How long each answer took, in seconds.
pub fn times(times: &Times) -> Table {
    let mut table = Table::new(["student", "exercise", "seconds"]);
    for ((student, exercise), seconds) in times {
        table.rows.push(vec![student.clone(), exercise.clone(), format!("{seconds:.2}")]);
    }
    table
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
    if let Some(late) = &student.late {
        let _ = write!(page, "\n{late}.\n");
    }
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
        Status::Unread(what) => format!("Not graded yet: {}.\n", inline(what)),
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
    let mark = &answer.mark;
    let mut text =
        String::from("| kind of input | cases | points | |\n| --- | ---: | ---: | --- |\n");
    let weights: u32 = mark.kinds.iter().map(|k| k.weight).sum();
    for kind in &mark.kinds {
        let most = f64::from(mark.points) * f64::from(kind.weight) / f64::from(weights.max(1));
        // Where no general kind is right, no kind earns.
        let earned = if mark.earned > 0.0 { most * kind.share() } else { 0.0 };
        let points = format!("{} of {}", round(earned), round(most));
        let _ = writeln!(text, "| {} | {} | {points} | {} |", kind.kind, kind.cases, verdict(kind));
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
    use crate::examine::Mark;
    use crate::rules::charge;

    fn student(name: &str, answers: &[(&str, Status, f64)]) -> Student {
        let answer = |(exercise, status, earned): &(&str, Status, f64)| {
            let (exercise, status) = ((*exercise).to_owned(), status.clone());
            let mark =
                Mark { earned: *earned, points: 10, kinds: Vec::new(), mutant: None, advice: None };
            Graded { exercise, status, mark }
        };
        let answers: Vec<Graded> = answers.iter().map(answer).collect();
        let earned = answers.iter().map(|a| a.mark.earned).sum();
        let points = answers.iter().map(|a| a.mark.points).sum();
        Student { student: name.into(), earned, points, late: None, answers }
    }

    fn missing(why: &str) -> Status {
        Status::Missing(why.into())
    }

    #[test]
    fn every_row_says_why_there_is_nothing() {
        let mut ann = student("ann", &[("a", Status::Run, 7.5), ("b", missing("has no b"), 0.0)]);
        charge(&mut ann, (61, 20.0));
        let rows = [
            ann,
            student("bob", &[("a", missing("none"), 0.0), ("b", missing("none"), 0.0)]),
            student("eve", &[("a", Status::Unread("is 7z".into()), 0.0), ("b", Status::Run, 1.0)]),
            student("joe", &[("a", missing("=1+\u{202e}1"), 0.0), ("b", Status::Run, 1.0)]),
        ];
        let text = String::from_utf8(grades(&[], &rows).to_bytes().unwrap()).unwrap();
        let wanted = "student,earned,points,before_late,late_minutes,late_percent,remark\n\
            ann,6,20,7.5,0,7.5,61,20,has no b\nbob,0,20,0,0,,,,none\neve,,20,,1,,,,is 7z\njoe,1,20,0,1,,,,'=1+1\n";
        assert_eq!(text, wanted);
        let page = feedback(&[], &rows[0]);
        assert!(page.contains("1 hour 1 minute late: 20 per cent of 7.5 are lost."), "{page}");
        assert!(feedback(&[], &rows[2]).contains("Not graded yet: is 7z."));
    }

    #[test]
    fn a_page_shows_where_each_point_comes_from() {
        let kind = |weight, by_share, wrong| KindMark {
            kind: "random".into(),
            general: true,
            weight,
            by_share,
            cases: 4,
            wrong,
            said: (wrong > 0).then(|| "too large".into()),
        };
        let mut graded = student("ann", &[("a", Status::Run, 6.0)]).answers.remove(0);
        graded.mark.kinds = vec![kind(1, false, 1), kind(3, true, 1), kind(1, false, 0)];
        graded.mark = graded.mark.out_of(10);
        assert_eq!(graded.mark.earned, 6.5);
        let page = details(&graded);
        for row in ["| 4 | 0 of 2 | 1 wrong", "| 4 | 4.5 of 6 | 1 wrong", "| 4 | 2 of 2 | right |"]
        {
            assert!(page.contains(row), "{page}");
        }
    }

    #[test]
    fn a_report_of_long_names_is_written_and_rows_that_are_no_more_go() {
        let folder = tempfile::tempdir().unwrap();
        let class = tempfile::tempdir().unwrap();
        // 255 bytes, the most that a file system allows.
        fs::create_dir(class.path().join("\u{666e}".repeat(85))).unwrap();
        fs::create_dir(class.path().join("zoe")).unwrap();
        let rows = crate::handin::find(&[class.path().to_owned()]).unwrap();
        let run = |names: &[&str]| {
            let of = |name: &&str| student(name, &[("a", Status::Run, 1.0)]);
            write(folder.path(), &[], &names.iter().map(of).collect::<Vec<_>>()).unwrap();
        };
        let names: Vec<&str> = rows.iter().map(|r| r.student.as_str()).collect();
        assert_eq!(names.len(), 2);
        run(&names);
        for name in &names {
            assert!(gradescope_file(folder.path(), name).is_file(), "{name}");
            assert!(folder.path().join("feedback").join(format!("{name}.md")).is_file());
        }
        run(&["student-1"]);
        let pages = fs::read_dir(folder.path().join("feedback")).unwrap().count();
        let folders = fs::read_dir(folder.path().join("gradescope")).unwrap().count();
        assert_eq!((pages, folders), (1, 1));
    }

    #[test]
    fn times_are_a_table() {
        let times = times(&Times::from([(("ann".into(), "a".into()), 1.234)]));
        let text = String::from_utf8(times.to_bytes().unwrap()).unwrap();
        assert_eq!(text, "student,exercise,seconds\nann,a,1.23\n");
    }

    #[test]
    fn what_a_student_writes_stays_text() {
        assert_eq!(inline("a <b> `c`"), "`a <b> 'c'`");
        assert_eq!(cell("a \\| b"), "`a \\¦ b`");
        assert_eq!(inline("see https://x.org"), "`see https://x.org`");
        assert_eq!(inline("share 1: expected 0.5\u{202e}"), "share 1: expected 0.5");
        assert_eq!(fenced("x\n```\ny"), "````text\nx\n```\ny\n````");
    }
}
