//! Faults of the machine, from outside: what `gradebook grade` says, with which status it ends, and what it leaves.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use gradebook::kit::Kit;
use gradebook::library::Library;
use gradebook::sandbox::Place;
use notebook::{Workspace, testing};
use rustix::process::{Pid, Signal, kill_process};

const EXERCISE: &str = "otsu_threshold";

fn workspace() -> Workspace {
    Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A folder of one's own, wherever this process has its temporary files.
fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(std::env::temp_dir()).unwrap();
    // The user without rights that root becomes passes through.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Is there a sandbox? Where one is required, there must be.
fn has_sandbox() -> bool {
    let has = Command::new("bwrap").args(["--ro-bind", "/", "/", "true"]).status();
    let has = has.is_ok_and(|s| s.success());
    if !has {
        testing::skip("faults of the machine", "bubblewrap makes no sandbox here");
    }
    has
}

/// A class of one, whose answer is right, and the command that grades it.
struct Class(tempfile::TempDir);

impl Class {
    fn new() -> Self {
        let folder = scratch();
        let library = Library::of_book(&workspace()).unwrap();
        let answer = folder.path().join(format!("class/ann/src/{EXERCISE}.rs"));
        fs::create_dir_all(answer.parent().unwrap()).unwrap();
        fs::write(answer, &library.find(EXERCISE).unwrap().solution).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Class(folder)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn grade(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gradebook"));
        command.arg("--root").arg(workspace().root()).arg("grade").arg(self.at("class"));
        command.arg("--out").arg(self.at("report")).args(["--seed", "5", "--jobs", "1"]);
        command.env("TMPDIR", self.at("tmp")).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn table(&self) -> String {
        fs::read_to_string(self.at("report/grades.csv")).unwrap_or_default()
    }

    /// What lies among the temporary files.
    fn temporary(&self) -> Vec<String> {
        let entries = fs::read_dir(self.at("tmp")).unwrap().flatten();
        entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits until the grading has a folder for an answer; false if it ended before.
fn is_at_work(class: &Class, grading: &mut Child) -> bool {
    let has_answer = || {
        let rooms = class.temporary().into_iter().map(|n| class.at("tmp").join(n));
        let mut inside = rooms.flat_map(|r| fs::read_dir(r).into_iter().flatten().flatten());
        inside.any(|e| e.file_name().to_string_lossy().starts_with("answer-"))
            && class.at("report/.state").exists()
    };
    while grading.try_wait().unwrap().is_none() {
        if has_answer() {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn what_a_killed_grading_leaves_is_removed_by_the_next() {
    if !has_sandbox() {
        return;
    }
    let class = Class::new();
    for signal in [Signal::TERM, Signal::KILL] {
        let mut grading = class.grade().spawn().unwrap();
        assert!(is_at_work(&class, &mut grading), "{}", said(&grading.wait_with_output().unwrap()));
        kill_process(Pid::from_child(&grading), signal).unwrap();
        grading.wait().unwrap();
        assert_eq!(class.temporary().len(), 1, "{signal:?}: {:?}", class.temporary());
        assert_eq!(class.table(), "");
    }
    let graded = class.grade().output().unwrap();
    assert!(graded.status.success(), "{}", said(&graded));
    assert!(class.table().contains("ann,8,8,8,\n"), "{}", class.table());
    assert!(class.temporary().is_empty(), "{:?}", class.temporary());
}

/// Grades with a sandbox that breaks at every command whose words end with `at`, and then with one that does not.
fn with_broken_sandbox(at: &str, breaks: &str, cause: &str) {
    let class = Class::new();
    let broken = class.at("bin/bwrap");
    fs::create_dir(class.at("bin")).unwrap();
    let path = std::env::var("PATH").unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *\"{at}\"*) {breaks};; esac\nPATH='{path}' exec bwrap \"$@\"\n"
    );
    fs::write(&broken, script).unwrap();
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o755)).unwrap();
    let path_with_broken = format!("{}:{path}", class.at("bin").display());
    let graded = class.grade().env("PATH", path_with_broken).output().unwrap();
    let told = said(&graded);
    assert_eq!(graded.status.code(), Some(1), "{told}");
    assert!(told.contains("1 answer not graded: ") && told.contains(cause), "{told}");
    assert!(told.contains("The report is incomplete"), "{told}");
    assert!(class.table().contains("ann,,8,,otsu_threshold is not graded\n"), "{}", class.table());
    let page = fs::read_to_string(class.at("report/feedback/ann.md")).unwrap();
    assert!(page.contains("Not graded") && !page.contains("bwrap"), "{page}");
    let graded = class.grade().output().unwrap();
    assert!(graded.status.success(), "{}", said(&graded));
    assert!(class.table().contains("ann,8,8,8,\n"), "{}", class.table());
}

#[test]
fn a_sandbox_that_breaks_while_grading_is_nobodys_answer() {
    if has_sandbox() {
        with_broken_sandbox("/made/worker answer", "exit 1", "fails here: the program ended");
    }
}

#[test]
fn a_compiler_that_is_killed_is_nobodys_answer() {
    if has_sandbox() {
        with_broken_sandbox("--crate-name", "exit 137", "the compiler was killed");
    }
}

/// A file system in memory on a new folder, which only root can make.
struct Mounted(tempfile::TempDir);

impl Mounted {
    fn new() -> Option<Self> {
        let folder = scratch();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs"]).arg(folder.path());
        let is_mounted = mount.stderr(Stdio::null()).status().is_ok_and(|s| s.success());
        is_mounted.then(|| Mounted(folder))
    }

    fn change(&self, options: &str) {
        let mut again = Command::new("mount");
        again.args(["-o", &format!("remount,{options}")]).arg(self.0.path());
        assert!(again.status().unwrap().success(), "{options}");
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn file_systems_that_are_full_or_run_no_programs_are_refused_with_the_cause() {
    let Some(mounted) = Mounted::new().filter(|_| has_sandbox()) else {
        let why = "only root can mount file systems that are full or run no programs";
        return testing::leave_out("full file systems", why);
    };
    let kit = Kit::build(&workspace()).unwrap();
    // The other tests name their folders.
    tempfile::env::override_temp_dir(mounted.0.path()).unwrap();
    for (options, said) in [
        ("size=20m", "MB are left"),
        ("size=200m,nr_inodes=500", "more files fit"),
        ("size=200m,nr_inodes=9000,noexec", "noexec"),
        (
            "size=100m,nr_inodes=9000,exec",
            "has no room for the toolchain; make room, or set TMPDIR",
        ),
    ] {
        mounted.change(options);
        let refused = Place::sandbox(&kit).map(|_| ()).unwrap_err();
        let refused = format!("{refused:#}");
        assert!(refused.contains(said) && !refused.contains("install"), "{options}: {refused}");
    }
}
