//! Memory of all processes of an answer together.
//!
//! Where the system lets us make control groups, the kernel counts, with files in memory and its own tables, and nothing is missed.
//! Elsewhere the memory is [added up](Guard) twenty times a second.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Kills everything in the group of a process.
pub(crate) fn kill_group(process: u32) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended already.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = process;
}

/// Watches the memory of a process and its descendants, until it is dropped.
#[derive(Debug)]
pub struct Guard(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    done: AtomicBool,
    killed: AtomicBool,
}

impl Guard {
    /// Kills the group of `process` when it and its descendants hold more than `most` bytes.
    pub fn over(process: u32, most: u64) -> Self {
        let flags = Arc::new(Flags::default());
        let watched = Arc::clone(&flags);
        thread::spawn(move || {
            while !watched.done.load(Ordering::Acquire) {
                if held_by(process) > most {
                    watched.killed.store(true, Ordering::Release);
                    return kill_group(process);
                }
                thread::sleep(Duration::from_millis(50));
            }
        });
        Guard(flags)
    }

    /// Has it come to that?
    pub fn has_killed(&self) -> bool {
        self.0.killed.load(Ordering::Acquire)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.done.store(true, Ordering::Release);
    }
}

/// Bytes of memory that a process and all its descendants hold together, on Linux.
pub fn held_by(process: u32) -> u64 {
    let folder = Path::new("/proc").join(process.to_string());
    let statm = fs::read_to_string(folder.join("statm")).unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    // The smallest page there is: a larger one makes the limit looser.
    let own = pages << 12;
    let tasks = fs::read_dir(folder.join("task")).into_iter().flatten().flatten();
    let children = tasks.filter_map(|t| fs::read_to_string(t.path().join("children")).ok());
    let children: Vec<u32> = children
        .flat_map(|c| c.split(' ').filter_map(|p| p.parse().ok()).collect::<Vec<_>>())
        .collect();
    own + children.into_iter().map(held_by).sum::<u64>()
}

/// The two kinds of control groups that there are, which differ in the names of their files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Version {
    fn limit(self) -> &'static str {
        match self {
            Version::One => "memory.limit_in_bytes",
            Version::Two => "memory.max",
        }
    }

    fn events(self) -> &'static str {
        match self {
            Version::One => "memory.oom_control",
            Version::Two => "memory.events",
        }
    }

    /// What else is written, where the system has it: no swap beside the memory, and who takes too much is ended whole.
    fn beside(self, most: u64) -> Vec<(&'static str, u64)> {
        match self {
            Version::One => vec![("memory.memsw.limit_in_bytes", most)],
            Version::Two => vec![("memory.swap.max", 0), ("memory.oom.group", 1)],
        }
    }
}

/// Where control groups can be made.
#[derive(Debug, Clone)]
pub struct Groups {
    folder: PathBuf,
    version: Version,
}

/// Numbers the groups of this process.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Groups {
    /// How the names of our groups begin; the process that made them follows.
    const PREFIX: &str = "gradebook-";

    /// The folder in which groups can be made and entered, if the system gives one.
    pub fn find() -> Option<Self> {
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let found = places(&own, &mounts).into_iter().find(Groups::is_open)?;
        found.remove_left_over();
        Some(found)
    }

    /// A group whose processes may hold `most` bytes together.
    pub fn make(&self, most: u64) -> std::io::Result<Group> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}{}-{number}", Self::PREFIX, std::process::id());
        let folder = self.folder.join(name);
        fs::create_dir(&folder)?;
        let group = Group { folder, version: self.version };
        fs::write(group.folder.join(self.version.limit()), most.to_string())?;
        for (file, value) in self.version.beside(most) {
            let _ = fs::write(group.folder.join(file), value.to_string());
        }
        Ok(group)
    }

    /// Can a group be made here, and entered?
    fn is_open(&self) -> bool {
        let Ok(group) = self.make(64 << 20) else { return false };
        let enter = format!("echo $$ > '{}'", group.door().display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &enter]).stdin(Stdio::null()).stderr(Stdio::null());
        shell.status().is_ok_and(|s| s.success())
    }

    /// Removes the groups of processes that are no more.
    fn remove_left_over(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let maker = name.strip_prefix(Self::PREFIX).and_then(|n| n.split('-').next());
            let is_number = |m: &&str| m.bytes().all(|b| b.is_ascii_digit());
            let Some(maker) = maker.filter(is_number) else { continue };
            if !Path::new("/proc").join(maker).exists() {
                // One that somebody is in cannot be removed.
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
}

/// Where groups may be made, best first: our own group and those around it, for what `/proc/self/cgroup` and
/// `/proc/self/mountinfo` say.
fn places(own: &str, mounts: &str) -> Vec<Groups> {
    let mut found = Vec::new();
    for line in own.lines() {
        let mut words = line.splitn(3, ':');
        let (Some(_), Some(which), Some(path)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let (version, kind) = match which {
            "" => (Version::Two, "cgroup2"),
            _ if which.split(',').any(|w| w == "memory") => (Version::One, "cgroup"),
            _ => continue,
        };
        let of_kind = |line: &&str| {
            let (_, system) = line.split_once(" - ").unwrap_or_default();
            let mut words = system.split(' ');
            let counts = version == Version::Two || system.split([' ', ',']).any(|w| w == "memory");
            words.next() == Some(kind) && counts
        };
        let Some(mount) = mounts.lines().find(of_kind) else { continue };
        let mut words = mount.split(' ').skip(3);
        let (Some(root), Some(mount)) = (words.next(), words.next()) else { continue };
        // What is mounted may itself be a group.
        let inside = path.strip_prefix(root.trim_end_matches('/')).unwrap_or(path);
        let (top, below) = (Path::new(mount), inside.trim_start_matches('/'));
        for folder in top.join(below).ancestors().take_while(|f| f.starts_with(top)) {
            found.push(Groups { folder: folder.to_owned(), version });
        }
    }
    found
}

/// A control group, which is removed when it is dropped.
#[derive(Debug)]
pub struct Group {
    folder: PathBuf,
    version: Version,
}

impl Group {
    /// A process enters by writing its number to this file.
    pub fn door(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }

    /// Has the kernel ended one of its processes since they held too much?
    pub fn overflowed(&self) -> bool {
        let events = fs::read_to_string(self.folder.join(self.version.events()));
        let events = events.unwrap_or_default();
        let count = events.lines().find_map(|l| l.strip_prefix("oom_kill "));
        count.is_some_and(|c| c.trim() != "0")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Processes that were told to end need a moment.
        for _ in 0..50 {
            if fs::remove_dir(&self.folder).is_ok() || !self.folder.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_children_hold_is_added() {
        let own = held_by(std::process::id());
        assert!(own > 1 << 20, "{own}");
        let mut child = Command::new("sh").args(["-c", "sleep 9; true"]).spawn().unwrap();
        let found = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(10));
            held_by(std::process::id()) > held_by(child.id()) && held_by(child.id()) > 0
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(found);
    }

    #[test]
    fn places_are_read_from_what_the_kernel_says() {
        let at = |own: &str, mounts: &str| -> Vec<String> {
            places(own, mounts).iter().map(|g| g.folder.display().to_string()).collect()
        };
        let two = "31 23 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";
        let found = at("0::/user.slice/a.scope\n", two);
        let up = ["/user.slice/a.scope", "/user.slice", ""];
        assert_eq!(found, up.map(|p| format!("/sys/fs/cgroup{p}")));
        // The first kind; and a container, in which a group is mounted as the whole.
        let one = "40 30 0:35 /box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                   41 30 0:36 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
        let found = at("4:memory:/box/job\n3:cpu:/\n", one);
        assert_eq!(found, ["/sys/fs/cgroup/memory/job", "/sys/fs/cgroup/memory"]);
        assert!(at("0::/\n", one).is_empty() && at("", two).is_empty());
    }

    #[test]
    fn a_group_counts_all_its_processes() {
        let Some(groups) = Groups::find() else {
            notebook::testing::leave_out("memory by control group", "none can be made here");
            return;
        };
        let run = |most: u64| {
            let group = groups.make(most).unwrap();
            // Three processes with some 40 MB each.
            let piece = "head -c 40000000 /dev/zero | tail -c 40000000 | (sleep 0.3; wc -c) &";
            let script =
                format!("echo $$ > '{}'; {piece} {piece} {piece} wait", group.door().display());
            let said = Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).output();
            (said.is_ok(), group.overflowed(), group.folder.clone())
        };
        let (_, overflowed, folder) = run(40 << 20);
        assert!(overflowed && !folder.exists());
        assert!(!run(400 << 20).1);
    }
}
