//! Chromium, or a browser built on it: where it stands, and how it is run without a window.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What the programs are called on a search path.
const NAMES: [&str; 8] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
];

/// Where they stand on macOS.
const MACOS: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

/// Where they stand on Windows, below the folders of programs.
const WINDOWS: [&str; 3] = [
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
];

/// The browser: what `BOOK_BROWSER` or `CHROME` names, or the first that is installed.
pub fn find() -> Option<PathBuf> {
    let named = ["BOOK_BROWSER", "CHROME"].into_iter().filter_map(env::var_os).map(PathBuf::from);
    let folders: Vec<PathBuf> =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let mut candidates: Vec<PathBuf> = named.filter(|path| !path.as_os_str().is_empty()).collect();
    candidates = candidates.into_iter().filter_map(|path| program(&path, &folders)).collect();
    candidates.extend(NAMES.iter().filter_map(|name| program(Path::new(name), &folders)));
    candidates.extend(MACOS.iter().map(PathBuf::from));
    for variable in ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"] {
        if let Some(folder) = env::var_os(variable) {
            candidates.extend(WINDOWS.iter().map(|path| Path::new(&folder).join(path)));
        }
    }
    candidates.into_iter().find(|path| path.is_file())
}

/// A program by its path, or by its name in one of the folders.
fn program(path: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    if path.components().count() > 1 {
        return path.is_file().then(|| path.to_owned());
    }
    let name = format!("{}{}", path.display(), env::consts::EXE_SUFFIX);
    folders.iter().map(|folder| folder.join(&name)).find(|path| path.is_file())
}

/// Runs the browser without a window, with a profile of its own in `folder`, until it ends or `limit` is
/// over; then it and what it started are ended.
///
/// # Errors
/// One line: why it could not be started, that it took too long, or its last words.
pub fn run(
    browser: &Path,
    arguments: &[String],
    folder: &Path,
    limit: Duration,
) -> Result<(), String> {
    match attempt(browser, arguments, folder, limit, is_root()) {
        // Systems that forbid user name spaces leave it no sandbox. It reads our own pages only.
        Err(said) if said.contains("sandbox") && !is_root() => {
            attempt(browser, arguments, folder, limit, true)
        }
        outcome => outcome,
    }
}

fn attempt(
    browser: &Path,
    arguments: &[String],
    folder: &Path,
    limit: Duration,
    without_sandbox: bool,
) -> Result<(), String> {
    let log = folder.join("browser.log");
    let errors =
        File::create(&log).map_err(|e| format!("{} cannot be written ({e})", log.display()))?;
    let mut command = Command::new(browser);
    command.args([
        "--headless",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-extensions",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ]);
    if without_sandbox {
        command.arg("--no-sandbox");
    }
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
    // A group of its own, so that what it starts can be ended with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child =
        command.spawn().map_err(|e| format!("{} cannot be started ({e})", browser.display()))?;
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("it ended with {status}{}", last_words(&log))),
            Ok(None) if started.elapsed() < limit => thread::sleep(Duration::from_millis(50)),
            Ok(None) => {
                end(&mut child);
                return Err(format!(
                    "it took more than {} s and was ended{}",
                    limit.as_secs(),
                    last_words(&log)
                ));
            }
            Err(error) => {
                end(&mut child);
                return Err(format!("it cannot be watched ({error})"));
            }
        }
    }
}

/// Ends the browser and what it started. Where that fails it has ended already.
fn end(child: &mut std::process::Child) {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("taskkill");
        command.args(["/F", "/T", "/PID", &child.id().to_string()]);
        command
    } else {
        let mut command = Command::new("kill");
        command.args(["-KILL", "--", &format!("-{}", child.id())]);
        command
    };
    let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let _ = child.kill();
    let _ = child.wait();
}

/// The last line that it wrote and that is not about the desktop around it, which a server lacks.
fn last_words(log: &Path) -> String {
    let text = fs::read(log).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    let noise = ["dbus", "DevTools", "GetVSyncParameters", "vaapi", "crashpad", "object_proxy"];
    let mut lines = text.lines().map(str::trim);
    let told = |line: &&str| !line.is_empty() && !noise.iter().any(|n| line.contains(n));
    let last = lines.rfind(told).unwrap_or_default();
    let last: String = last.chars().take(300).collect();
    if last.is_empty() { String::new() } else { format!("; its last words: {last}") }
}

/// The browser refuses its sandbox to root.
#[cfg(target_os = "linux")]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(target_os = "linux"))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn script(folder: &Path, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join("browser");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_program_is_found_by_path_or_name() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("chromium{}", env::consts::EXE_SUFFIX);
        let path = folder.path().join(&name);
        fs::write(&path, "").unwrap();
        let folders = [folder.path().to_owned()];
        assert_eq!(program(Path::new("chromium"), &folders), Some(path.clone()));
        assert_eq!(program(&path, &[]), Some(path));
        assert_eq!(program(Path::new("chrome"), &folders), None);
    }

    #[test]
    #[cfg(unix)]
    fn its_last_words_are_told_without_the_noise() {
        let folder = tempfile::tempdir().unwrap();
        let browser = script(folder.path(), "echo no such page >&2; echo dbus is gone >&2; exit 3");
        let said = run(&browser, &[], folder.path(), Duration::from_secs(60)).unwrap_err();
        assert!(said.contains("3; its last words: no such page"), "{said}");
    }

    #[test]
    #[cfg(unix)]
    fn what_hangs_is_ended_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let browser = script(folder.path(), "sleep 600 & echo $! > \"${0%/*}/child\"; wait");
        let said = run(&browser, &[], folder.path(), Duration::from_secs(2)).unwrap_err();
        assert!(said.contains("more than 2 s and was ended"), "{said}");
        let child = fs::read_to_string(folder.path().join("child")).unwrap();
        let state = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "the child runs on: {state}");
    }
}
