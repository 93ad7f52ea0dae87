//! The judge: a program of its own, made of one exercise, that the student's code never meets.
//!
//! `cases SEED` writes the kinds and the cases, each with the input, the solution's output and what a person may read of the
//! input. `compare` reads outputs from standard input and says of each what is wrong with it. `reply SEED` answers questions, one
//! a line.
//!
//! A *metered* exercise keeps a part of each input here, such as a function whose calls are counted. The answer gets the
//! rest ([`hiding`]), and may ask for more ([`metered`]). Whoever hands its questions on counts them: what an answer says of its own cost
//! is never read.

use std::cell::Cell;
use std::fmt::Debug;
use std::io::{self, BufRead as _, Read as _, Write as _};
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
    /// How much it weighs beside the others.
    pub weight: u32,
    /// Does it earn by the share of its cases that are right, rather than all or nothing?
    pub by_share: bool,
}

/// A case, as the judge tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldCase {
    /// Index of its kind.
    pub kind: usize,
    /// The input, MessagePack in hexadecimal.
    pub input: String,
    /// What the answer gets of it, likewise, where that is not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
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
    /// May an answer ask the judge?
    #[serde(default)]
    pub replies: bool,
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

/// What [`reply`] says to a question that it cannot answer: no value has an odd number of digits.
pub const NO_REPLY: &str = "-";

/// An output with its cost, which the judge's side counted.
// ANCHOR: metered
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metered<Output> {
    /// Questions that were asked.
    pub questions: u64,
    /// The output.
    pub output: Output,
}
// ANCHOR_END: metered

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
    serve(&Side { cases, open: &|_| Ok(None), solve: &solve, reply: None, compare })
}

/// The `main` of a judge that hides a part of each input; the answer gets what `open` leaves.
pub fn hiding<Input, Open, Output>(
    cases: fn(&mut Cases<Input>),
    open: fn(&Input) -> Open,
    call: fn(&Open) -> Output,
    compare: fn(&Input, &Output, &Output) -> Result<(), String>,
) -> ExitCode
where
    Input: Serialize + DeserializeOwned + Debug,
    Open: Serialize,
    Output: Serialize + DeserializeOwned,
{
    let solve = |input: &Input| call(&open(input));
    serve(&Side {
        cases,
        open: &|i| encode(&open(i)).map(Some),
        solve: &solve,
        reply: None,
        compare,
    })
}

/// The `main` of a judge that hides a part of each input and answers questions about it, which are counted.
#[allow(clippy::type_complexity, reason = "each type is a function that an exercise writes out")]
pub fn metered<Input, Open, Question, Reply, Output>(
    cases: fn(&mut Cases<Input>),
    open: fn(&Input) -> Open,
    call: fn(&Open, &dyn Fn(&Question) -> Reply) -> Output,
    reply: fn(&Input, &Question) -> Reply,
    compare: fn(&Input, &Metered<Output>, &Metered<Output>) -> Result<(), String>,
) -> ExitCode
where
    Input: Serialize + DeserializeOwned + Debug,
    Open: Serialize,
    Question: DeserializeOwned,
    Reply: Serialize,
    Output: Serialize + DeserializeOwned,
{
    let solve = |input: &Input| {
        let questions = Cell::new(0);
        let ask = |question: &Question| {
            questions.set(questions.get() + 1);
            reply(input, question)
        };
        let output = call(&open(input), &ask);
        Metered { questions: questions.get(), output }
    };
    // Whatever the question is, it is the question that is wrong and not the judge.
    let reply = |input: &Input, question: &str| {
        let question = decode(question)?;
        let replied = catch_unwind(AssertUnwindSafe(|| reply(input, &question))).ok()?;
        encode(&replied).ok()
    };
    serve(&Side {
        cases,
        open: &|i| encode(&open(i)).map(Some),
        solve: &solve,
        reply: Some(&reply),
        compare,
    })
}

/// A reply to a question about an input, both in hexadecimal; nothing where there is none.
type Replies<'a, Input> = &'a dyn Fn(&Input, &str) -> Option<String>;

/// What an exercise gives.
struct Side<'a, Input, Output> {
    cases: fn(&mut Cases<Input>),
    open: &'a dyn Fn(&Input) -> Result<Option<String>, String>,
    solve: &'a dyn Fn(&Input) -> Output,
    reply: Option<Replies<'a, Input>>,
    compare: fn(&Input, &Output, &Output) -> Result<(), String>,
}

fn serve<Input, Output>(side: &Side<'_, Input, Output>) -> ExitCode
where
    Input: Serialize + DeserializeOwned + Debug,
    Output: Serialize + DeserializeOwned,
{
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["cases", seed] => seeded(seed).and_then(|seed| tell(side, seed)),
        ["reply", seed] => seeded(seed).and_then(|seed| reply(side, seed)),
        ["compare"] => judge(side.compare),
        _ => Err("wants `cases SEED`, `reply SEED` or `compare`".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("judge: {fault}");
            ExitCode::from(FAULT)
        }
    }
}

fn seeded(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is no seed; give a whole number"))
}

/// Answers questions from standard input, each a line: the question's number, that of the case, and the question. The first comes back with the reply.
fn reply<Input, Output>(side: &Side<'_, Input, Output>, seed: u64) -> Result<(), String> {
    std::panic::set_hook(Box::new(|_| {}));
    let reply = side.reply.ok_or("this exercise answers no questions")?;
    let mut cases = Cases::new(seed);
    (side.cases)(&mut cases);
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|e| e.to_string())?;
        let mut words = line.splitn(3, ' ');
        let (Some(asked), Some(number), Some(question)) =
            (words.next(), words.next(), words.next())
        else {
            return Err("a question has no number".to_owned());
        };
        let number: usize = number.parse().map_err(|_| "a question is about no case")?;
        let (_, input) = cases.inputs().get(number).ok_or("a question is about no case")?;
        let replied = reply(input, question).unwrap_or_else(|| NO_REPLY.to_owned());
        let mut out = io::stdout().lock();
        writeln!(out, "{asked} {replied}").and_then(|()| out.flush()).map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn tell<Input: Serialize + Debug, Output: Serialize>(
    side: &Side<'_, Input, Output>,
    seed: u64,
) -> Result<(), String> {
    let mut cases = Cases::new(seed);
    (side.cases)(&mut cases);
    let kinds = cases.kinds().iter();
    let kinds = kinds.map(|k| ToldKind {
        name: k.name.to_owned(),
        general: k.general,
        weight: k.weight,
        by_share: k.by_share,
    });
    let replies = side.reply.is_some();
    let mut told = Told { kinds: kinds.collect(), cases: Vec::new(), replies };
    for (kind, input) in cases.inputs() {
        let shown = cut(format!("{input:?}"), SHOWN);
        told.cases.push(ToldCase {
            kind: *kind,
            input: encode(input)?,
            open: (side.open)(input)?,
            expected: encode(&(side.solve)(input))?,
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

/// A value as MessagePack in hexadecimal.
fn encode<T: Serialize>(value: &T) -> Result<String, String> {
    rmp_serde::to_vec(value).map(|b| hex(&b)).map_err(|e| e.to_string())
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
    fn questions_are_counted_before_the_output() {
        // The count stands before what the answer gave, so that no output can be read as one.
        let metered = Metered { questions: 300, output: Some(7_u8) };
        let text = encode(&metered).unwrap();
        assert_eq!(text, ["92", &encode(&300_u64).unwrap(), "07"].concat());
        assert_eq!(decode::<Metered<Option<u8>>>(&text), Some(metered));
    }

    #[test]
    fn a_length_that_promises_too_much_asks_for_no_memory() {
        assert!(asked(&[0xdd, 255, 255, 255, 255]).unwrap().contains("type"));
    }
}
