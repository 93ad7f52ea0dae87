//! Every exercise of the book holds, and the way from assigning to the grade is walked once.
//!
//! The first run compiles the chapters for the kit; what was proved before with the same files is not proved again.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use gradebook::exercise::Exercise;
use gradebook::grade::{Grader, Status, Student};
use gradebook::handin;
use gradebook::kit::Kit;
use gradebook::library::Library;
use gradebook::sandbox::Place;
use gradebook::{assign, prove, report};
use indicatif::ProgressBar;
use notebook::Workspace;

fn workspace() -> Workspace {
    Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn an_exercise_of_each_chapter_is_proved() {
    let workspace = workspace();
    let library = Library::of_book(&workspace).unwrap();
    assert!(library.faults.is_empty(), "{}", library.faults);
    let mut of_each: Vec<&Exercise> = library.exercises.iter().collect();
    of_each.dedup_by_key(|exercise| &exercise.chapter);
    let kit = Kit::build(&workspace).unwrap();
    let proof = prove::prove(&of_each, &kit, &workspace.target(), &|_, _| {}).unwrap();
    assert!(proof.faults.is_empty(), "{}", proof.faults);
    assert!(proof.known + proof.tried > 1 && proof.mutants > 0);
}

#[test]
#[ignore = "takes minutes: compiles every exercise with all its mutants"]
fn every_exercise_of_the_book_is_proved() {
    let proof = prove::prove_book(&workspace()).unwrap();
    assert!(proof.faults.is_empty(), "{}", proof.faults);
    assert!(proof.known + proof.tried > 0 && proof.mutants > 0);
}

#[test]
fn an_exercise_that_does_not_hold_is_found() {
    let workspace = workspace();
    let library = Library::of_book(&workspace).unwrap();
    let exercise = library.find("rotation_invariant_lbp").unwrap();
    let kit = Kit::build(&workspace).unwrap();
    let faults_with = |from: &str, to: &str| {
        let source = exercise.source.replacen(from, to, 1);
        assert_ne!(source, exercise.source, "`{from}` is not there");
        let mut changed = Exercise::parse(&exercise.path, &exercise.chapter, &source).unwrap();
        changed.front.crates.clone_from(&exercise.front.crates);
        let target = tempfile::tempdir().unwrap();
        let proof = prove::prove(&[&changed], &kit, target.path(), &|_, _| {}).unwrap();
        proof.faults.to_string()
    };
    // A mutant that is right after all, a solution that its own tests refute, and one that does not compile.
    let faults = faults_with("pattern >> k", "pattern.rotate_right(k)");
    assert!(faults.contains("no case tells mutant_shifts from the solution"), "{faults}");
    let faults = faults_with("shares.map(|count| count / image.pixels() as f64)", "shares");
    assert!(faults.contains("the solution fails the visible tests"), "{faults}");
    let faults = faults_with("pattern.rotate_right(k)", "pattern.rotate_rihgt(k)");
    assert!(faults.contains("does not compile"), "{faults}");
}

/// Hands in `answer` for `exercise` as `student`.
fn hand_in(class: &Path, student: &str, exercise: &Exercise, answer: &str) {
    let folder = class.join(student).join("src");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{}.rs", exercise.name)), answer).unwrap();
}

/// Grades a class with one exercise.
fn grade(class: &Path, exercise: &Exercise, kit: &Kit, out: &Path) -> Vec<Student> {
    // Where no sandbox starts, these answers are our own.
    let place = Place::sandbox(kit).unwrap_or_else(|_| Place::open(kit));
    let grader =
        Grader::new(&[exercise], kit, place, 5, &workspace().target(), out.join(".state")).unwrap();
    let hand_ins = handin::find(&[class.to_owned()]).unwrap();
    let students = grader.grade(&hand_ins, &ProgressBar::hidden()).unwrap();
    report::write(out, &[exercise], &students).unwrap();
    students
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn a_class_is_graded() {
    let workspace = workspace();
    let library = Library::of_book(&workspace).unwrap();
    let exercise = library.find("rotation_invariant_lbp").unwrap();
    let kit = Kit::build(&workspace).unwrap();
    let (class, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    hand_in(class.path(), "right", exercise, &exercise.solution);
    hand_in(class.path(), "starter", exercise, &exercise.starter);
    hand_in(class.path(), "broken", exercise, "pub fn nonsense(");
    let mutant = &exercise.mutants[0];
    hand_in(class.path(), "mutant", exercise, &mutant.answer);
    fs::create_dir(class.path().join("empty")).unwrap();

    let students = grade(class.path(), exercise, &kit, out.path());
    let of = |name: &str| students.iter().find(|s| s.student == name).unwrap();
    assert_eq!(of("right").earned, f64::from(exercise.front.points));
    for nothing in ["starter", "broken", "empty"] {
        assert_eq!(of(nothing).earned, 0.0, "{nothing}");
    }
    assert!(matches!(of("broken").answers[0].status, Status::DoesNotCompile(_)));
    assert!(matches!(of("empty").answers[0].status, Status::Missing(_)));
    assert_eq!(of("mutant").answers[0].mark.mutant.as_deref(), Some(mutant.name.as_str()));
    let page = fs::read_to_string(out.path().join("feedback/mutant.md")).unwrap();
    assert!(page.contains(&mutant.feedback), "{page}");

    let first = fs::read(out.path().join("report.json")).unwrap();
    let again = tempfile::tempdir().unwrap();
    grade(class.path(), exercise, &kit, again.path());
    assert_eq!(first, fs::read(again.path().join("report.json")).unwrap());
}

/// Lines of `secret` that say enough to be recognised, and that the student may not see elsewhere.
fn telling<'a>(secret: &'a str, public: &str) -> Vec<&'a str> {
    let lines = secret.lines().map(str::trim);
    lines.filter(|l| l.len() > 30 && !l.starts_with("//") && !public.contains(l)).collect()
}

#[test]
fn nothing_secret_is_handed_out() {
    let workspace = workspace();
    let library = Library::of_book(&workspace).unwrap();
    let exercises: Vec<&Exercise> = library.exercises.iter().collect();
    let out = tempfile::tempdir().unwrap();
    assign::assign(&workspace, &exercises, out.path()).unwrap();
    assert!(assign::assign(&workspace, &exercises, out.path()).is_err(), "it overwrites");
    let files = files_below(out.path());
    assert!(!files.iter().any(|f| f.components().any(|c| c.as_os_str() == "exercises")));
    let texts: Vec<(PathBuf, String)> =
        files.into_iter().filter_map(|f| fs::read_to_string(&f).ok().map(|t| (f, t))).collect();
    for exercise in exercises {
        let public = [
            &exercise.starter,
            &exercise.tests,
            exercise.given.as_ref().unwrap_or(&exercise.tests),
        ];
        let public = public.map(String::as_str).concat();
        let mut secrets = vec![exercise.solution.as_str(), exercise.judge.as_str()];
        secrets.extend(
            exercise.mutants.iter().flat_map(|m| [&m.answer, &m.feedback]).map(String::as_str),
        );
        secrets.extend([exercise.front.solution.as_str(), exercise.front.notes.as_str()]);
        let lines: Vec<&str> = secrets.iter().flat_map(|s| telling(s, &public)).collect();
        assert!(!lines.is_empty());
        let own = format!("{}.rs", exercise.name);
        for (file, text) in &texts {
            let of_exercise =
                file.ends_with(&own) || file.ends_with("README.md") || file.ends_with("src/lib.rs");
            for line in lines.iter().filter(|_| of_exercise) {
                assert!(!text.contains(*line), "{}: `{line}`", file.display());
            }
        }
    }
}
