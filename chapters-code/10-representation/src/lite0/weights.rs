//! The weights of EfficientNet-Lite0. The file holds the numbers of the original in 16 bits; when it is read, each batch
//! normalisation is folded into the convolution before it.

use std::path::Path;

use backprop::WeightsFile;
use notebook::Data;

use super::description::{CLASSES, Convolution, EPSILON, HEAD, convolutions};
use crate::{Error, Result};

/// Where the file is, from the root of the workspace.
pub const FILE: &str = "data/lite0/efficientnet-lite0.safetensors";

/// A convolution with its numbers, the normalisation folded in.
#[derive(Clone, Debug)]
pub struct Folded {
    /// What it is.
    pub convolution: Convolution,
    /// Its weights in the order of [`Convolution::shape`].
    pub weight: Vec<f32>,
    /// One number for each output.
    pub bias: Vec<f32>,
}

/// All weights, in the order of the pass.
#[derive(Clone, Debug)]
pub struct Weights {
    /// The convolutions: stem, those of the blocks, head.
    pub convolutions: Vec<Folded>,
    /// The last layer, `(CLASSES, HEAD)`.
    pub linear: Vec<f32>,
    /// Its bias.
    pub bias: Vec<f32>,
}

impl Weights {
    /// The weights of the workspace.
    ///
    /// # Errors
    /// Where the file is missing or is not what it should be.
    pub fn of(data: &(impl Data + ?Sized)) -> Result<Weights> {
        Weights::read(&data.data(FILE))
    }

    /// The weights of a file.
    ///
    /// # Errors
    /// As [`Weights::of`].
    pub fn read(path: &Path) -> Result<Weights> {
        let mut file = WeightsFile::open(path)?;
        let mut tensor = |name: &str, shape: &[usize]| -> Result<Vec<f32>> {
            let (found, numbers) = file.read(name)?;
            if found != shape {
                return Err(Error::Tensor {
                    name: name.into(),
                    found: found.into(),
                    expected: shape.into(),
                });
            }
            Ok(numbers.to_vec())
        };
        let mut folded = Vec::new();
        for convolution in convolutions() {
            let weight = tensor(&convolution.name, &convolution.shape())?;
            let norm = |part: &str| format!("{}.{part}", convolution.norm);
            let shape = [convolution.outputs];
            let [gamma, beta] = [tensor(&norm("weight"), &shape)?, tensor(&norm("bias"), &shape)?];
            let [mean, variance] =
                [tensor(&norm("running_mean"), &shape)?, tensor(&norm("running_var"), &shape)?];
            folded.push(fold(convolution, weight, [&gamma, &beta, &mean, &variance]));
        }
        let linear = tensor("_fc.weight", &[CLASSES, HEAD])?;
        let bias = tensor("_fc.bias", &[CLASSES])?;
        Ok(Weights { convolutions: folded, linear, bias })
    }
}

// ANCHOR: fold
/// One convolution that does what a convolution and the batch normalisation
/// behind it do: with `r = γ / √(variance + ε)` its weights are `r w`, and its
/// bias `β − r · mean`.
fn fold(convolution: Convolution, mut weight: Vec<f32>, norm: [&[f32]; 4]) -> Folded {
    let [gamma, beta, mean, variance] = norm;
    let each = weight.len() / convolution.outputs;
    let mut bias = Vec::with_capacity(convolution.outputs);
    for (o, row) in weight.chunks_mut(each).enumerate() {
        let scale = f64::from(gamma[o]) / (f64::from(variance[o]) + EPSILON).sqrt();
        row.iter_mut().for_each(|w| *w = (f64::from(*w) * scale) as f32);
        bias.push((f64::from(beta[o]) - f64::from(mean[o]) * scale) as f32);
    }
    Folded { convolution, weight, bias }
}
// ANCHOR_END: fold

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lite0::Kind;

    /// The page's example.
    #[test]
    fn a_normalisation_by_hand_is_folded() {
        let name = || "0".to_owned();
        let convolution = Convolution {
            name: name(),
            norm: name(),
            kind: Kind::Dense,
            inputs: 1,
            outputs: 1,
            window: 1,
            stride: 1,
            relu6: false,
        };
        // The root of 0.249 and ε is one half.
        let folded = fold(convolution, vec![2.0], [&[3.0], &[1.0], &[4.0], &[0.249]]);
        assert!((folded.weight[0] - 12.0).abs() < 1e-5 && (folded.bias[0] + 23.0).abs() < 1e-5);
    }
}
