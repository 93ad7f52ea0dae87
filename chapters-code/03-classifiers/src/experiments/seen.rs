//! What the models see: neighbours of a garment, means and deviations, weights as pictures.

use learning::FashionMnist;
use learning::fashion::{CLASSES, PIXELS};
use ndarray::Axis;
use notebook::Recorder;
use notebook::figure::hex;

use crate::description::Description;
use crate::model::{Classifier, Fit, Inputs};
use crate::{NaiveBayes, Neighbours, Softmax};

/// Classes whose pictures are shown: T-shirt, trouser, shirt, boot.
pub const SHOWN: [usize; 4] = [0, 1, 6, 9];

/// Records pictures of three models of pixels.
pub fn seen(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let bytes = |garments: &learning::Labelled| Description::Pixels.samples(garments.images.view());
    let (memory, new) = (bytes(&data.train), bytes(&data.test));
    let model = Neighbours::default().fit(memory.view(), data.train.y())?;
    let first = new.view().range(0..100).take(&(0..100).collect::<Vec<_>>());
    let answers = model.predict(first.view())?;
    let near = model.nearest(first.view())?;
    let wrong = (0..100).find(|i| answers[*i] != data.test.y()[*i]).unwrap_or(1);
    let picture = |images: &ndarray::Array3<u8>, row: usize| {
        hex(images.index_axis(Axis(0), row).iter().copied())
    };
    for (key, i) in [("right", 0), ("wrong", wrong)] {
        recorder.value(&format!("asked/{key}"), picture(&data.test.images, i));
        recorder.value(&format!("asked/{key}/class"), CLASSES[usize::from(data.test.y()[i])]);
        recorder.value(&format!("asked/{key}/answer"), CLASSES[usize::from(answers[i])]);
        for (place, neighbour) in near[i].iter().enumerate() {
            let class = CLASSES[usize::from(data.train.y()[neighbour.row])];
            recorder
                .value(&format!("near/{key}/{place}"), picture(&data.train.images, neighbour.row));
            recorder.value(&format!("near/{key}/{place}/class"), class);
        }
    }
    let x = Description::Pixels.rows(data.train.images.view());
    let x = Inputs::Reals(x.view());
    let bayes = NaiveBayes::default().fit(x, data.train.y())?;
    let softmax = Softmax { c: 0.01, ..Softmax::default() }.fit(x, data.train.y())?;
    for class in SHOWN {
        let grey = |numbers: Vec<f64>| hex(grey(&numbers));
        recorder.value(&format!("mean/{class}"), grey(bayes.means.row(class).to_vec()));
        let deviations = bayes.variances.row(class).mapv(f64::sqrt).to_vec();
        recorder.value(&format!("deviation/{class}"), grey(deviations));
        let weights: Vec<f64> = softmax.weights.row(class).mapv(f64::from).to_vec();
        recorder.value(&format!("weights/{class}"), hex(signed(&weights)));
    }
    let dead = bayes.variances.rows().into_iter().map(|row| {
        let floor = row.iter().copied().fold(f64::INFINITY, f64::min);
        row.iter().filter(|v| **v <= 2.0 * floor).count()
    });
    recorder.value("pixels", PIXELS);
    recorder.value("dead/most", dead.max().unwrap_or(0));
    Ok(())
}

/// Black is 0, white the largest.
fn grey(numbers: &[f64]) -> Vec<u8> {
    let largest = numbers.iter().copied().fold(1e-12, f64::max);
    numbers.iter().map(|x| (255.0 * x.max(0.0) / largest).round() as u8).collect()
}

/// Grey is 0, white the largest in size, black its opposite.
fn signed(numbers: &[f64]) -> Vec<u8> {
    let largest = numbers.iter().fold(1e-12, |m: f64, x| m.max(x.abs()));
    numbers.iter().map(|x| (127.5 + 127.5 * x / largest).round() as u8).collect()
}
