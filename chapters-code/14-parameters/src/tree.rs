//! A network as a tree of modules, each holding named tensors: for printing, and for comparing
//! names and shapes with the files of other libraries.

use std::ops::Range;

use crate::count::{Count, Totals};
use crate::visitor::{Name, Role, Visitor, Work};

/// A named array of numbers inside a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorShape {
    /// Its name within the module: `weight`.
    pub name: &'static str,
    /// Parameter, buffer, or a second name.
    pub role: Role,
    /// Its dimensions; none for a single number.
    pub shape: Vec<u64>,
}

/// A part of a network: tensors of its own, and smaller parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name within the parent; of several equal modules, the first one's.
    pub name: Name,
    /// What it is, in words: `convolution`.
    pub kind: &'static str,
    /// How many equal modules in a row this one stands for.
    pub times: u64,
    /// The tensors it owns itself.
    pub tensors: Vec<TensorShape>,
    /// The work it does itself.
    pub work: Totals,
    /// The modules inside it.
    pub children: Vec<Module>,
}

/// Whether equal blocks are written out or stand for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// Every block, with every name: the naive walk, and the one whose names can be compared.
    Unfolded,
    /// One block with its number of [`times`](Module::times): the walk that a person can read.
    Folded,
}

impl Module {
    fn new(name: Name, kind: &'static str) -> Module {
        Module {
            name,
            kind,
            times: 1,
            tensors: Vec::new(),
            work: Totals::default(),
            children: Vec::new(),
        }
    }

    /// The totals of one such module with all that is inside it; its own [`times`](Module::times)
    /// is not applied. Cost: one visit to each module and tensor of the tree.
    pub fn totals(&self) -> Totals {
        let own = self.tensors.iter().map(|t| Count::of_tensor(t.role, &t.shape));
        let own = Totals { count: own.fold(Count::default(), |a, b| a + b), ..Totals::default() };
        self.children.iter().fold(own + self.work, |sum, child| sum + child.totals() * child.times)
    }

    /// What a person calls it: `conv1`, or `0–11 × 12` for twelve equal blocks.
    pub fn label(&self) -> String {
        let (word, first) = match self.name {
            Name::Index(first) => ("", first),
            Name::Numbered(word, first) => (word, first),
            Name::Word(word) => return word.to_string(),
        };
        match self.times {
            1 => self.name.to_string(),
            times => format!("{word}{first}–{} × {times}", first + times - 1),
        }
    }

    /// Every tensor with its full name, such as `layer1.0.conv1.weight`, in the order of the walk.
    /// Only an [unfolded](Folding::Unfolded) tree names them all.
    pub fn named_tensors(&self) -> Vec<(String, &TensorShape)> {
        let mut named = Vec::new();
        for child in &self.children {
            child.collect_tensors(&child.name.to_string(), &mut named);
        }
        let own = self.tensors.iter().map(|tensor| (tensor.name.to_string(), tensor));
        own.chain(named).collect()
    }

    fn collect_tensors<'a>(&'a self, path: &str, named: &mut Vec<(String, &'a TensorShape)>) {
        named.extend(self.tensors.iter().map(|tensor| (format!("{path}.{}", tensor.name), tensor)));
        for child in &self.children {
            child.collect_tensors(&format!("{path}.{}", child.name), named);
        }
    }
}

/// A visitor that builds the tree.
pub(crate) struct Builder {
    folding: Folding,
    /// The modules entered and not yet left; the first is the network itself.
    open: Vec<Module>,
}

impl Builder {
    pub(crate) fn new(network: &'static str, folding: Folding) -> Builder {
        Builder { folding, open: vec![Module::new(Name::Word(network), "network")] }
    }

    /// The network; modules still open are closed.
    pub(crate) fn finish(mut self) -> Module {
        while self.open.len() > 1 {
            self.leave();
        }
        self.open.remove(0)
    }

    fn current(&mut self) -> &mut Module {
        let last = self.open.len() - 1;
        &mut self.open[last]
    }
}

impl Visitor for Builder {
    fn enter(&mut self, name: Name, kind: &'static str) {
        self.open.push(Module::new(name, kind));
    }

    fn leave(&mut self) {
        if self.open.len() > 1
            && let Some(module) = self.open.pop()
        {
            self.current().children.push(module);
        }
    }

    fn tensor(&mut self, role: Role, name: &'static str, shape: &[u64]) {
        self.current().tensors.push(TensorShape { name, role, shape: shape.to_vec() });
    }

    fn work(&mut self, work: Work) {
        let module = self.current();
        module.work = module.work + Totals::of_work(work);
    }

    fn repeat(&mut self, indices: Range<u64>, mut part: impl FnMut(&mut Self, u64)) {
        match self.folding {
            Folding::Unfolded => indices.for_each(|index| part(self, index)),
            Folding::Folded if indices.is_empty() => {}
            Folding::Folded => {
                let first_child = self.current().children.len();
                part(self, indices.start);
                let times = indices.end - indices.start;
                for child in &mut self.current().children[first_child..] {
                    child.times = times;
                }
            }
        }
    }
}
