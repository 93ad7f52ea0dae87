//! What trees cost: `cargo bench -p classifiers --bench trees`.

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use learning::FashionMnist;
use learning::fashion::FOLDER;
use ndarray::{Array2, ArrayView2, s};

use classifiers::trees::{DecisionTree, GradientBoosting, RandomForest};
use classifiers::{Classifier as _, Fit, Inputs};

/// The garments as rows of bytes.
fn pixels(data: &learning::Labelled) -> ArrayView2<'_, u8> {
    let n = data.labels.len();
    data.images.view().into_shape_with_order((n, 784)).expect("28 x 28 pixels in order")
}

fn fashion(c: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER);
    let data = match FashionMnist::read(&folder) {
        Ok(data) => data,
        Err(error) => panic!("{error}"),
    };
    let (x, y) = (pixels(&data.train), data.train.y());
    let mut group = c.benchmark_group("trees");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    let forest = RandomForest::default();
    group.bench_function("random_forest_fit_60k", |b| b.iter(|| fit(&forest, x, y)));
    let few = (x.slice(s![..10_000, ..]), &y[..10_000]);
    let boosting = GradientBoosting { rounds: 20, ..GradientBoosting::default() };
    group.bench_function("boosting_fit_10k", |b| b.iter(|| fit(&boosting, few.0, few.1)));
    group.bench_function("tree_fit_60k", |b| b.iter(|| fit(&DecisionTree::default(), x, y)));
    let fitted = forest.fit(Inputs::Bytes(x), y).expect("pixels can be learned from");
    let test = pixels(&data.test);
    group.bench_function("random_forest_predict_10k", |b| {
        b.iter(|| fitted.predict(Inputs::Bytes(black_box(test))));
    });
}

fn fit<F: Fit>(settings: &F, x: ArrayView2<'_, u8>, y: &[u8]) -> usize {
    settings.fit(Inputs::Bytes(black_box(x)), y).map_or(0, |model| model.classes())
}

/// How the cost of ten trees grows with samples, features and classes, on noise that hides the label.
fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("forest_growth");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    let forest = RandomForest { trees: 10, ..RandomForest::default() };
    let mut time = |name: &str, at: usize, [n, d, k]: [usize; 3]| {
        let x = Array2::from_shape_fn((n, d), |(i, j)| (i * 31 + j * 17 + i * j * 7) as u8);
        let y: Vec<u8> =
            x.rows().into_iter().map(|x| (usize::from(x[0]) * k / 256) as u8).collect();
        group.bench_with_input(BenchmarkId::new(name, at), &at, |b, _| {
            b.iter(|| fit(&forest, x.view(), &y));
        });
    };
    for n in [1_000, 4_000, 16_000] {
        time("samples", n, [n, 100, 10]);
    }
    for d in [25, 100, 400] {
        time("features", d, [4_000, d, 10]);
    }
    for k in [2, 10, 50] {
        time("classes", k, [4_000, 100, k]);
    }
}

criterion_group!(benches, fashion, growth);
criterion_main!(benches);
