//! What attention holds in memory, by length: in matrices and in tiles.

use ndarray::Array2;
use notebook::{Chapter, Experiment, Recorder};
use residual::apart;

use crate::formula::numbers;
use crate::head::{Head, Mask, bytes_in_matrices, bytes_in_tiles};

/// Numbers in a query and in a value.
const WIDTH: usize = 64;
/// Queries and keys of a tile.
pub const TILE: [usize; 2] = [64, 128];
/// Lengths that are counted.
const LENGTHS: [usize; 7] = [64, 256, 1024, 4096, 16_384, 65_536, 262_144];
/// Lengths that are run, too.
const RUN: [usize; 3] = [64, 256, 1024];

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "Memory of attention by length";
    chapter.experiment(Experiment::new("memory", title, memory).seed(103))
}

/// Bytes by length, and that both ways agree where both are run.
fn memory(recorder: &mut Recorder) -> anyhow::Result<()> {
    recorder.value("width", WIDTH);
    recorder.value("tile/queries", TILE[0]);
    recorder.value("tile/keys", TILE[1]);
    let matrices = LENGTHS.map(|t| bytes_in_matrices([t, t, WIDTH]) as f64);
    let tiles = LENGTHS.map(|t| bytes_in_tiles([t, t, WIDTH], TILE) as f64);
    for (i, t) in LENGTHS.into_iter().enumerate() {
        recorder.value(&format!("matrices/{t}"), matrices[i]);
        recorder.value(&format!("tiles/{t}"), tiles[i]);
    }
    recorder
        .series("bytes", "Tokens", LENGTHS.map(|t| t as f64))
        .curve("in matrices", matrices)
        .curve("in tiles", tiles);
    let growth = |of: &[f64]| of[4] / of[3];
    recorder.value("growth/matrices", growth(&matrices));
    recorder.value("growth/tiles", growth(&tiles));
    let mut largest = 0.0;
    for t in RUN {
        largest = f64::max(largest, difference(t)?);
    }
    recorder.value("difference", largest);
    recorder.value("run", RUN[RUN.len() - 1]);
    recorder
        .claim(
            "same-outputs",
            "Outputs in tiles are those in matrices, up to a hundred-thousandth of the largest.",
        )
        .less(largest, 1e-5);
    Ok(())
}

/// The largest difference of the two ways, over the largest output.
fn difference(t: usize) -> anyhow::Result<f64> {
    let array = |seed: u64| {
        let x = numbers(seed, t * WIDTH).into_iter().map(|x| 4.0 * x).collect();
        Array2::from_shape_vec((t, WIDTH), x)
    };
    let (q, k, v) = (array(1)?, array(2)?, array(3)?);
    let head = Head::new(q.view(), k.view(), v.view(), &Mask::None)?;
    let (y, tiled) = (head.in_matrices(), head.in_tiles(TILE));
    let row = |y: Array2<f32>| y.into_raw_vec_and_offset().0;
    Ok(apart(&row(tiled), &row(y)))
}
