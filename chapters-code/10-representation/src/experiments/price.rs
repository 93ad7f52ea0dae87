//! What does a right answer cost? Counted for one answer of each method, and for the training that others paid.

use notebook::{Chapter, Experiment, Recorder, Table};

use super::crossing::{METHODS, counts};
use crate::price::{self, EPOCHS, MULTIPLY_ADD, PHOTOGRAPHS, WATTS, WORD};

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.experiment(Experiment::new("price", "What an answer takes", price_of_answers).seed(108))
}

/// Counts what one answer takes, and what others paid before.
pub fn price_of_answers(recorder: &mut Recorder) -> anyhow::Result<()> {
    let counts = counts()?;
    let mut table = Table::new([
        "Method",
        "Parameters | int",
        "Multiply-adds | int",
        "Bytes moved | bytes 1",
        "Least energy in joules | sci 1",
    ]);
    for ((key, name), count) in METHODS.iter().zip(counts) {
        table.row([
            (*name).into(),
            count.parameters.into(),
            count.multiply_adds.into(),
            count.bytes().into(),
            count.joules().into(),
        ]);
        recorder.value(&format!("parameters/{key}"), count.parameters);
        recorder.value(&format!("multiply-adds/{key}"), count.multiply_adds);
        recorder.value(&format!("bytes/{key}"), count.bytes());
        recorder.value(&format!("joules/{key}"), count.joules());
        let journeys = (count.parameters + count.handed_on) as f64 * WORD;
        recorder.value(&format!("journeys/{key}"), journeys / count.joules());
    }
    recorder.table("answers", table);
    let [hog, _, cnn, _] =
        counts.map(|count| (count.parameters + count.handed_on) as f64 * WORD / count.joules());
    recorder
        .claim("journeys-cost-most", "For gradients and for the CNN, most of the least energy is for numbers on their way, not for arithmetic.")
        .greater(hog.min(cnn), 0.5);
    sunk(recorder);
    Ok(())
}

/// The training of the borrowed network, which others paid, and what is assumed.
fn sunk(recorder: &mut Recorder) {
    recorder.value("multiply", 3.7);
    recorder.value("add", 0.9);
    recorder.value("word", WORD * 1e12);
    recorder.value("word-for-multiply-adds", WORD / MULTIPLY_ADD);
    recorder.value("watts/least", WATTS[0]);
    recorder.value("watts/most", WATTS[1]);
    recorder.value("photographs", PHOTOGRAPHS);
    recorder.value("epochs/least", EPOCHS[0]);
    recorder.value("epochs/most", EPOCHS[1]);
    let [least, most] = price::pretraining();
    recorder.estimate("pretraining", [least, (least * most).sqrt(), most]);
    recorder.estimate(
        "pretraining-joules",
        [least, (least * most).sqrt(), most].map(|m| m * MULTIPLY_ADD),
    );
}
