//! Files that a chapter's program writes and others read: JSON, written in one step.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// More than any file of results holds; a larger one is damaged.
const LARGEST_FILE: u64 = 64 << 20;

/// Why a file of results could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It has never been written.
    #[error("{}: not recorded yet; record it with `{command}`", path.display())]
    Absent {
        /// Where the file should be.
        path: PathBuf,
        /// The command that writes it.
        command: String,
    },
    /// The file is there but is not what it should be.
    #[error("{}: {fault}; record it anew with `{command}`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
        /// The command that writes it anew.
        command: String,
    },
    /// The file could not be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The text of the file at `path`, which `command` writes anew.
///
/// # Errors
/// [`StoreError::Absent`] and [`StoreError::Damaged`].
pub fn read_text(path: &Path, command: &str) -> Result<String, StoreError> {
    let damaged = |fault: String| damaged(path, command, fault);
    let size = match fs::metadata(path) {
        Ok(meta) if meta.is_file() => meta.len(),
        Ok(_) => return Err(damaged("is not a file".into())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::Absent { path: path.into(), command: command.into() });
        }
        Err(e) => return Err(damaged(format!("cannot be read: {e}"))),
    };
    if size > LARGEST_FILE {
        return Err(damaged(format!("is {size} bytes, more than any result")));
    }
    fs::read_to_string(path).map_err(|e| damaged(format!("cannot be read: {e}")))
}

/// What the file at `path` holds, which `command` writes anew.
///
/// # Errors
/// As [`read_text`], also where the text is not what was expected.
pub fn read_json<T: DeserializeOwned>(path: &Path, command: &str) -> Result<T, StoreError> {
    let text = read_text(path, command)?;
    serde_json::from_str(&text).map_err(|e| damaged(path, command, format!("is damaged ({e})")))
}

/// A file that is there and is not what it should be.
pub fn damaged(path: &Path, command: &str, fault: String) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), fault, command: command.to_owned() }
}

/// The text that stands for `value` in a file.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn to_text(value: &impl Serialize) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// Writes `value` to `path`, unless the file says the same; did it change?
///
/// # Errors
/// [`StoreError::Write`].
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<bool, StoreError> {
    let failed = |source| StoreError::Write { path: path.to_owned(), source };
    let text = to_text(value).map_err(|e| failed(e.into()))?;
    if fs::read_to_string(path).is_ok_and(|was| was == text) {
        return Ok(false);
    }
    write(path, &text).map_err(failed)?;
    Ok(true)
}

/// Writes a file atomically: whoever kills this process leaves the old file or the new one.
///
/// The text goes to a temporary file beside the target, is flushed to the disk, and takes the
/// target's name in one step.
// ANCHOR: write
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = temporary(path, folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}
// ANCHOR_END: write

/// How the temporary files begin that writing makes beside `path`.
pub(crate) fn temporary_prefix(path: &Path) -> Option<String> {
    Some(format!(".{}.", path.file_name()?.to_string_lossy()))
}

/// An empty file beside `path`, readable by others as any new file is: a temporary file by itself
/// would be its owner's alone.
fn temporary(path: &Path, folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let prefix = temporary_prefix(path).unwrap_or_default();
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666)); // less what the umask takes away
    }
    builder.tempfile_in(folder)
}
