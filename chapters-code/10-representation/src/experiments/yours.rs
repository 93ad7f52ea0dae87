//! What the commands say of two photographs of the workspace, and of a picture that shows nothing.

use features::photographs::FOLDER;
use image::{Rgb, RgbImage};
use ndarray::Array3;
use notebook::{Chapter, Experiment, Recorder, Table};

use crate::commands::network::Network;
use crate::explain::Explained;
use crate::lite0::classes::{self, largest};
use crate::lite0::description::SIDE;
use crate::lite0::weights;
use crate::preprocess;

/// The photographs.
const PHOTOGRAPHS: [&str; 2] = ["coffee", "chelsea"];
/// The house cats among the classes: tabby, tiger cat, Persian, Siamese, Egyptian.
const CATS: std::ops::RangeInclusive<usize> = 281..=285;

/// Adds the experiment.
pub fn add(chapter: Chapter) -> Chapter {
    let photographs = PHOTOGRAPHS.map(file);
    let files = [weights::FILE.to_owned(), classes::FILE.to_owned()];
    let title = "What the network says of two photographs";
    chapter.experiment(
        Experiment::new("yours", title, yours).reads(files.into_iter().chain(photographs)),
    )
}

fn file(name: &str) -> String {
    format!("{FOLDER}/{name}.png")
}

fn yours(recorder: &mut Recorder) -> anyhow::Result<()> {
    let network = Network::of(recorder)?;
    let ask = |pictures: &[Array3<f32>]| network.probabilities(pictures);
    let mut table = Table::new(["Photograph", "Class", "Probability | percent 1"]);
    for name in PHOTOGRAPHS {
        let picture = preprocess::colours(&recorder.data(&file(name)))?;
        let picture = preprocess::square(&picture, SIDE);
        let answer = ask(&[preprocess::tensor(&picture)]).row(0).to_vec();
        for (class, probability) in largest(&answer, 5) {
            table.row([name.into(), network.name(class).into(), f64::from(probability).into()]);
        }
        if name == "chelsea" {
            cats(recorder, &answer);
        }
        let explained = Explained::of(picture, network.weights(), &ask)?;
        let most = explained.drops.iter().fold(f32::MIN, |m, &drop| m.max(drop));
        recorder.value(&format!("{name}/class"), network.name(explained.class));
        recorder.value(&format!("{name}/probability"), f64::from(explained.probability));
        recorder.value(&format!("{name}/hidden"), f64::from(explained.probability - most));
        recorder.value(&format!("{name}/places"), explained.drops.len());
    }
    recorder.table("answers", table);
    // The level that the network reads as 0.
    let nothing =
        preprocess::tensor(&RgbImage::from_pixel(SIDE as u32, SIDE as u32, Rgb([127; 3])));
    let (class, probability) = largest(&ask(&[nothing]).row(0).to_vec(), 1)[0];
    recorder.value("nothing/class", network.name(class));
    recorder.value("nothing/probability", f64::from(probability));
    Ok(())
}

/// One cat, five kinds of house cats.
fn cats(recorder: &mut Recorder, answer: &[f32]) {
    let cats: f64 = CATS.map(|class| f64::from(answer[class])).sum();
    recorder.value("cats/probability", cats);
    recorder.value("cats/classes", CATS.count());
    let first = largest(answer, 1)[0].1;
    recorder
        .claim("cats", "The house cats together have nine tenths of the probability, and none of them has half.")
        .record(cats > 0.9 && first < 0.5, format!("{cats:.3} together, {first:.3} the first"));
}
