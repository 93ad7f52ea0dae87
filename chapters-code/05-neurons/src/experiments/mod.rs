//! What the chapter measures, an experiment a file: on pairs of Fashion-MNIST's classes where data are asked for, and on
//! everything there is where a question has finitely many cases.

mod bumps;
mod hand;
mod logistic;
mod no_line;
mod peers;
mod perceptron;
mod pieces;
mod sawtooth;
mod xor;

pub use bumps::bumps;
pub use hand::hand;
pub use logistic::logistic;
pub use no_line::no_line;
pub use peers::{PEERS, peers};
pub use perceptron::perceptron;
pub use pieces::pieces;
pub use sawtooth::sawtooth;
pub use xor::xor;

use learning::FashionMnist;
use notebook::{Chapter, Experiment};

/// Adds every experiment of the chapter, with its seed and its data.
pub fn add(chapter: Chapter) -> Chapter {
    let on_garments = [
        Experiment::new("perceptron", "Mistakes against their bound", perceptron).seed(51),
        Experiment::new("logistic", "A unit that says how sure it is", logistic).seed(52),
        Experiment::new("pieces", "Pieces of random networks", pieces).seed(53),
        Experiment::new("no-line", "A proof that there is no line", no_line),
    ];
    let on_garments = on_garments.into_iter().map(|e| e.reads(FashionMnist::paths()));
    on_garments
        .fold(chapter, Chapter::experiment)
        .experiment(Experiment::new("hand", "Three cases on paper", hand))
        .experiment(
            Experiment::new("peers", "The chapter in PyTorch and scikit-learn", peers)
                .reads([PEERS]),
        )
        .experiment(Experiment::new("xor", "Every function of a few bits", xor))
        .experiment(Experiment::new("bumps", "Error by number of bumps", bumps))
        .experiment(Experiment::new("sawtooth", "Pieces by depth and by width", sawtooth))
}
