//! Principal components of 6,000 garments, and the picture of 2,000 by t-SNE, at the settings of scikit-learn.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use learning::FashionMnist;
use ndarray::s;
use representation::pca::Pca;
use representation::tsne::{self, Schedule, start_from_components};

/// Components that are asked for.
const COMPONENTS: usize = 50;

fn clouds(c: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist");
    let data = FashionMnist::read(&folder).expect("Fashion-MNIST is in data/fashion-mnist");
    let x = data.test.x();
    let (many, some) = (x.slice(s![..6000, ..]), x.slice(s![..2000, ..]));
    let mut group = c.benchmark_group("clouds");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_millis(10));
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("threads can be started");
        let name = if threads == 1 { "one_thread" } else { "two_threads" };
        group.bench_function(BenchmarkId::new(name, "pca_6000"), |b| {
            b.iter(|| pool.install(|| black_box(Pca::fit(many, COMPONENTS))));
        });
        group.bench_function(BenchmarkId::new(name, "tsne_2000"), |b| {
            b.iter(|| {
                pool.install(|| {
                    let start = start_from_components(some);
                    black_box(tsne::tsne(some, 30.0, start.view(), &Schedule::default()))
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, clouds);
criterion_main!(benches);
