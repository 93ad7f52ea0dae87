//! What the chapter measures, an experiment a file.

mod boosting;
mod forest;
mod paragraph;
mod throws;
mod tree;

pub use boosting::boosting;
pub use forest::forest;
pub use paragraph::paragraph;
pub use throws::throws;
pub use tree::tree;

use learning::{FashionMnist, Labelled};
use ndarray::{ArrayView2, ShapeError};
use notebook::{Chapter, Experiment};

use crate::text;

/// Adds every experiment of the chapter with its seed. One that reads data names them too, with
/// `.reads(["data/…"])`, and finds them with `recorder.data("data/…")`.
pub fn add(chapter: Chapter) -> Chapter {
    let chapter = trees(chapter);
    chapter.experiment(Experiment::new("throws", "The share of heads", throws).seed(1))
}

/// Trees, and the second kind of data.
fn trees(chapter: Chapter) -> Chapter {
    let experiments = [
        Experiment::new("tree", "Questions about garments", tree).seed(41),
        Experiment::new("forest", "What a hundred trees know together", forest).seed(42),
        Experiment::new("boosting", "Trees that correct each other", boosting).seed(43),
    ];
    let experiments = experiments.into_iter().map(|one| one.reads(FashionMnist::paths()));
    let paragraph = Experiment::new("paragraph", "Who wrote this paragraph?", paragraph).seed(44);
    let all = experiments.chain([paragraph.reads([text::FILE])]);
    all.fold(chapter, Chapter::experiment)
}

/// Garments as rows of bytes, `(n, 784)`.
fn pixels(garments: &Labelled) -> Result<ArrayView2<'_, u8>, ShapeError> {
    let (n, h, w) = garments.images.dim();
    garments.images.view().into_shape_with_order((n, h * w))
}
