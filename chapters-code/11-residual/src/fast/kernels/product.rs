//! Products: 1 × 1 convolutions, those whose windows have been gathered, the tiles of Winograd's, and linear layers.

use backprop::kernels::{Arithmetic, Kernel};

use super::lane::{Finish, LANES, Lane, height, with_pixels};
use super::prefetch;

/// Sixteen outputs of some pixels: the terms of some inputs.
#[derive(Debug)]
pub struct Product<'a> {
    /// The inputs from the first pixel on, groups of sixteen channels.
    pub x: &'a [Lane],
    /// From one group to the next.
    pub stride: usize,
    /// The weights of each input.
    pub weights: &'a [Lane],
    /// Where the sums begin; nothing where they go on from what is stored.
    pub begin: Option<Lane>,
    /// What comes behind the last term; nothing where others are still to come.
    pub finish: Option<Finish<'a>>,
    /// The weights that are read next, which are asked for meanwhile.
    pub next: &'a [Lane],
    /// The output, as many pixels as it has.
    pub y: &'a mut [Lane],
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let mut done = 0;
        // So many of the next weights for each tile and each sixteen inputs that all have been asked for at the end.
        let groups = self.weights.len().div_ceil(LANES);
        let each = self.next.len().div_ceil((self.y.len().div_ceil(6) * groups).max(1));
        let mut from = 0;
        while done < self.y.len() {
            let pixels = height(self.y.len() - done);
            let ahead = Ahead { lanes: &self.next[from.min(self.next.len())..], each };
            with_pixels!(pixels, self.tile(done, ahead));
            from += each * groups;
            if let Some(finish) = self.finish {
                finish.apply(done, &mut self.y[done..done + pixels]);
            }
            done += pixels;
        }
    }
}

/// Weights that are asked for while sums run.
#[derive(Clone, Copy, Debug)]
struct Ahead<'a> {
    lanes: &'a [Lane],
    /// How many at a time.
    each: usize,
}

impl Ahead<'_> {
    /// Asks for part `i` of them.
    #[inline(always)]
    fn ask(self, i: usize) {
        self.lanes.iter().skip(i * self.each).take(self.each).for_each(prefetch::far);
    }
}

impl Product<'_> {
    // ANCHOR: sums
    /// Adds the terms of all inputs to the sums of `R` pixels from `first`.
    #[inline(always)]
    fn sums<A: Arithmetic, const R: usize>(
        &self,
        (first, ahead): (usize, Ahead<'_>),
        mut sums: [Lane; R],
    ) -> [Lane; R] {
        for (group, weights) in self.weights.chunks(LANES).enumerate() {
            let x = &self.x[group * self.stride + first..][..R];
            ahead.ask(group);
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

    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(&mut self, done: usize, ahead: Ahead<'_>) {
        self.y[done..][..R].iter().for_each(prefetch::near);
        if let Some(Finish { add: Some(add), .. }) = self.finish {
            add[done..][..R].iter().for_each(prefetch::near);
        }
        if let Some(begin) = self.begin {
            let sums = self.sums::<A, R>((done, ahead), [begin; R]);
            self.y[done..][..R].copy_from_slice(&sums);
        } else {
            let mut sums = [Lane::default(); R];
            sums.copy_from_slice(&self.y[done..][..R]);
            let sums = self.sums::<A, R>((done, ahead), sums);
            self.y[done..][..R].copy_from_slice(&sums);
        }
    }
}

/// How many lanes of inputs ahead the weights of a row are asked for.
const AHEAD: usize = 3;

/// Sixteen sums of a layer on a row of numbers.
#[derive(Debug)]
pub struct Row<'a> {
    /// Its inputs, sixteen in a lane.
    pub x: &'a [Lane],
    /// The weights of each input.
    pub weights: &'a [Lane],
    /// Where the sums begin.
    pub bias: Lane,
}

impl Kernel for Row<'_> {
    type Output = Lane;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Lane {
        // Four sums at a time, so that one multiply-add need not wait for the one before.
        let mut sums = [Lane::default(); 4];
        sums[0] = self.bias;
        for (i, (x, weights)) in self.x.iter().zip(self.weights.chunks(LANES)).enumerate() {
            let ahead = self.weights.get((i + AHEAD) * LANES..).unwrap_or(&[]);
            ahead.iter().take(LANES).for_each(prefetch::near);
            for k in 0..weights.len().min(LANES) {
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
