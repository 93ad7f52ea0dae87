//! How alike are two representations of the same samples? Centred kernel alignment with a linear kernel (Kornblith and others,
//! 2019), by the usual estimate, which is biased upwards where samples are few, and by an unbiased one (Song and others, 2012).

use generalization::cholesky;
use ndarray::{Array2, ArrayView2, Axis};

/// The fewest samples of which the unbiased estimate speaks.
pub const FEWEST: usize = 4;

/// What a layer says of `n` samples, as far as similarity is concerned: the products of the samples with each other, each
/// feature without its mean.
#[derive(Clone, Debug)]
pub struct Gram {
    /// `(n, n)`, the lower triangle alone, the diagonal with it.
    products: Array2<f64>,
}

impl Gram {
    // ANCHOR: gram
    /// Of features `(n, d)`. `O(n² d)`.
    pub fn of(x: ArrayView2<'_, f32>) -> Gram {
        let mut products = cholesky::gram(centred(x).view());
        for (i, mut row) in products.outer_iter_mut().enumerate() {
            row.iter_mut().skip(i + 1).for_each(|above| *above = 0.0);
        }
        Gram { products }
    }

    /// The sum of `k[i][j] · l[i][j]` over all pairs, off the diagonal twice.
    fn dot(&self, other: &Gram) -> f64 {
        let below: f64 = self.products.iter().zip(&other.products).map(|(k, l)| k * l).sum();
        2.0 * below - self.products.diag().dot(&other.products.diag())
    }

    /// Linear CKA by the usual estimate: from 0 to 1, and 1 for features that
    /// are the same up to a rotation and a common factor. `O(n²)`.
    pub fn biased(&self, other: &Gram) -> f64 {
        self.dot(other) / (self.dot(self) * other.dot(other)).sqrt()
    }
    // ANCHOR_END: gram

    // ANCHOR: unbiased
    /// Linear CKA of unbiased estimates: about 0 for features that have
    /// nothing to do with each other, however few the samples; it may be
    /// negative. From four samples. `O(n²)`.
    pub fn unbiased(&self, other: &Gram) -> f64 {
        self.hsic(other) / (self.hsic(self) * other.hsic(other)).sqrt()
    }

    /// `n (n − 3)` times the unbiased estimate of the Hilbert-Schmidt
    /// independence criterion. The rows of a centred Gram matrix sum to 0,
    /// which shortens the formula.
    fn hsic(&self, other: &Gram) -> f64 {
        let (n, k, l) = (self.len() as f64, self.products.diag(), other.products.diag());
        self.dot(other) - n / (n - 2.0) * k.dot(&l) + k.sum() * l.sum() / ((n - 1.0) * (n - 2.0))
    }
    // ANCHOR_END: unbiased

    /// Samples.
    pub fn len(&self) -> usize {
        self.products.nrows()
    }

    /// True of no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

// ANCHOR: features
/// The same as [`Gram::biased`] from products of features, for where there
/// are fewer of them than samples. `O(n d₁ d₂)` for `(n, d₁)` and `(n, d₂)`.
pub fn by_features(x: ArrayView2<'_, f32>, y: ArrayView2<'_, f32>) -> f64 {
    let (x, y) = (centred(x), centred(y));
    let squares = |a: &Array2<f64>, b: &Array2<f64>| a.t().dot(b).mapv(|c| c * c).sum();
    squares(&x, &y) / (squares(&x, &x) * squares(&y, &y)).sqrt()
}
// ANCHOR_END: features

/// Each feature without its mean.
fn centred(x: ArrayView2<'_, f32>) -> Array2<f64> {
    let x = x.mapv(f64::from);
    let mean = x.mean_axis(Axis(0)).unwrap_or_default();
    x - &mean
}
