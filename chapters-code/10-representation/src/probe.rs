//! Linear probes (Alain and Bengio, 2016): the network stays as it is, and a linear map learns to read an answer off what one of
//! its layers says. The map is found by ridge regression, in closed form, so that nothing of the training is left to luck.

use generalization::ridge::{LeastSquares, Result};
use learning::Standardiser;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use optimization::answers::largest;

// ANCHOR: ridges
/// The ridges that are tried, as shares of the number of samples: a
/// standardised feature alone has `n` on the diagonal of `XᵀX`.
pub const RIDGES: [f64; 5] = [1e-3, 1e-2, 1e-1, 1.0, 10.0];
// ANCHOR_END: ridges

/// The part of the samples on which a ridge is chosen is one in so many.
const ASIDE: usize = 5;

/// A linear map from standardised features to targets.
#[derive(Clone, Debug)]
pub struct Map {
    scale: Standardiser,
    /// `(d, k)`, for standardised features.
    pub weights: Array2<f64>,
    /// What it says of a sample whose features are the mean: `(k)`.
    pub offset: Array1<f64>,
}

impl Map {
    /// The map with the least `‖X W − Y‖² + ridge ‖W‖²`, of features `(n, d)` that are standardised and targets `(n, k)`
    /// without their means.
    ///
    /// # Errors
    /// Where there are not as many targets as samples, or the ridge is negative, or too small.
    pub fn fit(x: ArrayView2<'_, f32>, y: ArrayView2<'_, f64>, ridge: f64) -> Result<Map> {
        let mut maps = Map::fit_each(x, y, &[ridge])?;
        // One ridge was given, and one map comes back.
        Ok(maps.swap_remove(0))
    }

    // ANCHOR: fit_each
    /// One map for each of the ridges, which share their Gram matrix.
    ///
    /// # Errors
    /// As [`Map::fit`].
    pub fn fit_each(
        x: ArrayView2<'_, f32>,
        y: ArrayView2<'_, f64>,
        ridges: &[f64],
    ) -> Result<Vec<Map>> {
        let scale = Standardiser::fit(x);
        let x = scale.apply(x).mapv(f64::from);
        let offset = y.mean_axis(Axis(0)).unwrap_or_default();
        let y = &y - &offset;
        let problem = LeastSquares::new(x.view(), y.view())?;
        let map = |&ridge: &f64| {
            let (scale, offset) = (scale.clone(), offset.clone());
            Ok(Map { scale, weights: problem.fit(ridge)?, offset })
        };
        ridges.iter().map(map).collect()
    }
    // ANCHOR_END: fit_each

    /// What it says of features `(m, d)`: `(m, k)`.
    pub fn apply(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        self.scale.apply(x).mapv(f64::from).dot(&self.weights) + &self.offset
    }

    /// The class with the largest target of each sample, of the first targets.
    pub fn classify(&self, x: ArrayView2<'_, f32>, classes: usize) -> Vec<u8> {
        largest_of(self.apply(x).view(), 0, classes)
    }
}

/// The place of the largest of the targets `from..from + classes` of each sample, counted from the first of them.
pub fn largest_of(said: ArrayView2<'_, f64>, from: usize, classes: usize) -> Vec<u8> {
    let said: Vec<f64> = said.slice(s![.., from..from + classes]).iter().copied().collect();
    largest(&said, classes).map(|class| class as u8).collect()
}

/// A row for each label: 1 in the column of its class, else 0. A label without a column has a row of zeros.
pub fn one_hot(labels: &[u8], classes: usize) -> Array2<f64> {
    let hot = |(i, c): (usize, usize)| f64::from(u8::from(usize::from(labels[i]) == c));
    Array2::from_shape_fn((labels.len(), classes), hot)
}

/// A ridge, and what it was chosen for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// The ridge, as a share of the number of samples.
    pub ridge: f64,
    /// The share of the samples kept aside that it finds.
    pub aside: f64,
}

// ANCHOR: choose
/// The ridge that finds most of the last fifth of the samples, when the others
/// are learned from; the smallest of several that are as good.
///
/// # Errors
/// As [`Map::fit`]. There must be five samples or more.
pub fn choose(x: ArrayView2<'_, f32>, labels: &[u8], classes: usize) -> Result<Choice> {
    let n = labels.len() - labels.len() / ASIDE;
    let (train, aside) = x.split_at(Axis(0), n);
    let ridges = RIDGES.map(|share| share * n as f64);
    let maps = Map::fit_each(train, one_hot(&labels[..n], classes).view(), &ridges)?;
    let mut best = Choice { ridge: f64::NAN, aside: -1.0 };
    for (map, ridge) in maps.iter().zip(RIDGES) {
        let found = map.classify(aside, classes);
        let aside = learning::accuracy(&labels[n..], &found);
        if aside > best.aside {
            best = Choice { ridge, aside };
        }
    }
    Ok(best)
}
// ANCHOR_END: choose

/// The share of the variance of targets `(m, k)` that a map explains, all targets together: `1 − ‖Y − Ŷ‖² / ‖Y − Ȳ‖²`.
pub fn explained(said: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>) -> f64 {
    let squares = |of: &Array2<f64>| of.iter().map(|x| x * x).sum::<f64>();
    let mean = y.mean_axis(Axis(0)).unwrap_or_default();
    1.0 - squares(&(&y - &said)) / squares(&(&y - &mean))
}
