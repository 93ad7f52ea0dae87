//! Three rules on the test garments: always the same answer, the nearest mean, the nearest neighbour.

use notebook::{Recorder, Table};

use crate::fashion::CLASSES;
use crate::{Bootstrap, Confusion, FashionMnist, Majority, NearestMean, NearestNeighbour, correct};

/// Accuracy of each rule with its interval, paired differences, and what the best of them confuses.
pub fn baselines(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let (x, y) = (data.train.x(), data.train.y());
    let (new, truth) = (data.test.x(), data.test.y());
    // ANCHOR: three
    let answers = [
        ("majority", Majority::fit(y).predict(truth.len())),
        ("nearest-mean", NearestMean::fit(x.view(), y).predict(new.view())),
        ("nearest-neighbour", NearestNeighbour::fit(x.view(), y).predict(new.view())),
    ];
    // ANCHOR_END: three
    let mut rng = recorder.rng();
    let right = answers.each_ref().map(|(_, answer)| correct(truth, answer));
    for ((rule, _), right) in answers.iter().zip(&right) {
        let accuracy = Bootstrap::default().mean(right, &mut rng);
        recorder.estimate(rule, accuracy);
    }
    let [majority, mean, neighbour] = &right;
    let gain = Bootstrap::default().paired(mean, majority, &mut rng);
    recorder.estimate("gain/mean-over-majority", gain);
    recorder
        .claim(
            "mean-beats-majority",
            "The nearest mean is right more often than the majority class.",
        )
        .above(gain, 0.0);
    let gain = Bootstrap::default().paired(neighbour, mean, &mut rng);
    recorder.estimate("gain/neighbour-over-mean", gain);
    recorder
        .claim(
            "neighbour-beats-mean",
            "The nearest neighbour is right more often than the nearest mean.",
        )
        .above(gain, 0.0);
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
    let heads = CLASSES.iter().map(|class| format!("{class} | int"));
    let mut table = Table::new(std::iter::once("Class".to_owned()).chain(heads));
    for (class, row) in CLASSES.iter().zip(&confusion.counts) {
        table.row(std::iter::once((*class).into()).chain(row.iter().map(|&count| count.into())));
    }
    recorder.table("confusion", table);
    recorder.table("by-class", confusion.by_class(&CLASSES));
    recorder.value("macro-f1", confusion.macro_f1());
    let order = confusion.worst_first();
    let (worst, best) = (order[0], order[order.len() - 1]);
    recorder.value("worst/class", CLASSES[worst]);
    recorder.value("worst/recall", confusion.recall(worst));
    recorder.value("worst/precision", confusion.precision(worst));
    recorder.value("best/class", CLASSES[best]);
    recorder.value("best/recall", confusion.recall(best));
    recorder
        .claim(
            "classes-differ",
            "The best recognised class is found half as often again as the worst, or more.",
        )
        .greater(confusion.recall(best), 1.5 * confusion.recall(worst));
    let k = CLASSES.len();
    let pairs = (0..k).flat_map(|t| (0..k).filter(move |p| *p != t).map(move |p| (t, p)));
    if let Some((t, p)) = pairs.max_by_key(|&(t, p)| (confusion.counts[t][p], t)) {
        recorder.value("confused/truth", CLASSES[t]);
        recorder.value("confused/taken-for", CLASSES[p]);
        recorder.value("confused/count", confusion.counts[t][p]);
    }
}
