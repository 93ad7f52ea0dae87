//! The memory in which a pass takes place, and the threads that work in it.

use backprop::kernels::Path;
use residual::fast::workspace::{Map, Workspace as Within};

/// How a pass is computed. All ways compute the same; the slower ones are there to be timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which compilation of the loops runs.
    pub path: Path,
    /// Whether the last block computes all tokens, and not only that of the class, which alone is read.
    pub all: bool,
}

impl Way {
    /// The fastest on this processor.
    pub fn best() -> Way {
        Way { path: Path::best(), all: false }
    }
}

/// What the steps of a pass hand on: groups of sixteen numbers, in a group a lane for each token.
#[derive(Debug)]
pub struct Maps<'a> {
    /// The pixels of each patch.
    pub pixels: &'a mut Map,
    /// The tokens as they run through the blocks.
    pub x: &'a mut Map,
    /// Tokens between the two parts of a block, and the answer.
    pub y: &'a mut Map,
    /// Tokens, normalised.
    pub normed: &'a mut Map,
    /// Queries.
    pub queries: &'a mut Map,
    /// Keys, and behind them values.
    pub keys_values: &'a mut Map,
    /// What the heads answer.
    pub seen: &'a mut Map,
    /// What stands between the two layers.
    pub hidden: &'a mut Map,
}

/// How many maps there are.
const MAPS: usize = 8;

impl<'a> Maps<'a> {
    /// Those of a workspace.
    pub fn of(maps: &'a mut Vec<Map>) -> Maps<'a> {
        maps.resize_with(maps.len().max(MAPS), Map::default);
        let mut maps = maps.iter_mut();
        let mut next = || maps.next().unwrap_or_else(|| unreachable!("there are {MAPS}"));
        Maps {
            pixels: next(),
            x: next(),
            y: next(),
            normed: next(),
            queries: next(),
            keys_values: next(),
            seen: next(),
            hidden: next(),
        }
    }
}

/// Threads, and the memory in which a pass takes place.
#[derive(Debug)]
pub struct Workspace {
    /// How a pass is computed.
    pub way: Way,
    /// Threads, memory for each of them, and maps.
    pub(super) within: Within,
}

impl Workspace {
    /// For passes on so many threads.
    pub fn new(threads: usize) -> Workspace {
        Workspace::with(threads, Way::best())
    }

    /// For passes on so many threads, in a way of one's choice.
    pub fn with(threads: usize, way: Way) -> Workspace {
        let within = Within::with(threads, residual::fast::Way { path: way.path, apart: false });
        Workspace { way, within }
    }

    /// What it takes in memory by now.
    pub fn bytes(&self) -> usize {
        self.within.bytes()
    }
}
