//! What one answer may take, from the compiler to the comparison, and how long that can last at most.

use std::time::Duration;

use crate::bounded::Bounds;
use crate::converse::Patience;

/// What sandboxed code may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Bytes of address space of one process, and of the memory of all processes together.
    pub memory: u64,
    /// Seconds of processor time of one process.
    pub seconds: u64,
    /// Processes and threads together.
    pub processes: u64,
    /// Bytes of one file.
    pub file: u64,
    /// Files that one process may have open.
    pub open: u64,
    /// Bytes of `/tmp`, to which only a compiler can write.
    pub scratch: u64,
}

// ANCHOR: limits
/// For a compiler. Its threads and linkers are many, and the answer's code does not run yet.
pub const COMPILING: Allowance = Allowance {
    memory: 4 << 30,
    seconds: 60,
    processes: 256,
    file: 64 << 20,
    open: 256,
    scratch: 512 << 20,
};

/// For an answer. Bubblewrap's own processes count, too.
pub const RUNNING: Allowance = Allowance {
    memory: 1 << 30,
    seconds: 60,
    processes: 16,
    file: 1 << 20,
    open: 64,
    scratch: 64 << 20,
};
// ANCHOR_END: limits

// ANCHOR: judging
/// For the judge, which is trusted, but reads what an answer gave.
pub const JUDGING: Judging = Judging {
    together: Bounds {
        time: Duration::from_secs(60),
        said: 16 << 20,
        memory: Some(2 << 30),
        seconds: Some(10),
        together: None,
    },
    alone: Bounds {
        time: Duration::from_secs(30),
        said: 1 << 20,
        memory: Some(2 << 30),
        seconds: Some(5),
        together: None,
    },
    most_broken: 3,
};
// ANCHOR_END: judging

/// What a judge may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judging {
    /// For all outputs of an answer, at once or one after another.
    pub together: Bounds,
    /// For one output, where comparing all of them at once failed.
    pub alone: Bounds,
    /// After so many outputs that broke the judge, no more outputs of this answer are compared.
    pub most_broken: usize,
}

/// What one answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The compiler's limits.
    pub compiling: Allowance,
    /// The most wall-clock time that compiling takes.
    pub compile_time: Duration,
    /// The answer's limits.
    pub running: Allowance,
    /// The judge's limits.
    pub judging: Judging,
    /// An answer is tried so often, each time after a pause, where the machine is at fault.
    pub pauses: [Duration; 3],
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            compiling: COMPILING,
            compile_time: Duration::from_secs(90),
            running: RUNNING,
            judging: JUDGING,
            pauses: [0, 2, 10].map(Duration::from_secs),
        }
    }
}

impl Limits {
    /// The longest that one answer can take whose cases may take `seconds` each: every step once beside other answers, and
    /// once more alone.
    // ANCHOR: longest
    pub fn longest(&self, seconds: f64) -> Duration {
        let running = Patience::of(seconds).all;
        let Judging { together, alone, .. } = self.judging;
        2 * (self.compile_time + running + together.time) + alone.time
    }
    // ANCHOR_END: longest
}
