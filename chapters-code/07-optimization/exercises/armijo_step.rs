//! # A step that finds its own rate
//!
//! - points: 10
//! - minutes: 35
//! - difficulty: medium
//! - section: rate
//! - seconds: 5
//!
//! The best learning rate depends on the network, the data and the rule, and it changes while training goes on. One can search for it once, by training many times. One can also ask before each
//! step: how far does the slope under our feet hold? Armijo's answer is to try a rate that is too large and to halve it until the step keeps enough of its promise.
//!
//! At the weights $`w`$ the loss is $`L(w)`$ and its gradient $`g`$. If the loss were a plane, a step with the rate $`\eta`$ would lower it by $`\eta \lVert g \rVert^2`$,
//! where $`\lVert g \rVert^2 = \sum_i g_i^2`$. The rate is accepted if the loss falls by at least the share $`\alpha`$ of that:
//!
//! ```math
//! L(w - \eta g) \le L(w) - \alpha\, \eta\, \lVert g \rVert^2
//! ```
//!
//! Write a function that tries the rates $`\eta_0`$, $`\eta_0/2`$, $`\eta_0/4`$ and so on, at most $`m`$ of them, and gives the first that is accepted, together with the weights
//! $`w - \eta g`$ to which it leads. It gives `None` where there is no such rate among them.
//!
//! - $`\eta_0 > 0`$ and $`0 < \alpha < 1`$. $`m`$ may be 0; then nothing is tried.
//! - $`L(w)`$ is finite and so are all numbers of $`g`$. There is at least one weight.
//! - On the way the loss may be infinite, with either sign, or not a number, where a rate is far too large. Such a rate is not accepted.
//! - If all numbers of $`g`$ are 0 the answer is `None`: there is no way down to be tried.
//! - $`g`$ may come from another mini-batch than $`L`$. So it can happen that it points the wrong way and no rate is accepted.
//! - Each call of the loss costs a forward pass. Call it at most once with $`w`$, and at most once for each rate that is tried.
//!
//! Rate and weights are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Which parts of the condition are the same for all rates? Compute them once, before you try any.
//!
//! ## Hint 2
//!
//! Every trial starts at the same place $`w`$. What a refused step has done to the weights must not remain.
//!
//! ## Hint 3
//!
//! NaN is not less than anything, nor greater. Ask whether the step is good, `after <= bound`. If you ask whether it is bad, NaN passes. Minus infinity passes both.
//!
//! ## Solution
//!
//! The loop holds one line of mathematics and three of care. The condition is asked in the form that NaN fails. A loss of minus infinity would pass it and is caught by `is_finite`. Trials are new vectors, so a
//! refused one leaves nothing behind.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes.
//!
//! **Misconceptions.** That any decrease will do: in a bowl of curvature $`\kappa`$ a rate just below $`2/\kappa`$ lowers the loss a little for ever, by jumping from wall to wall. That the condition may be negated
//! without a thought for NaN.
//!
//! **Discussion.** For a bowl $`\frac{1}{2}\kappa w^2`$, find the rates that are accepted: $`\eta \le 2(1 - \alpha)/\kappa`$. For which $`\alpha`$ is the best rate, $`1/\kappa`$, among them? A search costs some forward passes for each
//! step. How would you begin it near the answer? Why is a loss over 128 samples a doubtful judge of a step, and what happens to the rate when the loss and the gradient come from the same few samples?

/// What the exercise gives and does not change.
pub mod given {
    use serde::{Deserialize, Serialize};

    /// How to search.
    #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
    pub struct Search {
        /// The first rate, `η₀`.
        pub first: f64,
        /// The share of the promised descent that is asked for, `α`.
        pub share: f64,
        /// How many rates may be tried, `m`.
        pub most: usize,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Search;

    /// The first rate that is accepted, and the weights to which it leads.
    pub fn armijo_step(
        loss: &dyn Fn(&[f64]) -> f64,
        weights: &[f64],
        gradient: &[f64],
        search: Search,
    ) -> Option<(f64, Vec<f64>)> {
        let before = loss(weights);
        todo!("try rates until one is accepted")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Search;

    /// The first rate that is accepted, and the weights to which it leads.
    pub fn armijo_step(
        loss: &dyn Fn(&[f64]) -> f64,
        weights: &[f64],
        gradient: &[f64],
        search: Search,
    ) -> Option<(f64, Vec<f64>)> {
        let promised = steepness(gradient);
        if promised == 0.0 {
            return None;
        }
        let before = loss(weights);
        let mut rate = search.first;
        for _ in 0..search.most {
            let trial: Vec<f64> = weights.iter().zip(gradient).map(|(w, g)| w - rate * g).collect();
            if accepts(before, loss(&trial), search.share * rate * promised) {
                return Some((rate, trial));
            }
            rate /= 2.0;
        }
        None
    }

    /// By how much a plane with this gradient falls for a rate of 1.
    pub fn steepness(gradient: &[f64]) -> f64 {
        gradient.iter().map(|g| g * g).sum()
    }

    /// Has the loss become less by what was asked for?
    pub fn accepts(before: f64, after: f64, asked: f64) -> bool {
        after.is_finite() && after <= before - asked
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code. The loss is not here: each call of it is a question
/// to the judge, who counts.
pub mod call {
    use serde::{Deserialize, Serialize};

    use super::given::Search;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Open {
        pub weights: Vec<f64>,
        pub gradient: Vec<f64>,
        pub search: Search,
    }

    pub type Output = Option<(f64, Vec<f64>)>;

    pub fn call(input: &Open, ask: &dyn Fn(&Vec<f64>) -> f64) -> Output {
        let loss = |weights: &[f64]| ask(&weights.to_vec());
        let Open { weights, gradient, search } = input;
        super::solution::armijo_step(&loss, weights, gradient, *search)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;
    use gradebook::judge::Metered;
    use serde::{Deserialize, Serialize};

    use super::call::{Open, Output};
    use super::given::Search;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub enum Loss {
        /// `½ κ (w − b)²` for each weight, from pairs of `κ` and `b`.
        Bowl(Vec<(f64, f64)>),
        /// `w − b ln w` for each weight; not a number where a weight is below 0.
        Fence(Vec<f64>),
        /// `ln |w|` of the first weight.
        Well,
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub loss: Loss,
        pub weights: Vec<f64>,
        pub gradient: Vec<f64>,
        pub search: Search,
    }

    /// What the answer gets: all but the loss.
    pub fn open(input: &Input) -> Open {
        let Input { weights, gradient, search, .. } = input.clone();
        Open { weights, gradient, search }
    }

    /// The loss.
    #[allow(clippy::ptr_arg, reason = "the question as the judge reads it")]
    pub fn reply(input: &Input, weights: &Vec<f64>) -> f64 {
        assert_eq!(weights.len(), input.weights.len(), "the loss has other weights");
        match &input.loss {
            Loss::Bowl(walls) => {
                let of = |(w, (k, b)): (&f64, &(f64, f64))| 0.5 * k * (w - b) * (w - b);
                weights.iter().zip(walls).map(of).sum()
            }
            Loss::Fence(posts) => weights.iter().zip(posts).map(|(w, b)| w - b * w.ln()).sum(),
            Loss::Well => weights[0].abs().ln(),
        }
    }

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("bowl in several dimensions", 8, |rng| {
            let first = rng.random_range(2.0..20.0);
            bowl(rng, 1.0, first, 30)
        });
        cases.general("loss that is not a number for large rates", 4, |rng| {
            let size = rng.random_range(1..4);
            let posts: Vec<f64> = (0..size).map(|_| rng.random_range(0.2..0.5)).collect();
            let weights: Vec<f64> = (0..size).map(|_| rng.random_range(1.5..3.0)).collect();
            let gradient = weights.iter().zip(&posts).map(|(w, b)| 1.0 - b / w).collect();
            let search = Search { first: rng.random_range(20.0..90.0), share: 0.3, most: 30 };
            Input { loss: Loss::Fence(posts), weights, gradient, search }
        });
        cases.edge("loss that is infinite for some rates", 3, |rng| {
            if rng.random() {
                return bowl(rng, 1.0, 1e200, 1000);
            }
            let share = rng.random_range(0.2..0.9);
            let first = [1.0, 2.0, 8.0][rng.random_range(0..3)];
            let search = Search { first, share, most: 9 };
            Input { loss: Loss::Well, weights: vec![1.0], gradient: vec![1.0], search }
        });
        cases.edge("gradient that is zero", 2, |rng| {
            let mut input = bowl(rng, 1.0, 0.5, 5);
            input.gradient.fill(0.0);
            input
        });
        cases.edge("gradient that points the wrong way", 2, |rng| bowl(rng, -1.0, 4.0, 20));
        cases.edge("first rate that is small enough", 2, |rng| bowl(rng, 1.0, 0.01, 8));
        let mut most = 0;
        cases.edge("too few rates that may be tried", 3, |rng| {
            most += 1;
            bowl(rng, 1.0, 1000.0, most - 1)
        });
    }

    pub fn compare(
        _: &Input,
        expected: &Metered<Output>,
        found: &Metered<Output>,
    ) -> Result<(), String> {
        match (&expected.output, &found.output) {
            (Some((rate, weights)), Some((found_rate, found_weights))) => {
                compare::number("the rate", *rate, *found_rate, 1e-9)?;
                compare::length("weights", weights, found_weights)?;
                compare::each(weights, found_weights, 1e-9, |i| {
                    format!("weight {i} after the step")
                })?;
            }
            (Some((rate, _)), None) => return Err(format!("expected the rate {rate}, found none")),
            (None, Some((rate, _))) => return Err(format!("expected no rate, found {rate}")),
            (None, None) => {}
        }
        let (calls, most) = (found.questions, expected.questions.max(1));
        if calls > most {
            return Err(format!("the loss was called {calls} times, and {most} are enough"));
        }
        Ok(())
    }

    /// A bowl, and its gradient times `turn`.
    fn bowl(rng: &mut Rng, turn: f64, first: f64, most: usize) -> Input {
        let mut walls = Vec::new();
        let mut weights = Vec::new();
        for _ in 0..rng.random_range(1..6) {
            let bottom = rng.random_range(-2.0..2.0);
            walls.push((rng.random_range(1.0..10.0), bottom));
            weights.push(bottom + rng.random_range(0.5..2.0));
        }
        let gradient = weights.iter().zip(&walls).map(|(w, (k, b))| turn * k * (w - b)).collect();
        let search = Search { first, share: rng.random_range(0.4..0.7), most };
        Input { loss: Loss::Bowl(walls), weights, gradient, search }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Search;
    use super::solution::armijo_step;

    const SEARCH: Search = Search { first: 4.0, share: 0.5, most: 10 };

    #[test]
    fn a_bowl() {
        // L = w², g = 2w = 6 at w = 3. Rate 4 leads to −21, 2 to −9, 1 to −3, and 1/2 to the bottom at 0.
        // There the loss has fallen by 9, and 1/2 · 1/2 · 36 = 9 is asked for.
        let step = armijo_step(&|w| w[0] * w[0], &[3.0], &[6.0], SEARCH);
        assert_eq!(step, Some((0.5, vec![0.0])));
    }

    #[test]
    fn a_plane_keeps_its_promise() {
        // L = 3a − b. The first rate is taken.
        let step = armijo_step(&|w| 3.0 * w[0] - w[1], &[1.0, 1.0], &[3.0, -1.0], SEARCH);
        assert_eq!(step, Some((4.0, vec![-11.0, 5.0])));
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        // L = w − ln w, at w = 2 with g = 1/2. Rate 4 leads to 0 and to an infinite loss, and 8 below 0.
        // Rate 2 leads to 1: from 1.307 to 1, which is less by 0.307; asked for is 1/2 · 2 · 1/4 = 0.25.
        let search = Search { first: 8.0, ..SEARCH };
        let step = armijo_step(&|w| w[0] - w[0].ln(), &[2.0], &[0.5], search);
        assert_eq!(step, Some((2.0, vec![1.0])));
    }

    #[test]
    fn there_may_be_no_rate() {
        let loss = |w: &[f64]| w[0] * w[0];
        assert_eq!(armijo_step(&loss, &[3.0], &[6.0], Search { most: 3, ..SEARCH }), None);
        assert_eq!(armijo_step(&loss, &[3.0], &[-6.0], SEARCH), None);
        assert_eq!(armijo_step(&loss, &[0.0], &[0.0], SEARCH), None);
    }
}

/// Accepts any decrease.
///
/// # Feedback
///
/// You take the first rate that lowers the loss at all. Such a step may jump to the other wall of the valley and gain next to nothing. What is asked for is a share of the descent which the
/// slope promised.
pub mod mutant_accepts_any_decrease {
    pub use super::solution::*;

    /// Has the loss become less?
    pub fn accepts(before: f64, after: f64, _: f64) -> bool {
        after.is_finite() && after < before
    }
}

/// Asks whether the loss is too large, which NaN never is.
///
/// # Feedback
///
/// You accept a rate for which the loss is not a number. You probably go on halving *while the loss is too large*, and NaN is not larger than anything. Ask the other way round.
pub mod mutant_lets_nan_pass {
    pub use super::solution::*;

    /// Is the loss not too large?
    pub fn accepts(before: f64, after: f64, asked: f64) -> bool {
        let too_large = after > before - asked;
        !too_large && after != f64::NEG_INFINITY
    }
}

/// Lets the next trial begin where a refused one has ended.
///
/// # Feedback
///
/// Your second trial begins where the first one ended. A rate that is refused must leave no trace: every trial is a step from the same weights.
pub mod mutant_walks_on_from_what_was_refused {
    pub use super::solution::*;

    use super::given::Search;

    /// The first rate that is accepted, with weights that are changed in place.
    pub fn armijo_step(
        loss: &dyn Fn(&[f64]) -> f64,
        weights: &[f64],
        gradient: &[f64],
        search: Search,
    ) -> Option<(f64, Vec<f64>)> {
        let promised = steepness(gradient);
        let (before, mut trial, mut rate) = (loss(weights), weights.to_vec(), search.first);
        for _ in 0..search.most.min(if promised == 0.0 { 0 } else { usize::MAX }) {
            trial.iter_mut().zip(gradient).for_each(|(w, g)| *w -= rate * g);
            if accepts(before, loss(&trial), search.share * rate * promised) {
                return Some((rate, trial));
            }
            rate /= 2.0;
        }
        None
    }
}

/// Takes the length of the gradient where its square is meant.
///
/// # Feedback
///
/// You ask for too little where the slope is steep. A step of rate $`\eta`$ has the length $`\eta \lVert g \rVert`$, and on its way a plane falls by the slope times that length. So the gradient's length
/// appears twice.
pub mod mutant_forgets_the_square {
    pub use super::solution::*;

    /// The length of the gradient.
    pub fn steepness(gradient: &[f64]) -> f64 {
        gradient.iter().map(|g| g * g).sum::<f64>().sqrt()
    }
}

/// Asks for the same descent from every rate.
///
/// # Feedback
///
/// You ask for the same descent from short steps and long ones. What a step promises is in proportion to its rate.
pub mod mutant_asks_the_same_of_all_rates {
    pub use super::solution::*;

    use super::given::Search;

    /// The first rate whose descent is that of a rate of 1.
    pub fn armijo_step(
        loss: &dyn Fn(&[f64]) -> f64,
        weights: &[f64],
        gradient: &[f64],
        search: Search,
    ) -> Option<(f64, Vec<f64>)> {
        let promised = steepness(gradient);
        let (before, mut rate) = (loss(weights), search.first);
        for _ in 0..search.most.min(if promised == 0.0 { 0 } else { usize::MAX }) {
            let trial: Vec<f64> = weights.iter().zip(gradient).map(|(w, g)| w - rate * g).collect();
            if accepts(before, loss(&trial), search.share * promised) {
                return Some((rate, trial));
            }
            rate /= 2.0;
        }
        None
    }
}

/// Accepts the step that leads nowhere.
///
/// # Feedback
///
/// Where the gradient is zero you accept the first rate. The condition holds, as nothing is promised and nothing gained; but a rate that was never put to the test says nothing. The exercise wants
/// `None` there.
pub mod mutant_accepts_standing_still {
    pub use super::solution::*;

    use super::given::Search;

    /// The first rate that is accepted, whatever the gradient.
    pub fn armijo_step(
        loss: &dyn Fn(&[f64]) -> f64,
        weights: &[f64],
        gradient: &[f64],
        search: Search,
    ) -> Option<(f64, Vec<f64>)> {
        let promised = steepness(gradient);
        let before = loss(weights);
        let rates = (0..search.most as i32).map(|halved| search.first / 2.0_f64.powi(halved));
        let moved = |rate: f64| weights.iter().zip(gradient).map(move |(w, g)| w - rate * g);
        let mut trials = rates.map(|rate| (rate, moved(rate).collect::<Vec<f64>>()));
        trials.find(|(rate, w)| accepts(before, loss(w), search.share * rate * promised))
    }
}

/// Calls the loss twenty times for each rate, and then sets whatever the loss counts with back to what it was.
///
/// # Feedback
///
/// Your steps are right, and you call the loss much too often. Each call is a forward pass. Once with $`w`$ and once for each rate are enough.
pub mod mutant_forges_the_count {
    pub use super::solution::*;

    use super::given::Search;

    /// The first rate that is accepted, and memory as it was.
    #[allow(unsafe_code, reason = "somebody who cheats")]
    pub fn armijo_step(
        loss: &dyn Fn(&[f64]) -> f64,
        weights: &[f64],
        gradient: &[f64],
        search: Search,
    ) -> Option<(f64, Vec<f64>)> {
        let size = size_of_val(loss);
        let captured: *const u8 = std::ptr::from_ref(loss).cast();
        // SAFETY: what the closure has captured is `size` bytes long, and nothing else runs.
        let before = unsafe { std::slice::from_raw_parts(captured, size) }.to_vec();
        let wasteful = |w: &[f64]| (0..20).fold(f64::NAN, |_, _| loss(w));
        let step = honest(&wasteful, weights, gradient, search);
        // SAFETY: as above; these bytes were there before.
        unsafe { std::ptr::copy_nonoverlapping(before.as_ptr(), captured.cast_mut(), size) };
        step
    }

    /// The first rate that is accepted, and the weights to which it leads.
    fn honest(
        loss: &dyn Fn(&[f64]) -> f64,
        weights: &[f64],
        gradient: &[f64],
        search: Search,
    ) -> Option<(f64, Vec<f64>)> {
        let promised = steepness(gradient);
        if promised == 0.0 {
            return None;
        }
        let (before, mut rate) = (loss(weights), search.first);
        for _ in 0..search.most {
            let trial: Vec<f64> = weights.iter().zip(gradient).map(|(w, g)| w - rate * g).collect();
            if accepts(before, loss(&trial), search.share * rate * promised) {
                return Some((rate, trial));
            }
            rate /= 2.0;
        }
        None
    }
}
