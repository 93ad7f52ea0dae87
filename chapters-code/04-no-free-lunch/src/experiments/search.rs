//! The best of many on validation cases: how much of its accuracy is luck?

use features::Image;
use learning::bootstrap::mean;
use learning::fashion::SIDE;
use learning::{Bootstrap, FashionMnist, Interval, Labelled, split};
use notebook::{Chapter, Experiment, Recorder, Rng};
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::pipelines::{Cases, Raw, Search};

/// Garments of one study: to learn from, to choose by, to be tested on.
const GARMENTS: [usize; 3] = [200, 100, 1_000];
/// How many pipelines a search tries, at each point of the curve.
const TRIED: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Searches, each with its own garments and its own pipelines.
const STUDIES: usize = 24;

/// Adds the experiment.
pub fn add(chapter: Chapter) -> Chapter {
    let search = Experiment::new("search", "The best of many, and how it flatters", search);
    chapter.experiment(search.seed(46).reads(FashionMnist::paths()))
}

/// What one search found: for each number tried, the accuracy of the chosen pipeline on validation and on test cases.
struct Study {
    validation: Vec<f64>,
    test: Vec<f64>,
}

/// Searches with true labels, and with labels drawn by lot.
pub fn search(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    for (key, name) in [("true", "as they are"), ("lot", "drawn by lot")] {
        let study = |rng: &mut Rng| study(&data, key == "lot", rng);
        let found = recorder.repeat(STUDIES, &mut rng, study);
        let studies = found.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        record(recorder, key, name, &studies, &mut rng);
    }
    recorder.value("learn", GARMENTS[0]);
    recorder.value("choose", GARMENTS[1]);
    recorder.value("test", GARMENTS[2]);
    recorder.value("studies", STUDIES);
    recorder.value("tried", TRIED[TRIED.len() - 1]);
    let bound = TRIED.map(bound);
    recorder.value("bound", bound[TRIED.len() - 1]);
    recorder.series("bound", "Pipelines tried", TRIED.map(|n| n as f64)).curve("bound", bound);
    Ok(())
}

/// What the best of `n` flatters by in the mean, at most: `√(ln n / 2m)` of `m` validation cases.
fn bound(n: usize) -> f64 {
    ((n as f64).ln() / (2.0 * GARMENTS[1] as f64)).sqrt()
}

/// One search: new garments, new pipelines.
fn study(data: &FashionMnist, by_lot: bool, rng: &mut Rng) -> anyhow::Result<Study> {
    let drawn = split::draw(GARMENTS[0] + GARMENTS[1], data.train.len(), rng);
    let mut own = data.train.select(&drawn);
    let mut test = data.test.select(&split::draw(GARMENTS[2], data.test.len(), rng));
    if by_lot {
        for labels in [&mut own.labels, &mut test.labels] {
            labels.as_slice_mut().unwrap_or_default().shuffle(rng);
        }
    }
    // The draw is sorted by place, and places have nothing to do with classes.
    let mut order: Vec<usize> = (0..own.len()).collect();
    order.shuffle(rng);
    let (learn, choose) = order.split_at(GARMENTS[0]);
    let [learn, choose] = [learn, choose].map(|rows| cases(&own.select(rows)));
    let test = cases(&test);
    let mut search = Search::among(learn.clone(), choose, Rng::seed_from_u64(rng.random()));
    let mut best = (f64::NEG_INFINITY, 0.0);
    let mut study = Study { validation: Vec::new(), test: Vec::new() };
    for tried in 1..=TRIED[TRIED.len() - 1] {
        search.step()?;
        if let Some((found, pipeline)) = search.best().filter(|(found, _)| *found > best.0) {
            best = (found, mean(&pipeline.fit(&learn)?.hits(&test)?));
        }
        if TRIED.contains(&tried) {
            study.validation.push(best.0);
            study.test.push(best.1);
        }
    }
    Ok(study)
}

fn cases(garments: &Labelled) -> Cases {
    let image = |image: ndarray::ArrayView2<'_, u8>| {
        Image::from_levels(SIDE, SIDE, image.iter().copied().collect())
    };
    Cases {
        raw: Raw::Images(garments.images.outer_iter().map(image).collect()),
        labels: garments.y().to_vec(),
        blocks: (0..garments.len()).collect(),
    }
}

fn record(recorder: &mut Recorder, key: &str, name: &str, studies: &[Study], rng: &mut Rng) {
    let bootstrap = Bootstrap::default();
    let mut over = |of: &dyn Fn(&Study) -> f64| -> Interval {
        bootstrap.mean(&studies.iter().map(of).collect::<Vec<_>>(), rng)
    };
    let last = TRIED.len() - 1;
    let validation = (0..=last).map(|i| over(&|s| s.validation[i])).collect::<Vec<_>>();
    let test = (0..=last).map(|i| over(&|s| s.test[i])).collect::<Vec<_>>();
    let flattery = (0..=last).map(|i| over(&|s| s.validation[i] - s.test[i])).collect::<Vec<_>>();
    let grows = over(&|s| (s.validation[last] - s.test[last]) - (s.validation[0] - s.test[0]));
    let gain = over(&|s| s.test[last] - s.test[0]);
    let x = TRIED.map(|n| n as f64);
    recorder
        .series(&format!("accuracy/{key}"), "Pipelines tried", x)
        .banded("on validation garments", validation.iter().map(|i| i.band()))
        .banded("on test garments", test.iter().map(|i| i.band()));
    recorder
        .series(&format!("flattery/{key}"), "Pipelines tried", x)
        .banded(&format!("labels {name}"), flattery.iter().map(|i| i.band()));
    for (what, of) in [("validation", &validation), ("test", &test), ("flattery", &flattery)] {
        recorder.estimate(&format!("{key}/{what}/first"), of[0]);
        recorder.estimate(&format!("{key}/{what}/last"), of[last]);
    }
    recorder.estimate(&format!("{key}/grows"), grows);
    recorder.estimate(&format!("{key}/gain"), gain);
    let tried = TRIED[last];
    recorder
        .claim(&format!("{key}-flatters"), &format!("With labels {name}, the best of {tried} pipelines is better on the validation garments that chose it than on test garments, by an interval above zero."))
        .above(flattery[last], 0.0);
    recorder
        .claim(&format!("{key}-grows"), &format!("With labels {name}, the best of {tried} flatters more than a single pipeline, by an interval above zero."))
        .above(grows, 0.0);
    if key == "true" {
        recorder
            .claim("search-pays", &format!("On test garments the best of {tried} is better than the first pipeline, by an interval above zero."))
            .above(gain, 0.0);
    }
}
