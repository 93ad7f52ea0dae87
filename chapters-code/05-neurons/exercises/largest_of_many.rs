//! # The largest of many
//!
//! - points: 12
//! - minutes: 45
//! - difficulty: challenging
//! - section: depth
//!
//! Build a network of rectified units, by hand, that gives the largest of its $`n`$ inputs. Not nearly: exactly, for all whole numbers, positive or not.
//!
//! A network is a list of layers. Each takes the numbers that it gets, multiplies them by its rows of weights and adds the biases. All layers but the last then replace negative numbers by 0. The last
//! one is linear and has one row. `given::run` does this.
//!
//! - The network has at most $`\lceil \log_2 n \rceil`$ layers before the last: the smallest number of times that 2 has to be multiplied to reach $`n`$. For $`n = 1`$ there is the last layer alone.
//! - No layer has more than $`3n`$ rows.
//! - $`n`$ is at least 1, and the cases have at most 20 inputs.
//!
//! ## Hint 1
//!
//! How does one write $`\max(a, b)`$ with a rectified unit of $`a - b`$? And how does a number get through a layer that cuts off what is negative?
//!
//! ## Hint 2
//!
//! $`\max(a, b) = b + \max(a - b, 0)`$ and $`b = \max(b, 0) - \max(-b, 0)`$. That is three units for a pair. Play a tournament.
//!
//! ## Hint 3
//!
//! After each round, the winners are not units but *sums* of units, such as $`u_1 + u_2 - u_3`$. The next layer reads the units, so its rows are made from the rows of these sums. Keep for each value its row in
//! terms of the layer below; at first, that is a one in its own place.
//!
//! ## Solution
//!
//! `values` holds a row for each number that is still in the tournament. `units` gives the hidden rows that a pair needs, and the signs with which the next round adds them up; a number without a partner
//! takes two units. The last layer is the row of the winner.
//!
//! ## Notes
//!
//! **Time.** Forty-five minutes, most of it for the third hint.
//!
//! **Misconceptions.** That a rectified unit lets a number pass: it lets positive numbers pass. That the linear sum of a round needs a layer of its own: two linear maps, one after the other, are one.
//!
//! **Discussion.** One hidden layer cannot compute the largest of three numbers exactly, however wide it is. Where does the function bend, and which lines can a hidden layer bend along?

/// What the answer uses.
pub mod given {
    use serde::{Deserialize, Serialize};

    /// A row of weights and a bias for each output.
    #[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
    pub struct Layer {
        pub weights: Vec<Vec<i64>>,
        pub bias: Vec<i64>,
    }

    /// The outputs of the last layer; nothing where shapes do not fit or numbers grow too large.
    pub fn run(network: &[Layer], x: &[i64]) -> Option<Vec<i64>> {
        let mut x = x.to_vec();
        for (depth, layer) in network.iter().enumerate() {
            let last = depth + 1 == network.len();
            if layer.weights.len() != layer.bias.len() {
                return None;
            }
            let row = |(weights, &bias): (&Vec<i64>, &i64)| {
                if weights.len() != x.len() {
                    return None;
                }
                let z = weights
                    .iter()
                    .zip(&x)
                    .try_fold(bias, |z, (w, &x)| z.checked_add(w.checked_mul(x)?))?;
                Some(if last { z } else { z.max(0) })
            };
            x = layer.weights.iter().zip(&layer.bias).map(row).collect::<Option<_>>()?;
        }
        Some(x)
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Layer;

    /// A network that gives the largest of `n` numbers.
    pub fn largest_of_many(n: usize) -> Vec<Layer> {
        todo!("a tournament in layers")
    }
}

/// What is right.
pub mod solution {
    use super::given::Layer;

    /// A network that gives the largest of `n` numbers.
    pub fn largest_of_many(n: usize) -> Vec<Layer> {
        let mut layers = Vec::new();
        let mut values: Vec<Vec<i64>> =
            (0..n).map(|i| (0..n).map(|j| i64::from(i == j)).collect()).collect();
        while values.len() > 1 {
            let played: Vec<_> = games(&values).into_iter().map(units).collect();
            let width = played.iter().map(|(rows, _)| rows.len()).sum();
            let mut from = 0;
            values = Vec::new();
            for (rows, signs) in &played {
                let mut value = vec![0; width];
                value[from..from + rows.len()].copy_from_slice(signs);
                values.push(value);
                from += rows.len();
            }
            let weights = played.into_iter().flat_map(|(rows, _)| rows).collect();
            layers.push(Layer { weights, bias: vec![0; width] });
        }
        layers.push(Layer { weights: values, bias: vec![0] });
        layers
    }

    /// Who meets whom in this round.
    pub fn games(values: &[Vec<i64>]) -> Vec<&[Vec<i64>]> {
        values.chunks(2).collect()
    }

    /// The hidden rows of one game, and the signs with which they add up to the winner.
    pub fn units(game: &[Vec<i64>]) -> (Vec<Vec<i64>>, Vec<i64>) {
        let negative = |a: &[i64]| a.iter().map(|a| -a).collect::<Vec<i64>>();
        match game {
            [a, b] => (vec![minus(a, b), b.clone(), negative(b)], vec![1, 1, -1]),
            [a] => (vec![a.clone(), negative(a)], vec![1, -1]),
            _ => (Vec::new(), Vec::new()),
        }
    }

    /// The difference of two rows.
    pub fn minus(a: &[i64], b: &[i64]) -> Vec<i64> {
        a.iter().zip(b).map(|(a, b)| a - b).collect()
    }
}

/// How a case reaches the answer.
pub mod call {
    use super::given::Layer;

    /// How many inputs, and inputs on which the judge tries the network.
    pub type Input = (usize, Vec<Vec<i64>>);

    pub type Output = Vec<Layer>;

    pub fn call(input: &Input) -> Output {
        super::solution::largest_of_many(input.0)
    }
}

/// What the judge knows.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};
    use super::given::run;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("as many inputs as a power of two", 4, |rng| {
            let n = 1 << rng.random_range(2..=4);
            tried(rng, n, -50..=50)
        });
        cases.general("another number of inputs", 6, |rng| {
            let n = [5, 6, 7, 11, 13, 17, 19][rng.random_range(0..7)];
            tried(rng, n, -50..=50)
        });
        cases.edge("negative inputs alone", 3, |rng| {
            let n = rng.random_range(5..=9);
            tried(rng, n, -90..=-1)
        });
        cases.edge("two inputs", 2, |rng| tried(rng, 2, -9..=9));
        cases.edge("single input", 2, |rng| tried(rng, 1, -9..=9));
    }

    /// Inputs whose largest stands at each place in turn.
    fn tried(rng: &mut Rng, n: usize, range: std::ops::RangeInclusive<i64>) -> Input {
        let mut point = |place: usize| {
            let mut x: Vec<i64> = (0..n).map(|_| rng.random_range(range.clone())).collect();
            let largest = (0..n).max_by_key(|&i| x[i]).unwrap_or(0);
            x.swap(place % n, largest);
            x
        };
        (n, (0..2 * n + 4).map(&mut point).collect())
    }

    /// The network must do on each input what the expected one does, with no more layers.
    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let (n, points) = input;
        if found.len() > expected.len() {
            let [most, layers] = [expected.len(), found.len()].map(|l| l.saturating_sub(1));
            return Err(format!("for {n} inputs: {layers} layers before the last, at most {most}"));
        }
        if let Some(wide) = found.iter().map(|layer| layer.bias.len()).find(|&rows| rows > 3 * n) {
            return Err(format!("for {n} inputs: a layer has {wide} rows, at most {}", 3 * n));
        }
        for x in points {
            let (right, answer) = (run(expected, x), run(found, x));
            if answer.is_none() {
                return Err(format!("for {n} inputs: the shapes of the layers do not fit"));
            }
            if right != answer {
                let [right, answer] = [right, answer].map(|z| z.unwrap_or_default());
                return Err(format!("for {n} inputs: expected {right:?}, found {answer:?}"));
            }
        }
        Ok(())
    }
}

/// What the student sees and runs.
#[cfg(test)]
mod tests {
    use super::given::run;
    use super::solution::largest_of_many;

    #[test]
    fn two_numbers() {
        let network = largest_of_many(2);
        assert_eq!(network.len(), 2);
        for x in [[3, 5], [5, 3], [-3, -5], [-5, -3], [4, 4]] {
            assert_eq!(run(&network, &x), Some(vec![x[0].max(x[1])]));
        }
    }

    #[test]
    fn one_number_is_the_largest() {
        let network = largest_of_many(1);
        assert_eq!((network.len(), run(&network, &[-7])), (1, Some(vec![-7])));
    }

    #[test]
    fn three_numbers_take_two_rounds() {
        let network = largest_of_many(3);
        assert_eq!(network.len(), 3);
        for x in [[1, 2, 3], [3, 2, 1], [-4, -1, -3], [-4, -3, -1], [0, 7, 0]] {
            assert_eq!(run(&network, &x), x.iter().copied().max().map(|z| vec![z]));
        }
    }
}

/// Lets the second number of a pair through one unit.
///
/// # Feedback
///
/// Your network is right where the second of two numbers is not negative. A rectified unit alone does not let negative numbers pass; what does?
pub mod mutant_cuts_the_second {
    pub use super::solution::*;

    /// Two units a pair.
    pub fn units(game: &[Vec<i64>]) -> (Vec<Vec<i64>>, Vec<i64>) {
        let negative = |a: &[i64]| a.iter().map(|a| -a).collect::<Vec<i64>>();
        match game {
            [a, b] => (vec![minus(a, b), b.clone()], vec![1, 1]),
            [a] => (vec![a.clone(), negative(a)], vec![1, -1]),
            _ => (Vec::new(), Vec::new()),
        }
    }
}

/// Lets a number without a partner through one unit.
///
/// # Feedback
///
/// Your pairs are right. A number that has no partner in a round is lost if it is negative: it, too, has to pass a layer that cuts off what is below 0.
pub mod mutant_cuts_the_odd_one {
    pub use super::solution::*;

    /// One unit for a number without a partner.
    pub fn units(game: &[Vec<i64>]) -> (Vec<Vec<i64>>, Vec<i64>) {
        let negative = |a: &[i64]| a.iter().map(|a| -a).collect::<Vec<i64>>();
        match game {
            [a, b] => (vec![minus(a, b), b.clone(), negative(b)], vec![1, 1, -1]),
            [a] => (vec![a.clone()], vec![1]),
            _ => (Vec::new(), Vec::new()),
        }
    }
}

/// Forgets a number without a partner.
///
/// # Feedback
///
/// With an odd number of values in a round, your network never looks at the last one. It has no partner, and still it may be the largest.
pub mod mutant_forgets_the_odd_one {
    pub use super::solution::*;

    /// Whole pairs only.
    pub fn games(values: &[Vec<i64>]) -> Vec<&[Vec<i64>]> {
        values.chunks_exact(2).collect()
    }
}

/// Compares the first with the second, the larger with the third, and so on.
///
/// # Feedback
///
/// Your network is right and too deep: it has a layer for each number but one. Many pairs can be compared in the same layer.
pub mod mutant_plays_in_a_chain {
    pub use super::solution::*;

    /// One game, and the others wait.
    pub fn games(values: &[Vec<i64>]) -> Vec<&[Vec<i64>]> {
        let (first, rest) = values.split_at(2);
        std::iter::once(first).chain(rest.chunks(1)).collect()
    }
}
