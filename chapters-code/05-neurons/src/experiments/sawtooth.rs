//! Pieces by depth and by width: what stacking folds makes of a few units, and what one layer can make of as many.

use ndarray::array;
use notebook::{Recorder, Table};

use crate::Mlp;
use crate::sawtooth::{most_pieces_of_one_layer, pieces, sawtooth as saw, sawtooth_in_one_layer};

/// Folds, at most.
const DEEPEST: usize = 10;
/// Folds up to which the figure shows the saw.
const SHOWN: usize = 5;

/// Counts the pieces of saws.
pub fn sawtooth(recorder: &mut Recorder) -> anyhow::Result<()> {
    let heads = [
        "Folds | int",
        "Units | int",
        "Pieces | int",
        "One layer of as many units | int",
        "Units that one layer needs | int",
    ];
    let mut table = Table::new(heads);
    let (mut deep, mut flat, mut same) = (Vec::new(), Vec::new(), 0);
    for depth in 1..=DEEPEST {
        let (network, wide) = (saw(depth), sawtooth_in_one_layer(depth));
        let found = count(&network);
        let most = most_pieces_of_one_layer(2 * depth);
        table.row([
            depth.into(),
            (2 * depth).into(),
            found.into(),
            most.into(),
            wide.layers[0].bias.len().into(),
        ]);
        same += usize::from(count(&wide) == found && farthest(&network, &wide) < 1e-9);
        deep.push(found as f64);
        flat.push(most as f64);
    }
    recorder.table("pieces", table);
    recorder
        .series("pieces", "Units", (1..=DEEPEST).map(|depth| 2.0 * depth as f64))
        .curve("two units per layer", deep.iter().copied())
        .curve("one layer, at most", flat);
    let doubles =
        deep.iter().enumerate().filter(|(i, found)| **found == f64::powi(2.0, *i as i32 + 1));
    recorder
        .claim(
            "doubles",
            "Each further fold doubles the pieces: with depth D there are 2 to the power of D.",
        )
        .all(doubles.count(), DEEPEST, "depths");
    recorder
        .claim("same-function", "One layer with a unit for each piece computes the same saw.")
        .all(same, DEEPEST, "depths");
    recorder.value("deepest", DEEPEST);
    recorder.value("deepest/units", 2 * DEEPEST);
    recorder.value("deepest/pieces", deep[DEEPEST - 1]);
    recorder.value("deepest/parameters", saw(DEEPEST).parameters());
    recorder.value("flat/pieces", most_pieces_of_one_layer(2 * DEEPEST));
    recorder.value("flat/units", 1_usize << DEEPEST);
    recorder.value("flat/parameters", sawtooth_in_one_layer(DEEPEST).parameters());
    recorder
        .claim("cheaper", "At ten folds the deep network has less than a thirtieth of the parameters of the flat one.")
        .less(30 * saw(DEEPEST).parameters(), sawtooth_in_one_layer(DEEPEST).parameters());
    shown(recorder);
    sensitive(recorder);
    Ok(())
}

fn count(network: &Mlp) -> usize {
    pieces(network, &array![0.0], &array![1.0])
}

fn at(network: &Mlp, x: f64) -> f64 {
    network.forward(array![x].view())[0]
}

/// The largest difference of two networks on [0, 1].
fn farthest(a: &Mlp, b: &Mlp) -> f64 {
    (0..=5000)
        .map(|i| f64::from(i) / 5000.0)
        .map(|x| (at(a, x) - at(b, x)).abs())
        .fold(0.0, f64::max)
}

/// The corners of the saws that the figure shows.
fn shown(recorder: &mut Recorder) {
    let x: Vec<f64> = (0..=1 << SHOWN).map(|i| f64::from(i) / f64::from(1 << SHOWN)).collect();
    for depth in 1..=SHOWN {
        let network = saw(depth);
        recorder
            .series(&format!("saw/{depth}"), "Input", x.iter().copied())
            .curve(&format!("depth {depth}"), x.iter().map(|&x| at(&network, x)));
    }
}

/// What an input that moves by a thousandth makes of the output, by depth.
fn sensitive(recorder: &mut Recorder) {
    let slope = |depth: usize| (at(&saw(depth), 1e-6) - at(&saw(depth), 0.0)) / 1e-6;
    recorder.value("slope/1", slope(1));
    recorder.value("slope/deepest", slope(DEEPEST));
}
