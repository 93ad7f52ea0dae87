//! What the chapter measures, an experiment a file.

mod batch;
mod clipping;
pub(crate) mod common;
mod mlp;
mod rates;
mod ravine;
mod resume;
mod schedules;
mod variance;

pub use batch::batch;
pub use clipping::clipping;
pub use mlp::mlp;
pub use rates::rates;
pub use ravine::ravine;
pub use resume::resume;
pub use schedules::schedules;
pub use variance::variance;

use learning::FashionMnist;
use notebook::{Chapter, Experiment};

/// Adds every experiment of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let on_garments = [
        Experiment::new("variance", "Activations and gradients through twenty layers", variance)
            .seed(71),
        Experiment::new("rates", "Every rule at rates from too low to too high", rates).seed(73),
        Experiment::new("schedules", "Four schedules, paired by seed", schedules).seed(74),
        Experiment::new("clipping", "A rate that diverges without clipping", clipping).seed(75),
        Experiment::new("batch", "Mini-batches from small to large", batch).seed(76),
        Experiment::new("mlp", "A multilayer perceptron on garments", mlp).seed(77),
        Experiment::new("resume", "Stopped and resumed, bit for bit", resume).seed(78),
    ];
    let ravine = Experiment::new("ravine", "Rules in a narrow valley", ravine).seed(72);
    on_garments.into_iter().fold(chapter.experiment(ravine), |chapter, experiment| {
        chapter.experiment(experiment.reads(FashionMnist::paths()))
    })
}
