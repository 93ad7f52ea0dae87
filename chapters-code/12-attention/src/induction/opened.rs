//! The forward pass of a copier in plain matrices. Every map can be read, and changed before it is used.

use std::collections::BTreeMap;

use backprop::Tensor;
use ndarray::{Array2, Axis, s};

use super::copier::{Copier, EPS};
use super::repeats::{TOKENS, WORDS};
use crate::head::{Head, Mask};
use crate::{Error, Result};

/// Changes the map `(T, T)` of a layer's head: `[layer, head]`, counted from 0.
pub type Change<'a> = dyn Fn([usize; 2], &mut Array2<f32>) + Sync + 'a;

/// Leaves maps as they are.
pub fn unchanged(_: [usize; 2], _: &mut Array2<f32>) {}

/// A copier with its weights by name.
#[derive(Clone, Debug)]
pub struct Opened {
    model: Copier,
    tensors: BTreeMap<String, Array2<f32>>,
}

/// What was seen on the way: for each layer, each head.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The maps, `(T, T)`, as they were used.
    pub maps: Vec<Vec<Array2<f32>>>,
    /// The values, `(T, d)`.
    pub values: Vec<Vec<Array2<f32>>>,
    /// What was added to each token, `(T, C)`.
    pub added: Vec<Vec<Array2<f32>>>,
    /// Scores of the next word, `(T, V)`.
    pub logits: Array2<f32>,
}

impl Opened {
    /// Takes the weights that an engine has.
    ///
    /// # Errors
    /// Where a tensor is missing or has another number of numbers.
    pub fn new(model: Copier, weights: &[Tensor<f32>]) -> Result<Opened> {
        let mut tensors = BTreeMap::new();
        for (name, shape) in model.tensors() {
            let found = weights.iter().find(|tensor| tensor.name == name);
            let (numbers, dims) = match found {
                Some(tensor) => (tensor.data.clone(), tensor.shape.clone()),
                None => (Vec::new(), Vec::new()),
            };
            let matrix = Array2::from_shape_vec(shape, numbers);
            let Ok(matrix) = matrix else {
                return Err(Error::Tensor { name, found: dims, expected: shape.into() });
            };
            tensors.insert(name, matrix);
        }
        Ok(Opened { model, tensors })
    }

    /// Its size.
    pub fn model(&self) -> Copier {
        self.model
    }

    /// A tensor, to read it or to change it.
    pub fn tensor_mut(&mut self, name: &str) -> Option<&mut Array2<f32>> {
        self.tensors.get_mut(name)
    }

    /// A tensor of the model.
    fn get(&self, name: &str) -> &Array2<f32> {
        let found = self.tensors.get(name);
        found.unwrap_or_else(|| unreachable!("{name}: every tensor was taken"))
    }

    // ANCHOR: run
    /// Runs over up to `TOKENS` words. `change` is given each map before it is
    /// used, and may write another one over it.
    ///
    /// # Errors
    /// Where there are more words, or one is not of the vocabulary.
    pub fn run(&self, words: &[usize], change: &Change<'_>) -> Result<Trace> {
        check(words)?;
        let (table, places) = (self.get("words.weight"), self.get("words.positions"));
        let mut x = table.select(Axis(0), words) + places.slice(s![..words.len(), ..]);
        let mut trace = Trace::default();
        for layer in 0..self.model.layers {
            let packed = self.get(&format!("{layer}.packed.weight"));
            let packed = self.norm(layer, &x).dot(&packed.t());
            self.attend(layer, &packed, change, &mut trace)?;
            trace.added[layer].iter().for_each(|part| x += part);
        }
        Ok(Trace { logits: x.dot(&self.get("next.weight").t()), ..trace })
    }
    // ANCHOR_END: run

    /// Adds to a trace what a layer's heads look at and hand over.
    fn attend(
        &self,
        layer: usize,
        packed: &Array2<f32>,
        change: &Change<'_>,
        trace: &mut Trace,
    ) -> Result<()> {
        let Copier { heads, width, .. } = self.model;
        let d = width / heads;
        let out = self.get(&format!("{layer}.out.weight"));
        let [mut maps, mut values, mut added] = [const { Vec::new() }; 3];
        for h in 0..heads {
            let part = |i: usize| packed.slice(s![.., i * width + h * d..i * width + (h + 1) * d]);
            let mut map = Head::new(part(0), part(1), part(2), &Mask::Causal)?.weights();
            change([layer, h], &mut map);
            added.push(map.dot(&part(2)).dot(&out.slice(s![.., h * d..(h + 1) * d]).t()));
            values.push(part(2).to_owned());
            maps.push(map);
        }
        trace.maps.push(maps);
        trace.values.push(values);
        trace.added.push(added);
        Ok(())
    }

    /// Layer normalisation of each token.
    fn norm(&self, layer: usize, x: &Array2<f32>) -> Array2<f32> {
        let [gain, shift] =
            ["weight", "bias"].map(|part| self.get(&format!("{layer}.norm.{part}")).row(0));
        let mut y = x.clone();
        for mut row in y.outer_iter_mut() {
            let mean = row.sum() / row.len() as f32;
            row -= mean;
            let variance = row.dot(&row) / row.len() as f32;
            row /= (variance + EPS as f32).sqrt();
        }
        y * gain + shift
    }
}

/// Up to `TOKENS` words of the vocabulary.
fn check(words: &[usize]) -> Result<()> {
    let largest = words.iter().map(|word| word + 1).max().unwrap_or_default();
    if words.len() > TOKENS || largest > WORDS {
        let (found, expected) = ([words.len(), largest], [TOKENS, WORDS]);
        return Err(Error::Shape { what: "words of a sequence, and the largest", found, expected });
    }
    Ok(())
}
