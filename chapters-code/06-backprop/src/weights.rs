//! Weights as readers and files know them: a name, a shape, numbers.

use crate::{Error, Parameter, Result};

/// A named tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<T> {
    /// Name, as PyTorch has it: `0.weight`.
    pub name: String,
    /// Length of each dimension.
    pub shape: Vec<usize>,
    /// The numbers, the last index running fastest; as many as the product of `shape`.
    pub data: Vec<T>,
}

/// Checks that `tensors` are those of a network.
pub(crate) fn check<T>(tensors: &[Tensor<T>], parameters: &[(String, Parameter)]) -> Result<()> {
    let fault =
        |name: &str, fault: String, fix| Err(Error::Weights { name: name.into(), fault, fix });
    for tensor in tensors {
        let name = &tensor.name;
        let Some((_, parameter)) = parameters.iter().find(|(known, _)| known == name) else {
            return fault(
                name,
                "are not of this network".into(),
                "give the weights of this network",
            );
        };
        let n: usize = tensor.shape.iter().product();
        if tensor.shape != parameter.shape || tensor.data.len() != n {
            let what = format!(
                "have the shape {:?} where the network has {:?}",
                tensor.shape, parameter.shape
            );
            return fault(name, what, "give the weights of this network");
        }
    }
    let twice = |i: usize| tensors[..i].iter().any(|other| other.name == tensors[i].name);
    if let Some(i) = (0..tensors.len()).find(|&i| twice(i)) {
        return fault(&tensors[i].name, "are given twice".into(), "give them once");
    }
    match parameters.iter().find(|(name, _)| !tensors.iter().any(|tensor| &tensor.name == name)) {
        Some((name, _)) => fault(name, "are missing".into(), "give all weights of the network"),
        None => Ok(()),
    }
}
