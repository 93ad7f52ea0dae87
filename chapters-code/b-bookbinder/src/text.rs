//! Small things done to text: slugs, nearest names, line numbers, links between pages.

use std::path::{Component, Path, PathBuf};

/// What a formula shows for a value: `91.8 %` becomes `91.8\,\%`, `60,192,808` stays one number.
pub fn tex(text: &str) -> String {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '−');
    let mut out = String::new();
    let mut word = String::new();
    let mut raised = String::new();
    for c in text.chars().chain(['\0']) {
        let superscript = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻".chars().position(|s| s == c);
        if superscript.is_none() && !raised.is_empty() {
            out.push_str(&format!("^{{{raised}}}"));
            raised.clear();
        }
        let in_word = c.is_alphabetic() || (!is_number && !word.is_empty() && c == ' ');
        if !in_word && !word.is_empty() {
            out.push_str(&format!(r"\text{{{}}}", word));
            word.clear();
        }
        match c {
            _ if in_word => word.push(c),
            _ if superscript.is_some() => {
                raised.push_str(&superscript.map_or_else(String::new, |d| {
                    if d == 10 { "-".into() } else { d.to_string() }
                }));
            }
            '\0' => {}
            ',' => out.push_str("{,}"),
            '\u{a0}' => out.push_str(r"\,"),
            '−' => out.push('-'),
            '×' => out.push_str(r"\times "),
            '%' | '#' | '&' | '_' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '\\' | '^' | '~' => {}
            c => out.push(c),
        }
    }
    out
}

/// `Positional encoding (rotary)` as `positional-encoding-rotary`.
pub fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// The end of a message about a name that is not known: the nearest, or a few of those there are.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let name = name.to_lowercase();
    let similarity = |k: &str| {
        let k = k.to_lowercase();
        // A single slip is near whatever the length.
        let slip = if name.len() > 2 && strsim::osa_distance(&name, &k) == 1 { 1.0 } else { 0.0 };
        strsim::jaro_winkler(&name, &k).max(slip)
    };
    let mut ranked: Vec<(f64, &str)> = known.iter().map(|k| (similarity(k), *k)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    match ranked.first() {
        Some((s, k)) if *s > 0.8 => format!("; did you mean `{k}`?"),
        None => "; there are none".to_owned(),
        Some(_) if known.len() <= 12 => format!("; there are: {}", known.join(", ")),
        Some(_) => {
            let few: Vec<&str> = ranked.iter().take(5).map(|(_, k)| *k).collect();
            format!("; there are {}, among them: {}", known.len(), few.join(", "))
        }
    }
}

/// Where each line of a text begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of `text`.
    pub fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        Lines { starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The line, counted from 1, that the byte at `offset` is on.
    pub fn number(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }
}

/// The line that `offset` of `text` is on: its start and its end without the line break.
pub fn line_around(text: &str, offset: usize) -> (usize, usize) {
    let start = text[..offset].rfind('\n').map_or(0, |i| i + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |i| offset + i);
    (start, end)
}

/// `a/./b/../c` as `a/c`; steps above the start stay.
pub fn normalize(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// A path with forward slashes, on every system.
pub fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The link from page `from` to page `to`, both relative to the book's sources.
///
/// ```
/// # use std::path::Path;
/// let href = bookbinder::text::href(Path::new("14-parameters/index.md"), Path::new("glossary.md"));
/// assert_eq!(href, "../glossary.html");
/// ```
pub fn href(from: &Path, to: &Path) -> String {
    let here: Vec<_> = from.parent().into_iter().flat_map(Path::components).collect();
    let there: Vec<_> = to.parent().into_iter().flat_map(Path::components).collect();
    let common = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let mut link = "../".repeat(here.len() - common);
    for folder in &there[common..] {
        link.push_str(&folder.as_os_str().to_string_lossy());
        link.push('/');
    }
    let stem = to.file_stem().unwrap_or_default().to_string_lossy();
    // mdBook renders a README as the index of its folder.
    let stem = if stem.eq_ignore_ascii_case("readme") { "index".into() } else { stem };
    link + &stem + ".html"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reads_the_same_in_a_formula() {
        for (value, formula) in [
            ("60,192,808", "60{,}192{,}808"),
            ("91.8\u{a0}%", r"91.8\,\%"),
            ("3.1\u{a0}×\u{a0}10⁻²³", r"3.1\,\times \,10^{-23}"),
            ("0.22\u{a0}GiB", r"0.22\,\text{GiB}"),
            ("−4", "-4"),
            ("ViT large", r"\text{ViT large}"),
        ] {
            assert_eq!(tex(value), formula);
        }
    }

    #[test]
    fn lines_count_from_one() {
        let lines = Lines::of("ab\ncd\n");
        assert_eq!([0, 2, 3, 5, 6, 99].map(|at| lines.number(at)), [1, 1, 2, 2, 3, 3]);
        assert_eq!(line_around("ab\ncd\n", 4), (3, 5));
    }

    #[test]
    fn links_are_relative() {
        let link = |a: &str, b: &str| href(Path::new(a), Path::new(b));
        assert_eq!(link("a.md", "b.md"), "b.html");
        assert_eq!(link("x/a.md", "x/b.md"), "b.html");
        assert_eq!(link("x/a.md", "y/z/README.md"), "../y/z/index.html");
        assert_eq!(normalize(Path::new("a/./b/../c")), Path::new("a/c"));
        assert_eq!(normalize(Path::new("../c")), Path::new("../c"));
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        assert_eq!(nearest("paramters", ["parameters", "scaling"]), "; did you mean `parameters`?");
        assert_eq!(nearest("oen", ["two", "one"]), "; did you mean `one`?");
        assert_eq!(nearest("x", ["parameters", "scaling"]), "; there are: parameters, scaling");
        assert_eq!(nearest("x", []), "; there are none");
    }
}
