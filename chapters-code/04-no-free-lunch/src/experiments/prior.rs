//! Targets that weigh unequally, by one number: which learner profits?

use notebook::{Recorder, Table};

use crate::worlds::{Cube, Family, learners, tilt};

/// Bits of the inputs, and inputs that are taught.
const BITS: u32 = 4;
const TAUGHT: u32 = 8;
/// Strengths lie from −1 to 1, a tenth apart.
const STEPS: i32 = 10;
/// Where learners are compared.
const COMPARED: f64 = 0.5;

/// Two priors on four bits: by roughness and by the size of the smallest tree.
pub fn prior(recorder: &mut Recorder) -> anyhow::Result<()> {
    let cube = Cube::new(BITS)?;
    recorder.value("taught", TAUGHT).unit("inputs");
    recorder.value("compared", COMPARED);
    let families = [("rough", Family::rough(&cube)), ("leaves", Family::leaves(&cube))];
    for (name, family) in &families {
        levels(recorder, name, family);
        one(recorder, &cube, name, family)?;
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

fn one(recorder: &mut Recorder, cube: &Cube, name: &str, family: &Family) -> anyhow::Result<()> {
    let learners = learners::all();
    let strengths: Vec<f64> =
        (-STEPS..=STEPS).map(|step| f64::from(step) / f64::from(STEPS)).collect();
    let progress = recorder.progress(cube.sets(TAUGHT)?.len() as u64, "training sets");
    let found = tilt(cube, TAUGHT, family, &strengths, &learners, |sets| progress.advance(sets))?;
    let at = |beta: f64| strengths.iter().position(|s| *s == beta).unwrap_or(0);
    let series =
        recorder.series(&format!("{name}/fan"), "Strength of the prior", strengths.clone());
    for (learner, shares) in learners.iter().zip(&found.learners) {
        series.curve(learner.name(), shares.clone());
    }
    series.curve("best possible", found.best.clone());
    for (side, beta) in [("tipped", COMPARED), ("counter", -COMPARED)] {
        let mut order: Vec<usize> = (0..learners.len()).collect();
        let share = |learner: usize| found.learners[learner][at(beta)];
        order.sort_by(|a, b| share(*b).total_cmp(&share(*a)));
        let mut table = Table::new(["Learner", "Right off the training set | percent 1"]);
        for &learner in &order {
            table.row([learners[learner].name().into(), share(learner).into()]);
            recorder.value(&format!("{name}/{side}/{}", learners[learner].name()), share(learner));
        }
        recorder.table(&format!("{name}/{side}"), table);
        recorder.value(&format!("{name}/{side}/first"), learners[order[0]].name());
        recorder.value(&format!("{name}/{side}/last"), learners[order[order.len() - 1]].name());
        recorder.value(&format!("{name}/{side}/best"), found.best[at(beta)]);
    }
    let even = found.learners.iter().filter(|shares| shares[at(0.0)] == 0.5).count();
    recorder
        .claim(
            &format!("{name}/begins-at-half"),
            "At strength nought all ten learners are right in exactly half of their answers.",
        )
        .all(even, learners.len(), "learners");
    let within = |shares: &Vec<f64>| shares.iter().zip(&found.best).all(|(s, b)| s <= &(b + 1e-12));
    recorder
        .claim(
            &format!("{name}/nobody-above-the-best"),
            "No learner is right more often than the one that knows the prior, at any strength.",
        )
        .all(
            found.learners.iter().filter(|shares| within(shares)).count(),
            learners.len(),
            "learners",
        );
    both_sides(recorder, name, &strengths, &learners, &found.learners);
    Ok(())
}

/// Does choosing by cross-validation help wherever the prior is tipped, whichever way?
fn both_sides(
    recorder: &mut Recorder,
    name: &str,
    strengths: &[f64],
    learners: &[Box<dyn learners::Learner>],
    found: &[Vec<f64>],
) {
    let of = |wanted: &str| {
        let at = learners.iter().position(|learner| learner.name() == wanted).unwrap_or(0);
        strengths.iter().zip(&found[at]).filter(|(beta, _)| **beta != 0.0).map(|(_, share)| *share)
    };
    let above = of("cross-validation").filter(|share| *share > 0.5).count();
    let below = of("anti-cross-validation").filter(|share| *share < 0.5).count();
    recorder
        .claim(&format!("{name}/cross-validation-helps"), "Whichever way the prior is tipped, the learner that cross-validation picks is right more often than not.")
        .all(above, strengths.len() - 1, "strengths");
    recorder
        .claim(&format!("{name}/anti-hurts"), "Whichever way the prior is tipped, the learner that it likes least is wrong more often than not.")
        .all(below, strengths.len() - 1, "strengths");
}
