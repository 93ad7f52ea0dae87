//! A decision tree that asks for one bit after the other.

use super::{Learner, Lesson, Table};

/// A decision tree, grown until its leaves are pure. Each question is the bit with the smallest Gini impurity that parts
/// the samples; of equally good bits, the last digit first. A leaf without samples cannot come about, because both sides
/// of a question have some. Without samples at all it says 0.
#[derive(Clone, Copy, Debug)]
pub struct Tree;

impl Learner for Tree {
    fn name(&self) -> &'static str {
        "tree"
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        grow(lesson, lesson.cube.all())
    }
}

/// The inputs of `region` of which the tree below it says 1.
fn grow(lesson: &Lesson<'_>, region: Table) -> Table {
    let (ones, zeros) = lesson.votes(region);
    if ones == 0 || zeros == 0 {
        return if ones > 0 { region } else { 0 };
    }
    let mut best: Option<(u64, u64, Table)> = None;
    for bit in 0..lesson.cube.bits() {
        let half = lesson.cube.half(bit);
        let Some((purity, size)) = purity(lesson, region & half, region & !half) else { continue };
        // Fractions are compared by products of whole numbers.
        if best.is_none_or(|(p, s, _)| purity * s > p * size) {
            best = Some((purity, size, half));
        }
    }
    // Two samples of different labels differ in some bit, so there is a question.
    best.map_or(0, |(.., half)| grow(lesson, region & half) | grow(lesson, region & !half))
}

/// `Σ (ones² + zeros²) / size` of both sides as a fraction, the larger the purer; nothing where one side has no sample.
fn purity(lesson: &Lesson<'_>, left: Table, right: Table) -> Option<(u64, u64)> {
    let side = |part: Table| {
        let (ones, zeros) = lesson.votes(part);
        let (ones, zeros) = (u64::from(ones), u64::from(zeros));
        (ones * ones + zeros * zeros, ones + zeros)
    };
    let ((a, n), (b, m)) = (side(left), side(right));
    (n > 0 && m > 0).then_some((a * m + b * n, n * m))
}
