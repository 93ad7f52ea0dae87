//! The engine builds what the count describes: every tensor has the same name and the same shape in both.
//!
//! The networks of chapters 11 to 13 stand with the engine, as its tests use them, until those chapters hold them.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

#[path = "../../09-convolution/tests/later/mod.rs"]
mod later;

use std::collections::BTreeMap;

use backprop::{Engine, Network, Options, Shape};
use later::networks::{Language, Vision, resnet};
use parameters::architectures::{
    AttentionWidth, Biases, BlockKind, Gpt, Head, Llama, ResNet, VisionTransformer,
};
use parameters::{Folding, Model, Role};

/// Name, shape and whether training changes it.
type Tensors = BTreeMap<String, (Vec<u64>, bool)>;

/// What the count describes. A counter of batches is no part of what the engine computes, and a tied name is no tensor of its own.
fn counted(network: &Model, prefix: &str) -> Tensors {
    let tree = network.tree(1, Folding::Unfolded);
    let own = tree.named_tensors().into_iter().filter(|(name, tensor)| {
        tensor.role != Role::Tied && !name.ends_with("num_batches_tracked")
    });
    own.map(|(name, tensor)| {
        let name = name.strip_prefix(prefix).unwrap_or(&name).to_string();
        (name, (tensor.shape.clone(), tensor.role == Role::Parameter))
    })
    .collect()
}

/// What the engine holds.
fn held(network: Network<f32>) -> Tensors {
    let options = Options { batch: 1, shards: 1, threads: 1, training: false };
    let engine = Engine::new(network, options).unwrap();
    let tensors = engine.parameters().map(|(name, weight)| {
        let shape = weight.shape.iter().map(|&n| n as u64).collect();
        (name.to_string(), (shape, weight.trained))
    });
    tensors.collect()
}

#[test]
fn a_residual_network() {
    let depths = [3, 4, 6, 3];
    let built = resnet(depths, 32, 10).unwrap();
    let described = Model::ResNet(ResNet {
        block: BlockKind::Bottleneck,
        depths: depths.map(|n| n as u64),
        classes: 10,
        side: 32,
    });
    assert_eq!(counted(&described, ""), held(built));
}

#[test]
fn a_vision_transformer() {
    let built = Vision { side: 32, patch: 8, width: 24, heads: 3, layers: 2, classes: 10 };
    let described = Model::VisionTransformer(VisionTransformer {
        patch: 8,
        layers: 2,
        width: 24,
        heads: 3,
        inner: 96,
        classes: 10,
        side: 32,
    });
    assert_eq!(counted(&described, ""), held(built.network().unwrap()));
}

const LANGUAGE: Language =
    Language { words: 50, width: 24, heads: 4, groups: 2, layers: 2, longest: 16 };

#[test]
fn a_gpt() {
    let built = LANGUAGE.gpt(Shape::sequence(16, 1)).unwrap();
    let described = Model::Gpt(Gpt {
        vocabulary: 50,
        positions: 16,
        layers: 2,
        width: 24,
        heads: 4,
        head_width: 6,
        inner: 96,
        head: Head::Tied,
        attention_width: AttentionWidth::Model,
    });
    assert_eq!(counted(&described, "transformer."), held(built));
}

#[test]
fn a_llama() {
    let built = LANGUAGE.llama(Shape::sequence(16, 1)).unwrap();
    let described = Model::Llama(Llama {
        family: "Llama",
        vocabulary: 50,
        positions: 16,
        layers: 2,
        width: 24,
        heads: 4,
        key_value_heads: 2,
        head_width: 6,
        inner: 48,
        head: Head::Words,
        biases: Biases::NONE,
        window: None,
    });
    assert_eq!(counted(&described, ""), held(built));
}
