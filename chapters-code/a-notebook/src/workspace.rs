//! The book's own crates on disk: where they are, what they depend on, which versions are locked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

/// Who knows where the data are: an experiment's [`Recorder`](crate::Recorder) and a figure's
/// [`Recorded`](crate::Recorded). So one function reads a data set for both.
pub trait Data {
    /// The place of a data file that is named from the workspace's root.
    fn data(&self, path: &str) -> PathBuf;
}

impl Data for Path {
    /// From this folder, as the workspace's root.
    fn data(&self, path: &str) -> PathBuf {
        self.join(path)
    }
}

/// The checkout of the book: its crates and its lock file.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    machinery: Vec<String>,
    numeric: Vec<String>,
    drawing: Vec<String>,
    crates: BTreeMap<String, Crate>,
    /// The packages of Cargo.lock, by name.
    locked: BTreeMap<String, Vec<Locked>>,
    /// Hashes and tokens that were taken already, by path.
    taken: Arc<Mutex<BTreeMap<PathBuf, Taken>>>,
}

/// What was taken of a file or a folder; none before.
type Taken = Arc<Mutex<Option<Arc<str>>>>;

/// A crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crate {
    /// Package name, for example `parameters`.
    pub name: String,
    /// The package's description, a line.
    pub description: String,
    /// Folder, for example `…/chapters-code/14-parameters`.
    pub folder: PathBuf,
    /// Names in `[dependencies]`, the book's own crates and others alike.
    pub dependencies: Vec<String>,
}

impl Crate {
    /// The folder's own name, which orders the book: `14-parameters`, `a-notebook`.
    pub fn folder_name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// A package of Cargo.lock.
#[derive(Debug, Clone, Deserialize)]
struct Locked {
    name: String,
    version: String,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// Why the workspace could not be read.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// No folder above holds the book.
    #[error("{}: not inside a checkout of the book (no Cargo.toml with [workspace.metadata.book] here or above); change into one", .0.display())]
    NotFound(PathBuf),
    /// A file could not be read or understood.
    #[error("{}: {fault}; restore it from version control", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
}

fn unreadable(path: &Path) -> impl Fn(String) -> WorkspaceError + '_ {
    move |fault| WorkspaceError::Unreadable { path: path.to_owned(), fault }
}

/// Reads a file and parses it as TOML.
fn read_toml<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, WorkspaceError> {
    let text = fs::read_to_string(path).map_err(|e| unreadable(path)(e.to_string()))?;
    toml::from_str(&text).map_err(|e| unreadable(path)(e.message().to_owned()))
}

#[derive(Deserialize)]
struct RootManifest {
    workspace: RootWorkspace,
}
#[derive(Deserialize)]
struct RootWorkspace {
    metadata: RootMetadata,
}
#[derive(Deserialize)]
struct RootMetadata {
    book: BookMetadata,
}
#[derive(Deserialize)]
struct BookMetadata {
    machinery: Vec<String>,
    numeric: Vec<String>,
    #[serde(default)]
    drawing: Vec<String>,
}
#[derive(Deserialize)]
struct CrateManifest {
    package: PackageTable,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
}
#[derive(Deserialize)]
struct PackageTable {
    name: String,
    #[serde(default)]
    description: String,
}
#[derive(Deserialize)]
struct LockFile {
    #[serde(default)]
    package: Vec<Locked>,
}

impl Workspace {
    /// Reads the workspace whose root `folder` is.
    ///
    /// # Errors
    /// [`WorkspaceError::NotFound`] where `folder` is not the book's root,
    /// [`WorkspaceError::Unreadable`] where a manifest or the lock file is damaged.
    pub fn open(folder: &Path) -> Result<Self, WorkspaceError> {
        let root: RootManifest = read_toml(&folder.join("Cargo.toml"))
            .map_err(|_| WorkspaceError::NotFound(folder.to_owned()))?;
        let BookMetadata { machinery, numeric, drawing } = root.workspace.metadata.book;
        let mut crates = BTreeMap::new();
        let code = folder.join("chapters-code");
        let entries = fs::read_dir(&code).map_err(|e| unreadable(&code)(e.to_string()))?;
        for entry in entries.filter_map(Result::ok) {
            let folder = entry.path();
            let manifest = folder.join("Cargo.toml");
            if !manifest.is_file() {
                continue;
            }
            let CrateManifest { package, dependencies } = read_toml(&manifest)?;
            let dependencies = dependencies.into_keys().collect();
            let PackageTable { name, description } = package;
            crates.insert(name.clone(), Crate { name, description, folder, dependencies });
        }
        let mut locked = BTreeMap::<String, Vec<Locked>>::new();
        for package in read_toml::<LockFile>(&folder.join("Cargo.lock"))?.package {
            locked.entry(package.name.clone()).or_default().push(package);
        }
        Ok(Workspace {
            root: folder.to_owned(),
            machinery,
            numeric,
            drawing,
            crates,
            locked,
            taken: Arc::default(),
        })
    }

    /// Finds the workspace at `start` or in a folder above it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn find(start: &Path) -> Result<Self, WorkspaceError> {
        for folder in start.ancestors() {
            match Self::open(folder) {
                Err(WorkspaceError::NotFound(_)) => {}
                found_or_damaged => return found_or_damaged,
            }
        }
        Err(WorkspaceError::NotFound(start.to_owned()))
    }

    /// The workspace's root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Folder of cargo's build output, which also holds Criterion's measurements.
    pub fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from)
    }

    /// What `take` gives of the file or the folder at `path`, taken once for as
    /// long as this workspace is open: seventeen chapters that build on each
    /// other would otherwise hash the first one a hundred times. Who asks while
    /// it is being taken waits; another path can be taken meanwhile.
    pub(crate) fn once<E>(
        &self,
        path: &Path,
        take: impl FnOnce() -> Result<String, E>,
    ) -> Result<Arc<str>, E> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let place = Arc::clone(taken.entry(path.to_owned()).or_default());
        drop(taken);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*place {
            return Ok(Arc::clone(known));
        }
        let known: Arc<str> = take()?.into();
        *place = Some(Arc::clone(&known));
        Ok(known)
    }

    /// The crate called `name`.
    pub fn member(&self, name: &str) -> Option<&Crate> {
        self.crates.get(name)
    }

    /// Every crate of a chapter or an appendix, by folder name: reading order.
    pub fn members(&self) -> Vec<&Crate> {
        let mut crates: Vec<_> = self.crates.values().collect();
        crates.sort_by_key(|c| c.folder_name());
        crates
    }

    /// Does this crate build the book rather than teach?
    pub fn is_machinery(&self, name: &str) -> bool {
        self.machinery.iter().any(|m| m == name)
    }

    /// The chapter `name` and every chapter that it builds on, machinery left out.
    pub fn lineage(&self, name: &str) -> Vec<&Crate> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![name];
        while let Some(next) = waiting.pop() {
            let Some(member) = self.crates.get(next) else { continue };
            if seen.insert(next) {
                let chapters = member.dependencies.iter().filter(|d| !self.is_machinery(d));
                waiting.extend(chapters.map(String::as_str));
            }
        }
        seen.into_iter().filter_map(|n| self.crates.get(n)).collect()
    }

    /// Locked versions of the numeric dependencies that crate `name` reaches, directly or not.
    ///
    /// Cargo.lock mixes a member's development dependencies with the others, so members are
    /// followed by their manifests and only packages from outside by the lock file.
    pub fn numeric_versions(&self, name: &str) -> BTreeMap<String, String> {
        self.versions_of(name, &self.numeric)
    }

    /// Locked versions of what crate `name` computes and draws with.
    pub fn drawing_versions(&self, name: &str) -> BTreeMap<String, String> {
        let mut versions = self.versions_of(name, &self.numeric);
        versions.extend(self.versions_of(name, &self.drawing));
        versions
    }

    /// Locked versions of those of `packages` that crate `name` reaches.
    fn versions_of(&self, name: &str, packages: &[String]) -> BTreeMap<String, String> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![name.to_owned()];
        let mut versions = BTreeMap::new();
        while let Some(next) = waiting.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            if let Some(member) = self.crates.get(&next) {
                let from =
                    self.locked_as(&next).map(|l| l.dependencies.clone()).unwrap_or_default();
                let wanted =
                    |entry: &String| member.dependencies.iter().any(|d| d == package_name(entry));
                waiting.extend(from.into_iter().filter(wanted));
            } else if let Some(locked) = self.locked_as(&next) {
                if packages.contains(&locked.name) {
                    versions.insert(locked.name.clone(), locked.version.clone());
                }
                waiting.extend(locked.dependencies.iter().cloned());
            }
        }
        versions
    }

    /// The locked package that a lock file's entry `name` or `name version` means.
    fn locked_as(&self, entry: &str) -> Option<&Locked> {
        let version = entry.split(' ').nth(1);
        let of_name = self.locked.get(package_name(entry))?;
        of_name.iter().find(|locked| version.is_none_or(|v| v == locked.version))
    }
}

fn package_name(entry: &str) -> &str {
    entry.split(' ').next().unwrap_or(entry)
}
