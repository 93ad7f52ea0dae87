//! Watches the checkout: which files changed, and what that asks for.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

use crate::text::slashes;

/// Editors write a file in several steps: nothing is done before they are quiet for so long.
const QUIET: Duration = Duration::from_millis(40);
/// Something that never stops writing does not keep the book from being bound.
const LONGEST: Duration = Duration::from_millis(600);

/// What a change asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Binding again: prose, results, styles, settings, listings.
    Book,
    /// Forgetting what was read of the data, then binding again.
    Data,
    /// Compiling again: the code of a crate.
    Code,
}

/// A file that changed, from the workspace's root.
pub type Changed = (Kind, PathBuf);

/// Tells of changes below the checkout for as long as it is kept.
pub struct Watch {
    root: PathBuf,
    events: Receiver<notify::Result<Event>>,
    _watcher: Box<dyn Watcher>,
}

impl Watch {
    /// Watches the checkout at `root`, whose prose is in `source`.
    ///
    /// Where the system cannot tell of changes, the files are looked at twice a second.
    ///
    /// # Errors
    /// Where a folder cannot be watched at all.
    pub fn start(root: &Path, source: &Path) -> anyhow::Result<Self> {
        let root =
            root.canonicalize().with_context(|| format!("{}: cannot be found", root.display()))?;
        let (sender, events) = mpsc::channel();
        let told = RecommendedWatcher::new(sender.clone(), Config::default())
            .map(|w| Box::new(w) as Box<dyn Watcher>)
            .and_then(|w| watch(w, &root, source));
        let watcher = match told {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!("the system tells of no changes ({error}); looking twice a second");
                let config = Config::default().with_poll_interval(Duration::from_millis(500));
                let polling = PollWatcher::new(sender, config)?;
                watch(Box::new(polling), &root, source).context("the checkout cannot be watched")?
            }
        };
        Ok(Watch { root, events, _watcher: watcher })
    }

    /// Waits for changes; none where nothing can come any more.
    pub fn next(&self) -> Option<BTreeSet<Changed>> {
        let mut changed = BTreeSet::new();
        while changed.is_empty() {
            self.take(self.events.recv().ok()?, &mut changed);
        }
        let until = Instant::now() + LONGEST;
        while Instant::now() < until {
            match self.events.recv_timeout(QUIET) {
                Ok(event) => self.take(event, &mut changed),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        Some(changed)
    }

    fn take(&self, event: notify::Result<Event>, changed: &mut BTreeSet<Changed>) {
        let Ok(event) = event else { return };
        // What was missed could be anything of the book.
        if event.need_rescan() {
            changed.insert((Kind::Book, PathBuf::from("book.toml")));
        }
        if matches!(event.kind, EventKind::Access(_)) {
            return;
        }
        let paths = event.paths.iter().filter_map(|path| path.strip_prefix(&self.root).ok());
        changed.extend(paths.filter_map(|path| Some((kind_of(path)?, path.to_owned()))));
    }
}

fn watch(
    mut watcher: Box<dyn Watcher>,
    root: &Path,
    source: &Path,
) -> notify::Result<Box<dyn Watcher>> {
    // A watched file that an editor replaces is lost: the folder is watched instead.
    watcher.watch(root, RecursiveMode::NonRecursive)?;
    for folder in [source, Path::new("chapters-code"), Path::new("data")] {
        let folder = root.join(folder);
        if folder.is_dir() {
            watcher.watch(&folder, RecursiveMode::Recursive)?;
        }
    }
    Ok(watcher)
}

/// What a change of the file at `path`, from the workspace's root, asks for; none for files that
/// no page shows, and for what editors and cargo leave behind.
pub fn kind_of(path: &Path) -> Option<Kind> {
    let parts: Vec<String> = path
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_string_lossy().into_owned(),
            _ => String::new(),
        })
        .collect();
    let name = parts.last()?;
    let left_behind = |part: &String| {
        part.is_empty()
            || part.starts_with(['.', '#'])
            || part.ends_with(['~', '#'])
            || part == "target"
            || part == "4913"
            || [".swp", ".swx", ".tmp", ".lock.tmp"].iter().any(|ending| part.ends_with(ending))
    };
    if parts.iter().any(left_behind) {
        return None;
    }
    match (parts[0].as_str(), parts.get(2).map(String::as_str)) {
        ("Cargo.toml" | "Cargo.lock", None) if parts.len() == 1 => Some(Kind::Code),
        ("chapters-code", Some("src" | "templates" | "Cargo.toml" | "build.rs")) => {
            Some(Kind::Code)
        }
        ("chapters-code", Some(_)) => Some(Kind::Book),
        // A new crate counts from its manifest on.
        ("chapters-code", None) => None,
        ("data", _) => Some(Kind::Data),
        _ if parts.len() > 1 || name == "book.toml" || name == "search.toml" => Some(Kind::Book),
        _ => None,
    }
}

/// The changed files in a line, the first few by name.
pub fn in_words(changed: &BTreeSet<Changed>) -> String {
    let names: Vec<String> = changed.iter().map(|(_, path)| slashes(path)).collect();
    match names.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_asks_for_what_it_touches() {
        let kind = |path: &str| kind_of(Path::new(path));
        for path in [
            "book/SUMMARY.md",
            "book/assets/book.css",
            "book/theme/head.hbs",
            "book.toml",
            "chapters-code/01-learning/results/curve.json",
            "chapters-code/01-learning/benches/learning.rs",
        ] {
            assert_eq!(kind(path), Some(Kind::Book), "{path}");
        }
        for path in [
            "chapters-code/01-learning/src/figures.rs",
            "chapters-code/b-bookbinder/templates/chapter/index.md",
            "chapters-code/01-learning/Cargo.toml",
            "Cargo.toml",
            "Cargo.lock",
        ] {
            assert_eq!(kind(path), Some(Kind::Code), "{path}");
        }
        assert_eq!(kind("data/a/b.gz"), Some(Kind::Data));
        for path in [
            "",
            "README.md",
            "target",
            "target/serve/book/index.html",
            ".git/index",
            "book/.index.md.swp",
            "book/index.md~",
            "book/#index.md#",
            "book/4913",
            "chapters-code",
            "chapters-code/01-learning/results/.curve.lock",
            "chapters-code/01-learning/fuzz/target/x",
        ] {
            assert_eq!(kind(path), None, "{path}");
        }
    }

    #[test]
    fn files_that_are_saved_together_are_told_together() {
        let folder = tempfile::tempdir().unwrap();
        let book = folder.path().join("book");
        std::fs::create_dir(&book).unwrap();
        let watch = Watch::start(folder.path(), Path::new("book")).unwrap();
        std::fs::write(book.join(".hidden"), "x").unwrap();
        std::fs::write(book.join("a.md"), "x").unwrap();
        std::fs::rename(book.join("a.md"), book.join("b.md")).unwrap();
        let changed = watch.next().unwrap();
        assert!(changed.contains(&(Kind::Book, "book/b.md".into())), "{changed:?}");
        assert!(changed.iter().all(|(_, path)| !path.ends_with(".hidden")), "{changed:?}");
    }

    #[test]
    fn many_files_are_told_in_a_line() {
        let changed = |names: &[&str]| names.iter().map(|n| (Kind::Book, n.into())).collect();
        assert_eq!(in_words(&changed(&["a"])), "a");
        assert_eq!(in_words(&changed(&["a", "b"])), "a and b");
        assert_eq!(in_words(&changed(&["a", "b", "c"])), "a and 2 more");
    }
}
