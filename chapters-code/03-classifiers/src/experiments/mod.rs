//! What the chapter measures, an experiment a file.

mod boundaries;
mod conventions;
mod dimension;
mod ladder;
mod lamp;
mod peers;
mod seen;
mod sizes;
mod waves;

pub use boundaries::{SIDE as PLANE, boundaries};
pub use conventions::conventions;
pub use dimension::dimension;
pub use ladder::ladder;
pub use lamp::lamp;
pub use peers::{PEERS, peers};
pub use seen::{SHOWN, seen};
pub use sizes::sizes;
pub use waves::waves;

use learning::FashionMnist;
use notebook::{Chapter, Experiment};

use crate::model::{Classifier, Fit, FitError, Inputs};
use crate::{LinearSvm, NaiveBayes, Neighbours, RandomFeatures, Softmax};

/// Adds every experiment of the chapter with its seed and its data.
pub fn add(chapter: Chapter) -> Chapter {
    let new = Experiment::new;
    let on_garments = [
        new("ladder", "Models and inputs", ladder).seed(31),
        new("lamp", "The table's best under the lamp", lamp).seed(32),
        new("boundaries", "Who says shirt where", boundaries).seed(33),
        new("dimension", "How far is the nearest?", dimension).seed(34),
        new("sizes", "What more garments buy", sizes).seed(35),
        new("conventions", "Where two programs disagree", conventions).seed(36),
        new("seen", "What the models see", seen).seed(37),
    ];
    on_garments
        .map(|experiment| experiment.reads(FashionMnist::paths()))
        .into_iter()
        .fold(chapter, Chapter::experiment)
        .experiment(new("waves", "How near waves come to the kernel", waves).seed(38))
        .experiment(new("peers", "What others take for the same", peers).reads([PEERS]))
}

type Fitted = Result<Box<dyn Classifier>, FitError>;

/// A model of the chapter, with the settings that its experiments use.
pub struct Contender {
    /// In keys of results.
    pub key: &'static str,
    /// In tables.
    pub name: &'static str,
    /// Fits it.
    pub fit: fn(Inputs<'_>, &[u8]) -> Fitted,
}

/// Softmax regression to random waves: they have length 1, so the samples need to weigh more.
pub(crate) const WAVES: RandomFeatures = RandomFeatures {
    features: 4096,
    gamma: None,
    seed: 3,
    softmax: Softmax { c: 100.0, iterations: 100, tolerance: 1e-4 },
};

/// A linear machine that ends after fifty passes.
pub(crate) const MACHINE: LinearSvm =
    LinearSvm { c: 0.1, passes: 50, tolerance: 1e-2, constant: 1.0, seed: 3 };

/// The models, from the simplest idea on.
pub const CONTENDERS: [Contender; 5] = [
    Contender {
        key: "bayes",
        name: "naive Bayes",
        fit: |x, y| Ok(Box::new(NaiveBayes::default().fit(x, y)?)),
    },
    Contender {
        key: "neighbours",
        name: "five neighbours",
        fit: |x, y| Ok(Box::new(Neighbours::default().fit(x, y)?)),
    },
    Contender {
        key: "softmax",
        name: "softmax regression",
        fit: |x, y| Ok(Box::new(Softmax::default().fit(x, y)?)),
    },
    Contender { key: "svm", name: "linear SVM", fit: |x, y| Ok(Box::new(MACHINE.fit(x, y)?)) },
    Contender { key: "waves", name: "random waves", fit: |x, y| Ok(Box::new(WAVES.fit(x, y)?)) },
];
