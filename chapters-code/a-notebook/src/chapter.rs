//! A chapter as the machinery sees it: its experiments, its figures, its own commands.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::contents::{Contents, Listed, ReadError};
use crate::figure::Figure;
use crate::recorder::Recorder;
use crate::results::{Missing, Results};
use crate::workspace::{Data, Workspace};

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
    /// How the list of the chapter names it.
    pub listed: Listed,
    /// The function.
    pub run: ExperimentFn,
}

impl Experiment {
    /// An experiment with seed 1 that reads no data.
    pub fn new(name: &str, title: &str, run: ExperimentFn) -> Self {
        let (name, title) = (name.to_owned(), title.to_owned());
        Experiment { listed: Listed { name, title, seed: 1, data: Vec::new() }, run }
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.listed.seed = seed;
        self
    }

    /// Names the data files that the experiment reads, from the workspace's root.
    pub fn reads(mut self, paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.listed.data.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Names a data file that the experiment reads, from the workspace's root.
    pub fn data(mut self, path: impl Into<PathBuf>) -> Self {
        self.listed.data.push(path.into());
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

    /// Where a command's data are: in the folder that was given, as the command line means it, else in `folder` of the
    /// checkout, wherever the command is run.
    ///
    /// # Errors
    /// Where nothing was given and there is no checkout.
    pub fn data(&self, given: Option<PathBuf>, folder: &str) -> anyhow::Result<PathBuf> {
        match given {
            Some(given) => Ok(given),
            None => Ok(self.workspace()?.root().join(folder)),
        }
    }
}

/// What a chapter's crate offers to the book: its [`Contents`], and the functions behind them.
#[derive(Debug, Clone)]
pub struct Chapter {
    contents: Contents,
    /// Package name, as it was compiled.
    pub(crate) package: &'static str,
    /// The crate's folder when it was compiled.
    pub compiled_in: &'static str,
    /// What each experiment runs, in the order of the list.
    runs: Vec<ExperimentFn>,
    /// What draws each figure, in the order of the list.
    pub(crate) draws: Vec<FigureFn>,
    /// The chapter's own commands.
    pub commands: Vec<ChapterCommand>,
    /// Sections that the chapter adds to `list`.
    pub listings: Vec<ListingFn>,
}

impl Deref for Chapter {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        &self.contents
    }
}

impl Chapter {
    /// A chapter without contents. Call it as
    /// `Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), "How big is a network, exactly?")`.
    pub fn new(package: &'static str, compiled_in: &'static str, title: &str) -> Self {
        let (name, title) = (package.to_owned(), title.to_owned());
        Chapter {
            contents: Contents { name, title, ..Contents::default() },
            package,
            compiled_in,
            runs: Vec::new(),
            draws: Vec::new(),
            commands: Vec::new(),
            listings: Vec::new(),
        }
    }

    /// Adds an experiment.
    pub fn experiment(mut self, experiment: Experiment) -> Self {
        self.contents.experiments.push(experiment.listed);
        self.runs.push(experiment.run);
        self
    }

    /// Adds a figure.
    pub fn figure(mut self, name: &str, draw: FigureFn) -> Self {
        self.contents.figures.push(name.to_owned());
        self.draws.push(draw);
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
    pub fn bench(mut self, group: &str) -> Self {
        self.contents.benches.push(group.to_owned());
        self
    }

    /// What the experiment called `name` runs.
    ///
    /// # Errors
    /// [`Missing`] where there is none.
    pub(crate) fn function(&self, name: &str) -> Result<ExperimentFn, Missing> {
        self.find_experiment(name)?;
        let at = self.experiments.iter().position(|e| e.name == name).unwrap_or_default();
        Ok(self.runs[at])
    }
}

/// The recorded results of a chapter, read when a figure first asks for them.
#[derive(Debug)]
pub struct Recorded<'a> {
    chapter: &'a Contents,
    workspace: &'a Workspace,
    read: RefCell<BTreeMap<String, Rc<Results>>>,
    pictures: Cell<bool>,
}

impl<'a> Recorded<'a> {
    /// Nothing is read yet.
    pub fn new(chapter: &'a Contents, workspace: &'a Workspace) -> Self {
        Recorded { chapter, workspace, read: RefCell::default(), pictures: Cell::new(false) }
    }

    /// What `experiment` recorded.
    ///
    /// # Errors
    /// As [`Contents::read_results`].
    pub fn experiment(&self, experiment: &str) -> Result<Rc<Results>, ReadError> {
        if let Some(results) = self.read.borrow().get(experiment) {
            return Ok(Rc::clone(results));
        }
        let results = Rc::new(self.chapter.read_results(self.workspace, experiment)?);
        self.read.borrow_mut().insert(experiment.to_owned(), Rc::clone(&results));
        Ok(results)
    }

    /// What was asked for so far, by experiment.
    pub(crate) fn used(&self) -> BTreeMap<String, Rc<Results>> {
        self.read.borrow().clone()
    }

    /// The workspace's root, for pictures that are part of the data. A figure that asks for it
    /// depends on every data file that the chapter's experiments name.
    pub fn root(&self) -> &Path {
        self.pictures.set(true);
        self.workspace.root()
    }

    /// The data files that the figure may show; none where it did not ask for the root.
    pub(crate) fn pictures(&self) -> Vec<PathBuf> {
        let all = self.chapter.experiments.iter().flat_map(|e| e.data.iter().cloned());
        let mut files: Vec<PathBuf> = all.filter(|_| self.pictures.get()).collect();
        files.sort();
        files.dedup();
        files
    }
}

impl Data for Recorded<'_> {
    fn data(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }
}
