//! Weights and images from a formula that `tests/peers/11-residual.py` evaluates, too: what the two networks say can be compared, and
//! no weights need be stored.

use ndarray::Array3;

use crate::description::{Model, Role, Tensor};
use crate::weights::Weights;

/// The sides of the two images on which networks are compared.
pub const SIDES: [usize; 2] = [224, 97];

/// Numbers in [−½, ½) that only integer arithmetic decides.
pub fn numbers(seed: u64, n: usize) -> Vec<f32> {
    let one = |i: u64| {
        let mut h = ((seed * 7919 + i + 1) * 2_654_435_761) & 0xffff_ffff;
        h ^= h >> 15;
        h = (h * 2_246_822_519) & 0xffff_ffff;
        h ^= h >> 13;
        (h as f64 / 4_294_967_296.0 - 0.5) as f32
    };
    (0..n as u64).map(one).collect()
}

/// The low 16 bits of the FNV-1a hash of a name.
pub fn seed(name: &str) -> u64 {
    let hash = |h: u32, byte| (h ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    u64::from(name.bytes().fold(0x811c_9dc5, hash) % (1 << 16))
}

// ANCHOR: tensor
/// A tensor's numbers from its name, scaled by what it is: variances about 1,
/// weights so that a sum of them is of the size of its terms.
pub fn tensor(tensor: &Tensor, scale: f32) -> Vec<f32> {
    let x = numbers(seed(&tensor.name), tensor.shape.iter().product());
    let by = |f: &dyn Fn(f32) -> f32| x.iter().map(|&x| f(x)).collect();
    match tensor.role {
        Role::Variance => by(&|x| 1.0 + 0.5 * x),
        Role::Mean | Role::Bias => by(&|x| 0.2 * x),
        Role::Scale => by(&|x| scale * (1.0 + 0.5 * x)),
        Role::Weight { terms } => {
            let factor = (24.0 / terms as f64).sqrt() as f32;
            by(&|x| x * factor)
        }
    }
}
// ANCHOR_END: tensor

/// The size of the scales: a half for networks whose blocks all add to one sum, which would grow without end.
pub fn scale(name: &str) -> f32 {
    if name.starts_with("resnet") { 0.5 } else { 1.0 }
}

/// The weights of the network of that name, or of one like it.
pub fn weights(name: &str, model: &Model) -> Weights {
    // The function answers no error.
    Weights::from(model, |each| Ok(tensor(each, scale(name)))).unwrap_or_default()
}

/// One of the two images, `(3, side, side)`.
pub fn image(i: usize) -> Array3<f32> {
    picture(i, SIDES[i])
}

/// The picture of that number, `(3, side, side)`.
pub fn picture(i: usize, side: usize) -> Array3<f32> {
    let x = numbers(i as u64 + 1, 3 * side * side).into_iter().map(|x| 4.0 * x).collect();
    Array3::from_shape_vec((3, side, side), x).unwrap_or_default()
}
