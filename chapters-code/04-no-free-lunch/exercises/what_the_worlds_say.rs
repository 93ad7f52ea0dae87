//! # What the worlds say
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: medium
//! - section: theorem
//!
//! You do not know which target is the true one. You have a list of those that you think possible, each with a weight, and you have seen the labels of some inputs. What is the probability that the label of another input is 1?
//!
//! A target and a set of inputs are numbers whose bit number $`i`$ is about input $`i`$. Write a function that gets the possible targets, each with its weight; the set of taught inputs; the taught inputs whose label is 1; and the number of the input that is asked about. It
//! gives the weight of the targets that agree with the labels and say 1 of the input, divided by the weight of all targets that agree with the labels.
//!
//! - A target agrees if it has the right label at *every* taught input, whether that label is 1 or 0.
//! - If no target with a weight above zero agrees, the answer is `None`.
//! - Weights are at least zero. They need not add up to one.
//!
//! The probability is compared up to 1e-9.
//!
//! ## Hint 1
//!
//! `target & taught` are the inputs that are taught and that the target calls 1. With what must they be the same?
//!
//! ## Hint 2
//!
//! Go through the list once, with two sums: all that agrees, and that part of it that says 1.
//!
//! ## Solution
//!
//! A filter and two sums. The division is Bayes' rule: what does not agree with the labels has probability zero now, and the rest keeps its proportions.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes, less for who is at home with bits.
//!
//! **Misconceptions.** That a target agrees when it has the ones: the zeros were seen, too. That targets are counted: a prior is in the weights. That having no target left means one half: it means that the list was wrong.
//!
//! **Discussion.** Put all targets of three bits into the list with one weight each, and ask about any unseen input. Then halve the weight of every rough target. Where has the theorem of the chapter gone?

/// What the student starts from.
pub mod starter {
    /// The probability that the label of `input` is 1; a target comes with its weight.
    pub fn what_the_worlds_say(
        worlds: &[(u32, f64)],
        taught: u32,
        labels: u32,
        input: u32,
    ) -> Option<f64> {
        todo!("two sums over the targets that agree with the labels")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The probability that the label of `input` is 1; a target comes with its weight.
    pub fn what_the_worlds_say(
        worlds: &[(u32, f64)],
        taught: u32,
        labels: u32,
        input: u32,
    ) -> Option<f64> {
        let agree = worlds.iter().filter(|(target, _)| target & taught == labels);
        let (mut all, mut one) = (0.0, 0.0);
        for (target, weight) in agree {
            all += weight;
            if target >> input & 1 == 1 {
                one += weight;
            }
        }
        (all > 0.0).then(|| one / all)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub worlds: Vec<(u32, f64)>,
        pub taught: u32,
        pub labels: u32,
        pub input: u32,
    }

    pub type Output = Option<f64>;

    pub fn call(input: &Input) -> Output {
        let Input { worlds, taught, labels, input } = input;
        super::solution::what_the_worlds_say(worlds, *taught, *labels, *input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("all targets of three bits, weighed", 6, |rng| drawn(rng, 256));
        cases.general("some targets of three bits", 6, |rng| drawn(rng, 40));
        cases.edge("nothing is taught", 2, |rng| {
            let mut input = drawn(rng, 60);
            (input.taught, input.labels) = (0, 0);
            input
        });
        cases.edge("no target agrees", 2, |rng| {
            let mut input = drawn(rng, 60);
            input.worlds.retain(|world| world.0 & input.taught != input.labels);
            input
        });
        cases.edge("only a target of weight zero agrees", 2, |rng| {
            let mut input = drawn(rng, 60);
            input.worlds.retain(|world| world.0 & input.taught != input.labels);
            input.worlds.push((input.labels, 0.0));
            input
        });
        cases.edge("all labels are 0", 2, |rng| {
            let mut input = drawn(rng, 256);
            input.labels = 0;
            input
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected, found) {
            (Some(expected), Some(found)) => {
                compare::number("the probability of 1", *expected, *found, 1e-9)
            }
            _ => compare::equal("the probability of 1", expected, found),
        }
    }

    fn drawn(rng: &mut Rng, n: u32) -> Input {
        let first = rng.random_range(0..256);
        // An odd step goes through all 256 targets before it comes back.
        let worlds = (0..n).map(|i| ((first + 37 * i) % 256, f64::from(rng.random_range(1..9_u8))));
        let worlds = worlds.collect();
        let input = rng.random_range(0..8);
        let mut taught = rng.random_range(1..256_u32) & !(1 << input);
        // At most two inputs: few targets agree with many labels.
        while taught.count_ones() > 2 {
            taught &= taught - 1;
        }
        Input { worlds, taught, labels: taught & rng.random_range(0..256_u32), input }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::what_the_worlds_say;

    #[test]
    fn equal_weights_say_nothing() {
        let all: Vec<(u32, f64)> = (0..16).map(|target| (target, 1.0)).collect();
        assert_eq!(what_the_worlds_say(&all, 0b0011, 0b0010, 3), Some(0.5));
    }

    #[test]
    fn unequal_weights_do() {
        // The third target has the wrong label at input 0.
        let worlds = [(0b01, 3.0), (0b11, 1.0), (0b10, 9.0)];
        assert_eq!(what_the_worlds_say(&worlds, 0b01, 0b01, 1), Some(0.25));
    }

    #[test]
    fn nobody_is_left() {
        assert_eq!(what_the_worlds_say(&[(0b00, 1.0)], 0b01, 0b01, 1), None);
        assert_eq!(what_the_worlds_say(&[], 0, 0, 0), None);
    }
}

/// Looks at the ones alone.
///
/// # Feedback
///
/// You keep every target that has the ones. A target that says 1 where the label was 0 does not agree either.
pub mod mutant_forgets_the_zeros {
    /// The probability among targets that have at least the ones.
    pub fn what_the_worlds_say(
        worlds: &[(u32, f64)],
        _taught: u32,
        labels: u32,
        input: u32,
    ) -> Option<f64> {
        let agree = || worlds.iter().filter(|world| world.0 & labels == labels);
        let all: f64 = agree().map(|world| world.1).sum();
        let one: f64 = agree().filter(|w| w.0 >> input & 1 == 1).map(|world| world.1).sum();
        (all > 0.0).then(|| one / all)
    }
}

/// Counts targets.
///
/// # Feedback
///
/// You count the targets that agree. They have weights: add those up.
pub mod mutant_counts_worlds {
    /// As if every weight above zero were one.
    pub fn what_the_worlds_say(
        worlds: &[(u32, f64)],
        taught: u32,
        labels: u32,
        input: u32,
    ) -> Option<f64> {
        let agree = || worlds.iter().filter(|w| w.0 & taught == labels && w.1 > 0.0);
        let all = agree().count() as f64;
        let one = agree().filter(|w| w.0 >> input & 1 == 1).count() as f64;
        (all > 0.0).then(|| one / all)
    }
}

/// Forgets the labels.
///
/// # Feedback
///
/// Your answer does not depend on what was seen. Targets that have another label at a taught input drop out before you divide.
pub mod mutant_forgets_the_labels {
    /// The probability before anything was seen.
    pub fn what_the_worlds_say(
        worlds: &[(u32, f64)],
        _taught: u32,
        _labels: u32,
        input: u32,
    ) -> Option<f64> {
        let all: f64 = worlds.iter().map(|world| world.1).sum();
        let one: f64 = worlds.iter().filter(|w| w.0 >> input & 1 == 1).map(|w| w.1).sum();
        (all > 0.0).then(|| one / all)
    }
}

/// Divides by the weight of all targets.
///
/// # Feedback
///
/// You divide by the weight of all targets, also of those that were ruled out. Then the probabilities of 1 and of 0 do not add up to one.
pub mod mutant_divides_by_everything {
    /// The joint probability.
    pub fn what_the_worlds_say(
        worlds: &[(u32, f64)],
        taught: u32,
        labels: u32,
        input: u32,
    ) -> Option<f64> {
        let agree = || worlds.iter().filter(|world| world.0 & taught == labels);
        let one: f64 = agree().filter(|w| w.0 >> input & 1 == 1).map(|world| world.1).sum();
        let any = agree().any(|world| world.1 > 0.0);
        any.then(|| one / worlds.iter().map(|world| world.1).sum::<f64>())
    }
}

/// Says one half where nobody is left.
///
/// # Feedback
///
/// Where no possible target agrees with the labels you give a number. None of the targets that were thought possible is true then, and no probability follows: the answer is `None`.
pub mod mutant_shrugs {
    /// One half where nothing is known.
    pub fn what_the_worlds_say(
        worlds: &[(u32, f64)],
        taught: u32,
        labels: u32,
        input: u32,
    ) -> Option<f64> {
        let agree = || worlds.iter().filter(|world| world.0 & taught == labels);
        let all: f64 = agree().map(|world| world.1).sum();
        let one: f64 = agree().filter(|w| w.0 >> input & 1 == 1).map(|world| world.1).sum();
        if all > 0.0 { Some(one / all) } else { Some(0.5) }
    }
}
