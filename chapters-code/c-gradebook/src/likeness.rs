//! Which answers are alike: to look at, since two who learned the same may well write the same.
//!
//! An answer is taken as the row of its tokens, without comments and layout, and with one name for all names, so that renaming changes
//! nothing. Lines that stand in the starter as well are left out before. What is compared is how much of two rows is common to
//! both, in order, as `diff` finds it. The exercise's own solution is one more answer.

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use proc_macro2::{TokenStream, TokenTree};
use rayon::prelude::*;
use similar::{Algorithm, capture_diff_slices, get_diff_ratio};

use crate::exercise::Exercise;
use crate::handin::HandIn;
use crate::hash;
use crate::table::Table;

/// From this share on, two answers are said to be alike.
pub const ALIKE: f64 = 0.9;
/// An answer with fewer tokens of its own says too little.
const FEWEST: usize = 40;
/// The most tokens that are compared: a diff of much longer rows takes too long.
const MOST: usize = 4000;
/// So many tokens in a row are one piece.
const PIECE: usize = 5;
/// Where fewer pieces are common than this share, there is no need to compare.
const COMMON: f64 = 0.3;

/// The name of the exercise's own solution among the answers.
pub const SOLUTION: &str = "(the solution)";

/// How two answers are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Likeness {
    /// They are the same file.
    Identical,
    /// They differ in names, comments and layout alone.
    Renamed,
    /// So much of both is common.
    Near(f64),
}

/// Two answers that are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The exercise.
    pub exercise: String,
    /// The row of the one.
    pub first: String,
    /// The row of the other, or [`SOLUTION`].
    pub second: String,
    /// How.
    pub likeness: Likeness,
}

/// An answer, ready to be compared.
struct Answer<'a> {
    student: &'a str,
    whole: String,
    tokens: Vec<u64>,
    pieces: BTreeSet<u64>,
}

/// Every two answers of `hand_ins` that are alike, the nearest first.
pub fn pairs(exercises: &[&Exercise], hand_ins: &[HandIn]) -> Vec<Pair> {
    let names: Vec<&str> = exercises.iter().map(|e| e.name.as_str()).collect();
    let taken: Vec<_> = hand_ins.iter().map(|h| (&h.student, h.answers(&names))).collect();
    let mut pairs = Vec::new();
    for exercise in exercises {
        let texts = taken.iter().filter_map(|(student, answers)| {
            let bytes = answers.get(&exercise.name)?.as_ref().ok()?;
            Some((student.as_str(), std::str::from_utf8(bytes).ok()?))
        });
        let texts: Vec<(&str, &str)> =
            texts.chain([(SOLUTION, exercise.solution.as_str())]).collect();
        pairs.extend(alike(&exercise.name, &exercise.starter, &texts));
    }
    pairs
}

/// The pairs of one exercise.
fn alike(exercise: &str, starter: &str, texts: &[(&str, &str)]) -> Vec<Pair> {
    let given: BTreeSet<&str> = starter.lines().map(str::trim).collect();
    let answers = texts.par_iter().map(|(student, text)| Answer::of(student, text, &given));
    let answers: Vec<Answer<'_>> = answers.filter(|a| a.tokens.len() >= FEWEST).collect();
    let of = |i: usize| {
        let (first, others) = (&answers[i], &answers[i + 1..]);
        let found = others.iter().filter_map(move |second| {
            let likeness = first.likeness(second)?;
            let (first, second) = (first.student.to_owned(), second.student.to_owned());
            Some(Pair { exercise: exercise.to_owned(), first, second, likeness })
        });
        found.collect::<Vec<_>>()
    };
    let mut pairs: Vec<Pair> = (0..answers.len()).into_par_iter().flat_map_iter(of).collect();
    pairs.sort_by(|a, b| b.likeness.share().total_cmp(&a.likeness.share()));
    pairs
}

impl<'a> Answer<'a> {
    fn of(student: &'a str, text: &str, given: &BTreeSet<&str>) -> Self {
        let mut tokens = tokens(text, given);
        let whole: Vec<&str> = text.lines().map(str::trim_end).collect();
        tokens.truncate(MOST);
        let piece =
            |p: &[u64]| hash::number(&p.iter().flat_map(|t| t.to_le_bytes()).collect::<Vec<_>>());
        let pieces = tokens.windows(PIECE).map(piece).collect();
        Answer { student, whole: hash::short(whole.join("\n").as_bytes()), tokens, pieces }
    }

    fn likeness(&self, other: &Self) -> Option<Likeness> {
        if self.whole == other.whole {
            return Some(Likeness::Identical);
        }
        if self.tokens == other.tokens {
            return Some(Likeness::Renamed);
        }
        let most = self.pieces.len().max(other.pieces.len()).max(1) as f64;
        if (self.pieces.intersection(&other.pieces).count() as f64) < COMMON * most {
            return None;
        }
        let changes = capture_diff_slices(Algorithm::Myers, &self.tokens, &other.tokens);
        let share = get_diff_ratio(&changes, self.tokens.len(), other.tokens.len());
        let share = (f64::from(share) * 1000.0).floor() / 1000.0;
        (share >= ALIKE).then_some(Likeness::Near(share))
    }
}

/// The tokens of an answer on lines that are not given, each as a number.
fn tokens(text: &str, given: &BTreeSet<&str>) -> Vec<u64> {
    let is_own = |line: &str| !given.contains(line) && !line.starts_with("//");
    let is_own: Vec<bool> = text.lines().map(|line| is_own(line.trim())).collect();
    let number = |word: &str| hash::number(word.as_bytes());
    // Strangers' text: if it breaks the parser, it is no Rust either.
    let parsed = catch_unwind(|| text.parse::<TokenStream>().ok());
    let Some(stream) = parsed.ok().flatten() else {
        // What is not Rust is taken word by word.
        let own = text.lines().zip(&is_own).filter(|(_, own)| **own);
        return own.flat_map(|(line, _)| line.split_whitespace()).map(number).collect();
    };
    let mut found = Vec::new();
    // No recursion: brackets may be nested as deep as anybody likes.
    let mut levels = vec![stream.into_iter()];
    while let Some(level) = levels.last_mut() {
        let Some(token) = level.next() else {
            levels.pop();
            continue;
        };
        let line = token.span().start().line;
        let is_own = is_own.get(line.saturating_sub(1)).copied().unwrap_or(true);
        let word = match &token {
            TokenTree::Ident(name) => kept(&name.to_string()),
            TokenTree::Punct(mark) => mark.as_char().to_string(),
            TokenTree::Literal(literal) => literal.to_string(),
            TokenTree::Group(group) => format!("{:?}", group.delimiter()),
        };
        if is_own {
            found.push(number(&word));
        }
        if let TokenTree::Group(group) = token {
            levels.push(group.stream().into_iter());
        }
    }
    found
}

/// Words of the language, which nobody can choose.
const WORDS: [&str; 34] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "static", "struct", "trait", "true", "unsafe", "use", "while",
];

/// A word of the language as it is, and one word for every name.
fn kept(word: &str) -> String {
    if WORDS.contains(&word) { word.to_owned() } else { "name".to_owned() }
}

impl Likeness {
    fn share(self) -> f64 {
        match self {
            Likeness::Identical => 2.0,
            Likeness::Renamed => 1.0,
            Likeness::Near(share) => share,
        }
    }

    fn in_words(self) -> String {
        match self {
            Likeness::Identical => "identical".to_owned(),
            Likeness::Renamed => "identical but for names, comments and layout".to_owned(),
            Likeness::Near(share) => format!("{share:.2} in common"),
        }
    }
}

/// The pairs as a table.
pub fn table(pairs: &[Pair]) -> Table {
    let mut table = Table::new(["exercise", "first", "second", "likeness"]);
    for pair in pairs {
        let row = [&pair.exercise, &pair.first, &pair.second, &pair.likeness.in_words()];
        table.rows.push(row.map(String::clone).to_vec());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTER: &str = "/// Runs.\npub fn runs(of: &[u8]) -> Vec<(u8, u64)> {\n    todo!()\n}\n";
    const ANSWER: &str = "/// Runs.\npub fn runs(of: &[u8]) -> Vec<(u8, u64)> {\n    let mut runs: Vec<(u8, u64)> = Vec::new();\n    \
        for &byte in of {\n        match runs.last_mut() {\n            Some((last, count)) if *last == byte => *count += 1,\n            \
        _ => runs.push((byte, 1)),\n        }\n    }\n    runs\n}\n";
    const OTHER: &str = "/// Runs.\npub fn runs(of: &[u8]) -> Vec<(u8, u64)> {\n    of.chunk_by(|a, b| a == b)\n        \
        .map(|run| (run[0], run.len() as u64))\n        .collect::<Vec<(u8, u64)>>()\n        .into_iter()\n        \
        .filter(|(_, count)| *count > 0)\n        .collect()\n}\n";

    fn of(texts: &[(&str, &str)]) -> Vec<(String, String, Likeness)> {
        let pairs = alike("runs", STARTER, texts).into_iter();
        pairs.map(|p| (p.first, p.second, p.likeness)).collect()
    }

    #[test]
    fn copies_are_found_whatever_they_are_dressed_in() {
        let dressed = ANSWER
            .replace("byte", "value")
            .replace("count", "many")
            .replace("    let", "    // Mine.\n\n      let");
        let changed = ANSWER.replace("*count += 1", "*count = *count + 1");
        let found = of(&[("ann", ANSWER), ("bob", &ANSWER.replace('\n', "\r\n")), ("eve", OTHER)]);
        assert_eq!(found, [("ann".into(), "bob".into(), Likeness::Identical)]);
        let found = of(&[("ann", ANSWER), ("bob", &dressed)]);
        assert_eq!(found, [("ann".into(), "bob".into(), Likeness::Renamed)]);
        let found = of(&[("ann", ANSWER), ("bob", &changed)]);
        assert!(matches!(found[..], [(_, _, Likeness::Near(share))] if share > 0.93), "{found:?}");
    }

    #[test]
    fn what_the_starter_gives_makes_nobody_alike() {
        let long = format!("{}\npub const A: &[u8] = &[{}];\n", STARTER, "1, ".repeat(60));
        let texts = [("ann", long.as_str()), ("bob", &long)];
        assert!(alike("runs", &long, &texts).is_empty());
        // An answer of a line says nothing, and neither does an empty one.
        assert!(of(&[("ann", STARTER), ("bob", STARTER), ("eve", "")]).is_empty());
        assert!(of(&[("ann", ANSWER), ("eve", OTHER)]).is_empty());
    }

    #[test]
    fn whatever_is_handed_in_can_be_compared() {
        let deep = "(".repeat(100_000) + &")".repeat(100_000);
        let broken = "fn a( { let ".repeat(60);
        let long = "x + ".repeat(50_000);
        let texts =
            [("a", deep.as_str()), ("b", &deep), ("c", &broken), ("d", &broken), ("e", &long)];
        let found = of(&texts);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn pairs_are_a_table() {
        let pair = |likeness| Pair {
            exercise: "runs".into(),
            first: "ann".into(),
            second: SOLUTION.into(),
            likeness,
        };
        let table = table(&[pair(Likeness::Renamed), pair(Likeness::Near(0.934))]);
        let text = String::from_utf8(table.to_bytes().unwrap()).unwrap();
        let wanted = "exercise,first,second,likeness\nruns,ann,(the solution),\"identical but for names, comments and layout\"\n\
            runs,ann,(the solution),0.93 in common\n";
        assert_eq!(text, wanted);
    }
}
