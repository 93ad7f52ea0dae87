//! How a network describes itself: it calls a visitor at every module and every tensor.
//!
//! The idea is the visitor pattern. The network knows its structure and the visitor knows what to
//! do with it, so one description serves the count ([`Counter`]), the tree that `layers` prints and
//! the list of names that is compared with torchvision's and transformers'.

use std::fmt;
use std::ops::Range;

use crate::count::{Activations, Count, Totals};

/// One part of a module's path, such as `layer3` or the `0` of `layer3.0.conv1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A word: `conv1`.
    Word(&'static str),
    /// A place in a sequence: `0`.
    Index(u64),
    /// A word that ends in a place in a sequence: `encoder_layer_0`.
    Numbered(&'static str, u64),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Word(word) => write!(f, "{word}"),
            Name::Index(index) => write!(f, "{index}"),
            Name::Numbered(word, index) => write!(f, "{word}{index}"),
        }
    }
}

impl From<&'static str> for Name {
    fn from(word: &'static str) -> Name {
        Name::Word(word)
    }
}

impl From<u64> for Name {
    fn from(index: u64) -> Name {
        Name::Index(index)
    }
}

/// What a tensor is to the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Training changes it.
    Parameter,
    /// Training changes it, and its first dimension counts experts, of which a token meets `chosen`.
    Experts {
        /// How many a token meets.
        chosen: u64,
    },
    /// Saved with the model, but not trained: a persistent buffer.
    Buffer,
    /// A second name of a parameter that was already counted.
    Tied,
}

/// What a layer does with one input (an image, or a token).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Multiply-adds of the forward pass.
    pub multiply_adds: u64,
    /// Values the layer reads.
    pub input: u64,
    /// Values the layer writes.
    pub output: u64,
}

/// Something that listens while a network describes itself.
pub trait Visitor: Sized {
    /// A module begins; what follows, until [`leave`](Visitor::leave), is inside it.
    fn enter(&mut self, name: Name, kind: &'static str);
    /// The module ends.
    fn leave(&mut self);
    /// A tensor of the current module.
    fn tensor(&mut self, role: Role, name: &'static str, shape: &[u64]);
    /// A layer of the current module does some work.
    fn work(&mut self, work: Work);

    /// Equal parts, one for each index. A visitor that can count one and multiply overrides this.
    fn repeat(&mut self, indices: Range<u64>, mut part: impl FnMut(&mut Self, u64)) {
        for index in indices {
            part(self, index);
        }
    }

    /// A module and what is inside it.
    fn module(
        &mut self,
        name: impl Into<Name>,
        kind: &'static str,
        inside: impl FnOnce(&mut Self),
    ) {
        self.enter(name.into(), kind);
        inside(self);
        self.leave();
    }
}

/// A visitor that only adds up. It allocates nothing, ignores names, and visits one of several
/// equal blocks, so counting a network of 126 layers costs as much as counting one of 12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// The sum so far.
    pub totals: Totals,
}

// ANCHOR: counter
impl Visitor for Counter {
    fn enter(&mut self, _name: Name, _kind: &'static str) {}

    fn leave(&mut self) {}

    fn tensor(&mut self, role: Role, _name: &'static str, shape: &[u64]) {
        self.totals.count = self.totals.count + Count::of_tensor(role, shape);
    }

    fn work(&mut self, work: Work) {
        self.totals = self.totals + Totals::of_work(work);
    }

    fn repeat(&mut self, indices: Range<u64>, mut part: impl FnMut(&mut Self, u64)) {
        if let Some(first) = indices.clone().next() {
            let before = std::mem::take(&mut self.totals);
            part(self, first);
            self.totals = before + self.totals * (indices.end - indices.start);
        }
    }
}
// ANCHOR_END: counter

impl Role {
    /// Whether training changes it.
    pub fn trained(self) -> bool {
        matches!(self, Role::Parameter | Role::Experts { .. })
    }
}

impl Count {
    /// What one tensor adds. A shape without dimensions is a single number: one element.
    pub fn of_tensor(role: Role, shape: &[u64]) -> Count {
        let elements = shape.iter().product();
        match role {
            Role::Parameter => Count { parameters: elements, tensors: 1, ..Count::default() },
            Role::Experts { chosen } => {
                let expert: u64 = shape.iter().skip(1).product();
                let resting = elements - chosen * expert;
                Count { parameters: elements, resting, tensors: 1, ..Count::default() }
            }
            Role::Buffer => Count { buffers: elements, ..Count::default() },
            Role::Tied => Count::default(),
        }
    }
}

impl Totals {
    /// What one layer's work adds.
    pub fn of_work(work: Work) -> Totals {
        Totals {
            count: Count { multiply_adds: work.multiply_adds, ..Count::default() },
            activations: Activations { kept: work.output, peak: work.input + work.output },
        }
    }
}
