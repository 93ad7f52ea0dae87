//! # Every class in every batch
//!
//! - points: 10
//! - minutes: 35
//! - difficulty: medium
//! - section: trainer
//! - crates: notebook, rand
//!
//! The trainer shuffles all samples and cuts the row into mini-batches. If one sample in fifty is of a rare class, some batches of 64 have four of them and some have none, and the gradient
//! jumps. Chance is wanted, but not that much of it. Let us share out every class as evenly as whole samples can be shared, and leave everything else to the seed.
//!
//! Write a function that gets the class of each sample, a number of batches and a seed, and gives the batches: for each, the indices of its samples.
//!
//! - Each sample is in exactly one batch.
//! - The *sizes* of any two batches differ by at most 1.
//! - For each class, the numbers of samples of that class in any two batches differ by at most 1.
//! - The same seed gives the same batches. The book's generator for the order of samples is `notebook::stream(seed, notebook::Stream::Order(0))`, and `shuffle` comes from `rand::seq::SliceRandom`.
//! - Over all seeds, each sample is equally likely to be in each of the batches, from the first to the last. This must hold for the only sample of a class, too.
//! - Over all seeds, which samples of a class meet in a batch is left to chance as well.
//! - There is at least one batch. There may be fewer samples than batches, and there may be none; then some or all batches are empty.
//! - A class is any `usize`, and most numbers may have no samples at all.
//!
//! The order of the samples within a batch is free. Many answers are right; the rules are checked on yours. Chance is checked over many seeds.
//!
//! ## Hint 1
//!
//! How are cards dealt so that no player gets two more than another? In which order would the cards have to lie, so that this holds for each suit as well?
//!
//! ## Hint 2
//!
//! Lay all samples of a class one behind the other, then those of the next class, and deal them to the batches in turn. Do not begin with the first batch again when a
//! new class begins.
//!
//! ## Hint 3
//!
//! That leaves two things to chance: the order of the samples within a class, before dealing, and the order of the batches, after it. A stable sort by class, after a shuffle, does the
//! first.
//!
//! ## Solution
//!
//! Whatever $`k`$ consecutive cards are dealt in turn to $`m`$ players, each player gets $`k/m`$ of them, rounded up or down. The whole pack is such a row, so sizes differ by at most one. Each class is such a row, so
//! its counts do. One deal serves both rules, because it never starts again.
//!
//! The place where a row begins decides who gets the card that is left over. Shuffling the batches at the end takes this advantage away.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes, most of it for the idea; the code is short.
//!
//! **Misconceptions.** That it is enough to deal each class from the first batch on: then the first batches collect what is left over from all classes. That a shuffle of the whole pack is balanced on average, and so
//! in each batch. That a deal from sorted samples is random because the batches are shuffled afterwards.
//!
//! **Discussion.** Is the mean of the batches' gradients still the gradient of the whole? (Where all sizes are equal, yes.) Compare the variance of the share of a class in a batch of 64, shuffled and dealt. Batches that give each class the same
//! *number* of samples, however rare it is, are something else: which loss do they follow?

/// What the student starts from.
pub mod starter {
    use notebook::{Stream, stream};
    use rand::seq::SliceRandom as _;

    /// The indices of the samples of each batch, every class in equal shares.
    pub fn balanced_batches(labels: &[usize], batches: usize, seed: u64) -> Vec<Vec<usize>> {
        let mut rng = stream(seed, Stream::Order(0));
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.shuffle(&mut rng);
        todo!("share out each class over the batches")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use notebook::{Stream, stream};
    use rand::seq::SliceRandom as _;

    /// The indices of the samples of each batch, every class in equal shares.
    pub fn balanced_batches(labels: &[usize], batches: usize, seed: u64) -> Vec<Vec<usize>> {
        let mut rng = stream(seed, Stream::Order(0));
        let mut pack: Vec<usize> = (0..labels.len()).collect();
        pack.shuffle(&mut rng);
        // A stable sort: within a class, the samples stay in the order of the shuffle.
        pack.sort_by_key(|&sample| labels[sample]);
        let mut dealt = vec![Vec::new(); batches];
        for (card, &sample) in pack.iter().enumerate() {
            dealt[card % batches].push(sample);
        }
        dealt.shuffle(&mut rng);
        dealt
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub labels: Vec<usize>,
        pub batches: usize,
        pub seeds: Vec<u64>,
    }

    /// The batches for each seed.
    pub type Output = Vec<Vec<Vec<usize>>>;

    pub fn call(input: &Input) -> Output {
        let of = |&seed| super::solution::balanced_batches(&input.labels, input.batches, seed);
        input.seeds.iter().map(of).collect()
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use std::collections::BTreeMap;

    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    /// So many seeds that each of a few batches gets a sample of its own at least once.
    const MANY: usize = 80;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("classes of many sizes", 6, |rng| {
            let (samples, classes) = (rng.random_range(60..200), rng.random_range(3..8));
            let labels = drawn(rng, samples, classes);
            Input { labels, batches: rng.random_range(3..9), seeds: seeds(rng, 2) }
        });
        cases.general("samples sorted by class", 4, |rng| {
            let (samples, classes) = (rng.random_range(60..200), rng.random_range(3..8));
            let mut labels = drawn(rng, samples, classes);
            labels.sort_unstable();
            Input { labels, batches: rng.random_range(3..9), seeds: seeds(rng, 2) }
        });
        cases.edge("class with a single sample", 2, |rng| {
            let mut labels = drawn(rng, 43, 3);
            labels[rng.random_range(0..43)] = 99;
            Input { labels, batches: rng.random_range(2..5), seeds: seeds(rng, MANY) }
        });
        cases.edge("many classes, each a little more than the batches share evenly", 3, |rng| {
            let batches = rng.random_range(4..7);
            let labels = (0..6).flat_map(|class| vec![class; batches + 1]).collect();
            Input { labels, batches, seeds: seeds(rng, 2) }
        });
        cases.edge("one class, in as many batches as samples or in a single one", 2, |rng| {
            let samples = rng.random_range(5..20);
            let batches = [1, samples][rng.random_range(0..2)];
            Input { labels: vec![4; samples], batches, seeds: seeds(rng, 1) }
        });
        let mut samples = 0;
        cases.edge("fewer samples than batches, or none", 3, |rng| {
            samples += 2;
            let labels = drawn(rng, samples - 2, 2);
            Input { labels, batches: 9, seeds: seeds(rng, 1) }
        });
        cases.edge("very large numbers of classes", 2, |rng| {
            let mut labels = drawn(rng, 70, 4);
            labels.iter_mut().for_each(|class| *class = usize::MAX / 2 - *class * 1_000_003);
            Input { labels, batches: rng.random_range(3..9), seeds: seeds(rng, 2) }
        });
    }

    pub fn compare(input: &Input, _: &Output, found: &Output) -> Result<(), String> {
        compare::length(
            "answers, one for each seed",
            &vec![(); input.seeds.len()],
            &vec![(); found.len()],
        )?;
        for dealt in found {
            each_sample_once(input, dealt)?;
            within_one("the batches", dealt.iter().map(Vec::len))?;
            let mut counts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (batch, samples) in dealt.iter().enumerate() {
                for &sample in samples {
                    let of_class = counts.entry(input.labels[sample]);
                    of_class.or_insert_with(|| vec![0; dealt.len()])[batch] += 1;
                }
            }
            for (class, counts) in counts {
                within_one(&format!("class {class}"), counts.into_iter())?;
            }
        }
        if found[0] != found[1] {
            return Err("the same seed gave other batches when it was used again".into());
        }
        if input.labels.len() >= 40 && together(&found[0]) == together(&found[2]) {
            return Err("two seeds put the same samples together".into());
        }
        if found.len() > MANY { everywhere(input, found) } else { Ok(()) }
    }

    /// Every sample is in one batch, and there are as many batches as were asked for.
    fn each_sample_once(input: &Input, dealt: &[Vec<usize>]) -> Result<(), String> {
        compare::equal("the number of batches", &input.batches, &dealt.len())?;
        let mut times = vec![0; input.labels.len()];
        for &sample in dealt.iter().flatten() {
            *times.get_mut(sample).ok_or(format!("there is no sample {sample}"))? += 1;
        }
        match times.iter().position(|&times| times != 1) {
            Some(sample) => {
                Err(format!("sample {sample} is in {} batches, not in 1", times[sample]))
            }
            None => Ok(()),
        }
    }

    fn within_one(what: &str, counts: impl Iterator<Item = usize> + Clone) -> Result<(), String> {
        let (least, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
        if most - least <= 1 {
            return Ok(());
        }
        Err(format!("{what}: one batch has {least} samples and another has {most}"))
    }

    /// The batches without their order.
    fn together(dealt: &[Vec<usize>]) -> Vec<Vec<usize>> {
        let sorted = |batch: &Vec<usize>| {
            let mut batch = batch.clone();
            batch.sort_unstable();
            batch
        };
        let mut batches: Vec<Vec<usize>> = dealt.iter().map(sorted).collect();
        batches.sort();
        batches
    }

    /// The only sample of a class comes to every batch, for one seed or another.
    fn everywhere(input: &Input, found: &Output) -> Result<(), String> {
        let Some(only) = input.labels.iter().position(|&class| class == 99) else { return Ok(()) };
        let comes_to = |batch: usize| found.iter().any(|dealt| dealt[batch].contains(&only));
        match (0..input.batches).find(|&batch| !comes_to(batch)) {
            Some(batch) => Err(format!(
                "for {} seeds, the only sample of its class was never in batch {batch}, counted from 0",
                found.len()
            )),
            None => Ok(()),
        }
    }

    /// Classes, of which the first are the most frequent.
    fn drawn(rng: &mut Rng, samples: usize, classes: usize) -> Vec<usize> {
        let mut draw = || rng.random_range(0..classes).min(rng.random_range(0..classes));
        (0..samples).map(|_| draw()).collect()
    }

    /// A seed, the same again, and others.
    fn seeds(rng: &mut Rng, others: usize) -> Vec<u64> {
        let first = rng.random_range(0..1000);
        let others = (1..=others as u64).map(|i| first + i);
        [first, first].into_iter().chain(others).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::balanced_batches;

    /// The number of samples of a class in each batch, in ascending order.
    fn counts(labels: &[usize], batches: &[Vec<usize>], class: usize) -> Vec<usize> {
        let of = |batch: &Vec<usize>| batch.iter().filter(|&&i| labels[i] == class).count();
        let mut counts: Vec<usize> = batches.iter().map(of).collect();
        counts.sort_unstable();
        counts
    }

    #[test]
    fn two_classes_in_two_batches() {
        // Four of class 0 and two of class 1: each batch gets two and one.
        let labels = [0, 0, 1, 0, 1, 0];
        let batches = balanced_batches(&labels, 2, 7);
        assert_eq!(counts(&labels, &batches, 0), [2, 2]);
        assert_eq!(counts(&labels, &batches, 1), [1, 1]);
    }

    #[test]
    fn what_is_left_over_is_shared_too() {
        // Three classes of four samples, three batches: of each class one batch gets two, and each batch has four in all.
        let labels: Vec<usize> = (0..12).map(|sample| sample / 4).collect();
        let batches = balanced_batches(&labels, 3, 1);
        assert!((0..3).all(|class| counts(&labels, &batches, class) == [1, 1, 2]), "{batches:?}");
        assert!(batches.iter().all(|batch| batch.len() == 4), "{batches:?}");
    }

    #[test]
    fn the_seed_decides() {
        let labels = [0; 50];
        assert_eq!(balanced_batches(&labels, 5, 3), balanced_batches(&labels, 5, 3));
        assert_ne!(balanced_batches(&labels, 5, 3), balanced_batches(&labels, 5, 4));
    }

    #[test]
    fn more_batches_than_samples() {
        let mut sizes: Vec<usize> = balanced_batches(&[8, 8], 4, 1).iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [0, 0, 1, 1]);
    }
}

/// Shuffles and deals, without a look at the classes.
///
/// # Feedback
///
/// Your batches are of one size, and the classes fall as chance wills. That is what the trainer does already. Before you deal, bring the samples of a class together.
pub mod mutant_ignores_the_classes {
    use notebook::{Stream, stream};
    use rand::seq::SliceRandom as _;

    /// The samples, dealt in a random order.
    pub fn balanced_batches(labels: &[usize], batches: usize, seed: u64) -> Vec<Vec<usize>> {
        let mut pack: Vec<usize> = (0..labels.len()).collect();
        pack.shuffle(&mut stream(seed, Stream::Order(0)));
        let mut dealt = vec![Vec::new(); batches];
        for (card, &sample) in pack.iter().enumerate() {
            dealt[card % batches].push(sample);
        }
        dealt
    }
}

/// Deals each class from the first batch on.
///
/// # Feedback
///
/// Each class is shared well, and the batches are not of one size: you begin with the first batch for every class, so it collects what is left over from all of them. Go on where the last class
/// stopped.
pub mod mutant_begins_anew_with_each_class {
    use notebook::{Stream, stream};
    use rand::seq::SliceRandom as _;

    /// The samples, each class dealt for itself.
    pub fn balanced_batches(labels: &[usize], batches: usize, seed: u64) -> Vec<Vec<usize>> {
        let mut rng = stream(seed, Stream::Order(0));
        let mut pack: Vec<usize> = (0..labels.len()).collect();
        pack.shuffle(&mut rng);
        pack.sort_by_key(|&sample| labels[sample]);
        let mut dealt = vec![Vec::new(); batches];
        for class in pack.chunk_by(|&a, &b| labels[a] == labels[b]) {
            class.iter().enumerate().for_each(|(card, &i)| dealt[card % batches].push(i));
        }
        dealt.shuffle(&mut rng);
        dealt
    }
}

/// Deals the samples of a class in the order of their indices.
///
/// # Feedback
///
/// Whatever the seed, the same samples are together; only the order of the batches changes. The network would meet the same few gradients in every epoch. Shuffle the samples before you
/// bring the classes together.
pub mod mutant_leaves_the_samples_in_order {
    use notebook::{Stream, stream};
    use rand::seq::SliceRandom as _;

    /// The samples, dealt in their own order.
    pub fn balanced_batches(labels: &[usize], batches: usize, seed: u64) -> Vec<Vec<usize>> {
        let mut pack: Vec<usize> = (0..labels.len()).collect();
        pack.sort_by_key(|&sample| labels[sample]);
        let mut dealt = vec![Vec::new(); batches];
        for (card, &sample) in pack.iter().enumerate() {
            dealt[card % batches].push(sample);
        }
        dealt.shuffle(&mut stream(seed, Stream::Order(0)));
        dealt
    }
}

/// Leaves the batches as they were dealt.
///
/// # Feedback
///
/// The only sample of a class is in the same batch for every seed, as its card always lies in the same place. Batches differ in who is dealt to first, so their order must be left to the
/// seed as well.
pub mod mutant_leaves_the_batches_in_order {
    use notebook::{Stream, stream};
    use rand::seq::SliceRandom as _;

    /// The samples, dealt from the first batch on.
    pub fn balanced_batches(labels: &[usize], batches: usize, seed: u64) -> Vec<Vec<usize>> {
        let mut pack: Vec<usize> = (0..labels.len()).collect();
        pack.shuffle(&mut stream(seed, Stream::Order(0)));
        pack.sort_by_key(|&sample| labels[sample]);
        let mut dealt = vec![Vec::new(); batches];
        for (card, &sample) in pack.iter().enumerate() {
            dealt[card % batches].push(sample);
        }
        dealt
    }
}

/// Leaves out what cannot be shared evenly.
///
/// # Feedback
///
/// Some samples are in no batch: you leave out what does not divide evenly. Here every sample is seen in every epoch, and batches may differ by one.
pub mod mutant_drops_what_is_left_over {
    use notebook::{Stream, stream};
    use rand::seq::SliceRandom as _;

    /// The samples, dealt as long as there is one for each batch.
    pub fn balanced_batches(labels: &[usize], batches: usize, seed: u64) -> Vec<Vec<usize>> {
        let mut rng = stream(seed, Stream::Order(0));
        let mut pack: Vec<usize> = (0..labels.len()).collect();
        pack.shuffle(&mut rng);
        pack.sort_by_key(|&sample| labels[sample]);
        let mut dealt = vec![Vec::new(); batches];
        for round in pack.chunks_exact(batches) {
            dealt.iter_mut().zip(round).for_each(|(batch, &sample)| batch.push(sample));
        }
        dealt.shuffle(&mut rng);
        dealt
    }
}
