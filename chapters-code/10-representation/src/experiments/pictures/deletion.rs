//! The deletion test: parts are covered in the order of a map, the most important first. The faster the probability falls,
//! the better the map knew what the answer rested on.

use learning::Bootstrap;
use learning::bootstrap::mean;
use ndarray::{Array2, Array3, ArrayView3};
use notebook::{Recorder, Rng, Table};
use rand::RngExt as _;
use rayon::prelude::*;

use super::shown::{SHOWN, largest};
use crate::lite0::Weights;
use crate::lite0::description::{CLASSES, SIDE};
use crate::occlusion::{
    Cover, answers, area, blurred, deleted, grey, maps, order, rank_correlation, to_cells,
};
use crate::patches::{self, Cut, Photograph};
use crate::saliency;

/// Parts of a picture in a row.
pub const CELLS: usize = 16;
/// How many are covered, step by step.
const STEPS: [usize; 8] = [0, 8, 16, 32, 64, 96, 128, 192];
/// Places of the occluding square in a row, and its side.
const OCCLUSION: (usize, usize) = (8, 56);
/// Pictures with noise for the averaged gradient, and the noise's deviation.
const SMOOTH: (usize, f64) = (4, 0.2);
/// How far the blurred cover reaches.
const REACH: usize = 12;
/// Squares of each photograph besides its middle.
const SQUARES: usize = 1;

/// The orders: key, and what it is called.
pub const METHODS: [(&str, &str); 6] = [
    ("occlusion", "occlusion"),
    ("gradient", "gradient"),
    ("smooth", "gradient, averaged over noise"),
    ("grad-cam", "Grad-CAM"),
    ("middle", "the middle first"),
    ("random", "by lot"),
];

/// What covers a picture.
type Covering = fn(ArrayView3<'_, f32>) -> Cover;

/// A picture with its maps.
struct Case {
    photograph: usize,
    picture: Array3<f32>,
    class: usize,
    /// A map for each method, as cells.
    maps: Vec<Vec<f64>>,
}

/// Maps, deletions, and how much the maps depend on what the network has learned.
pub fn deletion(recorder: &mut Recorder) -> anyhow::Result<()> {
    let weights = Weights::of(recorder)?;
    let photographs = patches::photographs(recorder)?;
    let mut rng = recorder.rng();
    let cuts = cuts(&photographs, &mut rng);
    let pictures: Vec<Array3<f32>> = cuts.iter().map(|cut| cut.picture(&photographs)).collect();
    let said = answers(&weights, &pictures);
    let classes: Vec<usize> = said.outer_iter().map(largest).collect();
    let studies: Vec<(usize, u64)> = (0..cuts.len()).map(|i| (i, rng.random())).collect();
    let cases: Vec<Case> = studies
        .par_iter()
        .map(|&(i, seed)| Case {
            photograph: cuts[i].photograph,
            picture: pictures[i].clone(),
            class: classes[i],
            maps: every_map(&weights, &pictures[i], classes[i], seed),
        })
        .collect();
    recorder.value("pictures", cases.len());
    recorder.value("photographs", photographs.len());
    recorder.value("cells", CELLS * CELLS);
    recorder.value("smooth/draws", SMOOTH.0);
    record_maps(recorder, &cases);
    let covers: [(&str, Covering); 2] = [("grey", grey), ("blurred", |p| blurred(p, REACH))];
    for (key, cover) in covers {
        delete(recorder, key, &weights, &cases, cover, &mut rng);
    }
    controls(recorder, &weights, &cases, &mut rng);
    Ok(())
}

/// The middle of each photograph, and a square of five eighths of its side by lot.
fn cuts(photographs: &[Photograph], rng: &mut Rng) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for (photograph, Photograph { image, .. }) in photographs.iter().enumerate() {
        cuts.push(Cut::middle(photograph, image));
        let side = image.width() * 5 / 8;
        for _ in 0..SQUARES {
            let at = [0; 2].map(|_| rng.random_range(0..=image.width() - side));
            cuts.push(Cut { photograph, at, side });
        }
    }
    cuts
}

fn every_map(weights: &Weights, picture: &Array3<f32>, class: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = <Rng as rand::SeedableRng>::seed_from_u64(seed);
    let x = picture.view();
    let (grid, side) = OCCLUSION;
    let cells = |map: &Array2<f64>| to_cells(map.view(), CELLS);
    let middle = (CELLS as f64 - 1.0) / 2.0;
    let near = |k: usize| {
        let (i, j) = ((k / CELLS) as f64 - middle, (k % CELLS) as f64 - middle);
        -i.hypot(j)
    };
    vec![
        cells(&maps(weights, x, &[class], grid, side)[0]),
        cells(&saliency::gradient(weights, x, class)),
        cells(&saliency::smooth(weights, x, class, SMOOTH, &mut rng)),
        cells(&saliency::grad_cam(weights, x, class)),
        (0..CELLS * CELLS).map(near).collect(),
        (0..CELLS * CELLS).map(|_| rng.random()).collect(),
    ]
}

/// The maps that are drawn.
fn record_maps(recorder: &mut Recorder, cases: &[Case]) {
    for (photograph, key) in SHOWN {
        let Some(case) = cases.iter().find(|case| case.photograph == photograph) else { continue };
        let places = (0..CELLS * CELLS).map(|k| k as f64);
        let series = recorder.series(&format!("{key}/maps"), "Part", places);
        for ((method, _), map) in METHODS.iter().zip(&case.maps).take(4) {
            series.curve(method, map.iter().copied());
        }
    }
}

/// Covers, step by step, and records what is left of the probability.
fn delete(
    recorder: &mut Recorder,
    key: &str,
    weights: &Weights,
    cases: &[Case],
    cover: Covering,
    rng: &mut Rng,
) {
    let shares: Vec<f64> = STEPS.map(|n| n as f64 / (CELLS * CELLS) as f64).to_vec();
    let progress = recorder.progress(cases.len() as u64, "pictures");
    // For each method and picture the curve.
    let mut curves: Vec<Vec<Vec<f64>>> = vec![Vec::new(); METHODS.len()];
    for case in cases {
        let cover = cover(case.picture.view());
        let steps = case.maps.iter().flat_map(|map| {
            let order = order(map);
            STEPS.map(|n| deleted(case.picture.view(), &cover, CELLS, &order[..n]))
        });
        let p = answers(weights, &steps.collect::<Vec<_>>());
        let p: Vec<f64> = p.column(case.class).iter().map(|&p| f64::from(p)).collect();
        for (curves, p) in curves.iter_mut().zip(p.chunks(STEPS.len())) {
            curves.push(p.iter().map(|left| left / p[0]).collect());
        }
        progress.advance(1);
    }
    let areas: Vec<Vec<f64>> = curves
        .iter()
        .map(|curves| curves.iter().map(|curve| area(&shares, curve)).collect())
        .collect();
    record_areas(recorder, key, cases, &areas, rng);
    let series = recorder.series(&format!("{key}/curves"), "Share covered", shares.clone());
    for ((_, name), curves) in METHODS.iter().zip(&curves) {
        let at = |s: usize| mean(&curves.iter().map(|curve| curve[s]).collect::<Vec<_>>());
        series.curve(name, (0..STEPS.len()).map(at));
    }
}

/// The areas under the curves, and by how much each lies below that of a random order, paired by picture. Pictures of one
/// photograph belong together.
fn record_areas(
    recorder: &mut Recorder,
    key: &str,
    cases: &[Case],
    areas: &[Vec<f64>],
    rng: &mut Rng,
) {
    let bootstrap = Bootstrap::default();
    let blocks: Vec<usize> = cases.iter().map(|case| case.photograph).collect();
    let random = &areas[METHODS.len() - 1];
    let mut gains = Vec::new();
    let mut table = Table::new([
        "Order",
        "Area | fixed 2",
        "Less than by lot | fixed 2",
        "From | fixed 2",
        "To | fixed 2",
    ]);
    for (&(method, name), own) in METHODS.iter().zip(areas) {
        let gain = bootstrap.paired_by_block(random, own, &blocks, rng);
        recorder
            .estimate(&format!("{key}/{method}/area"), bootstrap.mean_by_block(own, &blocks, rng));
        recorder.estimate(&format!("{key}/{method}/gain"), gain);
        let area: f64 = mean(own);
        let row = [area, gain.estimate, gain.low, gain.high].map(Into::into);
        table.row(std::iter::once(name.into()).chain(row));
        let words = notebook::Estimate::from(gain).in_words(notebook::Format::Fixed(2));
        gains.push((gain.low, format!("{name} {words}")));
    }
    let words: Vec<&str> = gains.iter().map(|(_, words)| words.as_str()).collect();
    recorder
        .claim(
            &format!("{key}/none-beats-lot"),
            &format!("With {key} parts, no order of covering is shown to take the class away sooner than by lot."),
        )
        .record(gains.iter().all(|(low, _)| *low <= 0.0), words.join("; "));
    let against = bootstrap.paired_by_block(&areas[1], &areas[0], &blocks, rng);
    recorder.estimate(&format!("{key}/occlusion-over-gradient"), against);
    let against = bootstrap.paired_by_block(&areas[3], &areas[0], &blocks, rng);
    recorder.estimate(&format!("{key}/occlusion-over-grad-cam"), against);
    recorder
        .claim(
            &format!("{key}/occlusion-over-grad-cam"),
            &format!("With {key} parts, the order of occlusion takes the class away sooner than that of Grad-CAM."),
        )
        .record(
            against.low > 0.0,
            notebook::Estimate::from(against).in_words(notebook::Format::Fixed(2)),
        );
    let against = bootstrap.paired_by_block(&areas[4], &areas[3], &blocks, rng);
    recorder.estimate(&format!("{key}/grad-cam-over-middle"), against);
    let against = bootstrap.paired_by_block(&areas[1], &areas[3], &blocks, rng);
    recorder.estimate(&format!("{key}/grad-cam-over-gradient"), against);
    recorder.table(&format!("{key}/areas"), table);
}

/// Sanity checks: how alike a map is to that of a class drawn by lot, and to that of an untrained network.
fn controls(recorder: &mut Recorder, weights: &Weights, cases: &[Case], rng: &mut Rng) {
    let bootstrap = Bootstrap::default();
    let blocks: Vec<usize> = cases.iter().map(|case| case.photograph).collect();
    let fresh = saliency::untrained(weights, cases[0].picture.view(), rng);
    let others: Vec<usize> =
        cases.iter().map(|case| (case.class + rng.random_range(1..CLASSES)) % CLASSES).collect();
    let three = |weights: &Weights, case: &Case, class: usize| {
        let (x, (grid, side)) = (case.picture.view(), OCCLUSION);
        [
            maps(weights, x, &[class], grid, side).swap_remove(0),
            saliency::gradient(weights, x, class),
            saliency::grad_cam(weights, x, class),
        ]
        .map(|map| to_cells(map.view(), CELLS))
    };
    let alike: Vec<[[f64; 3]; 2]> = cases
        .par_iter()
        .zip(&others)
        .map(|(case, &other)| {
            let own = [&case.maps[0], &case.maps[1], &case.maps[3]];
            [three(weights, case, other), three(&fresh, case, case.class)]
                .map(|maps| std::array::from_fn(|m| rank_correlation(own[m], &maps[m])))
        })
        .collect();
    let mut table =
        Table::new(["Map", "Of another class | fixed 2", "Of an untrained network | fixed 2"]);
    for (m, method) in [0, 1, 3].into_iter().enumerate() {
        let (key, name) = METHODS[method];
        let mut row = vec![name.into()];
        for (control, words) in ["other", "untrained"].into_iter().enumerate() {
            let found: Vec<f64> = alike.iter().map(|alike| alike[control][m]).collect();
            let found = bootstrap.mean_by_block(&found, &blocks, rng);
            recorder.estimate(&format!("{words}/{key}"), found);
            row.push(found.estimate.into());
        }
        table.row(row);
    }
    recorder.table("controls", table);
    recorder.value("side", SIDE);
}
