//! What the chapter measures, an experiment a file.

mod bias;
mod boosting;
mod boundaries;
mod conventions;
mod dimension;
mod forest;
mod growth;
mod ladder;
mod lamp;
mod paragraph;
mod peers;
mod seen;
mod sizes;
mod tree;
mod waves;

pub use bias::bias;
pub use boosting::boosting;
pub use boundaries::{SIDE as PLANE, boundaries};
pub use conventions::conventions;
pub use dimension::dimension;
pub use forest::forest;
pub use growth::{AXES, MIDDLE, WORKERS, growth};
pub use ladder::ladder;
pub use lamp::lamp;
pub use paragraph::paragraph;
pub use peers::{PEERS, peers};
pub use seen::{SHOWN, seen};
pub use sizes::{SIZES, sizes};
pub use tree::tree;
pub use waves::waves;

use learning::{FashionMnist, Labelled};
use ndarray::{ArrayView2, ShapeError};
use notebook::{Chapter, Experiment};

use crate::model::{Classifier, Fit, FitError, Inputs};
use crate::text;
use crate::trees::{DecisionTree, RandomForest};
use crate::{LinearSvm, Method, NaiveBayes, Neighbours, RandomFeatures, Softmax};

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
    let chapter = on_garments
        .map(|experiment| experiment.reads(FashionMnist::paths()))
        .into_iter()
        .fold(chapter, Chapter::experiment)
        .experiment(new("waves", "How near waves come to the kernel", waves).seed(38))
        .experiment(new("growth", "How seconds grow", growth).seed(39))
        .experiment(
            new("peers", "What others take for the same", peers)
                .seed(40)
                .reads(FashionMnist::paths().into_iter().chain([PEERS.to_owned()])),
        );
    trees(chapter)
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
    softmax: Softmax { c: 100.0, iterations: 60, tolerance: 1e-4 },
};

/// A linear machine that ends after fifty passes.
pub(crate) const MACHINE: LinearSvm =
    LinearSvm { c: 0.1, method: Method::Dual, passes: 50, tolerance: 1e-2, constant: 1.0, seed: 3 };

/// The models, from the simplest idea on.
pub const CONTENDERS: [Contender; 7] = [
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
    Contender {
        key: "tree",
        name: "decision tree",
        fit: |x, y| Ok(Box::new(DecisionTree::default().fit(x, y)?)),
    },
    Contender {
        key: "forest",
        name: "random forest",
        fit: |x, y| Ok(Box::new(RandomForest::default().fit(x, y)?)),
    },
    Contender { key: "waves", name: "random waves", fit: |x, y| Ok(Box::new(WAVES.fit(x, y)?)) },
];

/// Trees, and the second kind of data.
fn trees(chapter: Chapter) -> Chapter {
    let experiments = [
        Experiment::new("tree", "Questions about garments", tree).seed(41),
        Experiment::new("forest", "What a hundred trees know together", forest).seed(42),
        Experiment::new("bias", "Bias and variance of a tree and a forest", bias).seed(45),
        Experiment::new("boosting", "Trees that correct each other", boosting).seed(43),
    ];
    let experiments = experiments.into_iter().map(|one| one.reads(FashionMnist::paths()));
    let paragraph = Experiment::new("paragraph", "Who wrote this paragraph?", paragraph).seed(44);
    let all = experiments.chain([paragraph.reads([text::FILE])]);
    all.fold(chapter, Chapter::experiment)
}

/// Garments as rows of bytes, `(n, 784)`.
fn pixels(garments: &Labelled) -> Result<ArrayView2<'_, u8>, ShapeError> {
    let (n, h, w) = garments.images.dim();
    garments.images.view().into_shape_with_order((n, h * w))
}
