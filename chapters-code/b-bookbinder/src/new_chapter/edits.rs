//! The lines that register a new chapter. Each edit inserts one line and keeps everything else,
//! comments too; `toml_edit` proves that a manifest still says what it should.

use anyhow::{Context as _, bail, ensure};
use toml_edit::DocumentMut;

/// Puts `name = { path = … }` among the chapters of `[workspace.dependencies]`, in reading order.
///
/// # Errors
/// A manifest that is not as expected.
pub fn root_manifest(text: &str, name: &str, folder: &str) -> anyhow::Result<String> {
    parse(text)?;
    let path = |line: &str| {
        let (_, rest) = line.split_once("path = \"chapters-code/")?;
        rest.split_once('"').map(|(folder, _)| folder.to_owned())
    };
    let line = format!("{name} = {{ path = \"chapters-code/{folder}\" }}");
    let later = |l: &str| path(l).map(|f| f.as_str() > folder);
    let new = insert(text, &line, later).context("no chapter is in [workspace.dependencies]")?;
    let document = parse(&new)?;
    let entry =
        document.get("workspace").and_then(|w| w.get("dependencies")?.get(name)?.get("path"));
    let expected = format!("chapters-code/{folder}");
    ensure!(
        entry.and_then(|e| e.as_str()) == Some(expected.as_str()),
        "[workspace.dependencies] cannot be extended; add `{line}` by hand"
    );
    Ok(new)
}

/// Puts `name.workspace = true` into `[dependencies]`, in the order of the alphabet.
///
/// # Errors
/// A manifest that is not as expected.
pub fn manifest(text: &str, name: &str) -> anyhow::Result<String> {
    parse(text)?;
    let start = text.find("[dependencies]\n").context("there is no section [dependencies]")?;
    let end = text[start + 1..].find("\n[").map_or(text.len(), |at| start + 1 + at);
    let later = |line: &str| {
        let (other, _) = line.split_once([' ', '.', '='])?;
        (!other.is_empty() && !line.starts_with(['#', '['])).then(|| other > name)
    };
    let line = format!("{name}.workspace = true");
    let section = insert(&text[start..end], &line, later).context("[dependencies] is empty")?;
    let new = format!("{}{section}{}", &text[..start], &text[end..]);
    let document = parse(&new)?;
    let entry = document.get("dependencies").and_then(|d| d.get(name)?.get("workspace")?.as_bool());
    ensure!(entry == Some(true), "[dependencies] cannot be extended; add `{line}` by hand");
    Ok(new)
}

/// Puts `name::chapter(),` into the list of [`chapters`](crate::chapters), in reading order;
/// `members` are the crates and their folders.
///
/// # Errors
/// A file without that list.
pub fn chapters(
    text: &str,
    name: &str,
    folder: &str,
    members: &[(String, String)],
) -> anyhow::Result<String> {
    let fault = "the list of `chapters()` is not found; restore it from version control";
    let start = text.find("pub fn chapters() -> Vec<Chapter>").context(fault)?;
    let end = text[start..].find("\n    ]\n").map(|at| start + at + 1).context(fault)?;
    let folder_of = |line: &str| {
        let called = line.trim().strip_suffix("::chapter(),")?;
        let member = members.iter().find(|(name, _)| name.replace('-', "_") == called)?;
        Some(member.1.as_str())
    };
    // The bookbinder lists itself as `chapter()`, last.
    let later = |line: &str| {
        if line.trim() == "chapter()," { Some(true) } else { folder_of(line).map(|f| f > folder) }
    };
    let line = format!("        {}::chapter(),", name.replace('-', "_"));
    let list = insert(&text[start..end], &line, later).context(fault)?;
    Ok(format!("{}{list}{}", &text[..start], &text[end..]))
}

/// Puts `line` before the first line that comes later, or after the last that does not; none where
/// no line can be compared.
fn insert(text: &str, line: &str, later: impl Fn(&str) -> Option<bool>) -> Option<String> {
    let mut at = None;
    let mut offset = 0;
    for old in text.split_inclusive('\n') {
        match later(old.trim_end()) {
            Some(true) => {
                at = Some(offset);
                break;
            }
            Some(false) => at = Some(offset + old.len()),
            None => {}
        }
        offset += old.len();
    }
    let at = at?;
    let gap = if text[..at].ends_with('\n') { "" } else { "\n" };
    Some(format!("{}{gap}{line}\n{}", &text[..at], &text[at..]))
}

fn parse(text: &str) -> anyhow::Result<DocumentMut> {
    match text.parse() {
        Ok(document) => Ok(document),
        Err(error) => {
            let line = toml_edit::TomlError::message(&error).to_owned();
            bail!("is not TOML ({line}); mend it first")
        }
    }
}

/// The list of addresses with those of the chapter's pages.
pub fn published<'a>(text: &str, folder: &str, pages: impl Iterator<Item = &'a str>) -> String {
    let mut new = text.trim_end().to_owned();
    for page in pages {
        new.push_str(&format!("\n{folder}/{}", page.replace(".md", ".html")));
    }
    new + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_manifest_keeps_reading_order_and_comments() {
        let text = "[workspace.dependencies]\n# Chapters.\na = { path = \"chapters-code/01-a\" }\nz = { path = \"chapters-code/14-z\" } # last\n# Machinery.\nnotebook = { path = \"chapters-code/a-notebook\" }\n\nrand = \"0.10\"\n";
        let added = |folder: &str, name: &str| root_manifest(text, name, folder).unwrap();
        let line = "m = { path = \"chapters-code/03-m\" }\n";
        assert_eq!(added("03-m", "m"), text.replace("z = {", &format!("{line}z = {{")));
        assert!(added("15-n", "n").contains("# Machinery.\nn = "), "before the appendices");
        assert!(
            root_manifest("[workspace", "m", "03-m").unwrap_err().to_string().contains("not TOML")
        );
        assert!(root_manifest("[workspace.dependencies]\n", "m", "03-m").is_err());
    }

    #[test]
    fn the_manifest_keeps_the_alphabet() {
        let text = "[package]\nname = \"x\"\n\n[dependencies]\nclap.workspace = true\nnotebook.workspace = true\n\n[dev-dependencies]\nzz = \"1\"\n";
        let new = manifest(text, "depth").unwrap();
        assert_eq!(new, text.replace("notebook.", "depth.workspace = true\nnotebook."));
        let new = manifest(text, "words").unwrap();
        assert!(new.contains("notebook.workspace = true\nwords.workspace = true\n\n[dev"), "{new}");
        assert!(manifest("[package]\n", "m").is_err());
    }

    #[test]
    fn the_list_of_chapters_keeps_reading_order() {
        let text = "/// All.\npub fn chapters() -> Vec<Chapter> {\n    vec![\n        learning::chapter(),\n        parameters::chapter(),\n        notebook::chapter(),\n        chapter(),\n    ]\n}\n";
        let members = [
            ("learning", "01-learning"),
            ("parameters", "14-parameters"),
            ("notebook", "a-notebook"),
        ]
        .map(|(n, f)| (n.to_owned(), f.to_owned()));
        let added = |name: &str, folder: &str| chapters(text, name, folder, &members).unwrap();
        let line = "        word_vectors::chapter(),\n";
        let before = "        parameters::";
        assert_eq!(
            added("word-vectors", "03-word-vectors"),
            text.replace(before, &format!("{line}{before}"))
        );
        assert!(added("x", "15-x").contains("parameters::chapter(),\n        x::chapter(),\n"));
        assert!(chapters("fn main() {}", "x", "15-x", &members).is_err());
    }

    #[test]
    fn addresses_are_added_at_the_end() {
        let new = published("a.html\n", "05-depth", ["index.md", "more.md"].into_iter());
        assert_eq!(new, "a.html\n05-depth/index.html\n05-depth/more.html\n");
    }
}
