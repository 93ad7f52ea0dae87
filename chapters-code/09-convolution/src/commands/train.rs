//! `train`: from nothing, or from where it stopped, to a saved network.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use learning::FashionMnist;
use learning::fashion::FOLDER;
use notebook::Context;
use optimization::session::{self, TrainArgs};
use optimization::{Garments, answers};

use crate::experiments::EPOCHS;
use crate::networks;
use crate::recipe::recipe;

/// Train the network that the chapter chose on Fashion-MNIST and save it; Ctrl-C saves and stops
#[derive(Debug, Args)]
pub struct Train {
    #[command(flatten)]
    training: TrainArgs,
    /// The folder of Fashion-MNIST [default: that of the checkout]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Trains, saves after every epoch, and says how good the network is.
///
/// # Errors
/// Where the data cannot be read, the network cannot be saved, or the loss is not finite.
pub fn train(args: Train, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    // First of all, so that whenever it comes, nothing is lost.
    let stop = session::catch_ctrl_c()?;
    let data = FashionMnist::read(&context.data(args.data, FOLDER)?)?;
    let TrainArgs { epochs, seed, .. } = args.training;
    let recipe = recipe(networks::normalised, &data.train, epochs.unwrap_or(EPOCHS), seed);
    let trained = args.training.follow(recipe, context.threads, &stop, "images")?;
    let Some(mut engine) = trained else { return Ok(()) };
    let accuracy = answers::accuracy(&mut engine, &Garments::new(&data.test))?;
    let (images, to) = (data.test.len(), args.training.out.display());
    Ok(writeln!(out, "accuracy {accuracy:.4} on {images} images; saved to {to}")?)
}
