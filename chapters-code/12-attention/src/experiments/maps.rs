//! What a map of attention does not say: other maps have the same output, a large weight may matter little, a small one much, and
//! values are known up to a change of coordinates.

mod left_out;
mod one_output;
mod turned;

use notebook::{Chapter, Experiment, Recorder};
use rayon::prelude::*;

use crate::experiments::induction::training::{self, SEEDS, Setting};
use crate::induction::Opened;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "What a map does not explain";
    chapter.experiment(Experiment::new("maps", title, maps).seed(108))
}

/// Everything that page tells.
fn maps(recorder: &mut Recorder) -> anyhow::Result<()> {
    one_output::record(recorder)?;
    let [_, large, .., small] = training::settings();
    recorder.value("seeds", SEEDS.len());
    let train = |setting: &Setting| {
        let once = |&seed: &u64| anyhow::Ok(training::train(setting, seed)?.opened);
        SEEDS.par_iter().map(once).collect::<anyhow::Result<Vec<Opened>>>()
    };
    let (large, small) = (train(&large)?, train(&small)?);
    left_out::record(recorder, "", &large)?;
    left_out::record(recorder, "small/", &small)?;
    turned::record(recorder, large)
}
