//! Principal components (Pearson, 1901; Hotelling, 1933): the directions in which a cloud of points is widest.
//!
//! The covariance is made tridiagonal by reflections (Householder), its variances are found by the implicit QL iteration, and the
//! leading directions by inverse iteration. Sums of products run in `f32` over a few hundred rows and in `f64` over all.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis, s};
use rayon::prelude::*;

/// Rows whose products are summed in `f32`.
const ROWS: usize = 256;
/// Columns of a tile of the covariance.
const COLUMNS: usize = 128;
/// Steps of the QL iteration for one variance; three are usual.
const ITERATIONS: usize = 60;

/// The principal components of a cloud of `n` points with `d` numbers each.
#[derive(Clone, Debug)]
pub struct Pca {
    /// The middle of the cloud, `(d,)`.
    pub mean: Array1<f64>,
    /// Directions of length one, at right angles, the widest first: `(k, d)`. In each the number farthest from zero is
    /// positive, as in scikit-learn.
    pub components: Array2<f64>,
    /// The variances along all `d` directions, the largest first; their divisor is n − 1.
    pub variances: Array1<f64>,
}

impl Pca {
    /// The first `k` components of `x` `(n, d)`, at most `d` of them. About n d² operations for the covariance and 4/3 d³ for its
    /// directions.
    pub fn fit(x: ArrayView2<'_, f32>, k: usize) -> Pca {
        let mean = mean(x);
        let (variances, components) = leading(covariance(x, mean.view()), k);
        Pca { mean, components, variances }
    }

    /// The coordinates of points `(n, d)` along the components: `(n, k)`.
    pub fn apply(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        let centred = x.mapv(f64::from) - &self.mean;
        centred.dot(&self.components.t())
    }

    /// The share of the whole variance that the first `k` directions have.
    pub fn share(&self, k: usize) -> f64 {
        self.variances.iter().take(k).sum::<f64>() / self.variances.sum()
    }
}

// ANCHOR: plain
/// Principal components by their definition: `(variances, components)`, the
/// widest first. Jacobi's rotations take d³ operations many times over.
pub fn plain(x: ArrayView2<'_, f64>) -> (Array1<f64>, Array2<f64>) {
    let (n, d) = x.dim();
    let mean = x.sum_axis(Axis(0)) / n as f64;
    let centred = &x - &mean;
    let covariance = centred.t().dot(&centred) / (n - 1) as f64;
    let (values, vectors) = jacobi(covariance);
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let mut components = vectors.t().select(Axis(0), &order);
    components.rows_mut().into_iter().for_each(turn);
    (values.select(Axis(0), &order), components)
}
// ANCHOR_END: plain

/// Eigenvalues and, in columns, eigenvectors of a symmetric matrix, by rotations that make one pair of entries zero after another
/// (Jacobi, 1846).
fn jacobi(mut a: Array2<f64>) -> (Array1<f64>, Array2<f64>) {
    let d = a.nrows();
    let mut vectors = Array2::eye(d);
    for _ in 0..ITERATIONS {
        let aside: f64 = a.indexed_iter().filter(|((i, j), _)| i != j).map(|(_, x)| x * x).sum();
        if aside <= 1e-30 * a.iter().map(|x| x * x).sum::<f64>() {
            break;
        }
        for (p, q) in (0..d).flat_map(|p| (p + 1..d).map(move |q| (p, q))) {
            let half = 0.5 * f64::atan2(2.0 * a[[p, q]], a[[q, q]] - a[[p, p]]);
            let (sin, cos) = half.sin_cos();
            let rotate = |x: f64, y: f64| (cos * x - sin * y, sin * x + cos * y);
            for k in 0..d {
                (a[[k, p]], a[[k, q]]) = rotate(a[[k, p]], a[[k, q]]);
                (vectors[[k, p]], vectors[[k, q]]) = rotate(vectors[[k, p]], vectors[[k, q]]);
            }
            for k in 0..d {
                (a[[p, k]], a[[q, k]]) = rotate(a[[p, k]], a[[q, k]]);
            }
        }
    }
    (a.diag().to_owned(), vectors)
}

/// Turns a direction so that its number farthest from zero is positive.
fn turn(mut direction: ArrayViewMut1<'_, f64>) {
    let farthest =
        direction.iter().fold(0.0_f64, |far, &x| if x.abs() > far.abs() { x } else { far });
    if farthest < 0.0 {
        direction.mapv_inplace(|x| -x);
    }
}

/// The mean of each column.
fn mean(x: ArrayView2<'_, f32>) -> Array1<f64> {
    let mut sum = Array1::zeros(x.ncols());
    for row in x.rows() {
        sum.zip_mut_with(&row, |sum: &mut f64, &x| *sum += f64::from(x));
    }
    sum / x.nrows().max(1) as f64
}

/// The covariance matrix, tile by tile: of two tiles that mirror each other only one is computed.
fn covariance(x: ArrayView2<'_, f32>, mean: ArrayView1<'_, f64>) -> Array2<f64> {
    let (n, d) = x.dim();
    let mean = mean.mapv(|x| x as f32);
    let centred = &x - &mean;
    let parts = d.div_ceil(COLUMNS);
    let part = |i: usize| i * COLUMNS..((i + 1) * COLUMNS).min(d);
    let pairs: Vec<(usize, usize)> =
        (0..parts).flat_map(|i| (i..parts).map(move |j| (i, j))).collect();
    let tile = |&(i, j): &(usize, usize)| {
        let mut sum = Array2::<f64>::zeros((part(i).len(), part(j).len()));
        let mut some = Array2::<f32>::zeros(sum.dim());
        for first in (0..n).step_by(ROWS) {
            let rows = centred.slice(s![first..(first + ROWS).min(n), ..]);
            let (a, b) = (rows.slice(s![.., part(i)]), rows.slice(s![.., part(j)]));
            general_mat_mul(1.0, &a.t(), &b, 0.0, &mut some);
            sum.zip_mut_with(&some, |sum, &some| *sum += f64::from(some));
        }
        sum / n.saturating_sub(1).max(1) as f64
    };
    let tiles: Vec<Array2<f64>> = pairs.par_iter().map(tile).collect();
    let mut whole = Array2::zeros((d, d));
    for (&(i, j), tile) in pairs.iter().zip(&tiles) {
        whole.slice_mut(s![part(i), part(j)]).assign(tile);
        whole.slice_mut(s![part(j), part(i)]).assign(&tile.t());
    }
    whole
}

/// All eigenvalues of a symmetric matrix, the largest first, and the first `k` eigenvectors in rows.
fn leading(a: Array2<f64>, k: usize) -> (Array1<f64>, Array2<f64>) {
    let d = a.nrows();
    let Tridiagonal { diagonal, beside, reflections } = tridiagonal(a);
    let mut values = eigenvalues(diagonal.clone(), &beside);
    values.sort_by(|a, b| b.total_cmp(a));
    let mut vectors = Array2::<f64>::zeros((k.min(d), d));
    for (i, &value) in values.iter().enumerate().take(k) {
        let (before, mut rest) = vectors.view_mut().split_at(Axis(0), i);
        let found = inverse_iteration(&diagonal, &beside, value, i, before.view());
        rest.row_mut(0).assign(&found);
    }
    // From the tridiagonal matrix's directions back to the covariance's.
    vectors.axis_iter_mut(Axis(0)).into_par_iter().for_each(|mut vector| {
        for (j, v) in reflections.iter().enumerate().rev() {
            let mut part = vector.slice_mut(s![j + 1..]);
            let along = 2.0 * part.dot(v);
            part.scaled_add(-along, v);
        }
        turn(vector);
    });
    (Array1::from(values), vectors)
}

/// A symmetric matrix turned into one with numbers on its diagonal and beside it only.
struct Tridiagonal {
    diagonal: Vec<f64>,
    beside: Vec<f64>,
    /// Reflection j is at right angles to a vector of length one (or zero, where there is nothing to reflect) over the
    /// coordinates from j + 1.
    reflections: Vec<Array1<f64>>,
}

/// Householder's reduction. Each pass over the rows that are left does two things: the rank-two update of one step, and the
/// product with the vector of the next.
fn tridiagonal(mut a: Array2<f64>) -> Tridiagonal {
    let d = a.nrows();
    let (mut diagonal, mut beside) = (Vec::with_capacity(d), Vec::new());
    let mut reflections: Vec<Array1<f64>> = Vec::new();
    // The update that is still to be done: a − v wᵀ − w vᵀ over the rows from `j`.
    let mut late: Option<(Array1<f64>, Array1<f64>)> = None;
    for j in 0..d {
        if let Some((v, w)) = &late {
            let (v0, w0) = (v[0], w[0]);
            let mut row = a.slice_mut(s![j, j..]);
            row.scaled_add(-v0, w);
            row.scaled_add(-w0, v);
        }
        diagonal.push(a[[j, j]]);
        if j + 1 == d {
            break;
        }
        let mut v = a.slice(s![j, j + 1..]).to_owned();
        let length = v.dot(&v).sqrt();
        let onto = if v[0] > 0.0 { -length } else { length };
        beside.push(onto);
        v[0] -= onto;
        let norm = v.dot(&v).sqrt();
        if norm > 0.0 {
            v /= norm;
        }
        let mut product = Array1::<f64>::zeros(v.len());
        let rest = a.slice_mut(s![j + 1.., j + 1..]);
        update_and_multiply(rest, late.as_ref(), &v, &mut product);
        // (1 − 2vvᵀ) A (1 − 2vvᵀ) = A − v wᵀ − w vᵀ with w = 2 (Av − (vᵀAv) v).
        let along = v.dot(&product);
        let w = (product - &v * along) * 2.0;
        late = Some((v.clone(), w));
        reflections.push(v);
    }
    Tridiagonal { diagonal, beside, reflections }
}

/// Takes `v wᵀ + w vᵀ` of `late`, without its first place, from the rows, and multiplies each with `next`.
fn update_and_multiply(
    mut rows: ndarray::ArrayViewMut2<'_, f64>,
    late: Option<&(Array1<f64>, Array1<f64>)>,
    next: &Array1<f64>,
    product: &mut Array1<f64>,
) {
    let next = next.as_slice().unwrap_or_default();
    let late = late.and_then(|(v, w)| Some((v.as_slice()?.get(1..)?, w.as_slice()?.get(1..)?)));
    let step = |(i, (mut row, product)): (usize, (ArrayViewMut1<'_, f64>, &mut f64))| {
        if let Some(row) = row.as_slice_mut() {
            if let Some((v, w)) = late {
                let (vi, wi) = (v[i], w[i]);
                for ((x, v), w) in row.iter_mut().zip(v).zip(w) {
                    *x -= vi * w + wi * v;
                }
            }
            *product = dot(row, next);
        }
    };
    let count = next.len();
    if count < 128 {
        rows.rows_mut().into_iter().zip(product.iter_mut()).enumerate().for_each(step);
    } else if let Some(product) = product.as_slice_mut() {
        rows.axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(product.par_iter_mut())
            .enumerate()
            .with_min_len(count.div_ceil(4))
            .for_each(step);
    }
}

/// The sum of products in eight sums, whose order no thread changes.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a8.zip(b8) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Eigenvalues of a tridiagonal matrix by the implicit QL iteration (Bowdler, Martin, Reinsch and Wilkinson, 1968).
fn eigenvalues(mut d: Vec<f64>, beside: &[f64]) -> Vec<f64> {
    let n = d.len();
    let mut e = beside.to_vec();
    e.push(0.0);
    for l in 0..n {
        for _ in 0..ITERATIONS {
            let small = |m: &usize| e[*m].abs() <= f64::EPSILON * (d[*m].abs() + d[*m + 1].abs());
            let m = (l..n - 1).find(small).unwrap_or(n - 1);
            if m == l {
                break;
            }
            rotate_through(&mut d, &mut e, l, m);
        }
    }
    d
}

/// One step of the QL iteration on the rows from `l` to `m`.
fn rotate_through(d: &mut [f64], e: &mut [f64], l: usize, m: usize) {
    let g = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let r = g.hypot(1.0);
    let mut g = d[m] - d[l] + e[l] / (g + r.copysign(g));
    let (mut sin, mut cos, mut p) = (1.0, 1.0, 0.0);
    for i in (l..m).rev() {
        let (f, b) = (sin * e[i], cos * e[i]);
        let r = f.hypot(g);
        e[i + 1] = r;
        if r == 0.0 {
            d[i + 1] -= p;
            e[m] = 0.0;
            return;
        }
        (sin, cos) = (f / r, g / r);
        g = d[i + 1] - p;
        let r = (d[i] - g) * sin + 2.0 * cos * b;
        p = sin * r;
        d[i + 1] = g + p;
        g = cos * r - b;
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0.0;
}

/// The eigenvector of a tridiagonal matrix for `value`, at right angles to those `before` it.
fn inverse_iteration(
    diagonal: &[f64],
    beside: &[f64],
    value: f64,
    number: usize,
    before: ArrayView2<'_, f64>,
) -> Array1<f64> {
    let d = diagonal.len();
    // A cloud in one point has no scale; with this one nothing divides by zero.
    let scale = diagonal.iter().chain(beside).fold(1e-30_f64, |far, x| far.max(x.abs()));
    // Equal values get different shifts, so that their vectors differ.
    let shift = value + f64::EPSILON * scale * (1.0 + number as f64);
    let factors = Factors::of(diagonal, beside, shift, f64::EPSILON * scale);
    let mut vector = Array1::from_shape_fn(d, |i| 1.0 + 0.1 * ((i * 7 + number * 3) % 11) as f64);
    for _ in 0..4 {
        factors.solve(&mut vector);
        for _ in 0..2 {
            for other in before.rows() {
                let along = other.dot(&vector);
                vector.scaled_add(-along, &other);
            }
            let length = vector.dot(&vector).sqrt();
            vector /= length.max(f64::MIN_POSITIVE);
        }
    }
    vector
}

/// A tridiagonal matrix minus a multiple of the identity, eliminated with exchange of rows.
struct Factors {
    /// The rows of the upper factor: the diagonal and two numbers right of it.
    upper: Vec<[f64; 3]>,
    /// What was taken of row i from row i + 1, and whether the two were exchanged first.
    lower: Vec<(f64, bool)>,
}

impl Factors {
    fn of(diagonal: &[f64], beside: &[f64], shift: f64, tiny: f64) -> Factors {
        let d = diagonal.len();
        let right = |i: usize| beside.get(i).copied().unwrap_or(0.0);
        let (mut upper, mut lower) = (Vec::with_capacity(d), Vec::with_capacity(d));
        let mut row = [diagonal[0] - shift, right(0), 0.0];
        for i in 0..d - 1 {
            let next = [beside[i], diagonal[i + 1] - shift, right(i + 1)];
            let exchange = next[0].abs() > row[0].abs();
            let (mut first, second) = if exchange { (next, row) } else { (row, next) };
            if first[0] == 0.0 {
                first[0] = tiny;
            }
            let factor = second[0] / first[0];
            row = [second[1] - factor * first[1], second[2] - factor * first[2], 0.0];
            upper.push(first);
            lower.push((factor, exchange));
        }
        if row[0].abs() < tiny {
            row[0] = tiny;
        }
        upper.push(row);
        Factors { upper, lower }
    }

    fn solve(&self, x: &mut Array1<f64>) {
        let d = x.len();
        for (i, &(factor, exchange)) in self.lower.iter().enumerate() {
            if exchange {
                x.swap(i, i + 1);
            }
            x[i + 1] -= factor * x[i];
        }
        let at = |x: &Array1<f64>, i: usize| x.get(i).copied().unwrap_or(0.0);
        for i in (0..d).rev() {
            let [own, next, after] = self.upper[i];
            x[i] = (x[i] - next * at(x, i + 1) - after * at(x, i + 2)) / own;
        }
    }
}
