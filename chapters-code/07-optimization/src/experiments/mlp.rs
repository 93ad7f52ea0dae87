//! The chapter's network on garments: the rule chosen on validation garments, then three seeds, then the test set.

use anyhow::Result;
use learning::bootstrap::{mean, paired_runs};
use learning::fashion::CLASSES;
use learning::{Confusion, FashionMnist, Labelled, NearestNeighbour, correct};
use notebook::{Estimate, Recorder, Table};

use super::common::{BATCH, RULES, SEEDS, Split, half_power, halves, recipe, train};
use crate::answers::{accuracy, classify};
use crate::mlp::mlp as network;
use crate::{Garments, Recipe, Schedule};

/// How often all garments are seen.
const EPOCHS: u64 = 6;

/// Chooses, trains, tests.
pub fn mlp(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS.count());
    recorder.value("candidates", RULES.len());
    let chosen = choose(recorder, &halves(&data.train, &mut recorder.rng()))?;
    let mut answers = Vec::new();
    for seed in SEEDS {
        let mut run = train(recorder, &candidate(chosen, &data.train, seed))?;
        answers.push(classify(&mut run.engine, &Garments::new(&data.test))?);
        let found = correct(data.test.y(), &answers[answers.len() - 1]);
        recorder.value(&format!("test/seed-{seed}"), mean(&found));
    }
    test(recorder, &data, &answers);
    by_class(recorder, &data, &answers[0]);
    price(recorder, &data)
}

/// The recipe of candidate `i`, a rule at the rate that the sweep found best for it: half an epoch of warm-up, then a cosine.
fn candidate(i: usize, data: &Labelled, seed: u64) -> Recipe<Garments<'_>> {
    let (_, rule, best) = RULES[i];
    let schedule = Schedule::cosine(half_power(best), (data.len() / BATCH / 2) as u64);
    Recipe { epochs: EPOCHS, ..recipe(data, rule, schedule, seed) }
}

/// The candidate that finds most validation garments, with one seed each.
fn choose(recorder: &mut Recorder, split: &Split) -> Result<usize> {
    let mut table = Table::new([
        "Rule",
        "Highest rate | sci 0",
        "Training loss at the end | fixed 3",
        "Validation accuracy | percent 2",
    ]);
    let (mut best, mut curves) = ((0, 0.0), Vec::new());
    for (i, (name, _, best_rate)) in RULES.into_iter().enumerate() {
        let mut run = train(recorder, &candidate(i, &split.learn, 1))?;
        let accuracy = accuracy(&mut run.engine, &Garments::new(&split.choose))?;
        if accuracy > best.1 {
            best = (i, accuracy);
        }
        let rate = half_power(best_rate);
        table.row([name.into(), rate.into(), run.last_loss(200).into(), accuracy.into()]);
        curves.push((name, [run.losses]));
    }
    recorder.table("candidates", table);
    recorder.value("chosen", RULES[best.0].0);
    recorder.value("chosen/rate", half_power(RULES[best.0].2));
    recorder.value("chosen/accuracy", best.1);
    let series = recorder.series("losses", "Step", []);
    for (name, losses) in &curves {
        series.smoothed(name, losses, 60);
    }
    Ok(best.0)
}

/// The three networks and Chapter 1's nearest neighbour on the same test garments.
fn test(recorder: &mut Recorder, data: &FashionMnist, answers: &[Vec<u8>]) {
    let truth = data.test.y();
    let right: Vec<Vec<f64>> = answers.iter().map(|answer| correct(truth, answer)).collect();
    recorder.estimate("test", Estimate::over_runs_and_cases(&right));
    let x = data.train.x();
    let rule = NearestNeighbour::fit(x.view(), data.train.y());
    let neighbour = correct(truth, &rule.predict(data.test.x().view()));
    recorder.value("neighbour", mean(&neighbour));
    let gain = Estimate::over_runs_and_cases(&paired_runs(&right, &vec![neighbour; answers.len()]));
    recorder.estimate("gain", gain);
    recorder
        .claim(
            "mlp-beats-neighbour",
            "The network finds more test garments than the nearest neighbour.",
        )
        .above(gain, 0.0);
}

/// Where the first network errs.
fn by_class(recorder: &mut Recorder, data: &FashionMnist, answer: &[u8]) {
    let confusion = Confusion::of(data.test.y(), answer);
    recorder.table("by-class", confusion.by_class(&CLASSES));
    let worst = confusion.worst_first()[0];
    recorder.value("worst/class", CLASSES[worst]);
    recorder.value("worst/recall", confusion.recall(worst));
}

/// What an answer costs: numbers that are kept, and products for a garment.
fn price(recorder: &mut Recorder, data: &FashionMnist) -> Result<()> {
    let pixels = data.train.images.len();
    let weights = network::<f32>()?.parameters();
    // A bias is added and multiplies nothing.
    let products = weights - (256 + 128 + 10);
    recorder.value("weights", weights);
    recorder.value("bytes", 4 * weights);
    recorder.value("products", products);
    recorder.value("neighbour/bytes", pixels);
    recorder.value("neighbour/products", pixels);
    recorder.value("cheaper", pixels as f64 / products as f64);
    recorder
        .claim("mlp-is-cheaper", "For one answer the network multiplies less than a hundredth as often as the nearest neighbour.")
        .less(100 * products, pixels);
    Ok(())
}
