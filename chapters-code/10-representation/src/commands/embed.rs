//! `embed`: photographs as numbers that stand near each other where the photographs are alike.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use notebook::Context;

use super::files::{Reading, photographs, write};
use super::network::Network;
use crate::lite0::description::HEAD;

/// Your own photographs as 1,280 numbers each: what the network computes before it decides
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  embed holiday/ --out holiday.csv

The first line names the columns: file, 0, 1, …, 1279. The file is written when all is done.")]
pub(super) struct Embed {
    /// Photographs, PNG or JPEG, and folders of them
    #[arg(required = true, value_name = "PHOTO")]
    photographs: Vec<PathBuf>,
    /// Where to write them, a line for each photograph
    #[arg(long, value_name = "E.csv")]
    out: PathBuf,
}

/// Writes the numbers of each photograph.
///
/// # Errors
/// A photograph that cannot be read, though the others are written; a file that cannot be written.
pub(super) fn embed(args: Embed, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let network = Network::read(context)?;
    let mut reading = Reading::of(photographs(&args.photographs)?, context.threads)?;
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = (0..HEAD).map(|i| i.to_string());
    table.write_record(std::iter::once("file".to_owned()).chain(head))?;
    let mut written = 0;
    reading.each(
        |pictures| network.embeddings(pictures),
        |paths, embeddings| {
            for (path, row) in paths.iter().zip(embeddings.outer_iter()) {
                let numbers = row.iter().map(f32::to_string);
                let file = path.display().to_string();
                table.write_record(std::iter::once(file).chain(numbers))?;
                written += 1;
            }
            Ok(())
        },
    )?;
    write(&args.out, &table.into_inner()?)?;
    writeln!(out, "{written} × {HEAD} numbers in {}", args.out.display())?;
    reading.end()
}
