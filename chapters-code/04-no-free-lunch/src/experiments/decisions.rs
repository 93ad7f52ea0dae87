//! How much is there to decide in a pipeline, before anything is learned?

use notebook::{Recorder, Table};

use crate::pipelines::{Extractor, MostFrequent, Pipeline, Settings, decisions};
use classifiers::{RandomFeatures, Softmax};
use features::Hog;

/// Counts the settings of each classifier behind gradients, and lists those of one pipeline.
pub fn decided(recorder: &mut Recorder) -> anyhow::Result<()> {
    let behind = |extractor, classifier| Pipeline { extractor, standardise: true, classifier };
    let hog = Extractor::Hog(Hog::DEFAULT);
    let mut table =
        Table::new(["Classifier behind gradients", "Decisions | int", "Of these, numbers | int"]);
    let mut all = Vec::new();
    for settings in Settings::each() {
        let found = decisions(&behind(hog, settings));
        let numbers = found.iter().filter(|d| is_number(&d.value)).count();
        table.row([settings.name().into(), found.len().into(), numbers.into()]);
        recorder.value(settings.key(), found.len());
        all.push(found.len());
    }
    recorder.table("counts", table);
    recorder.value("fewest", all.iter().copied().min().unwrap_or(0));
    recorder.value("most", all.iter().copied().max().unwrap_or(0));
    one(recorder, &behind(hog, Settings::Softmax(Softmax::default())), "softmax");
    let waves = Settings::Waves(RandomFeatures::default());
    one(recorder, &behind(hog, waves), "waves");
    let trigrams = Extractor::Trigrams(MostFrequent { counted: 500 });
    recorder.value("trigrams", decisions(&behind(trigrams, Settings::each()[0])).len());
    let choices = Settings::each().len() * Extractor::OF_PICTURES.len() * 2;
    recorder.value("kinds", choices);
    recorder
        .claim(
            "waves-hold-more",
            "Random waves hold more decisions than the softmax regression that is a part of them.",
        )
        .greater(decisions(&RandomFeatures::default()).len(), decisions(&Softmax::default()).len());
    Ok(())
}

fn is_number(value: &str) -> bool {
    value.split(" × ").all(|part| part.parse::<f64>().is_ok())
}

/// The decisions of one pipeline, and how many pipelines two values for each would make.
fn one(recorder: &mut Recorder, pipeline: &Pipeline, key: &str) {
    let found = decisions(pipeline);
    let mut table = Table::new(["Decision", "As the book decided it"]);
    for decision in &found {
        table.row([decision.name.as_str().into(), decision.value.as_str().into()]);
    }
    recorder.table(&format!("{key}-decisions"), table);
    recorder.value(&format!("{key}/two-each"), 2_u64.pow(found.len() as u32));
}
