//! A network as its author describes it: a list of operations, and what each reads.

use crate::error::shape;
use crate::operation::{INPUTS, Outline};
use crate::operations::cross_entropy::CrossEntropy;
use crate::{Error, Layout, Loss, Operation, Place, Real, Result, Shape};

/// A value that the network computes: the number of its place in the list, 0 for the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value(pub(crate) usize);

/// Whole numbers are exact in `f32` up to this.
const LARGEST_TABLE: usize = 1 << 24;

/// One entry of the list.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) name: String,
    pub(crate) operation: Box<dyn Operation<T>>,
    pub(crate) inputs: Vec<Value>,
    pub(crate) outline: Outline,
    /// Own tensors that are another operation's: name, and the other's full name.
    pub(crate) ties: Vec<(String, String)>,
}

/// A list of operations. The value of the last one is the network's output: ten numbers for ten classes, of which
/// softmax makes probabilities.
#[derive(Debug)]
pub struct Network<T> {
    pub(crate) entries: Vec<Entry<T>>,
    /// The shape of each value; the input first.
    pub(crate) shapes: Vec<Shape>,
    pub(crate) loss: Box<dyn Loss<T>>,
    /// Values that can be read after a step.
    pub(crate) kept: Vec<Value>,
    /// Whether the gradient with respect to the input is computed.
    pub(crate) input_gradient: bool,
}

impl<T: Real> Network<T> {
    /// The input of every network.
    pub const INPUT: Value = Value(0);

    /// A network that gives back its input. Its loss is cross-entropy.
    pub fn new(input: Shape) -> Self {
        let (entries, kept) = (Vec::new(), Vec::new());
        let loss = Box::new(CrossEntropy);
        Network { entries, shapes: vec![input], loss, kept, input_gradient: false }
    }

    /// With another loss.
    pub fn with_loss(self, loss: impl Loss<T> + 'static) -> Self {
        Network { loss: Box::new(loss), ..self }
    }

    /// Keeps a value after a step or a prediction, for [`Engine::read`](crate::Engine::read). It costs memory: its
    /// slot of the arena is not used again.
    ///
    /// # Errors
    /// Where the value is of another network.
    pub fn keep(&mut self, value: Value) -> Result<()> {
        if value.0 >= self.shapes.len() {
            let fault = "a value of another network is to be kept";
            return shape("network", fault, "give a value of this one");
        }
        self.kept.push(value);
        Ok(())
    }

    /// With the gradient of the loss with respect to the input, for
    /// [`Engine::input_gradient`](crate::Engine::input_gradient).
    pub fn with_input_gradient(self) -> Self {
        Network { input_gradient: true, ..self }
    }

    /// Adds an operation on the last value.
    ///
    /// # Errors
    /// Where its shape does not fit.
    pub fn then(mut self, name: &str, operation: impl Operation<T> + 'static) -> Result<Self> {
        let last = self.last();
        self.push(name, operation, &[last])?;
        Ok(self)
    }

    /// Adds an operation on values of your choice.
    ///
    /// Its tensors are named after it: `name.weight`. With an empty name they have names of their own.
    ///
    /// # Errors
    /// Where the shapes do not fit, or a name is taken.
    pub fn push(
        &mut self,
        name: &str,
        operation: impl Operation<T> + 'static,
        inputs: &[Value],
    ) -> Result<Value> {
        self.push_tied(name, operation, inputs, &[])
    }

    /// As [`Network::push`], with tensors that an earlier operation has already: `ties` gives the name of an own tensor
    /// and the full name of the other, as in `("weight", "wte.weight")`. Both operations share its numbers, and
    /// its gradient is the sum of theirs.
    ///
    /// # Errors
    /// As [`Network::push`]. Whether the tensors fit each other is found by [`Engine::new`](crate::Engine::new).
    pub fn push_tied(
        &mut self,
        name: &str,
        operation: impl Operation<T> + 'static,
        inputs: &[Value],
        ties: &[(&str, &str)],
    ) -> Result<Value> {
        let what = || format!("{} {name:?}", operation.name());
        self.check_inputs(inputs).or_else(|(fault, fix)| shape(what(), fault, fix))?;
        if self.entries.iter().any(|entry| entry.name == name) {
            return shape(what(), "the name is taken", "give each operation its own");
        }
        let shapes: Vec<Shape> = inputs.iter().map(|value| self.shapes[value.0]).collect();
        let outline = operation.shape(&shapes).map_err(|e| match e {
            Error::Shape { fault, fix, .. } => Error::Shape { what: what(), fault, fix },
            other => other,
        })?;
        if outline.border > 0 && shapes.iter().any(|shape| shape.tokens) {
            return shape(what(), "it wants a border around a sequence", "reshape it to an image");
        }
        if outline.ids.is_some() && inputs != [Self::INPUT] {
            let fault = "it looks up what is not the network's input";
            return shape(what(), fault, "give it the input, and nothing else");
        }
        if outline.ids.is_some_and(|count| count > LARGEST_TABLE) {
            let fault = "its table has more ids than `f32` can count, 16,777,216";
            return shape(what(), fault, "give a smaller table");
        }
        self.shapes.push(outline.output);
        let ties = ties.iter().map(|&(own, other)| (own.to_owned(), other.to_owned())).collect();
        let (name, inputs) = (name.into(), inputs.to_vec());
        self.entries.push(Entry { name, operation: Box::new(operation), inputs, outline, ties });
        Ok(self.last())
    }

    fn check_inputs(&self, inputs: &[Value]) -> Result<(), (&'static str, &'static str)> {
        if inputs.is_empty() || inputs.len() > INPUTS {
            return Err(("it reads no value, or more than four", "give it one to four"));
        }
        if inputs.iter().any(|value| value.0 >= self.shapes.len()) {
            return Err(("it reads a value of another network", "give a value of this one"));
        }
        if (1..inputs.len()).any(|i| inputs[..i].contains(&inputs[i])) {
            return Err(("two inputs are the same value", "give different values"));
        }
        Ok(())
    }

    /// The value of the operation that was added last.
    pub fn last(&self) -> Value {
        Value(self.shapes.len() - 1)
    }

    /// The shape of a value.
    pub fn shape(&self, value: Value) -> Option<Shape> {
        self.shapes.get(value.0).copied()
    }

    /// How many numbers training may change. What is shared counts once.
    pub fn parameters(&self) -> usize {
        let of = |(entry, place): (&Entry<T>, _)| {
            let weights = entry.operation.needs(&place).weights;
            let own = weights.iter().filter(|w| w.trained && entry.tie(w.name).is_none());
            own.map(crate::Weight::len).sum::<usize>()
        };
        self.entries.iter().zip(places(self, false)).map(of).sum()
    }
}

impl<T> Entry<T> {
    /// The full name of the tensor that an own one is tied to.
    pub(crate) fn tie(&self, own: &str) -> Option<&str> {
        self.ties.iter().find(|(name, _)| name == own).map(|(_, other)| other.as_str())
    }

    /// The full name of an own tensor.
    pub(crate) fn full_name(&self, own: &str) -> String {
        if self.name.is_empty() { own.to_owned() } else { format!("{}.{own}", self.name) }
    }
}

/// Where each operation of a network stands.
pub(crate) fn places<T: Real>(network: &Network<T>, training: bool) -> Vec<Place> {
    let layouts = layouts(network);
    let wanted = |value: &Value| training && (value.0 != 0 || network.input_gradient);
    let place = |(i, entry): (usize, &Entry<T>)| Place {
        inputs: entry.inputs.iter().map(|value| layouts[value.0]).collect(),
        output: layouts[i + 1],
        wants: entry.inputs.iter().map(wanted).collect(),
        training,
    };
    network.entries.iter().enumerate().map(place).collect()
}

/// The layout of each value: with as wide a border as any of its readers wants.
pub(crate) fn layouts<T: Real>(network: &Network<T>) -> Vec<Layout> {
    let border = |value: usize| {
        let readers = network.entries.iter().filter(|e| e.inputs.iter().any(|i| i.0 == value));
        readers.map(|e| e.outline.border).max().unwrap_or(0)
    };
    let layout = |(value, &shape)| match value {
        // A gradient is written in whole panels.
        0 if !network.input_gradient => Layout::input(shape, border(0)),
        _ => Layout::new(shape, border(value)),
    };
    network.shapes.iter().enumerate().map(layout).collect()
}
