//! # An adapter on the side
//!
//! - points: 6
//! - minutes: 25
//! - difficulty: warm-up
//! - section: fit
//!
//! Llama 3 8B runs on an accelerator of 80 GB and cannot be trained on it: every parameter that learns costs sixteen bytes. So let few learn. In *low-rank
//! adaptation* a trained matrix $`W`$ with $`m`$ rows and $`n`$ columns is *frozen*, and beside it two thin matrices learn: $`B`$ with $`m`$ rows and
//! $`r`$ columns, and $`A`$ with $`r`$ rows and $`n`$ columns. The layer then computes with $`W + BA`$. The number $`r`$ is the *rank* of the
//! adapter, 8 or 16 for example.
//!
//! Write a function that gets the linear layers of a network, the targets that choose which of them are adapted, and the rank. It gives an `Adapted`
//! with two fields: how many parameters are `learning`, and how many `bytes` the state of training takes.
//!
//! - A layer has a `name` of words with points between them, such as `model.layers.3.self_attn.q_proj`, the numbers `outputs` ($`m`$) and `inputs`
//!   ($`n`$), and, where `bias` is true, a bias of $`m`$ numbers.
//! - A target, such as `q_proj` or `self_attn.q_proj`, chooses the layers whose name *ends* with these words. The words must be whole: `q_proj` does
//!   not choose `kq_proj`, and it does not choose `q_proj.old`. The full name chooses as well. A layer that several targets choose is chosen once. A
//!   target may choose no layer.
//! - A chosen layer gets an adapter of the given rank, which is at least 1. But where the adapter would not have fewer parameters than the matrix,
//!   there is none and the matrix itself learns.
//! - All else is frozen: the layers that are not chosen, the matrices that have an adapter, and every bias.
//! - A parameter that learns takes 16 bytes and a frozen one 2.
//!
//! The list may be empty. Nothing comes close to the limits of `u64`.
//!
//! ## Hint 1
//!
//! Go layer by layer and keep two sums: what learns and what is frozen. The bytes follow from these at the very end.
//!
//! ## Hint 2
//!
//! A name ends with whole words if it is the target, or if what is left of it before the target ends with a point. `strip_suffix` gives what is left.
//!
//! ## Hint 3
//!
//! With $`r(m + n) < mn`$ the adapter learns and all $`mn`$ weights are frozen. Otherwise the $`mn`$ weights learn and are no longer among the
//! frozen.
//!
//! ## Solution
//!
//! Each layer gives a pair: what learns and what is frozen. There are three kinds of layer, and writing the pair of each beside the others makes it
//! hard to count a weight twice or to forget it.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes.
//!
//! **Misconceptions.** That a frozen weight costs nothing: it has no gradient and no optimiser's state, but the forward pass still reads it. That an
//! adapter is always small: beside a layer with few outputs it is larger than the layer. That a part of a word is a name.
//!
//! **Discussion.** With rank 16 on queries and values, Llama 3 8B has 6,815,744 parameters that learn. What is now the largest part of the memory?
//! (The frozen weights, and then the activations, which low-rank adaptation hardly changes: to reach an adapter in the first block, the backward pass
//! goes through all the others.) What would freezing in `int4` do?

/// What the exercise gives.
pub mod given {
    /// A linear layer: a matrix with `outputs` rows and `inputs` columns, and perhaps a bias for each output.
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
    pub struct Layer {
        /// The full name, words with points between them.
        pub name: String,
        pub outputs: u64,
        pub inputs: u64,
        pub bias: bool,
    }

    /// What learns, and what the state of training takes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    pub struct Adapted {
        /// Parameters that learn.
        pub learning: u64,
        /// Bytes: 16 for each parameter that learns, 2 for each that is frozen.
        pub bytes: u64,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::{Adapted, Layer};

    /// What learns if the chosen layers get adapters of this rank.
    pub fn low_rank_parameters(layers: &[Layer], targets: &[&str], rank: u64) -> Adapted {
        todo!("what learns and what is frozen, layer by layer")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::{Adapted, Layer};

    /// What learns if the chosen layers get adapters of this rank.
    pub fn low_rank_parameters(layers: &[Layer], targets: &[&str], rank: u64) -> Adapted {
        let (mut learning, mut frozen) = (0, 0);
        for layer in layers {
            let times = targets.iter().filter(|target| chooses(target, &layer.name)).count();
            let (learns, rests) = shares(layer, times > 0, rank);
            learning += learns;
            frozen += rests;
        }
        Adapted { learning, bytes: bytes(learning, frozen) }
    }

    /// Does a name end with the words of a target?
    pub fn chooses(target: &str, name: &str) -> bool {
        let before = name.strip_suffix(target);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }

    /// What of a layer learns, its adapter included, and what is frozen.
    pub fn shares(layer: &Layer, chosen: bool, rank: u64) -> (u64, u64) {
        let matrix = layer.outputs * layer.inputs;
        let bias = if layer.bias { layer.outputs } else { 0 };
        let adapter = rank * (layer.outputs + layer.inputs);
        match chosen {
            false => (0, matrix + bias),
            true if adapter < matrix => (adapter, matrix + bias),
            true => (matrix, bias),
        }
    }

    /// Bytes of the state of training.
    pub fn bytes(learning: u64, frozen: u64) -> u64 {
        16 * learning + 2 * frozen
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::{Adapted, Layer};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub layers: Vec<Layer>,
        pub targets: Vec<String>,
        pub rank: u64,
    }

    pub type Output = Adapted;

    pub fn call(input: &Input) -> Output {
        let targets: Vec<&str> = input.targets.iter().map(String::as_str).collect();
        super::solution::low_rank_parameters(&input.layers, &targets, input.rank)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Layer;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("queries and values of a language model", 5, |rng| {
            let (layers, rank) = (transformer(rng, false), rng.random_range(1..=16));
            Input { layers, targets: strings(&["q_proj", "v_proj"]), rank }
        });
        cases.general("all layers of each block, with biases", 4, |rng| {
            let (layers, rank) = (transformer(rng, true), rng.random_range(1..=16));
            let all = ["q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "down_proj"];
            Input { layers, targets: strings(&all), rank }
        });
        cases.edge("targets of several words, and full names", 3, |rng| {
            let mut layers = transformer(rng, false);
            let width = rng.random_range(40..90);
            layers.push(layer("model.layers.0.cross.q_proj".into(), width, width, false));
            let targets = strings(&["self_attn.q_proj", "model.layers.1.mlp.up_proj", "lm_head"]);
            Input { layers, targets, rank: rng.random_range(1..=8) }
        });
        cases.edge("names that contain a target as part of a word, or not at the end", 3, |rng| {
            let mut layers = transformer(rng, true);
            for name in ["model.kq_proj", "model.q_proj.old", "model.q_projector", "q_proj"] {
                let (m, n) = (rng.random_range(40..90), rng.random_range(40..90));
                layers.push(layer(name.into(), m, n, true));
            }
            Input { layers, targets: strings(&["q_proj", "head"]), rank: rng.random_range(1..=8) }
        });
        cases.edge("layers that several targets choose", 2, |rng| {
            let (layers, rank) = (transformer(rng, true), rng.random_range(1..=8));
            let targets = strings(&["o_proj", "self_attn.o_proj", "q_proj", "o_proj"]);
            Input { layers, targets, rank }
        });
        cases.edge("layers with few outputs or few inputs", 4, |rng| {
            let mut layers = transformer(rng, true);
            let (rank, wide) = (rng.random_range(8..=16), rng.random_range(100..900));
            layers.push(layer("score".into(), rank / 2, wide, true));
            layers.push(layer("reader".into(), wide, rank, true));
            Input { layers, targets: strings(&["score", "reader", "k_proj"]), rank }
        });
        cases.edge("an adapter that is exactly as large as the matrix", 2, |rng| {
            // 2r rows and 2r columns: r · 4r = 2r · 2r.
            let rank = rng.random_range(2..=32);
            let layers = vec![
                layer("square".into(), 2 * rank, 2 * rank, false),
                layer("larger".into(), 2 * rank + 1, 2 * rank, false),
            ];
            Input { layers, targets: strings(&["square", "larger"]), rank }
        });
        let mut first = true;
        cases.edge("no layers, or no layer chosen", 2, |rng| {
            let layers = if first { Vec::new() } else { transformer(rng, true) };
            first = false;
            Input { layers, targets: strings(&["classifier"]), rank: 4 }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let learning = (expected.learning, found.learning);
        compare::equal("the parameters that learn", &learning.0, &learning.1)?;
        compare::equal("the bytes", &expected.bytes, &found.bytes)
    }

    fn transformer(rng: &mut Rng, bias: bool) -> Vec<Layer> {
        let (blocks, width) = (rng.random_range(2..5), 8 * rng.random_range(8..20));
        let grouped = width / [1, 2, 4][rng.random_range(0..3)];
        let inner = width * rng.random_range(2..5);
        let mut layers = Vec::new();
        for block in 0..blocks {
            let parts = [
                ("self_attn.q_proj", width, width),
                ("self_attn.k_proj", grouped, width),
                ("self_attn.v_proj", grouped, width),
                ("self_attn.o_proj", width, width),
                ("mlp.up_proj", inner, width),
                ("mlp.down_proj", width, inner),
            ];
            let name = |part| format!("model.layers.{block}.{part}");
            layers.extend(parts.map(|(part, m, n)| layer(name(part), m, n, bias)));
        }
        layers.push(layer("lm_head".into(), rng.random_range(200..900), width, false));
        layers
    }

    fn layer(name: String, outputs: u64, inputs: u64, bias: bool) -> Layer {
        Layer { name, outputs, inputs, bias }
    }

    fn strings(targets: &[&str]) -> Vec<String> {
        targets.iter().map(ToString::to_string).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::{Adapted, Layer};
    use super::solution::low_rank_parameters;

    fn layer(name: &str, outputs: u64, inputs: u64, bias: bool) -> Layer {
        Layer { name: name.into(), outputs, inputs, bias }
    }

    #[test]
    fn one_of_two_layers() {
        // Rank 2 beside 10 × 20: 2 · 30 = 60 learn. Frozen are 200 weights, 10 biases and the other layer's 200.
        let layers = [layer("net.0.first", 10, 20, true), layer("net.0.second", 20, 10, false)];
        let expected = Adapted { learning: 60, bytes: 16 * 60 + 2 * 410 };
        assert_eq!(low_rank_parameters(&layers, &["first"], 2), expected);
        assert_eq!(low_rank_parameters(&layers, &["0.first", "first"], 2), expected);
    }

    #[test]
    fn words_are_whole() {
        let layers = [layer("net.kq_proj", 9, 9, false), layer("net.q_proj.old", 9, 9, false)];
        let expected = Adapted { learning: 0, bytes: 2 * 162 };
        assert_eq!(low_rank_parameters(&layers, &["q_proj"], 1), expected);
    }

    #[test]
    fn a_small_matrix_learns_itself() {
        // Rank 3 beside 2 × 50 would be 156 parameters, and the matrix has 100. Its two biases stay frozen.
        let layers = [layer("score", 2, 50, true)];
        let expected = Adapted { learning: 100, bytes: 16 * 100 + 2 * 2 };
        assert_eq!(low_rank_parameters(&layers, &["score"], 3), expected);
    }

    #[test]
    fn llama_3_8b() {
        // Queries 4096 × 4096 and values 1024 × 4096 in 32 blocks: 16 · (8192 + 5120) · 32.
        let blocks = (0..32).flat_map(|i| {
            [
                layer(&format!("model.layers.{i}.self_attn.q_proj"), 4096, 4096, false),
                layer(&format!("model.layers.{i}.self_attn.v_proj"), 1024, 4096, false),
            ]
        });
        let layers: Vec<Layer> = blocks.collect();
        let adapted = low_rank_parameters(&layers, &["q_proj", "v_proj"], 16);
        assert_eq!(adapted.learning, 6_815_744);
    }
}

/// Chooses every layer whose name contains a target.
///
/// # Feedback
///
/// You choose layers that only have a target's letters somewhere in their name. A target is made of whole words, and they stand at the end.
pub mod mutant_looks_for_letters {
    pub use super::solution::*;

    /// Are the letters of a target anywhere in a name?
    pub fn chooses(target: &str, name: &str) -> bool {
        name.contains(target)
    }
}

/// Compares a target with the last word of a name only.
///
/// # Feedback
///
/// A target may have several words, up to the full name, and such targets choose nothing in your answer. Compare it with the end of the name, not
/// with its last word.
pub mod mutant_compares_the_last_word {
    pub use super::solution::*;

    /// Is a target the last word of a name?
    pub fn chooses(target: &str, name: &str) -> bool {
        name.rsplit('.').next() == Some(target)
    }
}

/// Adds an adapter for every target that chooses a layer.
///
/// # Feedback
///
/// Layers that two targets choose count twice in your sums. Ask of each *layer* whether any target chooses it, instead of going through the targets.
pub mod mutant_goes_by_targets {
    use super::given::{Adapted, Layer};
    pub use super::solution::*;

    /// What learns, layer by layer for each target.
    pub fn low_rank_parameters(layers: &[Layer], targets: &[&str], rank: u64) -> Adapted {
        let (mut learning, mut all) = (0, 0);
        for layer in layers {
            let (_, rests) = shares(layer, false, rank);
            all += rests;
        }
        let mut frozen = all;
        for target in targets {
            for layer in layers.iter().filter(|layer| chooses(target, &layer.name)) {
                let (learns, rests) = shares(layer, true, rank);
                learning += learns;
                frozen = (frozen + rests).saturating_sub(shares(layer, false, rank).1);
            }
        }
        Adapted { learning, bytes: bytes(learning, frozen) }
    }
}

/// Gives every chosen layer an adapter, however small the layer is.
///
/// # Feedback
///
/// Beside a layer with few inputs or few outputs your adapter is larger than the matrix that it is to spare. There the matrix itself learns, and then
/// it is not frozen.
pub mod mutant_adapts_small_layers {
    use super::given::{Adapted, Layer};
    pub use super::solution::*;

    /// An adapter for each chosen layer.
    pub fn shares(layer: &Layer, chosen: bool, rank: u64) -> (u64, u64) {
        let bias = if layer.bias { layer.outputs } else { 0 };
        let adapter = if chosen { rank * (layer.outputs + layer.inputs) } else { 0 };
        (adapter, layer.outputs * layer.inputs + bias)
    }
}

/// Counts a matrix that learns among the frozen as well.
///
/// # Feedback
///
/// Where the matrix itself learns, you count its weights twice: with 16 bytes and again with 2. The 16 include the copy that the forward pass reads.
pub mod mutant_freezes_what_learns {
    use super::given::{Adapted, Layer};
    pub use super::solution::*;

    /// What learns, and all that was there before.
    pub fn shares(layer: &Layer, chosen: bool, rank: u64) -> (u64, u64) {
        let matrix = layer.outputs * layer.inputs;
        let bias = if layer.bias { layer.outputs } else { 0 };
        let adapter = rank * (layer.outputs + layer.inputs);
        (if chosen { adapter.min(matrix) } else { 0 }, matrix + bias)
    }
}

/// Takes frozen parameters for free.
///
/// # Feedback
///
/// Your bytes are those of what learns alone. Frozen parameters have no gradient and no optimiser's state, but the forward pass reads them: 2 bytes
/// each.
pub mod mutant_forgets_the_frozen {
    pub use super::solution::*;

    /// Bytes of what learns.
    pub fn bytes(learning: u64, _: u64) -> u64 {
        16 * learning
    }
}
