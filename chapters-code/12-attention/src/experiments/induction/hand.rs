//! Two heads made by hand that copy a word, on five tokens.

use ndarray::Array2;
use notebook::{Recorder, Table};

use crate::head::{Head, Mask};

/// The sequence: a word that only begins it, and three others, of which one comes again.
pub const SEQUENCE: [&str; 5] = ["S", "A", "B", "C", "A"];
/// Its words.
pub const WORDS: [&str; 4] = ["S", "A", "B", "C"];

// ANCHOR: hand
/// How much larger the score of a match is than that of none.
const SHARP: f32 = 6.0;

/// One row for each thing, with a 1 where it stands in the list.
fn one_hot(things: &[usize], count: usize) -> Array2<f32> {
    Array2::from_shape_fn((things.len(), count), |(i, c)| f32::from(things[i] == c))
}

/// Maps and outputs of both layers, for the numbers of words, of which there
/// are so many.
pub fn by_hand(words: &[usize], count: usize) -> crate::Result<[[Array2<f32>; 2]; 2]> {
    let places: Vec<usize> = (0..words.len()).collect();
    let before: Vec<usize> = places.iter().map(|t| t.saturating_sub(1)).collect();
    let (word, place) = (one_hot(words, count), one_hot(&places, words.len()));
    let asked = SHARP * one_hot(&before, words.len());
    let first = Head::new(asked.view(), place.view(), word.view(), &Mask::Causal)?.scaled(1.0);
    let held = first.in_matrices();
    let asked = SHARP * &word;
    let second = Head::new(asked.view(), held.view(), word.view(), &Mask::Causal)?.scaled(1.0);
    let [second, said] = [second.weights(), second.in_matrices()];
    Ok([[first.weights(), held], [second, said]])
}
// ANCHOR_END: hand

/// Records both maps, and what comes out.
pub fn record(recorder: &mut Recorder) -> anyhow::Result<()> {
    let number = |word: &&str| WORDS.iter().position(|other| other == word).unwrap_or_default();
    let words: Vec<usize> = SEQUENCE.iter().map(number).collect();
    let layers = by_hand(&words, WORDS.len())?;
    for (layer, [map, y]) in ["first", "second"].into_iter().zip(&layers) {
        let columns: Vec<String> = SEQUENCE
            .iter()
            .enumerate()
            .map(|(t, word)| format!("{word} {} | fixed 3", t + 1))
            .collect();
        let mut table = Table::new(std::iter::once("".to_owned()).chain(columns));
        for (i, row) in map.outer_iter().enumerate() {
            let name = format!("{} {}", SEQUENCE[i], i + 1);
            let cells = row.iter().map(|&p| f64::from(p).into());
            table.row(std::iter::once(name.into()).chain(cells).collect::<Vec<_>>());
            for (j, &p) in row.iter().enumerate() {
                recorder.value(&format!("hand/{layer}/{}/{}", i + 1, j + 1), f64::from(p));
            }
        }
        recorder.table(&format!("hand/{layer}"), table);
        for (i, row) in y.outer_iter().enumerate() {
            for (word, &y) in WORDS.iter().zip(row) {
                recorder.value(&format!("hand/{layer}/output/{}/{word}", i + 1), f64::from(y));
            }
        }
    }
    let [_, [_, said]] = &layers;
    let last = said.row(SEQUENCE.len() - 1);
    let most = (0..WORDS.len()).fold(0, |most, w| if last[w] > last[most] { w } else { most });
    recorder
        .claim("hand-copies", "After S, A, B, C and A the two heads made by hand say B.")
        .equal(WORDS[most], "B");
    Ok(())
}
