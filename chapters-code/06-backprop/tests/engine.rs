//! What the engine promises: the same bits for any number of threads, clear errors, weights that a bad step leaves alone.

#![allow(clippy::unwrap_used)]

use backprop::fixtures::{assert_close, fill, numbers};
use backprop::{
    Activation, Engine, Error, Linear, Network, Options, Reshape, Rows, Sgd, Shape, Tensor,
};

fn mlp() -> Network<f32> {
    Network::new(Shape::row(150))
        .then("0", Linear::new(150, 40).with(Activation::Relu))
        .and_then(|n| n.then("2", Linear::new(40, 10)))
        .unwrap()
}

fn engine(shards: usize, threads: usize) -> Engine<f32> {
    let mut engine =
        Engine::new(mlp(), Options { batch: 37, shards, threads, training: true }).unwrap();
    fill(&mut engine);
    engine
}

fn train(mut engine: Engine<f32>) -> Vec<Tensor<f32>> {
    for step in 0..5 {
        // Mini-batches of all sizes, shards that do not divide them.
        let n = 37 - 9 * step;
        let labels: Vec<usize> = (0..n).map(|i| i % 10).collect();
        let x = numbers(step as u64, n * 150);
        engine.step(&Rows { x: &x, labels: &labels }, &Sgd { rate: 0.1 }).unwrap();
    }
    engine.weights()
}

#[test]
fn the_same_bits_with_1_2_and_8_threads() {
    let one = train(engine(8, 1));
    assert_ne!(one, engine(8, 1).weights(), "training changes weights");
    for threads in [2, 8] {
        assert_eq!(train(engine(8, threads)), one, "{threads} threads");
    }
}

#[test]
fn about_the_same_for_any_number_of_shards() {
    let one = train(engine(1, 1));
    for (a, b) in one.iter().zip(train(engine(5, 2))) {
        assert_close(&a.name, &b.data, &a.data, 1e-5);
    }
}

#[test]
fn a_loss_that_is_not_finite_leaves_the_weights() {
    let mut engine = engine(4, 2);
    let before = engine.weights();
    let mut x = numbers(1, 2 * 150);
    x[170] = f32::NAN;
    let bad = engine.step(&Rows { x: &x, labels: &[0, 1] }, &Sgd { rate: 0.1 });
    assert!(matches!(bad, Err(Error::NotFinite { .. })), "{bad:?}");
    assert_eq!(engine.weights(), before);
}

#[test]
fn what_does_not_fit_is_named() {
    let network = || Network::<f32>::new(Shape::row(5));
    let message = |e: Error| e.to_string();
    let wrong = network().then("a", Linear::new(6, 2)).map(|_| ()).map_err(message);
    assert_eq!(
        wrong,
        Err("linear \"a\": it takes 6 numbers and its input is 5; make the two agree".into())
    );
    let wrong =
        network().then("b", Reshape::new(Shape::image(2, 2, 2))).map(|_| ()).map_err(message);
    assert!(wrong.unwrap_err().starts_with("reshape \"b\": 5 has 5 numbers and 2 × 2 × 2 has 8"));
    let mut engine = engine(4, 1);
    let rule = Sgd { rate: 0.1 };
    for (labels, fault) in
        [(&[][..], "0 samples"), (&[10], "class 10 of 10"), (&[0; 38], "38 samples")]
    {
        let x = vec![0.0; 150 * labels.len()];
        let error = engine.step(&Rows { x: &x, labels }, &rule).unwrap_err().to_string();
        assert!(error.contains(fault), "{error}");
    }
    let mut weights = engine.weights();
    weights[0].shape.reverse();
    let error = engine.set_weights(&weights).unwrap_err().to_string();
    assert!(error.contains("0.weight") && error.contains("[150, 40]"), "{error}");
    weights.remove(0);
    assert!(engine.set_weights(&weights).unwrap_err().to_string().contains("missing"));
}

#[test]
fn to_predict_takes_less_memory_than_to_train() {
    let options = Options { batch: 37, shards: 2, threads: 1, training: true };
    let training = Engine::new(mlp(), options).unwrap();
    let predicting = Engine::new(mlp(), Options { training: false, ..options }).unwrap();
    assert!(predicting.arena_bytes() < training.arena_bytes());
}
