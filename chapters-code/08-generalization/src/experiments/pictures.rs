//! Garments as the experiments show them: shuffled, moved, mixed.

use anyhow::Result;
use learning::fashion::PIXELS;
use learning::{FashionMnist, Labelled};
use notebook::Recorder;
use notebook::figure::hex;
use optimization::{Augmentation, Garments, Samples as _};

use crate::corruption::Corruption;

/// The garments that are shown, by their numbers in the training set.
const SHOWN: [usize; 4] = [1, 8, 23, 35];
/// The shares of a garment in its mixtures.
pub const SHARES: [f64; 5] = [1.0, 0.85, 0.7, 0.55, 0.0];
/// Epochs in which an augmented garment is shown.
pub const EPOCHS: u64 = 5;

/// The pixels of each picture, two digits a pixel.
pub fn pictures(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let shown = data.train.select(&SHOWN);
    for (key, how) in [
        ("plain", Corruption::Labels(0.0)),
        ("alike", Corruption::OneShuffle),
        ("each", Corruption::OwnShuffle),
    ] {
        let changed = how.apply(&shown, &mut recorder.rng());
        for i in 0..SHOWN.len() {
            recorder.value(&format!("{key}/{i}"), hex(bytes(&changed, i).iter().copied()));
        }
    }
    let [a, b] = [bytes(&shown, 0), bytes(&shown, 1)];
    for (i, share) in SHARES.into_iter().enumerate() {
        let mix =
            |(&a, &b): (&u8, &u8)| (share * f64::from(a) + (1.0 - share) * f64::from(b)) as u8;
        recorder.value(&format!("mixed/{i}"), hex(a.iter().zip(b).map(mix)));
    }
    let change = Augmentation { seed: 1, shift: 2, mirror: true };
    let moved = Garments::new(&shown).augmented(change);
    for epoch in 0..EPOCHS {
        let mut to = vec![0.0; PIXELS];
        moved.input(epoch, 2, &mut to);
        let bytes = to.iter().map(|x| (255.0 * x) as u8);
        recorder.value(&format!("moved/{epoch}"), hex(bytes));
    }
    Ok(())
}

fn bytes(of: &Labelled, i: usize) -> &[u8] {
    &of.images.as_slice().unwrap_or_default()[i * PIXELS..][..PIXELS]
}
