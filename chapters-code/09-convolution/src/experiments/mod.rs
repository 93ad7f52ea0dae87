//! What the chapter measures, an experiment a file. All of it on Fashion-MNIST, all of it seeded.

mod accuracy;
mod aliasing;
mod batch_norm;
mod conventions;
mod equivariance;
mod fields;
mod kinds;
mod norms;
mod sharing;
mod small;

pub use accuracy::{EPOCHS, accuracy};
pub use aliasing::aliasing;
pub use batch_norm::batch_norm;
pub use conventions::conventions;
pub use equivariance::equivariance;
pub use fields::fields;
pub use kinds::kinds;
pub use norms::norms;
pub use sharing::sharing;

use backprop::Engine;
use learning::FashionMnist;
use notebook::progress::Progress;
use notebook::{Chapter, Experiment, Recorder, Stream, stream};
use optimization::{Garments, Initialisation, Recipe, Run};

/// Adds every experiment of the chapter, with its seed and the data that all of them read.
pub fn add(chapter: Chapter) -> Chapter {
    let experiments = [
        Experiment::new("sharing", "What sharing saves, and what it assumes", sharing).seed(91),
        Experiment::new("equivariance", "Everything moved", equivariance).seed(92),
        Experiment::new("fields", "What an output can see", fields).seed(93),
        Experiment::new("batch_norm", "With and without batch normalisation", batch_norm).seed(94),
        Experiment::new("accuracy", "How good is the network, and where is it wrong?", accuracy)
            .seed(95),
        Experiment::new("kinds", "Convolutions of every kind, at one place", kinds).seed(96),
        Experiment::new("norms", "Normalisations, and small mini-batches", norms).seed(97),
        Experiment::new("aliasing", "A pool that blurs before it steps", aliasing).seed(98),
        Experiment::new("conventions", "Weights in another program's hands", conventions).seed(99),
    ];
    experiments.into_iter().fold(chapter, |chapter, experiment| {
        chapter.experiment(experiment.reads(FashionMnist::paths()))
    })
}

/// The first weights of a network that is not trained, by a seed.
fn draw<T: backprop::Real>(engine: &mut Engine<T>, seed: u64) -> backprop::Result<()> {
    Initialisation::He.draw(engine, &mut stream(seed, Stream::Weights))
}

/// Follows a recipe to its end, and advances the bar with every epoch.
fn follow(
    recorder: &Recorder,
    recipe: &Recipe<Garments<'_>>,
    progress: &Progress,
) -> anyhow::Result<Run> {
    let run = recipe.train(recorder.threads(), &mut |step, _| {
        progress.advance(u64::from(step.epoch_ends));
        Ok(())
    })?;
    Ok(run.whole()?)
}
