//! Is the machine fit to grade? What goes wrong on a full disk or without memory is nobody's answer.

use std::path::Path;

use anyhow::bail;

/// The least room on the file system of temporary files.
const ROOM: u64 = 64 << 20;
/// The least number of files that can still be made there.
const FILES: u64 = 1000;
/// The least memory that is available.
const MEMORY: u64 = 256 << 20;

/// Says what the machine lacks.
///
/// # Errors
/// The lack: no room, no files, no memory.
pub fn check() -> anyhow::Result<()> {
    let below = tempfile::env::temp_dir();
    #[cfg(unix)]
    if let Ok(space) = rustix::fs::statvfs(&below) {
        let room = space.f_bavail.saturating_mul(space.f_frsize);
        if room < ROOM {
            bail!(
                "{}: {} MB are left, and {} are needed; make room or set TMPDIR",
                below.display(),
                room >> 20,
                ROOM >> 20
            );
        }
        // Some file systems count no files, and say 0 of 0.
        if space.f_files > 0 && space.f_favail < FILES {
            bail!(
                "{}: only {} more files fit; remove some or set TMPDIR",
                below.display(),
                space.f_favail
            );
        }
    }
    if let Some(memory) = available()
        && memory < MEMORY
    {
        bail!("only {} MB of memory are free; end other programs", memory >> 20);
    }
    Ok(())
}

/// Bytes of memory that are available, on Linux.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

/// Bytes of memory that a process and all its descendants hold together, on Linux.
pub fn held_by(process: u32) -> u64 {
    let folder = Path::new("/proc").join(process.to_string());
    let statm = std::fs::read_to_string(folder.join("statm")).unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    // The smallest page there is: a larger one makes the limit looser.
    let own = pages << 12;
    let tasks = std::fs::read_dir(folder.join("task")).into_iter().flatten().flatten();
    let children = tasks.filter_map(|t| std::fs::read_to_string(t.path().join("children")).ok());
    let children: Vec<u32> = children
        .flat_map(|c| c.split(' ').filter_map(|p| p.parse().ok()).collect::<Vec<_>>())
        .collect();
    own + children.into_iter().map(held_by).sum::<u64>()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_children_hold_is_added() {
        let own = held_by(std::process::id());
        assert!(own > 1 << 20, "{own}");
        let mut child =
            std::process::Command::new("sh").args(["-c", "sleep 9; true"]).spawn().unwrap();
        let found = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            held_by(std::process::id()) > held_by(child.id()) && held_by(child.id()) > 0
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(found);
    }
}
