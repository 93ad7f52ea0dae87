//! # Soft borders between directions
//!
//! - points: 12
//! - minutes: 35
//! - difficulty: medium
//! - section: gradients
//!
//! In the chapter a gradient gives its whole length to one bin. So an edge at 19.9° and an edge at 20.1° have no
//! bin in common. Dalal and Triggs let a gradient share its vote between the two bins whose middles are nearest, and found that it
//! helps. Build that for one cell.
//!
//! A direction has no sign, so it is an angle $`\theta`$ from 0° up to but not including 180°. There are $`b`$ bins, each $`w = 180^\circ/b`$ wide. The *middle* of bin $`k`$
//! is at $`(k + \tfrac12)\,w`$. A direction lies between two neighbouring middles. To a middle at the angular distance $`d`$ the gradient of length $`g`$ gives
//!
//! ```math
//! g \left(1 - \frac{d}{w}\right)
//! ```
//!
//! so that a gradient in the middle of a bin votes for that bin alone, and one on a border gives half to each side. The two votes always add up to $`g`$.
//!
//! Write a function that gets the gradients of a cell and the number of bins and gives the sums of the votes, bin by bin.
//!
//! - A gradient is a pair: the difference downwards, then the difference to the right. Both may be negative or zero. Its length is
//!   $`\sqrt{g_y^2 + g_x^2}`$ and its angle $`\operatorname{atan2}(g_y, g_x)`$, taken without its sign, as in the chapter.
//! - Directions go round: 179° is 2° from 1°, and the last bin and the first are neighbours.
//! - There is at least one bin. With a single bin, all votes are its own.
//! - A gradient of length zero adds nothing. There may be no gradients at all; then every sum is zero.
//! - The sums are not divided by the area of the cell.
//!
//! The sums are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Measure the direction in bins, not in degrees, and from the middle of bin 0. What do the whole part and the rest of that number say?
//!
//! ## Hint 2
//!
//! The whole part names the bin whose middle has been passed last, the rest is how far it is to the next. The rest goes to the next bin, and what is left
//! to the bin that was passed.
//!
//! ## Hint 3
//!
//! Before the middle of bin 0 the whole part is −1. `floor` and `rem_euclid` make the last bin of it; the next bin after the last is found with
//! `%`.
//!
//! ## Solution
//!
//! In units of bins, and measured from the first middle, a direction is a number from $`-\tfrac12`$ to $`b - \tfrac12`$. Its `floor` is the middle behind it, and
//! the fraction is the share of the middle ahead. Both bins are taken modulo the number of bins, which closes the circle.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes. Half of it goes into the circle.
//!
//! **Misconceptions.** That bin $`k`$ stands at $`k\,w`$, which shifts every vote by half a bin. That the nearer bin is
//! found by rounding and the other is always the next one. That a direction before the first middle has only one neighbour.
//!
//! **Discussion.** Turn a cell by 10° and compare the two histograms, hard and soft, by their distance. Why does the soft one move steadily and
//! the hard one in jumps? The same sharing between neighbouring *cells* is the other half of what Dalal and Triggs did; what would it change
//! about a shift by four pixels?

/// What the student starts from.
pub mod starter {
    /// The votes of gradients, downwards and to the right, shared between neighbouring bins of direction.
    pub fn soft_votes(gradients: &[(f64, f64)], bins: usize) -> Vec<f64> {
        let mut votes = vec![0.0; bins];
        for &(down, right) in gradients {
            let angle = down.atan2(right).to_degrees().rem_euclid(180.0);
            todo!("share the length between the two bins whose middles are nearest to the angle")
        }
        votes
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The votes of gradients, downwards and to the right, shared between neighbouring bins of direction.
    pub fn soft_votes(gradients: &[(f64, f64)], bins: usize) -> Vec<f64> {
        let mut votes = vec![0.0; bins];
        for &(down, right) in gradients {
            let angle = down.atan2(right).to_degrees().rem_euclid(180.0);
            for (bin, share) in shares(angle, bins) {
                votes[bin] += share * down.hypot(right);
            }
        }
        votes
    }

    /// The two bins beside a direction in degrees, and the share of each.
    pub fn shares(angle: f64, bins: usize) -> [(usize, f64); 2] {
        // In bins, from the middle of bin 0; before that middle it is negative.
        let place = angle / 180.0 * bins as f64 - 0.5;
        let behind = place.floor().rem_euclid(bins as f64) as usize;
        let ahead = (behind + 1) % bins;
        let share = place - place.floor();
        [(behind, 1.0 - share), (ahead, share)]
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub gradients: Vec<(f64, f64)>,
        pub bins: usize,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::soft_votes(&input.gradients, input.bins)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("cell with gradients in all directions", 6, |rng| {
            let bins = rng.random_range(4..=18);
            let n = rng.random_range(16..80);
            Input { gradients: (0..n).map(|_| towards(rng, 0.0, 360.0)).collect(), bins }
        });
        cases.general("cell with one edge, away from 0° and 180°", 4, |rng| {
            let (bins, edge) = (rng.random_range(6..=12), rng.random_range(45.0..135.0));
            Input {
                gradients: (0..8).map(|_| towards(rng, edge - 5.0, edge + 5.0)).collect(),
                bins,
            }
        });
        cases.edge("directions close to 0° and to 180°", 4, |rng| {
            let bins = rng.random_range(3..=10);
            Input { gradients: (0..6).map(|_| towards(rng, -7.0, 7.0)).collect(), bins }
        });
        cases.edge("gradients that point upwards or to the left", 3, |rng| {
            let bins = rng.random_range(5..=9);
            Input { gradients: (0..6).map(|_| towards(rng, 180.0, 360.0)).collect(), bins }
        });
        cases.edge("gradients along a row or a column", 3, |rng| {
            let bins = rng.random_range(2..=9);
            let (a, b) = (rng.random_range(0.1..1.0), rng.random_range(0.1..1.0));
            Input { gradients: vec![(a, 0.0), (0.0, b), (-b, 0.0), (0.0, -a)], bins }
        });
        cases.edge("a single bin", 2, |rng| Input {
            gradients: (0..5).map(|_| towards(rng, 0.0, 360.0)).collect(),
            bins: 1,
        });
        let mut n = 0;
        cases.edge("no gradients, or all of length zero", 2, |rng| {
            n += 3;
            Input { gradients: vec![(0.0, 0.0); n - 3], bins: rng.random_range(1..=9) }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("bins", expected, found)?;
        compare::each(expected, found, 1e-9, |bin| format!("the votes of bin {bin}"))
    }

    /// A gradient that points between two angles in degrees.
    fn towards(rng: &mut Rng, from: f64, to: f64) -> (f64, f64) {
        let (length, angle) = (rng.random_range(0.05..1.4), rng.random_range(from..to));
        let (sin, cos) = angle.to_radians().sin_cos();
        (length * sin, length * cos)
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::soft_votes;

    fn assert_votes(gradients: &[(f64, f64)], expected: &[f64]) {
        let votes = soft_votes(gradients, expected.len());
        assert_eq!(votes.len(), expected.len());
        let equal = votes.iter().zip(expected).all(|(v, e)| (v - e).abs() < 1e-9);
        assert!(equal, "expected {expected:?}, found {votes:?}");
    }

    #[test]
    fn in_the_middle_of_a_bin() {
        // Two bins have their middles at 45° and 135°. (3, 3) points to 45° and has the length √18.
        assert_votes(&[(3.0, 3.0)], &[18.0_f64.sqrt(), 0.0]);
    }

    #[test]
    fn between_two_middles() {
        // Three bins: middles at 30°, 90° and 150°. At 45° a quarter of the way to 90° is done. The length is √2.
        let length = 2.0_f64.sqrt();
        assert_votes(&[(1.0, 1.0)], &[0.75 * length, 0.25 * length, 0.0]);
    }

    #[test]
    fn the_last_bin_and_the_first_are_neighbours() {
        // To the right is 0°, on the border between bin 3 and bin 0, and so is to the left.
        assert_votes(&[(0.0, 2.0)], &[1.0, 0.0, 0.0, 1.0]);
        assert_votes(&[(0.0, -2.0)], &[1.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn nothing_is_lost() {
        // 3-4-5 triangles in four quadrants: the votes add up to 20, however they are shared.
        let votes = soft_votes(&[(3.0, 4.0), (-3.0, 4.0), (4.0, -3.0), (-4.0, -3.0)], 7);
        assert!((votes.iter().sum::<f64>() - 20.0).abs() < 1e-9, "{votes:?}");
    }
}

/// Gives the whole length to one bin, as the chapter does.
///
/// # Feedback
///
/// Each of your gradients votes for a single bin. That is the chapter's histogram. Here a gradient between two middles has something for
/// both of them, in proportion to how near they are.
pub mod mutant_votes_hard {
    pub use super::solution::*;

    /// The bin of a direction, with all of it.
    pub fn shares(angle: f64, bins: usize) -> [(usize, f64); 2] {
        let bin = ((angle / 180.0 * bins as f64) as usize).min(bins - 1);
        [(bin, 1.0), (bin, 0.0)]
    }
}

/// Stops at the ends: before the first middle and behind the last one there is only one neighbour.
///
/// # Feedback
///
/// Close to 0° and 180° you give everything to one bin. Directions go round: the last bin is the neighbour of the first, and gets its
/// part.
pub mod mutant_does_not_go_round {
    pub use super::solution::*;

    /// The two bins beside a direction, cut off at the ends.
    pub fn shares(angle: f64, bins: usize) -> [(usize, f64); 2] {
        let last = bins as f64 - 1.0;
        let place = (angle / 180.0 * bins as f64 - 0.5).clamp(0.0, last);
        let behind = place.floor() as usize;
        let share = place - place.floor();
        [(behind, 1.0 - share), ((behind + 1).min(bins - 1), share)]
    }
}

/// Takes the lower border of a bin for its middle.
///
/// # Feedback
///
/// Your votes are off by half a bin: you measure from the lower border of each bin. A gradient that stands in the middle of a bin votes for
/// that bin alone, and one on a border is shared half and half.
pub mod mutant_measures_from_the_border {
    pub use super::solution::*;

    /// The two bins beside a direction, as if bin `k` stood at `k` widths.
    pub fn shares(angle: f64, bins: usize) -> [(usize, f64); 2] {
        let place = angle / 180.0 * bins as f64;
        let behind = place.floor() as usize % bins;
        let share = place - place.floor();
        [(behind, 1.0 - share), ((behind + 1) % bins, share)]
    }
}

/// Exchanges the two shares: the further bin gets the larger one.
///
/// # Feedback
///
/// You found the right two bins and gave each the other's share. The nearer a middle is, the more it gets: a
/// distance of zero means all.
pub mod mutant_exchanges_the_shares {
    pub use super::solution::*;

    /// The two bins beside a direction, each with its distance for its share.
    pub fn shares(angle: f64, bins: usize) -> [(usize, f64); 2] {
        let place = angle / 180.0 * bins as f64 - 0.5;
        let behind = place.floor().rem_euclid(bins as f64) as usize;
        let share = place - place.floor();
        [(behind, share), ((behind + 1) % bins, 1.0 - share)]
    }
}

/// Spreads the bins over the full circle.
///
/// # Feedback
///
/// Your bins cover 360°, so that a step from dark to bright and one from bright to dark vote for different bins. Directions are without
/// sign here: half a circle is all there is.
pub mod mutant_keeps_the_sign {
    pub use super::solution::*;

    /// The votes, in bins over the full circle.
    pub fn soft_votes(gradients: &[(f64, f64)], bins: usize) -> Vec<f64> {
        let mut votes = vec![0.0; bins];
        for &(down, right) in gradients {
            let angle = down.atan2(right).to_degrees().rem_euclid(360.0);
            for (bin, share) in shares(angle / 2.0, bins) {
                votes[bin] += share * down.hypot(right);
            }
        }
        votes
    }
}

/// Counts gradients, whatever their length.
///
/// # Feedback
///
/// Every gradient has the same weight in your sums, the faintest noise as much as the sharpest edge. What is shared between two bins is the
/// gradient's length.
pub mod mutant_counts_gradients {
    pub use super::solution::*;

    /// The votes, one for each gradient that has a direction.
    pub fn soft_votes(gradients: &[(f64, f64)], bins: usize) -> Vec<f64> {
        let mut votes = vec![0.0; bins];
        for &(down, right) in gradients.iter().filter(|&&gradient| gradient != (0.0, 0.0)) {
            let angle = down.atan2(right).to_degrees().rem_euclid(180.0);
            for (bin, share) in shares(angle, bins) {
                votes[bin] += share;
            }
        }
        votes
    }
}
