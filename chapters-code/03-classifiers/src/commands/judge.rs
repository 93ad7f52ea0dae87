//! `evaluate`: what a saved model gets right of the test garments. `predict`: what it says of pictures.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use learning::fashion::CLASSES;
use learning::{Bootstrap, Confusion, correct};
use notebook::{Context, Rng};
use rand::SeedableRng as _;
use serde_json::json;

use super::inputs::{garments, on_threads, pictures, samples};
use crate::Saved;

/// What does a saved model get right of Fashion-MNIST's test garments?
#[derive(Args, Clone, Debug)]
pub struct EvaluateArgs {
    /// The model, as `fit` saved it
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// The folder of the four files [default: data/fashion-mnist of the checkout]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
}

/// Accuracy with its interval, and recall of each class.
pub(super) fn evaluate(
    args: EvaluateArgs,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let saved = Saved::read(&args.model)?;
    let test = garments(context, args.data)?.test;
    let answers = on_threads(context, || {
        let samples = samples(&saved, &test.images);
        Ok(saved.model.classifier().predict(samples.view())?)
    })?;
    let hits = correct(test.y(), &answers);
    let found = Bootstrap::default().mean(&hits, &mut Rng::seed_from_u64(1));
    let confusion = Confusion::of(test.y(), &answers);
    let recalls = CLASSES.iter().enumerate().map(|(class, name)| (*name, confusion.recall(class)));
    if args.json {
        let recalls: serde_json::Map<_, _> =
            recalls.map(|(name, recall)| (name.to_owned(), json!(recall))).collect();
        let written = json!({
            "model": saved.model.kind(),
            "features": saved.description.name(),
            "accuracy": found.estimate,
            "interval": [found.low, found.high],
            "recall": recalls,
        });
        writeln!(out, "{written}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{} on {}: {:.1} % of {} test garments right, 95 % interval {:.1} to {:.1}",
        saved.model.kind(),
        saved.description.name(),
        100.0 * found.estimate,
        hits.len(),
        100.0 * found.low,
        100.0 * found.high
    )?;
    for (name, recall) in recalls {
        writeln!(out, "  {name:12} {:5.1} % found", 100.0 * recall)?;
    }
    Ok(())
}

/// What does a saved model say of pictures?
#[derive(Args, Clone, Debug)]
pub struct PredictArgs {
    /// The model, as `fit` saved it
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// Pictures of 28 × 28 pixels, bright on black, as PNG or JPEG
    #[arg(value_name = "IMAGE", required = true)]
    pub images: Vec<PathBuf>,
    /// Write JSON, a line for each picture
    #[arg(long)]
    pub json: bool,
}

/// A line for each picture.
pub(super) fn predict(
    args: PredictArgs,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let saved = Saved::read(&args.model)?;
    let images = pictures(&args.images)?;
    let (answers, probabilities) = on_threads(context, || {
        let samples = samples(&saved, &images);
        let model = saved.model.classifier();
        Ok((model.predict(samples.view())?, model.probabilities(samples.view())?))
    })?;
    for (i, (path, answer)) in args.images.iter().zip(&answers).enumerate() {
        let name = class_name(*answer);
        let probability = probabilities.as_ref().map(|p| p[(i, usize::from(*answer))]);
        let path = path.display();
        if args.json {
            let of = probabilities.as_ref().map(|p| p.row(i).to_vec());
            let line = json!({ "image": path.to_string(), "label": answer, "class": name, "probabilities": of });
            writeln!(out, "{line}")?;
        } else if let Some(probability) = probability {
            writeln!(out, "{path}: {name}, {:.1} %", 100.0 * probability)?;
        } else {
            writeln!(out, "{path}: {name}")?;
        }
    }
    Ok(())
}

/// The name of a class of garments.
pub(super) fn class_name(label: u8) -> &'static str {
    CLASSES.get(usize::from(label)).copied().unwrap_or("a class without a name")
}
