//! Talking to a worker: inputs go in one by one, outputs come back, and nothing that it does can take longer or print
//! more than it may.
//!
//! An input goes in when the case before is done, so that no time of one case can be spent on another. A worker may ask: the question
//! goes to the judge, the reply comes back, and here, between the two, it is counted.

use std::fmt;
use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::bounded::{Bounds, kill, limit, wait};
use crate::hash::hex;
use crate::judge::NO_REPLY;
use crate::memory::Guard;

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
    Ended(End),
    /// The answer printed more than it may.
    TooMuch,
    /// The output of this one case is larger than it may be.
    TooLarge,
    /// The answer asked the judge for something to which there is no reply.
    Unanswerable,
    /// The answer asked the judge more often than it may.
    TooOften,
    /// Not tried, since the answer had ended, hung or flooded before.
    NotTried,
}

impl Outcome {
    /// Could this have come of the machine, or of what ran beside?
    pub fn is_doubtful(&self) -> bool {
        match self {
            Outcome::TooSlow => true,
            Outcome::Ended(end) => end.is_doubtful(),
            _ => false,
        }
    }
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
    /// Is it left at the first outcome that is [doubtful](Outcome::is_doubtful)?
    pub once: bool,
    /// Is every case answered by a process of its own?
    pub fresh: bool,
    /// The most questions about one case. Honest answers ask a thousand; each costs the judge time.
    pub questions: u64,
    /// Bytes of memory that all processes of a worker may hold together; Linux only.
    pub memory: Option<u64>,
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
            once: false,
            fresh: false,
            questions: 5000,
            memory: None,
        }
    }

    /// The same, but an answer that ends or hangs is not tried again where that may not be its own fault.
    pub fn once(self) -> Self {
        Patience { once: true, ..self }
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

/// Hands `inputs` to workers started by `start`, one after another, and collects what comes back. Where an answer may
/// ask, `replies` has the judge's replies; an output is then `[questions, output]`.
///
/// # Errors
/// Where a worker cannot even be started, or the judge fails.
pub fn converse(
    start: &dyn Fn() -> Command,
    inputs: &[&str],
    patience: Patience,
    mut replies: Option<Replies>,
) -> anyhow::Result<Conversation> {
    let end = Instant::now() + patience.all;
    let mut said = Conversation::default();
    let mut failures = 0;
    while said.outcomes.len() < inputs.len() {
        if failures > patience.restarts || Instant::now() >= end {
            let missing =
                if failures > patience.restarts { Outcome::NotTried } else { Outcome::TooSlow };
            said.outcomes.resize(inputs.len(), missing);
            break;
        }
        let first = said.outcomes.len();
        let last = if patience.fresh { first + 1 } else { inputs.len() };
        let mut worker = Worker::start(start(), patience.output)?;
        let _guard = patience.memory.map(|most| Guard::over(worker.0.child.id(), most));
        let ended = worker.cases(&inputs[..last], patience, end, replies.as_mut(), &mut said);
        worker.kill();
        match ended? {
            Ending::Done => {}
            Ending::Failed if patience.once && said.outcomes.iter().any(Outcome::is_doubtful) => {
                said.outcomes.resize(inputs.len(), Outcome::NotTried);
            }
            Ending::Failed => failures += 1,
            Ending::Flooded => said.outcomes.resize(inputs.len(), Outcome::NotTried),
        }
    }
    Ok(said)
}

/// How a worker's turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It has answered everything that it was handed.
    Done,
    /// It ended or hung.
    Failed,
    /// It printed too much; trying again is of no use.
    Flooded,
}

/// A started program, to which lines go and from which lines come.
#[derive(Debug)]
struct Piped {
    child: Child,
    lines: Receiver<Event>,
    send: Sender<String>,
}

impl Piped {
    fn start(mut command: Command, limit: usize, all: bool) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().context("a worker cannot be started")?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (send, texts) = channel::<String>();
        if let Some(mut pipe) = stdin {
            // It may end, or never read: nobody waits for this thread.
            thread::spawn(move || texts.iter().all(|t| pipe.write_all(t.as_bytes()).is_ok()));
        }
        let (sender, lines) = sync_channel(64);
        if let Some(stdout) = stdout {
            thread::spawn(move || read_lines(stdout, limit, all, &sender));
        }
        Ok(Piped { child, lines, send })
    }
}

/// A judge that answers questions.
#[derive(Debug)]
pub struct Replies {
    judge: Piped,
    /// Questions so far. The judge repeats their number, so that a late reply is not taken for that of the next.
    asked: u64,
}

impl Replies {
    /// Starts a judge, `command`, within `bounds`.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(command: Command, bounds: Bounds) -> anyhow::Result<Self> {
        let judge = Piped::start(command, usize::MAX, true).context("the judge")?;
        limit(&judge.child, bounds);
        Ok(Replies { judge, asked: 0 })
    }

    /// The reply to a question about case `number`; nothing where there is none.
    fn reply(
        &mut self,
        number: usize,
        question: &str,
        deadline: Instant,
    ) -> anyhow::Result<Option<String>> {
        if !question.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        self.asked += 1;
        // Where it has ended, that shows in the missing reply.
        let _ = self.judge.send.send(format!("{} {number} {question}\n", self.asked));
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.judge.lines.recv_timeout(left) {
                Ok(Event::Line(line)) => {
                    let line = String::from_utf8_lossy(&line);
                    let (asked, reply) = line.split_once(' ').unwrap_or_default();
                    if asked.parse() == Ok(self.asked) {
                        return Ok((reply != NO_REPLY).then(|| reply.to_owned()));
                    }
                }
                Ok(Event::TooMuch) | Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => {
                    anyhow::bail!("the judge gave up replying")
                }
            }
        }
    }
}

impl Drop for Replies {
    fn drop(&mut self) {
        kill(&mut self.judge.child);
    }
}

/// A started worker.
struct Worker(Piped);

#[derive(Debug)]
enum Event {
    Line(Vec<u8>),
    TooMuch,
}

/// What a marked line says.
enum Said {
    Outcome(Outcome),
    Question(String),
}

impl Worker {
    fn start(command: Command, limit: usize) -> anyhow::Result<Self> {
        Piped::start(command, limit, false).map(Worker)
    }

    /// Hands over the cases that have no outcome yet, until all have one or the worker can give no more.
    fn cases(
        &mut self,
        inputs: &[&str],
        patience: Patience,
        end: Instant,
        mut replies: Option<&mut Replies>,
        said: &mut Conversation,
    ) -> anyhow::Result<Ending> {
        while let Some(input) = inputs.get(said.outcomes.len()) {
            let number = said.outcomes.len();
            // Where the worker has ended, that shows in what it answers.
            let _ = self.0.send.send(format!("{number} {input}\n"));
            let deadline = (Instant::now() + patience.case).min(end);
            let outcome =
                self.case(number, (deadline, patience.questions), replies.as_deref_mut(), said)?;
            match outcome {
                // Two digits a byte.
                Outcome::Output(output) if output.len() > 2 * patience.one => {
                    said.outcomes.push(Outcome::TooLarge);
                }
                Outcome::Output(_) | Outcome::Panicked(_) => said.outcomes.push(outcome),
                Outcome::TooMuch => {
                    said.outcomes.push(outcome);
                    return Ok(Ending::Flooded);
                }
                _ => {
                    said.outcomes.push(outcome);
                    return Ok(Ending::Failed);
                }
            }
        }
        Ok(Ending::Done)
    }

    /// The outcome of case `number`, with all its questions: until when, and how many.
    fn case(
        &mut self,
        number: usize,
        (deadline, most): (Instant, u64),
        mut replies: Option<&mut Replies>,
        said: &mut Conversation,
    ) -> anyhow::Result<Outcome> {
        let mut questions = 0_u64;
        loop {
            match (self.next(number, deadline, &mut said.printed), replies.as_deref_mut()) {
                (Said::Outcome(Outcome::Output(output)), Some(_)) => {
                    // An array of two: the count first, so that no output can be taken for it.
                    let count = hex(&rmp_serde::to_vec(&questions)?);
                    return Ok(Outcome::Output(format!("92{count}{output}")));
                }
                (Said::Outcome(outcome), _) => return Ok(outcome),
                (Said::Question(_), Some(_)) if questions == most => {
                    return Ok(Outcome::TooOften);
                }
                (Said::Question(question), Some(judge)) => {
                    questions += 1;
                    let Some(reply) = judge.reply(number, &question, deadline)? else {
                        let late = Instant::now() >= deadline;
                        return Ok(if late { Outcome::TooSlow } else { Outcome::Unanswerable });
                    };
                    let _ = self.0.send.send(reply + "\n");
                }
                (Said::Question(_), None) => {}
            }
        }
    }

    /// What comes next about case `number`.
    fn next(&mut self, number: usize, deadline: Instant, printed: &mut String) -> Said {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.0.lines.recv_timeout(left) {
                Ok(Event::Line(line)) => match said_in(&line, number) {
                    Some(said) => return said,
                    None if line.first() != Some(&MARK) && printed.len() < KEPT => {
                        printed.push_str(&String::from_utf8_lossy(&line));
                        printed.push('\n');
                    }
                    None => {}
                },
                Ok(Event::TooMuch) => return Said::Outcome(Outcome::TooMuch),
                Err(RecvTimeoutError::Timeout) => return Said::Outcome(Outcome::TooSlow),
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = wait(&mut self.0.child, deadline);
                    let outcome = ended.map_or(Outcome::TooSlow, |s| Outcome::Ended(s.into()));
                    return Said::Outcome(outcome);
                }
            }
        }
    }

    fn kill(&mut self) {
        kill(&mut self.0.child);
    }
}

/// Reads lines and sends them until the pipe ends or more than `limit` bytes came. Of what the answer prints itself, only the
/// beginning is sent, unless `all` is wanted: a flood must not keep anybody busy.
fn read_lines(mut pipe: impl Read, limit: usize, all: bool, lines: &SyncSender<Event>) {
    let mut buffer = vec![0; 1 << 16];
    let (mut line, mut total, mut kept) = (Vec::new(), 0, 0);
    loop {
        let read = match pipe.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        total = usize::saturating_add(total, read);
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
            if all || is_marked || !line.is_empty() && kept < KEPT {
                kept += if is_marked { 0 } else { line.len() + 1 };
                if lines.send(Event::Line(std::mem::take(&mut line))).is_err() {
                    return;
                }
            }
            line.clear();
        }
    }
}

/// What a line says of case `number`.
// ANCHOR: outcome
fn said_in(line: &[u8], number: usize) -> Option<Said> {
    let text = std::str::from_utf8(line.strip_prefix(&[MARK])?).ok()?;
    let mut words = text.splitn(3, ' ');
    if words.next()?.parse() != Ok(number) {
        return None;
    }
    let (word, payload) = (words.next()?, words.next().unwrap_or_default());
    match word {
        "answer" => Some(Said::Outcome(Outcome::Output(payload.to_owned()))),
        "ask" => Some(Said::Question(payload.to_owned())),
        "panic" => {
            let said = crate::hash::unhex(payload).unwrap_or_default();
            let said: String = String::from_utf8_lossy(&said).chars().take(600).collect();
            Some(Said::Outcome(Outcome::Panicked(said)))
        }
        _ => None,
    }
}
// ANCHOR_END: outcome

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By this signal.
    Signal(i32),
    /// By itself, with this exit status.
    Status(i32),
}

impl End {
    /// Could this have come of the machine, or of what ran beside? An answer can bring about every end; the others are its own.
    pub fn is_doubtful(self) -> bool {
        match self {
            End::Signal(signal) => !matches!(
                signal,
                ILLEGAL | TRAP | DIVISION | SEGMENTATION | TOO_MUCH_TIME | TOO_LARGE | NO_SUCH_CALL
            ),
            // With these, sandboxes and shells end that cannot start a program.
            End::Status(status) => matches!(status, 1 | 125..=127),
        }
    }
}

const ILLEGAL: i32 = 4;
const TRAP: i32 = 5;
const ABORTED: i32 = 6;
const DIVISION: i32 = 8;
pub(crate) const KILLED: i32 = 9;
const SEGMENTATION: i32 = 11;
pub(crate) const TOO_MUCH_TIME: i32 = 24;
const TOO_LARGE: i32 = 25;
const NO_SUCH_CALL: i32 = 31;

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        #[cfg(not(unix))]
        let signal: Option<i32> = None;
        match (signal, status.code()) {
            (Some(signal), _) => End::Signal(signal),
            // A sandbox reports a signal as the exit status 128 + its number.
            (None, Some(code)) if code > 128 => End::Signal(code - 128),
            (None, code) => End::Status(code.unwrap_or(0)),
        }
    }
}

/// What it means to a student.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            End::Signal(ABORTED) => {
                "aborted: a stack overflow, a panic while panicking, or too much memory"
            }
            End::Signal(KILLED) => "killed: too much time or memory",
            End::Signal(SEGMENTATION) => "ended by a segmentation fault: usually endless recursion",
            End::Signal(TOO_MUCH_TIME) => "killed: too much processor time",
            End::Signal(TOO_LARGE) => "killed: it wrote too large a file",
            End::Signal(NO_SUCH_CALL) => "ended: it made a system call that is not allowed here",
            End::Signal(signal) => return write!(f, "ended by signal {signal}"),
            End::Status(code) => return write!(f, "ended by itself with exit status {code}"),
        })
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
            once: false,
            fresh: false,
            questions: 200,
            memory: None,
        }
    }

    fn outcomes(script: &str, count: usize) -> Vec<Outcome> {
        let inputs = vec!["00"; count];
        converse(&shell(script), &inputs, patience(), None).unwrap().outcomes
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
        let ended = || Outcome::Ended(End::Status(3));
        assert_eq!(outcomes("read x; exit 3", 3), [ended(), ended(), Outcome::NotTried]);
        // Once, where it may have been the machine.
        let found = |script: &str| {
            converse(&shell(script), &["00"; 3], patience().once(), None).unwrap().outcomes
        };
        assert_eq!(found("read x; exit 3"), [ended(), ended(), Outcome::NotTried]);
        let killed = Outcome::Ended(End::Signal(KILLED));
        assert_eq!(found("read x; kill -9 $$"), [killed, Outcome::NotTried, Outcome::NotTried]);
    }

    /// What comes of asking; the judge replies with the question.
    fn asking(script: &str, patience: Patience) -> Vec<Outcome> {
        let mut judge = Command::new("sh");
        judge
            .args(["-c", "while read a n q; do if [ $q = 00 ]; then echo $a -; else echo 0 ff; echo $a $q; fi; done"]);
        let bounds = Bounds { seconds: Some(5), ..crate::limits::JUDGING.together };
        let replies = Replies::start(judge, bounds).unwrap();
        converse(&shell(script), &["aa", "bb"], patience, Some(replies)).unwrap().outcomes
    }

    #[test]
    fn questions_are_answered_and_counted_for_each_case() {
        let ask = "printf '\\002%s ask %s\\n' $n $x; read x; ";
        let one = format!("read n x; {ask}{ask}printf '\\002%s answer %s\\n' $n $x");
        let both = format!("while {one}; do :; done");
        let wanted = [Outcome::Output("9202aa".into()), Outcome::Output("9202bb".into())];
        assert_eq!(asking(&both, patience()), wanted);
        // A process for each case: this one answers no second.
        assert_eq!(asking(&one, Patience { fresh: true, restarts: 0, ..patience() }), wanted);
        // A count of its own is a part of the output, and a question about another case is none.
        let forged = "read n x; printf '\\0021 ask aa\\n\\0020 answer 01aa\\n'; sleep 0.1";
        assert_eq!(asking(forged, patience())[0], Outcome::Output("920001aa".into()));
        // Who asks without end is stopped.
        let endless = "read n x; while printf '\\0020 ask aa\\n'; do :; done";
        assert_eq!(asking(endless, patience())[0], Outcome::TooOften);
        for bad in ["00", "zz", "aa 1"] {
            let script = format!("read n x; printf '\\0020 ask {bad}\\n'; sleep 0.1");
            assert_eq!(asking(&script, patience())[0], Outcome::Unanswerable, "{bad}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_of_all_processes_together_is_watched() {
        // Three processes with some 30 MB each. A shell becomes its last command, and its memory is
        // gone: so `sleep` is not the last.
        let script = "a=$(head -c 10000000 /dev/zero | tr '\\0' x); b=$a$a; \
                      (c=$b; sleep 9; :)& (c=$b; sleep 9; :)& sleep 9; :";
        let long =
            Patience { case: Duration::from_secs(60), all: Duration::from_secs(60), ..patience() };
        let patience = Patience { memory: Some(40 << 20), restarts: 0, ..long };
        let found = converse(&shell(script), &["00"], patience, None).unwrap().outcomes;
        assert_eq!(found, [Outcome::Ended(End::Signal(KILLED))]);
    }

    #[test]
    fn a_worker_that_hangs_is_too_slow() {
        let patience = Patience { case: Duration::from_millis(400), ..patience() };
        for script in ["sleep 100", "exec 1>&-; sleep 100"] {
            let said = converse(&shell(script), &["00"], patience, None).unwrap();
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
