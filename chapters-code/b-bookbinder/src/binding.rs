//! Everything that directives and formulas are replaced from, with a log of what was used.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gradebook::library::Library;

use crate::bibliography::Bibliography;
use crate::book::Book;
use crate::cache::Cache;
use crate::directives::syntax::Site;
use crate::evidence::Evidence;
use crate::glossary::Glossary;
use crate::labels::Labels;
use crate::maths::Maths;
use crate::settings::Edition;
use crate::site::Repository;
use crate::text::slashes;
use crate::uses::Uses;

/// Everything that directives are replaced from.
pub struct Binding<'a> {
    /// The pages.
    pub book: &'a Book,
    /// What the chapters recorded.
    pub evidence: &'a Evidence<'a>,
    /// Numbers.
    pub labels: &'a Labels,
    /// Which directives stand where.
    pub uses: &'a Uses,
    /// The renderer of formulas.
    pub maths: Maths,
    /// References, where the file could be read.
    pub bibliography: Option<Bibliography>,
    /// The glossary, where the book has one.
    pub glossary: Option<Glossary>,
    /// The repository, for links to the code.
    pub repository: Option<Repository>,
    /// What is kept from one binding to the next.
    pub cache: Cache,
    /// Exercises and questions.
    pub library: &'a Library,
    /// For whom the book is bound.
    pub edition: Edition,
    /// What was used so far.
    pub log: Log,
}

/// What was used, noted while pages are bound.
#[derive(Debug, Default)]
pub struct Log(RefCell<Noted>);

#[derive(Debug, Default)]
struct Noted {
    experiments: BTreeMap<String, Site>,
    used: BTreeMap<usize, BTreeSet<String>>,
    figures: BTreeSet<String>,
    anchors: BTreeSet<(PathBuf, String)>,
    timings: BTreeMap<usize, BTreeSet<String>>,
    values: usize,
    formulas: usize,
}

impl Binding<'_> {
    /// Notes that the page at `site` uses what `path` recorded, and whether it shows a time.
    pub fn note_use(&self, site: Site, path: &str, timed: bool) {
        let mut log = self.log.0.borrow_mut();
        log.experiments.entry(path.to_owned()).or_insert(site);
        log.used.entry(site.page).or_default().insert(path.to_owned());
        if timed {
            log.timings.entry(site.page).or_default().insert(path.to_owned());
        }
    }

    /// What the page uses of what was recorded, as far as it is bound.
    pub fn used_on(&self, page: usize) -> BTreeSet<String> {
        self.log.0.borrow().used.get(&page).cloned().unwrap_or_default()
    }

    /// Notes a figure that was put on a page.
    pub fn note_figure(&self, path: &str) {
        self.log.0.borrow_mut().figures.insert(path.to_owned());
    }

    /// Notes an anchor that a page includes.
    pub fn note_anchor(&self, file: &Path, anchor: &str) {
        self.log.0.borrow_mut().anchors.insert((file.to_owned(), anchor.to_owned()));
    }

    /// Counts a value.
    pub fn note_value(&self) {
        self.log.0.borrow_mut().values += 1;
    }

    /// Counts a formula.
    pub fn note_formula(&self) {
        self.log.0.borrow_mut().formulas += 1;
    }

    /// Is the anchor included by a page?
    pub fn uses_anchor(&self, file: &Path, anchor: &str) -> bool {
        self.log.0.borrow().anchors.contains(&(file.to_owned(), anchor.to_owned()))
    }

    /// Is what `path` recorded used, or the figure shown?
    pub fn is_used(&self, path: &str) -> bool {
        let log = self.log.0.borrow();
        log.experiments.contains_key(path) || self.uses.first_of(path).is_some()
    }

    /// Is the figure shown?
    pub fn shows_figure(&self, path: &str) -> bool {
        self.uses.shows(path)
    }

    /// Where the experiment at `path` is first used: file and line.
    pub fn first_use(&self, path: &str) -> Option<(&str, usize)> {
        let textual = self.uses.first_of(path).map(|u| (u.page, u.offset));
        let noted = self.log.0.borrow().experiments.get(path).map(|site| (site.page, site.offset));
        let (page, offset) = textual.into_iter().chain(noted).min()?;
        let page = &self.book.pages[page];
        Some((&page.file, page.line(offset)))
    }

    /// Where the figure at `path` is first shown: file and line.
    pub fn first_shown(&self, path: &str) -> Option<(&str, usize)> {
        let shown = self.uses.named("figure").find(|u| u.arguments == path)?;
        let page = &self.book.pages[shown.page];
        Some((&page.file, page.line(shown.offset)))
    }

    /// The file of references, from the workspace's root.
    pub fn bibliography_file(&self) -> String {
        slashes(&self.book.source.join("references.bib"))
    }

    /// The times that the page shows, as far as it is bound.
    pub fn times_on(&self, page: usize) -> BTreeSet<String> {
        self.log.0.borrow().timings.get(&page).cloned().unwrap_or_default()
    }

    /// What the pages that are bound hold.
    pub fn tally(&self) -> Tally {
        let log = self.log.0.borrow();
        let date_of = |path: &String| {
            let results = self.evidence.results(path).ok()?;
            Some((results.provenance.date.clone(), path.clone()))
        };
        let mut claims = 0;
        for chapter in &self.evidence.chapters {
            for experiment in &chapter.experiments {
                let results =
                    self.evidence.results(&format!("{}/{}", chapter.name, experiment.name));
                claims += results.map_or(0, |r| r.claims.values().filter(|c| c.holds).count());
            }
        }
        Tally {
            pages: self.book.pages.len(),
            figures: log.figures.len(),
            values: log.values,
            claims,
            formulas: log.formulas,
            references: self.uses.cited().len(),
            oldest: log
                .experiments
                .keys()
                .filter_map(date_of)
                .min()
                .map(|(date, path)| (path, date)),
        }
    }
}

/// What the book holds, for the summary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pages.
    pub pages: usize,
    /// Figures shown.
    pub figures: usize,
    /// Numbers put into the text.
    pub values: usize,
    /// Claims that hold.
    pub claims: usize,
    /// Formulas.
    pub formulas: usize,
    /// References cited.
    pub references: usize,
    /// The oldest result shown: its path and its date.
    pub oldest: Option<(String, String)>,
}
