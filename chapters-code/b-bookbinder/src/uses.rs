//! Which directives stand where: what the pages use, known before anything is replaced.

use std::collections::BTreeSet;

use crate::book::Book;
use crate::directives::syntax::Found;
use crate::directives::{cite, claim};
use crate::markup::Place;

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
        Uses { all }
    }

    /// The directives called `name`.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Use> {
        self.all.iter().filter(move |u| u.name == name)
    }

    /// The first page with a directive that stands for a whole list, such as `claims`.
    pub fn page_of(&self, name: &str) -> Option<usize> {
        self.named(name).find(|u| u.place == Place::Prose).map(|u| u.page)
    }

    /// The pages that cite a claim.
    pub fn claimed_on(&self, path: &str, id: &str) -> Vec<usize> {
        let claims = self.named("claim").filter(|u| claim::parse(&u.arguments) == Some((path, id)));
        let mut pages: Vec<usize> = claims.map(|u| u.page).collect();
        pages.dedup();
        pages
    }

    /// The keys of the references that are cited.
    pub fn cited(&self) -> BTreeSet<&str> {
        self.named("cite").flat_map(|u| cite::keys(&u.arguments)).collect()
    }

    /// The page and the arguments of every term that is defined.
    pub fn terms(&self) -> impl Iterator<Item = (usize, &str)> {
        self.named("term").map(|u| (u.page, u.arguments.as_str()))
    }

    /// The chapter of the card that is open at `offset` of `page`.
    pub fn open_card(&self, page: usize, offset: usize) -> Option<String> {
        let mut before = self.all.iter().rev().filter(|u| u.page == page && u.offset < offset);
        let last = before.find(|u| u.name == "card" || u.name == "endcard")?;
        (last.name == "card").then(|| last.arguments.clone())
    }

    /// The first use of what the experiment or timings at `path` recorded.
    pub fn first_of(&self, path: &str) -> Option<&Use> {
        self.all.iter().find(|u| {
            ["value", "table", "claim"].contains(&u.name.as_str())
                && u.arguments.split_whitespace().any(|w| w == path)
        })
    }
}
