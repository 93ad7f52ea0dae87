//! Double descent in closed form: garments, their random waves (chapter 3), and least squares on the first `N` of them.

use anyhow::Result;
use classifiers::Inputs;
use classifiers::random_features::{Projection, RandomFeatures};
use learning::fashion::CLASSES;
use learning::{FashionMnist, Labelled, split};
use ndarray::{Array2, ArrayView2, s};
use notebook::Rng;
use optimization::answers;
use rand::{RngExt as _, SeedableRng as _};

use crate::ridge::{self, LeastSquares, norm};

/// Garments to be tested on.
pub const TESTED: usize = 2000;
/// Share of the labels that are drawn anew in the second arm.
pub const NOISE: f64 = 0.15;
/// Rounds of inverse iteration.
const ROUNDS: usize = 30;
/// Classes, and columns of the targets of an arm.
const K: usize = CLASSES.len();

/// What came of some number of features: for each of two arms, true labels and labels with noise, a number by ridge.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The share of test garments that are answered wrongly.
    pub error: [Vec<f64>; 2],
    /// The share of training garments that are answered otherwise than they were labelled.
    pub training: [Vec<f64>; 2],
    /// Length of the weights.
    pub norm: [Vec<f64>; 2],
    /// The smallest singular value of the features, with the first ridge.
    pub smallest: f64,
}

/// Garments and their random waves.
#[derive(Clone, Debug)]
pub struct Case {
    waves: Array2<f32>,
    tested: Array2<f32>,
    targets: Array2<f64>,
    learned: [Vec<u8>; 2],
    labels: Vec<u8>,
}

impl Case {
    /// Draws `samples` training garments, [`TESTED`] test garments, `most` waves and the labels that are wrong, all from
    /// `seed`. `O((n + m) d N)`.
    ///
    /// # Errors
    /// Where there are no waves.
    pub fn draw(data: &FashionMnist, samples: usize, most: usize, seed: u64) -> Result<Case> {
        let mut rng = Rng::seed_from_u64(seed);
        let train = some(&data.train, samples, &mut rng);
        let test = some(&data.test, TESTED, &mut rng);
        let (x, new) = (train.x(), test.x());
        let waves = RandomFeatures { features: most, seed, ..RandomFeatures::default() };
        let projection: Projection = waves.projection(Inputs::Reals(x.view()))?;
        let [waves, tested] = [&x, &new].map(|x| projection.apply(Inputs::Reals(x.view())));
        let noisy = train.y().iter().map(|&label| noise(label, &mut rng)).collect();
        let learned = [train.y().to_vec(), noisy];
        let mut targets = Array2::zeros((samples, 2 * K));
        for (arm, labels) in learned.iter().enumerate() {
            for (i, &label) in labels.iter().enumerate() {
                targets[[i, arm * K + usize::from(label)]] = 1.0;
            }
        }
        Ok(Case { waves, tested, targets, learned, labels: test.y().to_vec() })
    }

    /// Fits the first `features` of the waves, which must not be more than were drawn, with each ridge.
    ///
    /// # Errors
    /// As [`LeastSquares::fit`].
    pub fn fit(&self, features: usize, ridges: &[f64]) -> Result<Found, ridge::Error> {
        // The waves were made √(2 / most) high, and are to be √(2 / features).
        let higher = (self.waves.ncols() as f64 / features as f64).sqrt();
        let of = |x: &Array2<f32>| x.slice(s![.., ..features]).mapv(|x| higher * f64::from(x));
        let (x, new) = (of(&self.waves), of(&self.tested));
        let problem = LeastSquares::new(x.view(), self.targets.view())?;
        let mut found = Found::default();
        for (i, &ridge) in ridges.iter().enumerate() {
            if i == 0 {
                found.smallest = problem.factor(ridge)?.smallest(ROUNDS).max(0.0).sqrt();
            }
            let weights = problem.fit(ridge)?;
            let [inside, outside] = [&x, &new].map(|x| x.dot(&weights));
            for arm in 0..2 {
                let of = s![.., arm * K..(arm + 1) * K];
                found.error[arm].push(wrong(outside.slice(of), &self.labels));
                found.training[arm].push(wrong(inside.slice(of), &self.learned[arm]));
                found.norm[arm].push(norm(weights.slice(of)));
            }
        }
        Ok(found)
    }
}

fn some(of: &Labelled, n: usize, rng: &mut Rng) -> Labelled {
    of.select(&split::draw(n, of.len(), rng))
}

fn noise(label: u8, rng: &mut Rng) -> u8 {
    if rng.random::<f64>() < NOISE { rng.random_range(0..K as u8) } else { label }
}

/// The share of rows whose largest number does not stand at their label.
fn wrong(outputs: ArrayView2<'_, f64>, labels: &[u8]) -> f64 {
    let rows: Vec<f64> = outputs.iter().copied().collect();
    let found = answers::largest(&rows, K);
    let wrong = found.zip(labels).filter(|(found, label)| *found != usize::from(**label));
    wrong.count() as f64 / labels.len().max(1) as f64
}
