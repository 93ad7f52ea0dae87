//! # How many is 1.5 B?
//!
//! - points: 6
//! - minutes: 25
//! - difficulty: warm-up
//! - section: sizes
//!
//! Tables and names write counts as people say them: 124 M, 70B, 1.5 B. To check such a table a program has to read them, and since a count of
//! parameters is a whole number, it should get the whole number and not one that is nearly right. As text, 8.030261248 B is exact; through an `f64`
//! it need not be.
//!
//! Write a function that reads a count and gives the number, or `None` where the text is not a count.
//!
//! A count is a number and, if wanted, a suffix.
//!
//! - The number is one or more digits from 0 to 9. A point may follow, and then there are one or more digits behind it: `7`, `0.5`, `12.50`, `007`.
//! - The suffix is one letter, in either case: `K` for a thousand, `M` for a million, `B` for a billion, $`10^9`$, and `T` for $`10^{12}`$.
//! - There may be spaces before the number, between number and suffix, and at the end.
//! - Nothing else may occur: no sign, no comma, no exponent, no other unit. `.5B`, `5.B`, `-3M`, `1e9`, `5 MB` and the empty text are no counts.
//! - What the text says must be whole. `1.5` and `1.2345 K` are no counts, `2.0` and `1.23400 K` are.
//! - It must fit `u64`; what is larger is `None`. The number may have any number of digits: zeros in front and at the end of the decimals change
//!   nothing.
//!
//! ## Hint 1
//!
//! Do not compute at first. What does a suffix do to the *digits* of a decimal number?
//!
//! ## Hint 2
//!
//! `B` moves the point nine places to the right. Digits that stand behind the new point must be zeros.
//!
//! ## Hint 3
//!
//! Drop the zeros at the end of the decimals. Are more decimals left than the suffix has zeros, it is no count. Otherwise write down the digits
//! before the point, the decimals and as many zeros as are still missing, and let `parse::<u64>` read that; it refuses what does not fit. It also
//! accepts a `+`, so look at the digits beforehand.
//!
//! ## Solution
//!
//! The point is moved in the text and not by arithmetic. So there is nothing that could be rounded, and the only number that is ever computed is the
//! result, by a function of the standard library that notices when it does not fit.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes, of which the text that is no count takes most.
//!
//! **Misconceptions.** That `f64` is exact enough for counts: it holds every whole number only up to $`2^{53}`$, and the product with $`10^9`$ is
//! rounded before that. That `as u64` notices overflow: it saturates. That the decimals `05` are the number 5.
//!
//! **Discussion.** The chapter's `Bytes` reads memory through an `f64` on purpose. Why does it matter less there? (An amount of memory that somebody
//! types is a limit, not a count.)

/// What the student starts from.
pub mod starter {
    /// The number that a text such as `1.5 B` stands for, if it is a count.
    pub fn parse_count(text: &str) -> Option<u64> {
        todo!("take the suffix off, then move the point")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The number that a text such as `1.5 B` stands for, if it is a count.
    pub fn parse_count(text: &str) -> Option<u64> {
        let text = text.trim_matches(' ');
        let number = text.trim_end_matches(|c: char| c.is_alphabetic());
        let zeros = zeros_of(&text[number.len()..])?;
        let number = number.trim_end_matches(' ');
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        if !is_digits(whole) || !is_digits(decimals) {
            return None;
        }
        move_point(whole, decimals, zeros)
    }

    /// How many places a suffix moves the point; nothing where it is unknown.
    pub fn zeros_of(suffix: &str) -> Option<usize> {
        match suffix {
            "" => Some(0),
            "k" | "K" => Some(3),
            "m" | "M" => Some(6),
            "b" | "B" => Some(9),
            "t" | "T" => Some(12),
            _ => None,
        }
    }

    /// Digits, and at least one.
    pub fn is_digits(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The number with its point moved; nothing where it is not whole or too large.
    pub fn move_point(whole: &str, decimals: &str, zeros: usize) -> Option<u64> {
        let decimals = decimals.trim_end_matches('0');
        let missing = zeros.checked_sub(decimals.len())?;
        format!("{whole}{decimals}{}", "0".repeat(missing)).parse().ok()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<String>;

    pub type Output = Vec<Option<u64>>;

    pub fn call(input: &Input) -> Output {
        input.iter().map(|text| super::solution::parse_count(text)).collect()
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, IndexedRandom as _, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    /// Suffixes, and how many decimals may stand before each.
    const SUFFIXES: [(&str, u32); 8] =
        [("K", 3), ("k", 3), ("M", 6), ("m", 6), ("B", 9), ("b", 9), ("T", 12), ("t", 12)];

    /// Each has one fault.
    const NO_COUNTS: [&str; 24] = [
        "", " ", "B", ".", ".5B", "5.B", ".M", "1.2.3M", "-3M", "+3M", "1.+5B", "1e9", "3 4",
        "12Q", "5 MB", "7 B B", "0x10", "1,000", "१B", "2½K", "inf", "NaN", "1_000", "K 5",
    ];

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("decimals and a suffix", 5, |rng| {
            texts(rng, |rng| {
                let &(suffix, most) = SUFFIXES.choose(rng).unwrap_or(&SUFFIXES[0]);
                let decimals = rng.random_range(1..=most.min(4));
                let (whole, rest) = (rng.random_range(0..900), rng.random_range(1..9));
                // A zero behind the point, often.
                let rest: u64 = rest * 10_u64.pow(rng.random_range(0..decimals));
                format!("{whole}.{rest:0width$}{suffix}", width = decimals as usize)
            })
        });
        cases.general("billions and trillions to the last digit", 4, |rng| {
            texts(rng, |rng| {
                let number: u64 = rng.random_range(1_000_000_000..900_000_000_000_000);
                let (suffix, places) = [("B", 9), ("T", 12)][rng.random_range(0..2)];
                let unit = 10_u64.pow(places);
                format!(
                    "{}.{:0width$} {suffix}",
                    number / unit,
                    number % unit,
                    width = places as usize
                )
            })
        });
        cases.edge("no suffix", 2, |rng| {
            texts(rng, |rng| match rng.random_range(0..3) {
                0 => rng.random_range(0..1000_u64).to_string(),
                1 => format!("00{}", rng.random_range(0..10_u64.pow(15))),
                _ => format!("{}.0", rng.random_range(0..1_000_000)),
            })
        });
        cases.edge("spaces", 2, |rng| {
            texts(rng, |rng| {
                let mut spaces = || " ".repeat(rng.random_range(0..3));
                let (a, b, c) = (spaces(), spaces(), spaces());
                let &(suffix, _) = SUFFIXES.choose(rng).unwrap_or(&SUFFIXES[0]);
                format!("{a}{}{b}{suffix}{c}", rng.random_range(1..1000))
            })
        });
        cases.edge("what is not whole", 3, |rng| {
            texts(rng, |rng| {
                let (suffix, places) = [("", 0), ("K", 3), ("M", 6)][rng.random_range(0..3)];
                let (whole, rest) =
                    (rng.random_range(0..50), rng.random_range(0..10_u64.pow(places)));
                let last = rng.random_range(1..10);
                match places {
                    0 => format!("{whole}.{last}"),
                    _ => format!("{whole}.{rest:0width$}{last}{suffix}", width = places as usize),
                }
            })
        });
        cases.edge("zeros at the end of the decimals", 3, |rng| {
            texts(rng, |rng| {
                let &(suffix, _) = SUFFIXES.choose(rng).unwrap_or(&SUFFIXES[0]);
                let zeros = "0".repeat(rng.random_range(12..40));
                format!("{}.{}{zeros}{suffix}", rng.random_range(0..80), rng.random_range(1..9))
            })
        });
        cases.edge("about as large as u64 can be", 3, |rng| {
            let mut input: Input = [
                u64::MAX.to_string(),
                "18446744073709551616".into(),
                "18446744.073709551615T".into(),
            ]
            .into();
            input.push("18446744.073709551616 T".into());
            input.push(format!("{}T", rng.random_range(18_446_745_u64..400_000_000)));
            input.push(format!(
                "{}{}",
                rng.random_range(2..9),
                "0".repeat(rng.random_range(19..50))
            ));
            input
        });
        let mut number = 0;
        cases.edge("text that is no count", 4, |_| {
            number += 6;
            NO_COUNTS[number - 6..number].iter().map(ToString::to_string).collect()
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("counts", expected, found)?;
        for ((text, expected), found) in input.iter().zip(expected).zip(found) {
            compare::equal(&format!("the count {text:?}"), expected, found)?;
        }
        Ok(())
    }

    fn texts(rng: &mut Rng, mut text: impl FnMut(&mut Rng) -> String) -> Input {
        (0..8).map(|_| text(rng)).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::parse_count;

    #[test]
    fn names_of_models() {
        assert_eq!(parse_count("70B"), Some(70_000_000_000));
        assert_eq!(parse_count("124 m"), Some(124_000_000));
        assert_eq!(parse_count(" 1.5 B "), Some(1_500_000_000));
    }

    #[test]
    fn to_the_last_digit() {
        // Llama 3 8B and ResNet-152 as the chapter counts them, and a number beyond what f64 holds exactly.
        assert_eq!(parse_count("8.030261248B"), Some(8_030_261_248));
        assert_eq!(parse_count("60.192808 M"), Some(60_192_808));
        assert_eq!(parse_count("9007199254740993"), Some(9_007_199_254_740_993));
    }

    #[test]
    fn what_is_not_whole_or_not_a_number() {
        // 1.2345 K is 1234 and a half; 1.23400 K is 1234.
        assert_eq!(parse_count("1.2345 K"), None);
        assert_eq!(parse_count("1.23400 K"), Some(1234));
        for text in ["", "B", ".5B", "5.B", "-3M", "1e9", "5 MB"] {
            assert_eq!(parse_count(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_does_not_fit() {
        assert_eq!(parse_count("18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_count("18446744073709551616"), None);
        assert_eq!(parse_count("99999999999999999999 T"), None);
    }
}

/// Computes with `f64` and cuts the result off.
///
/// # Feedback
///
/// You compute with `f64`. It has 53 bits, so products are rounded, fractions disappear when you convert, and what is too large becomes the largest
/// number without a word. Digits can be moved without computing.
pub mod mutant_computes_with_floats {
    pub use super::solution::*;

    /// The number, by a product of floating-point numbers.
    pub fn move_point(whole: &str, decimals: &str, zeros: usize) -> Option<u64> {
        let value: f64 = format!("{whole}.{decimals}").parse().ok()?;
        Some((value * 10_f64.powi(zeros as i32)) as u64)
    }
}

/// Drops the decimals that are left behind the moved point.
///
/// # Feedback
///
/// You cut off what is left behind the point: one and a half becomes 1. There is no half a parameter. A text that says so is not a count.
pub mod mutant_cuts_off {
    pub use super::solution::*;

    /// The number with its point moved, and nothing behind it.
    pub fn move_point(whole: &str, decimals: &str, zeros: usize) -> Option<u64> {
        let padded = format!("{decimals:0<zeros$}");
        format!("{whole}{}", &padded[..zeros]).parse().ok()
    }
}

/// Adds the decimals as a number of their own and so loses their leading zeros.
///
/// # Feedback
///
/// Zeros right behind the point get lost: your 8.03 is 8.3. Read as a number, `03` is 3, and how many digits it had is forgotten.
pub mod mutant_loses_zeros_behind_the_point {
    pub use super::solution::*;

    /// The number before the point and the number behind it.
    pub fn move_point(whole: &str, decimals: &str, zeros: usize) -> Option<u64> {
        let decimals = decimals.trim_matches('0');
        let missing = zeros.checked_sub(decimals.len())?;
        format!("{whole}{decimals}{}", "0".repeat(missing)).parse().ok()
    }
}

/// Counts all decimals, zeros at the end too.
///
/// # Feedback
///
/// You refuse a number because it has many decimals, even where all that are too many are zeros. 1.23400 K is 1234 and a whole number.
pub mod mutant_refuses_zeros_at_the_end {
    pub use super::solution::*;

    /// The number with its point moved, if it has no more decimals than the suffix has zeros.
    pub fn move_point(whole: &str, decimals: &str, zeros: usize) -> Option<u64> {
        let too_many = decimals.len() > zeros && !(zeros == 0 && decimals == "0");
        let missing = zeros.saturating_sub(decimals.len());
        let decimals = if zeros == 0 { "" } else { decimals };
        if too_many {
            return None;
        }
        format!("{whole}{decimals}{}", "0".repeat(missing)).parse().ok()
    }
}

/// Multiplies and adds without looking whether the result fits.
///
/// # Feedback
///
/// A number that is too large for `u64` comes out as a small one: the multiplication wrapped round. In a release build Rust does not report that by
/// itself. `checked_mul` does, and so does `parse`.
pub mod mutant_wraps_round {
    pub use super::solution::*;

    /// The number modulo 2⁶⁴.
    pub fn move_point(whole: &str, decimals: &str, zeros: usize) -> Option<u64> {
        let decimals = decimals.trim_end_matches('0');
        let missing = zeros.checked_sub(decimals.len())?;
        let digits = whole.bytes().chain(decimals.bytes()).chain(vec![b'0'; missing]);
        Some(
            digits.fold(0, |sum: u64, digit| {
                sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
            }),
        )
    }
}
