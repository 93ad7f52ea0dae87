//! What every classifier of the book is: something that is fitted to labelled samples, and then predicts.
//!
//! The three words `fit`, `predict` and `probabilities` are those of scikit-learn (Buitinck et al. 2013). What is
//! wrong with the samples is said before anything runs: [`checked`].

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};
use thiserror::Error;

/// `(n, d)`: n samples of d features, a row each, as bytes (0 to 255) or as 32-bit reals.
#[derive(Clone, Copy, Debug)]
pub enum Inputs<'a> {
    /// Pixels, or whatever else has at most 256 values; read as 0 to 255.
    Bytes(ArrayView2<'a, u8>),
    /// Features of an extractor.
    Reals(ArrayView2<'a, f32>),
}

impl<'a> Inputs<'a> {
    /// The number of samples `n`.
    pub fn samples(&self) -> usize {
        match self {
            Inputs::Bytes(x) => x.nrows(),
            Inputs::Reals(x) => x.nrows(),
        }
    }

    /// The number of features `d`.
    pub fn features(&self) -> usize {
        match self {
            Inputs::Bytes(x) => x.ncols(),
            Inputs::Reals(x) => x.ncols(),
        }
    }

    /// All as reals, copied where they are bytes. Time and space `O(n d)`.
    pub fn to_reals(&self) -> Array2<f32> {
        match self {
            Inputs::Bytes(x) => x.mapv(f32::from),
            Inputs::Reals(x) => x.to_owned(),
        }
    }

    /// The samples of a range.
    pub fn range(&self, rows: std::ops::Range<usize>) -> Inputs<'_> {
        match self {
            Inputs::Bytes(x) => Inputs::Bytes(x.slice(s![rows, ..])),
            Inputs::Reals(x) => Inputs::Reals(x.slice(s![rows, ..])),
        }
    }

    /// Writes sample `i` as reals to `row`, which has room for `d`.
    pub fn read(&self, i: usize, row: &mut [f32]) {
        match self {
            Inputs::Bytes(x) => {
                row.iter_mut().zip(x.row(i)).for_each(|(to, from)| *to = f32::from(*from));
            }
            Inputs::Reals(x) => row.iter_mut().zip(x.row(i)).for_each(|(to, from)| *to = *from),
        }
    }

    /// The samples at `rows`, copied. Time and space `O(rows d)`.
    pub fn take(&self, rows: &[usize]) -> Samples {
        match self {
            Inputs::Bytes(x) => Samples::Bytes(x.select(Axis(0), rows)),
            Inputs::Reals(x) => Samples::Reals(x.select(Axis(0), rows)),
        }
    }
}

/// [`Inputs`] that are owned.
#[derive(Clone, Debug)]
pub enum Samples {
    /// As [`Inputs::Bytes`].
    Bytes(Array2<u8>),
    /// As [`Inputs::Reals`].
    Reals(Array2<f32>),
}

impl Samples {
    /// A view of them.
    pub fn view(&self) -> Inputs<'_> {
        match self {
            Samples::Bytes(x) => Inputs::Bytes(x.view()),
            Samples::Reals(x) => Inputs::Reals(x.view()),
        }
    }
}

/// Settings that can be fitted to samples.
// ANCHOR: fit
pub trait Fit {
    /// What fitting gives.
    type Model: Classifier;

    /// The model that these settings make of `inputs`, `(n, d)`, and their
    /// `n` `labels`, 0 to k - 1.
    ///
    /// # Errors
    /// [`FitError`] where a setting or the samples have no meaning; nothing
    /// has run then.
    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<Self::Model, FitError>;
}

/// A fitted model.
pub trait Classifier: Send + Sync {
    /// The number of classes `k`.
    fn classes(&self) -> usize;

    /// The number of features `d` of a sample.
    fn features(&self) -> usize;

    /// The label, 0 to k - 1, of each of the samples, `(m, d)`.
    ///
    /// # Errors
    /// [`FitError::Features`] where the samples have another number of features.
    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError>;

    /// The probability of each class, `(m, k)`, rows of sum 1, where the model
    /// has them.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    fn probabilities(&self, inputs: Inputs<'_>) -> Result<Option<Array2<f32>>, FitError> {
        let _ = inputs;
        Ok(None)
    }
}
// ANCHOR_END: fit

/// Why samples or settings cannot be used.
#[derive(Debug, Error, PartialEq)]
pub enum FitError {
    /// No sample.
    #[error("there are no samples to learn from; give at least one of each of two classes")]
    Empty,
    /// As many labels as samples are needed.
    #[error("{samples} samples have {labels} labels; give one label for each sample")]
    Labels {
        /// Rows of the inputs.
        samples: usize,
        /// Labels given.
        labels: usize,
    },
    /// All labels are one.
    #[error("all {samples} samples are of class {class}; give samples of two classes or more")]
    OneClass {
        /// Rows of the inputs.
        samples: usize,
        /// Their class.
        class: u8,
    },
    /// A number that is none.
    #[error(
        "feature {feature} of sample {sample} is {value}; leave such samples out or fill the gap"
    )]
    NotFinite {
        /// The row, from 0.
        sample: usize,
        /// The column, from 0.
        feature: usize,
        /// What stands there.
        value: f32,
    },
    /// Samples unlike those of the fit.
    #[error(
        "the samples have {given} features and the model was fitted to {fitted}; use the extractor of the fit"
    )]
    Features {
        /// Columns given.
        given: usize,
        /// Columns of the fit.
        fitted: usize,
    },
    /// A setting out of its range.
    #[error("{setting} is {value}; {fix}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        fix: &'static str,
    },
}

/// The number of classes `k` (the largest label plus one), once the samples can be learned from.
///
/// Time `O(n d)`.
///
/// # Errors
/// [`FitError`]: no samples, other than one label each, one class, a number that is not finite.
pub fn checked(inputs: Inputs<'_>, labels: &[u8]) -> Result<usize, FitError> {
    let samples = inputs.samples();
    if samples == 0 || inputs.features() == 0 {
        return Err(FitError::Empty);
    }
    if labels.len() != samples {
        return Err(FitError::Labels { samples, labels: labels.len() });
    }
    if labels.iter().all(|label| *label == labels[0]) {
        return Err(FitError::OneClass { samples, class: labels[0] });
    }
    finite(inputs)?;
    Ok(usize::from(labels.iter().copied().max().unwrap_or(0)) + 1)
}

/// That `inputs` are what a model of `fitted` features can be asked about. Time `O(n d)`.
///
/// # Errors
/// [`FitError::Features`] and [`FitError::NotFinite`].
pub fn asked(inputs: Inputs<'_>, fitted: usize) -> Result<(), FitError> {
    let given = inputs.features();
    if given != fitted {
        return Err(FitError::Features { given, fitted });
    }
    finite(inputs)
}

fn finite(inputs: Inputs<'_>) -> Result<(), FitError> {
    let Inputs::Reals(x) = inputs else { return Ok(()) };
    match x.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((sample, feature), value)) => {
            Err(FitError::NotFinite { sample, feature, value: *value })
        }
        None => Ok(()),
    }
}

/// That a setting is a finite number above 0.
///
/// # Errors
/// [`FitError::Setting`].
pub fn positive(setting: &'static str, value: f64) -> Result<(), FitError> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    let fix = "give a finite number above 0, such as 1";
    Err(FitError::Setting { setting, value: value.to_string(), fix })
}

/// The place of the largest number; the first of several.
pub(crate) fn largest<T: PartialOrd + Copy>(row: ArrayView1<'_, T>) -> usize {
    let mut best = 0;
    for (place, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = place;
        }
    }
    best
}
