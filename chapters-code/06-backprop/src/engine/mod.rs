//! The engine: a network with its weights and its memory, and the step that trains it.
//!
//! A step has two halves. In the first, each shard of the mini-batch goes forward, to its losses, and
//! backward; shards do not need each other, so threads take them as they come. In the second, each block of
//! weights gets its gradient over the whole mini-batch, and changes while the gradient is still in the cache.
//! Nothing is summed in an order that depends on the threads, and nothing is allocated.

mod batch;
mod plan;
mod shard;
mod weights;

use std::sync::atomic::AtomicUsize;

pub use batch::{Batch, Rows, Sequences};

use crate::error::shape;
use crate::kernels::LANES;
use crate::kernels::arena::{Arena, Slot};
use crate::kernels::threads::Threads;
use crate::operation::{Forward, Held, Moment, Piece, Whole};
use crate::{Block, Error, Loss, Network, Real, Result, Rule, Shape, Value};
use plan::{Action, Node, Placed, Plan, Room, Stored};
use shard::{Shard, Work};

/// How an engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The most samples of a mini-batch.
    pub batch: usize,
    /// Into how many shards a mini-batch is cut. Where an operation reduces within a shard first, as batch normalisation
    /// does, the last bits of the results depend on it.
    pub shards: usize,
    /// On how many threads. Results do not depend on it.
    pub threads: usize,
    /// False for an engine that only predicts, and needs less memory: no gradients, and weights without a second copy.
    pub training: bool,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Options { batch: 128, shards: 8, threads, training: true }
    }
}

/// A network with its weights and its memory.
#[derive(Debug)]
pub struct Engine<T> {
    plan: Plan<T>,
    tensors: Vec<Stored<T>>,
    blocks: Vec<Block<T>>,
    /// The tensor of each block.
    owners: Vec<usize>,
    loss: Box<dyn Loss<T>>,
    threads: Threads,
    options: Options,
    /// What operations draw from: set `seed`, and `step` where training goes on. Each step counts on. The other fields
    /// are the engine's.
    pub moment: Moment,
    /// How many samples the gradient is of, until weights change.
    gradient_of: Option<usize>,
}

impl<T: Real> Engine<T> {
    /// Plans a network. All weights are zero.
    ///
    /// # Errors
    /// Without room for a sample, without operations, with tensors of one name or a tie that does not fit; in training,
    /// also with an output that nothing reads.
    pub fn new(network: Network<T>, options: Options) -> Result<Self> {
        let Options { batch: rows, shards, threads, training } = options;
        if rows == 0 || shards == 0 || threads == 0 {
            let fault = "a mini-batch without samples, shards or threads";
            return shape("engine", fault, "give at least one of each");
        }
        if network.entries.is_empty() {
            return shape("engine", "the network has no operations", "add one");
        }
        if training {
            check_readers(&network)?;
        }
        let mut network = network;
        let loss = std::mem::replace(&mut network.loss, Box::new(crate::CrossEntropy));
        let (plan, tensors, blocks) =
            plan::plan(network, Room { rows, shards, threads, training })?;
        let of = |(t, tensor): (usize, &Stored<T>)| tensor.blocks.clone().map(move |_| t);
        let owners = tensors.iter().enumerate().flat_map(of).collect();
        let threads = Threads::new(threads);
        let (moment, gradient_of) = (Moment::default(), None);
        Ok(Engine { plan, tensors, blocks, owners, loss, threads, options, moment, gradient_of })
    }

    /// One step of training: forward, backward, and `rule` on each weight. Gives the mean loss before the step.
    ///
    /// # Errors
    /// Where the batch does not fit, or the loss is not finite: then the weights stay as they were.
    // ANCHOR: step
    pub fn step(&mut self, batch: &dyn Batch<T>, rule: &dyn Rule<T>) -> Result<f64> {
        let loss = self.forward_and_backward(batch)?;
        self.each_block(batch.len(), rule.slots(), false, |tensor, index, work, block| {
            if tensor.weight.trained {
                let size = block.gradient.len().max(1);
                for piece in 0..block.weights.len() / size {
                    work.gradient(tensor, index, piece, &mut block.gradient);
                    let part = piece * size..(piece + 1) * size;
                    block.update(part, rule, tensor.weight.decays);
                }
            }
            work.finish(tensor, index, block);
        });
        self.moment.step += 1;
        Ok(loss)
    }
    // ANCHOR_END: step

    /// As [`Engine::step`], but the gradient is shortened to the length `longest`, if it is longer (Pascanu et al., 2013).
    /// Gives the loss and the length that the gradient had.
    ///
    /// # Errors
    /// As [`Engine::step`], and where the gradient is not finite.
    pub fn step_clipped(
        &mut self,
        batch: &dyn Batch<T>,
        rule: &dyn Rule<T>,
        longest: f64,
    ) -> Result<(f64, f64)> {
        let loss = self.gradients(batch)?;
        let squares = |gradient: &mut [T]| gradient.iter().map(|g| g.to_f64().powi(2)).sum::<f64>();
        let norm = self.gradient_mut().map(squares).sum::<f64>().sqrt();
        if !norm.is_finite() {
            return Err(Error::NotFinite { loss });
        }
        // PyTorch's formula, with its guard against a norm of nought.
        let scale = T::of((longest / (norm + 1e-6)).min(1.0));
        self.gradient_mut().flatten().for_each(|g| *g = *g * scale);
        self.update(rule)?;
        Ok((loss, norm))
    }

    /// The first half of a step: the mean loss, and its gradient in all weights, which [`Engine::gradient`] gives by name
    /// and [`Engine::gradient_mut`] as it lies. Changes no weight.
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn gradients(&mut self, batch: &dyn Batch<T>) -> Result<f64> {
        let loss = self.forward_and_backward(batch)?;
        self.each_block(batch.len(), 0, true, |tensor, index, work, block| {
            if tensor.weight.trained {
                let size = block.weights.len() / block.pieces;
                for (piece, gradient) in block.gradient.chunks_exact_mut(size.max(1)).enumerate() {
                    work.gradient(tensor, index, piece, gradient);
                }
            }
        });
        self.gradient_of = Some(batch.len());
        Ok(loss)
    }

    /// The gradient as it lies, block by block: to be clipped, or added up over mini-batches or processes. The same
    /// network has the same blocks, whose order has no meaning for readers.
    pub fn gradient_mut(&mut self) -> impl Iterator<Item = &mut [T]> {
        self.blocks.iter_mut().map(|block| &mut block.gradient[..])
    }

    /// The second half of a step: `rule` on each weight, with the gradient that is there.
    ///
    /// # Errors
    /// Where weights have changed since the last [`Engine::gradients`].
    pub fn update(&mut self, rule: &dyn Rule<T>) -> Result<()> {
        let Some(rows) = self.gradient_of.take() else {
            let fault = "there is no gradient of these weights";
            return shape("engine", fault, "call `gradients` before each `update`");
        };
        self.each_block(rows, rule.slots(), true, |tensor, index, work, block| {
            if tensor.weight.trained {
                block.update(0..block.weights.len(), rule, tensor.weight.decays);
            }
            work.finish(tensor, index, block);
        });
        self.moment.step += 1;
        Ok(())
    }

    /// The mean loss, as training computes it. Changes nothing.
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn loss(&mut self, batch: &dyn Batch<T>) -> Result<f64> {
        self.forward_and_backward(batch)
    }

    /// The mean loss, as prediction has it: without dropout, and with running statistics. Changes nothing.
    ///
    /// # Errors
    /// Where the batch does not fit, or the loss is not finite.
    pub fn evaluate(&mut self, batch: &dyn Batch<T>) -> Result<f64> {
        let asked = self.check_labels(batch)?;
        self.run(batch, Moment { training: false, ..self.moment }, 1)?;
        let last = self.plan.last();
        let (k, layout) = (last.layout.shape.channels, last.layout);
        let mut sum = 0.0;
        for (i, z) in self.plan.arena.all(last.slot).chunks_exact(layout.stride).enumerate() {
            if i == batch.len() {
                break;
            }
            for position in 0..layout.shape.positions() {
                if let Some(label) = batch.label(i, position) {
                    let z = &z[layout.at(0, position)..][..k];
                    sum += self.loss.forward(z, label).to_f64();
                }
            }
        }
        finite(sum / asked as f64)
    }

    /// The network's output for each sample, `(N, K)`, as prediction has it. Labels are not asked for.
    ///
    /// # Errors
    /// Where the batch does not fit.
    pub fn predict(&mut self, batch: &dyn Batch<T>, output: &mut [T]) -> Result<()> {
        self.predict_at(0, batch, output)
    }

    /// As [`Engine::predict`], where the samples go on a sequence of which `position` tokens came before. For networks
    /// that are built for one token and keep what they need of the earlier ones.
    ///
    /// # Errors
    /// Where the batch does not fit.
    pub fn predict_at(
        &mut self,
        position: usize,
        batch: &dyn Batch<T>,
        output: &mut [T],
    ) -> Result<()> {
        self.check_size(batch)?;
        let k = self.output_shape().elements();
        if output.len() != batch.len() * k {
            let fault = format!("has {} numbers for {} samples", output.len(), batch.len());
            return shape("output", fault, "give as many numbers as the network has outputs");
        }
        self.run(batch, Moment { training: false, position, ..self.moment }, 1)?;
        self.copy_out(self.plan.last().slot, self.plan.values.len() - 1, output)
    }

    /// A value that the network [keeps](Network::keep), as the last step or prediction left it, in the order of readers,
    /// for as many samples as `output` has room for.
    ///
    /// # Errors
    /// Where the value is not kept, or `output` does not hold whole samples.
    pub fn read(&self, value: Value, output: &mut [T]) -> Result<()> {
        match self.plan.values.get(value.0).filter(|placed| placed.kept) {
            Some(placed) => self.copy_out(placed.slot, value.0, output),
            None => shape("engine", "the network does not keep this value", "`keep` it"),
        }
    }

    /// The gradient of the mean loss with respect to the input, as the last step left it, in the order of readers.
    ///
    /// # Errors
    /// Where the network was not made [for it](Network::with_input_gradient), or `output` does not hold whole samples.
    pub fn input_gradient(&self, output: &mut [T]) -> Result<()> {
        match self.plan.values[0].gradient {
            Slot::NONE => {
                let fault = "the gradient of the input was not computed";
                shape("engine", fault, "train a network `with_input_gradient`")
            }
            slot => self.copy_out(slot, 0, output),
        }
    }

    /// Copies the first rows of a slot that is laid out as a value.
    fn copy_out(&self, slot: Slot, value: usize, output: &mut [T]) -> Result<()> {
        let layout = self.plan.values[value].layout;
        let k = layout.shape.elements();
        let rows = output.len() / k;
        if rows * k != output.len() || rows > self.options.batch {
            let fault = format!("has {} numbers for samples of {}", output.len(), layout.shape);
            return shape("output", fault, "give room for whole samples of one mini-batch");
        }
        let samples = self.plan.arena.all(slot).chunks_exact(layout.stride);
        for (sample, to) in samples.zip(output.chunks_exact_mut(k)) {
            for (i, to) in to.iter_mut().enumerate() {
                *to = sample[layout.index(i)];
            }
        }
        Ok(())
    }

    /// The shape of an input sample.
    pub fn input_shape(&self) -> Shape {
        self.plan.values[0].layout.shape
    }

    /// The shape of the output of a sample.
    pub fn output_shape(&self) -> Shape {
        self.plan.last().layout.shape
    }

    /// How many numbers the output has.
    pub fn outputs(&self) -> usize {
        self.output_shape().elements()
    }

    /// How the engine runs.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Bytes of the arena: activations, gradients and what is saved for the backward.
    pub fn arena_bytes(&self) -> usize {
        self.plan.arena.len() * size_of::<T>()
    }

    /// Bytes of the weights: their blocks, second copies, gradients, and what the rule keeps for them.
    pub fn weight_bytes(&self) -> usize {
        let numbers = |block: &Block<T>| {
            let state: usize = block.state.iter().map(|state| state.len()).sum();
            block.weights.len() + block.second.len() + block.gradient.len() + state
        };
        self.blocks.iter().map(numbers).sum::<usize>() * size_of::<T>()
    }

    fn forward_and_backward(&mut self, batch: &dyn Batch<T>) -> Result<f64> {
        if !self.options.training {
            return shape("engine", "it was planned to predict", "plan it with `training`");
        }
        let asked = self.check_labels(batch)?;
        self.gradient_of = None;
        self.run(batch, Moment { training: true, position: 0, ..self.moment }, asked)?;
        let losses = self.plan.arena.all(self.plan.losses).chunks_exact(LANES);
        let sum: f64 = losses.take(batch.len()).map(|row| row[0].to_f64()).sum();
        finite(sum / asked as f64)
    }

    fn check_size(&self, batch: &dyn Batch<T>) -> Result<()> {
        let (n, most) = (batch.len(), self.options.batch);
        if n == 0 || n > most {
            let fault = format!("it has {n} samples where 1 to {most} fit");
            return shape("mini-batch", fault, "give another size, or plan the engine for it");
        }
        Ok(())
    }

    /// Checks the labels. Gives how many are asked for.
    fn check_labels(&self, batch: &dyn Batch<T>) -> Result<usize> {
        self.check_size(batch)?;
        let output = self.output_shape();
        if output.is_image() {
            let fault = format!("its output is an image of {output}, which has no class");
            return shape("network", fault, "end it with a pool, a reshape or a linear layer");
        }
        let (k, mut asked) = (output.channels, 0);
        for i in 0..batch.len() {
            for position in 0..output.positions() {
                let Some(label) = batch.label(i, position) else { continue };
                if label >= k {
                    let token =
                        if output.tokens { format!(", token {position},") } else { String::new() };
                    let fault = format!("sample {i}{token} has class {label} of {k} classes");
                    let fix = "count classes from 0, and give the network an output for each";
                    return shape("mini-batch", fault, fix);
                }
                asked += 1;
            }
        }
        match asked {
            0 => shape("mini-batch", "no sample has a label", "give at least one"),
            _ => Ok(asked),
        }
    }

    /// Runs the parts of the plan, each on all shards.
    fn run(&mut self, batch: &dyn Batch<T>, moment: Moment, asked: usize) -> Result<()> {
        let n = batch.len();
        let shards = self.options.shards.min(n);
        let wrong_id = AtomicUsize::new(usize::MAX);
        let ids = self.plan.ids();
        let Engine { plan, blocks, threads, loss, options, .. } = self;
        let Plan { nodes, values, canonical, losses, arena, parts, predict, .. } = plan;
        let (canonical, losses, loss) = (*canonical, *losses, &**loss);
        let work = Work {
            nodes,
            values,
            blocks,
            batch,
            moment,
            asked,
            loss,
            canonical,
            losses,
            ids,
            wrong_id: &wrong_id,
        };
        // Only a plan that predicts has anything to cut.
        let few = !options.training && threads.threads() > 1 && n < 2 * threads.threads();
        // ANCHOR: parts
        for part in if moment.training { parts } else { predict } {
            if few {
                run_few(part, arena, threads, &work, shards);
                continue;
            }
            arena.for_each_shard(threads, n, shards, |shard, rows, view| {
                Shard { work: &work, rows, view, shard, shards }.run(part);
            });
        }
        // ANCHOR_END: parts
        self.check_ids(batch, wrong_id.into_inner())
    }

    /// Reports the first of the input's numbers that is no id, if there is one.
    fn check_ids(&self, batch: &dyn Batch<T>, wrong: usize) -> Result<()> {
        if wrong == usize::MAX {
            return Ok(());
        }
        let elements = self.input_shape().elements();
        let (i, position) = (wrong / elements, wrong % elements);
        let mut sample = vec![T::ZERO; elements];
        batch.input(i, &mut sample);
        let count = self.plan.ids().unwrap_or(0);
        let fault = format!(
            "sample {i}, token {position}, is {} where the table has the ids 0 to {}",
            sample[position],
            count.saturating_sub(1)
        );
        shape("mini-batch", fault, "give ids of this table")
    }

    /// Calls `each` for every block of weights, on all threads.
    fn each_block(
        &mut self,
        rows: usize,
        slots: usize,
        full: bool,
        each: impl Fn(&Stored<T>, usize, &Weighed<'_, T>, &mut Block<T>) + Sync,
    ) {
        let shards = self.options.shards.min(rows);
        let Engine { plan, tensors, blocks, owners, threads, .. } = self;
        let Plan { nodes, values, arena, .. } = plan;
        for (block, &owner) in blocks.iter_mut().zip(owners.iter()) {
            if tensors[owner].weight.trained {
                block.make_room(slots, full);
            }
        }
        let work = Weighed { nodes, values, arena, rows, shards };
        // ANCHOR: blocks
        threads.for_each_mut(blocks, |b, block| {
            let tensor = &tensors[owners[b]];
            each(tensor, b - tensor.blocks.start, &work, block);
        });
        // ANCHOR_END: blocks
    }
}

fn finite(loss: f64) -> Result<f64> {
    if loss.is_finite() { Ok(loss) } else { Err(Error::NotFinite { loss }) }
}

/// Training needs a gradient for every output, so something must read it.
fn check_readers<T: Real>(network: &Network<T>) -> Result<()> {
    let (last, read) =
        network.entries.split_last().map_or((0, &[][..]), |(_, rest)| (rest.len(), rest));
    for (i, entry) in read.iter().enumerate().take(last) {
        let later = &network.entries[i + 1..];
        if !later.iter().any(|e| e.inputs.iter().any(|value| value.0 == i + 1)) {
            let what = format!("{} {:?}", entry.operation.name(), entry.name);
            return shape(what, "nothing reads its output", "leave it out, or only predict");
        }
    }
    Ok(())
}

/// Runs a part for so few samples that threads would have nothing to do: what can be cut, piece by piece of a sample.
fn run_few<T: Real>(
    part: &[Action],
    arena: &mut Arena<T>,
    threads: &mut Threads,
    work: &Work<'_, T>,
    shards: usize,
) {
    let n = work.batch.len();
    for &action in part {
        let cut = match action {
            Action::Forward(i, phase) => Some((&work.nodes[i], phase)),
            _ => None,
        };
        let Some((node, phase)) = cut.filter(|(node, _)| !node.cuts.edges.is_empty()) else {
            arena.for_each_shard(threads, n, shards, |shard, rows, view| {
                Shard { work, rows, view, shard, shards }.run(&[action]);
            });
            continue;
        };
        let (slot, slots) = (work.values[node.output].slot, node.x(work.values));
        arena.for_each_cut(threads, n, slot, &node.cuts.edges, |row, piece, y, rest| {
            let at = Forward {
                rows: 1,
                batch: n,
                phase,
                moment: Moment { first: row, ..work.moment },
                weights: Held { blocks: work.blocks, of: &node.weights },
                x: slots.map(|slot| rest.get(slot)),
                y,
                lines: node.cuts.lines[piece]..node.cuts.lines[piece + 1],
                start: node.cuts.edges[piece],
                saved: &mut [],
                shards: &node.shards[..shards],
                shard: 0,
            };
            node.operation.forward(&node.place, at);
        });
    }
}

/// What the gradient of weights is computed from.
struct Weighed<'a, T> {
    nodes: &'a [Node<T>],
    values: &'a [Placed],
    arena: &'a Arena<T>,
    rows: usize,
    shards: usize,
}

impl<T: Real> Weighed<'_, T> {
    /// The operations that use a tensor, which of their tensors it is, and what they have computed.
    fn users<'a>(
        &'a self,
        tensor: &'a Stored<T>,
    ) -> impl Iterator<Item = (&'a Node<T>, usize, Whole<'a, T>)> {
        tensor.users.iter().map(|&(node, weight)| {
            let node = &self.nodes[node];
            let output = self.values[node.output];
            let whole = Whole {
                rows: self.rows,
                x: node.x(self.values).map(|slot| self.arena.all(slot)),
                y: self.arena.all(output.slot),
                dy: self.arena.all(output.gradient),
                saved: self.arena.all(node.saved),
                shards: &node.shards[..self.shards],
            };
            (node, weight, whole)
        })
    }

    /// The gradient of a piece: the sum over all that use the tensor, in the order of the network.
    fn gradient(&self, tensor: &Stored<T>, block: usize, piece: usize, gradient: &mut [T]) {
        for (user, (node, weight, whole)) in self.users(tensor).enumerate() {
            let piece = Piece { weight, block, piece, add: user > 0 };
            node.operation.gradient(&node.place, piece, whole, gradient);
        }
    }

    /// What follows a change of weights.
    fn finish(&self, tensor: &Stored<T>, index: usize, block: &mut Block<T>) {
        for (node, weight, whole) in self.users(tensor) {
            node.operation.observe(&node.place, weight, whole, block);
        }
        tensor.weight.packing.renew(index, block);
    }
}
