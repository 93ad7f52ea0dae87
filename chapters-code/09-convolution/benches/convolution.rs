//! A hundred mini-batches of training, from seven loops to what is shipped. Slow rows are timed on a part, and the time
//! is multiplied: their ids say so. Then as many operations at the peak.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use backprop::peak::Peak;
use backprop::{Activation, Engine, Linear, Network, Options};
use convolution::speed::{BATCH, BATCHES, multiply_adds};
use convolution::textbook::{Cnn, IM2COL, SEVEN_LOOPS};
use convolution::{Convolution, Pool, networks};
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main,
};
use learning::FashionMnist;
use notebook::{Stream, stream};
use optimization::trainer::order;
use optimization::{Initialisation, Optimizer};

#[path = "../../07-optimization/benches/common/mod.rs"]
mod common;
use common::Mini;

/// Pixels of an image.
const PIXELS: usize = 28 * 28;

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

fn engine(network: backprop::Result<Network<f32>>, threads: usize) -> Engine<f32> {
    let options = Options { batch: BATCH, shards: 8, threads, training: true };
    let mut engine = Engine::new(network.expect("the shapes fit"), options).expect("it fits");
    Initialisation::He.draw(&mut engine, &mut stream(9, Stream::Weights)).expect("its own weights");
    engine
}

fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_millis(10));
    group
}

/// Plain functions, on a few mini-batches of fewer images.
fn textbook(group: &mut BenchmarkGroup<'_, WallTime>, x: &[f32], labels: &[usize]) {
    let weights = engine(networks::sequential(), 1).weights();
    for (name, way, images, steps) in
        [("seven_loops_on_a_part", SEVEN_LOOPS, 4, 1), ("im2col_on_a_part", IM2COL, BATCH, 2)]
    {
        let mut cnn = Cnn::new(images, &weights, way).expect("the network's own weights");
        let mut step = 0;
        group.bench_function(BenchmarkId::new(name, "cnn_100"), |b| {
            b.iter_custom(|times| {
                let began = Instant::now();
                let parts = x.chunks(images * PIXELS).zip(labels.chunks(images)).cycle();
                for (x, labels) in parts.take(steps * times as usize) {
                    step += 1;
                    black_box(cnn.step(x, labels, &Optimizer::ADAM.at(step, 1e-3)));
                }
                began.elapsed().mul_f64((BATCH * BATCHES) as f64 / (images * steps) as f64)
            });
        });
    }
}

fn hundred_batches(c: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist");
    let data = FashionMnist::read(&folder).expect("Fashion-MNIST is in data/fashion-mnist");
    let (x, y) = (data.train.x(), data.train.y());
    let x = x.as_slice().expect("rows stand one after another");
    // As in PyTorch's job, the images of a mini-batch lie anywhere among all of them.
    let rows = order(9, 0, y.len());
    let rows = &rows[..BATCH * BATCHES];
    let mut group = group(c, "cnn");
    let few: Vec<usize> = rows[..2 * BATCH].to_vec();
    let labels: Vec<usize> = few.iter().map(|&row| y[row].into()).collect();
    let images: Vec<f32> =
        few.iter().flat_map(|&row| &x[row * PIXELS..][..PIXELS]).copied().collect();
    textbook(&mut group, &images, &labels);
    let rungs = [
        ("plain_on_a_part", "cnn_100", plain(), 1, 20),
        ("fused_one_thread", "cnn_100", networks::sequential(), 1, BATCHES),
        ("fused_two_threads", "cnn_100_batches", networks::sequential(), 2, BATCHES),
    ];
    for (rung, job, network, threads, part) in rungs {
        let mut engine = engine(network, threads);
        let mut step = 0;
        group.bench_function(BenchmarkId::new(rung, job), |b| {
            b.iter_custom(|times| {
                let began = Instant::now();
                for rows in rows.chunks(BATCH).cycle().take(part * times as usize) {
                    step += 1;
                    let rule = Optimizer::ADAM.at(step, 1e-3);
                    let loss = engine.step(&Mini { x, y, rows }, &rule);
                    black_box(loss.expect("the loss is finite"));
                }
                began.elapsed().mul_f64(BATCHES as f64 / part as f64)
            });
        });
    }
    group.finish();
}

/// As many operations as the hundred mini-batches have, in products that lie in the cache.
fn peak(c: &mut Criterion) {
    let operations = multiply_adds().operations((BATCH * BATCHES) as u64);
    let mut group = group(c, "cnn_peak");
    for (name, threads) in [("one_thread", 1), ("two_threads", 2)] {
        let mut peak = Peak::new(threads);
        group.bench_function(name, |b| b.iter(|| peak.run(operations)));
    }
    group.finish();
}

criterion_group!(benches, hundred_batches, peak);
criterion_main!(benches);
