//! Several files, written all or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::text::slashes;

/// What is to be written, from the workspace's root.
#[derive(Debug)]
pub struct Changes {
    root: PathBuf,
    folders: Vec<PathBuf>,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    /// What is there now; none for a new file.
    old: Option<String>,
    new: String,
}

/// What was written, and can be undone.
#[derive(Debug)]
pub struct Written(Changes);

impl Changes {
    /// Nothing is to be written yet.
    pub fn new(root: &Path) -> Self {
        Changes { root: root.to_owned(), folders: Vec::new(), files: Vec::new() }
    }

    /// A folder of new files, which must not be there.
    ///
    /// # Errors
    /// Where something is there.
    pub fn folder(&mut self, path: &Path) -> anyhow::Result<()> {
        ensure!(
            !self.root.join(path).exists(),
            "{} is there already; move it away, or choose another name",
            slashes(path)
        );
        self.folders.push(path.to_owned());
        Ok(())
    }

    /// A new file.
    ///
    /// # Errors
    /// Where something is there.
    pub fn create(&mut self, path: PathBuf, new: String) -> anyhow::Result<()> {
        ensure!(!self.root.join(&path).exists(), "{} is there already", slashes(&path));
        self.files.push(File { path, old: None, new });
        Ok(())
    }

    /// A file with another text.
    pub fn replace(&mut self, path: PathBuf, old: String, new: String) {
        self.files.push(File { path, old: Some(old), new });
    }

    /// Writes everything, each file in one step; where one fails, the others are undone.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(self) -> anyhow::Result<Written> {
        for file in &self.files {
            if file.old.as_ref() == Some(&file.new) {
                continue;
            }
            if let Err(error) = write(&self.root.join(&file.path), &file.new) {
                let path = slashes(&file.path);
                Written(self).undo();
                return Err(error).with_context(|| {
                    format!("{path}: cannot be written; nothing was changed, check the folder's permissions")
                });
            }
        }
        Ok(Written(self))
    }
}

impl Written {
    /// The files, in the order of writing; those that stayed as they were are left out.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let changed = |f: &&File| f.old.as_ref() != Some(&f.new);
        self.0.files.iter().filter(changed).map(|f| f.path.as_path())
    }

    /// Brings back what was there.
    pub fn undo(&self) {
        for folder in &self.0.folders {
            // What cannot be removed is in sight of the author, in a folder of its own.
            let _ = fs::remove_dir_all(self.0.root.join(folder));
        }
        for file in &self.0.files {
            let path = self.0.root.join(&file.path);
            if let Some(old) = &file.old
                && fs::read_to_string(&path).ok().as_ref() != Some(old)
                && let Err(error) = write(&path, old)
            {
                eprintln!(
                    "{}: cannot be restored ({error}); restore it from version control",
                    slashes(&file.path)
                );
            }
        }
    }
}

/// Writes a file in one step.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".new-chapter").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    // A temporary file is its owner's alone; the file that it becomes is everyone's to read.
    let permissions = match fs::metadata(path) {
        Ok(old) => old.permissions(),
        Err(_) => readable(file.as_file().metadata()?.permissions()),
    };
    file.as_file().set_permissions(permissions)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(unix)]
fn readable(mut permissions: fs::Permissions) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    permissions.set_mode(0o644);
    permissions
}

#[cfg(not(unix))]
fn readable(permissions: fs::Permissions) -> fs::Permissions {
    permissions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_undone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("list"), "old").unwrap();
        let mut changes = Changes::new(folder.path());
        changes.folder(Path::new("new/deep")).unwrap();
        changes.create("new/deep/a".into(), "a".into()).unwrap();
        changes.replace("list".into(), "old".into(), "changed".into());
        let written = changes.write().unwrap();
        assert_eq!(written.paths().count(), 2);
        assert_eq!(fs::read_to_string(folder.path().join("list")).unwrap(), "changed");
        assert!(folder.path().join("new/deep/a").is_file());
        written.undo();
        assert_eq!(fs::read_to_string(folder.path().join("list")).unwrap(), "old");
        assert!(!folder.path().join("new/deep").exists());
    }

    #[test]
    fn a_file_that_cannot_be_written_undoes_the_others() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("list"), "old").unwrap();
        fs::create_dir(folder.path().join("in-the-way")).unwrap();
        let mut changes = Changes::new(folder.path());
        changes.replace("list".into(), "old".into(), "changed".into());
        changes.replace("in-the-way".into(), String::new(), "x".into());
        assert!(changes.write().unwrap_err().to_string().contains("nothing was changed"));
        assert_eq!(fs::read_to_string(folder.path().join("list")).unwrap(), "old");
    }

    #[test]
    fn what_is_there_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "old").unwrap();
        let mut changes = Changes::new(folder.path());
        assert!(changes.folder(Path::new("a")).is_err());
        assert!(changes.create("a".into(), String::new()).is_err());
    }
}
