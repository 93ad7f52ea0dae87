//! The networks against torchvision's: names, counts, logits. `tests/peers/11-residual.py` asked for them.

#![allow(clippy::unwrap_used)]

use backprop::fixtures::{self, assert_close, floats};
use residual::description::{Kind, Role, Tensor};
use residual::formula::{SIDES, image, numbers, scale, tensor, weights};
use residual::{Model, NAMES, Weights, mobilenet, model, plain, timm};
use serde_json::Value;

fn record() -> Value {
    serde_json::from_str(include_str!("../../../tests/peers/11-residual.json")).unwrap()
}

fn hold(name: &str) {
    let (record, model) = (record(), model(name).unwrap());
    let expected = &record["networks"][name];
    assert_eq!(model.parameters() as u64, expected["parameters"].as_u64().unwrap(), "{name}");
    let weights = weights(name, &model);
    for i in 0..SIDES.len() {
        let found = plain::forward(&model, &weights, image(i).view());
        let first = floats(&expected["logits"][i]);
        assert_close(&format!("{name}, image {i}"), &found[..first.len()], &first, 1e-4);
    }
}

#[test]
fn resnet18() {
    hold("resnet18");
}

#[test]
fn resnet34() {
    hold("resnet34");
}

#[test]
fn resnet50() {
    hold("resnet50");
}

#[test]
fn resnet101() {
    hold("resnet101");
}

#[test]
fn resnet152() {
    hold("resnet152");
}

#[test]
fn mobilenet_v3_large() {
    hold("mobilenet_v3_large");
}

#[test]
fn mobilenet_v3_small() {
    hold("mobilenet_v3_small");
}

/// The formula is that of the other chapters' tests.
#[test]
fn numbers_are_the_fixtures() {
    for seed in [0, 1, 65_535] {
        assert_eq!(numbers(seed, 100), fixtures::numbers(seed, 100));
    }
}

/// timm's names, its ε, and its first linear layer as a convolution of 1 × 1.
#[test]
fn timms_mobilenets() {
    let record: Value =
        serde_json::from_str(include_str!("../../../tests/peers/11-residual-timm.json")).unwrap();
    for name in timm::NAMES {
        let model = timm::model(name).unwrap().unwrap();
        let layers = timm::layers(&model);
        let renamed = |ours: &Tensor| {
            let (layer, part) = ours.name.rsplit_once('.').unwrap();
            let name = format!("{}.{part}", layers[layer]);
            Ok(tensor(&Tensor { name, ..ours.clone() }, scale(name_of(&model))))
        };
        let weights = Weights::from(&model, renamed).unwrap();
        let found = plain::forward(&model, &weights, image(1).view());
        let expected = floats(&record["networks"][name]["logits"]);
        assert_close(name, &found[..expected.len()], &expected, 1e-4);
    }
}

/// All of timm's networks here are MobileNets, whose scales are not halved.
fn name_of(_: &Model) -> &'static str {
    "mobilenet"
}

#[test]
fn what_is_timms_and_not_ours_is_refused() {
    let fault = timm::model("tf_mobilenetv3_large_100").unwrap_err().to_string();
    assert!(fault.starts_with("tf_mobilenetv3_large_100: it lays zeros as TensorFlow"), "{fault}");
    assert!(timm::model("resnet50").unwrap().is_none());
}

/// Layers are counted one by one, and tensors by themselves.
#[test]
fn two_ways_to_count_agree() {
    for name in NAMES {
        let model = model(name).unwrap();
        let layers = model.layers(224);
        let parameters: usize = layers.iter().map(|layer| layer.parameters).sum();
        assert_eq!(parameters, model.parameters(), "{name}");
        let weights = |role| matches!(role, Role::Weight { .. });
        let tensors = model.tensors().into_iter().filter(|tensor| weights(tensor.role)).count();
        let gates = layers.iter().filter(|layer| layer.kind == Kind::Gate).count();
        assert_eq!(layers.len() + gates, tensors, "a gate has two layers: {name}");
        if let Some(depth) = name.strip_prefix("resnet") {
            let along = layers.iter().filter(|layer| !layer.around).count();
            assert_eq!(along, depth.parse::<usize>().unwrap(), "{name}");
        }
    }
}

/// What torchvision gives for its weights, in thousands of millions.
#[test]
fn multiply_adds_are_those_of_torchvision() {
    for (name, giga) in [
        ("resnet18", 1.814),
        ("resnet34", 3.664),
        ("resnet50", 4.089),
        ("resnet101", 7.801),
        ("resnet152", 11.514),
        ("mobilenet_v3_large", 0.217),
        ("mobilenet_v3_small", 0.057),
    ] {
        let found = model(name).unwrap().multiply_adds(224) as f64 / 1e9;
        assert!((found - giga).abs() < 6e-4, "{name}: {found}");
    }
}

#[test]
fn a_gates_channels_are_rounded() {
    // A quarter, 6: 8 at least. 18 lies between 16 and 24; 16 is more than a tenth below.
    for (channels, squeezed) in [(16, 8), (24, 8), (72, 24), (88, 24), (120, 32), (240, 64)] {
        assert_eq!(mobilenet::squeezed(channels), squeezed, "{channels}");
    }
}

#[test]
fn a_network_that_nobody_knows() {
    let fault = model("resnet153").unwrap_err().to_string();
    assert_eq!(fault, "resnet153: no such network; did you mean resnet152?");
    let fault = model("vgg16").unwrap_err().to_string();
    assert!(fault.starts_with("vgg16: no such network; give one of resnet18, "), "{fault}");
}
