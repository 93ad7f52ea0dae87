//! A training that a person watches: a bar with loss and images a second, and Ctrl-C saves and stops.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use backprop::Engine;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{Ending, Samples, Step, Trainer};

// ANCHOR: session
/// Makes Ctrl-C raise a flag instead of ending the program. Called first, so that whenever it comes, nothing is lost.
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

/// Trains to the end, or until the flag is raised: then it saves, says so, and stops.
///
/// # Errors
/// As [`Trainer::run`].
pub fn run<S: Samples, N>(trainer: &mut Trainer<S, N>, stop: &AtomicBool) -> Result<Ending> {
    let ending = trainer.run(stop, &mut progress())?;
    if ending == Ending::Stopped {
        eprintln!("\nstopped and saved; --resume goes on");
    }
    Ok(ending)
}
// ANCHOR_END: session

/// On a terminal a bar, else a line an epoch. The loss is a running mean.
fn progress() -> impl FnMut(&Step, &mut Engine<f32>) -> crate::Result<()> {
    let terminal = std::io::stderr().is_terminal();
    let bar = if terminal { ProgressBar::new(1) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{msg} {wide_bar:.cyan/dim} {percent} %, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut mean = None;
    move |step, _| {
        let smooth = mean.map_or(step.loss, |mean: f64| 0.99 * mean + 0.01 * step.loss);
        mean = Some(smooth);
        let (epoch, speed) = (step.epoch + 1, step.speed);
        let line = format!("epoch {epoch}, loss {smooth:.4}, {speed:.0} images/s");
        bar.set_length(step.of);
        bar.set_position(step.number);
        if step.epoch_ends {
            bar.suspend(|| eprintln!("{line}"));
        }
        bar.set_message(line);
        Ok(())
    }
}
