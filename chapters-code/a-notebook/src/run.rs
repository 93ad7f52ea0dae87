//! Running experiments: what is stale, one run at a time, the file written in one step.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::chapter::Chapter;
use crate::contents::{Contents, Listed};
use crate::recorder::Recorder;
use crate::results::{Missing, Results};
use crate::staleness::{Fingerprint, FingerprintError};
use crate::store::{self, StoreError};
use crate::workspace::Workspace;

/// Does a recorded result still follow from the code?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It does.
    Fresh,
    /// It was never recorded.
    Absent,
    /// Its file cannot be read; the reason names the file.
    Damaged(String),
    /// Something it depends on changed; one reason each.
    Stale(Vec<String>),
}

impl State {
    /// In words: `fresh`, `not recorded yet`, `stale: the code of …`.
    pub fn describe(&self) -> String {
        match self {
            State::Fresh => "fresh".into(),
            State::Absent => "not recorded yet".into(),
            State::Damaged(fault) => format!("damaged: {fault}"),
            State::Stale(reasons) => format!("stale: {}", reasons.join("; ")),
        }
    }
}

/// Why a run did not record anything.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No experiment of that name.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// Another process runs the same experiment.
    #[error(
        "{0}: another run is recording this experiment right now; wait for it to end, or stop it"
    )]
    Busy(String),
    /// The sources or the data could not be read.
    #[error(transparent)]
    Fingerprint(#[from] FingerprintError),
    /// The result file could not be written, or, for a verification, read.
    #[error(transparent)]
    Results(#[from] StoreError),
    /// A file beside the results could not be made.
    #[error("{}: cannot be used: {source}; check the folder's permissions", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The experiment itself failed.
    #[error("{name}: {source:#}; nothing was recorded")]
    Experiment {
        /// `chapter/experiment`.
        name: String,
        /// What it said.
        source: anyhow::Error,
    },
    /// The experiment recorded something wrongly.
    #[error("{name}: {}; mend src/experiments.rs, nothing was recorded", faults.join("; "))]
    Recording {
        /// `chapter/experiment`.
        name: String,
        /// Every mistake.
        faults: Vec<String>,
    },
}

/// The state of one experiment, and what is recorded of it.
///
/// # Errors
/// [`RunError::Fingerprint`] where the sources cannot be read.
pub fn state(
    chapter: &Contents,
    workspace: &Workspace,
    experiment: &Listed,
) -> Result<(State, Option<Results>), RunError> {
    let now = Fingerprint::take(workspace, &chapter.name, &experiment.data)?;
    let path = chapter.results_file(workspace, &experiment.name);
    Ok(match Results::read(&path, &chapter.run_command(&experiment.name)) {
        Err(StoreError::Absent { .. }) => (State::Absent, None),
        Err(damaged) => (State::Damaged(damaged.to_string()), None),
        Ok(results) => {
            let mut reasons = results.provenance.fingerprint.changes(&now);
            if results.provenance.seed != experiment.seed {
                reasons.push(format!(
                    "the seed went from {} to {}",
                    results.provenance.seed, experiment.seed
                ));
            }
            let state = if reasons.is_empty() { State::Fresh } else { State::Stale(reasons) };
            (state, Some(results))
        }
    })
}

/// An experiment that will run, why, and how long it took last time.
#[derive(Debug)]
pub struct Planned<'a> {
    /// The experiment.
    pub experiment: &'a Listed,
    /// Why it runs.
    pub state: State,
    /// Seconds of the recorded run.
    pub last_seconds: Option<f64>,
}

/// What a call of `run` will run: the experiments `names` (all, where empty) that are not fresh,
/// or every one of them with `force`.
///
/// # Errors
/// [`RunError::Missing`] for an unknown name, [`RunError::Fingerprint`].
pub fn plan<'a>(
    chapter: &'a Contents,
    workspace: &Workspace,
    names: &[String],
    force: bool,
) -> Result<Vec<Planned<'a>>, RunError> {
    let chosen: Vec<&Listed> = if names.is_empty() {
        chapter.experiments.iter().collect()
    } else {
        names.iter().map(|n| chapter.find_experiment(n)).collect::<Result<_, _>>()?
    };
    let mut planned = Vec::new();
    for experiment in chosen {
        let (state, recorded) = state(chapter, workspace, experiment)?;
        if force || state != State::Fresh {
            let last_seconds = recorded.map(|r| r.provenance.seconds);
            planned.push(Planned { experiment, state, last_seconds });
        }
    }
    Ok(planned)
}

/// Runs an experiment and writes its file.
///
/// The lock is taken first, so that a second run of the same experiment stops at once; it is the
/// operating system's, so that a killed run leaves none.
///
/// # Errors
/// [`RunError`]; nothing is written then.
// ANCHOR: record
pub fn record(
    chapter: &Chapter,
    workspace: &Workspace,
    experiment: &Listed,
    threads: usize,
) -> Result<Results, RunError> {
    let path = chapter.results_file(workspace, &experiment.name);
    let _lock = lock(chapter, experiment, &path)?;
    remove_leftovers(&path);
    let results = run(chapter, workspace, experiment, threads)?;
    results.write(&path)?;
    Ok(results)
}
// ANCHOR_END: record

/// Runs an experiment again and compares with what is recorded.
///
/// Where everything computed agrees, the provenance alone is renewed; where it does not, nothing is
/// written and the differences are given, one a line.
///
/// # Errors
/// [`RunError`], also where nothing is recorded yet.
pub fn verify(
    chapter: &Chapter,
    workspace: &Workspace,
    experiment: &Listed,
    threads: usize,
) -> Result<Vec<String>, RunError> {
    let path = chapter.results_file(workspace, &experiment.name);
    let _lock = lock(chapter, experiment, &path)?;
    remove_leftovers(&path);
    let mut recorded = Results::read(&path, &chapter.run_command(&experiment.name))?;
    let again = run(chapter, workspace, experiment, threads)?;
    let differences = recorded.differences(&again);
    if differences.is_empty() {
        recorded.provenance = again.provenance;
        recorded.write(&path)?;
    }
    Ok(differences)
}

/// Runs the experiment on a pool of `threads` threads; the fingerprint is that of the start.
fn run(
    chapter: &Chapter,
    workspace: &Workspace,
    experiment: &Listed,
    threads: usize,
) -> Result<Results, RunError> {
    let name = format!("{}/{}", chapter.name, experiment.name);
    let function = chapter.function(&experiment.name)?;
    let fingerprint = Fingerprint::take(workspace, &chapter.name, &experiment.data)?;
    let mut recorder =
        Recorder::new(&chapter.name, &experiment.name, &experiment.title, experiment.seed, threads)
            .in_folder(workspace.root());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let failed = |source| RunError::Experiment { name: name.clone(), source };
    let pool = pool.map_err(|e| failed(e.into()))?;
    pool.install(|| function(&mut recorder)).map_err(failed)?;
    recorder.finish(fingerprint).map_err(|faults| RunError::Recording { name, faults })
}

/// Takes the experiment's lock, or says who is in the way.
fn lock(chapter: &Chapter, experiment: &Listed, results: &Path) -> Result<File, RunError> {
    let folder = results.parent().unwrap_or(Path::new("."));
    let path = folder.join(format!(".{}.lock", &experiment.name));
    let cannot = |source| RunError::Folder { path: path.clone(), source };
    fs::create_dir_all(folder).map_err(cannot)?;
    let file = File::options().create(true).append(true).open(&path).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(RunError::Busy(format!("{}/{}", &chapter.name, &experiment.name)))
        }
        Err(TryLockError::Error(e)) => Err(cannot(e)),
    }
}

/// Removes what killed runs of the same experiment left beside the file; the lock is held.
fn remove_leftovers(results: &Path) {
    let (Some(folder), Some(prefix)) = (results.parent(), store::temporary_prefix(results)) else {
        return;
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            // A leftover that cannot be removed costs a few bytes and harms nothing.
            let _ = fs::remove_file(entry.path());
        }
    }
}
