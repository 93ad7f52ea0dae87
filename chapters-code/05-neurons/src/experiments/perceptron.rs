//! The perceptron on every pair of classes: which it separates, with how many mistakes, and how many it could have made.

use learning::fashion::CLASSES;
use learning::{FashionMnist, Labelled};
use ndarray::{Array2, ArrayView1, Axis};
use notebook::figure::hex;
use notebook::{Recorder, Rng, Table};
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rayon::prelude::*;

use crate::pair;
use crate::perceptron::{Perceptron, Run, margin, most_mistakes, radius, widest};

/// Garments of each class, for the study of all pairs.
const GARMENTS: usize = 1000;
/// Passes after which the perceptron gives up.
const PASSES: usize = 200;
/// Passes of the search for a wide margin, at most.
const WIDENING: usize = 1500;
/// Share of the widest possible margin that is wide enough.
const NEAR: f64 = 0.7;
/// Orders in which the garments of one pair are shown.
const ORDERS: usize = 40;
/// A pair that is separated with a wide margin, trouser and ankle boot, and one with a narrow one, trouser and coat.
const EASY: [[u8; 2]; 2] = [[1, 9], [1, 4]];
/// A pair that is not separated: T-shirt and shirt.
const HARD: [u8; 2] = [0, 6];
/// Passes over the pair that is not separated.
const ENDLESS: usize = 100;

/// What a pair of classes came to.
struct Pair {
    classes: [u8; 2],
    run: Run,
    radius: f64,
    /// The margin that a line has.
    margin: f64,
    /// The margin that no line exceeds.
    most: f64,
}

impl Pair {
    fn bound(&self) -> f64 {
        most_mistakes(self.radius, self.margin)
    }
}

/// All pairs, then the orders and the weights of some that are separated, then the passes over one that is not.
pub fn perceptron(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let k = CLASSES.len() as u8;
    let classes = (0..k).flat_map(|a| (a + 1..k).map(move |b| [a, b]));
    let classes: Vec<([u8; 2], u64)> = classes.map(|pair| (pair, rng.random())).collect();
    let pairs: Vec<Pair> = classes
        .par_iter()
        .map(|&(classes, seed)| study(&data.train, classes, &mut Rng::seed_from_u64(seed)))
        .collect();
    recorder.value("garments", GARMENTS);
    recorder.value("passes", PASSES);
    all_pairs(recorder, &pairs);
    bounds(recorder, &pairs);
    for classes in EASY {
        let (x, y) = pair(&data.train, classes, GARMENTS);
        let key = name(classes, "-").to_lowercase().replace(' ', "-");
        weights(recorder, &key, &x, &y);
    }
    if let Some(narrow) = pairs.iter().find(|pair| pair.classes == EASY[1]) {
        let (x, y) = pair(&data.train, EASY[1], GARMENTS);
        orders(recorder, &x, &y, narrow.bound(), &mut rng);
    }
    endless(recorder, &data.train);
    Ok(())
}

fn name(classes: [u8; 2], and: &str) -> String {
    classes.map(|class| CLASSES[usize::from(class)]).join(and)
}

fn study(garments: &Labelled, classes: [u8; 2], rng: &mut Rng) -> Pair {
    let (x, y) = pair(garments, classes, GARMENTS);
    let (x, y) = shuffled(&x, &y, rng);
    let run = Perceptron::fit(x.view(), &y, PASSES);
    let wide = widest(x.view(), &y, NEAR, if run.converged { WIDENING } else { 0 });
    // The perceptron's own line separates, too.
    let own = margin(x.view(), &y, run.perceptron.weights.view());
    Pair { classes, run, radius: radius(x.view()), margin: wide.margin.max(own), most: wide.most }
}

/// The rows in another order.
fn shuffled(x: &Array2<f64>, y: &[f64], rng: &mut Rng) -> (Array2<f64>, Vec<f64>) {
    let mut rows: Vec<usize> = (0..y.len()).collect();
    rows.shuffle(rng);
    (x.select(Axis(0), &rows), rows.iter().map(|&row| y[row]).collect())
}

/// Mistakes of every pair as a square, 0 where the perceptron gave up.
fn all_pairs(recorder: &mut Recorder, pairs: &[Pair]) {
    let heads = CLASSES.iter().map(|class| format!("{class} | int"));
    let mut table = Table::new(std::iter::once("Class".to_owned()).chain(heads));
    for (a, class) in CLASSES.iter().enumerate() {
        let mistakes = (0..CLASSES.len()).map(|b| {
            let both = [a.min(b) as u8, a.max(b) as u8];
            let found = pairs.iter().find(|pair| pair.classes == both && pair.run.converged);
            found.map_or(0, |pair| pair.run.mistakes).into()
        });
        table.row(std::iter::once((*class).into()).chain(mistakes));
    }
    recorder.table("mistakes", table);
    let given_up = pairs.iter().filter(|pair| !pair.run.converged);
    let given_up: Vec<String> = given_up.map(|pair| name(pair.classes, " and ")).collect();
    recorder.value("pairs", pairs.len());
    recorder.value("separated", pairs.len() - given_up.len());
    recorder.value("not-separated", given_up.len());
    recorder.value("not-separated/names", given_up.join(", "));
}

/// Mistakes against their bound, pair by pair.
fn bounds(recorder: &mut Recorder, pairs: &[Pair]) {
    let mut separated: Vec<&Pair> = pairs.iter().filter(|pair| pair.run.converged).collect();
    separated.sort_by(|a, b| a.bound().total_cmp(&b.bound()));
    recorder
        .series("bound", "Bound on the mistakes", separated.iter().map(|pair| pair.bound()))
        .curve("mistakes", separated.iter().map(|pair| pair.run.mistakes as f64));
    let within = separated.iter().filter(|pair| pair.run.mistakes as f64 <= pair.bound()).count();
    recorder.claim("within-bound", "No pair takes more mistakes than its bound allows.").all(
        within,
        separated.len(),
        "pairs",
    );
    // What the bound would be with the widest margin that any line can have.
    let share = |pair: &Pair| pair.run.mistakes as f64 / most_mistakes(pair.radius, pair.most);
    let share = separated.iter().map(|pair| share(pair)).fold(0.0, f64::max);
    recorder.value("share/largest", share);
    recorder
        .claim("loose", "Every pair takes less than a fifth of the mistakes that even the best bound would allow.")
        .less(share, 0.2);
    for (key, pair) in [("widest", separated.first()), ("narrowest", separated.last())] {
        let Some(pair) = pair else { continue };
        recorder.value(&format!("{key}/classes"), name(pair.classes, " and "));
        recorder.value(&format!("{key}/mistakes"), pair.run.mistakes);
        recorder.value(&format!("{key}/passes"), pair.run.passes);
        recorder.value(&format!("{key}/radius"), pair.radius);
        recorder.value(&format!("{key}/margin"), pair.margin);
        recorder.value(&format!("{key}/most"), pair.most);
        recorder.value(&format!("{key}/bound"), pair.bound());
    }
}

/// The weights as pictures: after the first mistake, at the end, and those of the widest margin.
fn weights(recorder: &mut Recorder, key: &str, x: &Array2<f64>, y: &[f64]) {
    let first = &x.row(0) * y[0];
    let run = Perceptron::fit(x.view(), y, PASSES);
    let wide = widest(x.view(), y, NEAR, WIDENING);
    for (stage, weights) in
        [("first", &first), ("end", &run.perceptron.weights), ("widest", &wide.weights)]
    {
        recorder.value(&format!("weights/{key}/{stage}"), picture(weights.view()));
    }
}

/// Weights of pixels as grey levels in hexadecimal, 128 for 0; the bias is left out.
fn picture(weights: ArrayView1<'_, f64>) -> String {
    let pixels = || weights.iter().skip(1);
    let largest = pixels().fold(f64::MIN_POSITIVE, |largest, w| largest.max(w.abs()));
    hex(pixels().map(|w| (128.0 + 127.0 * w / largest) as u8))
}

/// One pair in many orders: at random, and one class after the other.
fn orders(recorder: &mut Recorder, x: &Array2<f64>, y: &[f64], bound: f64, rng: &mut Rng) {
    let seeds: Vec<u64> = (0..ORDERS).map(|_| rng.random()).collect();
    let random = |&seed: &u64| {
        let (x, y) = shuffled(x, y, &mut Rng::seed_from_u64(seed));
        Perceptron::fit(x.view(), &y, PASSES)
    };
    let mut runs: Vec<Run> = seeds.par_iter().map(random).collect();
    let mut rows: Vec<usize> = (0..y.len()).collect();
    rows.sort_by(|&a, &b| y[a].total_cmp(&y[b]));
    let y: Vec<f64> = rows.iter().map(|&row| y[row]).collect();
    let sorted = Perceptron::fit(x.select(Axis(0), &rows).view(), &y, 100 * PASSES);
    recorder.value("orders", ORDERS);
    recorder.value("orders/bound", bound);
    recorder.value("orders/sorted/mistakes", sorted.mistakes);
    recorder.value("orders/sorted/passes", sorted.passes);
    runs.sort_by_key(|run| run.mistakes);
    let mistakes = |run: Option<&Run>| run.map_or(0, |run| run.mistakes);
    let (fewest, most) = (mistakes(runs.first()), mistakes(runs.last()));
    recorder.value("orders/fewest", fewest);
    recorder.value("orders/most", most);
    runs.push(sorted);
    let within = runs.iter().filter(|run| run.converged && run.mistakes as f64 <= bound).count();
    recorder
        .claim("any-order", "In every order the perceptron ends, with no more mistakes than the one bound of all orders.")
        .all(within, runs.len(), "orders");
    recorder
        .claim("order-matters", "The order changes the number of mistakes by half or more.")
        .greater(most, 1.5 * fewest as f64);
}

/// A pair that it does not separate, all 12,000 garments of it.
fn endless(recorder: &mut Recorder, garments: &Labelled) {
    let (x, y) = pair(garments, HARD, usize::MAX);
    let mut perceptron = Perceptron::new(x.ncols());
    let mistakes: Vec<f64> = (0..ENDLESS).map(|_| perceptron.pass(x.view(), &y) as f64).collect();
    recorder
        .series("endless", "Pass", (1..=ENDLESS).map(|pass| pass as f64))
        .curve("mistakes", mistakes.iter().map(|mistakes| mistakes / y.len() as f64));
    let most = widest(x.view(), &y, 1.0, ENDLESS / 2).most;
    recorder.value("endless/garments", y.len());
    recorder.value("endless/passes", ENDLESS);
    recorder.value("endless/first", mistakes[0]);
    recorder.value("endless/last", mistakes[ENDLESS - 1]);
    recorder.value("endless/total", mistakes.iter().sum::<f64>());
    recorder.value("endless/most-margin", most);
    let fewest = mistakes.iter().copied().fold(f64::INFINITY, f64::min);
    recorder.value("endless/fewest", fewest);
    recorder
        .claim("endless", "In its last pass over T-shirts and shirts the perceptron still makes more than half of the mistakes of its first.")
        .greater(mistakes[ENDLESS - 1], 0.5 * mistakes[0]);
}
