//! `logits`: the numbers before the softmax, for whoever compares two programs.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use notebook::Context;
use serde::Serialize;

use super::network::{Network, Which, shown};

/// The thousand numbers that a vision transformer says of a photograph, as JSON
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  logits --model vit_l_32 --weights vit_l_32.safetensors cat.jpg
  logits --model vit_b_16 --weights vit_b_16.safetensors cat.png > ours.json

Compare with PyTorch on a PNG: two programs decode a JPEG to levels that differ by one here and there.")]
pub(super) struct Logits {
    #[command(flatten)]
    which: Which,
    /// A photograph, PNG or JPEG
    #[arg(value_name = "PHOTO")]
    photograph: PathBuf,
}

/// What is written.
#[derive(Debug, Serialize)]
struct Said {
    file: String,
    logits: Vec<f32>,
}

/// Writes the logits of a photograph.
///
/// # Errors
/// Weights that do not fit, or a photograph that cannot be read.
pub(super) fn logits(args: Logits, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let mut network = Network::read(&args.which, context.threads)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(context.threads).build()?;
    let logits = pool.install(|| network.logits(&args.photograph))?;
    let said = Said { file: shown(&args.photograph), logits };
    Ok(writeln!(out, "{}", serde_json::to_string(&said)?)?)
}
