//! The same forward pass, made for the processor: sixteen channels side by side, an expansion and the convolution of each channel
//! computed together for a strip of rows, so that what lies between them never leaves the cache.
//!
//! | module | what |
//! | --- | --- |
//! | [`packed`] | the weights, in the order in which they are read |
//! | [`kernels`] | the loops |

pub mod kernels;
pub mod packed;

use std::ops::Range;
use std::sync::{Mutex, MutexGuard};

use backprop::kernels::threads::Threads;
use backprop::kernels::{Kernel, Path, run_f32, run_portable};
use ndarray::{Array3, ArrayView3};

use crate::lite0::Weights;
use crate::lite0::description::{self, CLASSES};
use kernels::{Depthwise, Expand, LANES, Lane, Linear, Mean, Panel, Project, Stem};
use packed::{Block, Layer, Packed};

/// What is read behind the last convolution: 1,280 means.
pub const HEAD: usize = crate::lite0::BLOCKS + 1;
/// Bytes between the second and the third convolution of a block that are computed at a time.
const STRIP: usize = 1024 * 1024;
/// Bytes of sixteen channels of the expansion that are computed at a time.
const BAND: usize = 64 * 1024;

/// What a block answers: groups of sixteen channels, in a group a lane for each pixel.
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    lanes: &'a [Lane],
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
}

impl Map<'_> {
    /// As `(C, H, W)`.
    pub fn to_array(&self) -> Array3<f32> {
        let pixels = self.height * self.width;
        Array3::from_shape_fn((self.channels, self.height, self.width), |(c, i, j)| {
            self.lanes[c / LANES * pixels + i * self.width + j].0[c % LANES]
        })
    }

    /// The means of each channel over `grid` × `grid` parts, a channel's parts one behind another.
    pub fn means(&self, grid: usize) -> Vec<f32> {
        let pixels = self.height * self.width;
        let mut means = vec![0.0; self.channels * grid * grid];
        let places = (0..grid).flat_map(|i| (0..grid).map(move |j| (i, j)));
        for (group, lanes) in self.lanes.chunks_exact(pixels.max(1)).enumerate() {
            for (part, (i, j)) in places.clone().enumerate() {
                let (rows, columns) = (cut(self.height, grid, i), cut(self.width, grid, j));
                let count = (rows.len() * columns.len()) as f32;
                let mut sum = Lane::default();
                for row in rows {
                    for lane in &lanes[row * self.width..][columns.clone()] {
                        sum.0.iter_mut().zip(&lane.0).for_each(|(sum, x)| *sum += x);
                    }
                }
                let channels = group * LANES..((group + 1) * LANES).min(self.channels);
                for (c, sum) in channels.zip(sum.0) {
                    means[c * grid * grid + part] = sum / count;
                }
            }
        }
        means
    }
}

/// Part `i` of `grid` parts of `n` places.
fn cut(n: usize, grid: usize, i: usize) -> Range<usize> {
    i * n / grid..((i + 1) * n).div_ceil(grid)
}

/// How a pass is computed. All ways compute the same; the slower ones are there to be timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which compilation of the loops runs.
    pub path: Path,
    /// Whether all channels of an expansion are written before any is read.
    pub apart: bool,
}

impl Way {
    /// The fastest on this processor.
    pub fn best() -> Way {
        Way { path: Path::best(), apart: false }
    }

    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        if self.path == Path::Portable { run_portable(kernel) } else { run_f32(kernel) }
    }
}

/// The network, ready to run.
#[derive(Clone, Debug)]
pub struct Fused {
    blocks: Vec<Block>,
    head: Layer,
    linear: Packed,
}

/// Threads, and the memory in which a pass takes place. It grows to what the largest picture needs.
#[derive(Debug)]
pub struct Workspace {
    way: Way,
    threads: Threads,
    scratch: Vec<Mutex<Scratch>>,
    image: Vec<f32>,
    x: Vec<Lane>,
    y: Vec<Lane>,
    depth: Vec<Lane>,
}

/// What one thread needs for a strip.
#[derive(Debug, Default)]
struct Scratch {
    /// Sixteen channels of the expansion, with a border.
    band: Vec<Lane>,
    /// All channels behind the convolution of each channel.
    depth: Vec<Lane>,
}

impl Workspace {
    /// For passes on so many threads.
    pub fn new(threads: usize) -> Workspace {
        Workspace::with(threads, Way::best())
    }

    /// For passes on so many threads, in a way of one's choice.
    pub fn with(threads: usize, way: Way) -> Workspace {
        let threads = Threads::new(threads.max(1));
        let scratch = (0..threads.threads()).map(|_| Mutex::default()).collect();
        let (image, x, y, depth) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Workspace { way, threads, scratch, image, x, y, depth }
    }
}

/// The memory of a thread. There is one for each, so that one is free.
fn free(scratch: &[Mutex<Scratch>]) -> MutexGuard<'_, Scratch> {
    loop {
        for memory in scratch {
            match memory.try_lock() {
                Ok(memory) => return memory,
                Err(std::sync::TryLockError::Poisoned(memory)) => return memory.into_inner(),
                Err(std::sync::TryLockError::WouldBlock) => {}
            }
        }
        std::hint::spin_loop();
    }
}

/// The first `length` of a memory that grows where it is too small.
fn room<T: Clone + Default>(memory: &mut Vec<T>, length: usize) -> &mut [T] {
    if memory.len() < length {
        memory.resize(length, T::default());
    }
    &mut memory[..length]
}

/// What a block reads: the image with its border, or what came before.
#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Image { pixels: &'a [f32], colour: usize, stride: usize },
    Map(&'a [Lane]),
}

/// The sizes of a block's images.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Rows and columns of the expansion.
    inner: (usize, usize),
    /// Rows and columns of the output.
    outer: (usize, usize),
    /// Zeros above and left.
    before: (usize, usize),
    /// A row of the expansion with its border.
    band: usize,
    window: usize,
    stride: usize,
}

impl Sizes {
    fn of(block: &Block, (height, width): (usize, usize)) -> Sizes {
        let (expand, depthwise) = (&block.expand.is, &block.depthwise.is);
        let inner = (expand.output(height), expand.output(width));
        let outer = (depthwise.output(inner.0), depthwise.output(inner.1));
        let before = (depthwise.before(inner.0), depthwise.before(inner.1));
        let (window, stride) = (depthwise.window, depthwise.stride);
        Sizes { inner, outer, before, band: (outer.1 - 1) * stride + window, window, stride }
    }

    /// Rows of the expansion, with a border, that `rows` rows of the output see.
    fn seen(&self, rows: usize) -> usize {
        (rows - 1) * self.stride + self.window
    }

    /// Rows of a strip: all where what lies before the last convolution fits, or else an even number of strips.
    fn strip(&self, panels: usize) -> usize {
        let lanes = |strips: usize| self.outer.0.div_ceil(strips) * self.outer.1 * panels;
        let fits = |&strips: &usize| lanes(strips) * size_of::<Lane>() <= STRIP;
        let strips = std::iter::once(1).chain((2..self.outer.0).step_by(2)).find(fits);
        strips.map_or(1, |strips| self.outer.0.div_ceil(strips))
    }

    /// Rows of the output for which a band of the expansion is in the first cache at a time.
    fn rows(&self) -> usize {
        let row = self.band * size_of::<Lane>();
        ((BAND / row).saturating_sub(self.window) / self.stride + 1).min(self.outer.0)
    }
}

impl Fused {
    /// Packs the weights.
    pub fn new(weights: &Weights) -> Fused {
        let (blocks, head) = packed::layers(weights);
        let head = head
            .unwrap_or_else(|| Layer { is: description::head(), packed: Packed::new(&[], &[]) });
        Fused { blocks, head, linear: Packed::new(&weights.linear, &weights.bias) }
    }

    /// The logits of an image `(3, H, W)`, from −1 to 1.
    pub fn logits(&self, space: &mut Workspace, image: ArrayView3<'_, f32>) -> Vec<f32> {
        let head = self.pass(space, image, HEAD, |_, _| ());
        self.classify(space, &head)
    }

    /// The pass of an image until block `until`, or until the means behind the last convolution, which it gives, for
    /// [`HEAD`]. `read` is called with what each block answers; 0 is the stem, which is computed for it where `until` is 0.
    pub fn pass(
        &self,
        space: &mut Workspace,
        image: ArrayView3<'_, f32>,
        until: usize,
        mut read: impl FnMut(usize, Map<'_>),
    ) -> Vec<f32> {
        let (_, height, width) = image.dim();
        let mut size = (height, width);
        let (colour, stride) = self.border(space, image);
        for (b, block) in self.blocks.iter().enumerate().take(until) {
            let Workspace { way, threads, scratch, image, x, y, depth } = space;
            let source = match b {
                0 => Source::Image { pixels: image, colour, stride },
                _ => Source::Map(x),
            };
            let sizes = Sizes::of(block, size);
            let pixels = sizes.outer.0 * sizes.outer.1;
            let y = room(y, pixels * block.project.packed.panels());
            let run = Run { way: *way, block, source, sizes, scratch };
            run.all(threads, depth, y);
            size = sizes.outer;
            let channels = block.project.is.outputs;
            read(b + 1, Map { lanes: y, channels, height: size.0, width: size.1 });
            std::mem::swap(&mut space.x, &mut space.y);
        }
        if until < HEAD { Vec::new() } else { self.head(space, size.0 * size.1) }
    }

    /// What the stem answers.
    pub fn stem(&self, space: &mut Workspace, image: ArrayView3<'_, f32>) -> Array3<f32> {
        let (_, height, width) = image.dim();
        let (colour, stride) = self.border(space, image);
        let Some(Block { expand, .. }) = self.blocks.first() else {
            return Array3::default((0, 0, 0));
        };
        let (height, width) = (expand.is.output(height), expand.is.output(width));
        let y = room(&mut space.y, height * width * expand.packed.panels());
        for (q, y) in y.chunks_mut(height * width).enumerate() {
            space.way.run(Stem {
                x: &space.image,
                colour,
                stride,
                window: expand.is.window,
                weights: expand.packed.weights(q),
                bias: expand.packed.bias(q),
                y,
                rows: height,
                width,
                y_stride: width,
            });
        }
        Map { lanes: y, channels: expand.is.outputs, height, width }.to_array()
    }

    /// The logits from the means behind the last convolution.
    pub fn classify(&self, space: &mut Workspace, head: &[f32]) -> Vec<f32> {
        let x = room(&mut space.x, head.len().div_ceil(LANES));
        for (lane, head) in x.iter_mut().zip(head.chunks(LANES)) {
            lane.0[..head.len()].copy_from_slice(head);
        }
        let sums = room(&mut space.y, self.linear.panels());
        let (x, way) = (&*x, space.way);
        space.threads.for_each_mut(sums, |q, sums| {
            let (weights, bias) = (self.linear.weights(q), self.linear.bias(q));
            *sums = way.run(Linear { x, weights, bias });
        });
        sums.iter().flat_map(|lane| lane.0).take(CLASSES).collect()
    }

    /// The means behind the last convolution.
    fn head(&self, space: &mut Workspace, pixels: usize) -> Vec<f32> {
        let means = room(&mut space.y, self.head.packed.panels());
        let (x, way) = (&space.x, space.way);
        space.threads.for_each_mut(means, |q, mean| {
            let (weights, bias) = (self.head.packed.weights(q), self.head.packed.bias(q));
            *mean = way.run(Mean { panel: Panel { x, pixels, weights, bias } });
        });
        means.iter().flat_map(|lane| lane.0).take(description::HEAD).collect()
    }

    /// Copies the image into a border of zeros; gives the distance of its colours and of its rows.
    fn border(&self, space: &mut Workspace, image: ArrayView3<'_, f32>) -> (usize, usize) {
        let (_, height, width) = image.dim();
        let stem = description::stem();
        let (top, left) = (stem.before(height), stem.before(width));
        let seen = |n: usize| (stem.output(n) - 1) * stem.stride + stem.window;
        let stride = seen(width);
        let colour = seen(height) * stride;
        let to = room(&mut space.image, colour * image.dim().0);
        for (to, image) in to.chunks_mut(colour).zip(image.outer_iter()) {
            to[..top * stride].fill(0.0);
            to[(top + height) * stride..].fill(0.0);
            let rows = to[top * stride..].chunks_mut(stride);
            for (to, row) in rows.zip(image.outer_iter()) {
                to[..left].fill(0.0);
                to[left + width..].fill(0.0);
                let to = &mut to[left..left + width];
                match row.as_slice() {
                    Some(row) => to.copy_from_slice(row),
                    None => to.iter_mut().zip(row).for_each(|(to, x)| *to = *x),
                }
            }
        }
        (colour, stride)
    }
}

/// A block at work.
#[derive(Clone, Copy, Debug)]
struct Run<'a> {
    way: Way,
    block: &'a Block,
    source: Source<'a>,
    sizes: Sizes,
    scratch: &'a [Mutex<Scratch>],
}

impl Run<'_> {
    /// Computes the block's output: strips of rows, each by a thread, where there are several, or else channels.
    fn all(&self, threads: &mut Threads, depth: &mut Vec<Lane>, y: &mut [Lane]) {
        let rows = self.sizes.strip(self.block.depthwise.packed.panels());
        if rows < self.sizes.outer.0 && !self.way.apart {
            self.strips(threads, rows, y);
        } else {
            self.channels(threads, depth, y);
        }
    }

    /// Strips of `rows` rows.
    fn strips(&self, threads: &mut Threads, rows: usize, y: &mut [Lane]) {
        let (height, width) = self.sizes.outer;
        let panels = self.block.project.packed.panels();
        let mut strips: Vec<Vec<&mut [Lane]>> = Vec::new();
        strips.resize_with(height.div_ceil(rows), || Vec::with_capacity(panels));
        for group in y.chunks_mut(height * width) {
            for (strip, part) in strips.iter_mut().zip(group.chunks_mut(rows * width)) {
                strip.push(part);
            }
        }
        threads.for_each_mut(&mut strips, |s, y| {
            let rows = s * rows..((s + 1) * rows).min(height);
            let (first, pixels) = (rows.start * width, rows.len() * width);
            let mut scratch = free(self.scratch);
            let Scratch { band, depth } = &mut *scratch;
            let depth = room(depth, pixels * self.block.depthwise.packed.panels());
            for (p, depth) in depth.chunks_mut(pixels).enumerate() {
                self.inner(p, rows.clone(), band, depth);
            }
            for (q, y) in y.iter_mut().enumerate() {
                self.project(q, (depth, pixels, 0), first, y);
            }
        });
    }

    /// All rows, panel by panel.
    fn channels(&self, threads: &mut Threads, depth: &mut Vec<Lane>, y: &mut [Lane]) {
        let (height, width) = self.sizes.outer;
        let pixels = height * width;
        let depth = room(depth, pixels * self.block.depthwise.packed.panels());
        let mut groups: Vec<_> = depth.chunks_mut(pixels).collect();
        if self.way.apart {
            self.apart(threads, &mut groups);
        } else {
            threads.for_each_mut(&mut groups, |p, depth| {
                let mut scratch = free(self.scratch);
                self.inner(p, 0..height, &mut scratch.band, depth);
            });
        }
        let half = pixels.div_ceil(threads.threads().min(2));
        let halves = pixels.div_ceil(half);
        let mut parts: Vec<_> = y.chunks_mut(pixels).flat_map(|y| y.chunks_mut(half)).collect();
        let depth = &*depth;
        threads.for_each_mut(&mut parts, |i, y| {
            let first = i % halves * half;
            self.project(i / halves, (depth, pixels, first), first, y);
        });
    }

    /// The whole expansion, and then the convolution of each of its channels.
    fn apart(&self, threads: &mut Threads, groups: &mut [&mut [Lane]]) {
        let each = self.sizes.seen(self.sizes.outer.0) * self.sizes.band;
        let mut scratch = free(self.scratch);
        let expanded = room(&mut scratch.depth, groups.len() * each);
        let mut bands: Vec<_> = expanded.chunks_mut(each).collect();
        threads.for_each_mut(&mut bands, |p, band| self.expand(p, 0, band));
        let bands = &bands;
        threads.for_each_mut(groups, |p, depth| self.depthwise(p, bands[p], depth));
    }

    // ANCHOR: inner
    /// Sixteen channels of the expansion and of the convolution behind it, over
    /// some rows of the output. A band of the expansion moves down the image;
    /// the rows that two windows share are moved up, not computed again.
    fn inner(&self, p: usize, rows: Range<usize>, band: &mut Vec<Lane>, depth: &mut [Lane]) {
        let Sizes { band: width, window, stride, .. } = self.sizes;
        let step = self.sizes.rows().min(rows.len());
        let band = room(band, self.sizes.seen(step) * width);
        let shared = window.saturating_sub(stride) * width;
        let parts = depth.chunks_mut(step * self.sizes.outer.1);
        for (i, (first, depth)) in rows.step_by(step).zip(parts).enumerate() {
            let seen = self.sizes.seen(depth.len() / self.sizes.outer.1) * width;
            let have = if i == 0 { 0 } else { shared };
            let last = band.len() - have;
            band.copy_within(last.., 0);
            self.expand(p, first * stride + have / width, &mut band[have..seen]);
            self.depthwise(p, &band[..seen], depth);
        }
    }
    // ANCHOR_END: inner

    /// Sixteen channels of the convolution of each by itself.
    fn depthwise(&self, p: usize, x: &[Lane], y: &mut [Lane]) {
        let Sizes { band, outer: (_, width), window, stride, .. } = self.sizes;
        let layer = &self.block.depthwise.packed;
        let (weights, bias) = (layer.weights(p), layer.bias(p));
        if stride == 1 {
            self.way.run(Depthwise::<'_, 1> { x, window, stride: band, weights, bias, y, width });
        } else {
            self.way.run(Depthwise::<'_, 2> { x, window, stride: band, weights, bias, y, width });
        }
    }

    /// Fills a band with the expansion and its border, from row `begin` of both.
    fn expand(&self, p: usize, begin: usize, band: &mut [Lane]) {
        let Sizes { inner: (height, width), before: (top, left), band: stride, .. } = self.sizes;
        // Rows of the expansion that exist, counted from the band's first.
        let rows = band.len() / stride;
        let exist =
            top.saturating_sub(begin).min(rows)..(top + height).saturating_sub(begin).min(rows);
        if exist.is_empty() {
            band.fill(Lane::default());
            return;
        }
        band[..exist.start * stride].fill(Lane::default());
        band[exist.end * stride..].fill(Lane::default());
        let band = &mut band[exist.start * stride..exist.end * stride];
        for row in band.chunks_mut(stride) {
            row[..left].fill(Lane::default());
            row[left + width..].fill(Lane::default());
        }
        let above = begin + exist.start - top;
        let layer = &self.block.expand.packed;
        let (weights, bias) = (layer.weights(p), layer.bias(p));
        let y = &mut band[left..];
        match self.source {
            Source::Image { pixels, colour, stride: x_stride } => self.way.run(Stem {
                x: &pixels[2 * above * x_stride..],
                colour,
                stride: x_stride,
                window: self.block.expand.is.window,
                weights,
                bias,
                y,
                rows: exist.len(),
                width,
                y_stride: stride,
            }),
            Source::Map(x) => self.way.run(Expand {
                panel: Panel { x, pixels: height * width, weights, bias },
                first: above * width,
                count: exist.len() * width,
                width,
                y,
                stride,
            }),
        }
    }

    /// Sixteen channels of the output from pixel `first`.
    fn project(
        &self,
        q: usize,
        (x, pixels, from): (&[Lane], usize, usize),
        first: usize,
        y: &mut [Lane],
    ) {
        let layer = &self.block.project.packed;
        let add = match self.source {
            Source::Map(input) if self.block.skip => {
                let (height, width) = self.sizes.outer;
                Some(&input[q * height * width + first..][..y.len()])
            }
            _ => None,
        };
        let panel = Panel { x, pixels, weights: layer.weights(q), bias: layer.bias(q) };
        self.way.run(Project { panel, first: from, add, y });
    }
}
