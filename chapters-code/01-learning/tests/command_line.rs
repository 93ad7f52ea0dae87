//! What a person meets at the command line: one line and exit status 2 for bad input.

#![allow(clippy::unwrap_used)] // a test may panic

use std::path::PathBuf;
use std::process::{Command, Output};

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion-mnist").join(name)
}

fn inspect(arguments: &[PathBuf]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_learning")).arg("inspect").args(arguments).output().unwrap()
}

#[test]
fn garments_are_counted_and_drawn() {
    let output = inspect(&[data("t10k-images-idx3-ubyte.gz"), data("t10k-labels-idx1-ubyte.gz")]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(
        text.contains("10000 × 28 × 28")
            && text.contains("Fashion-MNIST's t10k-images-idx3-ubyte.gz")
    );
    let boots = |line: &str| line.starts_with("9 Ankle boot") && line.ends_with(" 1000");
    assert!(text.lines().any(boots), "{text}");
    assert!(text.contains('█') && text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn bad_input_is_one_line_and_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.gz");
    std::fs::write(&text, "not a gzip file\n").unwrap();
    let images = data("t10k-images-idx3-ubyte.gz");
    let cases: [&[PathBuf]; 5] = [
        &[folder.path().to_owned()],
        &[folder.path().join("absent.gz")],
        std::slice::from_ref(&text),
        &[images.clone(), data("train-labels-idx1-ubyte.gz")],
        &[images.clone(), images.clone()],
    ];
    for arguments in cases {
        let output = inspect(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert_eq!(error.trim_end().lines().count(), 1, "{error}");
        assert!(error.contains("; "), "no fix in {error}");
    }
}
