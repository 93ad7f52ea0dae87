//! Two layers of attention learn to copy what came before, and one does not: the loss, where the heads look, and what becomes of
//! it when they look elsewhere.

pub mod hand;
pub mod training;

use learning::bootstrap::mean;
use ndarray::Array2;
use notebook::{Chapter, Estimate, Experiment, Recorder, Table};

use crate::induction::opened;
use crate::induction::repeats::{TOKENS, WORDS};
use crate::induction::scores::{only_previous, only_same, uniform};
use crate::induction::{Repeats, Sequence};
use training::{
    ASKED, EVERY, FIXED, Measured, Rewrite, SEEDS, Setting, Trained, VARIED, measure, unchanged,
};

/// Periods that trained networks are asked: shorter than any that was drawn, two of these, and longer.
pub const DISTANCES: [usize; 4] = [5, 12, 16, 20];
/// What is done to maps of trained networks, with the words of it.
pub const CHANGES: [(&str, &str); 5] = [
    ("whole", "as trained"),
    ("first-uniform", "first layer looks everywhere"),
    ("second-uniform", "second layer looks everywhere"),
    ("first-previous", "first layer looks at the word before only"),
    ("first-same", "first layer looks at the same word only"),
];
/// Period and tokens of the sequence whose maps are drawn.
const SHOWN: [usize; 2] = [8, 16];
/// One of the measured numbers.
type Quantity = fn(&Measured) -> f64;

/// Writes another map over one, with the words that were read.
type Replace = fn(&mut Array2<f32>, &[usize]);

/// Number of the settings.
const ONE: usize = 0;
const TWO: usize = 1;
const ONE_FIXED: usize = 2;
const TWO_FIXED: usize = 3;
const SMALL: usize = 4;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "A head that copies";
    chapter.experiment(Experiment::new("induction", title, induction).seed(107))
}

/// Everything that page tells.
fn induction(recorder: &mut Recorder) -> anyhow::Result<()> {
    hand::record(recorder)?;
    let settings = training::settings();
    sizes(recorder, &settings);
    let trained = training::train_all(recorder, &settings)?;
    course(recorder, &trained);
    cliffs(recorder, &trained[TWO]);
    ends(recorder, &settings, &trained);
    distances(recorder, &settings, &trained)?;
    let changed = changes(recorder, "changed", &trained[TWO])?;
    changes(recorder, "small-changed", &trained[SMALL])?;
    causes(recorder, changed);
    shown(recorder, &trained[TWO][0])
}

/// Sizes and settings.
fn sizes(recorder: &mut Recorder, settings: &[Setting]) {
    recorder.value("words", WORDS);
    recorder.value("tokens", TOKENS);
    recorder.value("shortest", *VARIED.start());
    recorder.value("longest", *VARIED.end());
    recorder.value("fixed", FIXED);
    recorder.value("steps", training::STEPS);
    recorder.value("long", training::LONG);
    recorder.value("batch", training::BATCH);
    recorder.value("rate", training::RATE);
    recorder.value("every", EVERY);
    recorder.value("asked", ASKED);
    recorder.value("seeds", SEEDS.len());
    recorder.value("small/spread", settings[SMALL].model.spread);
    recorder.value("two/spread", settings[TWO].model.spread);
    recorder.value("guess", (WORDS as f64).ln());
    for setting in settings {
        recorder.value(&format!("{}/parameters", setting.key), setting.model.parameters());
        recorder.value(&format!("{}/width", setting.key), setting.model.width);
        recorder.value(&format!("{}/heads", setting.key), setting.model.heads);
    }
    recorder
        .claim("one-has-more", "The one layer has more parameters than the two.")
        .greater(settings[ONE].model.parameters(), settings[TWO].model.parameters());
}

/// Losses of all runs by step, and the scores of one.
fn course(recorder: &mut Recorder, trained: &[Vec<Trained>]) {
    let looks = trained[TWO][0].course.len();
    let x: Vec<f64> = (1..=looks).map(|i| (i as u64 * EVERY) as f64).collect();
    let series = recorder.series("loss", "Steps", x.clone());
    for (run, seed) in trained[TWO].iter().zip(SEEDS) {
        series.curve(&format!("two layers, seed {seed}"), run.course.iter().map(|m| m.answered));
    }
    let at = |i: usize| span(trained[ONE].iter().map(|run| run.course[i].answered).collect());
    series.banded("one layer, all seeds", (0..looks).map(at));
    let run = &trained[TWO][0].course;
    let series = recorder.series("scores", "Steps", x);
    series.curve("first layer, on the word before", run.iter().map(|m| m.previous));
    series.curve("first layer, on the same word", run.iter().map(|m| m.same));
    series.curve("second layer, on the word after", run.iter().map(|m| m.prefix));
    series.curve("next words found", run.iter().map(|m| m.found));
}

/// Lowest, mean and highest.
fn span(values: Vec<f64>) -> [f64; 3] {
    let fold = |pick: fn(f64, f64) -> f64| values.iter().copied().fold(values[0], pick);
    [fold(f64::min), mean(&values), fold(f64::max)]
}

/// When each quantity passes a half, seed by seed.
fn cliffs(recorder: &mut Recorder, runs: &[Trained]) {
    let columns = [
        "Seed",
        "Second layer, on the word after | int",
        "Next words found | int",
        "First layer at the end, on the word before | percent 0",
        "on the same word | percent 0",
    ];
    let mut table = Table::new(columns);
    let mut together = 0;
    for (run, seed) in runs.iter().zip(SEEDS) {
        let of: [fn(&Measured) -> bool; 2] = [|m| m.prefix > 0.5, |m| m.found > 0.5];
        let at = of.map(|of| run.passes(of).unwrap_or(training::STEPS + EVERY));
        let end = run.course.last().copied().unwrap_or_default();
        let cells = [at[0].into(), at[1].into(), end.previous.into(), end.same.into()];
        table.row(std::iter::once(seed.into()).chain(cells).collect::<Vec<_>>());
        for (key, at) in ["prefix", "found"].into_iter().zip(at) {
            recorder.value(&format!("cliff/{seed}/{key}"), at);
        }
        recorder.value(&format!("end/{seed}/previous"), end.previous);
        recorder.value(&format!("end/{seed}/same"), end.same);
        together += usize::from(at[0].abs_diff(at[1]) <= 3 * EVERY);
        let fall = run.course.windows(6).map(|w| w[0].answered - w[5].answered);
        recorder.value(&format!("cliff/{seed}/fall"), fall.fold(0.0, f64::max));
    }
    recorder.table("cliffs", table);
    recorder
        .claim("together", "The share of words found passes a half within three looks of the weight of the second layer on the word after.")
        .all(together, runs.len(), "seeds");
}

/// Losses, words found and scores at the end.
fn ends(recorder: &mut Recorder, settings: &[Setting], trained: &[Vec<Trained>]) {
    let all = |s: usize, of: Quantity| -> Vec<f64> {
        let last = |run: &Trained| run.course.last().map(of).unwrap_or_default();
        trained[s].iter().map(last).collect()
    };
    let quantities: [(&str, Quantity); 6] = [
        ("answered", |m| m.answered),
        ("unanswered", |m| m.unanswered),
        ("found", |m| m.found),
        ("previous", |m| m.previous),
        ("same", |m| m.same),
        ("prefix", |m| m.prefix),
    ];
    for (s, setting) in settings.iter().enumerate() {
        for (key, of) in quantities {
            recorder.estimate(&format!("{}/{key}", setting.key), Estimate::over_runs(&all(s, of)));
        }
    }
    let [one, two] = [ONE, TWO].map(|s| all(s, |m| m.answered));
    let gap = apart(&one, &two);
    recorder.estimate("gap", gap);
    recorder
        .claim("two-beat-one", "Where the next word can be known, two layers end with a loss lower by more than one than that of one layer.")
        .record(gap.low > 1.0, words(gap));
    let found = all(TWO, |m| m.found);
    let right = found.iter().filter(|found| **found > 0.95).count();
    recorder
        .claim(
            "two-copy",
            "Two layers find more than nineteen in twenty of the words that can be known.",
        )
        .all(right, found.len(), "seeds");
    let found = trained[ONE].iter().flat_map(|run| &run.course).map(|m| m.found);
    let most = found.fold(0.0, f64::max);
    recorder.value("one/most-found", most);
    recorder
        .claim(
            "one-never",
            "At no look at any seed does one layer find half of the words that can be known.",
        )
        .less(most, 0.5);
    let same = apart(&all(TWO, |m| m.same), &all(SMALL, |m| m.same));
    recorder.estimate("same-gap", same);
    recorder
        .claim("numbers-decide", "Two layers that begin from large numbers give more weight of the first layer to the same word than those that begin from small ones.")
        .above(same, 0.0);
    let found = all(SMALL, |m| m.found);
    let right = found.iter().filter(|found| **found > 0.9).count();
    recorder
        .claim("small-copy", "Those that begin from small numbers find more than nine in ten of the words that can be known, too.")
        .all(right, found.len(), "seeds");
    let same = apart(&all(ONE, |m| m.unanswered), &all(TWO, |m| m.unanswered));
    recorder.estimate("gap-unanswered", same);
}

/// `a − b`, seed by seed, with its interval over the seeds.
fn apart(a: &[f64], b: &[f64]) -> Estimate {
    Estimate::over_runs(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}

/// An estimate that is no share, in words.
fn words(found: Estimate) -> String {
    found.in_words(notebook::Format::Fixed(2))
}

/// Words found at periods that training had and at others.
fn distances(
    recorder: &mut Recorder,
    settings: &[Setting],
    trained: &[Vec<Trained>],
) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let asked = DISTANCES.map(|period| Repeats::draw(ASKED, period..=period, &mut rng).0);
    let columns = DISTANCES.map(|period| format!("Distance {period} | percent 1"));
    let mut table = Table::new(std::iter::once("Trained".to_owned()).chain(columns));
    let mut found = vec![[const { Vec::new() }; DISTANCES.len()]; settings.len()];
    for (s, setting) in settings.iter().enumerate() {
        for (d, asked) in asked.iter().enumerate() {
            for run in &trained[s] {
                found[s][d].push(measure(&run.opened, asked, &unchanged)?.found);
            }
            let key = format!("{}/at/{}", setting.key, DISTANCES[d]);
            recorder.estimate(&key, Estimate::over_runs(&found[s][d]));
        }
        let cells = found[s].iter().map(|runs| mean(runs).into());
        table.row(std::iter::once(setting.name.into()).chain(cells).collect::<Vec<_>>());
    }
    recorder.table("distances", table);
    let worst = |s: usize, d: usize| found[s][d].iter().copied().fold(1.0, f64::min);
    let best = |s: usize, d: usize| found[s][d].iter().copied().fold(0.0, f64::max);
    recorder
        .claim(
            "one-counts-only",
            "Trained at one distance, one layer finds less than a tenth of the words at others.",
        )
        .less([0, 1, 3].map(|d| best(ONE_FIXED, d)).into_iter().fold(0.0, f64::max), 0.1);
    recorder
        .claim(
            "two-count-too",
            "Two layers trained at one distance find more than nineteen in twenty words there, and less than a tenth at the others.",
        )
        .record(
            worst(TWO_FIXED, 2) > 0.95 && [0, 1, 3].into_iter().all(|d| best(TWO_FIXED, d) < 0.1),
            format!("{:.3}; {:.3} at the next", worst(TWO_FIXED, 2), best(TWO_FIXED, 3)),
        );
    recorder
        .claim("two-copy-farther", "Two layers trained at varied distances find more than half of the words at a distance longer than any that they were trained at.")
        .greater(worst(TWO, 3), 0.5);
    Ok(())
}

/// Maps of the trained networks replaced by others.
fn changes(recorder: &mut Recorder, name: &str, runs: &[Trained]) -> anyhow::Result<[Estimate; 4]> {
    let asked: Vec<Sequence> = Repeats::draw(ASKED, VARIED, &mut recorder.rng()).0;
    let change = |key: &str| -> Box<Rewrite<'static>> {
        let (layer, with): (usize, Replace) = match key {
            "first-uniform" => (0, |map, _| uniform(map)),
            "second-uniform" => (1, |map, _| uniform(map)),
            "first-previous" => (0, |map, _| only_previous(map)),
            "first-same" => (0, only_same),
            _ => return Box::new(unchanged),
        };
        Box::new(move |[at, _]: [usize; 2], map: &mut Array2<f32>, words: &[usize]| {
            if at == layer {
                with(map, words);
            }
        })
    };
    let mut losses = Vec::new();
    for (key, _) in CHANGES {
        let change = change(key);
        let once = |run: &Trained| measure(&run.opened, &asked, &*change);
        let found = runs.iter().map(once).collect::<crate::Result<Vec<Measured>>>()?;
        let [loss, share]: [Vec<f64>; 2] = [|m: &Measured| m.answered, |m: &Measured| m.found]
            .map(|of| found.iter().map(of).collect());
        recorder.estimate(&format!("{name}/{key}/answered"), Estimate::over_runs(&loss));
        recorder.estimate(&format!("{name}/{key}/found"), Estimate::over_runs(&share));
        losses.push(loss);
    }
    let rises = [1, 2, 3, 4].map(|i| apart(&losses[i], &losses[0]));
    for ((key, _), rise) in CHANGES[1..].iter().zip(rises) {
        recorder.estimate(&format!("{name}/{key}/rise"), rise);
    }
    Ok(rises)
}

/// What was found of the maps that were replaced.
fn causes(recorder: &mut Recorder, rises: [Estimate; 4]) {
    recorder
        .claim(
            "first-is-needed",
            "With even weights in the first layer, the loss of two layers rises by more than one.",
        )
        .record(rises[0].low > 1.0, words(rises[0]));
    recorder
        .claim("previous-is-not-it", "With a first layer that looks at the word before and nowhere else, the loss rises by more than one.")
        .record(rises[2].low > 1.0, words(rises[2]));
    recorder
        .claim("same-is-enough", "With a first layer that looks at the same word, where it stood before, and nowhere else, the loss rises by less than a half.")
        .record(rises[3].high < 0.5, words(rises[3]));
}

/// Both maps for the first tokens of one sequence.
fn shown(recorder: &mut Recorder, run: &Trained) -> anyhow::Result<()> {
    let [period, tokens] = SHOWN;
    let sequence = Sequence::draw(period..=period, &mut recorder.rng());
    let trace = run.opened.run(&sequence.input()[..tokens], &opened::unchanged)?;
    recorder.value("shown/period", period);
    recorder.value("shown/tokens", tokens);
    for (layer, maps) in ["first", "second"].into_iter().zip(&trace.maps) {
        let mut table = Table::new((1..=tokens).map(|t| format!("{t} | fixed 2")));
        for row in maps[0].outer_iter() {
            table.row(row.iter().map(|&p| f64::from(p).into()).collect::<Vec<_>>());
        }
        recorder.table(&format!("shown/{layer}"), table);
    }
    Ok(())
}
