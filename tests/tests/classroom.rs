//! The loop of a class, walked with the README's own commands: assign, solve, hand in, grade. And the loop of one who learns alone.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use book_tests::{bookbinder, checkout, copy_folder, said};
use gradebook::exercise::Exercise;
use gradebook::library::Library;
use notebook::Workspace;
use serde_json::Value;

/// Runs `cargo book` on the checkout.
fn book(arguments: &[&str]) -> Output {
    let mut command = Command::new(bookbinder());
    command.args(arguments).arg("--root").arg(checkout()).stdin(Stdio::null());
    command.output().unwrap()
}

/// What a run said, which must have ended well.
fn fine(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    said(output)
}

fn library() -> Library {
    Library::of_book(&Workspace::find(checkout()).unwrap()).unwrap()
}

/// The README's command that begins so, as arguments of `cargo book`. Words in capitals and names of folders are replaced.
fn from_readme(begins: &str, replaced: &[(&str, &Path)]) -> Vec<String> {
    let readme = fs::read_to_string(checkout().join("README.md")).unwrap();
    let commands = readme.lines().filter_map(|l| l.trim().strip_prefix("$ cargo book "));
    let command = commands.map(|c| c.split('#').next().unwrap().trim());
    let command = command.into_iter().find(|c| c.starts_with(begins));
    let command = command.unwrap_or_else(|| panic!("the README has no `cargo book {begins}`"));
    let replace = |word: &str| {
        let found = replaced.iter().find(|(from, _)| *from == word);
        found.map_or_else(|| word.to_owned(), |(_, to)| to.display().to_string())
    };
    command.split_whitespace().map(replace).collect()
}

fn run(arguments: &[String]) -> Output {
    book(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// `cargo test` in a student's workspace. What the book's tests compiled already is used again.
fn cargo_test(workspace: &Path, arguments: &[&str]) -> Output {
    let target = Workspace::find(checkout()).unwrap().target();
    Command::new(env!("CARGO"))
        .args(["test", "--offline", "--quiet"])
        .args(arguments)
        .current_dir(workspace)
        .env("CARGO_TARGET_DIR", std::path::absolute(target).unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The folder as an archive.
fn archive(folder: &Path, name: &str, to: &Path) {
    let file = fs::File::create(to).unwrap();
    let gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    tar.append_dir_all(name, folder).unwrap();
    tar.into_inner().unwrap().finish().unwrap();
}

fn row(report: &Path, student: &str) -> Vec<String> {
    let table = fs::read_to_string(report.join("grades.csv")).unwrap();
    let row = table.lines().find(|l| l.split(',').next() == Some(student));
    row.unwrap_or_else(|| panic!("{table}")).split(',').map(str::to_owned).collect()
}

/// Is there a sandbox? `grade` refuses without one, and so does the test, in its way.
fn sandbox_starts() -> bool {
    let kit = gradebook::kit::Kit::build(&Workspace::find(checkout()).unwrap()).unwrap();
    match gradebook::sandbox::Place::sandbox(&kit) {
        Ok(_) => true,
        Err(error) => {
            notebook::testing::skip("a class graded", &format!("{error:#}"));
            false
        }
    }
}

#[test]
#[ignore = "takes minutes: compiles what a student compiles"]
fn a_newcomer_assigns_solves_hands_in_and_reads_the_grade() {
    let room = tempfile::tempdir().unwrap();
    let (assignment, class) = (room.path().join("assignment"), room.path().join("hand-ins"));
    let report = room.path().join("report");

    let assign = from_readme("assign 2", &[("assignment", &assignment)]);
    let told = fine(&run(&assign));
    let library = library();
    let chapter: Vec<&Exercise> =
        library.exercises.iter().filter(|e| e.chapter == "features").collect();
    assert!(told.contains(&format!("{} exercises", chapter.len())), "{told}");
    // What is there already is not written over.
    assert_eq!(run(&assign).status.code(), Some(2));

    // The starters compile, and their tests fail.
    let exercise = library.find("otsu_threshold").unwrap();
    let test = ["--test", exercise.name.as_str()];
    let output = cargo_test(&assignment, &test);
    assert!(!output.status.success() && said(&output).contains("panicked"), "{}", said(&output));
    // One is solved, and its tests pass.
    let answer = assignment.join(format!("src/{}.rs", exercise.name));
    fs::write(&answer, &exercise.solution).unwrap();
    fine(&cargo_test(&assignment, &test));

    // Handed in as an archive by one student, as a folder by another, who did nothing.
    fs::create_dir(&class).unwrap();
    archive(&assignment, "assignment", &class.join("ann.tar.gz"));
    copy_folder(&assignment, &class.join("bob"), false);
    fs::write(class.join(format!("bob/src/{}.rs", exercise.name)), exercise.starter.as_bytes())
        .unwrap();
    if !sandbox_starts() {
        return;
    }
    let seed = Path::new("4711");
    let places = [("hand-ins", class.as_path()), ("report", &report), ("N", seed)];
    let grade = from_readme("grade hand-ins", &places);
    fine(&run(&grade));
    let points = exercise.front.points.to_string();
    let head = row(&report, "student");
    let column = head.iter().position(|name| *name == exercise.name).unwrap();
    let ann = row(&report, "ann");
    assert_eq!((&ann[1], &ann[column]), (&points, &points), "{ann:?}");
    assert_eq!(row(&report, "bob")[1], "0");
    let page = fs::read_to_string(report.join("feedback/ann.md")).unwrap();
    assert!(page.contains(&exercise.front.title) && page.contains("right"), "{page}");
    let json = |path: PathBuf| -> Value {
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let gradescope = json(report.join("gradescope/ann/results.json"));
    assert_eq!(gradescope["score"], f64::from(exercise.front.points));
    let classroom = json(report.join("classroom/ann.json"));
    assert_eq!(classroom["max_score"], chapter.iter().map(|e| e.front.points).sum::<u32>());
    // A report goes on where it stopped, and never into a folder with something else.
    fine(&run(&grade));
    let mut elsewhere = grade;
    *elsewhere.last_mut().unwrap() = class.display().to_string();
    assert_eq!(run(&elsewhere).status.code(), Some(2));
}

#[test]
fn one_who_learns_alone_is_led_to_the_solution() {
    let room = tempfile::tempdir().unwrap();
    let workbook = room.path().join("workbook");
    let at = workbook.to_str().unwrap();
    let on = |arguments: &[&str]| book(&[arguments, &["--workbook", at]].concat());
    let library = library();
    let exercise = library.find("otsu_threshold").unwrap();
    let name = exercise.name.as_str();

    let list = fine(&on(&["exercises", "features"]));
    assert!(list.contains(name) && list.contains("Next: cargo book exercise"), "{list}");
    // Opened, it is there with its statement; opened again, it is checked and kept as it is.
    let opened = fine(&on(&["exercise", name]));
    assert!(opened.contains(&exercise.front.title), "{opened}");
    let file = workbook.join(format!("{name}.rs"));
    assert_eq!(fs::read_to_string(&file).unwrap(), exercise.starter);
    let checked = on(&["exercise", name]);
    assert_eq!(checked.status.code(), Some(1), "{}", said(&checked));
    assert!(said(&checked).contains("not yet implemented"), "{}", said(&checked));

    fs::write(&file, "pub fn nonsense(").unwrap();
    let checked = said(&on(&["exercise", name]));
    assert!(checked.contains("does not compile") && checked.contains(&format!("src/{name}.rs")));

    // A common mistake gets the advice that goes with it.
    let mutant = &exercise.mutants[0];
    fs::write(&file, &mutant.answer).unwrap();
    let checked = said(&on(&["exercise", name]));
    assert!(checked.contains(&mutant.feedback), "{checked}");

    // Hints come one by one, from the first.
    for count in 1..=exercise.front.hints.len() {
        let hints = fine(&on(&["exercise", name, "--hint"]));
        for (i, hint) in exercise.front.hints.iter().enumerate() {
            assert_eq!(hints.contains(hint), i < count, "{hints}");
        }
    }
    // Without an answer to its question, nothing is shown; standard input is empty here.
    let solution = exercise.solution_code().trim();
    assert!(!fine(&on(&["exercise", name, "--solution"])).contains(solution));
    assert!(fine(&on(&["exercise", name, "--solution", "--yes"])).contains(solution));

    // A new beginning keeps what was there.
    fine(&on(&["exercise", name, "--reset", "--yes"]));
    assert_eq!(fs::read_to_string(&file).unwrap(), exercise.starter);
    let kept = fs::read_to_string(workbook.join(format!("{name}.1.rs.old"))).unwrap();
    assert_eq!(kept, mutant.answer);

    fs::write(&file, &exercise.solution).unwrap();
    let checked = fine(&on(&["exercise", name]));
    assert!(checked.contains("is done"), "{checked}");
    let list = fine(&on(&["exercises", "features"]));
    let line = list.lines().find(|l| l.contains(name)).unwrap();
    assert!(line.contains('✓') && line.contains("done"), "{list}");

    let unknown = on(&["exercise", "otsu_treshold"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains(name), "{}", said(&unknown));
}

#[test]
fn a_grading_with_private_exercises_goes_on_where_it_was_killed() {
    let room = tempfile::tempdir().unwrap();
    let (private, class) = (room.path().join("private"), room.path().join("hand-ins"));
    let corpus = checkout().join("chapters-code/c-gradebook/tests/hostile/exercise");
    copy_folder(&corpus, &private, false);
    // The exercise is formatted as the book is.
    fs::copy(checkout().join("rustfmt.toml"), room.path().join("rustfmt.toml")).unwrap();
    let at = private.to_str().unwrap();
    let proved = fine(&book(&["exercises", "--exercises", at, "--prove"]));
    assert!(proved.contains("1 exercise proved"), "{proved}");
    // The book's own are not among them.
    assert!(!fine(&book(&["exercises", "--exercises", at])).contains("otsu_threshold"));
    if !sandbox_starts() {
        return;
    }

    let library = Library::of_folder(&private).unwrap();
    let exercise = &library.exercises[0];
    const STUDENTS: usize = 8;
    for number in 0..STUDENTS {
        let folder = class.join(format!("student-{number}/src"));
        fs::create_dir_all(&folder).unwrap();
        let answer =
            format!("{}\n/// Her own.\npub const OWN: usize = {number};\n", exercise.solution);
        fs::write(folder.join(format!("{}.rs", exercise.name)), answer).unwrap();
    }
    let (report, whole) = (room.path().join("report"), room.path().join("whole"));
    let grade = |out: &Path| {
        let mut command = Command::new(bookbinder());
        command.args(["grade", class.to_str().unwrap(), "--exercises", at, "--jobs", "1", "--out"]);
        command.arg(out).arg("--root").arg(checkout()).stdin(Stdio::null());
        command
    };
    let graded = || -> Vec<PathBuf> {
        let state = report.join(".state");
        if state.is_dir() { book_tests::files(&state, ".json") } else { Vec::new() }
    };
    let mut first = grade(&report).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while graded().len() < 2 {
        assert!(first.try_wait().unwrap().is_none(), "it ended without two grades");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let known = graded();
    assert!(known.len() < STUDENTS && !report.join("grades.csv").exists());
    let written = |path: &PathBuf| fs::metadata(path).unwrap().modified().unwrap();
    let before: Vec<_> = known.iter().map(written).collect();

    fine(&grade(&report).output().unwrap());
    assert_eq!(known.iter().map(written).collect::<Vec<_>>(), before, "graded again");
    assert_eq!(graded().len(), STUDENTS);
    fine(&grade(&whole).output().unwrap());
    for file in ["report.json", "grades.csv", "feedback/student-3.md"] {
        let of = |folder: &Path| fs::read(folder.join(file)).unwrap();
        assert_eq!(of(&report), of(&whole), "{file}");
    }
    assert_eq!(row(&report, "student-3")[1], exercise.front.points.to_string());
}
