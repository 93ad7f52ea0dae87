//! A roster: who is expected to hand in, and when whoever did handed in.
//!
//! It is a CSV file whose first line names its columns. Three kinds are known: a table of one's own with columns `id`, `name` or
//! `email`; the *grading worksheet* that Moodle gives for an assignment; and the gradebook that Canvas exports. The last two
//! come back from a grading with the grades in them ([`crate::imports`]).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, bail};
use unicode_normalization::UnicodeNormalization as _;

use crate::handin::{HandIn, Origin};
use crate::rules::moment::Moment;
use crate::table::{Table, cell};

/// A person of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// How the row of somebody is called who handed in nothing: the name, or else the id or the e-mail.
    pub shown: String,
    /// When this person handed in, if the roster says it.
    pub submitted: Option<Moment>,
    /// The row of the table.
    pub row: usize,
    /// All that an entry of this person may be called.
    keys: BTreeSet<String>,
    /// The number by which Moodle or Canvas names what this person handed in.
    number: Option<u64>,
}

/// What kind of table a roster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A table of one's own.
    Own,
    /// Moodle's grading worksheet.
    Worksheet,
    /// Canvas's gradebook.
    Gradebook,
}

/// Everybody who is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// What kind of table it is.
    pub kind: Kind,
    /// The table as it was given.
    pub table: Table,
    /// The people in it.
    pub people: Vec<Person>,
}

/// Which hand-in is whose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Who is missing, who has several hand-ins, and which hand-ins belong to nobody or to several, each in a line.
    pub said: Vec<String>,
    /// The person of each row, where there is just one, and that person has no other row.
    pub person_of: BTreeMap<String, usize>,
}

/// What the columns are called.
const ID: [&str; 6] =
    ["id", "id number", "student id", "student number", "sis user id", "username"];
const NAME: [&str; 4] = ["name", "full name", "student", "student name"];
const FIRST: [&str; 3] = ["first name", "firstname", "given name"];
const LAST: [&str; 4] = ["last name", "lastname", "surname", "family name"];
const EMAIL: [&str; 5] = ["email", "email address", "e-mail", "e-mail address", "sis login id"];
const SUBMITTED: [&str; 3] = ["submitted", "handed in", "last modified (submission)"];

/// Where things stand in a table.
struct Columns {
    id: Option<usize>,
    name: Option<usize>,
    first: Option<usize>,
    last: Option<usize>,
    email: Option<usize>,
    number: Option<usize>,
    submitted: Option<usize>,
}

impl Columns {
    fn of(table: &Table, kind: Kind) -> Self {
        let number = match kind {
            Kind::Own => None,
            Kind::Worksheet => table.column(&["identifier"]),
            Kind::Gradebook => table.column(&["id"]),
        };
        let id = if kind == Kind::Gradebook { &["sis user id"][..] } else { &ID[..] };
        Columns {
            id: table.column(id),
            name: table.column(&NAME),
            first: table.column(&FIRST),
            last: table.column(&LAST),
            email: table.column(&EMAIL),
            number,
            submitted: table.column(&SUBMITTED),
        }
    }

    fn person(&self, row: &[String], index: usize) -> anyhow::Result<Option<Person>> {
        let [id, email] = [self.id, self.email].map(|c| cell(row, c));
        let mut name = cell(row, self.name).to_owned();
        if name.is_empty() {
            name = format!("{} {}", cell(row, self.first), cell(row, self.last)).trim().to_owned();
        }
        let number = cell(row, self.number);
        let shown = [name.as_str(), id, email, number].into_iter().find(|c| !c.is_empty());
        let Some(shown) = shown.map(str::to_owned) else { return Ok(None) };
        let submitted = match cell(row, self.submitted) {
            "" | "-" => None,
            text => Some(text.parse().map_err(|e| anyhow::anyhow!("{shown}: {e}"))?),
        };
        let local = email.split('@').next().unwrap_or_default();
        let mut keys: BTreeSet<String> = [id, email, local].map(plain).into();
        keys.extend(orders(&name));
        keys.remove("");
        // `Participant 123`, in whatever language.
        let digits = number.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        Ok(Some(Person { shown, submitted, row: index, keys, number: digits.parse().ok() }))
    }
}

impl Roster {
    /// Reads a roster.
    ///
    /// # Errors
    /// Where the file cannot be read, has none of the columns, or has a time that is none.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        Self::of(Table::read(path)?).with_context(|| path.display().to_string())
    }

    fn of(table: Table) -> anyhow::Result<Self> {
        let has = |name: &str| table.column(&[name]).is_some();
        let kind = if has("identifier") && has("grade") {
            Kind::Worksheet
        } else if table.head.first().is_some_and(|h| h.contains("Student"))
            && has("id")
            && has("section")
        {
            Kind::Gradebook
        } else {
            Kind::Own
        };
        let columns = Columns::of(&table, kind);
        let known = [columns.id, columns.name, columns.last, columns.email, columns.number];
        if known.iter().all(Option::is_none) {
            bail!(
                "has no column id, name or email; write these words in its first line, in English"
            );
        }
        let mut people = Vec::new();
        for (index, row) in table.rows.iter().enumerate() {
            // Under its head Canvas has a row or two that are about no student, and a student who is none.
            let is_about_none = kind == Kind::Gradebook
                && (cell(row, columns.number).is_empty()
                    || cell(row, columns.name) == "Student, Test");
            if !is_about_none {
                people.extend(columns.person(row, index)?);
            }
        }
        Ok(Roster { kind, table, people })
    }

    /// Whose a hand-in could be.
    fn owners(&self, hand_in: &HandIn) -> Vec<usize> {
        let number = match (self.kind, hand_in.origin) {
            (Kind::Worksheet, Origin::Moodle(number)) => Some(number),
            (Kind::Gradebook, Origin::Canvas { user, .. }) => Some(user),
            _ => None,
        };
        let all = 0..self.people.len();
        if number.is_some() {
            let owners: Vec<usize> =
                all.clone().filter(|&i| self.people[i].number == number).collect();
            if !owners.is_empty() {
                return owners;
            }
        }
        let keys = orders(&hand_in.name);
        all.filter(|&i| keys.iter().any(|k| self.people[i].keys.contains(k))).collect()
    }

    /// Says whose each hand-in is, and adds one without files for everybody who handed in nothing.
    pub fn check(&self, hand_ins: &mut Vec<HandIn>) -> Checked {
        let mut checked = Checked::default();
        let mut rows: Vec<Vec<String>> = vec![Vec::new(); self.people.len()];
        for hand_in in hand_ins.iter() {
            let student = &hand_in.student;
            match self.owners(hand_in).as_slice() {
                [] => checked.said.push(format!("{student}: not in the roster")),
                [one] => rows[*one].push(student.clone()),
                several => {
                    let several: Vec<&str> =
                        several.iter().map(|&i| self.people[i].shown.as_str()).collect();
                    let said = format!("{student}: could be of {}", several.join(" or of "));
                    checked.said.push(said);
                }
            }
        }
        for (index, (person, rows)) in self.people.iter().zip(rows).enumerate() {
            match rows.as_slice() {
                [] => {
                    checked.said.push(format!("{}: handed in nothing", person.shown));
                    let missing = HandIn::missing(&person.shown, hand_ins);
                    checked.person_of.insert(missing.student.clone(), index);
                    hand_ins.push(missing);
                }
                [row] => drop(checked.person_of.insert(row.clone(), index)),
                rows => {
                    let said =
                        format!("{}: has several hand-ins: {}", person.shown, rows.join(", "));
                    checked.said.push(said);
                }
            }
        }
        hand_ins.sort_by(|a, b| a.student.cmp(&b.student));
        checked
    }
}

impl Person {
    /// Is this person called so?
    pub fn is_called(&self, name: &str) -> bool {
        orders(name).iter().any(|k| self.keys.contains(k))
    }
}

/// Letters and digits alone, small and without accents: systems differ in how they write these.
pub(crate) fn plain(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A name with its words in both orders, as far as it has an order: Canvas puts the last one first.
fn orders(name: &str) -> Vec<String> {
    let turned = match name.split_once(',') {
        Some((last, first)) => format!("{first} {last}"),
        None => {
            let words: Vec<&str> = name.split([' ', '_']).filter(|w| !w.is_empty()).collect();
            let (last, rest) = words.split_last().map_or(("", &words[..]), |(l, r)| (*l, r));
            format!("{last} {}", rest.join(" "))
        }
    };
    let mut orders = vec![plain(name), plain(&turned)];
    orders.retain(|o| !o.is_empty());
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(text: &str) -> Roster {
        Roster::of(Table::parse(text).unwrap()).unwrap()
    }

    fn hand_in(name: &str) -> HandIn {
        let student = name.replace(' ', "_");
        HandIn { student, paths: vec!["x".into()], ..HandIn::missing(name, &[]) }
    }

    #[test]
    fn who_is_missing_has_a_row_and_who_is_a_stranger_is_named() {
        let roster = roster(
            "\u{feff}Id;Name;Email\r\n7;\"Lee, Ann Mary\";ann@x.org\r\n8;Bob Roe;roe@x.org\r\n9;Cleo;\r\n10;José;",
        );
        let names = ["leeannmary", "eve", "8", "Bob Roe", "Jose\u{301}"];
        let mut class: Vec<HandIn> = names.iter().map(|n| hand_in(n)).collect();
        let checked = roster.check(&mut class);
        let wanted = [
            "eve: not in the roster",
            "Bob Roe: has several hand-ins: 8, Bob_Roe",
            "Cleo: handed in nothing",
        ];
        assert_eq!(checked.said, wanted);
        let of = |row: &str| checked.person_of.get(row).copied();
        assert_eq!((of("leeannmary"), of("Cleo"), of("Jose\u{301}")), (Some(0), Some(2), Some(3)));
        // Nobody gets a grade who could be another.
        assert_eq!((of("eve"), of("8"), of("Bob_Roe")), (None, None, None));
        let cleo = class.iter().find(|h| h.student == "Cleo").unwrap();
        let fault = cleo.answers(&["lbp"]).remove("lbp").unwrap().unwrap_err();
        assert_eq!(fault.to_string(), "nothing was handed in");
        assert!(Roster::of(Table::parse("who,what\n").unwrap()).is_err());
        let late = Table::parse("name,submitted\nAnn,soon\n").unwrap();
        assert!(Roster::of(late).unwrap_err().to_string().contains("Ann: `soon`"));
    }

    #[test]
    fn a_name_that_two_have_is_nobodys() {
        let roster = roster("id,name\n1,Ann Lee\n2,Ann Lee\n");
        let checked = roster.check(&mut vec![hand_in("Ann Lee")]);
        assert_eq!(checked.said[0], "Ann_Lee: could be of Ann Lee or of Ann Lee");
        assert!(!checked.person_of.contains_key("Ann_Lee"));
    }

    #[test]
    fn the_worksheet_of_moodle_is_a_roster() {
        let roster = roster(
            "Identifier,\"Full name\",\"Email address\",Status,Grade,\"Maximum Grade\",\"Last modified (submission)\"\n\
             \"Participant 12\",\"Ann Lee\",a@x.org,\"Submitted for grading\",,10.00,\"Thursday, 1 October 2026, 11:10 PM\"\n\
             \"Participant 13\",\"Ann Lee\",b@x.org,\"No submission\",,10.00,-\n",
        );
        assert_eq!(roster.kind, Kind::Worksheet);
        let submitted = roster.people[0].submitted.map(|s| s.to_string());
        assert_eq!(submitted.as_deref(), Some("2026-10-01 23:10"));
        assert_eq!(roster.people[1].submitted, None);
        // By the number, although two are called so; and whatever group stands before the name.
        let mut class = vec![HandIn { origin: Origin::Moodle(12), ..hand_in("Group A-Ann Lee") }];
        let checked = roster.check(&mut class);
        assert_eq!(checked.said, ["Ann Lee: handed in nothing"]);
        assert_eq!(checked.person_of["Group_A-Ann_Lee"], 0);
        assert!(roster.people[0].is_called("Lee, Ann") && !roster.people[0].is_called("Ann"));
    }

    #[test]
    fn the_gradebook_of_canvas_is_a_roster() {
        let roster = roster(
            "Student,ID,SIS User ID,SIS Login ID,Section,Homework 2 (4711)\n    Points Possible,,,,,20\n\
             \"Lee, Ann\",71,u71,ann@x.org,A,\n\"Roe, Bob\",72,u72,bob@x.org,A,\n\"Student, Test\",99,,x,A,\n",
        );
        assert_eq!((roster.kind, roster.people.len()), (Kind::Gradebook, 2));
        let origin = Origin::Canvas { user: 72, late: false };
        let mut class = vec![HandIn { origin, ..hand_in("roebob") }, hand_in("leeann")];
        let checked = roster.check(&mut class);
        assert_eq!(checked.said, Vec::<String>::new());
        assert_eq!((checked.person_of["leeann"], checked.person_of["roebob"]), (0, 1));
    }
}
