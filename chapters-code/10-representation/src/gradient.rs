//! The gradient of what the network answers in the pixels of a picture: a pass that remembers its outputs, and the way back
//! through them. Weights stay as they are, so that nothing else is computed.

use ndarray::{Array1, Array3, ArrayView2, ArrayView3, ArrayViewMut2, Axis};

use crate::lite0::description::{BLOCKS, CLASSES, EPSILON, HEAD, Kind, blocks};
use crate::lite0::weights::{Folded, Weights};

/// A pass that remembers.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    weights: &'a Weights,
    side: [usize; 2],
    /// What each convolution gave, behind ReLU6 where it has one: `(C, H, W)`.
    outputs: Vec<Array3<f32>>,
    /// What stem and blocks gave, as [`plain::Pass`](crate::lite0::plain::Pass) has it.
    pub blocks: Vec<Array3<f32>>,
    /// The mean of each of the last convolution's channels, `(HEAD)`.
    pub head: Array1<f32>,
    /// A number for each class.
    pub logits: Array1<f32>,
}

impl<'a> Trace<'a> {
    /// The pass of a picture, `(3, H, W)`, from −1 to 1.
    pub fn of(weights: &'a Weights, picture: ArrayView3<'_, f32>) -> Trace<'a> {
        let (_, height, width) = picture.dim();
        let mut outputs: Vec<Array3<f32>> = Vec::with_capacity(weights.convolutions.len());
        let (blocks, last) = pass(picture, |layer, x| {
            let y = forward(&weights.convolutions[layer], x);
            outputs.push(y.clone());
            y
        });
        let head = means(&last);
        let logits = linear(weights).dot(&head) + Array1::from_vec(weights.bias.clone());
        Trace { weights, side: [height, width], outputs, blocks, head, logits }
    }

    /// What the last convolution gave, `(HEAD, H, W)`.
    pub fn last(&self) -> ArrayView3<'_, f32> {
        self.outputs[self.outputs.len() - 1].view()
    }

    /// The gradient of a class's logit in the picture, `(3, H, W)`.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn class(&self, class: usize) -> Array3<f32> {
        self.mixture(&[(class, 1.0)])
    }

    /// The gradient of a sum of logits, each with a factor.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn mixture(&self, classes: &[(usize, f32)]) -> Array3<f32> {
        let mut row = Array1::zeros(HEAD);
        for &(class, factor) in classes {
            row.scaled_add(factor, &linear(self.weights).row(class));
        }
        let last = self.last();
        let places = (last.len_of(Axis(1)) * last.len_of(Axis(2))) as f32;
        // Each place has the same share in its channel's mean.
        let g = Array3::from_shape_fn(last.dim(), |(c, _, _)| row[c] / places);
        let g = self.back_through(self.outputs.len() - 1, g);
        self.from_block(BLOCKS, g)
    }

    /// The gradient in the picture of a weighted sum of what block `after` gave (0: the stem); `g` has a weight for each number.
    ///
    /// # Panics
    /// If `g` is not of the block's shape.
    pub fn from_block(&self, after: usize, mut g: Array3<f32>) -> Array3<f32> {
        let described = blocks();
        // The convolutions up to the block: the stem, and those of the blocks.
        let mut layer = described[..after].iter().map(|b| b.convolutions.len()).sum::<usize>();
        for block in described[..after].iter().rev() {
            let around = block.skip.then(|| g.clone());
            for _ in &block.convolutions {
                g = self.back_through(layer, g);
                layer -= 1;
            }
            if let Some(around) = around {
                g += &around;
            }
        }
        self.back_through(0, g)
    }

    // ANCHOR: back
    /// From the gradient in what a convolution gave to the gradient in what
    /// it was given. ReLU6 lets through what lies between its ends.
    fn back_through(&self, layer: usize, mut g: Array3<f32>) -> Array3<f32> {
        let folded = &self.weights.convolutions[layer];
        if folded.convolution.relu6 {
            let open = |y: f32| if y > 0.0 && y < 6.0 { 1.0 } else { 0.0 };
            g.zip_mut_with(&self.outputs[layer], |g, &y| *g *= open(y));
        }
        backward(folded, g.view(), self.size_before(layer))
    }
    // ANCHOR_END: back

    /// Height and width of what a convolution was given.
    fn size_before(&self, layer: usize) -> [usize; 2] {
        match layer.checked_sub(1) {
            None => self.side,
            Some(before) => {
                let (_, height, width) = self.outputs[before].dim();
                [height, width]
            }
        }
    }
}

/// The order of the pass: `next` is called for each convolution with its place and its input. Gives what stem and blocks gave, and
/// what the last convolution gave.
fn pass(
    picture: ArrayView3<'_, f32>,
    mut next: impl FnMut(usize, ArrayView3<'_, f32>) -> Array3<f32>,
) -> (Vec<Array3<f32>>, Array3<f32>) {
    let mut x = next(0, picture);
    let (mut kept, mut layer) = (vec![x.clone()], 1);
    for block in blocks() {
        let input = x.clone();
        for _ in &block.convolutions {
            x = next(layer, x.view());
            layer += 1;
        }
        if block.skip {
            x += &input;
        }
        kept.push(x.clone());
    }
    let last = next(layer, x.view());
    (kept, last)
}

/// Weights whose convolutions are scaled and moved, channel by channel, so that on this picture each gives numbers of mean 0 and
/// variance 1 before ReLU6, as a fresh batch normalisation would.
pub fn calibrated(mut weights: Weights, picture: ArrayView3<'_, f32>) -> Weights {
    pass(picture, |layer, x| {
        let folded = &mut weights.convolutions[layer];
        let relu6 = std::mem::replace(&mut folded.convolution.relu6, false);
        folded.bias.fill(0.0);
        let mut y = forward(folded, x);
        let each = folded.weight.len() / folded.bias.len();
        for (o, mut y) in y.outer_iter_mut().enumerate() {
            let mean = y.mean().unwrap_or(0.0);
            let scale = 1.0 / (y.var(0.0) + EPSILON as f32).sqrt();
            folded.weight[o * each..(o + 1) * each].iter_mut().for_each(|w| *w *= scale);
            folded.bias[o] = -mean * scale;
            let end = if relu6 { (0.0, 6.0) } else { (f32::MIN, f32::MAX) };
            y.mapv_inplace(|z| ((z - mean) * scale).clamp(end.0, end.1));
        }
        folded.convolution.relu6 = relu6;
        y
    });
    weights
}

/// The mean of each channel.
fn means(x: &Array3<f32>) -> Array1<f32> {
    x.outer_iter().map(|channel| channel.mean().unwrap_or(0.0)).collect()
}

/// The last layer, `(CLASSES, HEAD)`.
pub fn linear(weights: &Weights) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((CLASSES, HEAD), &weights.linear)
        .unwrap_or_else(|_| unreachable!("the weights were checked when they were read"))
}

/// A convolution of side 1 is a product of matrices.
fn is_product(layer: &Folded) -> bool {
    layer.convolution.window == 1 && layer.convolution.kind == Kind::Dense
}

fn product(layer: &Folded) -> ArrayView2<'_, f32> {
    let c = &layer.convolution;
    ArrayView2::from_shape((c.outputs, c.inputs), &layer.weight)
        .unwrap_or_else(|_| unreachable!("the weights were checked when they were read"))
}

fn flat(x: ArrayView3<'_, f32>) -> ArrayView2<'_, f32> {
    let (channels, height, width) = x.dim();
    x.into_shape_with_order((channels, height * width))
        .unwrap_or_else(|_| unreachable!("what is computed here lies in one piece"))
}

fn forward(layer: &Folded, x: ArrayView3<'_, f32>) -> Array3<f32> {
    let c = &layer.convolution;
    let (_, height, width) = x.dim();
    let (rows, columns) = (c.output(height), c.output(width));
    let x = x.as_standard_layout();
    let mut y = if is_product(layer) {
        let y = product(layer).dot(&flat(x.view()));
        y.into_shape_with_order((c.outputs, rows, columns)).unwrap_or_default()
    } else {
        let mut y = Array3::zeros((c.outputs, rows, columns));
        for (o, mut y) in y.outer_iter_mut().enumerate() {
            for (i, x) in seen_by(layer, o, x.view()) {
                let w = kernel(layer, o, i);
                correlate(layer, w, x, &mut y);
            }
        }
        y
    };
    for (mut y, b) in y.outer_iter_mut().zip(&layer.bias) {
        y.mapv_inplace(|z| if c.relu6 { (z + b).clamp(0.0, 6.0) } else { z + b });
    }
    y
}

/// The channels of `x` that output `o` sees, each with its place in the kernel.
fn seen_by<'x>(
    layer: &Folded,
    o: usize,
    x: ArrayView3<'x, f32>,
) -> Vec<(usize, ArrayView2<'x, f32>)> {
    match layer.convolution.kind {
        Kind::Depthwise => vec![(0, x.index_axis_move(Axis(0), o))],
        Kind::Dense => {
            (0..layer.convolution.inputs).map(|i| (i, x.index_axis_move(Axis(0), i))).collect()
        }
    }
}

/// The `K × K` weights from the `i`-th channel that output `o` sees.
fn kernel(layer: &Folded, o: usize, i: usize) -> &[f32] {
    let [_, inputs, k, _] = layer.convolution.shape();
    let at = (o * inputs + i) * k * k;
    &layer.weight[at..at + k * k]
}

/// Where a window's place `u` meets `n` pixels: the first output whose pixel lies in the picture, that pixel, and how many.
fn meet(layer: &Folded, u: usize, n: usize) -> (usize, usize, usize) {
    let c = &layer.convolution;
    let (before, stride) = (c.before(n), c.stride);
    let first = before.saturating_sub(u).div_ceil(stride);
    let pixel = first * stride + u - before;
    let count = if pixel < n { (n - pixel).div_ceil(stride) } else { 0 };
    (first, pixel, count.min(c.output(n).saturating_sub(first)))
}

fn correlate(layer: &Folded, w: &[f32], x: ArrayView2<'_, f32>, y: &mut ArrayViewMut2<'_, f32>) {
    let (height, width) = x.dim();
    each_place(layer, [height, width], |at, [r, pr], [c, pc], count, stride| {
        let from = x.row(pr).to_slice().unwrap_or_default();
        let mut to = y.row_mut(r);
        let to = to.as_slice_mut().unwrap_or_default();
        let to = to[c..c + count].iter_mut();
        // Two loops, because the first is the one that a compiler turns into vectors.
        if stride == 1 {
            to.zip(&from[pc..]).for_each(|(y, x)| *y += w[at] * x);
        } else {
            to.zip(from[pc..].iter().step_by(stride)).for_each(|(y, x)| *y += w[at] * x);
        }
    });
}

/// Calls `row` for each place of the window and each row that it meets, with the place, the outputs' row and the pixels', the
/// first columns of both, how many columns, and the stride.
fn each_place(
    layer: &Folded,
    [height, width]: [usize; 2],
    mut row: impl FnMut(usize, [usize; 2], [usize; 2], usize, usize),
) {
    let (k, stride) = (layer.convolution.window, layer.convolution.stride);
    for at in 0..k * k {
        let (first, pixel, rows) = meet(layer, at / k, height);
        let (column, left, columns) = meet(layer, at % k, width);
        for i in 0..rows {
            row(at, [first + i, pixel + i * stride], [column, left], columns, stride);
        }
    }
}

fn backward(layer: &Folded, g: ArrayView3<'_, f32>, [height, width]: [usize; 2]) -> Array3<f32> {
    let c = &layer.convolution;
    if is_product(layer) {
        let dx = product(layer).t().dot(&flat(g));
        let dx = dx.as_standard_layout().into_owned();
        return dx.into_shape_with_order((c.inputs, height, width)).unwrap_or_default();
    }
    let mut dx = Array3::zeros((c.inputs, height, width));
    for (o, g) in g.outer_iter().enumerate() {
        let seen = if c.kind == Kind::Depthwise { o..o + 1 } else { 0..c.inputs };
        for (i, channel) in seen.enumerate() {
            let w = kernel(layer, o, i);
            let mut dx = dx.index_axis_mut(Axis(0), channel);
            each_place(layer, [height, width], |at, [r, pr], [c, pc], count, stride| {
                let from = g.row(r).to_slice().unwrap_or_default();
                let mut to = dx.row_mut(pr);
                let to = to.as_slice_mut().unwrap_or_default();
                if stride == 1 {
                    let pairs = to[pc..pc + count].iter_mut().zip(&from[c..]);
                    pairs.for_each(|(dx, g)| *dx += w[at] * g);
                } else {
                    let pairs = to[pc..].iter_mut().step_by(stride).zip(&from[c..c + count]);
                    pairs.for_each(|(dx, g)| *dx += w[at] * g);
                }
            });
        }
    }
    dx
}
