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

/// The code length of the training labels, given the images: true ones, and the same in another order.
pub fn world(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let rows = Description::Hog.rows(data.train.images.view());
    let labels = data.train.y().to_vec();
    let mut shuffled = labels.clone();
    shuffled.shuffle(&mut recorder.rng());
    recorder.value("garments", labels.len()).unit("garments");
    recorder.value("first", FIRST).unit("garments");
    recorder.value("features", rows.ncols()).unit("features");
    recorder.value("spread", SPREAD);
    recorder.value("iterations", MODEL.iterations).unit("iterations");
    let plain = labels.len() as f64 * CLASSES.log2();
    recorder.value("plain", plain).unit("bits");
    recorder.value("plain/label", CLASSES.log2()).unit("bits");
    let mut curves = Vec::new();
    for (name, labels) in [("true", &labels), ("shuffled", &shuffled)] {
        let blocks = code(rows.view(), labels)?;
        let bits: f64 = blocks.iter().map(|block| block.bits).sum();
        recorder.value(name, bits).unit("bits");
        recorder.value(&format!("{name}/label"), bits / labels.len() as f64).unit("bits");
        recorder.value(&format!("{name}/saved"), plain - bits).unit("bits");
        recorder.value(&format!("{name}/over-plain"), bits / plain);
        for block in &blocks {
            let per_label = block.bits / block.garments as f64;
            recorder.value(&format!("{name}/block/{}", block.seen), per_label).unit("bits");
        }
        curves.push((name, blocks));
    }
    let seen = curves[0].1.iter().skip(1).map(|block| block.seen as f64);
    recorder.value("blocks", curves[0].1.len()).unit("blocks");
    let series = recorder.series("bits", "Garments seen before", seen);
    for (name, blocks) in &curves {
        let per_label = blocks.iter().skip(1).map(|block| block.bits / block.garments as f64);
        series.curve(&format!("{name} labels"), per_label);
    }
    let total = |at: usize| curves[at].1.iter().map(|block| block.bits).sum::<f64>();
    recorder
        .claim("compressible", "The labels of garments, given the images, take fewer than a fifth of the bits that labels without any regularity would take.")
        .less(total(0), plain / 5.0);
    recorder
        .claim("shuffled-is-not", "The same labels in another order take no fewer bits than labels without any regularity.")
        .greater(total(1), plain);
    Ok(())
}

// ANCHOR: code
/// What each block of labels costs. The first costs log₂ 10 bits a label. Each
/// block that follows is as long as all before it, and its labels are predicted
/// by a model that was fitted to those, and to nothing else.
fn code(rows: ArrayView2<'_, f32>, labels: &[u8]) -> anyhow::Result<Vec<Block>> {
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
            -((1.0 - SPREAD) * p + SPREAD / CLASSES).log2()
        };
        let bits = labels[seen..end].iter().enumerate().map(bits).sum();
        blocks.push(Block { seen, garments: end - seen, bits });
        seen = end;
    }
    Ok(blocks)
}
// ANCHOR_END: code
