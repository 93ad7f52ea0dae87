//! When code changes: a chapter's program is compiled again and draws its figures; this program is
//! compiled again and replaces itself.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;

use notebook::Workspace;
use regex::Regex;

use super::site::fault_of;
use crate::chapters;
use crate::faults::{Fault, Severity};

/// How this program is compiled again.
#[derive(Debug)]
pub struct Restart {
    root: PathBuf,
    program: PathBuf,
    started: Option<SystemTime>,
}

#[allow(clippy::unwrap_used, reason = "the pattern is a constant, and a test uses it")]
static COMPILER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(\S.*?):(\d+):\d+: error(?:\[\w+\])?: (.*)$").unwrap());

impl Restart {
    /// None where this program was not compiled from the checkout at `root`, or where the system
    /// keeps a running program from being replaced.
    pub fn of(root: &Path) -> Option<Self> {
        let root = root.canonicalize().ok()?;
        let compiled_in = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().ok()?;
        let program = std::env::current_exe().ok()?;
        let started = modified(&program);
        let ours = compiled_in.starts_with(root.join("chapters-code"));
        (cfg!(unix) && ours).then_some(Restart { root, program, started })
    }

    /// Compiles, and says whether that gave another program.
    ///
    /// # Errors
    /// What the compiler says.
    pub fn compile(&self) -> Result<bool, Vec<Fault>> {
        let mut command = chapters::cargo(&self.root);
        succeeds(command.args(build_arguments(&self.program)))?;
        Ok(modified(&self.program) != self.started)
    }

    /// Replaces this program by the one that was compiled, with these arguments; comes back only
    /// where that fails.
    #[cfg(unix)]
    pub fn replace(&self, arguments: &[OsString]) -> anyhow::Error {
        use std::os::unix::process::CommandExt as _;
        let error = Command::new(&self.program).args(arguments).exec();
        anyhow::anyhow!(
            "the program compiled anew cannot be started ({error}); start `cargo book serve` again"
        )
    }

    /// Never called: [`Restart::of`] gives none here.
    #[cfg(not(unix))]
    pub fn replace(&self, _: &[OsString]) -> anyhow::Error {
        anyhow::anyhow!("the code changed; start `cargo book serve` again")
    }
}

/// Compiles the program of `chapter` and has it draw its figures.
///
/// # Errors
/// What the compiler or the program says.
pub fn draw(workspace: &Workspace, chapter: &str) -> Result<(), Vec<Fault>> {
    let mut command = chapters::cargo(workspace.root());
    let arguments = ["run", "--release", "--quiet", "--message-format", "short", "--package"];
    succeeds(command.args(arguments).args([chapter, "--", "draw"]))
}

/// Runs a command of cargo to its end.
fn succeeds(command: &mut Command) -> Result<(), Vec<Fault>> {
    let output = command
        .output()
        .map_err(|e| vec![fault_of(&format!("cargo cannot be started ({e}); install Rust"))])?;
    if output.status.success() {
        Ok(())
    } else {
        Err(faults(&String::from_utf8_lossy(&output.stderr)))
    }
}

fn modified(program: &Path) -> Option<SystemTime> {
    fs::metadata(program).and_then(|m| m.modified()).ok()
}

/// The arguments with which cargo made `program`, which stands at `target/release/bookbinder`.
fn build_arguments(program: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        ["build", "--quiet", "--message-format", "short", "--package", env!("CARGO_PKG_NAME")]
            .map(OsString::from)
            .to_vec();
    let profile = program.parent();
    let name = profile.and_then(Path::file_name).unwrap_or_default();
    // The folder of the profile `dev` is called otherwise.
    let name = if name == "debug" { "dev".into() } else { name.to_owned() };
    arguments.extend(["--profile".into(), name]);
    if let Some(target) = profile.and_then(Path::parent) {
        arguments.extend(["--target-dir".into(), target.into()]);
    }
    arguments
}

/// The compiler's errors, each with file and line; all that was said, where none has them.
fn faults(said: &str) -> Vec<Fault> {
    let fault = |line: &str| {
        let found = COMPILER.captures(line)?;
        Some(Fault {
            file: found[1].replace('\\', "/"),
            line: found[2].parse().ok()?,
            severity: Severity::Fault,
            message: format!("{}; mend it, and the page follows", &found[3]),
        })
    };
    let found: Vec<Fault> = said.lines().filter_map(fault).collect();
    if found.is_empty() {
        vec![fault_of(&format!("The code does not compile. {said}"))]
    } else {
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_errors_are_faults() {
        let said = "chapters-code/01-x/src/lib.rs:12:5: error[E0425]: cannot find value `y` in this scope\n\
            chapters-code/01-x/src/lib.rs:3:1: warning: unused\n\
            error: could not compile `x` (lib) due to 1 previous error\n";
        let told: Vec<String> = faults(said).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "chapters-code/01-x/src/lib.rs:12: cannot find value `y` in this scope; mend it, and the page follows"
            ]
        );
        let told = faults("error: failed to parse manifest\n\nCaused by: no name");
        assert!(
            told[0].message.contains("failed to parse manifest Caused by: no name"),
            "{told:?}"
        );
    }

    #[test]
    fn the_program_is_built_as_it_was() {
        let words = |program: &str| {
            let words: Vec<String> = build_arguments(Path::new(program))
                .iter()
                .map(|w| w.to_string_lossy().into_owned())
                .collect();
            words[words.len() - 4..].join(" ")
        };
        assert_eq!(
            words("/x/target/release/bookbinder"),
            "--profile release --target-dir /x/target"
        );
        assert_eq!(words("/x/target/debug/bookbinder"), "--profile dev --target-dir /x/target");
    }

    #[test]
    fn a_program_replaces_itself_only_in_its_own_checkout() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Restart::of(folder.path()).is_none());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        assert_eq!(Restart::of(root).is_some(), cfg!(unix));
    }
}
