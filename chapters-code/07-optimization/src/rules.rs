//! The rules by which weights follow their gradient, each with PyTorch's formulas.
//!
//! `w` weight, `g` gradient, `η` rate, `λ` weight decay, `t` step from 1.

use backprop::kernels::{Arithmetic, Kernel};
use backprop::{Real, Rule};

/// Which rule, and its numbers. All of them at one step make a [`Rule`]: [`Optimizer::at`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimizer {
    /// `w ← w − η g`.
    Sgd,
    /// `v ← μ v + g`, `w ← w − η v` (Polyak, 1964).
    Momentum {
        /// How much of the velocity stays, `μ`, usually 0.9.
        keep: f64,
    },
    /// `v ← μ v + g`, `w ← w − η (g + μ v)` (Nesterov, 1983; in this form Sutskever et al., 2013).
    Nesterov {
        /// How much of the velocity stays, `μ`.
        keep: f64,
    },
    /// AdaGrad (Duchi, Hazan and Singer, 2011): `s ← s + g²`, `w ← w − η g / (√s + ε)`.
    AdaGrad {
        /// `ε`, which keeps the quotient finite; PyTorch's is 10⁻¹⁰.
        epsilon: f64,
    },
    /// RMSProp (Tieleman and Hinton, 2012): `s ← β s + (1 − β) g²`, `w ← w − η g / (√s + ε)`.
    RmsProp {
        /// `β`, how long the mean of squares remembers; PyTorch's is 0.99.
        square: f64,
        /// `ε`, which keeps the quotient finite; PyTorch's is 10⁻⁸.
        epsilon: f64,
    },
    /// Adam (Kingma and Ba, 2015), and with `decay` AdamW (Loshchilov and Hutter, 2019), in PyTorch's
    /// form, which multiplies the decay by the rate, too:
    ///
    /// ```text
    /// w ← w − η λ w
    /// m ← β₁ m + (1 − β₁) g          v ← β₂ v + (1 − β₂) g²
    /// w ← w − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
    /// ```
    Adam {
        /// `β₁`, how long the mean of gradients remembers; usually 0.9.
        mean: f64,
        /// `β₂`, how long the mean of their squares remembers; usually 0.999.
        square: f64,
        /// `ε`, which keeps the quotient finite; usually 10⁻⁸.
        epsilon: f64,
        /// `λ`, weight decay that is not part of the gradient; 0 for Adam, 0.01 for AdamW.
        decay: f64,
        /// Whether gains and biases decay, too, as they do in PyTorch; many recipes leave them out.
        all_decay: bool,
    },
}

impl Optimizer {
    /// AdaGrad with PyTorch's number.
    pub const ADAGRAD: Optimizer = Optimizer::AdaGrad { epsilon: 1e-10 };

    /// RMSProp with PyTorch's numbers.
    pub const RMSPROP: Optimizer = Optimizer::RmsProp { square: 0.99, epsilon: 1e-8 };

    /// Adam with its authors' numbers.
    pub const ADAM: Optimizer =
        Optimizer::Adam { mean: 0.9, square: 0.999, epsilon: 1e-8, decay: 0.0, all_decay: true };

    /// AdamW, as PyTorch has it by default.
    pub const ADAMW: Optimizer = Optimizer::adamw(0.01);

    /// AdamW with another weight decay, of all weights.
    pub const fn adamw(decay: f64) -> Optimizer {
        Optimizer::Adam { mean: 0.9, square: 0.999, epsilon: 1e-8, decay, all_decay: true }
    }

    /// How many numbers it keeps for each weight.
    pub fn slots(&self) -> usize {
        match self {
            Optimizer::Sgd => 0,
            Optimizer::Momentum { .. }
            | Optimizer::Nesterov { .. }
            | Optimizer::AdaGrad { .. }
            | Optimizer::RmsProp { .. } => 1,
            Optimizer::Adam { .. } => 2,
        }
    }

    /// The rule for step `step`, counted from 1, at learning rate `rate`.
    pub fn at(self, step: u64, rate: f64) -> AtStep {
        AtStep { optimizer: self, step: step.max(1), rate }
    }
}

/// An optimizer at one step.
#[derive(Clone, Copy, Debug)]
pub struct AtStep {
    optimizer: Optimizer,
    step: u64,
    rate: f64,
}

impl<T: Real> Rule<T> for AtStep {
    fn slots(&self) -> usize {
        self.optimizer.slots()
    }

    fn update(&self, w: &mut [T], g: &[T], [first, second]: [&mut [T]; 2], decays: bool) {
        let of = T::of;
        match self.optimizer {
            Optimizer::Sgd => T::vectorised(Sgd { w, g, rate: of(self.rate) }),
            Optimizer::Momentum { keep } => {
                T::vectorised(Velocity {
                    w,
                    g,
                    v: first,
                    keep: of(keep),
                    rate: of(self.rate),
                    ahead: false,
                });
            }
            Optimizer::Nesterov { keep } => {
                T::vectorised(Velocity {
                    w,
                    g,
                    v: first,
                    keep: of(keep),
                    rate: of(self.rate),
                    ahead: true,
                });
            }
            Optimizer::AdaGrad { epsilon } => {
                let [keep, new, rate, epsilon] = [1.0, 1.0, self.rate, epsilon].map(of);
                T::vectorised(Scaled { w, g, s: first, keep, new, rate, epsilon });
            }
            Optimizer::RmsProp { square, epsilon } => {
                let [keep, new, rate, epsilon] = [square, 1.0 - square, self.rate, epsilon].map(of);
                T::vectorised(Scaled { w, g, s: first, keep, new, rate, epsilon });
            }
            Optimizer::Adam { mean, square, epsilon, decay, all_decay } => {
                let step = self.step as f64;
                let decay = if decays || all_decay { decay } else { 0.0 };
                T::vectorised(Adam {
                    w,
                    g,
                    m: first,
                    v: second,
                    mean: of(1.0 - mean),
                    square: [of(square), of(1.0 - square)],
                    rate: of(self.rate / (1.0 - mean.powf(step))),
                    root: of(1.0 / (1.0 - square.powf(step)).sqrt()),
                    epsilon: of(epsilon),
                    stay: of(1.0 - self.rate * decay),
                });
            }
        }
    }
}

struct Sgd<'a, T> {
    w: &'a mut [T],
    g: &'a [T],
    rate: T,
}

impl<T: Real> Kernel for Sgd<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (w, &g) in self.w.iter_mut().zip(self.g) {
            *w = A::mul_add(-self.rate, g, *w);
        }
    }
}

struct Velocity<'a, T> {
    w: &'a mut [T],
    g: &'a [T],
    v: &'a mut [T],
    keep: T,
    rate: T,
    ahead: bool,
}

impl<T: Real> Kernel for Velocity<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        // ANCHOR: velocity
        let Velocity { w, g, v, keep, rate, ahead } = self;
        for ((w, &g), v) in w.iter_mut().zip(g).zip(v) {
            *v = A::mul_add(keep, *v, g);
            let step = if ahead { A::mul_add(keep, *v, g) } else { *v };
            *w = A::mul_add(-rate, step, *w);
        }
        // ANCHOR_END: velocity
    }
}

/// AdaGrad where `keep` and `new` are 1, RMSProp where they add up to 1.
struct Scaled<'a, T> {
    w: &'a mut [T],
    g: &'a [T],
    s: &'a mut [T],
    keep: T,
    new: T,
    rate: T,
    epsilon: T,
}

impl<T: Real> Kernel for Scaled<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        // ANCHOR: scaled
        let Scaled { w, g, s, keep, new, rate, epsilon } = self;
        for ((w, &g), s) in w.iter_mut().zip(g).zip(s) {
            *s = A::mul_add(new * g, g, keep * *s);
            *w = A::mul_add(-rate, g / (s.sqrt() + epsilon), *w);
        }
        // ANCHOR_END: scaled
    }
}

struct Adam<'a, T> {
    w: &'a mut [T],
    g: &'a [T],
    m: &'a mut [T],
    v: &'a mut [T],
    mean: T,
    square: [T; 2],
    rate: T,
    root: T,
    epsilon: T,
    stay: T,
}

impl<T: Real> Kernel for Adam<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        // ANCHOR: adam
        let Adam { w, g, m, v, mean, square: [keep, new], rate, root, epsilon, stay } = self;
        for (((w, &g), m), v) in w.iter_mut().zip(g).zip(m).zip(v) {
            *m = A::mul_add(mean, g - *m, *m);
            *v = A::mul_add(new * g, g, keep * *v);
            let step = *m / A::mul_add(v.sqrt(), root, epsilon);
            *w = A::mul_add(-rate, step, *w * stay);
        }
        // ANCHOR_END: adam
    }
}
