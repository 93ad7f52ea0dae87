//! Grades as learning platforms read them.
//!
//! Moodle reads its grading worksheet back, or a table of people with a column of grades (*Grades, Import, CSV file*). Canvas
//! reads a gradebook whose second line says what there is to earn. A grade stands there only where it is known whose it is: for
//! whoever handed in nothing, or nothing that could be read, there is none, and what the platform has stays as it is.

use crate::grade::{Student, round};
use crate::handin::{HandIn, Origin};
use crate::roster::{Checked, Kind, Roster};
use crate::table::{Table, cell};

/// Everything that is known when grades go somewhere.
#[derive(Debug, Clone, Copy)]
pub struct Class<'a> {
    /// The hand-ins, as they were found and named.
    pub hand_ins: &'a [HandIn],
    /// The rows of the report, in the same order.
    pub students: &'a [Student],
    /// Who is expected, and whose each hand-in is.
    pub roster: Option<(&'a Roster, &'a Checked)>,
    /// What the assignment is called there.
    pub title: &'a str,
}

/// A file for a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub table: Table,
    /// What an instructor should know of it.
    pub said: Vec<String>,
}

/// Moodle's grading worksheet, to be uploaded where it came from.
pub const WORKSHEET: &str = "moodle-worksheet.csv";
/// Grades for Moodle's *Grades, Import, CSV file*.
pub const GRADES: &str = "moodle-grades.csv";
/// A gradebook for Canvas's *Import*.
pub const GRADEBOOK: &str = "canvas.csv";

impl<'a> Class<'a> {
    /// Every file that can be made of what is known.
    pub fn imports(&self) -> Vec<Import> {
        let has = |wanted: fn(&Origin) -> bool| self.hand_ins.iter().any(|h| wanted(&h.origin));
        let kind = self.roster.map(|(roster, _)| roster.kind);
        let mut imports = Vec::new();
        match self.roster {
            Some((roster, _)) if roster.kind == Kind::Worksheet => {
                imports.push(self.worksheet(roster));
            }
            _ if has(|o| matches!(o, Origin::Moodle(_))) => imports.push(self.bare_worksheet()),
            _ => {}
        }
        if let Some((roster, _)) = self.roster
            && kind == Some(Kind::Own)
        {
            imports.push(self.grades(roster));
        }
        if kind == Some(Kind::Gradebook) || has(|o| matches!(o, Origin::Canvas { .. })) {
            imports.push(self.gradebook());
        }
        imports
    }

    /// Each student with a grade, and the hand-in.
    fn graded(&self) -> impl Iterator<Item = (&'a HandIn, &'a Student)> {
        let pairs = self.hand_ins.iter().zip(self.students);
        pairs.filter(|(_, student)| student.is_graded() && student.has_answers())
    }

    /// Each student with a grade whose place in the roster is known.
    fn placed(&self) -> impl Iterator<Item = (&'a Roster, usize, &'a Student)> {
        let roster = self.roster;
        self.graded().filter_map(move |(hand_in, student)| {
            let (roster, checked) = roster?;
            let person = *checked.person_of.get(&hand_in.student)?;
            Some((roster, roster.people.get(person)?.row, student))
        })
    }

    fn worksheet(&self, roster: &Roster) -> Import {
        let mut table = roster.table.clone();
        let [grade, maximum, comment] =
            ["grade", "maximum grade", "feedback comments"].map(|name| table.column(&[name]));
        let mut said = Vec::new();
        for (_, row, student) in self.placed() {
            let row = &mut table.rows[row];
            let most = cell(row, maximum).parse().ok();
            put(row, grade, scaled(student, most).to_string());
            if comment.is_some() && cell(row, comment).is_empty() {
                put(row, comment, comment_on(student));
            }
            if said.is_empty() {
                said.extend(scaling(student, most, WORKSHEET));
            }
        }
        Import { name: WORKSHEET, table, said }
    }

    /// What Moodle asks of a worksheet at least: whose grade it is, the grade, and when there was another. Where Moodle has one already, it keeps it.
    fn bare_worksheet(&self) -> Import {
        let head =
            ["Identifier", "Full name", "Grade", "Last modified (grade)", "Feedback comments"];
        let mut table = Table::new(head);
        for (hand_in, student) in self.graded() {
            if let Origin::Moodle(number) = hand_in.origin {
                let (name, grade) = (hand_in.name.clone(), student.earned.to_string());
                let (id, comment) = (format!("Participant {number}"), comment_on(student));
                table.rows.push(vec![id, name, grade, "-".to_owned(), comment]);
            }
        }
        let said = self.students.first().map(|s| {
            format!("{WORKSHEET}: the maximum grade in Moodle has to be {}; a worksheet from Moodle as --roster says it", s.points)
        });
        Import { name: WORKSHEET, table, said: said.into_iter().collect() }
    }

    fn grades(&self, roster: &Roster) -> Import {
        let mut table =
            Table::new(roster.table.head.iter().map(String::as_str).chain([self.title]));
        for (roster, row, student) in self.placed() {
            let mut row = roster.table.rows[row].clone();
            row.resize(roster.table.head.len(), String::new());
            row.push(student.earned.to_string());
            table.rows.push(row);
        }
        Import { name: GRADES, table, said: Vec::new() }
    }

    fn gradebook(&self) -> Import {
        let roster = self.roster.map(|(roster, _)| roster).filter(|r| r.kind == Kind::Gradebook);
        let Some(roster) = roster else { return self.bare_gradebook() };
        let about = roster.table.column(&["section"]).map_or(0, |section| section + 1);
        let column = roster.table.head.iter().position(|h| is_assignment(h, self.title));
        let named = column.map_or(self.title, |c| roster.table.head[c].as_str());
        let is_possible =
            |row: &&Vec<String>| row.first().is_some_and(|c| c.contains("Points Possible"));
        let possible = roster.table.rows.iter().find(is_possible);
        let most = possible.and_then(|row| cell(row, column).parse().ok());
        let all = self.students.first().map_or(0, |s| s.points).into();
        let mut table =
            Table::new(roster.table.head.iter().take(about).map(String::as_str).chain([named]));
        table.rows.push(points_possible(about, most.unwrap_or(all)));
        let mut said = Vec::new();
        if column.is_none() {
            said.push(format!(
                "{GRADEBOOK}: the gradebook has no column `{named}`, so Canvas makes a new assignment of it; `title` in the rules names another"
            ));
        }
        for (roster, row, student) in self.placed() {
            let mut row: Vec<String> = roster.table.rows[row].iter().take(about).cloned().collect();
            row.resize(about, String::new());
            row.push(scaled(student, most).to_string());
            table.rows.push(row);
            if table.rows.len() == 2 {
                said.extend(scaling(student, most, GRADEBOOK));
            }
        }
        Import { name: GRADEBOOK, table, said }
    }

    /// What Canvas asks of a gradebook at least.
    fn bare_gradebook(&self) -> Import {
        let mut table = Table::new(["Student", "ID", "Section", self.title]);
        let all = self.students.first().map_or(0, |s| s.points).into();
        table.rows.push(points_possible(3, all));
        for (hand_in, student) in self.graded() {
            if let Origin::Canvas { user, .. } = hand_in.origin {
                let (name, grade) = (hand_in.name.clone(), student.earned.to_string());
                table.rows.push(vec![name, user.to_string(), String::new(), grade]);
            }
        }
        Import { name: GRADEBOOK, table, said: Vec::new() }
    }
}

/// Puts a text into a row, which is made long enough.
fn put(row: &mut Vec<String>, column: Option<usize>, text: String) {
    let Some(column) = column else { return };
    if row.len() <= column {
        row.resize(column + 1, String::new());
    }
    row[column] = text;
}

/// Is this column of Canvas's the assignment `title`? There it is followed by a number.
fn is_assignment(head: &str, title: &str) -> bool {
    let rest = head.trim().strip_prefix(title).map(str::trim);
    rest.is_some_and(|rest| {
        let number = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')'));
        rest.is_empty() || number.is_some_and(|n| n.parse::<u64>().is_ok())
    })
}

fn points_possible(about: usize, most: f64) -> Vec<String> {
    let mut row = vec![String::new(); about];
    put(&mut row, Some(0), "    Points Possible".to_owned());
    row.push(most.to_string());
    row
}

/// The points of a student where there are `most` to earn.
fn scaled(student: &Student, most: Option<f64>) -> f64 {
    let points = f64::from(student.points);
    match most {
        Some(most) if most > 0.0 && most != points && points > 0.0 => {
            round(student.earned / points * most)
        }
        _ => student.earned,
    }
}

/// Says that grades are not the points of the report, where that is so.
fn scaling(student: &Student, most: Option<f64>, file: &str) -> Option<String> {
    let most = most.filter(|m| *m > 0.0 && *m != f64::from(student.points))?;
    Some(format!(
        "{file}: the maximum there is {most}, so the {} points of the exercises are scaled to it",
        student.points
    ))
}

/// What a student reads beside the grade.
fn comment_on(student: &Student) -> String {
    let each = student.answers.iter().map(|a| {
        let mark = &a.mark;
        format!("{}: {} of {}", a.exercise, mark.earned, mark.points)
    });
    let late = student.late.iter().map(ToString::to_string);
    each.chain(late).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examine::Mark;
    use crate::grade::{Graded, Status};

    /// A row that earned so much of 20 points; nothing where there was no answer.
    fn student(name: &str, earned: Option<f64>) -> Student {
        let status = earned.map_or(Status::Missing("none".into()), |_| Status::Run);
        let earned = earned.unwrap_or(0.0);
        let mark = Mark { earned, points: 20, kinds: Vec::new(), mutant: None, advice: None };
        let answers = vec![Graded { exercise: "lbp".into(), status, mark }];
        Student { student: name.into(), earned, points: 20, late: None, answers }
    }

    fn hand_in(name: &str, origin: Origin) -> HandIn {
        HandIn { origin, paths: vec!["x".into()], ..HandIn::missing(name, &[]) }
    }

    fn text(import: &Import) -> String {
        String::from_utf8(import.table.to_bytes().unwrap()).unwrap()
    }

    /// The files for a class, with a roster or without.
    fn imports(class: &[(&str, Origin, Option<f64>)], roster: Option<&str>) -> Vec<Import> {
        let mut hand_ins: Vec<HandIn> = class.iter().map(|(n, o, _)| hand_in(n, *o)).collect();
        hand_ins.sort_by(|a, b| a.student.cmp(&b.student));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.csv");
        let roster = roster.map(|text| {
            std::fs::write(&path, text).unwrap();
            Roster::read(&path).unwrap()
        });
        let checked = roster.as_ref().map(|r| r.check(&mut hand_ins));
        let students: Vec<Student> = hand_ins
            .iter()
            .map(|h| {
                let earned = class.iter().find(|(n, ..)| *n == h.name).and_then(|(.., e)| *e);
                student(&h.student, earned)
            })
            .collect();
        let roster = roster.as_ref().zip(checked.as_ref());
        let class = Class { hand_ins: &hand_ins, students: &students, roster, title: "Homework 2" };
        class.imports()
    }

    #[test]
    fn the_worksheet_of_moodle_comes_back_with_grades() {
        let head = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n";
        let sheet = format!(
            "{head}Participant 12,Ann Lee,a@x.org,Submitted,,100.00,-,\nParticipant 13,\"Roe, Bob\",b@x.org,Submitted,7.00,100.00,-,old\n\
             Participant 14,Cleo,c@x.org,No submission,,100.00,-,\nParticipant 15,Dan,d@x.org,Submitted,,100.00,-,\n"
        );
        let class = [
            ("Ann Lee", Origin::Moodle(12), Some(15.0)),
            ("Roe Bob", Origin::Moodle(13), Some(20.0)),
            ("Dan", Origin::Moodle(15), None),
        ];
        let found = imports(&class, Some(&sheet));
        assert_eq!(found.len(), 1);
        let wanted = format!(
            "{head}Participant 12,Ann Lee,a@x.org,Submitted,75,100.00,-,lbp: 15 of 20\nParticipant 13,\"Roe, Bob\",b@x.org,Submitted,100,100.00,-,old\n\
             Participant 14,Cleo,c@x.org,No submission,,100.00,-,\nParticipant 15,Dan,d@x.org,Submitted,,100.00,-,\n"
        );
        assert_eq!(text(&found[0]), wanted);
        assert!(found[0].said[0].contains("scaled"), "{:?}", found[0].said);
        let sheet = sheet.replace("100.00", "20.00");
        let found = imports(&class, Some(&sheet));
        assert!(text(&found[0]).contains("Submitted,15,20.00") && found[0].said.is_empty());
    }

    #[test]
    fn a_download_of_moodle_alone_is_enough_for_a_worksheet() {
        let class = [
            ("Ann Lee", Origin::Moodle(12), Some(15.5)),
            ("Dan", Origin::Moodle(15), None),
            ("eve", Origin::Anybody, Some(3.0)),
        ];
        let found = imports(&class, None);
        let wanted = "Identifier,Full name,Grade,Last modified (grade),Feedback comments\nParticipant 12,Ann Lee,15.5,-,lbp: 15.5 of 20\n";
        assert_eq!((found.len(), text(&found[0]).as_str()), (1, wanted));
    }

    #[test]
    fn a_table_of_ones_own_comes_back_with_grades() {
        let class =
            [("Ann Lee", Origin::Anybody, Some(15.0)), ("eve", Origin::Anybody, Some(20.0))];
        let found =
            imports(&class, Some("ID number,Name,Email address\n7,Ann Lee,a@x.org\n8,Bob\n"));
        let wanted = "ID number,Name,Email address,Homework 2\n7,Ann Lee,a@x.org,15\n";
        assert_eq!((found.len(), text(&found[0]).as_str()), (1, wanted));
    }

    #[test]
    fn canvas_gets_its_students_and_the_points_there_are() {
        let canvas = |user| Origin::Canvas { user, late: false };
        let class = [("leeann", canvas(71), Some(15.0)), ("roebob", canvas(72), None)];
        let found = imports(&class, None);
        let wanted = "Student,ID,Section,Homework 2\n    Points Possible,,,20\nleeann,71,,15\n";
        assert_eq!((found.len(), text(&found[0]).as_str()), (1, wanted));
        let book = "Student,ID,SIS Login ID,Section,Homework 1 (4710),Homework 2 (4711),Final Score\n    Points Possible,,,,10,40,(read only)\n\
             \"Lee, Ann\",71,ann,A,3,,30\n\"Roe, Bob\",72,bob,A,4,9,40\n";
        let found = imports(&class, Some(book));
        // Whoever has no grade has no row: an empty cell would take away a grade that is there.
        let wanted = "Student,ID,SIS Login ID,Section,Homework 2 (4711)\n    Points Possible,,,,40\n\"Lee, Ann\",71,ann,A,30\n";
        assert_eq!((found.len(), text(&found[0]).as_str()), (1, wanted));
        assert!(found[0].said[0].contains("scaled"));
        let found = imports(&class, Some(&book.replace("Homework 2 (4711)", "Homework 23 (1)")));
        assert!(text(&found[0]).contains("Homework 2\n    Points Possible,,,,20\n"));
        assert!(found[0].said[0].contains("new assignment"));
    }
}
