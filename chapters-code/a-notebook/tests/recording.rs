//! Recording under bad luck: killed runs, two runs at once, damaged files, false claims.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use notebook::{Chapter, Experiment, Recorder, Results, Workspace, run};
use rand::{RngExt as _, SeedableRng as _};

/// The smallest workspace in which `notebook/dice` can be recorded.
fn workspace() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let source = root.path().join("chapters-code/a-notebook/src");
    fs::create_dir_all(&source).unwrap();
    let write = |path: &str, text: &str| fs::write(root.path().join(path), text).unwrap();
    write(
        "Cargo.toml",
        "[workspace]\n[workspace.metadata.book]\nmachinery = [\"notebook\"]\nnumeric = []\n",
    );
    write("Cargo.lock", "version = 4\n");
    write("chapters-code/a-notebook/Cargo.toml", "[package]\nname = \"notebook\"\n");
    write("chapters-code/a-notebook/src/experiments.rs", "fn run() {}\n");
    root
}

fn results_file(root: &Path) -> PathBuf {
    root.join("chapters-code/a-notebook/results/dice.json")
}

fn notebook(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_notebook"));
    command.args(arguments).arg("--root").arg(root);
    command
}

fn ran(root: &Path, arguments: &[&str]) -> Output {
    notebook(root, arguments).output().unwrap()
}

/// Standard error as text, which must be a single line, and the exit status.
fn complaint(output: &Output) -> (String, Option<i32>) {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "not one line: {text}");
    (text, output.status.code())
}

/// Names the file that the child below writes over and over.
const WRITE_FOREVER: &str = "NOTEBOOK_WRITE_FOREVER";

#[test]
#[ignore = "the child process of the test below, which kills it"]
fn write_forever() {
    let path = PathBuf::from(std::env::var_os(WRITE_FOREVER).unwrap());
    // Two in turn, since what stands in the file already is not written again.
    let long = |slope: f64| {
        let mut recorder = Recorder::new("notebook", "dice", "A long curve", 1, 1);
        let x: Vec<f64> = (0..200_000).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| slope * x).collect();
        recorder.series("long", "x", x).curve("y", y);
        recorder.finish(Default::default()).unwrap()
    };
    for results in [long(1.0), long(2.0)].iter().cycle() {
        results.write(&path).unwrap();
    }
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_file_or_the_new_one() {
    let root = workspace();
    let path = results_file(root.path());
    assert!(ran(root.path(), &["run"]).status.success());
    let mut moments = notebook::Rng::seed_from_u64(1);
    for _ in 0..20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "recording::write_forever"])
            .env(WRITE_FOREVER, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Until it has written once, however busy the machine is, and then at any moment.
        let written = || fs::metadata(&path).and_then(|m| m.modified()).unwrap();
        let before = written();
        while written() == before {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it wrote");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(moments.random_range(0..200)));
        child.kill().unwrap();
        child.wait().unwrap();
        Results::read(&path, "").unwrap();
    }
    let read = Results::read(&path, "").unwrap();
    assert!(read.series.contains_key("long"), "no child lived long enough to write");

    // A killed run leaves no lock, and the next one clears away what it left.
    for _ in 0..20 {
        let mut child =
            notebook(root.path(), &["run", "--force"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(moments.random_range(0..30_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        Results::read(&path, "").unwrap();
    }
    assert!(ran(root.path(), &["run", "--force"]).status.success());
    let mut left: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, [".dice.lock", "chapter.json", "dice.json", "figures"]);
}

#[test]
fn the_second_of_two_runs_says_so_and_stops() {
    let root = workspace();
    fs::create_dir_all(results_file(root.path()).parent().unwrap()).unwrap();
    let lock = results_file(root.path()).with_file_name(".dice.lock");
    let held = fs::File::create(&lock).unwrap();
    held.lock().unwrap();
    let (text, status) = complaint(&ran(root.path(), &["run"]));
    assert!(
        text.contains("notebook/dice: another run is recording this experiment right now"),
        "{text}"
    );
    assert_eq!(status, Some(2));
    assert!(!results_file(root.path()).exists());
    drop(held);
    assert!(ran(root.path(), &["run"]).status.success());
}

#[test]
fn a_damaged_or_later_file_names_itself_and_the_command() {
    let root = workspace();
    assert!(ran(root.path(), &["run"]).status.success());
    let path = results_file(root.path());
    let good = fs::read_to_string(&path).unwrap();
    let later = good.replace("\"schema\": 1", "\"schema\": 7");
    let extra = good.replacen("\"seed\"", "\"sed\": 1,\n    \"seed\"", 1);
    for (text, fault) in [
        ("", "is damaged"),
        ("[]", "is damaged"),
        (&good[..good.len() / 2], "is damaged"),
        (later.as_str(), "has schema 7, of a later notebook"),
        (extra.as_str(), "unknown field `sed`"),
    ] {
        fs::write(&path, text).unwrap();
        let (text, status) = complaint(&ran(root.path(), &["show", "dice"]));
        assert!(text.contains("dice.json") && text.contains(fault), "{text}");
        assert!(text.contains("`cargo run --release -p notebook -- run dice`"), "{text}");
        assert_eq!(status, Some(2));
    }
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert_eq!(complaint(&ran(root.path(), &["show"])).1, Some(2));
    // Recording anew, as the message says, mends it.
    let mended = ran(root.path(), &["run", "dice"]);
    assert!(String::from_utf8(mended.stdout).unwrap().contains("damaged"));
    assert_eq!(
        Results::read(&path, "").unwrap().differences(&serde_json::from_str(&good).unwrap()),
        [""; 0]
    );
}

#[test]
fn bad_usage_is_one_line_and_status_2() {
    let root = workspace();
    for (arguments, fault) in [
        (&["runn"][..], "unrecognized subcommand 'runn'"),
        (&["run", "dize"], "did you mean `dice`?"),
        (&["draw", "nothing"], "there is no figure `nothing`"),
        (&["show", "dize"], "did you mean `dice`?"),
        (&["run", "--threads", "0"], "not between 1 and 1024"),
        (&["run", "--force", "--verify"], "cannot be used with"),
        (&["record-bench"], "no measurement of this chapter"),
    ] {
        let output =
            notebook(root.path(), arguments).env_remove("CARGO_TARGET_DIR").output().unwrap();
        let (text, status) = complaint(&output);
        assert!(text.contains(fault), "{arguments:?}: {text}");
        assert_eq!(status, Some(2), "{arguments:?}");
    }
    let (text, status) = complaint(&ran(&root.path().join("elsewhere"), &["list"]));
    assert!(text.contains("not inside a checkout of the book"), "{text}");
    assert_eq!(status, Some(2));
}

#[test]
fn threads_do_not_change_what_is_computed() {
    let root = workspace();
    assert!(ran(root.path(), &["run", "--threads", "1"]).status.success());
    let one = Results::read(&results_file(root.path()), "").unwrap();
    assert!(ran(root.path(), &["run", "--force", "--threads", "4"]).status.success());
    let four = Results::read(&results_file(root.path()), "").unwrap();
    assert_eq!(four.provenance.machine.threads, 4);
    assert_eq!(one.differences(&four), [""; 0]);
}

fn failing(_: &mut Recorder) -> anyhow::Result<()> {
    anyhow::bail!("the data is gone")
}

fn wrong(recorder: &mut Recorder) -> anyhow::Result<()> {
    recorder.value("twice", 1);
    recorder.value("twice", f64::NAN);
    Ok(())
}

#[test]
fn a_run_that_fails_records_nothing() {
    let root = workspace();
    let open = Workspace::open(root.path()).unwrap();
    let chapter = Chapter::new("notebook", "nowhere", "A chapter")
        .experiment(Experiment::new("failing", "Fails", failing))
        .experiment(Experiment::new("wrong", "Records wrongly", wrong));
    let said = |i: usize| {
        run::record(&chapter, &open, &chapter.experiments[i], 1).unwrap_err().to_string()
    };
    assert_eq!(said(0), "notebook/failing: the data is gone; nothing was recorded");
    assert_eq!(
        said(1),
        "notebook/wrong: value `twice`: a number is infinite or not a number; value `twice`: recorded twice; mend src/experiments.rs, nothing was recorded"
    );
    assert!(!chapter.results_file(&open, "failing").exists());
    assert!(!chapter.results_file(&open, "wrong").exists());
}

#[test]
fn list_ends_quietly_when_the_reader_hangs_up() {
    let root = workspace();
    let mut child = notebook(root.path(), &["list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert!(output.status.success());
}
