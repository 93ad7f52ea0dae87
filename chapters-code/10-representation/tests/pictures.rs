//! Gradients in the pixels against the engine's, and maps against what they are made of.

use std::path::Path;

use ndarray::Array3;
use representation::dream::{against, stepped};
use representation::gradient::Trace;
use representation::lite0::network::Lens;
use representation::lite0::{Weights, plain};
use representation::occlusion::{answers, maps};
use representation::saliency;

fn weights() -> Weights {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Weights::of(&*root).unwrap_or_else(|fault| panic!("{fault}"))
}

/// A wavy picture of `side` pixels.
fn picture(side: usize) -> Array3<f32> {
    let wave = |c: usize, i: usize, j: usize| 0.11 * i as f32 + 0.07 * (c + 1) as f32 * j as f32;
    Array3::from_shape_fn((3, side, side), |(c, i, j)| 0.8 * wave(c, i, j).sin())
}

#[test]
fn the_pass_that_remembers_answers_as_the_plain_one() {
    let (weights, picture) = (weights(), picture(96));
    let plain = plain::forward(&weights, picture.view());
    let trace = Trace::of(&weights, picture.view());
    let apart = (&plain.logits - &trace.logits).mapv(f32::abs).fold(0.0, |m: f32, &x| m.max(x));
    assert!(apart < 1e-4, "{apart}");
    assert_eq!(trace.blocks.len(), plain.blocks.len());
}

#[test]
fn its_gradient_is_the_engines() {
    let (weights, picture) = (weights(), picture(96));
    let mut lens = Lens::new(&weights, 96, 1).unwrap();
    let theirs = lens.gradient(picture.view(), 281).unwrap();
    let ours = Trace::of(&weights, picture.view()).class(281);
    let size = |x: &Array3<f32>| x.mapv(|x| x * x).sum().sqrt();
    let apart = size(&(&ours - &theirs)) / size(&theirs);
    assert!(apart < 1e-3, "{apart}");
}

#[test]
fn its_gradient_from_a_block_is_the_engines() {
    let (weights, picture) = (weights(), picture(96));
    let mut lens = Lens::new(&weights, 96, 1).unwrap();
    let theirs = lens.channel_gradient(picture.view(), 5, 7).unwrap().1;
    let trace = Trace::of(&weights, picture.view());
    let mut g = Array3::zeros(trace.blocks[5].dim());
    let places = g.len_of(ndarray::Axis(1)) * g.len_of(ndarray::Axis(2));
    g.index_axis_mut(ndarray::Axis(0), 7).fill(1.0 / places as f32);
    let ours = trace.from_block(5, g);
    let size = |x: &Array3<f32>| x.mapv(|x| x * x).sum().sqrt();
    let apart = size(&(&ours - &theirs)) / size(&theirs);
    assert!(apart < 1e-3, "{apart}");
}

#[test]
fn what_speaks_for_a_class_sums_to_its_logit() {
    // Before the cut at 0, Grad-CAM's places sum to the logit without its bias: with the cut, to no less.
    let (weights, picture) = (weights(), picture(96));
    let trace = Trace::of(&weights, picture.view());
    let map = saliency::grad_cam(&weights, picture.view(), 281);
    assert!(map.sum() >= f64::from(trace.logits[281] - weights.bias[281]) - 1e-3);
}

#[test]
fn covering_nothing_costs_nothing() {
    let (weights, picture) = (weights(), picture(96));
    let map = &maps(&weights, picture.view(), &[281], 2, 0)[0];
    assert!(map.iter().all(|drop| drop.abs() < 1e-6), "{map}");
}

#[test]
fn a_step_against_the_gradient_lowers_the_answer() {
    let (weights, picture) = (weights(), picture(96));
    let said = answers(&weights, std::slice::from_ref(&picture));
    let mut order: Vec<usize> = (0..said.ncols()).collect();
    order.sort_by(|&a, &b| said[[0, b]].total_cmp(&said[[0, a]]));
    let signs = against(&weights, picture.view(), order[0]);
    let moved = stepped(picture.view(), &signs, 1.0 / 128.0);
    assert!(answers(&weights, &[moved])[[0, order[0]]] < said[[0, order[0]]]);
}
