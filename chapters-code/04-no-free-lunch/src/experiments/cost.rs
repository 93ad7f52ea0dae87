//! What pipelines cost on all of Fashion-MNIST: operations, seconds, bytes, for the fit and for one decision.

use std::time::Instant;

use classifiers::{Description, RandomFeatures, Softmax};
use features::Hog;
use learning::fashion::SIDE;
use learning::{Bootstrap, FashionMnist, Labelled, correct};
use notebook::{Chapter, Experiment, Recorder, Rng, Table};

use crate::cost::{WATTS, bytes, to_decide, to_describe, to_fit};
use crate::pipelines::{Extractor, Settings};

/// Pipelines in the order of the table.
pub const PRICED: [&str; 7] = ["bayes", "softmax", "svm", "tree", "forest", "waves", "neighbours"];
/// Training garments: as many as the network of chapter 9 has.
const GARMENTS: usize = 60_000;

/// Adds the experiment.
pub fn add(chapter: Chapter) -> Chapter {
    let cost = Experiment::new("cost", "What a pipeline and a decision cost", cost);
    chapter.experiment(cost.seed(48).reads(FashionMnist::paths()))
}

/// What a garment is described by in front of a classifier.
fn description(settings: &Settings) -> Description {
    match settings {
        Settings::Neighbours(_) => Description::Pixels,
        _ => Description::Hog,
    }
}

/// The classifiers, with chapter 3's settings.
fn settings() -> Vec<Settings> {
    let waves = RandomFeatures {
        features: 1024,
        softmax: Softmax { c: 100.0, ..Softmax::default() },
        ..RandomFeatures::default()
    };
    let mut all = Settings::each();
    all.iter_mut().filter(|s| s.key() == "waves").for_each(|s| *s = Settings::Waves(waves));
    let of = |key: &&str| all.iter().find(|s| s.key() == *key).copied();
    PRICED.iter().filter_map(of).collect()
}

/// What one pipeline costs.
struct Price {
    settings: Settings,
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

/// Fits seven pipelines to all garments, and asks each about all test garments.
pub fn cost(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let train = data.train.select(&(0..GARMENTS).collect::<Vec<_>>());
    let mut rng = recorder.rng();
    let all = settings();
    let progress = recorder.progress(all.len() as u64, "pipelines");
    let prices = progress
        .over(all)
        .map(|settings| price(settings, &train, &data.test))
        .collect::<anyhow::Result<Vec<_>>>()?;
    drop(progress);
    let prices: Vec<Price> = prices
        .into_iter()
        .map(|(price, seconds)| {
            let key = price.settings.key();
            for (what, seconds) in ["describe", "fit", "decide"].into_iter().zip(seconds) {
                recorder.timing(&format!("{what}/{key}"), seconds);
            }
            price
        })
        .collect();
    recorder.value("train", train.len());
    recorder.value("test", data.test.len());
    recorder.value("watts/least", WATTS[0]);
    recorder.value("watts/most", WATTS[1]);
    record(recorder, &prices, &mut rng);
    Ok(())
}

/// A price, and seconds: to describe the training garments, to fit, and for one decision with its description.
fn price(
    settings: Settings,
    train: &Labelled,
    test: &Labelled,
) -> anyhow::Result<(Price, [f64; 3])> {
    let description = description(&settings);
    let start = Instant::now();
    let x = description.samples(train.images.view());
    let describe = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let model = settings.fit(x.view(), train.y())?;
    let fit = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let new = description.samples(test.images.view());
    let answers = model.predict(new.view())?;
    let decide = start.elapsed().as_secs_f64() / test.len() as f64;
    let extractor = match description {
        Description::Pixels => Extractor::Pixels,
        _ => Extractor::Hog(Hog::new(9, (7, 7), (2, 2))?),
    };
    let few = new.view().range(0..1000).to_reals();
    let price = Price {
        settings,
        hits: correct(test.y(), &answers),
        operations: [
            to_describe(extractor, SIDE) as f64,
            to_decide(&model, few.view()),
            to_fit(&settings, &model, train.len()),
        ],
        bytes: bytes(&model),
    };
    Ok((price, [describe, fit, decide]))
}

fn record(recorder: &mut Recorder, prices: &[Price], rng: &mut Rng) {
    let mut table = Table::new([
        "Pipeline",
        "Accuracy | percent 1",
        "To fit | count 1",
        "To describe | count 1",
        "To decide | count 1",
        "Bytes learned | bytes 1",
    ]);
    for price in prices {
        let key = price.settings.key();
        let accuracy = Bootstrap::default().mean(&price.hits, rng);
        recorder.estimate(&format!("accuracy/{key}"), accuracy);
        recorder.value(&format!("operations/{key}"), price.decision());
        recorder.value(&format!("training/{key}"), price.operations[2]);
        recorder.value(&format!("bytes/{key}"), price.bytes);
        let input = if key == "neighbours" { "pixels" } else { "HOG" };
        table.row([
            format!("{input}, {}", price.settings.name()).into(),
            accuracy.estimate.into(),
            price.operations[2].into(),
            price.operations[0].into(),
            price.operations[1].into(),
            price.bytes.into(),
        ]);
    }
    recorder.table("prices", table);
    let of = |key: &str| prices.iter().find(|price| price.settings.key() == key);
    let (Some(neighbours), Some(softmax)) = (of("neighbours"), of("softmax")) else { return };
    let others = prices.iter().filter(|price| price.settings.key() != "neighbours");
    let together: f64 = others.map(Price::decision).sum();
    recorder.value("operations/others", together);
    recorder
        .claim("neighbours-are-dear", "One decision by neighbours takes more operations than one decision by each of the other six pipelines together.")
        .greater(neighbours.decision(), together);
    recorder
        .claim("seeing-costs", "Softmax regression on gradients spends more operations on the gradients than on the decision.")
        .greater(softmax.operations[0], softmax.operations[1]);
    let better = Bootstrap::default().paired(&softmax.hits, &neighbours.hits, rng);
    recorder.estimate("gain/softmax-over-neighbours", better);
    recorder
        .claim("cheaper-and-better", "Softmax regression on gradients takes fewer operations for a decision than neighbours of pixels, and is right more often, by an interval above zero.")
        .record(
            better.low > 0.0 && softmax.decision() < neighbours.decision(),
            format!(
                "{} against {} operations; {} more right",
                softmax.decision(),
                neighbours.decision(),
                notebook::Estimate::from(better).in_words(notebook::Format::Points(1)),
            ),
        );
}
