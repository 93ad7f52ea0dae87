//! The same objective as [`super::plain`], fast: one pass over the samples in 32 bits, the sums of tasks in 64.
//!
//! 64 samples at a time go to a buffer in the cache, whatever they were. Their scores, the loss, and what they add to
//! the gradient are computed while they are there. A task has a fixed share of the samples and a gradient of its own; these are
//! added in order, so the bits are the same for any number of threads.

use ndarray::ArrayView1;
use rayon::prelude::*;

use crate::kernels::reals::{Gradient, Scores};
use crate::kernels::{LANES, Path, run};
use crate::model::Inputs;

/// Samples of a block.
const BLOCK: usize = 64;
/// Samples of a task.
const TASK: usize = 1024;

type Panel = Vec<[f32; LANES]>;

/// What a sample's scores cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// The cross-entropy of their softmax; the intercepts are free.
    CrossEntropy,
    /// The squared hinge of each class against the rest. The feature behind the others is this constant, and its
    /// weights are penalised as all are.
    SquaredHinge {
        /// The constant.
        constant: f32,
    },
}

/// What a task writes.
struct Task {
    loss: f64,
    /// Of each panel `(d', 16)`.
    gradient: Vec<Panel>,
}

impl Loss {
    /// The feature behind the others.
    fn constant(self) -> f32 {
        match self {
            Loss::CrossEntropy => 1.0,
            Loss::SquaredHinge { constant } => constant,
        }
    }
}

/// The objective over fixed samples.
pub struct Fused<'a> {
    inputs: Inputs<'a>,
    labels: Vec<u8>,
    classes: usize,
    penalty: f64,
    loss: Loss,
    path: Path,
    tasks: Vec<Task>,
    /// Of each panel `(d', 16)`; `d'` is `d + 1`, rounded up to eight.
    weights: Vec<Panel>,
}

impl<'a> Fused<'a> {
    /// The objective of these samples; `labels` are below `classes`.
    pub fn new(inputs: Inputs<'a>, labels: &[u8], classes: usize, penalty: f64) -> Fused<'a> {
        let width = (inputs.features() + 1).next_multiple_of(8);
        let panels = || vec![vec![[0.0; LANES]; width]; classes.div_ceil(LANES)];
        let tasks =
            (0..labels.len().div_ceil(TASK)).map(|_| Task { loss: 0.0, gradient: panels() });
        let (tasks, weights, labels) = (tasks.collect(), panels(), labels.to_vec());
        let (loss, path) = (Loss::CrossEntropy, Path::best());
        Fused { inputs, labels, classes, penalty, loss, path, tasks, weights }
    }

    /// Of another loss.
    pub fn of(mut self, loss: Loss) -> Self {
        self.loss = loss;
        self
    }

    /// As another processor would compute it.
    pub fn on(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// The objective at `x` `(k, d + 1)`, whose last column is the intercepts, and its gradient. `O(n k d)`.
    pub fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let (d, n) = (self.inputs.features(), self.labels.len() as f64);
        let penalised = d + usize::from(self.loss != Loss::CrossEntropy);
        for (class, x) in x.chunks_exact(d + 1).enumerate() {
            let panel = &mut self.weights[class / LANES];
            panel.iter_mut().zip(x).for_each(|(lanes, x)| lanes[class % LANES] = *x as f32);
        }
        let mut tasks = std::mem::take(&mut self.tasks);
        tasks.par_iter_mut().enumerate().for_each_init(
            || Buffer::new(self),
            |buffer, (task, to)| buffer.task(self, task * TASK, to),
        );
        self.tasks = tasks;
        gradient.par_chunks_mut(d + 1).zip(x.par_chunks(d + 1)).enumerate().for_each(
            |(class, (to, x))| {
                to.fill(0.0);
                for task in &self.tasks {
                    let panel = task.gradient[class / LANES].iter();
                    panel.zip(&mut *to).for_each(|(g, to)| *to += f64::from(g[class % LANES]));
                }
                to.iter_mut().for_each(|g| *g /= n);
                to[..penalised].iter_mut().zip(x).for_each(|(g, x)| *g += self.penalty * x);
            },
        );
        let squares: f64 = x.chunks_exact(d + 1).flat_map(|x| &x[..penalised]).map(|w| w * w).sum();
        let loss: f64 = self.tasks.iter().map(|task| task.loss).sum();
        loss / n + 0.5 * self.penalty * squares
    }
}

/// What a thread works with.
struct Buffer {
    /// 64 samples, `stride` apart. A stride that is no multiple of a large power of two keeps them out of each other's
    /// way in the cache.
    rows: Vec<f32>,
    stride: usize,
    /// Of each panel `(64, 16)`.
    scores: Vec<[[f32; LANES]; BLOCK]>,
}

impl Buffer {
    fn new(of: &Fused<'_>) -> Buffer {
        let stride = of.weights[0].len().next_multiple_of(LANES) + LANES;
        let scores = vec![[[0.0; LANES]; BLOCK]; of.weights.len()];
        Buffer { rows: vec![0.0; BLOCK * stride], stride, scores }
    }

    /// The samples of a task, from the first.
    fn task(&mut self, of: &Fused<'_>, first: usize, to: &mut Task) {
        to.loss = 0.0;
        to.gradient.iter_mut().for_each(|panel| panel.fill([0.0; LANES]));
        let last = (first + TASK).min(of.labels.len());
        for first in (first..last).step_by(BLOCK) {
            self.block(of, first, (first + BLOCK).min(last), to);
        }
    }

    // ANCHOR: block
    /// A block of samples: their scores, their loss, what they add to the gradient.
    fn block(&mut self, of: &Fused<'_>, first: usize, last: usize, to: &mut Task) {
        let (d, stride) = (of.inputs.features(), self.stride);
        for (i, row) in (first..last).zip(self.rows.chunks_exact_mut(stride)) {
            of.inputs.read(i, &mut row[..d]);
            row[d] = of.loss.constant();
        }
        for (panel, scores) in of.weights.iter().zip(&mut self.scores) {
            run(of.path, Scores { rows: &self.rows, stride, panel, scores });
        }
        for (i, label) in of.labels[first..last].iter().enumerate() {
            let label = usize::from(*label);
            to.loss += match of.loss {
                Loss::CrossEntropy => self.errors(i, label, of.classes),
                Loss::SquaredHinge { .. } => self.hinges(i, label, of.classes),
            };
        }
        let rows = last - first;
        for (scores, gradient) in self.scores.iter().zip(&mut to.gradient) {
            let errors = &scores[..rows];
            run(of.path, Gradient { rows: &self.rows, stride, errors, gradient });
        }
    }
    // ANCHOR_END: block

    // ANCHOR: hinges
    /// Replaces the scores of a sample by the slopes of its squared hinges,
    /// and gives their sum.
    fn hinges(&mut self, sample: usize, label: usize, classes: usize) -> f64 {
        let mut loss = 0.0;
        for (panel, scores) in self.scores.iter_mut().enumerate() {
            for (lane, z) in scores[sample].iter_mut().enumerate() {
                let class = panel * LANES + lane;
                let sign = if class == label { 1.0 } else { -1.0 };
                let lacking = if class < classes { (1.0 - sign * *z).max(0.0) } else { 0.0 };
                loss += lacking * lacking;
                *z = -2.0 * sign * lacking;
            }
        }
        f64::from(loss)
    }
    // ANCHOR_END: hinges

    /// Replaces the scores of a sample by what they are wrong by, and gives its loss.
    fn errors(&mut self, sample: usize, label: usize, classes: usize) -> f64 {
        let place = |class: usize| (class / LANES, class % LANES);
        let mut z = [0.0_f32; 256];
        let z = &mut z[..classes];
        for (class, z) in z.iter_mut().enumerate() {
            let (panel, lane) = place(class);
            *z = self.scores[panel][sample][lane];
        }
        let most = z[crate::model::largest(ArrayView1::from(&*z))];
        let own = z[label];
        z.iter_mut().for_each(|z| *z = (*z - most).exp());
        let sum: f32 = z.iter().sum();
        for (class, z) in z.iter().enumerate() {
            let (panel, lane) = place(class);
            let target = if class == label { 1.0 } else { 0.0 };
            self.scores[panel][sample][lane] = z / sum - target;
        }
        f64::from(sum).ln() + f64::from(most) - f64::from(own)
    }
}
