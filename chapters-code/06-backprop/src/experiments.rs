//! What the chapter measures, an experiment a file. All of it seeded.

mod checker;
mod common;
mod difference;
pub mod example;
mod memory;
mod modes;
mod mutants;
mod peers;
pub mod plain;
pub mod scalar;
mod shards;
mod slots;
pub mod square;
mod xor;

use learning::FashionMnist;
use notebook::{Chapter, Experiment};

/// Adds every experiment of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let garments = |e: Experiment| e.reads(FashionMnist::paths());
    let differences = Experiment::new("difference", "The step of a difference", difference::run);
    let modes = Experiment::new("modes", "Three ways to a gradient", modes::run);
    let shards = Experiment::new("shards", "The same bits for any number of threads", shards::run);
    chapter
        .experiment(Experiment::new(
            "example",
            "One network by hand and in every way",
            example::run,
        ))
        .experiment(
            Experiment::new("peers", "The example in PyTorch", peers::run).reads([peers::PEERS]),
        )
        .experiment(garments(differences.seed(61)))
        .experiment(garments(modes.seed(62)))
        .experiment(Experiment::new("xor", "All weights of a small network", xor::run).seed(63))
        .experiment(Experiment::new("memory", "The tape and the arena", memory::run).seed(64))
        .experiment(Experiment::new("slots", "The slots of a step", slots::run))
        .experiment(Experiment::new("checker", "The gradient checker", checker::run).seed(65))
        .experiment(garments(shards.seed(66)))
        .experiment(
            Experiment::new("mutants", "Faults for the checker to find", mutants::run).seed(67),
        )
}
