//! Models in files: safetensors with a few words about what they are. What is read is believed only after it was checked.

use std::collections::HashMap;
use std::path::Path;

use ndarray::{Array1, Array2};
use notebook::fault::{FileFault, WriteFault};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::description::Description;
use crate::model::{Classifier, Inputs, Samples};
use crate::random_features::Projection;
use crate::trees::{FittedBoosting, FittedForest, FittedTree, Node, Tree};
use crate::{LinearSvmModel, NaiveBayesModel, NeighboursModel, RandomFeaturesModel, SoftmaxModel};

/// The version of the files.
const VERSION: &str = "1";
/// What a whole and honest file would have saved the reader.
const FIX: &str = "give a file that `fit` has written";

/// A model of the chapter.
#[derive(Clone, Debug)]
pub enum Model {
    /// `neighbours`
    Neighbours(NeighboursModel),
    /// `bayes`
    NaiveBayes(NaiveBayesModel),
    /// `softmax`
    Softmax(SoftmaxModel),
    /// `svm`
    LinearSvm(LinearSvmModel),
    /// `waves`
    RandomFeatures(RandomFeaturesModel),
    /// `tree`
    Tree(FittedTree),
    /// `forest`
    Forest(FittedForest),
    /// `boosting`
    Boosting(FittedBoosting),
}

impl Model {
    /// The name on the command line and in files.
    pub fn kind(&self) -> &'static str {
        match self {
            Model::Neighbours(_) => "neighbours",
            Model::NaiveBayes(_) => "bayes",
            Model::Softmax(_) => "softmax",
            Model::LinearSvm(_) => "svm",
            Model::RandomFeatures(_) => "waves",
            Model::Tree(_) => "tree",
            Model::Forest(_) => "forest",
            Model::Boosting(_) => "boosting",
        }
    }

    /// What all models can do.
    pub fn classifier(&self) -> &dyn Classifier {
        match self {
            Model::Neighbours(model) => model,
            Model::NaiveBayes(model) => model,
            Model::Softmax(model) => model,
            Model::LinearSvm(model) => model,
            Model::RandomFeatures(model) => model,
            Model::Tree(model) => model,
            Model::Forest(model) => model,
            Model::Boosting(model) => model,
        }
    }

    fn tensors(&self) -> Vec<Tensor> {
        match self {
            Model::Neighbours(m) => {
                let k = m.k() as f64;
                vec![
                    Tensor::samples("samples", m.memory()),
                    Tensor::bytes("labels", m.labels()),
                    Tensor::f64("k", &[1], [k]),
                ]
            }
            Model::NaiveBayes(m) => {
                let shape = [m.means.nrows(), m.means.ncols()];
                vec![
                    Tensor::f64("shares", &[m.shares.len()], m.shares.iter().copied()),
                    Tensor::f64("means", &shape, m.means.iter().copied()),
                    Tensor::f64("variances", &shape, m.variances.iter().copied()),
                ]
            }
            Model::Softmax(m) => linear(&m.weights, &m.intercepts),
            Model::LinearSvm(m) => linear(&m.weights, &m.intercepts),
            Model::RandomFeatures(m) => {
                let mut tensors = linear(&m.softmax.weights, &m.softmax.intercepts);
                let Projection { frequencies, phases } = &m.projection;
                tensors.push(Tensor::matrix("frequencies", frequencies));
                tensors.push(Tensor::f32("phases", &[phases.len()], phases.iter().copied()));
                tensors
            }
            Model::Tree(m) => trees([m.tree()], m.classes(), m.features()),
            Model::Forest(m) => trees(m.trees(), m.classes(), m.features()),
            Model::Boosting(m) => {
                let mut tensors = trees(m.rounds().iter().flatten(), 1, m.features());
                tensors.push(Tensor::f64("start", &[m.start().len()], m.start().iter().copied()));
                tensors
            }
        }
    }
}

fn linear(weights: &Array2<f32>, intercepts: &Array1<f32>) -> Vec<Tensor> {
    let length = [intercepts.len()];
    vec![
        Tensor::matrix("weights", weights),
        Tensor::f32("intercepts", &length, intercepts.iter().copied()),
    ]
}

/// The nodes of all trees, one after another, how many each tree has, and the `width` values of each leaf.
fn trees<'a>(
    trees: impl IntoIterator<Item = &'a Tree>,
    width: usize,
    features: usize,
) -> Vec<Tensor> {
    let trees: Vec<&Tree> = trees.into_iter().collect();
    let nodes = || trees.iter().flat_map(|tree| tree.nodes());
    let count = nodes().count();
    let places = nodes().flat_map(|n| [n.feature, n.left, n.leaf]);
    let numbers = nodes().flat_map(|n| [n.threshold, n.weight, n.gain]);
    let values = trees.iter().flat_map(|tree| tree.values().iter().copied());
    let leaves = nodes().filter(|n| n.is_leaf()).count();
    let sizes = trees.iter().map(|tree| tree.nodes().len() as u32);
    vec![
        Tensor::u32("places", &[count, 3], places),
        Tensor::f32("numbers", &[count, 3], numbers),
        Tensor::f32("values", &[leaves, width], values),
        Tensor::u32("sizes", &[trees.len()], sizes),
        Tensor::u32("features", &[1], [features as u32]),
    ]
}

/// Numbers with a name and a shape, as bytes.
struct Tensor {
    name: &'static str,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    fn f32(name: &'static str, shape: &[usize], numbers: impl IntoIterator<Item = f32>) -> Tensor {
        let bytes = numbers.into_iter().flat_map(f32::to_le_bytes).collect();
        Tensor { name, dtype: Dtype::F32, shape: shape.to_vec(), bytes }
    }

    fn u32(name: &'static str, shape: &[usize], numbers: impl IntoIterator<Item = u32>) -> Tensor {
        let bytes = numbers.into_iter().flat_map(u32::to_le_bytes).collect();
        Tensor { name, dtype: Dtype::U32, shape: shape.to_vec(), bytes }
    }

    fn f64(name: &'static str, shape: &[usize], numbers: impl IntoIterator<Item = f64>) -> Tensor {
        let bytes = numbers.into_iter().flat_map(f64::to_le_bytes).collect();
        Tensor { name, dtype: Dtype::F64, shape: shape.to_vec(), bytes }
    }

    fn matrix(name: &'static str, numbers: &Array2<f32>) -> Tensor {
        Tensor::f32(name, &[numbers.nrows(), numbers.ncols()], numbers.iter().copied())
    }

    fn bytes(name: &'static str, bytes: &[u8]) -> Tensor {
        Tensor { name, dtype: Dtype::U8, shape: vec![bytes.len()], bytes: bytes.to_vec() }
    }

    fn samples(name: &'static str, inputs: Inputs<'_>) -> Tensor {
        let shape = [inputs.samples(), inputs.features()];
        match inputs {
            Inputs::Reals(x) => Tensor::f32(name, &shape, x.iter().copied()),
            Inputs::Bytes(x) => {
                let bytes = x.iter().copied().collect();
                Tensor { name, dtype: Dtype::U8, shape: shape.to_vec(), bytes }
            }
        }
    }
}

/// A model, and what the garments that it was fitted to were described by.
#[derive(Clone, Debug)]
pub struct Saved {
    /// From pictures to features.
    pub description: Description,
    /// From features to classes.
    pub model: Model,
}

impl Saved {
    /// The bytes of the file. The same model gives the same bytes.
    ///
    /// # Errors
    /// A message where the format cannot hold it.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        let tensors = self.model.tensors();
        let views = tensors.iter().map(|t| {
            let view = TensorView::new(t.dtype, t.shape.clone(), &t.bytes);
            view.map(|view| (t.name, view)).map_err(|e| e.to_string())
        });
        let views = views.collect::<Result<Vec<_>, String>>()?;
        // One entry, because the order of several is not fixed.
        let about = format!(
            "classifiers {VERSION} {} {} {}",
            self.model.kind(),
            self.description.name(),
            self.model.classifier().classes()
        );
        let notes = HashMap::from([("about".to_owned(), about)]);
        safetensors::serialize(views, Some(notes)).map_err(|e| e.to_string())
    }

    /// Writes the file beside the old one, which it then replaces.
    ///
    /// # Errors
    /// Where it cannot be written; the old file is as it was.
    pub fn write(&self, path: &Path) -> Result<(), WriteFault> {
        let failed = |e| WriteFault::file(path, e);
        let bytes = self.encode().map_err(|e| failed(std::io::Error::other(e)))?;
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path)).map_err(|e| {
            let _ = std::fs::remove_file(&part);
            failed(e)
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read, or is not what [`write`](Self::write) writes.
    pub fn read(path: &Path) -> Result<Saved, FileFault> {
        let fault = |fault: String| FileFault { path: path.display().to_string(), fault, fix: FIX };
        let bytes = std::fs::read(path).map_err(|e| fault(e.kind().to_string()))?;
        Saved::decode(&bytes).map_err(fault)
    }

    /// As [`read`](Self::read), of the bytes of a file.
    ///
    /// # Errors
    /// A message that says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Saved, String> {
        let foreign = |_| "is not a safetensors file".to_owned();
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(foreign)?;
        let about = header.metadata().as_ref().and_then(|notes| notes.get("about"));
        let about = about.ok_or("has tensors, but is not a model of this chapter")?;
        let words: Vec<&str> = about.split(' ').collect();
        let ["classifiers", version, kind, description, classes] = words[..] else {
            return Err("has tensors, but is not a model of this chapter".to_owned());
        };
        if version != VERSION {
            return Err(format!("is of version {version:.20}, not {VERSION}"));
        }
        let description = Description::find(description)
            .ok_or_else(|| format!("names unknown features {description:.20?}"))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(foreign)?;
        let model = decode(kind, &Reader(&tensors))?;
        let (found, d) = (model.classifier().classes(), model.classifier().features());
        if !(2..=256).contains(&found) {
            return Err(format!("has {found} classes, not 2 to 256"));
        }
        if classes.parse() != Ok(found) {
            return Err(format!("says {classes:.20} classes and has {found}"));
        }
        if d != description.length() {
            let (name, length) = (description.name(), description.length());
            return Err(format!("has {d} features where {name} has {length}"));
        }
        Ok(Saved { description, model })
    }
}

fn decode(kind: &str, from: &Reader<'_>) -> Result<Model, String> {
    Ok(match kind {
        "neighbours" => {
            let k = from.f64("k", &[Some(1)])?.1[0];
            let labels = from.bytes("labels", &[None])?.1;
            let model = NeighboursModel::from_parts(k as usize, labels, from.samples()?);
            Model::Neighbours(model.map_err(|e| format!("cannot be used: {e}"))?)
        }
        "bayes" => {
            let (shape, means) = from.f64("means", &[None, None])?;
            let both = [Some(shape[0]), Some(shape[1])];
            let (_, variances) = from.f64("variances", &both)?;
            let (_, shares) = from.f64("shares", &both[..1])?;
            let (means, variances) = (matrix(&shape, means)?, matrix(&shape, variances)?);
            Model::NaiveBayes(NaiveBayesModel::from_parts(shares.into(), means, variances)?)
        }
        "softmax" => Model::Softmax(softmax(from)?),
        "svm" => {
            let SoftmaxModel { weights, intercepts, .. } = softmax(from)?;
            Model::LinearSvm(LinearSvmModel { weights, intercepts, passes: Vec::new() })
        }
        "waves" => {
            let softmax = softmax(from)?;
            let (shape, frequencies) =
                from.f32("frequencies", &[None, Some(softmax.weights.ncols())])?;
            let (_, phases) = from.f32("phases", &[Some(shape[1])])?;
            let frequencies = matrix(&shape, frequencies)?;
            let projection = Projection { frequencies, phases: phases.into() };
            Model::RandomFeatures(RandomFeaturesModel { projection, softmax })
        }
        "tree" => {
            let (mut trees, features) = grown(from)?;
            match (trees.pop(), trees.is_empty()) {
                (Some(tree), true) => Model::Tree(FittedTree::from_parts(tree, features)?),
                _ => return Err("has several trees and says that it has one".to_owned()),
            }
        }
        "forest" => {
            let (trees, features) = grown(from)?;
            Model::Forest(FittedForest::from_parts(trees, features)?)
        }
        "boosting" => {
            let (trees, features) = grown(from)?;
            let (_, start) = from.f64("start", &[None])?;
            Model::Boosting(FittedBoosting::from_parts(start, trees, features)?)
        }
        _ => return Err(format!("is of an unknown kind {kind:.20?}")),
    })
}

/// All trees of a file, and the number of features that they ask about.
fn grown(from: &Reader<'_>) -> Result<(Vec<Tree>, usize), String> {
    let (shape, places) = from.u32("places", &[None, Some(3)])?;
    let (_, numbers) = from.f32("numbers", &[Some(shape[0]), Some(3)])?;
    let (leaves, values) = from.f32("values", &[None, None])?;
    let (_, sizes) = from.u32("sizes", &[None])?;
    let features = from.u32("features", &[Some(1)])?.1[0] as usize;
    let pairs = places.as_chunks::<3>().0.iter().zip(numbers.as_chunks::<3>().0);
    let node = |(p, n): (&[u32; 3], &[f32; 3])| {
        let ([feature, left, leaf], [threshold, weight, gain]) = (*p, *n);
        Node { feature, threshold, left, leaf, weight, gain }
    };
    let nodes: Vec<Node> = pairs.map(node).collect();
    let (mut nodes, mut values, width) = (&nodes[..], &values[..], leaves[1]);
    let mut trees = Vec::new();
    for size in sizes {
        let short = || "has fewer nodes than its trees need".to_owned();
        let (own, rest) = nodes.split_at_checked(size as usize).ok_or_else(short)?;
        let leaves = own.iter().filter(|node| node.is_leaf()).count();
        let (own_values, rest_values) =
            values.split_at_checked(leaves * width).ok_or_else(short)?;
        trees.push(Tree::from_parts(own.to_vec(), own_values.to_vec(), width)?);
        (nodes, values) = (rest, rest_values);
    }
    if nodes.is_empty() && values.is_empty() {
        return Ok((trees, features));
    }
    Err("has nodes that belong to no tree".to_owned())
}

fn softmax(from: &Reader<'_>) -> Result<SoftmaxModel, String> {
    let (shape, weights) = from.f32("weights", &[None, None])?;
    let (_, intercepts) = from.f32("intercepts", &[Some(shape[0])])?;
    Ok(SoftmaxModel {
        weights: matrix(&shape, weights)?,
        intercepts: intercepts.into(),
        ended: None,
    })
}

fn matrix<T>(shape: &[usize], numbers: Vec<T>) -> Result<Array2<T>, String> {
    Array2::from_shape_vec((shape[0], shape[1]), numbers).map_err(|e| e.to_string())
}

/// Tensors of a file, with their shapes checked.
struct Reader<'a>(&'a SafeTensors<'a>);

impl Reader<'_> {
    /// A tensor of this type whose sides are as given, where they are given.
    fn find(
        &self,
        name: &str,
        dtype: Dtype,
        sides: &[Option<usize>],
    ) -> Result<(Vec<usize>, Vec<u8>), String> {
        let tensor = self.0.tensor(name).map_err(|_| format!("has no tensor {name}"))?;
        let shape = tensor.shape();
        let fits = shape.len() == sides.len()
            && shape
                .iter()
                .zip(sides)
                .all(|(has, wants)| *has > 0 && wants.is_none_or(|w| w == *has));
        if !fits || tensor.dtype() != dtype {
            return Err(format!("has a tensor {name} of shape {shape:?} that fits no other"));
        }
        Ok((shape.to_vec(), tensor.data().to_vec()))
    }

    fn f32(&self, name: &str, sides: &[Option<usize>]) -> Result<(Vec<usize>, Vec<f32>), String> {
        let (shape, bytes) = self.find(name, Dtype::F32, sides)?;
        let numbers: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let finite = numbers.iter().all(|x| x.is_finite());
        finite
            .then_some((shape, numbers))
            .ok_or(format!("has a number in {name} that is not finite"))
    }

    fn u32(&self, name: &str, sides: &[Option<usize>]) -> Result<(Vec<usize>, Vec<u32>), String> {
        let (shape, bytes) = self.find(name, Dtype::U32, sides)?;
        Ok((shape, bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect()))
    }

    fn f64(&self, name: &str, sides: &[Option<usize>]) -> Result<(Vec<usize>, Vec<f64>), String> {
        let (shape, bytes) = self.find(name, Dtype::F64, sides)?;
        let numbers: Vec<f64> =
            bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
        let finite = numbers.iter().all(|x| x.is_finite());
        finite
            .then_some((shape, numbers))
            .ok_or(format!("has a number in {name} that is not finite"))
    }

    fn bytes(&self, name: &str, sides: &[Option<usize>]) -> Result<(Vec<usize>, Vec<u8>), String> {
        self.find(name, Dtype::U8, sides)
    }

    fn samples(&self) -> Result<Samples, String> {
        let sides = [None, None];
        if let Ok((shape, bytes)) = self.bytes("samples", &sides) {
            return Ok(Samples::Bytes(matrix(&shape, bytes)?));
        }
        let (shape, numbers) = self.f32("samples", &sides)?;
        Ok(Samples::Reals(matrix(&shape, numbers)?))
    }
}
