//! A training that a person watches: what its command takes, a bar with the loss and the samples of each second, and
//! Ctrl-C that saves and stops.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use backprop::{Engine, Network};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{Ending, Recipe, Samples, Step, Trainer};

// ANCHOR: session
/// Makes Ctrl-C raise a flag instead of ending the program. Called
/// first, so that whenever it comes, nothing is lost.
///
/// # Errors
/// Where Ctrl-C cannot be caught.
pub fn catch_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("Ctrl-C cannot be caught")?;
    Ok(stop)
}

/// Trains to the end, or until the flag is raised: then it saves, says
/// so, and stops. `unit` is the word for samples: images, tokens.
///
/// # Errors
/// As [`Trainer::run`].
pub fn run<S: Samples, N>(
    trainer: &mut Trainer<S, N>,
    stop: &AtomicBool,
    unit: &str,
) -> Result<Ending> {
    let ending = trainer.run(stop, &mut progress(unit))?;
    if ending == Ending::Stopped {
        eprintln!("\nstopped and saved; --resume goes on");
    }
    Ok(ending)
}
// ANCHOR_END: session

/// What every command that trains takes, beside what its network wants.
#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    /// Where to save the network
    #[arg(long, value_name = "FILE", default_value = "model.safetensors")]
    pub out: PathBuf,
    /// How often all samples are seen [default: what suits the network]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub epochs: Option<u64>,
    /// Decides the first weights, the order of the samples and what becomes of each
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Go on from the file that --out names
    #[arg(long)]
    pub resume: bool,
}

impl TrainArgs {
    /// Follows a recipe, from the beginning or from where it stopped, and saves after every epoch. Gives the network, or
    /// nothing where training was stopped. `unit` is the word for samples.
    ///
    /// # Errors
    /// Where the recipe cannot be followed, the file cannot be read or written, or the loss is not finite.
    pub fn follow<S: Samples, N: Fn() -> backprop::Result<Network<f32>>>(
        &self,
        recipe: Recipe<S, N>,
        threads: usize,
        stop: &AtomicBool,
        unit: &str,
    ) -> Result<Option<Engine<f32>>> {
        let of_epoch = recipe.steps_of_epoch();
        let trainer = match self.resume {
            true => Trainer::resume(recipe, threads, &self.out)?,
            false => Trainer::new(recipe, threads)?,
        };
        let mut trainer = trainer.saving(&self.out, of_epoch)?;
        let ending = run(&mut trainer, stop, unit)?;
        Ok((ending == Ending::Done).then(|| trainer.into_engine()))
    }
}

/// On a terminal a bar, else a line an epoch. The loss is a running mean.
fn progress(unit: &str) -> impl FnMut(&Step, &mut Engine<f32>) -> crate::Result<()> {
    let terminal = std::io::stderr().is_terminal();
    let bar = if terminal { ProgressBar::new(1) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{msg} {wide_bar:.cyan/dim} {percent} %, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut mean = None;
    move |step, _| {
        let smooth = mean.map_or(step.loss, |mean: f64| 0.99 * mean + 0.01 * step.loss);
        mean = Some(smooth);
        let (epoch, speed) = (step.epoch + 1, step.speed);
        let line = format!("epoch {epoch}, loss {smooth:.4}, {speed:.0} {unit}/s");
        bar.set_length(step.of);
        bar.set_position(step.number);
        if step.epoch_ends {
            bar.suspend(|| eprintln!("{line}"));
        }
        bar.set_message(line);
        Ok(())
    }
}
