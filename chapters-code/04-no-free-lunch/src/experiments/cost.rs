//! What pipelines cost on all of Fashion-MNIST: operations, seconds, bytes, for the fit and for one decision.

use std::time::Instant;

use classifiers::{Description, RandomFeatures, Softmax};
use features::Hog;
use learning::fashion::SIDE;
use learning::{Bootstrap, FashionMnist, correct};
use notebook::{Chapter, Estimate, Experiment, Format, Recorder, Rng, Table};

use crate::cost::{WATTS, bytes, to_decide, to_describe, to_fit};
use crate::pipelines::{Extractor, Settings};

/// Key and name of each pipeline, in the order of the table.
pub const PRICED: [(&str, &str); 8] = [
    ("bayes", "naive Bayes"),
    ("softmax", "softmax regression"),
    ("svm", "linear SVM"),
    ("tree", "decision tree"),
    ("forest", "random forest"),
    ("waves", "random waves"),
    ("fine", "softmax regression, finer"),
    ("neighbours", "neighbours"),
];

/// Adds the experiment.
pub fn add(chapter: Chapter) -> Chapter {
    let cost = Experiment::new("cost", "What a pipeline and a decision cost", cost);
    chapter.experiment(cost.seed(48).reads(FashionMnist::paths()))
}

/// What describes a garment, and the classifier behind it, with chapter 3's settings.
fn parts(key: &str) -> (Description, Settings) {
    let waves = RandomFeatures {
        features: 1024,
        softmax: Softmax { c: 100.0, ..Softmax::default() },
        ..RandomFeatures::default()
    };
    let each = Settings::each();
    let of = |key: &str| each.iter().find(|s| s.key() == key).copied().unwrap_or(each[2]);
    match key {
        "waves" => (Description::Hog, Settings::Waves(waves)),
        "fine" => (Description::FineHog, of("softmax")),
        "neighbours" => (Description::Pixels, of(key)),
        _ => (Description::Hog, of(key)),
    }
}

/// What one pipeline costs.
struct Price {
    key: &'static str,
    name: String,
    hits: Vec<f64>,
    /// Operations: to describe, to decide, to fit.
    operations: [f64; 3],
    bytes: usize,
}

impl Price {
    fn decision(&self) -> f64 {
        self.operations[0] + self.operations[1]
    }
}

/// Fits the pipelines to all garments, and asks each about all test garments.
pub fn cost(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let progress = recorder.progress(PRICED.len() as u64, "pipelines");
    let mut prices = Vec::new();
    for (key, name) in progress.over(PRICED) {
        let (price, seconds) = price(key, name, &data)?;
        for (what, seconds) in ["describe", "fit", "decide"].into_iter().zip(seconds) {
            recorder.timing(&format!("{what}/{key}"), seconds);
        }
        prices.push(price);
    }
    drop(progress);
    recorder.value("train", data.train.len());
    recorder.value("test", data.test.len());
    recorder.value("watts/least", WATTS[0]);
    recorder.value("watts/most", WATTS[1]);
    record(recorder, &prices, data.train.len(), &mut rng);
    Ok(())
}

/// A price, and seconds: to describe the training garments, to fit, and for one decision with its description.
fn price(key: &'static str, name: &str, data: &FashionMnist) -> anyhow::Result<(Price, [f64; 3])> {
    let (description, settings) = parts(key);
    let start = Instant::now();
    let x = description.samples(data.train.images.view());
    let describe = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let model = settings.fit(x.view(), data.train.y())?;
    let fit = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let new = description.samples(data.test.images.view());
    let answers = model.classifier().predict(new.view())?;
    let decide = start.elapsed().as_secs_f64() / data.test.len() as f64;
    let hog = |cell| anyhow::Ok(Extractor::Hog(Hog::new(9, (cell, cell), (2, 2))?));
    let extractor = match description {
        Description::Pixels => Extractor::Pixels,
        Description::FineHog => hog(4)?,
        _ => hog(7)?,
    };
    let few = new.view().range(0..1000).to_reals();
    let price = Price {
        key,
        name: format!("{}, {name}", description.title()),
        hits: correct(data.test.y(), &answers),
        operations: [
            to_describe(extractor, SIDE) as f64,
            to_decide(&model, few.view()),
            to_fit(&settings, &model, data.train.len()),
        ],
        bytes: bytes(&model),
    };
    Ok((price, [describe, fit, decide]))
}

fn record(recorder: &mut Recorder, prices: &[Price], garments: usize, rng: &mut Rng) {
    let mut table = Table::new([
        "Pipeline",
        "Accuracy | percent 1",
        "To fit | count 1",
        "To describe | count 1",
        "To decide | count 1",
        "Bytes learned | bytes 1",
    ]);
    for price in prices {
        let key = price.key;
        let accuracy = Bootstrap::default().mean(&price.hits, rng);
        recorder.estimate(&format!("accuracy/{key}"), accuracy);
        recorder.value(&format!("operations/{key}"), price.decision());
        recorder.value(&format!("training/{key}"), price.operations[2]);
        recorder.value(&format!("training-each/{key}"), price.operations[2] / garments as f64);
        recorder.value(&format!("bytes/{key}"), price.bytes);
        table.row([
            price.name.as_str().into(),
            accuracy.estimate.into(),
            price.operations[2].into(),
            price.operations[0].into(),
            price.operations[1].into(),
            price.bytes.into(),
        ]);
    }
    recorder.table("prices", table);
    let of = |key: &str| prices.iter().find(|price| price.key == key);
    if let (Some(neighbours), Some(softmax), Some(fine)) =
        (of("neighbours"), of("softmax"), of("fine"))
    {
        let others = prices.iter().filter(|price| price.key != "neighbours");
        claims(recorder, neighbours, [softmax, fine], others.map(Price::decision).sum(), rng);
    }
}

/// What is dear, and whether it is worth it.
fn claims(
    recorder: &mut Recorder,
    neighbours: &Price,
    [softmax, fine]: [&Price; 2],
    others: f64,
    rng: &mut Rng,
) {
    recorder.value("operations/others", others);
    recorder.value("seeing/softmax", softmax.operations[0]);
    recorder.value("deciding/softmax", softmax.operations[1]);
    let bootstrap = Bootstrap::default();
    recorder.estimate(
        "gain/softmax-over-neighbours",
        bootstrap.paired(&softmax.hits, &neighbours.hits, rng),
    );
    let better = bootstrap.paired(&fine.hits, &neighbours.hits, rng);
    recorder.estimate("gain/fine-over-neighbours", better);
    recorder
        .claim("cheaper-and-better", "Softmax regression on finer gradients takes fewer operations for a decision than neighbours of pixels, and is right more often, by an interval above zero.")
        .record(
            better.low > 0.0 && fine.decision() < neighbours.decision(),
            format!(
                "{} against {} operations; {} more right",
                fine.decision(),
                neighbours.decision(),
                Estimate::from(better).in_words(Format::Points(1)),
            ),
        );
}
