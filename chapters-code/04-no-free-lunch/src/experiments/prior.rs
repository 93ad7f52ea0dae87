//! Targets that weigh unequally, by one number: which learner profits?

use notebook::{Recorder, Table};

use crate::worlds::learners::{self, Chooser, Learner};
use crate::worlds::{Cube, Family, Tilted, tilt};

/// Bits of the inputs, and inputs that are taught.
const BITS: u32 = 4;
const TAUGHT: u32 = 8;
/// Strengths lie from −1 to 1: the steps on each side of nought, by roughness and by leaves.
const STEPS: [i32; 2] = [10, 4];
/// Where learners are compared.
const COMPARED: [(&str, f64); 3] = [("tipped", 0.5), ("counter", -0.5), ("strong", 1.0)];

/// Two priors on four bits: by roughness and by the size of the smallest tree.
pub fn prior(recorder: &mut Recorder) -> anyhow::Result<()> {
    let cube = Cube::new(BITS)?;
    recorder.value("taught", TAUGHT).unit("inputs");
    for (side, beta) in COMPARED {
        recorder.value(side, beta);
    }
    let families = [("rough", Family::rough(&cube)), ("leaves", Family::leaves(&cube))];
    for ((name, family), steps) in families.iter().zip(STEPS) {
        levels(recorder, name, family);
        let strengths: Vec<f64> =
            (-steps..=steps).map(|step| f64::from(step) / f64::from(steps)).collect();
        one(recorder, &cube, (name, family), &strengths)?;
    }
    Ok(())
}

/// How many targets each level has.
fn levels(recorder: &mut Recorder, name: &str, family: &Family) {
    let mut table = Table::new(["Level | int", "Targets | int"]);
    for (level, targets) in family.counts().into_iter().enumerate().filter(|(_, n)| *n > 0) {
        table.row([level.into(), targets.into()]);
    }
    recorder.table(&format!("{name}/levels"), table);
    recorder.value(&format!("{name}/most"), family.most());
}

/// The learners of the tables; by roughness there are three more ways to choose behind them.
fn contenders(name: &str) -> Vec<Box<dyn Learner>> {
    let mut learners = learners::all();
    if name == "rough" {
        learners.push(Box::new(Chooser::COUNTER));
        learners.push(Box::new(Chooser::PAIR));
        learners.push(Box::new(Chooser::TURNED));
    }
    learners
}

fn one(
    recorder: &mut Recorder,
    cube: &Cube,
    (name, family): (&str, &Family),
    strengths: &[f64],
) -> anyhow::Result<()> {
    let learners = contenders(name);
    let progress = recorder.progress(cube.sets(TAUGHT)?.len() as u64, "training sets");
    let found = tilt(cube, TAUGHT, family, strengths, &learners, |sets| progress.advance(sets))?;
    let series =
        recorder.series(&format!("{name}/fan"), "Strength of the prior", strengths.to_vec());
    for (learner, shares) in learners.iter().zip(&found.learners) {
        series.curve(learner.name(), shares.clone());
    }
    series.curve("best possible", found.best.clone());
    for (side, beta) in COMPARED {
        let at = strengths.iter().position(|s| *s == beta).unwrap_or(0);
        compare(recorder, &format!("{name}/{side}"), at, &found);
    }
    claims(recorder, name, &found);
    if name == "rough" {
        choosing(recorder, strengths, &learners, &found);
    }
    Ok(())
}

/// The ten learners at one strength, the best first.
fn compare(recorder: &mut Recorder, key: &str, at: usize, found: &Tilted) {
    let learners = learners::all();
    let share = |learner: &usize| found.learners[*learner][at];
    let mut order: Vec<usize> = (0..learners.len()).collect();
    order.sort_by(|a, b| share(b).total_cmp(&share(a)));
    let mut table = Table::new(["Learner", "Right off the training set | percent 1"]);
    for learner in &order {
        let name = learners[*learner].name();
        table.row([name.into(), share(learner).into()]);
        recorder.value(&format!("{key}/{name}"), share(learner));
    }
    recorder.table(key, table);
    recorder.value(&format!("{key}/first"), learners[order[0]].name());
    recorder.value(&format!("{key}/last"), learners[order[order.len() - 1]].name());
    recorder.value(&format!("{key}/best"), found.best[at]);
}

/// What holds of every prior of a family.
fn claims(recorder: &mut Recorder, name: &str, found: &Tilted) {
    let middle = found.best.len() / 2;
    let even = found.learners.iter().filter(|shares| shares[middle] == 0.5).count();
    recorder
        .claim(
            &format!("{name}/begins-at-half"),
            "At strength nought all learners are right in exactly half of their answers.",
        )
        .all(even, found.learners.len(), "learners");
    let within = |shares: &Vec<f64>| shares.iter().zip(&found.best).all(|(s, b)| s <= &(b + 1e-12));
    recorder
        .claim(
            &format!("{name}/nobody-above-the-best"),
            "No learner is right more often than the one that knows the prior, at any strength.",
        )
        .all(
            found.learners.iter().filter(|shares| within(shares)).count(),
            found.learners.len(),
            "learners",
        );
}

/// Does it help to choose by cross-validation wherever the prior is tipped, whichever way?
fn choosing(
    recorder: &mut Recorder,
    strengths: &[f64],
    learners: &[Box<dyn Learner>],
    found: &Tilted,
) {
    let of = |wanted: &str| {
        let at = learners.iter().position(|learner| learner.name() == wanted).unwrap_or(0);
        strengths.iter().copied().zip(found.learners[at].iter().copied())
    };
    let above = |name: &str, low: f64, high: f64| {
        let within = of(name).filter(|(beta, _)| (low..=high).contains(beta));
        let above = within.clone().filter(|(_, share)| *share > 0.5).count();
        (above, within.count())
    };
    let (smooth, all) = above("cross-validation", 0.1, 1.0);
    recorder
        .claim("chooses-well/smooth", "At every strength that prefers smooth targets, what cross-validation picks is right more often than not.")
        .all(smooth, all, "strengths");
    let (rough, all) = above("cross-validation", -1.0, -0.3);
    recorder
        .claim("chooses-well/rough", "At every strength of −0.3 and beyond, what cross-validation picks is right more often than not.")
        .all(rough, all, "strengths");
    let weak = |name: &str, weak: f64| {
        of(name).find(|(beta, _)| *beta == weak).map_or(0.5, |(_, share)| share)
    };
    for (name, key) in [
        ("cross-validation", "best"),
        ("anti-cross-validation", "worst"),
        ("contrary first", "counter"),
        ("of two", "pair"),
        ("of two, turned", "turned"),
    ] {
        recorder.value(&format!("weak/{key}/rough"), weak(name, -0.1));
        recorder.value(&format!("weak/{key}/smooth"), weak(name, 0.1));
    }
    recorder
        .claim("chooses-badly/weak", "At strength −0.1 what cross-validation picks is wrong more often than what it likes least.")
        .less(weak("cross-validation", -0.1), weak("anti-cross-validation", -0.1));
    recorder
        .claim("not-the-ties", "With *contrary* and *minority* first among equals, cross-validation is still below one half at strength −0.1.")
        .less(weak("contrary first", -0.1), 0.5);
    recorder
        .claim(
            "not-the-list",
            "Between *nearest* and *contrary* alone, with *nearest* first, cross-validation is below one half at strength −0.1.",
        )
        .less(weak("of two", -0.1), 0.5);
    let even = (weak("of two", -0.1) + weak("of two, turned", -0.1)) / 2.0;
    recorder.value("weak/even/rough", even);
    let mirrored = found.best.iter().zip(found.best.iter().rev());
    let apart = mirrored.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    recorder
        .claim(
            "mirrored",
            "Who knows the prior is right equally often at a strength and at its opposite.",
        )
        .close(apart, 0.0, 1e-12);
}
