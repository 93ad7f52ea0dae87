//! Weights by name: how they come in and out.

use super::Engine;
use crate::kernels::buffer::Buffer;
use crate::weights::{fault, fits};
use crate::{Block, Real, Result, Tensor, Weight};

impl<T: Real> Engine<T> {
    /// Full name and description of each tensor, in the order of the network: `0.weight`, `0.bias`, …
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &Weight<T>)> {
        self.tensors.iter().map(|tensor| (tensor.name.as_str(), &tensor.weight))
    }

    /// All weights, unpacked.
    pub fn weights(&self) -> Vec<Tensor<T>> {
        self.unpack(|block| &block.weights)
    }

    /// The gradient that [`Engine::gradients`] found, under the names of the weights; zero for what is not trained.
    pub fn gradient(&self) -> Vec<Tensor<T>> {
        self.unpack(|block| &block.gradient)
    }

    /// What the rule keeps for each weight in `slot`, under the names of the weights; zero before the first step.
    pub fn state(&self, slot: usize) -> Vec<Tensor<T>> {
        self.unpack(|block| &block.state[slot])
    }

    /// One tensor, unpacked: with it a file can be written tensor by tensor.
    ///
    /// # Errors
    /// Where the network has no such tensor.
    pub fn get(&self, name: &str) -> Result<Tensor<T>> {
        Ok(self.unpack_one(&self.tensors[self.number_of(name)?], |block| &block.weights))
    }

    /// What the rule keeps for one tensor in `slot`.
    ///
    /// # Errors
    /// As [`Engine::get`].
    pub fn get_state(&self, slot: usize, name: &str) -> Result<Tensor<T>> {
        Ok(self.unpack_one(&self.tensors[self.number_of(name)?], |block| &block.state[slot]))
    }

    /// Packs one tensor: with it a file can be read tensor by tensor.
    ///
    /// # Errors
    /// Where the network has no such tensor, or of another shape.
    pub fn set(&mut self, name: &str, dims: &[usize], data: &[T]) -> Result<()> {
        let t = self.number_of(name)?;
        fits(name, dims, data.len(), &self.tensors[t].weight)?;
        self.pack(t, data, |block| &mut block.weights);
        let tensor = &self.tensors[t];
        for (index, block) in self.blocks[tensor.blocks.clone()].iter_mut().enumerate() {
            tensor.weight.packing.renew(index, block);
        }
        self.gradient_of = None;
        Ok(())
    }

    /// Packs all weights by name. Nothing changes unless all fit.
    ///
    /// # Errors
    /// Where a tensor is absent, of another shape, or not of this network.
    pub fn set_weights(&mut self, tensors: &[Tensor<T>]) -> Result<()> {
        self.check_all(tensors)?;
        tensors.iter().try_for_each(|tensor| self.set(&tensor.name, &tensor.shape, &tensor.data))
    }

    /// Packs what [`Engine::state`] gave.
    ///
    /// # Errors
    /// As [`Engine::set_weights`].
    pub fn set_state(&mut self, slot: usize, tensors: &[Tensor<T>]) -> Result<()> {
        self.check_all(tensors)?;
        tensors.iter().try_for_each(|t| self.set_state_of(slot, &t.name, &t.shape, &t.data))
    }

    /// Packs what [`Engine::get_state`] gave.
    ///
    /// # Errors
    /// As [`Engine::set`].
    pub fn set_state_of(
        &mut self,
        slot: usize,
        name: &str,
        dims: &[usize],
        data: &[T],
    ) -> Result<()> {
        let t = self.number_of(name)?;
        fits(name, dims, data.len(), &self.tensors[t].weight)?;
        if self.tensors[t].weight.trained {
            for block in &mut self.blocks[self.tensors[t].blocks.clone()] {
                block.state[slot] = Buffer::zeros(block.weights.len());
            }
            self.pack(t, data, |block| &mut block.state[slot]);
        }
        Ok(())
    }

    fn number_of(&self, name: &str) -> Result<usize> {
        match self.tensors.iter().position(|tensor| tensor.name == name) {
            Some(t) => Ok(t),
            None => fault(name, "are not of this network", "give the weights of this network"),
        }
    }

    /// Checks that `tensors` are those of the network.
    fn check_all(&self, tensors: &[Tensor<T>]) -> Result<()> {
        let mut given = vec![false; self.tensors.len()];
        for Tensor { name, shape, data } in tensors {
            let t = self.number_of(name)?;
            fits(name, shape, data.len(), &self.tensors[t].weight)?;
            if std::mem::replace(&mut given[t], true) {
                return fault(name, "are given twice", "give them once");
            }
        }
        match self.tensors.iter().zip(given).find(|(_, given)| !given) {
            Some((absent, _)) => {
                fault(&absent.name, "are missing", "give all weights of the network")
            }
            None => Ok(()),
        }
    }

    fn unpack(&self, of: impl Fn(&Block<T>) -> &[T]) -> Vec<Tensor<T>> {
        self.tensors.iter().map(|stored| self.unpack_one(stored, &of)).collect()
    }

    fn unpack_one(&self, stored: &super::Stored<T>, of: impl Fn(&Block<T>) -> &[T]) -> Tensor<T> {
        let blocks = &self.blocks[stored.blocks.clone()];
        let whole = blocks.iter().all(|block| of(block).len() == block.weights.len());
        let mut data = vec![T::ZERO; stored.weight.len()];
        if whole {
            let blocks: Vec<&[T]> = blocks.iter().map(of).collect();
            stored.weight.packing.unpack(&blocks, &mut data);
        }
        Tensor { name: stored.name.clone(), shape: stored.weight.shape.clone(), data }
    }

    fn pack(&mut self, t: usize, data: &[T], of: impl Fn(&mut Block<T>) -> &mut [T]) {
        let stored = &self.tensors[t];
        let blocks = self.blocks[stored.blocks.clone()].iter_mut();
        stored.weight.packing.pack(data, &mut blocks.map(of).collect::<Vec<_>>());
    }
}
