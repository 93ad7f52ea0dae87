//! `descent`, as a reader calls it.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use notebook::testing::Program;

const PROGRAM: Program = Program::new(env!("CARGO_BIN_EXE_generalization"), &["descent"]);

#[test]
fn a_fit_is_told_for_true_labels_and_for_wrong_ones() {
    let output = PROGRAM.run(&["--features", "60", "--samples", "40", "--seed", "3"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.starts_with("40 garments, 60 waves, ridge 0; tested on 2000\n"), "{said}");
    // More waves than garments: all that was learned is known.
    let rows: Vec<&str> =
        said.lines().filter(|line| line.contains('%') && line.contains("0.0")).collect();
    assert_eq!(rows.len(), 2, "{said}");
    assert!(said.contains("smallest singular value of waves: "), "{said}");
    let again = PROGRAM.run(&["--features", "60", "--samples", "40", "--seed", "3"]);
    assert_eq!(said.as_bytes(), again.stdout);
}

#[test]
fn what_cannot_be_done_is_told_in_a_line() {
    PROGRAM.refuses(&["--ridge=-1"], &["--ridge -1", "from 0"]);
    PROGRAM.refuses(&["--ridge", "inf"], &["--ridge inf", "from 0"]);
    PROGRAM.refuses(&["--features", "0"], &["0", "1..=20000"]);
    PROGRAM.refuses(&["--samples", "9"], &["9", "10..=5000"]);
    PROGRAM.refuses(&["--data", "no/such/folder"], &["no/such/folder"]);
}
