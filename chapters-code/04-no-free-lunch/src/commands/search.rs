//! `search`: looks for a pipeline for a problem, and says what looking is worth.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use learning::Bootstrap;
use notebook::fault::{Usage, WriteFault};
use notebook::{Context, Rng};
use rand::SeedableRng as _;

use crate::pipelines::{NAMES, Search, named};

/// Search for a pipeline for one of seven problems
#[derive(Args, Clone, Debug)]
pub struct SearchArgs {
    /// The problem: garments, textures, colours, shapes, inspection, places or authors
    #[arg(long, value_name = "NAME", required_unless_present = "list")]
    pub problem: Option<String>,
    /// List the problems
    #[arg(long)]
    pub list: bool,
    /// How many pipelines to try, those of the record included
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub budget: usize,
    /// Decides what is drawn
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Keep a record here; where it exists, go on from it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Tries pipelines, then fits the best to all training cases and asks it about the test cases, once.
pub fn search(args: SearchArgs, context: &Context<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    if args.list {
        for name in NAMES {
            writeln!(out, "{name}").map_err(WriteFault::from)?;
        }
        return Ok(());
    }
    if args.budget == 0 {
        return Err(Usage("--budget is 0; give 1 or more").into());
    }
    let name = args.problem.unwrap_or_default();
    let workspace = context.workspace()?;
    let problem = named(workspace.root(), &name)?;
    let mut search = Search::new(problem.name, &problem.train, args.seed, args.out.as_deref())?;
    let [learn, judge] = search.cases();
    writeln!(out, "{name}: {learn} cases to learn from, {judge} to choose by")?;
    if !search.trials().is_empty() {
        writeln!(out, "{} trials were recorded before", search.trials().len())?;
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(context.threads).build()?;
    while search.trials().len() < args.budget {
        let trial = pool.install(|| search.step())?;
        let found =
            trial.validation.map_or("   —  ".to_owned(), |v| format!("{:5.1} %", 100.0 * v));
        writeln!(out, "{:4}  {found}  {}", trial.trial, trial.pipeline)?;
        out.flush()?;
    }
    let (found, best) = search.best().ok_or(Usage(
        "none of these pipelines could be fitted; give a larger --budget or another --seed",
    ))?;
    let hits = pool.install(|| best.fit(&problem.train)?.hits(&problem.test))?;
    let mut rng = Rng::seed_from_u64(args.seed);
    let test = Bootstrap::default().mean_by_block(&hits, &problem.test.blocks, &mut rng);
    writeln!(out, "best of {}: {best}", search.trials().len())?;
    writeln!(out, "  validation {:5.1} %, as the best of many: it flatters", 100.0 * found)?;
    writeln!(
        out,
        "  test       {:5.1} %, 95 % interval {:.1} to {:.1}, fitted to all training cases",
        100.0 * test.estimate,
        100.0 * test.low,
        100.0 * test.high
    )?;
    Ok(())
}
