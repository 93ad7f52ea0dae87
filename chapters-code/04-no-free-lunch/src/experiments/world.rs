//! Is the world uniform? The labels of garments as a code, true and shuffled.

use classifiers::{Classifier as _, Description, Fit as _, Inputs, Softmax};
use learning::FashionMnist;
use ndarray::{ArrayView2, s};
use notebook::Recorder;
use rand::seq::SliceRandom as _;

/// Garments of the first block, whose labels cost as much as those of a fair die of ten sides.
const FIRST: usize = 128;
/// The share of every prediction that is spread over all classes alike, so that no label costs infinitely many bits.
const SPREAD: f64 = 0.01;
/// Other shares, to see what the choice decides.
const OTHERS: [f64; 2] = [0.001, 0.1];
/// Classes of garments.
const CLASSES: f64 = 10.0;
/// The model that predicts, fitted anew at each block.
const MODEL: Softmax = Softmax { c: 1.0, iterations: 50, tolerance: 1e-4 };

/// A block of labels, and what they cost.
struct Block {
    /// Garments before it, from which its labels are predicted.
    seen: usize,
    /// Its garments.
    garments: usize,
    /// What its labels cost, in bits.
    bits: f64,
}

/// The code length of the training labels, given the images: true ones, the same in another order, and true ones by
/// pixels in place of gradients.
pub fn world(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let images = data.train.images.view();
    let (gradients, pixels) = (Description::Hog.rows(images), Description::Pixels.rows(images));
    let labels = data.train.y().to_vec();
    let mut shuffled = labels.clone();
    shuffled.shuffle(&mut recorder.rng());
    recorder.value("garments", labels.len()).unit("garments");
    recorder.value("first", FIRST).unit("garments");
    recorder.value("features", gradients.ncols()).unit("features");
    recorder.value("spread", SPREAD);
    recorder.value("iterations", MODEL.iterations).unit("iterations");
    let plain = labels.len() as f64 * CLASSES.log2();
    recorder.value("plain", plain).unit("bits");
    recorder.value("plain/label", CLASSES.log2()).unit("bits");
    let codes = [
        ("true labels, gradients", "true", code(gradients.view(), &labels, SPREAD)?),
        ("true labels, pixels", "pixels", code(pixels.view(), &labels, SPREAD)?),
        ("shuffled labels, gradients", "shuffled", code(gradients.view(), &shuffled, SPREAD)?),
    ];
    for (_, key, blocks) in &codes {
        lengths(recorder, key, blocks, plain);
    }
    for spread in OTHERS {
        let blocks = code(gradients.view(), &labels, spread)?;
        recorder.value(&format!("spread/{spread}"), total(&blocks)).unit("bits");
    }
    let seen = codes[0].2.iter().skip(1).map(|block| block.seen as f64);
    let series = recorder.series("bits", "Garments seen before", seen);
    for (name, _, blocks) in &codes {
        series.curve(name, blocks.iter().skip(1).map(Block::per_label));
    }
    let [true_bits, shuffled_bits] = [0, 2].map(|at: usize| total(&codes[at].2));
    let zeros = (plain - true_bits) * 2_f64.log10();
    recorder.value("zeros", zeros.floor()).unit("digits");
    recorder
        .claim("compressible", "The labels of garments, given the images, take fewer than a quarter of the bits that labels without any regularity would take.")
        .less(true_bits, plain / 4.0);
    recorder
        .claim("shuffled-is-not", "The same labels in another order take no fewer bits than labels without any regularity.")
        .greater(shuffled_bits, plain);
    let falls = codes[0].2.windows(2).filter(|pair| pair[1].per_label() < pair[0].per_label());
    recorder
        .claim(
            "cheaper",
            "By gradients a true label is cheaper in each block than in the one before.",
        )
        .all(falls.count(), codes[0].2.len() - 1, "blocks");
    Ok(())
}

/// What one code takes, in all and block by block.
fn lengths(recorder: &mut Recorder, key: &str, blocks: &[Block], plain: f64) {
    let bits = total(blocks);
    let labels: usize = blocks.iter().map(|block| block.garments).sum();
    recorder.value(key, bits).unit("bits");
    recorder.value(&format!("{key}/label"), bits / labels as f64).unit("bits");
    recorder.value(&format!("{key}/saved"), plain - bits).unit("bits");
    recorder.value(&format!("{key}/over-plain"), bits / plain);
    let last = blocks.last().map_or(0.0, Block::per_label);
    recorder.value(&format!("{key}/last"), last).unit("bits");
    let dearest = blocks.iter().map(Block::per_label).fold(0.0, f64::max);
    recorder.value(&format!("{key}/dearest"), dearest).unit("bits");
}

fn total(blocks: &[Block]) -> f64 {
    blocks.iter().map(|block| block.bits).sum()
}

impl Block {
    fn per_label(&self) -> f64 {
        self.bits / self.garments as f64
    }
}

// ANCHOR: code
/// What each block of labels costs. The first costs log₂ 10 bits a label. Each
/// block that follows is as long as all before it, and its labels are predicted
/// by a model that was fitted to those, and to nothing else.
fn code(rows: ArrayView2<'_, f32>, labels: &[u8], spread: f64) -> anyhow::Result<Vec<Block>> {
    let bits = FIRST as f64 * CLASSES.log2();
    let mut blocks = vec![Block { seen: 0, garments: FIRST, bits }];
    let mut seen = FIRST;
    while seen < labels.len() {
        let end = labels.len().min(2 * seen);
        let model = MODEL.fit(Inputs::Reals(rows.slice(s![..seen, ..])), &labels[..seen])?;
        let next = Inputs::Reals(rows.slice(s![seen..end, ..]));
        let probabilities = model.probabilities(next)?.unwrap_or_default();
        let bits = |(i, label): (usize, &u8)| {
            let p = f64::from(probabilities[(i, usize::from(*label))]);
            -((1.0 - spread) * p + spread / CLASSES).log2()
        };
        let bits = labels[seen..end].iter().enumerate().map(bits).sum();
        blocks.push(Block { seen, garments: end - seen, bits });
        seen = end;
    }
    Ok(blocks)
}
// ANCHOR_END: code
