//! # Nearly the same picture
//!
//! - points: 16
//! - minutes: 60
//! - difficulty: challenging
//! - section: leakage
//!
//! The chapter looks for test garments that stand in the training set byte by byte, and says what that cannot find: two postings of one photograph, of which one was compressed again or made a little brighter. A *fingerprint* finds them. It is a number
//! of 64 bits that describe a picture coarsely, say, whether each of 64 regions is brighter than the region to its right. The fingerprints of two versions of one picture differ in a few bits. Those of two different pictures differ in about
//! thirty.
//!
//! Write a function that gets the fingerprints of the training pictures, those of the test pictures and a number $`m`$. For each test picture it gives the place of the training picture whose fingerprint is *nearest*, that is, differs in the fewest
//! bits, if it differs in at most $`m`$. Otherwise it gives `None`.
//!
//! - If several training pictures are equally near, take the one that comes first.
//! - $`m`$ lies between 0 and 15. With 0, only equal fingerprints count.
//! - There may be no training pictures or no test pictures. The same fingerprint may occur many times.
//!
//! One kind of case has 60,000 pictures on either side and $`m = 3`$. These are 3.6 billion pairs, and an answer that compares each of them will not be in time. Trying all numbers that differ in at most three bits would be 43,745 look-ups for each picture,
//! which is too slow as well.
//!
//! ## Hint 1
//!
//! For equal fingerprints a `HashMap` would do. What part of two fingerprints is certainly equal if at most one bit differs? It need not be always the same part.
//!
//! ## Hint 2
//!
//! Cut the 64 bits into $`m + 1`$ parts. Differences in $`m`$ bits cannot touch all of them.
//!
//! ## Hint 3
//!
//! For each part make a table, from what stands in the part to the training pictures that have it. A test picture looks up what stands in its own part and meets candidates: all near pictures, from one table or another, and some that are not. Count the bits
//! of each candidate with `(a ^ b).count_ones()`. Keep the smallest pair of distance and place. Part $`i`$ of $`p`$ goes from bit $`\lfloor 64 i / p \rfloor`$ to the next such bit; with one part, the mask is `u64::MAX`.
//!
//! ## Solution
//!
//! That $`m`$ differences cannot touch $`m + 1`$ parts is the pigeonhole principle. It makes candidates of all near pictures, and the count of bits then decides, so nothing is lost and nothing is believed. With four parts of 16 bits, a part stands by chance in one of
//! 65,536 pictures: each test picture meets about four candidates instead of 60,000.
//!
//! ## Notes
//!
//! **Time.** One hour. Those who have not met the pigeonhole principle need the second hint; those who have need most of the time for the masks.
//!
//! **Misconceptions.** That near fingerprints stand side by side after sorting: they do if the difference is in the low bits. That $`m`$ parts suffice for $`m`$ differences. That what shares a part is near.
//!
//! **Discussion.** When does the method become slow? (When many pictures share a part, such as the empty ground of a catalogue: then the table has a few long lists. And when $`m`$ grows, since the parts become short.) A photograph and its mirror image have far fingerprints. What does that say
//! of a test that finds no near copies?

/// What the student starts from.
pub mod starter {
    use std::collections::HashMap;

    /// The nearest training picture of each test picture, if at most `m` bits of their fingerprints differ.
    pub fn near_copies(train: &[u64], test: &[u64], m: u32) -> Vec<Option<usize>> {
        todo!("candidates from tables, then the nearest of them")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use std::collections::HashMap;

    /// The nearest training picture of each test picture, if at most `m` bits of their fingerprints differ.
    pub fn near_copies(train: &[u64], test: &[u64], m: u32) -> Vec<Option<usize>> {
        let mut nearest: Vec<Option<(u32, usize)>> = vec![None; test.len()];
        for mask in masks(m) {
            let mut table: HashMap<u64, Vec<usize>> = HashMap::new();
            for (place, print) in train.iter().enumerate() {
                table.entry(print & mask).or_default().push(place);
            }
            for (print, nearest) in test.iter().zip(&mut nearest) {
                for &place in table.get(&(print & mask)).into_iter().flatten() {
                    let candidate = (bits(*print, train[place]), place);
                    if candidate.0 <= m && nearest.is_none_or(|best| better(candidate, best)) {
                        *nearest = Some(candidate);
                    }
                }
            }
        }
        nearest.into_iter().map(|found| found.map(|(_, place)| place)).collect()
    }

    /// The parts of a fingerprint of which at least one is untouched by `m` differences.
    pub fn masks(m: u32) -> Vec<u64> {
        (0..=m).map(|i| part(i, m + 1)).collect()
    }

    /// The bits of part `i` of `parts`.
    pub fn part(i: u32, parts: u32) -> u64 {
        let (start, end) = (64 * i / parts, 64 * (i + 1) / parts);
        (u64::MAX >> (64 - (end - start))) << start
    }

    /// In how many bits two fingerprints differ.
    pub fn bits(a: u64, b: u64) -> u32 {
        (a ^ b).count_ones()
    }

    /// Is a candidate, with its distance and its place, to be preferred?
    pub fn better(candidate: (u32, usize), best: (u32, usize)) -> bool {
        candidate < best
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub train: Vec<u64>,
        pub test: Vec<u64>,
        pub m: u32,
    }

    pub type Output = Vec<Option<usize>>;

    pub fn call(input: &Input) -> Output {
        super::solution::near_copies(&input.train, &input.test, input.m)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, IndexedRandom as _, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("copies with a few bits changed, among strangers", 6, |rng| {
            let m = rng.random_range(3..9);
            let train = strangers(rng, 150);
            let copy = |rng: &mut Rng| {
                let print = *train.choose(rng).unwrap_or(&0);
                let changes = rng.random_range(0..m + 3);
                changed(rng, print, changes)
            };
            let mut test: Vec<u64> = (0..80).map(|_| copy(rng)).collect();
            test.extend(strangers(rng, 20));
            Input { train, test, m }
        });
        cases.general("several versions of each picture", 6, |rng| {
            let m = rng.random_range(4..9);
            let pictures = strangers(rng, 12);
            let mut version = |most: u32| {
                let changes = rng.random_range(0..most);
                let picture = pictures[rng.random_range(0..12)];
                changed(rng, picture, changes)
            };
            let train = (0..120).map(|_| version(4)).collect();
            let test = (0..60).map(|_| version(5)).collect();
            Input { train, test, m }
        });
        cases.edge("changes that are spread over all bits", 3, |rng| {
            // One change in each of `m` parts: there are m + 1 parts, or one is touched twice.
            let m = rng.random_range(2..8);
            let train = strangers(rng, 40);
            let spread = |print: u64, rng: &mut Rng| {
                (0..m).fold(print, |print, i| {
                    print ^ 1 << rng.random_range(64 * i / m..64 * (i + 1) / m)
                })
            };
            let test = train.iter().map(|&print| spread(print, rng)).collect();
            Input { train, test, m }
        });
        cases.edge("only equal fingerprints, m = 0", 2, |rng| {
            let train = strangers(rng, 40);
            let half = |(i, &print): (usize, &u64)| print ^ u64::from(i % 2 == 0);
            let test = train.iter().enumerate().map(half).collect();
            Input { train, test, m: 0 }
        });
        cases.edge("one bit too many", 3, |rng| {
            let m = rng.random_range(1..16);
            let train = strangers(rng, 30);
            let test = train.iter().map(|&print| changed(rng, print, m + 1)).collect();
            Input { train, test, m }
        });
        cases.edge("pictures of one colour, all with the same fingerprint", 2, |rng| {
            let mut train = strangers(rng, 20);
            let at = rng.random_range(0..10);
            train[at..at + 8].fill(0);
            train[at + 9] = u64::MAX;
            Input { train, test: vec![0, u64::MAX, 1, u64::MAX >> 1], m: 2 }
        });
        let mut turn = 0;
        cases.edge("no training pictures, or no test pictures", 2, |rng| {
            turn += 1;
            let (train, test) = (strangers(rng, 3), Vec::new());
            if turn == 1 {
                Input { train, test, m: 3 }
            } else {
                Input { train: test, test: train, m: 3 }
            }
        });
        cases.edge("60,000 pictures on either side", 1, |rng| {
            let train = strangers(rng, 60_000);
            let mut test = strangers(rng, 60_000);
            for print in test.iter_mut().step_by(50) {
                let original = *train.choose(rng).unwrap_or(&0);
                *print = changed(rng, original, 3);
            }
            Input { train, test, m: 3 }
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("answers, one for each test picture", expected, found)?;
        let distance = |test: usize, place: usize| {
            input.train.get(place).map(|print| (print ^ input.test[test]).count_ones())
        };
        let say = |test: usize, answer: Option<usize>| match answer {
            None => "None".to_owned(),
            Some(place) => match distance(test, place) {
                Some(bits) => format!("picture {place} at distance {bits}"),
                None => format!("picture {place}, which is not there"),
            },
        };
        match expected.iter().zip(found).position(|(a, b)| a != b) {
            None => Ok(()),
            Some(i) => Err(format!(
                "for m = {}, test picture {i}: expected {}, found {}",
                input.m,
                say(i, expected[i]),
                say(i, found[i])
            )),
        }
    }

    fn strangers(rng: &mut Rng, n: usize) -> Vec<u64> {
        (0..n).map(|_| rng.random()).collect()
    }

    /// A fingerprint with so many of its bits changed.
    fn changed(rng: &mut Rng, mut print: u64, changes: u32) -> u64 {
        let original = print;
        while (print ^ original).count_ones() < changes {
            print ^= 1 << rng.random_range(0..64);
        }
        print
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::near_copies;

    #[test]
    fn the_nearest_of_two() {
        // 0b1011 differs from 0b1111 in one bit and from 0b1000 in two. 2⁴⁰ − 1 is far from all.
        let train = [0b1000, 0b1111];
        let test = [0b1011, (1 << 40) - 1, 0b1000];
        assert_eq!(near_copies(&train, &test, 2), [Some(1), None, Some(0)]);
    }

    #[test]
    fn the_first_of_equally_near_ones() {
        // 0b11 is one bit from each of the last three.
        assert_eq!(near_copies(&[0, 0b10, 0b01, 0b111], &[0b11], 3), [Some(1)]);
    }

    #[test]
    fn bits_far_from_each_other() {
        // The lowest, a middle and the highest bit.
        let print = 0x0123_4567_89ab_cdef;
        let changed = print ^ (1 | 1 << 31 | 1 << 63);
        assert_eq!(near_copies(&[print], &[changed], 3), [Some(0)]);
        assert_eq!(near_copies(&[print], &[changed], 2), [None]);
    }

    #[test]
    fn equal_or_not_at_all() {
        assert_eq!(near_copies(&[7, u64::MAX], &[u64::MAX, 6], 0), [Some(1), None]);
        assert_eq!(near_copies(&[], &[1, 2], 5), [None, None]);
    }
}

/// Looks candidates up by one part of the fingerprint alone.
///
/// # Feedback
///
/// You find near copies only if one certain part of the fingerprint is untouched. The changes may lie anywhere: it takes a table for each part, so that one of them finds what the others miss.
pub mod mutant_looks_up_one_part {
    pub use super::solution::*;

    /// The first part alone.
    pub fn masks(m: u32) -> Vec<u64> {
        vec![part(0, m + 1)]
    }
}

/// Cuts into as many parts as there may be changes.
///
/// # Feedback
///
/// Near copies whose changes are spread evenly are missing from your answer. With $`m`$ parts, $`m`$ changes can touch every one of them. How many parts are needed so that one is left in any case?
pub mod mutant_cuts_into_too_few_parts {
    pub use super::solution::*;

    /// As many parts as changes.
    pub fn masks(m: u32) -> Vec<u64> {
        (0..m.max(1)).map(|i| part(i, m.max(1))).collect()
    }
}

/// Takes whatever shares a part for a near copy.
///
/// # Feedback
///
/// You answer with pictures that are further away than allowed. Sharing a part is what near pictures have in common, but strangers share one now and then, too. Count the differing bits before you believe it.
pub mod mutant_believes_every_candidate {
    pub use super::solution::*;

    /// The nearest of all candidates, however far.
    pub fn near_copies(train: &[u64], test: &[u64], m: u32) -> Vec<Option<usize>> {
        let masks = masks(m);
        let shares = |a: u64, b: u64| masks.iter().any(|mask| a & mask == b & mask);
        let answer = |&print: &u64| {
            let candidates = train.iter().enumerate().filter(|&(_, &other)| shares(print, other));
            candidates.map(|(place, &other)| (bits(print, other), place)).min()
        };
        test.iter().map(|print| answer(print).map(|(_, place)| place)).collect()
    }
}

/// Takes the first picture that is near enough.
///
/// # Feedback
///
/// You give a picture that is near enough, but not the nearest. Look at all candidates of all parts before you decide, and compare their distances.
pub mod mutant_takes_the_first_that_is_near_enough {
    pub use super::solution::*;

    /// The earlier place, whatever the distance.
    pub fn better(candidate: (u32, usize), best: (u32, usize)) -> bool {
        candidate.1 < best.1
    }
}

/// Among equally near pictures, takes the last.
///
/// # Feedback
///
/// Your distances are right. Among pictures that are equally near you take a later one, and the first is wanted. The tables do not meet the pictures in their order: compare places where distances are equal.
pub mod mutant_takes_the_last_of_equals {
    pub use super::solution::*;

    /// The smaller distance, then the later place.
    pub fn better(candidate: (u32, usize), best: (u32, usize)) -> bool {
        candidate.0 < best.0 || candidate.0 == best.0 && candidate.1 > best.1
    }
}
