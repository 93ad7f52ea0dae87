//! An epoch of training, from the first row of the ladder to the last.

use std::hint::black_box;
use std::path::Path;

use backprop::{Activation, Batch, Engine, Linear, Network, Options, Shape};
use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use learning::FashionMnist;
use optimization::Optimizer;
use rand::rngs::ChaCha12Rng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

struct Mini<'a> {
    x: &'a [f32],
    y: &'a [u8],
    rows: &'a [usize],
}

impl Batch<f32> for Mini<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn input(&self, i: usize, to: &mut [f32]) {
        to.copy_from_slice(&self.x[self.rows[i] * to.len()..][..to.len()]);
    }

    fn label(&self, i: usize) -> usize {
        self.y[self.rows[i]].into()
    }
}

fn mlp() -> Network<f32> {
    let relu = Activation::Relu;
    Network::new(Shape::row(784))
        .then("0", Linear::new(784, 256).with(relu))
        .and_then(|n| n.then("2", Linear::new(256, 128).with(relu)))
        .and_then(|n| n.then("4", Linear::new(128, 10)))
        .expect("the shapes fit")
}

fn epoch(c: &mut Criterion) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist");
    let data = FashionMnist::read(&data).expect("Fashion-MNIST is in data/fashion-mnist");
    let x = data.train.x();
    let (x, y) = (x.as_slice().expect("rows stand one after another"), data.train.y());
    let mut group = c.benchmark_group("ladder");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for (rung, threads) in [("one_thread/mlp_epoch", 1), ("two_threads/mlp_epoch_60k", 2)] {
        let mut engine =
            Engine::new(mlp(), Options { threads, ..Options::default() }).expect("it fits");
        let mut weights = engine.weights();
        let mut rng = ChaCha12Rng::seed_from_u64(7);
        for t in &mut weights {
            let bound = 1.0 / (*t.shape.last().expect("not empty") as f32).sqrt();
            t.data.iter_mut().for_each(|w| *w = rng.random_range(-bound..bound));
        }
        engine.set_weights(&weights).expect("its own weights");
        let mut rows: Vec<usize> = (0..x.len() / 784).collect();
        let mut step = 0;
        let (id, name) = rung.split_once('/').expect("a slash");
        group.bench_function(criterion::BenchmarkId::new(id, name), |b| {
            b.iter(|| {
                rows.shuffle(&mut rng);
                for rows in rows.chunks_exact(128) {
                    step += 1;
                    let loss = engine.step(&Mini { x, y, rows }, &Optimizer::ADAM.at(step, 1e-3));
                    black_box(loss.expect("the loss is finite"));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, epoch);
criterion_main!(benches);
