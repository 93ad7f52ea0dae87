//! Which three letters follow each other, and how often: features of a passage (Cavnar and Trenkle 1994).

use ndarray::Array2;
use rayon::prelude::*;

/// Letters and the space.
const LETTERS: usize = 27;
/// All trigrams.
const ALL: usize = LETTERS * LETTERS * LETTERS;

/// The trigrams that are counted: the most frequent ones of some passages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigrams {
    /// The trigrams' numbers, the most frequent first.
    chosen: Vec<u16>,
    /// The column of each trigram; `u16::MAX` where it is not counted.
    columns: Vec<u16>,
}

impl Trigrams {
    /// The `d` most frequent trigrams of `texts`, fewer where there are fewer. Give training texts only: what
    /// is counted is learned.
    ///
    /// Equally frequent ones go by the alphabet, the space first. Time `O(characters)`.
    pub fn most_frequent<'a>(texts: impl IntoIterator<Item = &'a str>, d: usize) -> Self {
        let mut counts = vec![0_u64; ALL];
        texts.into_iter().flat_map(numbers).for_each(|number| counts[number] += 1);
        let mut chosen: Vec<u16> =
            (0..ALL as u16).filter(|i| counts[usize::from(*i)] > 0).collect();
        chosen.sort_by_key(|&number| std::cmp::Reverse(counts[usize::from(number)]));
        chosen.truncate(d);
        let mut columns = vec![u16::MAX; ALL];
        for (column, &number) in chosen.iter().enumerate() {
            columns[usize::from(number)] = column as u16;
        }
        Trigrams { chosen, columns }
    }

    /// How many are counted, `d`.
    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    /// Whether none is counted.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// The three letters of a column, a space as an underscore.
    pub fn name(&self, column: usize) -> String {
        let number = usize::from(self.chosen[column]);
        let letter = |place: usize| match number / LETTERS.pow(2 - place as u32) % LETTERS {
            0 => '_',
            letter => char::from(b'a' + letter as u8 - 1),
        };
        (0..3).map(letter).collect()
    }

    /// The frequency of each trigram in each text, `(n, d)`: its count, for a thousand trigrams of the text.
    ///
    /// Time `O(characters)`.
    // ANCHOR: frequencies
    pub fn frequencies(&self, texts: &[&str]) -> Array2<f32> {
        let mut x = Array2::zeros((texts.len(), self.len()));
        let rows: Vec<_> = x.rows_mut().into_iter().collect();
        rows.into_par_iter().zip(texts).for_each(|(mut row, text)| {
            let mut n = 0;
            for number in numbers(text) {
                n += 1;
                if let Some(count) = row.get_mut(usize::from(self.columns[number])) {
                    *count += 1.0;
                }
            }
            row.mapv_inplace(|count| 1000.0 * count / n.max(1) as f32);
        });
        x
    }
    // ANCHOR_END: frequencies
}

/// The numbers of a text's trigrams, below 27³. What is no small letter counts as a space.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    let letter =
        |byte: &u8| if byte.is_ascii_lowercase() { usize::from(byte - b'a') + 1 } else { 0 };
    text.as_bytes()
        .windows(3)
        .map(move |three| three.iter().fold(0, |n, b| LETTERS * n + letter(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigrams_are_counted_and_named() {
        let trigrams = Trigrams::most_frequent(["the the the", "that"], 3);
        let names: Vec<String> = (0..trigrams.len()).map(|column| trigrams.name(column)).collect();
        assert_eq!(names, ["the", "_th", "e_t"]);
        let x = trigrams.frequencies(&["the thy", "no", "zzzz"]);
        assert_eq!(x.row(0).to_vec(), [200.0, 200.0, 200.0]);
        assert_eq!(x.row(1).sum() + x.row(2).sum(), 0.0);
    }
}
