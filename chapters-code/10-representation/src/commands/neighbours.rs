//! `neighbours`: search by example.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use ndarray::{ArrayView1, Axis};
use notebook::Context;
use serde::Serialize;

use super::files::{Reading, photographs, shown};
use super::network::Network;
use crate::preprocess;

/// Which of your own photographs are most like one of them?
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  neighbours cat.jpg --among holiday/
  neighbours cat.jpg --among holiday/ --count 20 --json

Similar is what points the same way: the cosine of the angle between the photographs' 1,280 numbers, 1 for a photograph and
itself. What is the same file is left out.")]
pub(super) struct Neighbours {
    /// A photograph, PNG or JPEG
    #[arg(value_name = "PHOTO")]
    photograph: PathBuf,
    /// A folder of photographs, or several, or files
    #[arg(long, required = true, num_args = 1.., value_name = "DIR")]
    among: Vec<PathBuf>,
    /// How many to tell
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    count: usize,
    /// Write JSON: for each its file and its similarity
    #[arg(long)]
    json: bool,
}

/// A photograph and how similar it is.
#[derive(Debug, Serialize)]
struct Neighbour {
    file: String,
    similarity: f32,
}

/// Tells the most similar photographs.
///
/// # Errors
/// A photograph that cannot be read, though the others are told; none to compare with.
pub(super) fn neighbours(
    args: Neighbours,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> Result<()> {
    let picture = preprocess::read(&args.photograph)?;
    let mut paths = photographs(&args.among)?;
    paths.retain(|path| !same_file(path, &args.photograph));
    if paths.is_empty() {
        bail!("{}: is the only photograph; name others with --among", shown(&args.photograph));
    }
    let network = Network::read(context)?;
    let mut reading = Reading::of(paths, context.threads)?;
    let asked = reading.pool().install(|| network.embeddings(&[picture]));
    let mut found = Vec::new();
    reading.each(
        |pictures| network.embeddings(pictures),
        |paths, embeddings| {
            let rows = embeddings.axis_iter(Axis(0));
            found.extend(paths.iter().zip(rows).map(|(path, row)| Neighbour {
                file: shown(path),
                similarity: cosine(asked.row(0), row),
            }));
            Ok(())
        },
    )?;
    found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    found.truncate(args.count);
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
    } else {
        for Neighbour { file, similarity } in &found {
            writeln!(out, "{similarity:6.3}  {file}")?;
        }
    }
    reading.end()
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// The cosine of the angle between two vectors, from −1 to 1; 0 where one of them is zero.
fn cosine(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f32 {
    let lengths = a.dot(&a).sqrt() * b.dot(&b).sqrt();
    if lengths > 0.0 { (a.dot(&b) / lengths).clamp(-1.0, 1.0) } else { 0.0 }
}
