//! The fast loops: written once over arrays of sixteen numbers, compiled for any processor and for those with AVX2 and FMA
//! ([`backprop::kernels`]).
//!
//! A tile of up to six pixels by sixteen channels stays in registers while a sum runs: twelve registers of eight `f32`.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use backprop::kernels::{Arithmetic, Kernel};

/// Channels that stand side by side.
pub const LANES: usize = 16;

/// Sixteen channels of one pixel, or the weights of sixteen outputs for one input: a cache line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct Lane(pub [f32; LANES]);

/// Inputs whose weights stay in the first cache while all pixels pass by.
const INPUTS: usize = 24 * LANES;

/// How many pixels to take next of `left`: six, or four where that leaves no thin rest.
#[inline(always)]
fn height(left: usize) -> usize {
    match left {
        7 | 8 => 4,
        _ => left.min(6),
    }
}

/// From 0 to 6.
#[inline(always)]
fn relu6(z: f32) -> f32 {
    let z = if z > 0.0 { z } else { 0.0 };
    if z < 6.0 { z } else { 6.0 }
}

/// Stores sums with ReLU6. They are stored first as they are: what is done to them before makes the compiler take them out of
/// the registers while they are still sums.
#[inline(always)]
fn store(sums: &[Lane], y: &mut [Lane]) {
    y.copy_from_slice(sums);
    for y in y {
        for j in 0..LANES {
            y.0[j] = relu6(y.0[j]);
        }
    }
}

/// Calls a method with a constant number of pixels.
macro_rules! with_pixels {
    ($pixels:expr, $self:ident . $method:ident ( $($argument:expr),* )) => {
        match $pixels {
            6 => $self.$method::<A, 6>($($argument),*),
            5 => $self.$method::<A, 5>($($argument),*),
            4 => $self.$method::<A, 4>($($argument),*),
            3 => $self.$method::<A, 3>($($argument),*),
            2 => $self.$method::<A, 2>($($argument),*),
            _ => $self.$method::<A, 1>($($argument),*),
        }
    };
}

/// What a 1 × 1 convolution reads for sixteen of its outputs.
#[derive(Clone, Copy, Debug)]
pub struct Panel<'a> {
    /// Its inputs: groups of sixteen channels, each of `pixels` pixels.
    pub x: &'a [Lane],
    /// Pixels of a group.
    pub pixels: usize,
    /// The weights of each input.
    pub weights: &'a [Lane],
    /// Where the sums begin.
    pub bias: Lane,
}

impl Panel<'_> {
    // ANCHOR: sums
    /// Adds the terms of all inputs to the sums of `R` pixels from `first`.
    #[inline(always)]
    fn sums<A: Arithmetic, const R: usize>(&self, first: usize, sums: [Lane; R]) -> [Lane; R] {
        let mut sums = sums;
        for (group, weights) in self.weights.chunks(LANES).enumerate() {
            let x = &self.x[group * self.pixels + first..][..R];
            for k in 0..weights.len().min(LANES) {
                let w = weights[k];
                for r in 0..R {
                    let x = x[r].0[k];
                    for j in 0..LANES {
                        sums[r].0[j] = A::mul_add(x, w.0[j], sums[r].0[j]);
                    }
                }
            }
        }
        sums
    }
    // ANCHOR_END: sums
}

/// Sixteen channels of a 1 × 1 convolution with ReLU6, over some rows of an image, into rows that are wider.
#[derive(Debug)]
pub struct Expand<'a> {
    /// What is read.
    pub panel: Panel<'a>,
    /// The first pixel and how many.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// Pixels of a row.
    pub width: usize,
    /// The output, from the first pixel of the first row.
    pub y: &'a mut [Lane],
    /// From one row of `y` to the next.
    pub stride: usize,
}

impl Kernel for Expand<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let (mut done, mut place) = (0, (0, 0));
        while done < self.count {
            let pixels = height(self.count - done);
            place = with_pixels!(pixels, self.tile(done, place));
            done += pixels;
        }
    }
}

impl Expand<'_> {
    /// `R` pixels from number `done`, of which the first goes to row and column `place`; and where the next one goes.
    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(
        &mut self,
        done: usize,
        place: (usize, usize),
    ) -> (usize, usize) {
        let sums = self.panel.sums::<A, R>(self.first + done, [self.panel.bias; R]);
        let (mut row, mut column) = place;
        for r in 0..R {
            let y = &mut self.y[row + column];
            for j in 0..LANES {
                y.0[j] = relu6(sums[r].0[j]);
            }
            column += 1;
            if column == self.width {
                (row, column) = (row + self.stride, 0);
            }
        }
        (row, column)
    }
}

/// Sixteen channels of a 1 × 1 convolution without an activation; the block's input may be added.
#[derive(Debug)]
pub struct Project<'a> {
    /// What is read.
    pub panel: Panel<'a>,
    /// The first pixel.
    pub first: usize,
    /// What is added.
    pub add: Option<&'a [Lane]>,
    /// The output, as many pixels as it has.
    pub y: &'a mut [Lane],
}

impl Kernel for Project<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        self.y.fill(self.panel.bias);
        let Panel { x, weights, .. } = self.panel;
        let groups = weights.chunks(INPUTS).zip(x.chunks(INPUTS / LANES * self.panel.pixels));
        for (weights, x) in groups {
            let part = Panel { x, weights, ..self.panel };
            let mut done = 0;
            while done < self.y.len() {
                let pixels = height(self.y.len() - done);
                with_pixels!(pixels, self.tile(part, done));
                done += pixels;
            }
        }
        if let Some(add) = self.add {
            for (y, add) in self.y.iter_mut().zip(add) {
                for j in 0..LANES {
                    y.0[j] += add.0[j];
                }
            }
        }
    }
}

impl Project<'_> {
    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(&mut self, part: Panel<'_>, done: usize) {
        let mut sums = [Lane::default(); R];
        sums.copy_from_slice(&self.y[done..][..R]);
        let sums = part.sums::<A, R>(self.first + done, sums);
        self.y[done..][..R].copy_from_slice(&sums);
    }
}

/// The mean over all pixels of sixteen channels of a 1 × 1 convolution with ReLU6.
#[derive(Debug)]
pub struct Mean<'a> {
    /// What is read.
    pub panel: Panel<'a>,
}

impl Kernel for Mean<'_> {
    type Output = Lane;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Lane {
        let mut total = Lane::default();
        let mut done = 0;
        while done < self.panel.pixels {
            let pixels = height(self.panel.pixels - done);
            with_pixels!(pixels, self.tile(done, &mut total));
            done += pixels;
        }
        for j in 0..LANES {
            total.0[j] /= self.panel.pixels as f32;
        }
        total
    }
}

impl Mean<'_> {
    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(&self, done: usize, total: &mut Lane) {
        let sums = self.panel.sums::<A, R>(done, [self.panel.bias; R]);
        for r in 0..R {
            for j in 0..LANES {
                total.0[j] += relu6(sums[r].0[j]);
            }
        }
    }
}

/// A convolution of each of sixteen channels by itself, with ReLU6, over rows whose border is there.
#[derive(Debug)]
pub struct Depthwise<'a, const S: usize> {
    /// The input: `(rows − 1) S + window` rows.
    pub x: &'a [Lane],
    /// Side of the window: a variable, so that the compiler does not write its loops out, of which it makes scalar code.
    pub window: usize,
    /// From one row of `x` to the next.
    pub stride: usize,
    /// `window²` weights of each channel.
    pub weights: &'a [Lane],
    /// One number for each channel.
    pub bias: Lane,
    /// The output.
    pub y: &'a mut [Lane],
    /// Pixels of a row of `y`.
    pub width: usize,
}

impl<const S: usize> Kernel for Depthwise<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let sevens = self.width.is_multiple_of(7);
        for row in 0..self.y.len() / self.width {
            let mut column = 0;
            while column < self.width {
                let pixels = if sevens { 7 } else { height(self.width - column) };
                match pixels {
                    7 => self.tile::<A, 7>(row, column),
                    pixels => with_pixels!(pixels, self.tile(row, column)),
                }
                column += pixels;
            }
        }
    }
}

impl<const S: usize> Depthwise<'_, S> {
    // ANCHOR: depthwise
    /// The sums of `R` pixels of a row.
    #[inline(always)]
    fn sums<A: Arithmetic, const R: usize>(&self, row: usize, column: usize) -> [Lane; R] {
        let mut sums = [self.bias; R];
        for (u, weights) in self.weights.chunks(self.window).enumerate() {
            let x = &self.x[(row * S + u) * self.stride + column * S..];
            for v in 0..weights.len() {
                let (x, w) = (&x[v..][..(R - 1) * S + 1], weights[v]);
                for r in 0..R {
                    let x = x[r * S];
                    for j in 0..LANES {
                        sums[r].0[j] = A::mul_add(x.0[j], w.0[j], sums[r].0[j]);
                    }
                }
            }
        }
        sums
    }
    // ANCHOR_END: depthwise

    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(&mut self, row: usize, column: usize) {
        let sums = self.sums::<A, R>(row, column);
        store(&sums, &mut self.y[row * self.width + column..][..R]);
    }
}

/// Sixteen channels of the stem, with ReLU6: 3 × 3 pixels of three colours, every second pixel of every second row.
#[derive(Debug)]
pub struct Stem<'a> {
    /// The image with its border, a colour behind another, each of `(2 rows + 1) × stride`.
    pub x: &'a [f32],
    /// From one colour to the next.
    pub colour: usize,
    /// From one row of `x` to the next.
    pub stride: usize,
    /// Side of the window.
    pub window: usize,
    /// The weights of each output.
    pub weights: &'a [Lane],
    /// One number for each output.
    pub bias: Lane,
    /// The output, from the first pixel of the first row.
    pub y: &'a mut [Lane],
    /// Rows of `y`.
    pub rows: usize,
    /// Pixels of a row of `y` that are computed.
    pub width: usize,
    /// From one row of `y` to the next.
    pub y_stride: usize,
}

impl Kernel for Stem<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        for row in 0..self.rows {
            let mut column = 0;
            while column < self.width {
                let pixels = height(self.width - column);
                with_pixels!(pixels, self.tile(row, column));
                column += pixels;
            }
        }
    }
}

impl Stem<'_> {
    #[inline(always)]
    fn sums<A: Arithmetic, const R: usize>(&self, row: usize, column: usize) -> [Lane; R] {
        let mut sums = [self.bias; R];
        for (place, weights) in self.weights.chunks(self.window).enumerate() {
            let (colour, u) = (place / self.window, place % self.window);
            let from = colour * self.colour + (2 * row + u) * self.stride + 2 * column;
            let x = &self.x[from..];
            for v in 0..weights.len() {
                let (x, w) = (&x[v..][..2 * R - 1], weights[v]);
                for r in 0..R {
                    let x = x[2 * r];
                    for j in 0..LANES {
                        sums[r].0[j] = A::mul_add(x, w.0[j], sums[r].0[j]);
                    }
                }
            }
        }
        sums
    }

    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(&mut self, row: usize, column: usize) {
        let sums = self.sums::<A, R>(row, column);
        store(&sums, &mut self.y[row * self.y_stride + column..][..R]);
    }
}

/// Sixteen sums of a linear layer.
#[derive(Debug)]
pub struct Linear<'a> {
    /// Its inputs, sixteen in a lane.
    pub x: &'a [Lane],
    /// The weights of each input.
    pub weights: &'a [Lane],
    /// Where the sums begin.
    pub bias: Lane,
}

impl Kernel for Linear<'_> {
    type Output = Lane;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Lane {
        // Four sums at a time, so that one multiply-add need not wait for the one before.
        let mut sums = [Lane::default(); 4];
        sums[0] = self.bias;
        for (x, weights) in self.x.iter().zip(self.weights.chunks_exact(LANES)) {
            for k in 0..LANES {
                for j in 0..LANES {
                    sums[k % 4].0[j] = A::mul_add(x.0[k], weights[k].0[j], sums[k % 4].0[j]);
                }
            }
        }
        let mut total = Lane::default();
        for j in 0..LANES {
            total.0[j] = (sums[0].0[j] + sums[1].0[j]) + (sums[2].0[j] + sums[3].0[j]);
        }
        total
    }
}
