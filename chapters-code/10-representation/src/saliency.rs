//! Maps from gradients: what would change an answer, pixel by pixel (Simonyan and others, 2014), the same averaged over noise
//! (Smilkov and others, 2017), and which places of the last convolution speak for a class (Selvaraju and others, 2017).

use learning::normal;
use ndarray::{Array2, ArrayView3, Axis};
use notebook::Rng;

use crate::gradient::{Trace, calibrated, linear};
use crate::lite0::Weights;
use crate::lite0::description::{CLASSES, HEAD};

// ANCHOR: magnitude
/// How large the gradient of a pixel is: the largest size of its three
/// colours.
pub fn magnitude(gradient: ArrayView3<'_, f32>) -> Array2<f64> {
    gradient.map_axis(Axis(0), |rgb| rgb.fold(0.0, |m: f64, g| m.max(f64::from(g.abs()))))
}
// ANCHOR_END: magnitude

/// The size of the gradient of a class's logit.
pub fn gradient(weights: &Weights, picture: ArrayView3<'_, f32>, class: usize) -> Array2<f64> {
    magnitude(Trace::of(weights, picture).class(class).view())
}

/// The mean of the gradient's size over pictures with noise of this deviation.
pub fn smooth(
    weights: &Weights,
    picture: ArrayView3<'_, f32>,
    class: usize,
    (draws, deviation): (usize, f64),
    rng: &mut Rng,
) -> Array2<f64> {
    let (_, height, width) = picture.dim();
    let mut sum = Array2::zeros((height, width));
    for _ in 0..draws {
        let noisy = picture.mapv(|x| x + (deviation * normal(rng)) as f32);
        sum += &gradient(weights, noisy.view(), class);
    }
    sum / draws.max(1) as f64
}

// ANCHOR: grad_cam
/// Grad-CAM at the last convolution. Behind it come a mean over the places
/// and a linear layer, so the gradient of the logit in a channel is the same
/// at all places: the channel's weight over their number. What speaks against
/// the class is cut off.
pub fn grad_cam(weights: &Weights, picture: ArrayView3<'_, f32>, class: usize) -> Array2<f64> {
    let trace = Trace::of(weights, picture);
    let (last, linear) = (trace.last(), linear(weights));
    let (_, height, width) = last.dim();
    let places = (height * width) as f64;
    Array2::from_shape_fn((height, width), |(i, j)| {
        let terms = (0..HEAD).map(|c| f64::from(linear[[class, c]] * last[[c, i, j]]));
        (terms.sum::<f64>() / places).max(0.0)
    })
}
// ANCHOR_END: grad_cam

/// A network of the same shape that has learned nothing: normally distributed weights, scaled channel by channel so that on one
/// picture each convolution gives numbers of mean 0 and variance 1, as a fresh batch normalisation would.
pub fn untrained(like: &Weights, picture: ArrayView3<'_, f32>, rng: &mut Rng) -> Weights {
    let mut weights = like.clone();
    for layer in &mut weights.convolutions {
        layer.weight.fill_with(|| normal(rng) as f32);
        layer.bias.fill(0.0);
    }
    weights.linear.fill_with(|| (normal(rng) / (HEAD as f64).sqrt()) as f32);
    weights.bias = vec![0.0; CLASSES];
    calibrated(weights, picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn a_pixel_has_the_size_of_its_largest_colour() {
        let gradient = Array3::from_shape_vec((3, 1, 2), vec![1.0, 0.0, -3.0, 0.5, 2.0, 0.0]);
        assert_eq!(magnitude(gradient.unwrap().view()), ndarray::arr2(&[[3.0, 0.5]]));
    }
}
