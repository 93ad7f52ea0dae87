//! The kit: every crate that an answer can be linked with, compiled once.
//!
//! A hundred hand-ins must not cost a hundred builds of the chapters. Cargo builds the libraries once (for whoever runs `cargo
//! book` they are built already), and each answer is then one call of `rustc` against them. The kit is a folder of its
//! own with nothing else in it, so that a sandbox can be given the whole folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use notebook::Workspace;
use serde::Deserialize;

use crate::hash;

/// Compiled crates, and the compiler that made them.
#[derive(Debug, Clone)]
pub struct Kit {
    /// The folder with the compiled crates.
    pub folder: PathBuf,
    /// The toolchain's folder, with `bin/rustc` in it.
    pub sysroot: PathBuf,
    /// Changes whenever a crate or the compiler does.
    pub id: String,
    /// The file of each crate that can be named, by the name that code uses.
    files: BTreeMap<String, PathBuf>,
}

/// A message of `cargo build --message-format json`, as far as we read it.
#[derive(Deserialize)]
struct Artifact {
    reason: String,
    #[serde(default)]
    package_id: String,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}
#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// A compiled crate.
struct Compiled {
    name: String,
    version: String,
    /// Linked by the book, rather than by a macro or a build script alone.
    of_book: bool,
    file: PathBuf,
}

/// What only the trusted side links with.
const TRUSTED: [&str; 2] = ["gradebook", "bookbinder"];

impl Kit {
    /// Builds the crates of the book where they are not built, and gathers them under `target/gradebook`.
    ///
    /// # Errors
    /// Where Cargo fails, or there is no compiler.
    pub fn build(workspace: &Workspace) -> anyhow::Result<Self> {
        let (root, target) = (workspace.root(), std::path::absolute(workspace.target())?);
        let sysroot = sysroot(root)?;
        let compiled = compile(workspace)?;
        let id = identity(&compiled, &sysroot)?;
        let folder = target.join("gradebook").join("kits").join(&id);
        for one in &compiled {
            let trusted = TRUSTED.contains(&one.name.as_str());
            let folder = if trusted { folder.join("trusted") } else { folder.join("crates") };
            fs::create_dir_all(&folder)?;
            link_or_copy(&one.file, &folder)?;
        }
        let wanted = requirements(root)?;
        let mut files = BTreeMap::new();
        for one in compiled.iter().filter(|c| c.of_book) {
            let fits = wanted.get(&one.name).is_none_or(|w| fits(w, &one.version));
            if let Some(file) = one.file.file_name().filter(|_| fits) {
                let room = if TRUSTED.contains(&one.name.as_str()) { "trusted" } else { "crates" };
                files.insert(one.name.clone(), Path::new(room).join(file));
            }
        }
        Ok(Kit { folder, sysroot, id, files })
    }

    /// The folder that an answer is compiled against: no crate of the trusted side is in it.
    pub fn crates(&self) -> PathBuf {
        self.folder.join("crates")
    }

    /// Where crate `name` lies below the kit's folder.
    pub fn file(&self, name: &str) -> Option<&Path> {
        self.files.get(&name.replace('-', "_")).map(PathBuf::as_path)
    }

    /// The compiler.
    pub fn rustc(&self) -> PathBuf {
        self.sysroot.join("bin").join("rustc")
    }
}

/// The folder of the toolchain that the workspace uses.
fn sysroot(root: &Path) -> anyhow::Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).current_dir(root).args(["--print", "sysroot"]).output();
    let said = said.context("rustc cannot be started; install Rust as the README says")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&said.stdout).trim());
    if !folder.join("bin").join("rustc").is_file() {
        bail!("{}: holds no bin/rustc; install Rust as the README says", folder.display());
    }
    Ok(folder)
}

/// Lets Cargo build every library of the book, and lists what it made.
///
/// An answer may ask for any chapter, and the judge for the machinery: every crate of the book is built.
fn compile(workspace: &Workspace) -> anyhow::Result<Vec<Compiled>> {
    let root = workspace.root();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args(["build", "--quiet", "--lib"]);
    for member in workspace.members() {
        command.args(["--package", &member.name]);
    }
    command.args(["--message-format", "json-render-diagnostics"]);
    // The profile of the running program, for the same reason.
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let said = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let said = said.context("cargo cannot be started; install Rust as the README says")?;
    if !said.status.success() {
        bail!("the crates of the book do not compile; mend what cargo said above");
    }
    let messages = serde_json::Deserializer::from_slice(&said.stdout).into_iter::<Artifact>();
    let (mut compiled, mut ours) = (Vec::new(), Vec::new());
    for message in messages {
        let message = message.context("cargo's messages cannot be read")?;
        let Some(target) = message.target else { continue };
        let is_crate = target.kind.iter().any(|k| k.ends_with("lib") || k == "proc-macro");
        if message.reason != "compiler-artifact" || !is_crate {
            continue;
        }
        let is_macro = target.kind.iter().any(|k| k == "proc-macro");
        let file = message.filenames.into_iter().find(|f| {
            f.extension().is_some_and(|e| e == "rlib" || is_macro && (e == "so" || e == "dylib"))
        });
        let Some(file) = file else { continue };
        let name = target.name.replace('-', "_");
        let version = version(&message.package_id).to_owned();
        let (file, is_ours) = (with_hash(file), message.package_id.starts_with("path+"));
        if is_ours {
            ours.push(file.clone());
        }
        compiled.push(Compiled { of_book: is_macro || is_ours, name, version, file });
    }
    linked(&mut compiled, &ours)?;
    Ok(compiled)
}

/// Which of these files the crates of the book link. What macros and build scripts link may be compiled
/// once more, and looks the same from outside; but a library says in its file with which others it was
/// compiled, by the hashes in their names.
fn linked(compiled: &mut [Compiled], ours: &[PathBuf]) -> anyhow::Result<()> {
    let read = |path: &PathBuf| fs::read(path).with_context(|| path.display().to_string());
    let libraries = ours.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    for one in compiled.iter_mut().filter(|one| !one.of_book) {
        let stem = one.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some((_, hash)) = stem.rsplit_once('-') else { continue };
        let finder = memchr::memmem::Finder::new(hash);
        one.of_book = libraries.iter().any(|library| finder.find(library).is_some());
    }
    Ok(())
}

/// Cargo names the copy of a workspace library without its hash; the compiler wants the one with it.
fn with_hash(file: PathBuf) -> PathBuf {
    let in_deps = file.parent().is_some_and(|p| p.ends_with("deps"));
    let (Some(folder), Some(stem)) = (file.parent(), file.file_stem()) else { return file };
    if in_deps {
        return file;
    }
    let start = format!("{}-", stem.to_string_lossy());
    let modified = |p: &Path| fs::metadata(p).and_then(|m| m.modified()).ok();
    let same = |p: &PathBuf| {
        let name = p.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(&start) && p.extension() == file.extension() && same_file(p, &file)
    };
    let Ok(entries) = fs::read_dir(folder.join("deps")) else { return file };
    let found = entries.filter_map(|e| e.ok().map(|e| e.path())).filter(same);
    found.max_by_key(|p| modified(p)).unwrap_or(file)
}

/// Are two names hard links to one file, or copies of the same length and time?
fn same_file(a: &Path, b: &Path) -> bool {
    let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if a.ino() == b.ino() && a.dev() == b.dev() {
            return true;
        }
    }
    a.len() == b.len() && a.modified().ok() == b.modified().ok()
}

/// The version in a package id: `registry+…#serde@1.0.2`, `path+file:///…#0.1.0`.
fn version(id: &str) -> String {
    let last = id.rsplit('#').next().unwrap_or(id);
    last.rsplit('@').next().unwrap_or(last).to_owned()
}

/// The versions that the workspace asks for, by crate name.
fn requirements(root: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let path = root.join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let manifest: toml::Value =
        toml::from_str(&text).with_context(|| path.display().to_string())?;
    let table = manifest.get("workspace").and_then(|w| w.get("dependencies"));
    let table = table.and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let version = |value: &toml::Value| {
        let version = value.as_str().or_else(|| value.get("version").and_then(toml::Value::as_str));
        version.map(str::to_owned)
    };
    Ok(table.iter().filter_map(|(k, v)| Some((k.replace('-', "_"), version(v)?))).collect())
}

/// Does `version` begin as the requirement does?
fn fits(requirement: &str, version: &str) -> bool {
    let digits = requirement.trim_start_matches(['^', '=', '~']);
    version == digits
        || version.starts_with(&format!("{digits}."))
        || digits.split('.').count() == 3 && version.split('.').next() == digits.split('.').next()
}

/// A hash that changes whenever a compiled file or the toolchain does.
fn identity(compiled: &[Compiled], sysroot: &Path) -> anyhow::Result<String> {
    let mut lines = vec![sysroot.display().to_string()];
    for one in compiled {
        let metadata = fs::metadata(&one.file).with_context(|| one.file.display().to_string())?;
        let modified = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH)?.as_nanos();
        lines.push(format!("{} {} {modified}", one.file.display(), metadata.len()));
    }
    lines.sort();
    Ok(hash::short(lines.join("\n").as_bytes()))
}

/// Puts `file` into `folder` under its own name, without a copy where the file system allows it.
pub(crate) fn link_or_copy(file: &Path, folder: &Path) -> anyhow::Result<()> {
    let Some(name) = file.file_name() else { return Ok(()) };
    let to = folder.join(name);
    if to.exists() || fs::hard_link(file, &to).is_ok() {
        return Ok(());
    }
    fs::copy(file, &to).with_context(|| format!("{} cannot be copied", file.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_package_ids() {
        assert_eq!(version("registry+https://example.org/index#serde@1.0.2"), "1.0.2");
        assert_eq!(version("path+file:///book/chapters-code/02-features#features@0.1.0"), "0.1.0");
        assert_eq!(version("path+file:///book/learning#0.1.0"), "0.1.0");
    }

    #[test]
    fn a_version_fits_its_requirement() {
        assert!(fits("0.10", "0.10.1") && fits("1", "1.0.9") && fits("0.3.7", "0.3.9"));
        assert!(!fits("0.10", "0.1.0") && !fits("1", "10.0.0") && !fits("0.10", "0.9.1"));
    }
}
