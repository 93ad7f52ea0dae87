//! Trees: one, a forest of them, and a row of them that correct each other.
//!
//! [`PlainTree`] sorts; it is what the others are held to. [`DecisionTree`], [`RandomForest`] and
//! [`GradientBoosting`] share one mechanism: features as bytes ([`Bins`]), a [`Histogram`] of what the
//! samples add up to for each byte, and a grower that splits where the histogram says. On pixels, which are
//! bytes, a histogram loses nothing; real features with more than 256 values are cut at quantiles. Thresholds
//! are kept in the trees as numbers of the feature, so a fitted model needs no bins.
//!
//! # Conventions
//!
//! | question | answer in this book |
//! | --- | --- |
//! | Which side? | `x <= threshold` goes left; the threshold is `a / 2 + b / 2`, as in scikit-learn. |
//! | Equal splits? | The first feature, then the first cut; in a forest the feature drawn first. |
//! | A split that gains nothing? | Is made, as in scikit-learn, as long as the node is not pure. Boosting makes none. |
//! | Answers of a forest? | The mean of the trees' probabilities, as in scikit-learn; Breiman's votes. |
//! | Equal probabilities? | The smallest label. |
//! | Chance? | Tree `i` of a forest draws from a stream of its own; the same bits for any number of threads. |

mod bins;
mod boosting;
mod decision;
mod forest;
mod grow;
mod histogram;
mod plain;
mod statistic;
mod tree;

pub use bins::Bins;
pub use boosting::{FittedBoosting, GradientBoosting};
pub use decision::{DecisionTree, FittedTree, Stop};
pub use forest::{FittedForest, RandomForest, Tried};
pub use histogram::{BINS, Cut, Histogram, Rule};
pub use plain::PlainTree;
pub use statistic::{Counts, Drawn, Moments, Statistic};
pub use tree::{Node, Step, Tree};

use crate::model::FitError;

/// That a setting is not too small.
fn at_least(setting: &'static str, value: usize, least: usize) -> Result<(), FitError> {
    let fix = if least == 1 { "give 1 or more" } else { "give 2 or more" };
    let value_given = value.to_string();
    if value >= least {
        Ok(())
    } else {
        Err(FitError::Setting { setting, value: value_given, fix })
    }
}
