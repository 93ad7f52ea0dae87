//! The memory in which a pass takes place, and the threads that work in it.

use std::sync::{Mutex, MutexGuard};

use backprop::kernels::threads::Threads;
use backprop::kernels::{Kernel, Path, run_f32, run_portable};

use super::kernels::lane::{LANES, Lane};

/// How a pass is computed. All ways compute the same; the slower ones are there to be timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which compilation of the loops runs.
    pub path: Path,
    /// Whether normalisation, activation and addition are passes of their own over what a convolution has stored.
    pub apart: bool,
}

impl Way {
    /// The fastest on this processor.
    pub fn best() -> Way {
        Way { path: Path::best(), apart: false }
    }

    /// Runs a kernel.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        if self.path == Path::Portable { run_portable(kernel) } else { run_f32(kernel) }
    }
}

/// Groups of sixteen channels, in a group a lane for each pixel.
#[derive(Clone, Debug, Default)]
pub struct Map {
    lanes: Vec<Lane>,
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
}

impl Map {
    /// Pixels of a channel.
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Rows and columns.
    pub fn size(&self) -> (usize, usize) {
        (self.height, self.width)
    }

    /// Its lanes.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes[..self.groups() * self.pixels()]
    }

    /// Groups of channels.
    pub fn groups(&self) -> usize {
        self.channels.div_ceil(LANES)
    }

    /// Makes room for a map of that size, and gives its lanes, which hold what they held.
    pub fn resize(&mut self, channels: usize, (height, width): (usize, usize)) -> &mut [Lane] {
        (self.channels, self.height, self.width) = (channels, height, width);
        let length = self.groups() * self.pixels();
        room(&mut self.lanes, length)
    }

    /// Its numbers in the order `(C, H, W)`.
    pub fn numbers(&self) -> impl Iterator<Item = f32> + '_ {
        let pixels = self.pixels();
        (0..self.channels * pixels).map(move |i| {
            let (c, pixel) = (i / pixels, i % pixels);
            self.lanes[c / LANES * pixels + pixel].0[c % LANES]
        })
    }

    fn bytes(&self) -> usize {
        self.lanes.len() * size_of::<Lane>()
    }
}

/// The first `length` of a memory that grows where it is too small.
pub fn room<T: Clone + Default>(memory: &mut Vec<T>, length: usize) -> &mut [T] {
    if memory.len() < length {
        memory.resize(length, T::default());
    }
    &mut memory[..length]
}

/// Memory of which each thread has one while it works at a block.
#[derive(Debug)]
pub struct Scratch {
    each: Vec<Mutex<Vec<Lane>>>,
}

impl Scratch {
    /// One that is free. There is one for each thread.
    pub fn free(&self) -> MutexGuard<'_, Vec<Lane>> {
        loop {
            for memory in &self.each {
                match memory.try_lock() {
                    Ok(memory) => return memory,
                    Err(std::sync::TryLockError::Poisoned(memory)) => return memory.into_inner(),
                    Err(std::sync::TryLockError::WouldBlock) => {}
                }
            }
            std::hint::spin_loop();
        }
    }

    fn bytes(&self) -> usize {
        let bytes = |memory: &Mutex<Vec<Lane>>| memory.lock().map_or(0, |lanes| lanes.len());
        self.each.iter().map(bytes).sum::<usize>() * size_of::<Lane>()
    }
}

/// Threads, and the memory in which a pass takes place. It grows to what the largest image needs.
#[derive(Debug)]
pub struct Workspace {
    /// How a pass is computed.
    pub way: Way,
    /// Who computes it.
    pub threads: Threads,
    /// For each thread.
    pub scratch: Scratch,
    /// The image with its border.
    pub image: Vec<f32>,
    /// What layers hand on.
    pub maps: Vec<Map>,
    /// Gathered windows, or transformed tiles.
    pub gathered: Vec<Lane>,
    /// Rows of numbers.
    pub rows: [Vec<Lane>; 2],
}

impl Workspace {
    /// For passes on so many threads.
    pub fn new(threads: usize) -> Workspace {
        Workspace::with(threads, Way::best())
    }

    /// For passes on so many threads, in a way of one's choice.
    pub fn with(threads: usize, way: Way) -> Workspace {
        let threads = Threads::new(threads.max(1));
        let each = (0..threads.threads()).map(|_| Mutex::default()).collect();
        Workspace {
            way,
            threads,
            scratch: Scratch { each },
            image: Vec::new(),
            maps: Vec::new(),
            gathered: Vec::new(),
            rows: Default::default(),
        }
    }

    /// What it takes in memory by now.
    pub fn bytes(&self) -> usize {
        let lanes = self.gathered.len() + self.rows.iter().map(Vec::len).sum::<usize>();
        let maps = self.maps.iter().map(Map::bytes).sum::<usize>();
        maps + lanes * size_of::<Lane>()
            + self.image.len() * size_of::<f32>()
            + self.scratch.bytes()
    }
}
