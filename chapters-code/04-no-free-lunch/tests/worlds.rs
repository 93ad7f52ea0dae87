//! What the enumeration must do, whoever the learner is.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use no_free_lunch::worlds::count::{binomial, by_target, scores};
use no_free_lunch::worlds::learners::{self, Chooser, Learner, Lesson, Majority, Nearest, Network};
use no_free_lunch::worlds::{Cube, Family, Share, Table, count, subsets, tilt};

fn cube(bits: u32) -> Cube {
    Cube::new(bits).unwrap()
}

#[test]
fn one_half_for_every_learner_and_every_size() {
    for bits in 1..=3 {
        let cube = cube(bits);
        for taught in 1..cube.inputs() {
            let tallies = count(&cube, taught, &learners::all(), |_| {}).unwrap();
            for (learner, tally) in learners::all().iter().zip(tallies) {
                let unseen = cube.inputs() - taught;
                assert_eq!(tally.unseen(), Share::HALF, "{} of {taught}", learner.name());
                assert_eq!(tally.scores, binomial(unseen, tally.pairs()), "{}", learner.name());
                let sets = cube.sets(taught).unwrap().len() as u64;
                assert_eq!(tally.pairs(), sets * cube.targets());
            }
        }
    }
}

#[test]
fn the_fast_count_is_the_plain_one() {
    let cube = cube(3);
    let learners = learners::all();
    let tallies = count(&cube, 3, &learners, |_| {}).unwrap();
    for (learner, tally) in learners.iter().zip(tallies) {
        let mut plain = vec![0; 6];
        for set in cube.sets(3).unwrap() {
            let found = scores(learner.as_ref(), &cube, set);
            plain.iter_mut().zip(found).for_each(|(to, from)| *to += from);
        }
        assert_eq!(tally.scores, plain, "{}", learner.name());
        let by_target = by_target(&cube, 3, learner.as_ref()).unwrap();
        let right: u64 = by_target.iter().map(|share| share.part).sum();
        assert_eq!(right, tally.unseen().part, "{}", learner.name());
    }
}

/// Knows the target that says 1 where both of the last two bits are 1.
struct Cheat;

impl Learner for Cheat {
    fn name(&self) -> &'static str {
        "cheat"
    }

    fn answer(&self, _: &Lesson<'_>) -> Table {
        0b1000_1000
    }
}

#[test]
fn who_knows_a_target_is_right_there_and_one_half_over_all() {
    let cube = cube(3);
    let shares = by_target(&cube, 4, &Cheat).unwrap();
    assert_eq!(shares[0b1000_1000], Share { part: 1, of: 1 });
    assert_eq!(shares[0b0111_0111], Share { part: 0, of: 1 });
    let tally = &count(&cube, 4, &[Box::new(Cheat) as Box<dyn Learner>], |_| {}).unwrap()[0];
    assert_eq!(tally.unseen(), Share::HALF);
}

#[test]
fn learners_do_what_they_say() {
    let cube = cube(2);
    // 00 is 0 and 01 is 1: 10 is nearest to 00, 11 to 01.
    let lesson = Lesson { cube: &cube, set: 0b0011, labels: 0b0010 };
    let says = |name: &str| learners::named(&[name.to_owned()])[0].answer(&lesson);
    assert_eq!(says("nearest"), 0b1010);
    assert_eq!(says("contrary"), 0b0110);
    assert_eq!(says("majority"), 0, "equal votes are 0");
    assert_eq!(says("minority"), 0b1111);
    assert_eq!(says("tree"), 0b1010, "the last digit parts the labels");
    assert_eq!(says("perceptron"), 0b1010);
    // 00 and 11 are both at distance 1 from 01: the smaller number decides.
    let lesson = Lesson { cube: &cube, set: 0b1001, labels: 0b1000 };
    assert_eq!(Nearest.answer(&lesson), 0b1000);
}

#[test]
fn labellings_side_by_side_are_learned_as_alone() {
    let cube = cube(4);
    for set in [0b1, 0b1011_0010, 0xf0f0] {
        for learner in learners::all() {
            let alone = subsets(set)
                .map(|labels| learner.answer(&Lesson { cube: &cube, set, labels }))
                .collect::<Vec<_>>();
            assert_eq!(learner.answers(&cube, set), alone, "{}", learner.name());
        }
    }
    assert_ne!(Network::new(1).answers(&cube, 0xf0f0), Network::new(2).answers(&cube, 0xf0f0));
}

#[test]
fn a_chooser_takes_the_best_or_the_worst_of_its_estimates() {
    let cube = cube(3);
    for set in cube.sets(4).unwrap() {
        let scores = Chooser::CANDIDATES.map(|one| learners::validate(one, &cube, set));
        let choices =
            Chooser::BEST.choices(&cube, set).into_iter().zip(Chooser::WORST.choices(&cube, set));
        for (labelling, (best, worst)) in choices.enumerate() {
            let all = scores.iter().map(|scores| scores[labelling]);
            assert_eq!(Some(best.right), all.clone().max());
            assert_eq!(Some(worst.right), all.min());
            assert_eq!(scores[best.candidate][labelling], best.right);
        }
    }
}

#[test]
fn a_tipped_prior_is_the_weighted_mean_over_targets() {
    let cube = cube(3);
    let family = Family::rough(&cube);
    let learners: Vec<Box<dyn Learner>> = vec![Box::new(Nearest), Box::new(Majority)];
    let strengths = [-0.7, 0.0, 0.4];
    let found = tilt(&cube, 4, &family, &strengths, &learners, |_| {}).unwrap();
    for (learner, shares) in learners.iter().zip(&found.learners) {
        let plain = by_target(&cube, 4, learner.as_ref()).unwrap();
        for (beta, share) in strengths.iter().zip(shares) {
            let weight = |target: usize| (-beta * f64::from(family.levels[target])).exp();
            let all: f64 = (0..256).map(weight).sum();
            let right: f64 = (0..256).map(|t| weight(t) * plain[t].number()).sum();
            assert!((share - right / all).abs() < 1e-12, "{} at {beta}", learner.name());
        }
        assert_eq!(shares[1], 0.5, "exactly");
    }
    assert_eq!(found.best[1], 0.5);
    assert!(found.best[0] > 0.5 && found.best[2] > 0.5);
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let cube = cube(3);
    let family = Family::leaves(&cube);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| tilt(&cube, 4, &family, &[0.3], &learners::all(), |_| {}).unwrap())
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn a_count_of_several_chunks_is_told_whole_and_is_the_same_on_any_number_of_threads() {
    let cube = cube(4);
    let nearest: [Box<dyn Learner>; 1] = [Box::new(Nearest)];
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut told = Vec::new();
        let tallies = pool.install(|| count(&cube, 3, &nearest, |sets| told.push(sets)).unwrap());
        (tallies, told)
    };
    let (tallies, told) = on(1);
    assert!(told.len() > 1);
    assert_eq!(told.iter().sum::<u64>(), 560);
    assert_eq!(tallies[0].pairs(), 560 * cube.targets());
    assert_eq!(on(3), (tallies, told));
}

/// The theorem leaves no other number: this holds the peer's lessons to ours,
/// and not its answers.
#[test]
fn as_many_answers_are_asked_of_scikit_learn_and_half_of_them_are_right() {
    let record = include_str!("../../../tests/peers/04-no-free-lunch.json");
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    let cube = cube(3);
    let learners = learners::named(&["nearest", "tree", "majority"].map(str::to_owned));
    let tallies = count(&cube, 4, &learners, |_| {}).unwrap();
    for (learner, tally) in learners.iter().zip(tallies) {
        let (name, unseen) = (learner.name(), tally.unseen());
        assert_eq!(record[name]["right"], unseen.part, "{name}");
        assert_eq!(record[name]["asked"], unseen.of, "{name}");
    }
}
