//! `search`, as a reader calls it: it goes on where it was, and each fault is one line and status 2.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use no_free_lunch::pipelines::{Cases, Raw, Search, Trial};
use notebook::testing::Program;
use tempfile::TempDir;

const PROGRAM: Program = Program::new(env!("CARGO_BIN_EXE_no-free-lunch"), &["search"]);

fn in_folder(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// Passages of two classes that letters tell apart, a few in each block.
fn cases() -> Cases {
    let text = |i: usize| ["aa ab a aab", "zz zy z zzy"][i % 2].repeat(1 + i / 2 % 3);
    Cases {
        raw: Raw::Passages((0..80).map(text).collect()),
        labels: (0..80).map(|i| (i % 2) as u8).collect(),
        blocks: (0..80).map(|i| i / 4).collect(),
    }
}

fn steps(search: &mut Search, n: usize) {
    (0..n).for_each(|_| assert!(search.step().is_ok()));
}

/// Everything but the seconds.
fn told(trials: &[Trial]) -> Vec<(usize, String, Option<f64>)> {
    trials.iter().map(|t| (t.trial, t.pipeline.clone(), t.validation)).collect()
}

#[test]
fn a_search_that_was_stopped_goes_on_as_if_it_had_not_been() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record");
    let cases = cases();
    let mut whole = Search::new("letters", &cases, 3, None).unwrap();
    steps(&mut whole, 6);
    let mut first = Search::new("letters", &cases, 3, Some(&path)).unwrap();
    steps(&mut first, 3);
    drop(first);
    // A line that was cut off while it was written.
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("{\"trial\":4,\"pipel");
    std::fs::write(&path, text).unwrap();
    let mut second = Search::new("letters", &cases, 3, Some(&path)).unwrap();
    assert_eq!(second.trials().len(), 3);
    steps(&mut second, 3);
    assert_eq!(told(second.trials()), told(whole.trials()));
    assert_eq!(second.best().unwrap().0, whole.best().unwrap().0);
    let again = Search::new("letters", &cases, 3, Some(&path)).unwrap();
    assert_eq!(again.trials(), second.trials());
    // Three quarters of the blocks are learned from.
    assert_eq!(again.cases(), [60, 20]);
}

#[test]
fn the_record_of_another_search_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record");
    let cases = cases();
    Search::new("letters", &cases, 3, Some(&path)).unwrap().step().unwrap();
    let before = std::fs::read(&path).unwrap();
    for (name, seed) in [("letters", 4), ("others", 3)] {
        let fault = Search::new(name, &cases, seed, Some(&path)).map(|_| ()).unwrap_err();
        assert!(fault.to_string().contains("record of another search"), "{fault}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let changed = String::from_utf8(before).unwrap().replace("\"trial\":1", "\"trial\":2");
    std::fs::write(&path, changed).unwrap();
    assert!(Search::new("letters", &cases, 3, Some(&path)).is_err());
}

#[test]
fn an_empty_record_is_begun_and_one_without_a_whole_first_line_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record");
    let cases = cases();
    std::fs::write(&path, "").unwrap();
    assert!(Search::new("letters", &cases, 3, Some(&path)).unwrap().trials().is_empty());
    let heading = std::fs::read_to_string(&path).unwrap();
    assert_eq!(heading.lines().count(), 1);
    // The same with its end cut off.
    std::fs::write(&path, heading.trim_end()).unwrap();
    let fault = Search::new("letters", &cases, 3, Some(&path)).map(|_| ()).unwrap_err();
    assert!(fault.to_string().contains("line 1 is not that of a search"), "{fault}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), heading.trim_end());
}

#[test]
fn a_search_is_run_and_taken_up_on_the_command_line() {
    let folder = TempDir::new().unwrap();
    let record = in_folder(&folder, "textures.jsonl");
    let asked = ["--problem", "textures", "--seed", "2", "--out", &record, "--budget"];
    let said = |budget| {
        let output = PROGRAM.run(&[&asked[..], &[budget]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let first = said("2");
    assert!(first.starts_with("textures: ") && first.contains("best of 2: "), "{first}");
    assert!(first.contains("validation") && first.contains("95 % interval"), "{first}");
    let second = said("3");
    assert!(second.contains("2 trials were recorded before"), "{second}");
    assert!(second.contains("best of 3: "), "{second}");
    assert_eq!(std::fs::read_to_string(&record).unwrap().lines().count(), 4);
}

#[test]
fn what_cannot_be_done_is_told_in_a_line() {
    let folder = TempDir::new().unwrap();
    let (text, nowhere) = (in_folder(&folder, "text"), in_folder(&folder, "no/such/record"));
    std::fs::write(&text, "not a record\n").unwrap();
    PROGRAM.refuses(&["--problem", "roses"], &["unknown problem \"roses\"", "garments", "authors"]);
    PROGRAM.refuses(&["--problem", "textures", "--budget", "0"], &["--budget is 0", "1 or more"]);
    PROGRAM
        .refuses(&["--problem", "textures", "--out", &text], &["line 1 is not that of a search"]);
    PROGRAM
        .refuses(&["--problem", "textures", "--out", &nowhere], &["cannot write", "check where"]);
    let itself = folder.path().display().to_string();
    PROGRAM.refuses(
        &["--problem", "textures", "--out", &itself],
        &[&itself, "name a file of your own"],
    );
    let listed = PROGRAM.run(&["--list"]);
    assert_eq!(String::from_utf8(listed.stdout).unwrap().lines().count(), 7);
}
