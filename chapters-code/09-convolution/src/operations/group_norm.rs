//! Normalisation within a sample: over groups of its channels (Wu and He, 2018), or over all of them at once, which is layer
//! normalisation (Ba, Kiros and Hinton, 2016). It needs no mini-batch, and does the same in training and in prediction.

use backprop::{
    Backward, First, Forward, Layout, Needs, Operation, Outline, Piece, Place, Real, Result, Shape,
    Weight, Whole, exactly,
};

use super::fault as shape_fault;

/// Group normalisation, with a gain and a bias for each channel.
#[derive(Clone, Copy, Debug)]
pub struct GroupNorm {
    channels: usize,
    groups: usize,
    epsilon: f64,
}

impl GroupNorm {
    /// Of `channels` channels in `groups` groups; one group is layer normalisation over the whole image.
    pub fn new(channels: usize, groups: usize) -> Self {
        GroupNorm { channels, groups, epsilon: 1e-5 }
    }

    fn width(&self) -> usize {
        self.channels / self.groups
    }

    /// Where the numbers of a group begin, pixel by pixel, `width` at each.
    fn runs(&self, layout: &Layout, group: usize) -> Vec<usize> {
        let Shape { height, width, .. } = layout.shape;
        let first = group * self.width();
        (0..height * width).map(|i| layout.at(i / width, i % width) + first).collect()
    }

    // ANCHOR: moments
    /// Mean of a group's numbers, and one over their standard deviation.
    fn moments<T: Real>(&self, x: &[T], runs: &[usize]) -> (T, T) {
        let of_group = || runs.iter().flat_map(|&run| &x[run..][..self.width()]);
        let n = T::of((runs.len() * self.width()) as f64);
        let mean = of_group().fold(T::ZERO, |sum, &x| sum + x) / n;
        let variance = of_group().fold(T::ZERO, |sum, &x| sum + (x - mean) * (x - mean)) / n;
        (mean, T::ONE / (variance + T::of(self.epsilon)).sqrt())
    }
    // ANCHOR_END: moments
}

impl<T: Real> Operation<T> for GroupNorm {
    fn name(&self) -> &'static str {
        "group normalisation"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if input.channels != self.channels {
            let fault = format!("it takes {} channels and its input is {input}", self.channels);
            return shape_fault(fault, "give as many");
        }
        if self.groups == 0 || !self.channels.is_multiple_of(self.groups) {
            let fault = format!("{} channels in {} groups", self.channels, self.groups);
            return shape_fault(fault, "give groups of equal size");
        }
        Ok(input.into())
    }

    fn needs(&self, _: &Place) -> Needs<T> {
        let of = |name| Weight::plain(name, vec![self.channels]);
        Needs { weights: vec![of("weight").first(First::One), of("bias")], ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b, n) = (place.input(), place.output, self.width());
        let [gain, bias] = [0, 1].map(|i| &at.weights.get(i)[0].weights);
        for (x, y) in at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride)) {
            y.fill(T::ZERO);
            for group in 0..self.groups {
                let (from, to) = (self.runs(&a, group), self.runs(&b, group));
                let (mean, scale) = self.moments(x, &from);
                for (from, to) in from.into_iter().zip(to) {
                    for i in 0..n {
                        let c = group * n + i;
                        y[to + i] = (x[from + i] - mean) * scale * gain[c] + bias[c];
                    }
                }
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b, width) = (place.input(), place.output, self.width());
        let gain = &at.weights.get(0)[0].weights;
        let [dx, ..] = at.dx;
        let rows = dx.chunks_exact_mut(a.stride).zip(at.dy.chunks_exact(b.stride));
        for ((dx, dy), x) in rows.zip(at.x[0].chunks_exact(a.stride)) {
            dx.fill(T::ZERO);
            for group in 0..self.groups {
                let (from, to) = (self.runs(&a, group), self.runs(&b, group));
                let (mean, scale) = self.moments(x, &from);
                let gain = &gain[group * width..][..width];
                let (mut sum, mut product) = (T::ZERO, T::ZERO);
                for (&from, &to) in from.iter().zip(&to) {
                    for i in 0..width {
                        let d = dy[to + i] * gain[i];
                        sum += d;
                        product += d * (x[from + i] - mean) * scale;
                    }
                }
                let n = T::of((from.len() * width) as f64);
                for (from, to) in from.into_iter().zip(to) {
                    for i in 0..width {
                        let normal = (x[from + i] - mean) * scale;
                        let d = dy[to + i] * gain[i];
                        dx[from + i] = scale * (d - sum / n - normal * product / n);
                    }
                }
            }
        }
    }

    fn gradient(&self, place: &Place, piece: Piece, whole: Whole<'_, T>, g: &mut [T]) {
        let (a, b, n) = (place.input(), place.output, self.width());
        if !piece.add {
            g.fill(T::ZERO);
        }
        let samples = whole.x[0].chunks_exact(a.stride).zip(whole.dy.chunks_exact(b.stride));
        for (x, dy) in samples.take(whole.rows) {
            for group in 0..self.groups {
                let (from, to) = (self.runs(&a, group), self.runs(&b, group));
                let (mean, scale) = self.moments(x, &from);
                for (from, to) in from.into_iter().zip(to) {
                    for i in 0..n {
                        let normal = (x[from + i] - mean) * scale;
                        let factor = if piece.weight == 0 { normal } else { T::ONE };
                        g[group * n + i] += dy[to + i] * factor;
                    }
                }
            }
        }
    }
}
