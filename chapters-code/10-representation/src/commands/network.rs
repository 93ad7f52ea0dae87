//! The network as the commands ask it: a photograph's 1,280 numbers, and the probabilities of the thousand classes.

use anyhow::Result;
use backprop::operations::cross_entropy::softmax;
use ndarray::{Array2, Array3, ArrayView1};
use notebook::{Context, Data};
use rayon::prelude::*;

use crate::features::{self, HEAD, Tap};
use crate::fused::{Fused, Workspace};
use crate::lite0::classes::largest;
use crate::lite0::{Classes, Weights, description};

/// The network and the names of its classes.
#[derive(Debug)]
pub(crate) struct Network {
    weights: Weights,
    fused: Fused,
    classes: Classes,
}

/// A class that a photograph may show.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Class {
    /// Its name.
    pub(crate) name: String,
    /// What the network says for it, from 0 to 1.
    pub(crate) probability: f32,
}

impl Network {
    /// Reads it from the checkout.
    pub(crate) fn read(context: &Context<'_>) -> Result<Network> {
        Ok(Network::of(context.workspace()?.root())?)
    }

    /// Reads it from where data are.
    pub(crate) fn of(data: &(impl Data + ?Sized)) -> crate::Result<Network> {
        let (weights, classes) = (Weights::of(data)?, Classes::of(data)?);
        Ok(Network { fused: Fused::new(&weights), weights, classes })
    }

    /// The weights.
    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The name of a class.
    pub(crate) fn name(&self, class: usize) -> &str {
        self.classes.name(class)
    }

    /// Features of pictures, a row each.
    pub(crate) fn features(&self, pictures: &[Array3<f32>], tap: Tap) -> Array2<f32> {
        features::of(&self.weights, pictures, &[tap]).pop().unwrap_or_default()
    }

    /// What stands before the last layer, a row for each picture, `(n, 1280)`.
    pub(crate) fn embeddings(&self, pictures: &[Array3<f32>]) -> Array2<f32> {
        self.rows(pictures, description::HEAD, |space, picture| {
            self.fused.pass(space, picture.view(), HEAD, |_, _| ())
        })
    }

    /// The probabilities of all classes, a row for each picture, `(n, 1000)`.
    pub(crate) fn probabilities(&self, pictures: &[Array3<f32>]) -> Array2<f32> {
        self.rows(pictures, description::CLASSES, |space, picture| {
            let logits = self.fused.logits(space, picture.view());
            let mut probabilities = vec![0.0; logits.len()];
            softmax(&logits, &mut probabilities);
            probabilities
        })
    }

    /// The most probable classes, the first first.
    pub(crate) fn best(&self, probabilities: ArrayView1<'_, f32>, count: usize) -> Vec<Class> {
        let class = |(class, probability)| Class { name: self.name(class).to_owned(), probability };
        largest(&probabilities.to_vec(), count).into_iter().map(class).collect()
    }

    /// A row for each picture. A picture has all threads, of many each has one.
    fn rows(
        &self,
        pictures: &[Array3<f32>],
        width: usize,
        row: impl Fn(&mut Workspace, &Array3<f32>) -> Vec<f32> + Sync,
    ) -> Array2<f32> {
        let rows: Vec<f32> = match pictures {
            [picture] => row(&mut Workspace::new(rayon::current_num_threads()), picture),
            _ => {
                let each = pictures.par_iter();
                each.map_init(|| Workspace::new(1), &row).flatten_iter().collect()
            }
        };
        Array2::from_shape_vec((pictures.len(), width), rows).unwrap_or_default()
    }
}
