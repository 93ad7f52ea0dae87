//! Models come back from their files as they were, and no file that is not one is believed.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use classifiers::trees::{DecisionTree, GradientBoosting, RandomForest};
use classifiers::{
    Description, Fit, LinearSvm, Model, NaiveBayes, Neighbours, RandomFeatures, Samples, Saved,
    Softmax,
};
use learning::fashion::SIDE;
use ndarray::{Array3, s};
use notebook::Rng;
use rand::{RngExt as _, SeedableRng as _};

fn pictures() -> (Array3<u8>, Vec<u8>) {
    let mut rng = Rng::seed_from_u64(1);
    let labels: Vec<u8> = (0..24).map(|i| i % 3).collect();
    let images = Array3::from_shape_fn((24, SIDE, SIDE), |(i, y, _)| {
        rng.random_range(0..100) + if y / 10 == i % 3 { 150 } else { 0 }
    });
    (images, labels)
}

/// One of each kind, and samples that it can be asked about.
fn models() -> Vec<(Saved, Samples)> {
    let (images, y) = pictures();
    let hog = Samples::Reals(Description::Hog.rows(images.view()));
    let pixels = Description::Pixels.samples(images.view());
    let waves = RandomFeatures { features: 16, ..RandomFeatures::default() };
    let forest = RandomForest { trees: 4, ..RandomForest::default() };
    let boosting = GradientBoosting { rounds: 3, ..GradientBoosting::default() };
    let models = [
        (
            Description::Pixels,
            Model::Neighbours(Neighbours { k: 3 }.fit(pixels.view(), &y).unwrap()),
        ),
        (Description::Hog, Model::Neighbours(Neighbours { k: 3 }.fit(hog.view(), &y).unwrap())),
        (
            Description::Hog,
            Model::NaiveBayes(NaiveBayes { floor: 1e-3 }.fit(hog.view(), &y).unwrap()),
        ),
        (Description::Hog, Model::Softmax(Softmax::default().fit(hog.view(), &y).unwrap())),
        (Description::Hog, Model::LinearSvm(LinearSvm::default().fit(hog.view(), &y).unwrap())),
        (Description::Hog, Model::RandomFeatures(waves.fit(hog.view(), &y).unwrap())),
        (Description::Hog, Model::Tree(DecisionTree::default().fit(hog.view(), &y).unwrap())),
        (Description::Hog, Model::Forest(forest.fit(hog.view(), &y).unwrap())),
        (Description::Hog, Model::Boosting(boosting.fit(hog.view(), &y).unwrap())),
    ];
    models
        .into_iter()
        .map(|(description, model)| {
            let samples = if description == Description::Hog { &hog } else { &pixels };
            (Saved { description, model }, samples.clone())
        })
        .collect()
}

#[test]
fn what_is_read_is_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    for (saved, samples) in models() {
        saved.write(&path).unwrap();
        let read = Saved::read(&path).unwrap();
        assert_eq!((read.description, read.model.kind()), (saved.description, saved.model.kind()));
        let answers = |of: &Saved| {
            let model = of.model.classifier();
            (model.predict(samples.view()).unwrap(), model.probabilities(samples.view()).unwrap())
        };
        assert_eq!(answers(&read), answers(&saved), "{}", saved.model.kind());
        assert_eq!(read.encode().unwrap(), saved.encode().unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}

#[test]
fn a_file_that_was_cut_or_changed_is_told_and_never_panics() {
    for (saved, _) in models() {
        let bytes = saved.encode().unwrap();
        for end in (0..bytes.len()).step_by(bytes.len() / 40 + 1) {
            assert!(Saved::decode(&bytes[..end]).is_err(), "{} bytes", end);
        }
        // What is changed in the header is told or changes nothing that is believed.
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        for at in 8..8 + header {
            let mut changed = bytes.clone();
            changed[at] ^= 0x11;
            if let Ok(read) = Saved::decode(&changed) {
                assert_eq!(read.encode().unwrap(), bytes, "byte {at}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let (saved, _) = models().remove(3);
    let bytes = saved.encode().unwrap();
    // Words of the same length, so that the header stays whole.
    let changed = |from: &str, to: &str| {
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
        let mut bytes = bytes.clone();
        bytes[at..][..to.len()].copy_from_slice(to.as_bytes());
        Saved::decode(&bytes).unwrap_err()
    };
    assert!(changed("softmax", "unknown").contains("unknown kind"));
    assert!(changed("softmax hog 3", "softmax hog 4").contains("says 4 classes and has 3"));
    assert!(changed("softmax hog", "softmax all").contains("324 features where all has 2404"));
    assert!(changed("classifiers 1", "classifiers 9").contains("is of version 9"));
    assert!(changed("\"weights\"", "\"weighty\"").contains("has no tensor weights"));
    let mut narrow = models().remove(2).0;
    let Model::NaiveBayes(model) = &mut narrow.model else { panic!("bayes") };
    model.variances[(1, 5)] = 0.0;
    let told = Saved::decode(&narrow.encode().unwrap()).unwrap_err();
    assert!(told.contains("a variance that is not above 0"), "{told}");
    let Model::Softmax(mut model) = saved.model else { panic!("softmax") };
    model.weights.slice_mut(s![0, 0]).fill(f32::NAN);
    let broken = Saved { description: saved.description, model: Model::Softmax(model) };
    let told = Saved::decode(&broken.encode().unwrap()).unwrap_err();
    assert!(told.contains("not finite"), "{told}");
}
