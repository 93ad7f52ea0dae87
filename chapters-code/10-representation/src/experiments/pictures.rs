//! What excites a channel, what a decision rests on, and what the network dreams.

pub mod deletion;
mod dream;
pub mod excites;
pub mod filters;
mod occlusion;

use std::path::Path;

use notebook::{Chapter, Data, Experiment};

use crate::lite0::weights;

/// The file with the names of the classes, one a line.
pub const CLASSES: &str = "data/lite0/classes.txt";
/// Photographs whose maps are drawn: their places among [`photographs`](crate::patches::photographs).
pub const SHOWN: [(usize, &str); 2] = [(1, "chelsea"), (2, "coffee")];

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

/// The names of the classes.
fn names(data: &(impl Data + ?Sized)) -> anyhow::Result<Vec<String>> {
    let path = data.data(CLASSES);
    read_lines(&path)
}

fn read_lines(path: &Path) -> anyhow::Result<Vec<String>> {
    Ok(std::fs::read_to_string(path)?.lines().map(str::to_owned).collect())
}

/// The place of the largest number.
fn largest(numbers: ndarray::ArrayView1<'_, f32>) -> usize {
    let places = numbers.iter().enumerate();
    places.fold((0, f32::NEG_INFINITY), |best, (i, &x)| if x > best.1 { (i, x) } else { best }).0
}
