//! Every model on every input: is it the model that makes the difference, or what it is given?

use std::time::Instant;

use learning::{Bootstrap, FashionMnist, accuracy, correct};
use notebook::{Recorder, Rng, Table};

use super::CONTENDERS;
use crate::description::Description;
use crate::evidence::McNemar;

/// The inputs.
const INPUTS: [Description; 3] = [Description::Pixels, Description::Hog, Description::All];

/// What a model answered for the test garments.
struct Row {
    key: &'static str,
    name: &'static str,
    answers: Vec<u8>,
}

/// All models on all inputs, on all of Fashion-MNIST.
pub fn ladder(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let progress = recorder.progress((INPUTS.len() * CONTENDERS.len()) as u64, "models");
    let mut rungs = Vec::new();
    for input in INPUTS {
        let (train, test) =
            (input.rows(data.train.images.view()), input.rows(data.test.images.view()));
        let both = [&data.train, &data.test];
        let bytes = both.map(|garments| Description::Pixels.samples(garments.images.view()));
        let mut rows = Vec::new();
        for model in progress.over(CONTENDERS.iter()) {
            // Neighbours of pixels are looked for among bytes; distances then are 255 times as long.
            let of_bytes = model.key == "neighbours" && input == Description::Pixels;
            let (train, test) = if of_bytes {
                (bytes[0].view(), bytes[1].view())
            } else {
                (crate::Inputs::Reals(train.view()), crate::Inputs::Reals(test.view()))
            };
            let start = Instant::now();
            let fitted = (model.fit)(train, data.train.y())?;
            let seconds = start.elapsed().as_secs_f64();
            let answers = fitted.predict(test)?;
            let key = format!("{}/{}", model.key, input.name());
            recorder.timing(&format!("fit/{key}"), seconds);
            recorder.timing(&format!("both/{key}"), start.elapsed().as_secs_f64());
            rows.push(Row { key: model.key, name: model.name, answers });
        }
        rungs.push((input, rows));
    }
    drop(progress);
    record(recorder, &mut rng, &rungs, data.test.y());
    Ok(())
}

fn record(recorder: &mut Recorder, rng: &mut Rng, rungs: &[(Description, Vec<Row>)], truth: &[u8]) {
    let columns = INPUTS.map(|input| format!("{} | percent 1", input.title()));
    let mut table = Table::new(std::iter::once("Model".to_owned()).chain(columns));
    for (row, model) in CONTENDERS.iter().enumerate() {
        let cells = rungs.iter().map(|(_, rows)| accuracy(truth, &rows[row].answers).into());
        table.row(std::iter::once(model.name.into()).chain(cells));
        for (input, rows) in rungs {
            let found = Bootstrap::default().mean(&correct(truth, &rows[row].answers), rng);
            recorder.estimate(&format!("accuracy/{}/{}", model.key, input.name()), found);
        }
    }
    recorder.table("accuracy", table);
    for (input, rows) in rungs {
        pairs(recorder, *input, rows, truth);
    }
    gains(recorder, rng, rungs, truth);
}

/// Each model beside the next worse one, on one input.
fn pairs(recorder: &mut Recorder, input: Description, rows: &[Row], truth: &[u8]) {
    let mut order: Vec<&Row> = rows.iter().collect();
    let right = |row: &Row| accuracy(truth, &row.answers);
    order.sort_by(|a, b| right(b).total_cmp(&right(a)));
    let mut table = Table::new([
        "Better",
        "Worse",
        "Only the better is right | int",
        "Only the worse is right | int",
        "p | fixed 4",
    ]);
    for pair in order.windows(2) {
        let counted = McNemar::of(truth, &pair[0].answers, &pair[1].answers);
        let p = counted.p_value();
        table.row([
            pair[0].name.into(),
            pair[1].name.into(),
            counted.first.into(),
            counted.second.into(),
            p.into(),
        ]);
        recorder.value(&format!("p/{}/{}-{}", input.name(), pair[0].key, pair[1].key), p);
    }
    recorder.value(&format!("best/{}", input.name()), order[0].name);
    recorder.table(&format!("pairs-{}", input.name()), table);
}

/// What better features buy, model by model, and what a better model buys.
fn gains(recorder: &mut Recorder, rng: &mut Rng, rungs: &[(Description, Vec<Row>)], truth: &[u8]) {
    let hits = |rung: usize, row: usize| correct(truth, &rungs[rung].1[row].answers);
    let (mut gained, mut linear) = (0, 0);
    for (row, model) in CONTENDERS.iter().enumerate() {
        let gain = Bootstrap::default().paired(&hits(2, row), &hits(0, row), rng);
        gained += usize::from(gain.low > 0.0);
        linear += usize::from(gain.low > 0.0 && ["softmax", "svm"].contains(&model.key));
        recorder.estimate(&format!("gain/{}", model.key), gain);
    }
    recorder.value("models", CONTENDERS.len());
    recorder.value("gained", gained);
    recorder
        .claim("features-help", "Softmax regression and the linear machine are better on gradients of both sizes with pixels than on pixels alone, by an interval above zero.")
        .all(linear, 2, "linear models gain");
    let gain = Bootstrap::default().paired(&hits(1, 0), &hits(0, 0), rng);
    recorder.estimate("gain/bayes-hog", gain);
    recorder
        .claim(
            "bayes-sees",
            "Naive Bayes is better on gradients than on pixels, by an interval above zero.",
        )
        .above(gain, 0.0);
    let loss = Bootstrap::default().paired(&hits(1, 0), &hits(2, 0), rng);
    recorder.estimate("loss/bayes-all", loss);
    recorder
        .claim("more-is-less", "Naive Bayes is better on gradients alone than with finer gradients and the pixels beside them, by an interval above zero.")
        .above(loss, 0.0);
    spreads(recorder, rng, rungs, truth);
}

/// How far the best and the worst model lie apart, on pixels and on everything.
fn spreads(
    recorder: &mut Recorder,
    rng: &mut Rng,
    rungs: &[(Description, Vec<Row>)],
    truth: &[u8],
) {
    // Garment by garment: 1 where only the best is right, −1 where only the worst is.
    let apart = |rung: usize| -> Vec<f64> {
        let mut hits: Vec<Vec<f64>> =
            rungs[rung].1.iter().map(|row| correct(truth, &row.answers)).collect();
        hits.sort_by(|a, b| a.iter().sum::<f64>().total_cmp(&b.iter().sum()));
        let ends = hits.first().into_iter().flatten().zip(hits.last().into_iter().flatten());
        ends.map(|(worst, best)| best - worst).collect()
    };
    let (pixels, all) = (apart(0), apart(2));
    recorder.value("spread/pixels", learning::bootstrap::mean(&pixels));
    recorder.value("spread/all", learning::bootstrap::mean(&all));
    let closer = Bootstrap::default().paired(&pixels, &all, rng);
    recorder.estimate("spread/closer", closer);
    recorder
        .claim("features-level", "The best and the worst model lie closer together on gradients and pixels than on pixels alone, by an interval above zero.")
        .above(closer, 0.0);
}
