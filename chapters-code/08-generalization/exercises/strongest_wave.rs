//! # The wave in a row of weights
//!
//! - points: 10
//! - minutes: 30
//! - difficulty: medium
//! - section: grokking
//!
//! A unit of a network that has learned to add modulo $`p`$ has a weight for each of the numbers $`0, \ldots, p - 1`$. Are these $`p`$ weights a wave? The *power* of a row $`x`$ at the frequency $`k`$ is
//!
//! $`P_k = \left(\sum_a x_a \cos \frac{2 \pi k a}{p}\right)^2 + \left(\sum_a x_a \sin \frac{2 \pi k a}{p}\right)^2`$.
//!
//! Write a function that gives the frequency from 1 to $`\lfloor p / 2 \rfloor`$ with the largest power, and the share that its power has in the sum of the powers at these frequencies.
//!
//! - $`p`$ is at least 3 and at most 100, and need not be a prime.
//! - The frequency 0 does not count: it is the mean, and no wave.
//! - If all numbers of the row are equal, the answer is `None`.
//! - No case has two frequencies whose powers are nearly the largest.
//!
//! Shares are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Begin with a function for the power at one frequency. What does it give for a row that is a cosine of that frequency, and what for a sine?
//!
//! ## Hint 2
//!
//! Why are frequencies above $`p / 2`$ left out? Write $`\cos (2 \pi (p - k) a / p)`$ in another way.
//!
//! ## Solution
//!
//! This is the discrete Fourier transform by its definition. A wave of any phase is a cosine and a sine of the same frequency, and the sum of the two squares does not depend on the phase.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That cosines alone are enough: a sine is then invisible. That shares of lengths and shares of squares are the same. That for an even $`p`$ the frequency $`p / 2`$ is left out with those above it.
//!
//! **Discussion.** What is the share of the strongest frequency for a row of independent random numbers, about? Compute it for $`p = 47`$, and compare it with the chapter's network before its first step.

/// What the student starts from.
pub mod starter {
    /// The frequency with the largest power, and its share; nothing for a level row.
    pub fn strongest_wave(x: &[f64]) -> Option<(usize, f64)> {
        let p = x.len();
        todo!("the power at each frequency from 1 to p / 2")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use std::f64::consts::TAU;

    /// The frequency with the largest power, and its share; nothing for a level row.
    pub fn strongest_wave(x: &[f64]) -> Option<(usize, f64)> {
        if x.iter().all(|number| *number == x[0]) {
            return None;
        }
        let powers: Vec<f64> = (first()..=highest(x.len())).map(|k| power(x, k)).collect();
        let whole: f64 = powers.iter().sum();
        let best = (0..powers.len()).max_by(|&a, &b| powers[a].total_cmp(&powers[b]))?;
        Some((best + first(), powers[best] / whole))
    }

    /// The lowest frequency that counts.
    pub fn first() -> usize {
        1
    }

    /// The highest.
    pub fn highest(p: usize) -> usize {
        p / 2
    }

    /// The power at a frequency.
    pub fn power(x: &[f64], k: usize) -> f64 {
        let angle = |a: usize| TAU * (k * a) as f64 / x.len() as f64;
        let cosine: f64 = x.iter().enumerate().map(|(a, x)| x * angle(a).cos()).sum();
        let sine: f64 = x.iter().enumerate().map(|(a, x)| x * angle(a).sin()).sum();
        cosine * cosine + sine * sine
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<f64>;

    pub type Output = Option<(usize, f64)>;

    pub fn call(input: &Input) -> Output {
        super::solution::strongest_wave(input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use std::f64::consts::TAU;

    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("a wave with noise", 8, |rng| {
            let p = rng.random_range(7..60);
            let k = rng.random_range(1..p / 2);
            wave(rng, p, k, 0.2)
        });
        cases.edge("a pure wave", 4, |rng| {
            let p = rng.random_range(5..100_usize);
            let k = rng.random_range(1..p.div_ceil(2));
            wave(rng, p, k, 0.0)
        });
        cases.edge("a wave on a high mean", 3, |rng| {
            let mut x = wave(rng, 31, 4, 0.1);
            x.iter_mut().for_each(|x| *x += 20.0);
            x
        });
        cases.edge("the fastest wave of an even row", 3, |rng| {
            let p = 2 * rng.random_range(2..30);
            let high = rng.random_range(0.5..2.0);
            let sign = |a: usize| if a.is_multiple_of(2) { high } else { -high };
            (0..p).map(|a| sign(a) + rng.random_range(-0.1..0.1)).collect()
        });
        cases.edge("two waves", 3, |rng| {
            let (strong, weak) = (wave(rng, 40, 3, 0.0), wave(rng, 40, 11, 0.0));
            strong.iter().zip(weak).map(|(a, b)| a + 0.2 * b).collect()
        });
        cases.edge("a level row", 2, |rng| vec![rng.random_range(-1.0..1.0); 12]);
        cases.edge("three numbers", 2, |rng| wave(rng, 3, 1, 0.0));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let say = |answer: &Output| {
            answer.map_or("None".to_owned(), |(k, share)| format!("frequency {k}, share {share}"))
        };
        let same = match (expected, found) {
            (None, None) => true,
            (Some(a), Some(b)) => a.0 == b.0 && (a.1 - b.1).abs() <= 1e-9,
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(format!("the wave: expected {}, found {}", say(expected), say(found)))
    }

    /// A wave of a random phase and height, and noise.
    fn wave(rng: &mut Rng, p: usize, k: usize, noise: f64) -> Input {
        let (phase, high) = (rng.random_range(0.0..TAU), rng.random_range(0.5..3.0));
        let mut at = |a: usize| {
            let angle = TAU * (k * a) as f64 / p as f64 + phase;
            high * (angle.cos() + noise * rng.random_range(-1.0..1.0))
        };
        (0..p).map(&mut at).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::solution::strongest_wave;

    fn assert_close(found: Option<(usize, f64)>, frequency: usize, share: f64) {
        let (k, s) = found.expect("a frequency and a share");
        assert_eq!(k, frequency);
        assert!((s - share).abs() < 1e-9, "{s}, not {share}");
    }

    #[test]
    fn a_sine_and_a_cosine_are_seen_alike() {
        let row = |of: fn(f64) -> f64| -> Vec<f64> {
            (0..13).map(|a| 5.0 + of(TAU * 2.0 * f64::from(a) / 13.0)).collect()
        };
        assert_close(strongest_wave(&row(f64::cos)), 2, 1.0);
        assert_close(strongest_wave(&row(f64::sin)), 2, 1.0);
    }

    #[test]
    fn shares_are_of_squares() {
        // Height 2 at frequency 1 and height 1 at frequency 3: four parts and one.
        let at = |a: f64| 2.0 * (TAU * a / 11.0).cos() + (TAU * 3.0 * a / 11.0).sin();
        let row: Vec<f64> = (0..11).map(|a| at(f64::from(a))).collect();
        assert_close(strongest_wave(&row), 1, 0.8);
    }

    #[test]
    fn up_and_down_is_the_fastest_wave_and_a_level_row_is_none() {
        assert_close(strongest_wave(&[1.0, -1.0, 1.0, -1.0]), 2, 1.0);
        assert_eq!(strongest_wave(&[0.1; 7]), None);
    }
}

/// Counts the mean.
///
/// # Feedback
///
/// The frequency 0 counts in your answer. It is the mean of the row, which can be far larger than any wave in it.
pub mod mutant_counts_the_mean {
    pub use super::solution::*;

    /// From 0.
    pub fn first() -> usize {
        0
    }
}

/// Looks at cosines alone.
///
/// # Feedback
///
/// A wave that begins at nought is invisible to you: you multiply by cosines alone. A sine of the same frequency belongs to it.
pub mod mutant_sees_no_sine {
    pub use super::solution::*;

    /// The square of the cosine's part.
    pub fn power(x: &[f64], k: usize) -> f64 {
        let angle = |a: usize| std::f64::consts::TAU * (k * a) as f64 / x.len() as f64;
        let cosine: f64 = x.iter().enumerate().map(|(a, x)| x * angle(a).cos()).sum();
        cosine * cosine
    }
}

/// Leaves out the root.
///
/// # Feedback
///
/// You give shares of lengths. The power is the square: a wave half as high has a quarter of it.
pub mod mutant_shares_lengths {
    pub use super::solution::*;

    /// The length.
    pub fn power(x: &[f64], k: usize) -> f64 {
        let angle = |a: usize| std::f64::consts::TAU * (k * a) as f64 / x.len() as f64;
        let cosine: f64 = x.iter().enumerate().map(|(a, x)| x * angle(a).cos()).sum();
        let sine: f64 = x.iter().enumerate().map(|(a, x)| x * angle(a).sin()).sum();
        cosine.hypot(sine)
    }
}

/// Stops too early.
///
/// # Feedback
///
/// You leave out the fastest wave of an even row, which goes up and down from one number to the next.
pub mod mutant_stops_too_early {
    pub use super::solution::*;

    /// Below the half, except in the shortest rows.
    pub fn highest(p: usize) -> usize {
        ((p - 1) / 2).max(1)
    }
}

/// Closes the circle one number too soon.
///
/// # Feedback
///
/// Your waves come back to their beginning at the last number. They come back one step behind it: the row has $`p`$ numbers, and the next would be number 0 again.
pub mod mutant_closes_the_circle_too_soon {
    pub use super::solution::*;

    /// A turn in p − 1 steps.
    pub fn power(x: &[f64], k: usize) -> f64 {
        let angle = |a: usize| std::f64::consts::TAU * (k * a) as f64 / (x.len() - 1) as f64;
        let cosine: f64 = x.iter().enumerate().map(|(a, x)| x * angle(a).cos()).sum();
        let sine: f64 = x.iter().enumerate().map(|(a, x)| x * angle(a).sin()).sum();
        cosine * cosine + sine * sine
    }
}
