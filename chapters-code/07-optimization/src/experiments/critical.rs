//! The critical batch size: steps to a loss against the size of the mini-batch, each size at its best rate, with and without a
//! warm-up; and the noise of the gradient, which should foretell it.

use anyhow::Result;
use backprop::{Engine, Network};
use learning::FashionMnist;
use learning::bootstrap::mean;
use notebook::{Estimate, Recorder, Table};

use super::common::{Split, each, halves};
use crate::mlp::layers;
use crate::trainer::{Mini, order};
use crate::{Garments, Optimizer, Recipe, Samples, Schedule};

/// Sizes of the mini-batch, and the most steps that each may take.
const SIZES: [(usize, usize); 5] = [(16, 2_400), (64, 800), (256, 400), (1_024, 400), (4_096, 400)];
/// Rates of SGD.
const RATES: [f64; 5] = [0.05, 0.1, 0.2, 0.4, 0.8];
/// Steps of the warm-up.
const WARM_UP: usize = 10;
/// The loss on garments kept aside that is to be reached, and of how many garments it is.
const TARGET: f64 = 0.55;
const ASIDE: usize = 500;
/// Seeds.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;
/// Mini-batches of this size measure the noise of the gradient, so many of them.
const OF: usize = 128;
const MANY: usize = 100;

fn network() -> backprop::Result<Network<f32>> {
    layers(&[784, 64, 10])
}

/// A run: the size of its mini-batch, its rate, its warm-up and its seed.
#[derive(Clone, Copy)]
struct Job {
    size: usize,
    most: usize,
    rate: f64,
    warm_up: usize,
    seed: u64,
}

/// Steps until the loss is reached; nothing where it is not.
fn steps(job: &Job, split: &Split, aside: &Garments<'_>) -> Result<Option<usize>> {
    let samples = Garments::new(&split.learn);
    let most = job.size.max(ASIDE);
    let recipe = Recipe { seed: job.seed, batch: most, ..Recipe::new(network, samples) };
    let mut engine = recipe.begin(1)?;
    let schedule = Schedule { warm_up: job.warm_up as u64, ..Schedule::constant(job.rate) };
    let rows: Vec<usize> = (0..ASIDE).collect();
    let judge = Mini { samples: aside, epoch: 0, rows: &rows };
    let every = (256 / job.size).max(1);
    let of_epoch = samples.len() / job.size;
    let mut shuffled = Vec::new();
    for step in 0..job.most {
        if step % of_epoch == 0 {
            shuffled = order(job.seed, (step / of_epoch) as u64, samples.len());
        }
        let rows = &shuffled[step % of_epoch * job.size..][..job.size];
        let batch = Mini { samples: &samples, epoch: 0, rows };
        let rule = Optimizer::Sgd.at(1, schedule.at(step as u64, job.most as u64));
        if engine.step(&batch, &rule).is_err() {
            return Ok(None);
        }
        if (step + 1) % every == 0 {
            match engine.evaluate(&judge) {
                Ok(loss) if loss <= TARGET => return Ok(Some(step + 1)),
                Ok(_) => {}
                Err(_) => return Ok(None),
            }
        }
    }
    Ok(None)
}

/// All sizes, rates and seeds, both ways.
pub fn critical(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let split = halves(&data.train, &mut recorder.rng());
    let kept = split.choose.select(&(0..ASIDE).collect::<Vec<_>>());
    let aside = Garments::new(&kept);
    for (key, value) in
        [("target", TARGET), ("rates", RATES.len() as f64), ("warm-up", WARM_UP as f64)]
    {
        recorder.value(key, value);
    }
    recorder.value("seeds", SEEDS.count());
    let mut jobs = Vec::new();
    for (size, most) in SIZES {
        for warm_up in [0, WARM_UP] {
            for rate in RATES {
                jobs.extend(SEEDS.map(|seed| Job { size, most, rate, warm_up, seed }));
            }
        }
    }
    let found = each(recorder, &jobs, |job| steps(job, &split, &aside))?;
    let cells: Vec<&[Option<usize>]> = found.chunks(SEEDS.count()).collect();
    // Of a size, one way: the rate at which all seeds arrive with the fewest steps.
    let best = |cells: &[&[Option<usize>]]| -> Option<(f64, f64)> {
        let arrived = cells.iter().zip(RATES).filter_map(|(runs, rate)| {
            let steps: Option<Vec<f64>> = runs.iter().map(|run| run.map(|n| n as f64)).collect();
            Some((mean(&steps?), rate))
        });
        arrived.min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let mut table = Table::new([
        "Mini-batch | int",
        "Steps | int",
        "Best rate",
        "Garments seen | int",
        "Steps after a warm-up | int",
        "Its best rate",
    ]);
    let (mut plain, mut warm) = (Vec::new(), Vec::new());
    for ((size, _), cells) in SIZES.iter().zip(cells.chunks(2 * RATES.len())) {
        let ways = [best(&cells[..RATES.len()]), best(&cells[RATES.len()..])];
        for (key, way) in ["plain", "warm"].iter().zip(ways) {
            if let Some((steps, rate)) = way {
                recorder.value(&format!("{key}/{size}/steps"), steps);
                recorder.value(&format!("{key}/{size}/rate"), rate);
                recorder.value(&format!("{key}/{size}/seen"), steps * *size as f64);
            }
        }
        let [a, b] = ways;
        table.row([
            (*size).into(),
            a.map(|a| a.0).into(),
            a.map(|a| a.1).into(),
            a.map(|a| a.0 * *size as f64).into(),
            b.map(|b| b.0).into(),
            b.map(|b| b.1).into(),
        ]);
        plain.extend(a.map(|a| a.0));
        warm.extend(b.map(|b| b.0));
    }
    recorder.table("critical", table);
    fit(recorder, &plain, &warm);
    noise(recorder, &split)
}

/// `S = S₀ (1 + B₀ / B)` by least squares on `1 / B`, in relative terms.
fn hyperbola(steps: &[f64]) -> [f64; 2] {
    // a + b / B, each point weighted by one over its square.
    let (mut m, mut v) = ([0.0; 3], [0.0; 2]);
    for (&s, (size, _)) in steps.iter().zip(SIZES) {
        let (t, weight) = (1.0 / size as f64, 1.0 / (s * s));
        m = [m[0] + weight, m[1] + weight * t, m[2] + weight * t * t];
        v = [v[0] + weight * s, v[1] + weight * s * t];
    }
    let determinant = m[0] * m[2] - m[1] * m[1];
    let a = (v[0] * m[2] - v[1] * m[1]) / determinant;
    let b = (v[1] * m[0] - v[0] * m[1]) / determinant;
    [a, b / a]
}

fn fit(recorder: &mut Recorder, plain: &[f64], warm: &[f64]) {
    if plain.len() < SIZES.len() || warm.len() < SIZES.len() {
        return;
    }
    let [least, critical] = hyperbola(plain);
    let [warm_least, warm_critical] = hyperbola(warm);
    recorder.value("fit/least", least);
    recorder.value("fit/critical", critical);
    recorder.value("fit/warm/least", warm_least);
    recorder.value("fit/warm/critical", warm_critical);
    let sizes = SIZES.map(|(size, _)| size as f64);
    recorder
        .series("steps", "Samples of a mini-batch", sizes)
        .curve("at the best rate", plain.iter().copied())
        .curve("after a warm-up", warm.iter().copied())
        .curve("fitted hyperbola", sizes.map(|size| least * (1.0 + critical / size)));
    let saved = |from: usize, to: usize| plain[from] / plain[to];
    recorder.value("saved/small", saved(0, 1));
    recorder.value("saved/large", saved(3, 4));
    recorder
        .claim("saves-less-and-less", "Four times the mini-batch saves a larger factor of steps from 16 to 64 than from 1,024 to 4,096.")
        .less(saved(3, 4), saved(0, 1));
}

/// The size at which noise and gradient are equally long, at three places of a training, and the angle to the whole gradient.
fn noise(recorder: &mut Recorder, split: &Split) -> Result<()> {
    let samples = Garments::new(&split.learn);
    let recipe = Recipe {
        batch: OF,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::constant(0.1),
        ..Recipe::new(network, samples)
    };
    let of_epoch = recipe.steps_of_epoch();
    let mut engine = recipe.begin(1)?;
    let mut places = vec![("start", measure(&mut engine, &samples)?)];
    recipe.train(1, &mut |step, engine| {
        for (key, at) in [("tenth", of_epoch / 10), ("end", of_epoch)] {
            if step.number == at {
                places.push((key, measure(engine, &samples)?));
            }
        }
        Ok(())
    })?;
    recorder.value("noise/of", OF);
    recorder.value("noise/many", MANY);
    for (key, (Noise { trace, gradient }, cosines)) in &places {
        recorder.value(&format!("noise/{key}"), trace / gradient);
        recorder.value(&format!("noise/{key}/trace"), *trace);
        recorder.value(&format!("noise/{key}/gradient"), *gradient);
        recorder.estimate(
            &format!("cosine/{key}"),
            Estimate { low: cosines[0], value: cosines[1], high: cosines[2] },
        );
    }
    let (first, last) = (&places[0].1, &places[places.len() - 1].1);
    recorder
        .claim("noise-grows", "From the first weights to the end of the epoch the size at which noise and gradient are equally long grows.")
        .less(first.0.trace / first.0.gradient, last.0.trace / last.0.gradient);
    recorder
        .claim("directions-part", "At the end of the epoch the gradient of a mini-batch points less nearly along the mean of all than at the first weights.")
        .less(last.1[1], first.1[1]);
    Ok(())
}

/// What makes a mini-batch's gradient another than the mean.
struct Noise {
    /// The trace of the covariance of one sample's gradient.
    trace: f64,
    /// The square of the mean gradient.
    gradient: f64,
}

/// The noise and the square of the gradient, both without bias, and the cosines between a mini-batch's gradient and the mean of the
/// others: lowest, mean, highest.
fn measure(engine: &mut Engine<f32>, samples: &Garments<'_>) -> crate::Result<(Noise, [f64; 3])> {
    let rows = order(99, 0, samples.len());
    let mut gradients: Vec<Vec<f64>> = Vec::new();
    for rows in rows.chunks_exact(OF).take(MANY) {
        engine.gradients(&Mini { samples, epoch: 0, rows })?;
        gradients.push(
            engine.gradient().iter().flat_map(|t| t.data.iter().map(|&g| f64::from(g))).collect(),
        );
    }
    let n = gradients.len() as f64;
    let mut sum = vec![0.0; gradients[0].len()];
    for g in &gradients {
        sum.iter_mut().zip(g).for_each(|(sum, g)| *sum += g);
    }
    let square = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>();
    let of_one = gradients.iter().map(|g| square(g)).sum::<f64>() / n;
    let of_mean = square(&sum) / (n * n);
    // E|g|² = |G|² + T/B for one and |G|² + T/(nB) for the mean of n.
    let noise = (of_one - of_mean) / (1.0 - 1.0 / n);
    let gradient = of_mean - noise / n;
    let cosine = |g: &Vec<f64>| {
        let rest: Vec<f64> = sum.iter().zip(g).map(|(sum, g)| sum - g).collect();
        let dot: f64 = rest.iter().zip(g).map(|(rest, g)| rest * g).sum();
        dot / (square(&rest) * square(g)).sqrt()
    };
    let cosines: Vec<f64> = gradients.iter().map(cosine).collect();
    let noise = Noise { trace: noise * OF as f64, gradient };
    Ok((noise, super::common::range(&cosines)))
}
