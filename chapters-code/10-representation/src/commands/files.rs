//! What the commands are given and write: photographs, folders of them, faults that are told one by one, and files.

use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use ndarray::Array3;
use notebook::fault::{FileFault, WriteFault};
use notebook::progress::Progress;
use notebook::terminal::{line_of, paint};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::preprocess;

/// How the name of a photograph in a folder ends.
const ENDS: [&str; 3] = ["png", "jpg", "jpeg"];

/// The files that are meant: those that are named, and those in folders that are named, however deep, in the order of their names.
///
/// # Errors
/// A folder that cannot be read, or holds no photograph.
pub(super) fn photographs(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        walk(path, &mut files)?;
        if files.len() == before {
            let (fault, fix) = ("holds no PNG and no JPEG".to_owned(), "name one that does");
            return Err(FileFault { path: shown(path), fault, fix }.into());
        }
    }
    Ok(files)
}

/// Adds what is in a folder. Hidden files are left out, and links to folders are not followed: they may lead in a circle.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = |e: io::Error| FileFault {
        path: shown(folder),
        fault: format!("cannot be read: {}", e.kind()),
        fix: "check its permissions",
    };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let directory = entry.file_type().map_err(unreadable)?.is_dir();
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push((entry.path(), directory));
        }
    }
    paths.sort();
    for (path, directory) in paths {
        if directory {
            walk(&path, files)?;
        } else if path.extension().is_some_and(ends_as_photograph) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn ends_as_photograph(end: &OsStr) -> bool {
    ENDS.iter().any(|known| end.eq_ignore_ascii_case(known))
}

/// A path as it can be printed: without line breaks and the like.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Photographs that are read, and how many could not be.
#[derive(Debug)]
pub(super) struct Reading {
    paths: Vec<PathBuf>,
    failed: usize,
    pool: ThreadPool,
    at_once: usize,
    progress: bool,
}

impl Reading {
    /// Of these photographs, on so many threads; each thread has one in memory.
    ///
    /// # Errors
    /// Where the threads cannot be started.
    pub(super) fn of(paths: Vec<PathBuf>, threads: usize) -> Result<Reading> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(Reading { paths, failed: 0, pool, at_once: 4 * threads.max(1), progress: true })
    }

    /// Shows no bar: answers appear as they come.
    pub(super) fn without_progress(mut self) -> Reading {
        self.progress = false;
        self
    }

    /// The threads.
    pub(super) fn pool(&self) -> &ThreadPool {
        &self.pool
    }

    /// The photographs, also those that cannot be read.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Reads some at a time; `ask` answers for them, and `then` gets those that could be read with the answer. Each that could not
    /// is told on a line of its own; where there is one only, it is the error.
    ///
    /// # Errors
    /// That one, and what `then` says.
    pub(super) fn each<T: Send>(
        &mut self,
        ask: impl Fn(&[Array3<f32>]) -> T + Sync,
        mut then: impl FnMut(&[&Path], T) -> Result<()>,
    ) -> Result<()> {
        let bar = self.progress.then(|| Progress::new(self.paths.len() as u64, "photographs"));
        for paths in self.paths.chunks(self.at_once) {
            let read = || paths.par_iter().map(|path| preprocess::read(path)).collect();
            let read: Vec<Result<Array3<f32>, _>> = self.pool.install(read);
            let (mut names, mut pictures) = (Vec::new(), Vec::new());
            for (path, read) in paths.iter().zip(read) {
                match read {
                    Ok(picture) => {
                        names.push(path.as_path());
                        pictures.push(picture);
                    }
                    Err(fault) if self.paths.len() == 1 => return Err(fault.into()),
                    Err(fault) => {
                        self.failed += 1;
                        tell(&fault.into());
                    }
                }
            }
            let answers = self.pool.install(|| ask(&pictures));
            then(&names, answers)?;
            bar.iter().for_each(|bar| bar.advance(paths.len() as u64));
        }
        Ok(())
    }

    /// How many could not be read.
    pub(super) fn failed(&self) -> usize {
        self.failed
    }

    /// What is left to say at the end.
    ///
    /// # Errors
    /// Where a photograph could not be read.
    pub(super) fn end(self) -> Result<()> {
        match (self.failed, self.paths.len()) {
            (0, _) => Ok(()),
            (n, total) => {
                bail!("{n} of {total} photographs could not be read; mend them, or leave them out")
            }
        }
    }
}

fn tell(fault: &anyhow::Error) {
    let mark = paint("error:", "1;31", io::stderr().is_terminal());
    eprintln!("{mark} {}", line_of(fault));
}

/// Writes a file beside the old one, which it then replaces: where that fails, the old one is as it was.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteFault> {
    // What is no regular file, such as a pipe, cannot be replaced.
    if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
        return std::fs::write(path, bytes).map_err(|e| WriteFault::file(path, e));
    }
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path)).map_err(|e| {
        let _ = std::fs::remove_file(&part);
        WriteFault::file(path, e)
    })
}
