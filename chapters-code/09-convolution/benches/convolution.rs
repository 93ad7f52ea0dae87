//! A hundred mini-batches of training, from plain operations to what is shipped.

use std::hint::black_box;
use std::path::Path;

use backprop::{Activation, Engine, Linear, Network, Options, Rows};
use convolution::{Convolution, Pool, networks};
use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use learning::FashionMnist;
use optimization::trainer::{generator, order};
use optimization::{Initialisation, Optimizer};

/// bench.py's network without the fused operation.
fn plain() -> backprop::Result<Network<f32>> {
    let relu = Activation::Relu;
    Network::new(networks::INPUT)
        .then("0", Convolution::new(1, 32, 3).padding(1).with(relu))?
        .then("2", Pool::max(2))?
        .then("3", Convolution::new(32, 64, 3).padding(1).with(relu))?
        .then("5", Pool::max(2))?
        .then("7", Linear::new(3136, 128).with(relu))?
        .then("9", Linear::new(128, 10))
}

fn hundred_batches(c: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist");
    let data = FashionMnist::read(&folder).expect("Fashion-MNIST is in data/fashion-mnist");
    let rows = order(9, 0, data.train.len());
    let x = data.train.select(&rows[..6400]);
    let labels: Vec<usize> = x.y().iter().map(|&y| y.into()).collect();
    let x = x.x();
    let x = x.as_slice().expect("rows stand one after another");
    let mut group = c.benchmark_group("ladder");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    let rungs = [
        ("plain_one_thread", "cnn_100", plain(), 1),
        ("fused_one_thread", "cnn_100", networks::sequential(), 1),
        ("fused_two_threads", "cnn_100_batches", networks::sequential(), 2),
    ];
    for (rung, job, network, threads) in rungs {
        let options = Options { batch: 64, shards: 8, threads, training: true };
        let mut engine = Engine::new(network.expect("the shapes fit"), options).expect("it fits");
        Initialisation::He.draw(&mut engine, &mut generator(9, 1)).expect("its own weights");
        let mut step = 0;
        group.bench_function(BenchmarkId::new(rung, job), |b| {
            b.iter(|| {
                for (x, labels) in x.chunks(64 * 784).zip(labels.chunks(64)) {
                    step += 1;
                    let rule = Optimizer::ADAM.at(step, 1e-3);
                    let loss = engine.step(&Rows { x, labels }, &rule);
                    black_box(loss.expect("the loss is finite"));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, hundred_batches);
criterion_main!(benches);
