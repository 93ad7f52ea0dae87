//! Grades that were once wrong, each as a test with the right one: answers that gained what they had not earned, and a machine
//! that failed beside right ones (more of those in `machine.rs`).
//!
//! `gains/WHAT.EXERCISE.rs.txt` is an answer for an exercise of the book.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use gradebook::grade::{Grader, Status, Student};
use gradebook::handin;
use gradebook::kit::Kit;
use gradebook::library::Library;
use gradebook::limits::Limits;
use gradebook::report;
use gradebook::sandbox::Place;
use indicatif::ProgressBar;
use notebook::{Workspace, testing};

fn workspace() -> Workspace {
    Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn grade(kit: &Kit, place: Place, names: &[&str], class: &Path, out: &Path) -> Vec<Student> {
    let workspace = workspace();
    let library = Library::of_book(&workspace).unwrap();
    let exercises: Vec<_> = names.iter().map(|n| library.find(n).unwrap()).collect();
    let state = out.join(".state");
    let grader = Grader::new(&exercises, kit, place, 5, &workspace.target(), state).unwrap();
    let limits = Limits { pauses: [Duration::ZERO; 3], ..Limits::default() };
    let hand_ins = handin::find(&[class.to_owned()]).unwrap();
    let students = grader.with_limits(limits).grade(&hand_ins, &ProgressBar::hidden()).unwrap();
    report::write(out, &exercises, &students).unwrap();
    students
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The answers of `gains` to these exercises, as a class; the solutions beside them.
fn class_of(exercises: &[&str]) -> tempfile::TempDir {
    let class = tempfile::tempdir().unwrap();
    let library = Library::of_book(&workspace()).unwrap();
    for name in exercises {
        let path = class.path().join(format!("right/src/{name}.rs"));
        put(&path, &library.find(name).unwrap().solution);
    }
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gains")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (student, exercise) = name.strip_suffix(".rs.txt").unwrap().split_once('.').unwrap();
        if exercises.contains(&exercise) {
            let to = class.path().join(format!("{student}-{exercise}/src/{exercise}.rs"));
            put(&to, &fs::read_to_string(path).unwrap());
        }
    }
    class
}

/// A sandbox, unless there is none and none is required.
fn sandbox(kit: &Kit) -> Option<Place> {
    match Place::sandbox(kit) {
        Ok(place) => Some(place),
        Err(error) => {
            testing::skip("grades that were wrong", &format!("{error:#}"));
            None
        }
    }
}

#[test]
fn nothing_is_gained_that_was_not_earned() {
    let exercises = ["integral_histogram", "armijo_step", "winograd_convolution", "otsu_threshold"];
    let kit = Kit::build(&workspace()).unwrap();
    let Some(place) = sandbox(&kit) else { return };
    let (class, out) = (class_of(&exercises), tempfile::tempdir().unwrap());
    let students = grade(&kit, place, &exercises, class.path(), out.path());
    assert_eq!(students.len(), 10);
    for student in &students {
        let page = out.path().join(format!("feedback/{}.md", student.student));
        let page = fs::read_to_string(page).unwrap();
        let all = f64::from(student.points);
        assert!(student.is_graded(), "{}: {:?}", student.student, student.answers);
        match student.student.as_str() {
            "right" => assert_eq!(student.earned, all, "{page}"),
            // Right wherever time does not count, which is half of that exercise.
            "remembers-integral_histogram" | "visits_pixels-integral_histogram" => {
                assert_eq!(student.earned, 7.5, "{page}");
            }
            name => assert_eq!(student.earned, 0.0, "{name}: {page}"),
        }
        for inside in ["gradebook-", "/dev/", "bwrap", "overlay"] {
            assert!(!page.contains(inside), "{}: {page}", student.student);
        }
    }
}

/// A kit whose compiler finds no room as long as a file `full` lies beside it.
fn kit_without_room(kit: &Kit, folder: &Path) -> Kit {
    let rustc = folder.join("bin/rustc");
    let script = format!(
        "#!/bin/sh\nif [ -e '{}' ]; then\n  echo 'error: failed to write: No space left on device' >&2\n  \
         exit 1\nfi\nexec '{}' \"$@\"\n",
        folder.join("full").display(),
        kit.rustc().display()
    );
    put(&rustc, &script);
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).unwrap();
    let mut kit = kit.clone();
    kit.sysroot = folder.to_owned();
    kit
}

#[test]
fn a_fault_of_the_machine_is_nobodys_and_is_not_kept() {
    let scratch = tempfile::tempdir().unwrap();
    let kit = kit_without_room(&Kit::build(&workspace()).unwrap(), scratch.path());
    let class = tempfile::tempdir().unwrap();
    let library = Library::of_book(&workspace()).unwrap();
    let exercise = library.find("otsu_threshold").unwrap();
    put(&class.path().join("ann/src/otsu_threshold.rs"), &exercise.solution);
    put(&class.path().join("bob/src/otsu_threshold.rs"), "pub fn otsu_threshold(");
    put(&class.path().join("eve/notes.txt"), "");
    let out = scratch.path().join("report");
    // So the judge is there before the disk is full.
    put(&scratch.path().join("nobody/x/y.txt"), "");
    let (nobody, other) = (scratch.path().join("nobody"), scratch.path().join("other"));
    grade(&kit, Place::open(&kit), &["otsu_threshold"], &nobody, &other);
    let graded = |is_full: bool| {
        let full = scratch.path().join("full");
        if is_full {
            fs::write(&full, "").unwrap()
        } else {
            drop(fs::remove_file(&full))
        }
        grade(&kit, Place::open(&kit), &["otsu_threshold"], class.path(), &out)
    };
    let students = graded(true);
    let csv = fs::read_to_string(out.join("grades.csv")).unwrap();
    for (row, name) in ["ann", "bob"].iter().enumerate() {
        assert!(matches!(students[row].answers[0].status, Status::NotGraded(_)), "{name}");
        assert!(csv.contains(&format!("{name},,8,,otsu_threshold is not graded\n")), "{csv}");
        assert!(!out.join(format!("gradescope/{name}")).exists());
        let page = fs::read_to_string(out.join(format!("feedback/{name}.md"))).unwrap();
        assert!(page.contains("Not graded"), "{page}");
    }
    // What was not handed in does not hang on the machine.
    assert!(csv.contains("eve,0,8,0,the hand-in has no src/otsu_threshold.rs\n"), "{csv}");
    let students = graded(false);
    let earned: Vec<f64> = students.iter().map(|s| s.earned).collect();
    assert_eq!(earned, [8.0, 0.0, 0.0]);
    assert!(students.iter().all(Student::is_graded));
}
