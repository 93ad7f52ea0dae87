//! A training of each kind that the chapter has, at the settings of `tests/peers/08-generalization-time.py`.

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use backprop::{Engine, Network, Options};
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main,
};
use generalization::fit::{BATCH, RATE, network};
use generalization::grokking::Setting;
use generalization::mnist1d::signals;
use generalization::ridge::LeastSquares;
use generalization::signals_network;
use generalization::speed::DROPOUT;
use learning::{FashionMnist, normal};
use ndarray::Array2;
use notebook::{Rng, Stream, stream};
use optimization::mlp::WIDTHS;
use optimization::trainer::order;
use optimization::{Initialisation, Optimizer, Trainer, unwatched};
use rand::SeedableRng as _;

#[path = "../../07-optimization/benches/common/mod.rs"]
mod common;
use common::Mini;

/// What is timed, and its number of threads.
const THREADS: [(&str, usize); 2] = [("one_thread", 1), ("two_threads", 2)];

fn engine(network: backprop::Result<Network<f32>>, threads: usize) -> Engine<f32> {
    let options = Options { batch: BATCH, threads, ..Options::default() };
    let mut engine = Engine::new(network.expect("the shapes fit"), options).expect("it fits");
    Initialisation::He.draw(&mut engine, &mut stream(8, Stream::Weights)).expect("its own weights");
    engine
}

fn epochs(group: &mut BenchmarkGroup<'_, WallTime>) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist");
    let data = FashionMnist::read(&data).expect("Fashion-MNIST is in data/fashion-mnist");
    let (x, y) = (data.train.x(), data.train.y());
    let x = x.as_slice().expect("rows stand one after another");
    for (name, threads) in THREADS {
        for (job, share) in [("mlp_epoch_60k", 0.0), ("mlp_dropout_epoch_60k", DROPOUT)] {
            let mut engine = engine(network(&WIDTHS, share), threads);
            let (mut step, mut epoch) = (0, 0);
            group.bench_function(BenchmarkId::new(name, job), |b| {
                b.iter(|| {
                    epoch += 1;
                    for rows in order(8, epoch, y.len()).chunks_exact(BATCH) {
                        step += 1;
                        let rule = Optimizer::ADAM.at(step, RATE);
                        let loss = engine.step(&Mini { x, y, rows }, &rule);
                        black_box(loss.expect("the loss is finite"));
                    }
                });
            });
        }
    }
}

fn others(group: &mut BenchmarkGroup<'_, WallTime>) {
    let [learn, _] = signals(4_000, 10, 8);
    let mut rng = Rng::seed_from_u64(8);
    let mut drawn =
        |rows, columns| Array2::from_shape_simple_fn((rows, columns), || normal(&mut rng));
    let (x, y) = (drawn(1_000, 3_000), drawn(1_000, 10));
    for (name, threads) in THREADS {
        group.bench_function(BenchmarkId::new(name, "mnist1d_10_epochs"), |b| {
            b.iter(|| {
                let recipe = signals_network::recipe(&learn, 100, 10, 1);
                let options =
                    Options { batch: recipe.batch, shards: threads, threads, training: true };
                let network = (recipe.network)().expect("the shapes fit");
                let mut engine = Engine::new(network, options).expect("it fits");
                let mut rng = stream(8, Stream::Weights);
                Initialisation::He.draw(&mut engine, &mut rng).expect("its own weights");
                let mut trainer = Trainer::with(recipe, engine).expect("it can begin");
                black_box(trainer.run(&AtomicBool::new(false), &mut unwatched))
            });
        });
        group.bench_function(BenchmarkId::new(name, "grokking_100_steps"), |b| {
            let setting = Setting {
                modulus: 47,
                shown: 0.5,
                hidden: 256,
                rate: 1e-2,
                decay: 1.0,
                steps: 100,
                every: 1_000,
                seed: 1,
            };
            b.iter(|| black_box(setting.train(threads)));
        });
        group.bench_function(BenchmarkId::new(name, "least_norm"), |b| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.expect("a pool of threads");
            let fit = || LeastSquares::new(x.view(), y.view()).and_then(|all| all.fit(0.0));
            b.iter(|| black_box(pool.install(fit)));
        });
    }
}

fn trainings(c: &mut Criterion) {
    let mut group = c.benchmark_group("train");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_millis(10));
    epochs(&mut group);
    others(&mut group);
    group.finish();
}

criterion_group!(benches, trainings);
criterion_main!(benches);
