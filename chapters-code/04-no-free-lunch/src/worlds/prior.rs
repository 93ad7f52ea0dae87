//! Targets that weigh unequally: a prior, tipped by one number.

use rayon::prelude::*;

use super::count::AT_ONCE;
use super::{Cube, Learner, Table, WorldError, subsets};

/// A level for each target. A prior of strength `β` gives a target the weight `exp(−β · level)`, so that at `β = 0` all
/// weigh the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The level of each target.
    pub levels: Vec<u8>,
}

impl Family {
    /// By roughness: the pairs of neighbouring inputs, which differ in one bit, that the target labels differently.
    pub fn rough(cube: &Cube) -> Family {
        let pairs = |target: Table| -> u32 {
            let ones = (0..cube.inputs()).filter(|input| target >> input & 1 == 1);
            // From each input of label 1, the neighbours of label 0.
            ones.map(|input| (cube.at(input, 1) & !target).count_ones()).sum()
        };
        Family { levels: subsets(cube.all()).map(|target| pairs(target) as u8).collect() }
    }

    /// By the number of leaves of the smallest decision tree that computes the target.
    pub fn leaves(cube: &Cube) -> Family {
        Family { levels: (0..=cube.bits()).fold(Vec::new(), |smaller, bits| grown(bits, &smaller)) }
    }

    /// The largest level.
    pub fn most(&self) -> u8 {
        self.levels.iter().copied().max().unwrap_or(0)
    }

    /// How many targets each level has.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; 1 + usize::from(self.most())];
        self.levels.iter().for_each(|level| counts[usize::from(*level)] += 1);
        counts
    }
}

// ANCHOR: leaves
/// The leaves of the smallest tree for every target of `bits` bits, from those
/// for one bit less: a constant is one leaf, anything else asks its best bit.
fn grown(bits: u32, smaller: &[u8]) -> Vec<u8> {
    let inputs = 1_u32 << bits;
    let half = |target: Table, bit: u32, value: u32| {
        let inputs = (0..inputs).filter(|input| input >> bit & 1 == value);
        inputs.zip(0..).fold(0, |table, (input, to)| table | (target >> input & 1) << to)
    };
    let leaves = |target: Table| match target.count_ones() {
        ones if ones == 0 || ones == inputs => 1,
        _ => (0..bits)
            .map(|bit| [0, 1].map(|value| smaller[half(target, bit, value) as usize]))
            .map(|[left, right]| left + right)
            .min()
            .unwrap_or(1),
    };
    subsets(Table::MAX >> (Table::BITS - inputs)).map(leaves).collect()
}
// ANCHOR_END: leaves

/// What was found under the priors of a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Tilted {
    /// For each learner and each strength, the share of unseen inputs that are answered rightly.
    pub learners: Vec<Vec<f64>>,
    /// For each strength, the share that one gets right who knows the prior: no learner can do better.
    pub best: Vec<f64>,
}

/// The shares of right answers off the training set, where a target weighs `exp(−β · level)`, for each `β` of
/// `strengths`, over all targets and all training sets of `taught` inputs.
///
/// At `β = 0` the sums are whole numbers below 2⁵³, so that they are exact. The sets are added up in their order, so
/// that the bits do not depend on the number of threads. `seen` is called with the number of sets that were gone through.
///
/// # Errors
/// [`WorldError`] where nothing is taught or nothing left.
pub fn tilt(
    cube: &Cube,
    taught: u32,
    family: &Family,
    strengths: &[f64],
    learners: &[Box<dyn Learner>],
    mut seen: impl FnMut(u64),
) -> Result<Tilted, WorldError> {
    let of_level = |beta: &f64| -> Vec<f64> {
        (0..=family.most()).map(|level| (-beta * f64::from(level)).exp()).collect()
    };
    let weights: Vec<Vec<f64>> = strengths.iter().map(of_level).collect();
    let one = |set: &Table| of_set(cube, *set, family, &weights, learners);
    let mut sum = Masses::new(learners.len(), strengths.len());
    for sets in cube.sets(taught)?.chunks(AT_ONCE) {
        let all: Vec<Masses> = sets.par_iter().map(one).collect();
        all.iter().for_each(|masses| sum.add(masses));
        seen(sets.len() as u64);
    }
    let share =
        |right: &Vec<f64>| right.iter().zip(&sum.all).map(|(right, all)| right / all).collect();
    Ok(Tilted { learners: sum.right.iter().map(share).collect(), best: share(&sum.best) })
}

/// Weights of answers, by strength.
struct Masses {
    right: Vec<Vec<f64>>,
    best: Vec<f64>,
    all: Vec<f64>,
}

impl Masses {
    fn new(learners: usize, strengths: usize) -> Masses {
        let zeros = vec![0.0; strengths];
        Masses { right: vec![zeros.clone(); learners], best: zeros.clone(), all: zeros }
    }

    fn add(&mut self, other: &Masses) {
        let add = |to: &mut Vec<f64>, from: &Vec<f64>| {
            to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        };
        self.right.iter_mut().zip(&other.right).for_each(|(to, from)| add(to, from));
        add(&mut self.best, &other.best);
        add(&mut self.all, &other.all);
    }
}

fn of_set(
    cube: &Cube,
    set: Table,
    family: &Family,
    weights: &[Vec<f64>],
    learners: &[Box<dyn Learner>],
) -> Masses {
    let mut masses = Masses::new(learners.len(), weights.len());
    let unseen = cube.all() & !set;
    let inputs: Vec<u32> = (0..cube.inputs()).filter(|input| unseen >> input & 1 == 1).collect();
    let mut worlds = Worlds::new(unseen, &inputs, usize::from(family.most()));
    let answers: Vec<Vec<Table>> = learners.iter().map(|one| one.answers(cube, set)).collect();
    for (labelling, labels) in subsets(set).enumerate() {
        worlds.count(labels, &family.levels);
        for (beta, weights) in weights.iter().enumerate() {
            let (all, ones) = worlds.weigh(weights);
            masses.all[beta] += all * inputs.len() as f64;
            for (input, one) in inputs.iter().zip(&ones) {
                masses.best[beta] += one.max(all - one);
                for (right, answers) in masses.right.iter_mut().zip(&answers) {
                    let says_one = answers[labelling] >> input & 1 == 1;
                    right[beta] += if says_one { *one } else { all - one };
                }
            }
        }
    }
    masses
}

/// The targets that agree with a lesson, by level: how many there are, and how many say 1 of each unseen input.
struct Worlds {
    rests: Vec<Table>,
    /// The bits of each rest at the unseen inputs.
    said: Vec<[u16; 16]>,
    all: Vec<u16>,
    ones: Vec<[u16; 16]>,
}

impl Worlds {
    fn new(unseen: Table, inputs: &[u32], most: usize) -> Worlds {
        let rests: Vec<Table> = subsets(unseen).collect();
        let bits = |rest: &Table| {
            let mut bits = [0; 16];
            bits.iter_mut().zip(inputs).for_each(|(to, input)| *to = (rest >> input & 1) as u16);
            bits
        };
        let said = rests.iter().map(bits).collect();
        let (all, ones) = (vec![0; most + 1], vec![[0; 16]; most + 1]);
        Worlds { rests, said, all, ones }
    }

    /// Counts the targets that have these labels on the training set.
    fn count(&mut self, labels: Table, levels: &[u8]) {
        self.all.fill(0);
        self.ones.fill([0; 16]);
        for (rest, said) in self.rests.iter().zip(&self.said) {
            let level = usize::from(levels[(labels | rest) as usize]);
            self.all[level] += 1;
            self.ones[level].iter_mut().zip(said).for_each(|(to, bit)| *to += bit);
        }
    }

    /// The weight of all of them, and of those that say 1 of each unseen input.
    fn weigh(&self, weights: &[f64]) -> (f64, [f64; 16]) {
        let mut all = 0.0;
        let mut ones = [0.0; 16];
        for ((weight, count), said) in weights.iter().zip(&self.all).zip(&self.ones) {
            if *count > 0 {
                all += weight * f64::from(*count);
                ones.iter_mut().zip(said).for_each(|(to, one)| *to += weight * f64::from(*one));
            }
        }
        (all, ones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_of_known_targets() {
        let cube = Cube::new(4).unwrap();
        let parity = (0..16_u32).filter(|i| i.count_ones() % 2 == 1).fold(0, |t, i| t | 1 << i);
        let (rough, leaves) = (Family::rough(&cube), Family::leaves(&cube));
        // Constants; one bit; parity, where all 32 pairs differ and every path asks all four bits.
        let targets = [0, cube.all(), cube.half(2), parity];
        assert_eq!(targets.map(|t| rough.levels[t as usize]), [0, 0, 8, 32]);
        assert_eq!(targets.map(|t| leaves.levels[t as usize]), [1, 1, 2, 16]);
        // x₁ and x₂ of two bits: asks one, and where it is 1 the other.
        let leaves = Family::leaves(&Cube::new(2).unwrap());
        assert_eq!(leaves.levels, [1, 3, 3, 2, 3, 2, 4, 3, 3, 4, 2, 3, 2, 3, 3, 1]);
        assert_eq!(leaves.counts(), [0, 2, 4, 8, 2]);
    }
}
