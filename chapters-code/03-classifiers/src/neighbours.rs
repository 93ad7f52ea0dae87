//! The rule of the k nearest neighbours (Fix and Hodges 1951; Cover and Hart 1967): the new sample gets the class that
//! most of its k nearest training samples have.
//!
//! Of distances that are equal the lower index is nearer; of classes with equally many votes the smaller label wins.

use learning::NearestNeighbour;
use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use crate::kernels::Path;
use crate::kernels::bytes::{MOST_FEATURES, Panels};
use crate::model::{Classifier, Fit, FitError, Inputs, Samples, asked, checked};

/// New rows of bytes that one task compares with all remembered ones.
const NEW: usize = 512;

/// The setting of the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbours {
    /// How many neighbours vote, 1 to n. Default 5.
    pub k: usize,
}

impl Default for Neighbours {
    fn default() -> Self {
        Neighbours { k: 5 }
    }
}

/// A training sample near a new one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its place among the training samples.
    pub row: usize,
    /// Its squared Euclidean distance; exact where both are bytes.
    pub squared_distance: f64,
}

// ANCHOR: plain
/// The `k` rows of `train` `(n, d)` that are nearest to `new` `(d,)`, as it is
/// defined: all distances, sorted. `O(n d + n log n)`.
pub fn nearest_plain(
    train: ArrayView2<'_, f32>,
    new: ArrayView1<'_, f32>,
    k: usize,
) -> Vec<Neighbour> {
    let squared_distance = |row: ArrayView1<'_, f32>| -> f64 {
        row.iter().zip(new).map(|(a, b)| f64::from(a - b).powi(2)).sum()
    };
    let mut all: Vec<Neighbour> = train
        .rows()
        .into_iter()
        .enumerate()
        .map(|(row, x)| Neighbour { row, squared_distance: squared_distance(x) })
        .collect();
    all.sort_by(|a, b| a.squared_distance.total_cmp(&b.squared_distance));
    all.truncate(k);
    all
}

/// The votes of the neighbours for each of the classes.
pub fn votes(neighbours: &[Neighbour], labels: &[u8], classes: usize) -> Vec<usize> {
    let mut votes = vec![0; classes];
    neighbours.iter().for_each(|neighbour| votes[usize::from(labels[neighbour.row])] += 1);
    votes
}
// ANCHOR_END: plain

impl Fit for Neighbours {
    type Model = NeighboursModel;

    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<NeighboursModel, FitError> {
        let memory = match inputs {
            Inputs::Bytes(x) => Samples::Bytes(x.as_standard_layout().into_owned()),
            Inputs::Reals(x) => Samples::Reals(x.as_standard_layout().into_owned()),
        };
        NeighboursModel::from_parts(self.k, labels.to_vec(), memory)
    }
}

/// The training samples, remembered.
#[derive(Clone, Debug)]
pub struct NeighboursModel {
    k: usize,
    classes: usize,
    labels: Vec<u8>,
    memory: Samples,
    /// The same once more, as the fast loop wants them.
    panels: Option<Panels>,
}

impl NeighboursModel {
    /// `k` neighbours among samples that are given away.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn from_parts(k: usize, labels: Vec<u8>, memory: Samples) -> Result<Self, FitError> {
        let classes = checked(memory.view(), &labels)?;
        if k == 0 || k > labels.len() {
            let fix = "give a number from 1 to that of the samples";
            return Err(FitError::Setting { setting: "k", value: k.to_string(), fix });
        }
        let panels = match &memory {
            Samples::Bytes(x) if x.ncols() <= MOST_FEATURES => {
                x.as_slice().map(|bytes| Panels::pack(bytes, x.ncols()))
            }
            _ => None,
        };
        Ok(NeighboursModel { k, classes, labels, memory, panels })
    }

    /// How many neighbours vote.
    pub fn k(&self) -> usize {
        self.k
    }

    /// The labels of the training samples.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The training samples.
    pub fn memory(&self) -> Inputs<'_> {
        self.memory.view()
    }

    /// The `k` nearest training samples of each of the samples `(m, d)`, the nearest first. `O(m n d)`.
    ///
    /// # Errors
    /// Where the samples have another number of features, or a number that is not finite.
    pub fn nearest(&self, inputs: Inputs<'_>) -> Result<Vec<Vec<Neighbour>>, FitError> {
        asked(inputs, self.features())?;
        Ok(match (&self.panels, inputs) {
            (Some(panels), Inputs::Bytes(new)) => self.nearest_bytes(panels, new),
            _ => self.nearest_reals(inputs),
        })
    }

    fn nearest_bytes(&self, panels: &Panels, new: ArrayView2<'_, u8>) -> Vec<Vec<Neighbour>> {
        let (new, path) = (new.as_standard_layout(), Path::best());
        let tasks = new.as_slice().unwrap_or_default().par_chunks(NEW * self.features());
        let found = tasks.flat_map_iter(|new| panels.nearest(path, new, self.k));
        let neighbour = |near: crate::kernels::bytes::Near| Neighbour {
            row: near.row as usize,
            squared_distance: f64::from(near.squared_distance),
        };
        found.map(|near| near.into_iter().map(neighbour).collect()).collect()
    }

    fn nearest_reals(&self, inputs: Inputs<'_>) -> Vec<Vec<Neighbour>> {
        let (memory, new) = (self.memory.view().to_reals(), inputs.to_reals());
        let rule = NearestNeighbour::fit(memory.view(), &self.labels);
        rule.fold(
            new.view(),
            Vec::with_capacity(self.k),
            |near: &mut Vec<Neighbour>, first, distances| {
                for (row, &distance) in distances.iter().enumerate() {
                    let distance = f64::from(distance);
                    let worst = near.last().map_or(f64::INFINITY, |n| n.squared_distance);
                    if near.len() < self.k || distance < worst {
                        let place = near.partition_point(|n| n.squared_distance <= distance);
                        if near.len() == self.k {
                            near.pop();
                        }
                        near.insert(
                            place,
                            Neighbour { row: first + row, squared_distance: distance },
                        );
                    }
                }
            },
        )
    }

    fn votes(&self, inputs: Inputs<'_>) -> Result<Vec<Vec<usize>>, FitError> {
        let near = self.nearest(inputs)?;
        Ok(near.iter().map(|near| votes(near, &self.labels, self.classes)).collect())
    }
}

impl Classifier for NeighboursModel {
    fn classes(&self) -> usize {
        self.classes
    }

    fn features(&self) -> usize {
        self.memory.view().features()
    }

    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
        let most = |votes: Vec<usize>| {
            let most = votes.iter().copied().max().unwrap_or(0);
            votes.iter().position(|v| *v == most).unwrap_or(0) as u8
        };
        Ok(self.votes(inputs)?.into_iter().map(most).collect())
    }

    /// The share of the votes.
    fn probabilities(&self, inputs: Inputs<'_>) -> Result<Option<Array2<f32>>, FitError> {
        let votes = self.votes(inputs)?;
        let of = |(i, class): (usize, usize)| votes[i][class] as f32 / self.k as f32;
        Ok(Some(Array2::from_shape_fn((votes.len(), self.classes), of)))
    }
}
