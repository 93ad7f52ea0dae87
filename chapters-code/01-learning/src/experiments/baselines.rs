//! Three rules on the test garments: always the same answer, the nearest mean, the nearest neighbour.

use notebook::{Recorder, Table};

use super::{estimate, fashion, in_points};
use crate::fashion::CLASSES;
use crate::{Bootstrap, Confusion, Majority, NearestMean, NearestNeighbour, correct};

/// Accuracy of each rule with its interval, paired differences, and what the best of them confuses.
pub fn baselines(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = fashion(recorder)?;
    let (x, y) = (data.train.x(), data.train.y());
    let (new, truth) = (data.test.x(), data.test.y());
    // ANCHOR: three
    let answers = [
        ("majority", Majority::fit(y).predict(truth.len())),
        ("nearest-mean", NearestMean::fit(x.view(), y).predict(new.view())),
        ("nearest-neighbour", NearestNeighbour::fit(x.view(), y).predict(new.view())),
    ];
    let mut rng = recorder.rng();
    let right = answers.each_ref().map(|(_, answer)| correct(truth, answer));
    for ((rule, _), right) in answers.iter().zip(&right) {
        let accuracy = Bootstrap::default().mean(right, &mut rng);
        estimate(recorder, rule, accuracy);
    }
    // ANCHOR_END: three
    let [majority, mean, neighbour] = &right;
    let gain = Bootstrap::default().paired(mean, majority, &mut rng);
    estimate(recorder, "gain/mean-over-majority", gain);
    recorder
        .claim(
            "mean-beats-majority",
            "The nearest mean is right more often than the majority class.",
        )
        .record(gain.low > 0.0, in_points(gain));
    let gain = Bootstrap::default().paired(neighbour, mean, &mut rng);
    estimate(recorder, "gain/neighbour-over-mean", gain);
    recorder
        .claim(
            "neighbour-beats-mean",
            "The nearest neighbour is right more often than the nearest mean.",
        )
        .record(gain.low > 0.0, in_points(gain));
    unpaired(recorder, neighbour, mean, &mut rng);
    confusion(recorder, truth, &answers[2].1);
    Ok(())
}

/// How wide is the interval of a difference where the pairing is thrown away?
fn unpaired(recorder: &mut Recorder, a: &[f64], b: &[f64], rng: &mut notebook::Rng) {
    let small = 1000.min(a.len());
    let (a, b) = (&a[..small], &b[..small]);
    let paired = Bootstrap::default().paired(a, b, rng);
    let width = |i: crate::Interval| i.high - i.low;
    let apart = [a, b].map(|values| width(Bootstrap::default().mean(values, rng)));
    // The variances of two independent samples add.
    let unpaired = apart[0].hypot(apart[1]);
    recorder.value("width/paired", width(paired));
    recorder.value("width/unpaired", unpaired);
    recorder.value("width/cases", small);
    recorder
        .claim(
            "pairing-helps",
            "The interval of the difference is narrower when the cases are paired.",
        )
        .less(width(paired), unpaired);
}

/// The confusion matrix of the nearest neighbour, and what it says of each class.
fn confusion(recorder: &mut Recorder, truth: &[u8], answer: &[u8]) {
    let confusion = Confusion::of(truth, answer);
    let heads: Vec<String> = CLASSES.iter().map(|class| format!("{class} | int")).collect();
    let mut table = Table::new(std::iter::once("Class").chain(heads.iter().map(String::as_str)));
    for (class, row) in CLASSES.iter().zip(&confusion.counts) {
        table.row(std::iter::once((*class).into()).chain(row.iter().map(|&count| count.into())));
    }
    recorder.table("confusion", table);
    let mut table =
        Table::new(["Class", "Precision | fixed 3", "Recall | fixed 3", "F1 | fixed 3"]);
    for (label, class) in CLASSES.iter().enumerate() {
        let [p, r, f] = [confusion.precision(label), confusion.recall(label), confusion.f1(label)];
        table.row([(*class).into(), p.into(), r.into(), f.into()]);
    }
    recorder.table("by-class", table);
    recorder.value("macro-f1", confusion.macro_f1());
    let recalls: Vec<f64> = (0..CLASSES.len()).map(|class| confusion.recall(class)).collect();
    let mut order: Vec<usize> = (0..recalls.len()).collect();
    order.sort_by(|&a, &b| recalls[a].total_cmp(&recalls[b]));
    let (worst, best) = (order[0], order[order.len() - 1]);
    recorder.value("worst/class", CLASSES[worst]);
    recorder.value("worst/recall", recalls[worst]);
    recorder.value("worst/precision", confusion.precision(worst));
    recorder.value("best/class", CLASSES[best]);
    recorder.value("best/recall", recalls[best]);
    recorder
        .claim(
            "classes-differ",
            "The best recognised class is found half as often again as the worst, or more.",
        )
        .greater(recalls[best], 1.5 * recalls[worst]);
    let pairs = (0..10).flat_map(|t| (0..10).filter(move |p| *p != t).map(move |p| (t, p)));
    if let Some((t, p)) = pairs.max_by_key(|&(t, p)| (confusion.counts[t][p], t)) {
        recorder.value("confused/truth", CLASSES[t]);
        recorder.value("confused/taken-for", CLASSES[p]);
        recorder.value("confused/count", confusion.counts[t][p]);
    }
}
