//! The pass.

use std::ops::Range;

use backprop::kernels::threads::Threads;
use ndarray::{ArrayView3, s};
use residual::Activation;
use residual::fast::Way as Kernels;
use residual::fast::kernels::blocks::{self, Block as Part, Place};
use residual::fast::kernels::lane::{Finish, LANES, Lane};
use residual::fast::kernels::product::{Product, Row};
use residual::fast::packed::Packed;
use residual::fast::workspace::{Map, Scratch, Workspace as Within, room};

use super::kernels::{Gelu, Measure, Normalise, Softmax, Sum, TOKENS, Turn};
use super::packed::{Block, Norm, Weights};
use super::workspace::{Maps, Way, Workspace};
use crate::vit::Vit;

/// Inputs whose weights stay in the first cache while the tokens pass by.
pub const NEAR: usize = 16 * LANES;
/// Numbers of all tokens that stay in the second cache while the panels pass by.
const FAR: usize = 52 * 1024;
/// Queries whose scores are there at a time.
const QUERIES: usize = 96;
/// Blocks of a layer, at least, so that threads are done at about the same time.
const SHARES: usize = 8;
/// Multiply-adds that are not worth to wake another thread for.
const FEW: usize = 64 * 1024;
/// What a layer normalisation adds to a variance.
const EPSILON: f32 = 1e-6;

/// What comes behind the sums of a layer.
#[derive(Clone, Copy, Debug)]
enum Behind<'a> {
    Nothing,
    /// What is added to them.
    Add(&'a [Lane]),
    Gelu,
}

/// Who computes, and how.
#[derive(Debug)]
struct Run<'a> {
    way: Kernels,
    threads: &'a mut Threads,
    scratch: &'a Scratch,
}

/// The logits of a picture of the network's size.
pub fn pass(
    space: &mut Workspace,
    model: &Vit,
    weights: &Weights,
    picture: ArrayView3<'_, f32>,
) -> Vec<f32> {
    let Workspace { way: Way { all, .. }, within } = space;
    let Within { way, threads, scratch, maps, .. } = within;
    let (mut run, mut maps) = (Run { way: *way, threads, scratch }, Maps::of(maps));
    cut(picture, model.patch, maps.pixels);
    run.layer(&weights.patches, maps.pixels, Behind::Add(&weights.positions), maps.normed);
    lead(&weights.class, maps.normed, maps.x);
    for (i, block) in weights.blocks.iter().enumerate() {
        let read = *all || i + 1 < weights.blocks.len();
        run.block(block, model.heads, read, &mut maps);
    }
    first(maps.x);
    run.norm(&weights.last, maps.x, maps.normed);
    run.layer(&weights.head, maps.normed, Behind::Nothing, maps.y);
    maps.y.numbers().take(model.classes).collect()
}

/// Reads every packed weight once.
pub fn read_through(space: &mut Workspace, weights: &Weights) -> f32 {
    let Within { way, threads, maps, .. } = &mut space.within;
    let (way, y, mut sum) = (*way, Maps::of(maps).y, 0.0);
    for layer in weights.layers() {
        let sums = y.resize(layer.panels() * LANES, (1, 1));
        let share = (sums.len().div_ceil(SHARES), 1);
        blocks::each(threads, sums, 1, share, |place, mut part| {
            for (i, q) in place.groups.enumerate() {
                part.group(i)[0].0[0] = way.run(Sum { x: layer.weights(q) });
            }
        });
        sum += sums.iter().map(|lane| lane.0[0]).sum::<f32>();
    }
    sum
}

/// The pixels of each patch: a channel after the other, row by row.
fn cut(picture: ArrayView3<'_, f32>, patch: usize, y: &mut Map) {
    let across = picture.dim().2 / patch;
    let patches = across * across;
    let lanes = y.resize(3 * patch * patch, (1, patches));
    for t in 0..patches {
        let (from, left) = (t / across * patch, t % across * patch);
        let pixels = picture.slice(s![.., from..from + patch, left..left + patch]);
        for (p, &pixel) in pixels.iter().enumerate() {
            lanes[p / LANES * patches + t].0[p % LANES] = pixel;
        }
    }
}

/// The class token, and behind it the others.
fn lead(class: &[Lane], patches: &Map, y: &mut Map) {
    let (groups, tokens) = (class.len(), patches.pixels() + 1);
    let lanes = y.resize(groups * LANES, (1, tokens));
    for (g, to) in lanes.chunks_mut(tokens).enumerate() {
        to[0] = class[g];
        to[1..].copy_from_slice(&patches.lanes()[g * (tokens - 1)..][..tokens - 1]);
    }
}

/// Keeps the first token only.
fn first(map: &mut Map) {
    let (channels, tokens, size) = (map.channels, map.pixels(), map.size());
    let lanes = map.resize(channels, size);
    for g in 0..lanes.len() / tokens {
        lanes[g] = lanes[g * tokens];
    }
    map.resize(channels, (1, 1));
}

/// How a layer is cut: groups of panels, and tokens whose inputs stay in the second cache.
fn shares(tokens: usize, packed: &Packed) -> (usize, usize) {
    let panels = packed.panels();
    if tokens * packed.each() * panels * LANES <= FEW {
        return (panels, tokens);
    }
    let most = FAR / NEAR;
    let wide = tokens.div_ceil(tokens.div_ceil(most)).next_multiple_of(6);
    (panels.div_ceil(SHARES.div_ceil(tokens.div_ceil(wide))), wide)
}

// ANCHOR: pieces
/// The weights of some panels in the order in which they are read: as many
/// inputs as stay in the second cache, for each panel, piece by piece.
fn pieces(
    inputs: usize,
    far: usize,
    panels: Range<usize>,
) -> impl Iterator<Item = (usize, Range<usize>)> {
    (0..inputs).step_by(far).flat_map(move |from| {
        let end = (from + far).min(inputs);
        let parts = (from..end).step_by(NEAR);
        let parts = parts.map(move |at| at..(at + NEAR).min(end));
        panels.clone().flat_map(move |q| parts.clone().map(move |at| (q, at)))
    })
}
// ANCHOR_END: pieces

impl Run<'_> {
    // ANCHOR: block
    /// A block of the encoder. Where later steps read the class token alone,
    /// the others have keys and values and nothing more.
    fn block(&mut self, block: &Block, h: usize, all: bool, maps: &mut Maps) {
        let Maps { x, y, normed, queries, keys_values, .. } = maps;
        let Maps { seen, hidden, .. } = maps;
        self.norm(&block.before, x, normed);
        self.layer(&block.keys_values, normed, Behind::Nothing, keys_values);
        if !all {
            first(x);
            first(normed);
        }
        self.layer(&block.queries, normed, Behind::Nothing, queries);
        self.heads(h, queries, keys_values, seen);
        self.layer(&block.out, seen, Behind::Add(x.lanes()), y);
        self.norm(&block.behind, y, normed);
        self.layer(&block.up, normed, Behind::Gelu, hidden);
        self.layer(&block.down, hidden, Behind::Add(y.lanes()), x);
    }
    // ANCHOR_END: block

    /// A layer on each token, and what comes behind it.
    fn layer(&mut self, packed: &Packed, x: &Map, behind: Behind<'_>, y: &mut Map) {
        let (way, tokens, layer) = (self.way, x.pixels(), Layer { packed, x, behind });
        let lanes = y.resize(packed.panels() * LANES, (1, tokens));
        let cut = shares(tokens, packed);
        blocks::each(self.threads, lanes, tokens, cut, |place, mut part| match tokens {
            1 => layer.rows(way, &place, &mut part),
            _ => layer.products(way, &place, &mut part),
        });
    }

    /// A layer normalisation of each token.
    fn norm(&mut self, norm: &Norm, x: &Map, y: &mut Map) {
        let (way, tokens, width) = (self.way, x.pixels(), norm.width);
        let lanes = y.resize(width, (1, tokens));
        let cut = (norm.scale.len(), TOKENS);
        blocks::each(self.threads, lanes, tokens, cut, |place, mut part| {
            let (from, n) = (place.pixels.start, place.pixels.len());
            let x = &x.lanes()[from..];
            let epsilon = EPSILON;
            let moments = way.run(Measure { x, stride: tokens, width, tokens: n, epsilon });
            for g in place.groups {
                way.run(Normalise {
                    x: &x[g * tokens..][..n],
                    moments: &moments,
                    scale: norm.scale[g],
                    shift: norm.shift[g],
                    y: part.group(g),
                });
            }
        });
    }

    /// All heads. `seen` has the keys, and behind them the values.
    fn heads(&mut self, heads: usize, q: &Map, seen: &Map, y: &mut Map) {
        let (way, scratch) = (self.way, self.scratch);
        let (all, keys, groups) = (q.pixels(), seen.pixels(), q.groups() / heads);
        let lanes = y.resize(q.channels, (1, all));
        blocks::each(self.threads, lanes, all, (groups, QUERIES), |place, mut part| {
            let (from, pixels) = (place.groups.start, place.pixels);
            let [k, v] =
                [from, heads * groups + from].map(|g| &seen.lanes()[g * keys..][..groups * keys]);
            let q = (&q.lanes()[from * all + pixels.start..], all);
            let head = Head { q, queries: pixels.len(), k, v, keys };
            head.run(way, &mut scratch.free(), &mut part);
        });
    }
}

/// A head at work, for some queries: groups of sixteen numbers of each.
#[derive(Clone, Copy, Debug)]
struct Head<'a> {
    /// Queries from the first on, and how far one group is from the next.
    q: (&'a [Lane], usize),
    queries: usize,
    k: &'a [Lane],
    v: &'a [Lane],
    keys: usize,
}

impl Head<'_> {
    // ANCHOR: head
    /// Turned, the keys are the weights of a layer whose outputs are scores.
    /// The values are those of one whose inputs are scores after the softmax.
    fn run(self, way: Kernels, memory: &mut Vec<Lane>, part: &mut Part<'_>) {
        let Head { q, queries, k, v, keys } = self;
        let (panels, wide) = (keys.div_ceil(LANES), k.len() / keys * LANES);
        let memory = room(memory, panels * (wide + queries));
        let (turned, scores) = memory.split_at_mut(panels * wide);
        way.run(Turn { x: k, keys, y: turned });
        let turned = turned.chunks(wide);
        for (p, (z, k)) in scores.chunks_mut(queries).zip(turned).enumerate() {
            way.run(product(q, k, begin(keys - p * LANES), z));
        }
        way.run(Softmax { z: scores, queries });
        for (i, v) in v.chunks(keys).enumerate() {
            let y = part.group(i);
            way.run(product((scores, queries), v, Lane::default(), y));
        }
    }
    // ANCHOR_END: head
}

/// Where the scores of a panel begin: at −∞ where there is no key.
fn begin(keys: usize) -> Lane {
    let mut begin = Lane::default();
    begin.0.iter_mut().skip(keys).for_each(|z| *z = f32::NEG_INFINITY);
    begin
}

/// A product without anything before or behind it.
fn product<'a>(
    (x, stride): (&'a [Lane], usize),
    weights: &'a [Lane],
    begin: Lane,
    y: &'a mut [Lane],
) -> Product<'a> {
    Product { x, stride, weights, begin: Some(begin), finish: None, next: &[], y }
}

/// A layer at work.
#[derive(Clone, Copy, Debug)]
struct Layer<'a> {
    packed: &'a Packed,
    x: &'a Map,
    behind: Behind<'a>,
}

impl<'a> Layer<'a> {
    // ANCHOR: products
    /// Some outputs of some tokens, while the next weights are asked for.
    fn products(&self, way: Kernels, place: &Place, part: &mut Part<'_>) {
        let (packed, tokens) = (self.packed, self.x.pixels());
        let all = packed.each();
        let far = (FAR / place.pixels.len() / NEAR).max(1) * NEAR;
        let mut pieces = pieces(all, far, place.groups.clone()).peekable();
        while let Some((q, Range { start, end })) = pieces.next() {
            let next = pieces.peek();
            let next = next.map(|(q, at)| &packed.weights(*q)[at.clone()]);
            let from = start / LANES * tokens + place.pixels.start;
            let y = part.group(q - place.groups.start);
            way.run(Product {
                x: &self.x.lanes()[from..],
                stride: tokens,
                weights: &packed.weights(q)[start..end],
                begin: (start == 0).then(|| packed.bias(q)),
                finish: self.finish(q, place).filter(|_| end == all),
                next: next.unwrap_or_default(),
                y,
            });
            if end == all && matches!(self.behind, Behind::Gelu) {
                way.run(Gelu { y });
            }
        }
    }
    // ANCHOR_END: products

    /// What is added to the sums of a panel when they are stored.
    fn finish(&self, q: usize, place: &Place) -> Option<Finish<'a>> {
        let Behind::Add(add) = self.behind else { return None };
        let from = q * self.x.pixels() + place.pixels.start;
        Some(Finish { add: Some(&add[from..]), activation: Activation::None })
    }

    /// Some outputs of a single token.
    fn rows(&self, way: Kernels, place: &Place, part: &mut Part<'_>) {
        for (i, q) in place.groups.clone().enumerate() {
            let (weights, bias) = (self.packed.weights(q), self.packed.bias(q));
            let y = part.group(i);
            y[0] = way.run(Row { x: self.x.lanes(), weights, bias });
            match self.behind {
                Behind::Nothing => {}
                Behind::Add(add) => y[0].0.iter_mut().zip(add[q].0).for_each(|(y, add)| *y += add),
                Behind::Gelu => way.run(Gelu { y }),
            }
        }
    }
}
