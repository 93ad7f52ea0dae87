//! What the chapter measures.

use std::f64::consts::TAU;

use learning::{Bootstrap, Interval, NearestMean, NearestNeighbour, standardise};
use ndarray::{Array2, ArrayView2};
use notebook::{Recorder, Rng, Table};
use rand::RngExt as _;
use rayon::prelude::*;

use crate::describers::{Describer, RAW};
use crate::extractor::{EXTRACTORS, features};
use crate::image::Image;
use crate::photographs::{Photograph, Picture, SCENES, Window};
use crate::problems::{self, Problem};
use crate::{Hog, colour_histogram, hu, lbp};

/// The workspace's root, from which data are named.
fn root(recorder: &Recorder) -> std::path::PathBuf {
    recorder.data("")
}

/// The photograph on which the extractors are shown.
pub const SHOWN: &str = "chelsea";

/// What each extractor makes of one photograph.
pub fn seen(recorder: &mut Recorder) -> anyhow::Result<()> {
    let photograph = Photograph::read(&root(recorder), SHOWN)?;
    let view = photograph.image.view();
    let (width, height) = (view.width(), view.height());
    recorder.value("side", width);
    recorder.value("pixels", width * height);
    let mut table = Table::new(["Extractor", "Features | int", "First feature, in words"]);
    for extractor in EXTRACTORS {
        let length = extractor.length(width, height)?;
        table.row([
            extractor.name().into(),
            length.into(),
            extractor.describe(0, width, height).into(),
        ]);
    }
    recorder.table("lengths", table);
    let colours = features(&crate::ColourHistogram, view)?;
    let occupied = colours.iter().filter(|share| **share > 0.0).count();
    let mut shares = colours.clone();
    shares.sort_by(|a, b| b.total_cmp(a));
    recorder.value("colours/boxes", colour_histogram::BOXES);
    recorder.value("colours/occupied", occupied);
    recorder.value("colours/ten-largest", shares.iter().take(10).sum::<f64>());
    let patterns = features(&crate::Lbp, view)?;
    let mut table = Table::new(["Pattern", "Share | percent 1"]);
    for (code, share) in patterns.iter().enumerate() {
        let name = if code == 9 { "not uniform".into() } else { format!("{code} bright") };
        table.row([name.into(), (*share).into()]);
    }
    recorder.table("patterns", table);
    recorder.value("patterns/uniform", 1.0 - patterns[9]);
    recorder.value("patterns/kinds", (0..=255).filter(|&p| lbp::code_of(p) < 9).count());
    let mut table = Table::new([
        "Moment",
        "Greyscale | sci 2",
        "Turned by 90° | sci 2",
        "Mirrored | sci 2",
        "Signed logarithm | fixed 2",
    ]);
    let of = |picture: &[u8]| {
        features(&crate::Hu::GREYSCALE, crate::View::of_levels(width, height, picture))
    };
    let levels = view.levels();
    let turned: Vec<u8> =
        (0..levels.len()).map(|i| levels[i % width * width + (width - 1 - i / width)]).collect();
    let mirrored: Vec<u8> =
        (0..levels.len()).map(|i| levels[i / width * width + (width - 1 - i % width)]).collect();
    let [plain, turned, mirrored] = [of(levels)?, of(&turned)?, of(&mirrored)?];
    for k in 0..7 {
        let name = format!("{}", k + 1);
        table.row([
            name.into(),
            plain[k].into(),
            turned[k].into(),
            mirrored[k].into(),
            hu::signed_log(plain[k]).into(),
        ]);
    }
    recorder.table("moments", table);
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs();
    let held = (0..7).filter(|&k| close(turned[k], plain[k])).count();
    recorder.claim("hu-turned", "A quarter turn leaves all seven Hu moments as they are.").all(
        held,
        7,
        "moments equal to nine digits",
    );
    recorder
        .claim(
            "hu-mirrored",
            "A mirror image changes the sign of the seventh Hu moment and no other.",
        )
        .record(
            (0..6).all(|k| close(mirrored[k], plain[k])) && close(-mirrored[6], plain[6]),
            format!("seventh moment {:.3e}, mirrored {:.3e}", plain[6], mirrored[6]),
        );
    let mut table =
        Table::new(["Property", "brick | fixed 3", "grass | fixed 3", "gravel | fixed 3"]);
    let surfaces = Photograph::read_all(&root(recorder), &crate::photographs::SURFACES)?;
    let of: Vec<Vec<f64>> = surfaces
        .iter()
        .map(|s| features(&crate::Glcm, s.image.view()))
        .collect::<Result<_, _>>()?;
    for (k, name) in crate::glcm::PROPERTIES.iter().enumerate() {
        table.row(std::iter::once((*name).into()).chain(of.iter().map(|p| p[k].into())));
    }
    recorder.table("surfaces", table);
    let (rows, columns) = Hog::DEFAULT.blocks(width, height);
    recorder.value("hog/blocks", rows * columns);
    Ok(())
}

/// A way to change a picture, applied where the window looks or to what it sees.
type Change = fn(&Photograph, Window, &mut Rng) -> Picture;

/// Pixels along a side of the pictures of the matrix.
const LOOK: usize = 64;

// ANCHOR: changes
/// What is done to a picture, by name. All but the first three leave its content in place.
const CHANGES: [(&str, Change); 9] = [
    ("turned 90°", |p, w, _| Window { angle: TAU / 4.0, ..w }.look(p, LOOK)),
    ("turned 30°", |p, w, _| Window { angle: TAU / 12.0, ..w }.look(p, LOOK)),
    ("enlarged 1.25 times", |p, w, _| Window { step: 0.8, ..w }.look(p, LOOK)),
    ("shifted 4 pixels", |p, w, _| {
        Window { centre: (w.centre.0, w.centre.1 + 4.0), ..w }.look(p, LOOK)
    }),
    ("brighter by 20 levels", |p, w, _| w.look(p, LOOK).map(|c| c.map(|v| v + 20.0))),
    ("contrast times 0.7", |p, w, _| w.look(p, LOOK).gain(0.7)),
    ("hue turned 60°", |p, w, _| w.look(p, LOOK).turn_hue(TAU / 6.0)),
    ("noise of 10 levels", |p, w, rng| w.look(p, LOOK).noise(10.0, rng)),
    ("pixels shuffled", |p, w, rng| w.look(p, LOOK).shuffled(rng)),
];
// ANCHOR_END: changes

/// Pictures of each photograph in the matrix.
const PICTURES: usize = 40;

/// How far does each change move each extractor's features, against the distance between pictures?
pub fn invariance(recorder: &mut Recorder) -> anyhow::Result<()> {
    let scenes = Photograph::read_all(&root(recorder), &SCENES)?;
    let mut rng = recorder.rng();
    // The farthest corner of a window turned by 30°, and a shift, stay inside.
    let room = LOOK as f64 * 0.75;
    let windows: Vec<(usize, Window)> = (0..scenes.len() * PICTURES)
        .map(|i| {
            let side = scenes[i % scenes.len()].image.view().width() as f64;
            let mut place = || rng.random_range(room..side - room).floor() + 0.5;
            (i % scenes.len(), Window { centre: (place(), place()), angle: 0.0, step: 1.0 })
        })
        .collect();
    let see = |change: Change, rng: &mut Rng| -> Vec<Image> {
        windows
            .iter()
            .map(|(scene, window)| change(&scenes[*scene], *window, rng).colour())
            .collect()
    };
    let plain = see(|p, w, _| w.look(p, LOOK), &mut rng);
    let changed = CHANGES.map(|(_, change)| see(change, &mut rng));
    let columns: Vec<String> =
        CHANGES.iter().map(|(name, _)| format!("{name} | fixed 2")).collect();
    let mut table =
        Table::new(std::iter::once("Extractor").chain(columns.iter().map(String::as_str)));
    let progress = recorder.progress(6, "extractors moved");
    let mut moved = Vec::new();
    for describer in progress.over(Describer::all()) {
        let rows = describer.rows(&plain)?;
        let spread = spread(rows.view());
        let shares = changed
            .iter()
            .map(|images| Ok(distance(rows.view(), describer.rows(images)?.view()) / spread));
        let shares = shares.collect::<anyhow::Result<Vec<f64>>>()?;
        table.row(std::iter::once(describer.name().into()).chain(shares.iter().map(|&s| s.into())));
        moved.push((describer.name(), shares));
    }
    drop(progress);
    recorder.value("pictures", windows.len());
    recorder.value("side", LOOK);
    recorder.table("matrix", table);
    let cell = |extractor: &str, change: &str| -> f64 {
        let column = CHANGES.iter().position(|(name, _)| *name == change);
        let row = moved.iter().find(|(name, _)| *name == extractor);
        row.zip(column).map_or(f64::NAN, |((_, shares), column)| shares[column])
    };
    for (key, extractor, change) in [
        ("raw/shift", RAW, "shifted 4 pixels"),
        ("hog/shift", "hog", "shifted 4 pixels"),
        ("hog/turn", "hog", "turned 90°"),
        ("hog/contrast", "hog", "contrast times 0.7"),
        ("lbp/turn", "lbp", "turned 90°"),
        ("lbp/brightness", "lbp", "brighter by 20 levels"),
        ("lbp/noise", "lbp", "noise of 10 levels"),
        ("histogram/noise", "colour-histogram", "noise of 10 levels"),
        ("histogram/brightness", "colour-histogram", "brighter by 20 levels"),
        ("histogram/hue", "colour-histogram", "hue turned 60°"),
        ("hu/turn", "hu", "turned 90°"),
        ("hu/brightness", "hu", "brighter by 20 levels"),
        ("hu/contrast", "hu", "contrast times 0.7"),
        ("glcm/contrast", "glcm", "contrast times 0.7"),
    ] {
        recorder.value(key, cell(extractor, change));
    }
    recorder
        .claim(
            "histogram-forgets-order",
            "Shuffling the pixels does not change the colour histogram at all.",
        )
        .equal(cell("colour-histogram", "pixels shuffled"), 0.0);
    recorder
        .claim("histogram-turns", "A quarter turn does not change the colour histogram at all.")
        .equal(cell("colour-histogram", "turned 90°"), 0.0);
    let never = moved.iter().filter(|(_, shares)| shares.iter().any(|&s| s > 0.5)).count();
    recorder
        .claim("nobody-is-invariant", "Every extractor, and raw pixels too, is moved by some change more than half as far as by another picture.")
        .all(never, moved.len(), "rows have a cell above one half");
    Ok(())
}

/// Distance between two rows.
fn apart(a: ndarray::ArrayView1<'_, f32>, b: ndarray::ArrayView1<'_, f32>) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

/// Mean distance between rows of the same place.
fn distance(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> f64 {
    a.rows().into_iter().zip(b.rows()).map(|(a, b)| apart(a, b)).sum::<f64>() / a.nrows() as f64
}

/// Mean distance between all pairs of rows.
fn spread(rows: ArrayView2<'_, f32>) -> f64 {
    let n = rows.nrows();
    let of_row = |i: usize| (0..i).map(|j| apart(rows.row(i), rows.row(j))).sum::<f64>();
    // Collected in order and then added up, so that the sum does not depend on the threads.
    let sums: Vec<f64> = (0..n).into_par_iter().map(of_row).collect();
    sums.iter().sum::<f64>() / (n * (n - 1) / 2) as f64
}

/// Which test rows a rule gets right, as ones and zeros.
fn hits(predicted: &[u8], labels: &[u8]) -> Vec<f64> {
    predicted.iter().zip(labels).map(|(p, y)| f64::from(u8::from(p == y))).collect()
}

/// The two rules.
const RULES: [(&str, &str); 2] = [("mean", "nearest mean"), ("neighbour", "nearest neighbour")];

/// What each rule answers for test rows, having learned from training rows; both standardised on the training rows.
fn answers(train: &Array2<f32>, labels: &[u8], test: &Array2<f32>) -> [Vec<u8>; 2] {
    let (train, test) = standardise(train.view(), test.view());
    [
        NearestMean::fit(train.view(), labels).predict(test.view()),
        NearestNeighbour::fit(train.view(), labels).predict(test.view()),
    ]
}

/// The test that forgets where: learn from pictures, be tested on their confetti.
pub fn shuffled(recorder: &mut Recorder) -> anyhow::Result<()> {
    let problems = problems::all(&root(recorder), PROBLEMS_SEED)?;
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
                let hits = hits(answers, &problem.test.labels);
                Bootstrap::default().mean_by_block(&hits, &problem.test.blocks, rng)
            };
            let (a, b) = (interval(&whole, &mut rng), interval(&shuffled, &mut rng));
            let cells = [a.estimate, a.low, a.high, b.estimate, b.low, b.high].map(Into::into);
            table.row(std::iter::once(describer.name().into()).chain(cells));
            let key = format!("{}/{}", problem.name, describer.name().replace(' ', "-"));
            recorder.value(&format!("{key}/whole"), a.estimate).interval(a.low, a.high);
            recorder.value(&format!("{key}/shuffled"), b.estimate).interval(b.low, b.high);
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
            Image::from_rgb(view.width(), view.height(), &bytes)
        }
    }
}

/// The seed of the six problems, the same in every experiment.
const PROBLEMS_SEED: u64 = 2;

/// One cell of the matrix.
struct Cell {
    describer: &'static str,
    hits: Vec<f64>,
    interval: Interval,
}

/// Accuracy of every extractor and of raw pixels on all six problems, under two rules.
pub fn accuracy(recorder: &mut Recorder) -> anyhow::Result<()> {
    let problems = problems::all(&root(recorder), PROBLEMS_SEED)?;
    let mut rng = recorder.rng();
    let mut sizes = Table::new([
        "Problem",
        "Classes | int",
        "To learn from | int",
        "To be tested on | int",
        "Blocks | int",
    ]);
    let progress = recorder.progress(6 * problems.len() as u64, "cells of the matrix");
    // By rule, then by problem, then by extractor.
    let mut cells: [Vec<Vec<Cell>>; 2] = [Vec::new(), Vec::new()];
    for problem in &problems {
        let mut blocks = problem.test.blocks.clone();
        blocks.sort_unstable();
        blocks.dedup();
        let (train, test) = (problem.train.images.len(), problem.test.images.len());
        sizes.row([
            problem.name.into(),
            problem.classes.into(),
            train.into(),
            test.into(),
            blocks.len().into(),
        ]);
        cells.iter_mut().for_each(|of_rule| of_rule.push(Vec::new()));
        for describer in progress.over(Describer::all()) {
            let train = describer.rows(&problem.train.images)?;
            let test = describer.rows(&problem.test.images)?;
            for (rule, answers) in
                answers(&train, &problem.train.labels, &test).into_iter().enumerate()
            {
                let hits = hits(&answers, &problem.test.labels);
                let interval =
                    Bootstrap::default().mean_by_block(&hits, &problem.test.blocks, &mut rng);
                if let Some(row) = cells[rule].last_mut() {
                    row.push(Cell { describer: describer.name(), hits, interval });
                }
            }
        }
    }
    drop(progress);
    recorder.table("problems", sizes);
    recorder.value("cells", 2 * problems.len() * 6);
    for ((key, rule), cells) in RULES.iter().zip(&cells) {
        record_rule(recorder, &mut rng, (key, rule), &problems, cells);
    }
    Ok(())
}

/// The matrix of one rule, its winners, and whether anybody wins everywhere.
fn record_rule(
    recorder: &mut Recorder,
    rng: &mut Rng,
    (key, rule): (&str, &str),
    problems: &[Problem],
    cells: &[Vec<Cell>],
) {
    let columns: Vec<String> = problems.iter().map(|p| format!("{} | percent 1", p.name)).collect();
    let mut table =
        Table::new(std::iter::once("Extractor").chain(columns.iter().map(String::as_str)));
    for (row, describer) in Describer::all().enumerate() {
        let accuracies = cells.iter().map(|of_problem| of_problem[row].interval.estimate.into());
        table.row(std::iter::once(describer.name().into()).chain(accuracies));
        for (problem, of_problem) in problems.iter().zip(cells) {
            let interval = of_problem[row].interval;
            let name = format!("{key}/{}/{}", problem.name, describer.name().replace(' ', "-"));
            recorder.value(&name, interval.estimate).interval(interval.low, interval.high);
        }
    }
    recorder.table(key, table);
    let mut winners = Table::new([
        "Problem",
        "Best",
        "Accuracy | percent 1",
        "Second",
        "Ahead by | percent 1",
        "Low | percent 1",
        "High | percent 1",
    ]);
    // Beaten: on some problem the interval of the paired difference to the best lies above zero.
    let mut beaten = std::collections::BTreeSet::new();
    let mut best_somewhere = std::collections::BTreeSet::new();
    for (problem, of_problem) in problems.iter().zip(cells) {
        let mut order: Vec<&Cell> = of_problem.iter().collect();
        order.sort_by(|a, b| b.interval.estimate.total_cmp(&a.interval.estimate));
        let (best, second) = (order[0], order[1]);
        best_somewhere.insert(best.describer);
        for other in &order[1..] {
            let ahead = Bootstrap::default().paired_by_block(
                &best.hits,
                &other.hits,
                &problem.test.blocks,
                rng,
            );
            if ahead.low > 0.0 {
                beaten.insert(other.describer);
            }
            if other.describer == second.describer {
                winners.row([
                    problem.name.into(),
                    best.describer.into(),
                    best.interval.estimate.into(),
                    second.describer.into(),
                    ahead.estimate.into(),
                    ahead.low.into(),
                    ahead.high.into(),
                ]);
            }
        }
        recorder.value(&format!("{key}/{}/best", problem.name), best.describer);
    }
    recorder.table(&format!("{key}-winners"), winners);
    recorder.value(&format!("{key}/winners"), best_somewhere.len());
    recorder
        .claim(
            &format!("no-winner-{key}"),
            &format!("Under the {rule} rule no extractor wins everywhere: each is behind another on some problem, by an interval above zero."),
        )
        .all(beaten.len(), cells.first().map_or(0, Vec::len), "rows of the matrix are beaten somewhere");
}

/// What the features cost in bytes.
pub fn cost(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Extractor",
        "28 × 28 grey | int",
        "64 × 64 colour | int",
        "Bytes, 28 × 28 | int",
        "Bytes, 64 × 64 | int",
        "Pixels' bytes for one of features, 64 × 64 | fixed 1",
    ]);
    table.row([RAW.into(), 784.into(), 12_288.into(), 784.into(), 12_288.into(), 1.0.into()]);
    for extractor in EXTRACTORS {
        let (small, large) = (extractor.length(28, 28)?, extractor.length(64, 64)?);
        table.row([
            extractor.name().into(),
            small.into(),
            large.into(),
            (4 * small).into(),
            (4 * large).into(),
            (12_288.0 / (4 * large) as f64).into(),
        ]);
    }
    recorder.table("bytes", table);
    let hog = Hog::new(9, (7, 7), (2, 2))?;
    recorder.value("hog-7/length", crate::Extractor::length(&hog, 28, 28)?);
    let length = |name: &str, side| anyhow::Ok(crate::find(name)?.length(side, side)?);
    recorder.value("hog/28", length("hog", 28)?);
    recorder.value("hog/64", length("hog", 64)?);
    recorder
        .claim("hog-is-not-smaller", "Oriented gradients of a 64 × 64 image in grey, as 32-bit numbers, take more bytes than its pixels.")
        .greater(4 * length("hog", 64)?, 64 * 64);
    Ok(())
}

/// What `tests/peers/02-features-time.py` wrote.
#[derive(serde::Deserialize)]
struct PeerReport {
    processor: String,
    versions: std::collections::BTreeMap<String, String>,
    seconds: std::collections::BTreeMap<String, f64>,
    date: String,
}

/// The file of [`peers`], from the workspace's root.
pub const PEERS: &str = "tests/peers/02-features-time.json";

/// What scikit-image takes for the jobs of the benchmark.
pub fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    let report: PeerReport = serde_json::from_slice(&std::fs::read(recorder.data(PEERS))?)?;
    recorder.value("processor", report.processor.as_str());
    recorder.value("date", report.date.get(..10).unwrap_or(&report.date));
    for (name, version) in &report.versions {
        recorder.value(&format!("version/{name}"), version.as_str());
    }
    for (job, seconds) in &report.seconds {
        recorder.timing(job, *seconds);
    }
    Ok(())
}
