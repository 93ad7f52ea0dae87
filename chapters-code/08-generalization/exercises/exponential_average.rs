//! # A memory with a half-life
//!
//! - points: 9
//! - minutes: 30
//! - difficulty: medium
//! - section: averages
//!
//! An exponential average looks at the weights after every step and keeps a share $`\beta`$ of itself. To look at a million weights after every step is dear. So a program looks now and then: after steps 10, 20, 30, or whenever there is time.
//! What is $`\beta`$ then?
//!
//! Say how fast it forgets in another way. Its *half-life* is $`h`$ steps: between two looks that are $`a`$ steps apart the average keeps the share
//!
//! ```math
//! \beta = 2^{-a/h}
//! ```
//!
//! of itself, and takes the rest from the new weights: $`\bar w \leftarrow \beta \bar w + (1 - \beta)\, w`$. At the first look it becomes the weights that it sees.
//!
//! Not everything that a network stores is a weight. The running statistics of a normalisation are averages already, and counters are no numbers to be averaged. Such *buffers* are copied at each look.
//!
//! Write a function that gets the looks, in their order: the number of the step and all numbers of the network after it; the half-life; and for each number, whether it is a buffer. It gives the average after the last look.
//!
//! - All looks have the same number of numbers. Steps rise, by at least 1 from look to look.
//! - The half-life is above 0. It may be far shorter or far longer than the steps between two looks.
//! - There may be no looks; then there is no average, and the answer is `None`.
//!
//! The averages are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! The first look needs no formula. From the second on you need the step of the look before.
//!
//! ## Hint 2
//!
//! `f64::exp2` takes 2 to a power that need not be whole.
//!
//! ## Hint 3
//!
//! A buffer is the same rule with another share: of the average it keeps nothing.
//!
//! ## Solution
//!
//! The share depends on how long ago the last look was, so that a look more or less, at weights that stand still, changes nothing: $`2^{-a/h} \cdot 2^{-b/h} = 2^{-(a+b)/h}`$. In the usual form, $`\beta`$ for each look, another number of looks is another average.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That $`\beta = 0.999`$ means the same whether one looks after every step or after every tenth. That the first step's number matters: only differences do. That buffers may be averaged as well, since they are numbers; a variance that is averaged beside a mean that is averaged
//! need not belong to it.
//!
//! **Discussion.** $`\beta = 0.999`$ after every step: what is the half-life? ($`\ln 2 / 0.001 \approx 693`$ steps.) PyTorch's `AveragedModel` copies buffers unless it is told otherwise; with an average of the weights the running statistics of a batch normalisation then belong to other weights. Which
//! two remedies are there?

/// What the student starts from.
pub mod starter {
    /// The average after the last look; nothing where there is none.
    pub fn exponential_average(
        looks: &[(u64, Vec<f64>)],
        half_life: f64,
        is_buffer: &[bool],
    ) -> Option<Vec<f64>> {
        let (first, rest) = looks.split_first()?;
        todo!("take the looks in, each by how long ago the one before it was")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The average after the last look; nothing where there is none.
    pub fn exponential_average(
        looks: &[(u64, Vec<f64>)],
        half_life: f64,
        is_buffer: &[bool],
    ) -> Option<Vec<f64>> {
        let (first, rest) = looks.split_first()?;
        let (mut before, mut average) = (first.0, first.1.clone());
        for (step, weights) in rest {
            let keep = kept(step - before, half_life);
            for ((mean, &w), &buffer) in average.iter_mut().zip(weights).zip(is_buffer) {
                let keep = if buffer { 0.0 } else { keep };
                *mean = keep * *mean + (1.0 - keep) * w;
            }
            before = *step;
        }
        Some(average)
    }

    /// What is kept over so many steps.
    pub fn kept(steps: u64, half_life: f64) -> f64 {
        (-(steps as f64) / half_life).exp2()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub looks: Vec<(u64, Vec<f64>)>,
        pub half_life: f64,
        pub is_buffer: Vec<bool>,
    }

    pub type Output = Option<Vec<f64>>;

    pub fn call(input: &Input) -> Output {
        super::solution::exponential_average(&input.looks, input.half_life, &input.is_buffer)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("looks now and then", 6, |rng| {
            let (looks, size) = (rng.random_range(4..12), rng.random_range(2..6));
            let half_life = rng.random_range(5.0..60.0);
            draw(rng, looks, size, half_life, 0.0)
        });
        cases.general("weights and buffers", 4, |rng| draw(rng, 6, 8, 20.0, 0.4));
        cases.edge("a look after every step", 2, |rng| {
            let mut input = draw(rng, 9, 3, 4.0, 0.0);
            input.looks.iter_mut().zip(100..).for_each(|(look, step)| look.0 = step);
            input
        });
        cases.edge("a single look", 2, |rng| draw(rng, 1, 4, 10.0, 0.3));
        cases.edge("a half-life far shorter than the steps between two looks", 2, |rng| {
            draw(rng, 5, 3, 1e-3, 0.2)
        });
        cases.edge("a half-life that forgets next to nothing", 2, |rng| draw(rng, 5, 3, 1e9, 0.2));
        cases.edge("no looks", 1, |rng| draw(rng, 0, 3, 10.0, 0.0));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected, found) {
            (Some(expected), Some(found)) => {
                compare::each(expected, found, 1e-9, |i| format!("the average of number {i}"))
            }
            (None, None) => Ok(()),
            (None, Some(_)) => Err("there were no looks, and there is an average".into()),
            (Some(_), None) => Err("there were looks, and there is no average".into()),
        }
    }

    /// Looks at numbers that wander, from any step on.
    fn draw(rng: &mut Rng, looks: usize, size: usize, half_life: f64, buffers: f64) -> Input {
        let mut step = rng.random_range(1..500);
        let mut numbers: Vec<f64> = (0..size).map(|_| rng.random_range(1.0..4.0)).collect();
        let mut next = || {
            step += rng.random_range(1..40);
            numbers.iter_mut().for_each(|x| *x += rng.random_range(-1.0..1.0));
            (step, numbers.clone())
        };
        let looks = (0..looks).map(|_| next()).collect();
        let is_buffer = (0..size).map(|_| rng.random_bool(buffers)).collect();
        Input { looks, half_life, is_buffer }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::exponential_average;

    fn looks(numbers: &[(u64, f64)]) -> Vec<(u64, Vec<f64>)> {
        numbers.iter().map(|&(step, w)| (step, vec![w])).collect()
    }

    #[test]
    fn after_a_half_life_half_is_left() {
        let found = exponential_average(&looks(&[(10, 8.0), (14, 0.0)]), 4.0, &[false]);
        assert_eq!(found, Some(vec![4.0]));
    }

    #[test]
    fn after_two_half_lives_a_quarter_is_left() {
        let found = exponential_average(&looks(&[(0, 8.0), (4, 0.0), (8, 0.0)]), 4.0, &[false]);
        assert_eq!(found, Some(vec![2.0]));
        let found = exponential_average(&looks(&[(0, 8.0), (8, 0.0)]), 4.0, &[false]);
        assert_eq!(found, Some(vec![2.0]), "one look fewer at weights that stand still");
    }

    #[test]
    fn buffers_are_copied() {
        let looks = [(1, vec![2.0, 2.0]), (2, vec![4.0, 4.0])];
        assert_eq!(exponential_average(&looks, 1.0, &[false, true]), Some(vec![3.0, 4.0]));
    }

    #[test]
    fn the_first_look_is_the_average() {
        assert_eq!(exponential_average(&looks(&[(700, 5.0)]), 3.0, &[false]), Some(vec![5.0]));
        assert_eq!(exponential_average(&[], 3.0, &[false]), None);
    }
}

/// Keeps the same share from look to look, however far apart they are.
///
/// # Feedback
///
/// You keep the same share at every look, as if each were one step after the last. The share is $`2^{-a/h}`$, where $`a`$ is how many steps ago the look before was.
pub mod mutant_counts_looks {
    pub use super::solution::*;

    /// What is kept from one look to the next.
    pub fn kept(_: u64, half_life: f64) -> f64 {
        (-1.0 / half_life).exp2()
    }
}

/// Counts steps from the beginning instead of from the last look.
///
/// # Feedback
///
/// You raise 2 to the number of the step, and not to how many steps ago the look before was. The later the look, the more you forget, and an average of a training that began at step 500 is not that of one that began at 0.
pub mod mutant_counts_from_the_start {
    pub use super::solution::*;

    /// The average with shares that shrink from look to look.
    pub fn exponential_average(
        looks: &[(u64, Vec<f64>)],
        half_life: f64,
        is_buffer: &[bool],
    ) -> Option<Vec<f64>> {
        let (first, rest) = looks.split_first()?;
        let mut average = first.1.clone();
        for (step, weights) in rest {
            let keep = kept(*step, half_life);
            for ((mean, &w), &buffer) in average.iter_mut().zip(weights).zip(is_buffer) {
                let keep = if buffer { 0.0 } else { keep };
                *mean = keep * *mean + (1.0 - keep) * w;
            }
        }
        Some(average)
    }
}

/// Takes a half-life for a mean life.
///
/// # Feedback
///
/// After one half-life you have kept 37 per cent and not half: you took $`e`$ to the power $`-a/h`$. That is a memory of *mean* life $`h`$.
pub mod mutant_takes_e_for_two {
    pub use super::solution::*;

    /// What is kept under a mean life.
    pub fn kept(steps: u64, half_life: f64) -> f64 {
        (-(steps as f64) / half_life).exp()
    }
}

/// Averages buffers, too.
///
/// # Feedback
///
/// You average everything. What is marked as a buffer is copied at each look.
pub mod mutant_averages_buffers {
    pub use super::solution::*;

    /// The average of all numbers.
    pub fn exponential_average(
        looks: &[(u64, Vec<f64>)],
        half_life: f64,
        _: &[bool],
    ) -> Option<Vec<f64>> {
        let (first, rest) = looks.split_first()?;
        let (mut before, mut average) = (first.0, first.1.clone());
        for (step, weights) in rest {
            let keep = kept(step - before, half_life);
            for (mean, &w) in average.iter_mut().zip(weights) {
                *mean = keep * *mean + (1.0 - keep) * w;
            }
            before = *step;
        }
        Some(average)
    }
}

/// Begins at nought.
///
/// # Feedback
///
/// Your average begins at 0 and is too near to it after few looks. At the first look it becomes the weights that it sees.
pub mod mutant_begins_at_nought {
    pub use super::solution::*;

    /// The average with a look at nothing a step before the first.
    pub fn exponential_average(
        looks: &[(u64, Vec<f64>)],
        half_life: f64,
        is_buffer: &[bool],
    ) -> Option<Vec<f64>> {
        let (first, _) = looks.split_first()?;
        let (mut before, mut average) = (first.0.saturating_sub(1), vec![0.0; first.1.len()]);
        for (step, weights) in looks {
            let keep = kept(step - before, half_life);
            for ((mean, &w), &buffer) in average.iter_mut().zip(weights).zip(is_buffer) {
                let keep = if buffer { 0.0 } else { keep };
                *mean = keep * *mean + (1.0 - keep) * w;
            }
            before = *step;
        }
        Some(average)
    }
}
