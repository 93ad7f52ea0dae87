//! How much does each model learn from more garments?

use learning::{Bootstrap, FashionMnist, correct};
use notebook::{Recorder, Rng};
use rand::seq::SliceRandom as _;

use super::CONTENDERS;
use crate::description::Description;
use crate::model::Inputs;

/// Garments to learn from.
pub const SIZES: [usize; 5] = [100, 300, 1_000, 3_000, 10_000];

/// The accuracy of every model on gradients, by the garments that it learned from.
pub fn sizes(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let mut order: Vec<usize> = (0..data.train.len()).collect();
    order.shuffle(&mut rng);
    let train = Description::Hog.rows(data.train.images.view());
    let test = Description::Hog.rows(data.test.images.view());
    let progress = recorder.progress((SIZES.len() * CONTENDERS.len()) as u64, "fits");
    let mut curves: Vec<Vec<[f64; 3]>> = vec![Vec::new(); CONTENDERS.len()];
    let mut first = Vec::new();
    for size in SIZES {
        // The smaller samples are parts of the larger ones.
        let x = train.select(ndarray::Axis(0), &order[..size]);
        let y: Vec<u8> = order[..size].iter().map(|row| data.train.y()[*row]).collect();
        for (model, curve) in progress.over(CONTENDERS.iter().zip(&mut curves)) {
            let fitted = (model.fit)(Inputs::Reals(x.view()), &y)?;
            let hits = correct(data.test.y(), &fitted.predict(Inputs::Reals(test.view()))?);
            let found = Bootstrap::default().mean(&hits, &mut rng);
            recorder.estimate(&format!("accuracy/{}/{size}", model.key), found);
            curve.push(found.band());
            if size == SIZES[0] {
                first.push(hits);
            }
        }
    }
    drop(progress);
    let series = recorder.series("curves", "Garments learned from", SIZES.map(|n| n as f64));
    for (model, curve) in CONTENDERS.iter().zip(curves) {
        series.banded(model.name, curve);
    }
    best_of_few(recorder, &mut rng, &first);
    Ok(())
}

/// Who is best with a hundred garments.
fn best_of_few(recorder: &mut Recorder, rng: &mut Rng, hits: &[Vec<f64>]) {
    let mean = |hits: &Vec<f64>| learning::bootstrap::mean(hits);
    let mut order: Vec<usize> = (0..hits.len()).collect();
    order.sort_by(|a, b| mean(&hits[*b]).total_cmp(&mean(&hits[*a])));
    let [best, second, ..] = order[..] else { return };
    recorder.value("few/best", CONTENDERS[best].name);
    recorder.value("few/second", CONTENDERS[second].name);
    let ahead = Bootstrap::default().paired(&hits[best], &hits[second], rng);
    recorder.estimate("few/ahead", ahead);
}
