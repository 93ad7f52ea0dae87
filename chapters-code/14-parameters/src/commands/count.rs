//! `count`: how big is a network, exactly?

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::{
    Selected, Selection, Style, align_numbers, batch_of, context_of, write_json, write_table,
};
use crate::architectures::{Architecture, AttentionWidth, Head, Model};
use crate::count::Count;
use crate::error::Result;
use crate::memory::{Load, Need, Precision, TrainingState, cache};
use crate::units::{Bytes, prefixed, thousands};

/// How big is it? Parameters, bytes and operations
#[derive(Args, Clone, Debug, Default)]
pub struct CountArgs {
    /// The network.
    #[command(flatten)]
    pub selection: Selection,
    /// Tokens that the newest token looks back at, itself included [default: 1024, or the model's
    /// maximum where that is less]
    #[arg(long, value_name = "TOKENS")]
    pub context: Option<u64>,
    /// Images or texts at once, for the memory of activations and cache
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub batch: u64,
    /// Write JSON: parameters, those active and their bytes, elements of persistent buffers, operations of one
    /// image or token, and the number of parameter tensors
    #[arg(long)]
    pub json: bool,
}

/// What `count --json` writes.
#[derive(Serialize)]
struct CountJson<'a> {
    /// The model's name, or the configuration's path.
    model: &'a str,
    /// Elements of trainable tensors; tied tensors once.
    parameters: u64,
    /// Those that one token meets: all, but where experts rest.
    active: u64,
    /// Elements of persistent buffers.
    buffers: u64,
    /// Bytes that hold the parameters, by type.
    bytes: BytesJson,
    /// Operations of one image, or one token at the context: two for each multiply-add.
    flops: u64,
    /// Trainable tensors; tied tensors once.
    tensors: u64,
}

/// Bytes by type.
#[derive(Serialize)]
struct BytesJson {
    f32: u128,
    bf16: u128,
    int8: u128,
    int4: u128,
}

impl BytesJson {
    fn of(parameters: u64) -> BytesJson {
        let [f32, bf16, int8, int4] = Precision::ALL.map(|precision| precision.bytes(parameters).0);
        BytesJson { f32, bf16, int8, int4 }
    }
}

/// Writes the count of one network, as tables or as JSON.
///
/// # Errors
///
/// An unknown model, a configuration that cannot be read, an option out of bounds, or output that
/// cannot be written.
pub fn count(args: &CountArgs, style: Style, out: &mut dyn Write) -> Result<()> {
    let selected = args.selection.resolve()?;
    let context = context_of(&selected.model, args.context)?;
    let load = Load { context, batch: batch_of(args.batch)? };
    let count = selected.model.closed_form(context);
    if args.json {
        return write_json(&to_json(&selected.name, &count), out);
    }
    write_title(&selected, out)?;
    write_sizes(&selected, &count, load, style, out)?;
    write_memory(&selected.model, &count, load, style, out)
}

fn to_json<'a>(model: &'a str, count: &Count) -> CountJson<'a> {
    CountJson {
        model,
        parameters: count.parameters,
        active: count.active(),
        buffers: count.buffers,
        bytes: BytesJson::of(count.parameters),
        flops: count.operations(),
        tensors: count.tensors,
    }
}

fn write_title(selected: &Selected, out: &mut dyn Write) -> Result<()> {
    match selected.entry {
        Some(entry) => {
            writeln!(out, "{} ({})\n{}", entry.title, entry.year, entry.paper)?;
            if let Some(note) = entry.note {
                writeln!(out, "{note}")?;
            }
        }
        None => {
            let (family, head) = (selected.model.family(), head(&selected.model));
            writeln!(out, "{}\na {family} network{head}", selected.name)?;
            for note in selected.model.notes() {
                writeln!(out, "{note}")?;
            }
        }
    }
    Ok(writeln!(out)?)
}

/// What is unusual about the head of a language model.
fn head(model: &Model) -> String {
    match model.head() {
        Some(Head::None) => " without a head: it gives vectors, not words".to_owned(),
        Some(Head::Scores(1)) => " whose head gives one score for a text, not words".to_owned(),
        Some(Head::Scores(n)) => {
            format!(" whose head gives {} scores for a text, not words", thousands(n))
        }
        _ => String::new(),
    }
}

/// The count of a GPT whose source contradicts itself, under the reading that is not the default.
fn other_reading(selected: &Selected, context: u64) -> Option<u64> {
    match (selected.entry?.note, &selected.model) {
        (Some(_), Model::Gpt(gpt)) => {
            Some(gpt.with_attention_width(AttentionWidth::Model).closed_form(context).parameters)
        }
        _ => None,
    }
}

fn write_sizes(
    selected: &Selected,
    count: &Count,
    load: Load,
    style: Style,
    out: &mut dyn Write,
) -> Result<()> {
    let unit = match selected.model.unit() {
        "token" => format!("one token at a context of {}", thousands(load.context)),
        _ => "one image of 224 × 224".to_string(), // every named image model reads this size
    };
    let mut table = style.table(&["What", "Exactly", "About"]);
    let mut row = |what: &str, number: u64, giga: &str| {
        table.add_row(vec![what.to_string(), thousands(number), prefixed(number, giga)]);
    };
    row("parameters", count.parameters, "B");
    if count.resting > 0 {
        row("  active for a token", count.active(), "B");
    }
    if let Some(entry) = selected.entry {
        row("  as published", entry.published.parameters, "B");
    }
    if let Some(parameters) = other_reading(selected, load.context) {
        row("  attention as wide as the model", parameters, "B");
    }
    row("parameter tensors", count.tensors, "B");
    row("values in persistent buffers", count.buffers, "B");
    row(&format!("operations, {unit}"), count.operations(), "G");
    row("operations, training on that", count.training_operations(), "G");
    align_numbers(&mut table, 1);
    write_table(&table, out)?;
    Ok(writeln!(out)?)
}

fn write_memory(
    model: &Model,
    count: &Count,
    load: Load,
    style: Style,
    out: &mut dyn Write,
) -> Result<()> {
    let mut table = style.table(&["Memory", "Bytes", "Decimal", "Binary"]);
    let mut row = |what: String, bytes: Bytes| {
        table.add_row(vec![what, thousands(bytes.0), bytes.decimal(), bytes.binary()]);
    };
    for precision in Precision::ALL {
        let bits = if precision == Precision::Int4 { ", groups of 32" } else { "" };
        row(format!("weights, {}{bits}", precision.name()), precision.bytes(count.parameters));
    }
    let batch = thousands(load.batch);
    if model.cache_values(1) > 0 {
        let tokens = thousands(load.context);
        row(
            format!("key-value cache, {batch} × {tokens} tokens"),
            cache(model, Precision::Bf16, load.context, load.batch),
        );
    }
    row(
        format!("activations' peak, batch {batch}"),
        Need::inference(model, Precision::Bf16, load).activations,
    );
    let training = Need::training(model, TrainingState::MIXED, load);
    row("training: weights, gradients, Adam".to_string(), training.state);
    row(format!("training: activations, batch {batch}"), training.activations);
    align_numbers(&mut table, 1);
    write_table(&table, out)?;
    let bytes = TrainingState::MIXED.bytes_per_parameter();
    writeln!(out, "\nGB = 10⁹ bytes, GiB = 2³⁰ bytes. A multiply-add is two operations.")?;
    Ok(writeln!(out, "Training in mixed precision with Adam keeps {bytes} bytes per parameter.")?)
}
