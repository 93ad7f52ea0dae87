//! What a person meets at the command line.

#![allow(clippy::unwrap_used)] // a test may panic

use notebook::testing::Program;

const TRAIN: Program = Program::new(env!("CARGO_BIN_EXE_generalization"), &["train"]);

#[test]
fn a_training_tells_what_it_learned_and_what_it_knows() {
    let all = "dropout=0.1,shift=1,stop-loss=1,average=0.9";
    let small = ["--samples", "400", "--epochs", "2", "--hidden", "16", "--regularise", all];
    let said = TRAIN.says(&small);
    for word in ["regularised by dropout=0.1", "went back to epoch", "learned", "test      10000"] {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(said, TRAIN.says(&[&small[..], &["--threads", "1"]].concat()));
}

#[test]
fn what_cannot_be_is_one_line() {
    TRAIN.refuses(&["--regularise", "dropot=0.5"], &["dropot=0.5", "NAME=NUMBER"]);
    TRAIN.refuses(&["--regularise", "dropout=2"], &["dropout=2", "a share from 0 to 0.99"]);
    TRAIN.refuses(&["--samples", "20"], &["20", "200"]);
    TRAIN.refuses(&["--noise", "1.5"], &["1.5", "0 to 1"]);
    TRAIN.refuses(&["--hidden", "0"], &["0"]);
    TRAIN.refuses(&["--data", "/nowhere"], &["/nowhere"]);
}
