//! A figure as the chapter's program drew it: `results/figures/NAME.json`, with what it was drawn
//! from. The binder puts it on the page and compiles nothing for it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::chapter::{Chapter, Recorded};
use crate::contents::Contents;
use crate::figure::Figure;
use crate::results::Results;
use crate::run::State;
use crate::staleness::{self, Fingerprint, FingerprintError};
use crate::store::{self, StoreError};
use crate::workspace::Workspace;

/// A drawn figure, and what it was drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// What it was drawn from.
    pub origin: Origin,
    /// The figure.
    pub figure: Figure,
}

/// What a figure depends on, hashed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The code that draws, the pictures that are part of the data, the drawing library.
    pub fingerprint: Fingerprint,
    /// Hash of what each drawn experiment recorded, by its name.
    pub results: BTreeMap<String, String>,
}

impl Origin {
    /// The origin, as it is on disk now, of a figure of `chapter` that was drawn from the
    /// experiments and the pictures that `like` names.
    ///
    /// # Errors
    /// [`FingerprintError`] where a source or a picture cannot be read.
    fn now(
        chapter: &Contents,
        workspace: &Workspace,
        like: &Origin,
        read: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, FingerprintError> {
        let pictures: Vec<PathBuf> = like.fingerprint.data.keys().map(PathBuf::from).collect();
        let fingerprint = Fingerprint::of_drawing(workspace, &chapter.name, &pictures)?;
        let hashed = |name: &String| Some((name.clone(), read(name)?));
        Ok(Origin { fingerprint, results: like.results.keys().filter_map(hashed).collect() })
    }

    /// What changed between `self` and `now`, one reason each.
    fn changes(&self, now: &Origin) -> Vec<String> {
        let mut reasons = self.fingerprint.changes(&now.fingerprint);
        let changed =
            self.results.iter().filter(|(name, hash)| now.results.get(*name) != Some(hash));
        reasons.extend(changed.map(|(name, _)| format!("what `{name}` recorded changed")));
        reasons
    }
}

impl Drawing {
    /// The drawing of `figure` of `chapter`.
    ///
    /// # Errors
    /// [`StoreError`] where its file is absent or damaged.
    pub fn read(
        chapter: &Contents,
        workspace: &Workspace,
        figure: &str,
    ) -> Result<Self, StoreError> {
        let path = chapter.figure_file(workspace, figure);
        store::read_json(&path, &chapter.draw_command(figure))
    }

    /// Does the drawing still follow from the code and from what is recorded? `recorded` gives what
    /// an experiment recorded, where it can be read.
    ///
    /// # Errors
    /// [`FingerprintError`] where a source cannot be read.
    pub fn state(
        &self,
        chapter: &Contents,
        workspace: &Workspace,
        recorded: impl Fn(&str) -> Option<String>,
    ) -> Result<State, FingerprintError> {
        let now = Origin::now(chapter, workspace, &self.origin, recorded)?;
        let reasons = self.origin.changes(&now);
        Ok(if reasons.is_empty() { State::Fresh } else { State::Stale(reasons) })
    }
}

/// The state of `figure` of `chapter`, and its drawing where there is one.
///
/// # Errors
/// [`FingerprintError`] where a source cannot be read.
pub fn state(
    chapter: &Contents,
    workspace: &Workspace,
    figure: &str,
) -> Result<(State, Option<Drawing>), FingerprintError> {
    let hash = |name: &str| chapter.read_results(workspace, name).ok().map(|r| r.hash());
    state_by(chapter, workspace, figure, hash)
}

/// As [`state`], where `hash` gives the hash of what an experiment recorded.
///
/// # Errors
/// As [`state`].
pub fn state_by(
    chapter: &Contents,
    workspace: &Workspace,
    figure: &str,
    hash: impl Fn(&str) -> Option<String>,
) -> Result<(State, Option<Drawing>), FingerprintError> {
    Ok(match Drawing::read(chapter, workspace, figure) {
        Err(StoreError::Absent { .. }) => (State::Absent, None),
        Err(damaged) => (State::Damaged(damaged.to_string()), None),
        Ok(drawing) => (drawing.state(chapter, workspace, hash)?, Some(drawing)),
    })
}

impl Chapter {
    /// Draws the figure called `name` from what is recorded, and says what it was drawn from.
    ///
    /// # Errors
    /// Where there is no such figure, a result is absent, or the drawing fails.
    pub fn drawing(&self, workspace: &Workspace, name: &str) -> anyhow::Result<Drawing> {
        let draw = self.draws[self.find_figure(name)?];
        let recorded = Recorded::new(self, workspace);
        let mut figure = draw(&recorded)?;
        let used = recorded.used();
        figure.sources = used.keys().cloned().collect();
        let results = used.iter().map(|(name, results)| (name.clone(), results.hash())).collect();
        let pictures: Vec<PathBuf> = recorded.pictures();
        let fingerprint = Fingerprint::of_drawing(workspace, &self.name, &pictures)?;
        Ok(Drawing { origin: Origin { fingerprint, results }, figure })
    }

    /// Draws the figure called `name` from what is recorded.
    ///
    /// # Errors
    /// As [`drawing`](Self::drawing).
    pub fn draw(&self, workspace: &Workspace, name: &str) -> anyhow::Result<Figure> {
        Ok(self.drawing(workspace, name)?.figure)
    }

    /// Draws the figure called `name` and keeps it in its file; did the file change?
    ///
    /// # Errors
    /// As [`drawing`](Self::drawing), and where the file cannot be written.
    pub fn keep_drawing(&self, workspace: &Workspace, name: &str) -> anyhow::Result<bool> {
        let drawing = self.drawing(workspace, name)?;
        Ok(store::write_json(&self.figure_file(workspace, name), &drawing)?)
    }
}

impl Results {
    /// Hash of all that a figure may show: what was recorded and the machine, but not the date and
    /// the fingerprint, which `run --verify` renews, nor the name of the chapter.
    pub fn hash(&self) -> String {
        let mut shown = self.clone();
        shown.chapter = String::new();
        shown.provenance.fingerprint = Fingerprint::default();
        shown.provenance.date = String::new();
        shown.provenance.seconds = 0.0;
        staleness::hash(serde_json::to_string(&shown).unwrap_or_default().as_bytes())
    }
}
