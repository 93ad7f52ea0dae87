//! Pooling: `y` is the largest, or the mean, of each window of `x`, channel by channel.
//!
//! `x` is `(N, C, H, W)`; `y` is `(N, C, H′, W′)` with `H′ = ⌊(H − K) / s⌋ + 1`. Backward: a largest passes its
//! gradient to where it came from, the first of equals; a mean shares it among the whole window.

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

    /// Calls `each` with every pixel of the output, and the first pixel of its window.
    fn each_window(&self, place: &Place, mut each: impl FnMut(usize, usize)) {
        let (input, output) = (place.input(), place.output);
        let (_, stride) = self.windows(input.shape);
        for i in 0..output.shape.height {
            for j in 0..output.shape.width {
                each(output.at(i, j), input.at(i * stride, j * stride));
            }
        }
    }

    /// The pixels of a window, from its first.
    fn pixels(&self, input: &Layout) -> impl Iterator<Item = usize> + use<> {
        let ([height, width], _) = self.windows(input.shape);
        let (line, pixel) = (input.line(), input.pixel);
        (0..height).flat_map(move |i| (0..width).map(move |j| i * line + j * pixel))
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
        let (input, output) = (place.input(), place.output);
        let samples = at.x[0].chunks_exact(input.stride).zip(at.y.chunks_exact_mut(output.stride));
        let channels = output.shape.channels;
        let save = self.saves(place);
        for (n, (x, y)) in samples.enumerate() {
            y.fill(T::ZERO);
            let mut saved = at.saved[n * save..][..save].chunks_exact_mut(output.pixel);
            self.each_window(place, |to, from| {
                let y = &mut y[to..][..channels];
                let Some(saved) = saved.next() else { return self.mean_of(&input, &x[from..], y) };
                y.copy_from_slice(&x[from..][..channels]);
                saved.fill(T::ZERO);
                for (q, pixel) in self.pixels(&input).enumerate() {
                    let x = &x[from + pixel..][..channels];
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
        let share = T::of(1.0 / self.pixels(&input).count() as f64);
        for (n, (dx, dy)) in samples.enumerate() {
            dx.fill(T::ZERO);
            let mut saved = at.saved[n * save..][..save].chunks_exact(output.pixel);
            self.each_window(place, |from, to| {
                let (dy, which) = (&dy[from..][..channels], saved.next());
                for (q, pixel) in self.pixels(&input).enumerate() {
                    let dx = &mut dx[to + pixel..][..channels];
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
    fn mean_of<T: Real>(&self, input: &Layout, x: &[T], y: &mut [T]) {
        for pixel in self.pixels(input) {
            y.iter_mut().zip(&x[pixel..]).for_each(|(y, &x)| *y += x);
        }
        let share = T::of(1.0 / self.pixels(input).count() as f64);
        y.iter_mut().for_each(|y| *y = *y * share);
    }
}
