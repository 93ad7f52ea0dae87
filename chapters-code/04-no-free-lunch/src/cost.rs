//! What a pipeline costs, counted: operations and bytes, of training and of one decision.
//!
//! An operation is a multiplication with its addition, or a comparison, or one value of a function such as a root or a
//! cosine. What is counted is the definition, as the chapters write it plainly; the fast versions do less of it. Work
//! whose amount is in the samples is counted from what was fitted: iterations, passes, and the nodes of trees.

use classifiers::trees::{Node, Tree};
use classifiers::{Classifier as _, Inputs, Model};
use features::Extractor as _;
use ndarray::ArrayView2;

use crate::pipelines::{Extractor, Settings};

/// Watts of a machine with two busy cores, from a small board to a share of a server: assumed, not measured.
pub const WATTS: [f64; 2] = [10.0, 65.0];

/// The energy that `seconds` take, at the least and at the most of [`WATTS`].
pub fn joules(seconds: f64) -> [f64; 2] {
    WATTS.map(|watts| watts * seconds)
}

/// Operations that describe a picture of `side × side` pixels.
///
/// For each pixel: HOG takes two differences, two squares, a root, an angle, a bin and a vote; a local binary pattern
/// has eight comparisons, and four neighbours between pixels of four products each; pairs are counted in four
/// directions, at two operations; a colour falls into a box by three; ten moments take one product each with the power
/// that came before. A block of HOG is divided by its length twice, at three operations for each number.
pub fn to_describe(extractor: Extractor, side: usize) -> usize {
    let pixels = side * side;
    match extractor {
        Extractor::Hog(hog) => 8 * pixels + 6 * hog.length(side, side).unwrap_or(0),
        Extractor::Lbp(_) => 24 * pixels,
        Extractor::Glcm(_) => 8 * pixels + 5 * 4 * 256,
        Extractor::ColourHistogram(_) => 4 * pixels,
        Extractor::Hu(_) => 10 * pixels,
        // Pixels as they are. Counts of letters are no pictures.
        _ => 0,
    }
}

/// Operations that one decision takes after the features are there: the mean over samples `x`, `(n, d)`.
pub fn to_decide(model: &Model, x: ArrayView2<'_, f32>) -> f64 {
    let (k, d) = (model.classifier().classes(), model.classifier().features());
    match model {
        // A difference, a square, a division.
        Model::NaiveBayes(_) => (3 * k * d) as f64,
        Model::Neighbours(model) => (model.memory().samples() * d) as f64,
        Model::Softmax(_) | Model::LinearSvm(_) => (k * (d + 1)) as f64,
        Model::RandomFeatures(model) => {
            let waves = model.projection.phases.len();
            (waves * (d + 1) + k * (waves + 1)) as f64
        }
        Model::Tree(model) => questions(std::slice::from_ref(model.tree()), x),
        Model::Forest(model) => questions(model.trees(), x) + (k * model.trees().len()) as f64,
        Model::Boosting(model) => {
            model.rounds().iter().map(|trees| questions(trees, x) + k as f64).sum()
        }
    }
}

/// Questions that all trees ask about a sample, in the mean.
fn questions(trees: &[Tree], x: ArrayView2<'_, f32>) -> f64 {
    let asked = |row: ndarray::ArrayView1<'_, f32>, tree: &Tree| {
        let (mut place, mut asked) = (0, 0);
        while !tree.nodes()[place].is_leaf() {
            let node: &Node = &tree.nodes()[place];
            let right = row[node.feature as usize] > node.threshold;
            place = node.left as usize + usize::from(right);
            asked += 1;
        }
        asked
    };
    let all: usize = x
        .rows()
        .into_iter()
        .map(|row| trees.iter().map(|tree| asked(row, tree)).sum::<usize>())
        .sum();
    all as f64 / x.nrows().max(1) as f64
}

/// Operations of the fit to `n` samples, the features being there.
pub fn to_fit(settings: &Settings, model: &Model, n: usize) -> f64 {
    let (k, d) = (model.classifier().classes() as f64, model.classifier().features() as f64);
    let n = n as f64;
    // Scores and gradients of every evaluation.
    let linear = |softmax: &classifiers::SoftmaxModel, d: f64| {
        softmax.ended.map_or(0.0, |ended| 2.0 * ended.evaluations as f64 * n * k * (d + 1.0))
    };
    match (settings, model) {
        // Means, then a difference and a square.
        (_, Model::NaiveBayes(_)) => 3.0 * n * d,
        (_, Model::Neighbours(_)) => 0.0,
        (_, Model::Softmax(model)) => linear(model, d),
        (_, Model::LinearSvm(model)) => {
            // A slope, and a step where it is not zero: at most two products with a sample.
            model.passes.iter().map(|passes| 2.0 * *passes as f64 * n * (d + 1.0)).sum()
        }
        (_, Model::RandomFeatures(model)) => {
            let waves = model.projection.phases.len() as f64;
            n * waves * (d + 1.0) + linear(&model.softmax, waves)
        }
        (Settings::Forest(settings), Model::Forest(model)) => {
            let tried = match settings.tried {
                classifiers::trees::Tried::SquareRoot => d.sqrt().floor(),
                classifiers::trees::Tried::Some(some) => some as f64,
                classifiers::trees::Tried::All => d,
            };
            model.trees().iter().map(|tree| counted(tree, tried)).sum()
        }
        (_, Model::Tree(model)) => counted(model.tree(), d),
        (_, Model::Forest(model)) => model.trees().iter().map(|tree| counted(tree, d)).sum(),
        (_, Model::Boosting(model)) => {
            // Weights of these nodes are second derivatives; each level sees every sample at most once.
            let depth = |tree: &Tree| tree.depth() as f64 * n * d;
            model.rounds().iter().flatten().map(depth).sum()
        }
    }
}

/// Samples times features that the histograms of all inner nodes count.
fn counted(tree: &Tree, tried: f64) -> f64 {
    let inner = tree.nodes().iter().filter(|node| !node.is_leaf());
    inner.map(|node| f64::from(node.weight) * tried).sum()
}

/// Bytes that a decision needs in memory: what was learned, without what the code itself takes.
pub fn bytes(model: &Model) -> usize {
    let tree = |tree: &Tree| size_of_val(tree.nodes()) + 4 * tree.values().len();
    match model {
        Model::NaiveBayes(m) => 8 * (m.shares.len() + m.means.len() + m.variances.len()),
        Model::Neighbours(m) => {
            let memory = m.memory();
            let number = if matches!(memory, Inputs::Bytes(_)) { 1 } else { 4 };
            memory.samples() * (number * memory.features() + 1)
        }
        Model::Softmax(m) => 4 * (m.weights.len() + m.intercepts.len()),
        Model::LinearSvm(m) => 4 * (m.weights.len() + m.intercepts.len()),
        Model::RandomFeatures(m) => {
            let softmax = m.softmax.weights.len() + m.softmax.intercepts.len();
            4 * (softmax + m.projection.frequencies.len() + m.projection.phases.len())
        }
        Model::Tree(m) => tree(m.tree()),
        Model::Forest(m) => m.trees().iter().map(tree).sum(),
        Model::Boosting(m) => {
            8 * m.classes() + m.rounds().iter().flatten().map(tree).sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use classifiers::Inputs;
    use ndarray::Array2;

    fn fitted() -> (Array2<f32>, Vec<(Settings, Model)>) {
        let x =
            Array2::from_shape_fn((40, 3), |(i, j)| ((i * (j + 3)) % 11) as f32 + (i / 20) as f32);
        let y: Vec<u8> = (0..40).map(|i| (i / 20) as u8).collect();
        let fit = |s: Settings| (s, s.fit(Inputs::Reals(x.view()), &y).unwrap());
        let all = Settings::each().map(fit).into_iter().collect();
        (x, all)
    }

    #[test]
    fn counts_by_hand() {
        let (x, all) = fitted();
        let decide = |i: usize| to_decide(&all[i].1, x.view());
        // Two classes, three features, forty samples.
        assert_eq!(decide(0), 18.0);
        assert_eq!(decide(1), 120.0);
        assert_eq!(decide(2), 8.0);
        assert_eq!(decide(4), (512 * 4 + 2 * 513) as f64);
        assert_eq!(bytes(&all[2].1), 32);
        assert_eq!(bytes(&all[0].1), 8 * (2 + 6 + 6));
        assert_eq!(bytes(&all[1].1), 40 * 13);
        assert_eq!(to_fit(&all[1].0, &all[1].1, 40), 0.0);
        assert_eq!(to_fit(&all[0].0, &all[0].1, 40), 360.0);
    }

    #[test]
    fn a_tree_is_asked_and_grown_as_its_nodes_say() {
        let (x, all) = fitted();
        let Model::Tree(tree) = &all[5].1 else { panic!("the sixth is a tree") };
        let steps: usize = x.rows().into_iter().map(|row| tree.path(row).len()).sum();
        assert_eq!(to_decide(&all[5].1, x.view()), steps as f64 / 40.0);
        // Each question was put to the samples that came to it, about each of three features.
        assert_eq!(to_fit(&all[5].0, &all[5].1, 40), 3.0 * steps as f64);
    }

    #[test]
    fn energy_is_a_range() {
        assert_eq!(joules(2.0), [20.0, 130.0]);
    }

    #[test]
    fn finer_gradients_cost_more_and_pixels_nothing() {
        let hog = |cell| {
            let hog = features::Hog::new(9, (cell, cell), (2, 2)).unwrap();
            to_describe(Extractor::Hog(hog), 28)
        };
        assert!(hog(4) > hog(7));
        assert_eq!(to_describe(Extractor::Pixels, 28), 0);
    }
}
