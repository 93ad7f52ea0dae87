//! Every test garment moved by k pixels: what do rules on raw pixels make of it?

use ndarray::ArrayView3;
use notebook::{Estimate, Format, Recorder};

use crate::fashion::flat;
use crate::moved::{Direction, Fate, moved};
use crate::{
    Bootstrap, FashionMnist, Interval, Labelled, NearestMean, NearestNeighbour, correct, split,
};

/// Pixels to move by.
const STEPS: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
/// Test garments that are moved.
const CASES: f64 = 2500.0;

/// Which cases each rule gets right.
struct Right {
    neighbour: Vec<f64>,
    mean: Vec<f64>,
}

/// Chooses the cases of one rule.
type Of = fn(&Right) -> &Vec<f64>;

/// Accuracy of both rules by distance, moved and only cut, with paired falls.
pub fn shift(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let share = CASES / data.test.len() as f64;
    let cases =
        data.test.select(&split::stratified(data.test.y(), &[share, 1.0 - share], &mut rng)[0]);
    let directions = Direction::draw(cases.len(), &mut rng);
    let x = data.train.x();
    let neighbour = NearestNeighbour::fit(x.view(), data.train.y());
    let mean = NearestMean::fit(x.view(), data.train.y());
    let judge = |images: ArrayView3<'_, u8>| {
        let new = flat(images);
        Right {
            neighbour: correct(cases.y(), &neighbour.predict(new.view())),
            mean: correct(cases.y(), &mean.predict(new.view())),
        }
    };
    let progress = recorder.progress(2 * STEPS.len() as u64, "distances");
    let judged = |fate| -> Vec<Right> {
        let steps = progress.over(STEPS);
        steps.map(|by| judge(moved(cases.images.view(), &directions, by, fate).view())).collect()
    };
    let (moved, cut) = (judged(Fate::Moved), judged(Fate::Cut));
    recorder.value("cases", cases.len());
    record(recorder, &moved, &cut, &mut rng);
    example(recorder, &data.test, &neighbour);
    Ok(())
}

fn record(recorder: &mut Recorder, moved: &[Right], cut: &[Right], rng: &mut notebook::Rng) {
    let bootstrap = Bootstrap::default();
    let points = |fall: Interval| Estimate::from(fall).in_words(Format::Points(2));
    let rules: [(&str, &str, Of); 2] = [
        ("neighbour", "nearest neighbour", |r| &r.neighbour),
        ("mean", "nearest mean", |r| &r.mean),
    ];
    for (key, name, of) in rules {
        let mut band = |all: &[Right]| {
            all.iter().map(|r| bootstrap.mean(of(r), rng)).collect::<Vec<Interval>>()
        };
        let (moved_bands, cut_bands) = (band(moved), band(cut));
        recorder
            .series(&format!("accuracy/{key}"), "Pixels", STEPS.map(|k| k as f64))
            .banded(&format!("{name}, moved"), moved_bands.iter().map(|i| i.band()))
            .banded(&format!("{name}, only cut"), cut_bands.iter().map(|i| i.band()));
        let falls: Vec<Interval> =
            moved.iter().map(|r| bootstrap.paired(of(&moved[0]), of(r), rng)).collect();
        let by_cut: Vec<Interval> =
            cut.iter().map(|r| bootstrap.paired(of(&cut[0]), of(r), rng)).collect();
        let by_place: Vec<Interval> =
            cut.iter().zip(moved).map(|(c, m)| bootstrap.paired(of(c), of(m), rng)).collect();
        recorder
            .series(&format!("fall/{key}"), "Pixels", STEPS.map(|k| k as f64))
            .banded(name, falls.iter().map(|i| i.band()));
        for k in STEPS {
            recorder.estimate(&format!("{key}/moved/{k}"), moved_bands[k]);
            recorder.estimate(&format!("{key}/cut/{k}"), cut_bands[k]);
            recorder.estimate(&format!("{key}/fall/{k}"), falls[k]);
            recorder.estimate(&format!("{key}/cut-fall/{k}"), by_cut[k]);
            recorder.estimate(&format!("{key}/place/{k}"), by_place[k]);
        }
        recorder
            .claim(
                &format!("{key}-falls"),
                &format!("Two pixels cost the {name} accuracy, and four pixels cost it more."),
            )
            .record(
                falls[2].low > 0.0 && falls[4].low > falls[2].high,
                format!("{} at two, {} at four", points(falls[2]), points(falls[4])),
            );
        recorder
            .claim(
                &format!("{key}-place"),
                &format!(
                    "At four pixels, most of what the {name} loses is lost to the place and not to the edge."
                ),
            )
            .exceeds((by_place[4], "to the place"), (by_cut[4], "to the edge"));
    }
    let (first, last) = (&moved[0], &moved[STEPS.len() - 1]);
    let gap = |r: &Right| crate::bootstrap::mean(&r.neighbour) - crate::bootstrap::mean(&r.mean);
    recorder.value("gap/0", gap(first));
    recorder.value("gap/8", gap(last));
}

/// One garment, moved upwards step by step, and the training garment that is then nearest.
fn example(recorder: &mut Recorder, test: &Labelled, neighbour: &NearestNeighbour<'_>) {
    let one = test.select(&[EXAMPLE]);
    let nearest = STEPS.map(|by| {
        let image = moved(one.images.view(), &[Direction::Up], by, Fate::Moved);
        neighbour.nearest(flat(image.view()).view())[0].row as f64
    });
    recorder.value("example", EXAMPLE);
    recorder
        .series("example/nearest", "Pixels", STEPS.map(|k| k as f64))
        .curve("training row", nearest);
}

/// The test garment of the example: the first of the test file.
const EXAMPLE: usize = 0;
