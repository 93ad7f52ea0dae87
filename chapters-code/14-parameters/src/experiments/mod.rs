//! What the chapter measures, an experiment a file. All of it is arithmetic: no data, no chance, the same
//! on every machine.

mod composition;
mod counts;
mod devices;
mod lecture;
mod memory;
mod sizes;
mod speed;

pub use composition::composition;
pub use counts::counts;
pub use devices::devices;
pub use lecture::lecture;
pub use memory::memory;
pub use sizes::sizes;
pub use speed::speed;

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
        Experiment::new("speed", "How much there is to count", speed),
    ]
    .into_iter()
    .fold(chapter, Chapter::experiment)
}
