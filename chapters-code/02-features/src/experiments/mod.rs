//! What the chapter measures, an experiment a file.

mod accuracy;
mod by_hand;
mod conventions;
mod cost;
mod invariance;
mod peers;
mod seen;
mod shuffled;

pub use accuracy::accuracy;
pub use by_hand::{PATCH, SIDE, by_hand};
pub use conventions::conventions;
pub use cost::cost;
pub use invariance::invariance;
pub use peers::{PEERS, peers};
pub use seen::{SHOWN, seen};
pub use shuffled::shuffled;

use learning::FashionMnist;
use notebook::{Chapter, Experiment};

use crate::photographs;

/// Adds every experiment of the chapter, with its seed and its data.
pub fn add(chapter: Chapter) -> Chapter {
    let new = Experiment::new;
    let on_photographs = [
        new("seen", "What each extractor keeps of a photograph", seen),
        new("invariance", "What moves the features", invariance).seed(21),
    ];
    let on_everything = [
        new("shuffled", "Pictures and their confetti", shuffled).seed(22),
        new("accuracy", "Six problems, five extractors", accuracy).seed(23),
    ];
    let on_everything = on_everything.map(|e| e.reads(FashionMnist::paths()));
    on_photographs
        .into_iter()
        .chain(on_everything)
        .map(|experiment| experiment.reads(photographs::paths()))
        .fold(chapter, Chapter::experiment)
        .experiment(new("by-hand", "One patch through four extractors", by_hand))
        .experiment(
            new("conventions", "Where two programs disagree", conventions)
                .reads(conventions::paths()),
        )
        .experiment(new("cost", "What features cost", cost))
        .experiment(new("peers", "What scikit-image takes", peers).reads([PEERS]))
}
