//! Mixup (Zhang et al., 2018): samples that are partly one garment and partly
//! another.
//!
//! The authors draw a share `λ` from Beta(α, α), mix two samples, and ask for
//! both labels, with `λ` and `1 − λ` as weights. Here a sample keeps its own
//! label alone, and its own share is drawn from Beta(α + 1, α) instead. Over
//! all pairs both losses have the same mean: see the chapter's page.

use learning::normal;
use notebook::{Rng, Stream, stream};
use optimization::Samples;
use rand::RngExt as _;

/// Samples of which each is mixed with another, anew in every epoch.
#[derive(Clone, Debug)]
pub struct Mixed<S> {
    /// What is mixed.
    pub samples: S,
    /// `α`: 0 mixes nothing, 1 draws the authors' share uniformly.
    pub alpha: f64,
    /// Decides what is mixed with what, and how.
    pub seed: u64,
    /// What the samples are called, as a checkpoint remembers it.
    pub name: String,
}

/// Set in the number of a sample where its mixing is drawn, so that it is not
/// drawn with the dice of its augmentation.
const MIXING: u64 = 1 << 63;

// ANCHOR: mixed
impl<S: Samples> Samples for Mixed<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> usize {
        self.samples.len()
    }

    fn input(&self, epoch: u64, i: usize, to: &mut [f32]) {
        self.samples.input(epoch, i, to);
        if self.alpha == 0.0 {
            return;
        }
        let of = Stream::Sample(epoch, i as u64 | MIXING);
        let mut rng = stream(self.seed, of);
        let share = own_share(self.alpha, &mut rng) as f32;
        let mut other = vec![0.0; to.len()];
        let j = rng.random_range(0..self.len());
        self.samples.input(epoch, j, &mut other);
        for (to, other) in to.iter_mut().zip(other) {
            *to = share * *to + (1.0 - share) * other;
        }
    }

    fn label(&self, i: usize, position: usize) -> Option<usize> {
        self.samples.label(i, position)
    }
}

/// The share of a sample in its own mixture: from Beta(α + 1, α).
pub fn own_share(alpha: f64, rng: &mut Rng) -> f64 {
    let (own, other) = (gamma(alpha + 1.0, rng), gamma(alpha, rng));
    own / (own + other)
}
// ANCHOR_END: mixed

/// A number from the Gamma distribution of this shape, above 0, and scale 1
/// (Marsaglia and Tsang, 2000). Of two such the share of one in their sum has
/// a Beta distribution.
fn gamma(shape: f64, rng: &mut Rng) -> f64 {
    if shape < 1.0 {
        let u: f64 = rng.random();
        return gamma(shape + 1.0, rng) * (1.0 - u).powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(rng);
        let v = (1.0 + c * x).powi(3);
        let u: f64 = rng.random();
        if v > 0.0 && (1.0 - u).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}
