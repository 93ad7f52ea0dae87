//! What the experiments of the chapter share.

use anyhow::Result;
use notebook::Recorder;
use rayon::prelude::*;

/// Does each of some jobs, as many at a time as there are threads, and gives
/// what they find in the order of the jobs. Each is one training on one thread:
/// what is too small to be shared out is not.
///
/// # Errors
/// The first of the jobs that fails.
pub fn each<J: Sync, T: Send>(
    recorder: &Recorder,
    jobs: &[J],
    work: impl Fn(&J) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let progress = recorder.progress(jobs.len() as u64, "trainings");
    let mut found = Vec::new();
    for some in jobs.chunks(4 * recorder.threads()) {
        let done: Result<Vec<T>> = some.par_iter().with_max_len(1).map(&work).collect();
        found.extend(done?);
        progress.advance(some.len() as u64);
    }
    Ok(found)
}
