//! Why did the model decide so? Four questions that can be put to any classifier or to a linear one.
//!
//! [`permutation`] asks what a feature is worth to the answers (Breiman 2001), [`dependence`] how a probability follows
//! a feature (Friedman 2001), [`evidence`] what speaks for one class against another in a linear model. A tree's own
//! path is [`classifiers::trees::Tree::path`]. None of them asks about the world: all ask about a model.

mod dependence;
mod evidence;
mod permutation;

pub use dependence::dependence;
pub use evidence::{evidence, lead};
pub use permutation::{drops, permutation};
