//! Weights of trained heads beside what happens without them, and places that no map shows.

use ndarray::{Array2, ArrayView1};
use notebook::{Estimate, Recorder, Table};
use representation::occlusion::rank_correlation;

use crate::induction::opened::unchanged;
use crate::induction::repeats::WORDS;
use crate::induction::{Opened, Repeats, Sequence, Trace};
use crate::same::distance;

/// The period of the sequences, and the place whose answer is asked.
pub const PERIOD: usize = 16;
/// The place: its word stood at `PLACE − PERIOD` before.
pub const PLACE: usize = 24;
/// Sequences that each network is asked.
const ASKED: usize = 40;
/// Sequences whose weights are drawn.
const DRAWN: usize = 4;
/// The layers, and what they are called.
pub const LAYERS: [&str; 2] = ["first", "second"];

/// Both measurements, under a name, of networks that were trained alike.
pub fn record(recorder: &mut Recorder, name: &str, trained: &[Opened]) -> anyhow::Result<()> {
    if name.is_empty() {
        recorder.value("period", PERIOD);
        recorder.value("asked", ASKED);
        recorder.value("keys", PLACE + 1);
        recorder.value("drawn", DRAWN);
    }
    let asked = Repeats::draw(ASKED, PERIOD..=PERIOD, &mut recorder.rng()).0;
    let ranks = left_out(recorder, name, trained, &asked)?;
    let earlier = replaced(recorder, name, trained, &asked)?;
    if name.is_empty() {
        claims(recorder, ranks, earlier);
    }
    Ok(())
}

/// What the place answers: a probability for each word.
fn answer(trace: &Trace) -> Vec<f64> {
    softmax(trace.logits.row(PLACE))
}

fn softmax(z: ArrayView1<'_, f32>) -> Vec<f64> {
    let largest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shares: Vec<f64> = z.iter().map(|z| f64::from(z - largest).exp()).collect();
    let sum: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / sum).collect()
}

/// A key of the place: its weight, how far the head's output moves without it, and how much of the answer.
#[derive(Clone, Copy, Debug)]
struct Key {
    weight: f64,
    output: f64,
    answer: f64,
}

/// Every key of the place in one layer, left out by itself.
fn keys(opened: &Opened, sequence: &Sequence, layer: usize) -> crate::Result<Vec<Key>> {
    let words = &sequence.input()[..=PLACE];
    let whole = opened.run(words, &unchanged)?;
    let key = |j: usize| -> crate::Result<Key> {
        let without = opened.run(words, &|[at, _], map| {
            if at == layer {
                leave_out(map, j);
            }
        })?;
        let added = |trace: &Trace| trace.added[layer][0].row(PLACE).to_owned();
        let moved = added(&without) - added(&whole);
        Ok(Key {
            weight: whole.maps[layer][0][[PLACE, j]].into(),
            output: f64::from(moved.dot(&moved)).sqrt(),
            answer: distance(&answer(&whole), &answer(&without)),
        })
    };
    (0..=PLACE).map(key).collect()
}

// ANCHOR: leave_out
/// Leaves key `j` out of the row of the place; the others share its weight.
fn leave_out(map: &mut Array2<f32>, j: usize) {
    let mut row = map.row_mut(PLACE);
    row[j] = 0.0;
    let sum = row.sum();
    row /= sum.max(f32::MIN_POSITIVE);
}
// ANCHOR_END: leave_out

/// Weights, and what happens without them.
fn left_out(
    recorder: &mut Recorder,
    of_which: &str,
    trained: &[Opened],
    asked: &[Sequence],
) -> anyhow::Result<Vec<Estimate>> {
    let mut found = Vec::new();
    for (layer, name) in LAYERS.into_iter().enumerate() {
        let of = |opened: &Opened| -> crate::Result<Vec<Vec<Key>>> {
            asked.iter().map(|s| keys(opened, s, layer)).collect()
        };
        let all: Vec<Vec<Vec<Key>>> = trained.iter().map(of).collect::<crate::Result<_>>()?;
        let over = |of: &dyn Fn(&[Key]) -> f64| -> Estimate {
            let runs: Vec<Vec<f64>> =
                all.iter().map(|run| run.iter().map(|keys| of(keys)).collect()).collect();
            Estimate::over_runs_and_cases(&runs)
        };
        let ranks = |of: fn(&Key) -> f64| {
            over(&|keys| {
                let weight: fn(&Key) -> f64 = |key| key.weight;
                let [a, b] = [weight, of].map(|of| keys.iter().map(of).collect::<Vec<f64>>());
                rank_correlation(&a, &b)
            })
        };
        recorder.estimate(&format!("{of_which}{name}/rank/output"), ranks(|key| key.output));
        let agree = ranks(|key| key.answer);
        recorder.estimate(&format!("{of_which}{name}/rank/answer"), agree);
        found.push(agree);
        let top = |keys: &[Key]| keys.iter().copied().max_by(|a, b| a.weight.total_cmp(&b.weight));
        let weight = over(&|keys| top(keys).map_or(0.0, |key| key.weight));
        let moved = over(&|keys| top(keys).map_or(0.0, |key| key.answer));
        recorder.estimate(&format!("{of_which}{name}/top/weight"), weight);
        recorder.estimate(&format!("{of_which}{name}/top/answer"), moved);
        let mut table = Table::new(["Weight | fixed 4", "Answer moved | fixed 4"]);
        for key in all[0].iter().take(DRAWN).flatten() {
            table.row([key.weight.into(), key.answer.into()]);
        }
        recorder.table(&format!("{of_which}{name}/keys"), table);
    }
    Ok(found)
}

/// What was found of the first networks: rank correlations by layer, and what is recorded of the place where the word stood before.
fn claims(recorder: &mut Recorder, ranks: Vec<Estimate>, [_, second, _, moved]: [Estimate; 4]) {
    let words = |found: Estimate| found.in_words(notebook::Format::Fixed(3));
    recorder
        .claim("ranks-agree", "The rank correlation between the weights of keys and what moves without them is above nine tenths in both layers.")
        .record(
            ranks.iter().all(|ranks| ranks.low > 0.9),
            ranks.iter().map(|&ranks| words(ranks)).collect::<Vec<_>>().join("; "),
        );
    recorder
        .claim("unseen", "The second map gives less than a hundredth of its weight to the place where the word stood before, and another word there moves more than half of the answer.")
        .record(
            second.high < 0.01 && moved.low > 0.5,
            format!("{}, {}", words(second), words(moved)),
        );
}

/// Places whose word is replaced by one that is nowhere else: where the word stood before, the one after it, and another.
pub const REPLACED: [(&str, usize); 3] =
    [("earlier", PLACE - PERIOD), ("after", PLACE - PERIOD + 1), ("other", 3)];

/// Words replaced, beside the weights of their places in the maps and in their product.
fn replaced(
    recorder: &mut Recorder,
    of_which: &str,
    trained: &[Opened],
    asked: &[Sequence],
) -> anyhow::Result<[Estimate; 4]> {
    let columns = [
        "Word replaced",
        "First map | percent 1",
        "Second map | percent 1",
        "Rollout | percent 1",
        "Answer moved | percent 1",
    ];
    let mut table = Table::new(columns);
    let mut earlier = [Estimate::from([0.0; 3]); 4];
    for (key, place) in REPLACED {
        let mut found = [const { Vec::new() }; 4];
        for opened in trained {
            let of = |sequence: &Sequence| replace(opened, sequence, place);
            let run = asked.iter().map(of).collect::<crate::Result<Vec<[f64; 4]>>>()?;
            for (i, found) in found.iter_mut().enumerate() {
                found.push(run.iter().map(|numbers| numbers[i]).collect::<Vec<f64>>());
            }
        }
        let over = found.map(|runs| Estimate::over_runs_and_cases(&runs));
        for (name, over) in ["first", "second", "rollout", "moved"].into_iter().zip(over) {
            recorder.estimate(&format!("{of_which}replaced/{key}/{name}"), over);
        }
        let [first, second, rollout, moved] = over.map(|over| over.value.into());
        let name = match key {
            "earlier" => "where the word stood before",
            "after" => "the one after it",
            _ => "another",
        };
        table.row([name.into(), first, second, rollout, moved]);
        if key == "earlier" {
            earlier = over;
        }
    }
    recorder.table(&format!("{of_which}replaced"), table);
    Ok(earlier)
}

/// Weights of a place in both maps and in the rollout, and how far the answer moves with another word there.
fn replace(opened: &Opened, sequence: &Sequence, place: usize) -> crate::Result<[f64; 4]> {
    let mut words = sequence.input()[..=PLACE].to_vec();
    let whole = opened.run(&words, &unchanged)?;
    let new = (0..WORDS).find(|word| !sequence.input().contains(word));
    words[place] = new.unwrap_or_default();
    let other = opened.run(&words, &unchanged)?;
    let [first, second] = [0, 1].map(|layer| &whole.maps[layer][0]);
    let rollout = rollout(&[first, second]);
    let at = |map: &Array2<f32>| f64::from(map[[PLACE, place]]);
    Ok([at(first), at(second), at(&rollout), distance(&answer(&whole), &answer(&other))])
}

// ANCHOR: rollout
/// The product of maps, each mixed half and half with the way around it
/// (Abnar and Zuidema, 2020); the first layer's first.
fn rollout(maps: &[&Array2<f32>]) -> Array2<f32> {
    let n = maps.first().map_or(0, |map| map.nrows());
    let around = |map: &Array2<f32>| (Array2::eye(n) + map) * 0.5;
    maps.iter().fold(Array2::eye(n), |product, map| around(map).dot(&product))
}
// ANCHOR_END: rollout
