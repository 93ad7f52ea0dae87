//! The forward pass of ResNet-152 and of MobileNetV3-Large, from the plain one to the fast one on two threads; images of several sizes,
//! and several images; and as many operations at the peak.

use std::hint::black_box;
use std::time::Duration;

use backprop::kernels::Path;
use backprop::peak::Peak;
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main,
};
use residual::fast::{Fast, SIDE, Threes, Way, Workspace, trial};
use residual::{Model, model, plain};

/// The networks that are timed in every way.
const NETWORKS: [&str; 2] = ["resnet152", "mobilenet_v3_large"];

/// What is timed, and its number of threads.
const THREADS: [(&str, usize); 2] = [("one_thread", 1), ("two_threads", 2)];

/// Sides of images.
const SIDES: [usize; 4] = [96, 160, 224, 320];

/// How many images follow one another.
const BATCHES: [usize; 2] = [1, 4];

fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    group
}

fn described(name: &str) -> Model {
    model(name).expect("a network of the chapter")
}

/// One pass in several ways, each a step beyond the one before.
fn ways(c: &mut Criterion) {
    let (best, image) = (Way::best(), trial::picture(SIDE));
    let ways = [
        ("portable", 1, Way { path: Path::Portable, apart: true }, Threes::Gathered),
        ("apart", 1, Way { apart: true, ..best }, Threes::Gathered),
        ("gathered", 1, best, Threes::Gathered),
        ("twos", 1, best, Threes::Two),
        ("one_thread", 1, best, Threes::Least),
        ("two_threads", 2, best, Threes::Least),
    ];
    let mut group = group(c, "residual");
    for name in NETWORKS {
        let model = described(name);
        let weights = trial::weights(&model);
        let id = |way| BenchmarkId::new(way, format!("{name}_forward"));
        group.bench_function(id("plain"), |b| {
            b.iter(|| black_box(plain::forward(&model, &weights, image.view())));
        });
        for (way, threads, how, threes) in ways {
            let fast = Fast::planned(&model, &weights, SIDE, threes);
            // Where there is no convolution of 3 × 3, there is no way to choose.
            if matches!(way, "gathered" | "twos") && fast.ways() == [0; 3] {
                continue;
            }
            let mut space = Workspace::with(threads, how);
            group.bench_function(id(way), |b| {
                b.iter(|| black_box(fast.logits(&mut space, image.view())));
            });
        }
    }
    group.finish();
}

/// Images of several sizes, and several images one after another.
fn images(c: &mut Criterion) {
    let mut space = Workspace::new(2);
    for name in ["resnet50", "mobilenet_v3_large"] {
        let model = described(name);
        let weights = trial::weights(&model);
        let mut sides = group(c, "residual_sides");
        for side in SIDES {
            let (fast, image) =
                (Fast::planned(&model, &weights, side, Threes::Least), trial::picture(side));
            sides.bench_function(BenchmarkId::new(name, side), |b| {
                b.iter(|| black_box(fast.logits(&mut space, image.view())));
            });
        }
        sides.finish();
        let (fast, image) = (Fast::new(&model, &weights), trial::picture(SIDE));
        let mut batches = group(c, "residual_batch");
        for count in BATCHES {
            batches.bench_function(BenchmarkId::new(name, count), |b| {
                b.iter(|| (0..count).for_each(|_| drop(fast.logits(&mut space, image.view()))));
            });
        }
        batches.finish();
    }
}

/// As many operations as the passes have, in products that lie in the cache.
fn peak(c: &mut Criterion) {
    let mut group = group(c, "residual_peak");
    for name in NETWORKS {
        let operations = 2 * described(name).multiply_adds(SIDE);
        for (id, threads) in THREADS {
            let mut peak = Peak::new(threads);
            group.bench_function(BenchmarkId::new(id, name), |b| b.iter(|| peak.run(operations)));
        }
    }
    group.finish();
}

criterion_group!(benches, ways, images, peak);
criterion_main!(benches);
