//! The engine: a network with its weights and its memory, and the step that trains it.
//!
//! A step has two halves. In the first, each shard of the mini-batch goes forward, to its losses, and
//! backward; shards do not need each other, so threads take them as they come. In the second, each block of
//! weights gets its gradient over the whole mini-batch, and changes while the gradient is still in the cache.
//! Nothing is summed in an order that depends on the threads, and nothing is allocated.

mod plan;

use std::ops::Range;

use crate::error::shape;
use crate::kernels::arena::{Slot, View};
use crate::kernels::buffer::Buffer;
use crate::kernels::pool::Pool;
use crate::operations::cross_entropy;
use crate::{
    Backward, Block, Error, Forward, Network, Parameter, Place, Real, Result, Rule, Shape,
};
use crate::{Tensor, Whole};
use plan::{Action, Plan, Station};

/// A mini-batch, or anything else with samples.
pub trait Batch<T>: Sync {
    /// How many samples.
    fn len(&self) -> usize;

    /// True without samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the input of sample `i` to `to`, in the order `(C, H, W)`. Called from many threads.
    fn input(&self, i: usize, to: &mut [T]);

    /// The class of sample `i`.
    fn label(&self, i: usize) -> usize;
}

/// Samples that lie in memory one after another.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T> {
    /// Inputs, `(N, D)`.
    pub x: &'a [T],
    /// Classes, `(N,)`.
    pub labels: &'a [usize],
}

impl<T: Real> Batch<T> for Rows<'_, T> {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn input(&self, i: usize, to: &mut [T]) {
        to.copy_from_slice(&self.x[i * to.len()..][..to.len()]);
    }

    fn label(&self, i: usize) -> usize {
        self.labels[i]
    }
}

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
    /// False for an engine that only predicts, and needs less memory.
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
    blocks: Vec<Block<T>>,
    /// The station of each block, and which of its blocks it is.
    owners: Vec<(usize, usize)>,
    pool: Pool,
    options: Options,
    input: Shape,
    output: Shape,
}

impl<T: Real> Engine<T> {
    /// Plans a network. All weights are zero.
    ///
    /// # Errors
    /// Without room for a sample, or without operations.
    pub fn new(network: Network<T>, options: Options) -> Result<Self> {
        if options.batch == 0 || options.shards == 0 || options.threads == 0 {
            let fault = "a mini-batch without samples, shards or threads";
            return shape("engine", fault, "give at least one of each");
        }
        if network.entries.is_empty() {
            return shape("engine", "the network has no operations", "add one");
        }
        let (input, output) = (network.shapes[0], network.shapes[network.shapes.len() - 1]);
        let (plan, blocks) = plan::plan(network, options.batch, options.shards, options.training);
        let of =
            |(i, station): (usize, &Station<T>)| (0..station.blocks.len()).map(move |b| (i, b));
        let owners = plan.stations.iter().enumerate().flat_map(of).collect();
        let pool = Pool::new(options.threads);
        Ok(Engine { plan, blocks, owners, pool, options, input, output })
    }

    /// One step of training: forward, backward, and `rule` on each weight. Gives the mean loss before the step.
    ///
    /// # Errors
    /// Where the batch does not fit, or the loss is not finite: then the weights stay as they were.
    // ANCHOR: step
    pub fn step(&mut self, batch: &dyn Batch<T>, rule: &dyn Rule<T>) -> Result<f64> {
        let loss = self.forward_and_backward(batch)?;
        self.each_block(batch.len(), rule.slots(), false, |station, index, whole, block| {
            let (operation, place) = (&station.operation, &station.place);
            let size = block.gradient.len().max(1);
            for piece in 0..block.weights.len() / size {
                operation.gradient(place, index, piece, whole, &mut block.gradient);
                block.update(piece * size..(piece + 1) * size, rule);
            }
            operation.observe(place, index, whole, block);
            operation.turn(place, index, block);
        });
        Ok(loss)
    }
    // ANCHOR_END: step

    /// As [`Engine::step`], but the gradient is shortened to the length `longest`, if it is longer (Pascanu et al., 2013).
    /// Gives the loss and the length that the gradient had.
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn step_clipped(
        &mut self,
        batch: &dyn Batch<T>,
        rule: &dyn Rule<T>,
        longest: f64,
    ) -> Result<(f64, f64)> {
        let loss = self.gradients(batch)?;
        let squares =
            |block: &Block<T>| block.gradient.iter().map(|g| g.to_f64() * g.to_f64()).sum::<f64>();
        let norm = self.blocks.iter().map(squares).sum::<f64>().sqrt();
        if !norm.is_finite() {
            return Err(Error::NotFinite { loss });
        }
        // PyTorch's formula, with its guard against a norm of nought.
        let scale = T::of((longest / (norm + 1e-6)).min(1.0));
        self.each_block(batch.len(), rule.slots(), true, |station, index, whole, block| {
            block.gradient.iter_mut().for_each(|g| *g = *g * scale);
            block.update(0..block.weights.len(), rule);
            station.operation.observe(&station.place, index, whole, block);
            station.operation.turn(&station.place, index, block);
        });
        Ok((loss, norm))
    }

    /// The mean loss and its gradient in all weights, which [`Engine::gradient`] gives. Changes no weight.
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn gradients(&mut self, batch: &dyn Batch<T>) -> Result<f64> {
        let loss = self.forward_and_backward(batch)?;
        self.each_block(batch.len(), 0, true, |station, index, whole, block| {
            let size = block.weights.len() / block.pieces;
            for (piece, gradient) in block.gradient.chunks_exact_mut(size.max(1)).enumerate() {
                station.operation.gradient(&station.place, index, piece, whole, gradient);
            }
        });
        Ok(loss)
    }

    /// The mean loss, as training computes it. Changes nothing.
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn loss(&mut self, batch: &dyn Batch<T>) -> Result<f64> {
        self.forward_and_backward(batch)
    }

    /// The network's output for each sample, `(N, K)`, as prediction has it.
    ///
    /// # Errors
    /// Where the batch does not fit.
    pub fn predict(&mut self, batch: &dyn Batch<T>, output: &mut [T]) -> Result<()> {
        self.check(batch, false)?;
        let k = self.output.elements();
        if output.len() != batch.len() * k {
            let fault = format!("has {} numbers for {} samples", output.len(), batch.len());
            return shape("output", fault, "give as many numbers as the network has outputs");
        }
        self.run_parts(batch, false);
        let last = self.plan.values[self.plan.values.len() - 1];
        let rows = self.plan.arena.all(last.slot).chunks_exact(last.layout.stride);
        for (row, to) in rows.zip(output.chunks_exact_mut(k)) {
            for (i, to) in to.iter_mut().enumerate() {
                *to = row[last.layout.index(i)];
            }
        }
        Ok(())
    }

    /// The shape of an input sample.
    pub fn input_shape(&self) -> Shape {
        self.input
    }

    /// How many numbers the output has.
    pub fn outputs(&self) -> usize {
        self.output.elements()
    }

    /// How the engine runs.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Bytes of the arena: activations, gradients and what is saved for the backward.
    pub fn arena_bytes(&self) -> usize {
        self.plan.arena.len() * size_of::<T>()
    }

    fn forward_and_backward(&mut self, batch: &dyn Batch<T>) -> Result<f64> {
        if !self.options.training {
            return shape("engine", "it was planned to predict", "plan it with `training`");
        }
        self.check(batch, true)?;
        self.run_parts(batch, true);
        let losses = self.plan.arena.all(self.plan.losses).chunks_exact(crate::kernels::LANES);
        let sum: f64 = losses.take(batch.len()).map(|row| row[0].to_f64()).sum();
        let loss = sum / batch.len() as f64;
        if loss.is_finite() { Ok(loss) } else { Err(Error::NotFinite { loss }) }
    }

    fn check(&self, batch: &dyn Batch<T>, labels: bool) -> Result<()> {
        let (n, most, k) = (batch.len(), self.options.batch, self.outputs());
        if n == 0 || n > most {
            let fault = format!("it has {n} samples where 1 to {most} fit");
            return shape("mini-batch", fault, "give another size, or plan the engine for it");
        }
        match (0..n).find(|&i| labels && batch.label(i) >= k) {
            None => Ok(()),
            Some(i) => {
                let fault = format!("sample {i} has class {} of {k} classes", batch.label(i));
                shape(
                    "mini-batch",
                    fault,
                    "count classes from 0, and give the network an output for each",
                )
            }
        }
    }

    /// Runs the parts of the plan, each on all shards.
    fn run_parts(&mut self, batch: &dyn Batch<T>, training: bool) {
        let n = batch.len();
        let shards = self.options.shards.min(n);
        let Engine { plan, blocks, pool, .. } = self;
        let Plan { stations, values, canonical, losses, arena, parts, predict, .. } = plan;
        let (canonical, losses) = (*canonical, *losses);
        // ANCHOR: parts
        for part in if training { parts } else { predict } {
            arena.for_each_shard(pool, n, shards, |shard, rows, view| {
                let work = Work { stations, values, blocks, batch, training, canonical, losses };
                Shard { work, rows, view, shard, shards }.run(part);
            });
        }
        // ANCHOR_END: parts
    }

    /// Calls `each` for every block of weights, on all threads.
    fn each_block(
        &mut self,
        rows: usize,
        slots: usize,
        full: bool,
        each: impl Fn(&Station<T>, usize, Whole<'_, T>, &mut Block<T>) + Sync,
    ) {
        let Engine { plan: Plan { stations, values, arena, .. }, blocks, owners, pool, .. } = self;
        let shards = self.options.shards.min(rows);
        blocks.iter_mut().for_each(|block| block.make_room(slots, full));
        // ANCHOR: blocks
        pool.for_each_mut(blocks, |b, block| {
            let (i, index) = owners[b];
            let station = &stations[i];
            let whole = Whole {
                rows,
                x: arena.all(values[station.inputs[0]].slot),
                y: arena.all(values[station.output].slot),
                dy: arena.all(values[station.output].gradient),
                saved: arena.all(station.saved),
                shards: &station.shards[..shards],
            };
            each(station, index, whole, block);
        });
        // ANCHOR_END: blocks
    }
}

/// What all shards see.
struct Work<'a, T> {
    stations: &'a [Station<T>],
    values: &'a [plan::Home],
    blocks: &'a [Block<T>],
    batch: &'a dyn Batch<T>,
    training: bool,
    canonical: Slot,
    losses: Slot,
}

/// A shard of a mini-batch at work.
struct Shard<'a, T> {
    work: Work<'a, T>,
    rows: Range<usize>,
    view: View<'a, T>,
    shard: usize,
    shards: usize,
}

impl<T: Real> Shard<'_, T> {
    // ANCHOR: run
    fn run(&mut self, part: &[Action]) {
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
        let home = self.work.values[0];
        let (layout, elements) = (home.layout, home.layout.shape.elements());
        let [x, canonical] = self.view.get([home.slot, self.work.canonical]);
        for (i, x) in self.rows.clone().zip(x.chunks_exact_mut(layout.stride)) {
            if layout.is_plain() {
                self.work.batch.input(i, &mut x[..elements]);
                continue;
            }
            let row = &mut canonical[..elements];
            self.work.batch.input(i, row);
            layout.write(row, x);
        }
    }

    // ANCHOR: forward
    fn forward(&mut self, i: usize, phase: usize) {
        let Work { stations, values, blocks, training, .. } = self.work;
        let station = &stations[i];
        let place = &station.place;
        let [a, b] = station.inputs.map(|value| values[value].slot);
        let b = if station.operation.arity() == 2 { b } else { Slot::NONE };
        let [a, b, y, saved] = self.view.get([a, b, values[station.output].slot, station.saved]);
        station.operation.forward(
            place,
            Forward {
                rows: self.rows.len(),
                batch: self.work.batch.len(),
                phase,
                training,
                blocks: &blocks[station.blocks.clone()],
                x: [a, b],
                y,
                saved,
                shards: &station.shards[..self.shards],
                shard: self.shard,
            },
        );
    }
    // ANCHOR_END: forward

    fn loss(&mut self) {
        let n = T::of(1.0 / self.work.batch.len() as f64);
        let Some(&last) = self.work.values.last() else { return };
        let (k, stride) = (last.layout.shape.channels, last.layout.stride);
        let [z, dz, losses] = self.view.get([last.slot, last.gradient, self.work.losses]);
        // ANCHOR: loss
        let rows = z.chunks_exact(stride).zip(dz.chunks_exact_mut(stride));
        let losses = losses.chunks_exact_mut(crate::kernels::LANES);
        for (i, ((z, dz), loss)) in self.rows.clone().zip(rows.zip(losses)) {
            let label = self.work.batch.label(i);
            loss[0] = cross_entropy::forward(&z[..k], label);
            dz[k..].fill(T::ZERO);
            cross_entropy::backward(&z[..k], label, n, &mut dz[..k]);
        }
        // ANCHOR_END: loss
    }

    fn backward(&mut self, i: usize, phase: usize) {
        let Work { stations, values, blocks, .. } = self.work;
        let station = &stations[i];
        let [a, b] = station.inputs.map(|value| values[value].slot);
        let b = if station.operation.arity() == 2 { b } else { Slot::NONE };
        let output = values[station.output];
        let [a, b, y, dy, da, db, saved] = self.view.get([
            a,
            b,
            output.slot,
            output.gradient,
            station.dx[0],
            station.dx[1],
            station.saved,
        ]);
        station.operation.backward(
            &station.place,
            Backward {
                rows: self.rows.len(),
                batch: self.work.batch.len(),
                phase,
                blocks: &blocks[station.blocks.clone()],
                x: [a, b],
                y,
                dy,
                dx: [da, db],
                saved,
                shards: &station.shards[..self.shards],
                shard: self.shard,
            },
        );
    }

    fn gather(&mut self, i: usize, input: usize) {
        let station = &self.work.stations[i];
        let first = self.work.values[station.inputs[input]].gradient;
        let [sum, more] = self.view.get([first, station.dx[input]]);
        sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += *more);
    }
}

/// Weights by name.
impl<T: Real> Engine<T> {
    /// Name and description of each tensor, in the order of the network: `0.weight`, `0.bias`, …
    pub fn parameters(&self) -> Vec<(String, Parameter)> {
        let named = |station: &Station<T>| {
            let of = |p: Parameter| (format!("{}.{}", station.name, p.name), p);
            station.operation.parameters().into_iter().map(of).collect::<Vec<_>>()
        };
        self.plan.stations.iter().flat_map(named).collect()
    }

    /// All weights, unpacked.
    pub fn weights(&self) -> Vec<Tensor<T>> {
        self.unpack(|block, i| match i.checked_sub(block.weights.len()) {
            None => block.weights[i],
            Some(i) => block.statistics[i],
        })
    }

    /// The gradient that [`Engine::gradients`] found, under the names of the weights; zero for what is not trained.
    pub fn gradient(&self) -> Vec<Tensor<T>> {
        self.unpack(|block, i| block.gradient.get(i).copied().unwrap_or(T::ZERO))
    }

    /// What the rule keeps for each weight in `slot`, under the names of the weights; zero before the first step.
    pub fn state(&self, slot: usize) -> Vec<Tensor<T>> {
        self.unpack(|block, i| block.state[slot].get(i).copied().unwrap_or(T::ZERO))
    }

    /// Packs weights by name. Nothing changes unless all fit.
    ///
    /// # Errors
    /// Where a tensor is absent, of another shape, or not of this network.
    pub fn set_weights(&mut self, tensors: &[Tensor<T>]) -> Result<()> {
        self.pack(tensors, |block, i, value| match i.checked_sub(block.weights.len()) {
            None => block.weights[i] = value,
            Some(i) => block.statistics[i] = value,
        })?;
        for (block, &(i, index)) in self.blocks.iter_mut().zip(&self.owners) {
            let station = &self.plan.stations[i];
            station.operation.turn(&station.place, index, block);
        }
        Ok(())
    }

    /// Packs what [`Engine::state`] gave.
    ///
    /// # Errors
    /// As [`Engine::set_weights`].
    pub fn set_state(&mut self, slot: usize, tensors: &[Tensor<T>]) -> Result<()> {
        for block in &mut self.blocks {
            block.state[slot] = Buffer::zeros(block.weights.len());
        }
        self.pack(tensors, |block, i, value| {
            if let Some(state) = block.state[slot].get_mut(i) {
                *state = value;
            }
        })
    }

    /// Calls `each` with the station, the place and the number of every tensor, in order.
    fn each_tensor(&self, mut each: impl FnMut(&Station<T>, &Place, usize, Parameter)) {
        for station in &self.plan.stations {
            for (number, parameter) in station.operation.parameters().into_iter().enumerate() {
                each(station, &station.place, number, parameter);
            }
        }
    }

    fn unpack(&self, read: impl Fn(&Block<T>, usize) -> T) -> Vec<Tensor<T>> {
        let mut tensors = Vec::new();
        self.each_tensor(|station, place, number, parameter| {
            let blocks = &self.blocks[station.blocks.clone()];
            let element = |i| {
                let (block, i) = station.operation.home(place, number, i);
                read(&blocks[block], i)
            };
            let count = parameter.shape.iter().product();
            let data = (0..count).map(element).collect();
            let name = format!("{}.{}", station.name, parameter.name);
            tensors.push(Tensor { name, shape: parameter.shape, data });
        });
        tensors
    }

    fn pack(
        &mut self,
        tensors: &[Tensor<T>],
        write: impl Fn(&mut Block<T>, usize, T),
    ) -> Result<()> {
        crate::weights::check(tensors, &self.parameters())?;
        let Engine { plan, blocks, .. } = self;
        for station in &plan.stations {
            for (number, parameter) in station.operation.parameters().iter().enumerate() {
                let name = format!("{}.{}", station.name, parameter.name);
                let Some(tensor) = tensors.iter().find(|tensor| tensor.name == name) else {
                    continue;
                };
                for (i, &value) in tensor.data.iter().enumerate() {
                    let (block, i) = station.operation.home(&station.place, number, i);
                    write(&mut blocks[station.blocks.start + block], i, value);
                }
            }
        }
        Ok(())
    }
}
