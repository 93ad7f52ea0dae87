//! A book of many chapters, each as large as the ones that are written: their prose, code and
//! results under other numbers and names. It measures how binding grows with the book.

use std::fs;

use notebook::Workspace;
use regex::{Captures, Regex};

use crate::{Copy, files};

/// A crate of the book: its package and its folder.
type Named = (String, String);

/// How many numbered chapters are written.
pub fn written() -> usize {
    numbered(&Copy::new()).len()
}

/// Adds copies of the numbered chapters to the book in `copy` until it has `chapters` of them.
pub fn enlarge(copy: &Copy, chapters: usize) {
    let numbered = numbered(copy);
    let summary = copy.read("book/SUMMARY.md");
    let without_drafts: String =
        summary.split_inclusive('\n').filter(|line| !line.contains("]()")).collect();
    let lists: Vec<String> =
        numbered.iter().map(|(_, folder)| listed(&without_drafts, folder)).collect();
    let mut list = String::new();
    let mut lock = copy.read("Cargo.lock");
    for number in numbered.len()..chapters {
        let at = number % numbered.len();
        let (name, folder) = &numbered[at];
        let twin = Twin::of(name, folder, number + 100);
        twin.write(copy);
        list.push_str(&lists[at].replace(folder.as_str(), &twin.folder));
        lock.push_str(&twin.locked(&lock));
    }
    copy.write("Cargo.lock", &lock);
    let end = without_drafts.find("# Appendices").unwrap();
    copy.write(
        "book/SUMMARY.md",
        &format!("{}{list}\n{}", &without_drafts[..end], &without_drafts[end..]),
    );
}

/// The numbered chapters, in reading order.
fn numbered(copy: &Copy) -> Vec<Named> {
    let workspace = Workspace::open(copy.root()).unwrap();
    let members = workspace.members().into_iter();
    members.map(|c| (c.name.clone(), c.folder_name())).filter(|(_, f)| is_numbered(f)).collect()
}

/// Is it the folder of a chapter, and not of an appendix?
fn is_numbered(folder: &str) -> bool {
    folder.starts_with(|c: char| c.is_ascii_digit())
}

/// The lines of SUMMARY.md that list a chapter's pages.
fn listed(summary: &str, folder: &str) -> String {
    let of_it = |line: &&str| line.contains(&format!("]({folder}/"));
    summary.split_inclusive('\n').filter(of_it).collect()
}

/// A copy of a chapter under another name.
struct Twin<'a> {
    of: &'a str,
    of_folder: &'a str,
    name: String,
    folder: String,
    mark: String,
}

impl<'a> Twin<'a> {
    fn of(of: &'a str, of_folder: &'a str, number: usize) -> Self {
        let mark = format!("-{number}");
        let (name, folder) = (format!("{of}{mark}"), format!("{number}-{of}{mark}"));
        Twin { of, of_folder, name, folder, mark }
    }

    fn write(&self, copy: &Copy) {
        let root = copy.root().to_owned();
        let from = |part: &str| root.join(part).join(self.of_folder);
        let prose = files(&from("book"), ".md");
        let texts: Vec<String> = prose.iter().map(|p| fs::read_to_string(p).unwrap()).collect();
        let id = Regex::new(r"[^{]\{#([\w-]+)\}").unwrap();
        let ids: Vec<String> =
            texts.iter().flat_map(|t| id.captures_iter(t).map(|c| c[1].to_owned())).collect();
        for (path, text) in prose.iter().zip(&texts) {
            let name = path.strip_prefix(from("book")).unwrap().display();
            copy.write(&format!("book/{}/{name}", self.folder), &self.renamed(text, &ids));
        }
        let code = from("chapters-code");
        for ending in [".rs", ".md", ".json", "Cargo.toml"] {
            for path in files(&code, ending) {
                let name = self.placed(&path.strip_prefix(&code).unwrap().display().to_string());
                let Ok(text) = fs::read_to_string(&path) else { continue };
                let text = match ending {
                    ".json" => self.recorded(&text),
                    "Cargo.toml" => text.replacen(
                        &format!("name = \"{}\"", self.of),
                        &format!("name = \"{}\"", self.name),
                        1,
                    ),
                    _ => text,
                };
                copy.write(&format!("chapters-code/{}/{name}", self.folder), &text);
            }
        }
    }

    /// The place of a file in the chapter's folder: the name of an exercise is the book's, not the
    /// chapter's.
    fn placed(&self, file: &str) -> String {
        match (file.strip_prefix("exercises/"), file.rsplit_once('.')) {
            (Some(_), Some((stem, ending))) => format!("{stem}{}.{ending}", self.exercise_mark()),
            _ => file.to_owned(),
        }
    }

    fn exercise_mark(&self) -> String {
        self.mark.replace('-', "_")
    }

    /// Prose in which every name, label and id is the copy's own.
    fn renamed(&self, text: &str, ids: &[String]) -> String {
        let (of, mark) = (self.of, &self.mark);
        let mut text = text.replace(self.of_folder, &self.folder);
        // The peers are asked once, for both.
        let peers = |folder: &str| format!("tests/peers/{folder}");
        text = text.replace(&peers(&self.folder), &peers(self.of_folder));
        for pattern in [
            format!(r"(#(?:value|figure|table|claim|card)\s+{of})([/\s}}])"),
            format!(r"((?:figure|table):{of})(/)"),
            format!(r"(chapter:{of})(\b)"),
            r"(equation:[\w-]+)()".to_owned(),
        ] {
            let add = |c: &Captures<'_>| format!("{}{mark}{}", &c[1], &c[2]);
            text = Regex::new(&pattern).unwrap().replace_all(&text, add).into_owned();
        }
        let exercise = Regex::new(&format!(r"(exercise[\s:]{of})(/\w+)")).unwrap();
        let add = |c: &Captures<'_>| format!("{}{mark}{}{}", &c[1], &c[2], self.exercise_mark());
        text = exercise.replace_all(&text, add).into_owned();
        for id in ids {
            let own = Regex::new(&format!(r"(\{{#|section:|\]\(#|\.md#|\.html#)({id})([\s}})])"))
                .unwrap();
            let add = |c: &Captures<'_>| format!("{}{}{mark}{}", &c[1], &c[2], &c[3]);
            text = own.replace_all(&text, add).into_owned();
        }
        text
    }

    /// A result, a drawing or a list as if the copy had written it.
    fn recorded(&self, text: &str) -> String {
        let (of, name) = (self.of, &self.name);
        text.replacen(&format!("\"chapter\": \"{of}\""), &format!("\"chapter\": \"{name}\""), 1)
            .replacen(&format!("\"name\": \"{of}\""), &format!("\"name\": \"{name}\""), 1)
            .replacen(&format!("\"{of}\": \""), &format!("\"{name}\": \""), 1)
    }

    /// The entry of Cargo.lock.
    fn locked(&self, lock: &str) -> String {
        let start = lock.find(&format!("[[package]]\nname = \"{}\"", self.of)).unwrap();
        let entry = lock[start..].split("\n\n").next().unwrap();
        format!("\n{}\n", entry.trim_end().replacen(self.of, &self.name, 1))
    }
}
