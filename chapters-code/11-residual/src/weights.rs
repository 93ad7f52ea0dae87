//! The weights of a network, by torchvision's names or timm's. Each batch normalisation is folded into the convolution before it
//! when the weights are taken.

use std::collections::BTreeMap;
use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::description::{Model, Role, Tensor};
use crate::{Result, timm};

/// The numbers of a network's layers: for each convolution, linear layer and layer of a gate, its weight and its bias.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    layers: BTreeMap<String, Layer>,
}

/// A layer's numbers.
#[derive(Clone, Debug)]
pub struct Layer {
    /// In the order of the tensor's shape.
    pub weight: Vec<f32>,
    /// One for each output.
    pub bias: Vec<f32>,
}

/// Whose names the tensors of a file have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// torchvision's, which the description has.
    Torchvision,
    /// timm's, for MobileNetV3; those of residual networks are torchvision's.
    Timm,
}

impl Names {
    /// The name in a file of each tensor whose name there is another one.
    fn of(self, model: &Model) -> BTreeMap<String, String> {
        if self == Names::Torchvision {
            return BTreeMap::new();
        }
        let layers = timm::layers(model);
        let renamed = |tensor: Tensor| {
            let (layer, part) = tensor.name.rsplit_once('.')?;
            Some((tensor.name.clone(), format!("{}.{part}", layers.get(layer)?)))
        };
        model.tensors().into_iter().filter_map(renamed).collect()
    }
}

/// Checks that a file has the tensors of a network, by the names that they have there.
fn hold(file: &Checkpoint, model: &Model, names: &BTreeMap<String, String>) -> Result<()> {
    let tensors = model.tensors();
    file.fits(tensors.iter().map(|tensor| {
        (names.get(&tensor.name).unwrap_or(&tensor.name).as_str(), tensor.shape.as_slice())
    }))
}

impl Weights {
    /// Takes weights from a function that gives each tensor's numbers, one tensor at a time.
    ///
    /// # Errors
    /// What the function answers.
    pub fn from(
        model: &Model,
        mut numbers: impl FnMut(&Tensor) -> Result<Vec<f32>>,
    ) -> Result<Weights> {
        let (mut layers, mut scale) = (BTreeMap::new(), Vec::new());
        // A layer's tensors follow one another: weight, then its bias or the four of its normalisation.
        let mut last: Option<(String, Layer)> = None;
        for (tensor, epsilon) in model.tensors().iter().zip(model.epsilons()) {
            let found = numbers(tensor)?;
            let name = tensor.name.trim_end_matches(".weight");
            match (tensor.role, &mut last) {
                (Role::Weight { .. }, last) => {
                    if let Some((name, layer)) = last.take() {
                        layers.insert(name, layer);
                    }
                    *last = Some((name.to_owned(), Layer { weight: found, bias: Vec::new() }));
                }
                (Role::Scale, _) => scale = found,
                (Role::Bias, Some((_, layer))) => layer.bias = found,
                // Kept in the bias until the variance is known: β − s · mean needs both.
                (Role::Mean, Some((_, layer))) => {
                    layer.bias.extend(found);
                }
                (Role::Variance, Some((_, layer))) => fold(layer, &scale, &found, epsilon),
                _ => {}
            }
        }
        layers.extend(last);
        Ok(Weights { layers })
    }

    /// The weights of a safetensors file, by torchvision's names.
    ///
    /// # Errors
    /// Where the file cannot be read, a tensor is missing or of another shape, or there are more than the network has.
    pub fn read(model: &Model, path: &Path) -> Result<Weights> {
        Weights::read_as(model, Names::Torchvision, path)
    }

    /// The weights of a safetensors file by whose names one will.
    ///
    /// # Errors
    /// As [`Weights::read`].
    pub fn read_as(model: &Model, names: Names, path: &Path) -> Result<Weights> {
        let mut file = Checkpoint::open(path)?;
        let names = names.of(model);
        hold(&file, model, &names)?;
        Weights::from(model, |tensor| {
            let name = names.get(&tensor.name).unwrap_or(&tensor.name);
            let numbers = file.numbers(name)?;
            if tensor.role == Role::Variance && numbers.iter().any(|&variance| variance < 0.0) {
                let fault = format!("has a negative variance in {name}");
                return Err(file.fault(fault, "save the file again"));
            }
            Ok(numbers)
        })
    }

    /// Whether a file has the tensors of a network. Only its header is read.
    pub fn fit(model: &Model, names: Names, path: &Path) -> bool {
        let fits = |file: Checkpoint| hold(&file, model, &names.of(model));
        Checkpoint::open(path).and_then(fits).is_ok()
    }

    /// The numbers of a layer of the description that the weights were taken for.
    ///
    /// # Panics
    /// Where they were taken for another network.
    pub(crate) fn of(&self, name: &str) -> &Layer {
        let found = self.layer(name);
        found.unwrap_or_else(|| unreachable!("{name}: weights were taken for another network"))
    }

    /// The numbers of a layer.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.get(name)
    }
}

// ANCHOR: fold
/// One layer that does what a convolution and the batch normalisation behind
/// it do: with `s = γ / √(variance + ε)` its weights are `s w`, and its bias is
/// `β − s · mean`. The layer's bias holds β, and behind it the means.
fn fold(layer: &mut Layer, gamma: &[f32], variance: &[f32], epsilon: f64) {
    let each = layer.weight.len() / gamma.len();
    let means = layer.bias.split_off(gamma.len());
    for (o, row) in layer.weight.chunks_mut(each).enumerate() {
        let s = f64::from(gamma[o]) / (f64::from(variance[o]) + epsilon).sqrt();
        row.iter_mut().for_each(|w| *w = (f64::from(*w) * s) as f32);
        layer.bias[o] = (f64::from(layer.bias[o]) - s * f64::from(means[o])) as f32;
    }
}
// ANCHOR_END: fold
