//! The vision transformers against torchvision: names, counts, logits. `tests/peers/12-attention.py` asked for them.

use std::collections::BTreeMap;

use attention::vit::vit as model;
use attention::{Network, formula};
use backprop::fixtures::{assert_close, floats};
use ndarray::Array3;
use serde_json::Value;

pub fn record() -> Value {
    serde_json::from_str(include_str!("../../../tests/peers/12-attention.json")).unwrap()
}

fn hold(name: &str) {
    let (record, vit) = (record(), model(name).unwrap());
    let expected = &record["networks"][name];
    assert_eq!(vit.parameters() as u64, expected["parameters"].as_u64().unwrap(), "{name}");
    let tensors: BTreeMap<String, Vec<usize>> =
        serde_json::from_value(expected["tensors"].clone()).unwrap();
    let ours = vit.tensors().into_iter().map(|tensor| (tensor.name, tensor.shape)).collect();
    assert_eq!(tensors, ours, "{name}");
    let network = Network::from(vit, |tensor| Ok(formula::weights(tensor))).unwrap();
    for i in 0..2 {
        let found = network.forward(formula::picture(i, vit.side).view()).unwrap();
        let logits = floats(&expected["logits"][i]);
        assert_close(&format!("{name}, picture {i}"), &found[..logits.len()], &logits, 1e-4);
    }
}

#[test]
fn vit_b_16() {
    assert_eq!(model("vit_b_16").unwrap().parameters(), 86_567_656);
    hold("vit_b_16");
}

#[test]
fn vit_b_32() {
    hold("vit_b_32");
}

#[test]
fn vit_l_32() {
    assert_eq!(model("vit_l_32").unwrap().parameters(), 306_535_400);
    hold("vit_l_32");
}

/// Parameters and GFLOPS (multiply-adds) as torchvision's documentation states them.
#[test]
fn counts_are_those_that_torchvision_states() {
    for (name, parameters, giga) in [
        ("vit_b_16", 86_567_656, 17.56),
        ("vit_b_32", 88_224_232, 4.41),
        ("vit_l_16", 304_326_632, 61.55),
        ("vit_l_32", 306_535_400, 15.38),
    ] {
        let vit = model(name).unwrap();
        assert_eq!(vit.parameters(), parameters, "{name}");
        let found = vit.multiply_adds().iter().sum::<u64>() as f64 / 1e9;
        assert!((found - giga).abs() < 0.006, "{name}: {found}");
    }
}

#[test]
fn a_picture_of_another_size() {
    let model =
        attention::Vit { side: 8, patch: 4, layers: 1, heads: 2, width: 4, hidden: 8, classes: 3 };
    let network = Network::from(model, |tensor| Ok(formula::weights(tensor))).unwrap();
    assert_eq!(network.forward(formula::picture(0, 8).view()).unwrap().len(), 3);
    let fault = network.forward(Array3::zeros((3, 8, 12)).view()).unwrap_err().to_string();
    let words = "a picture of [3, 8, 12] numbers, and the network takes [3, 8, 8]; resize it first";
    assert_eq!(fault, words);
}

#[test]
fn a_network_that_nobody_knows() {
    let fault = model("vit_b_17").unwrap_err().to_string();
    assert!(fault.starts_with("vit_b_17: no such network; give one of vit_b_16, "), "{fault}");
}
