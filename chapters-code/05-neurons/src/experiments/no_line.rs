//! No line separates T-shirts from shirts. The proof is a sum: with positive shares of the garments that add up to zero,
//! `Σ s y x = 0`, no `u` can make every `y (u · x)` positive (Gordan, 1873). The shares come from a logistic unit at its
//! least loss, where the gradient is such a sum.

use learning::FashionMnist;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use notebook::Recorder;

use crate::logistic::sigmoid;
use crate::pair;

/// T-shirt and shirt.
const CLASSES: [u8; 2] = [0, 6];
/// A pixel that fewer garments of a class light is rare, and the garments that light it are left out: without them the
/// least loss is at weights of moderate size.
const RARE: usize = 20;
/// Steps of Newton's method.
const STEPS: usize = 14;
/// Below the smallest eigenvalue of `Σ s x xᵀ`.
const FLOOR: f64 = 1e-3;
/// A share may change by this part of itself, which is far below all of it.
const SMALL: f64 = 1e-3;

/// Finds the shares, and bounds by how much each must change for the sum to be exactly zero.
pub fn no_line(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let (x, signs) = pair(&data.train, CLASSES, usize::MAX);
    let signed = Array1::from_vec(signs.clone()).insert_axis(Axis(1)) * &x;
    let rows = without_rare_pixels(x.view(), &signs);
    let lit = |column: &usize| rows.iter().any(|&row| x[[row, *column]] > 0.0);
    let columns: Vec<usize> = (0..x.ncols()).filter(lit).collect();
    let signed = signed.select(Axis(0), &rows).select(Axis(1), &columns);
    let shares = least_loss(&signed);
    // With M = Σ s x xᵀ and M q = r, the shares s (1 − y x · q) add up to r − M q = 0. None is negative where the length of
    // every x, times that of r, is at most the smallest eigenvalue of M.
    let left = signed.t().dot(&shares);
    let left = left.dot(&left).sqrt();
    let longest = signed.rows().into_iter().map(|x| x.dot(&x).sqrt()).fold(0.0, f64::max);
    let mut matrix = weighted(&signed, &shares);
    matrix.diag_mut().mapv_inplace(|m| m - FLOOR);
    let is_above_floor = cholesky(&matrix).is_some();
    let change = longest * left / FLOOR;
    recorder.value("all", signs.len());
    recorder.value("garments", rows.len());
    recorder.value("left", left);
    recorder.value("change", change);
    recorder
        .claim("no-line", "No line has all T-shirts on one side and all shirts on the other: positive shares of some of them add up to zero, after a change by less than a thousandth of each share.")
        .record(
            is_above_floor && change < SMALL && shares.iter().all(|share| *share > 0.0),
            format!("{} garments, no share changes by more than {change:.1e} of itself", rows.len()),
        );
    Ok(())
}

/// The garments that light no pixel that is rare among them.
fn without_rare_pixels(x: ArrayView2<'_, f64>, signs: &[f64]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..x.nrows()).collect();
    loop {
        let mut counts = Array2::<usize>::zeros((2, x.ncols()));
        for &row in &rows {
            let mut of_class = counts.row_mut(usize::from(signs[row] > 0.0));
            of_class.zip_mut_with(&x.row(row), |count, &level| *count += usize::from(level > 0.0));
        }
        let is_rare =
            |count: &[usize]| count.iter().any(|&c| c < RARE) && count.iter().any(|&c| c > 0);
        let rare: Vec<bool> =
            counts.columns().into_iter().map(|count| is_rare(&count.to_vec())).collect();
        let before = rows.len();
        rows.retain(|&row| {
            !x.row(row).iter().zip(&rare).any(|(&level, rare)| *rare && level > 0.0)
        });
        if rows.len() == before {
            return rows;
        }
    }
}

/// The probability of the wrong class for each row `y x` of `signed` at the least loss, by Newton's method. The sum of the
/// rows with these shares is the gradient of the loss, but for its sign.
fn least_loss(signed: &Array2<f64>) -> Array1<f64> {
    let mut weights = Array1::zeros(signed.ncols());
    let shares = |weights: &Array1<f64>| signed.dot(weights).mapv(|z| sigmoid(-z));
    for _ in 0..STEPS {
        let now = shares(&weights);
        let curvature = weighted(signed, &now.mapv(|share| share * (1.0 - share)));
        let Some(lower) = cholesky(&curvature) else { break };
        weights += &solve(&lower, signed.t().dot(&now));
    }
    shares(&weights)
}

/// `Σ s x xᵀ`.
fn weighted(rows: &Array2<f64>, shares: &Array1<f64>) -> Array2<f64> {
    let scaled = rows * &shares.view().insert_axis(Axis(1));
    rows.t().dot(&scaled)
}

/// The lower triangle `L` with `L Lᵀ = matrix`; nothing where the matrix is not positive definite.
fn cholesky(matrix: &Array2<f64>) -> Option<Array2<f64>> {
    let mut lower = Array2::<f64>::zeros(matrix.raw_dim());
    for i in 0..matrix.nrows() {
        for j in 0..=i {
            let known = lower.slice(s![i, ..j]).dot(&lower.slice(s![j, ..j]));
            let rest = matrix[[i, j]] - known;
            if i > j {
                lower[[i, j]] = rest / lower[[j, j]];
            } else if rest > 0.0 {
                lower[[i, i]] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(lower)
}

/// The `q` with `L Lᵀ q = right`.
fn solve(lower: &Array2<f64>, mut right: Array1<f64>) -> Array1<f64> {
    let n = right.len();
    for i in 0..n {
        let known = lower.slice(s![i, ..i]).dot(&right.slice(s![..i]));
        right[i] = (right[i] - known) / lower[[i, i]];
    }
    for i in (0..n).rev() {
        let known = lower.slice(s![i + 1.., i]).dot(&right.slice(s![i + 1..]));
        right[i] = (right[i] - known) / lower[[i, i]];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_system_is_solved_and_an_indefinite_matrix_refused() {
        let matrix = array![[4.0, 2.0, 0.0], [2.0, 3.0, 1.0], [0.0, 1.0, 2.0]];
        let lower = cholesky(&matrix).unwrap();
        let q = solve(&lower, array![8.0, 9.0, 5.0]);
        assert!((matrix.dot(&q) - array![8.0, 9.0, 5.0]).iter().all(|d| d.abs() < 1e-12), "{q}");
        assert_eq!(cholesky(&array![[1.0, 2.0], [2.0, 1.0]]), None);
    }

    #[test]
    fn shares_of_cases_that_no_line_separates_add_up_to_zero() {
        // One feature and the constant: − + − on a line.
        let signed = array![[-1.0, 0.0], [1.0, 1.0], [-1.0, -2.0]];
        let shares = least_loss(&signed);
        assert!(signed.t().dot(&shares).iter().all(|sum| sum.abs() < 1e-12), "{shares}");
        assert!(shares.iter().all(|share| *share > 0.0));
    }
}
