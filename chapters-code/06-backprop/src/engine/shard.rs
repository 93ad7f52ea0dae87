//! A shard of a mini-batch at work.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::plan::{Action, Node, Placed};
use crate::kernels::LANES;
use crate::kernels::arena::{Slot, View};
use crate::operation::{Backward, Forward, Held, Moment};
use crate::{Batch, Block, Loss, Real};

/// What all shards see.
pub(super) struct Work<'a, T> {
    pub nodes: &'a [Node<T>],
    pub values: &'a [Placed],
    pub blocks: &'a [Block<T>],
    pub batch: &'a dyn Batch<T>,
    pub moment: Moment,
    /// How many labels are asked for.
    pub asked: usize,
    pub loss: &'a dyn Loss<T>,
    pub canonical: Slot,
    pub losses: Slot,
    /// How many ids the input may have, where it is ids.
    pub ids: Option<usize>,
    /// The first number of the mini-batch's inputs that is no id where there must be one.
    pub wrong_id: &'a AtomicUsize,
}

/// A shard of a mini-batch at work.
pub(super) struct Shard<'a, T> {
    pub work: &'a Work<'a, T>,
    pub rows: Range<usize>,
    pub view: View<'a, T>,
    pub shard: usize,
    pub shards: usize,
}

impl<T: Real> Shard<'_, T> {
    // ANCHOR: run
    pub fn run(&mut self, part: &[Action]) {
        for &action in part {
            match action {
                Action::Load => self.load(),
                Action::Forward(i, phase) => self.forward(i, phase),
                Action::Loss => self.loss(),
                Action::Backward(i, phase) => self.backward(i, phase),
                Action::Gather(i, input) => self.gather(i, input),
            }
        }
    }
    // ANCHOR_END: run

    fn load(&mut self) {
        let input = self.work.values[0];
        let (layout, elements) = (input.layout, input.layout.shape.elements());
        let [x, canonical] = self.view.get([input.slot, self.work.canonical]);
        for (i, x) in self.rows.clone().zip(x.chunks_exact_mut(layout.stride)) {
            let load = |row: &mut [T]| {
                self.work.batch.input(i, row);
                if let Some(count) = self.work.ids {
                    check_ids(row, count, i * elements, self.work.wrong_id);
                }
            };
            if layout.is_plain() {
                load(&mut x[..elements]);
                continue;
            }
            let row = &mut canonical[..elements];
            load(row);
            layout.write(row, x);
        }
    }

    // ANCHOR: forward
    fn forward(&mut self, i: usize, phase: usize) {
        let Work { nodes, values, blocks, batch, moment, .. } = *self.work;
        let node = &nodes[i];
        let [a, b, c, d] = node.x(values);
        let slots = [a, b, c, d, values[node.output].slot, node.saved];
        let [a, b, c, d, y, saved] = self.view.get(slots);
        let at = Forward {
            rows: self.rows.len(),
            batch: batch.len(),
            phase,
            moment: Moment { first: self.rows.start, ..moment },
            weights: Held { blocks, of: &node.weights },
            x: [a, b, c, d],
            y,
            lines: 0..node.place.output.cuts(),
            start: 0,
            saved,
            shards: &node.shards[..self.shards],
            shard: self.shard,
        };
        node.operation.forward(&node.place, at);
    }
    // ANCHOR_END: forward

    fn loss(&mut self) {
        let Work { values, batch, loss, losses, asked, .. } = *self.work;
        let Some(&last) = values.last() else { return };
        let (k, layout) = (last.layout.shape.channels, last.layout);
        let scale = T::of(1.0 / asked as f64);
        let [z, dz, losses] = self.view.get([last.slot, last.gradient, losses]);
        dz.fill(T::ZERO);
        // ANCHOR: loss
        let rows = z.chunks_exact(layout.stride).zip(dz.chunks_exact_mut(layout.stride));
        let losses = losses.chunks_exact_mut(LANES);
        for (i, ((z, dz), sum)) in self.rows.clone().zip(rows.zip(losses)) {
            sum[0] = T::ZERO;
            for position in 0..layout.shape.positions() {
                let Some(label) = batch.label(i, position) else { continue };
                let at = layout.at(0, position);
                let (z, dz) = (&z[at..][..k], &mut dz[at..][..k]);
                sum[0] += loss.forward(z, label);
                loss.backward(z, label, scale, dz);
            }
        }
        // ANCHOR_END: loss
    }

    fn backward(&mut self, i: usize, phase: usize) {
        let Work { nodes, values, blocks, batch, moment, .. } = *self.work;
        let node = &nodes[i];
        let ([a, b, c, d], [da, db, dc, dd]) = (node.x(values), node.dx());
        let output = values[node.output];
        let slots = [a, b, c, d, output.slot, output.gradient, da, db, dc, dd, node.saved];
        let [a, b, c, d, y, dy, da, db, dc, dd, saved] = self.view.get(slots);
        let at = Backward {
            rows: self.rows.len(),
            batch: batch.len(),
            phase,
            moment: Moment { first: self.rows.start, ..moment },
            weights: Held { blocks, of: &node.weights },
            x: [a, b, c, d],
            y,
            dy,
            dx: [da, db, dc, dd],
            saved,
            shards: &node.shards[..self.shards],
            shard: self.shard,
        };
        node.operation.backward(&node.place, at);
    }

    fn gather(&mut self, i: usize, input: usize) {
        let node = &self.work.nodes[i];
        let first = self.work.values[node.inputs[input]].gradient;
        let [sum, more] = self.view.get([first, node.dx[input]]);
        sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += *more);
    }
}

/// Notes the first number that is not a whole number below `count`, and puts 0 in its place, so that no operation looks
/// past the end of its table before the step is refused.
fn check_ids<T: Real>(ids: &mut [T], count: usize, first: usize, wrong: &AtomicUsize) {
    for (i, id) in ids.iter_mut().enumerate() {
        let index = id.to_index();
        if index >= count || T::of(index as f64) != *id {
            wrong.fetch_min(first + i, Ordering::Relaxed);
            *id = T::ZERO;
        }
    }
}
