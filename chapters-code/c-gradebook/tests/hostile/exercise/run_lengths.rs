//! # Run lengths
//!
//! - points: 10
//! - minutes: 10
//! - difficulty: warm-up
//! - seconds: 1
//!
//! Write a function that gives the number of the bytes and their runs: each a byte and how often it follows itself.
//!
//! ## Hint 1
//!
//! `slice::chunk_by` cuts where two neighbours differ.
//!
//! ## Hint 2
//!
//! No chunk is empty, so its first byte is there.
//!
//! ## Solution
//!
//! Every chunk of equal bytes is a run.
//!
//! ## Notes
//!
//! **Time.** Five minutes.
//!
//! **Misconceptions.** The last run is easily forgotten.

/// What the student starts from.
pub mod starter {
    /// The number of bytes, and each run's byte and length.
    pub fn run_lengths(bytes: &[u8]) -> (u64, Vec<(u8, u64)>) {
        todo!("the runs of {} bytes", bytes.len())
    }
}

/// What is right.
pub mod solution {
    /// The number of bytes, and each run's byte and length.
    pub fn run_lengths(bytes: &[u8]) -> (u64, Vec<(u8, u64)>) {
        let runs = bytes.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64));
        (bytes.len() as u64, runs.collect())
    }
}

/// How a case reaches the answer.
pub mod call {
    pub type Input = Vec<u8>;
    pub type Output = (u64, Vec<(u8, u64)>);

    pub fn call(input: &Input) -> Output {
        super::solution::run_lengths(input)
    }
}

/// What the judge knows. The comparison is written as an author might write it who thinks of mistakes and not of malice: it
/// believes the numbers in an output.
pub mod judge {
    use gradebook::cases::{Cases, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("random bytes", 6, |rng| (0..60).map(|_| rng.random_range(0..3)).collect());
        cases.general("long runs", 4, |rng| {
            let lengths: Vec<usize> = (0..9).map(|_| rng.random_range(1..90)).collect();
            lengths.iter().enumerate().flat_map(|(i, &n)| vec![i as u8; n]).collect()
        });
        cases.edge("no bytes", 1, |_| Vec::new());
        cases.edge("one byte", 1, |rng| vec![rng.random()]);
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let mut decoded = vec![0; found.0 as usize];
        let mut at = 0;
        for &(byte, times) in &found.1 {
            for _ in 0..times {
                if let Some(place) = decoded.get_mut(at) {
                    *place = byte;
                }
                at += 1;
            }
        }
        compare::equal("the length", &expected.0, &found.0)?;
        compare::equal("the runs in words", &spelled(&expected.1), &spelled(&found.1))?;
        compare::equal("the bytes", input, &decoded)?;
        compare::equal("the runs", &expected.1, &found.1)
    }

    fn spelled(runs: &[(u8, u64)]) -> String {
        match runs {
            [] => String::new(),
            [(byte, times), others @ ..] => format!("{times} of {byte}, ") + &spelled(others),
        }
    }
}

/// What the student sees and runs.
#[cfg(test)]
mod tests {
    use super::solution::run_lengths;

    #[test]
    fn runs_of_a_word() {
        assert_eq!(run_lengths(b"aab"), (3, vec![(b'a', 2), (b'b', 1)]));
    }

    #[test]
    fn one_run() {
        assert_eq!(run_lengths(b"zzzz"), (4, vec![(b'z', 4)]));
    }

    #[test]
    fn no_runs() {
        assert_eq!(run_lengths(b""), (0, Vec::new()));
    }
}

/// Does not expect that there is nothing.
///
/// # Feedback
///
/// There may be no byte at all.
pub mod mutant_wants_a_byte {
    /// The number of bytes, and each run's byte and length.
    pub fn run_lengths(bytes: &[u8]) -> (u64, Vec<(u8, u64)>) {
        let mut runs = vec![(bytes[0], 0)];
        for &byte in bytes {
            match runs.last_mut() {
                Some((same, times)) if *same == byte => *times += 1,
                _ => runs.push((byte, 1)),
            }
        }
        (bytes.len() as u64, runs)
    }
}

/// Forgets the last run.
///
/// # Feedback
///
/// The last run ends with the bytes.
pub mod mutant_forgets_the_last {
    /// The number of bytes, and each run's byte and length.
    pub fn run_lengths(bytes: &[u8]) -> (u64, Vec<(u8, u64)>) {
        let runs = bytes.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64));
        let mut runs: Vec<(u8, u64)> = runs.collect();
        runs.pop();
        (bytes.len() as u64, runs)
    }
}

/// Takes every byte for a run.
///
/// # Feedback
///
/// Equal neighbours are one run.
pub mod mutant_never_joins {
    /// The number of bytes, and each run's byte and length.
    pub fn run_lengths(bytes: &[u8]) -> (u64, Vec<(u8, u64)>) {
        (bytes.len() as u64, bytes.iter().map(|&byte| (byte, 1)).collect())
    }
}
