//! The plan: where each value of a network lies, and in which order a step computes them.
//!
//! What a later part of the step reads must not be overwritten. An activation that an operation with weights reads
//! lives to the end, because the gradient of the weights is computed from it; so does the gradient of that
//! operation's output. Everything else gives its slot of the arena to the next value of the same stride. To
//! predict, nothing is kept for a backward.

use std::ops::Range;
use std::sync::Mutex;

use crate::error::shape;
use crate::kernels::arena::{Arena, Slot};
use crate::kernels::buffer::Buffer;
use crate::network::{Entry, layouts, places};
use crate::operation::{INPUTS, Needs};
use crate::{Block, Layout, Network, Operation, Place, Real, Result, Size, Value, Weight};

// ANCHOR: action
/// What a shard does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Writes its samples to the input's slot.
    Load,
    /// The forward of a node, in a phase.
    Forward(usize, usize),
    /// The losses, and their gradient.
    Loss,
    /// The backward of a node, in a phase.
    Backward(usize, usize),
    /// Adds the gradient that a node found for one of its inputs to that of an
    /// earlier one.
    Gather(usize, usize),
}
// ANCHOR_END: action

/// An operation at its place.
#[derive(Debug)]
pub struct Node<T> {
    /// What it does.
    pub operation: Box<dyn Operation<T>>,
    /// Layouts of its inputs and output.
    pub place: Place,
    /// Which values it reads.
    pub inputs: Vec<usize>,
    /// Which value it writes.
    pub output: usize,
    /// Slots of the gradients with respect to its inputs.
    pub dx: Vec<Slot>,
    /// Numbers that it saves for each sample, and their slot.
    pub saves: usize,
    pub saved: Slot,
    /// What it saves for each shard.
    pub shards: Vec<Mutex<Buffer<T>>>,
    /// In how many phases it runs.
    pub phases: usize,
    /// How the output of one sample is cut into tasks, where it is.
    pub cuts: Cuts,
    /// The blocks of each of its tensors.
    pub weights: Vec<Range<usize>>,
    /// For a table: how many ids its input may have.
    pub ids: Option<usize>,
}

/// How a sample is cut into tasks. Both lists begin with 0, and have one entry more than there are tasks.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    /// Where tasks begin, in lines.
    pub lines: Vec<usize>,
    /// Where tasks begin, in numbers.
    pub edges: Vec<usize>,
}

/// A tensor of the network.
#[derive(Debug)]
pub struct Stored<T> {
    /// Its full name.
    pub name: String,
    /// What it is, and how it is packed.
    pub weight: Weight<T>,
    /// Its blocks.
    pub blocks: Range<usize>,
    /// Who uses it: a node, and which of its tensors it is there.
    pub users: Vec<(usize, usize)>,
}

/// A value of the network at its place.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// How a sample of it lies.
    pub layout: Layout,
    /// Its slot.
    pub slot: Slot,
    /// The slot of its gradient.
    pub gradient: Slot,
    /// Whether its slot must not be used again.
    pub kept: bool,
}

/// The plan of a network.
#[derive(Debug)]
pub struct Plan<T> {
    /// Operations in order.
    pub nodes: Vec<Node<T>>,
    /// Values, the input first.
    pub values: Vec<Placed>,
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

/// What is planned for.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The most samples of a mini-batch.
    pub rows: usize,
    /// The most shards.
    pub shards: usize,
    /// Threads among which one sample may be cut, in prediction.
    pub threads: usize,
    /// Whether there is a backward.
    pub training: bool,
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

/// What a plan is made of: the plan itself, the tensors, and their blocks.
type Planned<T> = (Plan<T>, Vec<Stored<T>>, Vec<Block<T>>);

/// Plans a network.
///
/// # Errors
/// Where two tensors have one name, or a tie does not fit.
pub fn plan<T: Real>(network: Network<T>, room: Room) -> Result<Planned<T>> {
    let places = places(&network, room.training);
    let placed = |(value, layout)| Placed {
        layout,
        slot: Slot::NONE,
        gradient: Slot::NONE,
        kept: network.kept.contains(&Value(value)),
    };
    let values: Vec<Placed> = layouts(&network).into_iter().enumerate().map(placed).collect();
    let mut weights = Weights { tensors: Vec::new(), blocks: Vec::new() };
    let mut nodes = Vec::new();
    for (i, (entry, place)) in network.entries.into_iter().zip(places).enumerate() {
        let Needs { weights: needed, memory, phases, cut } = entry.operation.needs(&place);
        let mut ranges = Vec::new();
        for (number, weight) in needed.into_iter().enumerate() {
            ranges.push(weights.add(&entry, weight, (i, number), room.training)?);
        }
        let inputs: Vec<usize> = entry.inputs.iter().map(|value| value.0).collect();
        nodes.push(Node {
            dx: vec![Slot::NONE; inputs.len()],
            inputs,
            output: i + 1,
            saves: memory.sample,
            saved: Slot::NONE,
            shards: (0..room.shards).map(|_| Mutex::new(Buffer::zeros(memory.shard))).collect(),
            phases: phases.max(1),
            cuts: if cut && !room.training {
                cuts(&place.output, room.threads)
            } else {
                Cuts::default()
            },
            weights: ranges,
            ids: entry.outline.ids,
            operation: entry.operation,
            place,
        });
    }
    let mut plan = Plan {
        parts: parts(&nodes, room.training),
        predict: parts(&nodes, false),
        values,
        nodes,
        canonical: Slot::NONE,
        losses: Slot::NONE,
        arena: Arena::new(room.rows),
    };
    plan.lay_out(room.training);
    Ok((plan, weights.tensors, weights.blocks))
}

/// The tensors of a network in the making.
struct Weights<T> {
    tensors: Vec<Stored<T>>,
    blocks: Vec<Block<T>>,
}

impl<T: Real> Weights<T> {
    /// Adds a tensor that an entry needs, or the entry to the users of the one that it is tied to. Gives its blocks.
    fn add(
        &mut self,
        entry: &Entry<T>,
        weight: Weight<T>,
        user: (usize, usize),
        training: bool,
    ) -> Result<Range<usize>> {
        let what = || format!("{} {:?}", entry.operation.name(), entry.name);
        let sizes = weight.packing.blocks();
        let Some(other) = entry.tie(weight.name) else {
            let name = entry.full_name(weight.name);
            if self.tensors.iter().any(|tensor| tensor.name == name) {
                let fault = format!("the name of its tensor {name:?} is taken");
                return shape(what(), fault, "give the operation another name");
            }
            let trained = weight.trained && training;
            let first = self.blocks.len();
            self.blocks.extend(sizes.iter().map(|size| block(size, trained)));
            let blocks = first..self.blocks.len();
            self.tensors.push(Stored { name, weight, blocks: blocks.clone(), users: vec![user] });
            return Ok(blocks);
        };
        let Some(owner) = self.tensors.iter_mut().find(|tensor| tensor.name == other) else {
            let fault = format!("it is tied to {other:?}, which no operation before it has");
            return shape(what(), fault, "name a tensor of an earlier operation");
        };
        let known: Vec<usize> = owner.weight.packing.blocks().iter().map(|s| s.weights).collect();
        let wanted: Vec<usize> = sizes.iter().map(|s| s.weights).collect();
        if owner.weight.shape != weight.shape || known != wanted {
            let (a, b) = (&weight.shape, &owner.weight.shape);
            let fault = format!(
                "its {} is {a:?} and {other:?} is {b:?}, or is packed otherwise",
                weight.name
            );
            return shape(what(), fault, "tie tensors of one shape and packing");
        }
        // The second copy is there if any user wants it, and its packing is the one that renews it.
        let blocks = owner.blocks.clone();
        let mut wider = false;
        for (block, size) in self.blocks[blocks.clone()].iter_mut().zip(&sizes) {
            if block.second.len() < size.second {
                block.second = Buffer::zeros(size.second);
                wider = true;
            }
        }
        if wider {
            owner.weight.packing = weight.packing;
        }
        owner.users.push(user);
        Ok(blocks)
    }
}

/// How a sample is cut for some threads. A piece of an image reads all weights, too, but a thread can make up for
/// another that is late; of a sequence or a row there are no more pieces than threads.
fn cuts(output: &Layout, threads: usize) -> Cuts {
    let most = if output.shape.is_image() { 4 * threads } else { threads };
    let pieces = output.cuts().min(most);
    if threads < 2 || pieces < 2 {
        return Cuts::default();
    }
    let lines: Vec<usize> = (0..=pieces).map(|piece| piece * output.cuts() / pieces).collect();
    let edges = lines.iter().map(|&line| output.cut(line)).collect();
    Cuts { lines, edges }
}

fn block<T: Real>(size: &Size, trained: bool) -> Block<T> {
    let pieces = size.pieces.max(1);
    Block {
        weights: Buffer::zeros(size.weights),
        second: Buffer::zeros(size.second),
        pieces,
        gradient: Buffer::zeros(if trained { size.weights / pieces } else { 0 }),
        state: [Buffer::zeros(0), Buffer::zeros(0)],
    }
}

/// The actions in order. A phase after the first begins a new part.
fn parts<T: Real>(nodes: &[Node<T>], training: bool) -> Vec<Vec<Action>> {
    let mut parts = vec![vec![Action::Load]];
    let mut add = |action, fresh: bool| {
        if fresh {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(action);
        }
    };
    for (i, node) in nodes.iter().enumerate() {
        for phase in 0..node.phases {
            add(Action::Forward(i, phase), phase > 0);
        }
    }
    if !training {
        return parts;
    }
    add(Action::Loss, false);
    for (i, node) in nodes.iter().enumerate().rev() {
        for phase in 0..node.phases {
            add(Action::Backward(i, phase), phase > 0);
        }
        for (input, value) in node.inputs.iter().enumerate() {
            let read_later = nodes[i + 1..].iter().any(|later| later.inputs.contains(value));
            if node.place.wants[input] && read_later {
                add(Action::Gather(i, input), false);
            }
        }
    }
    parts
}

impl<T: Real> Plan<T> {
    /// The output of the network.
    pub fn last(&self) -> Placed {
        self.values[self.values.len() - 1]
    }

    /// How many ids the input may have, if it has any.
    pub fn ids(&self) -> Option<usize> {
        self.nodes.iter().filter_map(|node| node.ids).min()
    }

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
        let node = &mut self.nodes[i];
        node.saved = slots.arena.slot(node.saves);
        self.values[node.output].slot = slots.take(node.place.output.stride);
    }

    /// The first gradient of a value is its own; a further one has a slot until it is added.
    fn lay_out_backward(&mut self, i: usize, slots: &mut Slots<T>) {
        let node = &mut self.nodes[i];
        for (input, &value) in node.inputs.iter().enumerate() {
            if !node.place.wants[input] {
                continue;
            }
            let slot = slots.take(node.place.inputs[input].stride);
            node.dx[input] = slot;
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
            slots.give_back(self.nodes[i].dx[input]);
        }
        let later = &actions[time + 1..];
        for value in 0..self.values.len() - usize::from(!training) {
            let users = |actions: &[Action], gradient: bool| {
                actions.iter().any(|&action| self.uses(action, value, gradient))
            };
            let kept = self.values[value].kept || (training && self.reads_with_weights(value));
            if !kept && users(&actions[time..=time], false) && !users(later, false) {
                slots.give_back(self.values[value].slot);
            }
            // Of the input only if it is asked for, and then to be read after the step.
            let kept = value == 0 || !self.nodes[value - 1].weights.is_empty();
            if training && !kept && users(&actions[time..=time], true) && !users(later, true) {
                slots.give_back(self.values[value].gradient);
            }
        }
    }

    /// True if the gradient of some weights is computed from a value.
    fn reads_with_weights(&self, value: usize) -> bool {
        let mut around =
            self.nodes.iter().filter(|node| node.inputs.contains(&value) || node.output == value);
        around.any(|node| !node.weights.is_empty())
    }

    /// True if an action reads or writes a value, or its gradient.
    fn uses(&self, action: Action, value: usize, gradient: bool) -> bool {
        match action {
            Action::Load => value == 0 && !gradient,
            Action::Forward(i, _) => {
                let node = &self.nodes[i];
                !gradient && (node.inputs.contains(&value) || node.output == value)
            }
            Action::Loss => value == self.values.len() - 1,
            Action::Backward(i, _) => {
                let node = &self.nodes[i];
                node.inputs.contains(&value) || node.output == value
            }
            Action::Gather(i, input) => gradient && self.nodes[i].inputs[input] == value,
        }
    }
}

impl<T> Node<T> {
    /// The slots of its inputs, and none after the last.
    pub fn x(&self, values: &[Placed]) -> [Slot; INPUTS] {
        let mut slots = [Slot::NONE; INPUTS];
        for (slot, &value) in slots.iter_mut().zip(&self.inputs) {
            *slot = values[value].slot;
        }
        slots
    }

    /// The slots of the gradients with respect to its inputs.
    pub fn dx(&self) -> [Slot; INPUTS] {
        let mut slots = [Slot::NONE; INPUTS];
        slots[..self.dx.len()].copy_from_slice(&self.dx);
        slots
    }
}
