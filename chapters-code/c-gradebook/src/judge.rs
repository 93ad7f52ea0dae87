//! The judge: a program of its own, made of one exercise, that the student's code never meets.
//!
//! It has two uses. `cases SEED` writes the kinds and the cases, each with the input, the solution's output and what a person
//! may read of the input. `compare` reads outputs from standard input and says of each what is wrong with it.

use std::fmt::Debug;
use std::io::{self, Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cases::Cases;
use crate::hash::{hex, unhex};

/// A kind of cases, as the judge tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldKind {
    /// Its name in the exercise's words.
    pub name: String,
    /// Is it what the exercise is about, rather than an edge of it?
    pub general: bool,
}

/// A case, as the judge tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldCase {
    /// Index of its kind.
    pub kind: usize,
    /// The input, MessagePack in hexadecimal.
    pub input: String,
    /// The solution's output, likewise.
    pub expected: String,
    /// The input as a person reads it, cut to a few lines. For the student's own loop, never for a report.
    pub shown: String,
}

/// All cases of an exercise for one seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The kinds.
    pub kinds: Vec<ToldKind>,
    /// The cases, kind by kind.
    pub cases: Vec<ToldCase>,
}

/// An output to be judged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asked {
    /// The input, MessagePack in hexadecimal.
    pub input: String,
    /// The solution's output, likewise.
    pub expected: String,
    /// The answer's output, likewise.
    pub found: String,
}

/// The most characters that are shown of an input.
const SHOWN: usize = 1200;

/// The most characters that a comparison says: a message may quote the output, and an output is long.
const SAID: usize = 600;

/// The exit status of a judge that is itself at fault.
pub const FAULT: u8 = 2;

/// The judge's `main`.
pub fn main<Input, Output>(
    cases: fn(&mut Cases<Input>),
    solve: fn(&Input) -> Output,
    compare: fn(&Input, &Output, &Output) -> Result<(), String>,
) -> ExitCode
where
    Input: Serialize + DeserializeOwned + Debug,
    Output: Serialize + DeserializeOwned,
{
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["cases", seed] => match seed.parse() {
            Ok(seed) => tell(cases, solve, seed),
            Err(_) => Err(format!("`{seed}` is no seed; give a whole number")),
        },
        ["compare"] => judge(compare),
        _ => Err("wants `cases SEED` or `compare`".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("judge: {fault}");
            ExitCode::from(FAULT)
        }
    }
}

fn tell<Input: Serialize + Debug, Output: Serialize>(
    collect: fn(&mut Cases<Input>),
    solve: fn(&Input) -> Output,
    seed: u64,
) -> Result<(), String> {
    let mut cases = Cases::new(seed);
    collect(&mut cases);
    let kinds = cases.kinds().iter();
    let kinds = kinds.map(|k| ToldKind { name: k.name.to_owned(), general: k.general }).collect();
    let mut told = Told { kinds, cases: Vec::new() };
    for (kind, input) in cases.inputs() {
        let bytes = |e: Result<Vec<u8>, rmp_serde::encode::Error>| {
            e.map(|b| hex(&b)).map_err(|e| e.to_string())
        };
        let shown = cut(format!("{input:?}"), SHOWN);
        told.cases.push(ToldCase {
            kind: *kind,
            input: bytes(rmp_serde::to_vec(input))?,
            expected: bytes(rmp_serde::to_vec(&solve(input)))?,
            shown,
        });
    }
    let text = serde_json::to_string(&told).map_err(|e| e.to_string())?;
    writeln!(io::stdout(), "{text}").map_err(|e| e.to_string())
}

/// A text of at most `most` characters.
fn cut(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Answers a list of [`Asked`] with a list of verdicts: nothing where the output is right, else what is wrong.
fn judge<Input: DeserializeOwned, Output: DeserializeOwned>(
    compare: fn(&Input, &Output, &Output) -> Result<(), String>,
) -> Result<(), String> {
    std::panic::set_hook(Box::new(|_| {}));
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|e| e.to_string())?;
    let asked: Vec<Asked> = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let verdicts: Result<Vec<Option<String>>, String> =
        asked.iter().map(|asked| verdict(compare, asked)).collect();
    let text = serde_json::to_string(&verdicts?).map_err(|e| e.to_string())?;
    writeln!(io::stdout(), "{text}").map_err(|e| e.to_string())
}

fn verdict<Input: DeserializeOwned, Output: DeserializeOwned>(
    compare: fn(&Input, &Output, &Output) -> Result<(), String>,
    asked: &Asked,
) -> Result<Option<String>, String> {
    let input = decode(&asked.input).ok_or("an input cannot be read")?;
    let expected = decode(&asked.expected).ok_or("an expected output cannot be read")?;
    let Some(found) = decode(&asked.found) else {
        return Ok(Some("the output is not of the type that the exercise asks for".to_owned()));
    };
    // Whatever the output is, it is the output that is wrong and not the judge.
    let compared = catch_unwind(AssertUnwindSafe(|| compare(&input, &expected, &found)));
    Ok(match compared {
        Ok(Ok(())) => None,
        Ok(Err(message)) => Some(cut(message, SAID)),
        Err(_) => Some("the output has not the form that the exercise asks for".to_owned()),
    })
}

/// A value from MessagePack in hexadecimal, if the text holds it and nothing more.
fn decode<T: DeserializeOwned>(text: &str) -> Option<T> {
    let bytes = unhex(text)?;
    let mut reader = rmp_serde::Deserializer::new(bytes.as_slice());
    let value = T::deserialize(&mut reader).ok()?;
    reader.get_ref().is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::ptr_arg, reason = "an exercise compares its own type of output")]
    fn compare(_: &u8, expected: &Vec<f64>, found: &Vec<f64>) -> Result<(), String> {
        if expected[0] == found[0] { Ok(()) } else { Err(format!("expected {}", expected[0])) }
    }

    fn asked(found: &[u8]) -> Option<String> {
        let bytes = |v: &Vec<f64>| hex(&rmp_serde::to_vec(v).unwrap());
        let expected = bytes(&vec![0.5]);
        verdict(compare, &Asked { input: hex(&[7]), expected, found: hex(found) }).unwrap()
    }

    #[test]
    fn outputs_of_any_kind_get_a_verdict() {
        let bytes = |v: Vec<f64>| rmp_serde::to_vec(&v).unwrap();
        assert_eq!(asked(&bytes(vec![0.5])), None);
        assert_eq!(asked(&bytes(vec![1.0])), Some("expected 0.5".into()));
        assert!(asked(&bytes(vec![])).unwrap().contains("form"));
        assert!(asked(&[0xa1, b'x']).unwrap().contains("type"));
        let mut long = bytes(vec![0.5]);
        long.push(0);
        assert!(asked(&long).unwrap().contains("type"));
    }

    #[test]
    fn a_length_that_promises_too_much_asks_for_no_memory() {
        assert!(asked(&[0xdd, 255, 255, 255, 255]).unwrap().contains("type"));
    }
}
