//! The Gaussian error linear unit of each number (Hendrycks and Gimpel, 2016), in both its forms.
//!
//! Backward, with `Φ` the chance that a normal number lies below `z`, and `φ` its density: `dx = dy · (Φ(x) + x φ(x))`; and
//! what differentiating the form with tanh gives, for that form.

use backprop::kernels::curves::{erf, exp, tanh};
use backprop::kernels::{Arithmetic, Kernel};
use backprop::{
    Backward, Forward, Layout, Operation, Outline, Place, Real, Result, Shape, exactly,
};

use super::lines::token;
use crate::Gelu;

/// The cubic term of the form with tanh.
const CUBE: f64 = 0.044715;

impl<T: Real> Operation<T> for Gelu {
    fn name(&self) -> &'static str {
        "GELU"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        for (x, y) in at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride)) {
            y.fill(T::ZERO);
            T::vectorised(Values { form: *self, a, x, b, y });
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        let [dx, ..] = at.dx;
        let samples = dx.chunks_exact_mut(a.stride).zip(at.dy.chunks_exact(b.stride));
        for ((dx, dy), x) in samples.zip(at.x[0].chunks_exact(a.stride)) {
            dx.fill(T::ZERO);
            T::vectorised(Slopes { form: *self, a, x, dx, b, dy });
        }
    }
}

/// What `z` is multiplied by, and the derivative of that.
#[inline(always)]
fn gate<A: Arithmetic, T: Real>(form: Gelu, z: T) -> (T, T) {
    let half = T::of(0.5);
    match form {
        Gelu::Erf => {
            let root = T::of(std::f64::consts::FRAC_1_SQRT_2);
            let density = T::of(root.to_f64() * 0.5 * std::f64::consts::FRAC_2_SQRT_PI);
            let share = half * (T::ONE + erf::<A, T>(z * root));
            (share, density * exp::<A, T>(-half * z * z))
        }
        Gelu::Tanh => {
            let root = T::of((2.0 / std::f64::consts::PI).sqrt());
            let cube = T::of(CUBE) * z * z;
            let t = tanh::<A, T>(root * z * (T::ONE + cube));
            let slope = root * (T::ONE + T::of(3.0) * cube);
            (half * (T::ONE + t), half * (T::ONE - t * t) * slope)
        }
    }
}

/// `y = x · Φ(x)`.
struct Values<'a, T> {
    form: Gelu,
    a: Layout,
    x: &'a [T],
    b: Layout,
    y: &'a mut [T],
}

impl<T: Real> Kernel for Values<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Values { form, a, x, b, y } = self;
        let c = a.shape.channels;
        for i in 0..a.shape.positions() {
            let numbers = y[token(&b, i)..][..c].iter_mut().zip(&x[token(&a, i)..][..c]);
            // With the form known, the loop becomes vector instructions.
            match form {
                Gelu::Erf => numbers.for_each(|(y, &x)| *y = x * gate::<A, T>(Gelu::Erf, x).0),
                Gelu::Tanh => numbers.for_each(|(y, &x)| *y = x * gate::<A, T>(Gelu::Tanh, x).0),
            }
        }
    }
}

/// `dx = dy · (Φ(x) + x φ(x))`.
struct Slopes<'a, T> {
    form: Gelu,
    a: Layout,
    x: &'a [T],
    dx: &'a mut [T],
    b: Layout,
    dy: &'a [T],
}

impl<T: Real> Kernel for Slopes<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Slopes { form, a, x, dx, b, dy } = self;
        let c = a.shape.channels;
        for i in 0..a.shape.positions() {
            let (to, from) = (token(&a, i), token(&b, i));
            let numbers = dx[to..][..c].iter_mut().zip(&x[to..][..c]).zip(&dy[from..][..c]);
            match form {
                Gelu::Erf => numbers.for_each(|((dx, &x), &dy)| {
                    let (share, slope) = gate::<A, T>(Gelu::Erf, x);
                    *dx = dy * A::mul_add(x, slope, share);
                }),
                Gelu::Tanh => numbers.for_each(|((dx, &x), &dy)| {
                    let (share, slope) = gate::<A, T>(Gelu::Tanh, x);
                    *dx = dy * A::mul_add(x, slope, share);
                }),
            }
        }
    }
}
