//! One unit that learns from its mistakes.

use super::{Learner, Lesson, Table};

/// The most passes over the taught inputs.
const PASSES: usize = 16;

/// A perceptron (Rosenblatt 1958): weights of zero at first, inputs and labels as −1 and +1, and a constant input of
/// +1. It goes through the taught inputs in ascending order, at most sixteen times, and adds the input times its label
/// at each mistake. A sum of zero counts as a mistake, and as the answer 0.
#[derive(Clone, Copy, Debug)]
pub struct Perceptron;

impl Learner for Perceptron {
    fn name(&self) -> &'static str {
        "perceptron"
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        let bits = lesson.cube.bits();
        let mut w = [0_i32; 5];
        let sum = |w: &[i32; 5], input: u32| -> i32 {
            (0..bits).map(|bit| w[bit as usize] * sign(input >> bit)).sum::<i32>() + w[4]
        };
        for _ in 0..PASSES {
            let mut mistakes = 0;
            for input in (0..lesson.cube.inputs()).filter(|input| lesson.set >> input & 1 == 1) {
                let label = sign(lesson.labels >> input);
                if label * sum(&w, input) <= 0 {
                    mistakes += 1;
                    (0..bits).for_each(|bit| w[bit as usize] += label * sign(input >> bit));
                    w[4] += label;
                }
            }
            if mistakes == 0 {
                break;
            }
        }
        lesson.where_it(|input| sum(&w, input) > 0)
    }
}

/// +1 where the last bit is 1, else −1.
fn sign(bits: u32) -> i32 {
    2 * (bits & 1) as i32 - 1
}
