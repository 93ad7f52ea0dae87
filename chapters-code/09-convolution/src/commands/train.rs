//! `train`: from nothing, or from where it stopped, to a saved network.

use std::path::PathBuf;

use anyhow::Result;
use backprop::Options;
use clap::Args;
use learning::FashionMnist;
use optimization::{Checkpoint, Ending, Garments, Trainer, answers, session};

use crate::networks;
use crate::recipe::recipe;

/// Train a network and save it
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Where to save the network
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How often all images are seen
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    epochs: u64,
    /// Decides the first weights, the order of the images and what becomes of each
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on from the file that --out names
    #[arg(long)]
    resume: bool,
    /// The folder of Fashion-MNIST
    #[arg(long, default_value = learning::fashion::FOLDER)]
    data: PathBuf,
}

/// Trains, saves after every epoch, and says how good the network is.
///
/// # Errors
/// Where the data cannot be read, the network cannot be saved, or the loss is not finite.
pub fn train(args: &TrainArgs, threads: Option<usize>) -> Result<()> {
    // First of all, so that whenever it comes, nothing is lost.
    let stop = session::catch_ctrl_c()?;
    let data = FashionMnist::read(&args.data)?;
    let threads = threads.unwrap_or(Options::default().threads);
    let recipe = recipe(networks::sequential, &data.train, args.epochs, args.seed);
    let trainer = match args.resume {
        true => Trainer::resume(recipe, threads, &Checkpoint::read(&args.out)?)?,
        false => Trainer::new(recipe, threads)?,
    };
    let mut trainer = trainer.saving(&args.out, recipe.steps_of_epoch())?;
    if session::run(&mut trainer, &stop)? == Ending::Stopped {
        return Ok(());
    }
    let accuracy = answers::accuracy(trainer.engine(), &Garments::new(&data.test))?;
    println!(
        "accuracy {accuracy:.4} on {} images; saved to {}",
        data.test.len(),
        args.out.display()
    );
    Ok(())
}
