//! Deep plain networks, and deep networks with skips: the training loss by depth, with controls.

pub mod controls;
pub mod sweep;
pub mod training;

use learning::FashionMnist;
use notebook::{Chapter, Experiment};

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let experiments = [
        Experiment::new("depth", "Plain and residual networks by depth", sweep::depth).seed(111),
        Experiment::new("controls", "Skip, normalisation, start, rate", controls::controls)
            .seed(112),
    ];
    experiments.into_iter().fold(chapter, |chapter, experiment| {
        chapter.experiment(experiment.reads(FashionMnist::paths()))
    })
}
