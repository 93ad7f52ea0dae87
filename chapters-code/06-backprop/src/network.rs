//! A network as its author describes it: a list of operations, and what each reads.

use crate::error::shape;
use crate::{Operation, Real, Result, Shape};

/// A value that the network computes: the number of its place in the list, 0 for the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value(pub(crate) usize);

/// One entry of the list.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) name: String,
    pub(crate) operation: Box<dyn Operation<T>>,
    pub(crate) inputs: [Value; 2],
}

/// A list of operations. The value of the last one is the network's output: ten numbers for ten classes, of which
/// softmax makes probabilities.
#[derive(Debug)]
pub struct Network<T> {
    pub(crate) entries: Vec<Entry<T>>,
    /// The shape of each value; the input first.
    pub(crate) shapes: Vec<Shape>,
}

impl<T: Real> Network<T> {
    /// The input of every network.
    pub const INPUT: Value = Value(0);

    /// A network that gives back its input.
    pub fn new(input: Shape) -> Self {
        Network { entries: Vec::new(), shapes: vec![input] }
    }

    /// Adds an operation on the last value.
    ///
    /// # Errors
    /// Where its shape does not fit.
    pub fn then(mut self, name: &str, operation: impl Operation<T> + 'static) -> Result<Self> {
        let last = self.last();
        self.push(name, operation, [last, last])?;
        Ok(self)
    }

    /// Adds an operation on values of your choice; one with one input ignores the second.
    ///
    /// # Errors
    /// Where the shapes do not fit, or a name is taken.
    pub fn push(
        &mut self,
        name: &str,
        operation: impl Operation<T> + 'static,
        inputs: [Value; 2],
    ) -> Result<Value> {
        let inputs = if operation.arity() == 1 { [inputs[0]; 2] } else { inputs };
        let what = || format!("{} {name:?}", operation.name());
        if inputs.iter().any(|value| value.0 >= self.shapes.len()) {
            return shape(
                what(),
                "it reads a value of another network",
                "give a value of this one",
            );
        }
        if operation.arity() == 2 && inputs[0] == inputs[1] {
            return shape(what(), "both inputs are the same value", "give two values");
        }
        if self.entries.iter().any(|entry| entry.name == name) {
            return shape(what(), "the name is taken", "give each operation its own");
        }
        let output =
            operation.shape(inputs.map(|value| self.shapes[value.0])).map_err(|e| match e {
                crate::Error::Shape { fault, fix, .. } => {
                    crate::Error::Shape { what: what(), fault, fix }
                }
                other => other,
            })?;
        self.shapes.push(output);
        self.entries.push(Entry { name: name.into(), operation: Box::new(operation), inputs });
        Ok(self.last())
    }

    /// The value of the operation that was added last.
    pub fn last(&self) -> Value {
        Value(self.shapes.len() - 1)
    }

    /// The shape of a value.
    pub fn shape(&self, value: Value) -> Option<Shape> {
        self.shapes.get(value.0).copied()
    }

    /// How many numbers training may change.
    pub fn parameters(&self) -> usize {
        let of = |entry: &Entry<T>| {
            entry
                .operation
                .parameters()
                .iter()
                .filter(|p| p.trained)
                .map(|p| p.shape.iter().product::<usize>())
                .sum::<usize>()
        };
        self.entries.iter().map(of).sum()
    }
}
