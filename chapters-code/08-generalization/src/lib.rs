//! Chapter 8, *Generalization*: why does it not just memorise?
//!
//! | module | what |
//! | --- | --- |
//! | [`corruption`] | data with less and less to learn in them |
//! | [`decay`] | weight decay in its two forms, by group |
//! | [`dropout`] | some numbers become nought in training |
//! | [`smoothing`] | a loss whose target is never quite sure |
//! | [`mixing`] | samples that are partly one garment and partly another |
//! | [`stopping`] | training ends when it no longer helps |
//! | [`averages`] | the mean of the weights over the steps |
//! | [`ensemble`] | several networks that are asked together |
//! | [`regularisers`] | all of them as a reader writes them |
//! | [`fit`] | the one way to train with any of them |
//! | [`speed`] | what a training costs |
//! | [`cholesky`], [`ridge`] | least squares of least norm, and with a ridge |
//! | [`descent`] | random waves of garments, fitted by those |
//! | [`mnist1d`], [`signals_network`] | short signals in ten classes, and what learns them |
//! | [`grokking`], [`spectrum`] | sums modulo a prime, and the waves in weights |
//! | [`margins`] | what weights and outputs might tell of a test error |

pub mod averages;
pub mod cholesky;
pub mod commands;
pub mod corruption;
pub mod decay;
pub mod descent;
mod descent_command;
pub mod dropout;
pub mod ensemble;
mod error;
pub mod experiments;
pub mod figures;
pub mod fit;
pub mod formulas;
pub mod grokking;
pub mod margins;
pub mod mixing;
pub mod mnist1d;
pub mod regularisers;
pub mod ridge;
pub mod signals_network;
pub mod smoothing;
pub mod spectrum;
pub mod speed;
pub mod stopping;

pub use error::Error;

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "Why does it not just memorise?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    descent_command::add(commands::add(speed::add(figures::add(experiments::add(chapter)))))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
