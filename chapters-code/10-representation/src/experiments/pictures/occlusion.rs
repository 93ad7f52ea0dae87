//! Two photographs, a square slid over each: what the top class's probability loses, with two sizes of the square, for a class
//! drawn by lot, and in a network that has learned nothing.

use ndarray::{Array2, Array3};
use notebook::{Recorder, Rng};
use rand::RngExt as _;

use super::shown::{SHOWN, largest, names};
use crate::lite0::Weights;
use crate::lite0::description;
use crate::occlusion::{answers, maps, rank_correlation};
use crate::patches::{self, Cut};
use crate::saliency::untrained;

/// Places of the square in a row.
pub const GRID: usize = 14;
/// Sides of the two squares.
const SIDES: [usize; 2] = [32, 64];

/// Draws the maps and compares them.
pub fn occlusion(recorder: &mut Recorder) -> anyhow::Result<()> {
    let weights = Weights::of(recorder)?;
    let (photographs, names) = (patches::photographs(recorder)?, names(recorder)?);
    let mut rng = recorder.rng();
    recorder.value("grid", GRID);
    recorder.value("passes", GRID * GRID);
    recorder.value("small", SIDES[0]);
    recorder.value("large", SIDES[1]);
    let mut agree = Vec::new();
    for (place, key) in SHOWN {
        let picture = Cut::middle(place, &photographs[place].image).picture(&photographs);
        let (top, p) = top_class(&weights, &picture);
        recorder.value(&format!("{key}/class"), names[top].as_str());
        recorder.value(&format!("{key}/probability"), p);
        agree.push(one(recorder, key, &weights, &picture, top, &mut rng));
    }
    let most = agree.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    recorder
        .claim(
            "sizes-differ",
            "In both photographs the maps of the two squares have a rank correlation below 0.9.",
        )
        .less(most, 0.9);
    Ok(())
}

/// The most probable class, and its probability.
fn top_class(weights: &Weights, picture: &Array3<f32>) -> (usize, f64) {
    let p = answers(weights, std::slice::from_ref(picture));
    let top = largest(p.row(0));
    (top, f64::from(p[[0, top]]))
}

/// The maps of one photograph; gives the rank correlation of the two sizes.
fn one(
    recorder: &mut Recorder,
    key: &str,
    weights: &Weights,
    picture: &Array3<f32>,
    top: usize,
    rng: &mut Rng,
) -> f64 {
    let other = (top + rng.random_range(1..description::CLASSES)) % description::CLASSES;
    let [small, large] = SIDES.map(|side| maps(weights, picture.view(), &[top, other], GRID, side));
    let fresh = untrained(weights, picture.view(), rng);
    let (its, _) = top_class(&fresh, picture);
    let blank = maps(&fresh, picture.view(), &[its], GRID, SIDES[1]);
    let compared = [("sizes", &small[0]), ("other", &large[1]), ("untrained", &blank[0])];
    let numbers = |map: &Array2<f64>| map.iter().copied().collect::<Vec<f64>>();
    let mut found = 0.0;
    for (name, map) in compared.into_iter().rev() {
        found = rank_correlation(&numbers(&large[0]), &numbers(map));
        recorder.value(&format!("{key}/{name}"), found);
    }
    for (name, map) in [("small", &small[0]), ("large", &large[0])] {
        let most = map.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let risen = map.iter().filter(|drop| **drop < 0.0).count();
        recorder.value(&format!("{key}/{name}/most"), most);
        recorder.value(&format!("{key}/{name}/risen"), risen as f64 / map.len() as f64);
    }
    let series =
        recorder.series(&format!("{key}/maps"), "Place", (0..GRID * GRID).map(|k| k as f64));
    series.curve("small", numbers(&small[0]));
    series.curve("large", numbers(&large[0]));
    series.curve("untrained", numbers(&blank[0]));
    found
}
