//! Rules of a few lines: by neighbours, by votes, by chance.

use super::{Learner, Lesson, Table};

/// The nearest neighbour: an input gets the label that most of the nearest taught inputs have, by the number of bits in
/// which they differ. Of equal votes the taught input with the smallest number decides; with nothing taught it says 0.
#[derive(Clone, Copy, Debug)]
pub struct Nearest;

// ANCHOR: nearest
impl Learner for Nearest {
    fn name(&self) -> &'static str {
        "nearest"
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        lesson.where_it(|input| {
            let spheres = (0..=lesson.cube.bits()).map(|d| lesson.cube.at(input, d) & lesson.set);
            let near = spheres.into_iter().find(|near| *near != 0).unwrap_or(0);
            let first = near & near.wrapping_neg();
            match lesson.votes(near) {
                (ones, zeros) if ones == zeros => first & lesson.labels != 0,
                (ones, zeros) => ones > zeros,
            }
        })
    }
}
// ANCHOR_END: nearest

/// Says the opposite of the nearest neighbour, everywhere but at the taught inputs, whose labels it repeats.
#[derive(Clone, Copy, Debug)]
pub struct Contrary;

impl Learner for Contrary {
    fn name(&self) -> &'static str {
        "contrary"
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        let unseen = lesson.cube.all() & !lesson.set;
        (!Nearest.answer(lesson) & unseen) | lesson.labels
    }
}

/// Says of every input what most labels say; of equally many, 0.
#[derive(Clone, Copy, Debug)]
pub struct Majority;

impl Learner for Majority {
    fn name(&self) -> &'static str {
        "majority"
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        let (ones, zeros) = lesson.votes(lesson.set);
        if ones > zeros { lesson.cube.all() } else { 0 }
    }
}

/// Says of every input the opposite of what the majority says.
#[derive(Clone, Copy, Debug)]
pub struct Minority;

impl Learner for Minority {
    fn name(&self) -> &'static str {
        "minority"
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        lesson.cube.all() & !Majority.answer(lesson)
    }
}

/// Answers that have nothing to do with the labels but are the same for the same lesson: bits of a hash of it.
/// The mixing function is the last step of SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Clone, Copy, Debug)]
pub struct Hash;

impl Learner for Hash {
    fn name(&self) -> &'static str {
        "random"
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        let mut z = u64::from(lesson.set) << 32 | u64::from(lesson.labels);
        z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) as Table & lesson.cube.all()
    }
}
