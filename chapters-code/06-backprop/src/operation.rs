//! What an operation of a network is: a forward, and beside it the backward that belongs to it.

use std::fmt::Debug;
use std::sync::Mutex;

use crate::kernels::buffer::Buffer;
use crate::{Block, Layout, Real, Result, Shape};

/// Where an operation stands: the layouts of what it reads and of what it writes.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Layouts of the inputs; the second repeats the first where there is one input.
    pub inputs: [Layout; 2],
    /// Layout of the output.
    pub output: Layout,
    /// Whether the gradient of the input is wanted. The first operation has no use for it.
    pub input_gradient: bool,
}

impl Place {
    /// The layout of the first input.
    pub fn input(&self) -> Layout {
        self.inputs[0]
    }
}

/// A tensor of weights, as readers and files know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name within the operation: `weight`, `bias`.
    pub name: &'static str,
    /// Its shape, as PyTorch has it.
    pub shape: Vec<usize>,
    /// How many inputs each output sums over; 0 for a bias.
    pub fan_in: usize,
    /// False for what training does not change by gradients, such as running means.
    pub trained: bool,
}

/// How large a block of weights is, as the engine stores them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Numbers that have a gradient.
    pub weights: usize,
    /// Numbers of the second copy, in the order of the backward pass.
    pub turned: usize,
    /// Equal pieces in which the gradient is computed.
    pub pieces: usize,
    /// Numbers after the weights that have no gradient.
    pub statistics: usize,
}

/// What an operation keeps from its forward for its backward, beyond its inputs and outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Numbers for each sample.
    pub sample: usize,
    /// Numbers for each shard, which all shards may read in the next phase.
    pub shard: usize,
}

/// What a forward is given: the rows of one shard.
#[derive(Debug)]
pub struct Forward<'a, T> {
    /// How many samples the shard has, at least one.
    pub rows: usize,
    /// How many samples the mini-batch has.
    pub batch: usize,
    /// Which phase this is, from 0.
    pub phase: usize,
    /// True in training, false in prediction.
    pub training: bool,
    /// The operation's weights.
    pub blocks: &'a [Block<T>],
    /// Inputs, in the layouts of [`Place::inputs`].
    pub x: [&'a [T]; 2],
    /// Output, to be written; what is outside its shape must be zero.
    pub y: &'a mut [T],
    /// [`Memory::sample`] numbers for each sample.
    pub saved: &'a mut [T],
    /// [`Memory::shard`] numbers of each shard.
    pub shards: &'a [Mutex<Buffer<T>>],
    /// Which of the shards this is.
    pub shard: usize,
}

// ANCHOR: given
/// What a backward is given: the rows of one shard.
#[derive(Debug)]
pub struct Backward<'a, T> {
    /// How many samples the shard has, at least one.
    pub rows: usize,
    /// How many samples the mini-batch has.
    pub batch: usize,
    /// Which phase this is, from 0.
    pub phase: usize,
    /// The operation's weights.
    pub blocks: &'a [Block<T>],
    /// Inputs, as the forward had them.
    pub x: [&'a [T]; 2],
    /// Output, as the forward left it.
    pub y: &'a [T],
    /// Gradient of the loss with respect to the output. May be changed to what [`Operation::gradient`] needs.
    pub dy: &'a mut [T],
    /// Gradients with respect to the inputs, to be written; empty where not wanted.
    pub dx: [&'a mut [T]; 2],
    // ANCHOR_END: given
    /// What the forward saved.
    pub saved: &'a mut [T],
    /// [`Memory::shard`] numbers of each shard.
    pub shards: &'a [Mutex<Buffer<T>>],
    /// Which of the shards this is.
    pub shard: usize,
}

/// What the gradient of weights is computed from: the whole mini-batch.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a, T> {
    /// How many samples.
    pub rows: usize,
    /// First input.
    pub x: &'a [T],
    /// Output.
    pub y: &'a [T],
    /// Gradient with respect to the output, as the backward left it.
    pub dy: &'a [T],
    /// What the forward saved.
    pub saved: &'a [T],
    /// [`Memory::shard`] numbers of each shard.
    pub shards: &'a [Mutex<Buffer<T>>],
}

/// A step of a network: a function of one or two inputs, and of weights.
///
/// `forward` and `backward` run shard by shard, at the same time; `gradient` runs block by block of the
/// weights, over the whole mini-batch, so that each sum has one order for any number of threads.
pub trait Operation<T: Real>: Debug + Send + Sync {
    /// What it is called in errors: `linear`.
    fn name(&self) -> &'static str;

    /// How many inputs it has, 1 or 2.
    fn arity(&self) -> usize {
        1
    }

    /// The shape of the output.
    ///
    /// # Errors
    /// Where the inputs do not fit.
    fn shape(&self, inputs: [Shape; 2]) -> Result<Shape>;

    /// Multiply-adds of the forward of one sample by definition: one for each use of each weight of a matrix.
    fn multiply_adds(&self, _input: Shape) -> u64 {
        0
    }

    /// Pixels of zeros that it wants around its input.
    fn border(&self) -> usize {
        0
    }

    /// Its tensors.
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }

    /// Its blocks of weights.
    fn blocks(&self, _: &Place) -> Vec<Size> {
        Vec::new()
    }

    /// Where element `i` of a tensor is stored: block, and number within it.
    fn home(&self, _: &Place, _parameter: usize, _i: usize) -> (usize, usize) {
        (0, 0)
    }

    /// What it keeps.
    fn memory(&self, _: &Place) -> Memory {
        Memory::default()
    }

    /// In how many phases forward and backward run. All shards end a phase before one begins the next.
    fn phases(&self) -> usize {
        1
    }

    // ANCHOR: three
    /// Computes `y` for the rows of a shard.
    fn forward(&self, place: &Place, at: Forward<'_, T>);

    /// Computes `dx` for the rows of a shard.
    fn backward(&self, place: &Place, at: Backward<'_, T>);

    /// Computes the gradient of a piece of a block of weights, summed over the mini-batch.
    fn gradient(
        &self,
        _: &Place,
        _block: usize,
        _piece: usize,
        _whole: Whole<'_, T>,
        _gradient: &mut [T],
    ) {
    }
    // ANCHOR_END: three

    /// Called when the weights of a block have changed: brings its second copy up to date.
    fn turn(&self, _: &Place, _block: usize, _weights: &mut Block<T>) {}

    /// Called for each block once in a step of training: brings statistics up to date.
    fn observe(&self, _: &Place, _block: usize, _whole: Whole<'_, T>, _weights: &mut Block<T>) {}
}
