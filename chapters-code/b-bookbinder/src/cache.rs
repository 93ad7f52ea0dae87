//! What is kept from one binding to the next, so that `cargo book serve` does again only what a
//! change asks for. Everything is keyed by content: a figure by the results it was drawn from, a
//! formula by its TeX, the ids of a page by its text. A single binding starts with an empty one.

use std::cell::RefCell;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use rayon::prelude::*;

use crate::bibliography::{Bibliography, BibliographyError};
use crate::markup::Markup;
use crate::maths::Maths;

/// The ids that a page offers to links.
pub type Ids = Arc<BTreeSet<String>>;

/// Typeset formulas, references and ids. A copy shares what the first one keeps.
#[derive(Clone, Default)]
pub struct Cache(Rc<Kept>);

#[derive(Default)]
struct Kept {
    maths: Maths,
    ids: RefCell<HashMap<u64, Ids>>,
    bibliography: RefCell<Option<(Vec<u8>, Bibliography)>>,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cache({} texts)", self.0.ids.borrow().len())
    }
}

impl Cache {
    /// The renderer of formulas, which keeps what it typeset.
    pub fn maths(&self) -> Maths {
        self.0.maths.clone()
    }

    /// The ids of each text, in order. What earlier texts offered is forgotten.
    pub fn ids(&self, texts: &[String]) -> Vec<Ids> {
        let mut kept = self.0.ids.borrow_mut();
        let known = &*kept;
        let read = |text: &String| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            let hash = hasher.finish();
            let ids = || Arc::new(Markup::of(text).ids().map(str::to_owned).collect());
            (hash, known.get(&hash).cloned().unwrap_or_else(ids))
        };
        let read: Vec<(u64, Ids)> = texts.par_iter().map(read).collect();
        *kept = read.iter().cloned().collect();
        read.into_iter().map(|(_, ids)| ids).collect()
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
