//! Leakage, caught in the act: the same study done honestly and with a leak, many times over.
//!
//! Each repetition draws garments of its own; the honest study and the leaky one get the same.

use ndarray::{Array2, Array3, ArrayView2, Axis};
use notebook::{Recorder, Rng, Table};
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::cross_validation::cross_validate;
use crate::fashion::flat;
use crate::moved::{Direction, Fate, moved};
use crate::selection::strongest;
use crate::{
    Bootstrap, FashionMnist, Interval, Labelled, NearestMean, NearestNeighbour, Standardiser,
    accuracy, split,
};

/// A leak, as a study that is done both ways: accuracy without it and with it.
struct Leak {
    key: &'static str,
    name: &'static str,
    repetitions: usize,
    study: fn(&Labelled, &mut Rng) -> [f64; 2],
}

const LEAKS: [Leak; 4] = [
    Leak { key: "copies", name: "Copies on both sides", repetitions: 40, study: copies_true },
    Leak {
        key: "copies-random",
        name: "Copies on both sides, labels random",
        repetitions: 40,
        study: copies_random,
    },
    Leak { key: "scaling", name: "Scaling fitted on everything", repetitions: 300, study: scaling },
    Leak {
        key: "selection",
        name: "Pixels chosen on everything, labels random",
        repetitions: 300,
        study: selection,
    },
];

/// Every leak, in as many repetitions as make its interval short.
pub fn leakage(recorder: &mut Recorder) -> anyhow::Result<()> {
    let train = FashionMnist::of(recorder)?.train;
    let mut rng = recorder.rng();
    let mut table = Table::new([
        "Leak",
        "Studies | int",
        "Honest | percent 1",
        "Leaky | percent 1",
        "Gain, points | fixed 2",
        "from | fixed 2",
        "to | fixed 2",
    ]);
    let mut gains = Vec::new();
    for leak in &LEAKS {
        let both = recorder.repeat(leak.repetitions, &mut rng, |rng| (leak.study)(&train, rng));
        let [honest, leaky] = [0, 1].map(|way| both.iter().map(|b| b[way]).collect::<Vec<f64>>());
        let gain = Bootstrap::default().paired(&leaky, &honest, &mut rng);
        let [honest, leaky] =
            [honest, leaky].map(|values| Bootstrap::default().mean(&values, &mut rng));
        recorder.estimate(&format!("{}/honest", leak.key), honest);
        recorder.estimate(&format!("{}/leaky", leak.key), leaky);
        recorder.estimate(&format!("{}/gain", leak.key), gain);
        recorder.value(&format!("{}/studies", leak.key), leak.repetitions);
        let points = gain.band().map(|x| 100.0 * x);
        table.row([
            leak.name.into(),
            leak.repetitions.into(),
            honest.estimate.into(),
            leaky.estimate.into(),
            points[1].into(),
            points[0].into(),
            points[2].into(),
        ]);
        gains.push((gain, honest));
    }
    recorder.table("leaks", table);
    // A garment's copy is in training for four fifths of the test; what it does not give, chance does.
    let chance = 1.0 / 10.0;
    let found = gains[1].0.estimate / ((1.0 - chance) * 0.8);
    recorder.value("copies-random/twin-found", found);
    claims(recorder, &gains);
    Ok(())
}

fn claims(recorder: &mut Recorder, gains: &[(Interval, Interval)]) {
    let [(copies, _), (random, random_honest), (scaling, _), (selection, selection_honest)] = gains
    else {
        return;
    };
    let mut above_zero = |id: &str, statement: &str, gain: &Interval| {
        recorder.claim(id, statement).above(*gain, 0.0);
    };
    above_zero(
        "copies-flatter",
        "Copies on both sides of a split raise the measured accuracy.",
        copies,
    );
    above_zero(
        "copies-invent",
        "With copies on both sides, a rule seems to learn random labels.",
        random,
    );
    above_zero(
        "selection-invents",
        "Pixels chosen on everything make random labels seem predictable.",
        selection,
    );
    recorder
        .claim(
            "honest-is-chance",
            "Done honestly, neither study of random labels does better than chance.",
        )
        .record(
            random_honest.low <= 0.1 && selection_honest.low <= 0.5,
            format!(
                "at least {:.3} of ten classes, {:.3} of two",
                random_honest.low, selection_honest.low
            ),
        );
    recorder
        .claim(
            "scaling-leaks-little",
            "Scaling fitted on everything gains less than a tenth of what choosing pixels gains.",
        )
        .less(scaling.estimate.abs(), selection.estimate / 10.0);
}

/// Garments in a study of copies, before they are copied.
const ORIGINALS: usize = 1000;

/// Every garment comes with a copy moved by one pixel. Honest: both on one side. Leaky: as it falls.
// ANCHOR: copies
fn copies(originals: &Labelled, labels: &[u8], rng: &mut Rng) -> [f64; 2] {
    let n = originals.len();
    let directions = Direction::draw(n, rng);
    let copied = moved(originals.images.view(), &directions, 1, Fate::Moved);
    let x = stacked(&originals.images, &copied);
    let y = [labels, labels].concat();
    let groups: Vec<usize> = (0..n).chain(0..n).collect();
    let honest = split::grouped(&groups, 0.8, rng);
    let leaky = split::grouped(&(0..2 * n).collect::<Vec<_>>(), 0.8, rng);
    [honest, leaky].map(|[train, test]| {
        let (train_x, test_x) = (x.select(Axis(0), &train), x.select(Axis(0), &test));
        let (train_y, test_y) = (pick(&y, &train), pick(&y, &test));
        accuracy(&test_y, &NearestNeighbour::fit(train_x.view(), &train_y).predict(test_x.view()))
    })
}
// ANCHOR_END: copies

fn copies_true(all: &Labelled, rng: &mut Rng) -> [f64; 2] {
    let originals = all.select(&split::draw(ORIGINALS, all.len(), rng));
    copies(&originals, originals.y(), rng)
}

fn copies_random(all: &Labelled, rng: &mut Rng) -> [f64; 2] {
    let originals = all.select(&split::draw(ORIGINALS, all.len(), rng));
    let labels: Vec<u8> = (0..ORIGINALS).map(|_| rng.random_range(0..10)).collect();
    copies(&originals, &labels, rng)
}

fn stacked(a: &Array3<u8>, b: &Array3<u8>) -> Array2<f32> {
    let [a, b] = [flat(a.view()), flat(b.view())];
    // Both have the same width: they are pictures of one size.
    ndarray::concatenate(Axis(0), &[a.view(), b.view()]).unwrap_or(a)
}

/// 200 garments to learn from and 100 to be tested on. Honest: mean and deviation from the 200.
fn scaling(all: &Labelled, rng: &mut Rng) -> [f64; 2] {
    let garments = all.select(&split::draw(300, all.len(), rng));
    let x = garments.x();
    let parts = split::stratified(garments.y(), &[2.0 / 3.0, 1.0 / 3.0], rng);
    let [train, test] = [&parts[0], &parts[1]].map(|rows| x.select(Axis(0), rows));
    let [train_y, test_y] = [&parts[0], &parts[1]].map(|rows| pick(garments.y(), rows));
    [train.view(), x.view()].map(|seen: ArrayView2<'_, f32>| {
        let scale = Standardiser::fit(seen);
        let (train, test) = (scale.apply(train.view()), scale.apply(test.view()));
        accuracy(&test_y, &NearestNeighbour::fit(train.view(), &train_y).predict(test.view()))
    })
}

/// Garments and pixels in a study of selection.
const CHOSEN_FROM: usize = 60;
const CHOSEN: usize = 20;

/// 60 garments with labels by coin, half and half; the 20 pixels that go best with the labels; five
/// folds of the nearest mean. Honest: pixels chosen in each fold's training rows. Leaky: once, on all.
// ANCHOR: selection
fn selection(all: &Labelled, rng: &mut Rng) -> [f64; 2] {
    let x = all.select(&split::draw(CHOSEN_FROM, all.len(), rng)).x();
    let mut y: Vec<u8> = (0..CHOSEN_FROM).map(|i| (i % 2) as u8).collect();
    y.shuffle(rng);
    let on_everything = strongest(x.view(), &y, CHOSEN);
    let folds: u64 = rng.random();
    [false, true].map(|leaky| {
        cross_validate(&y, 5, &mut Rng::seed_from_u64(folds), |train, test| {
            let (train_x, train_y) = (x.select(Axis(0), train), pick(&y, train));
            let within = || strongest(train_x.view(), &train_y, CHOSEN);
            let pixels = if leaky { on_everything.clone() } else { within() };
            let rule = NearestMean::fit(train_x.select(Axis(1), &pixels).view(), &train_y);
            rule.predict(x.select(Axis(0), test).select(Axis(1), &pixels).view())
        })
    })
}
// ANCHOR_END: selection

fn pick(labels: &[u8], rows: &[usize]) -> Vec<u8> {
    rows.iter().map(|&row| labels[row]).collect()
}
