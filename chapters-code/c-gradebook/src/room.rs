//! Folders for what is made on the way, which are removed even where whoever made them was killed.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// A folder with a lock in it. The system lets go of the lock however its holder ends, so a folder whose lock is free is left
/// over, and the next room that is made beside it removes it.
#[derive(Debug)]
pub struct Room {
    folder: tempfile::TempDir,
    _lock: fs::File,
}

impl Room {
    /// How the names of such folders begin.
    const PREFIX: &str = "gradebook-room-";
    /// The file that is locked.
    const LOCK: &str = "lock";

    /// A room among the temporary files.
    ///
    /// # Errors
    /// What the file system said.
    pub fn new() -> anyhow::Result<Self> {
        Self::below(&tempfile::env::temp_dir())
    }

    /// A room in the folder `below`.
    ///
    /// # Errors
    /// What the file system said.
    pub fn below(below: &Path) -> anyhow::Result<Self> {
        Self::remove_left_over(below);
        let folder = tempfile::Builder::new().prefix(Self::PREFIX).tempdir_in(below);
        let folder = folder.with_context(|| below.display().to_string())?;
        let (new, lock) = (folder.path().join("new"), folder.path().join(Self::LOCK));
        let file = fs::File::create(&new).with_context(|| new.display().to_string())?;
        file.try_lock().map_err(|e| anyhow::anyhow!("{}: {e}", new.display()))?;
        // Only now, so that nobody ever finds a lock that is free while its holder lives.
        fs::rename(&new, &lock).with_context(|| lock.display().to_string())?;
        Ok(Room { folder, _lock: file })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes what killed runs have left.
    fn remove_left_over(below: &Path) {
        for entry in fs::read_dir(below).into_iter().flatten().flatten() {
            let is_room = entry.file_name().to_string_lossy().starts_with(Self::PREFIX);
            let is_folder = entry.file_type().is_ok_and(|t| t.is_dir());
            if !is_room || !is_folder || !is_own(&entry) {
                continue;
            }
            // Where there is none, somebody is just making it.
            let lock = fs::File::open(entry.path().join(Self::LOCK));
            if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
                // Nothing hangs on it: whatever cannot be removed stays.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Does this belong to us? Others can make folders of any name in a shared `/tmp`.
fn is_own(entry: &fs::DirEntry) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        entry.metadata().is_ok_and(|m| m.uid() == rustix::process::geteuid().as_raw())
    }
    #[cfg(not(unix))]
    {
        let _ = entry;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_killed_runs_leave_is_removed_and_what_is_in_use_is_not() {
        let below = tempfile::tempdir().unwrap();
        let dead = below.path().join(format!("{}dead", Room::PREFIX));
        fs::create_dir_all(dead.join("rust/bin")).unwrap();
        fs::write(dead.join(Room::LOCK), "").unwrap();
        // Somebody who has not come to the lock yet.
        let newborn = below.path().join(format!("{}newborn", Room::PREFIX));
        fs::create_dir(&newborn).unwrap();
        let other = below.path().join("other");
        fs::create_dir(&other).unwrap();
        let alive = Room::below(below.path()).unwrap();
        assert!(!dead.exists());
        let again = Room::below(below.path()).unwrap();
        assert!(alive.path().exists() && newborn.exists() && other.exists());
        drop(again);
        assert_eq!(fs::read_dir(below.path()).unwrap().count(), 3);
    }
}
