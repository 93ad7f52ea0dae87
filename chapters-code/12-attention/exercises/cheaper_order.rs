//! # In which order?
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: attention-fast
//!
//! Leave the softmax out, and a head is a product of three matrices: $`Q K^\top V`$, with $`Q`$ of shape $`(T, d)`$, $`K`$ of shape $`(S, d)`$ and $`V`$ of shape $`(S, D)`$. A product of three matrices may be computed in two orders:
//!
//! ```math
//! (Q K^\top)\, V \qquad \text{or} \qquad Q\, (K^\top V)
//! ```
//!
//! Both give the same numbers. They do not cost the same: an $`(a, b)`$ matrix times a $`(b, c)`$ matrix takes $`a \, b \, c`$ multiply-adds, and makes $`a \, c`$ numbers.
//!
//! Write a function that is given $`T`$, $`S`$, $`d`$ and $`D`$ and says
//!
//! 1. whether the second order, $`Q (K^\top V)`$, is the one to take;
//! 2. how many multiply-adds the order that is taken needs, both products together;
//! 3. how many numbers stand between its two products.
//!
//! Take the order with fewer multiply-adds. Where they are equal, take the one with fewer numbers in between, and where these are equal, too, the first. Lengths go up to ten million, and any of the four may be zero.
//!
//! ## Hint 1
//!
//! Which shape has $`Q K^\top`$, and which has $`K^\top V`$?
//!
//! ## Hint 2
//!
//! The first order takes $`T d S`$ multiply-adds for $`Q K^\top`$ and $`T S D`$ for the product with $`V`$. Count the second in the same way.
//!
//! ## Hint 3
//!
//! Two pairs, each of multiply-adds and numbers in between, are compared like words: first by the first, then by the second. Rust's tuples do that.
//!
//! ## Solution
//!
//! The first order takes $`T S (d + D)`$ multiply-adds and holds $`T S`$ numbers, the second $`d D (T + S)`$ and $`d D`$. With $`T = S`$ and $`d = D`$ the second is cheaper where $`T > d`$: a head of 64 numbers would gain from 65 tokens on.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes.
//!
//! **Misconceptions.** That the order of a product is free to choose in attention. The softmax stands between the two products and needs each row of scores whole; networks that take the second order have something else in its place, and their outputs are others.
//!
//! **Discussion.** A model that writes has one query at a time and keeps keys and values of a thousand tokens. Which order is cheaper then? What changes when the matrix $`K^\top V`$ is kept from token to token?

/// What the student starts from.
pub mod starter {
    /// Whether to take the second order, the multiply-adds of the one that is taken,
    /// and its numbers in between.
    pub fn cheaper_order(t: u64, s: u64, d: u64, width: u64) -> (bool, u64, u64) {
        todo!("count both orders, and compare")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// Whether to take the second order, the multiply-adds of the one that is taken,
    /// and its numbers in between.
    pub fn cheaper_order(t: u64, s: u64, d: u64, width: u64) -> (bool, u64, u64) {
        let first = (t * s * (d + width), t * s);
        let second = (d * width * (t + s), d * width);
        let (work, between) = first.min(second);
        (second < first, work, between)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub t: u64,
        pub s: u64,
        pub d: u64,
        pub width: u64,
    }

    pub type Output = (bool, u64, u64);

    pub fn call(input: &Input) -> Output {
        super::solution::cheaper_order(input.t, input.s, input.d, input.width)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("short sequences", 6, |rng| Input {
            t: rng.random_range(1..20),
            s: rng.random_range(1..20),
            d: rng.random_range(20..80),
            width: rng.random_range(20..80),
        });
        cases.general("long sequences", 6, |rng| Input {
            t: rng.random_range(500..3000),
            s: rng.random_range(500..3000),
            d: rng.random_range(16..128),
            width: rng.random_range(16..128),
        });
        cases.general("one query, many keys", 4, |rng| Input {
            t: 1,
            s: rng.random_range(100..2000),
            d: rng.random_range(8..64),
            width: rng.random_range(8..64),
        });
        cases.general("few numbers in a query, many in a value", 4, |rng| Input {
            t: rng.random_range(30..60),
            s: rng.random_range(30..60),
            d: rng.random_range(2..6),
            width: rng.random_range(200..900),
        });
        cases.edge("very long sequences", 3, |rng| Input {
            t: rng.random_range(5_000_000..10_000_000),
            s: rng.random_range(5_000_000..10_000_000),
            d: rng.random_range(64..256),
            width: rng.random_range(64..256),
        });
        cases.edge("equal work", 3, |rng| {
            let n = rng.random_range(4..60);
            Input { t: n, s: n, d: n, width: n }
        });
        cases.edge("equal work, other numbers in between", 3, |rng| {
            let n = rng.random_range(1..9);
            Input { t: 2 * n, s: 6 * n, d: 3 * n, width: 3 * n }
        });
        cases.edge("nothing at all", 2, |rng| Input {
            t: 0,
            s: rng.random_range(0..9),
            d: rng.random_range(1..9),
            width: rng.random_range(1..9),
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let Input { t, s, d, width } = input;
        let sizes = format!("for T = {t}, S = {s}, d = {d}, D = {width}");
        let order = |second: bool| if second { "the second order" } else { "the first order" };
        if expected.0 != found.0 {
            let (expected, found) = (order(expected.0), order(found.0));
            return Err(format!("{sizes} it is {expected}, and you take {found}"));
        }
        if expected.1 != found.1 {
            let (e, f) = (expected.1, found.1);
            return Err(format!("{sizes} there are {e} multiply-adds, and you say {f}"));
        }
        if expected.2 != found.2 {
            let (e, f) = (expected.2, found.2);
            return Err(format!("{sizes} there are {e} numbers in between, and you say {f}"));
        }
        Ok(())
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::cheaper_order;

    #[test]
    fn five_words() {
        // The head of the chapter: five words, four numbers in a query, two in a value.
        assert_eq!(cheaper_order(5, 5, 4, 2), (true, 80, 8));
    }

    #[test]
    fn a_head_of_a_vision_transformer() {
        assert_eq!(cheaper_order(50, 50, 64, 64), (false, 320_000, 2500));
        assert_eq!(cheaper_order(197, 197, 64, 64), (true, 1_613_824, 4096));
    }

    #[test]
    fn equal_in_everything() {
        assert_eq!(cheaper_order(7, 7, 7, 7), (false, 686, 49));
    }
}

/// Compares what is held.
///
/// # Feedback
///
/// You take the order with fewer numbers in between. Fewer multiply-adds come first; the numbers in between decide only where these are equal.
pub mod mutant_compares_what_is_held {
    /// The order.
    pub fn cheaper_order(t: u64, s: u64, d: u64, width: u64) -> (bool, u64, u64) {
        let first = (t * s, t * s * (d + width));
        let second = (d * width, d * width * (t + s));
        let (between, work) = first.min(second);
        (second < first, work, between)
    }
}

/// Counts one product.
///
/// # Feedback
///
/// You count one product of each order. The second product of the first order takes $`T S D`$ multiply-adds, that of the second order $`T d D`$.
pub mod mutant_counts_one_product {
    /// The order.
    pub fn cheaper_order(t: u64, s: u64, d: u64, width: u64) -> (bool, u64, u64) {
        let first = (t * s * d, t * s);
        let second = (s * d * width, d * width);
        let (work, between) = first.min(second);
        (second < first, work, between)
    }
}

/// Takes queries for keys.
///
/// # Feedback
///
/// You count as if there were as many keys as queries. $`K^\top V`$ sums over the $`S`$ keys.
pub mod mutant_as_many_keys_as_queries {
    /// The order.
    pub fn cheaper_order(t: u64, _: u64, d: u64, width: u64) -> (bool, u64, u64) {
        let first = (t * t * (d + width), t * t);
        let second = (d * width * (t + t), d * width);
        let (work, between) = first.min(second);
        (second < first, work, between)
    }
}

/// Takes values as wide as queries.
///
/// # Feedback
///
/// You count as if a value had as many numbers as a query. A value has $`D`$.
pub mod mutant_values_as_wide_as_queries {
    /// The order.
    pub fn cheaper_order(t: u64, s: u64, d: u64, _: u64) -> (bool, u64, u64) {
        let first = (t * s * (d + d), t * s);
        let second = (d * d * (t + s), d * d);
        let (work, between) = first.min(second);
        (second < first, work, between)
    }
}

/// Prefers the second order where all is equal.
///
/// # Feedback
///
/// Where both orders take the same multiply-adds and hold the same numbers, the first is asked for.
pub mod mutant_prefers_the_second {
    /// The order.
    pub fn cheaper_order(t: u64, s: u64, d: u64, width: u64) -> (bool, u64, u64) {
        let first = (t * s * (d + width), t * s);
        let second = (d * width * (t + s), d * width);
        let (work, between) = first.min(second);
        (second <= first, work, between)
    }
}

/// Forgets what is held where work is equal.
///
/// # Feedback
///
/// Where both orders take the same multiply-adds, the one with fewer numbers in between is asked for. You always take the first then.
pub mod mutant_does_not_look_at_what_is_held {
    /// The order.
    pub fn cheaper_order(t: u64, s: u64, d: u64, width: u64) -> (bool, u64, u64) {
        let (first, second) = (t * s * (d + width), d * width * (t + s));
        match second < first {
            true => (true, second, d * width),
            false => (false, first, t * s),
        }
    }
}

/// Counts in 32 bits.
///
/// # Feedback
///
/// For long sequences your count is too small: it does not fit in 32 bits. Count in `u64`.
pub mod mutant_counts_in_32_bits {
    /// The order.
    pub fn cheaper_order(t: u64, s: u64, d: u64, width: u64) -> (bool, u64, u64) {
        let first = (t * s * (d + width), t * s);
        let second = (d * width * (t + s), d * width);
        let (work, between) = first.min(second);
        (second < first, u64::from(work as u32), u64::from(between as u32))
    }
}
