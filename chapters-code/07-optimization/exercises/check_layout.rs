//! # A header that lies
//!
//! - points: 12
//! - minutes: 45
//! - difficulty: medium
//! - section: checkpoints
//!
//! A safetensors file is a header, which lists the tensors, followed by their bytes. For each tensor the header gives its type, its shape, and from where to where its bytes reach. All
//! that can be wrong, by accident or by intent: a tensor may lie outside the file, on top of another, or be larger than its bytes. The chapter says what its reader checks and does not show it. Write the checks.
//!
//! You get the *entries* of a header, in the order in which they are listed, and the number of bytes that follow the header. Places are counted from the first of these: an entry holds the bytes from `begin` up to but
//! not including `end`. Its type takes `width` bytes for each number, at least 1. A tensor has as many numbers as the product of its shape. That of an empty shape is 1, and a shape with a 0 in it has none, whatever the others are.
//!
//! If the header is right, the answer is `Ok` with the indices of the entries in the order in which they lie in the file. It is right if every entry is right by itself, and if all together hold every byte exactly once. Otherwise
//! the answer is `Err` with the first fault, found in this order.
//!
//! First, the entries one by one, as they are listed. The entry `i` is at fault if
//!
//! 1. it ends before it begins: `Fault::Backwards(i)`; otherwise if
//! 2. it ends behind the last byte: `Fault::Outside(i)`; otherwise if
//! 3. the bytes from `begin` to `end` are not as many as its numbers need: `Fault::Size(i)`. Shapes may be so large that what they need does not fit a `u64`. No entry has that many bytes.
//!
//! Then, the entries in the order of their places: by `begin`, those with the same `begin` by `end`, and those with both the same as they are listed. Going through them from byte 0,
//!
//! 4. an entry that begins before the ones so far have ended is at fault: `Fault::Overlap(i)`, where `i` is its index in the list;
//! 5. a byte that is passed over is at fault: `Fault::Hole(byte)`. This holds for the bytes behind the last entry, too.
//!
//! Entries without bytes are allowed wherever they are neither of these. There may be no entries.
//!
//! ## Hint 1
//!
//! Every number in an entry comes from somebody else. Before each `+`, `-` and `*` ask what happens for $`2^{64} - 1`$.
//!
//! ## Hint 2
//!
//! `checked_mul` says whether a product fits. But $`2^{40} \cdot 2^{40} \cdot 0`$ is zero and fits, though two thirds of it do not: look for a zero first.
//!
//! ## Hint 3
//!
//! Keep one number for the second part: up to where all bytes are taken. The next entry has to begin exactly there. In the end it has to be the number of bytes.
//!
//! ## Solution
//!
//! The first part makes sure that `begin ≤ end ≤ bytes`, so the subtraction that follows cannot fail. Products are checked. In the second part, each entry must begin where the last one
//! ended: earlier means overlap, later a hole. So one number says all about the bytes so far. An entry without bytes at the place where another begins has to come before it, which is why `end` takes part in the order.
//!
//! ## Notes
//!
//! **Time.** Forty-five minutes.
//!
//! **Misconceptions.** That a `u64` is too large for any harm. Products wrap round in release and panic in debug builds, and both are bad: the first believes the file, the second falls over. That entries are listed as they lie. That a scalar has no
//! numbers because its shape has none.
//!
//! **Discussion.** What can somebody do with a hole? (Hide anything in a file of weights, such as a second file of another format.) And with an overlap? (Two tensors which change together when they are mapped into memory.) Why is it not enough that
//! reading slices in Rust checks the bounds?

/// What the exercise gives and does not change.
pub mod given {
    use serde::{Deserialize, Serialize};

    /// What the header says of a tensor.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Entry {
        /// Bytes of a number, at least 1.
        pub width: u64,
        /// Numbers along each axis.
        pub shape: Vec<u64>,
        /// Where the first byte is.
        pub begin: u64,
        /// The place behind the last byte.
        pub end: u64,
    }

    /// What is wrong with a header.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub enum Fault {
        /// This entry ends before it begins.
        Backwards(usize),
        /// This entry ends behind the last byte.
        Outside(usize),
        /// This entry has more bytes than its numbers need, or fewer.
        Size(usize),
        /// This entry begins before the ones that lie before it have ended.
        Overlap(usize),
        /// No entry has this byte.
        Hole(u64),
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::{Entry, Fault};

    /// The indices of the entries in the order of their places among so many bytes, or the first fault.
    pub fn check_layout(entries: &[Entry], bytes: u64) -> Result<Vec<usize>, Fault> {
        for (i, entry) in entries.iter().enumerate() {
            if entry.end < entry.begin {
                return Err(Fault::Backwards(i));
            }
            todo!("is it outside, and are its bytes as many as its numbers need?")
        }
        todo!("sort, and look for overlaps and holes")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::{Entry, Fault};

    /// The indices of the entries in the order of their places among so many bytes, or the first fault.
    pub fn check_layout(entries: &[Entry], bytes: u64) -> Result<Vec<usize>, Fault> {
        for (i, entry) in entries.iter().enumerate() {
            if entry.end < entry.begin {
                return Err(Fault::Backwards(i));
            } else if entry.end > bytes {
                return Err(Fault::Outside(i));
            } else if needed(entry) != Some(entry.end - entry.begin) {
                return Err(Fault::Size(i));
            }
        }
        let order = in_order(entries);
        covers(entries, &order, bytes)?;
        Ok(order)
    }

    /// The bytes that the numbers of an entry need, if a `u64` can hold them.
    pub fn needed(entry: &Entry) -> Option<u64> {
        if entry.shape.contains(&0) {
            return Some(0);
        }
        entry.shape.iter().try_fold(entry.width, |bytes, &size| bytes.checked_mul(size))
    }

    /// The indices in the order of the places.
    pub fn in_order(entries: &[Entry]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|&i| (entries[i].begin, entries[i].end));
        order
    }

    /// Every byte belongs to exactly one entry.
    pub fn covers(entries: &[Entry], order: &[usize], bytes: u64) -> Result<(), Fault> {
        let mut taken = 0;
        for &i in order {
            if entries[i].begin < taken {
                return Err(Fault::Overlap(i));
            } else if entries[i].begin > taken {
                return Err(Fault::Hole(taken));
            }
            taken = entries[i].end;
        }
        if taken < bytes { Err(Fault::Hole(taken)) } else { Ok(()) }
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    use super::given::{Entry, Fault};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub entries: Vec<Entry>,
        pub bytes: u64,
    }

    pub type Output = Result<Vec<usize>, Fault>;

    pub fn call(input: &Input) -> Output {
        super::solution::check_layout(&input.entries, input.bytes)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _, SliceRandom as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Entry;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("right header, listed in any order", 5, right);
        cases.general("header with one wrong number", 9, |rng| {
            let mut input = right(rng);
            let i = rng.random_range(0..input.entries.len());
            let by = rng.random_range(1..9);
            let entry = &mut input.entries[i];
            match rng.random_range(0..6) {
                0 => entry.end += by,
                1 => entry.begin += by,
                2 => entry.shape.push(2),
                3 => entry.width += 1,
                4 => input.bytes += by,
                _ => input.bytes -= by,
            }
            input
        });
        cases.edge("entry that ends before it begins", 2, |rng| {
            let mut input = right(rng);
            let entry = &mut input.entries[rng.random_range(0..3)];
            (entry.begin, entry.end) =
                [(entry.end, entry.begin), (u64::MAX, 0)][rng.random_range(0..2)];
            input
        });
        cases.edge("two entries with the same bytes", 2, |rng| {
            let mut input = right(rng);
            let twin = input.entries[rng.random_range(0..3)].clone();
            input.entries.push(twin);
            input
        });
        cases.edge("bytes before an entry that nobody has", 2, |rng| {
            let mut input = right(rng);
            let by = rng.random_range(1..9);
            let from = input.entries[0].begin;
            for entry in input.entries.iter_mut().filter(|entry| entry.begin >= from) {
                (entry.begin, entry.end) = (entry.begin + by, entry.end + by);
            }
            input.bytes += by;
            input
        });
        cases.edge("bytes at the end that nobody has", 2, |rng| {
            let mut input = right(rng);
            input.bytes += rng.random_range(1..9);
            input
        });
        let mut turn = 0;
        cases.edge("shape that needs more bytes than there are numbers for", 4, |rng| {
            let mut input = right(rng);
            let (begin, end) = (input.bytes, input.bytes);
            let shape = [
                vec![1 << 32, 1 << 32],
                vec![u64::MAX, u64::MAX],
                vec![1 << 62],
                vec![3, 1 << 63, 2],
            ][turn % 4]
                .clone();
            turn += 1;
            // The wrapped product is 0, or 1 for the second.
            let more = u64::from(shape[0] == u64::MAX);
            let width = if more == 1 { 1 } else { 4 };
            input.entries.insert(1, Entry { width, shape, begin, end: end + more });
            input.bytes += more;
            input
        });
        let mut turn = 0;
        cases.edge("entries without bytes", 3, |rng| {
            let mut input = right(rng);
            let at = [0, input.bytes, input.entries[1].begin][rng.random_range(0..3)];
            let shape = [vec![0], vec![1 << 40, 1 << 40, 0], vec![5, 0, 3]];
            let shape = shape[turn % 3].clone();
            turn += 1;
            input.entries.push(Entry { width: 4, shape, begin: at, end: at });
            // Always one that a later entry with bytes shares its place with.
            let at = input.entries[0].begin;
            input.entries.push(Entry { width: 8, shape: vec![0, 2], begin: at, end: at });
            input
        });
        let mut bytes = 0;
        cases.edge("no entries", 2, |_| {
            bytes += 7;
            Input { entries: Vec::new(), bytes: bytes - 7 }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::equal("the answer", expected, found)
    }

    /// A right header, whose entries are listed in another order than they lie. One is a scalar.
    fn right(rng: &mut Rng) -> Input {
        let mut begin = 0;
        let mut next = |width: u64, shape: Vec<u64>| {
            let end = begin + width * shape.iter().product::<u64>();
            let entry = Entry { width, shape, begin, end };
            begin = end;
            entry
        };
        let mut entries: Vec<Entry> = (0..rng.random_range(3..8))
            .map(|_| {
                let axes = rng.random_range(1..4);
                let shape = (0..axes).map(|_| rng.random_range(3..7)).collect();
                next([1, 2, 4, 8][rng.random_range(0..4)], shape)
            })
            .collect();
        entries.push(next(4, Vec::new()));
        let first = entries.clone();
        while entries == first {
            entries.shuffle(rng);
        }
        Input { entries, bytes: begin }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::{Entry, Fault};
    use super::solution::check_layout;

    /// An entry of numbers of four bytes.
    fn entry(shape: &[u64], begin: u64, end: u64) -> Entry {
        Entry { width: 4, shape: shape.to_vec(), begin, end }
    }

    #[test]
    fn a_right_header() {
        // Six numbers take 24 bytes, a scalar takes 4. The second lies first.
        let entries = [entry(&[2, 3], 4, 28), entry(&[], 0, 4)];
        assert_eq!(check_layout(&entries, 28), Ok(vec![1, 0]));
        assert_eq!(check_layout(&[], 0), Ok(vec![]));
    }

    #[test]
    fn an_entry_by_itself() {
        assert_eq!(check_layout(&[entry(&[2], 8, 0)], 8), Err(Fault::Backwards(0)));
        assert_eq!(check_layout(&[entry(&[2], 0, 8)], 7), Err(Fault::Outside(0)));
        assert_eq!(check_layout(&[entry(&[3], 0, 8)], 8), Err(Fault::Size(0)));
        // 2⁶⁴ numbers of 4 bytes: the product does not fit, and is not 0.
        assert_eq!(check_layout(&[entry(&[1 << 32, 1 << 32], 0, 0)], 0), Err(Fault::Size(0)));
        // No numbers at all, though a part of the product does not fit.
        assert_eq!(check_layout(&[entry(&[1 << 40, 1 << 40, 0], 0, 0)], 0), Ok(vec![0]));
    }

    #[test]
    fn entries_together() {
        // Bytes 4 to 8 twice.
        let entries = [entry(&[2], 4, 12), entry(&[2], 0, 8)];
        assert_eq!(check_layout(&entries, 12), Err(Fault::Overlap(0)));
        // Nobody has byte 8, and then nobody has byte 12.
        let entries = [entry(&[1], 9, 13), entry(&[2], 0, 8)];
        assert_eq!(check_layout(&entries, 13), Err(Fault::Hole(8)));
        assert_eq!(check_layout(&[entry(&[3], 0, 12)], 13), Err(Fault::Hole(12)));
    }

    #[test]
    fn an_entry_without_bytes() {
        // It lies before the one that begins at the same place, however they are listed.
        let entries = [entry(&[1], 0, 4), entry(&[0], 0, 0)];
        assert_eq!(check_layout(&entries, 4), Ok(vec![1, 0]));
        // In the midst of another it does not.
        assert_eq!(
            check_layout(&[entry(&[1], 0, 4), entry(&[0], 2, 2)], 4),
            Err(Fault::Overlap(1))
        );
    }
}

/// Lets the product wrap round.
///
/// # Feedback
///
/// A shape of $`2^{32}`$ by $`2^{32}`$ passes your check with no bytes at all. Your product wraps round at $`2^{64}`$, and begins again at 0. Use a multiplication that says when it does not fit.
pub mod mutant_wraps_round {
    pub use super::solution::*;

    use super::given::{Entry, Fault};

    /// The bytes that the numbers of an entry need, modulo 2⁶⁴.
    pub fn needed(entry: &Entry) -> Option<u64> {
        Some(entry.shape.iter().fold(entry.width, |bytes, &size| bytes.wrapping_mul(size)))
    }
}

/// Takes a product that does not fit on the way for a fault, though a zero follows.
///
/// # Feedback
///
/// You refuse a tensor without numbers, because a part of the product of its shape does not fit. The whole product is zero, and that fits. Look for a zero before you multiply.
pub mod mutant_overlooks_a_zero {
    pub use super::solution::*;

    use super::given::{Entry, Fault};

    /// The bytes that the numbers of an entry need, multiplied from the left.
    pub fn needed(entry: &Entry) -> Option<u64> {
        entry.shape.iter().try_fold(entry.width, |bytes, &size| bytes.checked_mul(size))
    }
}

/// Believes that entries are listed in the order in which they lie.
///
/// # Feedback
///
/// You find overlaps and holes in right headers. Entries may be listed in any order, by name for example. Bring them into the order of their places first.
pub mod mutant_believes_the_list {
    pub use super::solution::*;

    use super::given::{Entry, Fault};

    /// The indices as they are listed.
    pub fn in_order(entries: &[Entry]) -> Vec<usize> {
        (0..entries.len()).collect()
    }
}

/// Looks for overlaps and not for holes.
///
/// # Feedback
///
/// No byte belongs to two of your entries, but some belong to none. In a file of weights that is room in which anything can be hidden. Each entry has to begin exactly where the last has
/// ended, and the last has to end with the file.
pub mod mutant_allows_holes {
    pub use super::solution::*;

    use super::given::{Entry, Fault};

    /// No byte belongs to two entries.
    pub fn covers(entries: &[Entry], order: &[usize], _: u64) -> Result<(), Fault> {
        let mut taken = 0;
        for &i in order {
            if entries[i].begin < taken {
                return Err(Fault::Overlap(i));
            }
            taken = entries[i].end;
        }
        Ok(())
    }
}

/// Compares neighbours and forgets what is behind the last.
///
/// # Feedback
///
/// You find holes between entries, and none behind the last one. Also ask whether the last one ends with the file; and without entries, whether there are any bytes.
pub mod mutant_forgets_the_end {
    pub use super::solution::*;

    use super::given::{Entry, Fault};

    /// Every entry begins where the last has ended.
    pub fn covers(entries: &[Entry], order: &[usize], _: u64) -> Result<(), Fault> {
        let mut taken = 0;
        for &i in order {
            match entries[i].begin.cmp(&taken) {
                std::cmp::Ordering::Less => return Err(Fault::Overlap(i)),
                std::cmp::Ordering::Greater => return Err(Fault::Hole(taken)),
                std::cmp::Ordering::Equal => taken = entries[i].end,
            }
        }
        Ok(())
    }
}

/// Sorts by the first byte alone.
///
/// # Feedback
///
/// You report an overlap for an entry without bytes, which shares its place with the beginning of another. It fits there, if it comes first: let the end decide between two entries that begin at one
/// place.
pub mod mutant_sorts_by_begin_alone {
    pub use super::solution::*;

    use super::given::{Entry, Fault};

    /// The indices in the order of the first bytes.
    pub fn in_order(entries: &[Entry]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|&i| entries[i].begin);
        order
    }
}
