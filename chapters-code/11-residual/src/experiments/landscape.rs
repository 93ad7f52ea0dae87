//! The loss on the line from the first weights to the trained ones, and in planes of random directions about these.

use backprop::{Engine, Options, Rows, Tensor};
use convolution::recipe::plain;
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use ndarray::Array2;
use notebook::{Chapter, Experiment, Recorder, Rng};
use optimization::recipe::Make;
use optimization::unwatched;

use crate::landscape::{
    Point, as_a_whole, between, by_filter, falls, random, rewritten, size, walk,
};
use crate::networks::{Way, stack};

/// Layers of the stacks.
const DEPTH: usize = 20;
/// Garments that are learned from.
const GARMENTS: usize = 5_000;
/// How often they are seen.
const EPOCHS: u64 = 2;
/// Garments of the training set on which the loss is looked at, as one mini-batch.
const JUDGED: usize = 100;
/// Steps of a plane on each side of its middle.
pub const HALF: usize = 5;
/// Steps of the line, from −½ to 1½.
const STEPS: usize = 20;
/// Pairs of directions.
const PAIRS: [&str; 2] = ["first", "second"];
/// What kernels are multiplied by to write the same function otherwise.
const FACTOR: f32 = 3.0;

/// The stacks: key, name and how each is made.
pub const STACKS: [(&str, &str, Make); 2] = [
    ("plain", "plain", || stack(DEPTH, way(false))),
    ("skips", "with skips", || stack(DEPTH, way(true))),
];

const fn way(skip: bool) -> Way {
    Way { skip, norm: true }
}

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "The loss along a line and in a plane";
    let experiment = Experiment::new("landscape", title, landscape).seed(114);
    chapter.experiment(experiment.reads(FashionMnist::paths()))
}

/// Two points among the weights of a network.
struct Trained {
    first: Point,
    last: Point,
}

/// What tells the loss at a point.
struct Judge {
    engine: Engine<f32>,
    x: Vec<f32>,
    labels: Vec<usize>,
}

impl Judge {
    fn new(recorder: &Recorder, network: Make, garments: &Labelled) -> anyhow::Result<Judge> {
        let options = Options { batch: JUDGED, threads: recorder.threads(), ..Options::default() };
        let x = garments.images.iter().map(|&level| f32::from(level) / 255.0).collect();
        let labels = garments.y().iter().map(|&y| usize::from(y)).collect();
        Ok(Judge { engine: Engine::new(network()?, options)?, x, labels })
    }

    // ANCHOR: loss
    /// The mean loss at a point among the weights. Batch normalisation takes
    /// the statistics of these garments, as in training: those that it has
    /// counted belong to another point.
    fn loss(&mut self, weights: &[Tensor<f32>]) -> anyhow::Result<f64> {
        self.engine.set_weights(weights)?;
        Ok(self.engine.loss(&Rows { x: &self.x, labels: &self.labels })?)
    }
    // ANCHOR_END: loss

    /// The same with the statistics that the weights bring along.
    fn counted(&mut self, weights: &[Tensor<f32>]) -> anyhow::Result<f64> {
        self.engine.set_weights(weights)?;
        Ok(self.engine.evaluate(&Rows { x: &self.x, labels: &self.labels })?)
    }

    // ANCHOR: plane
    /// The loss in the plane of two directions about a point.
    fn plane(&mut self, about: &Point, [a, b]: &[Point; 2]) -> anyhow::Result<Array2<f64>> {
        let side = 2 * HALF + 1;
        let share = |i: usize| (i as f64 - HALF as f64) / HALF as f64;
        let mut plane = Array2::zeros((side, side));
        for ((i, j), loss) in plane.indexed_iter_mut() {
            *loss = self.loss(&walk(about, &[(share(i), a), (share(j), b)]))?;
        }
        Ok(plane)
    }
    // ANCHOR_END: plane
}

/// Trains both, then looks around.
pub fn landscape(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?.train;
    let rows: Vec<usize> = (0..GARMENTS).collect();
    let (garments, judged) = (data.select(&rows), data.select(&rows[..JUDGED]));
    recorder.value("depth", DEPTH);
    recorder.value("garments", GARMENTS);
    recorder.value("epochs", EPOCHS);
    recorder.value("judged", JUDGED);
    recorder.value("side", 2 * HALF + 1);
    recorder.value("factor", f64::from(FACTOR));
    let mut found = Vec::new();
    for (_, _, network) in STACKS {
        let recipe = plain(network, &garments, EPOCHS, 1);
        let first = recipe.begin(recorder.threads())?.weights();
        let run = recipe.train(recorder.threads(), &mut unwatched)?.whole()?;
        let last = run.engine.weights();
        found.push((Trained { first, last }, Judge::new(recorder, network, &judged)?));
    }
    recorder.value("weights", found[0].0.last.iter().map(|t| t.data.len()).sum::<usize>());
    line(recorder, &mut found)?;
    planes(recorder, &mut found)?;
    without(recorder, &mut found)
}

/// From the first weights to the trained ones, and beyond at both ends.
fn line(recorder: &mut Recorder, found: &mut [(Trained, Judge)]) -> anyhow::Result<()> {
    let shares: Vec<f64> = (0..=STEPS).map(|i| 2.0 * i as f64 / STEPS as f64 - 0.5).collect();
    let [start, end] = [0.0, 1.0].map(|at: f64| {
        shares.iter().position(|share| (share - at).abs() < 1e-9).unwrap_or_default()
    });
    let (mut curves, mut rises) = (Vec::new(), 0);
    for ((key, name, _), (points, judge)) in STACKS.into_iter().zip(found) {
        let way = between(&points.first, &points.last);
        let losses: Vec<f64> = shares
            .iter()
            .map(|&share| judge.loss(&walk(&points.first, &[(share, &way)])))
            .collect::<anyhow::Result<_>>()?;
        recorder.value(&format!("line/{key}/first"), losses[start]);
        recorder.value(&format!("line/{key}/trained"), losses[end]);
        for (place, share) in [("half", 0.5), ("trained", 1.0)] {
            let at = walk(&points.first, &[(share, &way)]);
            recorder.value(&format!("line/{key}/{place}/batch"), judge.loss(&at)?);
            recorder.value(&format!("line/{key}/{place}/counted"), judge.counted(&at)?);
        }
        let between = &losses[start..=end];
        let most = between.iter().copied().fold(f64::MIN, f64::max);
        recorder.value(&format!("line/{key}/most"), most);
        let up = between.windows(2).filter(|pair| pair[1] >= pair[0]).count();
        recorder.value(&format!("line/{key}/rises"), up);
        rises += up;
        recorder.value(&format!("line/{key}/moved"), size(&way) / size(&points.first));
        curves.push((name, losses));
    }
    recorder.value("line/steps", end - start);
    recorder
        .claim(
            "no-rise-between",
            "On the line from the first weights to the trained ones, the loss falls at every step, in both stacks.",
        )
        .record(rises == 0, format!("{rises} rises in {} steps", 2 * (end - start)));
    let series = recorder.series("line", "From the first weights (0) to the trained (1)", shares);
    for (name, losses) in curves {
        series.curve(name, losses);
    }
    Ok(())
}

/// Two random directions for each pair, each as long as the weights, filter by filter.
fn directions(points: &Point, rng: &mut Rng) -> [Point; 2] {
    [(); 2].map(|()| by_filter(random(points, rng), points))
}

/// The planes of two pairs of directions about each of the trained networks.
fn planes(recorder: &mut Recorder, found: &mut [(Trained, Judge)]) -> anyhow::Result<()> {
    let (mut rng, mut rims) = (recorder.rng(), Vec::new());
    for pair in PAIRS {
        for ((key, ..), (points, judge)) in STACKS.iter().zip(found.iter_mut()) {
            let plane = judge.plane(&points.last, &directions(&points.last, &mut rng))?;
            rims.push(describe(recorder, &format!("{key}/{pair}"), &plane));
        }
    }
    recorder
        .claim(
            "skips-are-steeper",
            "In both pairs of directions the mean loss at the rim is higher about the stack with skips than about the plain one.",
        )
        .record(
            rims.chunks(2).all(|pair| pair[1] > pair[0]),
            format!(
                "{:.2} and {:.2} in the first, {:.2} and {:.2} in the second",
                rims[1], rims[0], rims[3], rims[2]
            ),
        );
    Ok(())
}

/// Records a plane, and numbers that say what is to be seen in it.
/// Gives the mean loss at the rim.
fn describe(recorder: &mut Recorder, key: &str, plane: &Array2<f64>) -> f64 {
    let share = |i: usize| (i as f64 - HALF as f64) / HALF as f64;
    let side = plane.nrows();
    let series = recorder.series(&format!("plane/{key}"), "Second direction", (0..side).map(share));
    for (i, row) in plane.outer_iter().enumerate() {
        series.curve(&format!("{:.2}", share(i)), row.iter().copied());
    }
    let middle = plane[[HALF, HALF]];
    let rim = |i: usize, j: usize| i == 0 || j == 0 || i + 1 == side || j + 1 == side;
    let on_rim: Vec<f64> =
        plane.indexed_iter().filter(|((i, j), _)| rim(*i, *j)).map(|(_, &loss)| loss).collect();
    recorder.value(&format!("{key}/middle"), middle);
    recorder.value(&format!("{key}/least"), plane.iter().copied().fold(f64::MAX, f64::min));
    let at_rim = mean(&on_rim);
    recorder.value(&format!("{key}/rim"), at_rim);
    recorder.value(&format!("{key}/falls"), falls(plane));
    let low = plane.iter().filter(|&&loss| loss < 1.0).count();
    recorder.value(&format!("{key}/below-one"), low as f64 / plane.len() as f64);
    at_rim
}

/// The same function, written with larger weights, seen with directions that are normalised and with such that are not.
fn without(recorder: &mut Recorder, found: &mut [(Trained, Judge)]) -> anyhow::Result<()> {
    let Some((points, judge)) = found.last_mut() else { return Ok(()) };
    let written = [points.last.clone(), rewritten(&points.last, FACTOR)];
    let long = size(&written[0]);
    let drawn: [Point; 2] = {
        let mut rng = recorder.rng();
        [(); 2].map(|()| random(&written[0], &mut rng))
    };
    let (mut normalised, mut rims) = (Vec::new(), Vec::new());
    for (key, about) in ["as-trained", "rewritten"].into_iter().zip(&written) {
        recorder.value(&format!("raw/{key}/size"), size(about));
        let whole = drawn.clone().map(|direction| as_a_whole(direction, long));
        rims.push(describe(recorder, &format!("raw/{key}"), &judge.plane(about, &whole)?));
        let direction = by_filter(drawn[0].clone(), about);
        let along =
            |share: f64, judge: &mut Judge| judge.loss(&walk(about, &[(share, &direction)]));
        let losses: anyhow::Result<Vec<f64>> =
            (0..=10).map(|i| along(f64::from(i) / 10.0, judge)).collect();
        normalised.push(losses?);
    }
    let apart = normalised[0].iter().zip(&normalised[1]).map(|(a, b)| (a - b).abs() / a);
    let most = apart.fold(0.0, f64::max);
    recorder.value("rewritten/apart", most);
    recorder
        .claim(
            "larger-weights-look-flatter",
            "In the plane of directions that are not normalised, the loss at the rim is lower on average about the network with larger weights than about the same function as trained.",
        )
        .less(rims[1], rims[0]);
    recorder
        .claim(
            "normalised-directions-agree",
            "Along a direction that is normalised filter by filter, the network and the same function with other weights have the same loss, up to one in a thousand.",
        )
        .record(most < 1e-3, format!("at most {most:.1e} of the loss apart"));
    Ok(())
}
