//! Threads that wait for work: a step of training is a few hundred microseconds, and to start or wake a
//! thread takes tens of them. So a thread spins briefly before it sleeps.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How often a thread looks for work before it gives way to others, and then before it sleeps.
const SPINS: [usize; 2] = [2_000, 20];

/// What is done for each of the numbers from 0.
type Task<'a> = &'a (dyn Fn(usize) + Sync);

/// A fixed number of threads, the caller's among them.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    job: Mutex<Job>,
    wake: Condvar,
    /// Counts the jobs; changes when there is a new one.
    generation: AtomicUsize,
    /// The next number that nobody has taken.
    next: AtomicUsize,
    /// Workers that have not finished the job.
    busy: AtomicUsize,
    /// Numbers whose task panicked.
    panics: AtomicUsize,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Job {
    task: Option<Task<'static>>,
    count: usize,
    closed: bool,
}

impl Pool {
    /// A pool of `threads` threads (at least one): the caller's and `threads − 1` others.
    pub fn new(threads: usize) -> Pool {
        let shared = Arc::new(Shared::default());
        let worker = |_| {
            let shared = shared.clone();
            std::thread::spawn(move || shared.serve())
        };
        Pool { workers: (1..threads).map(worker).collect(), shared }
    }

    /// As many threads as this machine runs at a time.
    pub fn of_machine() -> Pool {
        Pool::new(std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// How many threads there are, the caller's among them.
    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Calls `task(0)`, …, `task(count − 1)`, each once, on all threads, and returns when all have ended.
    /// Allocates nothing.
    ///
    /// # Panics
    /// If a task panicked.
    pub fn run(&mut self, count: usize, task: Task<'_>) {
        if self.workers.is_empty() || count <= 1 {
            (0..count).for_each(task);
            return;
        }
        // SAFETY: only the lifetime changes. Workers use the reference between the increment of
        // `generation` and their decrement of `busy`; `wait` below, which also runs when `task` panics
        // here, does not return before `busy` is 0 and takes the reference out of the job. The job
        // cannot be replaced meanwhile, because `self` is borrowed exclusively.
        let task: Task<'static> = unsafe { std::mem::transmute::<Task<'_>, Task<'static>>(task) };
        let shared = &*self.shared;
        {
            let mut job = shared.lock();
            (job.task, job.count) = (Some(task), count);
            shared.next.store(0, Relaxed);
            shared.busy.store(self.workers.len(), Relaxed);
            shared.generation.fetch_add(1, Release);
            shared.wake.notify_all();
        }
        let mine = catch_unwind(AssertUnwindSafe(|| shared.take_turns(task, count)));
        shared.wait();
        if let Err(panic) = mine {
            resume_unwind(panic);
        }
        assert!(shared.panics.swap(0, Relaxed) == 0, "a task panicked on another thread");
    }

    /// Calls `task(i, &mut items[i])` for each `i` once, on all threads.
    ///
    /// # Panics
    /// If a task panicked.
    pub fn for_each_mut<S: Send>(&mut self, items: &mut [S], task: impl Fn(usize, &mut S) + Sync) {
        let base = Base(items.as_mut_ptr());
        self.run(items.len(), &|i| {
            // SAFETY: `i` is below `items.len()`, and `run` gives each number to one call only, so
            // no other reference to this item exists. `items` is borrowed exclusively until `run` has
            // returned, when all calls have ended. `S: Send` lets another thread have it.
            task(i, unsafe { &mut *base.at(i) });
        });
    }
}

/// A pointer that threads may share.
struct Base<S>(*mut S);

// SAFETY: `for_each_mut` uses it for items that each go to one thread, and are `Send`.
unsafe impl<S: Send> Sync for Base<S> {}

impl<S> Base<S> {
    fn at(&self, i: usize) -> *mut S {
        self.0.wrapping_add(i)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Job> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes numbers until there are none left.
    fn take_turns(&self, task: Task<'_>, count: usize) {
        loop {
            let i = self.next.fetch_add(1, Relaxed);
            if i >= count {
                break;
            }
            task(i);
        }
    }

    /// The life of a worker.
    fn serve(&self) {
        let mut seen = 0;
        while let Some((task, count)) = self.next_job(&mut seen) {
            if catch_unwind(AssertUnwindSafe(|| self.take_turns(task, count))).is_err() {
                self.panics.fetch_add(1, Relaxed);
            }
            self.busy.fetch_sub(1, Release);
        }
    }

    /// Waits for a job after number `seen`; nothing when the pool is closed.
    fn next_job(&self, seen: &mut usize) -> Option<(Task<'static>, usize)> {
        let new = |seen: usize| self.generation.load(Acquire) != seen;
        for spin in 0..SPINS[0] + SPINS[1] {
            if new(*seen) {
                break;
            }
            if spin < SPINS[0] { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        let mut job = self.lock();
        while !new(*seen) && !job.closed {
            job = self.wake.wait(job).unwrap_or_else(PoisonError::into_inner);
        }
        *seen = self.generation.load(Acquire);
        job.task.filter(|_| !job.closed).map(|task| (task, job.count))
    }

    /// Waits until no worker has the task any more, and forgets it.
    fn wait(&self) {
        let mut spins = 0;
        while self.busy.load(Acquire) != 0 {
            spins += 1;
            if spins < SPINS[0] { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        self.lock().task = None;
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.generation.fetch_add(1, Release);
        self.shared.wake.notify_all();
        for worker in self.workers.drain(..) {
            // A worker that panicked has said so already.
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_taken_once() {
        for threads in [1, 2, 8] {
            let mut pool = Pool::new(threads);
            for count in [0, 1, 2, 7, 1000] {
                let mut seen = vec![0_u32; count];
                pool.for_each_mut(&mut seen, |i, seen| *seen += i as u32 + 1);
                assert!(
                    seen.iter().enumerate().all(|(i, &n)| n == i as u32 + 1),
                    "{threads} threads"
                );
            }
        }
    }

    #[test]
    fn a_panic_arrives_at_the_caller_and_the_pool_goes_on() {
        let mut pool = Pool::new(3);
        for bad in [0, 5, 99] {
            let run = catch_unwind(AssertUnwindSafe(|| {
                pool.run(100, &|i| assert_ne!(i, bad));
            }));
            assert!(run.is_err());
            let sum = AtomicUsize::new(0);
            pool.run(10, &|i| {
                sum.fetch_add(i, Relaxed);
            });
            assert_eq!(sum.into_inner(), 45);
        }
    }
}
