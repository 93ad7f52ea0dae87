//! Grows one tree on the bytes of [`Bins`]: which node is split next, on which feature, and where.

use std::collections::BinaryHeap;
use std::ops::Range;

use notebook::Rng;
use rand::RngExt as _;
use rayon::prelude::*;

use super::bins::Bins;
use super::histogram::{Cut, Histogram, Rule};
use super::statistic::Statistic;
use super::tree::{Node, Tree};

/// From so many samples on, a node reads its features by columns.
const BY_COLUMNS: usize = 4096;
/// From so many samples on, a node that tries all features keeps their histograms for its children.
const KEPT: usize = 512;
/// Features whose histograms are filled in one pass over the rows.
const TOGETHER: usize = 16;
/// Features that one task tries, where a tree grows alone.
const WIDE: usize = 64;
/// From so many values on, a node's features are tried in several tasks.
const SHARED: usize = 1 << 15;

/// What ends a tree, and what it tries.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Features that a node tries; all, where there are not more.
    pub features: usize,
    /// The most questions above a leaf.
    pub depth: usize,
    /// The most leaves; the split that gains most comes first then.
    pub leaves: Option<usize>,
    /// Samples that a node needs to be split.
    pub split: f64,
    /// What a side needs.
    pub rule: Rule,
    /// Gains above which a node is split.
    pub gain: f64,
}

/// A node that is not yet split or left a leaf.
struct Open<S> {
    place: usize,
    from: usize,
    to: usize,
    depth: usize,
    /// Features known to have one value here: a bit each.
    constant: Vec<u64>,
    /// The histograms of all features, where they are kept.
    kept: Option<Vec<Histogram<S>>>,
    /// The best split, its feature and what it gains.
    split: Option<(usize, Cut, f64)>,
}

/// One tree under growth.
pub struct Grower<'a, S: Statistic> {
    bins: &'a Bins,
    /// What each sample of the fit adds to a statistic.
    samples: &'a [S::Sample],
    limits: Limits,
    rng: Option<Rng>,
    /// The samples, those of a node side by side.
    rows: Vec<u32>,
    /// All features, in an order that is drawn on.
    order: Vec<u32>,
    tree: Tree,
    scratch: Scratch<S>,
}

/// Memory that nodes use one after the other.
struct Scratch<S: Statistic> {
    values: Vec<u8>,
    samples: Vec<S::Sample>,
    right: Vec<u32>,
    tried: Vec<u32>,
    small: Histogram<S>,
    large: Histogram<S::Large>,
}

impl<'a, S: Statistic> Grower<'a, S> {
    /// A tree of `rows` of `bins`; a sample of row `r` adds `samples[r]`. A node draws its features from `rng`.
    pub fn new(
        bins: &'a Bins,
        samples: &'a [S::Sample],
        rows: Vec<u32>,
        limits: Limits,
        rng: Option<Rng>,
    ) -> Self {
        let scratch = Scratch {
            values: Vec::new(),
            samples: Vec::new(),
            right: Vec::new(),
            tried: Vec::new(),
            small: Histogram::default(),
            large: Histogram::default(),
        };
        let order = (0..bins.features as u32).collect();
        Grower { bins, samples, limits, rng, rows, order, tree: Tree::default(), scratch }
    }

    /// The tree. `answer(samples, values)` appends the `width` values of a leaf with these samples.
    ///
    /// Time `O(depth n features)` and what it takes to go through filled bins.
    pub fn grow(mut self, width: usize, mut answer: impl FnMut(&[u32], &mut Vec<f32>)) -> Tree {
        self.tree.width = width;
        let words = self.bins.features.div_ceil(64);
        let root = self.open(0, self.rows.len(), 0, vec![0; words], None);
        let mut open = Frontier::new(self.limits.leaves.is_some());
        open.push(root);
        let mut leaves = 1;
        while let Some(node) = open.pop() {
            let full = self.limits.leaves.is_some_and(|most| leaves >= most);
            match node.split {
                Some((feature, cut, gain)) if !full => {
                    leaves += 1;
                    let [left, right] = self.split(node, feature, cut, gain);
                    open.push(right);
                    open.push(left);
                }
                _ => {
                    self.tree.nodes[node.place].leaf =
                        (self.tree.values.len() / width.max(1)) as u32;
                    answer(&self.rows[node.from..node.to], &mut self.tree.values);
                }
            }
        }
        self.tree
    }

    /// Opens a node of the rows from `from` to `to`: weighs them and looks for a split.
    fn open(
        &mut self,
        from: usize,
        to: usize,
        depth: usize,
        constant: Vec<u64>,
        kept: Option<Vec<Histogram<S>>>,
    ) -> Open<S> {
        let place = self.tree.nodes.len();
        let (feature, threshold) = (0, 0.0);
        let blank = Node { feature, threshold, left: 0, leaf: 0, weight: 0.0, gain: 0.0 };
        self.tree.nodes.push(blank);
        let mut node = Open { place, from, to, depth, constant, kept, split: None };
        self.search(&mut node);
        node
    }

    /// Splits a node in two: its rows, the left ones first, in their order.
    fn split(&mut self, node: Open<S>, feature: usize, cut: Cut, gain: f64) -> [Open<S>; 2] {
        let column = self.bins.column(feature);
        let middle = node.from
            + partition(&mut self.rows[node.from..node.to], &mut self.scratch.right, |row| {
                column[row as usize] <= cut.last
            });
        let parent = node.place;
        let left = self.tree.nodes.len();
        let [mut kept_left, mut kept_right] = [None, None];
        let larger = (middle - node.from).max(node.to - middle);
        if let Some(mut histograms) = node.kept.filter(|_| larger >= KEPT) {
            // The smaller child is counted, the larger one is what is left.
            let small_left = middle - node.from <= node.to - middle;
            let (a, b) = if small_left { (node.from, middle) } else { (middle, node.to) };
            let few = fill_all(self.bins, self.samples, &self.rows[a..b]);
            histograms.par_iter_mut().zip(&few).for_each(|(all, part)| all.subtract(part));
            [kept_left, kept_right] = if small_left {
                [Some(few), Some(histograms)]
            } else {
                [Some(histograms), Some(few)]
            };
        }
        let depth = node.depth + 1;
        let left_node = self.open(node.from, middle, depth, node.constant.clone(), kept_left);
        let right_node = self.open(middle, node.to, depth, node.constant, kept_right);
        let inner = &mut self.tree.nodes[parent];
        inner.feature = feature as u32;
        inner.threshold = self.bins.threshold(feature, cut);
        inner.left = left as u32;
        inner.gain = gain as f32;
        [left_node, right_node]
    }

    /// Looks for the best split of a node, with counters that are wide enough for it.
    fn search(&mut self, node: &mut Open<S>) {
        let rows = &self.rows[node.from..node.to];
        self.scratch.samples.clear();
        self.scratch.samples.extend(rows.iter().map(|&row| self.samples[row as usize]));
        let mut total = S::Large::default();
        self.scratch.samples.iter().for_each(|&sample| total.put(sample));
        let [mass, score] = total.judge(self.limits.rule.lambda);
        self.tree.nodes[node.place].weight = mass as f32;
        // A score of n is a pure node's.
        let ended = node.depth >= self.limits.depth
            || mass < self.limits.split
            || mass < 2.0 * self.limits.rule.least
            || rows.len() < 2
            || S::Large::is_pure([mass, score]);
        if ended {
            node.kept = None;
            return;
        }
        let all = self.limits.features >= self.bins.features;
        let best = if all && rows.len() >= KEPT && mass <= S::MOST {
            let kept = node.kept.take().unwrap_or_else(|| fill_all(self.bins, self.samples, rows));
            let best = self.best_of_all(&kept);
            node.kept = Some(kept);
            best
        } else {
            node.kept = None;
            self.best_of_some(node, mass)
        };
        node.split = best.and_then(|(feature, cut)| {
            let gain = cut.score - score;
            (gain > self.limits.gain).then_some((feature, cut, gain))
        });
    }

    /// The best split of kept histograms; the first feature of several.
    fn best_of_all(&self, kept: &[Histogram<S>]) -> Option<(usize, Cut)> {
        let mut total = S::default();
        self.scratch.samples.iter().for_each(|&sample| total.put(sample));
        let rule = self.limits.rule;
        let cuts: Vec<Option<Cut>> = kept
            .par_iter()
            .with_min_len(TOGETHER)
            .map(|histogram| histogram.cut(&total, rule, f64::NEG_INFINITY))
            .collect();
        let mut best = None;
        let mut least = f64::NEG_INFINITY;
        for (feature, cut) in cuts.into_iter().enumerate() {
            if let Some(cut) = cut.filter(|cut| cut.score > least) {
                least = cut.score;
                best = Some((feature, cut));
            }
        }
        best
    }

    /// The best split among drawn features; at least one of them is not constant, if there is one.
    fn best_of_some(&mut self, node: &mut Open<S>, mass: f64) -> Option<(usize, Cut)> {
        let (d, most) = (self.bins.features, self.limits.features);
        let rule = self.limits.rule;
        let mut best = None;
        let mut drawn = 0;
        let mut varying = false;
        while drawn < d && (drawn < most || !varying) {
            // As many as are wanted in the first go; then one by one until one is not constant.
            let until = if drawn < most { most.min(d) } else { drawn + 1 };
            self.draw(&node.constant, drawn..until);
            drawn = until;
            let Scratch { values, samples, tried, small, large, .. } = &mut self.scratch;
            let (bins, rows) = (self.bins, &self.rows[node.from..node.to]);
            let constant = &mut node.constant;
            let narrow = mass <= S::MOST;
            if self.rng.is_none() && rows.len() * tried.len() >= SHARED {
                let find = if narrow { try_blocks::<S> } else { try_blocks::<S::Large> };
                varying |= find(bins, rows, samples, tried, rule, constant, &mut best);
                continue;
            }
            gather(bins, rows, tried, values);
            varying |= if narrow {
                try_each(small, values, samples, tried, rule, constant, &mut best)
            } else {
                try_each(large, values, samples, tried, rule, constant, &mut best)
            };
        }
        best
    }

    /// Draws features for these places in the order; those not known to be constant are to be tried.
    fn draw(&mut self, constant: &[u64], places: Range<usize>) {
        self.scratch.tried.clear();
        for place in places {
            if let Some(rng) = &mut self.rng {
                let any = rng.random_range(place as u32..self.order.len() as u32);
                self.order.swap(place, any as usize);
            }
            let feature = self.order[place];
            if constant[feature as usize / 64] >> (feature % 64) & 1 == 0 {
                self.scratch.tried.push(feature);
            }
        }
    }
}

/// Tries to beat `best` with each feature, and marks constant ones; whether one was not constant.
///
/// The histogram is empty before and after.
fn try_each<S: Statistic>(
    histogram: &mut Histogram<S>,
    values: &[u8],
    samples: &[S::Sample],
    tried: &[u32],
    rule: Rule,
    constant: &mut [u64],
    best: &mut Option<(usize, Cut)>,
) -> bool {
    let mut total = S::default();
    samples.iter().for_each(|&sample| total.put(sample));
    let mut varying = false;
    for (&feature, values) in tried.iter().zip(values.chunks_exact(samples.len())) {
        if values.iter().all(|value| *value == values[0]) {
            constant[feature as usize / 64] |= 1 << (feature % 64);
            continue;
        }
        varying = true;
        histogram.fill(values, samples);
        let least = best.map_or(f64::NEG_INFINITY, |(_, cut)| cut.score);
        if let Some(cut) = histogram.cut(&total, rule, least) {
            *best = Some((feature as usize, cut));
        }
        histogram.clear();
    }
    varying
}

/// As [`gather`] and [`try_each`], blocks of features at once: for a tree that has the threads to itself.
///
/// The blocks are compared in their order, so the split is the one that is found one after the other.
fn try_blocks<S: Statistic>(
    bins: &Bins,
    rows: &[u32],
    samples: &[S::Sample],
    tried: &[u32],
    rule: Rule,
    constant: &mut [u64],
    best: &mut Option<(usize, Cut)>,
) -> bool {
    let words = constant.len();
    let blocks = tried.par_chunks(WIDE).map_init(
        || (Histogram::<S>::default(), Vec::new()),
        |(histogram, values), tried| {
            gather(bins, rows, tried, values);
            let (mut constant, mut best) = (vec![0; words], None);
            let varying =
                try_each(histogram, values, samples, tried, rule, &mut constant, &mut best);
            (varying, constant, best)
        },
    );
    let mut any = false;
    for (varying, known, of_block) in blocks.collect::<Vec<_>>() {
        any |= varying;
        constant.iter_mut().zip(known).for_each(|(bits, known)| *bits |= known);
        let least = best.map_or(f64::NEG_INFINITY, |(_, cut)| cut.score);
        *best = of_block.filter(|(_, cut)| cut.score > least).or(*best);
    }
    any
}

/// The histograms of all features over `rows`, a few features in one pass.
fn fill_all<S: Statistic>(bins: &Bins, samples: &[S::Sample], rows: &[u32]) -> Vec<Histogram<S>> {
    let mut histograms: Vec<Histogram<S>> =
        (0..bins.features).into_par_iter().map(|_| Histogram::default()).collect();
    histograms.par_chunks_mut(TOGETHER).enumerate().for_each(|(block, histograms)| {
        let first = block * TOGETHER;
        let mut together: Vec<_> = histograms.iter_mut().map(Histogram::bins_mut).collect();
        for &row in rows {
            let sample = samples[row as usize];
            let values = &bins.row(row)[first..first + together.len()];
            for (bins, &value) in together.iter_mut().zip(values) {
                bins[usize::from(value)].put(sample);
            }
        }
        histograms.iter_mut().for_each(Histogram::look);
    });
    histograms
}

/// The values of the `tried` features of `rows`, those of a feature side by side.
fn gather(bins: &Bins, rows: &[u32], tried: &[u32], values: &mut Vec<u8>) {
    let n = rows.len();
    values.resize(n * tried.len(), 0);
    if n >= BY_COLUMNS {
        for (values, &feature) in values.chunks_exact_mut(n).zip(tried) {
            let column = bins.column(feature as usize);
            for (value, &row) in values.iter_mut().zip(rows) {
                *value = column[row as usize];
            }
        }
    } else {
        for (place, &row) in rows.iter().enumerate() {
            let row = bins.row(row);
            for (turn, &feature) in tried.iter().enumerate() {
                values[turn * n + place] = row[feature as usize];
            }
        }
    }
}

/// Puts the rows that go left first, and keeps the order on both sides; how many there are.
// ANCHOR: partition
fn partition(rows: &mut [u32], right: &mut Vec<u32>, left: impl Fn(u32) -> bool) -> usize {
    right.clear();
    let mut middle = 0;
    for place in 0..rows.len() {
        let row = rows[place];
        if left(row) {
            rows[middle] = row;
            middle += 1;
        } else {
            right.push(row);
        }
    }
    rows[middle..].copy_from_slice(right);
    middle
}
// ANCHOR_END: partition

/// Open nodes: the last one first, or the one that gains most.
enum Frontier<S> {
    Stack(Vec<Open<S>>),
    Best(BinaryHeap<ByGain<S>>),
}

impl<S> Frontier<S> {
    fn new(best_first: bool) -> Self {
        if best_first { Frontier::Best(BinaryHeap::new()) } else { Frontier::Stack(Vec::new()) }
    }

    fn push(&mut self, node: Open<S>) {
        match self {
            Frontier::Stack(stack) => stack.push(node),
            Frontier::Best(heap) => heap.push(ByGain(node)),
        }
    }

    fn pop(&mut self) -> Option<Open<S>> {
        match self {
            Frontier::Stack(stack) => stack.pop(),
            Frontier::Best(heap) => heap.pop().map(|node| node.0),
        }
    }
}

/// Ordered by what its split gains, then by its place, the earlier one first.
struct ByGain<S>(Open<S>);

impl<S> ByGain<S> {
    fn gain(&self) -> f64 {
        self.0.split.map_or(f64::NEG_INFINITY, |(_, _, gain)| gain)
    }
}

impl<S> PartialEq for ByGain<S> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<S> Eq for ByGain<S> {}

impl<S> PartialOrd for ByGain<S> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<S> Ord for ByGain<S> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.gain().total_cmp(&other.gain()).then(other.0.place.cmp(&self.0.place))
    }
}
