//! Six problems, five extractors and raw pixels, two rules: does anybody win everywhere?

use learning::{Bootstrap, Interval, correct};
use notebook::{Recorder, Rng, Table};

use crate::describers::Describer;
use crate::problems::{self, Problem};
use crate::rules::{RULES, answers};

/// One cell of the matrix.
struct Cell {
    describer: &'static str,
    hits: Vec<f64>,
    interval: Interval,
}

/// Accuracy of every extractor and of raw pixels on all six problems, under two rules.
pub fn accuracy(recorder: &mut Recorder) -> anyhow::Result<()> {
    let problems = problems::all(recorder, problems::SEED)?;
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
                let hits = correct(&problem.test.labels, &answers);
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
    let columns = problems.iter().map(|p| format!("{} | percent 1", p.name));
    let mut table = Table::new(std::iter::once("Extractor".to_owned()).chain(columns));
    for (row, describer) in Describer::all().enumerate() {
        let accuracies = cells.iter().map(|of_problem| of_problem[row].interval.estimate.into());
        table.row(std::iter::once(describer.name().into()).chain(accuracies));
        for (problem, of_problem) in problems.iter().zip(cells) {
            let interval = of_problem[row].interval;
            let name = format!("{key}/{}/{}", problem.name, describer.name().replace(' ', "-"));
            recorder.estimate(&name, interval);
        }
    }
    recorder.table(key, table);
    let mut winners = Table::new([
        "Problem",
        "Best",
        "Accuracy | percent 1",
        "Second",
        "Ahead by | points 1",
        "Low | points 1",
        "High | points 1",
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
