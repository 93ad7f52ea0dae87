//! What the networks of the chapter are called.

/// The networks that have a name.
pub const NAMES: [&str; 4] = ["vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32"];
