//! `models`, and the first section of `list`: the models that are known by name.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::{Style, align_numbers, write_json, write_table};
use crate::architectures::Architecture;
use crate::error::Result;
use crate::memory::Precision;
use crate::registry::{Entry, MODELS};
use crate::units::{prefixed, thousands};

/// The models that are known by name
#[derive(Args, Clone, Debug, Default)]
pub struct ListArgs {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// One model of `models --json`.
#[derive(Serialize)]
struct Row {
    model: &'static str,
    family: &'static str,
    year: u16,
    parameters: u64,
    published: u64,
    source: &'static str,
    flops: u64,
}

impl Row {
    fn of(entry: &'static Entry) -> Row {
        let count = entry.model.closed_form(entry.model.default_context());
        Row {
            model: entry.name,
            family: entry.model.family(),
            year: entry.year,
            parameters: count.parameters,
            published: entry.published.parameters,
            source: entry.published.source,
            flops: count.operations(),
        }
    }
}

/// Writes every model with its count beside the published one.
///
/// # Errors
///
/// Output that cannot be written.
pub fn list(args: &ListArgs, style: Style, out: &mut dyn Write) -> Result<()> {
    let rows: Vec<Row> = MODELS.iter().map(Row::of).collect();
    if args.json {
        return write_json(&rows, out);
    }
    let mut table =
        style.table(&["Model", "Year", "Parameters", "Published", "f32, GiB", "Operations"]);
    for row in rows {
        table.add_row(vec![
            row.model.to_string(),
            row.year.to_string(),
            thousands(row.parameters),
            prefixed(row.published, "B"),
            format!("{:.2}", Precision::F32.bytes(row.parameters).gibibytes()),
            prefixed(row.flops, "G"),
        ]);
    }
    align_numbers(&mut table, 1);
    write_table(&table, out)?;
    writeln!(
        out,
        "\nOperations: of one image of 224 × 224, or of one token at a context of 1,024."
    )?;
    Ok(())
}
