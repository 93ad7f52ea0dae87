//! What each edition of the book holds of its exercises: the reader's the solutions, the student's nothing that is secret, the
//! instructor's everything.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use book_tests::built::Kind;
use book_tests::{checkout, files};
use gradebook::library::Library;
use notebook::Workspace;
use regex::Regex;

/// The text as words in lower case with one space between them: what two renderings of it have in common.
fn words(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The words that a file of the rendered book shows or holds.
fn shown(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?s)<[^>]*>").unwrap());
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new("&#(\\d+);").unwrap());
    // A script or an index holds text in strings of its own.
    let is_page = path.extension().is_some_and(|e| e == "html");
    let text = if is_page { TAG.replace_all(&text, " ").into_owned() } else { text };
    let mut text = text.replace("\\n", " ");
    for (reference, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        text = text.replace(reference, character);
    }
    let text = NUMBER.replace_all(&text, |found: &regex::Captures<'_>| {
        found[1].parse().ok().and_then(char::from_u32).unwrap_or(' ').to_string()
    });
    format!(" {} ", words(&text))
}

/// Lines of code and pieces of sentences that are long enough to be recognised.
fn telling(text: &str) -> BTreeSet<String> {
    let pieces = text.lines().flat_map(|line| line.split(['.', ';', ':', '?', '`', '$', '*']));
    let pieces = pieces.map(|piece| format!(" {} ", words(piece)));
    pieces.filter(|p| p.len() > 28 && p.split(' ').count() > 6).collect()
}

/// What everybody may read: the book's own prose and the sources of its chapters.
fn public() -> String {
    let root = checkout();
    let mut all = files(&root.join("book"), ".md");
    all.extend(files(&root.join("chapters-code"), ".rs"));
    let is_open = |path: &&std::path::PathBuf| {
        !path.components().any(|c| c.as_os_str() == "exercises" || c.as_os_str() == "tests")
    };
    let texts = all.iter().filter(is_open).map(|path| words(&fs::read_to_string(path).unwrap()));
    texts.collect::<Vec<_>>().join(" ")
}

/// Pieces by the exercise or question that they belong to.
type Pieces = BTreeMap<String, BTreeSet<String>>;

/// What may not be seen.
#[derive(Default)]
struct Secrets {
    solutions: Pieces,
    /// Mutants with their feedback, and notes.
    keys: Pieces,
    generators: Pieces,
}

fn secrets() -> &'static Secrets {
    static SECRETS: LazyLock<Secrets> = LazyLock::new(gather);
    &SECRETS
}

fn gather() -> Secrets {
    let library = Library::of_book(&Workspace::find(checkout()).unwrap()).unwrap();
    assert!(!library.exercises.is_empty() && !library.questions.is_empty());
    let (mut secrets, mut open) = (Secrets::default(), vec![public()]);
    for exercise in &library.exercises {
        let (front, name) = (&exercise.front, || exercise.name.clone());
        open.extend([front.for_students(), front.hints.join("\n"), exercise.starter.clone()]);
        open.extend([exercise.tests.clone(), exercise.given.clone().unwrap_or_default()]);
        let mut solution = telling(exercise.solution_code());
        solution.extend(telling(&front.solution));
        let mut keys = telling(&front.notes);
        for mutant in &exercise.mutants {
            keys.extend(telling(&mutant.feedback));
            keys.extend(telling(&mutant.code));
        }
        // A mutant may repeat what the solution says.
        keys.retain(|piece| !solution.contains(piece));
        secrets.solutions.insert(name(), solution);
        secrets.keys.insert(name(), keys);
        secrets.generators.insert(name(), telling(&exercise.judge));
    }
    for question in &library.questions {
        open.push(question.front.for_students());
        secrets.solutions.insert(question.name.clone(), telling(&question.front.solution));
    }
    let open = open.iter().map(|text| words(text)).collect::<Vec<_>>().join(" ");
    for pieces in [&mut secrets.solutions, &mut secrets.keys, &mut secrets.generators] {
        let known = Search::of(pieces).hits(&format!(" {open} "));
        for (name, pieces) in pieces.iter_mut() {
            pieces.retain(|piece| !known.contains(&(name.clone(), piece.clone())));
            assert!(!pieces.is_empty(), "{name}: nothing to look for");
        }
    }
    // What one exercise's key says, the solution of another may say, too.
    let told: String = secrets.solutions.values().flatten().cloned().collect();
    let known = Search::of(&secrets.keys).hits(&told);
    for (name, pieces) in &mut secrets.keys {
        pieces.retain(|piece| !known.contains(&(name.clone(), piece.clone())));
    }
    secrets
}

/// All pieces, searched for at once.
struct Search {
    all: Vec<(String, String)>,
    automaton: AhoCorasick,
}

impl Search {
    fn of(pieces: &Pieces) -> Self {
        let all = pieces.iter().flat_map(|(n, p)| p.iter().map(|p| (n.clone(), p.clone())));
        let all: Vec<_> = all.collect();
        let automaton = AhoCorasick::new(all.iter().map(|(_, piece)| piece)).unwrap();
        Search { all, automaton }
    }

    /// The pieces that stand in a text, each with the name that it belongs to.
    fn hits(&self, text: &str) -> BTreeSet<(String, String)> {
        let hits = self.automaton.find_overlapping_iter(text);
        hits.map(|hit| self.all[hit.pattern().as_usize()].clone()).collect()
    }
}

/// Which of the pieces stand in which file of an edition.
fn found(edition: &str, pieces: &Pieces) -> BTreeMap<String, String> {
    let edition = Some(edition).filter(|edition| *edition != "reader");
    let folder = Kind { edition, ..Kind::default() }.book();
    let (search, mut found) = (Search::of(pieces), BTreeMap::new());
    for ending in [".html", ".js", ".json"] {
        for path in files(&folder, ending) {
            for (name, piece) in search.hits(&shown(&path)) {
                let place = path.strip_prefix(&folder).unwrap().display();
                found.entry(name).or_insert(format!("{place}:{piece}"));
            }
        }
    }
    found
}

#[test]
fn the_students_edition_holds_no_solution_generator_or_mutant() {
    let secrets = secrets();
    let mut all = secrets.solutions.clone();
    for (name, pieces) in secrets.generators.iter().chain(&secrets.keys) {
        all.entry(name.clone()).or_default().extend(pieces.iter().cloned());
    }
    let seen = found("student", &all);
    assert!(seen.is_empty(), "{seen:#?}");
}

#[test]
fn the_readers_edition_holds_every_solution_and_no_key() {
    let secrets = secrets();
    let seen = found("reader", &secrets.solutions);
    let missing: Vec<_> = secrets.solutions.keys().filter(|n| !seen.contains_key(*n)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let seen = found("reader", &secrets.keys);
    assert!(seen.is_empty(), "{seen:#?}");
}

#[test]
fn the_instructors_edition_holds_every_solution_and_key() {
    let secrets = secrets();
    let of = |part: &str, pieces: &Pieces| -> Vec<(String, BTreeSet<String>)> {
        pieces.iter().map(|(name, pieces)| (format!("{part} of {name}"), pieces.clone())).collect()
    };
    let solutions = of("solution", &secrets.solutions);
    let all = solutions.into_iter().chain(of("key", &secrets.keys)).collect();
    let seen = found("instructor", &all);
    let missing: Vec<_> = all.keys().filter(|n| !seen.contains_key(*n)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
