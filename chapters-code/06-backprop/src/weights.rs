//! Weights: a tensor as readers and files know it, and how its numbers are packed.
//!
//! How a tensor lies in memory is a matter of its own, apart from the operation that computes with it. So two operations
//! may share a tensor, and whatever reads or writes weights needs to know nothing of operations.

use std::fmt::Debug;

use crate::{Block, Error, Real, Result};

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

/// What the numbers of a tensor are before training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum First {
    /// 0: biases, running means.
    Zero,
    /// 1: gains, running variances.
    One,
    /// Drawn by the way of initialisation that the network is given, from the fans.
    Fan,
    /// Drawn from a normal distribution with this standard deviation.
    Normal(f64),
}

/// A tensor that an operation needs: what readers and files know of it, and how it is packed.
#[derive(Debug)]
pub struct Weight<T> {
    /// Its name within the operation: `weight`, `bias`.
    pub name: &'static str,
    /// Its shape, as PyTorch has it.
    pub shape: Vec<usize>,
    /// How many inputs each output sums over; 0 for what is no matrix.
    pub fan_in: usize,
    /// False for what training does not change by gradients, such as running means.
    pub trained: bool,
    /// False for what weight decay leaves alone where it makes a difference between tensors: biases and gains.
    pub decays: bool,
    /// What its numbers are before training.
    pub first: First,
    /// How it lies in blocks.
    pub packing: Box<dyn Packing<T>>,
}

impl<T: Real> Weight<T> {
    /// A matrix, or a kernel of convolution: trained, decaying, with first weights by its fans.
    pub fn matrix(
        name: &'static str,
        shape: Vec<usize>,
        fan_in: usize,
        packing: impl Packing<T> + 'static,
    ) -> Self {
        let packing = Box::new(packing);
        Weight { name, shape, fan_in, trained: true, decays: true, first: First::Fan, packing }
    }

    /// A bias: numbers in a row, trained, which begin at 0 and do not decay.
    pub fn plain(name: &'static str, shape: Vec<usize>) -> Self {
        let packing = Box::new(Plain(shape.iter().product()));
        let (trained, decays, first) = (true, false, First::Zero);
        Weight { name, shape, fan_in: 0, trained, decays, first, packing }
    }

    /// With other numbers before training.
    pub fn first(self, first: First) -> Self {
        Weight { first, ..self }
    }

    /// Not trained by gradients.
    pub fn untrained(self) -> Self {
        Weight { trained: false, ..self }
    }

    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// True without numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How large a block of weights is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its numbers, those included that only fill a panel up.
    pub weights: usize,
    /// Numbers of the second copy, in another order; 0 where none is wanted.
    pub second: usize,
    /// Equal pieces in which the gradient is computed.
    pub pieces: usize,
}

/// How the elements of a tensor lie in blocks.
pub trait Packing<T: Real>: Debug + Send + Sync {
    /// The blocks, at least one. Threads share work on weights block by block.
    fn blocks(&self) -> Vec<Size>;

    /// Where element `i` of the tensor is stored: block, and number within it.
    fn home(&self, i: usize) -> (usize, usize);

    /// Called when the weights of a block have changed: brings its second copy up to date.
    fn renew(&self, _block: usize, _weights: &mut Block<T>) {}

    /// Writes all elements of a tensor, in the order of its shape, to blocks.
    fn pack(&self, data: &[T], blocks: &mut [&mut [T]]) {
        for (i, &x) in data.iter().enumerate() {
            let (block, at) = self.home(i);
            blocks[block][at] = x;
        }
    }

    /// Reads all elements of a tensor from blocks.
    fn unpack(&self, blocks: &[&[T]], data: &mut [T]) {
        for (i, x) in data.iter_mut().enumerate() {
            let (block, at) = self.home(i);
            *x = blocks[block][at];
        }
    }
}

/// One block of so many numbers, in the order of readers. The tensor may have fewer.
#[derive(Clone, Copy, Debug)]
pub struct Plain(pub usize);

impl<T: Real> Packing<T> for Plain {
    fn blocks(&self) -> Vec<Size> {
        vec![Size { weights: self.0, second: 0, pieces: 1 }]
    }

    fn home(&self, i: usize) -> (usize, usize) {
        (0, i)
    }

    fn pack(&self, data: &[T], blocks: &mut [&mut [T]]) {
        blocks[0][..data.len()].copy_from_slice(data);
    }

    fn unpack(&self, blocks: &[&[T]], data: &mut [T]) {
        data.copy_from_slice(&blocks[0][..data.len()]);
    }
}

/// A fault of weights.
pub(crate) fn fault<T>(name: &str, fault: impl Into<String>, fix: &'static str) -> Result<T> {
    Err(Error::Weights { name: name.into(), fault: fault.into(), fix })
}

/// Checks that a tensor of a name, a shape and numbers is the one that the network has.
pub(crate) fn fits<T>(name: &str, dims: &[usize], numbers: usize, known: &Weight<T>) -> Result<()> {
    let wrong = dims != known.shape || numbers != dims.iter().product::<usize>();
    if wrong {
        let what = match dims == known.shape {
            true => format!("have {numbers} numbers for the shape {dims:?}"),
            false => format!("have the shape {dims:?} where the network has {:?}", known.shape),
        };
        return fault(name, what, "give the weights of this network");
    }
    Ok(())
}
