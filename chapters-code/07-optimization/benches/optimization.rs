//! An epoch of training, from the first row of the ladder to the last. Slow rows are timed on a part of the epoch, and
//! the time is multiplied: their ids say so. Then as many operations at the peak: the time that a step could not go below.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use backprop::peak::Peak;
use backprop::{Engine, Options, Tensor};
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main,
};
use learning::FashionMnist;
use ndarray::{Array2, Axis};
use notebook::{Stream, stream};
use optimization::mlp::{WIDTHS, mlp};
use optimization::speed::{BATCH, STEPS, multiply_adds};
use optimization::textbook::{Mlp, Product, by_ndarray, three_loops};
use optimization::{Optimizer, trainer};
use rand::RngExt as _;

mod common;
use common::Mini;

/// PyTorch's first weights: uniform within `1 / √(fan in)`.
fn engine(threads: usize) -> (Engine<f32>, Vec<Tensor<f32>>) {
    let options = Options { batch: BATCH, threads, ..Options::default() };
    let mut engine = Engine::new(mlp().expect("the shapes fit"), options).expect("it fits");
    let mut weights = engine.weights();
    let mut rng = stream(7, Stream::Weights);
    for t in &mut weights {
        let bound = 1.0 / (*t.shape.last().expect("not empty") as f32).sqrt();
        t.data.iter_mut().for_each(|w| *w = rng.random_range(-bound..bound));
    }
    engine.set_weights(&weights).expect("its own weights");
    (engine, weights)
}

fn textbook(group: &mut BenchmarkGroup<'_, WallTime>, x: &Array2<f32>, y: &[u8]) {
    let rungs: [(&str, Product, usize); 2] =
        [("three_loops_on_a_part", three_loops, 1), ("ndarray_on_a_part", by_ndarray, 40)];
    for (name, product, part) in rungs {
        let mut mlp = Mlp::new(&engine(1).1, product).expect("a matrix and a bias in turn");
        let rows = trainer::order(7, 0, y.len());
        group.bench_function(BenchmarkId::new(name, "mlp_epoch"), |b| {
            b.iter_custom(|times| {
                let began = Instant::now();
                for rows in rows.chunks_exact(BATCH).cycle().take(part * times as usize) {
                    let labels: Vec<usize> = rows.iter().map(|&row| y[row].into()).collect();
                    black_box(mlp.step(x.select(Axis(0), rows).view(), &labels, 1e-3));
                }
                began.elapsed().mul_f64(STEPS as f64 / part as f64)
            });
        });
    }
}

fn epoch(c: &mut Criterion) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist");
    let data = FashionMnist::read(&data).expect("Fashion-MNIST is in data/fashion-mnist");
    let (x, y) = (data.train.x(), data.train.y());
    let mut group = c.benchmark_group("mlp");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_millis(10));
    textbook(&mut group, &x, y);
    let x = x.as_slice().expect("rows stand one after another");
    // No pixel is nought, so that the first layer has no term to leave out.
    let no_nought: Vec<f32> = x.iter().map(|&pixel| pixel.max(1.0 / 512.0)).collect();
    for (rung, job, threads, x) in [
        ("one_thread_no_nought", "mlp_epoch", 1, &no_nought[..]),
        ("one_thread", "mlp_epoch", 1, x),
        ("two_threads", "mlp_epoch_60k", 2, x),
    ] {
        let (mut engine, _) = engine(threads);
        let (mut step, mut epoch) = (0, 0);
        group.bench_function(BenchmarkId::new(rung, job), |b| {
            b.iter(|| {
                epoch += 1;
                for rows in trainer::order(7, epoch, y.len()).chunks_exact(BATCH) {
                    step += 1;
                    let loss = engine.step(&Mini { x, y, rows }, &Optimizer::ADAM.at(step, 1e-3));
                    black_box(loss.expect("the loss is finite"));
                }
            });
        });
    }
    group.finish();
}

/// As many operations as an epoch has, in products that lie in the cache.
fn peak(c: &mut Criterion) {
    let operations = multiply_adds(&WIDTHS).operations((BATCH * STEPS) as u64);
    let mut group = c.benchmark_group("mlp_peak");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_millis(10));
    for (name, threads) in [("one_thread", 1), ("two_threads", 2)] {
        let mut peak = Peak::new(threads);
        group.bench_function(name, |b| b.iter(|| peak.run(operations)));
    }
    group.finish();
}

criterion_group!(benches, epoch, peak);
criterion_main!(benches);
