//! What the chapter measures, an experiment a file.

pub mod common;
mod conventions;
mod decay;
mod descent;
mod descent_trained;
mod ensembles;
mod grokking;
mod margins;
mod memorising;
mod peak;
pub mod pictures;
mod regularisers;
mod stopping;

use learning::FashionMnist;
use notebook::{Chapter, Experiment};

/// Adds every experiment of the chapter with its seed and its data.
pub fn add(chapter: Chapter) -> Chapter {
    let new = Experiment::new;
    [
        new("memorising", "Labels by lot, pixels out of order", memorising::memorising).seed(81),
        new("regularisers", "What each regulariser buys", regularisers::regularisers).seed(82),
        new("stopping", "When to stop", stopping::stopping).seed(91),
        new("pictures", "Garments as they are changed", pictures::pictures).seed(92),
        new("ensembles", "Many networks or a large one", ensembles::ensembles).seed(83),
        new("conventions", "Where two programs disagree", conventions::conventions).seed(84),
    ]
    .into_iter()
    .fold(chapter, |chapter, experiment| {
        chapter.experiment(experiment.reads(FashionMnist::paths()))
    })
    .experiment(
        new("descent", "Double descent in closed form", descent::descent)
            .seed(86)
            .reads(FashionMnist::paths()),
    )
    .experiment(new("peak", "Three points, and pure noise", peak::peak).seed(87))
    .experiment(
        new("descent-trained", "Double descent, trained", descent_trained::descent_trained)
            .seed(88),
    )
    .experiment(new("grokking", "Fit early, generalise late", grokking::grokking).seed(89))
    .experiment(new("margins", "Lengths, margins and test errors", margins::measures).seed(90))
    .experiment(new("decay", "Two forms of decay on two weights", decay::decay).seed(85))
}
