//! What a step of training costs: operations by count, seconds against the size of the mini-batch, the width and
//! the threads, and the ladder from the textbook to the engine beside PyTorch.

use std::hint::black_box;
use std::time::Instant;

use backprop::count::{Layer, MultiplyAdds, by_formula};
use backprop::{Engine, Options, Rows};
use learning::FashionMnist;
use notebook::figure::{Axis, Bar, BarChart, LineChart};
use notebook::ladder::{self, Rung};
use notebook::{Chapter, Experiment, Figure, Format, Recorded, Recorder, Results, Series, Table};
use rand::RngExt as _;
use rand::rngs::ChaCha12Rng;

use crate::mlp::{WIDTHS, layers};
use crate::{Initialisation, Optimizer};

/// Samples of the mini-batches of the epoch that is timed.
pub const BATCH: usize = 128;

/// Whole mini-batches in an epoch of 60,000 samples.
pub const STEPS: usize = 60_000 / BATCH;

/// Adds what is measured and drawn here.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .experiment(Experiment::new("cost", "What a step costs", cost).seed(75))
        .experiment(ladder::experiment())
        .experiment(
            Experiment::new("noughts", "How many pixels are nought", noughts)
                .reads(FashionMnist::paths()),
        )
        .bench("mlp")
        .bench("mlp_peak")
        .figure("ladder", rungs)
        .figure("batch", batch)
        .figure("width", width)
        .figure("threads", threads)
}

/// The multiply-adds of linear layers of these widths by formula.
pub fn multiply_adds(widths: &[usize]) -> MultiplyAdds {
    let layer = |two: &[usize]| Layer::linear(two[0] as u64, two[1] as u64);
    by_formula(&widths.windows(2).map(layer).collect::<Vec<_>>())
}

/// A network at work on one mini-batch of random numbers.
struct Bench {
    engine: Engine<f32>,
    x: Vec<f32>,
    labels: Vec<usize>,
    step: u64,
}

impl Bench {
    fn new(
        widths: &[usize],
        batch: usize,
        threads: usize,
        rng: &mut ChaCha12Rng,
    ) -> anyhow::Result<Self> {
        let options = Options { batch, threads, ..Options::default() };
        let mut engine = Engine::new(layers(widths)?, options)?;
        Initialisation::He.draw(&mut engine, rng)?;
        let x = (0..batch * widths[0]).map(|_| rng.random()).collect();
        let labels = (0..batch).map(|i| i % engine.outputs()).collect();
        Ok(Bench { engine, x, labels, step: 0 })
    }

    fn step(&mut self) -> anyhow::Result<f64> {
        self.step += 1;
        let rule = Optimizer::ADAM.at(self.step, 1e-3);
        Ok(self.engine.step(&Rows { x: &self.x, labels: &self.labels }, &rule)?)
    }

    /// Seconds of a step for each sample, over `steps` steps after one that warms the caches.
    fn seconds(&mut self, steps: usize) -> anyhow::Result<f64> {
        black_box(self.step()?);
        let began = Instant::now();
        for _ in 0..steps {
            black_box(self.step()?);
        }
        Ok(began.elapsed().as_secs_f64() / (steps * self.labels.len()) as f64)
    }

    /// As many steps as take a twentieth of a second, or one.
    fn steps(&mut self) -> anyhow::Result<usize> {
        black_box(self.step()?);
        let one = self.seconds(3)? * self.labels.len() as f64;
        Ok(((0.05 / one) as usize).max(1))
    }
}

/// How often each configuration is timed.
const ROUNDS: usize = 9;

/// Mini-batches, hidden widths and threads that are tried.
const BATCHES: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const HIDDEN: [usize; 6] = [32, 64, 128, 256, 512, 1024];
const THREADS: [usize; 3] = [1, 2, 4];

/// What a step costs, in operations and in seconds.
fn cost(recorder: &mut Recorder) -> anyhow::Result<()> {
    let count = multiply_adds(&WIDTHS);
    recorder.value("forward", count.forward);
    recorder.value("weights", count.weights);
    recorder.value("inputs", count.inputs);
    recorder.value("batch", BATCH);
    recorder.value("steps", STEPS);
    recorder.value("parameters", layers::<f32>(&WIDTHS)?.parameters());
    recorder.value("operations/step", count.operations(BATCH as u64));
    recorder.value("operations/epoch", count.operations((BATCH * STEPS) as u64));
    let walks = [&WIDTHS[..], &[784, 32, 32, 10], &[784, 1024, 1024, 10], &[20, 5]];
    let agree =
        walks.map(|widths| Ok(layers::<f32>(widths)?.multiply_adds() == multiply_adds(widths)));
    let agree = agree.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    recorder
        .claim("two-counts", "A walk through the operations counts what the formula says.")
        .all(agree.iter().filter(|&&a| a).count(), walks.len(), "networks");
    same_bits(recorder)?;
    times_of_images(recorder)
}

/// Times every configuration in turn, round after round, so that what slows the machine for a while slows all of them.
fn times_of_images(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let mut benches = Vec::new();
    for threads in THREADS {
        // Four threads on the sizes of one mini-batch only: more than most machines of readers run.
        let batches = BATCHES.iter().filter(|&&batch| threads <= 2 || batch == BATCH);
        for &batch in batches {
            let bench = Bench::new(&WIDTHS, batch, threads, &mut rng)?;
            benches.push((format!("batch/{batch}/threads/{threads}"), bench));
        }
        for &hidden in HIDDEN.iter().filter(|_| threads <= 2) {
            let bench = Bench::new(&[784, hidden, hidden, 10], BATCH, threads, &mut rng)?;
            benches.push((format!("width/{hidden}/threads/{threads}"), bench));
        }
    }
    let steps = benches.iter_mut().map(|(_, bench)| bench.steps());
    let steps = steps.collect::<anyhow::Result<Vec<_>>>()?;
    let mut seconds = vec![Vec::new(); benches.len()];
    let progress = recorder.progress((ROUNDS * benches.len()) as u64, "timings");
    for _ in 0..ROUNDS {
        for (((_, bench), &steps), seconds) in benches.iter_mut().zip(&steps).zip(&mut seconds) {
            seconds.push(bench.seconds(steps)?);
            progress.advance(1);
        }
    }
    recorder.value("rounds", ROUNDS);
    for ((key, _), seconds) in benches.iter().zip(&seconds) {
        recorder.timings(key, seconds);
    }
    Ok(())
}

/// Five steps with each number of threads.
fn same_bits(recorder: &mut Recorder) -> anyhow::Result<()> {
    let train = |threads| -> anyhow::Result<_> {
        let mut bench = Bench::new(&WIDTHS, BATCH, threads, &mut recorder.rng())?;
        let losses = (0..5).map(|_| bench.step()).collect::<anyhow::Result<Vec<_>>>()?;
        Ok((losses, bench.engine.weights()))
    };
    let one = train(1)?;
    let same = THREADS.iter().map(|&threads| Ok(train(threads)? == one));
    let same = same.collect::<anyhow::Result<Vec<_>>>()?;
    recorder
        .claim(
            "same-bits",
            "After five steps, losses and weights are the same bits on 1, 2 and 4 threads.",
        )
        .all(same.iter().filter(|&&s| s).count(), THREADS.len(), "numbers of threads");
    Ok(())
}

/// The share of the training images' pixels that are exactly nought.
fn noughts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let pixels = FashionMnist::of(recorder)?.train.x();
    let noughts = pixels.iter().filter(|&&pixel| pixel == 0.0).count();
    recorder.value("share", noughts as f64 / pixels.len() as f64);
    Ok(())
}

fn rungs(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let rung = |name, id, threads| Rung { name, id, threads };
    let rungs = [
        rung("three loops", "three_loops_on_a_part/mlp_epoch", 1),
        rung("ndarray's products", "ndarray_on_a_part/mlp_epoch", 1),
        rung("engine, no pixel nought", "one_thread_no_nought/mlp_epoch", 1),
        rung("engine, one thread", "one_thread/mlp_epoch", 1),
        rung("engine, two threads", "two_threads/mlp_epoch_60k", 2),
    ];
    let title = "An epoch of the network with two hidden layers";
    ladder::draw(recorded, title, ("mlp", "mlp_epoch_60k"), &rungs)
}

/// Curves of the time of an image, one for each number of threads, over what `key` names.
fn times(
    recorded: &Recorded<'_>,
    (title, axis, key): (&str, &str, &str),
    over: &[usize],
) -> anyhow::Result<(Figure, f64, String)> {
    let results = recorded.experiment("cost")?;
    let mut chart = LineChart::new(
        title,
        Axis::log(axis).format(Format::Int),
        Axis::log("Time for each image").format(Format::Duration),
    );
    let mut ends = 1.0;
    let xs = || over.iter().map(|&x| x as f64);
    for threads in [1, 2] {
        let of = |&x: &usize| banded(&results, &format!("{key}/{x}/threads/{threads}"));
        let points = over.iter().map(of).collect::<anyhow::Result<Vec<_>>>()?;
        if threads == 1 {
            ends = points[0][1] / points[points.len() - 1][1];
        }
        let mut series = Series { x_name: axis.into(), x: xs().collect(), y: Vec::new() };
        series.banded(if threads == 1 { "one thread" } else { "two threads" }, points);
        chart = chart.series(&series);
    }
    Ok((chart.draw()?, ends, results.provenance.machine.describe()))
}

/// A timing with its interval: lower end, median, upper end.
fn banded(results: &Results, key: &str) -> anyhow::Result<[f64; 3]> {
    let median = results.number(key)?;
    let (low, high) = results.value(key)?.interval.unwrap_or((median, median));
    Ok([low, median, high])
}

fn batch(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let what = ("Time for each image by size of mini-batch", "Images in a mini-batch", "batch");
    let (figure, ends, machine) = times(recorded, what, &BATCHES)?;
    Ok(figure
        .caption(format!(
            "On one thread, an image alone takes {} as long as an image among {}: weights are read and changed once for \
             a mini-batch, however small it is. Medians of {ROUNDS} rounds with their intervals, on {machine}.",
            Format::Ratio(0).number(ends),
            BATCHES[BATCHES.len() - 1],
        ))
        .description(format!(
            "Two falling curves on logarithmic axes, for one and two threads: seconds of training for each image over \
             mini-batches of {} to {} images. They fall steeply at first and flatten.",
            BATCHES[0],
            BATCHES[BATCHES.len() - 1],
        )))
}

fn width(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let what = ("Time for each image by width", "Units in each of two hidden layers", "width");
    let (figure, ends, machine) = times(recorded, what, &HIDDEN)?;
    let operations = |hidden| multiply_adds(&[784, hidden, hidden, 10]).operations(1) as f64;
    let more = operations(HIDDEN[HIDDEN.len() - 1]) / operations(HIDDEN[0]);
    Ok(figure
        .caption(format!(
            "From the narrowest to the widest network the operations grow by a factor of {}, the time on one thread by {}. \
             Measured on {machine}.",
            Format::Int.number(more),
            Format::Int.number(1.0 / ends),
        ))
        .description(format!(
            "Two rising curves on logarithmic axes, for one and two threads: seconds of training for each image over \
             hidden layers of {} to {} units.",
            HIDDEN[0],
            HIDDEN[HIDDEN.len() - 1],
        )))
}

fn threads(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("cost")?;
    let of = |threads| banded(&results, &format!("batch/{BATCH}/threads/{threads}"));
    let machine = &results.provenance.machine;
    let mut chart = BarChart::new(
        "Time for each image by threads",
        Axis::linear("Time for each image").format(Format::Duration).from_zero(),
    )
    .values(Format::Duration);
    let mut table =
        Table::new(["Threads | int", "Time for each image | duration", "Speed-up | ratio 2"]);
    let one = of(1)?[1];
    for threads in THREADS {
        let [low, seconds, high] = of(threads)?;
        let name = if threads == 1 { "1 thread".into() } else { format!("{threads} threads") };
        chart = chart.bar(name, Bar::new(seconds).interval(low, high));
        table.row([threads.into(), seconds.into(), (one / seconds).into()]);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Two threads are {} as fast as one, and four {}. More threads than the machine runs at a time cannot help. Medians of {ROUNDS} rounds with their intervals, on {}.",
            Format::Ratio(2).number(one / of(2)?[1]),
            Format::Ratio(2).number(one / of(4)?[1]),
            machine.describe(),
        ))
        .description(format!(
            "Three horizontal bars with whiskers: seconds for each image on one, two and four threads, {}, {} and {}.",
            Format::Duration.number(one),
            Format::Duration.number(of(2)?[1]),
            Format::Duration.number(of(4)?[1]),
        ))
        .data(table))
}
