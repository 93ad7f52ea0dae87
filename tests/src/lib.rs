//! What the tests of the whole book share: a copy of the checkout to build and to break, and the
//! bookbinder's program.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

pub mod browser;
pub mod built;
pub mod layers;
pub mod served;
pub mod site;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

pub mod synthetic;

/// The checkout that the tests were compiled in.
pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What binding reads of a checkout, and whether it is data, which are large and never written.
const PARTS: [(&str, bool); 9] = [
    ("book", false),
    ("chapters-code", false),
    ("data", true),
    ("tests/peers", false),
    ("Cargo.toml", false),
    ("Cargo.lock", false),
    ("book.toml", false),
    ("lint.toml", false),
    ("search.toml", false),
];

/// A copy of what binding reads: the book, the crates with their results, the manifests, the data.
#[derive(Debug)]
pub struct Copy {
    folder: TempDir,
}

impl Default for Copy {
    fn default() -> Self {
        Self::new()
    }
}

impl Copy {
    /// A fresh copy in a temporary folder.
    pub fn new() -> Self {
        Self::within(tempfile::tempdir().unwrap())
    }

    /// A fresh copy in that folder, which goes with it.
    fn within(folder: TempDir) -> Self {
        for (part, is_data) in PARTS {
            let (from, to) = (checkout().join(part), folder.path().join(part));
            if from.is_dir() {
                copy_folder(&from, &to, is_data);
            } else {
                fs::copy(from, to).unwrap();
            }
        }
        Copy { folder }
    }

    /// The copy's root.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The text of a file of the copy.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// Replaces a file of the copy.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text in a file of the copy, which must contain it.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} does not contain {from:?}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Adds a text at the end of a file of the copy; gives the line on which it begins.
    pub fn append(&self, path: &str, text: &str) -> usize {
        let old = self.read(path);
        self.write(path, &format!("{old}\n{text}\n"));
        old.lines().count() + 2
    }

    /// Runs the bookbinder on the copy.
    pub fn bookbinder(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The bookbinder, told to work on the copy. It builds in the copy's own folder, wherever this
    /// test was built: copies must not meet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(bookbinder());
        command.args(arguments).arg("--root").arg(self.root()).stdin(Stdio::null());
        for variable in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"] {
            command.env_remove(variable);
        }
        command
    }
}

/// Copies a folder. Data are large and no test writes them, so that a link serves where it can.
pub fn copy_folder(from: &Path, to: &Path, link: bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target, link);
        } else if !(link && fs::hard_link(&path, &target).is_ok()) {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The bookbinder's program, built once with the profile of the tests.
pub fn bookbinder() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "--package", "bookbinder", "--manifest-path"])
            .arg(checkout().join("Cargo.toml"))
            .status()
            .unwrap();
        assert!(built.success(), "the bookbinder does not build");
        // target/debug/deps/book-… stands two folders below the program.
        let test = std::env::current_exe().unwrap();
        let program = format!("bookbinder{}", std::env::consts::EXE_SUFFIX);
        test.ancestors().nth(2).unwrap().join(program)
    })
}

/// Standard error and standard output of a run, together.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Every file with that ending below a folder.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}
