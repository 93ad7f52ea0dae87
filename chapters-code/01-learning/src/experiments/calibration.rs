//! Does 90 per cent mean 90 per cent? Probabilities from the nearest mean, before and after their
//! temperature is fitted on garments kept aside for it.

use ndarray::Axis;
use notebook::Recorder;

use crate::calibration::{
    calibration_error, confidences, fit_temperature, log_losses, reliability, softmax,
};
use crate::{Bootstrap, FashionMnist, Interval, NearestMean, split};

/// Bins of the reliability curve.
const BINS: usize = 15;

/// Reliability, calibration error and log-loss at temperature 1 and at the fitted one.
pub fn calibration(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    // ANCHOR: fit
    let parts = split::stratified(data.train.y(), &[5.0 / 6.0, 1.0 / 6.0], &mut rng);
    let [train, validation] = [&parts[0], &parts[1]].map(|rows| data.train.select(rows));
    let rule = NearestMean::fit(train.x().view(), train.y());
    let temperature =
        fit_temperature(rule.squared_distances(validation.x().view()).view(), validation.y());
    // ANCHOR_END: fit
    recorder.value("validation", validation.len());
    recorder.value("temperature", temperature);
    recorder.value("bins", BINS);
    let distances = rule.squared_distances(data.test.x().view());
    let truth = data.test.y();
    let mut found = Vec::new();
    for (name, t) in [("before", 1.0), ("after", temperature)] {
        let p = softmax(distances.view(), t);
        let cases = confidences(p.view(), truth);
        let losses = log_losses(p.view(), truth);
        let bins = reliability(&cases, BINS);
        let right = cases.iter().filter(|(_, right)| *right).count();
        let filled = bins.iter().filter(|bin| bin.count > 0);
        recorder
            .series(
                &format!("reliability/{name}"),
                "Confidence",
                filled.clone().map(|bin| bin.confidence),
            )
            .curve("share right", filled.clone().map(|bin| bin.accuracy))
            .curve("cases", filled.map(|bin| bin.count as f64));
        let error =
            Bootstrap { resamples: 500, level: 0.95 }.statistic(cases.len(), &mut rng, |drawn| {
                calibration_error(&reliability(
                    &drawn.iter().map(|&i| cases[i]).collect::<Vec<_>>(),
                    BINS,
                ))
            });
        let loss = Bootstrap::default().mean(&losses, &mut rng);
        recorder.estimate(&format!("{name}/error"), error);
        recorder.estimate(&format!("{name}/log-loss"), loss);
        recorder.value(&format!("{name}/accuracy"), right as f64 / cases.len() as f64);
        let confidence =
            cases.iter().map(|(confidence, _)| confidence).sum::<f64>() / cases.len() as f64;
        recorder.value(&format!("{name}/confidence"), confidence);
        let sure: Vec<bool> =
            cases.iter().filter(|(c, _)| *c > 0.9).map(|(_, right)| *right).collect();
        recorder.value(&format!("{name}/sure"), sure.len() as f64 / cases.len() as f64);
        let right_when_sure =
            sure.iter().filter(|right| **right).count() as f64 / sure.len().max(1) as f64;
        recorder.value(&format!("{name}/right-when-sure"), right_when_sure);
        found.push((right, error, losses));
    }
    recorder.value("guess/log-loss", (rule.means.len_of(Axis(0)) as f64).ln());
    claims(recorder, &found, &mut rng);
    Ok(())
}

fn claims(recorder: &mut Recorder, found: &[(usize, Interval, Vec<f64>)], rng: &mut notebook::Rng) {
    let [before, after] = found else { return };
    recorder
        .claim(
            "same-answers",
            "The temperature changes no answer: as many are right before as after.",
        )
        .equal(before.0, after.0);
    recorder
        .claim(
            "overconfident",
            "After fitting, the calibration error is less than a third of what it was.",
        )
        .less(after.1.estimate, before.1.estimate / 3.0);
    let gain = Bootstrap::default().paired(&before.2, &after.2, rng);
    recorder.estimate("gain/log-loss", gain);
    recorder
        .claim(
            "loss-falls",
            "Fitting the temperature lowers the log-loss on garments that it was not fitted on.",
        )
        .record(
            gain.low > 0.0,
            format!("by {:.3} nats ({:.3} to {:.3})", gain.estimate, gain.low, gain.high),
        );
}
