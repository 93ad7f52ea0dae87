//! Operations of the engine that this chapter adds, one a file: a forward, and beside it the backward that belongs to it.

mod depthwise;
mod gate;
mod hard_swish;
mod refusal;
mod scaled_addition;

pub use depthwise::Depthwise;
pub use gate::Gate;
pub use hard_swish::HardSwish;
pub use scaled_addition::ScaledAddition;
