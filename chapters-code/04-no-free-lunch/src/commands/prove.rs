//! `prove`: what learners get right off the training set, over every target of a few bits.

use std::io::Write;

use clap::Args;
use clap::builder::PossibleValuesParser;
use notebook::progress::Progress;
use notebook::{Context, Table, terminal};
use serde_json::json;

use crate::worlds::learners::{self, Learner};
use crate::worlds::{Cube, Share, Tally, count};

/// Count what learners get right where nothing was taught, over every target of a few bits
#[derive(Args, Clone, Debug)]
pub struct ProveArgs {
    /// Bits of an input, 1 to 4
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub bits: u32,
    /// Inputs of a training set [default: half of all]
    #[arg(long, value_name = "K")]
    pub taught: Option<u32>,
    /// Only this learner; give it again for more
    #[arg(long, value_name = "NAME", value_parser = names())]
    pub learner: Vec<String>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

fn names() -> PossibleValuesParser {
    learners::all().iter().map(|learner| learner.name()).collect::<Vec<_>>().into()
}

/// A row for each learner, and the verdict.
pub(super) fn prove(
    args: ProveArgs,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let cube = Cube::new(args.bits)?;
    let taught = args.taught.unwrap_or(cube.inputs() / 2);
    let learners =
        if args.learner.is_empty() { learners::all() } else { learners::named(&args.learner) };
    let sets = cube.sets(taught)?.len();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(context.threads).build()?;
    let tallies = pool.install(|| {
        let progress = Progress::new(sets as u64, "training sets");
        count(&cube, taught, &learners, |sets| progress.advance(sets))
    })?;
    if args.json {
        return written(&cube, taught, &learners, &tallies, out);
    }
    writeln!(
        out,
        "{} bits: {} inputs, {} targets; {sets} training sets of {taught}",
        cube.bits(),
        cube.inputs(),
        cube.targets()
    )?;
    terminal::write_table(out, &table(&learners, &tallies))?;
    let exact = tallies.iter().filter(|tally| tally.unseen() == Share::HALF).count();
    writeln!(
        out,
        "{exact} of {} are right in exactly half of their unseen answers",
        learners.len()
    )?;
    Ok(())
}

fn table(learners: &[Box<dyn Learner>], tallies: &[Tally]) -> Table {
    let mut table = Table::new([
        "Learner",
        "Right | int",
        "Unseen answers | int",
        "Share",
        "Right where taught | percent 1",
    ]);
    for (learner, tally) in learners.iter().zip(tallies) {
        let Share { part, of } = tally.unseen();
        table.row([
            learner.name().into(),
            part.into(),
            of.into(),
            tally.unseen().to_string().into(),
            tally.taught.number().into(),
        ]);
    }
    table
}

fn written(
    cube: &Cube,
    taught: u32,
    learners: &[Box<dyn Learner>],
    tallies: &[Tally],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let learners: Vec<_> = learners
        .iter()
        .zip(tallies)
        .map(|(learner, tally)| {
            let (unseen, seen) = (tally.unseen(), tally.taught);
            json!({
                "name": learner.name(),
                "unseen": { "right": unseen.part, "of": unseen.of },
                "taught": { "right": seen.part, "of": seen.of },
                "scores": tally.scores,
            })
        })
        .collect();
    let written = json!({ "bits": cube.bits(), "taught": taught, "learners": learners });
    writeln!(out, "{written}")?;
    Ok(())
}
