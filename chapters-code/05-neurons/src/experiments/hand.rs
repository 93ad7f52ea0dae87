//! Three cases on paper: every correction of the perceptron, its bound, and the gradient of the logistic unit.

use ndarray::{Array1, Array2};
use notebook::{Recorder, Scalar, Table};

use crate::perceptron::{margin, most_mistakes, radius, widest};
use crate::{Logistic, Perceptron};

/// Three cases of two features, and their signs.
pub const CASES: [([f64; 2], f64); 3] = [([2.0, 1.0], 1.0), ([0.0, 2.0], -1.0), ([1.0, 1.0], -1.0)];

/// What the pages call them.
const NAMES: [&str; 3] = ["A", "B", "C"];
/// The logistic unit that is looked at.
const UNIT: ([f64; 2], f64) = ([1.0, -1.0], 0.5);

/// The cases with a first feature of 1, and their signs.
fn cases() -> (Array2<f64>, Vec<f64>) {
    let x = Array2::from_shape_fn((3, 3), |(i, j)| if j == 0 { 1.0 } else { CASES[i].0[j - 1] });
    (x, CASES.iter().map(|case| case.1).collect())
}

/// The perceptron's run and a logistic unit's gradient.
pub fn hand(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (x, y) = cases();
    let run = corrections(recorder, &x, &y);
    let best = widest(x.view(), &y, 0.999, 100_000);
    let longest = radius(x.view());
    recorder.value("radius-squared", longest * longest);
    recorder.value("margin", best.margin);
    recorder.value("bound", most_mistakes(longest, best.margin));
    recorder.value("found/margin", margin(x.view(), &y, run.perceptron.weights.view()));
    recorder.value("passes", run.passes);
    recorder.value("mistakes", run.mistakes);
    recorder
        .claim(
            "within-bound",
            "On the three cases the perceptron makes fewer mistakes than the bound allows.",
        )
        .less(run.mistakes as f64, most_mistakes(longest, best.margin));
    unit(recorder);
    Ok(())
}

/// `(1, 2, −1)`, as the pages write a vector of whole numbers.
fn vector(w: &Array1<f64>) -> String {
    let number = |w: &f64| format!("{}{}", if *w < 0.0 { "−" } else { "" }, w.abs());
    format!("({})", w.iter().map(number).collect::<Vec<_>>().join(", "))
}

/// Every case that is shown, with the weights before and after it.
fn corrections(recorder: &mut Recorder, x: &Array2<f64>, y: &[f64]) -> crate::Run {
    let run = Perceptron::fit(x.view(), y, 100);
    let mut table = Table::new([
        "Pass | int",
        "Case",
        "Weights (b, w₁, w₂)",
        "w · x | int",
        "y (w · x) | int",
        "What happens",
        "New weights",
    ]);
    let mut perceptron = Perceptron::new(3);
    for pass in 1..=run.passes {
        for (i, case) in x.rows().into_iter().enumerate() {
            let (before, sum) = (vector(&perceptron.weights), perceptron.weights.dot(&case));
            let row = x.slice(ndarray::s![i..=i, ..]);
            let happens = match (perceptron.pass(row, &y[i..=i]), y[i] > 0.0) {
                (0, _) => "right",
                (_, true) => "add x",
                (_, false) => "subtract x",
            };
            table.row([
                pass.into(),
                NAMES[i].into(),
                before.into(),
                sum.into(),
                (y[i] * sum).into(),
                happens.into(),
                Scalar::from(vector(&perceptron.weights)),
            ]);
        }
    }
    recorder.table("corrections", table);
    recorder.value("weights", vector(&run.perceptron.weights));
    run
}

/// Loss and gradient of one logistic unit on the three cases.
fn unit(recorder: &mut Recorder) {
    let (weights, bias) = UNIT;
    let unit = Logistic { weights: Array1::from(weights.to_vec()), bias };
    let x = Array2::from_shape_fn((3, 2), |(i, j)| CASES[i].0[j]);
    let truth: Vec<f64> = CASES.iter().map(|case| f64::midpoint(case.1, 1.0)).collect();
    let mut table = Table::new([
        "Case",
        "z | fixed 1",
        "p | fixed 4",
        "y | int",
        "p − y | fixed 4",
        "(p − y) x₁ | fixed 4",
        "(p − y) x₂ | fixed 4",
    ]);
    for (i, case) in x.rows().into_iter().enumerate() {
        let (z, p) = (unit.weights.dot(&case) + bias, unit.probability(case));
        let error = p - truth[i];
        let numbers = [z, p, truth[i], error, error * case[0], error * case[1]];
        recorder.value(&format!("unit/{}/p", NAMES[i]), p);
        recorder.value(&format!("unit/{}/w1", NAMES[i]), error * case[0]);
        table.row(std::iter::once(NAMES[i].into()).chain(numbers.map(Scalar::from)));
    }
    recorder.table("unit", table);
    let (gradient, of_bias) = unit.gradient(x.view(), &truth);
    let loss = unit.loss(x.view(), &truth);
    recorder.value("unit/loss", loss);
    for (key, slope) in [("w1", gradient[0]), ("w2", gradient[1]), ("b", of_bias)] {
        recorder.value(&format!("unit/d/{key}"), slope);
    }
    let mut moved = unit.clone();
    moved.step(x.view(), &truth, 1.0);
    recorder.value("unit/after", moved.loss(x.view(), &truth));
    recorder
        .claim(
            "unit-step",
            "A step against the gradient lowers the unit's loss on the three cases.",
        )
        .less(moved.loss(x.view(), &truth), loss);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_those_that_the_page_works_out() {
        let (x, y) = cases();
        let run = Perceptron::fit(x.view(), &y, 100);
        assert_eq!(run.perceptron.weights.to_vec(), [-1.0, 2.0, -2.0]);
        assert_eq!((run.mistakes, run.passes), (5, 3));
    }
}
