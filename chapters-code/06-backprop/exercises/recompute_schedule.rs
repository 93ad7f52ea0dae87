//! # More layers than memory
//!
//! - points: 18
//! - minutes: 75
//! - difficulty: challenging
//! - section: engine
//!
//! A tape keeps what every layer has computed, and a deep network can have more of it than the machine has memory. Then some values are not kept, and the backward computes them again: from a value further up, as often as it needs. The question is not whether this
//! works but what it costs, and with a good plan it costs little.
//!
//! A network is a chain of $`n`$ layers. Layer $`i`$, from 0, computes the value $`x_{i+1}`$ from $`x_i`$ and takes `costs[i]` units of time. The backwards have to run from layer $`n - 1`$ down to layer 0, and the backward of layer $`i`$ needs $`x_i`$. All values are equally large. The machine has $`x_0`$, which
//! is always there, a *hand* that holds one value, at first $`x_0`$, and `slots` places to keep values in. A plan is a list of actions:
//!
//! - `Advance`: the hand holds $`x_i`$ with $`i < n`$; now it holds $`x_{i+1}`$. This takes `costs[i]`, and all other actions take nothing.
//! - `Keep`: stores a copy of what the hand holds in a free slot.
//! - `Recall(i)`: the hand holds $`x_i`$, which must be in a slot; `Recall(0)` is always possible.
//! - `Drop(i)`: frees the slot of $`x_i`$.
//! - `Backward`: runs the next backward. If that is the one of layer $`i`$, the hand must hold $`x_i`$, and goes on holding it.
//!
//! Four layers of cost 1 and three slots: `Advance`, `Keep`, `Advance`, `Keep`, `Advance`, and now the hand has $`x_3`$ for the first `Backward`; then `Recall(2)`, `Backward`, `Recall(1)`, `Backward`, `Recall(0)`, `Backward`. Nothing is computed twice, and one slot
//! is not even used. The cost is 3. Without slots, $`x_3`$, $`x_2`$ and $`x_1`$ each have to be computed from $`x_0`$: 3 + 2 + 1 = 6. With one slot the best plan costs 4.
//!
//! Write a function that gets the costs and the number of slots, and gives a plan of the smallest possible cost that runs all backwards. Where several plans are cheapest, any of them is right. Every cost is at least 1, sums are far below the limits of `u64`, there are at most 60 layers and 8 slots. Either may be 0;
//! without layers there is nothing to do, and the plan is empty. The number of plans grows beyond all bounds, so trying them will not be in time.
//!
//! ## Hint 1
//!
//! Look at the first value that a good plan keeps, say $`x_k`$. What is left to do behind it is the same problem with fewer layers and one slot less. What is left to do before it is the same problem, too. With how many slots?
//!
//! ## Hint 2
//!
//! Let $`C(i, j, s)`$ be the smallest cost to run the backwards of the layers $`i`$ to $`j - 1`$, from the last to the first, where $`x_i`$ is at hand for nothing and $`s`$ slots are free. One layer costs 0. Otherwise choose $`k`$ between $`i`$ and $`j`$: pay the way from $`x_i`$ to $`x_k`$, and two smaller problems. When the one behind $`k`$ is
//! done, the slot of $`x_k`$ is free again.
//!
//! ## Hint 3
//!
//! $`C(i, j, s) = \min_k \bigl( c_i + \dots + c_{k-1} + C(k, j, s - 1) + C(i, k, s) \bigr)`$ for $`i < k < j`$. Without slots only $`k = j - 1`$ is possible, because its one backward runs from the hand. Fill a table by the length $`j - i`$, and remember the best $`k`$. A recursion over the table then writes the plan: advance to $`k`$, keep, plan for what
//! is behind, drop, plan for what is before.
//!
//! ## Solution
//!
//! The plan is optimal because its first kept value divides it: all backwards behind $`x_k`$ come before all those before it, and $`x_k`$ is of use only to the former. With $`s`$ slots that are given back in time, the layers that can be reached grow much faster than $`s`$. Ten layers of cost 1 take 45 without slots, 15 with two,
//! and 9 at the least.
//!
//! ## Notes
//!
//! **Time.** Seventy-five minutes; those who know dynamic programming on intervals need half of it.
//!
//! **Misconceptions.** That a slot is used once: after the backwards behind it, it serves again between $`x_0`$ and the same place. That even distances are best: the part behind a kept value has a slot less than the part before it, and so it should be shorter. That layers can be counted where their costs differ.
//!
//! **Discussion.** For equal costs, the length of the chain that can be done grows as a binomial coefficient of the slots and of how often a value may be computed (Griewank and Walther, 2000). What follows for a chain of a million steps? What changes where values differ in size? (The states of the table become amounts of memory.)

/// What both sides know.
pub mod given {
    use serde::{Deserialize, Serialize};

    /// An action of a plan.
    #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
    pub enum Action {
        /// The hand goes on by one layer.
        Advance,
        /// What the hand holds is stored in a free slot.
        Keep,
        /// The hand takes the value of this number, kept or the input.
        Recall(usize),
        /// The slot of the value of this number is free again.
        Drop(usize),
        /// The next backward; the hand holds what its layer reads.
        Backward,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Action;

    /// The cheapest plan to run the backwards of all layers, from the last to the first.
    pub fn recompute_schedule(costs: &[u64], slots: usize) -> Vec<Action> {
        let mut plan: Vec<Action> = Vec::new();
        todo!("the smallest costs of all parts of the chain, then the plan")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Action;

    /// For so many free slots, from a layer, up to a layer: the smallest cost, and the first value
    /// to be kept.
    pub type Table = Vec<Vec<Vec<(u64, usize)>>>;

    /// The cheapest plan to run the backwards of all layers, from the last to the first.
    pub fn recompute_schedule(costs: &[u64], slots: usize) -> Vec<Action> {
        let mut plan = Vec::new();
        if !costs.is_empty() {
            write(&table(costs, slots), 0, costs.len(), slots, &mut plan);
        }
        plan
    }

    /// The smallest costs of all parts of the chain, short ones first.
    pub fn table(costs: &[u64], slots: usize) -> Table {
        let n = costs.len();
        let mut best = vec![vec![vec![(0, 0); n + 1]; n + 1]; slots + 1];
        for s in 0..=slots {
            for length in 2..=n {
                for i in 0..=n - length {
                    let j = i + length;
                    let cost = |k: usize| {
                        let way: u64 = costs[i..k].iter().sum();
                        way + best[s.saturating_sub(1)][k][j].0 + best[s][i][k].0
                    };
                    let cheapest = choices(i, j, s).map(|k| (cost(k), k)).min();
                    best[s][i][j] = cheapest.unwrap_or_default();
                }
            }
        }
        best
    }

    /// Which value may be kept first. Without slots it is the last one, which stays in the hand.
    pub fn choices(i: usize, j: usize, s: usize) -> std::ops::Range<usize> {
        if s == 0 { j - 1..j } else { i + 1..j }
    }

    /// Writes the plan for the layers from `i` up to `j`, where the value of layer `i` is kept and `s` slots are free.
    pub fn write(best: &Table, i: usize, j: usize, s: usize, plan: &mut Vec<Action>) {
        plan.push(Action::Recall(i));
        if j == i + 1 {
            plan.push(Action::Backward);
            return;
        }
        let k = best[s][i][j].1;
        plan.extend((i..k).map(|_| Action::Advance));
        if k + 1 == j {
            plan.push(Action::Backward);
        } else {
            plan.push(Action::Keep);
            write(best, k, j, s - 1, plan);
            plan.push(Action::Drop(k));
        }
        write(best, i, k, s, plan);
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::Action;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub costs: Vec<u64>,
        pub slots: usize,
    }

    pub type Output = Vec<Action>;

    pub fn call(input: &Input) -> Output {
        super::solution::recompute_schedule(&input.costs, input.slots)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, RngExt as _};

    use super::call::{Input, Output};
    use super::given::Action;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("layers of different costs", 8, |rng| {
            let n = rng.random_range(8..16);
            let costs = (0..n).map(|_| rng.random_range(1..100)).collect();
            Input { costs, slots: rng.random_range(2..4) }
        });
        cases.general("layers of equal cost", 4, |rng| {
            let cost = rng.random_range(1..10);
            Input { costs: vec![cost; rng.random_range(8..20)], slots: rng.random_range(1..4) }
        });
        cases.general("few expensive layers among cheap ones", 5, |rng| {
            let mut costs: Vec<u64> = (0..12).map(|_| rng.random_range(1..5)).collect();
            for _ in 0..3 {
                costs[rng.random_range(0..12)] = rng.random_range(200..500);
            }
            Input { costs, slots: rng.random_range(1..3) }
        });
        cases.edge("no slots", 2, |rng| {
            let n = rng.random_range(3..9);
            Input { costs: (0..n).map(|_| rng.random_range(1..50)).collect(), slots: 0 }
        });
        cases.edge("slots for all", 2, |rng| {
            let n = rng.random_range(3..7);
            Input { costs: (0..n).map(|_| rng.random_range(1..50)).collect(), slots: 8 }
        });
        cases.edge("no layers, or one", 2, |rng| {
            let costs = if rng.random_bool(0.5) { vec![] } else { vec![rng.random_range(1..9)] };
            Input { costs, slots: rng.random_range(0..3) }
        });
        cases.edge("long chain", 2, |rng| {
            let n = rng.random_range(50..=60);
            let costs = (0..n).map(|_| rng.random_range(1..1000)).collect();
            Input { costs, slots: rng.random_range(3..=8) }
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let found = run(input, found)?;
        match run(input, expected) {
            Ok(expected) if expected == found => Ok(()),
            Ok(expected) => {
                Err(format!("the cheapest plan costs {expected}, and this one costs {found}"))
            }
            Err(_) => Err(format!("this plan costs {found}, and there should be none")),
        }
    }

    /// What a plan costs, if it can be carried out.
    fn run(input: &Input, plan: &[Action]) -> Result<u64, String> {
        let (mut hand, mut left, mut cost) = (0, input.costs.len(), 0);
        let mut kept: Vec<usize> = Vec::new();
        for (number, action) in plan.iter().enumerate() {
            let fault = |text: String| Err(format!("action {number}, {action:?}: {text}"));
            match *action {
                Action::Advance if hand == input.costs.len() => {
                    return fault("the hand holds the last value".into());
                }
                Action::Advance => {
                    cost += input.costs[hand];
                    hand += 1;
                }
                Action::Keep if kept.len() == input.slots => {
                    return fault(format!("all of the {} slots are taken", input.slots));
                }
                Action::Keep => kept.push(hand),
                Action::Recall(i) if i != 0 && !kept.contains(&i) => {
                    return fault("this value is in no slot".into());
                }
                Action::Recall(i) => hand = i,
                Action::Drop(i) => match kept.iter().position(|&k| k == i) {
                    Some(slot) => _ = kept.swap_remove(slot),
                    None => return fault("this value is in no slot".into()),
                },
                Action::Backward if hand + 1 != left => {
                    return fault(format!("the hand holds x_{hand}, {}", wanted(left)));
                }
                Action::Backward => left -= 1,
            }
        }
        if left == 0 { Ok(cost) } else { Err(format!("the plan ends early: {}", wanted(left))) }
    }

    fn wanted(left: usize) -> String {
        match left {
            0 => "and no backward is left".into(),
            _ => format!("and the next backward is that of layer {}", left - 1),
        }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Action::{self, Advance, Backward, Drop, Keep, Recall};
    use super::solution::recompute_schedule;

    /// Carries a plan out, and gives its cost.
    fn run(costs: &[u64], slots: usize, plan: &[Action]) -> u64 {
        let (mut hand, mut left, mut cost, mut kept) = (0, costs.len(), 0, vec![]);
        for action in plan {
            match *action {
                Advance => {
                    cost += costs[hand];
                    hand += 1;
                }
                Keep => {
                    assert!(kept.len() < slots, "no slot is free: {plan:?}");
                    kept.push(hand);
                }
                Recall(i) => {
                    assert!(i == 0 || kept.contains(&i), "{i} is not kept: {plan:?}");
                    hand = i;
                }
                Drop(i) => kept.retain(|&k| k != i),
                Backward => {
                    assert_eq!(hand + 1, left, "not what the next backward needs: {plan:?}");
                    left -= 1;
                }
            }
        }
        assert_eq!(left, 0, "backwards are left: {plan:?}");
        cost
    }

    fn cost(costs: &[u64], slots: usize) -> u64 {
        run(costs, slots, &recompute_schedule(costs, slots))
    }

    #[test]
    fn the_example_of_the_statement() {
        assert_eq!((cost(&[1; 4], 0), cost(&[1; 4], 1), cost(&[1; 4], 3)), (6, 4, 3));
    }

    #[test]
    fn two_layers_need_no_slot() {
        // x₁ for the last backward costs 7. The other backward needs x₀.
        assert_eq!(cost(&[7, 3], 0), 7);
        assert_eq!(cost(&[7, 3], 5), 7);
    }

    #[test]
    fn what_is_expensive_is_computed_once() {
        // Keep x₁ for 9. From there 2 to x₃, and 1 to x₂ again. Keeping x₂ would cost 10, 1 to x₃,
        // and 9 to x₁ again.
        assert_eq!(cost(&[9, 1, 1, 1], 1), 12);
    }

    #[test]
    fn nothing_to_do() {
        assert_eq!(recompute_schedule(&[], 3), []);
        assert_eq!(cost(&[5], 0), 0);
    }
}

/// Keeps the value in the middle, always.
///
/// # Feedback
///
/// You keep the value in the middle. Behind it one slot less is free than before it, and costs need not be equal: the best place is seldom the middle. Compare all places.
pub mod mutant_keeps_the_middle {
    pub use super::solution::*;

    /// The middle, or the last one without slots.
    pub fn choices(i: usize, j: usize, s: usize) -> std::ops::Range<usize> {
        let middle = i + (j - i) / 2;
        if s == 0 { j - 1..j } else { middle..middle + 1 }
    }
}

/// Keeps the first values until the slots are full.
///
/// # Feedback
///
/// You keep the first values, until no slot is left. All that is behind them is then computed from the last of them, again and again. Leave gaps, whose values are computed again from nearby.
pub mod mutant_keeps_the_first {
    pub use super::solution::*;

    /// The next value, or the last one without slots.
    pub fn choices(i: usize, j: usize, s: usize) -> std::ops::Range<usize> {
        if s == 0 { j - 1..j } else { i + 1..i + 2 }
    }
}

/// Counts layers instead of adding up their costs.
///
/// # Feedback
///
/// Your plans are the cheapest for layers of equal cost. Where costs differ, the way to a value is the sum of the costs of its layers and not their number.
pub mod mutant_counts_layers {
    pub use super::solution::*;

    /// The plan for layers of cost 1.
    pub fn recompute_schedule(costs: &[u64], slots: usize) -> Vec<super::given::Action> {
        let mut plan = Vec::new();
        if !costs.is_empty() {
            write(&table(&vec![1; costs.len()], slots), 0, costs.len(), slots, &mut plan);
        }
        plan
    }
}

/// Does not use a slot again that has been given back.
///
/// # Feedback
///
/// When the backwards behind a kept value are done, its slot is free again, and the layers before it can use it. You plan them with a slot less than there is.
pub mod mutant_uses_a_slot_once {
    pub use super::solution::*;

    /// The smallest costs, with a slot less on either side of a kept value.
    pub fn table(costs: &[u64], slots: usize) -> Table {
        let n = costs.len();
        let mut best = vec![vec![vec![(0, 0); n + 1]; n + 1]; slots + 1];
        for s in 0..=slots {
            for length in 2..=n {
                for i in 0..=n - length {
                    let j = i + length;
                    let cost = |k: usize| {
                        let (way, fewer): (u64, _) =
                            (costs[i..k].iter().sum(), s.saturating_sub(1));
                        let before = if k + 1 == j { s } else { fewer };
                        way + best[fewer][k][j].0 + best[before][i][k].0
                    };
                    let cheapest = choices(i, j, s).map(|k| (cost(k), k)).min();
                    best[s][i][j] = cheapest.unwrap_or_default();
                }
            }
        }
        best
    }

    /// The plan that goes with it.
    pub fn write(best: &Table, i: usize, j: usize, s: usize, plan: &mut Vec<super::given::Action>) {
        plan.push(super::given::Action::Recall(i));
        if j == i + 1 {
            plan.push(super::given::Action::Backward);
            return;
        }
        let k = best[s][i][j].1;
        plan.extend((i..k).map(|_| super::given::Action::Advance));
        if k + 1 == j {
            plan.push(super::given::Action::Backward);
            return write(best, i, k, s, plan);
        }
        plan.push(super::given::Action::Keep);
        write(best, k, j, s - 1, plan);
        plan.push(super::given::Action::Drop(k));
        write(best, i, k, s - 1, plan);
    }
}

/// Does not drop what is no longer needed.
///
/// # Feedback
///
/// Your plan keeps a value while all slots are taken. A kept value is of no use any more when the backwards behind it are done: drop it then.
pub mod mutant_never_drops {
    pub use super::solution::*;

    /// The plan, without giving slots back.
    pub fn write(best: &Table, i: usize, j: usize, s: usize, plan: &mut Vec<super::given::Action>) {
        plan.push(super::given::Action::Recall(i));
        if j == i + 1 {
            plan.push(super::given::Action::Backward);
            return;
        }
        let k = best[s][i][j].1;
        plan.extend((i..k).map(|_| super::given::Action::Advance));
        if k + 1 == j {
            plan.push(super::given::Action::Backward);
        } else {
            plan.push(super::given::Action::Keep);
            write(best, k, j, s - 1, plan);
        }
        write(best, i, k, s, plan);
    }
}
