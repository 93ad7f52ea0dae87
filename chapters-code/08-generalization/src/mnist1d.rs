//! MNIST-1D (Greydanus and Kobak, 2024): ten short signals in place of the ten digits, each bent and buried in noise anew
//! for every sample. The definition is theirs, step by step; the code and the random numbers are ours, so that the
//! signals are of the same distribution and not the same signals.

use learning::normal;
use notebook::Rng;
use optimization::Samples;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

/// Numbers of a sample.
pub const LENGTH: usize = 40;
/// Classes.
pub const CLASSES: usize = 10;
/// Numbers of a template.
pub const TEMPLATE: usize = 12;
/// Fewest and most noughts behind a template.
pub const PADDING: [usize; 2] = [36, 60];
/// Numbers of a signal before it is thinned out.
pub const LONG: usize = TEMPLATE + PADDING[1];
/// A signal is moved to the right by fewer places than this.
pub const MOVES: usize = 48;
/// How far the height varies, in all.
pub const SCALE: f64 = 0.4;
/// How steep the line is that is taken away, in all.
pub const SHEAR: f64 = 0.75;
/// Deviation of the noise where there is no signal, before it is smoothed.
pub const CORRELATED: f64 = 0.25;
/// Deviation of the noise of every number.
pub const WHITE: f64 = 0.02;
/// Deviation of the smoothing, in places.
const SMOOTH: f64 = 2.0;

/// The templates before they are scaled, as their authors drew them.
const DRAWN: [[f64; TEMPLATE]; CLASSES] = [
    [5.0, 6.0, 6.5, 6.75, 7.0, 7.0, 7.0, 7.0, 6.75, 6.5, 6.0, 5.0],
    [5.0, 3.0, 3.0, 3.4, 3.8, 4.2, 4.6, 5.0, 5.4, 5.8, 5.0, 5.0],
    [5.0, 6.0, 6.5, 6.5, 6.0, 5.25, 4.75, 4.0, 3.5, 3.5, 4.0, 5.0],
    [5.0, 6.0, 6.5, 6.5, 6.0, 5.0, 5.0, 6.0, 6.5, 6.5, 6.0, 5.0],
    [5.0, 4.4, 3.8, 3.2, 2.6, 2.6, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0],
    [5.0, 3.0, 3.0, 3.0, 3.0, 5.0, 6.0, 6.5, 6.5, 6.0, 4.5, 5.0],
    [5.0, 4.0, 3.5, 3.25, 3.0, 3.0, 3.0, 3.0, 3.25, 3.5, 4.0, 5.0],
    [5.0, 7.0, 7.0, 6.6, 6.2, 5.8, 5.4, 5.0, 4.6, 4.2, 5.0, 5.0],
    [5.0, 4.0, 3.5, 3.5, 4.0, 5.0, 5.0, 4.0, 3.5, 3.5, 4.0, 5.0],
    [5.0, 4.0, 3.5, 3.5, 4.0, 5.0, 5.0, 5.0, 5.0, 4.7, 4.3, 5.0],
];

/// The ten templates: mean 0 and deviation 1, then from 0 on, and a sixth as high.
pub fn templates() -> [[f64; TEMPLATE]; CLASSES] {
    DRAWN.map(|drawn| {
        let mean = drawn.iter().sum::<f64>() / TEMPLATE as f64;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / TEMPLATE as f64;
        let scaled = drawn.map(|x| (x - mean) / variance.sqrt());
        scaled.map(|x| (x - scaled[0]) / 6.0)
    })
}

/// What is drawn for a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    /// Noughts behind the template.
    pub padding: usize,
    /// Uniform on [0, 1): the height.
    pub scale: f64,
    /// Places to the right.
    pub shift: usize,
    /// Normal, `LONG` of them: the noise that is smoothed.
    pub correlated: Vec<f64>,
    /// Normal, `LONG` of them: the noise that is not.
    pub white: Vec<f64>,
    /// Uniform on [0, 1): the slope.
    pub shear: f64,
}

impl Draws {
    /// Draws all that a sample needs.
    pub fn new(rng: &mut Rng) -> Draws {
        Draws {
            padding: rng.random_range(PADDING[0]..=PADDING[1]),
            scale: rng.random(),
            shift: rng.random_range(0..MOVES),
            correlated: (0..LONG).map(|_| normal(rng)).collect(),
            white: (0..LONG).map(|_| normal(rng)).collect(),
            shear: rng.random(),
        }
    }
}

/// What becomes of a template, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    /// Padded with noughts, stretched to [`LONG`] numbers, and scaled.
    pub scaled: Vec<f64>,
    /// Moved to the right; what leaves comes in at the left.
    pub moved: Vec<f64>,
    /// With noise.
    pub noisy: Vec<f64>,
    /// With a line taken away.
    pub sheared: Vec<f64>,
    /// Thinned out to [`LENGTH`] numbers.
    pub thinned: Vec<f64>,
}

// ANCHOR: steps
/// A sample of a template, by what was drawn for it.
pub fn steps(template: &[f64; TEMPLATE], draws: &Draws) -> Steps {
    // So that a nought of the template can be told from the padding.
    let mut padded: Vec<f64> = template.iter().map(|x| x + 1e-8).collect();
    padded.resize(TEMPLATE + draws.padding, 0.0);
    let mut scaled = stretched(&padded, LONG);
    scaled.iter_mut().for_each(|x| *x *= 1.0 + SCALE * (draws.scale - 0.5));
    let mut moved = scaled.clone();
    moved.rotate_right(draws.shift);
    let smooth = smoothed(&draws.correlated);
    let noise = smooth.iter().zip(&draws.white);
    let noisy = moved.iter().zip(noise).map(|(&x, (smooth, white))| {
        let x = if x == 0.0 { CORRELATED * smooth } else { x };
        x + WHITE * white
    });
    let noisy: Vec<f64> = noisy.collect();
    let sheared = sheared(&noisy, SHEAR * (draws.shear - 0.5));
    let thinned = stretched(&sheared, LENGTH);
    Steps { scaled, moved, noisy, sheared, thinned }
}

/// `x` minus a line that rises by `slope` from one end to the other and
/// is 0 in the middle.
fn sheared(x: &[f64], slope: f64) -> Vec<f64> {
    let last = (x.len() - 1) as f64;
    x.iter().enumerate().map(|(i, x)| x - slope * (i as f64 / last - 0.5)).collect()
}
// ANCHOR_END: steps

/// `to` numbers at equal distances along the straight lines between those of `x`.
fn stretched(x: &[f64], to: usize) -> Vec<f64> {
    let last = x.len() - 1;
    let at = |i: usize| {
        let place = i as f64 / (to - 1) as f64 * last as f64;
        let left = (place.floor() as usize).min(last - 1);
        let share = place - left as f64;
        x[left] + share * (x[left + 1] - x[left])
    };
    (0..to).map(at).collect()
}

/// A running mean with the weights of a bell, over four deviations to each side; beyond its ends the signal is mirrored.
fn smoothed(x: &[f64]) -> Vec<f64> {
    let radius = (4.0 * SMOOTH + 0.5) as i64;
    let bell = |j: i64| (-0.5 * (j as f64 / SMOOTH).powi(2)).exp();
    let whole: f64 = (-radius..=radius).map(bell).sum();
    let n = x.len() as i64;
    let mirrored = |i: i64| {
        if i < 0 {
            -1 - i
        } else if i >= n {
            2 * n - 1 - i
        } else {
            i
        }
    };
    let at =
        |i: i64| (-radius..=radius).map(|j| bell(j) / whole * x[mirrored(i + j) as usize]).sum();
    (0..n).map(at).collect()
}

/// Signals with their classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Signals {
    /// `(n, LENGTH)`, one after another.
    pub x: Vec<f32>,
    /// `(n,)`, 0 to 9.
    pub labels: Vec<u8>,
}

impl Signals {
    /// The same with other labels for a share of the signals, drawn evenly from all ten: one in ten of them is the old one.
    pub fn with_noise(&self, share: f64, rng: &mut Rng) -> Signals {
        let mut labels = self.labels.clone();
        for label in &mut labels {
            if rng.random::<f64>() < share {
                *label = rng.random_range(0..CLASSES as u8);
            }
        }
        Signals { x: self.x.clone(), labels }
    }
}

impl Samples for &Signals {
    fn name(&self) -> &str {
        "MNIST-1D"
    }

    fn len(&self) -> usize {
        self.labels.len()
    }

    fn input(&self, _epoch: u64, i: usize, to: &mut [f32]) {
        to.copy_from_slice(&self.x[i * LENGTH..][..LENGTH]);
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        Some(self.labels[i].into())
    }
}

/// Signals before they are shuffled and scaled: as many of each class as fit, class by class; and their classes.
pub fn drawn(signals: usize, rng: &mut Rng) -> (Vec<Vec<f64>>, Vec<u8>) {
    let of_class = signals / CLASSES;
    let templates = templates();
    let classes = (0..CLASSES).flat_map(|class| std::iter::repeat_n(class, of_class));
    classes.map(|c| (steps(&templates[c], &Draws::new(rng)).thinned, c as u8)).unzip()
}

/// `train` signals to learn from and `test` to be tested on, shuffled, with mean 0 and deviation 1 over all their numbers.
/// Their sum must be a multiple of ten, or a few are left out.
pub fn signals(train: usize, test: usize, seed: u64) -> [Signals; 2] {
    let mut rng = Rng::seed_from_u64(seed);
    let (x, labels) = drawn(train + test, &mut rng);
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.shuffle(&mut rng);
    let n = (x.len() * LENGTH).max(1) as f64;
    let mean = x.iter().flatten().sum::<f64>() / n;
    let deviation = (x.iter().flatten().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let part = |rows: &[usize]| Signals {
        x: rows
            .iter()
            .flat_map(|&i| x[i].iter().map(|v| ((v - mean) / deviation) as f32))
            .collect(),
        labels: rows.iter().map(|&i| labels[i]).collect(),
    };
    let (first, rest) = order.split_at(train.min(order.len()));
    [part(first), part(rest)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_their_sizes_and_nearly_each_class_its_share() {
        let [train, test] = signals(400, 100, 3);
        assert_eq!([train.labels.len(), test.labels.len()], [400, 100]);
        assert_eq!([train.x.len(), test.x.len()], [400 * LENGTH, 100 * LENGTH]);
        for class in 0..10 {
            let all = train.labels.iter().chain(&test.labels);
            assert_eq!(all.filter(|&&label| label == class).count(), 50);
        }
        assert_eq!(signals(400, 100, 3), [train, test]);
    }

    #[test]
    fn a_share_of_the_labels_is_drawn_anew() {
        let [train, _] = signals(4000, 0, 3);
        let noisy = train.with_noise(0.15, &mut Rng::seed_from_u64(1));
        let changed = train.labels.iter().zip(&noisy.labels).filter(|(a, b)| a != b).count();
        // 0.15 · 0.9 · 4000 = 540, with a deviation of 22.
        assert!((430..650).contains(&changed), "{changed}");
        assert_eq!(train.x, noisy.x);
    }
}
