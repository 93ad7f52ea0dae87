//! A roster: who is expected to hand in. It is a CSV file whose first line names its columns; those called `id`, `name` and
//! `email` are read, and at least one of them must be there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::handin::HandIn;

/// A person of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// How the row of somebody is called who handed in nothing: the name, or else the id or the e-mail.
    pub shown: String,
    /// All that an entry of this person may be called.
    keys: BTreeSet<String>,
}

/// Everybody who is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster(Vec<Person>);

impl Roster {
    /// Reads a roster.
    ///
    /// # Errors
    /// Where the file cannot be read or has none of the columns.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("{}: cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut rows = rows(text.trim_start_matches('\u{feff}')).into_iter();
        let head: Vec<String> =
            rows.next().unwrap_or_default().iter().map(|h| h.trim().to_lowercase()).collect();
        let column = |name: &str| head.iter().position(|h| h == name);
        let (id, name, email) = (column("id"), column("name"), column("email"));
        if id.or(name).or(email).is_none() {
            bail!("has no column id, name or email; write these words in its first line");
        }
        let person = |row: Vec<String>| {
            let cell = |column: Option<usize>| {
                column.and_then(|c| row.get(c)).map(|c| c.trim()).unwrap_or_default().to_owned()
            };
            let (id, name, email) = (cell(id), cell(name), cell(email));
            let shown = [&name, &id, &email].into_iter().find(|c| !c.is_empty())?.clone();
            let local = email.split('@').next().unwrap_or_default().to_owned();
            let mut keys: BTreeSet<String> = [&id, &email, &local].map(|k| plain(k)).into();
            keys.extend(orders(&name));
            keys.remove("");
            Some(Person { shown, keys })
        };
        Ok(Roster(rows.filter_map(person).collect()))
    }

    /// Adds a hand-in without files for everybody who handed in nothing, and says of whom that is so, and which hand-ins belong to nobody or
    /// to several, each in a line.
    pub fn check(&self, hand_ins: &mut Vec<HandIn>) -> Vec<String> {
        let mut said = Vec::new();
        let mut has = vec![0; self.0.len()];
        for hand_in in hand_ins.iter() {
            let name = hand_in.student.split('~').next().unwrap_or_default();
            let keys: BTreeSet<String> = orders(name).into_iter().collect();
            let fits = |p: &Person| p.keys.intersection(&keys).next().is_some();
            let owners: Vec<usize> = (0..self.0.len()).filter(|&i| fits(&self.0[i])).collect();
            match owners.as_slice() {
                [] => said.push(format!("{}: not in the roster", hand_in.student)),
                [_] => {}
                _ => said.push(format!("{}: several in the roster are called so", hand_in.student)),
            }
            owners.iter().for_each(|&i| has[i] += 1);
        }
        for (person, count) in self.0.iter().zip(has) {
            if count == 0 {
                said.push(format!("{}: handed in nothing", person.shown));
                let missing = HandIn::missing(&person.shown, hand_ins);
                hand_ins.push(missing);
            } else if count > 1 {
                said.push(format!("{}: has {count} hand-ins", person.shown));
            }
        }
        hand_ins.sort_by(|a, b| a.student.cmp(&b.student));
        said
    }
}

/// Letters and digits alone, small.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A name as it stands, and with the last word first, as Canvas has it.
fn orders(name: &str) -> [String; 2] {
    let words: Vec<&str> = name.split([' ', '_', ',']).filter(|w| !w.is_empty()).collect();
    let (last, rest) = words.split_last().map_or(("", &words[..]), |(l, r)| (*l, r));
    [plain(name), plain(&format!("{last}{}", rest.concat()))]
}

/// The cells of a CSV text.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' | ';' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_missing_has_a_row_and_who_is_a_stranger_is_named() {
        let text =
            "\u{feff}Id,Name,Email\r\n7,\"Lee, Ann\",ann@x.org\r\n8,Bob Roe,roe@x.org\r\n9,Cleo,\n";
        let roster = Roster::parse(text).unwrap();
        let of = |name: &str| HandIn { student: name.into(), paths: vec!["x".into()] };
        let mut class = vec![of("leeann"), of("eve"), of("8"), of("Bob_Roe~1a2b")];
        let said = roster.check(&mut class);
        let wanted =
            ["eve: not in the roster", "Bob Roe: has 2 hand-ins", "Cleo: handed in nothing"];
        assert_eq!(said, wanted);
        let cleo = class.iter().find(|h| h.student == "Cleo").unwrap();
        let fault = cleo.answers(&["lbp"]).remove("lbp").unwrap().unwrap_err();
        assert_eq!(fault, "nothing was handed in");
        assert!(Roster::parse("who,what\n").is_err());
    }
}
