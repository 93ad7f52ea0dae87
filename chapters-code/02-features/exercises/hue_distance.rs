//! # How far must the colours be carried?
//!
//! - points: 18
//! - minutes: 60
//! - difficulty: challenging
//! - section: colour
//!
//! A box of a histogram has a border. A wall whose hue moves by one degree may leave a box for the next, and then its histogram has nothing in common with
//! what it was, just as if the wall had been painted blue. A distance that compares bin with bin cannot know that two bins are
//! neighbours. The *earth mover's distance* does. It takes one histogram for heaps of earth and the other for holes, and asks for the least work that fills the
//! holes: earth, times how far it is carried.
//!
//! Hue is an angle. Cut the circle of hues into $`n`$ bins of $`360^\circ/n`$ each, so that bin 0 and bin $`n - 1`$ are neighbours. Earth is carried from the middle of a bin to the middle
//! of another, along the circle, either way round. If $`f_{ij}`$ is the share of the pixels that goes from bin $`i`$ of the first histogram to bin $`j`$ of the second, then
//! the distance is
//!
//! ```math
//! \min_f \sum_{ij} f_{ij}\, \frac{360^\circ}{n} \min\bigl(|i - j|,\; n - |i - j|\bigr)
//! ```
//!
//! over all ways $`f`$ of carrying everything to where it belongs. Write a function that gets two histograms as counts and gives this distance in degrees.
//!
//! - Both have the same number of bins, at least one and at most 4096, and each has at least one pixel.
//! - The images may be of different size: what is carried are *shares* of the pixels.
//! - With one bin the distance is 0. It is never more than 180.
//!
//! The result is compared up to 1e-9. An answer that takes $`n^2`$ steps is quick enough, one that takes $`n^3`$ is not.
//!
//! ## Hint 1
//!
//! Begin with a line instead of a circle. Everything that has to get from the first $`k`$ bins to the others crosses the border behind bin $`k`$. How much is
//! that, and what is then the work of all borders together?
//!
//! ## Hint 2
//!
//! On a circle one number is free: how much is carried across the border between the last bin and the first. If it is $`c`$, every border's
//! flow is less by $`c`$. With $`D_k`$ for the flow across border $`k`$ on the line, the work is $`\sum_k |D_k - c|`$ widths of a bin. Choose $`c`$.
//!
//! ## Hint 3
//!
//! A sum of distances to given numbers is smallest at their median. Sort the flows and take the one in the middle. For an even number of flows either of the two
//! in the middle will do.
//!
//! ## Solution
//!
//! It does not matter which grain of earth goes where; what counts is how much crosses each border, for carrying two equal grains past each other is a waste. On the
//! line the flow across the border behind bin $`k`$ must be $`D_k = \sum_{i \le k} (p_i - q_i)`$. On the circle a constant flow may go round in addition. It fills and empties no
//! bin, so it is free to choose, and the median of the $`D_k`$ makes the sum of the flows' amounts smallest. To sort the flows takes
//! $`n \log n`$ steps, where the search over all $`f_{ij}`$ is a linear programme with $`n^2`$ unknowns.
//!
//! ## Notes
//!
//! **Time.** One hour, of which the code is ten minutes. Students who try to carry earth greedily lose half of it.
//!
//! **Misconceptions.** That the circle can be cut somewhere fixed, or at one of two places. That the free flow is the mean of the others: the mean minimises squares, the
//! median amounts. That each grain takes the shorter way round to the nearest hole (greedy answers are too large, or leave holes).
//!
//! **Discussion.** Why is the distance of any two histograms at most 180, and which pairs reach it? Is a distance between *colour* histograms as easy, with 512 boxes in three dimensions? (No: only
//! on a line and on a circle the borders' flows are known; in general it is a transport problem.)

/// What the student starts from.
pub mod starter {
    /// The earth mover's distance, in degrees, between two histograms of hues round a circle.
    pub fn hue_distance(first: &[u32], second: &[u32]) -> f64 {
        todo!("the least work that makes the one of the other")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The earth mover's distance, in degrees, between two histograms of hues round a circle.
    pub fn hue_distance(first: &[u32], second: &[u32]) -> f64 {
        let flows = flows(first, second);
        let round = best_round(&flows);
        let work: f64 = flows.iter().map(|flow| (flow - round).abs()).sum();
        work * 360.0 / first.len() as f64
    }

    /// What crosses the border behind each bin if nothing crosses that behind the last.
    pub fn flows(first: &[u32], second: &[u32]) -> Vec<f64> {
        let (n, m) = (total(first), total(second));
        let mut flow = 0.0;
        let bins = first.iter().zip(second);
        bins.map(|(&p, &q)| {
            flow += f64::from(p) / n - f64::from(q) / m;
            flow
        })
        .collect()
    }

    /// What should go round the whole circle the other way: the median of the flows.
    pub fn best_round(flows: &[f64]) -> f64 {
        let mut sorted = flows.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    /// The sum of all counts.
    pub fn total(counts: &[u32]) -> f64 {
        counts.iter().map(|&count| f64::from(count)).sum()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub first: Vec<u32>,
        pub second: Vec<u32>,
    }

    pub type Output = f64;

    pub fn call(input: &Input) -> Output {
        super::solution::hue_distance(&input.first, &input.second)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("two random histograms", 5, |rng| {
            let bins = rng.random_range(9..40);
            Input { first: counts(rng, bins, 60), second: counts(rng, bins, 900) }
        });
        cases.general("photographs with two or three hues each", 6, |rng| {
            let bins = [12, 18, 24, 36][rng.random_range(0..4)];
            Input { first: heaps(rng, bins), second: heaps(rng, bins) }
        });
        cases.edge("one hue on either side of 0°", 4, |rng| {
            let (bins, off) = (rng.random_range(8..30), rng.random_range(0..3));
            Input { first: single(bins, off, 5), second: single(bins, bins - 1, 5) }
        });
        cases.edge("opposite hues", 2, |rng| {
            let (half, at) = (rng.random_range(3..20), rng.random_range(0..3));
            let (first, second) = (single(2 * half, at, 9), single(2 * half, at + half, 4));
            Input { first, second }
        });
        cases.edge("the same shares, of images of different size", 3, |rng| {
            let bins = rng.random_range(3..20);
            let first = counts(rng, bins, 50);
            let times = rng.random_range(2..9);
            Input { second: first.iter().map(|count| count * times).collect(), first }
        });
        cases.edge("one bin, or two", 3, |rng| {
            let bins = rng.random_range(1..=2);
            Input { first: counts(rng, bins, 50), second: counts(rng, bins, 50) }
        });
        cases.edge("as many bins as there may be", 1, |rng| Input {
            first: counts(rng, 4096, 50),
            second: counts(rng, 4096, 900),
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::number("the distance in degrees", *expected, *found, 1e-9)
    }

    /// Random counts, the first of which is not zero.
    fn counts(rng: &mut Rng, bins: usize, most: u32) -> Vec<u32> {
        let mut counts: Vec<u32> = (0..bins).map(|_| rng.random_range(0..=most)).collect();
        counts[0] += 1;
        counts
    }

    fn single(bins: usize, at: usize, count: u32) -> Vec<u32> {
        (0..bins).map(|bin| if bin == at { count } else { 0 }).collect()
    }

    fn heaps(rng: &mut Rng, bins: usize) -> Vec<u32> {
        let mut counts = vec![0; bins];
        for _ in 0..rng.random_range(2..=3) {
            let (middle, height) = (rng.random_range(0..bins), rng.random_range(20..200));
            for (off, part) in [(bins - 1, 2), (0, 1), (1, 3)] {
                counts[(middle + off) % bins] += height / part;
            }
        }
        counts
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::hue_distance;

    fn assert_distance(first: &[u32], second: &[u32], expected: f64) {
        let found = hue_distance(first, second);
        assert!((found - expected).abs() < 1e-9, "expected {expected}, found {found}");
    }

    #[test]
    fn one_bin_further() {
        // Everything is carried from the second of four bins to the third: 90°.
        assert_distance(&[0, 7, 0, 0], &[0, 0, 3, 0], 90.0);
    }

    #[test]
    fn across_zero() {
        // Bins 0 and 5 of six are neighbours, 60° from each other.
        assert_distance(&[4, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 0, 4], 60.0);
    }

    #[test]
    fn two_ways_at_once() {
        // One half goes from bin 0 to bin 1 and one half from bin 0 to bin 7, each 45°.
        assert_distance(&[2, 0, 0, 0, 0, 0, 0, 0], &[0, 1, 0, 0, 0, 0, 0, 1], 45.0);
    }

    #[test]
    fn nothing_to_carry() {
        assert_distance(&[1, 2, 3], &[10, 20, 30], 0.0);
        assert_distance(&[8], &[3], 0.0);
    }

    #[test]
    fn three_thirds() {
        // Three bins of 120°: a third of the pixels moves by one bin.
        assert_distance(&[2, 1, 0], &[1, 1, 1], 40.0);
    }
}

/// Carries earth along a line from the first bin to the last, and never across 0°.
///
/// # Feedback
///
/// Your distance is that of a line: what has to get from the last bin to the first is carried all the way back. On the circle they
/// are neighbours, and some of the flow can go the other way round.
pub mod mutant_stays_on_the_line {
    pub use super::solution::*;

    /// Nothing goes round.
    pub fn best_round(_: &[f64]) -> f64 {
        0.0
    }
}

/// Takes the mean of the flows for what goes round.
///
/// # Feedback
///
/// You found that a constant flow may go round the circle, and chose the mean of the others. The mean makes the sum of *squares* smallest. Work is a sum
/// of amounts: which number has the smallest sum of distances to given numbers?
pub mod mutant_takes_the_mean {
    pub use super::solution::*;

    /// The mean of the flows.
    pub fn best_round(flows: &[f64]) -> f64 {
        flows.iter().sum::<f64>() / flows.len() as f64
    }
}

/// Takes the flow that stands in the middle of the list, without sorting.
///
/// # Feedback
///
/// You take the flow across the border opposite 0°. The median is the flow in the middle of the *sorted* flows, wherever its border is.
pub mod mutant_forgets_to_sort {
    pub use super::solution::*;

    /// The flow in the middle of the list.
    pub fn best_round(flows: &[f64]) -> f64 {
        flows[flows.len() / 2]
    }
}

/// Carries pixels, not shares of them.
///
/// # Feedback
///
/// You carry pixels. Where the images are of different size, earth is left over or holes stay open. Divide every count by the sum of its histogram
/// first.
pub mod mutant_carries_pixels {
    pub use super::solution::*;

    /// One, so that counts stay counts.
    pub fn total(_: &[u32]) -> f64 {
        1.0
    }
}

/// Gives the distance in bins.
///
/// # Feedback
///
/// Your distance is in bins. In degrees, a bin is as wide as the circle divided by the number of bins.
pub mod mutant_measures_in_bins {
    pub use super::solution::*;

    /// The distance in bins.
    pub fn hue_distance(first: &[u32], second: &[u32]) -> f64 {
        let flows = flows(first, second);
        let round = best_round(&flows);
        flows.iter().map(|flow| (flow - round).abs()).sum()
    }
}

/// Adds up the differences of the bins, as if all were equally far apart.
///
/// # Feedback
///
/// You add up how much each bin has too much or too little, wherever it has to go. Earth that is carried across five borders costs five times as much as
/// earth that is carried across one.
pub mod mutant_compares_bin_with_bin {
    pub use super::solution::*;

    /// Half the sum of the differences, one bin each.
    pub fn hue_distance(first: &[u32], second: &[u32]) -> f64 {
        let (n, m) = (total(first), total(second));
        let differences =
            first.iter().zip(second).map(|(&p, &q)| f64::from(p) / n - f64::from(q) / m);
        differences.map(f64::abs).sum::<f64>() / 2.0 * 360.0 / first.len() as f64
    }
}
