//! The chapter's recipe: how its networks are trained.

use learning::Labelled;
use optimization::recipe::Make;
use optimization::{Augmentation, Garments, Optimizer, Recipe, Schedule};

/// Samples of a mini-batch.
pub const BATCH: usize = 64;

// ANCHOR: recipe
/// How a network of the chapter is trained on garments: AdamW with decay
/// 0.05 at a rate that rises for an epoch to 2 · 10⁻³ and falls along a
/// cosine, on garments that are mirrored and shifted in every epoch.
pub fn recipe(network: Make, data: &Labelled, epochs: u64, seed: u64) -> Recipe<Garments<'_>> {
    let augmentation = Augmentation { seed, shift: 1, mirror: true };
    let of_epoch = (data.len() / BATCH) as u64;
    Recipe {
        optimizer: Optimizer::adamw(0.05),
        schedule: Schedule::cosine(2e-3, of_epoch),
        batch: BATCH,
        epochs,
        seed,
        ..Recipe::new(network, Garments::new(data).augmented(augmentation))
    }
}
// ANCHOR_END: recipe

/// The same on garments as they are.
pub fn plain(network: Make, data: &Labelled, epochs: u64, seed: u64) -> Recipe<Garments<'_>> {
    Recipe { samples: Garments::new(data), ..recipe(network, data, epochs, seed) }
}
