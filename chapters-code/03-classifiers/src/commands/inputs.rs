//! What the commands are given: garments, pictures, threads.

use std::path::{Path, PathBuf};

use features::Image;
use learning::FashionMnist;
use learning::fashion::{FOLDER, SIDE};
use ndarray::Array3;
use notebook::Context;
use notebook::fault::FileFault;

use crate::description::Description;
use crate::file::{Model, Saved};
use crate::model::{Inputs, Samples};
use crate::neighbours::NeighboursModel;

/// The garments, from the folder that was given or from the checkout.
pub(super) fn garments(
    context: &Context<'_>,
    data: Option<PathBuf>,
) -> anyhow::Result<FashionMnist> {
    Ok(FashionMnist::read(&context.data(data, FOLDER)?)?)
}

/// Runs `work` on as many threads as were asked for.
pub(super) fn on_threads<T: Send>(
    context: &Context<'_>,
    work: impl FnOnce() -> anyhow::Result<T> + Send,
) -> anyhow::Result<T> {
    rayon::ThreadPoolBuilder::new().num_threads(context.threads).build()?.install(work)
}

/// Reads pictures of 28 × 28 pixels.
pub(super) fn pictures(paths: &[PathBuf]) -> anyhow::Result<Array3<u8>> {
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
pub(super) fn samples(saved: &Saved, images: &Array3<u8>) -> Samples {
    match &saved.model {
        Model::Neighbours(model) if wants_bytes(model) => saved.description.samples(images.view()),
        _ => Samples::Reals(saved.description.rows(images.view())),
    }
}

fn wants_bytes(model: &NeighboursModel) -> bool {
    matches!(model.memory(), Inputs::Bytes(_))
}

/// The names of the descriptions, for the command line.
pub(super) fn descriptions() -> clap::builder::PossibleValuesParser {
    Description::EACH.map(Description::name).into()
}
