//! A network of 784, 256, 128 and 10 units on 128 garments: the definition, its rows as products of vectors, and all garments
//! in one matrix product a layer.

use std::hint::black_box;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use ndarray::{Array1, Array2};
use neurons::{Activation, Layer, Mlp};

fn forward(c: &mut Criterion) {
    let layer = |outputs: usize, inputs: usize, activation| Layer {
        weights: Array2::from_shape_fn((outputs, inputs), |(i, j)| {
            ((i * 7 + j * 3) % 11) as f64 / 11.0 - 0.5
        }),
        bias: Array1::zeros(outputs),
        activation,
    };
    let layers = vec![
        layer(256, 784, Activation::Relu),
        layer(128, 256, Activation::Relu),
        layer(10, 128, Activation::Identity),
    ];
    let network = Mlp { layers };
    let x = Array2::from_shape_fn((128, 784), |(i, j)| ((i * 5 + j * 13) % 17) as f64 / 17.0);
    let rows: Vec<Vec<f64>> = x.rows().into_iter().map(|row| row.to_vec()).collect();

    let mut group = c.benchmark_group("mlp_forward");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("definition", |b| {
        b.iter(|| rows.iter().map(|x| network.forward_by_loops(black_box(x))[0]).sum::<f64>())
    });
    group.bench_function("products_of_vectors", |b| {
        b.iter(|| x.rows().into_iter().map(|x| network.forward(black_box(x))[0]).sum::<f64>())
    });
    group.bench_function("products_of_matrices", |b| {
        b.iter(|| network.forward_all(black_box(x.view())))
    });
    group.finish();
}

criterion_group!(benches, forward);
criterion_main!(benches);
