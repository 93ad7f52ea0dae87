//! Programs made of an exercise's parts: the worker that runs answers, its visible tests, and the judge.
//!
//! A program is a folder of sources and one call of `rustc` against the [`Kit`]. The worker of a hand-in holds one
//! variant, the answer. The worker that proves an exercise holds starter, solution and every mutant, so that
//! one call compiles them all.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::exercise::{Exercise, Meter};
use crate::kit::Kit;
use crate::pieces::rewrite;

/// One answer file among those that a worker holds.
#[derive(Debug, Clone)]
pub struct Variant<'a> {
    /// The name of its module.
    pub name: &'a str,
    /// The file.
    pub answer: &'a [u8],
}

/// The serialisers that a worker needs beside the exercise's crates.
const SERIALISERS: [&str; 2] = ["serde", "rmp_serde"];

/// Lints have been the author's and the student's business before.
const ALLOW: &str = "#![allow(warnings)]\n";

/// Writes the sources of a worker into `folder`.
///
/// # Errors
/// What the file system said.
pub fn write_worker(
    exercise: &Exercise,
    variants: &[Variant<'_>],
    folder: &Path,
) -> anyhow::Result<()> {
    let mut main = String::from(ALLOW);
    if let Some(given) = &exercise.given {
        main.push_str(&format!("mod given {{\n    pub mod {};\n}}\n", exercise.name));
        fs::create_dir_all(folder.join("given"))?;
        fs::write(folder.join("given").join(format!("{}.rs", exercise.name)), given)?;
    }
    let given = format!("crate::given::{}", exercise.name);
    let parts = [("solution", "super::answer"), ("given", given.as_str())];
    let mut arms = String::new();
    for Variant { name, answer } in variants {
        fs::create_dir_all(folder.join(name))?;
        fs::write(folder.join(name).join("answer.rs"), answer)?;
        fs::write(folder.join(name).join("call.rs"), rewrite(&exercise.call, &parts))?;
        fs::write(folder.join(name).join("tests.rs"), rewrite(&exercise.tests, &parts))?;
        main.push_str(&format!(
            "mod {name} {{\n    pub mod answer;\n    pub mod call;\n    #[cfg(test)]\n    mod tests;\n}}\n"
        ));
        let serve = if exercise.meter == Meter::Questions { "serve_asking" } else { "serve" };
        arms.push_str(&format!("        Some(\"{name}\") => {serve}({name}::call::call),\n"));
    }
    main.push_str(&format!(
        "fn main() {{\n    match std::env::args().nth(1).as_deref() {{\n{arms}        _ => {{}}\n    }}\n}}\n"
    ));
    main.push_str(include_str!("templates/worker.rs"));
    fs::write(folder.join("main.rs"), main)?;
    Ok(())
}

/// Writes the source of the judge into `folder`: the exercise's file as it is, and a door.
///
/// # Errors
/// What the file system said.
pub fn write_judge(exercise: &Exercise, folder: &Path) -> anyhow::Result<()> {
    fs::write(folder.join("exercise.rs"), &exercise.source)?;
    let (door, parts) = match exercise.meter {
        Meter::None => ("main", "cases, call, compare"),
        Meter::Hidden => ("hiding", "cases, open, call, compare"),
        Meter::Questions => ("metered", "cases, open, call, reply, compare"),
    };
    let door = format!(
        "mod exercise;\n\nuse exercise::call::*;\nuse exercise::judge::*;\n\n\
         fn main() -> std::process::ExitCode {{\n    gradebook::judge::{door}({parts})\n}}\n"
    );
    fs::write(folder.join("main.rs"), format!("{ALLOW}{door}"))?;
    Ok(())
}

/// What `rustc` is to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// The worker.
    Worker,
    /// The worker's visible tests.
    Tests,
    /// The judge.
    Judge,
}

/// The arguments with which `rustc` compiles `main.rs` to `out`, the kit being at `kit_at` in its eyes.
///
/// # Errors
/// Where the exercise asks for a crate that the book does not build.
pub fn rustc_arguments(
    exercise: &Exercise,
    kit: &Kit,
    kit_at: &Path,
    make: Make,
    main: &Path,
    out: &Path,
) -> anyhow::Result<Vec<OsString>> {
    let mut arguments: Vec<OsString> = Vec::new();
    let mut push = |text: &str| arguments.push(text.into());
    for text in ["--edition", "2024", "--crate-name", "gradebook_program", "--crate-type", "bin"] {
        push(text);
    }
    for text in ["-Copt-level=1", "-Cdebuginfo=0", "-Cstrip=symbols", "-Coverflow-checks=on"] {
        push(text);
    }
    for text in ["--diagnostic-width", "100", "--color", "never"] {
        push(text);
    }
    if make == Make::Tests {
        push("--test");
    }
    let wanted = exercise.crates().iter().map(String::as_str).chain(SERIALISERS);
    let trusted = ["gradebook"].into_iter().filter(|_| make == Make::Judge);
    let mut named: Vec<&str> = wanted.chain(trusted).collect();
    named.sort_unstable();
    named.dedup();
    for name in named {
        let Some(file) = kit.file(name) else {
            bail!(
                "{}: asks for the crate `{name}`, which the book does not build; list another under `- crates:`",
                exercise.path.display()
            );
        };
        let mut link = OsString::from(format!("--extern={}=", name.replace('-', "_")));
        link.push(kit_at.join(file));
        arguments.push(link);
    }
    let rooms: &[&str] = if make == Make::Judge { &["crates", "trusted"] } else { &["crates"] };
    for room in rooms {
        let mut folder = OsString::from("-Ldependency=");
        folder.push(kit_at.join(room));
        arguments.push(folder);
    }
    arguments.extend([main.into(), "-o".into(), out.into()]);
    Ok(arguments)
}

/// Compiles trusted sources in `folder`, outside of any sandbox, and gives the program.
///
/// # Errors
/// What the compiler said.
pub fn compile(
    exercise: &Exercise,
    kit: &Kit,
    make: Make,
    folder: &Path,
) -> anyhow::Result<PathBuf> {
    let out = folder.join(format!("{make:?}").to_lowercase());
    let main = Path::new("main.rs");
    let arguments = rustc_arguments(exercise, kit, &kit.folder, make, main, &out)?;
    let said =
        Command::new(kit.rustc()).current_dir(folder).args(arguments).stdin(Stdio::null()).output();
    let said = said.context("rustc cannot be started")?;
    if !said.status.success() {
        let errors = String::from_utf8_lossy(&said.stderr);
        bail!("{}: does not compile:\n{}", exercise.path.display(), errors.trim());
    }
    Ok(out)
}
