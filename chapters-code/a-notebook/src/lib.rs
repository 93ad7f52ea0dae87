//! Appendix A: how numbers and figures get into the book.
//!
//! A chapter registers *experiments* and *figures* with a [`Chapter`]. An experiment writes values,
//! series, tables and claims into a [`Recorder`]; the run leaves one JSON file ([`Results`]) with
//! its provenance. A figure is a pure function from recorded results to an SVG ([`Figure`]), which
//! the run leaves beside them ([`Drawing`]), with a list of all there is ([`Contents`]). The
//! bookbinder reads these files and compiles no chapter. [`staleness`] decides whether a result or
//! a drawing still follows from the code that made it.

pub mod chapter;
pub mod cli;
pub mod contents;
pub mod drawing;
pub mod escape;
pub mod estimate;
pub mod experiments;
pub mod fault;
pub mod figure;
pub mod figures;
pub mod format;
pub mod freshness;
pub mod ladder;
pub mod progress;
pub mod provenance;
pub mod recorder;
pub mod results;
pub mod run;
pub mod scalar;
pub mod staleness;
pub mod store;
pub mod stream;
pub mod terminal;
pub mod testing;
pub mod timings;
pub mod workspace;

pub use chapter::{Chapter, Context, Experiment, Recorded};
pub use contents::{Contents, Listed, TIMINGS};
pub use drawing::Drawing;
pub use estimate::Estimate;
pub use figure::Figure;
pub use format::{Format, FormatError};
pub use freshness::Freshness;
pub use recorder::{Recorder, Rng};
pub use results::{Claim, Missing, Results, Series, Table};
pub use scalar::{Scalar, Value};
pub use stream::{Stream, stream};
pub use workspace::{Data, Workspace};

/// What this crate offers as a chapter: the appendix's own experiment and figure.
// ANCHOR: chapter
pub fn chapter() -> Chapter {
    Chapter::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_MANIFEST_DIR"),
        "How numbers and figures get into the book",
    )
    .experiment(Experiment::new("dice", "The mean of many dice", experiments::dice).seed(6))
    .figure("dice", figures::dice)
    .figure("product", figures::product)
}
// ANCHOR_END: chapter

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        crate::testing::assert_drawn(&crate::chapter());
    }
}
