//! Staleness on disk, a test for each row: what stales a result, and what does not.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::fs;
use std::path::Path;

use notebook::run::{self, State};
use notebook::{Chapter, Experiment, Recorder, Workspace};

/// A workspace with two chapters, `second` building on `first`, and the machinery.
fn workspace() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[workspace]\nmembers = []\n[workspace.metadata.book]\nmachinery = [\"notebook\"]\nnumeric = [\"ndarray\", \"rand\"]\n",
    );
    write(
        "Cargo.lock",
        r#"version = 4
[[package]]
name = "first"
version = "0.1.0"
dependencies = ["criterion", "ndarray", "rand 0.10.4"]
[[package]]
name = "second"
version = "0.1.0"
dependencies = ["first", "notebook"]
[[package]]
name = "notebook"
version = "0.1.0"
dependencies = ["plotters"]
[[package]]
name = "ndarray"
version = "0.17.2"
[[package]]
name = "rand"
version = "0.9.1"
[[package]]
name = "rand"
version = "0.10.4"
[[package]]
name = "criterion"
version = "0.8.0"
dependencies = ["rand 0.9.1"]
[[package]]
name = "plotters"
version = "0.3.7"
"#,
    );
    for (folder, name, dependencies) in [
        (
            "01-first",
            "first",
            "ndarray = \"0.17\"\nrand = \"0.10\"\n[dev-dependencies]\ncriterion = \"0.8\"",
        ),
        (
            "02-second",
            "second",
            "first = { path = \"../01-first\" }\nnotebook = { path = \"../a-notebook\" }",
        ),
        ("a-notebook", "notebook", "plotters = \"0.3\""),
    ] {
        let folder = format!("chapters-code/{folder}");
        write(
            &format!("{folder}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependencies}\n"),
        );
        write(
            &format!("{folder}/src/lib.rs"),
            "//! A chapter.\npub fn half(x: f64) -> f64 { x / 2.0 }\n",
        );
        write(&format!("{folder}/src/experiments.rs"), "fn run() {}\n");
        write(&format!("{folder}/src/figures.rs"), "fn draw() {}\n");
        write(&format!("{folder}/src/main.rs"), "fn main() {}\n");
        write(&format!("{folder}/benches/bench.rs"), "fn main() {}\n");
        write(&format!("{folder}/tests/all.rs"), "fn main() {}\n");
    }
    write("data/points.csv", "1,2\n");
    root
}

fn experiment(recorder: &mut Recorder) -> anyhow::Result<()> {
    recorder.value("answer", 42);
    Ok(())
}

fn chapter(seed: u64) -> Chapter {
    let experiment =
        Experiment::new("answer", "An answer", experiment).seed(seed).data("data/points.csv");
    Chapter::new("second", "nowhere", "A chapter").experiment(experiment)
}

/// The state after `edit` of a result that was recorded before it.
fn state_after(edit: impl FnOnce(&Path)) -> State {
    let root = workspace();
    let chapter = chapter(1);
    let open = || Workspace::open(root.path()).unwrap();
    run::record(&chapter, &open(), &chapter.experiments[0], 1).unwrap();
    edit(root.path());
    run::state(&chapter, &open(), &chapter.experiments[0]).unwrap().0
}

fn append(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    let old = fs::read_to_string(&path).unwrap();
    fs::write(path, old + text).unwrap();
}

#[track_caller]
fn stays_fresh(path: &str, text: &str) {
    assert_eq!(state_after(|root| append(root, path, text)), State::Fresh, "{path} with {text:?}");
}

#[track_caller]
fn goes_stale(path: &str, text: &str, reason: &str) {
    let state = state_after(|root| append(root, path, text));
    assert_eq!(state, State::Stale(vec![reason.to_owned()]), "{path} with {text:?}");
}

#[test]
fn nothing_changed() {
    assert_eq!(state_after(|_| {}), State::Fresh);
}

#[test]
fn a_comment_does_not_stale() {
    stays_fresh("chapters-code/02-second/src/lib.rs", "// Why half? Because.\n/* and */\n");
}

#[test]
fn formatting_does_not_stale() {
    let state = state_after(|root| {
        let text = "pub fn half(\n    x: f64,\n) -> f64 {\n    x / 2.0\n}\n";
        fs::write(root.join("chapters-code/02-second/src/lib.rs"), text).unwrap();
    });
    assert_eq!(state, State::Fresh);
}

#[test]
fn a_test_does_not_stale() {
    stays_fresh("chapters-code/02-second/src/lib.rs", "#[cfg(test)]\nmod tests { fn t() {} }\n");
    stays_fresh("chapters-code/02-second/tests/all.rs", "fn more() {}\n");
}

#[test]
fn a_figure_does_not_stale() {
    stays_fresh("chapters-code/02-second/src/figures.rs", "fn another() {}\n");
}

#[test]
fn main_does_not_stale() {
    stays_fresh("chapters-code/02-second/src/main.rs", "fn help() {}\n");
}

#[test]
fn a_bench_does_not_stale() {
    stays_fresh("chapters-code/02-second/benches/bench.rs", "fn faster() {}\n");
}

#[test]
fn the_machinery_does_not_stale() {
    stays_fresh("chapters-code/a-notebook/src/lib.rs", "fn another() {}\n");
}

#[test]
fn code_stales() {
    goes_stale(
        "chapters-code/02-second/src/lib.rs",
        "fn more() {}\n",
        "the code of `second` changed",
    );
    goes_stale(
        "chapters-code/02-second/src/experiments.rs",
        "fn b() {}\n",
        "the code of `second` changed",
    );
}

#[test]
fn code_of_an_earlier_chapter_stales() {
    goes_stale(
        "chapters-code/01-first/src/lib.rs",
        "fn more() {}\n",
        "the code of `first` changed",
    );
}

#[test]
fn an_experiment_of_an_earlier_chapter_does_not_stale() {
    stays_fresh("chapters-code/01-first/src/experiments.rs", "fn another() {}\n");
}

/// What [`an_experiment_of_an_earlier_chapter_does_not_stale`] rests on: in the book itself nothing
/// but the list of a chapter, its figures and such of its commands as no other chapter uses name its experiments.
#[test]
fn nobody_computes_with_the_experiments_of_a_chapter() {
    let code = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut sources, mut found, mut used) = (0, Vec::new(), String::new());
    for member in fs::read_dir(code).unwrap().flatten() {
        let source = member.path().join("src");
        let mut waiting = vec![source.clone()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let name = path.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let own = ["experiments", "figures", "lib.rs", "tests"];
                let Ok(text) = fs::read_to_string(&path) else { continue };
                sources += 1;
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                used.extend(code.clone().filter(|line| line.contains("::commands")));
                let named = |line: &&str| {
                    let inside = own.iter().any(|own| name.starts_with(own));
                    let adds = line.contains("experiments::add(");
                    let elsewhere = line.contains("experiments::") && !inside;
                    let lent = name == "lib.rs" && line.contains("experiments::") && !adds;
                    elsewhere || lent
                };
                found.extend(code.filter(named).map(|line| format!("{}: {line}", path.display())));
            }
        }
    }
    assert!(sources > 100, "only {sources} sources were read");
    let chapters = |line: &String| !line.contains("a-notebook") && !line.contains("c-gradebook");
    found.retain(chapters);
    found.retain(|line| {
        let Some((folder, _)) = line.split_once("/src/commands/") else { return true };
        let name = folder.rsplit(['/', '-']).next().unwrap();
        used.contains(&format!("{name}::commands"))
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn data_stale() {
    goes_stale("data/points.csv", "3,4\n", "the data file data/points.csv changed");
}

fn lock(from: &str, to: &str) -> State {
    state_after(|root| {
        let path = root.join("Cargo.lock");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    })
}

#[test]
fn a_numeric_dependency_stales() {
    let reason = "the dependency ndarray went from 0.17.2 to 0.17.3".to_owned();
    assert_eq!(lock("0.17.2", "0.17.3"), State::Stale(vec![reason]));
    let reason = "the dependency rand went from 0.10.4 to 0.10.5".to_owned();
    assert_eq!(lock("0.10.4", "0.10.5"), State::Stale(vec![reason]));
}

#[test]
fn other_dependencies_do_not_stale() {
    assert_eq!(lock("0.3.7", "0.3.8"), State::Fresh, "plotters");
    assert_eq!(lock("0.9.1", "0.9.2"), State::Fresh, "rand of a development dependency");
}

#[test]
fn a_seed_stales() {
    let root = workspace();
    let open = Workspace::open(root.path()).unwrap();
    run::record(&chapter(1), &open, &chapter(1).experiments[0], 1).unwrap();
    let state = run::state(&chapter(2), &open, &chapter(2).experiments[0]).unwrap().0;
    assert_eq!(state, State::Stale(vec!["the seed went from 1 to 2".to_owned()]));
}

#[test]
fn a_source_that_is_not_rust_is_an_error() {
    let root = workspace();
    append(root.path(), "chapters-code/02-second/src/lib.rs", "fn (((");
    let chapter = chapter(1);
    let error =
        run::state(&chapter, &Workspace::open(root.path()).unwrap(), &chapter.experiments[0])
            .unwrap_err();
    assert!(error.to_string().contains("lib.rs: is not Rust"), "{error}");
}

#[test]
fn verification_renews_the_provenance_alone() {
    let root = workspace();
    let chapter = chapter(1);
    let open = || Workspace::open(root.path()).unwrap();
    let experiment = &chapter.experiments[0];
    run::record(&chapter, &open(), experiment, 1).unwrap();
    append(root.path(), "chapters-code/02-second/src/lib.rs", "fn more() {}\n");
    assert_eq!(run::verify(&chapter, &open(), experiment, 1).unwrap(), Vec::<String>::new());
    assert_eq!(run::state(&chapter, &open(), experiment).unwrap().0, State::Fresh);
}

#[test]
fn verification_of_another_number_writes_nothing() {
    let root = workspace();
    let chapter = chapter(1);
    let open = Workspace::open(root.path()).unwrap();
    let experiment = &chapter.experiments[0];
    run::record(&chapter, &open, experiment, 1).unwrap();
    let path = chapter.results_file(&open, "answer");
    let forged = fs::read_to_string(&path).unwrap().replace("\"value\": 42", "\"value\": 43");
    fs::write(&path, &forged).unwrap();
    let differences = run::verify(&chapter, &open, experiment, 1).unwrap();
    assert_eq!(differences, [r#"values.answer: {"value":43} became {"value":42}"#]);
    assert_eq!(fs::read_to_string(&path).unwrap(), forged);
}
