//! What can an output see? Its receptive field by formula, and by the gradient of one output in the pixels.

use backprop::{Activation, Engine, Linear, Network, Options, Reshape, Rows, Shape, Tensor};
use learning::normal;
use notebook::{Recorder, Rng, Table};
use rand::RngExt as _;

use crate::networks::INPUT;
use crate::receptive_field::{Window, receptive_field};
use crate::{Convolution, Pool};

/// Random networks and images whose gradients are put together: one ReLU or maximum hides what another shows.
const DRAWS: usize = 60;

/// A layer by its name and its window.
struct Layer {
    name: &'static str,
    key: &'static str,
    window: Window,
    /// Channels that it gives; those of a pool are those it was given.
    convolution: Option<[usize; 2]>,
}

/// The network of the chapter, step by step, with fewer channels: how many there are changes nothing in what they see.
const LAYERS: [Layer; 4] = [
    layer("first convolution", "convolution-1", 3, 1, Some([1, 4])),
    layer("first pool", "pool-1", 2, 2, None),
    layer("second convolution", "convolution-2", 3, 1, Some([4, 4])),
    layer("second pool", "pool-2", 2, 2, None),
];

const fn layer(
    name: &'static str,
    key: &'static str,
    side: usize,
    stride: usize,
    convolution: Option<[usize; 2]>,
) -> Layer {
    Layer { name, key, window: Window { side, stride }, convolution }
}

/// Both ways, layer by layer.
pub fn fields(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let mut table = Table::new(["Output of", "By formula | int", "Measured | int"]);
    let mut agree = 0;
    for last in 0..LAYERS.len() {
        let windows: Vec<Window> = LAYERS[..=last].iter().map(|layer| layer.window).collect();
        let formula = receptive_field(&windows);
        let strength = gradients(&LAYERS[..=last], &mut rng)?;
        let (height, width) = extent(&strength);
        agree += usize::from((height, width) == (formula, formula));
        let Layer { name, key, .. } = LAYERS[last];
        table.row([name.into(), formula.into(), height.max(width).into()]);
        recorder.value(&format!("{key}/field"), formula);
        let (share, area) = middle_share(&strength);
        recorder.value(&format!("{key}/middle"), share);
        recorder.value(&format!("{key}/middle-area"), area);
        let pixels = (0..INPUT.elements()).map(|pixel| pixel as f64);
        recorder.series(&format!("strength/{key}"), "Pixel", pixels).curve("gradient", strength);
    }
    recorder.table("fields", table);
    recorder.value("draws", DRAWS);
    recorder
        .claim("formula-holds", "The gradient reaches as far as the formula says, and no farther.")
        .all(agree, LAYERS.len(), "layers");
    let deep = [Window { side: 3, stride: 1 }; 3];
    recorder.value("three-convolutions/field", receptive_field(&deep));
    Ok(())
}

/// Mean size of the gradient of one output, in the middle, in each pixel.
fn gradients(layers: &[Layer], rng: &mut Rng) -> anyhow::Result<Vec<f64>> {
    let mut sum = vec![0.0; INPUT.elements()];
    for _ in 0..DRAWS {
        let gradient = one_gradient(layers, rng)?;
        sum.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g.abs() / DRAWS as f64);
    }
    Ok(sum)
}

// ANCHOR: one_gradient
/// The gradient of one output of `layers` in the pixels of a random image. The engine gives gradients in weights, so the image is
/// one: the bias of a first layer whose input is 0. A last layer picks the output.
fn one_gradient(layers: &[Layer], rng: &mut Rng) -> anyhow::Result<Vec<f64>> {
    let network = Network::new(Shape::row(1));
    let network = network.then("image", Linear::new(1, INPUT.elements()))?;
    let mut network = network.then("pixels", Reshape::new(INPUT))?;
    for layer in layers {
        network = add(network, layer)?;
    }
    let shape = network.shape(network.last()).unwrap_or(INPUT);
    let outputs = shape.elements();
    let network = network.then("row", Reshape::new(Shape::row(outputs)))?;
    let network = network.then("pick", Linear::new(outputs, 2))?;
    let options = Options { batch: 1, shards: 1, threads: 1, training: true };
    let mut engine = Engine::<f64>::new(network, options)?;
    let picked = (shape.height / 2) * shape.width + shape.width / 2;
    let mut weights = engine.weights();
    weights.iter_mut().for_each(|tensor| fill(tensor, picked, rng));
    engine.set_weights(&weights)?;
    engine.gradients(&Rows { x: &[0.0], labels: &[1] })?;
    let gradient = engine.gradient().into_iter().find(|tensor| tensor.name == "image.bias");
    gradient.map(|tensor| tensor.data).ok_or_else(|| anyhow::anyhow!("the image has no gradient"))
}
// ANCHOR_END: one_gradient

/// Adds a layer.
fn add(network: Network<f64>, layer: &Layer) -> backprop::Result<Network<f64>> {
    let side = layer.window.side;
    match layer.convolution {
        Some([channels, outputs]) => {
            let convolution = Convolution::new(channels, outputs, side).padding(side / 2);
            network.then(layer.key, convolution.with(Activation::Relu))
        }
        None => network.then(layer.key, Pool::max(side)),
    }
}

/// Random numbers for the image and the convolutions; for the last layer, 1 at the output that is picked.
fn fill(tensor: &mut Tensor<f64>, picked: usize, rng: &mut Rng) {
    if tensor.name == "image.bias" {
        tensor.data.fill_with(|| rng.random());
    } else if tensor.name == "pick.weight" {
        tensor.data[picked] = 1.0;
    } else if tensor.name.ends_with("weight") && tensor.name != "image.weight" {
        tensor.data.fill_with(|| normal(rng));
    }
}

/// Height and width of the box of all pixels whose gradient is not zero.
fn extent(strength: &[f64]) -> (usize, usize) {
    let lit = || (0..strength.len()).filter(|&k| strength[k] > 0.0);
    let length = |of: fn(usize) -> usize| {
        let (least, most) = (lit().map(of).min(), lit().map(of).max());
        least.zip(most).map_or(0, |(least, most)| most - least + 1)
    };
    (length(|k| k / INPUT.width), length(|k| k % INPUT.width))
}

/// The share of the gradient that lies in the middle of its box, and the share of the box that the middle is: a quarter of
/// the side is left out all around.
fn middle_share(strength: &[f64]) -> (f64, f64) {
    let lit = || (0..strength.len()).filter(|&k| strength[k] > 0.0);
    let (height, width) = extent(strength);
    let top = lit().map(|k| k / INPUT.width).min().unwrap_or(0);
    let left = lit().map(|k| k % INPUT.width).min().unwrap_or(0);
    let inside = |at: usize, from: usize, side: usize| {
        (from + side / 4..from + side - side / 4).contains(&at)
    };
    let middle: Vec<usize> = lit()
        .filter(|k| inside(k / INPUT.width, top, height) && inside(k % INPUT.width, left, width))
        .collect();
    let sum: f64 = middle.iter().map(|&k| strength[k]).sum();
    let area = middle.len() as f64 / (height * width).max(1) as f64;
    (sum / strength.iter().sum::<f64>(), area)
}
