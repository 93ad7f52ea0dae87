//! `explain`: why does a saved model say so? What each kind of model can show, in words or as a picture.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use learning::fashion::{CLASSES, PIXELS, SIDE};
use ndarray::{Array2, ArrayView1};
use notebook::Context;
use notebook::fault::{Usage, WriteFault};
use notebook::figure::{ImageGrid, Tile};

use super::judge::class_name;
use super::{on_threads, pictures, samples};
use crate::description::Description;
use crate::model::Inputs;
use crate::trees::{FittedForest, FittedTree};
use crate::{Model, Saved};

/// Why does a saved model say so?
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// The model, as `fit` saved it
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// A picture of 28 × 28 pixels, bright on black, as PNG or JPEG
    #[arg(value_name = "IMAGE")]
    pub image: PathBuf,
    /// Also draw it, as an SVG; for models of pixels
    #[arg(long, value_name = "OUT.svg")]
    pub draw: Option<PathBuf>,
}

/// How many features are named.
const NAMED: usize = 8;

/// What speaks for the answer, and against the second best.
pub(super) fn explain(
    args: ExplainArgs,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let saved = Saved::read(&args.model)?;
    if args.draw.is_some() && saved.description != Description::Pixels {
        return Err(Usage(
            "only models of pixels can be drawn; leave --draw out, or fit with --features pixels",
        )
        .into());
    }
    let images = pictures(std::slice::from_ref(&args.image))?;
    on_threads(context, || Ok(()))?;
    let samples = samples(&saved, &images);
    let answer = saved.model.classifier().predict(samples.view())?[0];
    writeln!(out, "{}: {}", args.image.display(), class_name(answer))?;
    let asked = images.iter().copied().collect::<Vec<u8>>();
    let tiles = match &saved.model {
        Model::Neighbours(model) => {
            let near = model.nearest(samples.view())?.remove(0);
            let mut tiles = Vec::new();
            for n in near {
                let class = class_name(model.labels()[n.row]);
                writeln!(
                    out,
                    "  training garment {:5}: {class}, {:.3} away",
                    n.row,
                    n.squared_distance.sqrt()
                )?;
                tiles.extend(remembered(model.memory(), n.row).map(|tile| tile.caption(class)));
            }
            tiles
        }
        Model::NaiveBayes(model) => {
            let joint = model.log_joint(samples.view())?;
            scores(out, "log joint probability", joint.row(0))?;
            let tile = |class: usize| {
                Tile::positive(SIDE, model.means.row(class).as_slice().unwrap_or_default())
            };
            (0..model.means.nrows()).map(|class| named(tile(class), class)).collect()
        }
        Model::Softmax(model) => linear(out, &saved, (&model.weights, answer), samples.view())?,
        Model::LinearSvm(model) => linear(out, &saved, (&model.weights, answer), samples.view())?,
        Model::Tree(model) => {
            questions(out, &saved, model, samples.view())?;
            Vec::new()
        }
        Model::Forest(model) => {
            if let Some(p) = saved.model.classifier().probabilities(samples.view())? {
                scores(out, "probability", p.row(0).mapv(f64::from).view())?;
            }
            most_important(out, &saved, model)?;
            Vec::new()
        }
        Model::RandomFeatures(model) => {
            use crate::Classifier as _;
            let p = model.probabilities(samples.view())?;
            if let Some(p) = p {
                scores(out, "probability", p.row(0).mapv(f64::from).view())?;
            }
            writeln!(
                out,
                "  {} waves of all features have a say; none of them says what it looks at",
                model.projection.phases.len()
            )?;
            Vec::new()
        }
    };
    draw(args.draw, asked, tiles)
}

/// The questions that a tree asked, and what was known after each.
fn questions(
    out: &mut dyn Write,
    saved: &Saved,
    tree: &FittedTree,
    inputs: Inputs<'_>,
) -> std::io::Result<()> {
    let mut x = vec![0.0; inputs.features()];
    inputs.read(0, &mut x);
    for step in tree.path(ArrayView1::from(&x)) {
        let sign = if step.left() { "≤" } else { ">" };
        let what = saved.description.describe(step.feature);
        writeln!(
            out,
            "  {what}: {:.4} {sign} {:.4}, of {} samples",
            step.value, step.threshold, step.samples
        )?;
    }
    Ok(())
}

/// The features that decided most in all trees of a forest.
fn most_important(
    out: &mut dyn Write,
    saved: &Saved,
    forest: &FittedForest,
) -> std::io::Result<()> {
    let shares = forest.importance();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
    for feature in order.into_iter().take(NAMED) {
        let what = saved.description.describe(feature);
        writeln!(out, "  {:.2} % of what all questions gained: {what}", 100.0 * shares[feature])?;
    }
    Ok(())
}

/// The classes by a number of theirs, the largest first.
fn scores(out: &mut dyn Write, what: &str, of: ArrayView1<'_, f64>) -> std::io::Result<()> {
    let mut order: Vec<usize> = (0..of.len()).collect();
    order.sort_by(|a, b| of[*b].total_cmp(&of[*a]));
    for class in order.into_iter().take(3) {
        writeln!(out, "  {what} of {}: {:.4}", class_name(class as u8), of[class])?;
    }
    Ok(())
}

/// The features that speak most for the answer and against it, each times its weight; the weights as pictures.
fn linear(
    out: &mut dyn Write,
    saved: &Saved,
    (weights, answer): (&Array2<f32>, u8),
    inputs: Inputs<'_>,
) -> anyhow::Result<Vec<Tile>> {
    let mut x = vec![0.0; inputs.features()];
    inputs.read(0, &mut x);
    let own = weights.row(answer.into());
    let mut parts: Vec<(usize, f32)> = own.iter().zip(&x).map(|(w, x)| w * x).enumerate().collect();
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    for (feature, part) in parts.into_iter().take(NAMED) {
        let side = if part < 0.0 { "against" } else { "for" };
        writeln!(out, "  {:+.4} {side} it: {}", part, saved.description.describe(feature))?;
    }
    let picture =
        |class: usize| weights.row(class).iter().map(|w| f64::from(*w)).collect::<Vec<_>>();
    let tile = |class| named(Tile::signed(SIDE, &picture(class)), class);
    let pixels = weights.ncols() == PIXELS;
    Ok((0..if pixels { weights.nrows() } else { 0 }).map(tile).collect())
}

fn named(tile: Tile, class: usize) -> Tile {
    tile.caption(CLASSES.get(class).copied().unwrap_or_default())
}

fn remembered(memory: Inputs<'_>, row: usize) -> Option<Tile> {
    match memory {
        Inputs::Bytes(x) if x.ncols() == PIXELS => {
            Some(Tile::grey(SIDE, SIDE, x.row(row).to_vec()))
        }
        _ => None,
    }
}

fn draw(to: Option<PathBuf>, asked: Vec<u8>, tiles: Vec<Tile>) -> anyhow::Result<()> {
    let Some(path) = to else { return Ok(()) };
    if tiles.is_empty() {
        return Err(Usage("this kind of model has nothing to draw; leave --draw out").into());
    }
    let asked = Tile::grey(SIDE, SIDE, asked).caption("asked");
    let figure =
        ImageGrid::new("What speaks for it").row("", std::iter::once(asked).chain(tiles)).draw()?;
    std::fs::write(&path, figure.standalone()).map_err(|e| WriteFault::file(&path, e))?;
    Ok(())
}
