//! How cases are divided, and what an interval promises.

use notebook::figure::schematic::{Meaning, Plane, Schematic, Span, Strips};
use notebook::{Figure, Format, Recorded, Rng, Table};
use rand::{RngExt as _, SeedableRng as _};

/// Folds that are drawn.
const FOLDS: usize = 5;

/// Three parts, and five folds.
pub fn parts(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let columns = 2 * FOLDS;
    let test = |from: usize, to: usize| Span::new(from, to, "test").meaning(Meaning::Focus);
    let learn =
        |from: usize, to: usize| Span::new(from, to, if to - from > 1 { "learn" } else { "" });
    let figure = Schematic::new("Three parts and five folds", (16.0, 6.9)).narrow((9.0, 7.5));
    let figure = figure.draw(|sheet| {
        let (left, wide) = sheet.pick((2.6, 13.2), (1.9, 7.0));
        let tall = sheet.pick(0.9, 1.0);
        let strips =
            |top: f64, rows: usize| Strips::new((left, top), (wide, tall * rows as f64), columns);
        let choose = Span::new(6, 8, "choose").meaning(Meaning::Weight);
        sheet.add(strips(0.3, 1).row("parts", [learn(0, 6), choose, test(8, columns)]));
        let folds = (0..FOLDS).fold(strips(2.2, FOLDS), |strips, fold| {
            let (from, to) = (2 * fold, 2 * fold + 2);
            let around = [(0, from), (to, columns)].into_iter().filter(|(a, b)| a < b);
            let spans = around.map(|(a, b)| learn(a, b)).chain([test(from, to)]);
            strips.row(format!("fold {}", fold + 1), spans)
        });
        sheet.add(folds);
    })?;
    Ok(figure
        .caption("The same cases, from left to right, divided in two ways. Above, three parts: learn on the first, choose on the second, judge on the third. Below, folds: each run learns from all folds but one and is tested on that one.")
        .description("Above, one strip of three spans. Below, five strips over the same width; the span that is tested moves from the left in the first strip to the right in the last."))
}

/// Samples that are only counted, to say how often an interval misses.
const COUNTED: usize = 10_000;

/// Many samples of the same world, each with its interval.
pub fn intervals(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (truth, cases, samples) = (0.7, 200, 40);
    let mut rng = Rng::seed_from_u64(1);
    let interval = |right: usize| {
        let p = right as f64 / f64::from(cases);
        let half = 1.96 * (p * (1.0 - p) / f64::from(cases)).sqrt();
        [p - half, p + half]
    };
    let mut sample = || interval((0..cases).filter(|_| rng.random_bool(truth)).count());
    let drawn: Vec<[f64; 2]> = (0..samples).map(|_| sample()).collect();
    let misses = |[low, high]: &[f64; 2]| truth < *low || truth > *high;
    let missed = drawn.iter().filter(|band| misses(band)).count();
    let often = (0..COUNTED).filter(|_| misses(&sample())).count() as f64 / COUNTED as f64;
    let figure = Schematic::new("Intervals of many samples", (16.0, 8.4)).narrow((9.0, 8.4));
    let figure = figure.draw(|sheet| {
        let (at, size) = sheet.pick(((1.0, 0.2), (14.0, 7.0)), ((0.4, 0.2), (8.2, 7.0)));
        let top = drawn.len() as f64 + 1.0;
        let mut plane = Plane::new(at, size, (0.5, 0.9), (0.0, top))
            .axes("share that is right", "")
            .ticks([0.5, 0.6, 0.7, 0.8, 0.9], [])
            .curve([(truth, 0.0), (truth, top)], Meaning::Plain);
        for (i, band) in drawn.iter().enumerate() {
            let y = top - 1.0 - i as f64;
            let meaning = if misses(band) { Meaning::Focus } else { Meaning::Value };
            plane = plane.curve([(band[0], y), (band[1], y)], meaning);
        }
        sheet.add(plane);
    })?;
    let mut data = Table::new(["Sample | int", "Low | percent 1", "High | percent 1"]);
    for (i, [low, high]) in drawn.iter().enumerate() {
        data.row([(i + 1).into(), (*low).into(), (*high).into()]);
    }
    Ok(figure
        .data(data)
        .caption(format!(
            "{} samples of {} cases, from a world in which a rule is right with a chance of {}. Each line is the interval of one sample. The truth, upright, does not move; the intervals do, and {} of them, the thick ones, miss it. Of {} such samples, {} missed.",
            Format::Int.number(f64::from(samples)),
            Format::Int.number(f64::from(cases)),
            Format::Percent(0).number(truth),
            Format::Int.number(missed as f64),
            Format::Int.number(COUNTED as f64),
            Format::Percent(1).number(often),
        ))
        .description(format!(
            "{} short level lines, one above the other, around an upright line. All but {} cross it.",
            Format::Int.number(f64::from(samples)),
            Format::Int.number(missed as f64),
        )))
}
