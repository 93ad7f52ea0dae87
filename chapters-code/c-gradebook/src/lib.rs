//! Appendix C: how exercises are assigned, solved and graded.
//!
//! An exercise is one file, `chapters-code/NN-name/exercises/NAME.rs`, and everything comes from it. [`exercise`] reads it
//! and [`pieces`] cuts it up. [`program`] makes programs of the pieces: the *judge*, which knows cases and expected outputs
//! ([`judge`], written with [`cases`] and [`compare`]), and the *worker*, which runs an answer and knows neither. [`converse`]
//! hands inputs to a worker and takes outputs back; [`examine`] lets the judge compare them and marks the answer.
//!
//! On that stand the three uses: [`mod@prove`] shows that an exercise holds together, [`workbook`] is the student's own
//! loop, and [`mod@assign`], [`handin`], [`roster`], [`rules`], [`sandbox`], [`limits`], [`filter`], [`turns`], [`mod@grade`],
//! [`panics`], [`report`], [`imports`] and [`likeness`] are the instructor's.

pub mod assign;
pub mod bounded;
pub mod cases;
pub mod cli;
pub mod compare;
pub mod converse;
pub mod examine;
pub mod exercise;
pub mod experiments;
pub mod fault;
pub mod filter;
pub mod front_matter;
pub mod grade;
pub mod handin;
mod hash;
pub mod imports;
pub mod judge;
pub mod kit;
pub mod library;
pub mod likeness;
pub mod limits;
pub mod machine;
pub mod memory;
pub mod panics;
pub mod pieces;
pub mod program;
pub mod prove;
pub mod report;
pub mod room;
pub mod roster;
pub mod rules;
pub mod sandbox;
pub mod table;
pub mod turns;
pub mod watch;
pub mod workbook;

use notebook::{Chapter, Experiment};

/// What this crate offers as a chapter.
pub fn chapter() -> Chapter {
    let title = "How exercises are assigned and graded";
    let asks = "How long does it take to grade a class?";
    Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title)
        .experiment(Experiment::new("classes", asks, experiments::classes))
        .bench("gradebook")
}
