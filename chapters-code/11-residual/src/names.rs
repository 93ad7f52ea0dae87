//! What the networks of the chapter are called.

/// The networks that have a name.
pub const NAMES: [&str; 7] = [
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
];
