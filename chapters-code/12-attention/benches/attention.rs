//! The forward pass of ViT-L/32 in several ways; the same operations at the peak, and its weights read without any; GELU, and a head by
//! length, in two ways each.

use std::hint::black_box;
use std::time::Duration;

use attention::fast::kernels::Gelu;
use attention::fast::{Fast, Way, Workspace};
use attention::vit::{Vit, vit};
use attention::{Head, Mask, Network, formula};
use backprop::kernels::{Path, run_f32};
use backprop::peak::Peak;
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main,
};
use ndarray::Array2;
use residual::fast::kernels::lane::{LANES, Lane};

/// The network that is timed.
const NAME: &str = "vit_l_32";

/// What is timed, and its number of threads.
const THREADS: [(&str, usize); 2] = [("one_thread", 1), ("two_threads", 2)];

/// Queries and keys of a head.
const LENGTHS: [usize; 3] = [256, 1024, 4096];

/// Numbers in a query and in a value.
const WIDTH: usize = 64;

fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    group
}

fn model() -> Vit {
    vit(NAME).expect("a network of the chapter")
}

/// One pass in several ways, each a step beyond the one before; then its weights, read and nothing else.
fn ways(c: &mut Criterion) {
    let (model, best) = (model(), Way::best());
    let picture = formula::picture(0, model.side);
    let id = |way| BenchmarkId::new(way, format!("{NAME}_forward"));
    let mut ladder = group(c, "attention");
    let plain = Network::from(model, |tensor| Ok(formula::weights(tensor))).expect("a network");
    ladder.bench_function(id("plain"), |b| {
        b.iter(|| black_box(plain.forward(picture.view()).expect("its size")));
    });
    drop(plain);
    let fast = Fast::from(model, |tensor| Ok(formula::weights(tensor))).expect("a network");
    for (way, threads, how) in [
        ("portable", 1, Way { path: Path::Portable, all: true }),
        ("all", 1, Way { all: true, ..best }),
        ("one_thread", 1, best),
        ("two_threads", 2, best),
    ] {
        let mut space = Workspace::with(threads, how);
        ladder.bench_function(id(way), |b| {
            b.iter(|| black_box(fast.logits(&mut space, picture.view()).expect("its size")));
        });
    }
    ladder.finish();
    let mut memory = group(c, "attention_memory");
    for (id, threads) in THREADS {
        let mut space = Workspace::new(threads);
        memory.bench_function(BenchmarkId::new(id, NAME), |b| {
            b.iter(|| black_box(fast.read_through(&mut space)));
        });
    }
    memory.finish();
}

/// As many operations as the pass has, in products that lie in the cache.
fn peak(c: &mut Criterion) {
    let operations = 2 * model().multiply_adds().iter().sum::<u64>();
    let mut group = group(c, "attention_peak");
    for (id, threads) in THREADS {
        let mut peak = Peak::new(threads);
        group.bench_function(BenchmarkId::new(id, NAME), |b| b.iter(|| peak.run(operations)));
    }
    group.finish();
}

/// GELU of what stands between the two layers of one block: by the series, a number at a time, and by polynomials.
fn gelu(c: &mut Criterion) {
    let n = model().tokens() * model().hidden;
    let z: Vec<f32> = formula::numbers(1, n).into_iter().map(|z| 8.0 * z).collect();
    let mut group = group(c, "attention_gelu");
    group.bench_function("series", |b| {
        b.iter(|| {
            let gelu = |z: &f32| attention::Gelu::Erf.of(f64::from(*z)) as f32;
            black_box(z.iter().map(gelu).collect::<Vec<_>>())
        });
    });
    let mut lanes = vec![Lane::default(); n / LANES];
    group.bench_function("polynomials", |b| {
        b.iter(|| {
            for (lane, z) in lanes.iter_mut().zip(z.chunks(LANES)) {
                lane.0.copy_from_slice(z);
            }
            run_f32(Gelu { y: &mut lanes });
            black_box(&lanes);
        });
    });
    group.finish();
}

/// One head by length, in matrices and in tiles.
fn length(c: &mut Criterion) {
    let mut group = group(c, "attention_length");
    for t in LENGTHS {
        let array = |seed| {
            let x = formula::numbers(seed, t * WIDTH).into_iter().map(|x| 4.0 * x).collect();
            Array2::from_shape_vec((t, WIDTH), x).expect("its count")
        };
        let (q, k, v) = (array(1), array(2), array(3));
        let head = Head::new(q.view(), k.view(), v.view(), &Mask::None).expect("one problem");
        group.bench_function(BenchmarkId::new("matrices", t), |b| {
            b.iter(|| black_box(head.in_matrices()));
        });
        let tile = attention::experiments::memory::TILE;
        group.bench_function(BenchmarkId::new("tiles", t), |b| {
            b.iter(|| black_box(head.in_tiles(tile)));
        });
    }
    group.finish();
}

criterion_group!(benches, ways, peak, gelu, length);
criterion_main!(benches);
