//! Is the machine fit to grade? What goes wrong on a full disk or without memory is nobody's answer.

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
