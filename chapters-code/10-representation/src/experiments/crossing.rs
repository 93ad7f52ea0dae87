//! Where do the curves of an expert, of a borrowed network and of one from scratch cross? The same draws of labels for all of
//! them, from a hundred to all.

use std::time::Instant;

use classifiers::{Classifier as _, Description, Fit as _, FitError, Inputs, LinearSvm, Method};
use convolution::networks;
use convolution::recipe::{BATCH, recipe};
use learning::fashion::Labelled;
use learning::{FashionMnist, correct};
use ndarray::{Array2, ArrayView2, ArrayView3, Axis, concatenate, s};
use notebook::{Chapter, Estimate, Experiment, Format, Recorder, Rng, Table};
use optimization::{Garments, answers};
use rand::seq::SliceRandom as _;

use crate::crossing::{Answers, Labels, Means};
use crate::features::{self, Tap};
use crate::head::{Head, choose};
use crate::lite0::{Weights, weights};
use crate::price::{self, Count};

/// Labels learned from.
pub const SIZES: [usize; 6] = [100, 300, 1_000, 3_000, 10_000, 60_000];
/// Draws of so many labels.
const DRAWS: [usize; 6] = [5, 5, 5, 3, 3, 2];
/// How often the network from scratch sees them, set before the first run: some hundreds of steps for few labels, four epochs for
/// all.
const EPOCHS: [u64; 6] = [200, 100, 40, 20, 10, 4];
/// Garments that all methods are tested on: the first of the test file.
const CASES: usize = 10_000;
/// Where the borrowed network is read.
pub const TAP: Tap = Tap { after: 10, grid: 2 };
/// Side that garments are enlarged to for it.
pub const SIDE: usize = 96;
/// Pictures that go through it at once.
const BLOCK: usize = 1_000;
/// Strengths that the linear machine can have.
const STRENGTHS: [f64; 3] = [0.01, 0.1, 1.0];
/// Accuracies that are asked for.
pub const LEVELS: [f64; 3] = [0.80, 0.85, 0.88];
/// Other worlds of garments and draws.
const RESAMPLES: usize = 1_000;

/// Key and name of each method.
pub const METHODS: [(&str, &str); 4] = [
    ("hog", "gradients, linear SVM"),
    ("lite0", "borrowed features, softmax"),
    ("cnn", "CNN from scratch"),
    ("pixels", "pixels, softmax"),
];
const HOG: usize = 0;
const LITE0: usize = 1;
const CNN: usize = 2;
const PIXELS: usize = 3;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let reads = FashionMnist::paths().into_iter().chain([weights::FILE.to_owned()]);
    let crossing =
        Experiment::new("crossing", "Features of an expert, borrowed, or learned", crossing);
    chapter.experiment(crossing.seed(101).reads(reads))
}

/// The garments, and what is computed of them once.
struct World {
    data: FashionMnist,
    test: Labelled,
    /// Features of the test garments: gradients, the borrowed network's, pixels; and of the training garments, the borrowed ones.
    test_gradients: Array2<f32>,
    test_middle: Array2<f32>,
    test_pixels: Array2<f32>,
    middle: Array2<f32>,
    /// Seconds to describe a garment: by gradients, by the borrowed network.
    seconds: [f64; 2],
    threads: usize,
}

/// One method after one draw.
#[derive(Clone)]
struct Run {
    right: Vec<f64>,
    /// Multiply-adds of all that training took, the description of the training garments among it.
    multiply_adds: f64,
    /// Seconds of the same.
    training: f64,
    /// Seconds of an answer in a batch of all cases, description included.
    answer: f64,
}

/// Learns, asks, and looks where curves cross.
pub fn crossing(recorder: &mut Recorder) -> anyhow::Result<()> {
    let world = World::new(recorder)?;
    let mut rng = recorder.rng();
    let runs = all_runs(recorder, &world, &mut rng)?;
    let right = |runs: &Vec<Run>| runs.iter().map(|run| run.right.clone()).collect();
    let answers = Answers {
        sizes: SIZES.to_vec(),
        right: runs.iter().map(|sizes| sizes.iter().map(right).collect()).collect(),
    };
    let resamples = recorder.repeat(RESAMPLES, &mut rng, |rng| answers.resample(rng));
    record_setting(recorder, &world);
    record_curves(recorder, &answers);
    record_gaps(recorder, &answers);
    record_crossings(recorder, &answers, &resamples);
    record_ends(recorder, &answers);
    let needed = record_needed(recorder, &answers, &resamples);
    record_prices(recorder, &answers, &runs)?;
    record_verdicts(recorder, &answers, &runs, &needed)?;
    record_seconds(recorder, &runs);
    Ok(())
}

impl World {
    fn new(recorder: &Recorder) -> anyhow::Result<World> {
        let data = FashionMnist::of(recorder)?;
        let weights = Weights::of(recorder)?;
        let test = data.test.select(&(0..CASES).collect::<Vec<_>>());
        let start = Instant::now();
        let test_gradients = Description::All.rows(test.images.view());
        let gradients = start.elapsed().as_secs_f64() / CASES as f64;
        let most = SIZES.iter().copied().max().unwrap_or(0);
        let start = Instant::now();
        let test_middle = middle(recorder, &weights, test.images.view());
        let borrowed = start.elapsed().as_secs_f64() / CASES as f64;
        let train = data.train.images.slice(s![..most, .., ..]);
        let middle = middle(recorder, &weights, train);
        let test_pixels = test.x();
        let (seconds, threads) = ([gradients, borrowed], recorder.threads());
        Ok(World { data, test, test_gradients, test_middle, test_pixels, middle, seconds, threads })
    }

    /// Which test garments answers have right.
    fn right(&self, answers: &[u8]) -> Vec<f64> {
        correct(self.test.y(), answers)
    }
}

/// The borrowed network's features of garments `(n, 28, 28)`, block by block: enlarged, all of them would not fit in memory.
fn middle(recorder: &Recorder, weights: &Weights, images: ArrayView3<'_, u8>) -> Array2<f32> {
    let progress = recorder.progress((images.dim().0 / BLOCK) as u64, "thousand garments");
    let mut parts = Vec::new();
    for block in images.axis_chunks_iter(Axis(0), BLOCK) {
        let pictures: Vec<_> =
            block.outer_iter().map(|image| features::garment(image, SIDE)).collect();
        parts.extend(features::of(weights, &pictures, &[TAP]));
        progress.advance(1);
    }
    let views: Vec<ArrayView2<'_, f32>> = parts.iter().map(|part| part.view()).collect();
    concatenate(Axis(0), &views).unwrap_or_default()
}

/// Every method at every size for every draw: `[method][size][draw]`. The draws of a kind are nested: the first labels of one order.
fn all_runs(
    recorder: &Recorder,
    world: &World,
    rng: &mut Rng,
) -> anyhow::Result<Vec<Vec<Vec<Run>>>> {
    let rows = world.middle.nrows();
    let most = DRAWS.iter().copied().max().unwrap_or(0);
    let orders: Vec<Vec<usize>> = (0..most)
        .map(|_| {
            let mut order: Vec<usize> = (0..rows).collect();
            order.shuffle(rng);
            order
        })
        .collect();
    let progress = recorder.progress(DRAWS.iter().sum::<usize>() as u64, "draws");
    let mut runs = vec![vec![Vec::<Run>::new(); SIZES.len()]; METHODS.len()];
    for (size, &n) in SIZES.iter().enumerate() {
        for (draw, order) in orders.iter().take(DRAWS[size]).enumerate() {
            let train = &order[..n];
            for (method, runs) in runs.iter_mut().enumerate() {
                // All labels in another order are the same labels: what has no chance in it is fitted once.
                let again = runs[size].first().filter(|_| n == rows && method != CNN).cloned();
                let run = match (again, method) {
                    (Some(run), _) => run,
                    (None, HOG) => gradients(world, train, rng)?,
                    (None, LITE0) => borrowed(world, train, rng)?,
                    (None, CNN) => scratch(world, train, EPOCHS[size], draw as u64 + 1)?,
                    _ => pixels(world, train, rng)?,
                };
                runs[size].push(run);
            }
            progress.advance(1);
        }
    }
    Ok(runs)
}

/// Gradients of two sizes with pixels, which served the linear machine of chapter 3 best, and that machine.
fn gradients(world: &World, rows: &[usize], rng: &mut Rng) -> anyhow::Result<Run> {
    let start = Instant::now();
    let train = world.data.train.select(rows);
    let x = Description::All.rows(train.images.view());
    let mut spent = 0.0;
    let mut fit = |c: f64, x: ArrayView2<'_, f32>, y: &[u8]| {
        // Chapter 3's settings: fifty passes at most.
        let machine = LinearSvm {
            c,
            method: Method::Dual,
            passes: 50,
            tolerance: 1e-2,
            constant: 1.0,
            seed: 3,
        };
        let model = machine.fit(Inputs::Reals(x), y)?;
        let passes: usize = model.passes.iter().sum();
        spent += 2.0 * passes as f64 * y.len() as f64 * (x.ncols() + 1) as f64;
        Ok::<_, FitError>(model)
    };
    let c = choose(train.y(), &STRENGTHS, rng, |c, rows, aside| {
        let labels: Vec<u8> = rows.iter().map(|&row| train.y()[row]).collect();
        let model = fit(c, x.select(Axis(0), rows).view(), &labels)?;
        model.predict(Inputs::Reals(x.select(Axis(0), aside).view()))
    })?;
    let model = fit(c, x.view(), train.y())?;
    let training = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let found = model.predict(Inputs::Reals(world.test_gradients.view()))?;
    let answer = world.seconds[0] + start.elapsed().as_secs_f64() / CASES as f64;
    let [coarse, fine] = [Description::Hog, Description::FineHog].map(price::description_of);
    let seen = (coarse.multiply_adds + fine.multiply_adds) as f64 * rows.len() as f64;
    Ok(Run { right: world.right(&found), multiply_adds: spent + seen, training, answer })
}

/// A softmax head on what the borrowed network's middle answers.
fn borrowed(world: &World, rows: &[usize], rng: &mut Rng) -> anyhow::Result<Run> {
    let x = world.middle.select(Axis(0), rows);
    let run = head(world, x.view(), world.test_middle.view(), rows, rng)?;
    let n = rows.len() as f64;
    Ok(Run {
        multiply_adds: run.multiply_adds + price::lite0(TAP.after, SIDE).multiply_adds as f64 * n,
        training: run.training + world.seconds[1] * n,
        answer: run.answer + world.seconds[1],
        ..run
    })
}

/// A softmax head on pixels: nobody's features.
fn pixels(world: &World, rows: &[usize], rng: &mut Rng) -> anyhow::Result<Run> {
    let x = world.data.train.select(rows).x();
    head(world, x.view(), world.test_pixels.view(), rows, rng)
}

fn head(
    world: &World,
    x: ArrayView2<'_, f32>,
    test: ArrayView2<'_, f32>,
    rows: &[usize],
    rng: &mut Rng,
) -> anyhow::Result<Run> {
    let labels: Vec<u8> = rows.iter().map(|&row| world.data.train.y()[row]).collect();
    let start = Instant::now();
    let head = Head::fit(x, &labels, rng)?;
    let training = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let found = head.predict(test)?;
    let answer = start.elapsed().as_secs_f64() / CASES as f64;
    Ok(Run { right: world.right(&found), multiply_adds: head.multiply_adds, training, answer })
}

// ANCHOR: scratch
/// Chapter 9's network with batch normalisation and its recipe: garments
/// mirrored and shifted.
fn scratch(world: &World, rows: &[usize], epochs: u64, seed: u64) -> anyhow::Result<Run> {
    let train = world.data.train.select(rows);
    let recipe = recipe(networks::normalised, &train, epochs, seed);
    let start = Instant::now();
    let mut run = recipe.train(world.threads, &mut |_, _| Ok(()))?.whole()?;
    let training = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let right = answers::right(&mut run.engine, &Garments::new(&world.test))?;
    let answer = start.elapsed().as_secs_f64() / CASES as f64;
    let samples = recipe.steps_of_epoch() * epochs * BATCH as u64;
    let multiply_adds = (price::cnn_step()? * samples) as f64;
    Ok(Run { right, multiply_adds, training, answer })
}
// ANCHOR_END: scratch

fn record_setting(recorder: &mut Recorder, world: &World) {
    recorder.value("cases", CASES);
    recorder.value("resamples", RESAMPLES);
    recorder.value("side", SIDE);
    recorder.value("after", TAP.after);
    recorder.value("features/lite0", world.middle.ncols());
    recorder.value("features/hog", world.test_gradients.ncols());
    recorder.value("chosen-with", crate::head::MOST);
    recorder.value("folds-below", crate::head::FEW);
    let mut table =
        Table::new(["Labels | int", "Draws | int", "Epochs of the CNN | int", "Steps | int"]);
    for (size, &n) in SIZES.iter().enumerate() {
        let steps = (n / BATCH) as u64 * EPOCHS[size];
        table.row([n.into(), DRAWS[size].into(), EPOCHS[size].into(), steps.into()]);
        recorder.value(&format!("draws/{n}"), DRAWS[size]);
    }
    recorder.table("settings", table);
}

fn record_curves(recorder: &mut Recorder, answers: &Answers) {
    let mut curves = vec![Vec::new(); METHODS.len()];
    let columns = METHODS.map(|(_, name)| format!("{name} | percent 1"));
    let mut table = Table::new(std::iter::once("Labels | int".to_owned()).chain(columns));
    for (size, n) in SIZES.iter().enumerate() {
        let mut row = vec![(*n).into()];
        for (method, (key, _)) in METHODS.iter().enumerate() {
            let found = answers.accuracy(method, size);
            recorder.estimate(&format!("accuracy/{key}/{n}"), found);
            curves[method].push([found.low, found.value, found.high]);
            row.push(found.value.into());
        }
        table.row(row);
    }
    recorder.table("accuracy", table);
    let series = recorder.series("curves", "Labels", SIZES.map(|n| n as f64));
    for ((_, name), curve) in METHODS.iter().zip(curves) {
        series.banded(name, curve);
    }
}

/// Pairs that are compared: who may overtake, and whom.
const PAIRS: [(usize, usize); 5] =
    [(CNN, LITE0), (CNN, HOG), (HOG, LITE0), (CNN, PIXELS), (HOG, PIXELS)];

fn pair_key((ahead, behind): (usize, usize)) -> String {
    format!("{}-{}", METHODS[ahead].0, METHODS[behind].0)
}

fn record_gaps(recorder: &mut Recorder, answers: &Answers) {
    let mut curves = Vec::new();
    for pair in PAIRS {
        let mut curve = Vec::new();
        for (size, n) in SIZES.iter().enumerate() {
            let gap = answers.gap(pair.0, pair.1, size);
            recorder.estimate(&format!("gap/{}/{n}", pair_key(pair)), gap);
            curve.push([gap.low, gap.value, gap.high]);
        }
        curves.push(curve);
    }
    let series = recorder.series("gaps", "Labels", SIZES.map(|n| n as f64));
    for (pair, curve) in PAIRS.iter().zip(curves).take(3) {
        let name = |method: usize| METHODS[method].1.split(',').next().unwrap_or_default();
        series.banded(&format!("{} before {}", name(pair.0), name(pair.1)), curve);
    }
}

fn record_crossings(recorder: &mut Recorder, answers: &Answers, resamples: &[Means]) {
    let mut table = Table::new(["Who overtakes", "Whom", "At how many labels"]);
    for pair in PAIRS {
        let found = answers.crossing(resamples, pair.0, pair.1);
        let words = record_labels(recorder, &format!("crossing/{}", pair_key(pair)), &found);
        table.row([METHODS[pair.0].1.into(), METHODS[pair.1].1.into(), words.into()]);
    }
    recorder.table("crossings", table);
    for (id, pair, statement) in [
        (
            "cnn-overtakes-lite0",
            (CNN, LITE0),
            "The CNN from scratch overtakes borrowed features between a hundred labels and all, with its whole interval.",
        ),
        (
            "cnn-overtakes-hog",
            (CNN, HOG),
            "The CNN from scratch overtakes gradients between a hundred labels and all, with its whole interval.",
        ),
    ] {
        let found = answers.crossing(resamples, pair.0, pair.1);
        recorder.claim(id, statement).record(found.is_inside(), found.in_words(&SIZES));
    }
}

/// Records a number of labels: with its interval where both lie within the range, and in words.
fn record_labels(recorder: &mut Recorder, key: &str, found: &Labels) -> String {
    if let (true, Some(value)) = (found.is_inside(), found.value) {
        recorder.estimate(key, [found.low.min(value), value, found.high.max(value)]);
    }
    let words = found.in_words(&SIZES);
    recorder.value(&format!("{key}/words"), words.clone());
    words
}

/// Who is ahead with few labels, and who with all.
fn record_ends(recorder: &mut Recorder, answers: &Answers) {
    let (few, all) = (0, SIZES.len() - 1);
    for (id, (ahead, behind), size, statement) in [
        (
            "few-lite0-hog",
            (LITE0, HOG),
            few,
            "With a hundred labels borrowed features are right more often than gradients.",
        ),
        (
            "few-lite0-cnn",
            (LITE0, CNN),
            few,
            "With a hundred labels borrowed features are right more often than the CNN from scratch.",
        ),
        (
            "all-cnn-hog",
            (CNN, HOG),
            all,
            "With all labels the CNN from scratch is right more often than gradients.",
        ),
        (
            "all-cnn-lite0",
            (CNN, LITE0),
            all,
            "With all labels the CNN from scratch is right more often than borrowed features.",
        ),
    ] {
        recorder.claim(id, statement).above(answers.gap(ahead, behind, size), 0.0);
    }
    let few = answers.gap(HOG, CNN, few);
    recorder.estimate("few/hog-cnn", few);
    let all = answers.gap(HOG, LITE0, all);
    recorder.estimate("all/hog-lite0", all);
}

/// Labels that each method needs for each level: `[level][method]`.
fn record_needed(
    recorder: &mut Recorder,
    answers: &Answers,
    resamples: &[Means],
) -> Vec<Option<Estimate>> {
    let heads = LEVELS.map(|level| Format::Percent(0).number(level));
    let mut table = Table::new(std::iter::once("Method".to_owned()).chain(heads));
    for (method, (key, name)) in METHODS.iter().enumerate() {
        let mut row = vec![(*name).into()];
        for level in LEVELS {
            let found = answers.needed(resamples, method, level);
            let key = format!("needed/{key}/{}", (100.0 * level).round());
            row.push(record_labels(recorder, &key, &found).into());
        }
        table.row(row);
    }
    recorder.table("needed", table);
    let ratio = |recorder: &mut Recorder, key: &str, pair, level: f64| {
        let found = answers.ratio(resamples, pair, level);
        if let Some(found) = found {
            recorder.estimate(&format!("ratio/{key}/{}", (100.0 * level).round()), found);
        }
        found
    };
    for level in LEVELS {
        ratio(recorder, "cnn-lite0", [CNN, LITE0], level);
    }
    let found = LEVELS.map(|level| ratio(recorder, "cnn-hog", [CNN, HOG], level));
    let last = found[LEVELS.len() - 1];
    let words = last.map_or("not within the range".to_owned(), |last| {
        format!("{} times as many", last.in_words(Format::Fixed(2)))
    });
    recorder
        .claim(
            "fewer-labels-88",
            "To reach 88 per cent the CNN from scratch needs fewer labels than gradients.",
        )
        .record(last.is_some_and(|last| last.high < 1.0), words);
    found.to_vec()
}

/// What one answer of each method takes.
pub fn counts() -> anyhow::Result<[Count; 4]> {
    let width = 112 * TAP.grid * TAP.grid;
    Ok([
        price::gradients(),
        price::borrowed(TAP.after, SIDE, width),
        price::cnn()?,
        price::pixels(),
    ])
}

/// Multiply-adds of training and of an answer, for each point, and for a right answer.
fn record_prices(
    recorder: &mut Recorder,
    answers: &Answers,
    runs: &[Vec<Vec<Run>>],
) -> anyhow::Result<()> {
    let counts = counts()?;
    let columns = METHODS.map(|(_, name)| format!("{name} | count 1"));
    let mut training = Table::new(std::iter::once("Labels | int".to_owned()).chain(columns));
    for (size, n) in SIZES.iter().enumerate() {
        let mut row = vec![(*n).into()];
        for (method, (key, _)) in METHODS.iter().enumerate() {
            let spent = mean_of(&runs[method][size], |run| run.multiply_adds);
            recorder.value(&format!("training/{key}/{n}"), spent);
            row.push(spent.into());
            let accuracy = answers.accuracy(method, size).value;
            let each = counts[method].multiply_adds as f64 / accuracy;
            recorder.value(&format!("right-answer/{key}/{n}"), each);
            let joules = counts[method].joules() / accuracy;
            recorder.value(&format!("right-answer-joules/{key}/{n}"), joules);
        }
        training.row(row);
    }
    recorder.table("training", training);
    Ok(())
}

fn mean_of(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    learning::bootstrap::mean(&runs.iter().map(of).collect::<Vec<_>>())
}

/// The lecture's two sentences, each with what was found.
fn record_verdicts(
    recorder: &mut Recorder,
    answers: &Answers,
    runs: &[Vec<Vec<Run>>],
    needed: &[Option<Estimate>],
) -> anyhow::Result<()> {
    let mut table = Table::new(["The claim", "Against", "What was found", "Verdict"]);
    for (level, found) in LEVELS.iter().zip(needed) {
        let words = found.map_or("not within the range".to_owned(), |found| {
            format!("{} times as many labels", found.in_words(Format::Fixed(1)))
        });
        let aim = Format::Percent(0).number(*level).replace('\u{a0}', " ");
        table.row([
            format!("a deep network from scratch needs more labels to reach {aim}").into(),
            "gradients and an SVM".into(),
            words.into(),
            verdict(found.map(|found| (found.low > 1.0, found.high < 1.0))).into(),
        ]);
    }
    let gaps: Vec<Estimate> = (0..SIZES.len()).map(|size| answers.gap(LITE0, HOG, size)).collect();
    let ahead = gaps.iter().take_while(|gap| gap.low > 0.0).count();
    let until = ahead.checked_sub(1).map_or(0, |last| SIZES[last]);
    recorder.value("borrowed-ahead-until", until);
    table.row([
        "a deep network needs more labels, if others trained it".into(),
        "gradients and an SVM".into(),
        format!("it is ahead with up to {} labels", Format::Int.number(until as f64)).into(),
        if until > 0 { "does not hold there" } else { "open" }.into(),
    ]);
    compute(recorder, &mut table, runs)?;
    recorder.table("verdicts", table);
    Ok(())
}

/// "And more compute": training at every size, and an answer.
fn compute(
    recorder: &mut Recorder,
    table: &mut Table,
    runs: &[Vec<Vec<Run>>],
) -> anyhow::Result<()> {
    let spent = |method: usize, size: usize| mean_of(&runs[method][size], |run| run.multiply_adds);
    let counts = counts()?;
    for (id, method, name) in
        [("cnn", CNN, "the CNN from scratch"), ("lite0", LITE0, "the head on borrowed features")]
    {
        let ratios: Vec<f64> =
            (0..SIZES.len()).map(|size| spent(method, size) / spent(HOG, size)).collect();
        let [least, most] =
            [f64::min, f64::max].map(|f| ratios.iter().copied().reduce(f).unwrap_or(0.0));
        recorder.value(&format!("training-ratio/{id}/least"), least);
        recorder.value(&format!("training-ratio/{id}/most"), most);
        let answer = counts[method].multiply_adds as f64 / counts[HOG].multiply_adds as f64;
        recorder.value(&format!("answer-ratio/{id}"), answer);
        let words =
            |x: f64| Format::Ratio(if x < 10.0 { 1 } else { 0 }).number(x).replace('\u{a0}', " ");
        for (what, [least, most]) in [("training", [least, most]), ("an answer", [answer, answer])]
        {
            let found = if least == most {
                words(least)
            } else {
                format!("{} to {}", words(least), words(most))
            };
            table.row([
                format!("{name} takes more multiply-adds for {what}").into(),
                "gradients and an SVM".into(),
                found.into(),
                verdict(Some((least > 1.0, most < 1.0))).into(),
            ]);
        }
    }
    let dearer = |method: usize| {
        (0..SIZES.len()).filter(|&size| spent(method, size) > spent(HOG, size)).count()
    };
    recorder
        .claim("cnn-training-dearer", "At every number of labels the CNN from scratch takes more multiply-adds to train than gradients with their SVM.")
        .all(dearer(CNN), SIZES.len(), "sizes");
    recorder
        .claim(
            "answers-dearer",
            "An answer of either network takes more multiply-adds than one by gradients.",
        )
        .greater(
            counts[CNN].multiply_adds.min(counts[LITE0].multiply_adds),
            counts[HOG].multiply_adds,
        );
    recorder
        .claim("borrowed-answers-dearest", "An answer by borrowed features takes more multiply-adds than one of the CNN from scratch.")
        .greater(counts[LITE0].multiply_adds, counts[CNN].multiply_adds);
    Ok(())
}

/// Seconds of training and of an answer, and their joules as a range.
fn record_seconds(recorder: &mut Recorder, runs: &[Vec<Vec<Run>>]) {
    let cores = recorder.threads();
    for (method, (key, _)) in METHODS.iter().enumerate() {
        for (size, n) in SIZES.iter().enumerate() {
            let of = |of: fn(&Run) -> f64| runs[method][size].iter().map(of).collect::<Vec<f64>>();
            let training = of(|run| run.training);
            recorder.timings(&format!("seconds/{key}/{n}"), &training);
            recorder.timings(&format!("answer/{key}/{n}"), &of(|run| run.answer));
            let right = mean_of(&runs[method][size], |run| learning::bootstrap::mean(&run.right));
            let seconds = mean_of(&runs[method][size], |run| run.training);
            recorder
                .timing_within(&format!("joules/{key}/{n}"), price::joules_within(seconds, cores));
            let each = mean_of(&runs[method][size], |run| run.answer) / right.max(1e-9);
            recorder.timing_within(
                &format!("right-joules/{key}/{n}"),
                price::joules_within(each, cores),
            );
        }
    }
}

/// What follows from whether all of an interval is on the side of a claim, or all of it on the other; `None` where there is none.
fn verdict(sides: Option<(bool, bool)>) -> &'static str {
    match sides {
        Some((true, _)) => "holds",
        Some((_, true)) => "does not hold here",
        Some(_) => "not decided",
        None => "cannot be asked here",
    }
}
