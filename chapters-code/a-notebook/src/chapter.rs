//! A chapter as the machinery sees it: its experiments, its figures, its own commands.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::figure::Figure;
use crate::recorder::Recorder;
use crate::results::{Missing, Results, ResultsError};
use crate::workspace::{Data, Workspace};

/// The name under which Criterion's medians are recorded, beside the experiments.
pub const TIMINGS: &str = "timings";

/// What an experiment runs.
pub type ExperimentFn = fn(&mut Recorder) -> anyhow::Result<()>;
/// What draws a figure, from recorded results only.
pub type FigureFn = fn(&Recorded<'_>) -> anyhow::Result<Figure>;
/// What a chapter's own command runs, given its arguments; an error is bad input, exit status 2.
pub type CommandFn<A> = fn(A, &Context<'_>, &mut dyn Write) -> anyhow::Result<()>;
/// What a chapter adds to `list`.
pub type ListingFn = fn(&mut dyn Write) -> anyhow::Result<()>;

/// An experiment: a function that records, with its seed and its data.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Name within the chapter; also the name of its result file.
    pub name: &'static str,
    /// What it asks, in a few words.
    pub title: &'static str,
    /// Seed of its generator.
    pub seed: u64,
    /// Data files it reads, from the workspace's root.
    pub data: Vec<PathBuf>,
    /// The function.
    pub run: ExperimentFn,
}

impl Experiment {
    /// An experiment with seed 1 that reads no data.
    pub fn new(name: &'static str, title: &'static str, run: ExperimentFn) -> Self {
        Experiment { name, title, seed: 1, data: Vec::new(), run }
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Names the data files that the experiment reads, from the workspace's root.
    pub fn reads(mut self, paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.data.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Names a data file that the experiment reads, from the workspace's root.
    pub fn data(mut self, path: impl Into<PathBuf>) -> Self {
        self.data.push(path.into());
        self
    }
}

/// A chapter's own command, for example `count`.
#[derive(Clone)]
pub struct ChapterCommand {
    /// Name, help and arguments.
    pub command: clap::Command,
    run: Arc<RunFn>,
}

/// Parses and runs.
type RunFn =
    dyn Fn(&clap::ArgMatches, &Context<'_>, &mut dyn Write) -> anyhow::Result<()> + Send + Sync;

impl ChapterCommand {
    /// Runs it with what was given on the command line.
    pub(crate) fn run(
        &self,
        matches: &clap::ArgMatches,
        context: &Context<'_>,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        (self.run)(matches, context, out)
    }
}

impl std::fmt::Debug for ChapterCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ChapterCommand").field(&self.command.get_name()).finish()
    }
}

/// Where and how a chapter's own command runs.
#[derive(Debug)]
pub struct Context<'a> {
    /// Threads to use, as `--threads` says; results must not depend on it.
    pub threads: usize,
    pub(crate) chapter: &'a Chapter,
    pub(crate) root: Option<&'a Path>,
}

impl Context<'_> {
    /// The checkout of the book, as `--root` says. Asked for when it is needed: most commands run anywhere.
    ///
    /// # Errors
    /// Where there is none.
    pub fn workspace(&self) -> anyhow::Result<Workspace> {
        self.chapter.workspace(self.root)
    }
}

/// What a chapter's crate offers to the book.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// Package name, for example `parameters`.
    pub name: &'static str,
    /// The crate's folder when it was compiled.
    pub compiled_in: &'static str,
    /// What the chapter asks.
    pub title: &'static str,
    /// The experiments, in the order of the chapter.
    pub experiments: Vec<Experiment>,
    /// The figures by name, in the order of the chapter.
    pub figures: Vec<(&'static str, FigureFn)>,
    /// The chapter's own commands.
    pub commands: Vec<ChapterCommand>,
    /// Sections that the chapter adds to `list`.
    pub listings: Vec<ListingFn>,
    /// First parts of the ids of its Criterion benches.
    pub benches: Vec<&'static str>,
}

impl Chapter {
    /// A chapter without contents. Call it as
    /// `Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), "How big is a network, exactly?")`.
    pub fn new(name: &'static str, compiled_in: &'static str, title: &'static str) -> Self {
        Chapter {
            name,
            compiled_in,
            title,
            experiments: Vec::new(),
            figures: Vec::new(),
            commands: Vec::new(),
            listings: Vec::new(),
            benches: Vec::new(),
        }
    }

    /// Adds an experiment.
    pub fn experiment(mut self, experiment: Experiment) -> Self {
        self.experiments.push(experiment);
        self
    }

    /// Adds a figure.
    pub fn figure(mut self, name: &'static str, draw: FigureFn) -> Self {
        self.figures.push((name, draw));
        self
    }

    /// Adds a command of the chapter's own. What it is about is the first line of its arguments' documentation.
    pub fn command<A: clap::Args + 'static>(
        mut self,
        name: &'static str,
        run: CommandFn<A>,
    ) -> Self {
        let command = A::augment_args(clap::Command::new(name));
        let run = move |matches: &clap::ArgMatches, context: &Context<'_>, out: &mut dyn Write| {
            let args = A::from_arg_matches(matches).map_err(|_| {
                anyhow::anyhow!("the arguments do not fit the command; see its `--help`")
            })?;
            run(args, context, out)
        };
        self.commands.push(ChapterCommand { command, run: Arc::new(run) });
        self
    }

    /// Adds a section to what `list` prints.
    pub fn listing(mut self, listing: ListingFn) -> Self {
        self.listings.push(listing);
        self
    }

    /// Names a group of Criterion benches, the first part of their ids.
    pub fn bench(mut self, group: &'static str) -> Self {
        self.benches.push(group);
        self
    }

    /// The experiment called `name`.
    ///
    /// # Errors
    /// [`Missing`] where there is none.
    pub fn find_experiment(&self, name: &str) -> Result<&Experiment, Missing> {
        self.experiments.iter().find(|e| e.name == name).ok_or_else(|| {
            Missing::new("experiment", name, self.experiments.iter().map(|e| e.name))
        })
    }

    /// The crate's folder in `workspace`.
    pub fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace
            .member(self.name)
            .map_or_else(|| PathBuf::from(self.compiled_in), |c| c.folder.clone())
    }

    /// The file that holds what `experiment` recorded; [`TIMINGS`] is one too.
    pub fn results_file(&self, workspace: &Workspace, experiment: &str) -> PathBuf {
        self.folder(workspace).join("results").join(format!("{experiment}.json"))
    }

    /// The command that records `experiment` anew.
    pub fn run_command(&self, experiment: &str) -> String {
        if experiment == TIMINGS {
            format!("cargo bench -p {0} && cargo run --release -p {0} -- record-bench", self.name)
        } else {
            format!("cargo run --release -p {} -- run {experiment}", self.name)
        }
    }

    /// What `experiment` recorded, or the timings.
    ///
    /// # Errors
    /// [`ReadError`] where there is no such experiment, or its file is absent or damaged.
    pub fn read(&self, workspace: &Workspace, experiment: &str) -> Result<Results, ReadError> {
        if experiment != TIMINGS {
            self.find_experiment(experiment)?;
        }
        let path = self.results_file(workspace, experiment);
        Ok(Results::read(&path, &self.run_command(experiment))?)
    }

    /// Draws the figure called `name` from what is recorded, and says which experiments it drew.
    ///
    /// # Errors
    /// Where there is no such figure, a result is absent, or the drawing fails.
    pub fn draw(&self, workspace: &Workspace, name: &str) -> anyhow::Result<Figure> {
        self.draw_from(workspace, name, BTreeMap::new())
    }

    /// As [`draw`](Self::draw), with results that are read already, by experiment; others are read.
    ///
    /// # Errors
    /// As [`draw`](Self::draw).
    pub fn draw_from(
        &self,
        workspace: &Workspace,
        name: &str,
        known: BTreeMap<String, Rc<Results>>,
    ) -> anyhow::Result<Figure> {
        let (_, draw) =
            self.figures.iter().find(|(n, _)| *n == name).ok_or_else(|| {
                Missing::new("figure", name, self.figures.iter().map(|(n, _)| *n))
            })?;
        let recorded = Recorded { known, ..Recorded::new(self, workspace) };
        let mut figure = draw(&recorded)?;
        figure.sources = recorded.used();
        Ok(figure)
    }
}

/// Why the results of an experiment could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No such experiment.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// Its file is absent or damaged.
    #[error(transparent)]
    File(#[from] ResultsError),
}

/// The recorded results of a chapter, read when a figure first asks for them.
#[derive(Debug)]
pub struct Recorded<'a> {
    chapter: &'a Chapter,
    workspace: &'a Workspace,
    known: BTreeMap<String, Rc<Results>>,
    read: RefCell<BTreeMap<String, Rc<Results>>>,
}

impl<'a> Recorded<'a> {
    /// Nothing is read yet.
    pub fn new(chapter: &'a Chapter, workspace: &'a Workspace) -> Self {
        Recorded { chapter, workspace, known: BTreeMap::new(), read: RefCell::default() }
    }

    /// What `experiment` recorded.
    ///
    /// # Errors
    /// As [`Chapter::read`].
    pub fn experiment(&self, experiment: &str) -> Result<Rc<Results>, ReadError> {
        if let Some(results) = self.read.borrow().get(experiment) {
            return Ok(Rc::clone(results));
        }
        let results = match self.known.get(experiment) {
            Some(known) => Rc::clone(known),
            None => Rc::new(self.chapter.read(self.workspace, experiment)?),
        };
        self.read.borrow_mut().insert(experiment.to_owned(), Rc::clone(&results));
        Ok(results)
    }

    /// The experiments that were asked for so far.
    pub fn used(&self) -> Vec<String> {
        self.read.borrow().keys().cloned().collect()
    }

    /// The workspace's root, for pictures that are part of the data.
    pub fn root(&self) -> &Path {
        self.workspace.root()
    }
}

impl Data for Recorded<'_> {
    fn data(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }
}
