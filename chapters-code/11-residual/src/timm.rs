//! The same networks in timm, a library of networks for PyTorch. Its residual networks have torchvision's names. Its MobileNetV3 has the
//! same layers under other names, and another ε; the variants that came from TensorFlow also pad otherwise, and are not ours.

use std::collections::BTreeMap;

use crate::description::{Convolution, Model, Part};
use crate::{Error, Result, mobilenet};

/// Those of timm's networks that are ours, by timm's names.
pub const NAMES: [&str; 2] = ["mobilenetv3_large_100", "mobilenetv3_small_100"];

/// What timm's batch normalisation adds to a variance.
pub const EPSILON: f64 = 1e-5;

/// The network of timm of that name; none where torchvision's name is the same, or nobody knows it.
///
/// # Errors
/// For networks that would load, and then say something else.
pub fn model(name: &str) -> Result<Option<Model>> {
    match name {
        "mobilenetv3_large_100" => Ok(Some(mobilenet::large().with_epsilon(EPSILON))),
        "mobilenetv3_small_100" => Ok(Some(mobilenet::small().with_epsilon(EPSILON))),
        _ if name.starts_with("tf_mobilenetv3") => Err(Error::Convention {
            name: name.into(),
            fault: "it lays zeros as TensorFlow does, which this program does not",
            fix: "give weights of mobilenetv3_large_100, mobilenetv3_small_100 or torchvision's",
        }),
        _ => Ok(None),
    }
}

/// timm's names for the layers and normalisations of a MobileNetV3, by ours.
pub fn layers(model: &Model) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (place, block) in blocks(model).into_iter().enumerate() {
        name_block(&mut names, place, &block);
    }
    names
}

/// What follows one another in a network and has the same beginning of its name.
struct Block<'a> {
    /// `features.3`.
    prefix: String,
    /// Its parts, those of a way around included.
    parts: Vec<&'a Part>,
    /// timm's stage, and the place in it.
    at: (usize, usize),
}

/// The parts of a network by blocks. A stage of timm's ends where the number of channels changes.
fn blocks(model: &Model) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let flat = model.parts.iter().flat_map(|part| match part {
        Part::Residual(residual) => residual.branch.iter().collect(),
        part => vec![part],
    });
    for part in flat {
        let name = match part {
            Part::Convolution(c) => &c.name,
            Part::Gate(gate) => &gate.name,
            Part::Linear(linear) => &linear.name,
            _ => continue,
        };
        let prefix: Vec<&str> = name.split('.').take(2).collect();
        let prefix = prefix.join(".");
        match blocks.last_mut() {
            Some(block) if block.prefix == prefix => block.parts.push(part),
            _ => blocks.push(Block { prefix, parts: vec![part], at: (0, 0) }),
        }
    }
    // The first is the stem; it stands before stage 0.
    let (mut stage, mut place, mut channels) = (0, 0, None);
    for block in blocks.iter_mut().skip(1) {
        let outputs = convolutions(block).last().map(|c| c.outputs);
        if channels.is_some() && outputs != channels {
            (stage, place) = (stage + 1, 0);
        }
        block.at = (stage, place);
        (place, channels) = (place + 1, outputs);
    }
    blocks
}

fn convolutions<'a>(block: &Block<'a>) -> Vec<&'a Convolution> {
    let convolution = |part: &&'a Part| match part {
        Part::Convolution(c) => Some(c),
        _ => None,
    };
    block.parts.iter().filter_map(convolution).collect()
}

fn name_block(names: &mut BTreeMap<String, String>, place: usize, block: &Block<'_>) {
    let mut name = |ours: &str, theirs: String| names.insert(ours.to_owned(), theirs);
    let within = format!("blocks.{}.{}", block.at.0, block.at.1);
    let all = convolutions(block);
    let depthwise = all.iter().position(|c| c.groups > 1);
    for (i, c) in all.iter().enumerate() {
        let (layer, norm) = match (place, depthwise) {
            (0, _) => ("conv_stem".to_owned(), "bn1".to_owned()),
            (_, None) => (format!("{within}.conv"), format!("{within}.bn1")),
            (_, Some(depthwise)) => {
                let kind = match i.cmp(&depthwise) {
                    std::cmp::Ordering::Equal => "conv_dw",
                    std::cmp::Ordering::Greater if depthwise > 0 => "conv_pwl",
                    _ => "conv_pw",
                };
                (format!("{within}.{kind}"), format!("{within}.bn{}", i + 1))
            }
        };
        name(&c.name, layer);
        name(&c.norm.name, norm);
    }
    for part in &block.parts {
        match part {
            Part::Gate(gate) => {
                name(&format!("{}.fc1", gate.name), format!("{within}.se.conv_reduce"));
                name(&format!("{}.fc2", gate.name), format!("{within}.se.conv_expand"));
            }
            Part::Linear(linear) if linear.name.ends_with(".0") => {
                name(&linear.name, "conv_head".into());
            }
            Part::Linear(linear) => {
                name(&linear.name, "classifier".into());
            }
            _ => {}
        }
    }
}
