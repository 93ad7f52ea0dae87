//! Random Fourier features (Rahimi and Recht 2007): cosines of random projections, whose inner products are nearly a
//! Gaussian kernel. A model that is linear in them is nearly a kernel machine.

use learning::normal;
use ndarray::{Array1, Array2, Axis};
use notebook::Rng;
use rand::{RngExt as _, SeedableRng as _};
use rayon::prelude::*;

use crate::model::{Classifier, Fit, FitError, Inputs, asked, checked, positive};
use crate::softmax::{Softmax, SoftmaxModel};

/// Samples of a block that are projected at once.
const BLOCK: usize = 128;

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomFeatures {
    /// How many cosines, at least 1. Default 4096.
    pub features: usize,
    /// `γ` of the kernel `exp(−γ ‖a − b‖²)`, above 0. Default `1 / (d · variance of all numbers)`, as scikit-learn's `scale`.
    pub gamma: Option<f64>,
    /// Decides the projections. Default 0.
    pub seed: u64,
    /// What is fitted to the cosines.
    pub softmax: Softmax,
}

impl Default for RandomFeatures {
    fn default() -> Self {
        RandomFeatures { features: 4096, gamma: None, seed: 0, softmax: Softmax::default() }
    }
}

/// The projections, without anything that was learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// Frequencies `(d, D)`, normal with variance `2 γ`.
    pub frequencies: Array2<f32>,
    /// Phases `(D,)`, uniform in a turn.
    pub phases: Array1<f32>,
}

impl Projection {
    // ANCHOR: projection
    /// Draws `features` waves of `d` dimensions for the kernel
    /// `exp(−γ ‖a − b‖²)`.
    pub fn draw(d: usize, features: usize, gamma: f64, rng: &mut Rng) -> Projection {
        let deviation = (2.0 * gamma).sqrt();
        let wave = |_| (deviation * normal(rng)) as f32;
        let frequencies = Array2::from_shape_simple_fn((d, features), || 0.0).mapv(wave);
        let phase = |_| (std::f64::consts::TAU * rng.random::<f64>()) as f32;
        Projection { frequencies, phases: (0..features).map(phase).collect() }
    }

    /// `√(2 / D) cos(x Ω + b)` of each sample, `(m, D)`: the inner product of two
    /// rows is nearly their kernel. `O(m d D)`.
    pub fn apply(&self, inputs: Inputs<'_>) -> Array2<f32> {
        let scale = (2.0 / self.phases.len() as f32).sqrt();
        let mut to = Array2::zeros((inputs.samples(), self.phases.len()));
        let blocks = to.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().enumerate();
        blocks.for_each(|(block, mut to)| {
            let first = block * BLOCK;
            let x = inputs.range(first..first + to.nrows()).to_reals();
            let waves = x.dot(&self.frequencies) + &self.phases;
            to.zip_mut_with(&waves, |to, wave| *to = scale * wave.cos());
        });
        to
    }
    // ANCHOR_END: projection
}

/// `1 / (d · variance of all numbers)`; 1 where all are equal.
pub fn scale_gamma(inputs: Inputs<'_>) -> f64 {
    let (mut row, mut sum, mut squares) = (vec![0.0; inputs.features()], 0.0, 0.0);
    for i in 0..inputs.samples() {
        inputs.read(i, &mut row);
        for x in row.iter().map(|x| f64::from(*x)) {
            sum += x;
            squares += x * x;
        }
    }
    let n = (inputs.samples() * inputs.features()) as f64;
    let variance = squares / n - (sum / n).powi(2);
    if variance > 0.0 { 1.0 / (inputs.features() as f64 * variance) } else { 1.0 }
}

impl RandomFeatures {
    /// The waves that a fit to `inputs`, `(n, d)`, draws; the labels have no part in it. `O(n d + d D)`.
    ///
    /// # Errors
    /// [`FitError::Setting`] where there are no waves, or the kernel has no width.
    pub fn projection(&self, inputs: Inputs<'_>) -> Result<Projection, FitError> {
        if self.features == 0 {
            let fix = "give at least 1";
            return Err(FitError::Setting { setting: "waves", value: "0".to_owned(), fix });
        }
        let gamma = self.gamma.unwrap_or_else(|| scale_gamma(inputs));
        positive("gamma", gamma)?;
        let mut rng = Rng::seed_from_u64(self.seed);
        Ok(Projection::draw(inputs.features(), self.features, gamma, &mut rng))
    }
}

impl Fit for RandomFeatures {
    type Model = RandomFeaturesModel;

    /// Time `O(n d D)` and that of the softmax regression on `D` features; space `O(n D)`.
    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<RandomFeaturesModel, FitError> {
        self.softmax.check()?;
        checked(inputs, labels)?;
        let projection = self.projection(inputs)?;
        let waves = projection.apply(inputs);
        let softmax = self.softmax.fit(Inputs::Reals(waves.view()), labels)?;
        Ok(RandomFeaturesModel { projection, softmax })
    }
}

/// Projections, and softmax regression on their cosines.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomFeaturesModel {
    /// From `d` features to `D` cosines.
    pub projection: Projection,
    /// From cosines to classes.
    pub softmax: SoftmaxModel,
}

impl Classifier for RandomFeaturesModel {
    fn classes(&self) -> usize {
        self.softmax.classes()
    }

    fn features(&self) -> usize {
        self.projection.frequencies.nrows()
    }

    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
        asked(inputs, self.features())?;
        self.softmax.predict(Inputs::Reals(self.projection.apply(inputs).view()))
    }

    fn probabilities(&self, inputs: Inputs<'_>) -> Result<Option<Array2<f32>>, FitError> {
        asked(inputs, self.features())?;
        self.softmax.probabilities(Inputs::Reals(self.projection.apply(inputs).view()))
    }
}
