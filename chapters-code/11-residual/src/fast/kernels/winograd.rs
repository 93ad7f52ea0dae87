//! Convolutions of 3 × 3 with fewer multiplications, by Winograd's (1980) short products, as Lavin and Gray (2016) use them: a tile of
//! the image and the window are both transformed, multiplied number by number, and the product is transformed back.

use backprop::kernels::{Arithmetic, Kernel};

use super::lane::{Finish, LANES, Lane, flat, flat_mut};

/// How large tiles are: an output of `OUT` × `OUT` pixels from an input of `IN` × `IN`.
pub trait Form: Copy + Send + Sync + std::fmt::Debug {
    /// Side of the output.
    const OUT: usize;
    /// Side of the input: two more.
    const IN: usize;

    /// The transform of `IN` inputs along a line; further places are not used.
    fn input(d: [f32; 6]) -> [f32; 6];

    /// `OUT` outputs from `IN` products.
    fn output(m: [f32; 6]) -> [f32; 6];

    /// The transform of three weights.
    fn weights(g: [f64; 3]) -> [f64; 6];
}

/// Two outputs from four inputs along a line: F(2, 3).
#[derive(Clone, Copy, Debug)]
pub struct Two;

/// Four outputs from six inputs along a line: F(4, 3).
#[derive(Clone, Copy, Debug)]
pub struct Four;

// ANCHOR: two
impl Form for Two {
    const OUT: usize = 2;
    const IN: usize = 4;

    #[inline(always)]
    fn input([a, b, c, d, ..]: [f32; 6]) -> [f32; 6] {
        [a - c, b + c, c - b, b - d, 0.0, 0.0]
    }

    fn weights([u, v, w]: [f64; 3]) -> [f64; 6] {
        [u, (u + v + w) / 2.0, (u - v + w) / 2.0, w, 0.0, 0.0]
    }

    #[inline(always)]
    fn output([p, q, r, s, ..]: [f32; 6]) -> [f32; 6] {
        [p + q + r, q - r - s, 0.0, 0.0, 0.0, 0.0]
    }
}
// ANCHOR_END: two

impl Form for Four {
    const OUT: usize = 4;
    const IN: usize = 6;

    #[inline(always)]
    fn input([a, b, c, d, e, f]: [f32; 6]) -> [f32; 6] {
        let (even, odd) = (e - 4.0 * c, d - 4.0 * b);
        let (near, far) = (e - c, 2.0 * (d - b));
        [
            4.0 * a - 5.0 * c + e,
            even + odd,
            even - odd,
            near + far,
            near - far,
            4.0 * b - 5.0 * d + f,
        ]
    }

    fn weights([u, v, w]: [f64; 3]) -> [f64; 6] {
        let (near, far) = (u + w, u + 4.0 * w);
        [
            u / 4.0,
            -(near + v) / 6.0,
            -(near - v) / 6.0,
            (far + 2.0 * v) / 24.0,
            (far - 2.0 * v) / 24.0,
            w,
        ]
    }

    #[inline(always)]
    fn output([p, q, r, s, t, u]: [f32; 6]) -> [f32; 6] {
        let (near, far) = (q + r, s + t);
        let (across, along) = (q - r, s - t);
        [p + near + far, across + 2.0 * along, near + 4.0 * far, across + 8.0 * along + u, 0.0, 0.0]
    }
}

/// Places of the largest tile.
const PLACES: usize = 36;

/// The transform `f` down each column of a tile whose rows have `row` numbers: from `read` rows to `written`.
#[inline(always)]
fn down(
    f: impl Fn([f32; 6]) -> [f32; 6],
    (read, written): (usize, usize),
    row: usize,
    x: &[Lane],
    y: &mut [Lane],
) {
    let (x, y) = (&flat(x)[..read * row], &mut flat_mut(y)[..written * row]);
    let mut rows = y.chunks_exact_mut(row);
    let mut next = || rows.next().unwrap_or_default();
    let (p, q, r, s, t, u) = (next(), next(), next(), next(), next(), next());
    let (a, b, c, d) = (&x[..row], &x[row..][..row], &x[2 * row..][..row], &x[3 * row..][..row]);
    match (read, written) {
        (4, 4) => {
            let (r, s) = (&mut r[..row], &mut s[..row]);
            for j in 0..row {
                let z = f([a[j], b[j], c[j], d[j], 0.0, 0.0]);
                (p[j], q[j], r[j], s[j]) = (z[0], z[1], z[2], z[3]);
            }
        }
        (4, _) => {
            for j in 0..row {
                let z = f([a[j], b[j], c[j], d[j], 0.0, 0.0]);
                (p[j], q[j]) = (z[0], z[1]);
            }
        }
        (_, 4) => {
            let (e, g) = (&x[4 * row..][..row], &x[5 * row..][..row]);
            for j in 0..row {
                let z = f([a[j], b[j], c[j], d[j], e[j], g[j]]);
                (p[j], q[j], r[j], s[j]) = (z[0], z[1], z[2], z[3]);
            }
        }
        _ => {
            let (e, g) = (&x[4 * row..][..row], &x[5 * row..][..row]);
            for j in 0..row {
                let z = f([a[j], b[j], c[j], d[j], e[j], g[j]]);
                (p[j], q[j], r[j], s[j], t[j], u[j]) = (z[0], z[1], z[2], z[3], z[4], z[5]);
            }
        }
    }
}

/// A tile of `rows` rows of `columns` lanes, with rows as columns.
#[inline(always)]
fn turn((rows, columns): (usize, usize), x: &[Lane], y: &mut [Lane]) {
    for u in 0..rows {
        for v in 0..columns {
            y[v * rows + u] = x[u * columns + v];
        }
    }
}

/// Numbers in a lane, hidden from the compiler, so that it does not write loops over them out, of which it makes scalar code.
#[inline(always)]
fn hidden() -> usize {
    std::hint::black_box(LANES)
}

/// All tiles of sixteen channels of an image, transformed.
#[derive(Debug)]
pub struct Input<'a, F> {
    /// The image.
    pub x: &'a [Lane],
    /// Its rows and columns.
    pub size: (usize, usize),
    /// The tiles of each place in turn: `IN²` places.
    pub y: &'a mut [Lane],
    /// How large tiles are.
    pub form: F,
}

impl<F: Form> Kernel for Input<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (height, width) = self.size;
        let (high, wide) = (height.div_ceil(F::OUT), width.div_ceil(F::OUT));
        let tiles = high * wide;
        let (mut tile, mut turned) = ([Lane::default(); PLACES], [Lane::default(); PLACES]);
        let row = F::IN * hidden();
        for t in 0..tiles {
            let (top, left) = (t / wide * F::OUT, t % wide * F::OUT);
            read::<F>(self.x, (height, width), (top, left), &mut tile);
            down(F::input, (F::IN, F::IN), row, &tile, &mut turned);
            turn((F::IN, F::IN), &turned, &mut tile);
            down(F::input, (F::IN, F::IN), row, &tile, &mut turned);
            for u in 0..F::IN {
                for v in 0..F::IN {
                    self.y[(u * F::IN + v) * tiles + t] = turned[v * F::IN + u];
                }
            }
        }
    }
}

/// Reads the tile whose output begins at a row and a column; there is a border of zeros around the image.
#[inline(always)]
fn read<F: Form>(
    x: &[Lane],
    (height, width): (usize, usize),
    (top, left): (usize, usize),
    tile: &mut [Lane; PLACES],
) {
    let inside = top > 0 && left > 0 && top + F::OUT < height && left + F::OUT < width;
    if inside {
        for u in 0..F::IN {
            let row = &x[(top + u - 1) * width + left - 1..][..F::IN];
            tile[u * F::IN..][..F::IN].copy_from_slice(row);
        }
        return;
    }
    for u in 0..F::IN {
        for v in 0..F::IN {
            let (i, j) = (top + u, left + v);
            let there = i > 0 && i <= height && j > 0 && j <= width;
            tile[u * F::IN + v] = if there { x[(i - 1) * width + j - 1] } else { Lane::default() };
        }
    }
}

/// Some rows of tiles of sixteen channels, transformed back.
#[derive(Debug)]
pub struct Output<'a, F> {
    /// The products of each place in turn.
    pub x: &'a [Lane],
    /// From one place to the next.
    pub stride: usize,
    /// One number for each channel.
    pub bias: Lane,
    /// What comes behind the sums.
    pub finish: Finish<'a>,
    /// The output: whole rows of tiles, cut off at the end of the image.
    pub y: &'a mut [Lane],
    /// Pixels of a row of `y`.
    pub width: usize,
    /// How large tiles are.
    pub form: F,
}

impl<F: Form> Kernel for Output<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let (rows, wide) = (self.y.len() / self.width, self.width.div_ceil(F::OUT));
        let (mut tile, mut turned) = ([Lane::default(); PLACES], [Lane::default(); PLACES]);
        let lane = hidden();
        for t in 0..rows.div_ceil(F::OUT) * wide {
            for place in 0..F::IN * F::IN {
                tile[place] = self.x[place * self.stride + t];
            }
            down(F::output, (F::IN, F::OUT), F::IN * lane, &tile, &mut turned);
            turn((F::OUT, F::IN), &turned, &mut tile);
            down(F::output, (F::IN, F::OUT), F::OUT * lane, &tile, &mut turned);
            let (top, left) = (t / wide * F::OUT, t % wide * F::OUT);
            let columns = F::OUT.min(self.width - left);
            for u in 0..F::OUT.min(rows - top) {
                let from = (top + u) * self.width + left;
                for v in 0..columns {
                    self.y[from + v] = turned[v * F::OUT + u];
                }
            }
            if left + columns == self.width {
                self.end(top * self.width, (top + F::OUT).min(rows) * self.width);
            }
        }
    }
}

impl<F: Form> Output<'_, F> {
    /// What comes behind the sums of some pixels.
    #[inline(always)]
    fn end(&mut self, from: usize, end: usize) {
        let y = &mut self.y[from..end];
        for y in y.iter_mut() {
            for j in 0..LANES {
                y.0[j] += self.bias.0[j];
            }
        }
        self.finish.apply(from, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two or four outputs of a line by the short products and by the sum that they replace.
    fn line<F: Form>(d: [f32; 6], g: [f64; 3]) {
        let (there, weights) = (F::input(d), F::weights(g));
        let mut products = [0.0; 6];
        (0..F::IN).for_each(|i| products[i] = there[i] * weights[i] as f32);
        for (i, y) in F::output(products)[..F::OUT].iter().enumerate() {
            let expected: f64 = (0..3).map(|k| f64::from(d[i + k]) * g[k]).sum();
            assert!((f64::from(*y) - expected).abs() < 1e-4, "{y} instead of {expected}");
        }
    }

    #[test]
    fn short_products_give_the_sums_that_they_replace() {
        let (d, g) = ([1.0, 2.0, 3.0, 5.0, -1.5, 0.25], [2.0, -1.0, 4.0]);
        line::<Two>(d, g);
        line::<Four>(d, g);
    }

    #[test]
    fn the_example_of_the_page() {
        assert_eq!(Two::input([1.0, 2.0, 3.0, 5.0, 0.0, 0.0])[..4], [-2.0, 5.0, 1.0, -3.0]);
        assert_eq!(Two::weights([2.0, -1.0, 4.0])[..4], [2.0, 2.5, 3.5, 4.0]);
        assert_eq!(Two::output([-4.0, 12.5, 3.5, -12.0, 0.0, 0.0])[..2], [12.0, 21.0]);
    }
}
