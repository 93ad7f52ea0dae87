//! Pooling: `y` is the largest, or the mean, of each window of `x`, channel by channel.
//!
//! `x` is `(N, C, H, W)`; `y` is `(N, C, H′, W′)` with `H′ = ⌊(H − K) / s⌋ + 1`. Backward: a largest passes its
//! gradient to where it came from, the first of equals; a mean shares it among the whole window.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use backprop::kernels::{Arithmetic, Kernel};
use backprop::{
    Backward, Forward, Layout, Memory, Needs, Operation, Outline, Place, Real, Result, Shape,
    exactly,
};

use super::fault;

/// Max, average or global average pooling.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Side of a window and step from window to window; nothing for one window that is the whole image.
    window: Option<(usize, usize)>,
    mean: bool,
}

impl Pool {
    /// The largest of each `side × side` window; windows do not overlap.
    pub fn max(side: usize) -> Self {
        Pool { window: Some((side, side)), mean: false }
    }

    /// The mean of each `side × side` window; windows do not overlap.
    pub fn average(side: usize) -> Self {
        Pool { window: Some((side, side)), mean: true }
    }

    /// The mean of each channel over the whole image.
    pub fn global() -> Self {
        Pool { window: None, mean: true }
    }

    /// With another step from window to window.
    pub fn stride(self, stride: usize) -> Self {
        Pool { window: self.window.map(|(side, _)| (side, stride)), ..self }
    }

    /// Height and width of a window, and the steps down and right.
    fn windows(&self, input: Shape) -> ([usize; 2], usize) {
        match self.window {
            Some((side, stride)) => ([side, side], stride),
            None => ([input.height, input.width], 1),
        }
    }

    fn grid(&self, place: &Place) -> Grid {
        let (window, stride) = self.windows(place.input().shape);
        Grid { input: place.input(), output: place.output, window, stride }
    }
}

impl Pool {
    /// Numbers that say which pixel of its window each largest is.
    fn saves(&self, place: &Place) -> usize {
        let Layout { shape, pixel, .. } = place.output;
        if self.mean { 0 } else { shape.positions() * pixel }
    }
}

impl<T: Real> Operation<T> for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        let ([height, width], stride) = self.windows(input);
        if height == 0 || width == 0 || stride == 0 {
            return fault("a window without side or step", "give it at least 1 of each");
        }
        if height > input.height || width > input.width {
            let what = format!("a window of {height} × {width} does not fit {input}");
            return fault(what, "give a smaller window");
        }
        let (h, w) = ((input.height - height) / stride + 1, (input.width - width) / stride + 1);
        Ok(Shape::image(input.channels, h, w).into())
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let memory = Memory { sample: self.saves(place), shard: 0 };
        Needs { memory, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (grid, save) = (self.grid(place), self.saves(place));
        at.y.fill(T::ZERO);
        let samples = at.x[0].chunks_exact(grid.input.stride);
        let samples = samples.zip(at.y.chunks_exact_mut(grid.output.stride));
        for (n, (x, y)) in samples.enumerate() {
            match self.mean {
                true => T::vectorised(Mean { grid, x, y }),
                false => {
                    let which = &mut at.saved[n * save..][..save];
                    T::vectorised(Largest { grid, x, y, which });
                }
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (grid, save) = (self.grid(place), self.saves(place));
        let [dx, ..] = at.dx;
        dx.fill(T::ZERO);
        let samples = dx.chunks_exact_mut(grid.input.stride);
        let samples = samples.zip(at.dy.chunks_exact(grid.output.stride));
        for (n, (dx, dy)) in samples.enumerate() {
            match self.mean {
                true => T::vectorised(Share { grid, dx, dy }),
                false => {
                    let which = &at.saved[n * save..][..save];
                    T::vectorised(Return { grid, dx, dy, which });
                }
            }
        }
    }
}

/// The windows of an image.
#[derive(Clone, Copy)]
struct Grid {
    input: Layout,
    output: Layout,
    /// Height and width of a window.
    window: [usize; 2],
    /// Step from window to window.
    stride: usize,
}

impl Grid {
    /// Where pixel `q` of the window of output `(i, j)` is in the input, windows counted line by line.
    #[inline(always)]
    fn pixel(&self, [i, j]: [usize; 2], q: usize) -> usize {
        let [_, width] = self.window;
        self.input.at(i * self.stride + q / width, j * self.stride + q % width)
    }

    /// Pixels of a window.
    #[inline(always)]
    fn pixels(&self) -> usize {
        self.window[0] * self.window[1]
    }
}

/// `y` is the largest of each window, and `which` says where it was, the first of equals.
struct Largest<'a, T> {
    grid: Grid,
    x: &'a [T],
    y: &'a mut [T],
    which: &'a mut [T],
}

impl<T: Real> Kernel for Largest<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Largest { grid, x, y, which } = self;
        let Shape { channels: c, height, width, .. } = grid.output.shape;
        for i in 0..height {
            for j in 0..width {
                let y = &mut y[grid.output.at(i, j)..][..c];
                let which = &mut which[(i * width + j) * grid.output.pixel..][..c];
                y.copy_from_slice(&x[grid.pixel([i, j], 0)..][..c]);
                which.fill(T::ZERO);
                for q in 1..grid.pixels() {
                    let (x, number) = (&x[grid.pixel([i, j], q)..][..c], T::of(q as f64));
                    for l in 0..c {
                        let larger = x[l] > y[l];
                        y[l] = if larger { x[l] } else { y[l] };
                        which[l] = if larger { number } else { which[l] };
                    }
                }
            }
        }
    }
}

/// The gradient goes back to where each largest was.
struct Return<'a, T> {
    grid: Grid,
    dx: &'a mut [T],
    dy: &'a [T],
    which: &'a [T],
}

impl<T: Real> Kernel for Return<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Return { grid, dx, dy, which } = self;
        let Shape { channels: c, height, width, .. } = grid.output.shape;
        for i in 0..height {
            for j in 0..width {
                let dy = &dy[grid.output.at(i, j)..][..c];
                let which = &which[(i * width + j) * grid.output.pixel..][..c];
                for q in 0..grid.pixels() {
                    let dx = &mut dx[grid.pixel([i, j], q)..][..c];
                    let number = T::of(q as f64);
                    for l in 0..c {
                        dx[l] += if which[l] == number { dy[l] } else { T::ZERO };
                    }
                }
            }
        }
    }
}

/// `y` is the mean of each window.
struct Mean<'a, T> {
    grid: Grid,
    x: &'a [T],
    /// All zeros.
    y: &'a mut [T],
}

impl<T: Real> Kernel for Mean<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Mean { grid, x, y } = self;
        let Shape { channels: c, height, width, .. } = grid.output.shape;
        let share = T::of(1.0 / grid.pixels() as f64);
        for i in 0..height {
            for j in 0..width {
                let y = &mut y[grid.output.at(i, j)..][..c];
                for q in 0..grid.pixels() {
                    let x = &x[grid.pixel([i, j], q)..][..c];
                    for l in 0..c {
                        y[l] += x[l];
                    }
                }
                for l in 0..c {
                    y[l] = y[l] * share;
                }
            }
        }
    }
}

/// The gradient is shared among the whole window.
struct Share<'a, T> {
    grid: Grid,
    dx: &'a mut [T],
    dy: &'a [T],
}

impl<T: Real> Kernel for Share<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Share { grid, dx, dy } = self;
        let Shape { channels: c, height, width, .. } = grid.output.shape;
        let share = T::of(1.0 / grid.pixels() as f64);
        for i in 0..height {
            for j in 0..width {
                let dy = &dy[grid.output.at(i, j)..][..c];
                for q in 0..grid.pixels() {
                    let dx = &mut dx[grid.pixel([i, j], q)..][..c];
                    for l in 0..c {
                        dx[l] += dy[l] * share;
                    }
                }
            }
        }
    }
}
