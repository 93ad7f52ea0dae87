//! The chapter's own command: `train-mlp`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use backprop::Options;
use clap::{Args, FromArgMatches as _, ValueEnum};
use learning::FashionMnist;
use notebook::Chapter;

use crate::mlp::mlp;
use crate::{Checkpoint, Ending, Garments, Optimizer, Recipe, Schedule, Trainer, answers, session};

/// Train the network 784 → 256 → 128 → 10 on Fashion-MNIST and save it; Ctrl-C saves and stops
#[derive(Debug, Args)]
struct TrainMlp {
    /// Where to save the network
    #[arg(long, value_name = "FILE", default_value = "mlp.safetensors")]
    out: PathBuf,
    /// How often all images are seen
    #[arg(long, default_value_t = 8)]
    epochs: u64,
    /// The highest learning rate; otherwise one that suits the rule
    #[arg(long)]
    rate: Option<f64>,
    /// The rule by which weights follow the gradient
    #[arg(long, value_enum, default_value_t = Name::Adamw)]
    optimizer: Name,
    /// Decides the first weights and the order of the images
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The longest that a gradient may be
    #[arg(long, value_name = "LENGTH")]
    clip: Option<f64>,
    /// Go on from the file that --out names
    #[arg(long)]
    resume: bool,
    /// The folder of Fashion-MNIST
    #[arg(long, default_value = learning::fashion::FOLDER)]
    data: PathBuf,
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
    /// The rule, and the rate at which it did best in the chapter's sweep.
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

/// Adds the command to the chapter's command line.
pub fn plug_into(chapter: Chapter) -> Chapter {
    chapter.command(TrainMlp::augment_args(clap::Command::new("train-mlp")), |m, out| {
        let threads = m.get_one::<usize>("threads").copied();
        train_mlp(&TrainMlp::from_arg_matches(m)?, threads, out)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn train_mlp(args: &TrainMlp, threads: Option<usize>, out: &mut dyn Write) -> Result<()> {
    if args.epochs == 0 {
        bail!("--epochs 0: nothing would be learned; give at least 1");
    }
    if let Some(clip) = args.clip.filter(|clip| !(clip.is_finite() && *clip > 0.0)) {
        bail!("--clip {clip}: a length is a number above 0; give one, for example 1");
    }
    let stop = session::catch_ctrl_c()?;
    let data = FashionMnist::read(&args.data)?;
    let threads = threads.unwrap_or(Options::default().threads);
    let (optimizer, usual) = args.optimizer.rule();
    let recipe = Recipe {
        optimizer,
        clip: args.clip,
        epochs: args.epochs,
        seed: args.seed,
        ..Recipe::new(mlp, Garments::new(&data.train))
    };
    let of_epoch = recipe.steps_of_epoch();
    let schedule = Schedule::cosine(args.rate.unwrap_or(usual), of_epoch / 2);
    let recipe = Recipe { schedule, ..recipe };
    let trainer = match args.resume {
        true => Trainer::resume(recipe, threads, &Checkpoint::read(&args.out)?)?,
        false => Trainer::new(recipe, threads)?,
    };
    let mut trainer = trainer.saving(&args.out, of_epoch)?;
    if session::run(&mut trainer, &stop)? == Ending::Stopped {
        return Ok(());
    }
    let accuracy = answers::accuracy(trainer.engine(), &Garments::new(&data.test))?;
    let images = data.test.len();
    let to = args.out.display();
    Ok(writeln!(out, "accuracy {accuracy:.4} on {images} test images; saved to {to}")?)
}
