//! The chapter's command: `train`.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use learning::bootstrap::mean;
use learning::fashion::{CLASSES, FOLDER, PIXELS};
use learning::{FashionMnist, Labelled, split};
use notebook::{Chapter, Context, Rng};
use optimization::Garments;
use rand::SeedableRng as _;

use crate::corruption::Corruption;
use crate::ensemble::{Verdict, probabilities};
use crate::fit::{Fitted, Training};
use crate::regularisers::Regularisers;

/// Train a network on a few garments with regularisers of your choice, and ask it about those and about others
#[derive(Debug, Args)]
struct Train {
    /// What is done against learning by heart, as dropout=0.3,decay=0.5: decay, dropout, smoothing, shift, mixing,
    /// stop-error, stop-loss, average, falling
    #[arg(long, value_name = "LIST", default_value = "")]
    regularise: Regularisers,
    /// How many garments to learn from
    #[arg(long, default_value_t = 6_000, value_parser = clap::value_parser!(u64).range(200..=60_000))]
    samples: u64,
    /// How often they are seen
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    epochs: u64,
    /// Units of each hidden layer
    #[arg(long, value_name = "UNITS", value_delimiter = ',', default_value = "256,128", value_parser = clap::value_parser!(u16).range(1..=4_096))]
    hidden: Vec<u16>,
    /// With which probability a label is drawn by lot
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    noise: f64,
    /// Decides which garments, the first weights, and all that is drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder of Fashion-MNIST [default: that of the checkout]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

fn share(text: &str) -> Result<f64, &'static str> {
    let found = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    found.ok_or("a share is a number from 0 to 1")
}

/// Adds the chapter's command to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.command("train", train)
}

fn train(args: Train, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let data = FashionMnist::read(&context.data(args.data.clone(), FOLDER)?)?;
    let mut rng = Rng::seed_from_u64(args.seed);
    let rows = split::draw(args.samples as usize, data.train.len(), &mut rng);
    let learn = Corruption::Labels(args.noise).apply(&data.train.select(&rows), &mut rng);
    let mut widths = vec![PIXELS];
    widths.extend(args.hidden.iter().map(|&units| usize::from(units)));
    widths.push(CLASSES.len());
    let (epochs, seed) = (args.epochs, args.seed);
    let training = Training { learn: &learn, widths: &widths, epochs, seed };
    let mut sum = 0.0;
    let fitted = training.fit(&args.regularise, context.threads, &mut |step, _| {
        sum += step.loss;
        if step.epoch_ends {
            let (epoch, steps) = (step.epoch + 1, step.number / (step.epoch + 1));
            // Ten lines, whatever the number of epochs is.
            if epoch.is_multiple_of(epochs.div_ceil(10)) || epoch == epochs {
                eprintln!("epoch {epoch:4}  training loss {:.4}", sum / steps as f64);
            }
            sum = 0.0;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    report(fitted, [("learned", &learn), ("test", &data.test)], &args.regularise, out)
}

/// A line for each set of garments.
fn report(
    fitted: Fitted,
    sets: [(&str, &Labelled); 2],
    all: &Regularisers,
    out: &mut dyn Write,
) -> Result<()> {
    let Fitted { mut engine, best } = fitted;
    writeln!(out, "regularised by {all}")?;
    if let Some(epoch) = best {
        writeln!(out, "went back to epoch {epoch}")?;
    }
    for (name, set) in sets {
        let p = probabilities(&mut engine, &Garments::new(set))?;
        let Verdict { right, losses, calibration } = Verdict::of(p.view(), set.y());
        writeln!(
            out,
            "{name:8} {:6} garments  accuracy {:.4}  log-loss {:.4}  calibration error {calibration:.4}",
            set.len(),
            mean(&right),
            mean(&losses),
        )?;
    }
    Ok(())
}
