//! `count`: the parts of a network, without weights.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use notebook::fault::Usage;
use notebook::terminal::write_table;
use notebook::{Context, Table};
use residual::preprocess::SIDE;
use serde::Serialize;

use crate::vit::{Vit, vit};

/// The longest side of a picture that is counted for.
const LONGEST: usize = 1 << 14;

/// How many parameters and multiply-adds does a vision transformer have, and where?
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  count --model vit_l_32
  count --model vit_b_16 --side 448
  count --model vit_b_32 --json")]
pub(super) struct Count {
    /// The network: vit_b_16, vit_b_32, vit_l_16 or vit_l_32
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Side of the picture, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = SIDE)]
    side: usize,
    /// Write JSON: each part and the whole
    #[arg(long)]
    json: bool,
}

/// A part, or the whole network.
#[derive(Debug, Serialize)]
struct Part {
    name: String,
    parameters: usize,
    /// Products with weights.
    multiply_adds: u64,
    /// Products of tokens with tokens.
    between_tokens: u64,
}

/// Counts the parts of a network.
///
/// # Errors
/// An unknown network, or a side that is none.
pub(super) fn count(args: Count, _: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let model = vit(&args.model)?;
    if !(1..=LONGEST).contains(&args.side) || !args.side.is_multiple_of(model.patch) {
        let words = "--side takes whole patches, at most 16384 pixels; give 224";
        return Err(Usage(words).into());
    }
    let model = Vit { side: args.side, ..model };
    let parts = parts(&args.model, &model);
    if args.json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&parts)?)?);
    }
    write_table(out, &table(&parts))?;
    let (side, tokens) = (args.side, model.tokens());
    writeln!(out, "\nA block has its heads, two layers and two normalisations.")?;
    Ok(writeln!(
        out,
        "Multiply-adds are those of one picture of {side} × {side} pixels, which is {tokens} tokens."
    )?)
}

/// The parts in order, and behind them the whole.
fn parts(name: &str, model: &Vit) -> Vec<Part> {
    let tensors = model.tensors();
    let part = |name: String, prefixes: &[&str], [multiply_adds, between_tokens]: [u64; 2]| {
        let of = |tensor: &&crate::Tensor| prefixes.iter().any(|p| tensor.name.starts_with(p));
        let parameters = tensors.iter().filter(of).map(crate::Tensor::numbers).sum();
        Part { name, parameters, multiply_adds, between_tokens }
    };
    let [before, _] = Vit { layers: 0, classes: 0, ..*model }.multiply_adds();
    let [around, _] = Vit { layers: 0, ..*model }.multiply_adds();
    let [with, between] = Vit { layers: 1, ..*model }.multiply_adds();
    let first = ["class_token", "conv_proj.", "encoder.pos_embedding"];
    let mut parts = vec![part("tokens".into(), &first, [before, 0])];
    for i in 0..model.layers {
        let prefix = format!("encoder.layers.encoder_layer_{i}.");
        let block = format!("block {}", i + 1);
        parts.push(part(block, &[prefix.as_str()], [with - around, between]));
    }
    parts.push(part("answer".into(), &["encoder.ln.", "heads."], [around - before, 0]));
    parts.push(part(name.into(), &[""], model.multiply_adds()));
    parts
}

fn table(parts: &[Part]) -> Table {
    let mut table = Table::new([
        "Part",
        "Parameters | int",
        "Share | percent 1",
        "Multiply-adds | int",
        "Between tokens | int",
        "Share | percent 1",
    ]);
    let Some(whole) = parts.last() else { return table };
    let work = |part: &Part| (part.multiply_adds + part.between_tokens) as f64;
    for part in parts {
        table.row([
            part.name.as_str().into(),
            part.parameters.into(),
            (part.parameters as f64 / whole.parameters as f64).into(),
            part.multiply_adds.into(),
            part.between_tokens.into(),
            (work(part) / work(whole)).into(),
        ]);
    }
    table
}
