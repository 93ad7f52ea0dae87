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

/// An IDX file of pictures, all black but for their upper right quarter.
fn pictures(folder: &std::path::Path, n: u32, high: u32, wide: u32) -> PathBuf {
    let mut content = vec![0, 0, 8, 3];
    [n, high, wide].iter().for_each(|length| content.extend(length.to_be_bytes()));
    let places = (0..high).flat_map(|y| (0..wide).map(move |x| (y, x)));
    let picture: Vec<u8> =
        places.map(|(y, x)| if 2 * y < high && 2 * x >= wide { 255 } else { 0 }).collect();
    (0..n).for_each(|_| content.extend(&picture));
    let path = folder.join(format!("{n}-{high}-{wide}.gz"));
    let file = std::fs::File::create(&path).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &content).unwrap();
    encoder.finish().unwrap();
    path
}

#[test]
fn pictures_of_any_size_fit_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    for (high, wide, lines) in
        [(8, 8, 4), (28, 28, 14), (64, 64, 32), (5000, 300, 40), (20, 700, 2)]
    {
        let output = inspect(&[pictures(folder.path(), 5, high, wide)]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let heads = text.lines().position(|line| line.starts_with("0 ") || line == "0").unwrap();
        let first =
            text.lines().skip(heads + 1).take_while(|line| !line.starts_with(['1', '2', '3', '4']));
        assert!(first.count() <= lines + 1, "{high} × {wide}: {text}");
        assert!(text.contains('█') || text.contains('▀'), "{text}");
        assert_eq!(text.contains(" drawn."), high > 80 || wide > 80, "{text}");
    }
}

#[test]
fn letters_on_their_side_are_stood_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = pictures(folder.path(), 1, 4, 8);
    let drawn = |arguments: &[PathBuf]| {
        let text = String::from_utf8(inspect(arguments).stdout).unwrap();
        text.lines().skip_while(|line| *line != "0").skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(drawn(std::slice::from_ref(&path)), ["    ████", ""]);
    assert_eq!(drawn(&[path, "--transpose".into()]), ["", "", "██", "██"]);
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

#[test]
fn help_begins_with_what_the_command_is_for() {
    let said = String::from_utf8(inspect(&["--help".into()]).stdout).unwrap();
    assert!(said.starts_with("What is in an IDX file?"), "{said}");
}
