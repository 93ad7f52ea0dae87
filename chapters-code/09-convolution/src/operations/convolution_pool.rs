//! A 3 × 3 convolution with padding 1, ReLU and 2 × 2 max-pooling, in one.
//!
//! `x` is `(N, C, H, W)`, `w` is `(O, C, 3, 3)`, `b` is `(O)`, `y` is `(N, O, H/2, W/2)`; `H` and `W` are even. It
//! gives what [`Convolution`](super::Convolution) and then [`Pool`](super::Pool) give, and is fast for two reasons:
//!
//! - Forward: the four outputs under a pooling window stay in registers, so only the largest is ever written.
//! - Backward: of the four, only the largest has a gradient, and only where ReLU let it pass. What is saved is which
//!   one it was. So each output of the pool costs one window instead of four, and the rest is skipped.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use backprop::kernels::{Arithmetic, Kernel, LANES};
use backprop::{
    Backward, Block, Forward, Layout, Memory, Needs, Operation, Outline, Packing, Piece, Place,
    Plain, Real, Result, Shape, Size, Weight, Whole, exactly,
};

use super::fault;

/// Side of the kernel.
const SIDE: usize = 3;

/// What is saved where ReLU let nothing pass; else which of the four was the largest, from 0.
const DEAD: f64 = 4.0;

/// The most outputs: a set of them is one 64-bit word for each pooling window.
const MOST: usize = 64;

/// `maxpool₂ₓ₂(relu(conv₃ₓ₃(x)))`.
#[derive(Clone, Copy, Debug)]
pub struct ConvolutionPool {
    channels: usize,
    outputs: usize,
}

impl ConvolutionPool {
    /// From `channels` to `outputs`, at most 64.
    pub fn new(channels: usize, outputs: usize) -> Self {
        ConvolutionPool { channels, outputs }
    }

    fn panels(&self) -> usize {
        self.outputs.div_ceil(LANES)
    }

    /// Numbers that say which of the four outputs under each pooling window was the largest.
    fn saves(&self, place: &Place) -> usize {
        place.output.shape.positions() * self.panels() * LANES
    }
}

/// The image as the kernels see it.
#[derive(Clone, Copy)]
struct Grid {
    /// Where the window of the first output begins.
    corner: usize,
    /// Numbers from row to row of the input.
    line: usize,
    /// Numbers of a pixel of the input.
    pixel: usize,
    /// Numbers under a row of the kernel.
    run: usize,
    /// Rows and columns of pooling windows.
    windows: [usize; 2],
}

impl Grid {
    fn of(place: &Place) -> Grid {
        let Layout { pixel, shape, .. } = place.input();
        let line = place.input().line();
        let corner = place.input().at(0, 0) - line - pixel;
        let windows = [shape.height / 2, shape.width / 2];
        Grid { corner, line, pixel, run: SIDE * pixel, windows }
    }

    /// Where row `row` of the kernel reads for output `which` of the four of a pooling window.
    #[inline(always)]
    fn at(&self, [i, j]: [usize; 2], which: usize, row: usize) -> usize {
        self.corner + (2 * i + which / 2 + row) * self.line + (2 * j + which % 2) * self.pixel
    }
}

impl<T: Real> Operation<T> for ConvolutionPool {
    fn name(&self) -> &'static str {
        "convolution with pool"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if self.outputs == 0 || self.outputs > MOST {
            let what = format!("{} outputs", self.outputs);
            return fault(what, "give it 1 to 64, or use a convolution and a pool");
        }
        if input.channels != self.channels {
            let what = format!("it takes {} channels and its input is {input}", self.channels);
            return fault(what, "make the two agree");
        }
        if !input.height.is_multiple_of(2) || !input.width.is_multiple_of(2) {
            let what = format!("its input is {input}, which 2 × 2 windows do not tile");
            return fault(what, "give an even height and width");
        }
        let output = Shape::image(self.outputs, input.height / 2, input.width / 2);
        let weights = SIDE * SIDE * self.channels * self.outputs;
        let multiply_adds = (weights * input.positions()) as u64;
        Ok(Outline { border: 1, multiply_adds, ..output.into() })
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let ConvolutionPool { channels, outputs } = *self;
        let packing = Sixteen { channels, panels: self.panels(), pixel: place.input().pixel };
        let shape = vec![outputs, channels, SIDE, SIDE];
        let weight = Weight::matrix("weight", shape, channels * SIDE * SIDE, packing);
        // Whole panels, which the kernels read.
        let packing = Box::new(Plain(self.panels() * LANES));
        let bias = Weight { packing, ..Weight::plain("bias", vec![outputs]) };
        let memory = Memory { sample: self.saves(place), shard: 0 };
        Needs { weights: vec![weight, bias], memory, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let save = self.saves(place);
        let bias = &at.weights.get(1)[0].weights;
        let samples = at.x[0].chunks_exact(input.stride).zip(at.y.chunks_exact_mut(output.stride));
        for ((x, y), saved) in samples.zip(at.saved.chunks_exact_mut(save)) {
            output.clear_border(y);
            for (panel, block) in at.weights.get(0).iter().enumerate() {
                T::vectorised(Panel {
                    grid: Grid::of(place),
                    x,
                    w: &block.second,
                    bias: &bias[panel * LANES..],
                    y: &mut y[output.at(0, 0) + panel * LANES..],
                    y_steps: [output.line(), output.pixel],
                    saved: &mut saved[panel * LANES..],
                    step: self.panels() * LANES,
                    four: &mut [[T::ZERO; LANES]; 4],
                });
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let save = self.saves(place);
        let [dx, ..] = at.dx;
        let samples = dx.chunks_exact_mut(input.stride).zip(at.dy.chunks_exact(output.stride));
        for ((dx, dy), saved) in samples.zip(at.saved.chunks_exact(save)) {
            dx.fill(T::ZERO);
            T::vectorised(Spread {
                grid: Grid::of(place),
                blocks: at.weights.get(0),
                dx,
                dy: &dy[output.at(0, 0)..],
                dy_steps: [output.line(), output.pixel],
                saved,
            });
        }
    }

    fn gradient(&self, place: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        let (input, output) = (place.input(), place.output);
        let save = self.saves(place);
        if !of.add {
            gradient.fill(T::ZERO);
        }
        let samples = whole.x[0].chunks_exact(input.stride);
        let samples = samples.zip(whole.dy.chunks_exact(output.stride));
        for ((x, dy), saved) in samples.zip(whole.saved.chunks_exact(save)).take(whole.rows) {
            let dy = &dy[output.at(0, 0)..];
            let grid = Grid::of(place);
            let dy_steps = [output.line(), output.pixel];
            if of.weight == 1 {
                T::vectorised(Bias { grid, dy, dy_steps, saved, db: gradient });
                continue;
            }
            let (dy, saved) = (&dy[of.block * LANES..], &saved[of.block * LANES..]);
            let step = self.panels() * LANES;
            let four = &mut [[T::ZERO; LANES]; 4];
            T::vectorised(Collect { grid, x, dy, dy_steps, saved, step, dw: gradient, four });
        }
    }
}

/// How a kernel of 3 × 3 is packed: a block for each sixteen outputs, `[row][16][3 · C]`, as the backward reads and
/// writes it. Its second copy is a panel for the forward, `[row][3 · C][16]`.
#[derive(Clone, Copy, Debug)]
struct Sixteen {
    channels: usize,
    panels: usize,
    /// Numbers of a pixel of the input.
    pixel: usize,
}

impl<T: Real> Packing<T> for Sixteen {
    fn blocks(&self) -> Vec<Size> {
        let weights = SIDE * SIDE * self.pixel * LANES;
        vec![Size { weights, second: weights, pieces: 1 }; self.panels]
    }

    fn home(&self, i: usize) -> (usize, usize) {
        let window = SIDE * SIDE;
        let (output, channel) = (i / (self.channels * window), i / window % self.channels);
        let (row, column) = (i / SIDE % SIDE, i % SIDE);
        let line = row * LANES + output % LANES;
        (output / LANES, (line * SIDE + column) * self.pixel + channel)
    }

    fn renew(&self, _: usize, block: &mut Block<T>) {
        let run = SIDE * self.pixel;
        let Block { weights, second, .. } = block;
        let rows = weights.chunks_exact(run * LANES).zip(second.chunks_exact_mut(run * LANES));
        for (from, to) in rows {
            for (o, from) in from.chunks_exact(run).enumerate() {
                from.iter().enumerate().for_each(|(i, &w)| to[i * LANES + o] = w);
            }
        }
    }
}

/// The forward of sixteen outputs of an image.
struct Panel<'a, T> {
    grid: Grid,
    x: &'a [T],
    w: &'a [T],
    bias: &'a [T],
    y: &'a mut [T],
    y_steps: [usize; 2],
    saved: &'a mut [T],
    step: usize,
    /// The four outputs under the pooling window in work.
    four: &'a mut [[T; LANES]; 4],
}

impl<T: Real> Kernel for Panel<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let [rows, columns] = self.grid.windows;
        for i in 0..rows {
            for j in 0..columns {
                self.four_outputs::<A>([i, j]);
                self.largest([i, j]);
            }
        }
    }
}

impl<T: Real> Panel<'_, T> {
    // ANCHOR: four
    /// The four outputs under a pooling window, sixteen channels of each, without bias.
    #[inline(always)]
    fn four_outputs<A: Arithmetic>(&mut self, window: [usize; 2]) {
        let Grid { run, .. } = self.grid;
        let mut sums = [[T::ZERO; LANES]; 4];
        for row in 0..SIDE {
            let at = |q| self.grid.at(window, q, row);
            let x: [&[T]; 4] = std::array::from_fn(|q| &self.x[at(q)..][..run]);
            let w = &self.w[row * run * LANES..][..run * LANES];
            for i in 0..run {
                let w = &w[i * LANES..][..LANES];
                for q in 0..4 {
                    for l in 0..LANES {
                        sums[q][l] = A::mul_add(x[q][i], w[l], sums[q][l]);
                    }
                }
            }
        }
        *self.four = sums;
    }
    // ANCHOR_END: four

    /// Of the four, the first largest: with bias and ReLU to the output, and which it was to be saved.
    #[inline(always)]
    fn largest(&mut self, [i, j]: [usize; 2]) {
        let y = &mut self.y[i * self.y_steps[0] + j * self.y_steps[1]..][..LANES];
        let saved = &mut self.saved[(i * self.grid.windows[1] + j) * self.step..][..LANES];
        let four: &[[T; LANES]; 4] = self.four;
        let (mut values, mut indices, mut bias) =
            ([T::ZERO; LANES], [T::ZERO; LANES], [T::ZERO; LANES]);
        bias.copy_from_slice(&self.bias[..LANES]);
        for l in 0..LANES {
            let [a, b, c, d] = [four[0][l], four[1][l], four[2][l], four[3][l]];
            let largest = d.maximum(c).maximum(b).maximum(a);
            let which = if c == largest { T::of(2.0) } else { T::of(3.0) };
            let which = if b == largest { T::ONE } else { which };
            let which = if a == largest { T::ZERO } else { which };
            let z = largest + bias[l];
            // A NaN stays one, so that the loss shows it.
            values[l] = if z <= T::ZERO { T::ZERO } else { z };
            indices[l] = if z <= T::ZERO { T::of(DEAD) } else { which };
        }
        y.copy_from_slice(&values);
        saved.copy_from_slice(&indices);
    }
}

/// The gradient of an image: each output that is alive spreads its gradient over the window it came from.
struct Spread<'a, T> {
    grid: Grid,
    blocks: &'a [Block<T>],
    dx: &'a mut [T],
    dy: &'a [T],
    dy_steps: [usize; 2],
    saved: &'a [T],
}

/// The most pooling windows whose sets of outputs are made at once.
const AT_ONCE: usize = 16;

impl<T: Real> Kernel for Spread<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let [rows, columns] = self.grid.windows;
        for i in 0..rows {
            for first in (0..columns).step_by(AT_ONCE) {
                let part = first..columns.min(first + AT_ONCE);
                let sets = self.sets(i, part.clone());
                // One row of the kernel for all windows, so that its weights stay in the cache.
                for row in 0..SIDE {
                    for (j, sets) in part.clone().zip(&sets) {
                        for (which, &set) in sets.iter().enumerate() {
                            self.window::<A>([i, j], which, row, set);
                        }
                    }
                }
            }
        }
    }
}

impl<T: Real> Spread<'_, T> {
    /// For each window and each of the four, which outputs have their gradient there: one bit each.
    #[inline(always)]
    fn sets(&self, i: usize, part: std::ops::Range<usize>) -> [[u64; 4]; AT_ONCE] {
        let outputs = self.blocks.len() * LANES;
        let mut sets = [[0; 4]; AT_ONCE];
        for (j, set) in part.zip(&mut sets) {
            let which = &self.saved[(i * self.grid.windows[1] + j) * outputs..][..outputs];
            for (panel, which) in which.chunks_exact(LANES).enumerate() {
                for (q, set) in set.iter_mut().enumerate() {
                    *set |= equal(which, T::of(q as f64)) << (panel * LANES);
                }
            }
        }
        sets
    }

    /// Adds `Σ dy[o] · w[o]` over a set of outputs to the run of inputs under a row of the kernel.
    #[inline(always)]
    fn window<A: Arithmetic>(&mut self, window: [usize; 2], which: usize, row: usize, set: u64) {
        let Grid { run, .. } = self.grid;
        let at = self.grid.at(window, which, row);
        let dy = &self.dy[window[0] * self.dy_steps[0] + window[1] * self.dy_steps[1]..];
        let dx = &mut self.dx[at..][..run];
        if run.is_multiple_of(WIDE) {
            for (part, dx) in dx.chunks_exact_mut(WIDE).enumerate() {
                add_set::<T, A, WIDE>(self.blocks, dy, [row, run, part * WIDE], set, dx);
            }
        } else {
            for (part, dx) in dx.chunks_exact_mut(LANES).enumerate() {
                add_set::<T, A, LANES>(self.blocks, dy, [row, run, part * LANES], set, dx);
            }
        }
    }
}

/// Numbers that are summed in twelve registers of eight `f32`: three pixels of 32 channels.
const WIDE: usize = 96;

/// One bit for each of sixteen numbers: whether it is `value`.
#[inline(always)]
fn equal<T: Real>(numbers: &[T], value: T) -> u64 {
    let mut bits = 0_u16;
    for (l, &number) in numbers[..LANES].iter().enumerate() {
        bits |= u16::from(number == value) << l;
    }
    bits.into()
}

// ANCHOR: set
#[inline(always)]
fn add_set<T: Real, A: Arithmetic, const N: usize>(
    blocks: &[Block<T>],
    dy: &[T],
    [row, run, from]: [usize; 3],
    mut set: u64,
    dx: &mut [T],
) {
    let mut sums = [T::ZERO; N];
    sums.copy_from_slice(dx);
    while set != 0 {
        let o = set.trailing_zeros() as usize;
        set &= set - 1;
        let w = &blocks[o / LANES].weights[(row * LANES + o % LANES) * run + from..][..N];
        let g = dy[o];
        for l in 0..N {
            sums[l] = A::mul_add(g, w[l], sums[l]);
        }
    }
    dx.copy_from_slice(&sums);
}
// ANCHOR_END: set

/// The gradient of the weights of sixteen outputs from one image.
struct Collect<'a, T> {
    grid: Grid,
    x: &'a [T],
    dy: &'a [T],
    dy_steps: [usize; 2],
    saved: &'a [T],
    step: usize,
    dw: &'a mut [T],
    /// The gradients of the four outputs under the pooling window in work.
    four: &'a mut [[T; LANES]; 4],
}

impl<T: Real> Kernel for Collect<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        if self.grid.run.is_multiple_of(WIDE) {
            self.sparse::<A, WIDE>();
        } else if self.grid.run.is_multiple_of(LANES) {
            self.sparse::<A, LANES>();
        } else {
            self.dense::<A>();
        }
    }
}

/// The most pooling windows that are listed at once.
const LISTED: usize = 128;

impl<T: Real> Collect<'_, T> {
    /// Output by output, the windows where it is alive: `dw += dy · x`, a run at a time.
    #[inline(always)]
    fn sparse<A: Arithmetic, const N: usize>(&mut self) {
        let [rows, columns] = self.grid.windows;
        let (mut places, mut gradients) = ([0_usize; LISTED], [T::ZERO; LISTED]);
        let at_once = (LISTED / columns).max(1);
        for first in (0..rows).step_by(at_once) {
            // A row that is too long for the list goes in parts.
            for column in (0..columns).step_by(LISTED) {
                let part = [first..rows.min(first + at_once), column..columns.min(column + LISTED)];
                for o in 0..LANES {
                    let n = self.list(o, part.clone(), &mut places, &mut gradients);
                    self.add::<A, N>(o, &places[..n], &gradients[..n]);
                }
            }
        }
    }

    /// Adds what an output owes from the windows of a list.
    #[inline(always)]
    fn add<A: Arithmetic, const N: usize>(&mut self, o: usize, places: &[usize], gradients: &[T]) {
        let run = self.grid.run;
        for row in 0..SIDE {
            let dw = &mut self.dw[(row * LANES + o) * run..][..run];
            for (chunk, dw) in dw.chunks_exact_mut(N).enumerate() {
                let x = &self.x[row * self.grid.line + chunk * N..];
                add_list::<T, A, N>(x, places, gradients, dw);
            }
        }
    }

    /// Where an output is alive in some rows and columns of windows: where its window begins, and its gradient.
    #[inline(always)]
    fn list(
        &self,
        o: usize,
        [rows, part]: [std::ops::Range<usize>; 2],
        places: &mut [usize; LISTED],
        gradients: &mut [T; LISTED],
    ) -> usize {
        let columns = self.grid.windows[1];
        let mut n = 0;
        for i in rows {
            for j in part.clone() {
                let which = self.saved[(i * columns + j) * self.step + o];
                let q = which.to_index();
                // Written always and counted only where alive: no branch to guess.
                places[n] = self.grid.at([i, j], q, 0);
                gradients[n] = self.dy[i * self.dy_steps[0] + j * self.dy_steps[1] + o];
                n += usize::from(q < 4);
            }
        }
        n
    }

    /// For images of few channels: all four outputs under each window, with zeros for those that are not alive.
    #[inline(always)]
    fn dense<A: Arithmetic>(&mut self) {
        let Grid { run, windows: [rows, columns], .. } = self.grid;
        for row in 0..SIDE {
            for from in (0..run).step_by(SIDE) {
                let mut sums = [[T::ZERO; LANES]; SIDE];
                for i in 0..rows {
                    for j in 0..columns {
                        self.alive([i, j]);
                        for (q, g) in self.four.iter().enumerate() {
                            let x = &self.x[self.grid.at([i, j], q, row) + from..][..SIDE];
                            for t in 0..SIDE {
                                for l in 0..LANES {
                                    sums[t][l] = A::mul_add(x[t], g[l], sums[t][l]);
                                }
                            }
                        }
                    }
                }
                // Through memory, so that the compiler keeps sixteen sums in two registers.
                self.four[..SIDE].copy_from_slice(&sums);
                for (t, sums) in self.four[..SIDE].iter().enumerate() {
                    for (o, &sum) in sums.iter().enumerate() {
                        self.dw[(row * LANES + o) * run + from + t] += sum;
                    }
                }
            }
        }
    }

    /// The gradients of the four outputs under a pooling window, zero where not alive.
    #[inline(always)]
    fn alive(&mut self, [i, j]: [usize; 2]) {
        let dy = &self.dy[i * self.dy_steps[0] + j * self.dy_steps[1]..][..LANES];
        let which = &self.saved[(i * self.grid.windows[1] + j) * self.step..][..LANES];
        // All is read before anything is written, so that no write could change what is read.
        let (mut g, mut index) = ([T::ZERO; LANES], [T::ZERO; LANES]);
        g.copy_from_slice(dy);
        index.copy_from_slice(which);
        let mut four = [[T::ZERO; LANES]; 4];
        for q in 0..4 {
            for l in 0..LANES {
                four[q][l] = if index[l] == T::of(q as f64) { g[l] } else { T::ZERO };
            }
        }
        *self.four = four;
    }
}

#[inline(always)]
fn add_list<T: Real, A: Arithmetic, const N: usize>(
    x: &[T],
    places: &[usize],
    gradients: &[T],
    dw: &mut [T],
) {
    let mut sums = [T::ZERO; N];
    sums.copy_from_slice(dw);
    for (&place, &g) in places.iter().zip(gradients) {
        let x = &x[place..][..N];
        for l in 0..N {
            sums[l] = A::mul_add(g, x[l], sums[l]);
        }
    }
    dw.copy_from_slice(&sums);
}

/// The gradient of the bias from one image.
struct Bias<'a, T> {
    grid: Grid,
    dy: &'a [T],
    dy_steps: [usize; 2],
    saved: &'a [T],
    db: &'a mut [T],
}

impl<T: Real> Kernel for Bias<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let [rows, columns] = self.grid.windows;
        for i in 0..rows {
            for j in 0..columns {
                let dy = &self.dy[i * self.dy_steps[0] + j * self.dy_steps[1]..];
                let saved = &self.saved[(i * columns + j) * self.db.len()..];
                for ((db, &dy), &which) in self.db.iter_mut().zip(dy).zip(saved) {
                    *db += if which < T::of(DEAD) { dy } else { T::ZERO };
                }
            }
        }
    }
}
