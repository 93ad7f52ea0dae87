//! `figure-number`: a number that somebody typed into the caption or the description of a figure.
//!
//! ```text
//! .description("A table of counts from 6 to some 6,000.")                     two findings
//! .description(format!("A table of counts from {least} to {most}."))         none
//! .caption("ResNet-152 and Llama 3 8B, in f32.")                             none
//! ```
//!
//! A description is all that a listener has of a figure, and no run ever corrects it. So its numbers
//! come from what was recorded. Only the text that is handed to `caption` or `description` is read, at
//! once or through `format!`. A number within a name passes: beside a letter or a hyphen, or behind a
//! word with a capital that does not open a sentence. An exception is a comment before the call:
//!
//! ```text
//! // lint: allow figure-number: the range of the axis, chosen
//! .description("Curves over moves of 0 to 8 pixels.")
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;

/// The rule's name.
pub const RULE: &str = "figure-number";

/// Tells of every number typed into a figure's words in the sources of the crates below `root`.
pub fn check(root: &Path) -> Vec<Finding> {
    check_words(root, RULE, &messages)
}

fn messages(words: &Words<'_>) -> Vec<String> {
    let message = |number| {
        format!("`{number}` is typed by hand into a figure's words; format what was recorded")
    };
    numbers(words.literal).into_iter().map(message).collect()
}

/// A caption or a description as it stands in the code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    /// The text between the quotes.
    pub literal: &'a str,
    /// The function that draws the figure.
    pub function: &'a str,
}

/// What a rule says of a figure's words, one message each.
pub(super) type Rule<'a> = &'a dyn Fn(&Words<'_>) -> Vec<String>;

/// Applies a rule to the words of every figure in the sources of the crates below `root`.
pub(super) fn check_words(root: &Path, rule: &'static str, of: Rule<'_>) -> Vec<Finding> {
    let mut files = Vec::new();
    for crate_folder in entries(&root.join("chapters-code")) {
        collect(&crate_folder.join("src"), &mut files);
    }
    let found = |path: &PathBuf| -> Vec<Finding> {
        // What cannot be read here does not compile either, and the compiler says it better.
        let Ok(text) = fs::read_to_string(path) else { return Vec::new() };
        let path = path.strip_prefix(root).unwrap_or(path);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let file = parts.join("/");
        let finding = |(at, message)| finding(rule, &file, &text, at, message);
        faults(&text, rule, of).into_iter().map(finding).collect()
    };
    files.iter().flat_map(found).collect()
}

/// What is in a folder, in the order of names; nothing where there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Does a file draw figures, by its name? So do those in a folder `figures`.
fn draws(path: &Path) -> bool {
    let begins = |part: &std::ffi::OsStr| {
        let part = part.to_string_lossy();
        ["figures", "speed", "ladder"].iter().any(|name| part.starts_with(name))
    };
    path.extension().is_some_and(|e| e == "rs") && path.iter().rev().take(2).any(begins)
}

/// The files below `folder` that draw.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() {
            collect(&path, files);
        } else if draws(&path) {
            files.push(path);
        }
    }
}

fn finding(rule: &'static str, file: &str, text: &str, at: usize, message: String) -> Finding {
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    Finding {
        file: file.to_owned(),
        line: text[..at].matches('\n').count() + 1,
        column: text[start..at].chars().count() + 1,
        rule,
        message,
    }
}

/// What breaks the rule in a source file: where, and the message.
pub(super) fn faults(text: &str, rule: &str, of: Rule<'_>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (call, literal) in calls(text) {
        let messages = of(&Words { literal, function: function(text, call) });
        let exception = exception(&text[from..call], rule);
        match exception {
            Some((at, false)) => {
                found.push((
                    from + at,
                    format!("an exception needs its reason: `// lint: allow {rule}: reason`"),
                ));
            }
            Some((at, true)) if messages.is_empty() => {
                found.push((from + at, "this exception allows nothing; delete it".to_owned()));
            }
            Some(_) => {}
            None => found.extend(messages.into_iter().map(|message| (call, message))),
        }
        from = call;
    }
    found
}

/// The last exception in the lines before a call, and whether it has a reason.
fn exception(before: &str, rule: &str) -> Option<(usize, bool)> {
    let form = format!("// lint: allow {rule}");
    let at = before.rfind(&form)?;
    let rest = before[at + form.len()..].lines().next().unwrap_or("");
    Some((at, rest.strip_prefix(':').is_some_and(|reason| !reason.trim().is_empty())))
}

/// The function around a place.
fn function(text: &str, at: usize) -> &str {
    let start = text[..at].rfind("\nfn ").map_or(0, |i| i + 1);
    let end = text[at..].find("\nfn ").map_or(text.len(), |i| at + i);
    &text[start..end]
}

/// Where `.caption` or `.description` is called with a text, at once or through `format!`, and the text.
fn calls(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for name in [".caption(", ".description("] {
        for (at, _) in text.match_indices(name) {
            let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
            if text[start..at].trim_start().starts_with("//") {
                continue;
            }
            let argument = text[at + name.len()..].trim_start();
            let argument = argument.strip_prefix("format!(").unwrap_or(argument).trim_start();
            if let Some(literal) = argument.strip_prefix('"').and_then(until_quote) {
                found.push((at + 1, literal));
            }
        }
    }
    found.sort_unstable();
    found
}

/// What stands before the quote that ends a literal.
fn until_quote(text: &str) -> Option<&str> {
    let mut escaped = false;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some(&text[..end])
}

/// The numbers in a text that are neither placeholders nor part of a name.
fn numbers(literal: &str) -> Vec<String> {
    let mut text = String::new();
    let mut depth = 0_usize;
    for c in literal.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => text.push(if c == '\\' { ' ' } else { c }),
            _ => {}
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_number = bare.starts_with(|c: char| c.is_ascii_digit())
            && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '×' | '/'));
        let ends = |word: &str| word.ends_with(['.', '?', '!', ':']);
        let is_name = i.checked_sub(1).is_some_and(|before| {
            let opens = before.checked_sub(1).is_none_or(|first| ends(words[first]));
            words[before].starts_with(char::is_uppercase) && !opens && !ends(words[before])
        });
        if is_number && !is_name {
            found.push(bare.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn told(source: &str) -> Vec<String> {
        faults(source, RULE, &messages).into_iter().map(|(_, message)| message).collect()
    }

    fn typed(literal: &str) -> Vec<String> {
        numbers(literal)
    }

    #[test]
    fn numbers_in_a_figures_words_are_told() {
        assert_eq!(typed("Counts from 6 to some 6,000."), ["6", "6,000"]);
        assert_eq!(typed("For 38 pairs, at 0.5; 28 × 28."), ["38", "0.5", "28", "28"]);
        assert_eq!(typed("Over 2 to \\\n     32 layers"), ["2", "32"]);
    }

    #[test]
    fn names_and_placeholders_pass() {
        assert_eq!(typed("ResNet-152, GPT-3 175B and Llama 3 8B in f32, Llama 3.1 405B"), [""; 0]);
        assert_eq!(typed("From {low:.2} to {high} of {0}."), [""; 0]);
        assert_eq!(typed("Over 3 layers. All 4 fall."), ["3", "4"]);
    }

    #[test]
    fn only_what_is_said_is_read() {
        let source = r#"
            // .caption("of 7")
            chart.row("1 × 1").caption(format!("{} of \"8\"", percent("moved/4")?))
                .description("nine")
        "#;
        let said = told(source);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("`8` is typed by hand"));
    }

    #[test]
    fn an_exception_has_a_reason_and_allows_something() {
        let with =
            |comment: &str, text: &str| told(&format!("a\n{comment}\n.description(\"{text}\")"));
        assert!(with("// lint: allow figure-number: the axis, chosen", "0 to 8").is_empty());
        assert!(with("// lint: allow figure-number", "0 to 8")[0].contains("reason"));
        assert!(with("// lint: allow figure-number: the axis", "none")[0].contains("nothing"));
    }

    #[test]
    fn a_finding_has_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let src = folder.path().join("chapters-code/01-dice/src");
        fs::create_dir_all(&src).unwrap();
        fs::write(src.join("figures.rs"), "x\n    .caption(\"Über 12 Würfe\")\n").unwrap();
        let found = check(folder.path());
        let place = |f: &Finding| (f.file.clone(), f.line, f.column, f.rule);
        let expected = ("chapters-code/01-dice/src/figures.rs".to_owned(), 2, 6, RULE);
        assert_eq!(found.iter().map(place).collect::<Vec<_>>(), [expected]);
    }
}
