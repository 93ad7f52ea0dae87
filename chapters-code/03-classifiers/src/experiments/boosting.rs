//! Trees that correct each other against trees that are asked together, on ten thousand garments.

use learning::{Bootstrap, FashionMnist, correct};
use notebook::Recorder;

use super::pixels;
use crate::trees::{GradientBoosting, RandomForest};
use crate::{Classifier as _, Fit as _, Inputs};

/// Rounds after which is looked.
const ROUNDS: [usize; 9] = [1, 2, 5, 10, 20, 40, 60, 80, 100];
/// Training garments.
const GARMENTS: usize = 10_000;

/// Loss and error after each round, beside a forest of as many trees.
pub fn boosting(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let train = data.train.select(&(0..GARMENTS).collect::<Vec<_>>());
    let (x, y) = (Inputs::Bytes(pixels(&train)?), train.y());
    let (new, truth) = (Inputs::Bytes(pixels(&data.test)?), data.test.y());
    let mut rng = recorder.rng();
    let settings = GradientBoosting { rounds: ROUNDS[8], ..GradientBoosting::default() };
    let whole = settings.fit(x, y)?;
    let (mut losses, mut errors, mut rights) = (Vec::new(), Vec::new(), Vec::new());
    for rounds in ROUNDS {
        let some = whole.first(rounds);
        let p = some.probabilities(new)?.unwrap_or_default();
        losses.push(learning::calibration::log_loss(p.mapv(f64::from).view(), truth));
        let right = correct(truth, &some.predict(new)?);
        let wrong: Vec<f64> = right.iter().map(|right| 1.0 - right).collect();
        errors.push(Bootstrap::default().mean(&wrong, &mut rng));
        rights.push(right);
    }
    let x_axis = || ROUNDS.map(|rounds| rounds as f64);
    recorder
        .series("loss", "Rounds", x_axis())
        .curve("training garments", ROUNDS.map(|rounds| whole.losses()[rounds]))
        .curve("test garments", losses.iter().copied());
    recorder
        .series("error", "Rounds", x_axis())
        .banded("test garments", errors.iter().map(|found| found.band()));
    recorder.value("garments", GARMENTS);
    recorder.value("loss/train", whole.losses()[ROUNDS[8]]);
    recorder.value("loss/test", losses[8]);
    let lowest = (0..ROUNDS.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b])).unwrap_or(0);
    recorder.value("lowest/rounds", ROUNDS[lowest]);
    recorder.value("lowest/loss", losses[lowest]);
    recorder.estimate("lowest/test", errors[lowest]);
    recorder
        .claim(
            "loss-turns",
            "The loss on test garments is larger after the last round than at its lowest.",
        )
        .greater(losses[8], losses[lowest]);
    recorder.estimate("test", errors[8]);
    let trees = whole.rounds().iter().map(Vec::len).sum::<usize>();
    recorder.value("trees", trees);
    let forest = RandomForest { trees, seed: 1, ..RandomForest::default() }.fit(x, y)?;
    let forest = correct(truth, &forest.predict(new)?);
    let wrong: Vec<f64> = forest.iter().map(|right| 1.0 - right).collect();
    recorder.estimate("forest/test", Bootstrap::default().mean(&wrong, &mut rng));
    let gain = Bootstrap::default().paired(&rights[8], &forest, &mut rng);
    recorder.estimate("gain/over-forest", gain);
    recorder
        .claim(
            "boosting-beats-forest",
            "Boosting is right more often than a forest of as many trees.",
        )
        .above(gain, 0.0);
    recorder
        .claim("gap-opens", "After all rounds the loss on test garments is more than ten times that on training garments.")
        .greater(losses[8], 10.0 * whole.losses()[ROUNDS[8]]);
    Ok(())
}
