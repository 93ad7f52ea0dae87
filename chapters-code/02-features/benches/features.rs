//! Features of all 10,000 test images of Fashion-MNIST: the textbook, what is shipped on one thread,
//! and what is shipped on two. The parameters are those of `tests/peers/02-features-time.py`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use features::batch::extract_levels;
use features::{Extractor, Glcm, Hog, Hu, Lbp, View, ladder};
use learning::FashionMnist;

const SIDE: usize = 28;

/// A name, what is shipped, and the textbook's way.
type Job = (&'static str, Box<dyn Extractor>, Box<dyn Fn(View<'_>) -> Vec<f64>>);

fn jobs() -> [Job; 4] {
    let hog = Hog::new(9, (7, 7), (2, 2)).expect("the parameters are in range");
    [
        ("hog_10k", Box::new(hog), Box::new(move |image| ladder::hog(&hog, image))),
        ("lbp_10k", Box::new(Lbp), Box::new(ladder::lbp)),
        ("glcm_10k", Box::new(Glcm), Box::new(ladder::glcm)),
        ("hu_10k", Box::new(Hu::RAW), Box::new(ladder::hu)),
    ]
}

fn ladder_of_ten_thousand(c: &mut Criterion) {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist");
    let data = FashionMnist::read(&data).expect("Fashion-MNIST is in data/fashion-mnist");
    let levels = data.test.images.as_slice().expect("the images stand one after another");
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start")
    };
    let pools = [("one_thread", "", pool(1)), ("two_threads", "_10k", pool(2))];
    let mut group = c.benchmark_group("ladder");
    group.sampling_mode(SamplingMode::Flat).sample_size(10).warm_up_time(Duration::from_secs(1));
    for (job, extractor, textbook) in &jobs() {
        let name = job.trim_end_matches("_10k");
        let length = extractor.length(SIDE, SIDE).expect("28 pixels are enough");
        let mut features = vec![0.0; levels.len() / (SIDE * SIDE) * length];
        group.bench_function(BenchmarkId::new("textbook", name), |b| {
            b.iter(|| {
                for (image, row) in
                    levels.chunks_exact(SIDE * SIDE).zip(features.chunks_exact_mut(length))
                {
                    row.copy_from_slice(&textbook(View::of_levels(SIDE, SIDE, black_box(image))));
                }
            });
        });
        for (rung, suffix, pool) in &pools {
            group.bench_function(BenchmarkId::new(*rung, format!("{name}{suffix}")), |b| {
                b.iter(|| {
                    let run = || {
                        extract_levels(
                            extractor.as_ref(),
                            (SIDE, SIDE),
                            black_box(levels),
                            &mut features,
                        )
                    };
                    pool.install(run).expect("28 pixels are enough");
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, ladder_of_ten_thousand);
criterion_main!(benches);
