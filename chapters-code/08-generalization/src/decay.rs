//! Weight decay, in the two forms that are the same for SGD and differ for
//! Adam, and for two groups of tensors.

use backprop::{Real, Rule};

/// How a weight is drawn to nought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `g ← g + λ w`: the gradient of a penalty `λ/2 ‖w‖²`, which then goes
    /// through the rule. PyTorch's `SGD` and `Adam` with `weight_decay`.
    Penalty,
    /// `w ← (1 − η λ) w` beside the rule (Loshchilov and Hutter, 2019).
    /// PyTorch's `AdamW`.
    Decoupled,
}

/// A rule whose weights decay.
#[derive(Clone, Copy, Debug)]
pub struct Decayed<R> {
    /// The rule.
    pub rule: R,
    /// The rate `η` that the rule has at this step.
    pub rate: f64,
    /// In which form.
    pub form: Form,
    /// `λ` of matrices, the tensors that say of themselves that they decay.
    pub matrices: f64,
    /// `λ` of the others: biases and gains.
    pub others: f64,
}

/// Gradients that are handled at once, on the stack.
const AT_ONCE: usize = 256;

impl<T: Real, R: Rule<T>> Rule<T> for Decayed<R> {
    fn slots(&self) -> usize {
        self.rule.slots()
    }

    // ANCHOR: decayed
    fn update(&self, w: &mut [T], g: &[T], state: [&mut [T]; 2], decays: bool) {
        let decay = if decays { self.matrices } else { self.others };
        match self.form {
            Form::Decoupled => {
                let stay = T::of(1.0 - self.rate * decay);
                w.iter_mut().for_each(|w| *w = *w * stay);
                self.rule.update(w, g, state, decays);
            }
            Form::Penalty => self.penalised(w, g, state, (T::of(decay), decays)),
        }
    }
    // ANCHOR_END: decayed
}

impl<R> Decayed<R> {
    /// Adds `λ w` to the gradient, some weights at a time.
    fn penalised<T: Real>(
        &self,
        w: &mut [T],
        g: &[T],
        [mut a, mut b]: [&mut [T]; 2],
        (decay, decays): (T, bool),
    ) where
        R: Rule<T>,
    {
        let mut sum = [T::ZERO; AT_ONCE];
        for (w, g) in w.chunks_mut(AT_ONCE).zip(g.chunks(AT_ONCE)) {
            let sum = &mut sum[..w.len()];
            for ((sum, &g), &w) in sum.iter_mut().zip(g).zip(&*w) {
                *sum = g + decay * w;
            }
            let state = [take(&mut a, w.len()), take(&mut b, w.len())];
            self.rule.update(w, sum, state, decays);
        }
    }
}

/// The first numbers of a slice, which keeps the rest; none of an empty one.
fn take<'a, T>(from: &mut &'a mut [T], numbers: usize) -> &'a mut [T] {
    let numbers = numbers.min(from.len());
    let (first, rest) = std::mem::take(from).split_at_mut(numbers);
    *from = rest;
    first
}
