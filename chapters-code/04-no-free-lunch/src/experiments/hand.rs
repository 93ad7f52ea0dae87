//! One training set, one learner, and all sixteen targets of two bits.

use notebook::{Recorder, Scalar, Table};

use crate::worlds::learners::Nearest;
use crate::worlds::{Cube, Learner as _, Lesson, Share, subsets};

/// Bits of the inputs.
const BITS: u32 = 2;
/// What is taught: 00 and 01.
pub const SET: u32 = 0b0011;

/// Each target with its labels, the learner's answers off the training set, and how many of them are right.
pub fn hand(recorder: &mut Recorder) -> anyhow::Result<()> {
    let cube = Cube::new(BITS)?;
    let digit = |table: u32, input: u32| table >> input & 1;
    let mut table =
        Table::new(["f(00)", "f(01)", "f(10)", "f(11)", "Says of 10", "Says of 11", "Right | int"]);
    let mut right = Share::default();
    let mut scores = [0_u32; 3];
    for labels in subsets(SET) {
        let answer = Nearest.answer(&Lesson { cube: &cube, set: SET, labels });
        for rest in subsets(cube.all() & !SET) {
            let target = labels | rest;
            let hits =
                [2, 3].into_iter().filter(|i| digit(target, *i) == digit(answer, *i)).count();
            let said = [digit(answer, 2), digit(answer, 3)];
            let cells = (0..4).map(|input| digit(target, input)).chain(said);
            table.row(cells.map(Scalar::from).chain([Scalar::from(hits)]));
            right.part += hits as u64;
            right.of += 2;
            scores[hits] += 1;
        }
    }
    recorder.table("targets", table);
    recorder.value("targets", cube.targets());
    recorder.value("right", right.part).unit("answers");
    recorder.value("answers", right.of).unit("answers");
    for (hits, targets) in scores.iter().enumerate() {
        recorder.value(&format!("scores/{hits}"), *targets).unit("targets");
    }
    recorder
        .claim("half", "Over the sixteen targets of two bits the nearest neighbour is right in exactly half of its answers to what it was not taught.")
        .equal(right.to_string(), Share::HALF.to_string());
    Ok(())
}
