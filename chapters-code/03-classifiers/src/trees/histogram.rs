//! The histogram of one feature over the samples of a node, and the best cut through it.

use super::statistic::Statistic;

/// Values of a feature that differ, at most.
pub const BINS: usize = 256;
/// From so many samples on, filled bins are looked for once all samples are in.
const MANY: usize = 1024;

/// Statistics of the samples with each of the values of a feature.
#[derive(Clone, Debug)]
pub struct Histogram<S> {
    bins: Box<[S; BINS]>,
    /// A bit for each bin that is not empty.
    filled: [u64; BINS / 64],
}

/// Where a feature is cut in two, and what that is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// The largest value on the left.
    pub last: u8,
    /// The smallest value on the right.
    pub first: u8,
    /// The scores of both sides together.
    pub score: f64,
}

/// What a side of a cut needs, and how it is judged.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The least mass of each side: samples, or second derivatives.
    pub least: f64,
    /// What is added to the mass under the fraction.
    pub lambda: f64,
}

impl<S: Statistic> Default for Histogram<S> {
    fn default() -> Self {
        Histogram { bins: Box::new([S::default(); BINS]), filled: [0; BINS / 64] }
    }
}

impl<S: Statistic> Histogram<S> {
    /// Adds the samples, whose values of the feature are `values`. Time `O(n)`.
    pub fn fill(&mut self, values: &[u8], samples: &[S::Sample]) {
        if values.len() >= MANY {
            for (&value, &sample) in values.iter().zip(samples) {
                self.bins[usize::from(value)].put(sample);
            }
            self.look();
            return;
        }
        // Four sets of bits in turn: the next sample need not wait until the last one's are stored.
        let mut filled = [[0_u64; BINS / 64]; 4];
        let mut put = |turn: usize, value: u8, sample| {
            self.bins[usize::from(value)].put(sample);
            filled[turn][usize::from(value >> 6)] |= 1 << (value & 63);
        };
        let (four, rest) = values.as_chunks::<4>();
        for (values, samples) in four.iter().zip(samples.chunks_exact(4)) {
            for turn in 0..4 {
                put(turn, values[turn], samples[turn]);
            }
        }
        for (&value, &sample) in rest.iter().zip(&samples[values.len() - rest.len()..]) {
            put(0, value, sample);
        }
        for (word, bits) in self.filled.iter_mut().enumerate() {
            *bits |= filled.iter().fold(0, |all, set| all | set[word]);
        }
    }

    /// The bins, to be filled by whoever fills many histograms at once; [`look`](Self::look) comes after it.
    pub fn bins_mut(&mut self) -> &mut [S; BINS] {
        &mut self.bins
    }

    /// Finds out which bins are filled. Time `O(bins)`.
    pub fn look(&mut self) {
        for (word, bins) in self.filled.iter_mut().zip(self.bins.chunks_exact(64)) {
            let bit = |(place, bin): (usize, &S)| u64::from(!bin.is_empty()) << place;
            *word = bins.iter().enumerate().map(bit).fold(0, |all, bit| all | bit);
        }
    }

    /// Takes out what `part` holds, which was put in with the rest: what stays is the sibling's.
    // ANCHOR: subtract
    pub fn subtract(&mut self, part: &Self) {
        for (bin, less) in self.bins.iter_mut().zip(part.bins.iter()) {
            *bin = bin.minus(less);
        }
        self.look();
    }
    // ANCHOR_END: subtract

    /// Empties the bins that are filled.
    pub fn clear(&mut self) {
        for word in 0..BINS / 64 {
            for place in ones(self.filled[word]) {
                self.bins[64 * word + place] = S::default();
            }
        }
        self.filled = [0; BINS / 64];
    }

    /// Whether all samples have the same value.
    pub fn is_constant(&self) -> bool {
        self.filled.iter().map(|bits| bits.count_ones()).sum::<u32>() < 2
    }

    /// The best cut, the first of several, if its score is above `least`. `total` is the sum of all bins.
    ///
    /// Time `O(filled bins)`.
    // ANCHOR: cut
    pub fn cut(&self, total: &S, rule: Rule, least: f64) -> Option<Cut> {
        let mut best = Cut { last: 0, first: 0, score: least };
        let mut left = S::default();
        let mut last = None;
        for (value, bin) in self.filled() {
            if let Some(last) = last {
                let [n_left, on_left] = left.judge(rule.lambda);
                let [n_right, on_right] = total.minus(&left).judge(rule.lambda);
                let score = on_left + on_right;
                if score > best.score && n_left >= rule.least && n_right >= rule.least {
                    best = Cut { last, first: value, score };
                }
            }
            left.add(bin);
            last = Some(value);
        }
        (best.first > best.last).then_some(best)
    }
    // ANCHOR_END: cut

    /// The filled bins with their values, upwards.
    #[inline(always)]
    fn filled(&self) -> impl Iterator<Item = (u8, &S)> {
        (0..BINS / 64).flat_map(move |word| {
            ones(self.filled[word]).map(move |place| {
                let value = 64 * word + place;
                (value as u8, &self.bins[value])
            })
        })
    }
}

/// The places of the ones in a word, upwards.
#[inline(always)]
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = word.trailing_zeros();
        (word != 0).then(|| {
            word &= word - 1;
            place as usize
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::statistic::{Counts, Drawn};
    use super::*;

    const RULE: Rule = Rule { least: 1.0, lambda: 0.0 };

    fn of(samples: &[(u8, u8)]) -> (Histogram<Counts<i16, 8>>, Counts<i16, 8>) {
        let mut histogram = Histogram::default();
        let drawn: Vec<Drawn> =
            samples.iter().map(|&(_, class)| Drawn { class, times: 1 }).collect();
        let values: Vec<u8> = samples.iter().map(|&(value, _)| value).collect();
        histogram.fill(&values, &drawn);
        let mut total = Counts::default();
        drawn.iter().for_each(|&sample| total.put(sample));
        (histogram, total)
    }

    #[test]
    fn a_clean_cut_is_found() {
        let (histogram, total) = of(&[(9, 1), (200, 0), (3, 1), (255, 0), (70, 0)]);
        let cut = histogram.cut(&total, RULE, f64::NEG_INFINITY);
        assert_eq!(cut, Some(Cut { last: 9, first: 70, score: 5.0 }));
    }

    #[test]
    fn the_first_of_equal_cuts_is_kept() {
        let (histogram, total) = of(&[(0, 0), (1, 1), (2, 0)]);
        let cut = histogram.cut(&total, RULE, f64::NEG_INFINITY).unwrap();
        assert_eq!((cut.last, cut.first), (0, 1));
        assert!(histogram.cut(&total, RULE, cut.score).is_none());
        assert!(
            histogram.cut(&total, Rule { least: 2.0, lambda: 0.0 }, f64::NEG_INFINITY).is_none()
        );
    }

    #[test]
    fn a_siblings_histogram_is_a_difference() {
        let all: Vec<(u8, u8)> =
            (0..2_000).map(|i| ((i * 37 % 251) as u8, (i % 7) as u8)).collect();
        let (mut whole, _) = of(&all);
        let (part, _) = of(&all[..300]);
        let (rest, _) = of(&all[300..]);
        whole.subtract(&part);
        assert_eq!(whole.bins, rest.bins);
        assert_eq!(whole.filled, rest.filled);
        whole.clear();
        assert!(whole.is_constant() && whole.bins.iter().all(|bin| bin.is_empty()));
    }
}
