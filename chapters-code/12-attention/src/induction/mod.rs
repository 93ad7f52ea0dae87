//! A transformer of attention alone that learns to copy, and what can be looked at inside it (Elhage and others, 2021; Olsson and
//! others, 2022).
//!
//! | module | what |
//! | --- | --- |
//! | [`repeats`] | sequences that repeat themselves, to learn from |
//! | [`copier`] | the network, for the engine |
//! | [`opened`] | its forward pass in plain matrices, in which maps can be read and changed |
//! | [`scores`] | what a map is measured by |

pub mod copier;
pub mod opened;
pub mod repeats;
pub mod scores;

pub use copier::Copier;
pub use opened::{Opened, Trace};
pub use repeats::{Repeats, Sequence};
