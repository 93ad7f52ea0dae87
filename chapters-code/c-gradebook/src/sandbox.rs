//! Where strangers' code is compiled and run: bubblewrap, a few read-only folders, and limits.
//!
//! Inside there is `/usr` and the toolchain to read, the folder of this one answer, a small `/tmp`, and nothing else: no network, no
//! home, no other hand-in, no process but its own, no environment. Limits are set inside, by `prlimit`, on address space, processor time,
//! processes and file sizes; the wall clock is watched from outside ([`crate::converse`], [`crate::bounded`]).
//!
//! Where we are root, everything is done as a user without rights: the limit on processes does not hold for
//! root. That user cannot look into root's home, so the toolchain and the kit are first linked into a folder where it can.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::filter;
use crate::kit::{Kit, link_or_copy};
use crate::limits::{Allowance, Limits, RUNNING};

/// The user that root becomes.
const NOBODY: u32 = 65_534;

/// Closes what whoever grades has open, since a program inherits it: bubblewrap passes it on. The shell also opens the filter, which
/// bubblewrap reads from an open file.
const ALONE: &str =
    "for f in /proc/self/fd/*; do f=${f##*/}; [ \"$f\" -le 2 ] || eval \"exec $f<&-\"; done";

/// Where answers are compiled and run.
#[derive(Debug)]
pub enum Place {
    /// In a sandbox.
    Sandbox(Sandbox),
    /// Beside everything else: for code that one trusts, such as one's own.
    Open(PathBuf),
}

/// Bubblewrap, ready to start.
#[derive(Debug)]
pub struct Sandbox {
    /// The user to become first, where we are root.
    become_user: Option<u32>,
    sysroot: PathBuf,
    crates: PathBuf,
    linker: PathBuf,
    /// The filter of system calls, where there is one for this machine.
    filter: Option<PathBuf>,
    /// Holds the filter, and what was linked for that user.
    _stage: tempfile::TempDir,
}

impl Place {
    /// A sandbox for the crates of `kit`.
    ///
    /// # Errors
    /// Where bubblewrap is absent or the system does not let it start.
    pub fn sandbox(kit: &Kit) -> anyhow::Result<Self> {
        let stage = tempfile::Builder::new().prefix("gradebook-stage-").tempdir()?;
        let is_root = rustix::process::geteuid().is_root();
        let (mut sysroot, mut crates) = (kit.sysroot.clone(), kit.crates());
        if is_root {
            open_to_all(stage.path())?;
            sysroot = stage.path().join("rust");
            stage_toolchain(&kit.sysroot, &sysroot)?;
            crates = stage.path().join("crates");
            link_folder(&kit.crates(), &crates)?;
        }
        let filter = match filter::bytes() {
            Some(bytes) => {
                let file = stage.path().join("filter");
                fs::write(&file, bytes)?;
                Some(file)
            }
            None => None,
        };
        let sandbox = Sandbox {
            become_user: is_root.then_some(NOBODY),
            sysroot,
            crates,
            linker: linker()?,
            filter,
            _stage: stage,
        };
        sandbox.probe()?;
        Ok(Place::Sandbox(sandbox))
    }

    /// No sandbox.
    pub fn open(kit: &Kit) -> Self {
        Place::Open(kit.folder.clone())
    }

    /// Is this a sandbox?
    pub fn is_sandbox(&self) -> bool {
        matches!(self, Place::Sandbox(_))
    }

    /// Is this said by what starts a sandbox, rather than by what runs in it?
    pub fn is_own_fault(said: &str) -> bool {
        ["bwrap: ", "setpriv: ", "/usr/bin/prlimit: ", "prlimit: "]
            .iter()
            .any(|p| said.starts_with(p))
    }

    /// Where the kit's folder is for what runs here.
    pub fn kit_at(&self) -> PathBuf {
        match self {
            Place::Sandbox(_) => PathBuf::from("/kit"),
            Place::Open(folder) => folder.clone(),
        }
    }

    /// A new folder for one answer, with `source` and `made` in it.
    ///
    /// # Errors
    /// What the file system said.
    pub fn folder(&self) -> anyhow::Result<Folder> {
        let folder = tempfile::Builder::new().prefix("gradebook-").tempdir()?;
        let (source, made) = (folder.path().join("source"), folder.path().join("made"));
        fs::create_dir(&source)?;
        fs::create_dir(&made)?;
        if let Place::Sandbox(Sandbox { become_user: Some(user), .. }) = self {
            open_to_all(folder.path())?;
            open_to_all(&source)?;
            #[cfg(unix)]
            std::os::unix::fs::chown(&made, Some(*user), Some(*user))?;
        }
        Ok(Folder { source, made, _folder: folder })
    }

    /// The compiler on `folder`'s sources, with `arguments` made by [`Folder::arguments`].
    pub fn compiler(
        &self,
        kit: &Kit,
        folder: &Folder,
        arguments: &[OsString],
        limits: &Limits,
    ) -> Command {
        match self {
            Place::Sandbox(sandbox) => {
                let mut binds = vec![
                    Bind::read("/usr", "/usr"),
                    Bind::read(&sandbox.sysroot, "/rust"),
                    Bind::read(&sandbox.crates, "/kit/crates"),
                    Bind::read(&folder.source, "/source"),
                    Bind::write(&folder.made, "/made"),
                ];
                if Path::new("/etc/ld.so.cache").exists() {
                    binds.push(Bind::read("/etc/ld.so.cache", "/etc/ld.so.cache"));
                }
                let mut command = sandbox.command(&binds, limits.compiling);
                command.arg("/rust/bin/rustc").args(arguments);
                let mut linker = OsString::from("-Clinker=");
                linker.push(&sandbox.linker);
                command.arg(linker);
                command
            }
            Place::Open(_) => {
                let mut command = Command::new(kit.rustc());
                command.current_dir(&folder.source).args(arguments);
                command
            }
        }
    }

    /// The worker that was made in `folder`, running `variant`.
    pub fn worker(&self, folder: &Folder, variant: &str, limits: &Limits) -> Command {
        match self {
            Place::Sandbox(sandbox) => {
                let mut binds = vec![Bind::read(&folder.made, "/made")];
                for part in ["/usr/lib", "/usr/lib64", "/usr/bin/prlimit", "/etc/ld.so.cache"] {
                    if Path::new(part).exists() {
                        binds.push(Bind::read(part, part));
                    }
                }
                let mut command = sandbox.command(&binds, limits.running);
                command.args(["/made/worker", variant]);
                command
            }
            Place::Open(_) => {
                let mut command = Command::new(folder.made.join("worker"));
                command.arg(variant);
                command
            }
        }
    }
}

/// The folder of one answer.
#[derive(Debug)]
pub struct Folder {
    /// The worker's sources, which the compiler reads.
    pub source: PathBuf,
    /// The program, which the compiler writes.
    pub made: PathBuf,
    _folder: tempfile::TempDir,
}

impl Folder {
    /// The main source and the program, as the compiler sees them in `place`.
    pub fn seen_in(&self, place: &Place) -> (PathBuf, PathBuf) {
        match place {
            Place::Sandbox(_) => ("/source/main.rs".into(), "/made/worker".into()),
            Place::Open(_) => ("main.rs".into(), self.made.join("worker")),
        }
    }

    /// Was a program made, and is it a file and no link to somewhere else?
    pub fn has_program(&self) -> bool {
        fs::symlink_metadata(self.made.join("worker")).is_ok_and(|m| m.is_file())
    }
}

/// A folder that is visible inside.
struct Bind {
    outside: PathBuf,
    inside: PathBuf,
    writable: bool,
}

impl Bind {
    fn read(outside: impl Into<PathBuf>, inside: impl Into<PathBuf>) -> Self {
        Bind { outside: outside.into(), inside: inside.into(), writable: false }
    }

    fn write(outside: impl Into<PathBuf>, inside: impl Into<PathBuf>) -> Self {
        Bind { writable: true, ..Bind::read(outside, inside) }
    }
}

impl Sandbox {
    /// Everything up to the program that runs inside.
    fn command(&self, binds: &[Bind], limits: Allowance) -> Command {
        let mut command = Command::new("bash");
        match &self.filter {
            Some(filter) => {
                command.args(["-c", &format!("{ALONE}; exec \"$@\" 9< \"$0\"")]).arg(filter)
            }
            None => command.args(["-c", &format!("{ALONE}; exec \"$@\""), "bash"]),
        };
        if let Some(user) = self.become_user {
            command.args(["setpriv", &format!("--reuid={user}"), &format!("--regid={user}")]);
            command.args(["--clear-groups", "--"]);
        }
        command.arg("bwrap");
        if self.filter.is_some() {
            command.args(["--seccomp", "9"]);
        }
        // ANCHOR: alone
        command.args(["--unshare-all", "--unshare-user", "--disable-userns"]);
        command.args(["--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]);
        for bind in binds {
            command.arg(if bind.writable { "--bind" } else { "--ro-bind" });
            command.args([&bind.outside, &bind.inside]);
        }
        // ANCHOR_END: alone
        // `/lib` and its like are links into `/usr` on merged systems, and folders on others.
        for name in ["lib", "lib64", "bin"] {
            let path = Path::new("/").join(name);
            if let Ok(to) = fs::read_link(&path) {
                command.arg("--symlink").args([to, path]);
            } else if path.is_dir() {
                command.arg("--ro-bind").args([&path, &path]);
            }
        }
        command.args(["--proc", "/proc", "--dev", "/dev"]);
        command.args(["--size", &limits.scratch.to_string(), "--tmpfs", "/tmp"]);
        // What bubblewrap itself put up in memory is of no limited size; nobody may write there.
        command.args(["--remount-ro", "/dev", "--remount-ro", "/"]);
        command.args([
            "--chdir", "/tmp", "--setenv", "PATH", "/usr/bin", "--setenv", "TMPDIR", "/tmp",
        ]);
        command.args(["--setenv", "RAYON_NUM_THREADS", "1", "--", "/usr/bin/prlimit"]);
        command.arg(format!("--as={}", limits.memory)).arg(format!("--cpu={}", limits.seconds));
        command
            .arg(format!("--nproc={}", limits.processes))
            .arg(format!("--fsize={}", limits.file));
        command.arg(format!("--nofile={}", limits.open)).args(["--core=0", "--"]);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Does it start at all? Some systems forbid what bubblewrap needs.
    fn probe(&self) -> anyhow::Result<()> {
        let mut command = self.command(&[Bind::read("/usr", "/usr")], RUNNING);
        command.arg("/usr/bin/true").stdin(Stdio::null());
        let said = command.output().context("bash cannot be started; install it")?;
        if !said.status.success() {
            let line = String::from_utf8_lossy(&said.stderr);
            bail!("bubblewrap does not start here ({})", line.trim());
        }
        Ok(())
    }
}

/// The program that links, by its real name: the usual one is a link through `/etc`, which is not there inside.
fn linker() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|p| p.join("cc")).find(|p| p.exists());
    let found = found.context("there is no `cc` to link with; install a C compiler")?;
    Ok(found.canonicalize()?)
}

/// Links the part of a toolchain that compiles.
fn stage_toolchain(from: &Path, to: &Path) -> anyhow::Result<()> {
    link_files(&from.join("lib"), &to.join("lib"), |_| true)?;
    link_files(&from.join("bin"), &to.join("bin"), |name| name == "rustc")?;
    let rustlib = from.join("lib").join("rustlib");
    for entry in fs::read_dir(&rustlib).with_context(|| rustlib.display().to_string())? {
        let target = entry?.path();
        for part in ["lib", "bin"] {
            let (from, name) = (target.join(part), target.file_name().unwrap_or_default());
            if from.is_dir() && target.join("lib").is_dir() {
                link_folder(&from, &to.join("lib").join("rustlib").join(name).join(part))?;
            }
        }
    }
    Ok(())
}

/// Links every file below `from`.
fn link_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    link_files(from, to, |_| true)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.is_dir() {
            link_folder(&path, &to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

fn link_files(from: &Path, to: &Path, wanted: impl Fn(&OsStr) -> bool) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let path = entry?.path();
        if path.is_file() && path.file_name().is_some_and(&wanted) {
            link_or_copy(&path, to)?;
        }
    }
    Ok(())
}

/// Lets other users pass through a folder.
fn open_to_all(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
