//! What the chapter measures, an experiment a file.

mod conventions;
mod cost;
mod decisions;
mod explanation;
mod hand;
mod pipelines;
mod prior;
mod search;
mod theorem;
mod why;
mod world;

pub use conventions::conventions;
pub use cost::PRICED;
pub use hand::{SET, hand};
pub use prior::prior;
pub use theorem::theorem;
pub use why::WORST;
pub use world::world;

use learning::FashionMnist;
use notebook::{Chapter, Experiment};

/// Adds every experiment of the chapter with its seed and its data.
pub fn add(chapter: Chapter) -> Chapter {
    let new = Experiment::new;
    let chapter = chapter
        .experiment(new("hand", "Sixteen targets by hand", hand))
        .experiment(new("theorem", "Every target, every training set", theorem))
        .experiment(new("conventions", "Ties, settled otherwise", conventions))
        .experiment(new("prior", "The prior, tipped", prior))
        .experiment(new("world", "Labels as a code", world).seed(51).reads(FashionMnist::paths()));
    pipelines::add(chapter)
}
