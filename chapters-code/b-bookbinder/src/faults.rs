//! Everything that is wrong with the book, told at once: file, line, fault, fix.

use std::fmt;

/// Does it stop the build?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The book does not bind.
    Fault,
    /// The book binds; someone should look.
    Warning,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// File, from the workspace's root, with forward slashes.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Does it stop the build?
    pub severity: Severity,
    /// What is wrong; then what to do about it.
    pub message: String,
}

impl fmt::Display for Fault {
    /// `book/14-parameters/index.md:12: there is no value `x`; did you mean `y`?`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warning = if self.severity == Severity::Warning { "warning: " } else { "" };
        write!(f, "{}:{}: {warning}{}", self.file, self.line, self.message)
    }
}

/// All that is wrong, in the order of files and lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    /// Adds a fault, which stops the build.
    pub fn fault(&mut self, file: &str, line: usize, message: impl Into<String>) {
        self.add(Severity::Fault, file, line, message.into());
    }

    /// Adds a warning, which does not.
    pub fn warning(&mut self, file: &str, line: usize, message: impl Into<String>) {
        self.add(Severity::Warning, file, line, message.into());
    }

    fn add(&mut self, severity: Severity, file: &str, line: usize, message: String) {
        let fault = Fault { file: file.to_owned(), line, severity, message };
        if let Err(at) = self.found.binary_search(&fault) {
            self.found.insert(at, fault);
        }
    }

    /// Each of them, in the order of files and lines.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.found.iter()
    }

    /// How many stop the build, and how many do not.
    pub fn counts(&self) -> (usize, usize) {
        let faults = self.found.iter().filter(|f| f.severity == Severity::Fault).count();
        (faults, self.found.len() - faults)
    }

    /// Does nothing stop the build?
    pub fn is_fine(&self) -> bool {
        self.counts().0 == 0
    }
}

impl fmt::Display for Faults {
    /// One a line, then how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.found {
            writeln!(f, "{fault}")?;
        }
        let plural = notebook::cli::plural;
        match self.counts() {
            (0, 0) => Ok(()),
            (faults, 0) => writeln!(f, "{}", plural(faults, "fault")),
            (0, warnings) => writeln!(f, "{}", plural(warnings, "warning")),
            (faults, warnings) => {
                writeln!(f, "{}, {}", plural(faults, "fault"), plural(warnings, "warning"))
            }
        }
    }
}

/// Why a directive could not be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// What is wrong and what to do about it.
    Fault(String),
    /// It follows from a fault that is reported elsewhere.
    Reported,
}

impl<T: fmt::Display> From<T> for Trouble {
    fn from(message: T) -> Self {
        Trouble::Fault(message.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_once_in_order_and_counted() {
        let mut faults = Faults::default();
        faults.fault("book/b.md", 2, "second");
        faults.warning("book/b.md", 1, "look here");
        faults.fault("book/a.md", 9, "first");
        faults.fault("book/a.md", 9, "first");
        let expected = "book/a.md:9: first\nbook/b.md:1: warning: look here\nbook/b.md:2: second\n2 faults, 1 warning\n";
        assert_eq!(faults.to_string(), expected);
        assert!(!faults.is_fine());
        assert_eq!(Faults::default().to_string(), "");
    }
}
