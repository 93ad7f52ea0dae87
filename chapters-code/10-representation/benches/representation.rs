//! A photograph's pass through EfficientNet-Lite0, from the plain one to the fused one on two threads; garments, of which each is
//! enlarged; and as many operations at the peak.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use backprop::kernels::Path as Processor;
use backprop::peak::Peak;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use representation::experiments::speed::picture;
use representation::features::{self, HEAD, Tap};
use representation::fused::{Fused, Way, Workspace};
use representation::lite0::description::{SIDE, multiply_adds};
use representation::lite0::{Weights, plain, weights};

/// What is timed, and its number of threads.
const THREADS: [(&str, usize); 2] = [("one_thread", 1), ("two_threads", 2)];

/// Garments, and the side to which they are enlarged.
const GARMENTS: (usize, usize) = (64, 96);

fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sample_size(20).warm_up_time(Duration::from_secs(1));
    group.measurement_time(Duration::from_secs(4));
    group
}

fn lite0(c: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let weights = Weights::read(&root.join(weights::FILE)).expect("the weights are there");
    let fused = Fused::new(&weights);
    let image = picture(SIDE);
    let mut group = group(c, "lite0");
    group.bench_function(BenchmarkId::new("plain", "lite0_forward"), |b| {
        b.iter(|| black_box(plain::forward(&weights, image.view()).logits));
    });
    let best = Way::best();
    let ways = [
        ("portable_one_thread", 1, Way { path: Processor::Portable, apart: true }),
        ("apart_one_thread", 1, Way { apart: true, ..best }),
        ("one_thread", 1, best),
        ("two_threads", 2, best),
    ];
    for (name, threads, way) in ways {
        let mut space = Workspace::with(threads, way);
        group.bench_function(BenchmarkId::new(name, "lite0_forward"), |b| {
            b.iter(|| black_box(fused.logits(&mut space, image.view())));
        });
    }
    let (count, side) = GARMENTS;
    let pictures = vec![picture(side); count];
    for (name, threads) in THREADS {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("a pool of threads");
        group.bench_function(BenchmarkId::new(name, "lite0_64_garments"), |b| {
            let taps = [Tap { after: HEAD, grid: 1 }];
            b.iter(|| black_box(pool.install(|| features::of(&weights, &pictures, &taps))));
        });
    }
    group.finish();
}

/// As many operations as the pass has, in products that lie in the cache.
fn peak(c: &mut Criterion) {
    let operations = 2 * multiply_adds(SIDE);
    let mut group = group(c, "lite0_peak");
    for (name, threads) in THREADS {
        let mut peak = Peak::new(threads);
        group.bench_function(name, |b| b.iter(|| peak.run(operations)));
    }
    group.finish();
}

criterion_group!(benches, lite0, peak);
criterion_main!(benches);
