//! What do a hundred trees know together that none of them knows?

use learning::{Bootstrap, FashionMnist, correct};
use notebook::Recorder;
use notebook::figure::hex;

use super::pixels;
use crate::trees::{DecisionTree, RandomForest};
use crate::{Classifier as _, Fit as _, Inputs};

/// Sizes of the forest.
const TREES: [usize; 9] = [1, 2, 3, 5, 10, 20, 50, 100, 200];

/// Error against the number of trees, by garments out of the bag and by test garments; what pixels are worth.
pub fn forest(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let (x, y) = (Inputs::Bytes(pixels(&data.train)?), data.train.y());
    let (new, truth) = (Inputs::Bytes(pixels(&data.test)?), data.test.y());
    let mut rng = recorder.rng();
    let whole = RandomForest { trees: TREES[8], seed: 1, ..RandomForest::default() }.fit(x, y)?;
    let (mut unseen, mut test, mut rights) = (Vec::new(), Vec::new(), Vec::new());
    for trees in TREES {
        let some = whole.first(trees);
        let answers = some.out_of_bag(x)?;
        // With few trees some garments were seen by all of them, and nobody can be asked.
        let asked: Vec<f64> = answers
            .iter()
            .zip(y)
            .filter_map(|(answer, y)| answer.map(|answer| f64::from(u8::from(answer != *y))))
            .collect();
        unseen.push(Bootstrap::default().mean(&asked, &mut rng));
        let right = correct(truth, &some.predict(new)?);
        let wrong: Vec<f64> = right.iter().map(|right| 1.0 - right).collect();
        test.push(Bootstrap::default().mean(&wrong, &mut rng));
        rights.push(right);
    }
    recorder
        .series("error", "Trees", TREES.map(|trees| trees as f64))
        .banded("out of the bag", unseen.iter().map(|found| found.band()))
        .banded("test garments", test.iter().map(|found| found.band()));
    for (place, name) in [(0, "one"), (4, "ten"), (7, "hundred"), (8, "most")] {
        recorder.estimate(&format!("{name}/test"), test[place]);
        recorder.estimate(&format!("{name}/out-of-bag"), unseen[place]);
    }
    let alone = DecisionTree::default().fit(x, y)?;
    let alone = correct(truth, &alone.predict(new)?);
    let gain = Bootstrap::default().paired(&rights[7], &alone, &mut rng);
    recorder.estimate("gain/over-tree", gain);
    recorder
        .claim("forest-beats-tree", "A hundred trees are right more often than one tree that saw every garment and every pixel.")
        .above(gain, 0.0);
    let last = Bootstrap::default().paired(&rights[8], &rights[7], &mut rng);
    recorder.estimate("gain/second-hundred", last);
    recorder
        .claim(
            "bag-tells",
            "The error out of the bag lies within a point of the test error, for a hundred trees.",
        )
        .close(unseen[7].estimate, test[7].estimate, 0.01);
    let importance = whole.importance();
    let most = importance.iter().copied().fold(0.0, f64::max);
    let bytes = importance.iter().map(|share| (255.0 * share / most).round() as u8);
    recorder.value("importance", hex(bytes));
    let mut sorted = importance;
    sorted.sort_by(|a, b| b.total_cmp(a));
    let half = sorted.iter().scan(0.0, |sum, share| {
        *sum += share;
        Some(*sum)
    });
    recorder.value("importance/half", 1 + half.take_while(|sum| *sum < 0.5).count());
    Ok(())
}
