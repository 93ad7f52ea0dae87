//! `count`: the layers of a network by stage, without weights.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use notebook::fault::Usage;
use notebook::terminal::write_table;
use notebook::{Context, Table};
use serde::Serialize;

use super::network::described;
use crate::description::{Counted, Model};
use crate::preprocess::SIDE;

/// The longest side of an image that is counted for.
const LONGEST: usize = 1 << 14;

/// How many layers, parameters and multiply-adds does a network have, and where?
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  count --model resnet152
  count --model mobilenet_v3_large --side 160
  count --model resnet18 --json")]
pub(super) struct Count {
    /// The network: resnet18, 34, 50, 101 or 152, mobilenet_v3_large or _small
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Side of the image, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = SIDE)]
    side: usize,
    /// Write JSON: each stage and the whole
    #[arg(long)]
    json: bool,
}

/// A stage, or the whole network.
#[derive(Debug, Serialize)]
struct Stage {
    name: String,
    layers: usize,
    /// Channels, and the side of the image.
    output: [usize; 2],
    parameters: usize,
    multiply_adds: u64,
}

/// Counts the layers of a network.
///
/// # Errors
/// An unknown network, or a side that is none.
pub(super) fn count(args: Count, _: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    if !(1..=LONGEST).contains(&args.side) {
        return Err(Usage("--side takes 1 to 16384 pixels; give 224").into());
    }
    let (model, _) = described(&args.model)?;
    let stages = stages(&args.model, &model, args.side);
    if args.json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&stages)?)?);
    }
    write_table(out, &table(&stages))?;
    let side = args.side;
    writeln!(out, "\nA layer is a convolution with its normalisation, a gate, or a linear layer.")?;
    Ok(writeln!(out, "Multiply-adds are those of one image of {side} × {side} pixels.")?)
}

/// The stages in order, and behind them the whole.
fn stages(name: &str, model: &Model, side: usize) -> Vec<Stage> {
    let layers = model.layers(side);
    let mut stages: Vec<Stage> = Vec::new();
    for layer in &layers {
        match stages.last_mut() {
            Some(stage) if stage.name == layer.stage() => add(stage, layer),
            _ => {
                let mut stage = empty(layer.stage());
                add(&mut stage, layer);
                stages.push(stage);
            }
        }
    }
    let mut whole = empty(name);
    layers.iter().for_each(|layer| add(&mut whole, layer));
    stages.push(whole);
    stages
}

fn empty(name: &str) -> Stage {
    Stage { name: name.into(), layers: 0, output: [0; 2], parameters: 0, multiply_adds: 0 }
}

fn add(stage: &mut Stage, layer: &Counted) {
    stage.layers += 1;
    stage.parameters += layer.parameters;
    stage.multiply_adds += layer.multiply_adds;
    stage.output = layer.output;
}

fn table(stages: &[Stage]) -> Table {
    let mut table = Table::new([
        "Stage",
        "Layers | int",
        "Output",
        "Parameters | int",
        "Share | percent 1",
        "Multiply-adds | int",
        "Share | percent 1",
    ]);
    let Some(whole) = stages.last() else { return table };
    for stage in stages {
        let [channels, side] = stage.output;
        table.row([
            stage.name.as_str().into(),
            stage.layers.into(),
            format!("{channels} × {side} × {side}").into(),
            stage.parameters.into(),
            (stage.parameters as f64 / whole.parameters as f64).into(),
            stage.multiply_adds.into(),
            (stage.multiply_adds as f64 / whole.multiply_adds as f64).into(),
        ]);
    }
    table
}
