//! Every rule at rates from too low to too high: one epoch each, three seeds each.

use anyhow::Result;
use backprop::Engine;
use learning::FashionMnist;
use learning::bootstrap::mean;
use ndarray::{Array2, ArrayView1, ArrayView2};
use notebook::{Estimate, Format, Recorder, Table};

use super::common::{
    RULES, SEEDS, Split, UNIFORM, differences, half_power, halves, range, recipe, train,
};
use crate::answers::accuracy;
use crate::{Garments, Optimizer, Schedule};

/// Steps at the end of the epoch whose loss counts.
const LAST: usize = 50;

/// The lowest rate of each rule and the highest, in half powers of ten.
const SWEEP: [[i32; 2]; 5] = [[-4, 1], [-6, 0], [-6, 0], [-9, -1], [-9, -1]];

/// An accuracy that is no better than a guess among ten classes, with room for chance.
const GUESS: f64 = 0.11;

/// A rule at one rate: by seed.
#[derive(Default)]
struct Cell {
    /// Mean loss of the last steps, at most that of a uniform guess.
    losses: Vec<f64>,
    /// The same as it is; nothing where the loss was not finite.
    uncapped: Vec<Option<f64>>,
    accuracies: Vec<f64>,
    /// The share of hidden units that answer zero to every validation garment.
    dead: Vec<f64>,
    curves: Vec<Vec<f64>>,
}

/// The sweep.
pub fn rates(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let split = halves(&data.train, &mut recorder.rng());
    recorder.value("garments", split.learn.len());
    recorder.value("chosen-by", split.choose.len());
    recorder.value("seeds", SEEDS.count());
    recorder.value("uniform", UNIFORM);
    recorder.value("last", LAST);
    let mut swept = Vec::new();
    for ((name, rule, best), [low, high]) in RULES.into_iter().zip(SWEEP) {
        let cells: Result<Vec<Cell>> =
            (low..=high).map(|half| cell(recorder, rule, half_power(half), &split)).collect();
        let swept_rule =
            Swept { name, rates: (low..=high).map(half_power).collect(), cells: cells? };
        swept_rule.record(recorder);
        swept.push((swept_rule, (best - low) as usize));
    }
    recorder
        .claim(
            "best-rates",
            "The rates from which the other experiments begin are those that are best here.",
        )
        .all(
            swept.iter().filter(|(rule, best)| rule.best() == *best).count(),
            RULES.len(),
            "rules",
        );
    let swept: Vec<Swept> = swept.into_iter().map(|(rule, _)| rule).collect();
    curves(recorder, &swept);
    stuck(recorder, &swept);
    claims(recorder, &swept);
    rate_or_rule(recorder, &swept);
    Ok(())
}

fn cell(recorder: &Recorder, rule: Optimizer, rate: f64, split: &Split) -> Result<Cell> {
    let mut cell = Cell::default();
    let x = split.choose.x();
    for seed in SEEDS {
        let recipe = recipe(&split.learn, rule, Schedule::constant(rate), seed);
        let mut run = train(recorder, &recipe)?;
        cell.losses.push(run.last_loss(LAST));
        let last = &run.losses[run.losses.len().saturating_sub(LAST)..];
        cell.uncapped.push(run.diverged.is_none().then(|| mean(last)));
        cell.accuracies.push(accuracy(&mut run.engine, &Garments::new(&split.choose))?);
        cell.dead.push(dead(&run.engine, &x)?);
        cell.curves.push(run.losses);
    }
    Ok(cell)
}

/// The share of hidden units that answer zero to every row of `x`: no gradient reaches their weights.
// ANCHOR: dead
pub(super) fn dead(engine: &Engine<f32>, x: &Array2<f32>) -> Result<f64> {
    let weights = engine.weights();
    let hidden = &weights[..weights.len() - 2];
    let (mut a, mut dead, mut units) = (x.clone(), 0, 0);
    for layer in hidden.chunks_exact(2) {
        let [w, b] = [&layer[0], &layer[1]];
        let w = ArrayView2::from_shape((w.shape[0], w.shape[1]), &w.data)?;
        a = (a.dot(&w.t()) + ArrayView1::from(&b.data)).mapv(|z| z.max(0.0));
        dead += a.columns().into_iter().filter(|unit| unit.iter().all(|&a| a == 0.0)).count();
        units += a.ncols();
    }
    Ok(dead as f64 / units as f64)
}
// ANCHOR_END: dead

/// A rule at all its rates.
struct Swept {
    name: &'static str,
    rates: Vec<f64>,
    cells: Vec<Cell>,
}

impl Swept {
    fn loss(&self, i: usize) -> f64 {
        mean(&self.cells[i].losses)
    }

    fn accuracy(&self, i: usize) -> f64 {
        mean(&self.cells[i].accuracies)
    }

    /// The rate with the lowest mean loss.
    fn best(&self) -> usize {
        let all = 0..self.cells.len();
        all.min_by(|&a, &b| self.loss(a).total_cmp(&self.loss(b))).unwrap_or(0)
    }

    /// The highest mean accuracy at any rate.
    fn top(&self) -> f64 {
        (0..self.cells.len()).map(|i| self.accuracy(i)).fold(0.0, f64::max)
    }

    /// The highest rate whose mean accuracy is within five points of the best.
    fn bears(&self) -> f64 {
        let near = |&i: &usize| self.accuracy(i) >= self.top() - 0.05;
        (0..self.cells.len()).rfind(near).map_or(0.0, |i| self.rates[i])
    }

    /// The accuracy at the best rate above that `away` half powers of ten from it, paired by seed.
    fn over(&self, away: isize) -> Option<Estimate> {
        let there = self.cells.get(self.best().checked_add_signed(away)?)?;
        let gain = differences(&self.cells[self.best()].accuracies, &there.accuracies);
        Some(Estimate::over_runs(&gain))
    }

    fn key(&self) -> String {
        self.name.to_lowercase()
    }

    fn record(&self, recorder: &mut Recorder) {
        let (key, best) = (self.key(), self.best());
        for (what, of) in [
            ("loss", (|c| &c.losses) as fn(&Cell) -> &Vec<f64>),
            ("accuracy", |c| &c.accuracies),
            ("dead", |c| &c.dead),
        ] {
            let bands: Vec<[f64; 3]> = self.cells.iter().map(|cell| range(of(cell))).collect();
            recorder.estimate(&format!("best/{key}/{what}"), bands[best]);
            recorder.estimate(&format!("lowest/{key}/{what}"), bands[0]);
            recorder.estimate(&format!("highest/{key}/{what}"), bands[bands.len() - 1]);
            recorder
                .series(&format!("{what}/{key}"), "Learning rate", self.rates.iter().copied())
                .banded(self.name, bands);
        }
        recorder.value(&format!("best/{key}/rate"), self.rates[best]);
        recorder.value(&format!("highest/{key}/rate"), self.rates[self.rates.len() - 1]);
        recorder.value(&format!("bears/{key}"), self.bears());
        // The rates whose mean accuracy is within two points of the best: how wide is the valley?
        let near = |&i: &usize| self.accuracy(i) >= self.top() - 0.02;
        recorder.value(&format!("wide/{key}"), (0..self.cells.len()).filter(near).count());
    }
}

/// The loss through the epoch, of each rule at its best rate, and what other rates would have cost.
fn curves(recorder: &mut Recorder, swept: &[Swept]) {
    let mut table = Table::new([
        "Rule",
        "Best rate | sci 0",
        "Training loss | fixed 3",
        "Validation accuracy | percent 1",
        "At a third of the rate, points | fixed 1",
        "At three times the rate, points | fixed 1",
        "Numbers kept for a weight | int",
    ]);
    let series = recorder.series("curves", "Step", []);
    for rule in swept {
        series.smoothed(rule.name, &rule.cells[rule.best()].curves, 20);
    }
    for (rule, (_, optimizer, _)) in swept.iter().zip(RULES) {
        let best = rule.best();
        let change = |away| rule.over(away).map(|over| -100.0 * over.value);
        table.row([
            rule.name.into(),
            rule.rates[best].into(),
            rule.loss(best).into(),
            rule.accuracy(best).into(),
            change(-1).into(),
            change(1).into(),
            optimizer.slots().into(),
        ]);
    }
    recorder.table("best", table);
}

/// What became of the trainings that ended no better than a guess.
fn stuck(recorder: &mut Recorder, swept: &[Swept]) {
    let cells = || swept.iter().flat_map(|rule| &rule.cells);
    let runs = cells().flat_map(|cell| {
        let ends = cell.uncapped.iter().copied().zip(cell.dead.iter().copied());
        ends.zip(cell.accuracies.iter().copied())
    });
    let stuck: Vec<(Option<f64>, f64)> =
        runs.filter(|&(_, accuracy)| accuracy <= GUESS).map(|(end, _)| end).collect();
    recorder.value("runs", cells().map(|cell| cell.losses.len()).sum::<usize>());
    recorder.value("stuck/runs", stuck.len());
    let silent: Vec<(f64, f64)> =
        stuck.iter().filter_map(|&(loss, dead)| Some((loss?, dead))).collect();
    recorder.value("stuck/diverged", stuck.len() - silent.len());
    recorder.value("stuck/finite", silent.len());
    let (losses, dead): (Vec<f64>, Vec<f64>) = silent.into_iter().unzip();
    if !losses.is_empty() {
        recorder.estimate("stuck/loss", range(&losses));
        recorder.estimate("stuck/dead", range(&dead));
    }
    recorder
        .claim("stuck-is-dead", "In every training that ended no better than a guess although its loss stayed finite, more than half of the hidden units answer zero to every validation garment.")
        .all(dead.iter().filter(|&&share| share > 0.5).count(), dead.len(), "trainings");
}

fn claims(recorder: &mut Recorder, swept: &[Swept]) {
    let valley = |rule: &&Swept| {
        let (best, last) = (rule.loss(rule.best()), rule.cells.len() - 1);
        rule.loss(0) > 1.2 * best && rule.loss(last) > 1.2 * best
    };
    recorder
        .claim("every-rule-has-a-valley", "Every rule has a rate in the middle whose loss is lower than at the lowest and at the highest rate by a sixth or more.")
        .all(swept.iter().filter(valley).count(), swept.len(), "rules");
    let cliff = |rule: &&Swept| rule.accuracy(rule.cells.len() - 1) < 0.5 * rule.top();
    recorder
        .claim("every-rule-has-a-cliff", "Every rule finds at its highest rate less than half of the validation garments that it finds at its best.")
        .all(swept.iter().filter(cliff).count(), swept.len(), "rules");
    let best = |i: usize| swept[i].rates[swept[i].best()];
    recorder
        .claim(
            "rates-are-of-their-rule",
            "The best rate of SGD is at least a hundred times the best rate of Adam.",
        )
        .greater(best(0), 99.0 * best(3));
    recorder
        .claim("momentum-wants-less", "Momentum is best at a lower rate than SGD.")
        .less(best(1), best(0));
    let [sgd, momentum, nesterov] = [0, 1, 2].map(|i: usize| swept[i].bears());
    recorder
        .claim("momentum-bears-less", "The highest rate at which momentum and Nesterov's rule are within five points of their best is lower than that of SGD.")
        .less(momentum.max(nesterov), sgd);
}

/// Does a rate that is off by a factor of three cost more than the choice of the rule? And one rate for two rules?
fn rate_or_rule(recorder: &mut Recorder, swept: &[Swept]) {
    let tops: Vec<f64> = swept.iter().map(|rule| rule.accuracy(rule.best())).collect();
    let rules = range(&tops)[2] - range(&tops)[0];
    recorder.value("spread/rules", rules);
    for rule in swept {
        for (away, words) in [(-1, "third"), (1, "triple")] {
            if let Some(over) = rule.over(away) {
                recorder.estimate(&format!("over/{}/{words}", rule.key()), over);
            }
        }
    }
    let triple = |i: usize| swept[i].over(1).map_or(0.0, |over| over.value);
    let words = |x: f64| Format::Points(1).number(x).replace('\u{a0}', " ");
    recorder
        .claim("rate-or-rule", "Three times its best rate costs SGD more accuracy than there is between the rules at their best, and costs Adam less.")
        .record(
            triple(0) > rules && triple(3) < rules,
            format!("{} and {}, {} between the rules", words(triple(0)), words(triple(3)), words(rules)),
        );
    let at = |i: usize, rate: f64| {
        let place = swept[i].rates.iter().position(|&r| r == rate);
        place.map_or([].as_slice(), |place| &swept[i].cells[place].accuracies)
    };
    let mut turns = true;
    let mut evidence = Vec::new();
    for (words, half) in [("low", -4), ("high", -1)] {
        let rate = half_power(half);
        let gain = Estimate::over_runs(&differences(at(2, rate), at(0, rate)));
        recorder.value(&format!("one-rate/{words}"), rate);
        recorder.estimate(&format!("one-rate/{words}/nesterov-over-sgd"), gain);
        turns &= if words == "low" { gain.low > 0.0 } else { gain.high < 0.0 };
        evidence.push(gain.in_words(Format::Points(1)));
    }
    recorder
        .claim("order-turns", "At the lower of two common rates Nesterov's rule finds more validation garments than SGD, and at the higher fewer, with the whole paired intervals over seeds.")
        .record(turns, evidence.join(" and "));
}
