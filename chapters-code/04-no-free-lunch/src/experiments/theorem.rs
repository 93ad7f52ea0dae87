//! What ten learners get right off the training set, over every target and every training set.

use notebook::{Recorder, Table};
use rayon::prelude::*;

use crate::worlds::count::{binomial, by_target};
use crate::worlds::learners::{self, Chooser, Learner};
use crate::worlds::{Cube, Share, Tally, count};

/// Counts on three and on four bits; asks what cross-validation promises, and which targets suit a learner.
pub fn theorem(recorder: &mut Recorder) -> anyhow::Result<()> {
    let learners = learners::all();
    recorder.value("learners", learners.len()).unit("learners");
    every_size(recorder, &learners)?;
    for bits in [3, 4] {
        half(recorder, bits, &learners)?;
    }
    extremes(recorder, &learners)?;
    promise(recorder)
}

/// Three bits, and training sets of every size.
fn every_size(recorder: &mut Recorder, learners: &[Box<dyn Learner>]) -> anyhow::Result<()> {
    let cube = Cube::new(3)?;
    let mut exact = 0;
    let sizes = 1..cube.inputs();
    for taught in sizes.clone() {
        let tallies = count(&cube, taught, learners, |_| {})?;
        exact += tallies.iter().filter(|tally| tally.unseen() == Share::HALF).count();
    }
    recorder
        .claim("every-size", "On three bits each of the ten learners is right in exactly half of its answers off the training set, whatever the size of the training set.")
        .all(exact, sizes.len() * learners.len(), "learners and sizes");
    Ok(())
}

/// Half of the inputs are taught, half are asked.
fn half(recorder: &mut Recorder, bits: u32, learners: &[Box<dyn Learner>]) -> anyhow::Result<()> {
    let cube = Cube::new(bits)?;
    let taught = cube.inputs() / 2;
    let sets = cube.sets(taught)?.len();
    let progress = recorder.progress(sets as u64, "training sets");
    let tallies = count(&cube, taught, learners, |sets| progress.advance(sets))?;
    let key = |what: &str| format!("{bits}/{what}");
    recorder.value(&key("targets"), cube.targets()).unit("targets");
    recorder.value(&key("sets"), sets).unit("training sets");
    recorder.value(&key("taught"), taught).unit("inputs");
    recorder.value(&key("pairs"), tallies[0].pairs()).unit("pairs");
    recorder.value(&key("lessons"), (sets as u64) << taught).unit("lessons");
    let mut table = Table::new([
        "Learner",
        "Right | int",
        "Of | int",
        "Share",
        "Taught inputs | percent 1",
        "All inputs | percent 1",
    ]);
    for (learner, tally) in learners.iter().zip(&tallies) {
        let unseen = tally.unseen();
        table.row([
            learner.name().into(),
            unseen.part.into(),
            unseen.of.into(),
            unseen.to_string().into(),
            tally.taught.number().into(),
            tally.everywhere().number().into(),
        ]);
        recorder
            .value(&key(&format!("everywhere/{}", learner.name())), tally.everywhere().number());
    }
    recorder.table(&key("learners"), table);
    let exact = tallies.iter().filter(|tally| tally.unseen() == Share::HALF).count();
    recorder
        .claim(&key("half"), &format!("On {bits} bits each of the ten learners is right in exactly half of its answers off the training set."))
        .all(exact, learners.len(), "learners");
    same_scores(recorder, bits, &tallies);
    Ok(())
}

/// Not the mean alone: every score is as frequent for one learner as for another.
fn same_scores(recorder: &mut Recorder, bits: u32, tallies: &[Tally]) {
    let unseen = tallies[0].scores.len() as u32 - 1;
    let expected = binomial(unseen, tallies[0].pairs());
    let same = tallies.iter().filter(|tally| tally.scores == expected).count();
    let mut table =
        Table::new(["Right".to_owned(), "Pairs | int".to_owned(), "Share | percent 2".to_owned()]);
    for (right, pairs) in expected.iter().enumerate() {
        let share = Share { part: *pairs, of: tallies[0].pairs() };
        table.row([format!("{right} of {unseen}").into(), (*pairs).into(), share.number().into()]);
    }
    recorder.table(&format!("{bits}/scores"), table);
    recorder
        .claim(&format!("{bits}/same-scores"), &format!("On {bits} bits all ten learners get none, one, two or more right equally often, as a coin would."))
        .all(same, tallies.len(), "learners");
}

/// The targets of three bits that suit a learner best and worst.
fn extremes(recorder: &mut Recorder, learners: &[Box<dyn Learner>]) -> anyhow::Result<()> {
    let cube = Cube::new(3)?;
    let mut table = Table::new([
        "Learner",
        "Worst target | percent 1",
        "Best target | percent 1",
        "Targets below half | int",
        "Half | int",
        "Above | int",
    ]);
    let mut two_sided = 0;
    for learner in learners {
        let shares = by_target(&cube, cube.inputs() / 2, learner.as_ref())?;
        let exact = shares.iter().filter(|share| **share == Share::HALF).count();
        let above = shares.iter().filter(|share| share.number() > 0.5).count();
        let below = shares.len() - exact - above;
        let numbers = shares.iter().map(|share| share.number());
        let worst = numbers.clone().fold(1.0, f64::min);
        let best = numbers.fold(0.0, f64::max);
        let name = learner.name();
        table.row([
            name.into(),
            worst.into(),
            best.into(),
            below.into(),
            exact.into(),
            above.into(),
        ]);
        recorder.value(&format!("worst/{name}"), worst);
        recorder.value(&format!("best/{name}"), best);
        two_sided += usize::from(above > 0 && below > 0);
    }
    recorder.table("extremes", table);
    recorder
        .claim("two-sided", "Each of the ten learners is better than a coin on some targets of three bits, and worse than a coin on others.")
        .all(two_sided, learners.len(), "learners");
    Ok(())
}

/// What cross-validation says of the learner that it picks, and what that learner then does.
fn promise(recorder: &mut Recorder) -> anyhow::Result<()> {
    let cube = Cube::new(4)?;
    let taught = cube.inputs() / 2;
    let sets = cube.sets(taught)?;
    let (best, all) = sets
        .par_iter()
        .map(|set| estimates(&cube, *set))
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let samples = (sets.len() as u64 * u64::from(taught)) << taught;
    let best = Share { part: best, of: samples };
    let all = Share { part: all, of: samples * Chooser::CANDIDATES.len() as u64 };
    recorder.value("promise", best.number());
    recorder.value("candidates", Chooser::CANDIDATES.len()).unit("learners");
    recorder
        .claim("honest-one-by-one", "Over all targets of four bits the estimates that cross-validation makes of the six learners are one half on average, exactly: the truth.")
        .equal(all.to_string(), Share::HALF.to_string());
    recorder
        .claim("promises", "The estimate for the learner that it picks is above one half on average, which is what that learner gets.")
        .greater(best.number(), 0.5);
    Ok(())
}

/// Samples held back that were answered rightly, over all labellings of a set: by the learner that was picked, and by
/// all candidates together.
fn estimates(cube: &Cube, set: u32) -> (u64, u64) {
    let picked =
        Chooser::BEST.choices(cube, set).iter().map(|choice| u64::from(choice.right)).sum();
    let of = |candidate: &dyn Learner| -> u64 {
        learners::validate(candidate, cube, set).iter().map(|right| u64::from(*right)).sum()
    };
    (picked, Chooser::CANDIDATES.iter().map(|candidate| of(*candidate)).sum())
}
