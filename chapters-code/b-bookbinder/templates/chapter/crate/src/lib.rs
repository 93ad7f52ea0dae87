//! Chapter @number@, *@name@*: @title@
//!
//! What the chapter implements, and where the ideas come from.

pub mod experiments;
pub mod figures;
mod share;

pub use share::{half_width, share};

use notebook::{Chapter, Experiment};

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "@title@";
    Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title)
        .experiment(Experiment::new("throws", "The share of heads", experiments::throws).seed(1))
        .figure("throws", figures::throws)
        .bench("share")
}
