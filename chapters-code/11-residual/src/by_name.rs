//! A network by its name.

use crate::{Error, Model, Result, mobilenet, resnet};

/// The network of that name, as torchvision calls it.
///
/// # Errors
/// Where there is none.
pub fn model(name: &str) -> Result<Model> {
    use resnet::Block::{Basic, Bottleneck};
    match name {
        "resnet18" => Ok(resnet::resnet(Basic, [2, 2, 2, 2])),
        "resnet34" => Ok(resnet::resnet(Basic, [3, 4, 6, 3])),
        "resnet50" => Ok(resnet::resnet(Bottleneck, [3, 4, 6, 3])),
        "resnet101" => Ok(resnet::resnet(Bottleneck, [3, 4, 23, 3])),
        "resnet152" => Ok(resnet::resnet(Bottleneck, [3, 8, 36, 3])),
        "mobilenet_v3_large" => Ok(mobilenet::large()),
        "mobilenet_v3_small" => Ok(mobilenet::small()),
        _ => Err(Error::Model { name: name.into() }),
    }
}
