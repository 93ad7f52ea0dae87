//! What the chapter times: `cargo bench -p classifiers`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

use classifiers::share;

fn shares(c: &mut Criterion) {
    let outcomes: Vec<bool> = (0..10_000).map(|i| i % 3 == 0).collect();
    c.bench_function("share/naive_10k", |b| b.iter(|| share(black_box(&outcomes))));
}

criterion_group!(benches, shares);
criterion_main!(benches);
