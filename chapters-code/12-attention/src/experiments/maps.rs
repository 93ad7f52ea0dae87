//! What a map of attention does not say: other maps have the same output, a large weight may matter little, a small one much, and
//! values are known up to a change of coordinates.

mod left_out;
mod one_output;
mod turned;

use notebook::{Chapter, Experiment, Recorder};
use rayon::prelude::*;

use crate::experiments::induction::training::{self, SEEDS};
use crate::induction::Opened;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "What a map does not explain";
    chapter.experiment(Experiment::new("maps", title, maps).seed(108))
}

/// Everything that page tells.
fn maps(recorder: &mut Recorder) -> anyhow::Result<()> {
    one_output::record(recorder)?;
    let [_, setting, ..] = training::settings();
    recorder.value("seeds", SEEDS.len());
    let train = |&seed: &u64| anyhow::Ok(training::train(&setting, seed)?.opened);
    let trained = SEEDS.par_iter().map(train).collect::<anyhow::Result<Vec<Opened>>>()?;
    left_out::record(recorder, &trained)?;
    turned::record(recorder, trained)
}
