//! Where two programs disagree: one convention at a time is changed, and the network is asked again.

mod answers;
mod change;
mod resize;

use anyhow::Result;
use features::photographs::{self, Photograph, SCENES, SURFACES};
use learning::{Bootstrap, FashionMnist};
use ndarray::Axis;
use notebook::{Chapter, Experiment, Recorder, Table};
use rand::RngExt as _;
use rayon::prelude::*;

use crate::lite0::description::HEAD;
use crate::lite0::{Weights, weights};
use answers::{Answer, other_epsilon};
use change::{CONVENTIONS, SIDE, Window};

/// Windows of each photograph, the whole of it among them.
const WINDOWS: usize = 8;
/// The smallest part of a photograph's side that a window takes.
const SMALLEST: f64 = 0.75;
/// The shorter side of a window over its longer one.
const ASPECT: f64 = 0.75;

/// The names of the classes, from the root of the workspace.
const NAMES: &str = "data/lite0/classes.txt";
/// Names that are shown of a picture.
const SHOWN: usize = 3;

/// Identifier, statement, and the keys of what changes more names and of what changes fewer.
const CLAIMS: [(&str, &str, &str, &str); 3] = [
    (
        "padding-more-than-epsilon",
        "Padding on both sides gives more windows another name than the other ε does, with the whole paired interval over photographs.",
        "padding",
        "epsilon",
    ),
    (
        "squash-more-than-bilinear",
        "To squash gives more windows another name than a bilinear kernel does, with the whole paired interval over photographs.",
        "squash",
        "bilinear",
    ),
    (
        "imagenet-more-than-epsilon",
        "ImageNet's mean and deviation give more windows another name than the other ε does, with the whole paired interval over photographs.",
        "imagenet",
        "epsilon",
    ),
];

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "One convention changed, and the network asked again";
    let experiment = Experiment::new("conventions", title, conventions).seed(108);
    let experiment = experiment.reads(photographs::paths()).reads(FashionMnist::paths());
    chapter.experiment(experiment.reads([weights::FILE, NAMES]))
}

/// The windows: first the whole photograph, then rectangles drawn by the seed, upright and lying in turn.
fn windows(recorder: &Recorder) -> Result<Vec<Window>> {
    let mut rng = recorder.rng();
    let names: Vec<&'static str> = SCENES.into_iter().chain(SURFACES).collect();
    let mut windows = Vec::with_capacity(names.len() * WINDOWS);
    for (block, photograph) in Photograph::read_all(recorder, &names)?.iter().enumerate() {
        let view = photograph.image.view();
        let (height, width) = (view.height(), view.width());
        let coloured = SCENES.contains(&photograph.name);
        let cut = |top, left, rows: usize, columns: usize| {
            let pixels = (top..top + rows)
                .flat_map(|i| (left..left + columns).map(move |j| view.rgb(i * width + j)))
                .collect();
            Window { block, coloured, height: rows, width: columns, pixels }
        };
        windows.push(cut(0, 0, height, width));
        for i in 1..WINDOWS {
            let longer = rng.random_range(SMALLEST..=1.0);
            let share = |long: bool| if long { longer } else { ASPECT * longer };
            let rows = (share(i % 2 == 0) * height as f64) as usize;
            let columns = (share(i % 2 == 1) * width as f64) as usize;
            let (top, left) = (height - rows, width - columns);
            windows.push(cut(rng.random_range(0..=top), rng.random_range(0..=left), rows, columns));
        }
    }
    Ok(windows)
}

/// For each convention, the share of windows that get another name, and how far the probability of the name moves.
fn conventions(recorder: &mut Recorder) -> Result<()> {
    let right = Weights::of(recorder)?;
    let other = other_epsilon(recorder, &right)?;
    let windows = windows(recorder)?;
    let ask = |window: &Window| -> Vec<Answer> {
        let asked = CONVENTIONS.iter().map(|(.., c)| Answer::of(&right, &other, window, *c));
        asked.collect()
    };
    let answers: Vec<Vec<Answer>> = windows.par_iter().map(ask).collect();
    first(recorder, &right, &answers)?;
    record(recorder, &windows, &answers);
    Ok(())
}

/// What the network says of the whole cat, and of a garment.
fn first(recorder: &mut Recorder, weights: &Weights, answers: &[Vec<Answer>]) -> Result<()> {
    let names = std::fs::read_to_string(recorder.data(NAMES))?;
    let names: Vec<&str> = names.lines().collect();
    let garments = FashionMnist::of(recorder)?;
    let boot = garments.test.images.index_axis(Axis(0), 0);
    let boot = Answer::plain(weights, crate::features::garment(boot, SIDE));
    let cat = SCENES.iter().position(|&name| name == "chelsea").unwrap_or_default();
    let mut table = Table::new(["Picture", "Name", "Probability | percent 1"]);
    for (picture, answer) in [("the cat", &answers[cat * WINDOWS][0]), ("the boot", &boot)] {
        for (class, probability) in answer.best(SHOWN) {
            let name = names.get(class).copied().unwrap_or_default();
            table.row([picture.into(), name.into(), probability.into()]);
        }
    }
    recorder.table("first", table);
    recorder.value("features", HEAD);
    Ok(())
}

/// What was found of one convention.
struct Found {
    key: &'static str,
    name: &'static str,
    changed: Vec<f64>,
    moved: Vec<f64>,
}

fn record(recorder: &mut Recorder, windows: &[Window], answers: &[Vec<Answer>]) {
    let coloured = windows.iter().filter(|window| window.coloured).count();
    recorder.value("windows", windows.len());
    recorder.value("coloured", coloured);
    recorder.value("photographs", windows.len() / WINDOWS);
    recorder.value("side", SIDE);
    let blocks: Vec<usize> = windows.iter().map(|window| window.block).collect();
    let found: Vec<Found> = CONVENTIONS
        .iter()
        .enumerate()
        .skip(1)
        .map(|(c, &(key, name, _))| Found {
            key,
            name,
            changed: answers.iter().map(|a| f64::from(a[c].class != a[0].class)).collect(),
            moved: answers.iter().map(|a| a[0].moved(&a[c])).collect(),
        })
        .collect();
    let mut rng = recorder.rng();
    let mut mean = |values: &[f64]| Bootstrap::default().mean_by_block(values, &blocks, &mut rng);
    let columns = ["Changed", "Another name | percent 0", "Probability moves | points 1"];
    let mut table = Table::new(columns);
    for found in &found {
        let [share, moved] = [mean(&found.changed), mean(&found.moved)];
        recorder.estimate(&format!("{}/changed", found.key), share);
        recorder.estimate(&format!("{}/moved", found.key), moved);
        table.row([found.name.into(), share.estimate.into(), moved.estimate.into()]);
    }
    recorder.table("conventions", table);
    claims(recorder, &found, &blocks);
}

/// What changes the names of more windows than what, paired by photograph.
fn claims(recorder: &mut Recorder, found: &[Found], blocks: &[usize]) {
    let at = |key: &str| found.iter().find(|found| found.key == key);
    if let Some(padding) = at("padding") {
        let mut rng = recorder.rng();
        let share = Bootstrap::default().mean_by_block(&padding.changed, blocks, &mut rng);
        let statement = "Padding on both sides gives more than half of the windows another name, with the whole interval over photographs.";
        recorder.claim("padding-changes-most", statement).above(share, 0.5);
    }
    for (id, statement, more, less) in CLAIMS {
        let (Some(a), Some(b)) = (at(more), at(less)) else { continue };
        let mut rng = recorder.rng();
        let (a, b) = (&a.changed, &b.changed);
        let difference = Bootstrap::default().paired_by_block(a, b, blocks, &mut rng);
        recorder.estimate(&format!("{more}/more-than/{less}"), difference);
        recorder.claim(id, statement).above(difference, 0.0);
    }
}
