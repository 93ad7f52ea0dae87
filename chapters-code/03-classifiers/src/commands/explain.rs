//! `explain`: why does a saved model say so? What each kind of model can show, in words or as a picture.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use learning::fashion::{CLASSES, PIXELS, SIDE};
use ndarray::{Array2, ArrayView1};
use notebook::Context;
use notebook::fault::{Usage, WriteFault};
use notebook::figure::{ImageGrid, Tile};

use super::inputs::{on_threads, pictures, samples};
use super::judge::class_name;
use crate::description::Description;
use crate::model::Inputs;
use crate::trees::FittedTree;
use crate::{Model, NaiveBayesModel, NeighboursModel, Saved};

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

/// The answer, and what the model can say for it; nothing is written before all of it is known to be possible.
pub(super) fn explain(
    args: ExplainArgs,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let saved = Saved::read(&args.model)?;
    if args.draw.is_some() {
        can_be_drawn(&saved)?;
    }
    let images = pictures(std::slice::from_ref(&args.image))?;
    let mut words = Vec::new();
    let (answer, tiles) = on_threads(context, || {
        let samples = samples(&saved, &images);
        let answer = saved.model.classifier().predict(samples.view())?[0];
        Ok((answer, reasons(&mut words, &saved, answer, samples.view())?))
    })?;
    if let Some(path) = &args.draw {
        let asked = Tile::grey(SIDE, SIDE, images.into_iter().collect::<Vec<u8>>());
        let all = std::iter::once(asked.caption("asked")).chain(tiles);
        let figure = ImageGrid::new("What speaks for it").row("", all).draw()?;
        std::fs::write(path, figure.standalone()).map_err(|e| WriteFault::file(path, e))?;
    }
    writeln!(out, "{}: {}", args.image.display(), class_name(answer))?;
    Ok(out.write_all(&words)?)
}

fn can_be_drawn(saved: &Saved) -> Result<(), Usage> {
    if matches!(saved.model, Model::RandomFeatures(_)) {
        return Err(Usage("random waves have nothing to draw; leave --draw out"));
    }
    if saved.description != Description::Pixels {
        return Err(Usage(
            "only models of pixels can be drawn; leave --draw out, or fit with --features pixels",
        ));
    }
    Ok(())
}

/// Writes what speaks for the answer about the one sample; the pictures of it, where features are pixels.
fn reasons(
    out: &mut dyn Write,
    saved: &Saved,
    answer: u8,
    sample: Inputs<'_>,
) -> anyhow::Result<Vec<Tile>> {
    Ok(match &saved.model {
        Model::Neighbours(model) => neighbours(out, model, sample)?,
        Model::NaiveBayes(model) => bells(out, model, sample)?,
        Model::Softmax(model) => linear(out, saved, (&model.weights, answer), sample)?,
        Model::LinearSvm(model) => linear(out, saved, (&model.weights, answer), sample)?,
        Model::Tree(model) => questions(out, saved, model, sample)?,
        Model::Forest(model) => {
            probabilities(out, saved, sample)?;
            most_important(out, saved, model.importance())?
        }
        Model::Boosting(model) => {
            probabilities(out, saved, sample)?;
            most_important(out, saved, model.importance())?
        }
        Model::RandomFeatures(model) => {
            probabilities(out, saved, sample)?;
            let waves = model.projection.phases.len();
            writeln!(
                out,
                "  {waves} waves of all features have a say; none of them says what it looks at"
            )?;
            Vec::new()
        }
    })
}

/// The garments that voted, the nearest first.
fn neighbours(
    out: &mut dyn Write,
    model: &NeighboursModel,
    sample: Inputs<'_>,
) -> anyhow::Result<Vec<Tile>> {
    let mut tiles = Vec::new();
    for near in model.nearest(sample)?.remove(0) {
        let class = class_name(model.labels()[near.row]);
        let away = near.squared_distance.sqrt();
        writeln!(out, "  training garment {:5}: {class}, {away:.3} away", near.row)?;
        if let Inputs::Bytes(x) = model.memory()
            && x.ncols() == PIXELS
        {
            tiles.push(Tile::grey(SIDE, SIDE, x.row(near.row).to_vec()).caption(class));
        }
    }
    Ok(tiles)
}

/// The likeliest classes; the mean of each.
fn bells(
    out: &mut dyn Write,
    model: &NaiveBayesModel,
    sample: Inputs<'_>,
) -> anyhow::Result<Vec<Tile>> {
    scores(out, "log joint probability", model.log_joint(sample)?.row(0))?;
    let tile =
        |class: usize| Tile::positive(SIDE, model.means.row(class).as_slice().unwrap_or_default());
    let pixels = model.means.ncols() == PIXELS;
    let classes = 0..if pixels { model.means.nrows() } else { 0 };
    Ok(classes.map(|class| named(tile(class), class)).collect())
}

/// The questions that a tree asked, and the likeliest class after each; the pixels that were asked about, the first
/// one the brightest.
fn questions(
    out: &mut dyn Write,
    saved: &Saved,
    tree: &FittedTree,
    sample: Inputs<'_>,
) -> anyhow::Result<Vec<Tile>> {
    let mut x = vec![0.0; sample.features()];
    sample.read(0, &mut x);
    let steps = tree.path(ArrayView1::from(&x));
    let end = tree.tree().leaf(|feature| x[feature]);
    let known = steps.iter().skip(1).map(|step| (step.samples, &step.values[..]));
    let known = known.chain([(end.weight, tree.tree().values_of(end))]);
    let mut asked = vec![0.0; x.len()];
    for (place, (step, (samples, shares))) in steps.iter().zip(known).enumerate() {
        let sign = if step.left() { "≤" } else { ">" };
        let what = saved.description.describe(step.feature);
        let likeliest = crate::model::largest(ArrayView1::from(shares));
        writeln!(
            out,
            "  {what}: {:.4} {sign} {:.4}; of {samples} samples {:.0} % are {}",
            step.value,
            step.threshold,
            100.0 * shares[likeliest],
            class_name(likeliest as u8)
        )?;
        asked[step.feature] = f64::max(asked[step.feature], 1.0 / (1.0 + place as f64));
    }
    Ok(of_pixels(&asked, "asked about"))
}

/// The features that decided most in all trees, and what each pixel decided.
fn most_important(
    out: &mut dyn Write,
    saved: &Saved,
    shares: Vec<f64>,
) -> anyhow::Result<Vec<Tile>> {
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
    for feature in order.into_iter().take(NAMED) {
        let what = saved.description.describe(feature);
        writeln!(out, "  {:.2} % of what all questions gained: {what}", 100.0 * shares[feature])?;
    }
    Ok(of_pixels(&shares, "share of the gain"))
}

/// A picture of numbers that belong to pixels, if they do.
fn of_pixels(numbers: &[f64], caption: &str) -> Vec<Tile> {
    let pixels = numbers.len() == PIXELS;
    pixels.then(|| Tile::positive(SIDE, numbers).caption(caption)).into_iter().collect()
}

/// The likeliest classes.
fn probabilities(out: &mut dyn Write, saved: &Saved, sample: Inputs<'_>) -> anyhow::Result<()> {
    if let Some(p) = saved.model.classifier().probabilities(sample)? {
        scores(out, "probability", p.row(0).mapv(f64::from).view())?;
    }
    Ok(())
}

/// Three classes by a number of theirs, the largest first.
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
    sample: Inputs<'_>,
) -> anyhow::Result<Vec<Tile>> {
    let mut x = vec![0.0; sample.features()];
    sample.read(0, &mut x);
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
