//! EfficientNet-Lite0 as a network of the book's engine, which has what the plain pass has not: gradients.
//!
//! A [`Lens`] looks at pictures through it. It gives logits, and the gradient of a logit or of a channel's mean with respect to the
//! picture. Such a gradient says in which direction each pixel would have to change for the number to grow fastest.

use backprop::{
    Addition, Batch, Engine, Linear, Loss, Network, Operation, Options, Real, Shape, Tensor, Value,
};
use ndarray::{Array3, ArrayView3};

use super::description::{BLOCKS, CLASSES, HEAD, blocks, head, stem};
use super::relu6::Relu6;
use super::same::Same;
use super::{Convolution, Weights};
use crate::{Error, Result};

/// A network, and the values in it that others ask for.
#[derive(Debug)]
pub struct Built<T> {
    /// The network. Its tensors have the names of the original's convolutions, each with a bias.
    pub network: Network<T>,
    /// What the stem gives, then each block: as many as the network has, and one more.
    pub taps: Vec<Value>,
}

/// The whole network for pictures of `side` × `side` pixels: [`CLASSES`] logits.
///
/// # Errors
/// Where `side` is less than 2.
pub fn whole<T: Real>(side: usize) -> Result<Built<T>> {
    let mut built = trunk(side, BLOCKS)?;
    let x = built.taps[BLOCKS];
    let x = convolve(&mut built.network, &head(), x)?;
    let network = &mut built.network;
    let x = network.push("_avg_pooling", ::convolution::Pool::global(), &[x])?;
    network.push("_fc", Linear::new(HEAD, CLASSES), &[x])?;
    Ok(built)
}

/// The network as far as a block (0: the stem; 1 to [`BLOCKS`]), and the mean of each of its channels.
///
/// # Errors
/// Where `side` is less than 2, or there is no such block.
pub fn until<T: Real>(side: usize, block: usize) -> Result<Built<T>> {
    let mut built = trunk(side, block)?;
    let x = built.taps[block];
    built.network.push("_avg_pooling", ::convolution::Pool::global(), &[x])?;
    Ok(built)
}

// ANCHOR: trunk
/// The stem and the first `count` blocks.
fn trunk<T: Real>(side: usize, count: usize) -> Result<Built<T>> {
    // A picture of one pixel would be a row to the engine.
    if side < 2 || count > BLOCKS {
        let fault = format!("{count} blocks for pictures of {side} × {side}");
        return refuse("EfficientNet-Lite0", fault, "give up to 16 blocks, and a side from 2");
    }
    let mut network = Network::new(Shape::image(3, side, side));
    let mut x = convolve(&mut network, &stem(), Network::<T>::INPUT)?;
    let mut taps = vec![x];
    for (i, block) in blocks().iter().take(count).enumerate() {
        let input = x;
        for convolution in &block.convolutions {
            x = convolve(&mut network, convolution, x)?;
        }
        if block.skip {
            let name = format!("_blocks.{i}.sum");
            x = network.push(&name, Addition::default(), &[x, input])?;
        }
        taps.push(x);
    }
    Ok(Built { network, taps })
}
// ANCHOR_END: trunk

/// One convolution, with ReLU6 where it has one.
fn convolve<T: Real>(network: &mut Network<T>, c: &Convolution, x: Value) -> Result<Value> {
    // Without a window nothing is padded, and chapter 9's convolution is a product of matrices.
    if c.window == 1 && c.stride == 1 {
        let operation = ::convolution::Convolution::new(c.inputs, c.outputs, 1);
        return push(network, c, operation, x);
    }
    push(network, c, Same::new(c), x)
}

fn push<T: Real>(
    network: &mut Network<T>,
    c: &Convolution,
    operation: impl Operation<T> + 'static,
    x: Value,
) -> Result<Value> {
    let name = layer(c);
    Ok(match c.relu6 {
        true => network.push(name, Relu6(operation), &[x])?,
        false => network.push(name, operation, &[x])?,
    })
}

/// The name of a convolution without that of its weight.
fn layer(c: &Convolution) -> &str {
    c.name.strip_suffix(".weight").unwrap_or(&c.name)
}

/// Gives an engine the weights that its network has.
///
/// # Errors
/// Where its network is no part of EfficientNet-Lite0.
pub fn load<T: Real>(engine: &mut Engine<T>, weights: &Weights) -> Result<()> {
    let tensor = |name: String, shape: &[usize], numbers: &[f32]| Tensor {
        name,
        shape: shape.to_vec(),
        data: numbers.iter().map(|&w| T::of(f64::from(w))).collect(),
    };
    let mut tensors = Vec::new();
    for folded in &weights.convolutions {
        let c = &folded.convolution;
        tensors.push(tensor(c.name.clone(), &c.shape(), &folded.weight));
        tensors.push(tensor(format!("{}.bias", layer(c)), &[c.outputs], &folded.bias));
    }
    tensors.push(tensor("_fc.weight".into(), &[CLASSES, HEAD], &weights.linear));
    tensors.push(tensor("_fc.bias".into(), &[CLASSES], &weights.bias));
    let has: Vec<&str> = engine.parameters().map(|(name, _)| name).collect();
    tensors.retain(|tensor| has.contains(&tensor.name.as_str()));
    Ok(engine.set_weights(&tensors)?)
}

// ANCHOR: pick
/// A loss that is one of the network's outputs, as it is: its gradient in the
/// picture is that of the output.
#[derive(Clone, Copy, Debug)]
pub struct Pick;

impl<T: Real> Loss<T> for Pick {
    fn forward(&self, z: &[T], label: usize) -> T {
        z[label]
    }

    fn backward(&self, z: &[T], label: usize, scale: T, dz: &mut [T]) {
        dz[..z.len()].fill(T::ZERO);
        dz[label] = scale;
    }
}
// ANCHOR_END: pick

/// Pictures, and which output is asked of all of them.
struct Asked<'a> {
    pictures: &'a [ArrayView3<'a, f32>],
    output: usize,
}

impl Batch<f32> for Asked<'_> {
    fn len(&self) -> usize {
        self.pictures.len()
    }

    fn input(&self, i: usize, to: &mut [f32]) {
        to.iter_mut().zip(self.pictures[i].iter()).for_each(|(to, &from)| *to = from);
    }

    fn label(&self, _: usize, _: usize) -> Option<usize> {
        Some(self.output)
    }
}

/// A part of the network with its weights, ready to give gradients in its input.
#[derive(Debug)]
struct Ready {
    engine: Engine<f32>,
    output: Value,
}

impl Ready {
    fn new(built: Built<f32>, weights: &Weights, threads: usize) -> Result<Self> {
        let mut network = built.network.with_input_gradient().with_loss(Pick);
        let output = network.last();
        network.keep(output)?;
        let options = Options { batch: threads, shards: threads, threads, training: true };
        let mut engine = Engine::new(network, options)?;
        load(&mut engine, weights)?;
        Ok(Ready { engine, output })
    }

    /// An output, and its gradient, for each of many pictures.
    fn gradients(&mut self, pictures: &[ArrayView3<'_, f32>], output: usize) -> Result<Gradients> {
        let (outputs, shape) = (self.engine.outputs(), self.engine.input_shape());
        let mut found = Vec::with_capacity(pictures.len());
        for pictures in pictures.chunks(self.engine.options().batch) {
            let n = pictures.len();
            self.engine.loss(&Asked { pictures, output })?;
            let mut values = vec![0.0; n * outputs];
            self.engine.read(self.output, &mut values)?;
            let mut all = vec![0.0; n * shape.elements()];
            self.engine.input_gradient(&mut all)?;
            let gradients = all.chunks_exact(shape.elements());
            for (values, gradient) in values.chunks_exact(outputs).zip(gradients) {
                // The loss is the mean over the mini-batch.
                let at = |(c, i, j)| n as f32 * gradient[(c * shape.height + i) * shape.width + j];
                let size = (shape.channels, shape.height, shape.width);
                found.push((values[output], Array3::from_shape_fn(size, at)));
            }
        }
        Ok(found)
    }
}

/// A number for each picture, and its gradient with respect to the picture.
pub type Gradients = Vec<(f32, Array3<f32>)>;

/// The network with its weights, to look at pictures of one size through.
///
/// Pictures are `(3, side, side)`, from −1 to 1. Several at once are shared among the threads; one picture has one thread.
#[derive(Debug)]
pub struct Lens<'w> {
    weights: &'w Weights,
    side: usize,
    threads: usize,
    whole: Ready,
    /// The part of the network that was asked for last, and until which block it goes.
    part: Option<(usize, Ready)>,
}

impl<'w> Lens<'w> {
    /// A lens for pictures of `side` × `side` pixels.
    ///
    /// # Errors
    /// Where `side` is less than 2, or `threads` is 0.
    pub fn new(weights: &'w Weights, side: usize, threads: usize) -> Result<Self> {
        let whole = Ready::new(whole(side)?, weights, threads)?;
        Ok(Lens { weights, side, threads, whole, part: None })
    }

    /// The side of its pictures in pixels.
    pub fn side(&self) -> usize {
        self.side
    }

    /// The logits of a picture, [`CLASSES`] of them.
    ///
    /// # Errors
    /// Where the picture has another shape.
    pub fn logits(&mut self, picture: ArrayView3<'_, f32>) -> Result<Vec<f32>> {
        Ok(self.logits_of(&[picture])?.remove(0))
    }

    /// The logits of each of many pictures.
    ///
    /// # Errors
    /// As [`Lens::logits`].
    pub fn logits_of(&mut self, pictures: &[ArrayView3<'_, f32>]) -> Result<Vec<Vec<f32>>> {
        self.fits(pictures)?;
        let mut found = Vec::with_capacity(pictures.len());
        for pictures in pictures.chunks(self.threads) {
            let mut logits = vec![0.0; pictures.len() * CLASSES];
            self.whole.engine.predict(&Asked { pictures, output: 0 }, &mut logits)?;
            found.extend(logits.chunks_exact(CLASSES).map(<[f32]>::to_vec));
        }
        Ok(found)
    }

    /// The gradient of the logit of a class with respect to the picture, `(3, side, side)`.
    ///
    /// # Errors
    /// Where the picture has another shape, or there is no such class.
    pub fn gradient(&mut self, picture: ArrayView3<'_, f32>, class: usize) -> Result<Array3<f32>> {
        Ok(self.gradients(&[picture], class)?.remove(0).1)
    }

    /// The logit of a class, and its gradient, for each of many pictures.
    ///
    /// # Errors
    /// As [`Lens::gradient`].
    pub fn gradients(
        &mut self,
        pictures: &[ArrayView3<'_, f32>],
        class: usize,
    ) -> Result<Gradients> {
        self.fits(pictures)?;
        self.whole.gradients(pictures, class)
    }

    /// The mean of a channel of a block (0: the stem; 1 to [`BLOCKS`]), and its gradient with respect to the picture.
    ///
    /// # Errors
    /// Where the picture has another shape, or there is no such block or channel.
    pub fn channel_gradient(
        &mut self,
        picture: ArrayView3<'_, f32>,
        block: usize,
        channel: usize,
    ) -> Result<(f32, Array3<f32>)> {
        Ok(self.channel_gradients(&[picture], block, channel)?.remove(0))
    }

    /// As [`Lens::channel_gradient`], for each of many pictures. The part of the network is built anew where another block is asked
    /// for than last time.
    ///
    /// # Errors
    /// As [`Lens::channel_gradient`].
    pub fn channel_gradients(
        &mut self,
        pictures: &[ArrayView3<'_, f32>],
        block: usize,
        channel: usize,
    ) -> Result<Gradients> {
        self.fits(pictures)?;
        let part = match self.part.take() {
            Some(part) if part.0 == block => part,
            _ => (block, Ready::new(until(self.side, block)?, self.weights, self.threads)?),
        };
        self.part.insert(part).1.gradients(pictures, channel)
    }

    fn fits(&self, pictures: &[ArrayView3<'_, f32>]) -> Result<()> {
        let shape = (3, self.side, self.side);
        match pictures.iter().find(|picture| picture.dim() != shape) {
            Some(picture) => refuse(
                "picture",
                format!("its shape is {:?} and not {shape:?}", picture.dim()),
                "give it in the lens's size, channels first",
            ),
            None => Ok(()),
        }
    }
}

fn refuse<T>(what: &str, fault: String, fix: &'static str) -> Result<T> {
    Err(Error::Engine(backprop::Error::Shape { what: what.into(), fault, fix }))
}
