//! What the chapter measures, an experiment a file. All of it is arithmetic: no data, no chance, the same
//! on every machine.

mod budget;
mod composition;
mod conventions;
mod counts;
mod devices;
mod experts;
mod formats;
mod lecture;
mod memory;
mod sizes;
mod speed;
mod today;
mod windows;

pub use budget::budget;
pub use composition::composition;
pub use conventions::conventions;
pub use counts::counts;
pub use devices::devices;
pub use experts::experts;
pub use formats::formats;
pub use lecture::lecture;
pub use memory::memory;
pub use sizes::sizes;
pub use speed::speed;
pub use windows::windows;

use notebook::{Chapter, Experiment};

/// Adds every experiment of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    [
        Experiment::new("counts", "Every network, counted in two ways", counts),
        Experiment::new("lecture", "The lecture's table, recounted", lecture),
        Experiment::new("composition", "Where the parameters sit", composition),
        Experiment::new("sizes", "Sizes side by side", sizes),
        Experiment::new("memory", "From parameters to bytes", memory),
        Experiment::new("devices", "How many bits may a parameter have?", devices),
        Experiment::new("experts", "How many parameters does a token meet?", experts),
        Experiment::new("windows", "How large is the cache of a long text?", windows),
        Experiment::new("formats", "How many bits is four bits?", formats),
        Experiment::new("budget", "What does training cost?", budget),
        Experiment::new("conventions", "Where two programs disagree", conventions),
        Experiment::new("speed", "How much there is to count", speed),
    ]
    .into_iter()
    .fold(chapter, Chapter::experiment)
}
