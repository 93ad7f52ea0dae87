//! How much there is to count.

use notebook::Recorder;

use crate::architectures::Model;
use crate::registry::MODELS;
use crate::tree::Folding;

/// How much there is to count: what the rungs of the benchmark's ladder go through.
pub fn speed(recorder: &mut Recorder) -> anyhow::Result<()> {
    let tensors: usize = MODELS
        .iter()
        .map(|e| e.model.tree(e.model.default_context(), Folding::Unfolded).named_tensors().len())
        .sum();
    recorder.value("tensors", tensors);
    let deepest = MODELS.iter().filter_map(|e| match e.model {
        Model::Gpt(network) => Some(network.layers),
        Model::Llama(network) => Some(network.layers),
        _ => None,
    });
    recorder.value("deepest", deepest.max().unwrap_or_default());
    Ok(())
}
