//! Taking turns: beside other answers first, and alone where that gave nothing.

use std::sync::{PoisonError, RwLock};

use anyhow::Context as _;

/// In which company something is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Beside other answers, which may take the processors and the memory that it needs.
    Beside,
    /// Alone.
    Alone,
}

/// Held by all that are tried beside each other, or by one that is tried alone.
#[derive(Debug, Default)]
pub struct Turns(RwLock<()>);

impl Turns {
    /// Tries something beside others, and where that gives nothing, once more alone: what takes too long or ends on a
    /// busy machine may be the neighbours' fault.
    ///
    /// # Errors
    /// Those of `attempt`, and where it gives nothing alone.
    // ANCHOR: turns
    pub fn take<T>(
        &self,
        attempt: impl Fn(Turn) -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        {
            let _beside = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = attempt(Turn::Beside)? {
                return Ok(found);
            }
        }
        let _alone = self.0.write().unwrap_or_else(PoisonError::into_inner);
        attempt(Turn::Alone)?.context("an attempt that was alone came to no end")
    }
    // ANCHOR_END: turns
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    use super::*;

    #[test]
    fn what_succeeds_beside_others_is_not_tried_again() {
        let tries = AtomicUsize::new(0);
        let attempt = |turn| {
            tries.fetch_add(1, SeqCst);
            Ok(Some(turn))
        };
        assert_eq!(Turns::default().take(attempt).unwrap(), Turn::Beside);
        assert_eq!(tries.into_inner(), 1);
    }

    #[test]
    fn whoever_is_alone_is_alone() {
        let (turns, inside) = (Turns::default(), AtomicUsize::new(0));
        let attempt = |turn| {
            let others = inside.fetch_add(1, SeqCst);
            for _ in 0..100 {
                thread::yield_now();
            }
            let now = inside.fetch_sub(1, SeqCst);
            Ok((turn == Turn::Alone).then_some(others + now))
        };
        thread::scope(|scope| {
            let threads =
                (0..4).map(|_| scope.spawn(|| (0..50).all(|_| turns.take(attempt).unwrap() == 1)));
            let threads: Vec<_> = threads.collect();
            assert!(threads.into_iter().all(|t| t.join().unwrap()));
        });
    }

    #[test]
    fn an_error_is_not_tried_again() {
        let attempt = |turn| -> anyhow::Result<Option<()>> { anyhow::bail!("{turn:?}") };
        assert_eq!(Turns::default().take(attempt).unwrap_err().to_string(), "Beside");
    }
}
