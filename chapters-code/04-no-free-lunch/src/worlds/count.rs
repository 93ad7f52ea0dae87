//! Every lesson, every target that agrees with it, and what a learner gets right where nothing was taught.

use rayon::prelude::*;

use super::{Cube, Learner, Share, Table, subsets};

/// Training sets that the threads share before progress is told.
pub(super) const AT_ONCE: usize = 128;

/// What was counted of one learner, over all targets and all training sets of a size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Entry `r`: the pairs of a target and a training set of which `r` unseen inputs were answered rightly.
    pub scores: Vec<u64>,
    /// The answers to taught inputs, over all pairs, that were right.
    pub taught: Share,
}

impl Tally {
    /// The answers to unseen inputs, over all pairs, that were right.
    pub fn unseen(&self) -> Share {
        let right = self.scores.iter().zip(0..).map(|(pairs, right)| pairs * right);
        let unseen = self.scores.len().saturating_sub(1) as u64;
        Share { part: right.sum(), of: self.pairs() * unseen }
    }

    /// Pairs of a target and a training set.
    pub fn pairs(&self) -> u64 {
        self.scores.iter().sum()
    }

    /// All answers, to taught and to unseen inputs, that were right.
    pub fn everywhere(&self) -> Share {
        let unseen = self.unseen();
        Share { part: unseen.part + self.taught.part, of: unseen.of + self.taught.of }
    }

    /// The sum of both. Whole numbers: the order of sums does not matter.
    fn and(mut self, other: &Tally) -> Tally {
        self.scores.resize(self.scores.len().max(other.scores.len()), 0);
        self.scores.iter_mut().zip(&other.scores).for_each(|(to, from)| *to += from);
        self.taught.part += other.taught.part;
        self.taught.of += other.taught.of;
        self
    }
}

// ANCHOR: plain
/// What `learner` gets right of the inputs outside `set`: entry `r` counts the
/// targets of which it answers `r` rightly.
///
/// A target is its labels on the set, and the rest. Only the labels reach the
/// learner, so it answers once for all targets that share them.
pub fn scores(learner: &dyn Learner, cube: &Cube, set: Table) -> Vec<u64> {
    let unseen = cube.all() & !set;
    let mut scores = vec![0; 1 + unseen.count_ones() as usize];
    for answer in learner.answers(cube, set) {
        for rest in subsets(unseen) {
            let right = !(answer ^ rest) & unseen;
            scores[right.count_ones() as usize] += 1;
        }
    }
    scores
}
// ANCHOR_END: plain

/// Counts of the answers that were given before to the inputs outside a set.
struct Known {
    unseen: Table,
    /// All that a target may say there, ascending.
    rests: Vec<Table>,
    /// For the answer at the same place, how many of the rests it is right about in `r` inputs.
    scores: Vec<Option<Vec<u64>>>,
}

impl Known {
    fn new(unseen: Table) -> Known {
        let rests: Vec<Table> = subsets(unseen).collect();
        Known { unseen, scores: vec![None; rests.len()], rests }
    }

    /// As the inner loop of [`scores`], gone through once for each answer.
    fn scores(&mut self, answer: Table) -> &[u64] {
        let Known { unseen, rests, scores } = self;
        let at = rests.partition_point(|rest| *rest < answer & *unseen);
        scores[at].get_or_insert_with(|| {
            let mut counts = vec![0; 1 + unseen.count_ones() as usize];
            for rest in rests.iter() {
                counts[(!(answer ^ rest) & *unseen).count_ones() as usize] += 1;
            }
            counts
        })
    }
}

/// What `learners` get right over every target and every training set of `taught` inputs.
///
/// As [`scores`] for each set, on all threads; an answer that was given before is not counted anew. `seen` is called
/// with the number of sets that were gone through, again and again. Time `O(sets · 2^inputs)` besides what the learners take.
///
/// # Errors
/// [`WorldError`](super::WorldError) where nothing is taught or nothing left.
pub fn count(
    cube: &Cube,
    taught: u32,
    learners: &[Box<dyn Learner>],
    mut seen: impl FnMut(u64),
) -> Result<Vec<Tally>, super::WorldError> {
    let one = |set: &Table| -> Vec<Tally> {
        let mut known = Known::new(cube.all() & !set);
        let mut tally = |learner: &dyn Learner| of_set(learner, cube, *set, &mut known);
        learners.iter().map(|learner| tally(learner.as_ref())).collect()
    };
    let nothing = || vec![Tally::default(); learners.len()];
    let both =
        |a: Vec<Tally>, b: Vec<Tally>| a.into_iter().zip(&b).map(|(a, b)| a.and(b)).collect();
    let mut all = nothing();
    for sets in cube.sets(taught)?.chunks(AT_ONCE) {
        all = both(all, sets.par_iter().map(one).reduce(nothing, both));
        seen(sets.len() as u64);
    }
    Ok(all)
}

fn of_set(learner: &dyn Learner, cube: &Cube, set: Table, known: &mut Known) -> Tally {
    let (taught, rests) = (u64::from(set.count_ones()), known.rests.len() as u64);
    let mut tally =
        Tally { scores: vec![0; 1 + known.unseen.count_ones() as usize], ..Tally::default() };
    for (labels, answer) in subsets(set).zip(learner.answers(cube, set)) {
        let counts = known.scores(answer);
        tally.scores.iter_mut().zip(counts).for_each(|(to, from)| *to += from);
        tally.taught.part += rests * u64::from((!(answer ^ labels) & set).count_ones());
        tally.taught.of += rests * taught;
    }
    tally
}

/// For each target, the answers of `learner` to unseen inputs that are right, over all training sets of `taught` inputs.
///
/// Time `O(sets · 2^inputs)` besides what the learner takes.
///
/// # Errors
/// As [`count`].
pub fn by_target(
    cube: &Cube,
    taught: u32,
    learner: &dyn Learner,
) -> Result<Vec<Share>, super::WorldError> {
    let mut shares = vec![Share::default(); cube.targets() as usize];
    for set in cube.sets(taught)? {
        let unseen = cube.all() & !set;
        for (labels, answer) in subsets(set).zip(learner.answers(cube, set)) {
            for rest in subsets(unseen) {
                let share = &mut shares[(labels | rest) as usize];
                share.part += u64::from((!(answer ^ rest) & unseen).count_ones());
                share.of += u64::from(unseen.count_ones());
            }
        }
    }
    Ok(shares)
}

/// Of `pairs` pairs, how many have `r` of `unseen` answers right where each is right in half of the targets,
/// whatever the others are: the binomial distribution, in whole numbers. `pairs` is a multiple of 2^unseen.
pub fn binomial(unseen: u32, pairs: u64) -> Vec<u64> {
    let mut row = vec![1_u64];
    for _ in 0..unseen {
        row = std::iter::once(1)
            .chain(row.windows(2).map(|pair| pair[0] + pair[1]))
            .chain(std::iter::once(1))
            .collect();
    }
    row.iter().map(|ways| ways * (pairs >> unseen)).collect()
}
