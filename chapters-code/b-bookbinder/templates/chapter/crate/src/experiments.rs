//! What the chapter measures.

use notebook::Recorder;
use rand::RngExt as _;

use crate::{half_width, share};

/// Throws after which the share is noted.
const NOTED: [usize; 5] = [100, 300, 1_000, 3_000, 10_000];

/// How close does the share of heads come to a half?
// ANCHOR: throws
pub fn throws(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let throws: Vec<bool> = (0..NOTED[NOTED.len() - 1]).map(|_| rng.random()).collect();

    let noted = NOTED.map(|n| {
        let p = share(&throws[..n]);
        [p - half_width(p, n), p, p + half_width(p, n)]
    });
    let [low, p, high] = noted[NOTED.len() - 1];

    recorder.value("throws", throws.len()).unit("throws");
    recorder.value("share", p).interval(low, high);
    recorder.series("running", "Throws", NOTED.map(|n| n as f64)).banded("heads so far", noted);
    recorder
        .claim("narrows", "The interval is narrower after all throws than after the first hundred.")
        .less(high - low, noted[0][2] - noted[0][0]);
    Ok(())
}
// ANCHOR_END: throws
