//! Where a new chapter goes: the draft in SUMMARY.md that it replaces, or the end of the last
//! numbered part. Written chapters keep their numbers, because their folders carry them.

use std::sync::LazyLock;

use anyhow::bail;
use regex::Regex;

use crate::text::nearest;

/// What the author asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// A number.
    pub number: Option<usize>,
    /// The chapter before: a name, a folder or a number.
    pub after: Option<&'a str>,
}

/// A line of SUMMARY.md for the chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The chapter's number.
    pub number: usize,
    /// The draft's title.
    pub title: Option<String>,
    /// The line, counted from 0: the draft, or the line after which the chapter goes.
    pub line: usize,
    /// Does it replace the line?
    pub replaces: bool,
}

/// A numbered chapter that SUMMARY.md lists.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    title: String,
    /// `02-features`; none for a draft.
    folder: Option<String>,
    line: usize,
    /// The last line of the chapter's pages.
    last: usize,
}

#[allow(clippy::unwrap_used, reason = "the pattern is a constant, and a test uses it")]
static ITEM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^( *)[-*] +\[(.*)\]\(([^)]*)\)\s*$").unwrap());

impl Place {
    /// Finds the place in the text of SUMMARY.md.
    ///
    /// # Errors
    /// A number that is taken or that nothing leads to, an unknown chapter.
    pub fn find(summary: &str, wanted: Wanted<'_>) -> anyhow::Result<Place> {
        let chapters = listed(summary);
        if chapters.is_empty() {
            bail!("SUMMARY.md lists no numbered chapter; restore it from version control");
        }
        let number = match wanted {
            Wanted { number: Some(number), .. } => number,
            Wanted { after: Some(after), .. } => position(&chapters, after)? + 2,
            _ => chapters
                .iter()
                .position(|c| c.folder.is_none())
                .map_or(chapters.len() + 1, |at| at + 1),
        };
        if number == chapters.len() + 1 {
            let line = chapters[chapters.len() - 1].last;
            return Ok(Place { number, title: None, line, replaces: false });
        }
        let drafts: Vec<String> = (1..=chapters.len() + 1)
            .filter(|n| chapters.get(n - 1).is_none_or(|c| c.folder.is_none()))
            .map(|n| n.to_string())
            .collect();
        let free = drafts.join(", ");
        match number.checked_sub(1).and_then(|at| chapters.get(at)) {
            Some(Listed { folder: None, title, line, .. }) => {
                Ok(Place { number, title: Some(title.clone()), line: *line, replaces: true })
            }
            Some(Listed { folder: Some(folder), .. }) => {
                bail!("chapter {number} is written, in {folder}; choose a free number: {free}")
            }
            None => bail!("there is no place for chapter {number}; choose a free number: {free}"),
        }
    }

    /// The text of SUMMARY.md with the chapter and its pages.
    pub fn list(&self, summary: &str, title: &str, folder: &str, pages: &[(&str, &str)]) -> String {
        let mut text = String::with_capacity(summary.len() + 256);
        for (at, line) in summary.split_inclusive('\n').enumerate() {
            if at != self.line || !self.replaces {
                text.push_str(line);
            }
            if at == self.line {
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                text.push_str(&format!("- [{title}]({folder}/index.md)\n"));
                for (title, page) in pages {
                    text.push_str(&format!("  - [{title}]({folder}/{page})\n"));
                }
            }
        }
        text
    }
}

/// The numbered chapters, appendices apart, in their order.
fn listed(summary: &str) -> Vec<Listed> {
    let mut chapters: Vec<Listed> = Vec::new();
    for (line, text) in summary.lines().enumerate() {
        if text.starts_with("# Appendi") || text.starts_with("---") {
            break;
        }
        let Some(item) = ITEM.captures(text) else { continue };
        if item[1].is_empty() {
            let folder = item[3].split_once('/').map(|(folder, _)| folder.to_owned());
            chapters.push(Listed { title: item[2].to_owned(), folder, line, last: line });
        } else if let Some(chapter) = chapters.last_mut() {
            chapter.last = line;
        }
    }
    chapters
}

/// The position of the chapter with a number, a folder, a crate's name or a title.
fn position(chapters: &[Listed], wanted: &str) -> anyhow::Result<usize> {
    let name = |c: &Listed| {
        let folder = c.folder.clone().unwrap_or_default();
        folder.split_once('-').map_or(String::new(), |(_, name)| name.to_owned())
    };
    let is = |(at, c): (usize, &Listed)| {
        wanted.parse() == Ok(at + 1)
            || c.folder.as_deref() == Some(wanted)
            || name(c) == wanted
            || c.title == wanted
    };
    if let Some(at) = chapters.iter().enumerate().position(is) {
        return Ok(at);
    }
    let known: Vec<String> = chapters.iter().map(name).filter(|n| !n.is_empty()).collect();
    bail!("there is no chapter `{wanted}`{}", nearest(wanted, known.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMMARY: &str = "# Book\n\n[Preface](preface.md)\n\n# One\n\n- [First](01-one/index.md)\n  - [More](01-one/more.md)\n- [Why?]()\n\n# Two\n\n- [Third](03-three/index.md)\n  - [Deep](03-three/deep.md)\n\n# Appendices\n\n- [Notes](a-notes/index.md)\n\n---\n\n[End](end.md)\n";

    fn find(number: Option<usize>, after: Option<&str>) -> Result<(usize, usize, bool), String> {
        Place::find(SUMMARY, Wanted { number, after })
            .map(|p| (p.number, p.line, p.replaces))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn a_draft_is_replaced_and_the_end_extended() {
        for place in [find(None, None), find(Some(2), None), find(None, Some("one"))] {
            assert_eq!(place, Ok((2, 8, true)));
        }
        for after in ["Why?", "2"] {
            assert!(
                find(None, Some(after))
                    .unwrap_err()
                    .contains("chapter 3 is written, in 03-three; choose a free number: 2, 4"),
                "{after}"
            );
        }
        for place in [find(Some(4), None), find(None, Some("three")), find(None, Some("03-three"))]
        {
            assert_eq!(place, Ok((4, 13, false)));
        }
        for number in [0, 5] {
            assert!(find(Some(number), None).unwrap_err().contains("no place"), "{number}");
        }
        assert_eq!(
            find(None, Some("thre")).unwrap_err(),
            "there is no chapter `thre`; did you mean `three`?"
        );
        assert!(Place::find("", Wanted::default()).is_err());
    }

    #[test]
    fn the_list_gains_the_chapter() {
        let list = |number| {
            let place = Place::find(SUMMARY, Wanted { number: Some(number), after: None }).unwrap();
            place.list(SUMMARY, "New", "0N-new", &[("Page", "page.md")])
        };
        let item = "- [New](0N-new/index.md)\n  - [Page](0N-new/page.md)\n";
        assert_eq!(list(2), SUMMARY.replace("- [Why?]()\n", item));
        let deep = "  - [Deep](03-three/deep.md)\n";
        assert_eq!(list(4), SUMMARY.replace(deep, &format!("{deep}{item}")));
    }
}
