//! Learners that are told nothing of the targets: from a lesson to an answer for every input.
//!
//! Every rule is a function of the lesson alone, so a learner answers the same whenever it is asked. Ties are settled
//! as the documentation of each says.

mod chooser;
mod network;
mod perceptron;
mod reversed;
mod simple;
mod tree;

pub use chooser::{Choice, Chooser, validate};
pub use network::Network;
pub use perceptron::Perceptron;
pub use reversed::Reversed;
pub use simple::{Contrary, Hash, Majority, Minority, Nearest};
pub use tree::Tree;

use super::{Cube, Table, subsets};

// ANCHOR: learner
/// A training set with its labels.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    /// All inputs.
    pub cube: &'a Cube,
    /// Those that are taught.
    pub set: Table,
    /// Those of them whose label is 1.
    pub labels: Table,
}

/// A rule that answers every input, having seen the labels of some.
pub trait Learner: Send + Sync {
    /// In tables and on the command line.
    fn name(&self) -> &'static str;

    /// The inputs of which it says 1.
    fn answer(&self, lesson: &Lesson<'_>) -> Table;

    /// Its answers to every labelling of `set`, in the order of [`subsets`].
    fn answers(&self, cube: &Cube, set: Table) -> Vec<Table> {
        subsets(set).map(|labels| self.answer(&Lesson { cube, set, labels })).collect()
    }
}
// ANCHOR_END: learner

impl Lesson<'_> {
    /// The numbers of 1 and of 0 among the labels of the taught inputs in `of`.
    pub fn votes(&self, of: Table) -> (u32, u32) {
        let taught = of & self.set;
        let ones = (taught & self.labels).count_ones();
        (ones, taught.count_ones() - ones)
    }

    /// The inputs for which `says` holds.
    pub fn where_it(&self, says: impl Fn(u32) -> bool) -> Table {
        (0..self.cube.inputs()).filter(|input| says(*input)).fold(0, |set, i| set | 1 << i)
    }
}

/// The ten learners of the chapter.
pub fn all() -> Vec<Box<dyn Learner>> {
    vec![
        Box::new(Nearest),
        Box::new(Contrary),
        Box::new(Majority),
        Box::new(Minority),
        Box::new(Tree),
        Box::new(Perceptron),
        Box::new(Network::default()),
        Box::new(Hash),
        Box::new(Chooser::BEST),
        Box::new(Chooser::WORST),
    ]
}

/// Those of them with these names, in the order of [`all`].
pub fn named(names: &[String]) -> Vec<Box<dyn Learner>> {
    all().into_iter().filter(|learner| names.iter().any(|name| name == learner.name())).collect()
}
