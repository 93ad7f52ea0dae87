//! The chapter's command line: `train`, `evaluate`, `classify`, `logits`.

mod train;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use backprop::operations::cross_entropy::softmax;
use backprop::{Engine, Options, Rows};
use clap::Args;
use learning::fashion::{CLASSES, FOLDER};
use learning::{FashionMnist, Idx, Labelled};
use notebook::{Chapter, Context};
use optimization::{Garments, answers, checkpoint};

use crate::{networks, photograph};

/// The accuracy of a saved network
#[derive(Debug, Args)]
struct Evaluate {
    /// The network, as `train` or PyTorch saved it
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Images and labels to use instead of Fashion-MNIST's test set
    #[arg(long, num_args = 2, value_names = ["IMAGES.gz", "LABELS.gz"])]
    idx: Option<Vec<PathBuf>>,
    /// The folder of Fashion-MNIST [default: that of the checkout]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What is on your own photographs of garments?
#[derive(Debug, Args)]
struct Classify {
    /// The network, as `train` or PyTorch saved it
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Photographs, PNG or JPEG
    #[arg(required = true)]
    image: Vec<PathBuf>,
}

/// The logits of the first images of a file, as JSON: a row of ten numbers for each
#[derive(Debug, Args)]
struct Logits {
    /// The network, as `train` or PyTorch saved it
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// A gzipped IDX file of images
    #[arg(long, value_name = "IMAGES.gz")]
    idx: PathBuf,
    /// How many images
    #[arg(long, value_name = "N")]
    first: usize,
}

/// Adds the chapter's own commands to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .command("train", train::train)
        .command("evaluate", evaluate)
        .command("classify", classify)
        .command("logits", logits)
}

fn evaluate(args: Evaluate, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let data = match args.idx.as_deref() {
        Some([images, labels]) => Labelled::read(images, labels)?,
        _ => FashionMnist::read(&context.data(args.data, FOLDER)?)?.test,
    };
    let mut engine = load(&args.model, context)?;
    check_images(&data)?;
    let accuracy = answers::accuracy(&mut engine, &Garments::new(&data))?;
    Ok(writeln!(out, "accuracy {accuracy:.4} on {} images", data.len())?)
}

fn classify(args: Classify, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let mut engine = load(&args.model, context)?;
    for path in args.image {
        let pixels = photograph::read(&path)?;
        let mut logits = [0.0; networks::CLASSES];
        engine.predict(&Rows { x: &pixels, labels: &[0] }, &mut logits)?;
        writeln!(out, "{}", path.display())?;
        write_probabilities(out, &logits)?;
    }
    Ok(())
}

fn logits(args: Logits, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let Logits { model, idx, first } = args;
    let images =
        Idx::read(&idx)?.images().map_err(|fault| anyhow::anyhow!("{}: {fault}", idx.display()))?;
    let n = images.len_of(ndarray::Axis(0));
    if first == 0 || first > n {
        bail!("--first {first}: {} has {n} images; give a number from 1 to {n}", idx.display());
    }
    let images = images.slice_move(ndarray::s![..first, .., ..]);
    let data = Labelled { images, labels: ndarray::Array1::zeros(first) };
    check_images(&data)?;
    let logits = answers::outputs(&mut load(&model, context)?, &Garments::new(&data))?;
    let rows: Vec<&[f32]> = logits.chunks(networks::CLASSES).collect();
    Ok(writeln!(out, "{}", serde_json::to_string(&rows)?)?)
}

/// The network of a file, recognised by the names of its weights.
fn load(path: &Path, context: &Context<'_>) -> Result<Engine<f32>> {
    let mut file = checkpoint::open(path)?;
    let normalised = file.tensors().any(|(name, _)| name.ends_with("running_mean"));
    let network = if normalised { networks::normalised() } else { networks::sequential() }?;
    let options = Options { training: false, threads: context.threads, ..Options::default() };
    let mut engine = Engine::new(network, options)?;
    engine.load(&mut file).with_context(|| path.display().to_string())?;
    Ok(engine)
}

fn check_images(data: &Labelled) -> Result<()> {
    let (n, height, width) = data.images.dim();
    if n == 0 || (height, width) != (28, 28) {
        bail!("{n} images of {height} × {width} pixels; give at least one, of 28 × 28");
    }
    if let Some(label) = data.y().iter().find(|&&label| usize::from(label) >= networks::CLASSES) {
        bail!("a label is {label}; give labels from 0 to 9");
    }
    Ok(())
}

/// The classes and their probabilities, the most probable first.
fn write_probabilities(out: &mut dyn Write, logits: &[f32]) -> Result<()> {
    let mut probabilities = [0.0; networks::CLASSES];
    softmax(logits, &mut probabilities);
    let mut order: Vec<usize> = (0..networks::CLASSES).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    for class in order {
        writeln!(out, "  {:5.1} %  {}", 100.0 * probabilities[class], CLASSES[class])?;
    }
    Ok(())
}
