//! Cross-validation among the other learners, and its opposite.

use super::{Contrary, Learner, Lesson, Majority, Minority, Nearest, Perceptron, Table, Tree};
use crate::worlds::{Cube, subsets};

/// Folds of the cross-validation, where there are as many samples.
const FOLDS: usize = 4;

/// Holds a quarter of the samples back, four times, and asks each of six learners what the samples held back are called.
/// The learner with the most right answers (or the fewest) learns from the whole lesson and answers. The sample at place
/// `i` of the set belongs to fold `i` modulo 4; of equally good learners the first in its order is taken.
#[derive(Clone, Copy, Debug)]
pub struct Chooser {
    name: &'static str,
    /// Is `a` right answers a better choice than `b`?
    better: fn(u32, u32) -> bool,
    /// Places among the candidates: those that may be picked, the first of equally good ones.
    order: &'static [usize],
}

const FEWEST: fn(u32, u32) -> bool = |a, b| a < b;
const MOST: fn(u32, u32) -> bool = |a, b| a > b;

/// What was chosen for a labelling, and what cross-validation said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The place among [`Chooser::CANDIDATES`].
    pub candidate: usize,
    /// Samples held back whose label it said.
    pub right: u32,
}

impl Chooser {
    /// Takes the learner that cross-validation likes best.
    pub const BEST: Chooser =
        Chooser { name: "cross-validation", better: MOST, order: &[0, 1, 2, 3, 4, 5] };
    /// Takes the learner that cross-validation likes least.
    pub const WORST: Chooser =
        Chooser { name: "anti-cross-validation", better: FEWEST, ..Chooser::BEST };
    /// As [`BEST`](Chooser::BEST), but of equally good learners it prefers *contrary* and *minority*.
    pub const COUNTER: Chooser =
        Chooser { name: "contrary first", order: &[1, 0, 3, 2, 4, 5], ..Chooser::BEST };

    /// As [`BEST`](Chooser::BEST), between *nearest* and *contrary* alone.
    pub const PAIR: Chooser = Chooser { name: "of two", order: &[0, 1], ..Chooser::BEST };

    /// As [`PAIR`](Chooser::PAIR), but *contrary* is taken where both are equally good.
    pub const TURNED: Chooser = Chooser { name: "of two, turned", order: &[1, 0], ..Chooser::BEST };

    /// Among whom it chooses.
    pub const CANDIDATES: [&'static dyn Learner; 6] =
        [&Nearest, &Contrary, &Majority, &Minority, &Tree, &Perceptron];

    /// What it chooses for every labelling of `set`, in the order of [`subsets`].
    ///
    /// A candidate is asked once for each labelling of the samples that a fold leaves it.
    pub fn choices(&self, cube: &Cube, set: Table) -> Vec<Choice> {
        let scores = Chooser::CANDIDATES.map(|candidate| validate(candidate, cube, set));
        let choose = |labelling: usize| {
            let choice = |candidate: &usize| Choice {
                candidate: *candidate,
                right: scores[*candidate][labelling],
            };
            let better = |best: Choice, next: Choice| {
                if (self.better)(next.right, best.right) { next } else { best }
            };
            self.order.iter().skip(1).map(choice).fold(choice(&self.order[0]), better)
        };
        (0..scores[0].len()).map(choose).collect()
    }
}

/// For every labelling of `set`, how many samples a candidate gets right when
/// their fold is held back from it.
pub fn validate(candidate: &dyn Learner, cube: &Cube, set: Table) -> Vec<u32> {
    let mut right = vec![0; 1 << set.count_ones()];
    for held in folds(set) {
        let kept = set & !held;
        let kept_labels: Vec<Table> = subsets(kept).collect();
        let answers = candidate.answers(cube, kept);
        for (right, labels) in right.iter_mut().zip(subsets(set)) {
            let at = kept_labels.partition_point(|other| *other < labels & kept);
            *right += (!(answers[at] ^ labels) & held).count_ones();
        }
    }
    right
}

/// The samples of each fold; a fold of none is left out.
fn folds(set: Table) -> impl Iterator<Item = Table> {
    let mut folds = [0; FOLDS];
    let inputs = (0..Table::BITS).filter(|input| set >> input & 1 == 1);
    for (place, input) in inputs.enumerate() {
        folds[place % FOLDS] |= 1 << input;
    }
    folds.into_iter().filter(|fold| *fold != 0)
}

impl Learner for Chooser {
    fn name(&self) -> &'static str {
        self.name
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        let at = subsets(lesson.set).take_while(|labels| *labels != lesson.labels).count();
        self.answers(lesson.cube, lesson.set)[at]
    }

    fn answers(&self, cube: &Cube, set: Table) -> Vec<Table> {
        let answers = Chooser::CANDIDATES.map(|candidate| candidate.answers(cube, set));
        let choices = self.choices(cube, set).into_iter().enumerate();
        choices.map(|(labelling, choice)| answers[choice.candidate][labelling]).collect()
    }
}
