//! Single layers of MobileNetV3 and ResNet on one image and one thread, in the engine; and as many operations at the peak.

use std::hint::black_box;
use std::time::{Duration, Instant};

use backprop::peak::Peak;
use backprop::{Engine, Options, Rows};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main};
use notebook::{Stream, stream};
use optimization::Initialisation;
use residual::parts::{LAYERS, Layer};

/// How often a layer stands in the longer of two networks.
const COPIES: usize = 9;

fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    group.warm_up_time(Duration::from_millis(5)).measurement_time(Duration::from_millis(60));
    group
}

fn engine(layer: Layer, copies: usize) -> Engine<f32> {
    let options = Options { batch: 1, shards: 1, threads: 1, training: false };
    let network = layer.network(copies).expect("the shapes fit");
    let mut engine = Engine::new(network, options).expect("it fits");
    Initialisation::He.draw(&mut engine, &mut stream(11, Stream::Weights)).expect("its weights");
    engine
}

/// A picture through a network.
fn pass(engine: &mut Engine<f32>, x: &[f32], y: &mut [f32]) -> Duration {
    let began = Instant::now();
    engine.predict(&Rows { x, labels: &[0] }, y).expect("the picture fits");
    black_box(y);
    began.elapsed()
}

fn layers(c: &mut Criterion) {
    let mut group = group(c, "parts");
    for layer in LAYERS {
        let mut once = engine(layer, 1);
        let mut often = engine(layer, COPIES);
        let x: Vec<f32> = (0..layer.side.pow(2)).map(|i| (i % 17) as f32 / 17.0).collect();
        let mut y = vec![0.0; layer.channels];
        group.bench_function(layer.id, |b| {
            b.iter_custom(|times| {
                let (mut long, mut short) = (Duration::ZERO, Duration::ZERO);
                for _ in 0..times {
                    long += pass(&mut often, &x, &mut y);
                    short += pass(&mut once, &x, &mut y);
                }
                long.saturating_sub(short) / (COPIES as u32 - 1)
            });
        });
    }
    group.finish();
}

/// As many operations as the first layer has, in products that lie in the cache.
fn peak(c: &mut Criterion) {
    let operations = 2 * LAYERS[0].multiply_adds();
    let mut group = group(c, "parts_peak");
    let mut peak = Peak::new(1);
    group.bench_function("one_thread", |b| b.iter(|| peak.run(operations)));
    group.finish();
}

criterion_group!(benches, layers, peak);
criterion_main!(benches);
