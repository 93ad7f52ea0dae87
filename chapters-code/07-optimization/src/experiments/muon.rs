//! Muon beside momentum and Adam: each at rates from too low to too high, the same few steps.

use std::time::Instant;

use anyhow::Result;
use backprop::Engine;
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use notebook::{Estimate, Format, Recorder, Table};

use super::common::{BATCH, SEEDS, UNIFORM, differences, each, half_power, halves, range, recipe};
use crate::answers::accuracy;
use crate::muon::{Muon, multiply_adds};
use crate::trainer::{Mini, order};
use crate::{Garments, Optimizer, Schedule};

/// Steps, and those at the end whose loss counts.
const STEPS: usize = 120;
const LAST: usize = 30;
/// The rate of Adam for what is not Muon's, as a half power of ten: Adam's best.
const OTHERS: i32 = -5;
/// The rules: key, name, and the half powers of ten of their rates.
const RULES: [(&str, &str, [i32; 2]); 3] =
    [("momentum", "momentum", [-4, 0]), ("adam", "Adam", [-6, -4]), ("muon", "Muon", [-5, -2])];

/// Steps by a rule: the mean loss of the last, and the accuracy.
pub fn muon(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let split = halves(&data.train, &mut recorder.rng());
    recorder.value("steps", STEPS);
    recorder.value("last", LAST);
    recorder.value("seeds", SEEDS.count());
    recorder.value("others/rate", half_power(OTHERS));
    let jobs: Vec<(usize, i32, u64)> = RULES
        .iter()
        .enumerate()
        .flat_map(|(i, (.., [low, high]))| {
            (*low..=*high).flat_map(move |half| SEEDS.map(move |seed| (i, half, seed)))
        })
        .collect();
    let found = each(recorder, &jobs, |&(rule, half, seed)| {
        let recipe = recipe(&split.learn, Optimizer::ADAM, Schedule::constant(0.0), seed);
        let mut engine = recipe.begin(1)?;
        let mut rule = Rule::new(rule, half_power(half));
        let order = order(seed, 0, split.learn.len());
        let mut losses = Vec::new();
        for rows in order.chunks_exact(BATCH).take(STEPS) {
            let batch = Mini { samples: &recipe.samples, epoch: 0, rows };
            match rule.step(&mut engine, &batch) {
                Ok(loss) => losses.push(loss),
                Err(backprop::Error::NotFinite { .. }) => return Ok((UNIFORM, 0.1, losses)),
                Err(other) => return Err(other.into()),
            }
        }
        let end = mean(&losses[STEPS - LAST..]).min(UNIFORM);
        Ok((end, accuracy(&mut engine, &Garments::new(&split.choose))?, losses))
    })?;
    let cells: Vec<&[(f64, f64, Vec<f64>)]> = found.chunks(SEEDS.count()).collect();
    let mut table = Table::new([
        "Rule",
        "Best rate | sci 0",
        "Training loss | fixed 3",
        "Validation accuracy | percent 1",
    ]);
    let (mut from, mut best, mut inside) = (0, Vec::new(), 0);
    for (key, name, [low, high]) in RULES {
        let n = (high - low + 1) as usize;
        let cells = &cells[from..from + n];
        from += n;
        let losses: Vec<Vec<f64>> = cells.iter().map(|c| c.iter().map(|c| c.0).collect()).collect();
        let rates: Vec<f64> = (low..=high).map(half_power).collect();
        recorder
            .series(&format!("loss/{key}"), "Learning rate", rates.iter().copied())
            .banded(name, losses.iter().map(|losses| range(losses)));
        let i = (0..n).min_by(|&a, &b| mean(&losses[a]).total_cmp(&mean(&losses[b]))).unwrap_or(0);
        inside += usize::from(i > 0 && i + 1 < n);
        let right: Vec<f64> = cells[i].iter().map(|c| c.1).collect();
        recorder.value(&format!("best/{key}/rate"), rates[i]);
        recorder.estimate(&format!("best/{key}/loss"), range(&losses[i]));
        recorder.estimate(&format!("best/{key}/accuracy"), range(&right));
        table.row([name.into(), rates[i].into(), mean(&losses[i]).into(), mean(&right).into()]);
        best.push((
            name,
            losses[i].clone(),
            right,
            cells[i].iter().map(|c| c.2.clone()).collect::<Vec<_>>(),
        ));
    }
    recorder.table("best", table);
    recorder
        .claim("rates-suffice", "The best rate of each of the three rules is neither the lowest nor the highest that was tried.")
        .all(inside, RULES.len(), "rules");
    let series = recorder.series("curves", "Step", []);
    for (name, _, _, curves) in &best {
        series.smoothed(name, curves, 10);
    }
    let under = Estimate::over_runs(&differences(&best[1].1, &best[2].1));
    recorder.estimate("gain/loss-under-adam", under);
    recorder
        .claim("muon-goes-lower", "After equal steps, each at its best rate, Muon has a lower training loss than Adam, with the whole paired interval over seeds.")
        .record(under.low > 0.0, format!("lower by {}", under.in_words(Format::Fixed(3))));
    recorder.estimate(
        "gain/accuracy-over-adam",
        Estimate::over_runs(&differences(&best[2].2, &best[1].2)),
    );
    recorder.estimate(
        "gain/accuracy-over-momentum",
        Estimate::over_runs(&differences(&best[2].2, &best[0].2)),
    );
    price(recorder);
    seconds(recorder, &split.learn)
}

/// What a step takes, in turn, so that all rules meet the same machine.
fn seconds(recorder: &mut Recorder, learn: &Labelled) -> Result<()> {
    const TIMES: usize = 15;
    const AT_ONCE: usize = 8;
    let recipe = recipe(learn, Optimizer::ADAM, Schedule::constant(0.0), 1);
    let rows: Vec<usize> = (0..BATCH).collect();
    let batch = Mini { samples: &recipe.samples, epoch: 0, rows: &rows };
    let mut taken: [Vec<f64>; RULES.len()] = Default::default();
    let mut engine = recipe.begin(1)?;
    // At a rate of nearly nothing, so that the loss stays a number.
    let mut rules: Vec<Rule> = (0..RULES.len()).map(|i| Rule::new(i, 1e-9)).collect();
    for _ in 0..TIMES {
        for (rule, taken) in rules.iter_mut().zip(&mut taken) {
            let start = Instant::now();
            for _ in 0..AT_ONCE {
                rule.step(&mut engine, &batch)?;
            }
            taken.push(start.elapsed().as_secs_f64() / AT_ONCE as f64);
        }
    }
    for ((key, ..), taken) in RULES.iter().zip(taken) {
        recorder.timings(&format!("step/{key}"), &taken);
    }
    Ok(())
}

/// What the iteration costs beside the rest of a step, in multiply-adds.
fn price(recorder: &mut Recorder) {
    let widths = crate::mlp::WIDTHS.map(|width| width as u64);
    let layers: Vec<u64> = widths.windows(2).map(|two| two[0] * two[1]).collect();
    // Forward, the gradient of the weights, and that of all inputs but the image.
    let sample = 3 * layers.iter().sum::<u64>() - layers[0];
    let step = BATCH as u64 * sample;
    let muon = multiply_adds(widths[1], widths[0]) + multiply_adds(widths[2], widths[1]);
    recorder.value("price/step", step);
    recorder.value("price/muon", muon);
    recorder.value("price/ratio", muon as f64 / step as f64);
    recorder.value("price/batch", BATCH);
}

/// One of the three, at a rate.
enum Rule {
    Plain(Optimizer, u64, f64),
    Muon(Muon, f64),
}

impl Rule {
    fn new(which: usize, rate: f64) -> Rule {
        match which {
            0 => Rule::Plain(Optimizer::Momentum { keep: 0.9 }, 0, rate),
            1 => Rule::Plain(Optimizer::ADAM, 0, rate),
            // The last matrix gives logits: not a hidden one.
            _ => Rule::Muon(Muon::new(0.95, Optimizer::ADAM, |name| name != "4.weight"), rate),
        }
    }

    fn step(&mut self, engine: &mut Engine<f32>, batch: &Mini<'_>) -> backprop::Result<f64> {
        match self {
            Rule::Plain(rule, step, rate) => {
                *step += 1;
                engine.step(batch, &rule.at(*step, *rate))
            }
            Rule::Muon(muon, rate) => muon.step(engine, batch, *rate, half_power(OTHERS)),
        }
    }
}
