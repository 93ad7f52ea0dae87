//! The chapter's regularisers together: a list of them as a reader writes it,
//! `dropout=0.3,decay=0.5`.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// By which number on garments kept aside a training is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The share of garments that are taken for another class.
    Error,
    /// The mean of minus the logarithm of the true class's probability.
    Loss,
}

/// When a training is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// By which number.
    pub by: By,
    /// Epochs without a smaller one.
    pub patience: u64,
}

// ANCHOR: regularisers
/// What is done against learning by heart; by default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Regularisers {
    /// Weight decay `λ` of matrices, beside the rule; biases do not decay.
    pub decay: f64,
    /// The share of units that are dropped behind each hidden layer.
    pub dropout: f64,
    /// The share `ε` of the target that goes to all classes.
    pub smoothing: f64,
    /// By how many pixels garments are shifted, at most, and mirrored.
    pub shift: Option<usize>,
    /// `α` of mixup.
    pub mixing: f64,
    /// When training stops.
    pub stop: Option<Stop>,
    /// How much of the average of the weights stays from step to step; with 1
    /// it is the plain mean over the second half of the steps.
    pub average: Option<f64>,
    /// Whether the rate falls along a cosine, instead of being constant.
    pub falling: bool,
}
// ANCHOR_END: regularisers

impl FromStr for Regularisers {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (mut all, mut seen) = (Regularisers::default(), Vec::new());
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (name, number) = entry.split_once('=').unwrap_or((entry, ""));
            // Two ways to stop are one regulariser.
            let of = if name.starts_with("stop-") { "stop" } else { name };
            if seen.contains(&of) {
                return Err(Error::Twice { name: of.into() });
            }
            seen.push(of);
            all.set(entry, name, number)?;
        }
        Ok(all)
    }
}

impl Regularisers {
    /// Sets one of them.
    fn set(&mut self, entry: &str, name: &str, number: &str) -> Result<(), Error> {
        let stop = |by| Ok(Some(Stop { by, patience: whole(name, number, 1)? }));
        match name {
            "decay" => self.decay = share(name, number, 100.0, "a number from 0 to 100")?,
            "dropout" => {
                self.dropout = share(name, number, 0.99, "a share from 0 to 0.99")?;
            }
            "smoothing" => self.smoothing = share(name, number, 1.0, "a share from 0 to 1")?,
            "mixing" => self.mixing = share(name, number, 100.0, "a number from 0 to 100")?,
            "average" => self.average = Some(share(name, number, 1.0, "a share from 0 to 1")?),
            "shift" => self.shift = Some(whole(name, number, 0)? as usize),
            "stop-error" => self.stop = stop(By::Error)?,
            "stop-loss" => self.stop = stop(By::Loss)?,
            "falling" if number.is_empty() && entry == name => self.falling = true,
            _ => return Err(Error::Entry { entry: entry.into() }),
        }
        Ok(())
    }
}

/// A number from 0 to `most`.
fn share(name: &str, number: &str, most: f64, range: &'static str) -> Result<f64, Error> {
    let found = number.parse().ok().filter(|found| (0.0..=most).contains(found));
    found.ok_or_else(|| Error::Number { name: name.into(), number: number.into(), range })
}

/// A whole number from `least` to 28, the side of a garment, or of epochs.
fn whole(name: &str, number: &str, least: u64) -> Result<u64, Error> {
    let range = if least == 0 {
        "a whole number from 0 to 28"
    } else {
        "a whole number of epochs, 1 to 10000"
    };
    let most = if least == 0 { 28 } else { 10_000 };
    let found = number.parse().ok().filter(|found| (least..=most).contains(found));
    found.ok_or_else(|| Error::Number { name: name.into(), number: number.into(), range })
}

impl fmt::Display for Regularisers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = |name: &str, number: f64| (number > 0.0).then(|| format!("{name}={number}"));
        let stop = self.stop.map(|Stop { by, patience }| match by {
            By::Error => format!("stop-error={patience}"),
            By::Loss => format!("stop-loss={patience}"),
        });
        let all = [
            given("decay", self.decay),
            given("dropout", self.dropout),
            given("smoothing", self.smoothing),
            self.shift.map(|shift| format!("shift={shift}")),
            given("mixing", self.mixing),
            stop,
            self.average.map(|keep| format!("average={keep}")),
            self.falling.then(|| "falling".to_owned()),
        ];
        let all: Vec<String> = all.into_iter().flatten().collect();
        f.write_str(if all.is_empty() { "nothing" } else { "" })?;
        f.write_str(&all.join(","))
    }
}
