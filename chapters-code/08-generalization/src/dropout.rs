//! Dropout (Hinton et al., 2012; Srivastava et al., 2014): in training some of
//! the numbers become nought, drawn anew for each sample and each step.
//!
//! What is kept is divided by the share that is kept, so that the mean of a
//! number is what it was, and prediction needs no change ("inverted dropout",
//! as PyTorch has it).

use backprop::{
    Backward, Error, Forward, Layout, Memory, Moment, Needs, Operation, Outline, Place, Real,
    Result, Shape, exactly,
};
use notebook::{Stream, stream};
use rand::Rng as _;

/// `y = x ⊙ r / (1 − p)` in training, where each number of `r` is 0 with
/// probability `p` and otherwise 1; `y = x` in prediction.
///
/// Takes and gives any shape. What is dropped depends on the seed, the step,
/// the layer and the sample's place in the mini-batch, and so neither on
/// threads nor on shards. A step draws one number of 32 bits for each number
/// of `x`.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    share: f64,
    layer: u64,
}

impl Dropout {
    /// Drops a share `p`, in `[0, 1)`. Layers of one network have different
    /// numbers, which keep their draws apart.
    pub const fn new(share: f64, layer: u64) -> Self {
        Dropout { share, layer }
    }

    // ANCHOR: draw
    /// What the numbers of a sample are multiplied by in a step: 0, or
    /// `1 / (1 − p)`.
    fn draw<T: Real>(&self, moment: Moment, row: usize, factors: &mut [T]) {
        let sample = (moment.first + row) as u64;
        let of = Stream::Dropout(self.layer, moment.step, sample);
        let mut rng = stream(moment.seed, of);
        let dropped = (self.share * 2_f64.powi(32)) as u32;
        let kept = T::of(1.0 / (1.0 - self.share));
        for factor in factors {
            let drop = rng.next_u32() < dropped;
            *factor = if drop { T::ZERO } else { kept };
        }
    }
    // ANCHOR_END: draw
}

impl<T: Real> Operation<T> for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if !(0.0..1.0).contains(&self.share) {
            let fault = format!("it drops a share of {}", self.share);
            let fix = "give a number from 0 up to, not including, 1";
            return Err(Error::Shape { what: "dropout".into(), fault, fix });
        }
        Ok(input.into())
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let sample = if place.training { place.output.shape.elements() } else { 0 };
        Needs { memory: Memory { sample, shard: 0 }, ..Needs::default() }
    }

    // ANCHOR: ways
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (from, to) = (place.input(), place.output);
        let samples = at.x[0].chunks_exact(from.stride).zip(at.y.chunks_exact_mut(to.stride));
        if !at.moment.training {
            samples.for_each(|(x, y)| each(from, x, to, y, |x, y, _| y.copy_from_slice(x)));
            return;
        }
        let factors = at.saved.chunks_exact_mut(to.shape.elements());
        for (row, ((x, y), factors)) in samples.zip(factors).enumerate() {
            self.draw(at.moment, row, factors);
            each(from, x, to, y, |x, y, first| times(x, &factors[first..], y));
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let ([dx, ..], from, to) = (at.dx, place.output, place.input());
        let factors = at.saved.chunks_exact(from.shape.elements());
        let samples = at.dy.chunks_exact(from.stride).zip(dx.chunks_exact_mut(to.stride));
        for ((dy, dx), factors) in samples.zip(factors) {
            each(from, dy, to, dx, |dy, dx, first| times(dy, &factors[first..], dx));
        }
    }
    // ANCHOR_END: ways
}

/// `y ← x ⊙ factors`.
fn times<T: Real>(x: &[T], factors: &[T], y: &mut [T]) {
    for ((y, &x), &factor) in y.iter_mut().zip(x).zip(factors) {
        *y = x * factor;
    }
}

/// Calls `work` with the channels of each pixel or token of a sample: those
/// that are read, those that are written, and the number of the first. What is
/// outside the shape becomes zero.
fn each<T: Real>(
    from: Layout,
    x: &[T],
    to: Layout,
    y: &mut [T],
    work: impl Fn(&[T], &mut [T], usize),
) {
    let Shape { channels, height, width, .. } = to.shape;
    y.fill(T::ZERO);
    for (row, column) in (0..height).flat_map(|row| (0..width).map(move |column| (row, column))) {
        let x = &x[from.at(row, column)..][..channels];
        let y = &mut y[to.at(row, column)..][..channels];
        work(x, y, (row * width + column) * channels);
    }
}
