//! Every rule at rates from too low to too high: one epoch each, three seeds each.

use anyhow::Result;
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use notebook::{Recorder, Table};

use super::common::{SEEDS, UNIFORM, halves, range, recipe, train};
use crate::answers::accuracy;
use crate::{Garments, Optimizer, Schedule};

/// Steps at the end of the epoch whose loss counts.
const LAST: usize = 50;

/// The rules, with the exponent of the lowest rate and of the highest, in half powers of ten.
const RULES: [(&str, Optimizer, [i32; 2]); 5] = [
    ("SGD", Optimizer::Sgd, [-4, 1]),
    ("momentum", Optimizer::Momentum { keep: 0.9 }, [-6, 0]),
    ("Nesterov", Optimizer::Nesterov { keep: 0.9 }, [-6, 0]),
    ("Adam", Optimizer::ADAM, [-9, -3]),
    ("AdamW", Optimizer::ADAMW, [-9, -3]),
];

/// A rule at one rate: by seed.
#[derive(Default)]
struct Cell {
    losses: Vec<f64>,
    accuracies: Vec<f64>,
    diverged: usize,
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
    for (name, rule, [low, high]) in RULES {
        let rates: Vec<f64> = (low..=high).map(|half| 10_f64.powf(f64::from(half) / 2.0)).collect();
        let cells: Result<Vec<Cell>> = rates
            .iter()
            .map(|&rate| cell(recorder, rule, rate, &split.learn, &split.choose))
            .collect();
        let swept_rule = Swept { name, rates, cells: cells? };
        swept_rule.record(recorder);
        swept.push(swept_rule);
    }
    curves(recorder, &swept);
    claims(recorder, &swept);
    Ok(())
}

fn cell(
    recorder: &Recorder,
    rule: Optimizer,
    rate: f64,
    learn: &Labelled,
    choose: &Labelled,
) -> Result<Cell> {
    let mut cell = Cell::default();
    for seed in SEEDS {
        let recipe = recipe(learn, rule, Schedule::constant(rate), seed);
        let mut run = train(recorder, &recipe)?;
        cell.losses.push(run.last_loss(LAST));
        cell.accuracies.push(accuracy(&mut run.engine, &Garments::new(choose))?);
        cell.diverged += usize::from(run.diverged.is_some());
        cell.curves.push(run.losses);
    }
    Ok(cell)
}

/// A rule at all its rates.
struct Swept {
    name: &'static str,
    rates: Vec<f64>,
    cells: Vec<Cell>,
}

impl Swept {
    /// The rate with the lowest mean loss.
    fn best(&self) -> usize {
        let loss = |i: &usize| mean(&self.cells[*i].losses);
        (0..self.cells.len()).min_by(|a, b| loss(a).total_cmp(&loss(b))).unwrap_or(0)
    }

    fn key(&self) -> String {
        self.name.to_lowercase()
    }

    fn record(&self, recorder: &mut Recorder) {
        let (key, best) = (self.key(), self.best());
        for (what, of) in
            [("loss", (|c| &c.losses) as fn(&Cell) -> &Vec<f64>), ("accuracy", |c| &c.accuracies)]
        {
            let bands: Vec<[f64; 3]> = self.cells.iter().map(|cell| range(of(cell))).collect();
            let [low, middle, high] = bands[best];
            recorder.value(&format!("best/{key}/{what}"), middle).interval(low, high);
            let last = bands[bands.len() - 1];
            recorder.value(&format!("highest/{key}/{what}"), last[1]).interval(last[0], last[2]);
            recorder
                .series(&format!("{what}/{key}"), "Learning rate", self.rates.iter().copied())
                .banded(self.name, bands);
        }
        recorder.value(&format!("best/{key}/rate"), self.rates[best]);
        recorder.value(&format!("highest/{key}/rate"), self.rates[self.rates.len() - 1]);
        recorder.value(
            &format!("diverged/{key}"),
            self.cells.iter().map(|c| c.diverged).sum::<usize>(),
        );
        // The rates whose mean accuracy is within two points of the best: how wide is the valley?
        let accuracy = |i: usize| mean(&self.cells[i].accuracies);
        let top = (0..self.cells.len()).map(accuracy).fold(0.0, f64::max);
        let wide = (0..self.cells.len()).filter(|&i| accuracy(i) >= top - 0.02).count();
        recorder.value(&format!("wide/{key}"), wide);
    }
}

/// The loss through the epoch, of each rule at its best rate.
fn curves(recorder: &mut Recorder, swept: &[Swept]) {
    let mut table = Table::new([
        "Rule",
        "Best rate | sci 0",
        "Training loss | fixed 3",
        "Validation accuracy | percent 1",
        "Numbers kept for a weight | int",
    ]);
    let series = recorder.series("curves", "Step", []);
    for rule in swept {
        series.smoothed(rule.name, &rule.cells[rule.best()].curves, 20);
    }
    for (rule, (_, optimizer, _)) in swept.iter().zip(RULES) {
        let cell = &rule.cells[rule.best()];
        table.row([
            rule.name.into(),
            rule.rates[rule.best()].into(),
            mean(&cell.losses).into(),
            mean(&cell.accuracies).into(),
            optimizer.slots().into(),
        ]);
    }
    recorder.table("best", table);
}

fn claims(recorder: &mut Recorder, swept: &[Swept]) {
    let loss = |rule: &Swept, i: usize| mean(&rule.cells[i].losses);
    let valley = |rule: &&Swept| {
        let (best, last) = (rule.best(), rule.cells.len() - 1);
        loss(rule, 0) > 1.2 * loss(rule, best) && loss(rule, last) > 1.2 * loss(rule, best)
    };
    recorder
        .claim("every-rule-has-a-valley", "Every rule has a rate in the middle whose loss is lower than at the lowest and at the highest rate by a sixth or more.")
        .all(swept.iter().filter(valley).count(), swept.len(), "rules");
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
    let accuracy = |rule: &Swept, i: usize| mean(&rule.cells[i].accuracies);
    let tops: Vec<f64> = swept.iter().map(|rule| accuracy(rule, rule.best())).collect();
    let among_rules = range(&tops)[2] - range(&tops)[0];
    let by_rate = swept.iter().map(|rule| {
        let all: Vec<f64> = (0..rule.cells.len()).map(|i| accuracy(rule, i)).collect();
        range(&all)[2] - range(&all)[0]
    });
    let least = by_rate.fold(f64::INFINITY, f64::min);
    recorder.value("spread/rules", among_rules);
    recorder.value("spread/rate", least);
    recorder
        .claim("rate-before-rule", "The rules at their best rates differ less in accuracy than any one of them differs between its rates, by a factor of two or more.")
        .greater(least, 2.0 * among_rules);
}
