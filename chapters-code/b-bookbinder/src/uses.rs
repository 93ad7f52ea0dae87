//! Which directives stand where: what the pages use, known before anything is replaced.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::Book;
use crate::directives::syntax::{self, Found, Place};

/// A directive on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Position of the page in the book.
    pub page: usize,
    /// Its first byte in the page's text.
    pub offset: usize,
    /// What it is part of.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: String,
}

/// Every directive of the book in reading order, those in comments left out.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    all: Vec<Use>,
    /// Positions of the directives of each name, in order.
    by_name: BTreeMap<String, Vec<usize>>,
    /// The pages that cite each claim, in order, by path and id.
    claimed: BTreeMap<String, BTreeMap<String, Vec<usize>>>,
    /// The first directive that names each word: the path of what was recorded among them.
    first: BTreeMap<String, usize>,
    /// The figures that are shown.
    figures: BTreeSet<String>,
}

impl Uses {
    /// Collects them.
    pub fn of(book: &Book) -> Self {
        let mut all = Vec::new();
        for (page, content) in book.pages.iter().enumerate() {
            for found in &content.markup.found {
                let Found::Directive { range, name, arguments } = found else { continue };
                let place = content.markup.place(range.start);
                if place != Place::Comment {
                    let (name, arguments) = (name.clone(), arguments.clone());
                    all.push(Use { page, offset: range.start, place, name, arguments });
                }
            }
        }
        let mut uses = Uses { all, ..Uses::default() };
        uses.index();
        uses
    }

    /// Makes the lists in which it is looked up, so that a long book is not read for each claim.
    fn index(&mut self) {
        for (at, u) in self.all.iter().enumerate() {
            self.by_name.entry(u.name.clone()).or_default().push(at);
            if ["value", "table", "claim"].contains(&u.name.as_str()) {
                for word in u.arguments.split_whitespace() {
                    self.first.entry(word.to_owned()).or_insert(at);
                }
            }
            if let ("claim", Some((path, id))) = (u.name.as_str(), syntax::claimed(&u.arguments)) {
                let ids = self.claimed.entry(path.to_owned()).or_default();
                ids.entry(id.to_owned()).or_default().push(u.page);
            }
            if u.name == "figure" {
                self.figures.insert(u.arguments.clone());
            }
        }
    }

    /// The directives called `name`.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Use> {
        self.by_name.get(name).into_iter().flatten().map(|at| &self.all[*at])
    }

    /// The directives of a page.
    fn on(&self, page: usize) -> &[Use] {
        let from = self.all.partition_point(|u| u.page < page);
        let to = self.all.partition_point(|u| u.page <= page);
        &self.all[from..to]
    }

    /// The first page with a directive that stands for a whole list, such as `claims`.
    pub fn page_of(&self, name: &str) -> Option<usize> {
        self.named(name).find(|u| u.place == Place::Prose).map(|u| u.page)
    }

    /// The pages that cite a claim.
    pub fn claimed_on(&self, path: &str, id: &str) -> Vec<usize> {
        let cited = self.claimed.get(path).and_then(|ids| ids.get(id));
        let mut pages = cited.cloned().unwrap_or_default();
        pages.dedup();
        pages
    }

    /// The keys of the references that are cited.
    pub fn cited(&self) -> BTreeSet<&str> {
        self.named("cite").flat_map(|u| syntax::cited(&u.arguments)).collect()
    }

    /// The page and the arguments of every term that is defined.
    pub fn terms(&self) -> impl Iterator<Item = (usize, &str)> {
        self.named("term").map(|u| (u.page, u.arguments.as_str()))
    }

    /// The chapter of the card that is open at `offset` of `page`.
    pub fn open_card(&self, page: usize, offset: usize) -> Option<String> {
        let mut before = self.on(page).iter().rev().filter(|u| u.offset < offset);
        let last = before.find(|u| u.name == "card" || u.name == "endcard")?;
        (last.name == "card").then(|| last.arguments.clone())
    }

    /// The parts of the five-minute checks of a page, in order.
    pub fn parts_of_checks(&self, page: usize) -> Vec<&Use> {
        let is_part = |u: &&Use| syntax::CHECK.contains(&u.name.as_str());
        self.on(page).iter().filter(|u| u.place == Place::Prose).filter(is_part).collect()
    }

    /// Is the figure at `path` shown?
    pub fn shows(&self, path: &str) -> bool {
        self.figures.contains(path)
    }

    /// The card or the end of one that follows `offset` on the page.
    pub fn card_after(&self, page: usize, offset: usize) -> Option<&Use> {
        let mut after = self.on(page).iter().filter(|u| u.offset > offset);
        after.find(|u| u.name == "card" || u.name == "endcard")
    }

    /// The first use of what the experiment or timings at `path` recorded.
    pub fn first_of(&self, path: &str) -> Option<&Use> {
        self.first.get(path).map(|at| &self.all[*at])
    }
}
