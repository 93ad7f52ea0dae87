//! The command `descent`: one fit of random waves by least squares, anywhere on the curve.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use learning::FashionMnist;
use learning::fashion::FOLDER;
use notebook::{Chapter, Context, Format, Table, terminal};

use crate::descent::{Case, NOISE, TESTED};

/// Fit random waves of garments by least squares of least norm, or with a ridge, and tell the errors and the norm
#[derive(Clone, Debug, Args)]
struct Descent {
    /// How many waves
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    features: u32,
    /// What the square of the norm weighs against the squared errors; 0 for none
    #[arg(long, value_name = "λ", default_value_t = 0.0)]
    ridge: f64,
    /// How many garments to learn from
    #[arg(long, value_name = "n", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=5_000))]
    samples: u32,
    /// Decides which garments, which waves and which labels are wrong
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder of Fashion-MNIST [default: that of the checkout]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Adds the command.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.command("descent", descent)
}

fn descent(args: Descent, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let Descent { features, ridge, samples, seed, data } = args;
    if !(ridge.is_finite() && ridge >= 0.0) {
        bail!("--ridge {ridge}: a ridge is a number from 0; give one, for example 0.01");
    }
    let data = FashionMnist::read(&context.data(data, FOLDER)?)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(context.threads).build()?;
    let found = pool.install(|| -> Result<_> {
        let case = Case::draw(&data, samples as usize, features as usize, seed)?;
        Ok(case.fit(features as usize, &[ridge])?)
    })?;
    writeln!(out, "{samples} garments, {features} waves, ridge {ridge}; tested on {TESTED}")?;
    let wrong = Format::Percent(0).number(NOISE).replace('\u{a0}', " ");
    let mut table = Table::new([
        "Labels",
        "Training error | percent 1",
        "Test error | percent 1",
        "Norm of the weights | fixed 2",
    ]);
    for (arm, labels) in
        ["true".to_owned(), format!("{wrong} drawn by lot")].into_iter().enumerate()
    {
        table.row([
            labels.into(),
            found.training[arm][0].into(),
            found.error[arm][0].into(),
            found.norm[arm][0].into(),
        ]);
    }
    terminal::write_table(out, &table)?;
    let of = if ridge == 0.0 { "waves" } else { "waves and ridge" };
    writeln!(out, "smallest singular value of {of}: {:.2e}", found.smallest)?;
    Ok(())
}
