//! One head for a sentence of five words, small enough for paper.

use ndarray::{Array2, ArrayView2, Axis, aview2, s};
use notebook::{Chapter, Experiment, Recorder, Table};
use residual::apart;

use crate::head::{Head, Mask, Running};

/// The sentence.
pub const WORDS: [&str; 5] = ["the", "dog", "lost", "its", "ball"];

// ANCHOR: sentence
/// What each word asks for: a noun, somebody alive, a verb, a pronoun.
pub const QUERIES: [[f32; 4]; 5] = [
    [2.0, 0.0, 0.0, 0.0], // the
    [0.0, 0.0, 2.0, 0.0], // dog
    [0.0, 4.0, 0.0, 0.0], // lost
    [2.0, 2.0, 0.0, 0.0], // its
    [0.0, 0.0, 0.0, 4.0], // ball
];
/// What each word is found by.
pub const KEYS: [[f32; 4]; 5] = [
    [0.0, 0.0, 0.0, 0.0], // the
    [1.0, 1.0, 0.0, 0.0], // dog
    [0.0, 0.0, 1.0, 0.0], // lost
    [0.0, 0.0, 0.0, 1.0], // its
    [1.0, 0.0, 0.0, 0.0], // ball
];
/// What each word hands over: how much of a dog, and how much of a ball.
pub const VALUES: [[f32; 2]; 5] = [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]];
// ANCHOR_END: sentence

/// Keys of a tile in the worked example.
const TILE: usize = 2;
/// The word whose outputs are computed in tiles.
const IN_TILES: usize = 4;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "One head for a sentence of five words";
    chapter.experiment(Experiment::new("words", title, words).seed(101))
}

/// Scores, weights and outputs of the head; the same in another order, and in tiles.
fn words(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (q, k, v) = (aview2(&QUERIES), aview2(&KEYS), aview2(&VALUES));
    let head = Head::new(q, k, v, &Mask::None)?;
    table(recorder, "scores", &(q.dot(&k.t()) / 2.0));
    for (name, mask) in [("all", Mask::None), ("causal", Mask::Causal)] {
        let head = Head::new(q, k, v, &mask)?;
        table(recorder, &format!("weights/{name}"), &head.weights());
        let y = head.by_definition();
        for (word, y) in WORDS.iter().zip(y.outer_iter()) {
            recorder.value(&format!("output/{name}/{word}/dog"), f64::from(y[0]));
            recorder.value(&format!("output/{name}/{word}/ball"), f64::from(y[1]));
        }
    }
    claims(recorder, &head)?;
    orders(recorder)?;
    tiles(recorder);
    Ok(())
}

/// Records an array with a row and a column for each word, number by number and as a table.
fn table(recorder: &mut Recorder, key: &str, x: &Array2<f32>) {
    let columns = WORDS.map(|word| format!("{word} | fixed 3"));
    let mut table = Table::new(std::iter::once("".to_owned()).chain(columns));
    for (word, row) in WORDS.iter().zip(x.outer_iter()) {
        for (other, &x) in WORDS.iter().zip(row) {
            recorder.value(&format!("{key}/{word}/{other}"), f64::from(x));
        }
        let cells = row.iter().map(|&x| f64::from(x).into());
        table.row(std::iter::once((*word).into()).chain(cells).collect::<Vec<_>>());
    }
    recorder.table(key, table);
}

fn claims(recorder: &mut Recorder, head: &Head<'_>) -> anyhow::Result<()> {
    let weights = head.weights();
    let its = weights.row(3);
    let most = (0..WORDS.len()).fold(0, |most, j| if its[j] > its[most] { j } else { most });
    recorder.claim("its-dog", "*its* gives its largest weight to *dog*.").equal(WORDS[most], "dog");
    let (q, k, v) = (aview2(&QUERIES), aview2(&KEYS), aview2(&VALUES));
    let causal = Head::new(q, k, v, &Mask::Causal)?.weights();
    recorder
        .claim("causal-more", "Where *its* may not look at *ball*, *dog* has a larger weight.")
        .greater(f64::from(causal[[3, 1]]), f64::from(its[1]));
    let y = head.by_definition();
    let row = |y: Array2<f32>| y.into_raw_vec_and_offset().0;
    let y = row(y);
    let off = apart(&row(head.in_matrices()), &y).max(apart(&row(head.in_tiles([2, TILE])), &y));
    recorder.value("ways/difference", off);
    recorder
        .claim("three-ways", "The definition, matrices and tiles give the same outputs, up to a millionth of the largest.")
        .close(off, 0.0, 1e-6);
    Ok(())
}

/// The sentence in every order of its words.
fn orders(recorder: &mut Recorder) -> anyhow::Result<()> {
    let all = orders_of(WORDS.len());
    let (q, k, v) = (aview2(&QUERIES), aview2(&KEYS), aview2(&VALUES));
    let y = Head::new(q, k, v, &Mask::None)?.by_definition();
    let moved = |x: ArrayView2<'_, f32>, order: &[usize]| x.select(Axis(0), order);
    let mut same = 0;
    for order in &all {
        let (q, k, v) = (moved(q, order), moved(k, order), moved(v, order));
        let found = Head::new(q.view(), k.view(), v.view(), &Mask::None)?.by_definition();
        let off = found - moved(y.view(), order);
        same += usize::from(off.iter().all(|x| x.abs() < 1e-6));
    }
    recorder.value("orders", all.len());
    recorder
        .claim(
            "no-order",
            "In whatever order the words stand, each has the same output, up to a millionth.",
        )
        .all(same, all.len(), "orders");
    Ok(())
}

/// All orders of so many things.
fn orders_of(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let put = |order: Vec<usize>| {
        (0..n).map(move |at| {
            let mut order = order.clone();
            order.insert(at, n - 1);
            order
        })
    };
    orders_of(n - 1).into_iter().flat_map(put).collect()
}

/// What one query holds after each tile.
fn tiles(recorder: &mut Recorder) {
    let (q, k, v) = (aview2(&QUERIES), aview2(&KEYS), aview2(&VALUES));
    let (mut running, mut held) = (Running::default(), [0.0; 2]);
    recorder.value("tiles/word", WORDS[IN_TILES]);
    for (tile, from) in (0..WORDS.len()).step_by(TILE).enumerate() {
        let to = (from + TILE).min(WORDS.len());
        let mut z = k.slice(s![from..to, ..]).dot(&q.row(IN_TILES)) / 2.0;
        let shrunk = running.take(&mut z.view_mut());
        for (c, held) in held.iter_mut().enumerate() {
            *held = *held * shrunk + z.dot(&v.slice(s![from..to, c]));
        }
        let key = |name: &str| format!("tiles/{}/{name}", tile + 1);
        recorder.value(&key("largest"), f64::from(running.largest));
        recorder.value(&key("factor"), f64::from(shrunk));
        recorder.value(&key("sum"), f64::from(running.sum));
        recorder.value(&key("dog"), f64::from(held[0]));
        recorder.value(&key("ball"), f64::from(held[1]));
    }
    recorder.value("tiles/output/dog", f64::from(held[0] / running.divisor()));
    recorder.value("tiles/output/ball", f64::from(held[1] / running.divisor()));
}
