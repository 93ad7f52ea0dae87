//! What an operation of a network is: a forward, and beside it the backward that belongs to it.
//!
//! An operation holds no numbers. It says what it needs at its [`Place`]: tensors, and memory. The network owns them, so
//! that two operations may share a tensor and a file may be read tensor by tensor.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Mutex;

use crate::error::shape;
use crate::kernels::buffer::Buffer;
use crate::{Layout, Real, Result, Shape, Weight};

use crate::rule::Block;

/// The most inputs of an operation.
pub const INPUTS: usize = 4;

/// What an operation makes of its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The shape of the output.
    pub output: Shape,
    /// Pixels of zeros that it wants around its inputs.
    pub border: usize,
    /// Multiply-adds of the forward of one sample by definition: one for each use of each weight of a matrix.
    pub multiply_adds: u64,
    /// For an operation that looks numbers up in a table: how many there are. Its input must be the network's, and the
    /// engine refuses a sample with anything but whole numbers below this.
    pub ids: Option<usize>,
}

/// An output, and nothing else to say.
impl From<Shape> for Outline {
    fn from(output: Shape) -> Self {
        Outline { output, border: 0, multiply_adds: 0, ids: None }
    }
}

/// The shapes of exactly `N` inputs.
///
/// # Errors
/// Where there are more or fewer.
pub fn exactly<const N: usize>(inputs: &[Shape]) -> Result<[Shape; N]> {
    match inputs.try_into() {
        Ok(inputs) => Ok(inputs),
        Err(_) => {
            let fault = format!("it takes {N} of inputs and has {}", inputs.len());
            shape(String::new(), fault, "give it as many as it takes")
        }
    }
}

/// Where an operation stands: the layouts of what it reads and of what it writes.
#[derive(Clone, Debug)]
pub struct Place {
    /// Layouts of the inputs.
    pub inputs: Vec<Layout>,
    /// Layout of the output.
    pub output: Layout,
    /// Of which inputs the gradient is wanted: not of the network's input as a rule, and of none in a plan that
    /// only predicts.
    pub wants: Vec<bool>,
    /// False in a plan that only predicts.
    pub training: bool,
}

impl Place {
    /// The layout of the first input.
    pub fn input(&self) -> Layout {
        self.inputs[0]
    }
}

/// What an operation keeps from its forward for its backward, beyond its inputs and outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Numbers for each sample.
    pub sample: usize,
    /// Numbers for each shard, which all shards may read in the next phase. They stay from step to step.
    pub shard: usize,
}

/// What an operation needs at its place.
#[derive(Debug)]
pub struct Needs<T> {
    /// Its tensors.
    pub weights: Vec<Weight<T>>,
    /// What it keeps.
    pub memory: Memory,
    /// In how many phases forward and backward run, at least one. All shards end a phase before one begins the next.
    pub phases: usize,
    /// True if the forward of one sample can be cut, in prediction: into lines of an image, tokens or panels of a
    /// row, as [`Forward::lines`] says.
    pub cut: bool,
}

/// No tensors, no memory, one phase, in one go.
impl<T> Default for Needs<T> {
    fn default() -> Self {
        Needs { weights: Vec::new(), memory: Memory::default(), phases: 1, cut: false }
    }
}

/// When an operation runs: what a step draws its random numbers from, and which tokens came before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// True in training, false in prediction.
    pub training: bool,
    /// Decides, with the step and the number of the sample, what is drawn.
    pub seed: u64,
    /// How many steps were taken before.
    pub step: u64,
    /// Number of the first of the rows in the mini-batch.
    pub first: usize,
    /// Tokens of the same sequence before the mini-batch's first sample.
    pub position: usize,
}

/// The weights of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a, T> {
    pub(crate) blocks: &'a [Block<T>],
    pub(crate) of: &'a [Range<usize>],
}

impl<'a, T> Held<'a, T> {
    /// The blocks of a tensor, by its number in [`Needs::weights`].
    pub fn get(&self, weight: usize) -> &'a [Block<T>] {
        &self.blocks[self.of[weight].clone()]
    }
}

/// What a forward is given: the rows of one shard, or a piece of one row.
#[derive(Debug)]
pub struct Forward<'a, T> {
    /// How many samples, at least one.
    pub rows: usize,
    /// How many samples the mini-batch has.
    pub batch: usize,
    /// Which phase this is, from 0.
    pub phase: usize,
    /// Training or prediction, and when.
    pub moment: Moment,
    /// The operation's weights.
    pub weights: Held<'a, T>,
    /// Inputs, in the layouts of [`Place::inputs`]; empty after the last.
    pub x: [&'a [T]; INPUTS],
    /// Output, to be written; what is outside its shape must be zero. It begins at number `start` of a sample.
    pub y: &'a mut [T],
    /// Which lines of the image, tokens or panels of the row are to be written: all, unless [`Needs::cut`].
    pub lines: Range<usize>,
    /// Where `y` begins: 0, unless [`Needs::cut`].
    pub start: usize,
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
    /// When, as the forward was told.
    pub moment: Moment,
    /// The operation's weights.
    pub weights: Held<'a, T>,
    /// Inputs, as the forward had them; empty after the last.
    pub x: [&'a [T]; INPUTS],
    /// Output, as the forward left it.
    pub y: &'a [T],
    /// Gradient of the loss with respect to the output. May be changed to
    /// what [`Operation::gradient`] needs.
    pub dy: &'a mut [T],
    /// Gradients with respect to the inputs, to be written; what is outside
    /// their shapes must be zero. Empty where not wanted.
    pub dx: [&'a mut [T]; INPUTS],
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
    /// Inputs.
    pub x: [&'a [T]; INPUTS],
    /// Output.
    pub y: &'a [T],
    /// Gradient with respect to the output, as the backward left it.
    pub dy: &'a [T],
    /// What the forward saved.
    pub saved: &'a [T],
    /// [`Memory::shard`] numbers of each shard.
    pub shards: &'a [Mutex<Buffer<T>>],
}

/// Which part of which tensor a gradient is wanted of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Number of the tensor in [`Needs::weights`].
    pub weight: usize,
    /// Which of its blocks.
    pub block: usize,
    /// Which of the block's equal pieces.
    pub piece: usize,
    /// True where another operation that uses the tensor has written its share: add to what is there.
    pub add: bool,
}

// ANCHOR: three
/// A step of a network: a function of up to four inputs, and of weights.
///
/// `forward` and `backward` run shard by shard, at the same time; `gradient`
/// runs piece by piece of the weights, over the whole mini-batch, so that each
/// sum has one order for any number of threads.
pub trait Operation<T: Real>: Debug + Send + Sync {
    /// What it is called in errors: `linear`.
    fn name(&self) -> &'static str;

    /// What it makes of its inputs, or why it refuses them.
    fn shape(&self, inputs: &[Shape]) -> Result<Outline>;

    /// Its tensors, and what it keeps from forward to backward.
    fn needs(&self, _: &Place) -> Needs<T> {
        Needs::default()
    }

    /// Computes `y` for the rows of a shard.
    fn forward(&self, place: &Place, at: Forward<'_, T>);

    /// Computes `dx` for the rows of a shard.
    fn backward(&self, place: &Place, at: Backward<'_, T>);

    /// Computes the gradient of a piece of a tensor, over the mini-batch.
    fn gradient(&self, _: &Place, _: Piece, _: Whole<'_, T>, _gradient: &mut [T]) {}
    // ANCHOR_END: three

    /// Called for each block of each of its tensors once in a step of training: brings statistics up to date.
    fn observe(&self, _: &Place, _weight: usize, _: Whole<'_, T>, _: &mut Block<T>) {}
}
