//! The two ladders of the chapter: the nearest of many garments, and a file of garments, each from the
//! way one would write it down to what is shipped.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use learning::fashion::{FILES, FOLDER};
use learning::ladder::{self, Search};
use learning::{FashionMnist, NearestNeighbour, idx};
use ndarray::s;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER)
}

/// The nearest of 10,000 garments for each of 500.
fn nearest(c: &mut Criterion) {
    let data = match FashionMnist::read(&folder()) {
        Ok(data) => data,
        Err(error) => panic!("{error}"),
    };
    let (x, new) = (data.train.x(), data.test.x());
    let (x, y, new) =
        (x.slice(s![..10_000, ..]), &data.train.y()[..10_000], new.slice(s![..500, ..]));
    let rungs: [(&str, Search); 3] =
        [("loops", ladder::loops), ("cut_short", ladder::cut_short), ("product", ladder::product)];
    let mut group = c.benchmark_group("nearest_500");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (name, search) in rungs {
        group.bench_function(name, |b| b.iter(|| search(black_box(x), black_box(new))));
    }
    group.bench_function("blocks", |b| {
        b.iter(|| NearestNeighbour::fit(black_box(x), y).nearest(black_box(new)));
    });
    group.finish();
}

/// The 10,000 test garments from their compressed bytes.
fn load(c: &mut Criterion) {
    let path = folder().join(FILES[2].0);
    let gz = match std::fs::read(&path) {
        Ok(gz) => gz,
        Err(error) => panic!("{}: {error}", path.display()),
    };
    let mut group = c.benchmark_group("load");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("one_by_one", |b| b.iter(|| ladder::one_by_one(black_box(&gz), 28)));
    group.bench_function("whole_then_copied", |b| {
        b.iter(|| ladder::whole_then_copied(black_box(&gz)))
    });
    group.bench_function("in_place", |b| b.iter(|| idx::decode(black_box(&gz))));
    group.finish();
}

criterion_group!(benches, nearest, load);
criterion_main!(benches);
