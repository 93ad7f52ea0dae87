//! What the rules find, and where; what an exception allows is left out.

use super::exceptions::Exceptions;
use super::manuscript::Manuscript;

/// Something that a rule found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// File, from the workspace's root, with forward slashes.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted in characters from 1.
    pub column: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// What was found; then what to write instead.
    pub message: String,
}

/// Collects what the rules find, exceptions left out.
#[derive(Debug)]
pub struct Findings<'a> {
    /// The name of the rule that looks.
    pub rule: &'static str,
    manuscript: &'a Manuscript<'a>,
    /// Those of each page.
    exceptions: &'a [Exceptions],
    /// Which of them allowed something.
    used: Vec<Vec<bool>>,
    found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    /// None yet.
    pub fn new(manuscript: &'a Manuscript<'a>, exceptions: &'a [Exceptions]) -> Self {
        let used = exceptions.iter().map(|page| vec![false; page.all.len()]).collect();
        Findings { rule: "", manuscript, exceptions, used, found: Vec::new() }
    }

    /// Tells of something at the byte `offset` of a page, unless an exception
    /// allows it there.
    pub fn add(&mut self, page: usize, offset: usize, message: impl Into<String>) {
        let mut allowed = false;
        for (exception, used) in self.exceptions[page].all.iter().zip(&mut self.used[page]) {
            if exception.rule == self.rule && exception.region.contains(&offset) {
                *used = true;
                allowed = true;
            }
        }
        if !allowed {
            self.always(page, offset, message.into());
        }
    }

    /// Tells of something that no exception can allow.
    fn always(&mut self, page: usize, offset: usize, message: String) {
        let source = &self.manuscript.book.pages[page];
        let start = source.text[..offset].rfind('\n').map_or(0, |i| i + 1);
        self.found.push(Finding {
            file: source.file.clone(),
            line: source.line(offset),
            column: source.text[start..offset].chars().count() + 1,
            rule: self.rule,
            message,
        });
    }

    /// All of them, with the exceptions that are malformed, and those that
    /// allow nothing.
    pub fn finish(mut self) -> Vec<Finding> {
        self.rule = "exception";
        for (page, exceptions) in self.exceptions.iter().enumerate() {
            for (offset, fault) in &exceptions.faulty {
                self.always(page, *offset, fault.clone());
            }
            for (i, exception) in exceptions.all.iter().enumerate() {
                if !self.used[page][i] {
                    let message =
                        format!("there is no {} to allow here; remove the comment", exception.rule);
                    self.always(page, exception.offset, message);
                }
            }
        }
        self.found
    }
}
