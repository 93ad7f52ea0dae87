//! `train`: from nothing, or from where it stopped, to a saved network.

use std::path::PathBuf;

use anyhow::Result;
use backprop::{Engine, Options};
use clap::Args;
use learning::FashionMnist;
use optimization::trainer::{FIRST_WEIGHTS, generator};
use optimization::{
    Checkpoint, Ending, Initialisation, Optimizer, Schedule, Settings, Trainer, session,
};

use crate::{Augmentation, Garments, evaluate, networks};

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
    let (batch, of_epoch) = (64, (data.train.len() / 64) as u64);
    let threads = threads.unwrap_or(Options::default().threads);
    let options = Options { batch, shards: 8, threads, training: true };
    let mut engine = Engine::new(networks::sequential()?, options)?;
    Initialisation::He.draw(&mut engine, &mut generator(args.seed, FIRST_WEIGHTS))?;
    let settings = Settings {
        batch,
        epochs: args.epochs,
        seed: args.seed,
        optimizer: Optimizer::Adam { mean: 0.9, square: 0.999, epsilon: 1e-8, decay: 0.05 },
        schedule: Schedule::cosine(2e-3, of_epoch),
        clip: None,
        checkpoint: Some((args.out.clone(), of_epoch)),
    };
    let mut trainer = if args.resume {
        Trainer::resume(engine, settings, &Checkpoint::read(&args.out)?)?
    } else {
        Trainer::new(engine, settings)?
    };
    let augmentation = Some(Augmentation { seed: args.seed, shift: 1, mirror: true });
    let samples = Garments { data: &data.train, augmentation };
    if session::run(&mut trainer, &samples, &stop)? == Ending::Stopped {
        return Ok(());
    }
    let accuracy = evaluate::accuracy(trainer.engine(), &data.test)?;
    println!(
        "accuracy {accuracy:.4} on {} images; saved to {}",
        data.test.len(),
        args.out.display()
    );
    Ok(())
}
