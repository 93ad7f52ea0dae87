//! A fitted tree: questions in its inner nodes, answers in its leaves.

use ndarray::ArrayView1;

use crate::model::Inputs;

/// A question, or a leaf.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// The feature that is asked about; unused in a leaf.
    pub feature: u32,
    /// `x <= threshold` goes left.
    pub threshold: f32,
    /// The place of the left node; the right one stands behind it. In a leaf it is 0.
    pub left: u32,
    /// The place of a leaf's values; unused in an inner node.
    pub leaf: u32,
    /// The weight of the samples that came here in the fit.
    pub weight: f32,
    /// By how much the score grew when it was split: `n` times the impurity before, minus that after.
    pub gain: f32,
}

impl Node {
    /// Whether it is a leaf: the root, at 0, is nobody's left node.
    #[inline(always)]
    pub fn is_leaf(&self) -> bool {
        self.left == 0
    }
}

/// One question on the way of a sample through a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The feature that was asked about.
    pub feature: usize,
    /// What it was compared with.
    pub threshold: f32,
    /// What the sample has.
    pub value: f32,
    /// The samples of the fit that came to this question.
    pub samples: f32,
    /// The mean of the leaves below it, weighted by their samples: class probabilities.
    pub values: Vec<f32>,
}

impl Step {
    /// Whether the sample went left.
    pub fn left(&self) -> bool {
        self.value <= self.threshold
    }
}

/// Nodes, the root first, and `width` values for each leaf.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) values: Vec<f32>,
    pub(super) width: usize,
}

impl Tree {
    /// A tree of these nodes, the root first, and `width` values for each leaf.
    ///
    /// # Errors
    /// A message where they are not a tree: every node but the root must be somebody's child, behind its parent.
    pub fn from_parts(nodes: Vec<Node>, values: Vec<f32>, width: usize) -> Result<Tree, String> {
        let broken = || "has nodes that are not a tree".to_owned();
        let leaves = nodes.iter().filter(|node| node.is_leaf()).count();
        if width == 0 || nodes.len() + 1 != 2 * leaves || values.len() != leaves * width {
            return Err(broken());
        }
        let mut parents = vec![0; nodes.len()];
        for (place, node) in nodes.iter().enumerate() {
            let (left, leaf) = (node.left as usize, node.leaf as usize);
            let fits =
                if node.is_leaf() { leaf < leaves } else { left > place && left + 1 < nodes.len() };
            if !fits || !node.threshold.is_finite() {
                return Err(broken());
            }
            if !node.is_leaf() {
                parents[left] += 1;
                parents[left + 1] += 1;
            }
        }
        if parents[1..].iter().any(|parents| *parents != 1) {
            return Err(broken());
        }
        Ok(Tree { nodes, values, width })
    }

    /// That it asks about features below `features` only.
    pub(super) fn asks_below(&self, features: usize) -> Result<(), String> {
        let asks = self.nodes.iter().filter(|node| !node.is_leaf());
        match asks.map(|node| node.feature as usize).find(|feature| *feature >= features) {
            Some(feature) => Err(format!("asks about feature {feature} of {features}")),
            None => Ok(()),
        }
    }

    /// The values of all leaves.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Its nodes, the root first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The number of its leaves.
    pub fn leaves(&self) -> usize {
        self.nodes.len().div_ceil(2)
    }

    /// The most questions that it asks of a sample.
    pub fn depth(&self) -> usize {
        let mut depth = vec![0; self.nodes.len()];
        for (place, node) in self.nodes.iter().enumerate().filter(|(_, node)| !node.is_leaf()) {
            for child in [node.left, node.left + 1] {
                depth[child as usize] = depth[place] + 1;
            }
        }
        depth.into_iter().max().unwrap_or(0)
    }

    /// The leaf that a sample comes to, which `value(feature)` describes. Time `O(depth)`.
    // ANCHOR: leaf
    #[inline(always)]
    pub fn leaf(&self, value: impl Fn(usize) -> f32) -> &Node {
        let mut node = &self.nodes[0];
        while !node.is_leaf() {
            let right = value(node.feature as usize) > node.threshold;
            node = &self.nodes[node.left as usize + usize::from(right)];
        }
        node
    }
    // ANCHOR_END: leaf

    /// The values of a leaf.
    #[inline(always)]
    pub fn values_of(&self, leaf: &Node) -> &[f32] {
        &self.values[leaf.leaf as usize * self.width..][..self.width]
    }

    /// The questions that a sample is asked, from the root on.
    pub fn path(&self, sample: ArrayView1<'_, f32>) -> Vec<Step> {
        let means = self.means();
        let mut steps = Vec::new();
        let mut place = 0;
        while !self.nodes[place].is_leaf() {
            let Node { feature, threshold, left, weight, .. } = self.nodes[place];
            let feature = feature as usize;
            let value = sample[feature];
            let values = means[place].clone();
            steps.push(Step { feature, threshold, value, samples: weight, values });
            place = left as usize + usize::from(value > threshold);
        }
        steps
    }

    /// The values of each node: a leaf's own, or the mean of those below. Children stand behind parents.
    fn means(&self) -> Vec<Vec<f32>> {
        let mut means = vec![Vec::new(); self.nodes.len()];
        for (place, node) in self.nodes.iter().enumerate().rev() {
            means[place] = if node.is_leaf() {
                self.values_of(node).to_vec()
            } else {
                let left = node.left as usize;
                let share = self.nodes[left].weight / node.weight;
                let sides = means[left].iter().zip(&means[left + 1]);
                sides.map(|(a, b)| share * a + (1.0 - share) * b).collect()
            };
        }
        means
    }

    /// Weights and gains in other units.
    pub(super) fn rescale(&mut self, weight: f64, gain: f64) {
        for node in &mut self.nodes {
            node.weight = (f64::from(node.weight) * weight) as f32;
            node.gain = (f64::from(node.gain) * gain) as f32;
        }
    }

    /// Adds to `importance`, `(d)`, what each feature's questions gained.
    pub fn add_gains(&self, importance: &mut [f64]) {
        for node in self.nodes.iter().filter(|node| !node.is_leaf()) {
            importance[node.feature as usize] += f64::from(node.gain);
        }
    }
}

/// The leaf of `tree` that a row of `inputs` comes to.
#[inline(always)]
pub(super) fn leaf_of<'t>(tree: &'t Tree, inputs: Inputs<'_>, row: usize) -> &'t Node {
    match inputs {
        Inputs::Bytes(x) => tree.leaf(|feature| f32::from(x[[row, feature]])),
        Inputs::Reals(x) => tree.leaf(|feature| x[[row, feature]]),
    }
}

/// Shares of a whole that sum to 1, where there is anything.
pub(super) fn normalised(mut importance: Vec<f64>) -> Vec<f64> {
    let sum: f64 = importance.iter().sum();
    if sum > 0.0 {
        importance.iter_mut().for_each(|share| *share /= sum);
    }
    importance
}
