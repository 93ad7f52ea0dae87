//! The steps at work.

use std::ops::Range;

use backprop::kernels::threads::Threads;
use ndarray::ArrayView3;

use super::kernels::after::{After, Scale};
use super::kernels::blocks::{self, Block, Place};
use super::kernels::depthwise::Depthwise;
use super::kernels::lane::{Finish, LANES, Lane};
use super::kernels::pool::{MaxPool, Mean};
use super::kernels::product::{Product, Row};
use super::kernels::stem::Stem;
use super::kernels::winograd::{Form, Four, Input, Output, Two};
use super::plan::{Dense, Step, Work};
use super::workspace::{Map, Scratch, Way, Workspace, room};
use crate::description::{Activation, hard_sigmoid};

/// Inputs whose weights stay in the first cache while the pixels of a block pass by.
const DEPTH: usize = 16 * LANES;
/// Lanes of a block of pixels that stay in the second cache while the panels pass by.
const BLOCK: usize = 3 * 1024;
/// Lanes of a block of products, before they are transformed back.
const PRODUCTS: usize = 4 * 1024;
/// Tiles of a block.
const TILES: usize = 64;
/// Lanes of a band of rows with a border.
const BAND: usize = 1024;
/// Blocks of a layer, at least, so that threads are done at about the same time.
const SHARES: usize = 8;
/// Multiply-adds that are not worth to wake another thread for.
const FEW: usize = 64 * 1024;

/// What all blocks of a step share.
#[derive(Clone, Copy, Debug)]
struct Task<'a> {
    way: Way,
    scratch: &'a Scratch,
    x: &'a Map,
    add: Option<&'a Map>,
    activation: Activation,
}

/// What a product reads: groups of sixteen inputs, in each a lane for each pixel.
#[derive(Clone, Copy, Debug)]
struct Seen<'a> {
    lanes: &'a [Lane],
    pixels: usize,
}

/// A step at work.
#[derive(Debug)]
struct Run<'a> {
    task: Task<'a>,
    threads: &'a mut Threads,
    gathered: &'a mut Vec<Lane>,
    rows: &'a mut [Vec<Lane>; 2],
}

/// Runs a step.
pub fn step(space: &mut Workspace, step: &Step, image: ArrayView3<'_, f32>) {
    let mut y = std::mem::take(&mut space.maps[step.to]);
    let Workspace { way, threads, scratch, maps, gathered, rows, image: pixels } = space;
    let own = step.work.layers().next().map_or(Activation::None, |dense| dense.activation);
    let (add, activation) = match step.add {
        Some((map, activation)) => (Some(&maps[map]), activation),
        None => (None, own),
    };
    let (way, x) = (*way, &maps[step.from]);
    let task = Task { way, scratch, x, add, activation };
    let mut run = Run { task, threads, gathered, rows };
    match &step.work {
        Work::Load => load(image, &mut y),
        Work::Stem(dense) => {
            border(pixels, dense, image);
            match dense.stride {
                1 => run.stem::<1>(dense, pixels, image.dim(), &mut y),
                _ => run.stem::<2>(dense, pixels, image.dim(), &mut y),
            }
        }
        Work::Product(dense) => run.product(dense, &mut y),
        Work::Gathered(dense) => run.gathered(dense, &mut y),
        Work::Two(dense) => run.winograd(Two, dense, &mut y),
        Work::Four(dense) => run.winograd(Four, dense, &mut y),
        Work::Depthwise(dense) => match dense.stride {
            1 => run.depthwise::<1>(dense, &mut y),
            _ => run.depthwise::<2>(dense, &mut y),
        },
        Work::MaxPool => run.max_pool(&mut y),
        Work::Gate(one, two) => {
            if step.from != step.to {
                y.resize(x.channels, x.size()).copy_from_slice(x.lanes());
            }
            run.gate(one, two, &mut y);
        }
        Work::Mean => run.mean(&mut y),
        Work::Linear(dense) => run.linear(dense, &mut y),
        Work::Add(_) => run.sum(&mut y),
    }
    space.maps[step.to] = y;
}

/// The image as a map.
fn load(image: ArrayView3<'_, f32>, y: &mut Map) {
    let (channels, height, width) = image.dim();
    let lanes = y.resize(channels, (height, width));
    lanes.fill(Lane::default());
    for ((c, i, j), &x) in image.indexed_iter() {
        lanes[c / LANES * height * width + i * width + j].0[c % LANES] = x;
    }
}

/// Pixels that the windows of `n` outputs see along a line.
fn seen(dense: &Dense, n: usize) -> usize {
    (n - 1) * dense.stride + dense.window
}

/// Copies the image into a border of zeros.
fn border(to: &mut Vec<f32>, dense: &Dense, image: ArrayView3<'_, f32>) {
    let (channels, height, width) = image.dim();
    let (high, wide) = (seen(dense, dense.output(height)), seen(dense, dense.output(width)));
    let before = dense.window / 2;
    let to = room(to, channels * high * wide);
    to.fill(0.0);
    for (to, image) in to.chunks_mut(high * wide).zip(image.outer_iter()) {
        for (to, row) in to.chunks_mut(wide).skip(before).zip(image.outer_iter()) {
            to.iter_mut().skip(before).zip(row).for_each(|(to, x)| *to = *x);
        }
    }
}

/// How a product is cut: groups of panels, and blocks of pixels of which the inputs stay in the second cache.
fn cut(pixels: usize, depth: usize, panels: usize) -> (usize, usize) {
    if pixels * depth * panels * LANES <= FEW {
        return (panels, pixels);
    }
    let most = (BLOCK * LANES / depth.min(DEPTH)).max(12);
    let wide = pixels.div_ceil(pixels.div_ceil(most)).next_multiple_of(6);
    (panels.div_ceil(SHARES.div_ceil(pixels.div_ceil(wide))), wide)
}

impl<'a> Task<'a> {
    /// What comes behind the sums of group `q` from pixel `first` of the output.
    fn finish(&self, q: usize, first: usize) -> Finish<'a> {
        if self.way.apart {
            return Finish::default();
        }
        let add = self.add.map(|map| &map.lanes()[q * map.pixels() + first..]);
        Finish { add, activation: self.activation }
    }

    /// Where the sums of group `q` begin.
    fn begin(&self, dense: &Dense, q: usize) -> Lane {
        if self.way.apart { Lane::default() } else { dense.packed.bias(q) }
    }

    // ANCHOR: products
    /// One block of a product: for each part of the inputs, for each panel of
    /// sixteen outputs, all pixels of the block.
    fn products(&self, dense: &Dense, x: Seen<'_>, place: &Place, block: &mut Block<'_>) {
        let (all, first) = (dense.packed.each(), place.pixels.start);
        for from in (0..all).step_by(DEPTH) {
            let inputs = from..(from + DEPTH).min(all);
            for (i, q) in place.groups.clone().enumerate() {
                self.way.run(Product {
                    x: &x.lanes[from / LANES * x.pixels + first..],
                    stride: x.pixels,
                    weights: &dense.packed.weights(q)[inputs.clone()],
                    begin: (from == 0).then(|| self.begin(dense, q)),
                    finish: (inputs.end == all).then(|| self.finish(q, first)),
                    next: self.next(dense, place, q, &inputs),
                    y: block.group(i),
                });
            }
        }
    }
    // ANCHOR_END: products

    /// The weights behind those of panel `q` for some inputs.
    fn next<'d>(
        &self,
        dense: &'d Dense,
        place: &Place,
        q: usize,
        inputs: &Range<usize>,
    ) -> &'d [Lane] {
        if q + 1 < place.groups.end {
            return &dense.packed.weights(q + 1)[inputs.clone()];
        }
        let end = (inputs.end + DEPTH).min(dense.packed.each());
        &dense.packed.weights(place.groups.start)[inputs.end..end]
    }
}

impl Run<'_> {
    /// What was not done when sums were stored, a pass for each.
    fn after(&mut self, dense: &Dense, y: &mut Map) {
        let Task { way, add, activation, .. } = self.task;
        if !way.apart {
            return;
        }
        let (pixels, size) = (y.pixels(), y.size());
        let y = y.resize(dense.outputs, size);
        let mut pass = |task: &(dyn Fn(usize, &mut [Lane]) + Sync)| {
            blocks::each(self.threads, y, pixels, (1, pixels), |place, mut block| {
                task(place.groups.start, block.group(0));
            });
        };
        pass(&|q, y| {
            let (scale, shift) = (Lane([1.0; LANES]), dense.packed.bias(q));
            way.run(After::Norm { scale, shift, y });
        });
        if let Some(add) = add {
            pass(&|q, y| {
                let add = Some(&add.lanes()[q * pixels..]);
                way.run(After::Finish { finish: Finish { add, activation: Activation::None }, y });
            });
        }
        if activation != Activation::None {
            pass(&|_, y| way.run(After::Finish { finish: Finish { add: None, activation }, y }));
        }
    }

    fn stem<const S: usize>(
        &mut self,
        dense: &Dense,
        image: &[f32],
        (_, height, width): (usize, usize, usize),
        y: &mut Map,
    ) {
        let size = (dense.output(height), dense.output(width));
        let (stride, colour) = (seen(dense, size.1), seen(dense, size.1) * seen(dense, size.0));
        let lanes = y.resize(dense.outputs, size);
        let (task, width) = (self.task, size.1);
        let strip = size.0.div_ceil(4 * SHARES) * width;
        let (all, cut) = (size.0 * width, (dense.packed.panels(), strip));
        blocks::each(self.threads, lanes, all, cut, |place, mut block| {
            let first = place.pixels.start;
            for (i, q) in place.groups.enumerate() {
                task.way.run(Stem::<'_, S> {
                    x: &image[S * (first / width) * stride..],
                    colour,
                    stride,
                    window: dense.window,
                    weights: dense.packed.weights(q),
                    bias: task.begin(dense, q),
                    finish: task.finish(q, first),
                    y: block.group(i),
                    width,
                });
            }
        });
        self.after(dense, y);
    }

    fn product(&mut self, dense: &Dense, y: &mut Map) {
        let (task, pixels) = (self.task, self.task.x.pixels());
        let lanes = y.resize(dense.outputs, task.x.size());
        let x = task.x.lanes();
        let cut = cut(pixels, dense.packed.each(), dense.packed.panels());
        blocks::each(self.threads, lanes, pixels, cut, |place, mut block| {
            task.products(dense, Seen { lanes: x, pixels }, &place, &mut block);
        });
        self.after(dense, y);
    }

    /// Gathers what each place of the windows sees, and multiplies.
    fn gathered(&mut self, dense: &Dense, y: &mut Map) {
        let (task, groups) = (self.task, self.task.x.groups());
        let (height, width) = task.x.size();
        let size = (dense.output(height), dense.output(width));
        let pixels = size.0 * size.1;
        let seen = room(self.gathered, dense.window.pow(2) * groups * pixels);
        blocks::each(self.threads, seen, pixels, (1, pixels), |place, mut block| {
            let (at, g) = (place.groups.start / groups, place.groups.start % groups);
            let x = &task.x.lanes()[g * height * width..][..height * width];
            gather(dense, x, (height, width), at, size.1, block.group(0));
        });
        let lanes = y.resize(dense.outputs, size);
        let (seen, cut) = (&*seen, cut(pixels, dense.packed.each(), dense.packed.panels()));
        blocks::each(self.threads, lanes, pixels, cut, |place, mut block| {
            task.products(dense, Seen { lanes: seen, pixels }, &place, &mut block);
        });
        self.after(dense, y);
    }

    fn winograd<F: Form>(&mut self, form: F, dense: &Dense, y: &mut Map) {
        let (task, size, pixels) = (self.task, self.task.x.size(), self.task.x.pixels());
        let (high, wide) = (size.0.div_ceil(F::OUT), size.1.div_ceil(F::OUT));
        let (tiles, places) = (high * wide, F::IN * F::IN);
        let there = room(self.gathered, task.x.groups() * places * tiles);
        let each = places * tiles;
        blocks::each(self.threads, there, each, (1, each), |place, mut block| {
            let x = &task.x.lanes()[place.groups.start * pixels..][..pixels];
            task.way.run(Input { x, size, y: block.group(0), form });
        });
        let lanes = y.resize(dense.outputs, size);
        let rows = high.div_ceil(high.div_ceil((TILES / wide).max(1)));
        let shares = dense.packed.panels().div_ceil(SHARES.div_ceil(high.div_ceil(rows)));
        let groups = shares.min(PRODUCTS / (places * rows * wide)).max(1);
        let (cut, there) = ((groups, rows * F::OUT * size.1), &*there);
        blocks::each(self.threads, lanes, pixels, cut, |place, mut block| {
            let first = place.pixels.start / size.1 / F::OUT * wide;
            let count = (place.pixels.len() / size.1).div_ceil(F::OUT) * wide;
            let mut scratch = task.scratch.free();
            let sums = room(&mut scratch, places * place.groups.len() * count);
            task.tiles(dense, (there, tiles, places), first, &place, sums);
            for (i, q) in place.groups.clone().enumerate() {
                task.way.run(Output {
                    x: &sums[i * count..],
                    stride: place.groups.len() * count,
                    bias: task.begin(dense, q),
                    finish: task.finish(q, place.pixels.start),
                    y: block.group(i),
                    width: size.1,
                    form,
                });
            }
        });
        self.after(dense, y);
    }

    fn depthwise<const S: usize>(&mut self, dense: &Dense, y: &mut Map) {
        let (task, (height, width)) = (self.task, self.task.x.size());
        let (window, before) = (dense.window, dense.window / 2);
        let size = (dense.output(height), dense.output(width));
        let lanes = y.resize(dense.outputs, size);
        let band = (size.1 - 1) * S + window;
        let rows = ((BAND / band).saturating_sub(window) / S + 1).min(size.0);
        let rows = size.0.div_ceil(size.0.div_ceil(rows));
        let high = if rows == size.0 { dense.packed.panels().div_ceil(SHARES) } else { 1 };
        let (pixels, cut) = (size.0 * size.1, (high, rows * size.1));
        blocks::each(self.threads, lanes, pixels, cut, |place, mut block| {
            let mut scratch = task.scratch.free();
            let rows = place.pixels.len() / size.1;
            let x = room(&mut scratch, ((rows - 1) * S + window) * band);
            let first = place.pixels.start / size.1 * S;
            for (i, q) in place.groups.clone().enumerate() {
                let image = &task.x.lanes()[q * height * width..][..height * width];
                surround(image, (height, width), (first, before), band, x);
                task.way.run(Depthwise::<'_, S> {
                    x,
                    window,
                    stride: band,
                    weights: dense.packed.weights(q),
                    bias: task.begin(dense, q),
                    finish: task.finish(q, place.pixels.start),
                    y: block.group(i),
                    width: size.1,
                });
            }
        });
        self.after(dense, y);
    }

    fn max_pool(&mut self, y: &mut Map) {
        let (task, (height, width)) = (self.task, self.task.x.size());
        let size = ((height - 1) / 2 + 1, (width - 1) / 2 + 1);
        let lanes = y.resize(task.x.channels, size);
        let cut = (1, size.0.div_ceil(2) * size.1);
        blocks::each(self.threads, lanes, size.0 * size.1, cut, |place, mut block| {
            let x = &task.x.lanes()[place.groups.start * height * width..][..height * width];
            let first = place.pixels.start / size.1;
            let (y, size, width) = (block.group(0), (height, width), size.1);
            task.way.run(MaxPool { x, size, y, first, width });
        });
    }

    fn gate(&mut self, one: &Dense, two: &Dense, y: &mut Map) {
        let Task { way, .. } = self.task;
        let (channels, size, pixels) = (y.channels, y.size(), y.pixels());
        let [means, between] = &mut *self.rows;
        let means = room(means, channels.div_ceil(LANES));
        let share = (means.len().div_ceil(SHARES), 1);
        let lanes = y.resize(channels, size);
        let x = &*lanes;
        blocks::each(self.threads, means, 1, share, |place, mut block| {
            for (i, q) in place.groups.enumerate() {
                block.group(i)[0] = way.run(Mean { x: &x[q * pixels..][..pixels] });
            }
        });
        let between = room(between, one.packed.panels());
        row(self.threads, way, one, means, between);
        row(self.threads, way, two, between, means);
        means.iter_mut().flat_map(|lane| &mut lane.0).for_each(|z| *z = hard_sigmoid(*z));
        let means = &*means;
        blocks::each(self.threads, lanes, pixels, (share.0, pixels), |place, mut block| {
            for (i, q) in place.groups.enumerate() {
                way.run(Scale { by: means[q], y: block.group(i) });
            }
        });
    }

    fn mean(&mut self, y: &mut Map) {
        let Task { way, x, .. } = self.task;
        let (pixels, lanes) = (x.pixels(), x.lanes());
        let means = y.resize(x.channels, (1, 1));
        let cut = (means.len().div_ceil(SHARES), 1);
        blocks::each(self.threads, means, 1, cut, |place, mut block| {
            for (i, q) in place.groups.enumerate() {
                block.group(i)[0] = way.run(Mean { x: &lanes[q * pixels..][..pixels] });
            }
        });
    }

    fn linear(&mut self, dense: &Dense, y: &mut Map) {
        let Task { way, x, .. } = self.task;
        let sums = y.resize(dense.outputs, (1, 1));
        if x.pixels() == 1 {
            row(self.threads, way, dense, x.lanes(), sums);
            return;
        }
        let long = room(&mut self.rows[0], dense.inputs.div_ceil(LANES));
        let to = long.iter_mut().flat_map(|lane| &mut lane.0);
        to.zip(x.numbers()).for_each(|(to, x)| *to = x);
        row(self.threads, way, dense, long, sums);
    }

    /// Two maps, added.
    fn sum(&mut self, y: &mut Map) {
        let Task { way, x, add, activation, .. } = self.task;
        let pixels = x.pixels();
        let lanes = y.resize(x.channels, x.size());
        blocks::each(self.threads, lanes, pixels, (1, pixels), |place, mut block| {
            let from = place.groups.start * pixels;
            let y = block.group(0);
            y.copy_from_slice(&x.lanes()[from..][..pixels]);
            let add = add.map(|add| &add.lanes()[from..]);
            way.run(After::Finish { finish: Finish { add, activation }, y });
        });
    }
}

impl Task<'_> {
    /// The products of all places of the tiles of a block.
    fn tiles(
        &self,
        dense: &Dense,
        (there, tiles, places): (&[Lane], usize, usize),
        first: usize,
        place: &Place,
        sums: &mut [Lane],
    ) {
        let count = sums.len() / places / place.groups.len();
        for (at, sums) in sums.chunks_mut(place.groups.len() * count).enumerate() {
            for (q, y) in place.groups.clone().zip(sums.chunks_mut(count)) {
                let weights = &dense.packed.weights(q)[at * dense.inputs..][..dense.inputs];
                for (part, weights) in weights.chunks(DEPTH).enumerate() {
                    let group = part * DEPTH / LANES * places * tiles;
                    self.way.run(Product {
                        x: &there[group + at * tiles + first..],
                        stride: places * tiles,
                        weights,
                        begin: (part == 0).then(Lane::default),
                        finish: None,
                        next: self.next_of(dense, place, (q, at, part), places),
                        y,
                    });
                }
            }
        }
    }
}

impl<'a> Task<'a> {
    /// The weights behind part `part` of place `at` of panel `q`, in the order in which `tiles` reads them.
    fn next_of<'d>(
        &self,
        dense: &'d Dense,
        place: &Place,
        (q, at, part): (usize, usize, usize),
        places: usize,
    ) -> &'d [Lane] {
        let inputs = dense.inputs;
        let (q, at, from) = if (part + 1) * DEPTH < inputs {
            (q, at, (part + 1) * DEPTH)
        } else if q + 1 < place.groups.end {
            (q + 1, at, 0)
        } else {
            (place.groups.start, at + 1, 0)
        };
        if at == places {
            return &[];
        }
        &dense.packed.weights(q)[at * inputs..][..inputs][from..(from + DEPTH).min(inputs)]
    }
}

/// A layer on a row of numbers.
fn row(threads: &mut Threads, way: Way, dense: &Dense, x: &[Lane], y: &mut [Lane]) {
    let panels = dense.packed.panels();
    let share = if panels * dense.packed.each() * LANES <= FEW { panels } else { 1 };
    blocks::each(threads, y, 1, (share, 1), |place, mut block| {
        for (i, q) in place.groups.enumerate() {
            let (weights, bias) = (dense.packed.weights(q), dense.packed.bias(q));
            let mut sums = way.run(Row { x, weights, bias });
            sums.0.iter_mut().for_each(|z| *z = dense.activation.of(*z));
            block.group(i)[0] = sums;
        }
    });
}

/// What place `at` of each window sees.
fn gather(
    dense: &Dense,
    x: &[Lane],
    (height, width): (usize, usize),
    at: usize,
    columns: usize,
    y: &mut [Lane],
) {
    let before = dense.window / 2;
    let (u, v) = (at / dense.window, at % dense.window);
    for (i, row) in y.chunks_mut(columns).enumerate() {
        let from = (i * dense.stride + u).checked_sub(before).filter(|&i| i < height);
        let Some(from) = from else {
            row.fill(Lane::default());
            continue;
        };
        for (j, y) in row.iter_mut().enumerate() {
            let from_column = (j * dense.stride + v).checked_sub(before).filter(|&j| j < width);
            *y = from_column.map_or(Lane::default(), |j| x[from * width + j]);
        }
    }
}

/// Copies rows of an image into a border of zeros: rows of `band` lanes, of which the first is row `first` of the bordered image.
fn surround(
    x: &[Lane],
    (height, width): (usize, usize),
    (first, before): (usize, usize),
    band: usize,
    y: &mut [Lane],
) {
    for (i, row) in y.chunks_mut(band).enumerate() {
        let Some(from) = (first + i).checked_sub(before).filter(|&i| i < height) else {
            row.fill(Lane::default());
            continue;
        };
        let end = (before + width).min(band);
        row[..before.min(band)].fill(Lane::default());
        row[before..end].copy_from_slice(&x[from * width..][..end - before]);
        row[end..].fill(Lane::default());
    }
}
