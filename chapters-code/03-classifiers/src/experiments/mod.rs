//! What the chapter measures, an experiment a file.

mod throws;

pub use throws::throws;

use notebook::{Chapter, Experiment};

/// Adds every experiment of the chapter with its seed. One that reads data names them too, with
/// `.reads(["data/…"])`, and finds them with `recorder.data("data/…")`.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.experiment(Experiment::new("throws", "The share of heads", throws).seed(1))
}
