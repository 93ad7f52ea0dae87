//! Running a program that may take only so much: time on the wall, what it says, and on Linux its memory and its processor time.

use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::memory::{Guard, kill_group};

/// What a program may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Wall-clock time.
    pub time: Duration,
    /// Bytes that it may write to standard output and standard error together.
    pub said: usize,
    /// Bytes of address space; as much as it wants where nothing is said. Linux only.
    pub memory: Option<u64>,
    /// Seconds of processor time, which a busy machine does not use up. Linux only.
    pub seconds: Option<u64>,
    /// Bytes of memory that it and all its descendants may hold together. Linux only.
    pub together: Option<u64>,
}

/// How a program ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status; nothing where it was stopped for taking too long or saying too much.
    pub status: Option<ExitStatus>,
    /// What it wrote to standard output.
    pub out: Vec<u8>,
    /// What it wrote to standard error.
    pub said: String,
    /// Was it killed for the memory that it and its descendants held?
    pub overflowed: bool,
}

impl Finished {
    /// Did it end by itself with status 0?
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|s| s.success())
    }
}

/// Runs `command` with `input` as its standard input, within `bounds`; then it and all its children are ended.
///
/// # Errors
/// Where it cannot be started.
pub fn finish(
    mut command: Command,
    input: Option<Vec<u8>>,
    bounds: Bounds,
) -> anyhow::Result<Finished> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
    // It waits for its input, so the limits are there before it does anything.
    limit(&child, bounds);
    let guard = bounds.together.map(|most| Guard::over(child.id(), most));
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        // It may end before it has read everything; that shows in how it ends.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    let (sender, pieces) = channel();
    if let Some(pipe) = child.stdout.take() {
        listen(pipe, true, sender.clone());
    }
    if let Some(pipe) = child.stderr.take() {
        listen(pipe, false, sender);
    }
    let end = Instant::now() + bounds.time;
    let (mut out, mut said) = (Vec::new(), Vec::new());
    let ended = loop {
        match pieces.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok((true, piece)) => out.extend(piece),
            Ok((false, piece)) => said.extend(piece),
            Err(RecvTimeoutError::Timeout) => break false,
            Err(RecvTimeoutError::Disconnected) => break true,
        }
        if out.len() + said.len() > bounds.said {
            break false;
        }
    };
    let status = if ended { wait(&mut child, end) } else { None };
    kill(&mut child);
    let overflowed = guard.is_some_and(|g| g.has_killed());
    Ok(Finished { status, out, said: String::from_utf8_lossy(&said).into_owned(), overflowed })
}

/// Sends what comes through a pipe, piece by piece, until it ends or nobody listens.
fn listen(mut pipe: impl Read + Send + 'static, is_out: bool, pieces: Sender<(bool, Vec<u8>)>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 14];
        while let Ok(read) = pipe.read(&mut buffer) {
            if read == 0 || pieces.send((is_out, buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    });
}

/// The exit status, if the process ends in time.
pub(crate) fn wait(child: &mut Child, end: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(5)),
            _ => return None,
        }
    }
}

/// Kills a process and everything in its group, and waits for it.
pub(crate) fn kill(child: &mut Child) {
    kill_group(child.id());
    let _ = child.kill();
    let _ = child.wait();
}

/// Sets the limits that the kernel watches.
pub(crate) fn limit(child: &Child, bounds: Bounds) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
        for (resource, most) in [(Resource::As, bounds.memory), (Resource::Cpu, bounds.seconds)] {
            if most.is_some() {
                // It may have ended already.
                let _ = prlimit(Some(pid), resource, Rlimit { current: most, maximum: most });
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (child, bounds);
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    const BOUNDS: Bounds = Bounds {
        time: Duration::from_secs(60),
        said: 1 << 20,
        memory: None,
        seconds: None,
        together: None,
    };

    #[test]
    fn what_goes_in_comes_out() {
        let done = finish(shell("cat; echo fault >&2"), Some(b"text".to_vec()), BOUNDS).unwrap();
        assert!(done.succeeded());
        assert_eq!((done.out.as_slice(), done.said.as_str()), (&b"text"[..], "fault\n"));
    }

    #[test]
    fn input_that_is_not_read_does_no_harm() {
        let done = finish(shell("exit 3"), Some(vec![b'x'; 1 << 20]), BOUNDS).unwrap();
        assert_eq!(done.status.and_then(|s| s.code()), Some(3));
    }

    #[test]
    fn who_takes_too_much_is_stopped() {
        let short = Bounds { time: Duration::from_millis(200), ..BOUNDS };
        assert_eq!(finish(shell("sleep 100"), None, short).unwrap().status, None);
        assert_eq!(finish(shell("exec >&- 2>&-; sleep 100"), None, short).unwrap().status, None);
        let flood = finish(shell("yes"), None, BOUNDS).unwrap();
        assert!(flood.status.is_none() && flood.out.len() < 2 << 20);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernel_watches_memory_and_processor_time() {
        // `read` waits for the input, as the judge does, so the limits are set by then.
        let input = || Some(b"go\n".to_vec());
        let little = Bounds { memory: Some(64 << 20), ..BOUNDS };
        let greedy = "read x; a=x; while true; do a=$a$a; done";
        assert!(!finish(shell(greedy), input(), little).unwrap().succeeded());
        let brief = Bounds { seconds: Some(1), ..BOUNDS };
        let busy = finish(shell("read x; while true; do :; done"), input(), brief).unwrap();
        assert!(busy.status.is_some_and(|s| !s.success()), "{busy:?}");
    }
}
