//! `classify`: what is on photographs.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use ndarray::Array3;
use notebook::fault::Usage;
use notebook::terminal::paint;
use notebook::{Context, Figure};
use serde::Serialize;

use super::files::{Reading, photographs, shown, write};
use super::network::{Class, Network};
use crate::explain::Explained;
use crate::lite0::description::SIDE;
use crate::preprocess;

/// Classes that are told of each photograph.
const TOLD: usize = 5;

/// What stands below the answers.
const NOTE: &str = "\
A probability is what the network says, not how often it is right. It knows a thousand kinds of things and
always names some of them, also where a photograph shows none.";

/// What is on your own photographs? Five kinds of things of a thousand, with probabilities
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  classify cat.jpg                        five classes, the most probable first
  classify holiday/ portrait.png          all PNG and JPEG in a folder, and one more
  classify cat.jpg --explain why.svg      also where in the photograph the answer comes from
  classify holiday/ --json > named.json   for programs

Nothing leaves this machine.")]
pub(super) struct Classify {
    /// Photographs, PNG or JPEG, and folders of them
    #[arg(required = true, value_name = "PHOTO")]
    photographs: Vec<PathBuf>,
    /// Write JSON: for each photograph its file and its classes
    #[arg(long)]
    json: bool,
    /// Draw which parts of the photograph the answer rests on; for one photograph
    #[arg(long, value_name = "OUT.svg")]
    explain: Option<PathBuf>,
}

/// What is on one photograph.
#[derive(Debug, Serialize)]
struct Named {
    file: String,
    classes: Vec<Class>,
}

/// Names what is on each photograph.
///
/// # Errors
/// A photograph that cannot be read; the others are named all the same.
pub(super) fn classify(args: Classify, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let paths = photographs(&args.photographs)?;
    if args.explain.is_some() && paths.len() != 1 {
        return Err(Usage("--explain draws one photograph; name one").into());
    }
    let network = Network::read(context)?;
    let mut reading = Reading::of(paths, context.threads)?;
    let terminal = io::stdout().is_terminal();
    if terminal && !args.json {
        reading = reading.without_progress();
    }
    let mut all = Vec::new();
    reading.each(
        |pictures| network.probabilities(pictures),
        |paths, probabilities| {
            for (path, row) in paths.iter().zip(probabilities.outer_iter()) {
                let named = Named { file: shown(path), classes: network.best(row, TOLD) };
                if !args.json {
                    tell(&named, out)?;
                }
                all.push(named);
            }
            Ok(out.flush()?)
        },
    )?;
    if let (Some(to), [path]) = (&args.explain, reading.paths()) {
        let figure = reading.pool().install(|| explain(&network, path))?;
        write(to, figure.standalone().as_bytes())?;
    }
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
    } else if !all.is_empty() {
        writeln!(out, "\n{}", paint(NOTE, "2", terminal))?;
    }
    reading.end()
}

fn tell(named: &Named, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", named.file)?;
    for class in &named.classes {
        writeln!(out, "  {:5.1} %  {}", 100.0 * class.probability, class.name)?;
    }
    Ok(())
}

/// Where in a photograph the answer comes from.
fn explain(network: &Network, path: &Path) -> Result<Figure> {
    let picture = preprocess::square(&preprocess::colours(path)?, SIDE);
    let ask = |pictures: &[Array3<f32>]| network.probabilities(pictures);
    let explained = Explained::of(picture, network.weights(), &ask)?;
    let name = path.file_name().map(|name| shown(Path::new(name))).unwrap_or_default();
    Ok(explained.figure(&name, network.name(explained.class))?)
}
