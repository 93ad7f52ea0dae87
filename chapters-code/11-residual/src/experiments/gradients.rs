//! How large the gradient is in each layer before the first step, in stacks with and without skips and normalisation.

use backprop::{Engine, Options, Rows, Tensor};
use learning::FashionMnist;
use learning::bootstrap::mean;
use notebook::{Chapter, Estimate, Experiment, Format, Recorder, Stream, Table, stream};
use optimization::Initialisation;

use crate::networks::{CHANNELS, Way, stack_with_signal};

/// Layers of the stacks.
pub const DEPTHS: [usize; 3] = [20, 50, 100];
/// Draws of the first weights.
const DRAWS: u64 = 5;
/// Garments of the mini-batch.
const GARMENTS: usize = 32;
/// Pixels of a side behind the first pool.
const SIDE: usize = 14;

/// The stacks that are compared: key, name, and whether they have skips and normalisation.
pub const WAYS: [(&str, &str, Way); 4] = [
    ("plain", "plain", way(false, false)),
    ("plain-norm", "plain, normalised", way(false, true)),
    ("skip", "with skips", way(true, false)),
    ("skip-norm", "with skips, normalised", way(true, true)),
];

const fn way(skip: bool, norm: bool) -> Way {
    Way { skip, norm }
}

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "How large the gradient is, layer by layer";
    let experiment = Experiment::new("gradients", title, gradients).seed(112);
    chapter.experiment(experiment.reads(FashionMnist::paths()))
}

/// A mini-batch in double precision.
struct Mini {
    x: Vec<f64>,
    labels: Vec<usize>,
}

impl Mini {
    /// The first garments of the training set.
    fn of(recorder: &Recorder) -> anyhow::Result<Mini> {
        let rows: Vec<usize> = (0..GARMENTS).collect();
        let garments = FashionMnist::of(recorder)?.train.select(&rows);
        let x = garments.images.iter().map(|&level| f64::from(level) / 255.0).collect();
        Ok(Mini { x, labels: garments.y().iter().map(|&y| usize::from(y)).collect() })
    }
}

/// What one pass forward and backward shows.
struct Pass {
    /// The root of the mean square of what the stem and each block give.
    signal: Vec<f64>,
    /// The norm of the loss's gradient in the weights of each convolution of the blocks.
    gradient: Vec<f64>,
    /// The sum of each weight times its gradient, for each of these convolutions.
    products: Vec<f64>,
    /// The norms of their weights.
    weights: Vec<f64>,
}

/// Every depth, every way, every draw.
pub fn gradients(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mini = Mini::of(recorder)?;
    recorder.value("garments", GARMENTS);
    recorder.value("draws", DRAWS);
    recorder.value("channels", CHANNELS);
    recorder.value("side", SIDE);
    let total = (DEPTHS.len() * WAYS.len()) as u64 * DRAWS;
    let progress = recorder.progress(total, "passes");
    let mut deepest = Vec::new();
    let mut table =
        Table::new(["Stack", "20 layers | sci 1", "50 layers | sci 1", "100 layers | sci 1"]);
    for (key, name, way) in WAYS {
        let mut cells = vec![name.into()];
        for depth in DEPTHS {
            let passes: Vec<Pass> = (1..=DRAWS)
                .map(|draw| {
                    progress.advance(1);
                    pass(recorder, depth, way, draw, &mini)
                })
                .collect::<anyhow::Result<_>>()?;
            let ratio = Estimate::over_runs(&ratios(&passes));
            recorder.estimate(&format!("ratio/{key}/{depth}"), power(ratio));
            cells.push(power(ratio).value.into());
            if depth == DEPTHS[DEPTHS.len() - 1] {
                deepest.push(passes);
            }
        }
        table.row(cells);
    }
    recorder.table("ratios", table);
    record(recorder, &deepest);
    identities(recorder, &deepest);
    claims(recorder, &deepest);
    Ok(())
}

/// He's first weights, one mini-batch, no step.
fn pass(
    recorder: &Recorder,
    depth: usize,
    way: Way,
    draw: u64,
    mini: &Mini,
) -> anyhow::Result<Pass> {
    let (mut network, signal) = stack_with_signal::<f64>(depth, way)?;
    for value in &signal {
        network.keep(*value)?;
    }
    let options = Options { batch: GARMENTS, threads: recorder.threads(), ..Options::default() };
    let mut engine = Engine::new(network, options)?;
    Initialisation::He.draw(&mut engine, &mut stream(draw, Stream::Weights))?;
    engine.gradients(&Rows { x: &mini.x, labels: &mini.labels })?;
    let mut numbers = vec![0.0; GARMENTS * CHANNELS * SIDE * SIDE];
    let mut sizes = Vec::new();
    for value in signal {
        engine.read(value, &mut numbers)?;
        sizes.push((squares(&numbers) / numbers.len() as f64).sqrt());
    }
    // The stem reads one channel and has fewer weights than the others.
    let kernel = |t: &Tensor<f64>| t.shape.len() == 4 && !t.name.starts_with("stem");
    let kernels = |all: Vec<Tensor<f64>>| all.into_iter().filter(kernel).collect::<Vec<_>>();
    let (gradients, weights) = (kernels(engine.gradient()), kernels(engine.weights()));
    let norms = |all: &[Tensor<f64>]| all.iter().map(|t| squares(&t.data).sqrt()).collect();
    let product = |(g, w): (&Tensor<f64>, &Tensor<f64>)| {
        g.data.iter().zip(&w.data).map(|(g, w)| g * w).sum::<f64>()
    };
    let products = gradients.iter().zip(&weights).map(product).collect();
    Ok(Pass { signal: sizes, gradient: norms(&gradients), products, weights: norms(&weights) })
}

fn squares(numbers: &[f64]) -> f64 {
    numbers.iter().map(|x| x * x).sum()
}

/// How many powers of ten the gradient of the first convolution is above that of the last, for each draw.
fn ratios(passes: &[Pass]) -> Vec<f64> {
    let ratio = |g: &Vec<f64>| g[0].log10() - g[g.len() - 1].log10();
    passes.iter().map(|pass| ratio(&pass.gradient)).collect()
}

/// The slope of the straight line through the logarithms, to the base ten, of numbers in a row.
fn slope(numbers: &[f64]) -> f64 {
    let y: Vec<f64> = numbers.iter().map(|x| x.log10()).collect();
    let middle = (y.len() as f64 - 1.0) / 2.0;
    let about = mean(&y);
    let of = |f: &dyn Fn(usize) -> f64| (0..y.len()).map(f).sum::<f64>();
    let up = of(&|i| (i as f64 - middle) * (y[i] - about));
    up / of(&|i| (i as f64 - middle).powi(2))
}

/// What was estimated as powers of ten.
fn power(found: Estimate) -> Estimate {
    let ten = |x: f64| 10f64.powf(x);
    Estimate { low: ten(found.low), value: ten(found.value), high: ten(found.high) }
}

fn slopes(passes: &[Pass], of: Part) -> Estimate {
    Estimate::over_runs(&passes.iter().map(|pass| slope(of(pass))).collect::<Vec<_>>())
}

/// One of the lists of a pass.
type Part = fn(&Pass) -> &Vec<f64>;

/// Curves over the layers of the deepest stacks, and factors for each layer.
fn record(recorder: &mut Recorder, deepest: &[Vec<Pass>]) {
    let parts: [(&str, &str, Part); 2] = [
        ("gradient", "Convolution, from the input", |pass| &pass.gradient),
        ("signal", "Block, from the input", |pass| &pass.signal),
    ];
    for (part, axis, of) in parts {
        let length = of(&deepest[0][0]).len();
        let from = usize::from(part == "gradient");
        let series = recorder.series(part, axis, (0..length).map(|i| (i + from) as f64));
        for ((_, name, _), passes) in WAYS.iter().zip(deepest) {
            let at = |i: usize| {
                let logs: Vec<f64> = passes.iter().map(|pass| of(pass)[i].log10()).collect();
                let found = power(Estimate::over_runs(&logs));
                [found.low, found.value, found.high]
            };
            series.banded(name, (0..length).map(at));
        }
        for ((key, _, _), passes) in WAYS.iter().zip(deepest) {
            let slope = slopes(passes, of);
            recorder.estimate(&format!("{part}/factor/{key}"), power(slope));
            let back = Estimate { low: -slope.high, value: -slope.value, high: -slope.low };
            recorder.estimate(&format!("{part}/back/{key}"), power(back));
            let last = |pass: &Pass| of(pass)[length - 1].log10();
            let ends: Vec<f64> = passes.iter().map(last).collect();
            recorder.estimate(&format!("{part}/last/{key}"), power(Estimate::over_runs(&ends)));
            let range = |pick: fn(f64, f64) -> f64, from| ends.iter().copied().fold(from, pick);
            let apart = range(f64::max, f64::MIN) - range(f64::min, f64::MAX);
            recorder.value(&format!("{part}/apart/{key}"), 10f64.powf(apart));
        }
    }
    // A sum over the window of an image with zeros around it is smaller at the rim. In the long run the mean square is
    // multiplied by the square of this number in each layer, and its root by the number itself.
    let angle = std::f64::consts::PI / (SIDE as f64 + 1.0);
    recorder.value("padding/factor", (1.0 + 2.0 * angle.cos()) / 3.0);
    let share = |pass: &Pass| {
        // Which part of what a block gives, in mean squares, was not there before it.
        let s = &pass.signal;
        (1..s.len()).map(|i| 1.0 - (s[i - 1] / s[i]).powi(2)).collect::<Vec<f64>>()
    };
    for ((key, _, _), passes) in WAYS.iter().zip(deepest).skip(2) {
        let shares: Vec<Vec<f64>> = passes.iter().map(share).collect();
        for (end, at) in [("first", 0), ("last", shares[0].len() - 1)] {
            let of: Vec<f64> = shares.iter().map(|s| s[at]).collect();
            recorder.estimate(&format!("added/{key}/{end}"), Estimate::over_runs(&of));
        }
    }
}

/// What follows from how the output depends on the size of a layer's weights: it is in proportion to it, or does not depend on it.
fn identities(recorder: &mut Recorder, deepest: &[Vec<Pass>]) {
    let most = |all: Vec<f64>| all.into_iter().fold(0.0, f64::max);
    let apart = |pass: &Pass| {
        let first = pass.products[0];
        most(pass.products.iter().map(|p| (p / first - 1.0).abs()).collect())
    };
    let apart = most(deepest[0].iter().map(apart).collect());
    recorder.value("products/plain/apart", apart);
    recorder
        .claim(
            "same-product",
            "In the plain stacks without normalisation, the sum of each weight times its gradient is the same for all convolutions, but for rounding.",
        )
        .record(apart < 1e-6, format!("at most {apart:.1e} of it apart"));
    let angle = |pass: &Pass| {
        let norms = pass.weights.iter().zip(&pass.gradient).map(|(w, g)| w * g);
        most(pass.products.iter().zip(norms).map(|(p, norm)| (p / norm).abs()).collect())
    };
    let cosine = most(deepest[1].iter().map(angle).collect());
    recorder.value("products/plain-norm/cosine", cosine);
    recorder
        .claim(
            "no-product",
            "In the plain stacks with normalisation, the gradient of a convolution stands at right angles to its weights, up to one in a thousand.",
        )
        .record(cosine < 1e-3, format!("cosine at most {cosine:.1e}"));
}

fn claims(recorder: &mut Recorder, deepest: &[Vec<Pass>]) {
    let gradient: Vec<Vec<f64>> = deepest.iter().map(|passes| ratios(passes)).collect();
    let apart = |a: usize, b: usize| {
        let pairs = gradient[a].iter().zip(&gradient[b]);
        Estimate::over_runs(&pairs.map(|(a, b)| a - b).collect::<Vec<_>>())
    };
    let words = |found: Estimate| format!("{} powers of ten", found.in_words(Format::Fixed(2)));
    let grows = Estimate::over_runs(&gradient[1]);
    recorder
        .claim(
            "normalised-plain-explodes",
            "In a plain stack of 100 layers with batch normalisation, the gradient of the first convolution is more than 1,000 times as long as that of the last.",
        )
        .record(grows.low > 3.0, words(grows));
    recorder.estimate("apart/plain-norm/plain", power(apart(1, 0)));
    recorder
        .claim(
            "normalisation-steepens",
            "In plain stacks the gradient grows more towards the first layers with batch normalisation than without it.",
        )
        .record(apart(1, 0).low > 0.0, words(apart(1, 0)));
    recorder.estimate("apart/plain-norm/skip-norm", power(apart(1, 3)));
    recorder
        .claim(
            "skips-flatten",
            "With batch normalisation, the gradient grows less towards the first layers where there are skips.",
        )
        .record(apart(1, 3).low > 0.0, words(apart(1, 3)));
    let signal = |way: usize| slopes(&deepest[way], |pass| &pass.signal);
    recorder
        .claim(
            "skips-alone-grow",
            "With skips and without normalisation, the signal grows from block to block.",
        )
        .record(signal(2).low > 0.0, format!("{} a block", words(signal(2))));
    recorder
        .claim(
            "plain-fades",
            "In a plain stack without normalisation the signal fades from block to block, although its weights are He's.",
        )
        .record(signal(0).high < 0.0, format!("{} a block", words(signal(0))));
}
