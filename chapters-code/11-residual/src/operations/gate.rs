//! Squeeze and excitation (Hu, Shen and Sun, 2018), as MobileNetV3 has it: each channel of an image times a number that the
//! means of all channels decide.
//!
//! With `m` the mean of each of `C` channels, and `S` numbers in between:
//!
//! ```text
//! r = max(W₁ m + b₁, 0)      (S)        s = h(W₂ r + b₂)      (C)
//! y[c, i, j] = s[c] · x[c, i, j]
//! ```
//!
//! `h` is the hard sigmoid. Backward, with `P` pixels:
//!
//! ```text
//! dz[c] = h′ · Σ dy[c, i, j] · x[c, i, j]        dr = W₂ᵀ dz where r > 0        dm = W₁ᵀ dr
//! dx[c, i, j] = s[c] · dy[c, i, j] + dm[c] / P
//! ```

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use backprop::kernels::{Arithmetic, Kernel, LANES};
use backprop::{
    Backward, Forward, Layout, Memory, Needs, Operation, Outline, Piece, Place, Plain, Real,
    Result, Shape, Weight, Whole, exactly,
};

use super::hard_swish::{hard_sigmoid, slope};
use super::refusal::refuse;

/// A gate on the channels of an image.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    channels: usize,
    squeezed: usize,
}

impl Gate {
    /// For `channels` channels, with `squeezed` numbers between its two layers.
    pub fn new(channels: usize, squeezed: usize) -> Self {
        Gate { channels, squeezed }
    }

    /// How many numbers are kept for a sample.
    fn kept(&self) -> usize {
        4 * self.channels + 2 * self.squeezed
    }

    /// What is kept for one sample: `m`, `r`, `s`; and from the backward `dz`, `dr`, `dm`.
    fn parts<'a, T>(&self, kept: &'a mut [T]) -> [&'a mut [T]; 6] {
        let Gate { channels: c, squeezed: n } = *self;
        let mut rest = kept;
        [c, n, c, c, n, c].map(|length| {
            let (part, after) = std::mem::take(&mut rest).split_at_mut(length);
            rest = after;
            part
        })
    }
}

impl<T: Real> Operation<T> for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if input.channels != self.channels || input.tokens {
            let what = format!("it takes an image of {} channels, not {input}", self.channels);
            return refuse(what, "make the two agree");
        }
        if self.squeezed == 0 {
            return refuse("nothing between its layers", "give it at least 1 number there");
        }
        let multiply_adds = 2 * (self.channels * self.squeezed) as u64;
        Ok(Outline { multiply_adds, ..input.into() })
    }

    fn needs(&self, _: &Place) -> Needs<T> {
        let Gate { channels: c, squeezed: n } = *self;
        let matrix = |name, outputs: usize, inputs: usize| {
            Weight::matrix(name, vec![outputs, inputs, 1, 1], inputs, Plain(outputs * inputs))
        };
        let weights = vec![
            matrix("fc1.weight", n, c),
            Weight::plain("fc1.bias", vec![n]),
            matrix("fc2.weight", c, n),
            Weight::plain("fc2.bias", vec![c]),
        ];
        Needs { weights, memory: Memory { sample: self.kept(), shard: 0 }, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        let [w1, b1, w2, b2] = [0, 1, 2, 3].map(|i| &at.weights.get(i)[0].weights[..]);
        let samples = at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride));
        for ((x, y), kept) in samples.zip(at.saved.chunks_exact_mut(self.kept())) {
            let [m, r, s, ..] = self.parts(kept);
            // ANCHOR: gate
            let share = T::of(1.0 / a.shape.positions() as f64);
            T::vectorised(Totals { a, x, of: None, sums: &mut *m });
            m.iter_mut().for_each(|m| *m = *m * share);
            T::vectorised(Rows { w: w1, x: m, b: b1, y: &mut *r });
            r.iter_mut().for_each(|r| *r = r.maximum(T::ZERO));
            T::vectorised(Rows { w: w2, x: r, b: b2, y: &mut *s });
            s.iter_mut().for_each(|s| *s = hard_sigmoid(*s));
            y.fill(T::ZERO);
            T::vectorised(Scaled { a, x, s, plus: None, b, y });
            // ANCHOR_END: gate
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        let [w1, w2] = [0, 2].map(|i| &at.weights.get(i)[0].weights[..]);
        let share = T::of(1.0 / a.shape.positions() as f64);
        let [dx, ..] = at.dx;
        let samples = at.x[0].chunks_exact(a.stride).zip(at.dy.chunks_exact(b.stride));
        for (n, (x, dy)) in samples.enumerate() {
            let kept = &mut at.saved[n * self.kept()..][..self.kept()];
            let [_, r, s, dz, dr, dm] = self.parts(kept);
            T::vectorised(Totals { a, x, of: Some((b, dy)), sums: &mut *dz });
            dz.iter_mut().zip(&*s).for_each(|(dz, &s)| *dz = *dz * slope(s));
            T::vectorised(Columns { w: w2, dy: dz, dx: &mut *dr });
            for (dr, &r) in dr.iter_mut().zip(&*r) {
                *dr = if r > T::ZERO { *dr } else { T::ZERO };
            }
            T::vectorised(Columns { w: w1, dy: dr, dx: &mut *dm });
            dm.iter_mut().for_each(|dm| *dm = *dm * share);
            if !dx.is_empty() {
                let dx = &mut dx[n * a.stride..][..a.stride];
                dx.fill(T::ZERO);
                T::vectorised(Scaled { a: b, x: dy, s, plus: Some(dm), b: a, y: dx });
            }
        }
    }

    fn gradient(&self, _: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        let Gate { channels: c, squeezed: n } = *self;
        if !of.add {
            gradient.fill(T::ZERO);
        }
        for kept in whole.saved.chunks_exact(self.kept()).take(whole.rows) {
            let (m, r) = (&kept[..c], &kept[c..][..n]);
            let (dz, dr) = (&kept[2 * c + n..][..c], &kept[3 * c + n..][..n]);
            match of.weight {
                0 => T::vectorised(Outer { dy: dr, x: m, dw: &mut *gradient }),
                2 => T::vectorised(Outer { dy: dz, x: r, dw: &mut *gradient }),
                bias => {
                    let dy = if bias == 1 { dr } else { dz };
                    gradient.iter_mut().zip(dy).for_each(|(db, &dy)| *db += dy);
                }
            }
        }
    }
}

/// The sum of each channel over the pixels; or of its products with what stands there in another value of the same shape.
struct Totals<'a, T> {
    a: Layout,
    x: &'a [T],
    of: Option<(Layout, &'a [T])>,
    sums: &'a mut [T],
}

impl<T: Real> Kernel for Totals<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Totals { a, x, of, sums } = self;
        let c = sums.len();
        sums.fill(T::ZERO);
        for (i, j) in pixels(a.shape) {
            let x = &x[a.at(i, j)..][..c];
            match of {
                None => {
                    for l in 0..c {
                        sums[l] += x[l];
                    }
                }
                Some((b, y)) => {
                    let y = &y[b.at(i, j)..][..c];
                    for l in 0..c {
                        sums[l] = A::mul_add(x[l], y[l], sums[l]);
                    }
                }
            }
        }
    }
}

/// `y = s · x`, channel by channel, and perhaps a number of each channel more.
struct Scaled<'a, T> {
    a: Layout,
    x: &'a [T],
    s: &'a [T],
    plus: Option<&'a [T]>,
    b: Layout,
    y: &'a mut [T],
}

impl<T: Real> Kernel for Scaled<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Scaled { a, x, s, plus, b, y } = self;
        let c = s.len();
        for (i, j) in pixels(a.shape) {
            let (y, x) = (&mut y[b.at(i, j)..][..c], &x[a.at(i, j)..][..c]);
            match plus {
                None => {
                    for l in 0..c {
                        y[l] = s[l] * x[l];
                    }
                }
                Some(plus) => {
                    for l in 0..c {
                        y[l] = A::mul_add(s[l], x[l], plus[l]);
                    }
                }
            }
        }
    }
}

/// The pixels of an image.
#[inline(always)]
fn pixels(shape: Shape) -> impl Iterator<Item = (usize, usize)> {
    (0..shape.height).flat_map(move |i| (0..shape.width).map(move |j| (i, j)))
}

/// `y = W x + b`, a row of `W` for each output; sixteen sums of each run side by side.
struct Rows<'a, T> {
    w: &'a [T],
    x: &'a [T],
    b: &'a [T],
    y: &'a mut [T],
}

impl<T: Real> Kernel for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Rows { w, x, b, y } = self;
        for ((y, w), &b) in y.iter_mut().zip(w.chunks_exact(x.len())).zip(b) {
            let mut sums = [T::ZERO; LANES];
            let (whole, rest) = x.split_at(x.len() / LANES * LANES);
            for (x, w) in whole.chunks_exact(LANES).zip(w.chunks_exact(LANES)) {
                for l in 0..LANES {
                    sums[l] = A::mul_add(x[l], w[l], sums[l]);
                }
            }
            let last = rest.iter().zip(&w[whole.len()..]).fold(b, |z, (&x, &w)| z + x * w);
            *y = sums.iter().fold(last, |z, &sum| z + sum);
        }
    }
}

/// `dx = Wᵀ dy`.
struct Columns<'a, T> {
    w: &'a [T],
    dy: &'a [T],
    dx: &'a mut [T],
}

impl<T: Real> Kernel for Columns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Columns { w, dy, dx } = self;
        dx.fill(T::ZERO);
        for (&dy, w) in dy.iter().zip(w.chunks_exact(dx.len())) {
            for (dx, &w) in dx.iter_mut().zip(w) {
                *dx = A::mul_add(w, dy, *dx);
            }
        }
    }
}

/// `dW += dy xᵀ`.
struct Outer<'a, T> {
    dy: &'a [T],
    x: &'a [T],
    dw: &'a mut [T],
}

impl<T: Real> Kernel for Outer<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Outer { dy, x, dw } = self;
        for (&dy, dw) in dy.iter().zip(dw.chunks_exact_mut(x.len())) {
            for (dw, &x) in dw.iter_mut().zip(x) {
                *dw = A::mul_add(x, dy, *dw);
            }
        }
    }
}
