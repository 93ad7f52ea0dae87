//! The forward of bench.py's MLP for one image, by definition: the row with which the ladder begins.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::{Array1, Array2};
use neurons::{Activation, Layer, Mlp};

fn forward(c: &mut Criterion) {
    let layer = |outputs: usize, inputs: usize| Layer {
        weights: Array2::from_shape_fn((outputs, inputs), |(i, j)| {
            ((i * 7 + j * 3) % 11) as f64 / 11.0 - 0.5
        }),
        bias: Array1::zeros(outputs),
        activation: Activation::Relu,
    };
    let network = Mlp { layers: vec![layer(256, 784), layer(128, 256), layer(10, 128)] };
    let x = Array1::from_elem(784, 0.5);
    c.bench_function("definition/mlp_forward", |b| b.iter(|| network.forward(black_box(x.view()))));
}

criterion_group!(benches, forward);
criterion_main!(benches);
