//! Two maps with one output, and how far apart they can be.

use learning::normal;
use ndarray::{Array2, aview2};
use notebook::{Estimate, Recorder, Rng, Table};

use crate::experiments::words::{KEYS, QUERIES, VALUES, WORDS};
use crate::head::{Head, Mask};
use crate::same::{distance, farthest};
use crate::vit::vit;

/// Tokens, and numbers of a value, of the pair that is drawn.
const PAIR: [usize; 2] = [10, 3];
/// Numbers of a value.
pub const WIDTHS: [usize; 3] = [2, 4, 8];
/// The most tokens.
const MOST: usize = 16;
/// Draws of weights and values for each count of tokens.
const DRAWS: usize = 40;
/// Words of the sentence: the one that asks, and one that is given a long value.
const ASKS: usize = 3;
const LONG: usize = 0;
/// Another that hands over something.
const BALL: usize = 4;
/// The long value.
const VALUE: [f64; 2] = [0.0, 10.0];

/// The sentence, a pair, and distances by the count of tokens.
pub fn record(recorder: &mut Recorder) -> anyhow::Result<()> {
    free(recorder)?;
    sentence(recorder)?;
    pair(recorder)?;
    lengths(recorder)
}

/// Directions in which the maps of a vision transformer can be moved.
fn free(recorder: &mut Recorder) -> anyhow::Result<()> {
    let model = vit("vit_b_16")?;
    let (tokens, width) = (model.tokens(), model.width / model.heads);
    recorder.value("free/tokens", tokens);
    recorder.value("free/width", width);
    recorder.value("free/directions", tokens - width - 1);
    Ok(())
}

/// Weights and values of the sentence's word that asks.
fn head() -> anyhow::Result<(Vec<f64>, Array2<f64>)> {
    let head = Head::new(aview2(&QUERIES), aview2(&KEYS), aview2(&VALUES), &Mask::None)?;
    let p = head.weights().row(ASKS).iter().map(|&p| f64::from(p)).collect();
    Ok((p, aview2(&VALUES).mapv(f64::from)))
}

fn sentence(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (p, v) = head()?;
    let q = farthest(&p, v.view())?;
    recorder.value("sentence/distance", distance(&p, &q));
    let mut long = v.clone();
    long.row_mut(LONG).assign(&ndarray::arr1(&VALUE));
    let columns = ["Word", "Weight | fixed 3", "Another map | fixed 3", "Output moves | fixed 3"];
    let columns = columns.into_iter().chain(["with a long value | fixed 3"]);
    let mut table = Table::new(columns);
    for (j, word) in WORDS.into_iter().enumerate() {
        let [moves, moves_long] = [&v, &long].map(|v| left_out(&p, v, j));
        recorder.value(&format!("sentence/{word}/weight"), p[j]);
        recorder.value(&format!("sentence/{word}/other"), q[j]);
        recorder.value(&format!("sentence/{word}/moves"), moves);
        recorder.value(&format!("sentence/{word}/moves-long"), moves_long);
        table.row([word.into(), p[j].into(), q[j].into(), moves.into(), moves_long.into()]);
    }
    recorder.table("sentence", table);
    let moves = |j: usize| left_out(&p, &long, j);
    recorder
        .claim("small-and-long", "With a long value, *the* has less than half of the weight of *ball*, and the output moves more without *the* than without *ball*.")
        .record(
            moves(LONG) > moves(BALL) && 2.0 * p[LONG] < p[BALL],
            format!("{:.3} > {:.3}, {:.3} and {:.3}", moves(LONG), moves(BALL), p[LONG], p[BALL]),
        );
    Ok(())
}

/// How far the output moves when token `j` is left out and the other weights
/// are divided by their sum.
fn left_out(p: &[f64], v: &Array2<f64>, j: usize) -> f64 {
    let output = |keep: &dyn Fn(usize) -> bool, c: usize| {
        let kept = || (0..p.len()).filter(|&i| keep(i));
        let sum: f64 = kept().map(|i| p[i]).sum();
        kept().map(|i| p[i] * v[[i, c]]).sum::<f64>() / sum
    };
    let squares = (0..v.ncols()).map(|c| (output(&|i| i != j, c) - output(&|_| true, c)).powi(2));
    squares.sum::<f64>().sqrt()
}

/// Weights of normal scores, and normal values.
fn draw([tokens, width]: [usize; 2], rng: &mut Rng) -> (Vec<f64>, Array2<f64>) {
    let shares: Vec<f64> = (0..tokens).map(|_| normal(rng).exp()).collect();
    let sum: f64 = shares.iter().sum();
    let v = Array2::from_shape_simple_fn((tokens, width), || normal(rng));
    (shares.into_iter().map(|share| share / sum).collect(), v)
}

fn pair(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (p, v) = draw(PAIR, &mut recorder.rng());
    let q = farthest(&p, v.view())?;
    recorder.value("pair/tokens", PAIR[0]);
    recorder.value("pair/width", PAIR[1]);
    recorder.value("pair/distance", distance(&p, &q));
    recorder.value("pair/used", q.iter().filter(|&&q| q > 0.0).count());
    for (j, (&p, &q)) in p.iter().zip(&q).enumerate() {
        recorder.value(&format!("pair/one/{}", j + 1), p);
        recorder.value(&format!("pair/other/{}", j + 1), q);
    }
    let output = |p: &[f64], c: usize| p.iter().zip(v.column(c)).map(|(p, v)| p * v).sum::<f64>();
    let off = (0..PAIR[1]).map(|c| (output(&p, c) - output(&q, c)).abs()).fold(0.0, f64::max);
    recorder.value("pair/difference", off);
    recorder.claim("one-output", "The two maps have the same output.").close(off, 0.0, 1e-12);
    recorder
        .claim("other-map", "More than half of the weight stands elsewhere.")
        .greater(distance(&p, &q), 0.5);
    Ok(())
}

/// The mean distance of the farthest map by the count of tokens.
fn lengths(recorder: &mut Recorder) -> anyhow::Result<()> {
    recorder.value("draws", DRAWS);
    recorder.value("most", MOST);
    let mut rng = recorder.rng();
    let counts: Vec<usize> = (2..=MOST).collect();
    let mut curves = Vec::new();
    for width in WIDTHS {
        let mut points = Vec::new();
        for &tokens in &counts {
            let once = |rng: &mut Rng| {
                let (p, v) = draw([tokens, width], rng);
                farthest(&p, v.view()).map(|q| distance(&p, &q))
            };
            let found = recorder.repeat(DRAWS, &mut rng, once);
            let found = found.into_iter().collect::<crate::Result<Vec<f64>>>()?;
            let found = Estimate::over_runs(&found);
            recorder.estimate(&format!("distance/{width}/{tokens}"), found);
            points.push([found.low, found.value, found.high]);
        }
        curves.push((width, points));
    }
    let none = |(width, points): &(usize, Vec<[f64; 3]>)| {
        points
            .iter()
            .zip(&counts)
            .filter(|(_, tokens)| **tokens <= width + 1)
            .all(|(p, _)| p[1] < 1e-9)
    };
    let right = curves.iter().filter(|curve| none(curve)).count();
    let series = recorder.series("distance", "Tokens", counts.iter().map(|&n| n as f64));
    for (width, points) in curves {
        series.banded(&format!("{width} numbers in a value"), points);
    }
    recorder
        .claim(
            "few-tokens-one-map",
            "With no more tokens than numbers in a value and one, there is no other map.",
        )
        .all(right, WIDTHS.len(), "widths");
    Ok(())
}
