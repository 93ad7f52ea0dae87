//! The front matter of an exercise or a question: title, a list of facts, statement, and sections.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::fault::{Fault, Faults};

/// How hard an exercise is. The order is that of a chapter's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difficulty {
    /// A few lines with what the section gave.
    WarmUp,
    /// One idea that the chapter did not give.
    Medium,
    /// Several ideas, or one that takes thought.
    Challenging,
}

impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Difficulty::WarmUp => "warm-up",
            Difficulty::Medium => "medium",
            Difficulty::Challenging => "challenging",
        })
    }
}

impl FromStr for Difficulty {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "warm-up" => Ok(Difficulty::WarmUp),
            "medium" => Ok(Difficulty::Medium),
            "challenging" => Ok(Difficulty::Challenging),
            _ => Err(format!("`{text}` is none of warm-up, medium, challenging")),
        }
    }
}

/// What an author says about an exercise, in Markdown.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontMatter {
    /// Title.
    pub title: String,
    /// Points for a right answer; 0 for a question to think about.
    pub points: u32,
    /// Minutes that it takes.
    pub minutes: u32,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// The chapter's page that it belongs to, without `.md`.
    pub section: Option<String>,
    /// Crates that an answer may use beside the standard library; the chapter's own where none is said.
    pub crates: Vec<String>,
    /// Wall-clock seconds that one case may take.
    pub seconds: f64,
    /// What is asked for.
    pub statement: String,
    /// Hints, from a direction to nearly there.
    pub hints: Vec<String>,
    /// Prose shown with the solution; of a question, its model answer.
    pub solution: String,
    /// Teaching notes.
    pub notes: String,
}

impl FrontMatter {
    /// Reads the text of the `//!` comment of the exercise at `path`.
    pub fn parse(path: &Path, text: &str, faults: &mut Faults) -> Self {
        Reader { path, faults }.exercise(text)
    }

    /// Reads the text of the question at `path`.
    pub fn parse_question(path: &Path, text: &str, faults: &mut Faults) -> Self {
        Reader { path, faults }.question(text)
    }

    /// What the student's file begins with: title, points and statement.
    pub fn for_students(&self) -> String {
        format!(
            "# {}\n\n{}, about {} minutes.\n\n{}",
            self.title,
            points(self.points),
            self.minutes,
            self.statement
        )
    }
}

/// "1 point", "10 points".
pub fn points(points: u32) -> String {
    if points == 1 { "1 point".into() } else { format!("{points} points") }
}

struct Reader<'a> {
    path: &'a Path,
    faults: &'a mut Faults,
}

impl Reader<'_> {
    fn fault(&mut self, what: impl Into<String>) {
        self.faults.push(Fault::new(self.path, None, what));
    }

    fn exercise(&mut self, text: &str) -> FrontMatter {
        let front = self.read(text, "Solution");
        if front.points == 0 {
            self.fault("has no points; write `- points: 10` under the title");
        }
        if !(2..=3).contains(&front.hints.len()) {
            self.fault(format!("has {} hints; two or three are wanted", front.hints.len()));
        }
        for wanted in ["**Time.**", "**Misconceptions.**"] {
            if !front.notes.contains(wanted) {
                self.fault(format!("its notes lack {wanted}; write it under `## Notes`"));
            }
        }
        front
    }

    fn question(&mut self, text: &str) -> FrontMatter {
        let front = self.read(text, "Model answer");
        if front.solution.is_empty() {
            self.fault("has no model answer; write it under `## Model answer`");
        }
        front
    }

    fn read(&mut self, text: &str, answer: &str) -> FrontMatter {
        let mut front = FrontMatter {
            title: String::new(),
            points: 0,
            minutes: 0,
            difficulty: Difficulty::Medium,
            section: None,
            crates: Vec::new(),
            seconds: 2.0,
            statement: String::new(),
            hints: Vec::new(),
            solution: String::new(),
            notes: String::new(),
        };
        if text.contains("{{#") {
            self.fault("has a directive of the book (`{{#…}}`), which means nothing to a student; write it out");
        }
        let mut sections = sections(text).into_iter();
        let opening = sections.next().unwrap_or_default().1;
        self.opening(&opening, &mut front);
        for (heading, body) in sections {
            if body.is_empty() {
                self.fault(format!("`## {heading}` is empty; fill it or take it out"));
            }
            match heading.as_str() {
                h if h == answer => front.solution = body,
                "Notes" => front.notes = body,
                h if h.strip_prefix("Hint ") == Some((front.hints.len() + 1).to_string().as_str()) => {
                    front.hints.push(body);
                }
                _ => self.fault(format!(
                    "`## {heading}` is no section; there are Hint 1, Hint 2, Hint 3, {answer}, Notes, in order"
                )),
            }
        }
        for (missing, what) in [
            (front.title.is_empty(), "title; begin with `# Title`"),
            (front.minutes == 0, "minutes; write `- minutes: 20` under the title"),
            (front.statement.is_empty(), "statement; say what is asked for"),
        ] {
            if missing {
                self.fault(format!("has no {what}"));
            }
        }
        front
    }

    /// Title, facts and statement.
    fn opening(&mut self, text: &str, front: &mut FrontMatter) {
        let mut lines = text.lines().peekable();
        if let Some(title) = lines.peek().and_then(|l| l.strip_prefix("# ")) {
            front.title = title.trim().to_owned();
            lines.next();
        }
        while lines.next_if(|l| l.trim().is_empty()).is_some() {}
        while let Some(fact) = lines.next_if(|l| l.starts_with("- ")) {
            self.fact(fact, front);
        }
        front.statement = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    }

    fn fact(&mut self, line: &str, front: &mut FrontMatter) {
        let (key, value) = line.trim_start_matches("- ").split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        let number = value.parse::<u32>().ok().filter(|n| *n > 0);
        let seconds = value.parse::<f64>().ok().filter(|s| (0.1..=60.0).contains(s));
        match (key, number, seconds) {
            ("points", Some(n), _) => front.points = n,
            ("minutes", Some(n), _) => front.minutes = n,
            ("seconds", _, Some(s)) => front.seconds = s,
            ("difficulty", ..) => match value.parse() {
                Ok(difficulty) => front.difficulty = difficulty,
                Err(fault) => self.fault(format!("difficulty: {fault}")),
            },
            ("section", ..) => front.section = Some(value.to_owned()),
            ("crates", ..) => {
                front.crates = value.split(',').map(|c| c.trim().to_owned()).collect();
            }
            ("points" | "minutes" | "seconds", ..) => {
                self.fault(format!("`{key}: {value}` is no number that makes sense; mend it"));
            }
            _ => self.fault(format!(
                "`{key}` is no fact; there are points, minutes, difficulty, section, crates, seconds"
            )),
        }
    }
}

/// The text before the first `## `, under an empty heading, and every section with its heading. Fences are respected.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut sections = vec![(String::new(), Vec::new())];
    let mut in_fence = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        }
        match line.strip_prefix("## ").filter(|_| !in_fence) {
            Some(heading) => sections.push((heading.trim().to_owned(), Vec::new())),
            None => {
                if let Some((_, lines)) = sections.last_mut() {
                    lines.push(line);
                }
            }
        }
    }
    sections.into_iter().map(|(h, lines)| (h, lines.join("\n").trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Turned\n\n- points: 10\n- minutes: 35\n- difficulty: warm-up\n- crates: features, ndarray\n\nWrite it.\n\n```text\n## no heading\n```\n\n## Hint 1\n\nOne.\n\n## Hint 2\n\nTwo.\n\n## Notes\n\n**Time.** 5. **Misconceptions.** None.";

    fn read(text: &str) -> (FrontMatter, Vec<String>) {
        let mut faults = Faults::default();
        let front = FrontMatter::parse(Path::new("x.rs"), text, &mut faults);
        (front, faults.0.into_iter().map(|f| f.what).collect())
    }

    #[test]
    fn everything_is_read() {
        let (front, faults) = read(TEXT);
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!((front.title.as_str(), front.points, front.minutes), ("Turned", 10, 35));
        assert_eq!(front.difficulty, Difficulty::WarmUp);
        assert_eq!(front.crates, ["features", "ndarray"]);
        assert_eq!(front.statement, "Write it.\n\n```text\n## no heading\n```");
        assert_eq!(front.hints, ["One.", "Two."]);
    }

    #[test]
    fn every_fault_is_told() {
        let (_, faults) =
            read("- points: none\n- colour: red\n\n## Hint 2\n\n## Answer\n\nx {{#ref y}}");
        for wanted in [
            "directive",
            "no number",
            "`colour` is no fact",
            "`## Hint 2` is empty",
            "`## Hint 2` is no section",
            "`## Answer`",
            "no title",
            "no minutes",
            "no statement",
            "no points",
            "0 hints",
            "**Time.**",
        ] {
            assert!(faults.iter().any(|f| f.contains(wanted)), "{wanted}: {faults:#?}");
        }
    }
}
