//! What trees cost, on two threads: `cargo bench -p classifiers --bench trees`.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use learning::FashionMnist;
use learning::fashion::FOLDER;
use ndarray::{ArrayView2, s};

use classifiers::jobs::{BOOSTING, FEW};
use classifiers::trees::{DecisionTree, RandomForest};
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
    let two = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads start");
    let mut group = c.benchmark_group("trees");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    let forest = RandomForest::default();
    group.bench_function("random_forest_fit_60k", |b| {
        b.iter(|| two.install(|| fit(&forest, x, y)));
    });
    let few = (x.slice(s![..FEW, ..]), &y[..FEW]);
    group.bench_function("boosting_fit_10k", |b| {
        b.iter(|| two.install(|| fit(&BOOSTING, few.0, few.1)));
    });
    group.bench_function("tree_fit_60k", |b| {
        b.iter(|| two.install(|| fit(&DecisionTree::default(), x, y)));
    });
    let fitted = forest.fit(Inputs::Bytes(x), y).expect("pixels can be learned from");
    let test = pixels(&data.test);
    group.bench_function("random_forest_predict_10k", |b| {
        b.iter(|| {
            two.install(|| {
                fitted.predict(Inputs::Bytes(black_box(test))).expect("as many features")
            })
        });
    });
    group.finish();
}

fn fit<F: Fit>(settings: &F, x: ArrayView2<'_, u8>, y: &[u8]) -> usize {
    settings.fit(Inputs::Bytes(black_box(x)), y).expect("pixels can be learned from").classes()
}

criterion_group!(benches, fashion);
criterion_main!(benches);
