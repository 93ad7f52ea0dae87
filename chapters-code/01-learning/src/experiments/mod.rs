//! What the chapter measures, an experiment a file. All of it on Fashion-MNIST, all of it seeded.

mod baselines;
mod calibration;
mod conventions;
mod curve;
mod garments;
mod leakage;
mod shift;
mod splits;

pub use baselines::baselines;
pub use calibration::calibration;
pub use conventions::conventions;
pub use curve::curve;
pub use garments::garments;
pub use leakage::leakage;
pub use shift::shift;
pub use splits::splits;

use notebook::{Chapter, Experiment};

use crate::FashionMnist;

/// Adds every experiment of the chapter, with its seed and the data that all of them read.
pub fn add(chapter: Chapter) -> Chapter {
    let experiments = [
        Experiment::new("garments", "What is in the files", garments),
        Experiment::new("baselines", "Three rules and their intervals", baselines).seed(11),
        Experiment::new("curve", "What more data buy", curve).seed(12),
        Experiment::new("splits", "One split against cross-validation", splits).seed(13),
        Experiment::new("leakage", "Leakage, caught in the act", leakage).seed(14),
        Experiment::new("calibration", "Does 90 per cent mean 90 per cent?", calibration).seed(15),
        Experiment::new("shift", "Every garment moved", shift).seed(16),
    ];
    let experiments = experiments.into_iter();
    let chapter = experiments.fold(chapter, |chapter, experiment| {
        chapter.experiment(experiment.reads(FashionMnist::paths()))
    });
    let paths = FashionMnist::paths().into_iter().chain(conventions::PEERS.map(String::from));
    let conventions = Experiment::new("conventions", "Where two programs disagree", conventions);
    chapter.experiment(conventions.seed(17).reads(paths))
}
