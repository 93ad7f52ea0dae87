//! What mdBook cannot make sense of it tells as a warning, and goes on: tags that are not closed, notes that
//! nobody refers to. What it warns of comes out broken, so here each is a fault: they are counted as
//! they are told.

use std::sync::atomic::{AtomicUsize, Ordering};

use notebook::cli::plural;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

static TOLD: AtomicUsize = AtomicUsize::new(0);

/// Counts what mdBook warns of.
#[derive(Debug, Clone, Copy)]
pub struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        if *about.level() <= Level::WARN && about.target().starts_with("mdbook") {
            TOLD.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What to say of the warnings since this was last asked; nothing where there were none.
pub fn told() -> Option<String> {
    match TOLD.swap(0, Ordering::Relaxed) {
        0 => None,
        count => {
            let warnings = plural(count, "warning");
            Some(format!("{warnings} of mdBook above; what it warns of comes out broken: mend it"))
        }
    }
}
