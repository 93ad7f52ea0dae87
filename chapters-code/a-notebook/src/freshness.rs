//! The state of all that a chapter recorded and drew: each file is read once,
//! several at a time.

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::contents::Contents;
use crate::drawing::{self, Drawing};
use crate::results::Results;
use crate::run::{self, RunError, State};
use crate::staleness::FingerprintError;
use crate::workspace::Workspace;

/// What a chapter recorded and drew, and whether it still follows from the code.
#[derive(Debug)]
pub struct Freshness {
    /// Each experiment of the chapter's list.
    pub experiments: Vec<Result<(State, Option<Results>), RunError>>,
    /// Each figure of the list.
    pub figures: Vec<Result<(State, Option<Drawing>), FingerprintError>>,
}

impl Freshness {
    /// Reads and judges what `chapter` lists.
    pub fn of(chapter: &Contents, workspace: &Workspace) -> Self {
        let experiments: Vec<_> = chapter
            .experiments
            .par_iter()
            .map(|experiment| run::state(chapter, workspace, experiment))
            .collect();
        // Several figures show the same results.
        let hashes: Vec<OnceLock<Option<String>>> = vec![OnceLock::new(); experiments.len()];
        let hash = |name: &str| {
            let Some(at) = chapter.experiments.iter().position(|e| e.name == name) else {
                return chapter.read_results(workspace, name).ok().map(|results| results.hash());
            };
            let results = || experiments[at].as_ref().ok()?.1.as_ref();
            hashes[at].get_or_init(|| results().map(Results::hash)).clone()
        };
        let judge = |figure: &String| drawing::state_by(chapter, workspace, figure, hash);
        let figures = chapter.figures.par_iter().map(judge).collect();
        Freshness { experiments, figures }
    }
}
