//! `classify`: what is on photographs.

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use backprop::operations::cross_entropy::softmax;
use clap::Args;
use notebook::Context;
use notebook::terminal::{line_of, paint};
use representation::lite0::Classes;
use representation::lite0::classes::largest;
use serde::Serialize;

use super::network::{Network, Which, shown};

/// Classes that are told of each photograph.
const TOLD: usize = 5;

/// What stands below the answers.
const NOTE: &str = "\
A probability is what the network says, not how often it is right. It knows a thousand kinds of things and
always names some of them, also where a photograph shows none.";

/// What is on your own photographs, by a vision transformer whose weights you have? Five kinds of things of a thousand
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  classify --model vit_b_16 --weights vit_b_16.safetensors cat.jpg
  classify --model vit_l_32 --weights vit_l_32.safetensors *.jpg
  classify --model vit_b_16 --weights lc_swag.safetensors --resize 224 --bicubic cat.jpg
  classify --model vit_b_32 --weights vit_b_32.safetensors --json *.png > named.json

Nothing leaves this machine.")]
pub(super) struct Classify {
    #[command(flatten)]
    which: Which,
    /// Photographs, PNG or JPEG
    #[arg(required = true, value_name = "PHOTO")]
    photographs: Vec<PathBuf>,
    /// Write JSON: for each photograph its file and its classes
    #[arg(long)]
    json: bool,
}

/// What is on one photograph.
#[derive(Debug, Serialize)]
struct Named {
    file: String,
    classes: Vec<Class>,
}

/// A class that a photograph may show.
#[derive(Debug, Serialize)]
struct Class {
    name: String,
    probability: f32,
}

/// Names what is on each photograph.
///
/// # Errors
/// Weights that do not fit; a photograph that cannot be read, and the others are named all the same.
pub(super) fn classify(args: Classify, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let mut network = Network::read(&args.which, context.threads)?;
    let classes = Classes::of(context.workspace()?.root())?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(context.threads).build()?;
    let (mut all, mut failed) = (Vec::new(), 0);
    for path in &args.photographs {
        match pool.install(|| network.logits(path)) {
            Ok(logits) => {
                let named = Named { file: shown(path), classes: best(&logits, &classes) };
                if !args.json {
                    tell(&named, out)?;
                }
                all.push(named);
            }
            Err(fault) if args.photographs.len() == 1 => return Err(fault.into()),
            Err(fault) => {
                failed += 1;
                let mark = paint("error:", "1;31", io::stderr().is_terminal());
                eprintln!("{mark} {}", line_of(&fault.into()));
            }
        }
    }
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
    } else if !all.is_empty() {
        writeln!(out, "\n{}", paint(NOTE, "2", io::stdout().is_terminal()))?;
    }
    match (failed, args.photographs.len()) {
        (0, _) => Ok(()),
        (n, total) => {
            bail!("{n} of {total} photographs could not be named; mend them, or leave them out")
        }
    }
}

/// The most probable classes, the first first.
fn best(logits: &[f32], classes: &Classes) -> Vec<Class> {
    let mut probabilities = vec![0.0; logits.len()];
    softmax(logits, &mut probabilities);
    let class = |(class, probability)| Class { name: classes.name(class).to_owned(), probability };
    largest(&probabilities, TOLD).into_iter().map(class).collect()
}

fn tell(named: &Named, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", named.file)?;
    for class in &named.classes {
        writeln!(out, "  {:5.1} %  {}", 100.0 * class.probability, class.name)?;
    }
    out.flush()
}
