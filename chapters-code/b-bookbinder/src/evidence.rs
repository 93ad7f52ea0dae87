//! What the chapters recorded and draw, read once a build: each file, each figure.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use notebook::run::{self, State};
use notebook::workspace::Crate;
use notebook::{Chapter, Experiment, Figure, Results, TIMINGS, Workspace};

use crate::cache::Cache;
use crate::faults::Trouble;
use crate::text::nearest;

/// The recorded results of all chapters.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// Where the crates are.
    pub workspace: &'a Workspace,
    /// Every chapter that is registered.
    pub chapters: &'a [Chapter],
    crates: BTreeMap<String, &'a Crate>,
    by_name: BTreeMap<&'a str, &'a Chapter>,
    results: RefCell<BTreeMap<String, Option<Rc<Results>>>>,
    figures: RefCell<BTreeMap<String, Option<Rc<Figure>>>>,
    unusable: BTreeSet<String>,
    cache: Cache,
}

/// An experiment that is not fresh, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFresh {
    /// `chapter/experiment`.
    pub name: String,
    /// What is wrong and the command that mends it.
    pub message: String,
}

impl<'a> Evidence<'a> {
    /// Nothing is read yet; figures come from `cache` where it has them.
    pub fn new(workspace: &'a Workspace, chapters: &'a [Chapter], cache: Cache) -> Self {
        let (results, figures) = Default::default();
        let crates = workspace.members().into_iter().map(|c| (c.folder_name(), c)).collect();
        let mut by_name = BTreeMap::new();
        for chapter in chapters {
            by_name.entry(chapter.name).or_insert(chapter);
        }
        let unusable = BTreeSet::new();
        Evidence { workspace, chapters, crates, by_name, results, figures, unusable, cache }
    }

    /// The crate in the folder of this name, `14-parameters`.
    pub fn crate_in(&self, folder: &str) -> Option<&'a Crate> {
        self.crates.get(folder).copied()
    }

    /// Takes the state of every experiment, and gives those that do not follow from the code.
    ///
    /// # Errors
    /// The chapter, and why its sources could not be read.
    pub fn judge(&mut self) -> Vec<Result<NotFresh, (String, String)>> {
        let mut found = Vec::new();
        for chapter in self.chapters {
            for experiment in &chapter.experiments {
                match run::state(chapter, self.workspace, experiment) {
                    Ok((State::Fresh, results)) => self.keep(chapter, experiment, results),
                    Ok((state, results)) => {
                        let name = format!("{}/{}", chapter.name, experiment.name);
                        let command = chapter.run_command(experiment.name);
                        let message = match &state {
                            // The fault of a damaged file names its command.
                            State::Damaged(fault) => self.from_root(fault),
                            state => format!("{name} is {}; run `{command}`", state.describe()),
                        };
                        if results.is_none() {
                            self.unusable.insert(name.clone());
                        }
                        self.keep(chapter, experiment, results);
                        found.push(Ok(NotFresh { name, message }));
                    }
                    Err(e) => {
                        found.push(Err((chapter.name.to_owned(), self.from_root(&e.to_string()))));
                        self.unusable.insert(format!("{}/{}", chapter.name, experiment.name));
                    }
                }
            }
        }
        found
    }

    fn keep(&self, chapter: &Chapter, experiment: &Experiment, results: Option<Results>) {
        if let Some(results) = results {
            let name = format!("{}/{}", chapter.name, experiment.name);
            self.results.borrow_mut().insert(name, Some(Rc::new(results)));
        }
    }

    /// Puts results in, as if they had been read.
    pub fn insert(&self, results: Results) {
        let name = format!("{}/{}", results.chapter, results.experiment);
        self.results.borrow_mut().insert(name, Some(Rc::new(results)));
    }

    /// The chapter and the rest of a path `chapter/name`.
    ///
    /// # Errors
    /// Where it is no such path, or there is no such chapter.
    pub fn split<'p>(&self, path: &'p str, kind: &str) -> Result<(&'a Chapter, &'p str), Trouble> {
        let Some((chapter, name)) =
            path.split_once('/').filter(|(c, n)| !c.is_empty() && !n.is_empty())
        else {
            return Err(
                format!("`{path}` is not a chapter and {kind}; write `chapter/{kind}`").into()
            );
        };
        Ok((self.chapter(chapter)?, name))
    }

    /// The chapter whose package is `name`.
    ///
    /// # Errors
    /// Where there is none.
    pub fn chapter(&self, name: &str) -> Result<&'a Chapter, Trouble> {
        self.by_name.get(name).copied().ok_or_else(|| {
            let hint = nearest(name, self.chapters.iter().map(|c| c.name));
            format!("there is no chapter `{name}`{hint}").into()
        })
    }

    /// What the experiment `chapter/experiment` recorded; `chapter/timings` too.
    ///
    /// # Errors
    /// Where there is no such experiment or its file cannot be read; that is told once.
    pub fn results(&self, path: &str) -> Result<Rc<Results>, Trouble> {
        if self.unusable.contains(path) {
            return Err(Trouble::Reported);
        }
        if let Some(read) = self.results.borrow().get(path) {
            return read.clone().ok_or(Trouble::Reported);
        }
        let (chapter, name) = self.split(path, "experiment")?;
        if name != TIMINGS {
            chapter.find_experiment(name)?;
        }
        let read = chapter.read(self.workspace, name);
        let kept = read.as_ref().ok().cloned().map(Rc::new);
        self.results.borrow_mut().insert(path.to_owned(), kept.clone());
        match (kept, read) {
            (Some(results), _) => Ok(results),
            (None, Err(e)) => Err(self.from_root(&e.to_string()).into()),
            (None, Ok(_)) => Err(Trouble::Reported),
        }
    }

    /// The figure `chapter/name`, drawn.
    ///
    /// # Errors
    /// Where there is no such figure or it cannot be drawn; that is told once.
    pub fn figure(&self, path: &str) -> Result<Rc<Figure>, Trouble> {
        if let Some(drawn) = self.figures.borrow().get(path) {
            return drawn.clone().ok_or(Trouble::Reported);
        }
        let (chapter, name) = self.split(path, "figure")?;
        let recorded = self.recorded(chapter);
        if let Some(figure) = self.cache.figure(path, &recorded) {
            self.figures.borrow_mut().insert(path.to_owned(), Some(Rc::clone(&figure)));
            return Ok(figure);
        }
        let drawn = chapter.draw_from(self.workspace, name, recorded.clone());
        let kept = drawn.as_ref().ok().cloned().map(Rc::new);
        if let Some(figure) = &kept {
            self.cache.keep_figure(path, figure, &recorded);
        }
        self.figures.borrow_mut().insert(path.to_owned(), kept.clone());
        match (kept, drawn) {
            (Some(figure), _) => Ok(figure),
            (None, Err(e)) if self.is_told(&e) => Err(Trouble::Reported),
            (None, Err(_))
                if self.unusable.iter().any(|u| u.starts_with(&format!("{}/", chapter.name))) =>
            {
                Err(Trouble::Reported)
            }
            (None, Err(e)) => Err(self.from_root(&format!("{e:#}")).into()),
            (None, Ok(_)) => Err(Trouble::Reported),
        }
    }

    /// What is read of a chapter's results, by experiment; timings are read for it.
    fn recorded(&self, chapter: &Chapter) -> BTreeMap<String, Rc<Results>> {
        let timings = format!("{}/{TIMINGS}", chapter.name);
        // A file that cannot be read is a fault of what asks for it.
        if !self.results.borrow().contains_key(&timings)
            && let Ok(read) = chapter.read(self.workspace, TIMINGS)
        {
            self.results.borrow_mut().insert(timings, Some(Rc::new(read)));
        }
        let names = chapter.experiments.iter().map(|e| e.name).chain([TIMINGS]);
        let results = self.results.borrow();
        let read = |name: &str| {
            let results = results.get(&format!("{}/{name}", chapter.name))?.as_ref()?;
            Some((name.to_owned(), Rc::clone(results)))
        };
        names.filter_map(read).collect()
    }

    /// Does a figure fail on a file that is already reported?
    fn is_told(&self, error: &anyhow::Error) -> bool {
        let message = error.to_string();
        let failed = self.results.borrow();
        failed.iter().filter(|(_, results)| results.is_none()).any(|(path, _)| {
            let file = path.split_once('/').map(|(_, experiment)| format!("/{experiment}.json"));
            file.is_some_and(|file| message.contains(&file))
        })
    }

    /// A message with paths from the workspace's root.
    pub fn from_root(&self, message: &str) -> String {
        let root = self.workspace.root().to_string_lossy();
        if root.is_empty() { message.to_owned() } else { message.replace(&format!("{root}/"), "") }
    }
}

/// `parameters/lecture, recorded 23 November 2026`; of a time also the machine.
pub fn origin(results: &Results, timed: bool) -> String {
    let date = notebook::provenance::long_date(&results.provenance.date);
    let machine = if timed {
        format!(" on {}", results.provenance.machine.describe())
    } else {
        String::new()
    };
    format!("{}/{}, recorded {date}{machine}", results.chapter, results.experiment)
}

/// Are these Criterion's medians?
pub fn is_timing(results: &Results) -> bool {
    results.experiment == TIMINGS
}
