//! The filters that read the photograph: colour or grey, and of what kind.

use convolution::filters::{self, Filter, KINDS};
use learning::Bootstrap;
use notebook::Recorder;

use crate::lite0::Weights;

/// A filter with less energy than this share of the largest answers next to nothing, and is not counted.
pub const FAINT: f64 = 1e-3;

/// Counts what the filters of the stem are made of.
pub fn filters(recorder: &mut Recorder) -> anyhow::Result<()> {
    let weights = Weights::of(recorder)?;
    let stem = &weights.convolutions[0];
    let all: Vec<Vec<f64>> =
        stem.weight.chunks(27).map(|w| w.iter().map(|&w| f64::from(w)).collect()).collect();
    let names: Vec<String> = (0..all.len()).map(|i| format!("filter {i}")).collect();
    let series = recorder.series("filters", "Place", (0..27).map(f64::from));
    for (name, filter) in names.iter().zip(&all) {
        series.curve(name, filter.iter().copied());
    }
    let most = all.iter().map(|w| energy(w)).fold(0.0, f64::max);
    let heard: Vec<&Vec<f64>> = all.iter().filter(|w| energy(w) > FAINT * most).collect();
    recorder.value("count", all.len());
    recorder.value("heard", heard.len());
    recorder.value("faint", all.len() - heard.len());
    let (mut rng, bootstrap) = (recorder.rng(), Bootstrap::default());
    let colour: Vec<f64> = heard.iter().map(|w| outside_grey(w)).collect();
    recorder.estimate("colour", bootstrap.mean(&colour, &mut rng));
    let mostly = colour.iter().filter(|share| **share > 0.5).count();
    let hardly = colour.iter().filter(|share| **share < 0.1).count();
    recorder.value("colour/mostly", mostly);
    recorder.value("colour/hardly", hardly);
    recorder.value("colour/by-chance", 2.0 / 3.0);
    recorder
        .claim(
            "less-colour-than-chance",
            "The filters have less of their energy outside grey than random numbers would.",
        )
        .below(bootstrap.mean(&colour, &mut rng), 2.0 / 3.0);
    record_kinds(recorder, &heard);
    Ok(())
}

/// What the grey parts are made of, for all filters and for those that are mostly grey.
fn record_kinds(recorder: &mut Recorder, heard: &[&Vec<f64>]) {
    let (mut rng, bootstrap) = (recorder.rng(), Bootstrap::default());
    let greys: Vec<Filter> = heard.iter().map(|w| grey(w)).collect();
    let mostly: Vec<Filter> =
        heard.iter().filter(|w| outside_grey(w) < 0.5).map(|w| grey(w)).collect();
    recorder.value("grey/count", mostly.len());
    for (key, some) in [("all", &greys), ("grey", &mostly)] {
        for (kind, name) in KINDS.iter().enumerate() {
            let shares: Vec<f64> = some.iter().map(|f| filters::shares(f)[kind]).collect();
            let key = format!("{key}/{}", name.replace(' ', "-"));
            recorder.estimate(&key, bootstrap.mean(&shares, &mut rng));
        }
    }
    for (kind, key) in [(1, "gradient"), (2, "second")] {
        recorder.value(&format!("{key}/by-chance"), (kind as f64 + 1.0) / 9.0);
    }
    let second: Vec<f64> = greys.iter().map(|f| filters::shares(f)[2]).collect();
    recorder
        .claim("second-differences", "The grey parts of the filters are more second difference than random numbers would be.")
        .above(bootstrap.mean(&second, &mut rng), 1.0 / 3.0);
}

fn energy(w: &[f64]) -> f64 {
    w.iter().map(|w| w * w).sum()
}

// ANCHOR: outside_grey
/// The part of a filter of `3 × 9` numbers that is the same for red, green
/// and blue.
fn grey(w: &[f64]) -> Filter {
    std::array::from_fn(|k| (w[k] + w[9 + k] + w[18 + k]) / 3.0)
}

/// The share of a filter's energy that an answer to greys alone would leave
/// out.
fn outside_grey(w: &[f64]) -> f64 {
    1.0 - 3.0 * energy(&grey(w)) / energy(w)
}
// ANCHOR_END: outside_grey
