//! Talking to a worker: inputs go in one by one, outputs come back, and nothing that it does can take longer or print
//! more than it may.

use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::bounded::{kill, wait};

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The answer gave an output, MessagePack in hexadecimal.
    Output(String),
    /// The answer panicked, and this is what it said.
    Panicked(String),
    /// The case took longer than it may.
    TooSlow,
    /// The process ended before it answered.
    Ended(String),
    /// The answer printed more than it may.
    TooMuch,
    /// The output of this one case is larger than it may be.
    TooLarge,
    /// Not tried, since the answer had ended, hung or flooded before.
    NotTried,
}

/// How much a worker may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Wall-clock time for one case.
    pub case: Duration,
    /// Wall-clock time for all of them.
    pub all: Duration,
    /// Bytes of all that the worker writes.
    pub output: usize,
    /// Bytes of the output of one case.
    pub one: usize,
    /// How often the worker is started again after it ended or hung.
    pub restarts: usize,
}

impl Patience {
    /// The patience with an exercise whose cases may take `seconds` each.
    pub fn of(seconds: f64) -> Self {
        Patience {
            case: Duration::from_secs_f64(seconds),
            all: Duration::from_secs_f64(10.0 * seconds),
            output: 16 << 20,
            one: 1 << 20,
            restarts: 2,
        }
    }

    /// The same, but an answer that ends or hangs once is not tried again.
    pub fn once(self) -> Self {
        Patience { restarts: 0, ..self }
    }
}

/// What a worker said.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// One outcome a case.
    pub outcomes: Vec<Outcome>,
    /// The beginning of what the answer printed on its own.
    pub printed: String,
}

/// The mark of a line that carries an output.
const MARK: u8 = 2;
/// The most that is kept of what the answer prints.
const KEPT: usize = 4096;

/// Hands `inputs` to workers started by `start`, one after another, and collects what comes back.
///
/// # Errors
/// Where a worker cannot even be started.
pub fn converse(
    start: &dyn Fn() -> Command,
    inputs: &[&str],
    patience: Patience,
) -> anyhow::Result<Conversation> {
    let end = Instant::now() + patience.all;
    let mut said = Conversation::default();
    let mut starts = 0;
    while said.outcomes.len() < inputs.len() {
        if starts > patience.restarts || Instant::now() >= end {
            let missing =
                if starts > patience.restarts { Outcome::NotTried } else { Outcome::TooSlow };
            said.outcomes.resize(inputs.len(), missing);
            break;
        }
        starts += 1;
        let worker = Worker::start(start(), inputs, said.outcomes.len(), patience.output)?;
        if !worker.answer(inputs.len(), patience, end, &mut said) {
            said.outcomes.resize(inputs.len(), Outcome::NotTried);
        }
    }
    Ok(said)
}

/// A started worker.
struct Worker {
    child: Child,
    lines: Receiver<Event>,
}

enum Event {
    Line(Vec<u8>),
    TooMuch,
}

impl Worker {
    fn start(
        mut command: Command,
        inputs: &[&str],
        first: usize,
        limit: usize,
    ) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().context("a worker cannot be started")?;
        let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let lines = inputs.iter().enumerate().skip(first);
        let text: String = lines.map(|(i, input)| format!("{i} {input}\n")).collect();
        thread::spawn(move || {
            // The worker may end before it has read everything; that shows in what it answers.
            let _ = stdin.as_mut().map(|pipe| pipe.write_all(text.as_bytes()));
        });
        let (sender, lines) = sync_channel(64);
        if let Some(stdout) = stdout {
            thread::spawn(move || read_lines(stdout, limit, &sender));
        }
        Ok(Worker { child, lines })
    }

    /// Takes outcomes until all are there or the worker can give no more; false where trying again is of no use.
    fn answer(
        mut self,
        count: usize,
        patience: Patience,
        end: Instant,
        said: &mut Conversation,
    ) -> bool {
        let mut go_on = true;
        while said.outcomes.len() < count && go_on {
            let deadline = (Instant::now() + patience.case).min(end);
            match self.next(said.outcomes.len(), deadline, &mut said.printed) {
                // Two digits a byte.
                Outcome::Output(output) if output.len() > 2 * patience.one => {
                    said.outcomes.push(Outcome::TooLarge);
                }
                Outcome::Output(output) => said.outcomes.push(Outcome::Output(output)),
                Outcome::Panicked(text) => said.outcomes.push(Outcome::Panicked(text)),
                Outcome::TooMuch => {
                    said.outcomes.push(Outcome::TooMuch);
                    self.kill();
                    return false;
                }
                other => {
                    said.outcomes.push(other);
                    go_on = false;
                }
            }
        }
        self.kill();
        true
    }

    /// The outcome of case `number`.
    fn next(&mut self, number: usize, deadline: Instant, printed: &mut String) -> Outcome {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(Event::Line(line)) => match outcome_in(&line, number) {
                    Some(outcome) => return outcome,
                    None if line.first() != Some(&MARK) && printed.len() < KEPT => {
                        printed.push_str(&String::from_utf8_lossy(&line));
                        printed.push('\n');
                    }
                    None => {}
                },
                Ok(Event::TooMuch) => return Outcome::TooMuch,
                Err(RecvTimeoutError::Timeout) => return Outcome::TooSlow,
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = wait(&mut self.child, deadline);
                    return ended.map_or(Outcome::TooSlow, |s| Outcome::Ended(describe(s)));
                }
            }
        }
    }

    fn kill(&mut self) {
        kill(&mut self.child);
    }
}

/// Reads lines and sends them until the pipe ends or more than `limit` bytes came. Of what the answer prints itself, only the
/// beginning is sent: a flood must not keep anybody busy.
fn read_lines(mut pipe: impl Read, limit: usize, lines: &SyncSender<Event>) {
    let mut buffer = vec![0; 1 << 16];
    let (mut line, mut total, mut kept) = (Vec::new(), 0, 0);
    loop {
        let read = match pipe.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        total += read;
        if total > limit {
            let _ = lines.send(Event::TooMuch);
            return;
        }
        for &byte in &buffer[..read] {
            if byte != b'\n' {
                line.push(byte);
                continue;
            }
            let is_marked = line.first() == Some(&MARK);
            if is_marked || !line.is_empty() && kept < KEPT {
                kept += if is_marked { 0 } else { line.len() + 1 };
                if lines.send(Event::Line(std::mem::take(&mut line))).is_err() {
                    return;
                }
            }
            line.clear();
        }
    }
}

/// The outcome that a line carries for case `number`.
// ANCHOR: outcome
fn outcome_in(line: &[u8], number: usize) -> Option<Outcome> {
    let text = std::str::from_utf8(line.strip_prefix(&[MARK])?).ok()?;
    let mut words = text.splitn(3, ' ');
    if words.next()?.parse() != Ok(number) {
        return None;
    }
    let (word, payload) = (words.next()?, words.next().unwrap_or_default());
    match word {
        "answer" => Some(Outcome::Output(payload.to_owned())),
        "panic" => {
            let said = crate::hash::unhex(payload).unwrap_or_default();
            let said: String = String::from_utf8_lossy(&said).chars().take(600).collect();
            Some(Outcome::Panicked(said))
        }
        _ => None,
    }
}
// ANCHOR_END: outcome

/// What an exit status means to a student.
fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    // A sandbox reports a signal as the exit status 128 + its number.
    let signal = signal.or_else(|| status.code().filter(|&c| c > 128).map(|c| c - 128));
    match (signal, status.code()) {
        (Some(6), _) => {
            "aborted: a stack overflow, a panic while panicking, or too much memory".into()
        }
        (Some(9), _) => "killed: too much time or memory".into(),
        (Some(11), _) => "ended by a segmentation fault: usually endless recursion".into(),
        (Some(24), _) => "killed: too much processor time".into(),
        (Some(25), _) => "killed: it wrote too large a file".into(),
        (Some(signal), _) => format!("ended by signal {signal}"),
        (None, Some(code)) => format!("ended by itself with exit status {code}"),
        (None, None) => "ended".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> impl Fn() -> Command + '_ {
        move || {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        }
    }

    fn patience() -> Patience {
        Patience {
            // Time enough for a busy machine; who hangs is given less.
            case: Duration::from_secs(60),
            all: Duration::from_secs(300),
            output: 1 << 20,
            one: 1 << 10,
            restarts: 1,
        }
    }

    fn outcomes(script: &str, count: usize) -> Vec<Outcome> {
        let inputs = vec!["00"; count];
        converse(&shell(script), &inputs, patience()).unwrap().outcomes
    }

    #[test]
    fn outputs_come_back_and_other_lines_do_not_count() {
        let script = "while read n x; do echo noise; printf '\\n\\002%s answer %s\\n' $n 0$n; done";
        let found = outcomes(script, 2);
        assert_eq!(found, [Outcome::Output("00".into()), Outcome::Output("01".into())]);
    }

    #[test]
    fn an_answer_given_before_it_was_asked_for_does_not_count() {
        let script = "printf '\\0021 answer 99\\n'; while read n x; do printf '\\002%s answer 0%s\\n' $n $n; done";
        let found = outcomes(script, 2);
        assert_eq!(found, [Outcome::Output("00".into()), Outcome::Output("01".into())]);
    }

    #[test]
    fn a_worker_that_ends_is_started_again_a_few_times() {
        let ended = |code| Outcome::Ended(format!("ended by itself with exit status {code}"));
        assert_eq!(outcomes("read x; exit 3", 3), [ended(3), ended(3), Outcome::NotTried]);
    }

    #[test]
    fn a_worker_that_hangs_is_too_slow() {
        let patience = Patience { case: Duration::from_millis(400), ..patience() };
        for script in ["sleep 100", "exec 1>&-; sleep 100"] {
            let said = converse(&shell(script), &["00"], patience).unwrap();
            assert_eq!(said.outcomes, [Outcome::TooSlow], "{script}");
        }
    }

    #[test]
    fn a_flood_is_stopped() {
        // What stops it is the number of bytes.
        assert_eq!(outcomes("yes", 2), [Outcome::TooMuch, Outcome::NotTried]);
        assert_eq!(outcomes("cat /dev/zero", 2), [Outcome::TooMuch, Outcome::NotTried]);
    }

    #[test]
    fn an_output_that_is_too_large_leaves_the_others_alone() {
        let long = "00".repeat(1100);
        let script = format!(
            "read n x; printf '\\0020 answer {long}\\n'; read n x; printf '\\0021 answer 00\\n'"
        );
        assert_eq!(outcomes(&script, 2), [Outcome::TooLarge, Outcome::Output("00".into())]);
    }

    #[test]
    fn a_panic_is_told() {
        assert_eq!(
            outcomes("read n x; printf '\\0020 panic 6f6f\\n'", 1),
            [Outcome::Panicked("oo".into())]
        );
    }
}
