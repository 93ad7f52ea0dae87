//! Every target on a few bits, every training set of a size, and learners on all of them.
//!
//! A [`Cube`] has the inputs of `n` bits, at most four. A *target* says 0 or 1 of each input. A [`Lesson`] is a training
//! set: some inputs with the labels that the target gives them. A [`Learner`] turns a lesson into an answer to every
//! input. [`count`] goes through every lesson and every target that agrees with it, and counts what is right where
//! nothing was taught: the theorem of Wolpert (1996), with whole numbers. [`prior`] weighs the targets unequally.
//!
//! # Conventions
//!
//! | question | answer in this chapter |
//! | --- | --- |
//! | An input? | A number from 0 to 2ⁿ − 1; its binary digits are the bits, x₁ the first digit. |
//! | A set of inputs, a target? | A [`Table`], bit `i` for input `i`. |
//! | Off the training set? | The inputs that are not in the set, each once, all weighing the same. |
//! | Ties? | Each learner says; see [`learners`]. Nothing is drawn at random. |

pub mod count;
mod cube;
pub mod learners;
pub mod prior;
mod share;

pub use count::{Tally, count};
pub use cube::{Cube, Table, WorldError, subsets};
pub use learners::{Learner, Lesson};
pub use prior::{Family, Tilted, tilt};
pub use share::Share;
