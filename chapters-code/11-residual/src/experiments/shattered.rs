//! The slope of random networks along a line, and how fast it forgets.

use anyhow::Context as _;
use learning::bootstrap::mean;
use notebook::{Chapter, Estimate, Experiment, Format, Recorder, Rng, Table};

use crate::shattered::{OnLine, Way, autocorrelation, brown, white};

/// Points of the line, from −2 to 2.
const POINTS: usize = 256;
/// The ends of the line.
const ENDS: f64 = 2.0;
/// Units of each layer.
const WIDTH: usize = 200;
/// Random networks of each kind.
const NETWORKS: usize = 20;
/// The largest lag.
const LAGS: usize = 60;

/// The networks: key, name, layers, and what they have besides.
pub const KINDS: [(&str, &str, usize, Way); 12] = [
    ("one", "one hidden layer", 2, way(None, false)),
    ("plain/10", "plain, 10 layers", 10, way(None, false)),
    ("plain/50", "plain, 50 layers", 50, way(None, false)),
    ("plain-norm/10", "plain, normalised, 10 layers", 10, way(None, true)),
    ("plain-norm/24", "plain, normalised, 24 layers", 24, way(None, true)),
    ("plain-norm/50", "plain, normalised, 50 layers", 50, way(None, true)),
    ("skip/50", "skips, 50 layers", 50, way(Some(1.0), false)),
    ("skip-norm/10", "skips, normalised, 10 layers", 10, way(Some(1.0), true)),
    ("skip-norm/24", "skips, normalised, 24 layers", 24, way(Some(1.0), true)),
    ("skip-norm/50", "skips, normalised, 50 layers", 50, way(Some(1.0), true)),
    ("tenth/50", "skips, a tenth of each block, 50 layers", 50, way(Some(0.1), false)),
    (
        "tenth-norm/50",
        "skips, a tenth of each block, normalised, 50 layers",
        50,
        way(Some(0.1), true),
    ),
];
/// Makes a series of that length.
type Noise = fn(usize, &mut Rng) -> Vec<f64>;

/// The references.
const NOISES: [(&str, &str, Noise); 2] =
    [("brown", "brown noise", brown), ("white", "white noise", white)];

const fn way(skip: Option<f64>, norm: bool) -> Way {
    Way { skip, norm }
}

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "The slope of random networks along a line";
    chapter.experiment(Experiment::new("shattered", title, shattered).seed(113))
}

/// One random network of a kind, or one noise.
struct Draw {
    series: Vec<f64>,
    correlation: Vec<f64>,
}

impl Draw {
    fn of(series: Vec<f64>) -> Option<Draw> {
        let correlation = autocorrelation(&series, LAGS)?;
        Some(Draw { series, correlation })
    }

    /// The correlation of the two parts that the largest lag leaves, each with its own mean and deviation.
    fn of_parts(&self) -> f64 {
        let parts = [&self.series[..self.series.len() - LAGS], &self.series[LAGS..]].map(standard);
        mean(&parts[0].iter().zip(&parts[1]).map(|(a, b)| a * b).collect::<Vec<_>>())
    }

    /// The first lag at which the correlation is below one half; one more than the largest, where there is none.
    fn half(&self) -> f64 {
        self.correlation.iter().position(|&r| r < 0.5).unwrap_or(LAGS + 1) as f64
    }
}

/// Every kind of network, and both noises.
pub fn shattered(recorder: &mut Recorder) -> anyhow::Result<()> {
    let step = 2.0 * ENDS / (POINTS as f64 - 1.0);
    let points: Vec<f64> = (0..POINTS).map(|i| step * i as f64 - ENDS).collect();
    recorder.value("points", POINTS);
    recorder.value("width", WIDTH);
    recorder.value("networks", NETWORKS);
    recorder.value("step", step);
    let mut rng = recorder.rng();
    let found = recorder.repeat(NETWORKS, &mut rng, |rng| -> Option<Vec<Draw>> {
        let networks = KINDS.iter().map(|&(_, _, depth, way)| {
            Draw::of(OnLine::draw(depth, WIDTH, way, &points, rng).slopes(&points))
        });
        let mut all: Vec<Draw> = networks.collect::<Option<_>>()?;
        for (_, _, noise) in NOISES {
            all.push(Draw::of(noise(POINTS, rng))?);
        }
        Some(all)
    });
    let found: Option<Vec<Vec<Draw>>> = found.into_iter().collect();
    let found = found.context("the slope of a network does not vary along the line")?;
    record(recorder, &points, &found);
    claims(recorder, &found);
    Ok(())
}

/// Keys and names of the networks and the noises, in the order of what was drawn.
fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let networks = KINDS.iter().map(|&(key, name, ..)| (key, name));
    networks.chain(NOISES.iter().map(|&(key, name, _)| (key, name)))
}

fn record(recorder: &mut Recorder, points: &[f64], found: &[Vec<Draw>]) {
    let over = |kind: usize, of: &dyn Fn(&Draw) -> f64| {
        Estimate::over_runs(&found.iter().map(|draws| of(&draws[kind])).collect::<Vec<_>>())
    };
    let mut table = Table::new([
        "Slope of",
        "Next point | fixed 3",
        "Ten points on | fixed 3",
        "Points to one half | fixed 1",
    ]);
    let series = recorder.series("correlation", "Points apart", (0..=LAGS).map(|lag| lag as f64));
    for (kind, (_, name)) in names().enumerate() {
        let at = |lag: usize| {
            let found = over(kind, &|draw| draw.correlation[lag]);
            [found.low, found.value, found.high]
        };
        series.banded(name, (0..=LAGS).map(at));
    }
    for (kind, (key, name)) in names().enumerate() {
        let [next, ten] = [1, 10].map(|lag| over(kind, &|draw| draw.correlation[lag]));
        let half = over(kind, &Draw::half);
        recorder.estimate(&format!("{key}/next"), next);
        recorder.estimate(&format!("{key}/ten"), ten);
        recorder.estimate(&format!("{key}/half"), half);
        table.row([name.into(), next.value.into(), ten.value.into(), half.value.into()]);
    }
    recorder.table("correlation", table);
    recorder.value("lags", LAGS);
    let kept = names().position(|(key, _)| key == "tenth-norm/50").unwrap_or_default();
    recorder.estimate("convention/ours", over(kept, &|draw| draw.correlation[LAGS]));
    recorder.estimate("convention/parts", over(kept, &Draw::of_parts));
    let series = recorder.series("slopes", "Input", points.iter().copied());
    for (kind, (_, name)) in names().enumerate() {
        series.curve(name, standard(&found[0][kind].series));
    }
}

/// In units of its own deviation, so that pictures can be compared.
fn standard(series: &[f64]) -> Vec<f64> {
    let middle = mean(series);
    let squares: Vec<f64> = series.iter().map(|x| (x - middle).powi(2)).collect();
    let deviation = mean(&squares).sqrt();
    series.iter().map(|x| (x - middle) / deviation).collect()
}

fn claims(recorder: &mut Recorder, found: &[Vec<Draw>]) {
    let place = |key: &str| names().position(|(k, _)| k == key).unwrap_or_default();
    let apart = |a: &str, b: &str, lag: usize| {
        let of =
            |draws: &Vec<Draw>| draws[place(a)].correlation[lag] - draws[place(b)].correlation[lag];
        Estimate::over_runs(&found.iter().map(of).collect::<Vec<_>>())
    };
    for (key, statement, a, b) in [
        (
            "depth-shatters",
            "Normalised and plain, the slopes at neighbouring points agree less with 50 layers than with 10.",
            "plain-norm/10",
            "plain-norm/50",
        ),
        (
            "skips-hold",
            "With 50 normalised layers, the slopes at neighbouring points agree more where there are skips.",
            "skip-norm/50",
            "plain-norm/50",
        ),
        (
            "a-tenth-holds-more",
            "With 50 normalised layers, they agree more still where a tenth of each block is added.",
            "tenth-norm/50",
            "skip-norm/50",
        ),
        (
            "normalisation-shatters",
            "With 50 plain layers, they agree less with normalisation than without.",
            "plain/50",
            "plain-norm/50",
        ),
    ] {
        let found = apart(a, b, 1);
        recorder.estimate(&format!("apart/{key}"), found);
        let evidence = format!("{} apart", found.in_words(Format::Fixed(3)));
        recorder.claim(key, statement).record(found.low > 0.0, evidence);
    }
}
