//! Where two programs disagree: ties and orders that no formula settles.

use notebook::{Recorder, Table};
use rayon::prelude::*;

use crate::worlds::learners::{Learner, Majority, Nearest, Network, Perceptron, Reversed, Tree};
use crate::worlds::{Cube, Share, count};

/// A learner, what is settled otherwise, and both of its forms.
type Pair = (&'static str, &'static str, [Box<dyn Learner>; 2]);

/// Bits of the inputs; half of the inputs are taught.
const BITS: u32 = 4;

/// How many answers to unseen inputs change when a tie is settled otherwise, over all lessons.
pub fn conventions(recorder: &mut Recorder) -> anyhow::Result<()> {
    let cube = Cube::new(BITS)?;
    let pairs: [Pair; 5] = [
        (
            "majority",
            "digits from the other end",
            [Box::new(Majority), Box::new(Reversed(Majority))],
        ),
        ("nearest", "digits from the other end", [Box::new(Nearest), Box::new(Reversed(Nearest))]),
        ("tree", "digits from the other end", [Box::new(Tree), Box::new(Reversed(Tree))]),
        (
            "perceptron",
            "digits from the other end",
            [Box::new(Perceptron), Box::new(Reversed(Perceptron))],
        ),
        ("network", "another seed", [Box::new(Network::new(1)), Box::new(Network::new(2))]),
    ];
    let mut table =
        Table::new(["Learner", "What changes", "Unseen answers that change | percent 1"]);
    let mut exact = 0;
    for (name, what, [one, other]) in pairs {
        let changed = changed(&cube, one.as_ref(), other.as_ref())?;
        recorder.value(name, changed.number());
        table.row([name.into(), what.into(), changed.number().into()]);
        let tally = count(&cube, cube.inputs() / 2, &[other], |_| {})?;
        exact += usize::from(tally[0].unseen() == Share::HALF);
    }
    let rows = table.rows.len();
    recorder.table("ties", table);
    recorder
        .claim("still-half", "Settled otherwise, each of the five learners is still right in exactly half of its answers off the training set.")
        .all(exact, rows, "learners");
    Ok(())
}

/// The answers to unseen inputs that are not the same, over all lessons.
fn changed(cube: &Cube, one: &dyn Learner, other: &dyn Learner) -> anyhow::Result<Share> {
    let of_set = |set: &u32| -> (u64, u64) {
        let unseen = cube.all() & !set;
        let answers = one.answers(cube, *set).into_iter().zip(other.answers(cube, *set));
        let each = |(a, b): (u32, u32)| u64::from(((a ^ b) & unseen).count_ones());
        let changed = answers.map(each).sum();
        (changed, u64::from(unseen.count_ones()) << set.count_ones())
    };
    let sets = cube.sets(cube.inputs() / 2)?;
    let sum = |a: (u64, u64), b: (u64, u64)| (a.0 + b.0, a.1 + b.1);
    let (part, of) = sets.par_iter().map(of_set).reduce(|| (0, 0), sum);
    Ok(Share { part, of })
}
