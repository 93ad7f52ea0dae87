//! Where strangers' code is compiled and run: bubblewrap, a few read-only folders, and limits.
//!
//! Inside there is `/usr` and the toolchain to read, the folder of this one answer, and nothing else: no network, no
//! home, no other hand-in, no process but its own, no `/proc`, no environment. A compiler has a small `/tmp` in memory, in which it makes the program; an
//! answer can write nowhere. Limits are set inside, by `prlimit`, on address space, processor time,
//! processes and file sizes; memory is counted by a control group where the system has them ([`crate::memory`]), and the wall clock is
//! watched from outside ([`crate::converse`], [`crate::bounded`]).
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
use crate::limits::{Allowance, Limits};
use crate::memory::{Group, Groups};
use crate::room::Room;

/// The user that root becomes.
const NOBODY: u32 = 65_534;

/// Closes what whoever grades has open, since a program inherits it: bubblewrap passes it on. The shell also enters the control group and
/// opens the filter, which bubblewrap reads from an open file.
const ALONE: &str =
    "for f in /proc/self/fd/*; do f=${f##*/}; [ \"$f\" -le 2 ] || eval \"exec $f<&-\"; done
    echo $$ > \"$1\" || exit 125; shift; exec \"$@\" 9< \"$0\"";

/// Stands for a filter or a group where there is none.
const NOTHING: &str = "/dev/null";

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
    /// Where control groups can be made, if the system has them.
    groups: Option<Groups>,
    /// Holds the filter, what was linked for that user, and the folders of answers.
    room: Room,
}

impl Place {
    /// A sandbox for the crates of `kit`.
    ///
    /// # Errors
    /// Where bubblewrap is absent or the system does not let it start.
    pub fn sandbox(kit: &Kit) -> anyhow::Result<Self> {
        crate::machine::check()?;
        let room = Room::new()?;
        let stage = room.path();
        let is_root = rustix::process::geteuid().is_root();
        let (mut sysroot, mut crates) = (kit.sysroot.clone(), kit.crates());
        if is_root {
            open_to_all(stage)?;
            (sysroot, crates) = (stage.join("rust"), stage.join("crates"));
        }
        let filter = match filter::bytes() {
            Some(bytes) => {
                let file = stage.join("filter");
                fs::write(&file, bytes)?;
                Some(file)
            }
            None => None,
        };
        find("bwrap").context(NO_BUBBLEWRAP)?;
        let sandbox = Sandbox {
            become_user: is_root.then_some(NOBODY),
            sysroot,
            crates,
            linker: linker()?,
            filter,
            groups: Groups::find(),
            room,
        };
        let place = Place::Sandbox(sandbox);
        place.probe()?;
        // Only now, since it may be a copy of a gigabyte.
        if let Place::Sandbox(Sandbox { become_user: Some(_), sysroot, crates, .. }) = &place {
            let staged = stage_toolchain(&kit.sysroot, sysroot)
                .and_then(|()| link_folder(&kit.crates(), crates));
            staged.with_context(|| {
                format!(
                    "{}: has no room for the toolchain; make room, or set TMPDIR to a folder on \
                     the file system of {}",
                    tempfile::env::temp_dir().display(),
                    kit.sysroot.display()
                )
            })?;
        }
        place.probe_compiler(kit)?;
        Ok(place)
    }

    /// No sandbox.
    pub fn open(kit: &Kit) -> Self {
        Place::Open(kit.folder.clone())
    }

    /// Is this a sandbox?
    pub fn is_sandbox(&self) -> bool {
        matches!(self, Place::Sandbox(_))
    }

    /// Is memory counted by the kernel, for all processes of an answer together?
    pub fn counts_memory(&self) -> bool {
        matches!(self, Place::Sandbox(Sandbox { groups: Some(_), .. }))
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
    pub fn folder(&self, limits: &Limits) -> anyhow::Result<Folder> {
        let mut new = tempfile::Builder::new();
        let new = new.prefix("answer-");
        let (folder, room) = match self {
            Place::Sandbox(sandbox) => (new.tempdir_in(sandbox.room.path())?, None),
            Place::Open(_) => {
                let room = Room::new()?;
                (new.tempdir_in(room.path())?, Some(room))
            }
        };
        let (source, made) = (folder.path().join("source"), folder.path().join("made"));
        fs::create_dir(&source)?;
        fs::create_dir(&made)?;
        let mut groups = None;
        if let Place::Sandbox(sandbox) = self {
            if let Some(user) = sandbox.become_user {
                open_to_all(folder.path())?;
                open_to_all(&source)?;
                #[cfg(unix)]
                std::os::unix::fs::chown(&made, Some(user), Some(user))?;
            }
            if let Some(all) = &sandbox.groups {
                groups =
                    Some([all.make(limits.compiling.memory)?, all.make(limits.running.memory)?]);
            }
        }
        Ok(Folder { source, made, groups, _folder: folder, _room: room })
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
                let group = folder.groups.as_ref().map(|[compiling, _]| compiling);
                let mut command =
                    sandbox.command(&binds, limits.compiling, Scratch::Writable, group);
                // What is made on the way has the size of `/tmp` for its limit; the program alone comes out.
                // Without `/proc` a program does not know where it lies, and so not where its libraries are.
                let made = format!(
                    "LD_LIBRARY_PATH=/rust/lib \"$@\" && exec /usr/bin/cp {MADE} /made/worker"
                );
                command.args(["/usr/bin/sh", "-c", &made, "sh"]);
                command.args(["/rust/bin/rustc", "--sysroot", "/rust"]).args(arguments);
                let mut linker = OsString::from("-Clinker=");
                linker.push(&sandbox.linker);
                command.arg(linker);
                // GCC would compile what an object file brings for it.
                command.arg("-Clink-arg=-fno-lto");
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
                let group = folder.groups.as_ref().map(|[_, running]| running);
                let mut command = sandbox.command(&binds, limits.running, Scratch::ReadOnly, group);
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
    /// For the compiler and for the answer.
    groups: Option<[Group; 2]>,
    // What is inside is removed first.
    _folder: tempfile::TempDir,
    _room: Option<Room>,
}

impl Folder {
    /// The main source and the program, as the compiler sees them in `place`.
    pub fn seen_in(&self, place: &Place) -> (PathBuf, PathBuf) {
        match place {
            Place::Sandbox(_) => ("/source/main.rs".into(), MADE.into()),
            Place::Open(_) => ("main.rs".into(), self.made.join("worker")),
        }
    }

    /// Has the kernel ended the compiler or its children because of the memory that they held?
    pub fn compiler_overflowed(&self) -> bool {
        self.groups.as_ref().is_some_and(|[compiling, _]| compiling.overflowed())
    }

    /// Was a program made, and is it a file and no link to somewhere else?
    pub fn has_program(&self) -> bool {
        fs::symlink_metadata(self.made.join("worker")).is_ok_and(|m| m.is_file())
    }
}

/// Where the compiler makes the program, in its sandbox.
const MADE: &str = "/tmp/worker";

/// May what runs write to `/tmp`?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scratch {
    Writable,
    ReadOnly,
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
    fn command(
        &self,
        binds: &[Bind],
        limits: Allowance,
        scratch: Scratch,
        group: Option<&Group>,
    ) -> Command {
        let mut command = Command::new("bash");
        command.args(["-c", ALONE]).arg(self.filter.as_deref().unwrap_or(Path::new(NOTHING)));
        command.arg(group.map_or_else(|| NOTHING.into(), Group::door));
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
        command.args(["--hostname", "sandbox"]);
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
        // There is no `/proc`: it tells the names of folders outside.
        command.args(["--dev", "/dev"]);
        command.args(["--size", &limits.scratch.to_string(), "--tmpfs", "/tmp"]);
        // What bubblewrap itself put up in memory is of no limited size; nobody may write there.
        command.args(["--remount-ro", "/dev", "--remount-ro", "/"]);
        if scratch == Scratch::ReadOnly {
            // Its size would be limited, but not the number of its files.
            command.args(["--remount-ro", "/tmp"]);
        }
        command.args([
            "--chdir", "/tmp", "--setenv", "PATH", "/usr/bin", "--setenv", "TMPDIR", "/tmp",
        ]);
        command.args(["--setenv", "RAYON_NUM_THREADS", "1", "--", "/usr/bin/prlimit"]);
        // The first number sends a signal of its own, so that it shows what was too much.
        let (soft, hard) = (limits.seconds, limits.seconds + 1);
        command.arg(format!("--as={}", limits.memory)).arg(format!("--cpu={soft}:{hard}"));
        command
            .arg(format!("--nproc={}", limits.processes))
            .arg(format!("--fsize={}", limits.file));
        command.arg(format!("--nofile={}", limits.open));
        command.args(["--core=0", "--memlock=0", "--msgqueue=0", "--rtprio=0", "--nice=0", "--"]);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }
}

impl Place {
    /// Does it start at all, and does a program run where answers will run? Some systems forbid what bubblewrap needs, and
    /// some folders hold no programs.
    fn probe(&self) -> anyhow::Result<()> {
        let folder = self.folder(&Limits::default())?;
        let worker = folder.made.join("worker");
        fs::copy("/usr/bin/true", &worker).context("/usr/bin/true cannot be copied")?;
        let (code, said) = Self::said_by(self.worker(&folder, "", &Limits::default()))?;
        match code {
            Some(0) => Ok(()),
            Some(126) => bail!(
                "no program can be run below {} (mounted noexec?); set TMPDIR to another folder",
                tempfile::env::temp_dir().display()
            ),
            _ => bail!("bubblewrap does not start here ({said})"),
        }
    }

    /// Does the compiler make a program, and does that run?
    fn probe_compiler(&self, kit: &Kit) -> anyhow::Result<()> {
        let (limits, folder) = (Limits::default(), self.folder(&Limits::default())?);
        fs::write(folder.source.join("main.rs"), "fn main() {}\n")?;
        let (main, out) = folder.seen_in(self);
        let arguments = [main.into(), "-o".into(), out.into()];
        let (code, said) = Self::said_by(self.compiler(kit, &folder, &arguments, &limits))?;
        if code != Some(0) {
            bail!("the compiler does not work in the sandbox ({said})");
        }
        match Self::said_by(self.worker(&folder, "", &limits))? {
            (Some(0), _) => Ok(()),
            (_, said) => bail!("what the compiler makes does not run in the sandbox ({said})"),
        }
    }

    /// With which status a command of our own ends, and what it says.
    fn said_by(mut command: Command) -> anyhow::Result<(Option<i32>, String)> {
        let said = command.stdin(Stdio::null()).output();
        let said = said.context("bash cannot be started; install it")?;
        let line = String::from_utf8_lossy(&said.stderr).trim().to_owned();
        let line = if line.is_empty() { said.status.to_string() } else { line };
        Ok((said.status.code(), line))
    }
}

/// The program that links, by its real name: the usual one is a link through `/etc`, which is not there inside.
fn linker() -> anyhow::Result<PathBuf> {
    let found = find("cc").context("there is no `cc` to link with; install a C compiler")?;
    Ok(found.canonicalize()?)
}

/// What is said where there is none.
const NO_BUBBLEWRAP: &str = "there is no `bwrap`; install bubblewrap (`apt install bubblewrap`)";

/// A program of this name on the path.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|p| p.join(name)).find(|p| p.exists())
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
