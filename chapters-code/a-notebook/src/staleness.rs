//! When does a recorded result no longer follow from the code? The fingerprint decides.
//!
//! A result depends on the *tokens* of its chapter's crate and of the chapters it builds on (but not
//! on their experiments, which it cannot see), on the data it read, and on the locked versions of numeric dependencies. Comments, formatting, tests,
//! figures, fixtures, `main` and benches are no part of it, nor is the machinery that only carries numbers
//! to the page.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::workspace::{Crate, Workspace};

/// What a computed result depends on, hashed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Hash of the tokens of each chapter crate, by package name.
    pub sources: BTreeMap<String, String>,
    /// Hash of each data file, by path from the workspace's root.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// Locked version of each numeric dependency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, String>,
}

/// Why the fingerprint could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum FingerprintError {
    /// A source or data file could not be read.
    #[error("{}: cannot be read ({source}); restore it from version control", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A source file is not Rust.
    #[error("{}: is not Rust ({fault}); mend it before recording results", path.display())]
    NotRust {
        /// The file.
        path: PathBuf,
        /// What the lexer said.
        fault: String,
    },
    /// No crate of that name.
    #[error("there is no crate `{0}` in chapters-code; add it to the workspace")]
    NoCrate(String),
}

impl Fingerprint {
    /// The fingerprint of chapter `name` as it is on disk, with the data files it reads.
    ///
    /// # Errors
    /// [`FingerprintError`] where a file is missing or is not Rust.
    pub fn take(
        workspace: &Workspace,
        name: &str,
        data: &[PathBuf],
    ) -> Result<Self, FingerprintError> {
        let lineage = workspace.lineage(name);
        if lineage.is_empty() {
            return Err(FingerprintError::NoCrate(name.to_owned()));
        }
        let mut taken = Fingerprint {
            dependencies: workspace.numeric_versions(name),
            ..Fingerprint::default()
        };
        for member in lineage {
            let part = match workspace.is_machinery(&member.name) {
                true => Part::Experiments,
                false if member.name == name => Part::Computing,
                false => Part::Lent,
            };
            taken.sources.insert(member.name.clone(), code(workspace, member, part)?);
        }
        taken.read(workspace, data)?;
        Ok(taken)
    }

    /// The fingerprint of what draws a figure of chapter `name` that shows the pictures in `data`:
    /// as [`take`](Self::take), with the chapter's figures, the notebook's charts, and the versions
    /// of the drawing library. The results drawn are not part of it.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn of_drawing(
        workspace: &Workspace,
        name: &str,
        data: &[PathBuf],
    ) -> Result<Self, FingerprintError> {
        let mut taken = Fingerprint::take(workspace, name, data)?;
        taken.dependencies = workspace.drawing_versions(name);
        taken.sources.insert(name.to_owned(), code_of_list(workspace, name)?);
        if let Some(charts) = workspace.member(env!("CARGO_PKG_NAME")) {
            let hash = code(workspace, charts, Part::Charts)?;
            taken.sources.insert("notebook's charts".to_owned(), hash);
        }
        Ok(taken)
    }

    /// Adds the data files at `paths`, from the workspace's root.
    fn read(&mut self, workspace: &Workspace, paths: &[PathBuf]) -> Result<(), FingerprintError> {
        for path in paths {
            let file = workspace.root().join(path);
            let hash = workspace.once(&file, || Ok(hash(&read(&file)?)))?;
            self.data.insert(path.to_string_lossy().replace('\\', "/"), hash.to_string());
        }
        Ok(())
    }

    /// What changed since `self` was recorded, one reason a line; empty where nothing did.
    pub fn changes(&self, now: &Fingerprint) -> Vec<String> {
        let mut reasons = Vec::new();
        for name in keys(&self.sources, &now.sources) {
            if self.sources.get(name) != now.sources.get(name) {
                reasons.push(format!("the code of `{name}` changed"));
            }
        }
        for name in keys(&self.data, &now.data) {
            if self.data.get(name) != now.data.get(name) {
                reasons.push(format!("the data file {name} changed"));
            }
        }
        for name in keys(&self.dependencies, &now.dependencies) {
            let (was, is) = (self.dependencies.get(name), now.dependencies.get(name));
            if was != is {
                let or_none = |v: Option<&String>| v.cloned().unwrap_or_else(|| "none".into());
                reasons.push(format!(
                    "the dependency {name} went from {} to {}",
                    or_none(was),
                    or_none(is)
                ));
            }
        }
        reasons
    }
}

/// The keys of either map, each once, in order.
fn keys<'a, V>(a: &'a BTreeMap<String, V>, b: &'a BTreeMap<String, V>) -> Vec<&'a String> {
    let mut keys: Vec<_> = a.keys().chain(b.keys()).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Hash of the code of chapter `name` that makes its list and draws its figures.
///
/// # Errors
/// [`FingerprintError`] where a source is missing or is not Rust.
pub fn code_of_list(workspace: &Workspace, name: &str) -> Result<String, FingerprintError> {
    let member =
        workspace.member(name).ok_or_else(|| FingerprintError::NoCrate(name.to_owned()))?;
    let machinery = workspace.is_machinery(name);
    code(workspace, member, if machinery { Part::Offered } else { Part::Drawing })
}

/// Hash of a part of a crate's code, taken once for as long as the workspace is open.
fn code(workspace: &Workspace, member: &Crate, part: Part) -> Result<String, FingerprintError> {
    let key = member.folder.join(format!("{part:?}"));
    Ok(workspace.once(&key, || hash_crate(workspace, member, part))?.to_string())
}

/// Hashes the tokens of a crate's sources.
fn hash_crate(
    workspace: &Workspace,
    member: &Crate,
    part: Part,
) -> Result<String, FingerprintError> {
    let folder = member.folder.join("src");
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    files.sort();
    let mut whole = Sha256::new();
    for path in files {
        let name = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if !counts(&name, part) {
            continue;
        }
        whole.update(name.as_bytes());
        whole.update([0]);
        if name.ends_with(".rs") {
            let tokens = workspace.once(&path.join("tokens"), || tokens_of(&path))?;
            whole.update(tokens.as_bytes());
        } else {
            whole.update(&read(&path)?);
        }
        whole.update([0]);
    }
    Ok(hex(&whole.finalize()))
}

/// The tokens of the source at `path` that count.
fn tokens_of(path: &Path) -> Result<String, FingerprintError> {
    let not_rust = |fault| FingerprintError::NotRust { path: path.to_owned(), fault };
    let text = String::from_utf8(read(path)?).map_err(|e| not_rust(e.to_string()))?;
    significant_tokens(&text).map_err(not_rust)
}

/// A part of a crate's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What a chapter computes with.
    Computing,
    /// What later chapters compute with of it: its experiments they cannot see.
    Lent,
    /// That, and what draws its figures.
    Drawing,
    /// The experiments of machinery: the rest of it carries numbers and makes none.
    Experiments,
    /// The experiments and figures of machinery, and the list of both.
    Offered,
    /// The notebook's charts, and how numbers are written in them.
    Charts,
}

/// Does the file `name`, below `src/`, belong to `part`?
// ANCHOR: counts
fn counts(name: &str, part: Part) -> bool {
    let first = name.split('/').next().unwrap_or(name).trim_end_matches(".rs");
    let last = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".rs");
    match part {
        Part::Experiments => first == "experiments",
        Part::Offered => matches!(first, "lib" | "experiments" | "figures"),
        Part::Charts => matches!(first, "figure" | "format" | "scalar"),
        Part::Computing | Part::Lent if first == "figures" => false,
        Part::Lent if first == "experiments" => false,
        Part::Computing | Part::Lent | Part::Drawing => {
            !matches!(first, "main" | "bin" | "fixtures" | "tests") && last != "tests"
        }
    }
}
// ANCHOR_END: counts

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), FingerprintError> {
    let failed = |source| FingerprintError::Unreadable { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            collect(&path, files)?;
        } else if !hidden {
            files.push(path);
        }
    }
    Ok(())
}

/// What a file holds; of a text, with the same line ends in every checkout.
fn read(path: &Path) -> Result<Vec<u8>, FingerprintError> {
    let unreadable = |source| FingerprintError::Unreadable { path: path.to_owned(), source };
    fs::read(path).map(unix_lines).map_err(unreadable)
}

/// Text with line ends of one byte: git may write two where it is told to (`core.autocrlf`).
fn unix_lines(bytes: Vec<u8>) -> Vec<u8> {
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains("\r\n") && !text.contains('\0') => {
            text.replace("\r\n", "\n").into_bytes()
        }
        _ => bytes,
    }
}

/// The hash of any bytes, short.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The first 16 bytes in hexadecimal: enough to tell sources apart, short enough to read in a diff.
fn hex(digest: &[u8]) -> String {
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// The tokens of a Rust source, without comments, attributes of documentation, items under
/// `#[cfg(test)]` and trailing commas, which formatting moves.
///
/// # Errors
/// What the lexer says of a text that is not Rust.
pub fn significant_tokens(source: &str) -> Result<String, String> {
    let tokens: TokenStream = source.parse().map_err(|e: proc_macro2::LexError| e.to_string())?;
    Ok(significant(tokens).to_string())
}

// ANCHOR: significant
fn significant(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Punct(p) if p.as_char() == '#' => {
                let inner = rest.next_if(|t| is_punct(t, '!'));
                match rest.next() {
                    Some(TokenTree::Group(g)) if starts_with_doc(&g) => {}
                    Some(TokenTree::Group(g)) if is_cfg_test(&g) && inner.is_none() => {
                        skip_item(&mut rest)
                    }
                    other => {
                        kept.extend([Some(TokenTree::Punct(p)), inner, other].into_iter().flatten())
                    }
                }
            }
            TokenTree::Group(g) => {
                let stripped = significant(g.stream());
                kept.push(TokenTree::Group(Group::new(g.delimiter(), stripped)));
            }
            other => kept.push(other),
        }
    }
    if kept.last().is_some_and(|t| is_punct(t, ',')) {
        kept.pop();
    }
    kept.into_iter().collect()
}
// ANCHOR_END: significant

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == c)
}

fn starts_with_doc(attribute: &Group) -> bool {
    attribute.stream().into_iter().next().is_some_and(|t| t.to_string() == "doc")
}

fn is_cfg_test(attribute: &Group) -> bool {
    attribute.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// Skips the item that follows an attribute: up to its body in braces, or its semicolon.
fn skip_item(rest: &mut std::iter::Peekable<impl Iterator<Item = TokenTree>>) {
    for token in rest.by_ref() {
        match token {
            TokenTree::Group(g) if g.delimiter() == Delimiter::Brace => break,
            token if is_punct(&token, ';') => return,
            _ => {}
        }
    }
    // `use a::{b, c};` and `const X: T = T { … };` end after their braces.
    rest.next_if(|t| is_punct(t, ';'));
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "fn area(r: f64, k: f64) -> f64 { k * r * r }\nuse a::{b, c};";

    fn same(other: &str) -> bool {
        significant_tokens(CODE).unwrap() == significant_tokens(other).unwrap()
    }

    #[test]
    fn comments_and_formatting_do_not_count() {
        assert!(same(
            "//! A crate.\n/// Area of a disc.\nfn area(\n    r: f64, // radius\n    k: f64,\n) -> f64 {\n    /* π r² */ k * r * r\n}\nuse a::{\n b,\n c,\n};"
        ));
    }

    #[test]
    fn tests_do_not_count() {
        assert!(same(&format!(
            "{CODE}\n#[cfg(test)]\nuse x::{{y}};\n#[cfg(test)]\nmod tests {{ #[test] fn t() {{}} }}"
        )));
        assert!(same(&format!(
            "#[cfg(test)]\n#[allow(dead_code)]\nconst A: [u8; 2] = [1, 2];\n{CODE}"
        )));
    }

    #[test]
    fn code_counts() {
        assert!(!same("fn area(r: f64, k: f64) -> f64 { k * r * k }\nuse a::{b, c};"));
        assert!(!same(&format!("{CODE}\n#[inline] fn g() {{}}")));
        assert!(!same(&CODE.replace("f64", "f32")));
    }

    #[test]
    fn line_ends_do_not_count() {
        let source = "const A: &str = \"one\n  two\";\nfn f() {}\n";
        let windows = unix_lines(source.replace('\n', "\r\n").into_bytes());
        assert_eq!(String::from_utf8(windows).unwrap(), source);
        // What is no text stays, byte for byte.
        for binary in [&b"\x89PNG\r\n\x1a\n"[..], b"a\r\n\0", b"alone \r stays"] {
            assert_eq!(unix_lines(binary.to_vec()), binary);
        }
    }

    #[test]
    fn a_checkout_with_other_line_ends_has_the_same_fingerprint() {
        let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let hash_with = |line_end: &str| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("src/lib.rs");
            fs::create_dir(folder.path().join("src")).unwrap();
            let source = "//! A crate.\nconst A: &str = \"one\n  two\";\n";
            fs::write(&file, source.replace('\n', line_end)).unwrap();
            fs::write(file.with_extension("csv"), "a,b\n1,2\n".replace('\n', line_end)).unwrap();
            let member = Crate {
                name: "x".into(),
                description: String::new(),
                folder: folder.path().to_owned(),
                dependencies: Vec::new(),
            };
            hash_crate(&workspace, &member, Part::Computing).unwrap()
        };
        assert_eq!(hash_with("\n"), hash_with("\r\n"));
    }

    #[test]
    fn a_text_that_is_not_rust_is_an_error() {
        assert!(significant_tokens("fn (((").is_err());
    }

    #[test]
    fn figures_main_and_tests_are_no_sources() {
        for name in [
            "figures.rs",
            "figures/where.rs",
            "fixtures/mod.rs",
            "main.rs",
            "main/commands.rs",
            "bin/x.rs",
            "tests.rs",
            "walk/tests.rs",
        ] {
            assert!(!counts(name, Part::Computing), "{name}");
        }
        for name in ["lib.rs", "experiments.rs", "walk/mod.rs", "mainframe.rs", "data.csv"] {
            assert!(counts(name, Part::Computing), "{name}");
        }
        assert!(
            counts("experiments.rs", Part::Experiments)
                && !counts("recorder.rs", Part::Experiments)
        );
        assert!(!counts("experiments/a.rs", Part::Lent) && counts("lib.rs", Part::Lent));
        assert!(counts("figures.rs", Part::Drawing) && !counts("figures.rs", Part::Computing));
        assert!(counts("figure/axis.rs", Part::Charts) && !counts("figures.rs", Part::Charts));
    }

    #[test]
    fn every_reason_is_told() {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
        };
        let old = Fingerprint {
            sources: map(&[("learning", "1")]),
            data: map(&[("data/a.gz", "2")]),
            dependencies: map(&[("rand", "0.10.1")]),
        };
        let new = Fingerprint {
            sources: map(&[("learning", "9")]),
            data: map(&[("data/b.gz", "2")]),
            dependencies: map(&[("rand", "0.10.2")]),
        };
        assert_eq!(old.changes(&old), Vec::<String>::new());
        assert_eq!(
            old.changes(&new),
            [
                "the code of `learning` changed",
                "the data file data/a.gz changed",
                "the data file data/b.gz changed",
                "the dependency rand went from 0.10.1 to 0.10.2",
            ]
        );
    }
}
