//! What each regulariser buys: on few garments and on all, paired by seed.

use anyhow::{Context as _, Result};
use learning::bootstrap::paired_runs;
use learning::{FashionMnist, Labelled, split};
use notebook::{Estimate, Format, Recorder, Table};
use optimization::mlp::WIDTHS;
use optimization::{Garments, answers};

use super::common::each;
use crate::ensemble::{Verdict, losses, probabilities, right};
use crate::fit::{Training, unseen};
use crate::regularisers::Regularisers;

/// Garments of the small sets, and those by which strengths are chosen.
pub const FEW: usize = 6_000;
/// How often few garments are seen.
pub const EPOCHS: u64 = 50;
/// Seeds on few garments.
pub const SEEDS: u64 = 5;
/// How often all garments are seen.
const EPOCHS_OF_ALL: u64 = 10;
/// The seed by which strengths are chosen: none of those that are compared.
const CHOOSING: u64 = 100;

// ANCHOR: candidates
/// Key, name, and the strengths that are tried.
const CANDIDATES: [(&str, &str, &[&str]); 8] = [
    ("decay", "weight decay", &["decay=0.1", "decay=0.5", "decay=2"]),
    ("dropout", "dropout", &["dropout=0.1", "dropout=0.3", "dropout=0.5"]),
    ("smoothing", "label smoothing", &["smoothing=0.05", "smoothing=0.1", "smoothing=0.2"]),
    ("shift", "augmentation", &["shift=0", "shift=1", "shift=2"]),
    ("mixing", "mixup", &["mixing=0.1", "mixing=0.3", "mixing=1"]),
    ("stop-loss", "stopped by loss", &["stop-loss=1", "stop-loss=3", "stop-loss=9"]),
    ("stop-error", "stopped by error", &["stop-error=1", "stop-error=3", "stop-error=9"]),
    ("average", "average of weights", &["average=0.99", "average=0.998", "average=1"]),
];
// ANCHOR_END: candidates

/// An arm: key, name, and what it does.
type Arm = (String, String, Regularisers);

/// What one training came to.
struct Run {
    verdict: Verdict,
    learned: f64,
    best: Option<u64>,
}

/// Chooses strengths, and compares every arm on few garments and on all.
pub fn regularisers(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let choose = split::draw(FEW, data.train.len(), &mut rng);
    let pool = split::rest(data.train.len(), &choose);
    let mut few = || -> Labelled {
        let rows = split::draw(FEW, pool.len(), &mut rng);
        data.train.select(&rows.iter().map(|&row| pool[row]).collect::<Vec<_>>())
    };
    let (tried, sets) = (few(), (0..SEEDS).map(|_| few()).collect::<Vec<_>>());
    let choose = data.train.select(&choose);
    let arms = choose_strengths(recorder, &tried, &choose)?;
    let sets: Vec<&Labelled> = sets.iter().collect();
    let few = compare(recorder, "few", &arms, &sets, EPOCHS, &data.test)?;
    let all = vec![&data.train; SEEDS as usize];
    let all = compare(recorder, "all", &arms, &all, EPOCHS_OF_ALL, &data.test)?;
    claims(recorder, &few, &all);
    claims_on_all(recorder, &arms, &all)
}

/// For each regulariser the strength with which most garments kept aside are
/// found, by one training each; then the arms: nothing, each of them at its
/// strength, a falling rate, and all together.
fn choose_strengths(
    recorder: &mut Recorder,
    learn: &Labelled,
    choose: &Labelled,
) -> Result<Vec<Arm>> {
    let jobs: Vec<&str> = CANDIDATES.iter().flat_map(|(.., tried)| tried.iter().copied()).collect();
    let found = each(recorder, &jobs, |text| {
        let training = Training { learn, widths: &WIDTHS, epochs: EPOCHS, seed: CHOOSING };
        let mut fitted = training.fit(&text.parse()?, 1, &mut unseen)?;
        Ok(answers::accuracy(&mut fitted.engine, &Garments::new(choose))?)
    })?;
    recorder.value("chosen-by", choose.len());
    recorder.value("tried", jobs.len());
    let mut table =
        Table::new(["Regulariser", "Strength", "Found of those kept aside | percent 1"]);
    let mut arms = vec![arm("none", "nothing", "")?];
    let mut chosen = Vec::new();
    let mut rest = jobs.iter().zip(&found);
    for (key, name, tried) in CANDIDATES {
        let own: Vec<(&&str, &f64)> = rest.by_ref().take(tried.len()).collect();
        for (strength, accuracy) in &own {
            table.row([name.into(), (**strength).into(), (**accuracy).into()]);
        }
        let best = own.iter().max_by(|a, b| a.1.total_cmp(b.1)).context("no strength is tried")?.0;
        recorder.value(&format!("strength/{key}"), best.split_once('=').map_or("", |(_, n)| n));
        arms.push(arm(key, name, best)?);
        chosen.push(*best);
    }
    recorder.table("strengths", table);
    arms.push(arm("falling", "falling rate", "falling")?);
    // Of the two ways to stop the one by error.
    let together: Vec<&str> =
        chosen.into_iter().filter(|text| !text.starts_with("stop-loss")).collect();
    recorder.value("together", together.join(","));
    arms.push(arm("together", "all together", &together.join(","))?);
    Ok(arms)
}

fn arm(key: &str, name: &str, text: &str) -> Result<Arm> {
    Ok((key.into(), name.into(), text.parse()?))
}

/// Trains every arm on every set with the same seeds, and compares each with
/// the arm of nothing.
fn compare(
    recorder: &mut Recorder,
    size: &str,
    arms: &[Arm],
    sets: &[&Labelled],
    epochs: u64,
    test: &Labelled,
) -> Result<Vec<Vec<Run>>> {
    let jobs: Vec<(usize, usize)> =
        (0..arms.len()).flat_map(|arm| (0..sets.len()).map(move |set| (arm, set))).collect();
    let runs = each(recorder, &jobs, |&(arm, set)| {
        let (learn, seed) = (sets[set], set as u64 + 1);
        let training = Training { learn, widths: &WIDTHS, epochs, seed };
        let mut fitted = training.fit(&arms[arm].2, 1, &mut unseen)?;
        let p = probabilities(&mut fitted.engine, &Garments::new(test))?;
        let learned = answers::accuracy(&mut fitted.engine, &Garments::new(learn))?;
        Ok(Run { verdict: Verdict::of(p.view(), test.y()), learned, best: fitted.best })
    })?;
    let mut runs = runs.into_iter();
    let runs: Vec<Vec<Run>> =
        arms.iter().map(|_| runs.by_ref().take(sets.len()).collect()).collect();
    recorder.value(&format!("{size}/garments"), sets[0].len());
    recorder.value(&format!("{size}/epochs"), epochs);
    recorder.value(&format!("{size}/seeds"), sets.len());
    record(recorder, size, arms, &runs);
    Ok(runs)
}

/// The accuracies, losses and gains of the arms.
fn record(recorder: &mut Recorder, size: &str, arms: &[Arm], runs: &[Vec<Run>]) {
    let mut table = Table::new([
        "Regulariser",
        "Learned | percent 1",
        "Test | percent 1",
        "Gain | points 1",
        "From | points 1",
        "To | points 1",
        "Log-loss | fixed 3",
        "Calibration error | fixed 3",
    ]);
    for (i, (key, name, _)) in arms.iter().enumerate() {
        let key = format!("{size}/{key}");
        let test = Estimate::over_runs_and_cases(&right(verdicts(&runs[i])));
        let loss = Estimate::over_runs_and_cases(&losses(verdicts(&runs[i])));
        let gain = gain(&runs[i], &runs[0]);
        let of = |value: &dyn Fn(&Run) -> f64| -> Vec<f64> { runs[i].iter().map(value).collect() };
        let learned = Estimate::over_runs(&of(&|run| run.learned));
        let calibration = Estimate::over_runs(&of(&|run| run.verdict.calibration));
        recorder.estimate(&format!("{key}/learned"), learned);
        recorder.estimate(&format!("{key}/test"), test);
        recorder.estimate(&format!("{key}/loss"), loss);
        recorder.estimate(&format!("{key}/calibration"), calibration);
        if i > 0 {
            recorder.estimate(&format!("{key}/gain"), gain);
            recorder.estimate(&format!("{key}/lower"), lower(&runs[i], &runs[0]));
        }
        if runs[i].iter().all(|run| run.best.is_some()) {
            let best = of(&|run| run.best.map_or(0.0, |epoch| epoch as f64));
            recorder.estimate(&format!("{key}/best"), Estimate::over_runs(&best));
        }
        let gains = [gain.value, gain.low, gain.high].map(Into::into);
        let row = [[name.as_str().into(), learned.value.into(), test.value.into()], gains];
        let ends = [loss.value.into(), calibration.value.into()];
        table.row(row.into_iter().flatten().chain(ends));
    }
    recorder.table(&format!("{size}/arms"), table);
}

/// What the trainings of an arm are worth.
fn verdicts(runs: &[Run]) -> impl Iterator<Item = &Verdict> {
    runs.iter().map(|run| &run.verdict)
}

/// The paired gain of one arm over another.
fn gain(a: &[Run], b: &[Run]) -> Estimate {
    Estimate::over_runs_and_cases(&paired_runs(&right(verdicts(a)), &right(verdicts(b))))
}

/// By how much the log-loss of one arm is lower than that of another, paired.
fn lower(a: &[Run], b: &[Run]) -> Estimate {
    Estimate::over_runs_and_cases(&paired_runs(&losses(verdicts(b)), &losses(verdicts(a))))
}

/// What the page says of the arms, of which the first is that of nothing.
fn claims(recorder: &mut Recorder, few: &[Vec<Run>], all: &[Vec<Run>]) {
    let surer = few[1..].iter().filter(|arm| lower(arm, &few[0]).low > 0.0).count();
    recorder
        .claim("log-losses-fall", "On few garments every arm has a lower test log-loss than the network without regulariser, with the whole paired interval.")
        .all(surer, few.len() - 1, "arms");
    let test = |arm: &[Run]| Estimate::over_runs_and_cases(&right(verdicts(arm)));
    let best = few.iter().map(|arm| test(arm).value).fold(0.0, f64::max);
    let more = test(&all[0]);
    recorder.value("few/best", best);
    recorder
        .claim("more-garments-buy-more", "Without any regulariser a network that learns from all garments finds more test garments than the best arm does that learns from few.")
        .above(Estimate { low: more.low - best, value: more.value - best, high: more.high - best }, 0.0);
}

/// What the page says of some arms on all garments.
fn claims_on_all(recorder: &mut Recorder, arms: &[Arm], all: &[Vec<Run>]) -> Result<()> {
    let of = |key: &str| {
        let i =
            arms.iter().position(|arm| arm.0 == key).with_context(|| format!("no arm {key}"))?;
        anyhow::Ok((gain(&all[i], &all[0]), lower(&all[i], &all[0])))
    };
    let (average, falling) = (of("average")?.0, of("falling")?.0);
    let (together, together_lower) = of("together")?;
    let smoothing_lower = of("smoothing")?.1;
    let both = |a: Estimate, b: Estimate, format| {
        format!("{} and {}", a.in_words(format), b.in_words(format))
    };
    recorder
        .claim("averages-gain-on-all", "On all garments an average of weights and a falling rate each find more test garments than the network without regulariser, with the whole paired interval.")
        .record(average.low > 0.0 && falling.low > 0.0, both(average, falling, Format::Points(2)));
    recorder
        .claim("together-lose-on-all", "On all garments all means together, at the strengths chosen on few, find fewer test garments than the network without regulariser.")
        .below(together, 0.0);
    recorder
        .claim("smoothing-costs-on-all", "On all garments label smoothing and all means together have a higher test log-loss than the network without regulariser, with the whole paired interval.")
        .record(
            smoothing_lower.high < 0.0 && together_lower.high < 0.0,
            both(smoothing_lower, together_lower, Format::Fixed(3)),
        );
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test may panic
mod tests {
    use super::*;

    /// A training that never was.
    fn run(arm: usize, seed: usize) -> Run {
        let right = (0..40).map(|case| f64::from(u8::from(!(case + arm + seed).is_multiple_of(7))));
        let losses = (0..40).map(|case| 0.1 + ((case * (arm + 1) + seed) % 5) as f64);
        let verdict =
            Verdict { right: right.collect(), losses: losses.collect(), calibration: 0.1 };
        Run { verdict, learned: 0.9, best: (arm == 3).then_some(4) }
    }

    #[test]
    fn all_strengths_can_be_read_and_all_that_is_found_can_be_recorded() {
        let mut arms = vec![arm("none", "nothing", "").unwrap()];
        for (key, name, tried) in CANDIDATES {
            for strength in tried {
                assert!(arm(key, name, strength).is_ok(), "{strength}");
            }
            arms.push(arm(key, name, tried[0]).unwrap());
        }
        for key in ["falling", "together"] {
            arms.push(arm(key, key, "falling").unwrap());
        }
        let mut recorder = Recorder::new("generalization", "regularisers", "A test", 1, 1);
        let runs: Vec<Vec<Run>> =
            (0..arms.len()).map(|arm| (0..3).map(|seed| run(arm, seed)).collect()).collect();
        for size in ["few", "all"] {
            record(&mut recorder, size, &arms, &runs);
        }
        claims(&mut recorder, &runs, &runs);
        claims_on_all(&mut recorder, &arms, &runs).unwrap();
        let results = recorder.finish(Default::default()).unwrap();
        assert_eq!(results.number("few/none/learned"), Ok(0.9));
        assert_eq!(results.number("all/smoothing/best"), Ok(4.0));
    }
}
