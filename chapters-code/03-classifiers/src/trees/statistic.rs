//! What a bin of a histogram holds: the classes of its samples, or their gradients.
//!
//! Both answer the same question, how good it would be to give one answer to all samples of the bin, in
//! the same form: the square of a sum, divided by what was summed over. One search for splits serves all
//! trees of the book for that reason.

/// Sums over some samples of a node.
// ANCHOR: statistic
pub trait Statistic: Copy + Default + Send + Sync {
    /// What one sample adds.
    type Sample: Copy + Send + Sync;
    /// The same sums in more bits, for more samples than [`MOST`](Self::MOST).
    type Large: Statistic<Sample = Self::Sample>;
    /// The largest mass that it can hold.
    const MOST: f64;

    /// Takes one sample in.
    fn put(&mut self, sample: Self::Sample);
    /// Takes in what `other` has seen.
    fn add(&mut self, other: &Self);
    /// What is left when `other` goes.
    fn minus(&self, other: &Self) -> Self;
    /// Whether nothing was seen.
    fn is_empty(&self) -> bool;
    /// The weight of the samples, and how well one answer serves them all:
    /// `sum² / (weight + lambda)`.
    fn judge(&self, lambda: f64) -> [f64; 2];
    /// Whether a node that is judged so has nothing left to split.
    fn is_pure(_judged: [f64; 2]) -> bool {
        false
    }
}
// ANCHOR_END: statistic

/// How many samples of each class, in `L` lanes (a power of two, at least the number of classes).
///
/// Its score is `Σ n_c² / n`. With it the Gini impurity is `1 - score / n`: the higher the score, the purer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts<T, const L: usize>(pub [T; L]);

/// A sample of a class, drawn so many times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Its label.
    pub class: u8,
    /// How often the bootstrap drew it; 1 without a bootstrap.
    pub times: u8,
}

macro_rules! counts {
    ($count:ty, $sum:ty, $large:ty) => {
        impl<const L: usize> Default for Counts<$count, L> {
            fn default() -> Self {
                Counts([0; L])
            }
        }

        impl<const L: usize> Statistic for Counts<$count, L> {
            type Sample = Drawn;
            type Large = Counts<$large, L>;
            const MOST: f64 = <$count>::MAX as f64;

            #[inline(always)]
            fn put(&mut self, sample: Drawn) {
                self.0[usize::from(sample.class) & (L - 1)] += <$count>::from(sample.times);
            }

            #[inline(always)]
            fn add(&mut self, other: &Self) {
                for (sum, more) in self.0.iter_mut().zip(&other.0) {
                    *sum += more;
                }
            }

            #[inline(always)]
            fn minus(&self, other: &Self) -> Self {
                let mut rest = *self;
                for (rest, less) in rest.0.iter_mut().zip(&other.0) {
                    *rest -= less;
                }
                rest
            }

            fn is_empty(&self) -> bool {
                self.0.iter().fold(0, |any, count| any | count) == 0
            }

            #[inline(always)]
            fn judge(&self, _: f64) -> [f64; 2] {
                let (mut n, mut squares): ($sum, $sum) = (0, 0);
                for &count in &self.0 {
                    let count = <$sum>::from(count);
                    n += count;
                    squares += count * count;
                }
                [n as f64, squares as f64 / n as f64]
            }

            fn is_pure([n, score]: [f64; 2]) -> bool {
                score >= n
            }
        }
    };
}

counts!(i16, i32, i32);
counts!(i32, i64, i32);

/// Sums of gradients and second derivatives of a loss, as fixed-point numbers in one word of 64 bits.
///
/// The upper half holds the sum of the gradients, the lower that of the second derivatives, which are
/// never negative. One addition of words adds both, exactly and in any order; so a sibling's sums are a
/// subtraction, without a rounding error. How many units one is, is up to whoever fills it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments(pub u64);

impl Moments {
    /// A sample with a gradient and a second derivative in units.
    pub fn new(gradient: i32, curvature: u32) -> Self {
        Moments(((i64::from(gradient) as u64) << 32).wrapping_add(u64::from(curvature)))
    }

    /// The sums, in units.
    pub fn sums(self) -> [f64; 2] {
        [f64::from((self.0 >> 32) as u32 as i32), f64::from(self.0 as u32)]
    }
}

impl Statistic for Moments {
    type Sample = Moments;
    type Large = Moments;
    const MOST: f64 = f64::INFINITY;

    #[inline(always)]
    fn put(&mut self, sample: Moments) {
        self.0 = self.0.wrapping_add(sample.0);
    }

    #[inline(always)]
    fn add(&mut self, other: &Self) {
        self.0 = self.0.wrapping_add(other.0);
    }

    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        Moments(self.0.wrapping_sub(other.0))
    }

    fn is_empty(&self) -> bool {
        self.0 == 0
    }

    #[inline(always)]
    fn judge(&self, lambda: f64) -> [f64; 2] {
        let [gradient, curvature] = self.sums();
        [curvature, gradient * gradient / (curvature + lambda)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_what_gini_leaves() {
        let node = Counts::<i16, 4>([3, 1, 0, 0]);
        let [n, score] = node.judge(0.0);
        let gini = 1.0 - (0.75_f64.powi(2) + 0.25_f64.powi(2));
        assert_eq!(n, 4.0);
        assert!((1.0 - score / n - gini).abs() < 1e-15);
    }

    #[test]
    fn one_word_holds_two_sums() {
        let mut sums = Moments::default();
        for (g, h) in [(-5, 7), (3, u32::MAX / 4), (-100, 0)] {
            sums.put(Moments::new(g, h));
        }
        assert_eq!(sums.sums(), [-102.0, f64::from(u32::MAX / 4 + 7)]);
        assert_eq!(sums.minus(&Moments::new(-5, 7)).sums(), [-97.0, f64::from(u32::MAX / 4)]);
    }
}
