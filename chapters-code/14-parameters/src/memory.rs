//! From counts to bytes: weights by type, training state, activations, and the key and value cache.

use crate::architectures::Model;
use crate::count::Totals;
use crate::formats::Format;
use crate::units::Bytes;

/// How all numbers of a model are stored, where one word has to do for it.
///
/// | type | bits per parameter | |
/// | --- | --- | --- |
/// | `f32` | 32 | IEEE single precision |
/// | `bf16` | 16 | the upper half of an `f32` |
/// | `int8` | 8 | one scale a tensor, left out: under 0.03 % of any model here |
/// | `int4` | 4.5 | blocks of 32 with one `f16` scale each: [`Format::Q4_0`] |
///
/// All parameters are taken to be stored in the same type, norms and biases too, end to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Four bytes.
    F32,
    /// Two bytes.
    Bf16,
    /// One byte.
    Int8,
    /// Half a byte, and a sixteenth for the scale.
    Int4,
}

impl Precision {
    /// From wide to narrow.
    pub const ALL: [Precision; 4] =
        [Precision::F32, Precision::Bf16, Precision::Int8, Precision::Int4];

    /// The type's name.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
            Precision::Int8 => "int8",
            Precision::Int4 => "int4",
        }
    }

    /// The format that it stands for.
    pub fn format(self) -> Format {
        match self {
            Precision::F32 => Format::F32,
            Precision::Bf16 => Format::BF16,
            Precision::Int8 => Format::INT8,
            Precision::Int4 => Format::Q4_0,
        }
    }

    /// Bytes that hold `parameters` numbers of this type.
    pub fn bytes(self, parameters: u64) -> Bytes {
        self.format().bytes(parameters)
    }

    /// Bytes of each value that layers pass on and that the cache keeps: an `f32` model computes in
    /// `f32`; every narrower one in 16 bits.
    pub fn activation_bytes(self) -> u64 {
        match self {
            Precision::F32 => 4,
            Precision::Bf16 | Precision::Int8 | Precision::Int4 => 2,
        }
    }
}

/// What training keeps for each parameter, in bytes, with the Adam optimiser (Kingma and Ba, 2015).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrainingState {
    /// The weights that the forward pass reads.
    pub weights: u64,
    /// Their gradients.
    pub gradients: u64,
    /// A full copy of the weights, where the optimiser needs one.
    pub master: u64,
    /// Adam's first and second moment.
    pub moments: u64,
}

impl TrainingState {
    /// Everything in `f32`.
    pub const F32: TrainingState =
        TrainingState { weights: 4, gradients: 4, master: 0, moments: 8 };

    /// Mixed precision (Micikevicius et al., 2018): weights and gradients in bf16, a master copy and
    /// both moments in `f32`. The same 16 bytes, but half of what the forward pass reads.
    pub const MIXED: TrainingState =
        TrainingState { weights: 2, gradients: 2, master: 4, moments: 8 };

    /// Bytes a parameter.
    pub fn bytes_per_parameter(&self) -> u64 {
        self.weights + self.gradients + self.master + self.moments
    }

    /// Bytes a parameter on each of so many devices that share the state as ZeRO does (Rajbhandari et al.,
    /// 2020): the optimiser's part from stage 1 on, gradients from stage 2, weights from stage 3.
    pub fn sharded(&self, stage: u32, devices: u64) -> f64 {
        let share = |bytes: u64, from: u32| match stage >= from {
            true => bytes as f64 / devices as f64,
            false => bytes as f64,
        };
        share(self.master + self.moments, 1) + share(self.gradients, 2) + share(self.weights, 3)
    }

    /// Bytes for a model, activations apart.
    pub fn bytes(&self, parameters: u64) -> Bytes {
        Bytes(u128::from(self.bytes_per_parameter()) * u128::from(parameters))
    }
}

/// Bytes of the key and value cache: for each of `batch` texts and each of `context` tokens, a key
/// and a value in every layer, for every head of keys and values (fewer than the heads of queries
/// where the attention is grouped). Zero for a network that reads images.
pub fn cache(model: &Model, precision: Precision, context: u64, batch: u64) -> Bytes {
    let values = u128::from(model.cache_values(context));
    Bytes(values * u128::from(batch) * u128::from(precision.activation_bytes()))
}

/// Parameters of an adapter of low rank (Hu et al., 2022) beside a matrix of `outputs` × `inputs`: one
/// matrix that narrows to the rank and one that widens again.
pub fn adapter(rank: u64, outputs: u64, inputs: u64) -> u64 {
    rank * (outputs + inputs)
}

/// Bytes of attention's scores, 16 bits each, that training keeps where no fused kernel computes them
/// again.
pub fn kept_scores(model: &Model, load: Load) -> Bytes {
    let inputs = u128::from(load.batch) * load.inputs(model);
    Bytes(2 * inputs * u128::from(model.scores(load.context)))
}

/// One use of a model: how many inputs at once, and how long a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Tokens of each text; ignored for images.
    pub context: u64,
    /// Images or texts at once.
    pub batch: u64,
}

impl Load {
    /// One image, or one text of the model's [default](Model::default_context) length.
    pub fn single(model: &Model) -> Load {
        Load { context: model.default_context(), batch: 1 }
    }

    /// Images, or tokens, of one item of the batch when all pass at once.
    fn inputs(&self, model: &Model) -> u128 {
        u128::from(if model.max_context().is_some() { self.context } else { 1 })
    }
}

/// The memory that one use of a model needs, by what it is for. Buffers, some thousandths of the
/// weights, are left out, and so is what a framework keeps for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The weights; in training with gradients and the optimiser's state.
    pub state: Bytes,
    /// What layers pass on: the peak in inference, all that is kept in training.
    pub activations: Bytes,
    /// The key and value cache.
    pub cache: Bytes,
}

impl Need {
    /// Everything together.
    pub fn total(&self) -> Bytes {
        Bytes(self.state.0 + self.activations.0 + self.cache.0)
    }

    /// Inference: an image, or the next token of a text whose tokens are in the cache.
    pub fn inference(model: &Model, precision: Precision, load: Load) -> Need {
        let Totals { count, activations } = model.walk(load.context);
        let values = u128::from(activations.peak) * u128::from(load.batch);
        Need {
            state: precision.bytes(count.parameters),
            activations: Bytes(values * u128::from(precision.activation_bytes())),
            cache: cache(model, precision, load.context, load.batch),
        }
    }

    /// A training step: all tokens of a text pass at once, and training needs no cache. Activations
    /// take 4 bytes in `f32`, and 2 where the weights do.
    pub fn training(model: &Model, state: TrainingState, load: Load) -> Need {
        let Totals { count, activations } = model.walk(load.context);
        let inputs = u128::from(load.batch) * load.inputs(model);
        Need {
            state: state.bytes(count.parameters),
            activations: Bytes(u128::from(activations.kept) * inputs * u128::from(state.weights)),
            cache: Bytes(0),
        }
    }
}
