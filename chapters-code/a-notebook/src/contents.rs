//! What a chapter offers, as data: `results/chapter.json`, which its program writes and the binder
//! reads without compiling the chapter.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::results::{Missing, Results};
use crate::staleness::{self, FingerprintError};
use crate::store::{self, StoreError};
use crate::workspace::{Crate, Workspace};

/// The name under which Criterion's medians are recorded, beside the experiments.
pub const TIMINGS: &str = "timings";

/// The list's file, in the chapter's `results` folder.
const FILE: &str = "chapter.json";

/// What a chapter offers: the names of its experiments, figures and benches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Package name, for example `parameters`.
    pub name: String,
    /// What the chapter asks.
    pub title: String,
    /// The experiments, in the order of the chapter.
    pub experiments: Vec<Listed>,
    /// Names of the figures, in the order of the chapter.
    pub figures: Vec<String>,
    /// First parts of the ids of its Criterion benches.
    pub benches: Vec<String>,
    /// Hash of the code that makes this list; empty until it is written.
    #[serde(default)]
    pub code: String,
}

/// An experiment as the list names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Name within the chapter; also the name of its result file.
    pub name: String,
    /// What it asks, in a few words.
    pub title: String,
    /// Seed of its generator.
    pub seed: u64,
    /// Data files it reads, from the workspace's root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<PathBuf>,
}

/// Why the results of an experiment could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No such experiment.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// Its file is absent or damaged.
    #[error(transparent)]
    File(#[from] StoreError),
}

impl Contents {
    /// The list of the crate `member`, as its program wrote it last.
    ///
    /// Machinery that has no folder `results` offers nothing, and needs no file to say so.
    ///
    /// # Errors
    /// [`StoreError`] where the file is absent or damaged.
    pub fn read(workspace: &Workspace, member: &Crate) -> Result<Self, StoreError> {
        let path = member.folder.join("results").join(FILE);
        let command = command_of(&member.name, "run");
        if workspace.is_machinery(&member.name) && !member.folder.join("results").is_dir() {
            let (name, title) = (member.name.clone(), member.description.clone());
            return Ok(Contents { name, title, ..Contents::default() });
        }
        store::read_json(&path, &command)
    }

    /// Was the list written by other code than what stands in the crate now?
    ///
    /// # Errors
    /// [`FingerprintError`] where a source is missing or is not Rust.
    pub fn is_stale(&self, workspace: &Workspace) -> Result<bool, FingerprintError> {
        Ok(!self.code.is_empty() && self.code != staleness::code_of_list(workspace, &self.name)?)
    }

    /// Writes the list, unless the file says the same; did it change?
    ///
    /// # Errors
    /// Where a source or the file cannot be used.
    pub fn write(&self, workspace: &Workspace) -> anyhow::Result<bool> {
        let code = staleness::code_of_list(workspace, &self.name)?;
        let contents = Contents { code, ..self.clone() };
        Ok(store::write_json(&self.folder(workspace).join("results").join(FILE), &contents)?)
    }

    /// The experiment called `name`.
    ///
    /// # Errors
    /// [`Missing`] where there is none.
    pub fn find_experiment(&self, name: &str) -> Result<&Listed, Missing> {
        self.experiments.iter().find(|e| e.name == name).ok_or_else(|| {
            Missing::new("experiment", name, self.experiments.iter().map(|e| e.name.as_str()))
        })
    }

    /// Does the chapter have a figure called `name`?
    ///
    /// # Errors
    /// [`Missing`] where it has none.
    pub fn find_figure(&self, name: &str) -> Result<usize, Missing> {
        self.figures
            .iter()
            .position(|figure| figure == name)
            .ok_or_else(|| Missing::new("figure", name, self.figures.iter().map(String::as_str)))
    }

    /// The crate's folder in `workspace`; none where the workspace has no such crate.
    pub fn folder_in(&self, workspace: &Workspace) -> Option<PathBuf> {
        workspace.member(&self.name).map(|member| member.folder.clone())
    }

    /// The crate's folder in `workspace`, or where it would stand.
    pub fn folder(&self, workspace: &Workspace) -> PathBuf {
        let absent = || workspace.root().join("chapters-code").join(&self.name);
        self.folder_in(workspace).unwrap_or_else(absent)
    }

    /// The file that holds what `experiment` recorded; [`TIMINGS`] is one too.
    pub fn results_file(&self, workspace: &Workspace, experiment: &str) -> PathBuf {
        self.folder(workspace).join("results").join(format!("{experiment}.json"))
    }

    /// The file that holds the drawing of `figure`.
    pub fn figure_file(&self, workspace: &Workspace, figure: &str) -> PathBuf {
        self.folder(workspace).join("results/figures").join(format!("{figure}.json"))
    }

    /// The command that records `experiment` anew.
    pub fn run_command(&self, experiment: &str) -> String {
        if experiment == TIMINGS {
            format!("cargo bench -p {0} && {1}", self.name, command_of(&self.name, "record-bench"))
        } else {
            command_of(&self.name, &format!("run {experiment}"))
        }
    }

    /// The command that draws `figure` anew.
    pub fn draw_command(&self, figure: &str) -> String {
        command_of(&self.name, &format!("draw {figure}"))
    }

    /// What `experiment` recorded, or the timings.
    ///
    /// # Errors
    /// [`ReadError`] where there is no such experiment, or its file is absent or damaged.
    pub fn read_results(
        &self,
        workspace: &Workspace,
        experiment: &str,
    ) -> Result<Results, ReadError> {
        if experiment != TIMINGS {
            self.find_experiment(experiment)?;
        }
        let path = self.results_file(workspace, experiment);
        Ok(Results::read(&path, &self.run_command(experiment))?)
    }
}

/// The command line of the chapter's program that does `what`.
fn command_of(name: &str, what: &str) -> String {
    format!("cargo run --release -p {name} -- {what}")
}

/// The files in a chapter's folder of figures whose figures it no longer has.
///
/// Absent folders hold none.
pub fn orphans(contents: &Contents, workspace: &Workspace) -> Vec<PathBuf> {
    let folder = contents.folder(workspace).join("results/figures");
    let known = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        path.extension().is_none_or(|e| e != "json") || contents.figures.iter().any(|f| *f == stem)
    };
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = files.filter(|path| !known(path)).collect();
    found.sort();
    found
}
