//! What the chapter measures, an experiment a file.

mod adaptive;
mod batch;
mod clipping;
pub(crate) mod common;
mod conventions;
mod critical;
mod decay;
mod edge;
mod faults;
mod mlp;
mod muon;
mod noise;
mod rates;
mod ravine;
mod resume;
mod schedules;
mod variance;

pub use adaptive::adaptive;
pub use batch::batch;
pub use clipping::clipping;
pub use conventions::conventions;
pub use critical::critical;
pub use decay::decay;
pub use edge::edge;
pub use faults::faults;
pub use mlp::mlp;
pub use muon::muon;
pub use noise::noise;
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
        // The split of the sweep, to which these are compared.
        Experiment::new("adaptive", "AdaGrad and RMSProp on the same sweep", adaptive).seed(73),
        Experiment::new("muon", "Muon beside momentum and Adam", muon).seed(73),
        Experiment::new("noise", "The floor of a constant rate", noise).seed(79),
        Experiment::new("edge", "The edge of stability", edge).seed(80),
        Experiment::new("critical", "Steps against the size of the mini-batch", critical).seed(81),
        Experiment::new("decay", "Which weights are decayed", decay).seed(82),
        Experiment::new("faults", "Six planted faults", faults).seed(83),
    ];
    let conventions = Experiment::new("conventions", "Where two programs disagree", conventions)
        .seed(84)
        .reads(FashionMnist::paths().into_iter().chain([conventions::PEER.to_owned()]));
    let ravine = Experiment::new("ravine", "Rules in a narrow valley", ravine).seed(72);
    on_garments
        .into_iter()
        .fold(chapter.experiment(ravine).experiment(conventions), |chapter, experiment| {
            chapter.experiment(experiment.reads(FashionMnist::paths()))
        })
}
