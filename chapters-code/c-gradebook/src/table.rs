//! Tables in CSV: those that learning platforms give, and those that they read.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

/// A table with names over its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns.
    pub head: Vec<String>,
    /// The rows; one may be shorter or longer than the head.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Self {
        Table { head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Reads the table at `path`.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no table in UTF-8.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let Ok(text) = String::from_utf8(bytes) else {
            bail!("{}: is not in UTF-8; save it as \"CSV UTF-8\"", path.display());
        };
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Reads a text whose cells are parted by commas, semicolons or tabs, whichever its first line has most of.
    ///
    /// # Errors
    /// Where there is no first line.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().next().unwrap_or_default();
        let count = |mark: &u8| first.bytes().filter(|b| b == mark).count();
        // Of equally many, the last: a comma.
        let mark = *b"\t;,".iter().max_by_key(|m| count(m)).unwrap_or(&b',');
        let mut reader = csv::ReaderBuilder::new();
        reader.delimiter(mark).has_headers(false).flexible(true);
        let mut rows = Vec::new();
        for row in reader.from_reader(text.as_bytes()).records() {
            rows.push(row?.iter().map(str::to_owned).collect::<Vec<_>>());
        }
        if rows.is_empty() {
            bail!("is empty; its first line names the columns");
        }
        Ok(Table { head: rows.remove(0), rows })
    }

    /// The first column that is called so, whatever letters are capital.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        let is_called = |head: &String| names.iter().any(|n| head.trim().eq_ignore_ascii_case(n));
        self.head.iter().position(is_called)
    }

    /// The table as a file.
    ///
    /// # Errors
    /// None that is known: it is written into memory.
    pub fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(&self.head)?;
        for row in &self.rows {
            writer.write_record(row)?;
        }
        writer.into_inner().map_err(|e| e.into_error().into())
    }
}

/// What is in a row at a column, without spaces around it; nothing where there is none.
pub fn cell(row: &[String], column: Option<usize>) -> &str {
    column.and_then(|c| row.get(c)).map_or("", |c| c.trim())
}

/// A text that no spreadsheet takes for a formula.
pub fn text(text: &str) -> String {
    let steers = ['=', '+', '-', '@', '\t', '\r'];
    if text.starts_with(steers) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_every_spreadsheet_are_read() {
        let wanted = Table {
            head: vec!["Id".into(), "Name".into()],
            rows: vec![
                vec!["7".into(), "Lee, Ann; \"the\" one".into()],
                vec!["8".into(), "two\nlines".into()],
            ],
        };
        for mark in [",", ";", "\t"] {
            let text = format!(
                "\u{feff}Id{mark}Name\r\n7{mark}\"Lee, Ann; \"\"the\"\" one\"\r\n8{mark}\"two\nlines\"\r\n"
            );
            assert_eq!(Table::parse(&text).unwrap(), wanted, "{mark}");
        }
        let again = String::from_utf8(wanted.to_bytes().unwrap()).unwrap();
        assert_eq!(Table::parse(&again).unwrap(), wanted);
        assert_eq!((wanted.column(&["e-mail", "name"]), wanted.column(&["x"])), (Some(1), None));
        assert!(Table::parse("").is_err());
        assert_eq!((text("=1+1"), text("a=1")), ("'=1+1".to_owned(), "a=1".to_owned()));
    }
}
