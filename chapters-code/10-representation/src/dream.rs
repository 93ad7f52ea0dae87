//! Pictures that are made, not taken: gradient ascent on an answer (Erhan and others, 2009; Simonyan and others, 2014), and small
//! steps that change it (Szegedy and others, 2014; Goodfellow and others, 2015).

use learning::normal;
use ndarray::{Array3, ArrayView3, s};
use notebook::Rng;
use rand::RngExt as _;

use crate::gradient::Trace;
use crate::lite0::Weights;
use crate::occlusion::blurred;

/// The least and the largest number of a pixel: levels 0 and 255.
const ENDS: (f32, f32) = (-127.0 / 128.0, 1.0);

/// How a picture is dreamt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dream {
    /// Steps of the ascent.
    pub steps: usize,
    /// How far a pixel moves in a step, in the mean over the picture.
    pub rate: f32,
    /// The picture is moved by up to so many pixels before a step, and back behind it.
    pub jitter: usize,
    /// How much of the blurred picture is mixed in behind each step.
    pub blur: f32,
}

// ANCHOR: dream
/// A picture that a class's logit is large for: from weak noise uphill. Gives
/// the picture and the logit before each step.
pub fn dream(
    weights: &Weights,
    class: usize,
    side: usize,
    how: Dream,
    rng: &mut Rng,
) -> (Array3<f32>, Vec<f64>) {
    let mut x = Array3::from_shape_fn((3, side, side), |_| 0.1 * normal(rng) as f32);
    let mut logits = Vec::with_capacity(how.steps);
    for _ in 0..how.steps {
        let [down, right] = [0; 2].map(|_| rng.random_range(0..=how.jitter));
        let moved = rolled(x.view(), down, right);
        let trace = Trace::of(weights, moved.view());
        logits.push(f64::from(trace.logits[class]));
        let g = trace.class(class);
        let size = g.mapv(f32::abs).mean().unwrap_or(0.0).max(f32::MIN_POSITIVE);
        let stepped = moved + g * (how.rate / size);
        x = rolled(stepped.view(), side - down, side - right);
        x = &x * (1.0 - how.blur) + blurred(x.view(), 1) * how.blur;
        x.mapv_inplace(|v| v.clamp(ENDS.0, ENDS.1));
    }
    (x, logits)
}
// ANCHOR_END: dream

/// The picture moved; what leaves it on one side comes in on the other.
fn rolled(x: ArrayView3<'_, f32>, down: usize, right: usize) -> Array3<f32> {
    let (_, height, width) = x.dim();
    let (down, right) = (down % height, right % width);
    let mut moved = Array3::zeros(x.dim());
    for (to, from) in [(0..down, height - down..height), (down..height, 0..height - down)] {
        let rows = x.slice(s![.., from, ..]);
        moved.slice_mut(s![.., to.clone(), ..right]).assign(&rows.slice(s![
            ..,
            ..,
            width - right..
        ]));
        moved.slice_mut(s![.., to, right..]).assign(&rows.slice(s![.., .., ..width - right]));
    }
    moved
}

// ANCHOR: sign
/// The picture with every number moved by `step` in the direction of `signs`,
/// cut off where no level is.
pub fn stepped(picture: ArrayView3<'_, f32>, signs: &Array3<f32>, step: f32) -> Array3<f32> {
    let mut moved = picture.to_owned() + signs * step;
    moved.mapv_inplace(|x| x.clamp(ENDS.0, ENDS.1));
    moved
}

/// The signs that lower a picture's own answer fastest: downhill for `class`.
pub fn against(weights: &Weights, picture: ArrayView3<'_, f32>, class: usize) -> Array3<f32> {
    Trace::of(weights, picture).class(class).mapv(|g| -g.signum())
}
// ANCHOR_END: sign

// ANCHOR: towards
/// A picture that is moved by at most `most` in every number, in `steps`
/// equal steps, each towards `class` and away from `top`, along the signs
/// where it has come to.
pub fn towards(
    weights: &Weights,
    picture: ArrayView3<'_, f32>,
    [top, class]: [usize; 2],
    (most, steps): (f32, usize),
) -> Array3<f32> {
    (0..steps).fold(picture.to_owned(), |x, _| {
        let g = Trace::of(weights, x.view()).mixture(&[(class, 1.0), (top, -1.0)]);
        stepped(x.view(), &g.mapv(f32::signum), most / steps as f32)
    })
}
// ANCHOR_END: towards

/// Signs by lot.
pub fn random_signs(dim: (usize, usize, usize), rng: &mut Rng) -> Array3<f32> {
    Array3::from_shape_fn(dim, |_| if rng.random::<bool>() { 1.0 } else { -1.0 })
}

/// How much of a picture lies in steps from one pixel to the next: the mean size of the differences between neighbours.
pub fn roughness(picture: ArrayView3<'_, f32>) -> f64 {
    let rows = &picture.slice(s![.., 1.., ..]) - &picture.slice(s![.., ..-1, ..]);
    let columns = &picture.slice(s![.., .., 1..]) - &picture.slice(s![.., .., ..-1]);
    let mean = |d: Array3<f32>| f64::from(d.mapv(f32::abs).mean().unwrap_or(0.0));
    (mean(rows) + mean(columns)) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rolled_comes_back() {
        let x = Array3::from_shape_fn((3, 5, 7), |(c, i, j)| (c * 35 + i * 7 + j) as f32);
        let moved = rolled(x.view(), 2, 3);
        assert_eq!(moved[[1, 2, 3]], x[[1, 0, 0]]);
        assert_eq!(moved[[2, 0, 0]], x[[2, 3, 4]]);
        assert_eq!(rolled(moved.view(), 5 - 2, 7 - 3), x);
    }

    #[test]
    fn an_even_picture_is_not_rough() {
        assert_eq!(roughness(Array3::ones((3, 4, 4)).view()), 0.0);
    }

    #[test]
    fn a_step_stays_within_the_levels() {
        let picture = Array3::from_elem((3, 2, 2), 0.99);
        let moved = stepped(picture.view(), &Array3::ones((3, 2, 2)), 0.5);
        assert!(moved.iter().all(|&x| x == 1.0));
    }
}
