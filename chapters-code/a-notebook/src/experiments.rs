//! The appendix's own experiment, small enough to be followed from the first line to the page.

use rand::RngExt as _;

use crate::Recorder;

/// Rolls of the die at which the running mean is noted.
const NOTED: [usize; 13] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/// How close does the mean of n rolls come to the mean of the die?
///
/// The interval is the normal one, `m ± 1.96 s/√n`, with `s` the sample's standard deviation.
// ANCHOR: dice
pub fn dice(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let rolls: Vec<f64> = (0..10_000).map(|_| f64::from(rng.random_range(1..=6))).collect();

    let noted = NOTED.map(|n| mean_and_interval(&rolls[..n]));
    let [low, mean, high] = noted[NOTED.len() - 1];

    recorder.value("rolls", rolls.len()).unit("rolls");
    recorder.value("mean", mean).interval(low, high);
    recorder.series("running", "Rolls", NOTED.map(|n| n as f64)).banded("mean so far", noted);
    recorder
        .claim("covers", "The interval of the mean of all rolls covers the die's mean.")
        .record(low <= 3.5 && 3.5 <= high, format!("{low:.3} ≤ 3.5 ≤ {high:.3}"));
    Ok(())
}
// ANCHOR_END: dice

/// Lower end, mean, upper end. A single roll says nothing about its spread: the die's range then.
fn mean_and_interval(rolls: &[f64]) -> [f64; 3] {
    let n = rolls.len() as f64;
    let mean = rolls.iter().sum::<f64>() / n;
    let squares: f64 = rolls.iter().map(|x| (x - mean).powi(2)).sum();
    if rolls.len() < 3 {
        return [1.0, mean, 6.0];
    }
    let half = 1.96 * (squares / (n - 1.0)).sqrt() / n.sqrt();
    [(mean - half).max(1.0), mean, (mean + half).min(6.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_the_textbook_one() {
        let [low, mean, high] = mean_and_interval(&[2.0, 4.0, 6.0]);
        let half = 1.96 * 2.0 / 3f64.sqrt();
        assert_eq!(mean, 4.0);
        assert!((low - (4.0 - half)).abs() < 1e-12);
        assert_eq!(high, 6.0_f64.min(4.0 + half));
    }
}
