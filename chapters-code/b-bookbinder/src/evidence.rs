//! What the chapters recorded and drew, read once a build: each list, each file, each drawing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use notebook::run::{RunError, State};
use notebook::staleness::FingerprintError;
use notebook::workspace::Crate;
use notebook::{Contents, Drawing, Figure, Freshness, Listed, Results, TIMINGS, Workspace};
use rayon::prelude::*;

use crate::faults::Trouble;
use crate::text::nearest;

/// The recorded results and the drawings of all chapters.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// Where the crates are.
    pub workspace: &'a Workspace,
    /// What every crate offers, in reading order.
    pub chapters: Vec<Contents>,
    crates: BTreeMap<String, &'a Crate>,
    /// Crates whose list cannot be read, and why.
    unlisted: BTreeMap<String, String>,
    results: RefCell<BTreeMap<String, Option<Rc<Results>>>>,
    figures: RefCell<BTreeMap<String, Option<Rc<Figure>>>>,
    unusable: BTreeSet<String>,
}

/// An experiment or a figure that is not fresh, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFresh {
    /// `chapter/experiment` or `chapter/figure`.
    pub name: String,
    /// Is it a figure?
    pub is_figure: bool,
    /// What is wrong and the command that mends it.
    pub message: String,
}

impl<'a> Evidence<'a> {
    /// The lists are read, and nothing else yet.
    pub fn new(workspace: &'a Workspace) -> Self {
        let mut chapters = Vec::new();
        let mut unlisted = BTreeMap::new();
        for member in workspace.members() {
            chapters.push(Contents::read(workspace, member).unwrap_or_else(|fault| {
                unlisted.insert(member.name.clone(), fault.to_string());
                Contents { name: member.name.clone(), ..Contents::default() }
            }));
        }
        let crates = workspace.members().into_iter().map(|c| (c.folder_name(), c)).collect();
        Evidence {
            workspace,
            chapters,
            crates,
            unlisted,
            results: RefCell::default(),
            figures: RefCell::default(),
            unusable: BTreeSet::new(),
        }
    }

    /// The crate in the folder of this name, `14-parameters`.
    pub fn crate_in(&self, folder: &str) -> Option<&'a Crate> {
        self.crates.get(folder).copied()
    }

    /// Takes the state of every list, experiment and figure, and gives those that do not follow from
    /// the code.
    ///
    /// # Errors
    /// The chapter, and why its list or its sources could not be read.
    pub fn judge(&mut self) -> Vec<Result<NotFresh, (String, String)>> {
        let workspace = self.workspace;
        let judged: Vec<(Freshness, bool)> = (self.chapters.par_iter())
            .map(|chapter| {
                let is_list_stale = chapter.is_stale(workspace).unwrap_or(false);
                (Freshness::of(chapter, workspace), is_list_stale)
            })
            .collect();
        let mut found = Vec::new();
        for (at, (freshness, is_list_stale)) in judged.into_iter().enumerate() {
            let chapter = self.chapters[at].clone();
            if let Some(fault) = self.unlisted.get(&chapter.name) {
                found.push(Err((chapter.name.clone(), self.from_root(fault))));
                continue;
            }
            let before = found.len();
            for (experiment, judged) in chapter.experiments.iter().zip(freshness.experiments) {
                found.extend(self.experiment(&chapter, experiment, judged));
            }
            // The command that records an experiment draws the figures, too.
            if found.len() == before {
                for (figure, judged) in chapter.figures.iter().zip(freshness.figures) {
                    found.extend(self.drawing(&chapter, figure, judged));
                }
            }
            if found.len() == before && is_list_stale {
                let name = &chapter.name;
                let message = format!(
                    "the code of `{name}` changed since it listed its experiments and figures; run `cargo run --release -p {name}`"
                );
                found.push(Err((name.clone(), message)));
            }
        }
        found
    }

    /// Keeps what an experiment recorded; gives what is wrong with it.
    fn experiment(
        &mut self,
        chapter: &Contents,
        experiment: &Listed,
        judged: Result<(State, Option<Results>), RunError>,
    ) -> Option<Result<NotFresh, (String, String)>> {
        let name = format!("{}/{}", chapter.name, experiment.name);
        match judged {
            Ok((state, results)) => {
                match results {
                    Some(results) => {
                        drop(self.results.borrow_mut().insert(name.clone(), Some(Rc::new(results))))
                    }
                    None => drop(self.unusable.insert(name.clone())),
                }
                let command = chapter.run_command(&experiment.name);
                self.not_fresh(name, false, &state, &command).map(Ok)
            }
            Err(e) => {
                self.unusable.insert(name);
                Some(Err((chapter.name.clone(), self.from_root(&e.to_string()))))
            }
        }
    }

    /// Keeps a drawing; gives what is wrong with it.
    fn drawing(
        &self,
        chapter: &Contents,
        figure: &str,
        judged: Result<(State, Option<Drawing>), FingerprintError>,
    ) -> Option<Result<NotFresh, (String, String)>> {
        let path = format!("{}/{figure}", chapter.name);
        match judged {
            Ok((state, drawn)) => {
                let kept = drawn.map(|drawing| Rc::new(drawing.figure));
                self.figures.borrow_mut().insert(path.clone(), kept);
                let command = chapter.draw_command(figure);
                self.not_fresh(path, true, &state, &command).map(Ok)
            }
            Err(e) => Some(Err((chapter.name.clone(), self.from_root(&e.to_string())))),
        }
    }

    /// What is to be said of something in this state; none where it is fresh.
    fn not_fresh(
        &self,
        name: String,
        is_figure: bool,
        state: &State,
        command: &str,
    ) -> Option<NotFresh> {
        let message = match state {
            State::Fresh => return None,
            // The fault of a damaged file names its command.
            State::Damaged(fault) => self.from_root(fault),
            State::Absent if is_figure => {
                format!("the figure {name} is not drawn yet; run `{command}`")
            }
            state if is_figure => {
                format!("the figure {name} is {}; run `{command}`", state.describe())
            }
            state => format!("{name} is {}; run `{command}`", state.describe()),
        };
        Some(NotFresh { name, is_figure, message })
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
    pub fn split<'p>(&self, path: &'p str, kind: &str) -> Result<(&Contents, &'p str), Trouble> {
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
    /// Where there is none, or its list cannot be read, which is told once.
    pub fn chapter(&self, name: &str) -> Result<&Contents, Trouble> {
        if self.unlisted.contains_key(name) {
            return Err(Trouble::Reported);
        }
        self.chapters.iter().find(|chapter| chapter.name == name).ok_or_else(|| {
            let hint = nearest(name, self.chapters.iter().map(|c| c.name.as_str()));
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
        let read = chapter.read_results(self.workspace, name);
        let kept = read.as_ref().ok().cloned().map(Rc::new);
        self.results.borrow_mut().insert(path.to_owned(), kept.clone());
        match (kept, read) {
            (Some(results), _) => Ok(results),
            (None, Err(e)) => Err(self.from_root(&e.to_string()).into()),
            (None, Ok(_)) => Err(Trouble::Reported),
        }
    }

    /// The figure `chapter/name`, as it was drawn.
    ///
    /// # Errors
    /// Where there is no such figure or its drawing cannot be read; that is told once.
    pub fn figure(&self, path: &str) -> Result<Rc<Figure>, Trouble> {
        if let Some(drawn) = self.figures.borrow().get(path) {
            return drawn.clone().ok_or(Trouble::Reported);
        }
        let (chapter, name) = self.split(path, "figure")?;
        chapter.find_figure(name)?;
        let read = Drawing::read(chapter, self.workspace, name);
        let kept = read.ok().map(|drawing| Rc::new(drawing.figure));
        self.figures.borrow_mut().insert(path.to_owned(), kept.clone());
        // Where it is not there, `judge` has said so of it or of its experiment.
        kept.ok_or(Trouble::Reported)
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
