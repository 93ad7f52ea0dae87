//! Hard-swish: `y = x · h(x)` with the hard sigmoid `h(x) = min(max(x + 3, 0), 6) / 6` (Howard and others, 2019).
//!
//! Backward: `dx = dy · (h(x) + x · h′(x))`, where `h′` is a sixth between −3 and 3, and nought outside.

use backprop::kernels::{Arithmetic, Kernel};
use backprop::{
    Backward, Forward, Layout, Operation, Outline, Place, Real, Result, Shape, exactly,
};

// ANCHOR: hard
/// Nearly the sigmoid of `z`: 0 up to −3, 1 from 3 on, and a straight line
/// between.
#[inline(always)]
pub(super) fn hard_sigmoid<T: Real>(z: T) -> T {
    let (raised, six) = (z + T::of(3.0), T::of(6.0));
    if raised < T::ZERO {
        T::ZERO
    } else if raised > six {
        T::ONE
    } else {
        raised / six
    }
}

/// How fast it rises where it is `h`.
#[inline(always)]
pub(super) fn slope<T: Real>(h: T) -> T {
    if h > T::ZERO && h < T::ONE { T::of(1.0 / 6.0) } else { T::ZERO }
}
// ANCHOR_END: hard

/// Hard-swish of each number, for values of any shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct HardSwish;

impl<T: Real> Operation<T> for HardSwish {
    fn name(&self) -> &'static str {
        "hard-swish"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        for (x, y) in at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride)) {
            y.fill(T::ZERO);
            T::vectorised(Swish { a, x, b, y });
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        let [dx, ..] = at.dx;
        let samples = dx.chunks_exact_mut(a.stride).zip(at.dy.chunks_exact(b.stride));
        for ((dx, dy), x) in samples.zip(at.x[0].chunks_exact(a.stride)) {
            dx.fill(T::ZERO);
            T::vectorised(Back { a, x, dx, b, dy });
        }
    }
}

/// Where the pixels of a sample are in two layouts of one shape.
#[inline(always)]
fn pixels(a: Layout, b: Layout) -> impl Iterator<Item = (usize, usize)> {
    let Shape { height, width, .. } = a.shape;
    (0..height * width).map(move |i| {
        let (row, column) = (i / width, i % width);
        (a.at(row, column), b.at(row, column))
    })
}

/// `y = x · h(x)`.
struct Swish<'a, T> {
    a: Layout,
    x: &'a [T],
    b: Layout,
    y: &'a mut [T],
}

impl<T: Real> Kernel for Swish<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Swish { a, x, b, y } = self;
        let c = a.shape.channels;
        for (from, to) in pixels(a, b) {
            let numbers = y[to..][..c].iter_mut().zip(&x[from..][..c]);
            for (y, &x) in numbers {
                *y = x * hard_sigmoid(x);
            }
        }
    }
}

/// `dx = dy · (h(x) + x · h′(x))`.
struct Back<'a, T> {
    a: Layout,
    x: &'a [T],
    dx: &'a mut [T],
    b: Layout,
    dy: &'a [T],
}

impl<T: Real> Kernel for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Back { a, x, dx, b, dy } = self;
        let c = a.shape.channels;
        for (to, from) in pixels(a, b) {
            let numbers = dx[to..][..c].iter_mut().zip(&x[to..][..c]).zip(&dy[from..][..c]);
            for ((dx, &x), &dy) in numbers {
                let h = hard_sigmoid(x);
                *dx = dy * (h + x * slope(h));
            }
        }
    }
}
