//! The test that forgets where: pictures, and their confetti.

use learning::{Bootstrap, correct};
use notebook::{Recorder, Rng, Table};

use crate::describers::Describer;
use crate::image::Image;
use crate::problems::{self, Problem};
use crate::rules::answers;

/// The test that forgets where: learn from pictures, be tested on their confetti.
pub fn shuffled(recorder: &mut Recorder) -> anyhow::Result<()> {
    let problems = problems::all(recorder, problems::SEED)?;
    let mut rng = recorder.rng();
    let tested: Vec<&Problem> =
        problems.iter().filter(|p| ["places", "garments"].contains(&p.name)).collect();
    let progress = recorder.progress(tested.len() as u64 * 6, "extractors tested");
    let mut falls = Vec::new();
    for problem in tested {
        let confetti: Vec<Image> =
            problem.test.images.iter().map(|image| confetti(image, &mut rng)).collect();
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
            let (whole, shuffled) = (rule(&problem.test.images)?, rule(&confetti)?);
            let interval = |answers: &[u8], rng: &mut Rng| {
                let hits = correct(&problem.test.labels, answers);
                Bootstrap::default().mean_by_block(&hits, &problem.test.blocks, rng)
            };
            let (a, b) = (interval(&whole, &mut rng), interval(&shuffled, &mut rng));
            let cells = [a.estimate, a.low, a.high, b.estimate, b.low, b.high].map(Into::into);
            table.row(std::iter::once(describer.name().into()).chain(cells));
            let key = format!("{}/{}", problem.name, describer.name().replace(' ', "-"));
            recorder.estimate(&format!("{key}/whole"), a);
            recorder.estimate(&format!("{key}/shuffled"), b);
            if describer.name() == "hog" {
                falls.push((problem.name, b.estimate, a.estimate));
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
    for (name, fell, whole) in falls {
        let id = format!("{name}-hog-falls");
        let statement = format!("On {name}, shuffling lowers the accuracy of oriented gradients.");
        recorder.claim(&id, &statement).less(fell, whole);
    }
    Ok(())
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
