//! The plan: where each value of a network lies, and in which order a step computes them.
//!
//! What a later part of the step reads must not be overwritten. An activation that an operation with weights reads
//! lives to the end, because the gradient of the weights is computed from it; so does the gradient of that
//! operation's output. Everything else gives its slot of the arena to the next value of the same stride. To
//! predict, nothing is kept for a backward.

use std::sync::Mutex;

use crate::kernels::arena::{Arena, Slot};
use crate::kernels::buffer::Buffer;
use crate::network::Entry;
use crate::{Block, Layout, Memory, Network, Operation, Place, Real, Size};

// ANCHOR: action
/// What a shard does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Writes its samples to the input's slot.
    Load,
    /// The forward of a station, in a phase.
    Forward(usize, usize),
    /// The losses, and their gradient.
    Loss,
    /// The backward of a station, in a phase.
    Backward(usize, usize),
    /// Adds the gradient that a station found for one of its inputs to that of an earlier one.
    Gather(usize, usize),
}
// ANCHOR_END: action

/// An operation at its place.
#[derive(Debug)]
pub struct Station<T> {
    /// Name, as the network's author gave it.
    pub name: String,
    /// What it does.
    pub operation: Box<dyn Operation<T>>,
    /// Layouts of its inputs and output.
    pub place: Place,
    /// Which values it reads.
    pub inputs: [usize; 2],
    /// Which value it writes.
    pub output: usize,
    /// Slots of the gradients with respect to its inputs.
    pub dx: [Slot; 2],
    /// Slot of what it saves for each sample.
    pub saved: Slot,
    /// What it saves for each shard.
    pub shards: Vec<Mutex<Buffer<T>>>,
    /// Its first block of weights, and the one after its last.
    pub blocks: std::ops::Range<usize>,
}

/// A value of the network at its place.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    /// How a sample of it lies.
    pub layout: Layout,
    /// Its slot.
    pub slot: Slot,
    /// The slot of its gradient.
    pub gradient: Slot,
}

/// The plan of a network.
#[derive(Debug)]
pub struct Plan<T> {
    /// Operations in order.
    pub stations: Vec<Station<T>>,
    /// Values, the input first.
    pub values: Vec<Home>,
    /// What each shard does, in parts at whose ends all shards wait for each other.
    pub parts: Vec<Vec<Action>>,
    /// The same, to predict.
    pub predict: Vec<Vec<Action>>,
    /// For the input in the order `(C, H, W)`, where that is not how it lies.
    pub canonical: Slot,
    /// The loss of each sample, at the beginning of its row.
    pub losses: Slot,
    /// All values, gradients and saved numbers.
    pub arena: Arena<T>,
}

/// Gives slots out, and takes them back.
struct Slots<T> {
    arena: Arena<T>,
    free: Vec<Slot>,
}

impl<T: Real> Slots<T> {
    // ANCHOR: slots
    fn take(&mut self, stride: usize) -> Slot {
        match self.free.iter().position(|&slot| self.arena.stride(slot) == stride) {
            Some(i) => self.free.swap_remove(i),
            None => self.arena.slot(stride),
        }
    }

    fn give_back(&mut self, slot: Slot) {
        if slot != Slot::NONE {
            self.free.push(slot);
        }
    }
    // ANCHOR_END: slots
}

/// Plans a network for mini-batches of up to `rows` samples in up to `shards` shards. Gives the blocks of its weights, too.
pub fn plan<T: Real>(
    network: Network<T>,
    rows: usize,
    shards: usize,
    training: bool,
) -> (Plan<T>, Vec<Block<T>>) {
    let layouts = layouts(&network);
    let (stations, blocks) = stations(network.entries, &layouts, shards);
    let mut plan = Plan {
        values: layouts
            .iter()
            .map(|&layout| Home { layout, slot: Slot::NONE, gradient: Slot::NONE })
            .collect(),
        parts: parts(&stations, training),
        predict: parts(&stations, false),
        stations,
        canonical: Slot::NONE,
        losses: Slot::NONE,
        arena: Arena::new(rows),
    };
    plan.lay_out(training);
    (plan, blocks)
}

/// The layout of each value: with as wide a border as any of its readers wants.
fn layouts<T: Real>(network: &Network<T>) -> Vec<Layout> {
    let border = |value: usize| {
        let readers = network.entries.iter().filter(|e| e.inputs.iter().any(|i| i.0 == value));
        readers.map(|e| e.operation.border()).max().unwrap_or(0)
    };
    let layout = |(value, &shape)| match value {
        0 => Layout::input(shape, border(0)),
        _ => Layout::new(shape, border(value)),
    };
    network.shapes.iter().enumerate().map(layout).collect()
}

fn stations<T: Real>(
    entries: Vec<Entry<T>>,
    layouts: &[Layout],
    shards: usize,
) -> (Vec<Station<T>>, Vec<Block<T>>) {
    let mut blocks = Vec::new();
    let station = |(i, entry): (usize, Entry<T>)| {
        let inputs = entry.inputs.map(|value| value.0);
        let place = Place {
            inputs: inputs.map(|value| layouts[value]),
            output: layouts[i + 1],
            input_gradient: inputs[0] != 0,
        };
        let first = blocks.len();
        blocks.extend(entry.operation.blocks(&place).iter().map(block));
        let Memory { shard, .. } = entry.operation.memory(&place);
        Station {
            name: entry.name,
            place,
            inputs,
            output: i + 1,
            dx: [Slot::NONE; 2],
            saved: Slot::NONE,
            shards: (0..shards).map(|_| Mutex::new(Buffer::zeros(shard))).collect(),
            blocks: first..blocks.len(),
            operation: entry.operation,
        }
    };
    let stations = entries.into_iter().enumerate().map(station).collect();
    (stations, blocks)
}

fn block<T: Real>(size: &Size) -> Block<T> {
    let zeros = Buffer::zeros;
    Block {
        weights: zeros(size.weights),
        statistics: zeros(size.statistics),
        turned: zeros(size.turned),
        pieces: size.pieces.max(1),
        gradient: zeros(size.weights / size.pieces.max(1)),
        state: [zeros(0), zeros(0)],
    }
}

/// The actions in order. A phase after the first begins a new part.
fn parts<T: Real>(stations: &[Station<T>], training: bool) -> Vec<Vec<Action>> {
    let mut parts = vec![vec![Action::Load]];
    let mut add = |action, fresh: bool| {
        if fresh {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(action);
        }
    };
    for (i, station) in stations.iter().enumerate() {
        for phase in 0..station.operation.phases() {
            add(Action::Forward(i, phase), phase > 0);
        }
    }
    if !training {
        return parts;
    }
    add(Action::Loss, false);
    for (i, station) in stations.iter().enumerate().rev() {
        for phase in 0..station.operation.phases() {
            add(Action::Backward(i, phase), phase > 0);
        }
        for input in 0..station.operation.arity() {
            let value = station.inputs[input];
            let read_later = |s: &Station<T>| s.inputs[..s.operation.arity()].contains(&value);
            if value != 0 && stations[i + 1..].iter().any(read_later) {
                add(Action::Gather(i, input), false);
            }
        }
    }
    parts
}

impl<T: Real> Plan<T> {
    /// Gives each value its slot, in the order in which a step needs them.
    fn lay_out(&mut self, training: bool) {
        let mut slots =
            Slots { arena: std::mem::replace(&mut self.arena, Arena::new(0)), free: Vec::new() };
        if !self.values[0].layout.is_plain() {
            self.canonical = slots.arena.slot(self.values[0].layout.shape.elements());
        }
        if training {
            self.losses = slots.arena.slot(crate::kernels::LANES);
        }
        let actions: Vec<Action> = self.parts.iter().flatten().copied().collect();
        // ANCHOR: lay_out
        for (time, &action) in actions.iter().enumerate() {
            match action {
                Action::Load => self.values[0].slot = slots.take(self.values[0].layout.stride),
                Action::Forward(i, 0) => self.lay_out_forward(i, &mut slots),
                Action::Loss => {
                    if let Some(last) = self.values.last_mut() {
                        last.gradient = slots.take(last.layout.stride);
                    }
                }
                Action::Backward(i, 0) => self.lay_out_backward(i, &mut slots),
                _ => {}
            }
            self.free_after(&actions, time, training, &mut slots);
        }
        // ANCHOR_END: lay_out
        self.arena = slots.arena;
        self.arena.allocate();
    }

    fn lay_out_forward(&mut self, i: usize, slots: &mut Slots<T>) {
        let station = &mut self.stations[i];
        station.saved = slots.arena.slot(station.operation.memory(&station.place).sample);
        self.values[station.output].slot = slots.take(station.place.output.stride);
    }

    /// The first gradient of a value is its own; a further one has a slot until it is added.
    fn lay_out_backward(&mut self, i: usize, slots: &mut Slots<T>) {
        let station = &mut self.stations[i];
        for input in 0..station.operation.arity() {
            let value = station.inputs[input];
            if value == 0 {
                continue;
            }
            let slot = slots.take(station.place.inputs[input].stride);
            station.dx[input] = slot;
            if self.values[value].gradient == Slot::NONE {
                self.values[value].gradient = slot;
            }
        }
    }

    /// Gives back the slots that nothing after `time` needs.
    fn free_after(
        &mut self,
        actions: &[Action],
        time: usize,
        training: bool,
        slots: &mut Slots<T>,
    ) {
        if let Action::Gather(i, input) = actions[time] {
            slots.give_back(self.stations[i].dx[input]);
        }
        let later = &actions[time + 1..];
        for value in 0..self.values.len() - usize::from(!training) {
            let users = |actions: &[Action], gradient: bool| {
                actions.iter().any(|&action| self.uses(action, value, gradient))
            };
            let kept = training && self.reads_with_weights(value);
            if !kept && users(&actions[time..=time], false) && !users(later, false) {
                slots.give_back(self.values[value].slot);
            }
            let kept = value > 0 && !self.stations[value - 1].blocks.is_empty();
            if training && !kept && users(&actions[time..=time], true) && !users(later, true) {
                slots.give_back(self.values[value].gradient);
            }
        }
    }

    /// True if the gradient of some weights is computed from a value.
    fn reads_with_weights(&self, value: usize) -> bool {
        let mut around =
            self.stations.iter().filter(|s| s.inputs.contains(&value) || s.output == value);
        around.any(|s| !s.blocks.is_empty())
    }

    /// True if an action reads or writes a value, or its gradient.
    fn uses(&self, action: Action, value: usize, gradient: bool) -> bool {
        match action {
            Action::Load => value == 0 && !gradient,
            Action::Forward(i, _) => {
                let s = &self.stations[i];
                !gradient && (s.inputs.contains(&value) || s.output == value)
            }
            Action::Loss => value == self.values.len() - 1,
            Action::Backward(i, _) => {
                let s = &self.stations[i];
                s.inputs.contains(&value) || s.output == value
            }
            Action::Gather(i, input) => gradient && self.stations[i].inputs[input] == value,
        }
    }
}
