//! What the chapter does on the command line: `fit`, `evaluate`, `predict` and `explain`.

mod explain;
mod fit;
mod judge;

pub use explain::ExplainArgs;
pub use fit::FitArgs;
pub use judge::{EvaluateArgs, PredictArgs};

use std::path::{Path, PathBuf};

use features::Image;
use learning::FashionMnist;
use learning::fashion::{FOLDER, SIDE};
use ndarray::Array3;
use notebook::fault::FileFault;
use notebook::{Chapter, Context};

use crate::description::Description;
use crate::model::{Inputs, Samples};
use crate::neighbours::NeighboursModel;
use crate::{Model, Saved};

/// Adds the chapter's commands.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .command::<FitArgs>("fit", fit::fit)
        .command::<EvaluateArgs>("evaluate", judge::evaluate)
        .command::<PredictArgs>("predict", judge::predict)
        .command::<ExplainArgs>("explain", explain::explain)
}

/// The garments, from the folder that was given or from the checkout.
fn garments(context: &Context<'_>, data: Option<PathBuf>) -> anyhow::Result<FashionMnist> {
    Ok(FashionMnist::read(&context.data(data, FOLDER)?)?)
}

/// Runs `work` on as many threads as were asked for.
fn on_threads<T: Send>(
    context: &Context<'_>,
    work: impl FnOnce() -> anyhow::Result<T> + Send,
) -> anyhow::Result<T> {
    rayon::ThreadPoolBuilder::new().num_threads(context.threads).build()?.install(work)
}

/// Reads pictures of 28 × 28 pixels.
fn pictures(paths: &[PathBuf]) -> anyhow::Result<Array3<u8>> {
    let mut levels = Vec::new();
    for path in paths {
        levels.extend(picture(path)?);
    }
    Ok(Array3::from_shape_vec((paths.len(), SIDE, SIDE), levels)?)
}

fn picture(path: &Path) -> anyhow::Result<Vec<u8>> {
    let image = Image::open(path)?;
    let view = image.view();
    if (view.width(), view.height()) != (SIDE, SIDE) {
        return Err(FileFault {
            path: path.display().to_string(),
            fault: format!("has {} × {} pixels", view.width(), view.height()),
            fix: "give a garment of 28 × 28 pixels, bright on black",
        }
        .into());
    }
    Ok(view.levels().to_vec())
}

/// The features of pictures, as the model wants them.
fn samples(saved: &Saved, images: &Array3<u8>) -> Samples {
    match &saved.model {
        Model::Neighbours(model) if wants_bytes(model) => saved.description.samples(images.view()),
        _ => Samples::Reals(saved.description.rows(images.view())),
    }
}

fn wants_bytes(model: &NeighboursModel) -> bool {
    matches!(model.memory(), Inputs::Bytes(_))
}

/// The names of the descriptions, for the command line.
fn descriptions() -> clap::builder::PossibleValuesParser {
    Description::EACH.map(Description::name).into()
}
