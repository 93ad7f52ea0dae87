//! A program that is killed while it saves, and a disk that takes no more: the file is always one that was saved, whole.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use backprop::Tensor;
use optimization::Checkpoint;

/// Where the other process saves.
const SAVE_TO: &str = "OPTIMIZATION_TEST_SAVE_TO";

/// A checkpoint of 400 kB whose every number says which one it is.
fn checkpoint(number: u16) -> Checkpoint {
    let data = vec![f32::from(number); 100_000];
    let tensor = Tensor { name: "0.weight".into(), shape: vec![100, 1000], data };
    Checkpoint { weights: vec![tensor], ..Checkpoint::default() }
}

/// This program again, doing what `test` does.
fn again(test: &str, path: &Path) -> Command {
    let mut command = Command::new("sh");
    // The shell takes the limit on, and turns the signal that comes with it into an error, as a full disk gives.
    let script =
        "trap '' XFSZ; if [ -n \"$LIMIT\" ]; then ulimit -f \"$LIMIT\"; fi; exec \"$0\" \"$@\"";
    command.args(["-c", script]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(SAVE_TO, path);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn save_without_end() {
    let path = std::env::var_os(SAVE_TO).unwrap();
    for number in 0..=u16::MAX {
        checkpoint(number).write(Path::new(&path)).unwrap();
    }
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn save_once() {
    let path = std::env::var_os(SAVE_TO).unwrap();
    let error = checkpoint(2).write(Path::new(&path)).unwrap_err();
    eprintln!("{error}");
}

#[test]
fn whenever_it_is_killed_the_file_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut last = None;
    for kill in 0..25_u64 {
        let mut child = again("faults::save_without_end", &path).env("LIMIT", "").spawn().unwrap();
        // Until it has begun to replace what the one before has left, however busy the machine is.
        while path.metadata().and_then(|m| m.modified()).ok() == last {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it saved anything");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(kill * 733 % 9_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = Checkpoint::read(&path).unwrap();
        let first = found.weights[0].data[0];
        assert_eq!(found, checkpoint(first as u16), "after kill {kill}");
        last = path.metadata().and_then(|m| m.modified()).ok();
    }
}

#[test]
fn where_no_more_can_be_written_the_old_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    checkpoint(1).write(&path).unwrap();
    // 100 blocks of 512 or 1024 bytes, a fraction of what it needs.
    let output = again("faults::save_once", &path).env("LIMIT", "100").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let error = said.lines().find(|line| line.contains("model.safetensors")).unwrap_or_default();
    assert!(error.contains("cannot be written") && error.contains("room on the disk"), "{said}");
    assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint(1));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn where_it_could_not_save_training_does_not_begin() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none/model.safetensors");
    for path in [none.as_path(), folder.path()] {
        let error = Checkpoint::try_path(path).unwrap_err().to_string();
        assert!(error.lines().count() == 1 && error.contains("cannot be written"), "{error}");
    }
    Checkpoint::try_path(&folder.path().join("model.safetensors")).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "trying leaves nothing");
}
