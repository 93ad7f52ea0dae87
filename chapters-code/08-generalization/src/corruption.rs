//! Data with less and less to learn in them (Zhang et al., 2017): labels that
//! were drawn by lot, and pixels that do not stand where they were.

use learning::Labelled;
use learning::fashion::{CLASSES, PIXELS};
use notebook::Rng;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

/// What is done to data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Corruption {
    /// Each label is drawn anew with this probability, from all classes alike,
    /// so that one in ten of those that are drawn stays what it was.
    Labels(f64),
    /// The pixels of all garments are shuffled in one and the same way.
    OneShuffle,
    /// The pixels of each garment are shuffled in a way of its own.
    OwnShuffle,
}

impl Corruption {
    // ANCHOR: apply
    /// Corrupts data to learn from. Another set is corrupted alike by a
    /// generator in the same state, which [`Corruption::OneShuffle`] needs:
    /// it draws one order before all else.
    pub fn apply(self, data: &Labelled, rng: &mut Rng) -> Labelled {
        let mut data = data.clone();
        let mut order: Vec<usize> = (0..PIXELS).collect();
        order.shuffle(rng);
        match self {
            Corruption::Labels(share) => {
                for label in &mut data.labels {
                    if rng.random_bool(share) {
                        *label = rng.random_range(0..CLASSES.len() as u8);
                    }
                }
            }
            Corruption::OneShuffle | Corruption::OwnShuffle => {
                let pixels = data.images.as_slice_mut().unwrap_or_default();
                for garment in pixels.chunks_exact_mut(PIXELS) {
                    if self == Corruption::OwnShuffle {
                        order.shuffle(rng);
                    }
                    let before = garment.to_vec();
                    for (to, &from) in garment.iter_mut().zip(&order) {
                        *to = before[from];
                    }
                }
            }
        }
        data
    }
    // ANCHOR_END: apply
}
