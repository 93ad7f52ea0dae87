//! `{{#include …}}`: code from a crate, as it is.
//!
//! ```text
//! {{#include chapters-code/14-parameters/src/walk.rs:walk}}   what stands between two anchors
//! {{#include ../../Cargo.toml}}                               a whole file
//! {{#include notes.txt:3:7}}                                  lines 3 to 7
//! ```
//!
//! A path is relative to the page's file, or to the workspace's root. Lines with anchors are left
//! out, and so is the indentation that all lines share. What is included is never expanded. A fence
//! that holds nothing but an `include` gets a line below it that says where the code stands.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use notebook::escape::html;
use regex::Regex;

use super::syntax::{Expansion, Place, Site};
use crate::binding::Binding;
use crate::faults::Trouble;
use crate::markup::Markup;
use crate::text::{nearest, normalize, slashes};

#[allow(clippy::unwrap_used, reason = "the pattern is a constant, and a test uses it")]
static ANCHOR: LazyLock<Regex> = LazyLock::new(|| {
    // Only in a comment of its own, so that code may say `ANCHOR: Regex`.
    Regex::new(r"^\s*(?://+|#+|--|/\*|<!--)\s*ANCHOR(_END)?:\s*([\w-]+)\s*(?:\*/|-->)?\s*$")
        .unwrap()
});

/// Which lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<'a> {
    Whole,
    Anchor(&'a str),
    Lines(usize, usize),
}

/// Code that was found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The file, from the workspace's root.
    pub file: PathBuf,
    /// First and last line, counted from 1; none for a whole file.
    pub lines: Option<(usize, usize)>,
    /// The code.
    pub code: String,
}

/// Replaces the directive.
///
/// # Errors
/// An absent file, anchor or line.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let listing = find(binding, site, arguments)?;
    if let Place::Fence(_) = site.place
        && let Some(line) = listing
            .code
            .lines()
            .find(|l| l.trim().len() >= 3 && l.trim().bytes().all(|b| b == b'`'))
    {
        return Err(format!(
            "the included code has a line `{}`, which ends the fence; use `~~~` for the fence",
            line.trim()
        )
        .into());
    }
    if let Some((_, anchor)) = arguments.split_once(':') {
        binding.note_anchor(&listing.file, anchor);
    }
    Ok(Expansion::Verbatim(listing.code))
}

/// The line below a listing that says where the code stands.
///
/// # Errors
/// As [`expand`].
pub fn caption(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<String, Trouble> {
    let Listing { file, lines, .. } = find(binding, site, arguments)?;
    let path = slashes(&file);
    let shown = lines.map_or_else(String::new, |(from, to)| format!(", lines {from} to {to}"));
    let file = html(&path);
    let name = match &binding.repository {
        Some(repository) => {
            let address = html(&repository.file(&path, lines));
            format!("<a href=\"{address}\"><code>{file}</code></a>")
        }
        None => format!("<code>{file}</code>"),
    };
    Ok(format!("<p class=\"listing-source\">{name}{shown}</p>"))
}

/// Does the fence hold nothing but the directive at `directive`?
pub fn is_sole(text: &str, markup: &Markup, directive: &std::ops::Range<usize>) -> Option<usize> {
    let Place::Fence(i) = markup.place(directive.start) else { return None };
    let content = text.get(markup.fences[i].content.clone())?;
    (content.trim() == &text[directive.clone()]).then_some(i)
}

/// The code that is meant, and where it stands.
///
/// # Errors
/// An absent file, anchor or line.
pub fn find(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Listing, Trouble> {
    let (path, part) = parse(arguments)?;
    let root = binding.evidence.workspace.root();
    let page = Path::new(&binding.book.pages[site.page].file);
    let beside = normalize(&page.parent().unwrap_or(Path::new("")).join(path));
    let from_root = normalize(Path::new(path.trim_start_matches('/')));
    let inside = |p: &Path| !p.starts_with("..") && !p.is_absolute();
    let file = [beside, from_root].into_iter().find(|p| inside(p) && root.join(p).is_file());
    let Some(file) = file else {
        return Err(format!(
            "there is no file `{path}`, beside the page or from the root{}",
            similar_file(root, path)
        )
        .into());
    };
    let text = fs::read_to_string(root.join(&file))
        .map_err(|e| format!("{} cannot be included: {e}; include UTF-8 text", slashes(&file)))?;
    let (lines, code) =
        cut(&text, &part).map_err(|fault| format!("in {}, {fault}", slashes(&file)))?;
    Ok(Listing { file, lines, code })
}

fn parse(arguments: &str) -> Result<(&str, Part<'_>), Trouble> {
    let mut pieces = arguments.split(':').map(str::trim);
    let path = pieces.next().unwrap_or_default();
    if path.is_empty() {
        return Err("`include` needs a file; write `{{#include path:anchor}}`".into());
    }
    let number = |text: &str, otherwise: usize| {
        if text.is_empty() {
            Ok(otherwise)
        } else {
            text.parse().map_err(|_| format!("`{text}` is not a line number"))
        }
    };
    let part = match (pieces.next(), pieces.next()) {
        (None | Some(""), None) => Part::Whole,
        (Some(line), None) if line.bytes().all(|b| b.is_ascii_digit()) => {
            Part::Lines(number(line, 1)?, number(line, 1)?)
        }
        (Some(anchor), None) => Part::Anchor(anchor),
        (first, last) => Part::Lines(
            number(first.unwrap_or_default(), 1)?,
            number(last.unwrap_or_default(), usize::MAX)?,
        ),
    };
    Ok((path, part))
}

/// The lines that `part` means, without the lines of anchors and the indentation they share.
fn cut(text: &str, part: &Part<'_>) -> Result<(Option<(usize, usize)>, String), String> {
    let mut kept: Vec<(usize, &str)> = Vec::new();
    let (mut inside, mut met) = (false, Vec::new());
    for (number, line) in text.lines().enumerate().map(|(i, line)| (i + 1, line)) {
        if let Some(anchor) = ANCHOR.captures(line) {
            let (name, ends) = (anchor.get(2).map_or("", |m| m.as_str()), anchor.get(1).is_some());
            met.push(name);
            if *part == Part::Anchor(name) {
                inside = !ends;
            }
            continue;
        }
        let wanted = match part {
            Part::Whole => true,
            Part::Anchor(_) => inside,
            Part::Lines(from, to) => (*from..=*to).contains(&number),
        };
        if wanted {
            kept.push((number, line));
        }
    }
    match part {
        Part::Anchor(name) if !met.contains(name) => {
            Err(format!("there is no anchor `{name}`{}", nearest(name, met)))
        }
        Part::Anchor(name) if inside => {
            Err(format!("anchor `{name}` does not end; add `ANCHOR_END: {name}`"))
        }
        _ if kept.iter().all(|(_, line)| line.trim().is_empty()) => {
            Err("nothing is left to include; check the lines".into())
        }
        _ => Ok(dedent(kept, *part != Part::Whole)),
    }
}

fn dedent(mut lines: Vec<(usize, &str)>, numbered: bool) -> (Option<(usize, usize)>, String) {
    let blank = |(_, line): &(usize, &str)| line.trim().is_empty();
    while lines.last().is_some_and(blank) {
        lines.pop();
    }
    let start = lines.iter().position(|l| !blank(l)).unwrap_or(0);
    lines.drain(..start);
    let indentation = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let shared =
        lines.iter().filter(|l| !blank(l)).map(|(_, line)| indentation(line)).min().unwrap_or(0);
    let range = lines.first().zip(lines.last()).map(|(a, b)| (a.0, b.0)).filter(|_| numbered);
    let code: Vec<&str> =
        lines.iter().map(|(_, line)| line.get(shared..).unwrap_or("").trim_end()).collect();
    (range, code.join("\n"))
}

/// A file of the same name somewhere in the crates, or one of a similar name in the same folder.
fn similar_file(root: &Path, path: &str) -> String {
    let wanted = Path::new(path.trim_start_matches('/'));
    let name = wanted.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let listed = |folder: &Path| -> Vec<String> {
        let entries =
            fs::read_dir(folder).into_iter().flatten().flatten().filter(|e| e.path().is_file());
        entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
    };
    let beside = listed(&root.join(wanted.parent().unwrap_or(Path::new(""))));
    if beside.is_empty() {
        return "; check the path".to_owned();
    }
    nearest(&name, beside.iter().map(String::as_str))
}

/// The anchors of a source: line and name of each.
pub fn anchors(text: &str) -> Vec<(usize, String)> {
    let begins = |(i, line)| {
        let anchor = ANCHOR.captures(line)?;
        let name = anchor.get(2)?.as_str().to_owned();
        anchor.get(1).is_none().then_some((i + 1, name))
    };
    text.lines().enumerate().filter_map(begins).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{bind_text, fault_of};

    const SOURCE: &str = "use a;\n\nimpl A {\n    // ANCHOR: roll\n    fn roll() {\n        // ANCHOR: sum\n        sum()\n        // ANCHOR_END: sum\n    }\n    // ANCHOR_END: roll\n}\n// ANCHOR: open\nfn open() {}\n";

    fn cut_text(part: Part<'_>) -> Result<String, String> {
        cut(SOURCE, &part).map(|(_, code)| code)
    }

    #[test]
    fn anchors_lines_and_files_are_cut_out() {
        assert_eq!(cut_text(Part::Anchor("roll")), Ok("fn roll() {\n    sum()\n}".into()));
        assert_eq!(cut_text(Part::Anchor("sum")), Ok("sum()".into()));
        assert_eq!(cut(SOURCE, &Part::Anchor("sum")).unwrap().0, Some((7, 7)));
        assert_eq!(cut_text(Part::Lines(1, 2)), Ok("use a;".into()));
        assert!(!cut_text(Part::Whole).unwrap().contains("ANCHOR"));
        assert!(cut_text(Part::Lines(90, 99)).is_err());
        assert!(cut_text(Part::Anchor("open")).unwrap_err().contains("does not end"));
        assert_eq!(
            cut_text(Part::Anchor("rol")).unwrap_err(),
            "there is no anchor `rol`; did you mean `roll`?"
        );
        assert_eq!(anchors(SOURCE), [(4, "roll".into()), (6, "sum".into()), (12, "open".into())]);
    }

    #[test]
    fn a_path_may_name_lines() {
        assert_eq!(parse("a.rs"), Ok(("a.rs", Part::Whole)));
        assert_eq!(parse("a.rs:b"), Ok(("a.rs", Part::Anchor("b"))));
        assert_eq!(parse("a.rs:3"), Ok(("a.rs", Part::Lines(3, 3))));
        assert_eq!(parse("a.rs:3:"), Ok(("a.rs", Part::Lines(3, usize::MAX))));
        assert_eq!(parse("a.rs::4"), Ok(("a.rs", Part::Lines(1, 4))));
        assert!(parse("a.rs:x:4").is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn a_listing_says_where_it_stands() {
        let text = bind_text("```rust\n{{#include chapters-code/01-dice/src/lib.rs:roll}}\n```\n");
        let expected = "```rust\n/// A roll: {{#value is never expanded}}\npub fn roll() -> u8 {\n    4\n}\n```\n\n<p class=\"listing-source\"><code>chapters-code/01-dice/src/lib.rs</code>, lines 4 to 7</p>\n";
        assert_eq!(text, expected);
        assert_eq!(
            bind_text("```toml\n# first\n{{#include ../../clippy.toml}}\n```\n"),
            "```toml\n# first\nx = 1\n```\n"
        );
    }

    #[test]
    fn a_listing_keeps_its_place_in_a_list() {
        let text = bind_text(
            "- item\n\n  ```rust\n  {{#include chapters-code/01-dice/src/lib.rs:roll}}\n  ```\n",
        );
        assert!(text.contains("\n  pub fn roll() -> u8 {\n      4\n"), "{text}");
        assert!(text.contains("\n  <p class=\"listing-source\">"), "{text}");
    }

    #[test]
    fn what_is_absent_is_a_fault() {
        assert!(
            fault_of("{{#include chapters-code/01-dice/src/lip.rs}}")
                .ends_with("did you mean `lib.rs`?")
        );
        assert!(
            fault_of("{{#include chapters-code/01-dice/src/lib.rs:rol}}")
                .contains("did you mean `roll`?")
        );
        assert!(fault_of("{{#include ../../../../../etc/passwd}}").contains("there is no file"));
        assert!(fault_of("{{#include}}").contains("needs a file"));
    }
}
