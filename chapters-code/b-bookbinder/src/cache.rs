//! What is kept from one binding to the next, so that `cargo book serve` does again only what a
//! change asks for. Everything is keyed by content: a figure by the results it was drawn from, a
//! formula by its TeX, the ids of a page by its text. A single binding starts with an empty one.

use std::cell::RefCell;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;
use std::rc::Rc;

use notebook::{Figure, Results};

use crate::bibliography::{Bibliography, BibliographyError};
use crate::markup::Markup;
use crate::maths::Maths;

/// The ids that a page offers to links.
pub type Ids = Rc<BTreeSet<String>>;

/// Drawn figures, typeset formulas, references and ids. A copy shares what the first one keeps.
#[derive(Clone, Default)]
pub struct Cache(Rc<Kept>);

#[derive(Default)]
struct Kept {
    maths: Maths,
    figures: RefCell<HashMap<String, Drawn>>,
    ids: RefCell<HashMap<u64, Ids>>,
    bibliography: RefCell<Option<(Vec<u8>, Bibliography)>>,
}

/// A figure and the results it was drawn from.
struct Drawn {
    sources: BTreeMap<String, Rc<Results>>,
    figure: Rc<Figure>,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cache({} figures)", self.0.figures.borrow().len())
    }
}

impl Cache {
    /// The renderer of formulas, which keeps what it typeset.
    pub fn maths(&self) -> Maths {
        self.0.maths.clone()
    }

    /// The figure at `path`, where it was drawn from results equal to those in `recorded`.
    pub fn figure(
        &self,
        path: &str,
        recorded: &BTreeMap<String, Rc<Results>>,
    ) -> Option<Rc<Figure>> {
        let figures = self.0.figures.borrow();
        let drawn = figures.get(path)?;
        let same = |(name, was): (&String, &Rc<Results>)| {
            recorded.get(name).is_some_and(|is| Rc::ptr_eq(is, was) || is == was)
        };
        drawn.sources.iter().all(same).then(|| Rc::clone(&drawn.figure))
    }

    /// Keeps the figure at `path`; one whose results are not all known is not kept.
    pub fn keep_figure(
        &self,
        path: &str,
        figure: &Rc<Figure>,
        recorded: &BTreeMap<String, Rc<Results>>,
    ) {
        let source = |name: &String| Some((name.clone(), Rc::clone(recorded.get(name)?)));
        if let Some(sources) = figure.sources.iter().map(source).collect() {
            let drawn = Drawn { sources, figure: Rc::clone(figure) };
            self.0.figures.borrow_mut().insert(path.to_owned(), drawn);
        }
    }

    /// The ids of each text, in order. What earlier texts offered is forgotten.
    pub fn ids(&self, texts: &[String]) -> Vec<Ids> {
        let mut kept = self.0.ids.borrow_mut();
        let mut now = HashMap::with_capacity(texts.len());
        let mut all = Vec::with_capacity(texts.len());
        for text in texts {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            let hash = hasher.finish();
            let ids = kept
                .remove(&hash)
                .or_else(|| now.get(&hash).cloned())
                .unwrap_or_else(|| Rc::new(Markup::of(text).ids().map(str::to_owned).collect()));
            now.insert(hash, Rc::clone(&ids));
            all.push(ids);
        }
        *kept = now;
        all
    }

    /// The references in the file at `path`, read again where its bytes changed.
    ///
    /// # Errors
    /// As [`Bibliography::read`].
    pub fn bibliography(&self, path: &Path) -> Result<Bibliography, BibliographyError> {
        let bytes = std::fs::read(path).unwrap_or_default();
        let mut kept = self.0.bibliography.borrow_mut();
        if let Some((_, bibliography)) = kept.as_ref().filter(|(was, _)| *was == bytes) {
            return Ok(bibliography.clone());
        }
        *kept = None;
        let bibliography = Bibliography::read(path)?;
        *kept = Some((bytes, bibliography.clone()));
        Ok(bibliography)
    }
}
