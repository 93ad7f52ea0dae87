//! # What must not be separated
//!
//! - points: 10
//! - minutes: 35
//! - difficulty: medium
//! - section: leakage
//!
//! The remedy for copies is a split by whatever they share: `learning::split::grouped` gets a group for each case and keeps every group on one side. But what are the groups? A picture of skin was taken from a patient, by a
//! camera, on a day. Two pictures of one patient must stay together, and if pictures of one camera betray each other, these must, too. Then a picture of Anna taken by camera 1 belongs with a picture of Bruno
//! taken by camera 1, and that one with all other pictures of Bruno, whatever their camera.
//!
//! Each case has a list of *keys*, one for each column: the number of the patient, the number of the camera, and so on. Two cases are *linked* if they have the same key in the same column. Two cases belong to the same *group* if a
//! chain of links leads from one to the other. Write a function that gets the keys and gives the group of each case.
//!
//! - A key may be unknown (`None`). It links nothing, not even to another unknown key.
//! - The same number in two different columns means two different things: patient 3 is not camera 3.
//! - Groups are numbered from 0 in the order of their first cases: case 0 is in group 0, and the first case that is not in group 0 is in group 1.
//! - All cases have the same number of columns. There may be no columns, and then every case is a group of its own. There may be no cases.
//! - There may be 50,000 cases, and one chain may lead through all of them. Neither comparing every pair nor following a chain by recursion will do.
//!
//! ## Hint 1
//!
//! Read the cases one by one. A new case may have links to *several* groups that had nothing to do with each other so far. What has to happen to them?
//!
//! ## Hint 2
//!
//! Let each case point to a case of its group that came earlier, or to itself if it is the first. Whoever follows the pointers arrives at the first case of the group. To unite two groups, one pointer has to change.
//!
//! ## Hint 3
//!
//! A `HashMap` from column and key to the first case that had them finds the links. Let the later of the two first cases point to the earlier one, and shorten the way whenever you walk it: `leader[i] = leader[leader[i]]`. At the end,
//! every case that points to itself opens a group.
//!
//! ## Solution
//!
//! This is the union-find structure. It is enough to link each case with the first one that had the same key: all others with that key are linked with the same first one. Each pointer leads to an earlier case, so that one pass in order
//! numbers the groups.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes, of which ten go into the structure of the pointers. Students who know graphs walk over cases and keys with a queue instead; that is as good.
//!
//! **Misconceptions.** That each case can be put into the first group that fits, which is right until a case fits two. That `None == None` is a link: Rust says that they are equal, and the data say that nothing is known. One column of unknown
//! keys then makes a single group of everything.
//!
//! **Discussion.** What if the groups come out as one giant group? (It is a fact about the data: no split with both keys exists. Say which transfer is to be tested, to new patients or to new cameras, and split by that.) Links between near-duplicates fit in
//! as a column of their own.

/// What the student starts from.
pub mod starter {
    /// The group of each case, from its keys in each column: cases with a key in common are not separated.
    pub fn linked_groups(keys: &[Vec<Option<u32>>]) -> Vec<usize> {
        todo!("groups, numbered in the order of their first cases")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use std::collections::HashMap;

    /// The group of each case, from its keys in each column: cases with a key in common are not separated.
    pub fn linked_groups(keys: &[Vec<Option<u32>>]) -> Vec<usize> {
        let mut leader: Vec<usize> = (0..keys.len()).collect();
        let mut first_with = HashMap::new();
        for (case, row) in keys.iter().enumerate() {
            for key in row.iter().enumerate().filter_map(name) {
                unite(&mut leader, case, *first_with.entry(key).or_insert(case));
            }
        }
        numbered(&leader)
    }

    /// What a key is called, with its column; nothing if it is unknown.
    pub fn name((column, key): (usize, &Option<u32>)) -> Option<(usize, u32)> {
        key.map(|key| (column, key))
    }

    /// Makes one group of the groups of two cases.
    pub fn unite(leader: &mut [usize], a: usize, b: usize) {
        let (a, b) = (first_of_group(leader, a), first_of_group(leader, b));
        leader[a.max(b)] = a.min(b);
    }

    /// The first case of the group of a case. Halves the way there.
    pub fn first_of_group(leader: &mut [usize], mut case: usize) -> usize {
        while leader[case] != case {
            leader[case] = leader[leader[case]];
            case = leader[case];
        }
        case
    }

    /// Groups in the order of their first cases. Leaders come before those that they lead.
    pub fn numbered(leader: &[usize]) -> Vec<usize> {
        let (mut groups, mut next) = (Vec::new(), 0);
        for (case, &leader) in leader.iter().enumerate() {
            groups.push(if leader == case { next } else { groups[leader] });
            next += usize::from(leader == case);
        }
        groups
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<Vec<Option<u32>>>;

    pub type Output = Vec<usize>;

    pub fn call(input: &Input) -> Output {
        super::solution::linked_groups(input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use std::collections::HashMap;

    use gradebook::cases::{Cases, Rng, RngExt as _, SliceRandom as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("patients and cameras", 6, |rng| keys(rng, 60, &[45, 50], 0.0));
        cases.general("three columns, many keys unknown", 6, |rng| {
            keys(rng, 50, &[30, 40, 60], 0.5)
        });
        cases.edge("a case that joins groups", 4, |rng| {
            // Pairs of one patient each; then cases that share a camera with two or three of them.
            let pairs = rng.random_range(6..10);
            let mut input: Input =
                (0..2 * pairs).map(|i| vec![Some(i % pairs), Some(100 + i), None]).collect();
            for joint in 0..2 {
                let pair = 3 * joint + 1;
                input.push(vec![Some(pair), Some(100 + pair + 1 + pairs), Some(7 + joint)]);
                input.push(vec![None, Some(100 + pair + 2), Some(7 + joint)]);
            }
            input
        });
        cases.edge("the same numbers in different columns", 3, |rng| {
            let shift = rng.random_range(3..9);
            (0..12).map(|i| vec![Some(i / 2), Some(i / 2 + shift)]).collect()
        });
        cases.edge("every key unknown", 2, |rng| vec![vec![None, None]; rng.random_range(2..9)]);
        let mut none = false;
        cases.edge("one case, and none", 2, |_| {
            none = !none;
            if none { Vec::new() } else { vec![vec![Some(4), None]] }
        });
        cases.edge("no columns", 1, |rng| vec![Vec::new(); rng.random_range(2..9)]);
        cases.edge("one chain through 50,000 cases", 1, |rng| {
            let mut input: Input =
                (0..50_000).map(|i: u32| vec![Some(i / 2), Some(i.div_ceil(2))]).collect();
            input.shuffle(rng);
            input
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("groups, one for each case", expected, found)?;
        // By the first case of its group, an assignment does not depend on how groups are numbered.
        for (case, (right, answer)) in firsts(expected).into_iter().zip(firsts(found)).enumerate() {
            if right < answer {
                return Err(format!(
                    "cases {right} and {case} belong to one group, and were separated"
                ));
            }
            if answer < right {
                return Err(format!(
                    "cases {answer} and {case} are in one group, and no chain links them"
                ));
            }
        }
        match expected.iter().zip(found).position(|(a, b)| a != b) {
            None => Ok(()),
            Some(case) => Err(format!(
                "the groups are right, their numbers are not: case {case} is in group {}, found {}",
                expected[case], found[case]
            )),
        }
    }

    /// For each case, the first case that is in the same group.
    fn firsts(groups: &[usize]) -> Vec<usize> {
        let mut first = HashMap::new();
        let each = groups.iter().enumerate();
        each.map(|(case, group)| *first.entry(*group).or_insert(case)).collect()
    }

    /// Keys drawn from `0..range` for each column, some of them unknown.
    fn keys(rng: &mut Rng, n: usize, ranges: &[u32], unknown: f64) -> Input {
        let mut key = |&range: &u32| {
            let key = rng.random_range(0..range);
            (!rng.random_bool(unknown)).then_some(key)
        };
        (0..n).map(|_| ranges.iter().map(&mut key).collect()).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::linked_groups;

    #[test]
    fn anna_bruno_and_clara() {
        // Anna with camera 1; Clara with camera 2; Bruno with camera 1; Bruno with camera 3.
        let keys = [[Some(0), Some(1)], [Some(2), Some(2)], [Some(1), Some(1)], [Some(1), Some(3)]];
        assert_eq!(linked_groups(&keys.map(Vec::from)), [0, 1, 0, 0]);
    }

    #[test]
    fn the_last_case_joins_the_first_two() {
        // Patients 5 and 6 have nothing to do with each other until somebody has the one's patient and the other's camera.
        let keys = [[Some(5), Some(1)], [Some(6), Some(2)], [Some(7), None], [Some(5), Some(2)]];
        assert_eq!(linked_groups(&keys.map(Vec::from)), [0, 0, 1, 0]);
    }

    #[test]
    fn what_is_unknown_links_nothing() {
        assert_eq!(linked_groups(&[vec![None], vec![Some(3)], vec![None]]), [0, 1, 2]);
    }

    #[test]
    fn patient_three_is_not_camera_three() {
        let keys = [[Some(3), Some(8)], [Some(4), Some(3)]];
        assert_eq!(linked_groups(&keys.map(Vec::from)), [0, 1]);
    }

    #[test]
    fn a_group_stays_on_one_side_of_the_split() {
        let row = |i: u32| vec![Some(i % 7), i.is_multiple_of(3).then_some(i % 5)];
        let keys: Vec<_> = (0..40).map(row).collect();
        let groups = linked_groups(&keys);
        for (i, a) in keys.iter().enumerate() {
            for (j, b) in keys.iter().enumerate() {
                let linked = a[0] == b[0] || (a[1] == b[1] && a[1].is_some());
                assert!(!linked || groups[i] == groups[j], "cases {i} and {j} are linked");
            }
        }
    }
}

/// Puts a case into the first group that fits, and leaves the others apart.
///
/// # Feedback
///
/// Each case has a group, but groups that were apart stay apart. A case can have the patient of one group and the camera of another. From then on they are one group, with all that was in either.
pub mod mutant_takes_the_first_group_that_fits {
    pub use super::solution::*;

    /// Leads a case that has no group yet, and no other.
    pub fn unite(leader: &mut [usize], a: usize, b: usize) {
        if leader[a] == a {
            leader[a] = leader[b];
        }
    }
}

/// Takes two unknown keys for the same.
///
/// # Feedback
///
/// You link cases whose keys are unknown. `None == None` is true, but two unknown patients are not one patient.
pub mod mutant_links_what_is_unknown {
    pub use super::solution::*;

    /// What a key is called, unknown or not.
    pub fn name((column, key): (usize, &Option<u32>)) -> Option<(usize, u32)> {
        Some((column, key.unwrap_or(u32::MAX)))
    }
}

/// Looks keys up without their column.
///
/// # Feedback
///
/// You take patient 3 and camera 3 for the same key. A key means something only together with its column.
pub mod mutant_mixes_the_columns {
    pub use super::solution::*;

    /// What a key is called, whatever its column.
    pub fn name((_, key): (usize, &Option<u32>)) -> Option<(usize, u32)> {
        key.map(|key| (0, key))
    }
}

/// Groups by the first column alone.
///
/// # Feedback
///
/// Your groups are those of the first column. Every column can link, and one common key in any of them is enough.
pub mod mutant_groups_by_the_first_column {
    pub use super::solution::*;

    /// What a key is called, if it is in the first column.
    pub fn name((column, key): (usize, &Option<u32>)) -> Option<(usize, u32)> {
        key.filter(|_| column == 0).map(|key| (column, key))
    }
}

/// Gives the first case of a group as its number.
///
/// # Feedback
///
/// Your groups are right, and their numbers have gaps: you give the first case of each group. Number the groups from 0, without gaps, in the order of their first cases.
pub mod mutant_leaves_gaps_in_the_numbers {
    pub use super::solution::*;

    /// The first case of each group.
    pub fn numbered(leader: &[usize]) -> Vec<usize> {
        let mut groups: Vec<usize> = Vec::new();
        for (case, &leader) in leader.iter().enumerate() {
            groups.push(if leader == case { case } else { groups[leader] });
        }
        groups
    }
}
