//! Pooling: `y` is the largest, or the mean, of each window of `x`, channel by channel.
//!
//! `x` is `(N, C, H, W)`; `y` is `(N, C, H′, W′)` with `H′ = ⌊(H + 2p − K) / s⌋ + 1`. Backward: a largest passes its
//! gradient to where it came from, the first of equals; a mean shares it among the whole window.
//!
//! With padding, a window ends where the image does. A largest is that of what is left. A mean counts what is outside as
//! zeros, so it is the sum of what is left over all `K²`: PyTorch's `count_include_pad=True`, its default.

use std::ops::Range;

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
    padding: usize,
    mean: bool,
}

impl Pool {
    /// The largest of each `side × side` window; windows do not overlap.
    pub fn max(side: usize) -> Self {
        Pool { window: Some((side, side)), padding: 0, mean: false }
    }

    /// The mean of each `side × side` window; windows do not overlap.
    pub fn average(side: usize) -> Self {
        Pool { window: Some((side, side)), padding: 0, mean: true }
    }

    /// The mean of each channel over the whole image.
    pub fn global() -> Self {
        Pool { window: None, padding: 0, mean: true }
    }

    /// With another step from window to window.
    pub fn stride(self, stride: usize) -> Self {
        Pool { window: self.window.map(|(side, _)| (side, stride)), ..self }
    }

    /// With windows that begin so many pixels outside the image; at most half a window's side.
    pub fn padding(self, padding: usize) -> Self {
        Pool { padding, ..self }
    }

    /// Height and width of a window, and the steps down and right.
    fn windows(&self, input: Shape) -> ([usize; 2], usize) {
        match self.window {
            Some((side, stride)) => ([side, side], stride),
            None => ([input.height, input.width], 1),
        }
    }

    /// Calls `each` with every pixel of the output, and the pixels of its window.
    fn each_window(&self, place: &Place, mut each: impl FnMut(usize, Window)) {
        let (input, output) = (place.input(), place.output);
        let ([height, width], stride) = self.windows(input.shape);
        // Of a window that begins `before` the image's first line, or may end after its last.
        let clip = |i: usize, side: usize, all: usize| {
            let begin = i * stride;
            self.padding.saturating_sub(begin)..side.min(all + self.padding - begin)
        };
        for i in 0..output.shape.height {
            let rows = clip(i, height, input.shape.height);
            for j in 0..output.shape.width {
                let columns = clip(j, width, input.shape.width);
                let [row, column] = [i * stride + rows.start, j * stride + columns.start];
                let first = input.at(row - self.padding, column - self.padding);
                let (line, pixel) = (input.line(), input.pixel);
                let rows = rows.clone();
                each(output.at(i, j), Window { rows, columns, width, first, line, pixel });
            }
        }
    }
}

/// The part of a window that is in the image.
struct Window {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Pixels of a row of the window, those outside included.
    width: usize,
    /// Where the first pixel of the part is.
    first: usize,
    line: usize,
    pixel: usize,
}

impl Window {
    /// Each pixel: its number in the whole window, and where it is.
    fn pixels(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let Window { rows, columns, width, first, line, pixel } = self;
        let (rows, columns) = (rows.clone(), columns.clone());
        let (width, first, line, pixel) = (*width, *first, *line, *pixel);
        let (top, left) = (rows.start, columns.start);
        rows.flat_map(move |i| {
            let row = first + (i - top) * line;
            columns.clone().map(move |j| (i * width + j, row + (j - left) * pixel))
        })
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
        if self.padding > height.min(width) / 2 {
            let what = format!("a padding of {} is more than half a window", self.padding);
            return fault(what, "give less");
        }
        if height > input.height + 2 * self.padding || width > input.width + 2 * self.padding {
            let what = format!("a window of {height} × {width} does not fit {input}");
            return fault(what, "give a smaller window");
        }
        let side = |all: usize, side: usize| (all + 2 * self.padding - side) / stride + 1;
        let (h, w) = (side(input.height, height), side(input.width, width));
        Ok(Shape::image(input.channels, h, w).into())
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let memory = Memory { sample: self.saves(place), shard: 0 };
        Needs { memory, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let samples = at.x[0].chunks_exact(input.stride).zip(at.y.chunks_exact_mut(output.stride));
        let channels = output.shape.channels;
        let save = self.saves(place);
        for (n, (x, y)) in samples.enumerate() {
            y.fill(T::ZERO);
            let mut saved = at.saved[n * save..][..save].chunks_exact_mut(output.pixel);
            self.each_window(place, |to, window| {
                let y = &mut y[to..][..channels];
                let Some(saved) = saved.next() else { return self.mean_of(&input, &window, x, y) };
                for (i, (q, at)) in window.pixels().enumerate() {
                    let x = &x[at..][..channels];
                    if i == 0 {
                        y.copy_from_slice(x);
                        saved.fill(T::of(q as f64));
                        continue;
                    }
                    for ((y, which), &x) in y.iter_mut().zip(&mut *saved).zip(x) {
                        if x > *y {
                            (*y, *which) = (x, T::of(q as f64));
                        }
                    }
                }
            });
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let [dx, ..] = at.dx;
        let samples = dx.chunks_exact_mut(input.stride).zip(at.dy.chunks_exact(output.stride));
        let channels = output.shape.channels;
        let save = self.saves(place);
        let share = self.share(&input);
        for (n, (dx, dy)) in samples.enumerate() {
            dx.fill(T::ZERO);
            let mut saved = at.saved[n * save..][..save].chunks_exact(output.pixel);
            self.each_window(place, |from, window| {
                let (dy, which) = (&dy[from..][..channels], saved.next());
                for (q, at) in window.pixels() {
                    let dx = &mut dx[at..][..channels];
                    match which {
                        None => dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx += dy * share),
                        Some(which) => {
                            for ((dx, &dy), &which) in dx.iter_mut().zip(dy).zip(which) {
                                *dx += if which == T::of(q as f64) { dy } else { T::ZERO };
                            }
                        }
                    }
                }
            });
        }
    }
}

impl Pool {
    /// What each pixel of a window counts for in its mean.
    fn share<T: Real>(&self, input: &Layout) -> T {
        let ([height, width], _) = self.windows(input.shape);
        T::of(1.0 / (height * width) as f64)
    }

    fn mean_of<T: Real>(&self, input: &Layout, window: &Window, x: &[T], y: &mut [T]) {
        for (_, at) in window.pixels() {
            y.iter_mut().zip(&x[at..]).for_each(|(y, &x)| *y += x);
        }
        let share = self.share(input);
        y.iter_mut().for_each(|y| *y = *y * share);
    }
}
