//! What the tests against PyTorch share, here and in the chapters that build on this one.
#![allow(dead_code)] // each of them uses a part

use backprop::Engine;

/// The numbers of the fixtures' scripts: `n` in [−0.5, 0.5).
pub fn numbers(seed: u64, n: usize) -> Vec<f32> {
    let one = |i: u64| {
        let mut h = ((seed * 7919 + i + 1) * 2_654_435_761) & 0xffff_ffff;
        h ^= h >> 15;
        h = (h * 2_246_822_519) & 0xffff_ffff;
        h ^= h >> 13;
        (h as f64 / 4_294_967_296.0 - 0.5) as f32
    };
    (0..n as u64).map(one).collect()
}

/// Gives an engine the weights of the fixtures.
pub fn fill(engine: &mut Engine<f32>) {
    let trained: Vec<bool> = engine.parameters().map(|(_, w)| w.trained).collect();
    let mut weights = engine.weights();
    let mut seed = 100;
    for (tensor, trained) in weights.iter_mut().zip(trained) {
        if trained {
            tensor.data = numbers(seed, tensor.data.len());
            seed += 1;
        } else {
            // Running statistics begin at mean 0 and variance 1.
            tensor.data.fill(f32::from(u8::from(tensor.name.ends_with("running_var"))));
        }
    }
    engine.set_weights(&weights).unwrap();
}

/// The numbers of a JSON array.
pub fn floats(value: &serde_json::Value) -> Vec<f32> {
    value
        .as_array()
        .expect("an array")
        .iter()
        .map(|x| x.as_f64().expect("a number") as f32)
        .collect()
}

/// Holds numbers to others, relative to the largest of them.
pub fn assert_close(what: &str, found: &[f32], expected: &[f32], relative: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0_f32, |m, x| m.max(x.abs()));
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!((f - e).abs() <= relative * largest, "{what}, number {i}: {f} and PyTorch {e}");
    }
}
