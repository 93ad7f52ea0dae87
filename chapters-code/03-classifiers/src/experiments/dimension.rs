//! In many dimensions everything is far from everything (Beyer et al. 1999). Are garments?

use learning::{FashionMnist, split};
use ndarray::Array2;
use notebook::{Recorder, Rng};
use rand::RngExt as _;

use crate::model::{Fit, Inputs, Samples};
use crate::{Neighbours, NeighboursModel};

/// Dimensions of the cube.
const DIMENSIONS: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 784];
/// Points that are remembered, and points that are asked about.
const REMEMBERED: usize = 2_000;
const NEW: usize = 200;

/// The distance to the nearest point over that to the farthest, in cubes and among garments.
pub fn dimension(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let cubes: Vec<f64> =
        DIMENSIONS.iter().map(|d| in_cube(*d, &mut rng)).collect::<Result<_, _>>()?;
    let rows = split::draw(REMEMBERED, data.train.len(), &mut rng);
    let new = split::draw(NEW, data.test.len(), &mut rng);
    let pixels = |images: ndarray::ArrayView3<'_, u8>, rows: &[usize]| {
        crate::Description::Pixels.samples(images.select(ndarray::Axis(0), rows).view())
    };
    let garments = nearest_of_farthest(
        &pixels(data.train.images.view(), &rows),
        &pixels(data.test.images.view(), &new),
    )?;
    recorder.value("remembered", REMEMBERED).unit("points");
    recorder.value("new", NEW).unit("points");
    recorder.value("garments", garments);
    for (dimension, ratio) in DIMENSIONS.iter().zip(&cubes) {
        recorder.value(&format!("cube/{dimension}"), *ratio);
    }
    recorder
        .series("ratio", "Dimensions", DIMENSIONS.map(|d| d as f64))
        .curve("points in a cube", cubes.clone());
    recorder
        .claim("farther-apart", "In the cube the nearest point comes closer to the farthest with every step up in dimension.")
        .record(cubes.is_sorted(), format!("{cubes:.3?}"));
    recorder
        .claim("garments-are-not-a-cube", "Among garments of 784 pixels the nearest is closer, measured by the farthest, than in a cube of 784 dimensions.")
        .less(garments, cubes[DIMENSIONS.len() - 1]);
    Ok(())
}

fn in_cube(d: usize, rng: &mut Rng) -> anyhow::Result<f64> {
    let mut points = |n| Samples::Reals(Array2::from_shape_simple_fn((n, d), || rng.random()));
    let (remembered, new) = (points(REMEMBERED), points(NEW));
    nearest_of_farthest(&remembered, &new)
}

/// The mean, over new points, of the distance to the nearest over that to the farthest.
fn nearest_of_farthest(remembered: &Samples, new: &Samples) -> anyhow::Result<f64> {
    // Two labels, because a classifier wants them; nobody votes.
    let labels: Vec<u8> = (0..REMEMBERED).map(|i| u8::from(i == 0)).collect();
    let all: NeighboursModel = Neighbours { k: REMEMBERED }.fit(remembered.view(), &labels)?;
    let view: Inputs<'_> = new.view();
    let ratios: Vec<f64> = all
        .nearest(view)?
        .iter()
        .map(|near| {
            let distance = |n: Option<&crate::neighbours::Neighbour>| {
                n.map_or(0.0, |n| n.squared_distance).sqrt()
            };
            distance(near.first()) / distance(near.last())
        })
        .collect();
    Ok(learning::bootstrap::mean(&ratios))
}
