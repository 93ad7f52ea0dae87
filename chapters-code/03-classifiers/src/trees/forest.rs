//! The random forest (Breiman 2001): trees of bootstrap samples, whose nodes see some features only.

use ndarray::{Array2, ArrayViewMut2, Axis};
use notebook::{Stream, stream};
use rand::RngExt as _;
use rayon::prelude::*;

use super::at_least;
use super::bins::Bins;
use super::decision::{Stop, grow};
use super::statistic::Drawn;
use super::tree::{Tree, leaf_of, normalised};
use crate::model::{Classifier, Fit, FitError, Inputs, asked, checked, largest};

/// Rows that one task asks all trees about.
const BLOCK: usize = 256;

/// How many features a node tries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Tried {
    /// The square root of their number, rounded down, and at least one.
    #[default]
    SquareRoot,
    /// So many; at least one, at most all.
    Some(usize),
    /// All.
    All,
}

impl Tried {
    fn of(self, features: usize) -> usize {
        match self {
            Tried::SquareRoot => features.isqrt().max(1),
            Tried::Some(some) => some,
            Tried::All => features,
        }
    }
}

/// Settings of a forest; `fit` gives a [`FittedForest`].
///
/// As in scikit-learn, a node draws its features without replacement, constant ones count as tried, and it
/// goes on until one is not constant; the forest's answer is the class whose mean probability is largest, not
/// a vote. Breiman's own forest votes. Of equal splits the one drawn first wins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomForest {
    /// How many trees, at least 1; 100 by default.
    pub trees: usize,
    /// How many features a node tries; the square root of their number by default.
    pub tried: Tried,
    /// Whether each tree gets as many samples as there are, drawn with replacement; yes by default.
    pub bootstrap: bool,
    /// When a tree stops.
    pub stop: Stop,
    /// Decides all draws; tree `i` has a stream of its own.
    pub seed: u64,
}

impl Default for RandomForest {
    fn default() -> Self {
        let (tried, stop) = (Tried::SquareRoot, Stop::default());
        RandomForest { trees: 100, tried, bootstrap: true, stop, seed: 0 }
    }
}

/// Trees that answer together.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedForest {
    trees: Vec<Tree>,
    classes: usize,
    features: usize,
    /// Samples of the fit; 0 where it was read from a file, which does not keep them.
    samples: usize,
    /// For each tree a bit for each sample of the fit: was it drawn?
    drawn: Vec<Vec<u64>>,
}

impl Fit for RandomForest {
    type Model = FittedForest;

    /// Time `O(trees depth n √d)`; space `O(n d)` bytes and the trees. The same bits for any number of threads.
    // ANCHOR: fit
    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<FittedForest, FitError> {
        let classes = checked(inputs, labels)?;
        let limits = self.stop.limits(self.check(inputs.features())?);
        let bins = Bins::of(inputs);
        let grown = (0..self.trees as u32).into_par_iter().with_max_len(1).map(|tree| {
            let mut rng = stream(self.seed, Stream::Tree(tree.into()));
            let times = self.times(labels.len(), &mut rng);
            let sample = |(&class, &times)| Drawn { class, times };
            let samples: Vec<Drawn> = labels.iter().zip(&times).map(sample).collect();
            let rows = (0..labels.len() as u32).filter(|row| times[*row as usize] > 0).collect();
            (grow(&bins, &samples, rows, limits, Some(rng), classes), bits(&times))
        });
        let (trees, drawn) = grown.unzip();
        let (features, samples) = (inputs.features(), inputs.samples());
        Ok(FittedForest { trees, classes, features, samples, drawn })
    }
    // ANCHOR_END: fit
}

impl RandomForest {
    /// How many features a node tries, once all settings have a meaning.
    fn check(&self, features: usize) -> Result<usize, FitError> {
        at_least("trees", self.trees, 1)?;
        self.stop.check()?;
        let tried = self.tried.of(features);
        at_least("tried", tried, 1)?;
        if tried > features {
            let fix = "give at most the number of features";
            return Err(FitError::Setting { setting: "tried", value: tried.to_string(), fix });
        }
        Ok(tried)
    }

    /// How often each of `n` samples is drawn in `n` draws.
    // ANCHOR: bootstrap
    fn times(&self, n: usize, rng: &mut notebook::Rng) -> Vec<u8> {
        if !self.bootstrap {
            return vec![1; n];
        }
        let mut times = vec![0_u8; n];
        for _ in 0..n {
            let row = rng.random_range(0..n as u32) as usize;
            times[row] = times[row].saturating_add(1);
        }
        times
    }
    // ANCHOR_END: bootstrap
}

/// A bit for each sample that was drawn.
fn bits(times: &[u8]) -> Vec<u64> {
    let word = |times: &[u8]| {
        times.iter().enumerate().fold(0, |bits, (i, &times)| bits | u64::from(times > 0) << i)
    };
    times.chunks(64).map(word).collect()
}

impl FittedForest {
    /// A forest of these trees, without what each of them drew: it has no out-of-bag answers.
    ///
    /// # Errors
    /// A message where there are none, they differ in their classes, or ask about other features.
    pub fn from_parts(trees: Vec<Tree>, features: usize) -> Result<FittedForest, String> {
        let classes = trees.first().ok_or("has no trees")?.width;
        if trees.iter().any(|tree| tree.width != classes) {
            return Err("has trees of different classes".to_owned());
        }
        trees.iter().try_for_each(|tree| tree.asks_below(features))?;
        Ok(FittedForest { trees, classes, features, samples: 0, drawn: Vec::new() })
    }

    /// Its trees.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The same forest with its first trees only.
    pub fn first(&self, trees: usize) -> FittedForest {
        let mut few = self.clone();
        few.trees.truncate(trees);
        few.drawn.truncate(trees);
        few
    }

    /// The mean share of each feature, `(d)`, in what a tree's questions gained; they sum to 1.
    pub fn importance(&self) -> Vec<f64> {
        let mut importance = vec![0.0; self.features];
        for tree in &self.trees {
            let mut of_tree = vec![0.0; self.features];
            tree.add_gains(&mut of_tree);
            for (sum, share) in importance.iter_mut().zip(normalised(of_tree)) {
                *sum += share;
            }
        }
        normalised(importance)
    }

    /// What the trees that did not see a sample of the fit say of it: a class, or nothing where all saw it.
    ///
    /// Give the inputs of the fit. Time `O(n trees depth)`.
    ///
    /// # Errors
    /// [`FitError::Features`] and [`FitError::Labels`] where the inputs are not those of the fit.
    pub fn out_of_bag(&self, inputs: Inputs<'_>) -> Result<Vec<Option<u8>>, FitError> {
        asked(inputs, self.features)?;
        if inputs.samples() != self.samples {
            return Err(FitError::Labels { samples: inputs.samples(), labels: self.samples });
        }
        let sums = self.sums(inputs, |tree, row| self.drawn[tree][row / 64] >> (row % 64) & 1 == 0);
        let answer = |sums: ndarray::ArrayView1<'_, f64>| {
            sums.iter().any(|sum| *sum > 0.0).then(|| largest(sums) as u8)
        };
        Ok(sums.rows().into_iter().map(answer).collect())
    }

    /// Sums of the probabilities, `(m, k)`, over the trees that are `asked` about a row, in their order.
    fn sums(&self, inputs: Inputs<'_>, asked: impl Fn(usize, usize) -> bool + Sync) -> Array2<f64> {
        let mut sums = Array2::zeros((inputs.samples(), self.classes));
        let blocks = sums.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().enumerate();
        blocks.for_each(|(block, mut sums): (usize, ArrayViewMut2<'_, f64>)| {
            for (place, tree) in self.trees.iter().enumerate() {
                for (offset, mut sums) in sums.rows_mut().into_iter().enumerate() {
                    let row = block * BLOCK + offset;
                    if asked(place, row) {
                        let values = tree.values_of(leaf_of(tree, inputs, row));
                        sums.iter_mut().zip(values).for_each(|(sum, p)| *sum += f64::from(*p));
                    }
                }
            }
        });
        sums
    }
}

impl Classifier for FittedForest {
    fn classes(&self) -> usize {
        self.classes
    }

    fn features(&self) -> usize {
        self.features
    }

    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
        asked(inputs, self.features)?;
        let sums = self.sums(inputs, |_, _| true);
        Ok(sums.rows().into_iter().map(|sums| largest(sums) as u8).collect())
    }

    fn probabilities(&self, inputs: Inputs<'_>) -> Result<Option<Array2<f32>>, FitError> {
        asked(inputs, self.features)?;
        let trees = self.trees.len() as f64;
        Ok(Some(self.sums(inputs, |_, _| true).mapv(|sum| (sum / trees) as f32)))
    }
}
