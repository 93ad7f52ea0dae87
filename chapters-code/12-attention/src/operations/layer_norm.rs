//! Layer normalisation (Ba, Kiros and Hinton, 2016) of each token: without its mean, over its deviation, times a gain and plus
//! a shift for each of its numbers.
//!
//! With `C` numbers in a token, `x̂ = (x − mean) / √(variance + ε)` and `y = g · x̂ + b`. Backward, with `d = g · dy`:
//!
//! ```text
//! dx = (d − mean(d) − x̂ · mean(d · x̂)) / √(variance + ε)        dg = Σ dy · x̂        db = Σ dy
//! ```

use backprop::kernels::{Arithmetic, Kernel};
use backprop::{
    Backward, First, Forward, Memory, Needs, Operation, Outline, Piece, Place, Real, Result, Shape,
    Weight, Whole, exactly,
};

use super::refusal::refuse;
use super::sums::{dot, sum};

/// Normalises each token of a sequence, or a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNorm {
    /// What is added to a variance: 10⁻⁶ in torchvision's vision transformers, 10⁻⁵ in PyTorch where nothing is said.
    pub eps: f64,
}

impl<T: Real> Operation<T> for LayerNorm {
    fn name(&self) -> &'static str {
        "layer normalisation"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if input.is_image() {
            return refuse(
                format!("it takes tokens or a row, not {input}"),
                "make a sequence of it",
            );
        }
        Ok(input.into())
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let shape = place.input().shape;
        let of = |name| Weight::plain(name, vec![shape.channels]);
        let weights = vec![of("weight").first(First::One), of("bias")];
        let memory = Memory { sample: 2 * shape.positions(), shard: 0 };
        Needs { weights, memory, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let [gain, shift] = [0, 1].map(|i| &at.weights.get(i)[0].weights[..]);
        let [(_, from), (_, to)] = [place.input(), place.output].map(|l| l.vectors(at.rows));
        let eps = T::of(self.eps);
        T::vectorised(Normalise {
            x: at.x[0],
            from,
            y: at.y,
            to,
            gain,
            shift,
            eps,
            kept: at.saved,
        });
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let gain = &at.weights.get(0)[0].weights[..];
        let [(_, from), (_, to)] = [place.input(), place.output].map(|l| l.vectors(at.rows));
        let [dx, ..] = at.dx;
        T::vectorised(Back { x: at.x[0], from, dy: at.dy, to, gain, kept: at.saved, dx });
    }

    fn gradient(&self, place: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        if !of.add {
            gradient.fill(T::ZERO);
        }
        let [(rows, from), (_, to)] = [place.input(), place.output].map(|l| l.vectors(whole.rows));
        let (x, dy) = (&whole.x[0][..rows * from], &whole.dy[..rows * to]);
        let kept = (of.weight == 0).then_some(whole.saved);
        T::vectorised(Total { x, from, dy, to, kept, gradient });
    }
}

/// The forward of tokens that begin `from` and `to` numbers apart.
struct Normalise<'a, T> {
    x: &'a [T],
    from: usize,
    y: &'a mut [T],
    to: usize,
    gain: &'a [T],
    shift: &'a [T],
    eps: T,
    /// Mean, and one over the deviation, of each token.
    kept: &'a mut [T],
}

impl<T: Real> Kernel for Normalise<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Normalise { x, from, y, to, gain, shift, eps, kept } = self;
        let c = gain.len();
        let n = T::of(c as f64);
        let tokens = x.chunks_exact(from).zip(y.chunks_exact_mut(to));
        for ((x, y), kept) in tokens.zip(kept.chunks_exact_mut(2)) {
            let (x, (y, filling)) = (&x[..c], y.split_at_mut(c));
            let mean = sum(x) / n;
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = x - mean);
            let factor = T::ONE / (dot::<A, T>(y, y, T::ZERO) / n + eps).sqrt();
            for ((y, &gain), &shift) in y.iter_mut().zip(gain).zip(shift) {
                *y = A::mul_add(*y * factor, gain, shift);
            }
            filling.fill(T::ZERO);
            kept.copy_from_slice(&[mean, factor]);
        }
    }
}

/// The gradient of the input.
struct Back<'a, T> {
    x: &'a [T],
    from: usize,
    dy: &'a [T],
    to: usize,
    gain: &'a [T],
    kept: &'a [T],
    dx: &'a mut [T],
}

impl<T: Real> Kernel for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Back { x, from, dy, to, gain, kept, dx } = self;
        let c = gain.len();
        let n = T::of(c as f64);
        let tokens = x.chunks_exact(from).zip(dy.chunks_exact(to)).zip(kept.chunks_exact(2));
        for (((x, dy), kept), dx) in tokens.zip(dx.chunks_exact_mut(from)) {
            // ANCHOR: back
            let (x, (dx, filling)) = (&x[..c], dx.split_at_mut(c));
            let (mean, factor) = (kept[0], kept[1]);
            for ((dx, &dy), &gain) in dx.iter_mut().zip(dy).zip(gain) {
                *dx = dy * gain;
            }
            let level = sum(dx) / n;
            let slope = dot::<A, T>(dx, x, mean) * factor * factor / n;
            for (dx, &x) in dx.iter_mut().zip(x) {
                *dx = (*dx - level - (x - mean) * slope) * factor;
            }
            // ANCHOR_END: back
            filling.fill(T::ZERO);
        }
    }
}

/// The gradient of the gain where `kept` is there, else that of the shift.
struct Total<'a, T> {
    x: &'a [T],
    from: usize,
    dy: &'a [T],
    to: usize,
    kept: Option<&'a [T]>,
    gradient: &'a mut [T],
}

impl<T: Real> Kernel for Total<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Total { x, from, dy, to, kept, gradient } = self;
        let Some(kept) = kept else {
            for dy in dy.chunks_exact(to) {
                gradient.iter_mut().zip(dy).for_each(|(g, &dy)| *g += dy);
            }
            return;
        };
        let tokens = x.chunks_exact(from).zip(dy.chunks_exact(to));
        for ((x, dy), kept) in tokens.zip(kept.chunks_exact(2)) {
            let (mean, factor) = (kept[0], kept[1]);
            for ((g, &x), &dy) in gradient.iter_mut().zip(x).zip(dy) {
                *g = A::mul_add((x - mean) * factor, dy, *g);
            }
        }
    }
}
