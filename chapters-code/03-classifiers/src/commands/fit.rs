//! `fit`: fits a model to Fashion-MNIST's training garments and saves it.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use learning::split;
use notebook::progress::Progress;
use notebook::{Context, Rng};
use rand::SeedableRng as _;

use super::inputs::{descriptions, garments, on_threads};
use crate::description::Description;
use crate::model::{Fit, FitError, Inputs};
use crate::trees::{DecisionTree, GradientBoosting, RandomForest, Stop};
use crate::{LinearSvm, Model, NaiveBayes, Neighbours, RandomFeatures, Saved, Softmax};

/// The kinds of models.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    /// The k nearest neighbours
    Neighbours,
    /// Gaussian naive Bayes
    Bayes,
    /// Softmax regression
    Softmax,
    /// The linear support vector machine
    Svm,
    /// Softmax regression on random Fourier features
    Waves,
    /// A decision tree
    Tree,
    /// A random forest
    Forest,
    /// Gradient-boosted trees
    Boosting,
}

/// Fit a model to Fashion-MNIST's training garments
#[derive(Args, Clone, Debug)]
pub struct FitArgs {
    /// What to fit
    #[arg(value_name = "MODEL")]
    pub model: Kind,
    /// What describes a garment
    #[arg(long, value_parser = descriptions(), default_value = "hog")]
    pub features: String,
    /// Where to save the model
    #[arg(long, value_name = "FILE", default_value = "model.safetensors")]
    pub out: PathBuf,
    /// Learn from so many training garments [default: all]
    #[arg(long, value_name = "N")]
    pub train: Option<usize>,
    /// How many neighbours vote
    #[arg(long, default_value_t = 5)]
    pub k: usize,
    /// What samples weigh against the penalty [default: 1; svm 0.1; waves 100]
    #[arg(long, value_name = "C")]
    pub c: Option<f64>,
    /// Added to variances of bayes, as a share of the largest
    #[arg(long, default_value_t = 1e-9)]
    pub floor: f64,
    /// How many waves, at most 65,536
    #[arg(long, default_value_t = 4096, value_parser = many())]
    pub waves: usize,
    /// Width of the kernel of waves [default: 1 / (features · variance)]
    #[arg(long)]
    pub gamma: Option<f64>,
    /// How deep a tree may be [default: as deep as it gets]
    #[arg(long)]
    pub depth: Option<usize>,
    /// How many trees of a forest, at most 65,536
    #[arg(long, default_value_t = 100, value_parser = many())]
    pub trees: usize,
    /// How many rounds of boosting, with a tree for each class; at most 65,536
    #[arg(long, default_value_t = 100, value_parser = many())]
    pub rounds: usize,
    /// The most iterations of softmax and waves
    #[arg(long, default_value_t = 100)]
    pub iterations: usize,
    /// Decides what is drawn: garments, orders, waves
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The folder of the four files [default: data/fashion-mnist of the checkout]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
}

/// More than this fits no memory.
fn many() -> impl clap::builder::TypedValueParser<Value = usize> {
    clap::builder::RangedU64ValueParser::<usize>::new().range(1..=65_536)
}

/// Fits, saves, and says so.
pub(super) fn fit(args: FitArgs, context: &Context<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut train = garments(context, args.data.clone())?.train;
    if let Some(n) = args.train {
        anyhow::ensure!(
            (1..=train.len()).contains(&n),
            "--train is {n}; give a number from 1 to {}",
            train.len()
        );
        let mut rng = Rng::seed_from_u64(args.seed);
        train = train.select(&split::draw(n, train.len(), &mut rng));
    }
    let description = Description::find(&args.features).unwrap_or(Description::Hog);
    let start = Instant::now();
    let saved = on_threads(context, || {
        let samples = match args.model {
            Kind::Neighbours => description.samples(train.images.view()),
            _ => crate::Samples::Reals(description.rows(train.images.view())),
        };
        let model = model(&args, samples.view(), train.y())?;
        Ok(Saved { description, model })
    })?;
    saved.write(&args.out)?;
    let (kind, d) = (saved.model.kind(), description.length());
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "{kind}: {} garments, {d} features, {seconds:.1} s; saved as {}",
        train.len(),
        args.out.display()
    )?;
    Ok(())
}

fn model(args: &FitArgs, x: Inputs<'_>, y: &[u8]) -> Result<Model, FitError> {
    let softmax = |c: f64| {
        let c = args.c.unwrap_or(c);
        Softmax { c, iterations: args.iterations, ..Softmax::default() }
    };
    let stop = Stop { depth: args.depth, ..Stop::default() };
    Ok(match args.model {
        Kind::Neighbours => Model::Neighbours(Neighbours { k: args.k }.fit(x, y)?),
        Kind::Bayes => Model::NaiveBayes(NaiveBayes { floor: args.floor }.fit(x, y)?),
        Kind::Softmax => {
            let progress = Progress::new(args.iterations as u64, "iterations");
            Model::Softmax(softmax(1.0).fit_seen(x, y, |_, _| progress.advance(1))?)
        }
        Kind::Svm => {
            let (c, seed) = (args.c.unwrap_or(0.1), args.seed);
            let svm = LinearSvm { c, seed, passes: 100, tolerance: 1e-2, ..LinearSvm::default() };
            Model::LinearSvm(svm.fit(x, y)?)
        }
        Kind::Tree => Model::Tree(DecisionTree { stop }.fit(x, y)?),
        Kind::Forest => {
            let (trees, seed) = (args.trees, args.seed);
            let forest = RandomForest { trees, seed, stop, ..RandomForest::default() };
            Model::Forest(forest.fit(x, y)?)
        }
        Kind::Boosting => {
            let boosting = GradientBoosting { rounds: args.rounds, ..GradientBoosting::default() };
            Model::Boosting(boosting.fit(x, y)?)
        }
        Kind::Waves => Model::RandomFeatures(
            RandomFeatures {
                features: args.waves,
                gamma: args.gamma,
                seed: args.seed,
                softmax: softmax(100.0),
            }
            .fit(x, y)?,
        ),
    })
}
