//! The commands, as a reader calls them: what they write, and that each fault is one line and status 2.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use std::path::Path;

use notebook::testing::Program;
use tempfile::TempDir;

const PROGRAM: Program = Program::new(env!("CARGO_BIN_EXE_classifiers"), &[]);

fn in_folder(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/02-features");
    folder.join(name).display().to_string()
}

/// A picture of 28 × 28 pixels.
const PICTURE: &str = "grey-noise-28.png";

#[test]
fn a_model_is_fitted_judged_asked_and_explained() {
    let folder = TempDir::new().unwrap();
    let (model, drawing) = (in_folder(&folder, "m.safetensors"), in_folder(&folder, "m.svg"));
    let picture = fixture(PICTURE);
    let said = PROGRAM.says(&[
        "fit",
        "softmax",
        "--features",
        "pixels",
        "--train",
        "500",
        "--iterations",
        "20",
        "--out",
        &model,
    ]);
    assert!(said.starts_with("softmax: 500 garments, 784 features"), "{said}");
    let said = PROGRAM.says(&["evaluate", "--model", &model, "--json"]);
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    // Better than a tenth, which is chance, by far.
    assert!(found["accuracy"].as_f64().unwrap() > 0.5, "{said}");
    assert_eq!(found["recall"].as_object().unwrap().len(), 10);
    let said = PROGRAM.says(&["predict", "--model", &model, &picture, &picture, "--json"]);
    assert_eq!(said.lines().count(), 2);
    let line: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    let sum: f64 =
        line["probabilities"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-5, "{said}");
    let said = PROGRAM.says(&["explain", "--model", &model, &picture, "--draw", &drawing]);
    assert!(said.contains("pixel in row"), "{said}");
    assert!(std::fs::read_to_string(drawing).unwrap().starts_with("<svg"));
    let near = in_folder(&folder, "n.safetensors");
    PROGRAM.says(&["fit", "neighbours", "--features", "pixels", "--train", "200", "--out", &near]);
    assert_eq!(PROGRAM.says(&["explain", "--model", &near, &picture]).lines().count(), 6);
    let tree = in_folder(&folder, "t.safetensors");
    PROGRAM.says(&["fit", "tree", "--train", "300", "--depth", "4", "--out", &tree]);
    let said = PROGRAM.says(&["explain", "--model", &tree, &picture]);
    assert!(said.contains("cells of 7") && said.contains("samples"), "{said}");
    assert!((2..=5).contains(&said.lines().count()), "{said}");
    let last = said.lines().last().unwrap();
    assert!(last.ends_with(said.lines().next().unwrap().split(": ").last().unwrap()), "{said}");
}

#[test]
fn pictures_show_what_models_of_pixels_look_at() {
    let folder = TempDir::new().unwrap();
    let (model, drawing) = (in_folder(&folder, "m.safetensors"), in_folder(&folder, "m.svg"));
    let small = ["--train", "300", "--trees", "3", "--rounds", "2", "--waves", "16"];
    for (kind, tiles) in
        [("neighbours", 6), ("bayes", 11), ("svm", 11), ("tree", 2), ("forest", 2), ("boosting", 2)]
    {
        let fit = ["fit", kind, "--features", "pixels", "--out", &model];
        PROGRAM.says(&[&fit[..], &small[..]].concat());
        PROGRAM.says(&["explain", "--model", &model, &fixture(PICTURE), "--draw", &drawing]);
        let svg = std::fs::read_to_string(&drawing).unwrap();
        assert_eq!(svg.matches("<image").count(), tiles, "{kind}");
    }
    let fit = ["fit", "waves", "--features", "pixels", "--out", &model];
    PROGRAM.says(&[&fit[..], &small[..]].concat());
    assert!(PROGRAM.says(&["explain", "--model", &model, &fixture(PICTURE)]).contains("16 waves"));
    PROGRAM.refuses(
        &["explain", "--model", &model, &fixture(PICTURE), "--draw", &drawing],
        &["random waves have nothing to draw", "leave --draw out"],
    );
}

#[test]
fn what_cannot_be_done_is_told_in_a_line() {
    let folder = TempDir::new().unwrap();
    let (out, text) = (in_folder(&folder, "m.safetensors"), in_folder(&folder, "text"));
    std::fs::write(&text, "not a model").unwrap();
    let nowhere = in_folder(&folder, "no/such/m.safetensors");
    PROGRAM.refuses(
        &["fit", "softmax", "--train", "0", "--out", &out],
        &["--train is 0", "give a number"],
    );
    PROGRAM.refuses(
        &["fit", "softmax", "--train", "1", "--out", &out],
        &["all 1 samples are of class"],
    );
    PROGRAM.refuses(
        &["fit", "softmax", "--train", "50", "--c", "0", "--out", &out],
        &["C is 0", "above 0"],
    );
    PROGRAM
        .refuses(&["fit", "neighbours", "--train", "50", "--k", "51", "--out", &out], &["k is 51"]);
    PROGRAM
        .refuses(&["fit", "bayes", "--train", "50", "--floor=-1", "--out", &out], &["floor is -1"]);
    PROGRAM.refuses(
        &["fit", "bayes", "--train", "50", "--out", &nowhere],
        &["cannot write", "check where it goes"],
    );
    PROGRAM.refuses(&["evaluate", "--model", &nowhere], &["m.safetensors", "fit"]);
    PROGRAM
        .refuses(&["predict", "--model", &text, &fixture(PICTURE)], &["is not a safetensors file"]);
    PROGRAM.says(&["fit", "bayes", "--train", "50", "--out", &out]);
    PROGRAM.refuses(
        &["predict", "--model", &out, &fixture("rgba-cat-48.png")],
        &["48 × 48 pixels", "28 × 28"],
    );
    PROGRAM.refuses(&["predict", "--model", &out, &text], &["text"]);
    // More features than samples are no fault.
    PROGRAM.says(&["fit", "softmax", "--train", "50", "--iterations", "5", "--out", &out]);
    // A file of another kind, and one that was cut.
    let network = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/peers/09-convolution.safetensors")
        .display()
        .to_string();
    PROGRAM.refuses(
        &["evaluate", "--model", &network],
        &["not a model of this chapter", "give a file that `fit` has written"],
    );
    let whole = std::fs::read(&out).unwrap();
    std::fs::write(&text, &whole[..whole.len() / 2]).unwrap();
    PROGRAM.refuses(&["explain", "--model", &text, &fixture(PICTURE)], &["text", "safetensors"]);
    PROGRAM.refuses(&["evaluate", "--model", &out, "--data", &nowhere], &["no/such/m.safetensors"]);
    for (model, flag) in [("boosting", "--rounds"), ("forest", "--trees"), ("waves", "--waves")] {
        for number in ["0", "65537"] {
            PROGRAM.refuses(
                &["fit", model, "--train", "50", flag, number, "--out", &out],
                &[flag, number, "1..=65536"],
            );
        }
    }
    PROGRAM.refuses(
        &["explain", "--model", &out, &fixture(PICTURE), "--draw", &text],
        &["only models of pixels"],
    );
}
