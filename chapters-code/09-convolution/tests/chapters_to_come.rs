//! What later chapters need of the engine, before they are written: it must carry them as it is.
//!
//! | test | what it shows |
//! | --- | --- |
//! | `old_operations` | the operations of chapters 6 and 9 |
//! | `dropout` | masks from seed, step, sample and element: the same for any number of threads and shards |
//! | `squeeze_and_excitation` | depthwise and 1 × 1 convolution, steps, broadcast product, a sum with an activation |
//! | `gpt_with_a_tied_head_and_masked_labels` | ids, one table for embedding and head, causal attention, labels for some tokens |
//! | `llama_block` | three inputs, grouped heads, rotary positions, RMS normalisation, SwiGLU, no biases |
//! | `vision_transformer` | patches, a class token, positions, one token out, torchvision's names |
//! | `a_cache_says_the_same` | windows, and one token after another with a cache |
//! | `two_halves_are_a_step_and_threads_do_not_matter` | gradients and update apart are a step, bit for bit |

#![allow(clippy::unwrap_used)]

#[path = "later/mod.rs"]
mod later;

use backprop::check::check;
use backprop::{
    Activation, Addition, Engine, Linear, Network, Options, Real, Rows, Sequences, Sgd, Shape,
};
use convolution::{BatchNorm, Convolution, ConvolutionPool, Pool};
use later::curve::Curve;
use later::depthwise::Depthwise;
use later::dropout::Dropout;
use later::networks::{Language, Vision, resnet};
use later::scale::Scale;
use rand::rngs::ChaCha12Rng;
use rand::{RngExt as _, SeedableRng as _};

/// Gives an engine weights in −0.6 to 0.6; gains and variances are about 1.
fn fill<T: Real>(engine: &mut Engine<T>, seed: u64) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let mut weights = engine.weights();
    for tensor in &mut weights {
        let middle = f64::from(u8::from(tensor.name.ends_with("running_var")));
        tensor.data.fill_with(|| T::of(middle + rng.random_range(-0.6..0.6)));
    }
    engine.set_weights(&weights).unwrap();
    assert_eq!(engine.weights(), weights, "what is packed is unpacked");
}

/// The largest disagreement with differences. With `words`, inputs are ids; with `mask`, a third of the labels is absent.
fn worst(network: Network<f64>, rows: usize, words: Option<usize>, mask: bool) -> f64 {
    let options = Options { batch: rows, shards: 3, threads: 2, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    fill(&mut engine, 3);
    (engine.moment.seed, engine.moment.step) = (5, 7);
    let mut rng = ChaCha12Rng::seed_from_u64(11);
    let numbers = rows * engine.input_shape().elements();
    let x: Vec<f64> = match words {
        Some(words) => (0..numbers).map(|_| rng.random_range(0..words) as f64).collect(),
        None => (0..numbers).map(|_| rng.random_range(-1.0..1.0)).collect(),
    };
    let output = engine.output_shape();
    let label = |i: usize| (!mask || i % 3 != 1).then(|| rng.random_range(0..output.channels));
    let labels: Vec<Option<usize>> = (0..rows * output.positions()).map(label).collect();
    let batch = Sequences { x: &x, labels: &labels, tokens: output.positions() };
    let found = check(&mut engine, &batch).unwrap().unwrap();
    println!("{}: {:.1e}", found.name, found.error);
    found.error
}

#[test]
fn old_operations() {
    let wide = |c| Convolution::new(c, c, 1).with(Activation::Tanh);
    let rows = Network::new(Shape::row(150))
        .then("0", Linear::new(150, 20).with(Activation::Tanh))
        .and_then(|n| n.then("1", Linear::new(20, 3)));
    let images = Network::new(Shape::image(3, 6, 6))
        .then("a", wide(3))
        .and_then(|n| n.then("b", Convolution::new(3, 18, 3).stride(2).padding(1)))
        .and_then(|n| n.then("c", BatchNorm::new(18)))
        .and_then(|n| n.then("d", Linear::new(18 * 9, 3)));
    let pooled = Network::new(Shape::image(2, 4, 4))
        .then("a", wide(2))
        .and_then(|n| n.then("b", ConvolutionPool::new(2, 20)))
        .and_then(|n| n.then("c", Pool::average(2)))
        .and_then(|n| n.then("d", Linear::new(20, 3)));
    for network in [rows, images, pooled] {
        assert!(worst(network.unwrap(), 4, None, false) < 1e-5);
    }
}

/// A whole ResNet, of one block in each stage; padded pools, steps, ReLU after sums.
#[test]
fn residual_network() {
    let network = resnet::<f32>([1, 1, 1, 1], 32, 3).unwrap();
    let options = Options { batch: 2, shards: 2, threads: 2, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    fill(&mut engine, 1);
    let x: Vec<f32> = (0..2 * 3 * 32 * 32).map(|i| (i % 17) as f32 / 17.0).collect();
    assert!(
        engine.step(&Rows { x: &x, labels: &[0, 2] }, &Sgd { rate: 0.01 }).unwrap().is_finite()
    );
    let mut n = Network::<f64>::new(Shape::image(2, 7, 7));
    let first = Convolution::new(2, 3, 3).padding(1).without_bias().with(Activation::Tanh);
    let a = n.push("a", first, &[Network::<f64>::INPUT]).unwrap();
    let b = n.push("b", Convolution::new(3, 3, 3).padding(1).without_bias(), &[a]).unwrap();
    let c = n.push("c", Addition(Activation::Tanh), &[a, b]).unwrap();
    let d = n.push("d", Pool::max(3).stride(2).padding(1), &[c]).unwrap();
    let e = n.push("e", Pool::average(3).stride(2).padding(1), &[d]).unwrap();
    n.push("f", Linear::new(12, 3), &[e]).unwrap();
    assert!(worst(n, 4, None, false) < 1e-5);
}

fn with_dropout<T: Real>() -> Network<T> {
    Network::new(Shape::row(9))
        .then("0", Linear::new(9, 30).with(Activation::Tanh))
        .and_then(|n| n.then("1", Dropout { share: 0.4, stream: 1 }))
        .and_then(|n| n.then("2", Linear::new(30, 3)))
        .unwrap()
}

#[test]
fn dropout() {
    assert!(worst(with_dropout(), 5, None, false) < 1e-5);
    let x: Vec<f32> = (0..72).map(|i| (i * 37 % 61) as f32 / 30.0 - 1.0).collect();
    let run = |threads, shards| {
        let options = Options { batch: 8, shards, threads, training: true };
        let mut engine = Engine::new(with_dropout::<f32>(), options).unwrap();
        fill(&mut engine, 2);
        let batch = Rows { x: &x, labels: &[0, 1, 2, 0, 1, 2, 0, 1] };
        let mut losses = Vec::new();
        for step in 0..4 {
            engine.moment.step = step;
            losses.push(engine.step(&batch, &Sgd { rate: 0.1 }).unwrap());
        }
        (losses, engine.weights())
    };
    assert_eq!(run(1, 8), run(4, 8));
    assert_eq!(run(1, 8), run(2, 3), "linear layers do not depend on shards, and masks do not");
}

#[test]
fn squeeze_and_excitation() {
    let mut n = Network::<f64>::new(Shape::image(3, 6, 6));
    let input = Network::<f64>::INPUT;
    let stem = Convolution::new(3, 8, 3).padding(1).without_bias();
    let x = n.push("stem", stem, &[input]).unwrap();
    let x = n.push("stem.1", BatchNorm::new(8), &[x]).unwrap();
    let x = n.push("stem.2", Curve::HardSwish, &[x]).unwrap();
    let depthwise = Depthwise { channels: 8, kernel: 5, stride: 2, padding: 2 };
    let h = n.push("dw", depthwise, &[x]).unwrap();
    let h = n.push("dw.1", BatchNorm::new(8), &[h]).unwrap();
    let s = n.push("se.pool", Pool::global(), &[h]).unwrap();
    let s = n.push("se.fc1", Convolution::new(8, 4, 1).with(Activation::Tanh), &[s]).unwrap();
    let s = n.push("se.fc2", Convolution::new(4, 8, 1), &[s]).unwrap();
    let s = n.push("se.act", Curve::HardSigmoid, &[s]).unwrap();
    let h = n.push("se", Scale, &[h, s]).unwrap();
    let d = n.push("down", Convolution::new(8, 8, 1).stride(2), &[x]).unwrap();
    let h = n.push("add", Addition(Activation::Sigmoid), &[h, d]).unwrap();
    let h = n.push("pool", Pool::global(), &[h]).unwrap();
    n.push("fc", Linear::new(8, 3), &[h]).unwrap();
    assert!(worst(n, 4, None, false) < 1e-5);
}

const SMALL: Language = Language { words: 7, width: 8, heads: 4, groups: 2, layers: 2, longest: 5 };

#[test]
fn gpt_with_a_tied_head_and_masked_labels() {
    let network = SMALL.gpt(Shape::sequence(5, 1)).unwrap();
    assert!(worst(network, 3, Some(7), true) < 1e-5);
}

#[test]
fn llama_block() {
    let network = SMALL.llama(Shape::sequence(5, 1)).unwrap();
    assert!(worst(network, 3, Some(7), false) < 1e-5);
}

#[test]
fn vision_transformer() {
    let vision = Vision { side: 8, patch: 4, width: 8, heads: 2, layers: 1, classes: 3 };
    let network: Network<f64> = vision.network().unwrap();
    let options = Options { batch: 1, shards: 1, threads: 1, training: false };
    let engine = Engine::new(network, options).unwrap();
    let names: Vec<&str> = engine.parameters().map(|(name, _)| name).collect();
    let layer = "encoder.layers.encoder_layer_0.self_attention";
    for name in ["class_token", &format!("{layer}.in_proj_weight"), "heads.head.bias"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert!(worst(vision.network().unwrap(), 3, None, false) < 1e-5);
}

/// An id that is not in the table is an error that says which.
#[test]
fn an_id_past_the_table() {
    let network = SMALL.gpt::<f32>(Shape::sequence(5, 1)).unwrap();
    let options = Options { batch: 2, shards: 2, threads: 2, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    fill(&mut engine, 1);
    let labels = [Some(0); 10];
    for wrong in [7.0, -1.0, 1.5, f32::NAN, f32::INFINITY] {
        let mut x = [1.0; 10];
        x[8] = wrong;
        let batch = Sequences { x: &x, labels: &labels, tokens: 5 };
        let error = engine.step(&batch, &Sgd { rate: 0.1 }).unwrap_err().to_string();
        assert!(error.contains("sample 1, token 3"), "{error}");
        assert!(engine.predict(&batch, &mut [0.0; 70]).is_err());
    }
    let batch = Sequences { x: &[6.0; 10], labels: &labels, tokens: 5 };
    assert!(engine.step(&batch, &Sgd { rate: 0.1 }).is_ok());
}

/// Windows of tokens, and tokens one after another with a cache, say the same.
#[test]
fn a_cache_says_the_same() {
    let sizes = Language { words: 11, width: 32, heads: 4, groups: 2, layers: 3, longest: 9 };
    type Family = fn(&Language, Shape) -> backprop::Result<Network<f32>>;
    let families: [Family; 2] = [Language::gpt, Language::llama];
    let (v, t) = (sizes.words, sizes.longest);
    let ids: Vec<f32> = (0..t).map(|i| ((i * 7 + 3) % v) as f32).collect();
    for family in families {
        let predict = Options { batch: t, shards: 1, threads: 1, training: false };
        let window = family(&sizes, Shape::sequence(t, 1)).unwrap();
        let mut window = Engine::new(window, Options { batch: 1, ..predict }).unwrap();
        let mut stream = Engine::new(family(&sizes, Shape::row(1)).unwrap(), predict).unwrap();
        fill(&mut window, 8);
        stream.set_weights(&window.weights()).unwrap();
        let mut whole = vec![0.0; t * v];
        window.predict(&Rows { x: &ids, labels: &[0] }, &mut whole).unwrap();
        // Five tokens at once, then one by one.
        let mut parts = vec![0.0; t * v];
        let (first, others) = parts.split_at_mut(5 * v);
        stream.predict_at(0, &Rows { x: &ids[..5], labels: &[0; 5] }, first).unwrap();
        for (i, out) in (5..t).zip(others.chunks_exact_mut(v)) {
            stream.predict_at(i, &Rows { x: &ids[i..=i], labels: &[0] }, out).unwrap();
        }
        assert_eq!(whole, parts, "the same bits");
    }
}

#[test]
fn two_halves_are_a_step_and_threads_do_not_matter() {
    let sizes = Language { words: 11, width: 32, heads: 4, groups: 4, layers: 2, longest: 6 };
    let (v, t) = (sizes.words, sizes.longest);
    let x: Vec<f32> = (0..4 * t).map(|i| ((i * 5 + 1) % v) as f32).collect();
    let labels: Vec<Option<usize>> = (0..4 * t).map(|i| Some((i * 3) % v)).collect();
    let batch = Sequences { x: &x, labels: &labels, tokens: t };
    let run = |threads, halves: bool| {
        let options = Options { batch: 4, shards: 4, threads, training: true };
        let network = sizes.gpt(Shape::sequence(t, 1)).unwrap();
        let mut engine = Engine::<f32>::new(network, options).unwrap();
        fill(&mut engine, 5);
        let (rule, mut losses) = (Sgd { rate: 0.05 }, Vec::new());
        for _ in 0..20 {
            if halves {
                losses.push(engine.gradients(&batch).unwrap());
                assert!(engine.gradient_mut().count() > 0);
                engine.update(&rule).unwrap();
            } else {
                losses.push(engine.step(&batch, &rule).unwrap());
            }
        }
        (losses, engine.weights())
    };
    let one = run(1, false);
    assert!(one.0[19] < one.0[0], "{:?}", one.0);
    assert_eq!(one, run(4, false));
    assert_eq!(one, run(2, true));
}
