//! Systems with a symmetric positive definite matrix, solved by its triangular factor, in blocks so that nearly all of
//! the work is products of matrices. The method is Cholesky's: `O(m³ / 3)` for a matrix of `m` rows.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, s};
use rayon::prelude::*;

/// A row of the matrix is a sum of those before it, as far as 64 bits can tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "row {row} of the Gram matrix depends on those before it; give a ridge above 0, or leave out repeated samples and features"
)]
pub struct Dependent {
    /// The row, from 0: a sample where there are more features than samples, else a feature.
    pub row: usize,
}

/// Rows of a block.
const BLOCK: usize = 64;

/// The lower triangle `L` with `L Lᵀ` the matrix.
#[derive(Clone, Debug)]
pub struct Cholesky {
    /// `(m, m)`; what stands above the diagonal has no meaning.
    lower: Array2<f64>,
}

impl Cholesky {
    /// Factors a symmetric matrix `(m, m)`, of which only the lower triangle is read. `O(m³ / 3)`.
    ///
    /// # Errors
    /// [`Dependent`] where it is not positive definite as far as 64 bits can tell.
    pub fn new(matrix: Array2<f64>) -> Result<Self, Dependent> {
        let mut lower = matrix;
        let m = lower.nrows();
        // What is left of a row that depends on others is rounding.
        let least = lower.diag().mapv(|d| m as f64 * f64::EPSILON * d);
        for from in (0..m).step_by(BLOCK) {
            let to = (from + BLOCK).min(m);
            corner(lower.slice_mut(s![from..to, from..to]), from, &least)?;
            let corner = lower.slice(s![from..to, from..to]).to_owned();
            let mut below = lower.slice_mut(s![to.., from..to]);
            below.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().for_each(|mut rows| {
                rows.rows_mut().into_iter().for_each(|row| divide(row, &corner));
            });
            // What these columns explain of the rest, a band of rows at a time.
            let panel = lower.slice(s![to.., from..to]).to_owned();
            let mut rest = lower.slice_mut(s![to.., to..]);
            let bands = rest.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().enumerate();
            bands.for_each(|(band, mut rest)| {
                let (first, end) = (band * BLOCK, band * BLOCK + rest.nrows());
                let (left, right) = (panel.slice(s![first..end, ..]), panel.slice(s![..end, ..]));
                general_mat_mul(-1.0, &left, &right.t(), 1.0, &mut rest.slice_mut(s![.., ..end]));
            });
        }
        Ok(Cholesky { lower })
    }

    /// The `q` with `L Lᵀ q = right`, both `(m, k)`. `O(m² k)`.
    pub fn solve(&self, right: Array2<f64>) -> Array2<f64> {
        let (mut q, m) = (right, self.lower.nrows());
        for from in (0..m).step_by(BLOCK) {
            let to = (from + BLOCK).min(m);
            let (known, mut rest) = q.view_mut().split_at(Axis(0), from);
            let mut here = rest.slice_mut(s![..to - from, ..]);
            let left = self.lower.slice(s![from..to, ..from]);
            general_mat_mul(-1.0, &left, &known, 1.0, &mut here);
            for i in 0..to - from {
                for j in 0..i {
                    subtract(&mut here, i, j, self.lower[[from + i, from + j]]);
                }
                here.row_mut(i).mapv_inplace(|q| q / self.lower[[from + i, from + i]]);
            }
        }
        for from in (0..m).step_by(BLOCK).rev() {
            let to = (from + BLOCK).min(m);
            let (mut rest, known) = q.view_mut().split_at(Axis(0), to);
            let mut here = rest.slice_mut(s![from.., ..]);
            let left = self.lower.slice(s![to.., from..to]);
            general_mat_mul(-1.0, &left.t(), &known, 1.0, &mut here);
            for i in (0..to - from).rev() {
                for j in i + 1..to - from {
                    subtract(&mut here, i, j, self.lower[[from + j, from + i]]);
                }
                here.row_mut(i).mapv_inplace(|q| q / self.lower[[from + i, from + i]]);
            }
        }
        q
    }

    /// The smallest eigenvalue of the matrix, from above, by `rounds` of inverse iteration: solve again and again, and
    /// what is left of any vector is the one that the matrix shrinks most. `O(rounds m²)`.
    pub fn smallest(&self, rounds: usize) -> f64 {
        let m = self.lower.nrows();
        let mut v = Array1::from_shape_fn(m, |i| ((i + 1) as f64).sin());
        let mut quotient = f64::INFINITY;
        for _ in 0..rounds {
            v /= v.dot(&v).sqrt();
            let next = self.solve(v.clone().insert_axis(Axis(1))).remove_axis(Axis(1));
            quotient = 1.0 / v.dot(&next);
            v = next;
        }
        quotient
    }
}

/// The lower triangle of `rows · rowsᵀ`, `(m, m)`, of rows `(m, d)`. `O(m² d)`.
pub fn gram(rows: ArrayView2<'_, f64>) -> Array2<f64> {
    let m = rows.nrows();
    let mut gram = Array2::zeros((m, m));
    let bands = gram.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().enumerate();
    bands.for_each(|(band, mut to)| {
        let (first, end) = (band * BLOCK, band * BLOCK + to.nrows());
        let (left, right) = (rows.slice(s![first..end, ..]), rows.slice(s![..end, ..]));
        general_mat_mul(1.0, &left, &right.t(), 0.0, &mut to.slice_mut(s![.., ..end]));
    });
    gram
}

/// The row of the factor that belongs to a row below the corner of these columns.
fn divide(mut row: ArrayViewMut1<'_, f64>, corner: &Array2<f64>) {
    for j in 0..row.len() {
        let known = row.slice(s![..j]).dot(&corner.slice(s![j, ..j]));
        row[j] = (row[j] - known) / corner[[j, j]];
    }
}

/// `row i ← row i − by · row j`.
fn subtract(rows: &mut ArrayViewMut2<'_, f64>, i: usize, j: usize, by: f64) {
    for c in 0..rows.ncols() {
        rows[[i, c]] -= by * rows[[j, c]];
    }
}

/// The factor of a small matrix, in its place. `first` is the number of its first row, and `least` what must be left of each.
fn corner(
    mut a: ArrayViewMut2<'_, f64>,
    first: usize,
    least: &Array1<f64>,
) -> Result<(), Dependent> {
    for i in 0..a.nrows() {
        for j in 0..=i {
            let known = a.slice(s![i, ..j]).dot(&a.slice(s![j, ..j]));
            let rest = a[[i, j]] - known;
            if j < i {
                a[[i, j]] = rest / a[[j, j]];
            } else if rest > least[first + i] {
                a[[i, i]] = rest.sqrt();
            } else {
                return Err(Dependent { row: first + i });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use notebook::Rng;
    use rand::{RngExt as _, SeedableRng as _};

    fn rows(m: usize, inner: usize, seed: u64) -> Array2<f64> {
        let mut rng = Rng::seed_from_u64(seed);
        Array2::from_shape_simple_fn((m, inner), || rng.random_range(-1.0..1.0))
    }

    #[test]
    fn systems_of_one_block_and_of_several_are_solved() {
        for m in [1, 3, BLOCK, BLOCK + 1, 3 * BLOCK - 7] {
            let rows = rows(m, m + 20, 5);
            let matrix = rows.dot(&rows.t());
            let right = Array2::from_shape_fn((m, 3), |(i, j)| (i + 2 * j) as f64);
            let q = Cholesky::new(gram(rows.view())).unwrap().solve(right.clone());
            let off = matrix.dot(&q) - right;
            assert!(off.iter().all(|d| d.abs() < 1e-8 * m as f64), "{m} rows");
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let rows = rows(3 * BLOCK + 5, 300, 6);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                Cholesky::new(gram(rows.view())).unwrap().solve(Array2::ones((rows.nrows(), 2)))
            })
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        let found = Cholesky::new(ndarray::array![[1.0, 2.0], [2.0, 1.0]]).unwrap_err();
        assert_eq!(found, Dependent { row: 1 });
    }

    #[test]
    fn the_smallest_eigenvalue_is_found() {
        // Eigenvalues 2 − 2 cos(π i / 6), i from 1 to 5.
        let chain = Array2::from_shape_fn((5, 5), |(i, j)| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        let found = Cholesky::new(chain).unwrap().smallest(30);
        let exact = 2.0 - 3.0_f64.sqrt();
        assert!((found - exact).abs() < 1e-9, "{found} {exact}");
    }
}
