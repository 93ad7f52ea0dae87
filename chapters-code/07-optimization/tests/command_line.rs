//! What a person meets at the command line: training that stops at Ctrl-C, and goes on to the same
//! network.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test may panic

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn train(out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_optimization"));
    command.current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command.args(["train-mlp", "--epochs", "2", "--out"]).arg(out).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Does it listen to Ctrl-C yet? Where the system does not tell, two seconds have to do.
fn listens(process: u32) -> bool {
    let pause = std::time::Duration::from_secs;
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else {
        std::thread::sleep(pause(2));
        return true;
    };
    // The signals that are caught, as a mask; an interrupt is the second.
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & 0b10 != 0)
}

/// Stops it as Ctrl-C does, once it listens: before the first step, or at one of the first.
fn interrupted(mut training: Command) -> Output {
    let mut child = training.spawn().unwrap();
    while !listens(child.id()) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it listened");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    child.wait_with_output().unwrap()
}

#[test]
fn what_is_interrupted_goes_on_to_the_same_network() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let output = train(&whole, &[]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("accuracy 0."), "{}", text(&output.stdout));
    let output = interrupted(train(&parts, &["--threads", "1"]));
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("--resume goes on"), "{}", text(&output.stderr));
    let saved = std::fs::read(&parts).unwrap();
    assert_ne!(saved, std::fs::read(&whole).unwrap(), "it was stopped before the end");
    let output = train(&parts, &["--resume", "--threads", "2"]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(std::fs::read(&parts).unwrap() == std::fs::read(&whole).unwrap(), "other bits");
}
