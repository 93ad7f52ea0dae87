//! How close does the share of heads come to a half, and how often does its interval hold it?

use notebook::{Recorder, Rng};
use rand::RngExt as _;

use crate::interval;

/// Throws after which the share is noted.
const NOTED: [usize; 5] = [100, 300, 1_000, 3_000, 10_000];

/// Throws a fair coin and notes the share of heads on the way; then does so again, many times.
// ANCHOR: throws
pub fn throws(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let throws = toss(NOTED[4], &mut rng);
    let noted = NOTED.map(|n| interval(&throws[..n]));
    let caught = recorder.repeat(1_000, &mut rng, |rng| {
        let [low, _, high] = interval(&toss(NOTED[2], rng));
        (low..=high).contains(&0.5)
    });

    recorder.value("throws", throws.len()).unit("throws");
    recorder.estimate("share", noted[4]);
    recorder.series("running", "Throws", NOTED.map(|n| n as f64)).banded("heads so far", noted);
    recorder.value("studies", caught.len()).unit("studies");
    recorder.estimate("caught", interval(&caught));
    let [first, last] = [noted[0], noted[4]].map(|[low, _, high]| high - low);
    recorder
        .claim("narrows", "The interval is narrower after all throws than after the first hundred.")
        .less(last, first);
    Ok(())
}
// ANCHOR_END: throws

/// The outcomes of `n` throws of a fair coin: is it heads?
fn toss(n: usize, rng: &mut Rng) -> Vec<bool> {
    (0..n).map(|_| rng.random()).collect()
}
