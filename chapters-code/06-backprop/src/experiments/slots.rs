//! Which slot of the arena holds what, from the first action of a step to the last, for the small network with a sum
//! that [`super::checker`] checks too. The plan is made here a second time, by the rules that the page states, and must
//! come to as many bytes as the engine's.

use notebook::{Recorder, Table};

use crate::{Activation, Addition, Engine, Layout, Linear, Network, Options, Result, Shape};

/// Width of the layers, and samples.
const SIZE: (usize, usize) = (4, 2);
/// Operations: what they are called, which values they read, and whether they have weights. Operation `i` writes value
/// `i + 1`; value 0 is the input.
const OPERATIONS: [(&str, &[usize], bool); 4] =
    [("A", &[0], true), ("B", &[1], true), ("+", &[1, 2], false), ("C", &[3], true)];
/// Names of the values.
const VALUES: [&str; 5] = ["x", "a", "b", "s", "z"];

/// What a shard does next, as the engine's plan has it.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    Load,
    Forward(usize),
    Loss,
    Backward(usize),
    Gather(usize, usize),
}

/// A value or a gradient, from the action that writes it to the one before which it may be gone.
struct Life {
    name: String,
    from: usize,
    to: usize,
}

fn actions() -> Vec<Action> {
    let mut actions = vec![Action::Load];
    actions.extend((0..OPERATIONS.len()).map(Action::Forward));
    actions.push(Action::Loss);
    for (i, (_, inputs, _)) in OPERATIONS.iter().enumerate().rev() {
        actions.push(Action::Backward(i));
        for &value in *inputs {
            let read_later = OPERATIONS[i + 1..].iter().any(|later| later.1.contains(&value));
            if value > 0 && read_later {
                actions.push(Action::Gather(i, value));
            }
        }
    }
    actions
}

/// The lives of all values and gradients, in the order in which they begin.
fn lives(actions: &[Action]) -> Vec<Life> {
    let at = |wanted: Action| actions.iter().position(|&a| a == wanted).unwrap_or(0);
    let has_weights = |value: usize| {
        OPERATIONS.iter().enumerate().any(|(i, o)| o.2 && (i + 1 == value || o.1.contains(&value)))
    };
    let mut lives = Vec::new();
    for (value, name) in VALUES.iter().enumerate() {
        let from = if value == 0 { 0 } else { at(Action::Forward(value - 1)) };
        let readers = OPERATIONS.iter().enumerate().filter(|(_, o)| o.1.contains(&value));
        let last = readers.map(|(i, _)| at(Action::Backward(i))).max();
        let to = if has_weights(value) { actions.len() } else { last.unwrap_or(from) + 1 };
        lives.push(Life { name: (*name).into(), from, to });
    }
    let mut begun = [false; VALUES.len()];
    for (time, &action) in actions.iter().enumerate() {
        let written: &[usize] = match action {
            Action::Loss => &[VALUES.len() - 1],
            Action::Backward(i) => OPERATIONS[i].1,
            _ => &[],
        };
        for &value in written.iter().filter(|&&value| value > 0) {
            let name = format!("d{}", VALUES[value]);
            let (name, to) = match (begun[value], action) {
                (true, Action::Backward(i)) => {
                    (format!("{name}, too"), at(Action::Gather(i, value)) + 1)
                }
                _ if OPERATIONS[value - 1].2 => (name, actions.len()),
                _ => (name, at(Action::Backward(value - 1)) + 1),
            };
            begun[value] = true;
            lives.push(Life { name, from: time, to });
        }
    }
    lives
}

/// The slot of each life: one that is free, or a new one.
fn slots(lives: &[Life]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lives.len()).collect();
    order.sort_by_key(|&i| lives[i].from);
    let (mut ends, mut slots): (Vec<usize>, Vec<usize>) = (Vec::new(), vec![0; lives.len()]);
    for i in order {
        let free = ends.iter().position(|&end| end <= lives[i].from);
        let slot = free.unwrap_or(ends.len());
        if slot == ends.len() {
            ends.push(0);
        }
        (ends[slot], slots[i]) = (lives[i].to, slot);
    }
    slots
}

/// Bytes of the engine's arena.
fn engine_bytes() -> Result<usize> {
    let ((d, batch), input) = (SIZE, Network::<f64>::INPUT);
    let mut network = Network::<f64>::new(Shape::row(d));
    let a = network.push("0", Linear::new(d, d), &[input])?;
    let b = network.push("1", Linear::new(d, d).with(Activation::Tanh), &[a])?;
    let sum = network.push("2", Addition::default(), &[a, b])?;
    network.push("3", Linear::new(d, d), &[sum])?;
    let options = Options { batch, shards: 1, threads: 1, training: true };
    Ok(Engine::new(network, options)?.arena_bytes())
}

/// The plan, and its bytes.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let actions = actions();
    let mut table = Table::new(["Action | int", "What is done"]);
    for (time, &action) in actions.iter().enumerate() {
        let done = match action {
            Action::Load => "load x".into(),
            Action::Forward(i) => format!("{} forward", OPERATIONS[i].0),
            Action::Loss => "loss".into(),
            Action::Backward(i) => format!("{} backward", OPERATIONS[i].0),
            Action::Gather(_, value) => format!("add both d{}", VALUES[value]),
        };
        table.row([(time + 1).into(), done.into()]);
    }
    recorder.table("actions", table);
    let lives = lives(&actions);
    let slots = slots(&lives);
    let mut table = Table::new(["Slot | int", "Holds", "From action | int", "To action | int"]);
    for (life, slot) in lives.iter().zip(&slots) {
        table.row([
            (slot + 1).into(),
            life.name.as_str().into(),
            (life.from + 1).into(),
            life.to.into(),
        ]);
    }
    recorder.table("slots", table);
    let count = slots.iter().max().map_or(0, |most| most + 1);
    recorder.value("slots", count);
    recorder.value("values", lives.len());
    recorder.value("actions", actions.len());
    let stride = Layout::new(Shape::row(SIZE.0), 0).stride;
    let bytes = (count * stride + crate::kernels::LANES) * SIZE.1 * size_of::<f64>();
    recorder
        .claim("as-the-engine", "The slots as drawn, with one more for the losses, take as many bytes as the arena that the engine plans for this network.")
        .equal(bytes, engine_bytes()?);
    Ok(())
}
