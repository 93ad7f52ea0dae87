//! What excites a channel, what a decision rests on, and what the network dreams.

pub mod deletion;
mod dream;
pub mod excites;
pub mod filters;
mod occlusion;
pub mod shown;

use notebook::{Chapter, Experiment};

use crate::lite0::weights;
use shown::CLASSES;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let files = || {
        let own = [weights::FILE.to_owned(), CLASSES.to_owned()];
        own.into_iter().chain(features::photographs::paths())
    };
    chapter
        .experiment(
            Experiment::new("filters", "What do its first filters answer to?", filters::filters)
                .seed(1)
                .reads([weights::FILE]),
        )
        .experiment(
            Experiment::new("excites", "What excites a channel?", excites::excites)
                .seed(2)
                .reads(files()),
        )
        .experiment(
            Experiment::new("occlusion", "What if a part is covered?", occlusion::occlusion)
                .seed(3)
                .reads(files()),
        )
        .experiment(
            Experiment::new("deletion", "Which map tells the truth?", deletion::deletion)
                .seed(4)
                .reads(files()),
        )
        .experiment(
            Experiment::new("dream", "What excites a class, and what deceives?", dream::dream)
                .seed(5)
                .reads(files()),
        )
}
