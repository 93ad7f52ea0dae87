//! A progress bar for a person who waits: on a terminal only, and only after two seconds.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long a person waits without a bar.
const PATIENCE: Duration = Duration::from_secs(2);

/// A bar that appears when the wait gets long. Vanishes when dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    shown: std::cell::Cell<bool>,
}

impl Progress {
    /// A bar of `total` steps; `what` says what a step is.
    pub fn new(total: u64, what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template(
            "  {msg} {wide_bar:.cyan/dim} {pos}/{len} {per_sec}, {eta} left",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what.to_owned());
        Progress { bar, started: Instant::now(), shown: false.into() }
    }

    /// `steps` more are done.
    pub fn advance(&self, steps: u64) {
        let due = !self.shown.get() && self.started.elapsed() > PATIENCE;
        if due && std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.shown.set(true);
        }
        self.bar.inc(steps);
    }

    /// Passes the items of an iterator on, a step an item.
    pub fn over<'a, T>(
        &'a self,
        items: impl IntoIterator<Item = T> + 'a,
    ) -> impl Iterator<Item = T> + 'a {
        items.into_iter().inspect(|_| self.advance(1))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
