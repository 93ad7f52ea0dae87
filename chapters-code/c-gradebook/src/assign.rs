//! Assigning: a workspace for students, with starters and visible tests and the crates they need, and with nothing else.
//!
//! No solution, generator, comparison or mutant is written: only the parts of an exercise that are the student's are touched here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use notebook::Workspace;
use toml::{Table, Value};

use crate::exercise::Exercise;
use crate::front_matter::points;
use crate::pieces::rewrite;

/// The package that students work in.
pub const PACKAGE: &str = "exercises";

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned {
    /// Exercises.
    pub exercises: usize,
    /// Points of all of them.
    pub points: u32,
    /// Crates of the book that were copied.
    pub crates: usize,
}

/// Writes the workspace with `exercises` to `out`.
///
/// # Errors
/// Where `out` holds anything already, or a file cannot be written.
pub fn assign(
    workspace: &Workspace,
    exercises: &[&Exercise],
    out: &Path,
) -> anyhow::Result<Assigned> {
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) || out.is_file() {
        bail!("{}: is there already; name a new folder", out.display());
    }
    if exercises.is_empty() {
        bail!("there is nothing to assign; `exercises` lists what there is");
    }
    for folder in ["src", "tests"] {
        create(&out.join(folder))?;
    }
    let direct: BTreeSet<&str> =
        exercises.iter().flat_map(|e| e.crates()).map(String::as_str).collect();
    let crates = needed(workspace, &direct);
    sources(exercises, out)?;
    for name in &crates {
        copy_crate(workspace, name, out)?;
    }
    write(&out.join("Cargo.toml"), &manifest(workspace, exercises, &direct, &crates)?)?;
    fs::copy(workspace.root().join("Cargo.lock"), out.join("Cargo.lock"))?;
    write(&out.join(".gitignore"), "/target\n")?;
    write(&out.join("README.md"), &readme(exercises))?;
    let points = exercises.iter().map(|e| e.front.points).sum();
    Ok(Assigned { exercises: exercises.len(), points, crates: crates.len() })
}

fn create(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        create(folder)?;
    }
    fs::write(path, text).with_context(|| format!("{}: cannot be written", path.display()))
}

/// Starters, given parts and visible tests.
fn sources(exercises: &[&Exercise], out: &Path) -> anyhow::Result<()> {
    let mut lib = String::from(
        "//! The exercises. Each is a file of its own beside this one; this one stays as it is.\n\n",
    );
    let mut given = String::new();
    for exercise in exercises {
        let name = &exercise.name;
        lib.push_str(&format!("pub mod {name};\n"));
        write(&out.join("src").join(format!("{name}.rs")), &exercise.starter)?;
        if let Some(text) = &exercise.given {
            given.push_str(&format!("    pub mod {name};\n"));
            write(&out.join("src/given").join(format!("{name}.rs")), text)?;
        }
        write(&out.join("tests").join(format!("{name}.rs")), &visible_tests(exercise))?;
    }
    if !given.is_empty() {
        lib.push_str(&format!("\n/// What the exercises give.\npub mod given {{\n{given}}}\n"));
    }
    write(&out.join("src/lib.rs"), &lib)
}

/// The visible tests as a file of the student's workspace.
fn visible_tests(exercise: &Exercise) -> String {
    let name = &exercise.name;
    let answer = format!("{PACKAGE}::{name}");
    let given = format!("{PACKAGE}::given::{name}");
    let tests = rewrite(&exercise.tests, &[("solution", &answer), ("given", &given)]);
    format!(
        "//! Visible tests of `src/{name}.rs`. The grading uses other inputs.\n\n{}",
        tests.trim_start()
    )
}

/// The crates of the book that `direct` reach, in order.
fn needed(workspace: &Workspace, direct: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<String> = direct.iter().map(|s| (*s).to_owned()).collect();
    while let Some(name) = waiting.pop() {
        if let Some(member) = workspace.member(&name)
            && seen.insert(name)
        {
            waiting.extend(member.dependencies.iter().cloned());
        }
    }
    seen
}

/// Copies the library of a crate: its sources without the program, and its manifest without what only the book runs.
fn copy_crate(workspace: &Workspace, name: &str, out: &Path) -> anyhow::Result<()> {
    let Some(member) = workspace.member(name) else { return Ok(()) };
    let to = out.join("chapters-code").join(member.folder_name());
    copy_sources(
        &member.folder.join("src"),
        &to.join("src"),
        workspace.root(),
        &member.folder,
        out,
    )?;
    let manifest = member.folder.join("Cargo.toml");
    let mut table: Table = toml::from_str(&fs::read_to_string(&manifest)?)?;
    for part in ["dev-dependencies", "bench", "bin", "test", "example", "lints"] {
        table.remove(part);
    }
    write(&to.join("Cargo.toml"), &toml::to_string(&table)?)
}

fn copy_sources(
    from: &Path,
    to: &Path,
    root: &Path,
    member: &Path,
    out: &Path,
) -> anyhow::Result<()> {
    create(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            if name != "bin" {
                copy_sources(&path, &to.join(name), root, member, out)?;
            }
        } else if name != "main.rs" {
            fs::copy(&path, to.join(name)).with_context(|| path.display().to_string())?;
            if path.extension().is_some_and(|e| e == "rs") {
                copy_included(&fs::read_to_string(&path)?, root, member, out)?;
            }
        }
    }
    Ok(())
}

/// Copies the files that a source includes by a path from its manifest.
fn copy_included(source: &str, root: &Path, member: &Path, out: &Path) -> anyhow::Result<()> {
    const START: &str = "env!(\"CARGO_MANIFEST_DIR\"), \"/";
    for rest in source.split(START).skip(1) {
        let path = rest.split('"').next().unwrap_or_default();
        let Ok(file) = member.join(path).canonicalize() else { continue };
        let Ok(below) = file.strip_prefix(root.canonicalize()?).map(Path::to_owned) else {
            continue;
        };
        if file.is_file() {
            let to = out.join(below);
            create(to.parent().unwrap_or(out))?;
            fs::copy(&file, &to).with_context(|| file.display().to_string())?;
        }
    }
    Ok(())
}

/// The manifest of the student's package and workspace, with the versions that the book has.
fn manifest(
    workspace: &Workspace,
    exercises: &[&Exercise],
    direct: &BTreeSet<&str>,
    crates: &BTreeSet<String>,
) -> anyhow::Result<String> {
    let root = workspace.root();
    let path = root.join("Cargo.toml");
    let book: Table = toml::from_str(&fs::read_to_string(&path)?)?;
    let book = book.get("workspace").and_then(Value::as_table).cloned().unwrap_or_default();
    let table = |name: &str| book.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
    let mut wanted: BTreeSet<String> = direct.iter().map(|s| (*s).to_owned()).collect();
    if exercises.iter().any(|e| e.given.is_some()) {
        // The types of inputs and outputs that an exercise gives know how to be written down.
        wanted.insert("serde".to_owned());
    }
    let inherit = |_| Value::Table(Table::from_iter([("workspace".to_owned(), true.into())]));
    let dependencies: Table = wanted.iter().map(|name| (name.clone(), inherit(name))).collect();
    for name in crates {
        wanted.extend(workspace.member(name).iter().flat_map(|m| m.dependencies.iter().cloned()));
    }
    let known =
        table("dependencies").into_iter().filter(|(name, _)| wanted.contains(name)).collect();
    let package =
        [("name", PACKAGE.into()), ("version", "0.1.0".into()), ("publish", false.into())]
            .into_iter()
            .map(|(k, v): (&str, Value)| (k.to_owned(), v))
            .chain(table("package").remove("edition").map(|e| ("edition".to_owned(), e)))
            .collect();
    let members = vec![Value::from("chapters-code/*")];
    let workspace = [
        ("resolver".to_owned(), book.get("resolver").cloned().unwrap_or_else(|| "3".into())),
        ("members".to_owned(), members.into()),
        ("package".to_owned(), Value::Table(table("package"))),
        ("dependencies".to_owned(), Value::Table(known)),
    ];
    let whole = Table::from_iter([
        ("package".to_owned(), Value::Table(package)),
        ("dependencies".to_owned(), Value::Table(dependencies)),
        ("workspace".to_owned(), Value::Table(workspace.into_iter().collect())),
        ("profile".to_owned(), Value::Table(profiles(root, &wanted)?)),
    ]);
    Ok(toml::to_string(&whole)?)
}

/// How the book compiles its tests, as far as it is about crates that are `wanted` or that they reach:
/// numbers with optimisation, texts without. What is compiled for the book already serves here, too.
fn profiles(root: &Path, wanted: &BTreeSet<String>) -> anyhow::Result<Table> {
    let book: Table = toml::from_str(&fs::read_to_string(root.join("Cargo.toml"))?)?;
    let lock: Table = toml::from_str(&fs::read_to_string(root.join("Cargo.lock"))?)?;
    let reached = reached(&lock, wanted);
    let mut profiles = Table::new();
    if let Some(mut dev) = book.get("profile").and_then(|p| p.get("dev")).cloned() {
        if let Some(packages) = dev.get_mut("package").and_then(Value::as_table_mut) {
            packages.retain(|name, _| name == "*" || reached.contains(name));
        }
        profiles.insert("dev".to_owned(), dev);
    }
    Ok(profiles)
}

/// The packages of a lock file that some of them depend on, and they themselves.
fn reached(lock: &Table, from: &BTreeSet<String>) -> BTreeSet<String> {
    let packages = lock.get("package").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = from.iter().map(String::as_str).collect();
    while let Some(name) = waiting.pop() {
        if !reached.insert(name.to_owned()) {
            continue;
        }
        let own = |p: &&Value| p.get("name").and_then(Value::as_str) == Some(name);
        let lists = packages.iter().filter(own).filter_map(|p| p.get("dependencies")?.as_array());
        // `name`, or `name version` where there are several.
        waiting.extend(lists.flatten().filter_map(|d| d.as_str()?.split(' ').next()));
    }
    reached
}

/// What students read first.
fn readme(exercises: &[&Exercise]) -> String {
    let total: u32 = exercises.iter().map(|e| e.front.points).sum();
    let minutes: u32 = exercises.iter().map(|e| e.front.minutes).sum();
    let mut text = format!(
        "# Exercises\n\n{}, about {minutes} minutes.\n\n\
         Each exercise is one file in `src/`. Its first lines say what is asked for; replace the `todo!`. What is in \
         `tests/` shows what is meant:\n\n```sh\ncargo test                      # all exercises\n",
        points(total)
    );
    if let Some(first) = exercises.first() {
        text.push_str(&format!("cargo test --test {}   # one of them\n", first.name));
    }
    text.push_str(
        "```\n\nThe first `cargo test` fetches and compiles the crates, which takes a few minutes; after that no network is needed.\n\n\
         | exercise | file | points | minutes | |\n| --- | --- | ---: | ---: | --- |\n",
    );
    for exercise in exercises {
        let front = &exercise.front;
        text.push_str(&format!(
            "| {} | `src/{}.rs` | {} | {} | {} |\n",
            front.title, exercise.name, front.points, front.minutes, front.difficulty
        ));
    }
    text.push_str(
        "\n## How it is graded\n\n\
         Only the files in the table are taken from what you hand in; hand in this folder without `target/`, or an archive of it \
         (`.zip` or `.tar.gz`). Your functions are called with inputs of several kinds, most of them random, and their results are compared with \
         those of a solution. Kinds weigh the same unless the exercise says otherwise. Edge cases earn points only where a general kind is right. An answer that does \
         not compile earns nothing, so hand in something that compiles.\n\n\
         An answer may use the standard library and the crates that `Cargo.toml` lists. It cannot use files, the network or other crates, and has two \
         seconds for an input unless the exercise says otherwise.\n",
    );
    text
}
