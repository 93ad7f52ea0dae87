//! Where strangers' code is compiled and run: bubblewrap, a few read-only folders, and limits.
//!
//! Inside there is `/usr` and the toolchain to read, the folder of this one answer, a small `/tmp`, and nothing else: no network, no
//! home, no other hand-in, no process but its own, no environment. Limits are set inside, by `prlimit`, on address space, processor time,
//! processes and file sizes; the wall clock is watched from outside ([`crate::converse`], [`finish`]).
//!
//! Where we are root, everything is done as a user without rights: the limit on processes does not hold for
//! root. That user cannot look into root's home, so the toolchain and the kit are first linked into a folder where it can.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::converse::kill;
use crate::kit::{Kit, link_or_copy};

/// What the sandboxed code may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of address space of one process.
    pub memory: u64,
    /// Seconds of processor time of one process.
    pub seconds: u64,
    /// Processes and threads together.
    pub processes: u64,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of `/tmp`.
    pub scratch: u64,
}

// ANCHOR: limits
/// For a compiler. Its threads and linkers are many, and the answer's code does not run yet.
pub const COMPILING: Limits =
    Limits { memory: 4 << 30, seconds: 60, processes: 256, file: 256 << 20, scratch: 512 << 20 };

/// For an answer. Bubblewrap's own processes count, too.
pub const RUNNING: Limits =
    Limits { memory: 1 << 30, seconds: 60, processes: 16, file: 16 << 20, scratch: 64 << 20 };
// ANCHOR_END: limits

/// The most wall-clock time that compiling one answer may take.
pub const COMPILE_TIME: Duration = Duration::from_secs(90);

/// The user that root becomes.
const NOBODY: u32 = 65_534;

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
    /// Holds what was linked for that user.
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
        let sandbox = Sandbox {
            become_user: is_root.then_some(NOBODY),
            sysroot,
            crates,
            linker: linker()?,
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
            #[cfg(unix)]
            std::os::unix::fs::chown(&made, Some(*user), Some(*user))?;
        }
        Ok(Folder { source, made, _folder: folder })
    }

    /// The compiler on `folder`'s sources, with `arguments` made by [`Folder::arguments`].
    pub fn compiler(&self, kit: &Kit, folder: &Folder, arguments: &[OsString]) -> Command {
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
                let mut command = sandbox.command(&binds, COMPILING);
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
    pub fn worker(&self, folder: &Folder, variant: &str) -> Command {
        match self {
            Place::Sandbox(sandbox) => {
                let mut binds = vec![Bind::read(&folder.made, "/made")];
                for part in ["/usr/lib", "/usr/lib64", "/usr/bin/prlimit", "/etc/ld.so.cache"] {
                    if Path::new(part).exists() {
                        binds.push(Bind::read(part, part));
                    }
                }
                let mut command = sandbox.command(&binds, RUNNING);
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
    fn command(&self, binds: &[Bind], limits: Limits) -> Command {
        let mut command = match self.become_user {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={user}")).arg(format!("--regid={user}"));
                command.args(["--clear-groups", "--", "bwrap"]);
                command
            }
            None => Command::new("bwrap"),
        };
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
        command.args(["--core=0", "--nofile=256", "--"]);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Does it start at all? Some systems forbid what bubblewrap needs.
    fn probe(&self) -> anyhow::Result<()> {
        let mut command = self.command(&[Bind::read("/usr", "/usr")], RUNNING);
        command.arg("/usr/bin/true").stdin(Stdio::null());
        let said = command.output().context("bubblewrap cannot be started; install bwrap")?;
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

/// How a process ended that was waited for.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status; nothing where it was stopped for taking too long or saying too much.
    pub status: Option<ExitStatus>,
    /// What it wrote to standard error, up to a limit.
    pub said: String,
}

/// The most that is read of what a compiler says.
const MOST_SAID: usize = 1 << 20;

/// Runs `command` for at most `time`, then ends it and all its children.
///
/// # Errors
/// Where it cannot be started.
pub fn finish(mut command: Command, time: Duration) -> anyhow::Result<Finished> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().context("the compiler cannot be started")?;
    let (sender, pieces) = channel();
    if let Some(mut pipe) = child.stderr.take() {
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 14];
            while let Ok(read) = pipe.read(&mut buffer) {
                if read == 0 || sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
    }
    let (end, mut said) = (Instant::now() + time, Vec::new());
    let ended = loop {
        match pieces.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(piece) => said.extend(piece),
            Err(RecvTimeoutError::Timeout) => break false,
            Err(RecvTimeoutError::Disconnected) => break true,
        }
        if said.len() > MOST_SAID {
            break false;
        }
    };
    let mut status = None;
    while ended && status.is_none() && Instant::now() < end {
        status = child.try_wait()?;
        if status.is_none() {
            thread::sleep(Duration::from_millis(5));
        }
    }
    kill(&mut child);
    Ok(Finished { status, said: String::from_utf8_lossy(&said).into_owned() })
}
