//! What the layers of Chapter 9's network say of many garments.

use backprop::{Activation, Engine, Linear, Network, Options, Result, Rows, Tensor, Value};
use convolution::ConvolutionPool;
use convolution::networks::{CLASSES, INPUT};
use ndarray::{Array2, ArrayView2};

/// The layers that are read, the input before them.
pub const LAYERS: [&str; 5] = ["pixels", "pool 1", "pool 2", "hidden", "logits"];

/// Garments that are read at a time.
const BATCH: usize = 100;

/// The network of [`convolution::networks::sequential`], with its four inner
/// values to read.
fn kept() -> Result<(Network<f32>, [Value; 4])> {
    let mut network = Network::new(INPUT);
    let pool_1 = network.push("0", ConvolutionPool::new(1, 32), &[network.last()])?;
    let pool_2 = network.push("3", ConvolutionPool::new(32, 64), &[pool_1])?;
    let hidden = Linear::new(64 * 49, 128).with(Activation::Relu);
    let hidden = network.push("7", hidden, &[pool_2])?;
    let logits = network.push("9", Linear::new(128, CLASSES), &[hidden])?;
    let values = [pool_1, pool_2, hidden, logits];
    values.into_iter().try_for_each(|value| network.keep(value))?;
    Ok((network, values))
}

/// A row for each garment at each of the [`LAYERS`]: pixels `(n, 784)` in [0, 1] as they are, then what the network with these
/// weights makes of them.
///
/// # Errors
/// Where the weights are those of another network.
pub fn read(
    weights: &[Tensor<f32>],
    pixels: ArrayView2<'_, f32>,
    threads: usize,
) -> Result<Vec<Array2<f32>>> {
    let (network, values) = kept()?;
    let widths = values.map(|value| network.shape(value).map_or(0, |shape| shape.elements()));
    let options = Options { batch: BATCH, threads, training: false, ..Options::default() };
    let mut engine = Engine::new(network, options)?;
    engine.set_weights(weights)?;
    let mut layers: Vec<Vec<f32>> = values.map(|_| Vec::new()).to_vec();
    let x: Vec<f32> = pixels.iter().copied().collect();
    for x in x.chunks(BATCH * INPUT.elements()) {
        let n = x.len() / INPUT.elements();
        let labels = vec![0; n];
        engine.predict(&Rows { x, labels: &labels }, &mut vec![0.0; n * CLASSES])?;
        for ((layer, value), width) in layers.iter_mut().zip(values).zip(widths) {
            let from = layer.len();
            layer.resize(from + n * width, 0.0);
            engine.read(value, &mut layer[from..])?;
        }
    }
    let rows = |(numbers, width): (Vec<f32>, usize)| {
        Array2::from_shape_vec((pixels.nrows(), width), numbers).unwrap_or_default()
    };
    let inner = layers.into_iter().zip(widths).map(rows);
    Ok(std::iter::once(pixels.to_owned()).chain(inner).collect())
}
