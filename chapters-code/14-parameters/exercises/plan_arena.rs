//! # One piece of memory for everything
//!
//! - points: 15
//! - minutes: 60
//! - difficulty: challenging
//! - section: speed
//!
//! A network that runs needs memory for the outputs of its layers, but not for all of them at the same time: when the last layer that reads an output
//! is done, its place is free. A *memory planner* knows beforehand when each tensor is made and when it is read for the last time. So it asks the
//! system for one piece of memory, the *arena*, gives each tensor an offset in it, and after that nothing is allocated while the network runs.
//!
//! Write such a planner. Each tensor has a `size` in bytes, the step `first` at which it is made and the step `last` at which it is read for the last
//! time, and it needs its bytes in both of these steps and in all between. The function gives an offset for each tensor, in the order of the input.
//!
//! - Two tensors that are needed in the same step must not overlap, not even by one byte. Tensors that are never needed in the same step may share
//!   bytes.
//! - Every offset is a multiple of `alignment`.
//! - The arena ends where the tensor with the highest end does. It may not be larger than the arena of the following method, which is simple and
//!   good: go through the tensors from the largest to the smallest, equally large ones in the order of the input, and give each the *lowest* offset
//!   that is a multiple of the alignment and at which it overlaps with none of the tensors placed so far that are needed in a common step.
//!
//! To find the smallest arena of all is a hard problem, and that is not asked for. But a plan that is better than the method's is accepted, whatever
//! way it was found.
//!
//! Sizes and the alignment are at least 1, `first` is never after `last`, and sums stay far below the limits of `u64`. The list may be empty. There
//! are at most 400 tensors.
//!
//! ## Hint 1
//!
//! Place one tensor after the other. For the next one only those placed tensors matter that are needed in a common step. When do two ranges of steps
//! have one in common?
//!
//! ## Hint 2
//!
//! Sort these by their offsets and walk upwards from 0. You keep the lowest offset that is still possible. Does the tensor end before the next placed
//! one begins, it has its place. Otherwise it has to go above that one.
//!
//! ## Hint 3
//!
//! "Above" is the larger of what you had and the end of the placed one, rounded up to a multiple of the alignment: the placed ones may overlap with
//! each other, if they are not needed together, so a later one in the sorted list may end earlier. `next_multiple_of` rounds up.
//!
//! ## Solution
//!
//! The largest tensors go first, because they are the hardest to place. The small ones then find room in the gaps. One walk over the neighbours in
//! the order of their offsets finds the lowest gap, since the candidate only ever rises.
//!
//! Each of $`n`$ tensors sorts at most $`n`$ others. For a network that is planned once and run a million times this is nothing.
//!
//! ## Notes
//!
//! **Time.** One hour. Those who draw the tensors as rectangles, steps to the right and bytes upwards, are done earlier.
//!
//! **Misconceptions.** That a tensor's place is free in the step that reads it: its reader writes at the same time. That the order in time is the
//! natural order of placement. That one may always put a tensor on top of all others, so that gaps are never used again. That the placed tensors,
//! once sorted by offset, are sorted by end as well.
//!
//! **Discussion.** A lower bound: no arena is smaller than the largest sum of what is needed in one step. How far is the method from it on a chain of
//! layers, and on one with skip connections? What would it take to let a layer such as ReLU work in place?

/// What the exercise gives.
pub mod given {
    /// A tensor of a network that runs.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    pub struct Tensor {
        /// Bytes.
        pub size: u64,
        /// The step that makes it.
        pub first: u64,
        /// The last step that reads it.
        pub last: u64,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Tensor;

    /// An offset for each tensor, such that the arena is small.
    pub fn plan_arena(tensors: &[Tensor], alignment: u64) -> Vec<u64> {
        todo!("the largest first, each at the lowest place")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use std::cmp::Reverse;

    use super::given::Tensor;

    /// An offset for each tensor, such that the arena is small.
    pub fn plan_arena(tensors: &[Tensor], alignment: u64) -> Vec<u64> {
        let mut offsets = vec![0; tensors.len()];
        let mut placed: Vec<usize> = Vec::new();
        for index in order(tensors) {
            let tensor = tensors[index];
            let together = placed.iter().filter(|&&other| meet(tensor, tensors[other]));
            let taken =
                together.map(|&other| (offsets[other], offsets[other] + tensors[other].size));
            offsets[index] = lowest_place(tensor.size, taken.collect(), alignment);
            placed.push(index);
        }
        offsets
    }

    /// The order of placement: the largest first.
    pub fn order(tensors: &[Tensor]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..tensors.len()).collect();
        order.sort_by_key(|&index| Reverse(tensors[index].size));
        order
    }

    /// Are two tensors needed in the same step?
    pub fn meet(a: Tensor, b: Tensor) -> bool {
        a.first <= b.last && b.first <= a.last
    }

    /// The lowest aligned offset at which `size` bytes overlap with nothing taken.
    pub fn lowest_place(size: u64, mut taken: Vec<(u64, u64)>, alignment: u64) -> u64 {
        taken.sort();
        let mut place = 0;
        for (start, end) in taken {
            if place + size <= start {
                break;
            }
            place = place.max(end.next_multiple_of(alignment));
        }
        place
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::Tensor;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub tensors: Vec<Tensor>,
        pub alignment: u64,
    }

    pub type Output = Vec<u64>;

    pub fn call(input: &Input) -> Output {
        super::solution::plan_arena(&input.tensors, input.alignment)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _, SliceRandom as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Tensor;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("tensors of random sizes and lifetimes", 6, |rng| {
            let tensors = (0..rng.random_range(30..60)).map(|_| {
                let first = rng.random_range(0..40);
                let size = rng.random_range(1..5000);
                Tensor { size, first, last: first + rng.random_range(0..12) }
            });
            Input { tensors: tensors.collect(), alignment: 1 }
        });
        cases.general("network with skip connections, in units of 64 bytes", 5, |rng| Input {
            tensors: network(rng, 40),
            alignment: 64,
        });
        cases.edge("tensors that meet in a single step", 3, |rng| {
            let mut first = 0;
            let tensors = (0..12).map(|_| {
                let last = first + rng.random_range(1..3);
                let tensor = Tensor { size: rng.random_range(10..90), first, last };
                first = last;
                tensor
            });
            Input { tensors: tensors.collect(), alignment: 1 }
        });
        cases.edge(
            "all tensors needed at once, sizes that are no multiples of the alignment",
            3,
            |rng| {
                let tensors =
                    (0..9).map(|_| Tensor { size: rng.random_range(1..200), first: 3, last: 5 });
                Input {
                    tensors: tensors.collect(),
                    alignment: [16, 24, 64][rng.random_range(0..3)],
                }
            },
        );
        cases.edge("a gap that is just large enough", 3, |rng| {
            let (a, b, c) =
                (rng.random_range(60..90), rng.random_range(30..50), rng.random_range(5..20));
            // The fourth finds `b` bytes free between the second and the third, and needs them all.
            let mut tensors = vec![
                Tensor { size: a + b, first: 0, last: 2 },
                Tensor { size: a, first: 3, last: 9 },
                Tensor { size: b + c, first: 1, last: 6 },
                Tensor { size: b, first: 4, last: 9 },
                Tensor { size: c, first: 7, last: 9 },
            ];
            tensors.shuffle(rng);
            Input { tensors, alignment: 1 }
        });
        cases.edge("tensors that are never needed together", 2, |rng| {
            let tensors = (0..8).map(|i| Tensor {
                size: rng.random_range(1..99),
                first: 2 * i,
                last: 2 * i + 1,
            });
            Input { tensors: tensors.collect(), alignment: 8 }
        });
        cases.edge("as many tensors as there may be", 1, |rng| Input {
            tensors: network(rng, 400),
            alignment: 32,
        });
        cases.edge("no tensors", 1, |_| Input { tensors: Vec::new(), alignment: 64 });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("offsets", expected, found)?;
        let alignment = input.alignment;
        if let Some(i) = found.iter().position(|&offset| offset % alignment != 0) {
            let offset = found[i];
            return Err(format!("tensor {i} is at {offset}, which is no multiple of {alignment}"));
        }
        let (expected_ends, ends) = (ends(input, expected)?, ends(input, found)?);
        for (i, a) in input.tensors.iter().enumerate() {
            for (j, b) in input.tensors.iter().enumerate().take(i) {
                let together = a.first.max(b.first) <= a.last.min(b.last);
                if together && found[i].max(found[j]) < ends[i].min(ends[j]) {
                    let step = a.first.max(b.first);
                    return Err(format!(
                        "tensors {j} and {i} overlap, and both are needed in step {step}"
                    ));
                }
            }
        }
        let arena = |ends: &[u64]| ends.iter().copied().max().unwrap_or(0);
        let (most, found) = (arena(&expected_ends), arena(&ends));
        if found > most {
            return Err(format!("the arena may have {most} bytes, and has {found}"));
        }
        Ok(())
    }

    /// Where each tensor ends.
    fn ends(input: &Input, offsets: &[u64]) -> Result<Vec<u64>, String> {
        let pairs = input.tensors.iter().zip(offsets).enumerate();
        let end = |(i, (tensor, &offset)): (usize, (&Tensor, &u64))| {
            offset.checked_add(tensor.size).ok_or_else(|| format!("tensor {i} ends beyond 2^64"))
        };
        pairs.map(end).collect()
    }

    /// A chain of layers; some outputs are read again much later.
    fn network(rng: &mut Rng, layers: u64) -> Vec<Tensor> {
        let mut tensors: Vec<Tensor> = (0..layers)
            .map(|first| {
                let later = if rng.random_bool(0.3) { rng.random_range(2..10) } else { 1 };
                Tensor { size: rng.random_range(100..4000), first, last: first + later }
            })
            .collect();
        tensors.shuffle(rng);
        tensors
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Tensor;
    use super::solution::plan_arena;

    fn tensor(size: u64, first: u64, last: u64) -> Tensor {
        Tensor { size, first, last }
    }

    /// The size of the arena, after a look at every pair of tensors.
    fn arena(tensors: &[Tensor], alignment: u64) -> u64 {
        let offsets = plan_arena(tensors, alignment);
        assert_eq!(offsets.len(), tensors.len());
        let placed: Vec<_> = tensors.iter().zip(offsets).collect();
        for (i, &(a, at)) in placed.iter().enumerate() {
            assert_eq!(at % alignment, 0, "tensor {i} is not aligned");
            for &(b, other) in &placed[..i] {
                let together = a.first <= b.last && b.first <= a.last;
                let apart = at + a.size <= other || other + b.size <= at;
                assert!(!together || apart, "{a:?} at {at} overlaps with {b:?} at {other}");
            }
        }
        placed.iter().map(|(tensor, offset)| tensor.size + offset).max().unwrap_or(0)
    }

    #[test]
    fn a_chain_of_three() {
        // The second tensor is made while the first is read, the third while the second is. The first and the third can share.
        assert_eq!(arena(&[tensor(10, 0, 1), tensor(30, 1, 2), tensor(20, 2, 3)], 1), 50);
    }

    #[test]
    fn all_at_once() {
        // 30 at 0, 20 at 32 and 10 at 56, the next multiple of 8 behind 52.
        assert_eq!(arena(&[tensor(10, 0, 1), tensor(30, 0, 1), tensor(20, 0, 2)], 8), 66);
    }

    #[test]
    fn not_all_at_once() {
        // 30 at 0, 20 at 0 when these are no longer needed, and 10 at 32.
        assert_eq!(arena(&[tensor(10, 0, 1), tensor(30, 0, 1), tensor(20, 2, 3)], 8), 42);
    }

    #[test]
    fn a_gap_is_used_again() {
        // 50 at 0 and 40 above it, up to 90. When the 50 are free, 30 and 20 fill their place while the 40 are still needed.
        let tensors = [tensor(50, 0, 1), tensor(40, 1, 4), tensor(30, 2, 4), tensor(20, 2, 3)];
        assert_eq!(arena(&tensors, 1), 90);
    }

    #[test]
    fn nothing_to_place() {
        assert!(plan_arena(&[], 64).is_empty());
    }
}

/// Frees a tensor's place in the step that reads it for the last time.
///
/// # Feedback
///
/// Two of your tensors overlap if one is made in the step in which the other is read for the last time. In that step the layer reads the one and
/// writes the other, so both need their bytes.
pub mod mutant_frees_too_early {
    use super::given::Tensor;
    pub use super::solution::*;

    /// Do two half-open ranges of steps overlap?
    pub fn meet(a: Tensor, b: Tensor) -> bool {
        a.first < b.last && b.first < a.last
    }
}

/// Places tensors in the order in which they are made.
///
/// # Feedback
///
/// Your plan is valid and its arena too large. You place tensors in the order in which they are made, so that large ones come late and find no gap
/// that is large enough. Begin with the hardest.
pub mod mutant_goes_by_time {
    use super::given::Tensor;
    pub use super::solution::*;

    /// The order of placement: first made, first placed.
    pub fn order(tensors: &[Tensor]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..tensors.len()).collect();
        order.sort_by_key(|&index| tensors[index].first);
        order
    }
}

/// Puts each tensor above all others that are needed at the same time.
///
/// # Feedback
///
/// Your plan is valid and its arena too large, because each tensor is put on top of all that are needed with it. Below and between them there are
/// gaps. Look for the lowest one that is large enough.
pub mod mutant_never_fills_gaps {
    pub use super::solution::*;

    /// Above the highest end.
    pub fn lowest_place(_: u64, taken: Vec<(u64, u64)>, alignment: u64) -> u64 {
        let ends = taken.iter().map(|&(_, end)| end);
        ends.max().unwrap_or(0).next_multiple_of(alignment)
    }
}

/// Goes on from the end of the last range it has looked at, though an earlier one may reach further.
///
/// # Feedback
///
/// Some of your tensors overlap with one that begins far below them and ends late. Tensors that are placed already may overlap with each other, so
/// the range that begins last need not end last. The place that is still possible never goes down again.
pub mod mutant_forgets_the_highest_end {
    pub use super::solution::*;

    /// The lowest place behind the range before it.
    pub fn lowest_place(size: u64, mut taken: Vec<(u64, u64)>, alignment: u64) -> u64 {
        taken.sort();
        let mut place: u64 = 0;
        for (start, end) in taken {
            if place + size <= start {
                break;
            }
            place = end.next_multiple_of(alignment);
        }
        place
    }
}

/// Places each tensor right behind another, whatever its alignment.
///
/// # Feedback
///
/// Your offsets are no multiples of the alignment. Round the place up whenever you go above another tensor, before you ask whether the next gap is
/// large enough.
pub mod mutant_forgets_the_alignment {
    pub use super::solution::*;

    /// The lowest place, at any offset.
    pub fn lowest_place(size: u64, mut taken: Vec<(u64, u64)>, _: u64) -> u64 {
        taken.sort();
        let mut place = 0;
        for (start, end) in taken {
            if place + size <= start {
                break;
            }
            place = place.max(end);
        }
        place
    }
}

/// Gives every tensor bytes of its own.
///
/// # Feedback
///
/// Your plan is valid, and no two tensors ever share a byte. So the arena is as large as all of them together. What is no longer needed leaves its
/// place to others.
pub mod mutant_shares_nothing {
    use super::given::Tensor;
    pub use super::solution::*;

    /// Everything is needed with everything.
    pub fn meet(_: Tensor, _: Tensor) -> bool {
        true
    }
}
