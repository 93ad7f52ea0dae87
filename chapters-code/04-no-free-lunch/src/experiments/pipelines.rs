//! Seven problems, all pipelines: who wins where, and what does it cost to take always the same one?

use std::collections::BTreeSet;
use std::time::Instant;

use learning::bootstrap::mean;
use learning::{Bootstrap, Interval, accuracy, split};
use notebook::{Chapter, Experiment, Recorder, Rng, Table};

use super::{cost, decisions, explanation, search};
use crate::cost::bytes;
use crate::pipelines::{Described, Extractor, Problem, Settings, all, paths};

/// How often each problem is drawn.
const DRAWS: u64 = 3;
/// The share of the training cases that pipelines learn from before one is chosen.
const LEARN: f64 = 0.75;
/// The problems of pictures come first.
const PICTURES: usize = 6;

/// Adds the experiments of this part, with their seeds and data.
pub fn add(chapter: Chapter) -> Chapter {
    let new = Experiment::new;
    let chapter = chapter
        .experiment(
            new("pipelines", "Seven problems, all pipelines", pipelines).seed(45).reads(paths()),
        )
        .experiment(new("decisions", "How much there is to decide", decisions::decided));
    explanation::add(cost::add(search::add(chapter)))
}

/// A pipeline on a problem, over all draws.
pub(super) struct Cell {
    extractor: &'static str,
    classifier: Settings,
    /// Accuracy on validation cases, the mean of the draws.
    validation: f64,
    /// Test cases of all draws: right or not.
    hits: Vec<f64>,
    interval: Interval,
    bytes: usize,
    seconds: f64,
}

impl Cell {
    fn name(&self) -> String {
        format!("{}, {}", self.extractor, self.classifier.name())
    }

    fn test(&self) -> f64 {
        self.interval.estimate
    }
}

/// The pipelines of a problem, and the blocks of its test cases.
struct Found {
    name: &'static str,
    cells: Vec<Cell>,
    blocks: Vec<usize>,
}

/// All pipelines on all problems.
pub fn pipelines(recorder: &mut Recorder) -> anyhow::Result<()> {
    let problems = all(recorder, DRAWS)?;
    let mut rng = recorder.rng();
    let steps =
        problems.iter().map(|draws| DRAWS * Extractor::reading(&draws[0].train.raw).len() as u64);
    let progress = recorder.progress(steps.sum(), "extractors");
    let mut found = Vec::new();
    for draws in &problems {
        let mut cells = Vec::new();
        for &extractor in progress.over(Extractor::reading(&draws[0].train.raw)) {
            cells.extend(of_extractor(extractor, draws, &mut rng)?);
        }
        let blocks: Vec<usize> = draws.iter().flat_map(|draw| draw.test.blocks.clone()).collect();
        for cell in &mut cells {
            cell.interval = Bootstrap::default().mean_by_block(&cell.hits, &blocks, &mut rng);
        }
        found.push(Found { name: draws[0].name, cells, blocks });
    }
    drop(progress);
    recorder.value("draws", DRAWS);
    record_sizes(recorder, &problems);
    record_all(recorder, &found);
    record_matrix(recorder, &found);
    record_winners(recorder, &found, &mut rng);
    record_pipelines_regret(recorder, &found, &mut rng);
    record_halves_regret(recorder, &found, &mut rng);
    Ok(())
}

/// All classifiers behind one extractor, on all draws of a problem.
fn of_extractor(
    extractor: Extractor,
    draws: &[Problem],
    rng: &mut Rng,
) -> anyhow::Result<Vec<Cell>> {
    let blank = |classifier| Cell {
        extractor: extractor.name(),
        classifier,
        validation: 0.0,
        hits: Vec::new(),
        interval: Interval { low: 0.0, estimate: 0.0, high: 0.0 },
        bytes: 0,
        seconds: 0.0,
    };
    let mut cells: Vec<Cell> = Settings::each().into_iter().map(blank).collect();
    for (draw, problem) in draws.iter().enumerate() {
        let [learn, judge] = split::grouped(&problem.train.blocks, LEARN, rng)
            .map(|rows| problem.train.select(&rows));
        let described =
            |cases: &crate::pipelines::Cases| Described::fit(extractor, true, &cases.raw);
        let (few, many) = (described(&learn)?, described(&problem.train)?);
        let [x, aside] = [few.rows(&learn.raw)?, few.rows(&judge.raw)?];
        let [x_all, test] = [many.rows(&problem.train.raw)?, many.rows(&problem.test.raw)?];
        for cell in &mut cells {
            let classifier = cell.classifier.seeded(draw as u64);
            let model = classifier.fit(x.view(), &learn.labels)?;
            let answers = model.classifier().predict(aside.view())?;
            cell.validation += accuracy(&judge.labels, &answers) / draws.len() as f64;
            let start = Instant::now();
            let model = classifier.fit(x_all.view(), &problem.train.labels)?;
            cell.seconds += start.elapsed().as_secs_f64() / draws.len() as f64;
            cell.bytes = cell.bytes.max(bytes(&model));
            let answers = model.classifier().predict(test.view())?;
            cell.hits.extend(learning::correct(&problem.test.labels, &answers));
        }
    }
    Ok(cells)
}

fn record_sizes(recorder: &mut Recorder, problems: &[Vec<Problem>]) {
    let mut table = Table::new([
        "Problem",
        "Classes | int",
        "To learn from | int",
        "To be tested on | int",
        "Extractors | int",
    ]);
    for draws in problems {
        let problem = &draws[0];
        table.row([
            problem.name.into(),
            problem.classes.into(),
            problem.train.len().into(),
            problem.test.len().into(),
            Extractor::reading(&problem.train.raw).len().into(),
        ]);
    }
    recorder.table("problems", table);
    let classifiers = Settings::each().len();
    recorder.value("problems", problems.len());
    recorder.value("pictures/problems", PICTURES);
    recorder.value("classifiers", classifiers);
    recorder.value("pictures/pipelines", classifiers * Extractor::OF_PICTURES.len());
    recorder.value("passages/pipelines", classifiers * Extractor::OF_PASSAGES.len());
    recorder.value(
        "fits",
        2 * DRAWS as usize
            * classifiers
            * problems
                .iter()
                .map(|draws| Extractor::reading(&draws[0].train.raw).len())
                .sum::<usize>(),
    );
}

/// A line for each pipeline and problem; seconds by pipeline, over the problems.
fn record_all(recorder: &mut Recorder, found: &[Found]) {
    let mut table = Table::new([
        "Problem",
        "Extractor",
        "Classifier",
        "Accuracy | percent 1",
        "Low | percent 1",
        "High | percent 1",
        "Validation | percent 1",
        "Bytes | bytes 0",
    ]);
    for problem in found {
        for cell in &problem.cells {
            table.row([
                problem.name.into(),
                cell.extractor.into(),
                cell.classifier.name().into(),
                cell.test().into(),
                cell.interval.low.into(),
                cell.interval.high.into(),
                cell.validation.into(),
                cell.bytes.into(),
            ]);
            let (extractor, classifier) = (cell.extractor, cell.classifier.key());
            recorder
                .timing(&format!("fit/{}/{extractor}/{classifier}", problem.name), cell.seconds);
        }
    }
    recorder.table("all", table);
    recorder.value("lines", found.iter().map(|problem| problem.cells.len()).sum::<usize>());
    for settings in Settings::each() {
        let cells = found.iter().flat_map(|problem| &problem.cells);
        let of = cells.filter(|cell| cell.classifier.key() == settings.key());
        let seconds: Vec<f64> = of.map(|cell| cell.seconds).collect();
        recorder.timing(&format!("fit/{}", settings.key()), mean(&seconds));
    }
}

/// For each extractor and problem, and for each classifier and problem, the accuracy of the pipeline whose other half
/// was chosen on validation cases.
fn record_matrix(recorder: &mut Recorder, found: &[Found]) {
    let heads = |first: &str, problems: &[Found]| {
        let names = problems.iter().map(|p| format!("{} | percent 1", p.name));
        Table::new(std::iter::once(first.to_owned()).chain(names))
    };
    let test_of = |problem: &Found, of: &dyn Fn(&Cell) -> bool| {
        chosen(problem.cells.iter().filter(|cell| of(cell))).map(Cell::test)
    };
    let mut by_extractor = heads("Extractor", &found[..PICTURES]);
    for extractor in Extractor::OF_PICTURES {
        let of = |cell: &Cell| cell.extractor == extractor.name();
        let cells = found[..PICTURES].iter().map(|problem| test_of(problem, &of).into());
        by_extractor.row(std::iter::once(extractor.name().into()).chain(cells));
    }
    let mut by_classifier = heads("Classifier", found);
    for settings in Settings::each() {
        let of = |cell: &Cell| cell.classifier.key() == settings.key();
        let cells = found.iter().map(|problem| test_of(problem, &of).into());
        by_classifier.row(std::iter::once(settings.name().into()).chain(cells));
    }
    recorder.table("extractors", by_extractor);
    recorder.table("classifiers", by_classifier);
}

/// The cell that validation cases prefer; the first of several.
fn chosen<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<&'a Cell> {
    cells.fold(None, |best: Option<&Cell>, cell| match best {
        Some(best) if best.validation >= cell.validation => Some(best),
        _ => Some(cell),
    })
}

/// What was chosen for each problem, and who is behind it.
fn record_winners(recorder: &mut Recorder, found: &[Found], rng: &mut Rng) {
    let mut table = Table::new([
        "Problem",
        "Chosen",
        "Accuracy | percent 1",
        "Low | percent 1",
        "High | percent 1",
        "Bytes | bytes 0",
        "Not told apart from it | int",
    ]);
    let mut beaten = vec![0; found[0].cells.len()];
    let (mut extractors, mut classifiers) = (BTreeSet::new(), BTreeSet::new());
    for (place, problem) in found.iter().enumerate() {
        let Some(best) = chosen(problem.cells.iter()) else { continue };
        let mut near = 0;
        for (i, cell) in problem.cells.iter().enumerate() {
            let ahead =
                Bootstrap::default().paired_by_block(&best.hits, &cell.hits, &problem.blocks, rng);
            near += usize::from(ahead.contains(0.0));
            if ahead.low > 0.0 && place < PICTURES {
                beaten[i] += 1;
            }
        }
        extractors.insert(best.extractor);
        classifiers.insert(best.classifier.key());
        recorder.value(&format!("chosen/{}", problem.name), best.name());
        recorder.estimate(&format!("accuracy/{}", problem.name), best.interval);
        table.row([
            problem.name.into(),
            best.name().into(),
            best.test().into(),
            best.interval.low.into(),
            best.interval.high.into(),
            best.bytes.into(),
            // It is not told apart from itself, either.
            near.saturating_sub(1).into(),
        ]);
    }
    recorder.table("chosen", table);
    recorder.value("chosen/extractors", extractors.len());
    recorder.value("chosen/classifiers", classifiers.len());
    recorder.value("comparisons", PICTURES * beaten.len());
    recorder.value("beaten/fewest", beaten.iter().min().copied());
    recorder
        .claim("everybody-beaten", "Each pipeline for pictures is, on some problem, behind the one that validation cases chose there, by an interval above zero.")
        .all(beaten.iter().filter(|n| **n > 0).count(), beaten.len(), "pipelines are behind somewhere");
}

/// What it costs to take one pipeline for all problems of pictures.
fn record_pipelines_regret(recorder: &mut Recorder, found: &[Found], rng: &mut Rng) {
    let found = &found[..PICTURES];
    let overall = |i: usize| mean(&found.iter().map(|p| p.cells[i].validation).collect::<Vec<_>>());
    let pipelines = found[0].cells.len();
    let one = (1..pipelines).fold(0, |best, i| if overall(i) > overall(best) { i } else { best });
    recorder.value("overall", found[0].cells[one].name());
    let best = |i: usize| {
        let wins = |p: &&Found| p.cells.iter().all(|cell| cell.test() <= p.cells[i].test());
        found.iter().filter(wins).count()
    };
    recorder.value("overall/won", best(one));
    let most = (0..pipelines).map(best).max().unwrap_or(0);
    recorder.value("most-won", most);
    recorder
        .claim(
            "nobody-best-everywhere",
            "No pipeline has the highest test accuracy on all six problems of pictures.",
        )
        .less(most, found.len());
    let behind = regrets(recorder, "regret", found, rng, |problem| Some(&problem.cells[one]));
    let hog = |cell: &&Cell| cell.extractor == "hog" && cell.classifier.key() == "forest";
    regrets(recorder, "regret-hog-forest", found, rng, |problem| problem.cells.iter().find(hog));
    let paid = behind.iter().filter(|regret| regret.low > 0.0).count();
    recorder.value("regret/paid", paid);
    recorder
        .claim("regret", "On at least one problem it costs accuracy, by an interval above zero, to take the overall winner in place of what validation cases choose there.")
        .greater(paid, 0);
}

/// What it costs to take one half of a pipeline for all problems, with the best other half for each: one classifier, or
/// one extractor.
fn record_halves_regret(recorder: &mut Recorder, found: &[Found], rng: &mut Rng) {
    let classifiers = Settings::each();
    let classifier = |i: usize| move |cell: &Cell| cell.classifier.key() == classifiers[i].key();
    let one = preferred(found, classifiers.len(), classifier);
    recorder.value("overall-classifier", classifiers[one].name());
    let of_classifier = regrets(recorder, "regret-classifier", found, rng, |problem| {
        chosen(problem.cells.iter().filter(|cell| classifier(one)(cell)))
    });
    let paid = of_classifier.iter().filter(|regret| regret.low > 0.0).count();
    recorder.value("regret-classifier/paid", paid);
    let (pictures, extractors) = (&found[..PICTURES], Extractor::OF_PICTURES);
    let extractor = |i: usize| move |cell: &Cell| cell.extractor == extractors[i].name();
    let one = preferred(pictures, extractors.len(), extractor);
    recorder.value("overall-extractor", extractors[one].name());
    let of_extractor = regrets(recorder, "regret-extractor", pictures, rng, |problem| {
        chosen(problem.cells.iter().filter(|cell| extractor(one)(cell)))
    });
    let mean_of = |regrets: &[Interval]| {
        mean(&regrets.iter().map(|regret| regret.estimate).collect::<Vec<_>>())
    };
    let kept = mean_of(&of_classifier[..PICTURES]);
    recorder.value("regret-classifier/pictures", kept);
    recorder
        .claim("extractor-matters-more", "On the problems of pictures one classifier for all, with an extractor for each, loses less in the mean than one extractor for all, with a classifier for each.")
        .less(kept, mean_of(&of_extractor));
}

/// Which of `n` kinds of pipelines validation cases like best in the mean over the problems, each at its best there.
fn preferred<F: Fn(&Cell) -> bool>(found: &[Found], n: usize, kind: impl Fn(usize) -> F) -> usize {
    let overall = |i: usize| {
        let of = |problem: &Found| {
            let best = chosen(problem.cells.iter().filter(|cell| kind(i)(cell)));
            best.map_or(0.0, |cell| cell.validation)
        };
        mean(&found.iter().map(of).collect::<Vec<_>>())
    };
    (1..n).fold(0, |best, i| if overall(i) > overall(best) { i } else { best })
}

/// On each problem, how far what is always taken is behind what was chosen there.
fn regrets(
    recorder: &mut Recorder,
    key: &str,
    found: &[Found],
    rng: &mut Rng,
    always: impl Fn(&Found) -> Option<&Cell>,
) -> Vec<Interval> {
    let mut regrets = Vec::new();
    for problem in found {
        let best = chosen(problem.cells.iter());
        let Some((best, taken)) = best.zip(always(problem)) else { continue };
        let bootstrap = Bootstrap::default();
        let regret = bootstrap.paired_by_block(&best.hits, &taken.hits, &problem.blocks, rng);
        recorder.estimate(&format!("{key}/{}", problem.name), regret);
        regrets.push(regret);
    }
    let estimates: Vec<f64> = regrets.iter().map(|regret| regret.estimate).collect();
    recorder.value(&format!("{key}/mean"), mean(&estimates));
    recorder.value(&format!("{key}/most"), estimates.iter().copied().fold(f64::MIN, f64::max));
    regrets
}
