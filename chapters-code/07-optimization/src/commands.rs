//! The chapter's own command: `train-mlp`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use learning::FashionMnist;
use learning::fashion::FOLDER;
use notebook::{Chapter, Context};

use crate::mlp::mlp;
use crate::session::{self, TrainArgs};
use crate::{Garments, Optimizer, Recipe, Schedule, answers};

/// Train the network 784 → 256 → 128 → 10 on Fashion-MNIST and save it; Ctrl-C saves and stops
#[derive(Debug, Args)]
struct TrainMlp {
    #[command(flatten)]
    training: TrainArgs,
    /// The highest learning rate; otherwise one that suits the rule
    #[arg(long)]
    rate: Option<f64>,
    /// The rule by which weights follow the gradient
    #[arg(long, value_enum, default_value_t = Name::Adamw)]
    optimizer: Name,
    /// The longest that a gradient may be
    #[arg(long, value_name = "LENGTH")]
    clip: Option<f64>,
    /// The folder of Fashion-MNIST [default: that of the checkout]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// A rule by its name.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    Sgd,
    Momentum,
    Nesterov,
    Adam,
    Adamw,
}

impl Name {
    /// The rule, and a rate that suits it: the best of the chapter's sweep, or one that is lower by a factor of three.
    fn rule(self) -> (Optimizer, f64) {
        match self {
            Name::Sgd => (Optimizer::Sgd, 0.3),
            Name::Momentum => (Optimizer::Momentum { keep: 0.9 }, 0.03),
            Name::Nesterov => (Optimizer::Nesterov { keep: 0.9 }, 0.03),
            Name::Adam => (Optimizer::ADAM, 1e-3),
            Name::Adamw => (Optimizer::ADAMW, 1e-3),
        }
    }
}

/// Adds the chapter's command to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.command("train-mlp", train_mlp)
}

fn train_mlp(args: TrainMlp, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    if let Some(clip) = args.clip.filter(|clip| !(clip.is_finite() && *clip > 0.0)) {
        bail!("--clip {clip}: a length is a number above 0; give one, for example 1");
    }
    let stop = session::catch_ctrl_c()?;
    let data = FashionMnist::read(&context.data(args.data, FOLDER)?)?;
    let (optimizer, usual) = args.optimizer.rule();
    let recipe = Recipe {
        optimizer,
        clip: args.clip,
        epochs: args.training.epochs.unwrap_or(8),
        seed: args.training.seed,
        ..Recipe::new(mlp, Garments::new(&data.train))
    };
    let schedule = Schedule::cosine(args.rate.unwrap_or(usual), recipe.steps_of_epoch() / 2);
    let recipe = Recipe { schedule, ..recipe };
    let trained = args.training.follow(recipe, context.threads, &stop, "images")?;
    let Some(mut engine) = trained else { return Ok(()) };
    let accuracy = answers::accuracy(&mut engine, &Garments::new(&data.test))?;
    let (images, to) = (data.test.len(), args.training.out.display());
    Ok(writeln!(out, "accuracy {accuracy:.4} on {images} test images; saved to {to}")?)
}
