//! The test that forgets where: pictures, and their confetti.

use learning::{Bootstrap, correct};
use notebook::{Recorder, Rng, Table};

use crate::describers::Describer;
use crate::image::Image;
use crate::problems::{self, Problem};
use crate::rules::answers;

/// Shuffles of each picture over which the loss of oriented gradients is averaged: one shuffle decides too much.
const SHUFFLES: u32 = 10;

/// The test that forgets where: learn from pictures, be tested on their confetti.
pub fn shuffled(recorder: &mut Recorder) -> anyhow::Result<()> {
    let problems = problems::all(recorder, problems::SEED)?;
    let mut rng = recorder.rng();
    let tested: Vec<&Problem> =
        problems.iter().filter(|p| ["places", "garments"].contains(&p.name)).collect();
    let progress = recorder.progress(tested.len() as u64 * 6, "extractors tested");
    recorder.value("shuffles", SHUFFLES as usize);
    for problem in tested {
        let pile = all_to_confetti(&problem.test.images, &mut rng);
        let mut table = Table::new([
            "Extractor",
            "Whole | percent 1",
            "Whole, low | percent 1",
            "Whole, high | percent 1",
            "Shuffled | percent 1",
            "Shuffled, low | percent 1",
            "Shuffled, high | percent 1",
        ]);
        for describer in progress.over(Describer::all()) {
            let train = describer.rows(&problem.train.images)?;
            let rule = |images: &[Image]| {
                anyhow::Ok(
                    answers(&train, &problem.train.labels, &describer.rows(images)?)[1].clone(),
                )
            };
            let (whole, shuffled) = (rule(&problem.test.images)?, rule(&pile)?);
            let hits = [&whole, &shuffled].map(|answers| correct(&problem.test.labels, answers));
            let blocks = &problem.test.blocks;
            let [a, b] = hits
                .each_ref()
                .map(|hits| Bootstrap::default().mean_by_block(hits, blocks, &mut rng));
            let cells = [a.estimate, a.low, a.high, b.estimate, b.low, b.high].map(Into::into);
            table.row(std::iter::once(describer.name().into()).chain(cells));
            let key = format!("{}/{}", problem.name, describer.name().replace(' ', "-"));
            recorder.estimate(&format!("{key}/whole"), a);
            recorder.estimate(&format!("{key}/shuffled"), b);
            if describer.name() == "hog" {
                let mut rng = recorder.rng();
                let mut mean = vec![0.0; hits[0].len()];
                for _ in 0..SHUFFLES {
                    let pile = all_to_confetti(&problem.test.images, &mut rng);
                    let hits = correct(&problem.test.labels, &rule(&pile)?);
                    mean.iter_mut().zip(hits).for_each(|(m, hit)| *m += hit / f64::from(SHUFFLES));
                }
                let loss = Bootstrap::default().paired_by_block(&hits[0], &mean, blocks, &mut rng);
                recorder.estimate(&format!("{key}/loss"), loss);
                if problem.name == "garments" {
                    let statement =
                        "On garments, shuffling lowers the accuracy of oriented gradients.";
                    recorder.claim("garments-hog-falls", statement).above(loss, 0.0);
                }
            }
            if describer.name() == "colour-histogram" {
                let same = whole.iter().zip(&shuffled).filter(|(a, b)| a == b).count();
                recorder
                    .claim(
                        &format!("{}-histogram", problem.name),
                        &format!("On {} the colour histogram answers the same for every shuffled image as for the whole one.", problem.name),
                    )
                    .all(same, whole.len(), "answers are the same");
            }
        }
        recorder.value(&format!("{}/chance", problem.name), 1.0 / problem.classes as f64);
        recorder.table(problem.name, table);
    }
    Ok(())
}

/// Each image as confetti.
fn all_to_confetti(images: &[Image], rng: &mut Rng) -> Vec<Image> {
    images.iter().map(|image| confetti(image, rng)).collect()
}

/// The pixels of an image in an order drawn at random.
fn confetti(image: &Image, rng: &mut Rng) -> Image {
    let view = image.view();
    let mut order: Vec<usize> = (0..view.pixels()).collect();
    crate::photographs::shuffle(&mut order, rng);
    match view.exact_levels() {
        Some(levels) => Image::from_levels(
            view.width(),
            view.height(),
            order.iter().map(|&i| levels[i]).collect(),
        ),
        None => {
            let bytes: Vec<u8> = order.iter().flat_map(|&i| view.rgb(i)).collect();
            Image::from_rgb(view.width(), view.height(), bytes)
        }
    }
}
