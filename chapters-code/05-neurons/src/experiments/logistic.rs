//! A logistic unit on the pair that no perceptron settled: its gradient held to differences, its loss step by step, and
//! how much its answers wander, beside the perceptron's and those of a unit that takes a step after each garment.

use learning::FashionMnist;
use ndarray::{ArrayView2, Axis};
use notebook::Recorder;
use rand::RngExt as _;

use crate::logistic::sigmoid;
use crate::{Logistic, Perceptron, pair};

/// T-shirt and shirt.
const CLASSES: [u8; 2] = [0, 6];
/// Steps of the unit, and passes of the perceptron.
const STEPS: usize = 150;
/// The last of them, over which the answers are compared.
const LAST: usize = 50;
/// The size of a step.
const RATE: f64 = 0.02;
/// Half the distance of two points of a difference.
const H: f64 = 1e-5;
/// Weights whose derivative is held to a difference.
const CHECKED: usize = 20;

/// Loss and accuracy by step, and the gradient.
pub fn logistic(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let (x, signs) = pair(&data.train, CLASSES, usize::MAX);
    let (new, new_signs) = pair(&data.test, CLASSES, usize::MAX);
    let y: Vec<f64> = signs.iter().map(|sign| (sign + 1.0) / 2.0).collect();
    differences(recorder, x.view(), &y);

    let (mut unit, mut online) = (Logistic::new(x.ncols()), Logistic::new(x.ncols()));
    let mut perceptron = Perceptron::new(x.ncols());
    let mut losses = vec![unit.loss(x.view(), &y)];
    let mut curves: [Vec<f64>; 3] = Default::default();
    for _ in recorder.progress(STEPS as u64, "steps").over(0..STEPS) {
        unit.step(x.view(), &y, RATE);
        garment_by_garment(&mut online, x.view(), &y);
        perceptron.pass(x.view(), &signs);
        losses.push(unit.loss(x.view(), &y));
        let right = [
            accuracy(new.view(), &new_signs, |x| unit.probability(x) > 0.5),
            accuracy(new.view(), &new_signs, |x| online.probability(x) > 0.5),
            accuracy(new.view(), &new_signs, |x| perceptron.predict(x) > 0.0),
        ];
        curves.iter_mut().zip(right).for_each(|(curve, right)| curve.push(right));
    }
    recorder.value("garments", y.len());
    recorder.value("test", new_signs.len());
    recorder.value("steps", STEPS);
    recorder.value("last", LAST);
    recorder.value("rate", RATE);
    recorder.value("loss/first", losses[0]);
    recorder.value("loss/end", losses[STEPS]);
    recorder
        .series("loss", "Step", (0..=STEPS).map(|step| step as f64))
        .curve("loss", losses.iter().copied());
    let falls = losses.windows(2).filter(|two| two[1] < two[0]).count();
    recorder.claim("falls", "The loss falls at every step.").all(falls, STEPS, "steps");
    wandering(recorder, &curves);
    saturation(recorder);
    Ok(())
}

/// One pass of a unit that takes a step after each garment, as the perceptron does.
fn garment_by_garment(unit: &mut Logistic, x: ArrayView2<'_, f64>, y: &[f64]) {
    for (garment, y) in x.axis_chunks_iter(Axis(0), 1).zip(y.chunks(1)) {
        unit.step(garment, y, RATE);
    }
}

/// Held to differences: `(L(w + h) − L(w − h)) / 2h`, weight by weight.
fn differences(recorder: &mut Recorder, x: ArrayView2<'_, f64>, y: &[f64]) {
    let mut rng = recorder.rng();
    let mut unit = Logistic::new(x.ncols());
    unit.weights.mapv_inplace(|_| rng.random_range(-0.1..0.1));
    let (gradient, _) = unit.gradient(x, y);
    let mut worst = 0.0_f64;
    for _ in 0..CHECKED {
        let j = rng.random_range(0..x.ncols());
        let weight = unit.weights[j];
        let mut at = |weight: f64| {
            unit.weights[j] = weight;
            unit.loss(x, y)
        };
        let difference = (at(weight + H) - at(weight - H)) / (2.0 * H);
        unit.weights[j] = weight;
        worst = worst.max((difference - gradient[j]).abs());
    }
    recorder.value("gradient/checked", CHECKED);
    recorder.value("gradient/worst", worst);
    recorder
        .claim("gradient", "The gradient agrees with differences of the loss to eight decimals.")
        .less(worst, 1e-8);
}

/// The share of garments on the right side.
fn accuracy(
    x: ArrayView2<'_, f64>,
    signs: &[f64],
    second: impl Fn(ndarray::ArrayView1<'_, f64>) -> bool,
) -> f64 {
    let right = x.rows().into_iter().zip(signs).filter(|(x, sign)| second(*x) == (**sign > 0.0));
    right.count() as f64 / signs.len().max(1) as f64
}

/// Test accuracy over the last passes: of the unit with a step per pass, with a step per garment, and of the perceptron.
fn wandering(recorder: &mut Recorder, curves: &[Vec<f64>; 3]) {
    let [smooth, online, jumping] = curves;
    recorder
        .series(
            "accuracy",
            "Pass over the training garments",
            (1..=smooth.len()).map(|step| step as f64),
        )
        .curve("logistic unit, a step per pass", smooth.iter().copied())
        .curve("logistic unit, a step per garment", online.iter().copied())
        .curve("perceptron", jumping.iter().copied());
    let range = |all: &Vec<f64>| {
        let last = &all[all.len() - LAST..];
        let low = last.iter().copied().fold(f64::INFINITY, f64::min);
        [low, last.iter().copied().fold(0.0, f64::max)]
    };
    let ranges = curves.each_ref().map(range);
    for (name, [low, high]) in ["unit", "online", "perceptron"].iter().zip(ranges) {
        recorder.value(&format!("{name}/lowest"), low);
        recorder.value(&format!("{name}/highest"), high);
    }
    let [unit, online, perceptron] = ranges.map(|[low, high]| high - low);
    recorder
        .claim("wanders", "Over the last passes the perceptron's test accuracy ranges more than five times as far as that of the logistic unit with a step per pass.")
        .greater(perceptron, 5.0 * unit);
    recorder
        .claim("wanders-less", "Over the last passes the perceptron's test accuracy ranges more than ten times as far as that of the logistic unit with a step per garment.")
        .greater(perceptron, 10.0 * online);
}

/// How small a slope becomes far from the line.
fn saturation(recorder: &mut Recorder) {
    let slope = |z: f64| sigmoid(z) * (1.0 - sigmoid(z));
    recorder.value("slope/0", slope(0.0));
    recorder.value("slope/10", slope(10.0));
}
