//! The folder that a book is written to: by one at a time, and with a word where it cannot be.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use anyhow::Context as _;

/// Keeps `folder` from others who would write a book there, for as long as the file is open; waits for
/// one who does. The lock is the operating system's, so that whoever is killed leaves none.
///
/// # Errors
/// Where nothing can be written beside the folder, or nothing in it.
pub fn lock(folder: &Path) -> anyhow::Result<File> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let path = parent.join(format!(".{name}.lock"));
    fs::create_dir_all(parent).with_context(|| cannot_write(parent))?;
    let file = File::options().create(true).append(true).open(&path);
    let file = file.with_context(|| cannot_write(&path))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            eprintln!("waiting: another run writes {}", folder.display());
            file.lock().with_context(|| cannot_write(&path))?;
        }
        // Where the system has no locks, two at once are the author's care.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    Ok(file)
}

/// What mdBook says of a folder it cannot write to names no file: this does, and the fix.
///
/// # Errors
/// Those of `outcome`.
pub fn written<T>(outcome: anyhow::Result<T>, folder: &Path) -> anyhow::Result<T> {
    outcome.map_err(|error| match error.root_cause().downcast_ref::<io::Error>() {
        Some(_) => error.context(cannot_write(folder)),
        None => error.context("mdBook cannot render the book"),
    })
}

fn cannot_write(path: &Path) -> String {
    let fix = "see to its rights and to room on the disk, or copy the book";
    format!("{} cannot be written; {fix}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_once_write_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let book = folder.path().join("target/book");
        let first = lock(&book).unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        let second = std::thread::spawn(move || {
            let locked = lock(&book).unwrap();
            send.send(()).unwrap();
            drop(locked);
        });
        assert!(receive.try_recv().is_err(), "the second does not wait");
        drop(first);
        second.join().unwrap();
        receive.recv().unwrap();
    }

    #[test]
    fn a_folder_that_takes_nothing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        // A file where a folder should be: refused even to root, unlike rights.
        let target = folder.path().join("target");
        fs::write(&target, "").unwrap();
        let error = format!("{:#}", lock(&target.join("book")).unwrap_err());
        assert!(error.starts_with(&target.display().to_string()), "{error}");
        assert!(error.contains("cannot be written; see to its rights"), "{error}");
        let denied = Err::<(), _>(io::Error::from(io::ErrorKind::PermissionDenied));
        let error = written(denied.context("Unable to write"), &target).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("target cannot be written;") && error.contains("denied"), "{error}");
        let other = written(Err::<(), _>(anyhow::anyhow!("no such theme")), &target).unwrap_err();
        assert_eq!(format!("{other:#}"), "mdBook cannot render the book: no such theme");
    }
}
