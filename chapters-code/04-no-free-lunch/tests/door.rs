//! `prove`, as a reader calls it: what it writes, and that each fault is one line and status 2.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use notebook::testing::Program;

const PROGRAM: Program = Program::new(env!("CARGO_BIN_EXE_no-free-lunch"), &[]);

#[test]
fn a_table_has_a_row_for_each_learner_and_a_verdict() {
    let output = PROGRAM.run(&["prove", "--bits", "2"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.starts_with("2 bits: 4 inputs, 16 targets; 6 training sets of 2"), "{said}");
    assert!(
        said.ends_with("10 of 10 are right in exactly half of their unseen answers\n"),
        "{said}"
    );
    assert_eq!(said.matches("1/2").count(), 10, "{said}");
}

#[test]
fn json_has_the_counts() {
    let output = PROGRAM.run(&["prove", "--taught", "7", "--learner", "tree", "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let tree = &found["learners"][0];
    assert_eq!((found["bits"].as_u64(), found["taught"].as_u64()), (Some(3), Some(7)));
    assert_eq!(tree["name"], "tree");
    // Eight sets, 256 targets, one unseen input.
    assert_eq!(tree["unseen"], serde_json::json!({ "right": 1024, "of": 2048 }));
    assert_eq!(tree["scores"], serde_json::json!([1024, 1024]));
}

#[test]
fn what_cannot_be_done_is_told_in_a_line() {
    PROGRAM.refuses(&["prove", "--bits", "5"], &["5 bits", "give 1, 2, 3 or 4"]);
    PROGRAM.refuses(&["prove", "--bits", "0"], &["0 bits", "give 1, 2, 3 or 4"]);
    PROGRAM.refuses(&["prove", "--bits", "two"], &["two"]);
    PROGRAM.refuses(&["prove", "--taught", "8"], &["8 of 8 inputs", "from 1 to 7"]);
    PROGRAM.refuses(&["prove", "--taught", "0"], &["0 of 8 inputs"]);
    PROGRAM.refuses(&["prove", "--learner", "oracle"], &["oracle", "nearest"]);
}
