//! Waiting, in a student's own loop: for the file to be saved, or for a word from the keyboard.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, SystemTime};

/// How often the file is looked at.
const PAUSE: Duration = Duration::from_millis(150);
/// How often in a row the file may be absent. Editors write a new file and move it into place: for a moment there is none.
const ABSENT: usize = 20;

/// What the student did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Saved the file.
    Saved,
    /// Wrote a line and pressed Enter.
    Line(String),
}

/// The lines that the student writes.
#[derive(Debug)]
pub struct Keyboard {
    lines: Receiver<String>,
    /// Is there a person at it?
    pub is_terminal: bool,
}

impl Keyboard {
    /// Listens to standard input, if it is a terminal.
    pub fn listen() -> Self {
        let (sender, lines) = channel();
        let is_terminal = io::stdin().is_terminal();
        if is_terminal {
            thread::spawn(move || {
                for line in io::stdin().lock().lines().map_while(Result::ok) {
                    if sender.send(line.trim().to_lowercase()).is_err() {
                        return;
                    }
                }
            });
        }
        Keyboard { lines, is_terminal }
    }
}

/// What a file looks like from outside; nothing where it is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    /// The stamp of a file as it is now.
    pub fn of(file: &Path) -> Self {
        let metadata = fs::metadata(file);
        Stamp(metadata.ok().and_then(|m| Some((m.modified().ok()?, m.len()))))
    }
}

/// Waits until the file differs from `before` or a line was written.
///
/// # Errors
/// Where the file is gone for good.
pub fn wait(file: &Path, before: Stamp, keyboard: &Keyboard) -> anyhow::Result<Event> {
    let mut absent = 0;
    loop {
        if let Ok(line) = keyboard.lines.try_recv() {
            return Ok(Event::Line(line));
        }
        match Stamp::of(file) {
            Stamp(None) => absent += 1,
            now if now != before => return Ok(Event::Saved),
            _ => absent = 0,
        }
        anyhow::ensure!(absent < ABSENT, "{}: is gone; open the exercise again", file.display());
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_and_a_line_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("answer.rs");
        fs::write(&file, "one").unwrap();
        let before = Stamp::of(&file);
        let (sender, lines) = channel();
        let keyboard = Keyboard { lines, is_terminal: false };
        sender.send("h".to_owned()).unwrap();
        assert_eq!(wait(&file, before, &keyboard).unwrap(), Event::Line("h".into()));
        fs::write(&file, "longer").unwrap();
        assert_eq!(wait(&file, before, &keyboard).unwrap(), Event::Saved);
        fs::remove_file(&file).unwrap();
        assert!(wait(&file, before, &keyboard).unwrap_err().to_string().contains("is gone"));
    }
}
