//! The same descent as [`super::plain`], fast: rows of 32 bits, and samples that are far from the margin left out for a while,
//! as LIBLINEAR does (Hsieh et al. 2008, section 3.2).

use ndarray::Array2;
use notebook::Rng;
use rand::RngExt as _;
use rand::SeedableRng as _;

use super::settings::LinearSvm;
use crate::kernels::reals::{Update, dot, update};
use crate::kernels::{LANES, Path};
use crate::model::Inputs;

/// The samples, each with a constant behind its features and then zeros up to a multiple of sixteen.
pub(super) struct Rows {
    path: Path,
    x: Array2<f32>,
    squares: Vec<f32>,
}

impl Rows {
    pub(super) fn new(path: Path, inputs: Inputs<'_>, constant: f32) -> Rows {
        let d = inputs.features();
        let mut x = Array2::zeros((inputs.samples(), (d + 1).next_multiple_of(LANES)));
        let mut squares = Vec::with_capacity(inputs.samples());
        for (i, mut row) in x.rows_mut().into_iter().enumerate() {
            if let Some(row) = row.as_slice_mut() {
                inputs.read(i, &mut row[..d]);
                row[d] = constant;
                squares.push(dot(path, row, row));
            }
        }
        Rows { path, x, squares }
    }

    fn row(&self, i: usize) -> &[f32] {
        let width = self.x.ncols();
        &self.x.as_slice().unwrap_or_default()[i * width..][..width]
    }
}

/// The fit of one class against the rest.
pub(super) struct Descent<'a> {
    settings: &'a LinearSvm,
    rows: &'a Rows,
    signs: Vec<f32>,
    w: Vec<f32>,
    alpha: Vec<f32>,
    /// All samples; those from `active` on are left out.
    order: Vec<usize>,
    active: usize,
    /// The largest slope of the pass before: a sample with a larger one is left out.
    bound: f32,
    rng: Rng,
}

impl<'a> Descent<'a> {
    pub(super) fn new(settings: &'a LinearSvm, rows: &'a Rows, labels: &[u8], class: u8) -> Self {
        let n = labels.len();
        Descent {
            settings,
            rows,
            signs: labels.iter().map(|l| if *l == class { 1.0 } else { -1.0 }).collect(),
            w: vec![0.0; rows.x.ncols()],
            alpha: vec![0.0; n],
            order: (0..n).collect(),
            active: n,
            bound: f32::INFINITY,
            rng: Rng::seed_from_u64(settings.seed),
        }
    }

    // ANCHOR: run
    /// The weights, and the passes that they took.
    pub(super) fn run(mut self) -> (Vec<f32>, usize) {
        let n = self.order.len();
        for pass in 1..=self.settings.passes {
            let (least, most) = self.pass();
            if f64::from(most - least) <= self.settings.tolerance {
                if self.active == n {
                    return (self.w, pass);
                }
                // Once more with all samples.
                (self.active, self.bound) = (n, f32::INFINITY);
            } else {
                self.bound = if most > 0.0 { most } else { f32::INFINITY };
            }
        }
        (self.w, self.settings.passes)
    }

    /// Goes once over the samples that are not left out; the least and the
    /// largest slope.
    fn pass(&mut self) -> (f32, f32) {
        let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
        let diagonal = (0.5 / self.settings.c) as f32;
        let mut at = 0;
        while at < self.active {
            let other = self.rng.random_range(at..self.active);
            self.order.swap(at, other);
            let i = self.order[at];
            let (x, sign, alpha) = (self.rows.row(i), self.signs[i], self.alpha[i]);
            let curvature = self.rows.squares[i] + diagonal;
            let step = Update { x, sign, alpha, diagonal, curvature, bound: self.bound };
            match update(self.rows.path, step, &mut self.w) {
                None => {
                    self.active -= 1;
                    self.order.swap(at, self.active);
                }
                Some((alpha, slope)) => {
                    self.alpha[i] = alpha;
                    (least, most) = (least.min(slope), most.max(slope));
                    at += 1;
                }
            }
        }
        (least, most)
    }
    // ANCHOR_END: run
}
