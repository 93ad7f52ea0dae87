//! Why ten garments were taken for something else, and whether two models of one accuracy look alike.

use classifiers::trees::RandomForest;
use classifiers::{Classifier as _, Description, Fit as _, Inputs, Softmax, SoftmaxModel};
use learning::bootstrap::mean;
use learning::fashion::CLASSES;
use learning::{Bootstrap, FashionMnist, correct};
use ndarray::{Array2, Axis};
use notebook::figure::hex;
use notebook::{Recorder, Rng};

use crate::explain::{evidence, lead};

/// Errors that are looked at.
pub const WORST: usize = 10;
/// Garments of each of two halves.
const HALF: usize = 5_000;

/// Ten errors of softmax regression on pixels, and whether two models of one accuracy look alike.
pub fn why(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let rows = learning::split::draw(2 * HALF, data.train.len(), &mut rng);
    let train = data.train.select(&rows);
    let x = Description::Pixels.rows(train.images.view());
    let new = Description::Pixels.rows(data.test.images.view());
    let settings = Softmax { c: 0.01, ..Softmax::default() };
    let model = settings.fit(Inputs::Reals(x.view()), train.y())?;
    recorder.value("train", train.len());
    record_worst(recorder, &model, (&new, &data.test), &mut rng)?;
    let forest = RandomForest { seed: 1, ..RandomForest::default() };
    let forest = forest.fit(Inputs::Reals(x.view()), train.y())?;
    let worst = worst(&model, &new, data.test.y())?;
    let theirs = forest.predict(Inputs::Reals(new.view()))?;
    let same = worst.iter().filter(|error| theirs[error.case] == error.answer).count();
    recorder.value("worst/forest-says-so", same);
    record_halves(recorder, (&x, train.y()), (&new, data.test.y()), &mut rng)
}

/// An error, and how sure the model was.
struct Wrong {
    case: usize,
    answer: u8,
    probability: f32,
}

/// The errors in which the model was surest, the surest first.
fn worst(model: &SoftmaxModel, new: &Array2<f32>, truth: &[u8]) -> anyhow::Result<Vec<Wrong>> {
    let p = model.probabilities(Inputs::Reals(new.view()))?.unwrap_or_default();
    let answers = model.predict(Inputs::Reals(new.view()))?;
    let wrong = |(case, (&answer, &truth)): (usize, (&u8, &u8))| {
        let probability = p[(case, usize::from(answer))];
        (answer != truth).then_some(Wrong { case, answer, probability })
    };
    let mut all: Vec<Wrong> = answers.iter().zip(truth).enumerate().filter_map(wrong).collect();
    all.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    all.truncate(WORST);
    Ok(all)
}

/// Pictures of the worst errors and of what spoke for the answer against the truth.
fn record_worst(
    recorder: &mut Recorder,
    model: &SoftmaxModel,
    (new, test): (&Array2<f32>, &learning::Labelled),
    rng: &mut Rng,
) -> anyhow::Result<()> {
    let right = correct(test.y(), &model.predict(Inputs::Reals(new.view()))?);
    recorder.estimate("accuracy", Bootstrap::default().mean(&right, rng));
    let mut off: f64 = 0.0;
    let (mut errors, mut least) = (Vec::new(), 1.0_f32);
    for (place, wrong) in worst(model, new, test.y())?.into_iter().enumerate() {
        let truth = test.y()[wrong.case];
        let row = new.row(wrong.case);
        let parts = evidence(model, row, wrong.answer, truth);
        let ahead = lead(model, row, wrong.answer, truth);
        let intercepts =
            model.intercepts[usize::from(wrong.answer)] - model.intercepts[usize::from(truth)];
        let sum: f64 = parts.iter().map(|part| f64::from(*part)).sum();
        off = off.max((sum + f64::from(intercepts) - ahead).abs());
        let picture = test.images.index_axis(Axis(0), wrong.case);
        recorder.value(&format!("worst/{place}"), hex(picture.iter().copied()));
        recorder.value(&format!("worst/{place}/why"), hex(signed(parts.iter().copied())));
        recorder.value(&format!("worst/{place}/truth"), CLASSES[usize::from(truth)]);
        recorder.value(&format!("worst/{place}/answer"), CLASSES[usize::from(wrong.answer)]);
        recorder.value(&format!("worst/{place}/lead"), ahead);
        let against: f64 = parts.iter().filter(|p| **p < 0.0).map(|p| -f64::from(*p)).sum();
        recorder.value(&format!("worst/{place}/against"), against);
        least = least.min(wrong.probability);
        errors.push((truth, wrong.answer));
    }
    recorder.value("worst", errors.len());
    recorder.value("worst/least", least);
    recorder.value("worst/off", off);
    recorder
        .claim("parts-sum", "What the pixels say for and against each of the worst answers sums, with the intercepts, to the difference of the two scores, within a ten-thousandth.")
        .less(off, 1e-4);
    Ok(())
}

/// Grey is 0, white the largest in size, black its opposite.
fn signed(numbers: impl Iterator<Item = f32> + Clone) -> Vec<u8> {
    let largest = numbers.clone().fold(1e-12, |m: f32, x| m.max(x.abs()));
    numbers.map(|x| (127.5 + 127.5 * x / largest).round() as u8).collect()
}

/// Models of two halves of the garments, with a strong and with a weak penalty: are their weights alike?
fn record_halves(
    recorder: &mut Recorder,
    (x, y): (&Array2<f32>, &[u8]),
    (new, truth): (&Array2<f32>, &[u8]),
    rng: &mut Rng,
) -> anyhow::Result<()> {
    let mut alike = Vec::new();
    for (key, c) in [("strong", 0.01), ("weak", 10.0)] {
        let settings = Softmax { c, ..Softmax::default() };
        let half = |odd: usize| -> anyhow::Result<(SoftmaxModel, Vec<f64>)> {
            let rows: Vec<usize> = (odd..y.len()).step_by(2).collect();
            let labels: Vec<u8> = rows.iter().map(|i| y[*i]).collect();
            let model = settings.fit(Inputs::Reals(x.select(Axis(0), &rows).view()), &labels)?;
            let hits = correct(truth, &model.predict(Inputs::Reals(new.view()))?);
            Ok((model, hits))
        };
        let ((one, first), (other, second)) = (half(0)?, half(1)?);
        let correlation = correlation(&one.weights, &other.weights);
        recorder.value(&format!("halves/{key}/c"), c);
        recorder.value(&format!("halves/{key}/correlation"), correlation);
        recorder.value(&format!("halves/{key}/accuracy"), (mean(&first) + mean(&second)) / 2.0);
        let apart = Bootstrap::default().paired(&first, &second, rng);
        recorder.estimate(&format!("halves/{key}/apart"), apart);
        alike.push(correlation);
    }
    recorder
        .claim("weak-pictures-differ", "Weights of two halves of the garments are less alike with a weak penalty than with a strong one.")
        .less(alike[1], alike[0]);
    Ok(())
}

/// How alike two tables of weights are, from −1 to 1.
fn correlation(a: &Array2<f32>, b: &Array2<f32>) -> f64 {
    let n = a.len() as f64;
    let centre = |w: &Array2<f32>| {
        let mean = w.iter().map(|w| f64::from(*w)).sum::<f64>() / n;
        w.iter().map(|w| f64::from(*w) - mean).collect::<Vec<f64>>()
    };
    let (a, b) = (centre(a), centre(b));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}
