//! Layer normalisation, and RMS normalisation.
//!
//! Will move to chapter 12.

use backprop::{
    Backward, First, Forward, Needs, Operation, Outline, Piece, Place, Real, Result, Shape, Weight,
    Whole, exactly,
};

use super::{bad, each};

/// Normalisation of each token: with mean and bias (Ba et al., 2016), or without (Zhang and Sennrich, 2019).
#[derive(Clone, Copy, Debug)]
pub struct Norm {
    pub width: usize,
    pub epsilon: f64,
    pub centred: bool,
}

impl Norm {
    fn moments<T: Real>(&self, x: &[T]) -> (T, T) {
        let n = T::of(self.width as f64);
        let mean = if self.centred { x.iter().fold(T::ZERO, |s, &x| s + x) / n } else { T::ZERO };
        let var = x.iter().fold(T::ZERO, |s, &x| s + (x - mean) * (x - mean)) / n;
        (mean, T::ONE / (var + T::of(self.epsilon)).sqrt())
    }
}

impl<T: Real> Operation<T> for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if input.channels != self.width {
            let fault = format!("it takes {} channels and its input is {input}", self.width);
            return bad("norm", fault);
        }
        Ok(input.into())
    }
    fn needs(&self, _: &Place) -> Needs<T> {
        let mut weights = vec![Weight::plain("weight", vec![self.width]).first(First::One)];
        if self.centred {
            weights.push(Weight::plain("bias", vec![self.width]));
        }
        Needs { weights, ..Needs::default() }
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let c = self.width;
        let gain = &at.weights.get(0)[0].weights;
        at.y.fill(T::ZERO);
        each(place, at.rows, |_, from, to, _| {
            let x = &at.x[0][from..][..c];
            let (mean, root) = self.moments(x);
            for i in 0..c {
                at.y[to + i] = (x[i] - mean) * root * gain[i];
                if self.centred {
                    at.y[to + i] += at.weights.get(1)[0].weights[i];
                }
            }
        });
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (c, [dx, ..]) = (self.width, at.dx);
        if dx.is_empty() {
            return;
        }
        let gain = &at.weights.get(0)[0].weights;
        let n = T::of(c as f64);
        each(place, at.rows, |_, from, to, _| {
            let (x, dy) = (&at.x[0][from..][..c], &at.dy[to..][..c]);
            let (mean, root) = self.moments(x);
            let (mut sum, mut product) = (T::ZERO, T::ZERO);
            for i in 0..c {
                sum += dy[i] * gain[i];
                product += dy[i] * gain[i] * (x[i] - mean) * root;
            }
            if !self.centred {
                sum = T::ZERO;
            }
            for i in 0..c {
                dx[from + i] =
                    root * (dy[i] * gain[i] - sum / n - (x[i] - mean) * root * product / n);
            }
        });
    }
    fn gradient(&self, place: &Place, piece: Piece, whole: Whole<'_, T>, g: &mut [T]) {
        g.fill(T::ZERO);
        each(place, whole.rows, |_, from, to, _| {
            let x = &whole.x[0][from..][..self.width];
            let (mean, root) = self.moments(x);
            for i in 0..self.width {
                let factor = if piece.weight == 0 { (x[i] - mean) * root } else { T::ONE };
                g[i] += whole.dy[to + i] * factor;
            }
        });
    }
}
