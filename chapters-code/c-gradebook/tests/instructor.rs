//! What an instructor does: grades a download from Moodle up to the file that goes back, and lets Gradescope and GitHub
//! Classroom grade with the scripts that are shipped.
//!
//! Both grade for real, with one cheap exercise. What needs no compiler is tested beside the code.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use gradebook::kit::Kit;
use gradebook::library::Library;
use gradebook::sandbox::Place;
use notebook::{Workspace, testing};
use serde_json::Value;

const EXERCISE: &str = "otsu_threshold";

fn workspace() -> Workspace {
    Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Is there a sandbox? Without one, nothing is graded.
fn sandbox_starts() -> bool {
    match Place::sandbox(&Kit::build(&workspace()).unwrap()) {
        Ok(_) => true,
        Err(error) => {
            testing::skip("an instructor's day", &format!("{error:#}"));
            false
        }
    }
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

/// The commands of the README that stand in the block with `cargo book grade moodle`, as words.
fn from_readme() -> Vec<Vec<String>> {
    let readme = fs::read_to_string(workspace().root().join("README.md")).unwrap();
    let block = readme.split("```").find(|b| b.contains("$ cargo book grade moodle")).unwrap();
    let commands = block.lines().filter_map(|l| l.trim().strip_prefix("$ "));
    let words = |line: &str| {
        line.split('#').next().unwrap().split_whitespace().map(str::to_owned).collect()
    };
    commands.map(words).collect()
}

/// The rules that the README shows.
fn rules_of_readme() -> String {
    let readme = fs::read_to_string(workspace().root().join("README.md")).unwrap();
    let block = readme.split("```toml\n").nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// What Moodle gives for two students who handed in, one of them late, one whose file is none, and one who did nothing.
fn moodle(room: &Path) {
    let library = Library::of_book(&workspace()).unwrap();
    let solution = &library.find(EXERCISE).unwrap().solution;
    let class = room.join("moodle");
    let file = class.join("Ann Lee_101_assignsubmission_file/hw.zip");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut zip = zip::ZipWriter::new(fs::File::create(file).unwrap());
    zip.start_file(
        format!("assignment\\src\\{EXERCISE}.rs"),
        zip::write::SimpleFileOptions::default(),
    )
    .unwrap();
    zip.write_all(solution.as_bytes()).unwrap();
    zip.finish().unwrap();
    put(&class.join(format!("Bob Roe_102_assignsubmission_file/{EXERCISE}.rs")), solution);
    put(&class.join("Cleo Ott_103_assignsubmission_file/homework.docx"), "a letter");
    let head = "Identifier,\"Full name\",\"Email address\",Status,Grade,\"Maximum Grade\",\"Grade can be changed\",\
        \"Last modified (submission)\",\"Last modified (grade)\",\"Feedback comments\"\n";
    let row = |number: u32, name: &str, when: &str| {
        format!("\"Participant {number}\",\"{name}\",x@x.org,Submitted,,10.00,Yes,{when},-,\n")
    };
    let rows = [
        row(101, "Ann Lee", "\"Thursday, 1 October 2026, 11:10 PM\""),
        row(102, "Bob Roe", "\"Saturday, 3 October 2026, 9:00 AM\""),
        row(103, "Cleo Ott", "\"Thursday, 1 October 2026, 3:00 PM\""),
        row(104, "Dan Poe", "-"),
    ];
    put(&room.join("worksheet.csv"), &(head.to_owned() + &rows.concat()));
    put(&room.join("rules.toml"), &rules_of_readme());
}

#[test]
fn a_download_of_moodle_becomes_the_file_that_moodle_reads() {
    if !sandbox_starts() {
        return;
    }
    let room = tempfile::tempdir().unwrap();
    moodle(room.path());
    let commands = from_readme();
    let words =
        commands.iter().find(|c| c.starts_with(&["cargo", "book", "grade"].map(String::from)));
    let words = words.unwrap()[2..].iter().map(|w| if w == "N" { "4711" } else { w.as_str() });
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gradebook"));
        command.arg("--root").arg(workspace().root()).args(words.clone());
        command.current_dir(room.path()).output().unwrap()
    };
    let output = run();
    assert!(output.status.success(), "{}", said(&output));
    // The two who are right handed in our own solution.
    let lines =
        ["Dan Poe: handed in nothing", "Cleo_Ott: nothing was graded", "3 pairs of answers alike"];
    for line in lines {
        assert!(said(&output).contains(line), "{line}: {}", said(&output));
    }
    let read = |name: &str| fs::read_to_string(room.path().join("report").join(name)).unwrap();
    // Ten points by the rules; a day and a half late is two days begun.
    let sheet = read("moodle-worksheet.csv");
    let rows: Vec<&str> = sheet.lines().skip(1).collect();
    for (row, wanted) in rows.iter().zip([
        "Participant 101,Ann Lee,x@x.org,Submitted,10,10.00,Yes,",
        "Participant 102,Bob Roe,x@x.org,Submitted,8,10.00,Yes,",
        "Participant 103,Cleo Ott,x@x.org,Submitted,,10.00,Yes,",
        "Participant 104,Dan Poe,x@x.org,Submitted,,10.00,Yes,",
    ]) {
        assert!(row.starts_with(wanted), "{sheet}");
    }
    assert!(rows[1].ends_with("20 per cent of 10 are lost"), "{sheet}");
    let grades = read("grades.csv");
    let rows: Vec<&str> = grades.lines().collect();
    assert_eq!(rows[1], "Ann_Lee,10,10,10,,,,");
    assert!(rows[2].starts_with("Bob_Roe,8,10,10,10,"), "{grades}");
    assert!(rows[3].starts_with("Cleo_Ott,0,10,0,,,,the hand-in "), "{grades}");
    assert_eq!(rows[4], "Dan_Poe,0,10,0,,,,nothing was handed in");
    assert!(read("feedback/Bob_Roe.md").contains("20 per cent of 10 are lost"));
    assert!(read("times.csv").contains(&format!("Bob_Roe,{EXERCISE},")));
    assert!(read("alike.csv").contains("Ann_Lee,Bob_Roe,identical"));

    // The same command again changes nothing, but when an answer took how long.
    let output = run();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!((read("moodle-worksheet.csv"), read("grades.csv")), (sheet, grades));
}

/// A room as Gradescope makes it, with one hand-in.
fn gradescope(settings: &[(&str, &str)]) -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    let shipped = autograder().join("gradescope");
    let mut text = fs::read_to_string(shipped.join("settings")).unwrap();
    for (name, value) in settings {
        let line = text.lines().find(|l| l.starts_with(&format!("{name}="))).unwrap().to_owned();
        text = text.replace(&line, &format!("{name}=\"{value}\""));
    }
    put(&room.path().join("source/settings"), &text);
    fs::copy(shipped.join("run_autograder"), room.path().join("run_autograder")).unwrap();
    let library = Library::of_book(&workspace()).unwrap();
    let answer = room.path().join(format!("submission/src/{EXERCISE}.rs"));
    put(&answer, &library.find(EXERCISE).unwrap().solution);
    room
}

fn autograder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("autograder")
}

/// A script, with the program and the book of this test.
fn script(path: &Path, room: &Path) -> Command {
    let mut command = Command::new("bash");
    command.arg(path).current_dir(room).env("AUTOGRADER_ROOM", room);
    command.env("GRADEBOOK", env!("CARGO_BIN_EXE_gradebook"));
    command.env("BOOK_FOLDER", workspace().root());
    command
}

#[test]
fn gradescope_and_github_classroom_get_what_they_read() {
    if !sandbox_starts() {
        return;
    }
    let room = gradescope(&[("SEED", "4711"), ("EXERCISES", EXERCISE)]);
    let output = script(&room.path().join("run_autograder"), room.path()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let results = fs::read(room.path().join("results/results.json")).unwrap();
    let results: Value = serde_json::from_slice(&results).unwrap();
    assert_eq!(results["score"], 8.0);
    let test = &results["tests"][0];
    assert_eq!((&test["score"], &test["max_score"]), (&8.0.into(), &8.into()));
    assert_eq!((&test["status"], &test["output_format"]), (&"passed".into(), &"md".into()));

    let (result, summary) = (room.path().join("output"), room.path().join("summary"));
    let mut command = script(&autograder().join("classroom/grade.sh"), room.path());
    command.env("HAND_IN", "submission").env("SEED", "4711").env("EXERCISES", EXERCISE);
    let output =
        command.env("GITHUB_OUTPUT", &result).env("GITHUB_STEP_SUMMARY", &summary).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let line = fs::read_to_string(&result).unwrap();
    let coded = line.strip_prefix("result=").unwrap().trim_end();
    let json = base64::engine::general_purpose::STANDARD.decode(coded).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["max_score"], &json["status"]), (&8.into(), &"pass".into()));
    assert_eq!(
        (&json["tests"][0]["score"], &json["tests"][0]["status"]),
        (&8.0.into(), &"pass".into())
    );
    assert!(fs::read_to_string(&summary).unwrap().contains("**8 of 8 points**"));
}

#[test]
fn where_nothing_is_graded_gradescope_gets_no_points() {
    // Without a seed, and with an exercise that is none.
    for settings in [&[][..], &[("SEED", "4711"), ("EXERCISES", "otsu_treshold")]] {
        let room = gradescope(settings);
        let stale = room.path().join("results/results.json");
        put(&stale, "{\"score\": 8}");
        let output = script(&room.path().join("run_autograder"), room.path()).output().unwrap();
        assert!(!output.status.success(), "{}", said(&output));
        assert!(!stale.exists(), "{}", said(&output));
    }
}

#[test]
fn the_workflow_names_what_there_is() {
    let text = fs::read_to_string(autograder().join("classroom/classroom.yml")).unwrap();
    let workflow: Value = serde_yaml::from_str(&text).unwrap();
    let steps = &workflow["jobs"]["run-autograding-tests"]["steps"];
    let steps = steps.as_array().unwrap();
    let grade = steps.iter().find(|s| s["id"] == "grade").unwrap();
    let script = grade["run"].as_str().unwrap().strip_prefix("bash book/").unwrap();
    assert!(workspace().root().join(script).is_file(), "{script}");
    let report = steps.last().unwrap();
    // The reporter takes the result of a runner from a variable that is called so.
    let runner = report["with"]["runners"].as_str().unwrap();
    let variable = format!("{}_RESULTS", runner.to_uppercase());
    let wanted = "${{ steps.grade.outputs.result }}";
    assert_eq!(report["env"][&variable].as_str(), Some(wanted));
    for script in ["gradescope/setup.sh", "gradescope/run_autograder", "classroom/grade.sh"] {
        let checked =
            Command::new("bash").arg("-n").arg(autograder().join(script)).output().unwrap();
        assert!(checked.status.success(), "{script}: {}", said(&checked));
    }
}
