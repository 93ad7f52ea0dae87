//! The command line that every chapter has: run, list, show, draw, record-bench, and its own.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::chapter::{Chapter, Context};
use crate::contents;
use crate::contents::TIMINGS;
use crate::drawing::{self, Drawing};
use crate::format::Format;
use crate::provenance::long_date;
use crate::results::Results;
use crate::run::{self, Planned, State};
use crate::terminal::{self, paint};
use crate::workspace::Workspace;

impl Chapter {
    /// The chapter's `main`: reads the command line, does it, and gives the exit status
    /// (0 fine, 1 a claim or a verification failed, 2 bad input).
    pub fn main(self) -> ExitCode {
        terminal::finish(self.dispatch(&mut terminal::stdout()))
    }

    fn dispatch(&self, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
        let matches = match self.command_line().try_get_matches() {
            Ok(matches) => matches,
            Err(error) => return Ok(terminal::usage(&error)),
        };
        let threads = threads(&matches)?;
        let root = matches.get_one::<PathBuf>("root").map(PathBuf::as_path);
        let workspace = || self.workspace(root);
        match matches.subcommand() {
            None => self.run(&workspace()?, &Run { threads, ..Run::default() }, out),
            Some(("run", m)) => self.run(&workspace()?, &Run::from(m, threads), out),
            Some(("list", _)) => self.list(&workspace()?, out),
            Some(("show", m)) => self.show(&workspace()?, m.get_one::<String>("name"), out),
            Some(("draw", m)) => self.write_figures(&workspace()?, m, out),
            Some(("record-bench", _)) => self.record_bench(&workspace()?, threads, out),
            Some((name, m)) => {
                let own = self.commands.iter().find(|c| c.command.get_name() == name);
                let own = own.context("clap knows only registered commands")?;
                own.run(m, &Context { threads, chapter: self, root }, out)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }

    fn command_line(&self) -> Command {
        let names = || Arg::new("name").value_name("NAME").help("Experiments [default: all]");
        Command::new(self.package)
            .bin_name(format!("cargo run --release -p {} --", self.name))
            .about(format!(
                "{}\n\nWithout a command, records the experiments that are stale.",
                self.title
            ))
            .arg(
                Arg::new("threads")
                    .long("threads")
                    .value_name("N")
                    .global(true)
                    .value_parser(value_parser!(usize))
                    .help("Threads to use; results do not depend on it [default: all cores]"),
            )
            .arg(
                Arg::new("root")
                    .long("root")
                    .value_name("DIR")
                    .global(true)
                    .value_parser(value_parser!(PathBuf))
                    .help("The checkout of the book [default: the one this was compiled in]"),
            )
            .subcommands(self.commands.iter().map(|c| c.command.clone()))
            .subcommand(
                Command::new("run")
                    .about(
                        "Record experiments: those that are stale, or those named that are stale",
                    )
                    .arg(names().num_args(0..))
                    .arg(flag("force", "Record even what is fresh"))
                    .arg(
                        flag(
                            "verify",
                            "Run again and compare; renew the provenance where all agrees",
                        )
                        .conflicts_with("force"),
                    ),
            )
            .subcommand(
                Command::new("list")
                    .about("List experiments, figures and what else the chapter has"),
            )
            .subcommand(Command::new("show").about("Show what is recorded, as tables").arg(names()))
            .subcommand(
                Command::new("draw")
                    .about("Draw figures from what is recorded: for the book, and as SVG files")
                    .arg(
                        Arg::new("name")
                            .value_name("FIGURE")
                            .num_args(0..)
                            .help("Figures [default: all]"),
                    )
                    .arg(
                        Arg::new("out")
                            .long("out")
                            .value_name("DIR")
                            .value_parser(value_parser!(PathBuf))
                            .help("Folder for the SVG files [default: target/figures]"),
                    ),
            )
            .subcommand(
                Command::new("record-bench")
                    .about("Take the medians of the last `cargo bench` into results/timings.json"),
            )
    }

    /// The workspace at `root`, else the one the crate was compiled in, else the one around the
    /// current folder.
    pub(crate) fn workspace(&self, root: Option<&Path>) -> anyhow::Result<Workspace> {
        if let Some(root) = root {
            return Ok(Workspace::open(root)?);
        }
        let compiled_in = Path::new(self.compiled_in);
        if compiled_in.is_dir() {
            return Ok(Workspace::find(compiled_in)?);
        }
        Ok(Workspace::find(&std::env::current_dir()?)?)
    }

    fn run(
        &self,
        workspace: &Workspace,
        options: &Run,
        out: &mut dyn Write,
    ) -> anyhow::Result<ExitCode> {
        let forced = options.force || options.verify;
        let planned = run::plan(self, workspace, &options.names, forced)?;
        announce(&self.name, &planned, options.verify, out)?;
        let mut faults = 0;
        for Planned { experiment, .. } in planned {
            if options.verify {
                let differences = run::verify(self, workspace, experiment, options.threads)?;
                faults += differences.len();
                report_verified(&experiment.name, &differences, out)?;
            } else {
                let results = run::record(self, workspace, experiment, options.threads)?;
                faults += results.false_claims().count();
                report_recorded(&results, out)?;
            }
        }
        faults += self.refresh(workspace, out)?;
        Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::from(terminal::FAULTS) })
    }

    /// Draws the figures that no longer follow from the code or the results, removes those that the
    /// chapter no longer has, and writes the list; how many figures cannot be drawn?
    fn refresh(&self, workspace: &Workspace, out: &mut dyn Write) -> anyhow::Result<usize> {
        let mut stale = Vec::new();
        for figure in &self.figures {
            if drawing::state(self, workspace, figure)?.0 != State::Fresh {
                stale.push(figure.as_str());
            }
        }
        let faults = self.keep_drawings(workspace, &stale, out)?;
        for orphan in contents::orphans(self, workspace) {
            std::fs::remove_file(&orphan)
                .with_context(|| format!("{}: cannot be removed", orphan.display()))?;
        }
        self.write(workspace)?;
        Ok(faults)
    }

    /// Draws `figures` and keeps them; those that cannot be drawn are told and counted.
    fn keep_drawings(
        &self,
        workspace: &Workspace,
        figures: &[&str],
        out: &mut dyn Write,
    ) -> anyhow::Result<usize> {
        let mut faults = 0;
        for figure in figures {
            if let Err(error) = self.keep_drawing(workspace, figure) {
                faults += 1;
                writeln!(out, "  {} {figure:14} cannot be drawn: {error:#}", mark(false))?;
            }
        }
        if figures.len() > faults {
            let drawn = plural(figures.len() - faults, "figure");
            writeln!(out, "  {} {drawn} drawn", mark(true))?;
        }
        Ok(faults)
    }

    fn list(&self, workspace: &Workspace, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
        for listing in &self.listings {
            listing(out)?;
        }
        writeln!(out, "Experiments (run NAME)")?;
        for experiment in &self.experiments {
            let (state, recorded) = run::state(self, workspace, experiment)?;
            writeln!(out, "  {:16} {}", experiment.name, experiment.title)?;
            let when = recorded.map_or_else(String::new, |r| {
                let seconds = Format::Duration.number(r.provenance.seconds);
                format!(", recorded {} in {seconds}", long_date(&r.provenance.date))
            });
            writeln!(out, "  {:16} {}{when}", "", state.describe())?;
        }
        writeln!(out, "\nFigures (draw NAME)")?;
        for name in &self.figures {
            let (state, drawing) = drawing::state(self, workspace, name)?;
            match (state, drawing) {
                (State::Fresh, Some(drawing)) => {
                    writeln!(out, "  {name:16} {}", drawing.figure.title)?;
                }
                (state, _) => writeln!(out, "  {name:16} {}", drawn_state(&state))?,
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn show(
        &self,
        workspace: &Workspace,
        name: Option<&String>,
        out: &mut dyn Write,
    ) -> anyhow::Result<ExitCode> {
        if let Some(name) = name {
            write_results(&self.read_results(workspace, name)?, out)?;
            return Ok(ExitCode::SUCCESS);
        }
        let timings = self.results_file(workspace, TIMINGS).exists().then_some(TIMINGS);
        for name in self.experiments.iter().map(|e| e.name.as_str()).chain(timings) {
            write_results(&self.read_results(workspace, name)?, out)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn write_figures(
        &self,
        workspace: &Workspace,
        m: &ArgMatches,
        out: &mut dyn Write,
    ) -> anyhow::Result<ExitCode> {
        let folder = m
            .get_one::<PathBuf>("out")
            .cloned()
            .unwrap_or_else(|| workspace.target().join("figures"));
        let chosen = strings(m, "name");
        let names = if chosen.is_empty() { self.figures.clone() } else { chosen };
        for name in &names {
            self.find_figure(name)?;
        }
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{}: cannot be made", folder.display()))?;
        let listed: Vec<&str> = names.iter().map(String::as_str).collect();
        let faults = self.keep_drawings(workspace, &listed, out)?;
        self.write(workspace)?;
        for name in &names {
            let Ok(drawing) = Drawing::read(self, workspace, name) else { continue };
            let path = folder.join(format!("{}-{name}.svg", self.name));
            std::fs::write(&path, drawing.figure.standalone())
                .with_context(|| format!("{}: cannot be written", path.display()))?;
            writeln!(out, "{}", path.display())?;
        }
        Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::from(terminal::FAULTS) })
    }

    fn record_bench(
        &self,
        workspace: &Workspace,
        threads: usize,
        out: &mut dyn Write,
    ) -> anyhow::Result<ExitCode> {
        let results = crate::timings::record(self, workspace, threads)?;
        write_results(&results, out)?;
        self.refresh(workspace, out)?;
        writeln!(out, "written to {}", self.results_file(workspace, TIMINGS).display())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The state of a drawing in words.
fn drawn_state(state: &State) -> String {
    match state {
        State::Absent => "not drawn yet".into(),
        state => state.describe(),
    }
}

/// What a call of `run` asks for.
#[derive(Debug, Default)]
struct Run {
    names: Vec<String>,
    force: bool,
    verify: bool,
    threads: usize,
}

impl Run {
    fn from(m: &ArgMatches, threads: usize) -> Self {
        Run {
            names: strings(m, "name"),
            force: m.get_flag("force"),
            verify: m.get_flag("verify"),
            threads,
        }
    }
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn strings(m: &ArgMatches, name: &str) -> Vec<String> {
    m.get_many::<String>(name).into_iter().flatten().cloned().collect()
}

/// `--threads`, or every core.
fn threads(m: &ArgMatches) -> anyhow::Result<usize> {
    match m.get_one::<usize>("threads") {
        Some(n @ 1..=1024) => Ok(*n),
        Some(n) => {
            anyhow::bail!("--threads {n}: not between 1 and 1024; leave it out to use every core")
        }
        None => Ok(default_threads()),
    }
}

/// Every core of this machine.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Says what will run, why, and how long it took last time.
///
/// # Errors
/// What the writer said.
pub fn announce(
    chapter: &str,
    planned: &[Planned<'_>],
    verify: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if planned.is_empty() {
        return writeln!(out, "{chapter}: everything recorded is fresh; nothing to run");
    }
    writeln!(
        out,
        "{chapter}: {} to {}",
        plural(planned.len(), "experiment"),
        if verify { "verify" } else { "run" }
    )?;
    for p in planned {
        let last = p.last_seconds.map_or_else(String::new, |s| {
            format!(" (took {} last time)", Format::Duration.number(s))
        });
        let why = if p.state == State::Fresh { "asked for".into() } else { p.state.describe() };
        writeln!(out, "  {:16} {why}{last}", p.experiment.name)?;
    }
    out.flush()
}

/// Says what a run recorded, and every claim that did not hold.
///
/// # Errors
/// What the writer said.
pub fn report_recorded(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let (claims, wrong) = (results.claims.len(), results.false_claims().count());
    writeln!(
        out,
        "  {} {:14} {}, {}, {} of {} hold, {}",
        mark(wrong == 0),
        results.experiment,
        plural(results.values.len(), "value"),
        plural(results.tables.len() + results.series.len(), "table or series")
            .replace("seriess", "series"),
        claims - wrong,
        plural(claims, "claim"),
        Format::Duration.number(results.provenance.seconds),
    )?;
    for (id, claim) in results.false_claims() {
        writeln!(out, "      false: {id}: {} Evidence: {}", claim.statement, claim.evidence)?;
    }
    out.flush()
}

fn report_verified(name: &str, differences: &[String], out: &mut dyn Write) -> io::Result<()> {
    let verdict = if differences.is_empty() {
        "agrees; provenance renewed"
    } else {
        "differs; nothing written"
    };
    writeln!(out, "  {} {name:14} {verdict}", mark(differences.is_empty()))?;
    for difference in differences {
        writeln!(out, "      {difference}")?;
    }
    out.flush()
}

fn mark(good: bool) -> String {
    let (sign, colour) = if good { ("✓", "32") } else { ("✗", "31") };
    paint(sign, colour, io::stdout().is_terminal())
}

/// `1 claim`, `2 claims`.
pub fn plural(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Writes everything that a run recorded, for a person.
fn write_results(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let p = &results.provenance;
    let heading = format!("{}/{}: {}", results.chapter, results.experiment, results.title);
    writeln!(out, "{}", paint(&heading, "1", io::stdout().is_terminal()))?;
    writeln!(out, "recorded {}, {}\n", long_date(&p.date), p.machine.describe())?;
    for (key, value) in &results.values {
        let interval =
            value.interval.map_or_else(String::new, |(low, high)| format!(" ({low} to {high})"));
        let unit = value.unit.as_deref().map_or_else(String::new, |u| format!(" {u}"));
        writeln!(out, "  {key:32} {}{unit}{interval}", value.value)?;
    }
    for (key, timing) in &results.timings {
        let seconds = |s| Format::Duration.number(s);
        let interval = timing
            .interval
            .map_or_else(String::new, |(l, h)| format!(" ({} to {})", seconds(l), seconds(h)));
        writeln!(out, "  {key:32} {}{interval}", seconds(timing.seconds))?;
    }
    for (key, table) in &results.tables {
        writeln!(out, "\n{key}")?;
        terminal::write_table(out, table)?;
    }
    for (key, series) in &results.series {
        let curves: Vec<_> = series.y.iter().map(|c| c.name.as_str()).collect();
        let points = plural(series.x.len(), "point");
        writeln!(out, "\n{key}: {points} over {}: {}", series.x_name, curves.join(", "))?;
    }
    if !results.claims.is_empty() {
        writeln!(out)?;
    }
    for claim in results.claims.values() {
        writeln!(out, "  {} {}\n      {}", mark(claim.holds), claim.statement, claim.evidence)?;
    }
    writeln!(out)
}
