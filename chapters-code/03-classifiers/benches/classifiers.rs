//! What the chapter times, on two threads: `cargo bench -p classifiers`. The jobs are those of
//! `tests/peers/03-classifiers-time.py`, the plain versions on a part of the work.

use std::hint::black_box;
use std::time::Duration;

use classifiers::jobs::{FEW, MACHINE, NEIGHBOURS, PLANES, SOFTMAX};
use classifiers::kernels::Path;
use classifiers::kernels::bytes::Panels;
use classifiers::svm::plain;
use classifiers::{Classifier, Description, Fit, Inputs, neighbours, softmax};
use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use learning::FashionMnist;
use ndarray::{Array2, Axis, concatenate, s};
use notebook::Rng;
use rand::SeedableRng as _;

fn jobs(c: &mut Criterion) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist");
    let data = FashionMnist::read(&folder).expect("Fashion-MNIST is in data/fashion-mnist");
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start")
    };
    let (one, two) = (pool(1), pool(2));
    let mut group = c.benchmark_group("classifiers");
    group.sampling_mode(SamplingMode::Flat).sample_size(10).warm_up_time(Duration::from_secs(1));
    group.measurement_time(Duration::from_secs(5));

    let y = data.train.y();
    let pixels = Description::Pixels;
    let (train, new) =
        (pixels.samples(data.train.images.view()), pixels.samples(data.test.images.view()));
    let knn = NEIGHBOURS.fit(train.view(), y).expect("it fits");
    group.bench_function("knn_predict_10k_of_60k", |b| {
        b.iter(|| two.install(|| knn.predict(black_box(new.view())).expect("as many features")));
    });
    let reals = (pixels.rows(data.train.images.view()), pixels.rows(data.test.images.view()));
    group.bench_function("knn_plain_10_of_60k", |b| {
        b.iter(|| {
            for row in reals.1.rows().into_iter().take(10) {
                black_box(neighbours::nearest_plain(reals.0.view(), row, 5));
            }
        });
    });
    let product = NEIGHBOURS.fit(Inputs::Reals(reals.0.view()), y).expect("it fits");
    let thousand = reals.1.slice(s![..1000, ..]);
    group.bench_function("knn_product_1k_of_60k", |b| {
        b.iter(|| {
            two.install(|| product.predict(Inputs::Reals(thousand)).expect("as many features"))
        });
    });
    let bytes = data.train.images.as_slice().expect("one after another");
    let panels = Panels::pack(bytes, learning::fashion::PIXELS);
    let some = &data.test.images.as_slice().expect("one after another")[..512 * 784];
    for path in Path::all() {
        let name = format!("knn_512_of_60k_{}", format!("{path:?}").to_lowercase());
        group.bench_function(&name, |b| b.iter(|| panels.nearest(path, black_box(some), 5)));
    }

    let x = Inputs::Reals(reals.0.view());
    group.bench_function("logreg_fit_60k", |b| {
        b.iter(|| two.install(|| SOFTMAX.fit(black_box(x), y).expect("it fits")));
    });
    let few = reals.0.slice(s![..FEW, ..]);
    let ones = concatenate![Axis(1), few.mapv(f64::from), Array2::ones((FEW, 1))];
    let w = Array2::from_shape_fn((10, 785), |(i, j)| ((i * j) as f64).sin() * 0.01);
    group.bench_function("softmax_plain_objective_10k", |b| {
        b.iter(|| softmax::plain::objective(ones.view(), &y[..FEW], w.view(), 1e-4));
    });
    let mut gradient = vec![0.0; w.len()];
    let weights = w.as_slice().expect("in order");
    let mut fused = softmax::Fused::new(Inputs::Reals(few), &y[..FEW], 10, 1e-4);
    group.bench_function("softmax_fused_objective_10k", |b| {
        b.iter(|| one.install(|| fused.evaluate(black_box(weights), &mut gradient)));
    });

    group.bench_function("linear_svm_fit_10k", |b| {
        b.iter(|| {
            let fit = || MACHINE.fit(Inputs::Reals(black_box(few)), &y[..FEW]);
            two.install(fit).expect("it fits")
        });
    });
    group.bench_function("linear_svm_primal_10k", |b| {
        b.iter(|| {
            let fit = || PLANES.fit(Inputs::Reals(black_box(few)), &y[..FEW]);
            two.install(fit).expect("it fits")
        });
    });
    let sign: Vec<f64> = y[..FEW].iter().map(|l| if *l == 0 { 1.0 } else { -1.0 }).collect();
    group.bench_function("svm_plain_10_passes_of_one_class", |b| {
        b.iter(|| plain::fit(ones.view(), &sign, 1.0, 10, &mut Rng::seed_from_u64(1)));
    });
    group.finish();
}

criterion_group!(benches, jobs);
criterion_main!(benches);
