//! `fit`: what runs, and what trains, in so much memory?

use std::io::Write;

use clap::Args;
use comfy_table::{Cell, CellAlignment, Color};
use serde::Serialize;

use super::{Style, align_numbers, batch_of, write_json, write_table};
use crate::error::{ConfigError, Result};
use crate::memory::{Load, Need, Precision, TrainingState};
use crate::registry::{Entry, MODELS};
use crate::units::Bytes;

/// What runs, and what trains, in so much memory?
#[derive(Args, Clone, Debug)]
pub struct FitArgs {
    /// The memory: 24GiB, 80GB, 512MiB or a number of bytes
    #[arg(long, value_name = "AMOUNT")]
    pub memory: String,
    /// Tokens of each text [default: 1024, or the model's maximum where that is less]
    #[arg(long, value_name = "TOKENS")]
    pub context: Option<u64>,
    /// Images or texts at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub batch: u64,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// What one model needs, in bytes.
struct Row {
    model: &'static str,
    /// Inference at each of [`Precision::ALL`]: weights, peak of activations, cache.
    runs: [u128; 4],
    /// Training in mixed precision with Adam: state and kept activations.
    trains: u128,
}

impl Row {
    fn of(entry: &Entry, context: Option<u64>, batch: u64) -> Row {
        let model = &entry.model;
        let longest = model.max_context().unwrap_or(1);
        let context = context.map_or(model.default_context(), |asked| asked.min(longest));
        let load = Load { context, batch };
        Row {
            model: entry.name,
            runs: Precision::ALL.map(|precision| Need::inference(model, precision, load).total().0),
            trains: Need::training(model, TrainingState::MIXED, load).total().0,
        }
    }

    /// The five needs in the order of the table's columns.
    fn needs(&self) -> impl Iterator<Item = u128> {
        self.runs.into_iter().chain([self.trains])
    }
}

/// Titles of the columns of needs.
const USES: [&str; 5] = ["f32", "bf16", "int8", "int4", "training"];

/// Writes what each model needs and whether that fits.
///
/// # Errors
///
/// An amount of memory that cannot be read, an option out of bounds, or output that cannot be
/// written.
pub fn fit(args: &FitArgs, style: Style, out: &mut dyn Write) -> Result<()> {
    let memory: Bytes = args.memory.parse()?;
    let batch = batch_of(args.batch)?;
    if args.context == Some(0) {
        return Err(
            ConfigError::new("--context", "0 tokens are out of range", "give 1 or more").into()
        );
    }
    let rows: Vec<Row> = MODELS.iter().map(|entry| Row::of(entry, args.context, batch)).collect();
    if args.json {
        return write_json(&to_json(memory, &rows), out);
    }
    writeln!(
        out,
        "{} = {}   (1 GiB = 2³⁰ bytes, 1 GB = 10⁹ bytes: 7.4 % less)\n",
        memory.binary(),
        memory.decimal()
    )?;
    write_rows(memory, &rows, style, out)?;
    write_largest(memory, &rows, out)
}

fn write_rows(memory: Bytes, rows: &[Row], style: Style, out: &mut dyn Write) -> Result<()> {
    let mut table = style.table(&["Model", USES[0], USES[1], USES[2], USES[3], USES[4]]);
    for row in rows {
        let mut cells = vec![Cell::new(row.model)];
        for need in row.needs() {
            let (mark, colour) =
                if need <= memory.0 { ("✓", Color::Green) } else { ("✗", Color::DarkGrey) };
            let text = format!("{} {mark}", Bytes(need).binary());
            cells.push(Cell::new(text).fg(colour).set_alignment(CellAlignment::Right));
        }
        table.add_row(cells);
    }
    align_numbers(&mut table, 1);
    write_table(&table, out)?;
    Ok(writeln!(out)?)
}

fn write_largest(memory: Bytes, rows: &[Row], out: &mut dyn Write) -> Result<()> {
    for (column, name) in USES.iter().enumerate() {
        let need = |row: &Row| row.needs().nth(column).unwrap_or_default();
        let largest = rows.iter().filter(|row| need(row) <= memory.0).max_by_key(|row| need(row));
        let verb = if *name == "training" { "trains" } else { "runs" };
        match largest {
            Some(row) => writeln!(out, "{name:>8}: the largest that {verb} is {}", row.model)?,
            None => writeln!(out, "{name:>8}: nothing {verb}")?,
        }
    }
    writeln!(out, "\nRunning: weights, activations and, for text, the key-value cache.")?;
    Ok(writeln!(
        out,
        "Training: 16 bytes per parameter (mixed precision, Adam) and kept activations."
    )?)
}

/// What `fit --json` writes.
#[derive(Serialize)]
struct FitJson {
    /// The memory, in bytes.
    memory: u128,
    models: Vec<ModelJson>,
}

/// The needs of one model.
#[derive(Serialize)]
struct ModelJson {
    model: &'static str,
    f32: NeedJson,
    bf16: NeedJson,
    int8: NeedJson,
    int4: NeedJson,
    training: NeedJson,
}

/// One need, and whether it fits.
#[derive(Serialize)]
struct NeedJson {
    bytes: u128,
    fits: bool,
}

fn to_json(memory: Bytes, rows: &[Row]) -> FitJson {
    let need = |bytes| NeedJson { bytes, fits: bytes <= memory.0 };
    let models = rows.iter().map(|row| {
        let [f32, bf16, int8, int4] = row.runs.map(need);
        ModelJson { model: row.model, f32, bf16, int8, int4, training: need(row.trains) }
    });
    FitJson { memory: memory.0, models: models.collect() }
}
