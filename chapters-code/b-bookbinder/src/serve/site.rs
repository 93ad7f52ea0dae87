//! Binding again, and rendering only what that changed into the folder that is served.
//!
//! A changed page is rendered with its neighbours, which it links to, and without the others
//! ([`crate::passes`]). What is made of all pages, the search index and the print page, is made anew by
//! another thread once the author pauses.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use notebook::Workspace;

use super::server::Site;
use super::state::Update;
use crate::bind::bind_again;
use crate::book::Book;
use crate::cache::Cache;
use crate::faults::{Fault, Faults, Severity};
use crate::previews;
use crate::render::Prepared;
use crate::settings::Settings;
use crate::text::slashes;

/// How long nothing must change before the search index and the print page are made anew.
const PAUSE: Duration = Duration::from_millis(1500);
/// Endings of files, pages and style sheets apart, that pages load; others are copied and no more.
const SHOWN: [&str; 9] = ["js", "json", "svg", "png", "jpg", "webp", "ico", "woff2", "wasm"];

/// The book as it was bound last, and what can be kept of it.
pub struct Binder {
    workspace: Workspace,
    cache: Cache,
    site: Arc<Site>,
    scratch: PathBuf,
    last: Option<Last>,
    latecomer: Sender<Prepared>,
}

/// What the served pages were made of.
struct Last {
    /// Everything that each page shows and no page's text says: titles, numbers, theme, settings.
    frame: String,
    pages: BTreeMap<PathBuf, String>,
}

/// What a binding came to.
#[derive(Debug)]
pub struct Outcome {
    /// What changed, or what is wrong.
    pub result: Result<Update, Vec<Fault>>,
    /// Everything that was found, warnings too, as a person reads it.
    pub told: String,
}

impl Binder {
    /// Nothing is bound yet. Below `target` are the folders that pages are rendered to.
    pub fn new(workspace: &Workspace, site: Arc<Site>, target: &Path) -> Self {
        let latecomer = late(Arc::clone(&site), target.join("late"));
        Binder {
            workspace: workspace.clone(),
            cache: Cache::default(),
            site,
            scratch: target.join("next"),
            last: None,
            latecomer,
        }
    }

    /// The checkout as it was read last.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The folders of the crates that are chapters, from the workspace's root.
    pub fn chapters(&self) -> Vec<PathBuf> {
        let root = self.workspace.root();
        let members = self.workspace.members().into_iter();
        let chapters = members.filter(|member| !self.workspace.is_machinery(&member.name));
        chapters.filter_map(|c| Some(c.folder.strip_prefix(root).ok()?.to_owned())).collect()
    }

    /// Forgets what was read of the checkout: crates, data, hashes, figures.
    ///
    /// # Errors
    /// Where it cannot be read any more.
    pub fn forget(&mut self) -> anyhow::Result<()> {
        self.workspace = Workspace::open(self.workspace.root())?;
        self.cache = Cache::default();
        Ok(())
    }

    /// Binds the book as it stands, and renders what changed.
    pub fn bind(&mut self) -> Outcome {
        match self.try_bind() {
            Ok(outcome) => outcome,
            Err(error) => {
                let fault = fault_of(&format!("{error:#}"));
                Outcome { told: format!("{fault}\n"), result: Err(vec![fault]) }
            }
        }
    }

    fn try_bind(&mut self) -> anyhow::Result<Outcome> {
        let root = self.workspace.root().to_owned();
        let settings = Settings::read(&root)?;
        let mut faults = Faults::default();
        let book = Book::read(&root, &settings.source, &mut faults)?;
        let bound = bind_again(&self.workspace, &book, &settings, &self.cache, &mut faults);
        let told = faults.to_string();
        if !faults.is_fine() {
            let stopping = faults.iter().filter(|f| f.severity == Severity::Fault).cloned();
            return Ok(Outcome { result: Err(stopping.collect()), told });
        }
        let prepared = Prepared::new(&root, book, bound)?;
        Ok(Outcome { result: Ok(self.render(prepared)?), told })
    }

    /// Renders what differs from the last time.
    fn render(&mut self, prepared: Prepared) -> anyhow::Result<Update> {
        let root = self.workspace.root();
        let frame = frame(root, &prepared);
        let pages: BTreeMap<PathBuf, String> = prepared
            .pages()
            .filter_map(|page| Some((page.path.clone()?, page.content.clone())))
            .collect();
        let update = match &self.last {
            Some(last) if last.frame == frame => {
                let changed: Vec<usize> = (prepared.pages().enumerate())
                    .filter(|(_, page)| {
                        let path = page.path.as_deref().unwrap_or(Path::new(""));
                        last.pages.get(path).is_none_or(|text| *text != page.content)
                    })
                    .map(|(at, _)| at)
                    .collect();
                prepared.render_some(&changed, &self.scratch)?;
                let update = self.exchange(&prepared, &changed)?;
                if !changed.is_empty() {
                    // The thread lives as long as this program.
                    let _ = self.latecomer.send(prepared);
                }
                update
            }
            _ => {
                prepared.render(&self.scratch)?;
                let _files = self.site.files.write().unwrap_or_else(PoisonError::into_inner);
                remove(&self.site.folder)?;
                fs::rename(&self.scratch, &self.site.folder)?;
                Update { all: true, ..Update::default() }
            }
        };
        self.last = Some(Last { frame, pages });
        Ok(update)
    }

    /// Puts what was rendered of a few pages into the served folder.
    fn exchange(&self, prepared: &Prepared, changed: &[usize]) -> anyhow::Result<Update> {
        let mut fresh: Vec<String> = prepared
            .pages()
            .enumerate()
            .filter(|(at, _)| changed.contains(at))
            .filter_map(|(_, page)| Some(slashes(&page.path.as_ref()?.with_extension("html"))))
            .collect();
        // mdBook writes the first page a second time, as the book's own.
        if changed.contains(&0) {
            fresh.push("index.html".into());
        }
        fresh.push("404.html".into());
        let mut update = Update::default();
        let _files = self.site.files.write().unwrap_or_else(PoisonError::into_inner);
        for file in files(&self.scratch)? {
            let name = slashes(&file);
            let is_page = name.ends_with(".html");
            let is_wanted = if is_page { fresh.contains(&name) } else { !is_of_all_pages(&name) };
            if !is_wanted {
                continue;
            }
            let (from, to) = (self.scratch.join(&file), self.site.folder.join(&file));
            if fs::read(&to).ok() == Some(fs::read(&from)?) {
                continue;
            }
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::rename(&from, &to)?;
            match name.rsplit('.').next() {
                Some("html") => update.pages.push(name),
                Some("css") => update.style = true,
                Some(ending) if SHOWN.contains(&ending) => update.all = true,
                _ => {}
            }
        }
        Ok(update)
    }
}

/// What is made of all pages together.
fn is_of_all_pages(name: &str) -> bool {
    name == "toc.js"
        || name == "print.html"
        || name.starts_with("searchindex")
        || name.starts_with(previews::FOLDER)
}

/// Everything that a page shows beside its text.
fn frame(root: &Path, prepared: &Prepared) -> String {
    let mut frame = fs::read_to_string(root.join("book.toml")).unwrap_or_default();
    for item in prepared.book.iter() {
        use std::fmt::Write as _;
        // Writing to a string does not fail.
        let _ = match item {
            mdbook_driver::book::BookItem::Chapter(c) => {
                write!(frame, "\n{:?} {} {:?} {:?}", c.path, c.name, c.number, c.parent_names)
            }
            other => write!(frame, "\n{other:?}"),
        };
    }
    let theme = prepared.theme();
    // Style sheets of the theme are exchanged like any other file.
    for file in files(&theme).unwrap_or_default() {
        if file.extension().is_some_and(|e| e == "hbs") {
            frame.push_str(&slashes(&file));
            frame.push_str(&fs::read_to_string(theme.join(&file)).unwrap_or_default());
        }
    }
    frame
}

/// The files below a folder, relative to it.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(below) = waiting.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Starts the thread that makes the search index and the print page of the last book it is sent,
/// once nothing has come for a while.
fn late(site: Arc<Site>, folder: PathBuf) -> Sender<Prepared> {
    let (sender, books) = mpsc::channel();
    thread::spawn(move || {
        while let Ok(book) = books.recv() {
            let Some(book) = latest(&books, book) else { return };
            if let Err(error) = make_late(&site, &book, &folder) {
                tracing::warn!("search and print page are those of an earlier binding: {error:#}");
            }
        }
    });
    sender
}

/// The last book that comes before a pause.
fn latest(books: &Receiver<Prepared>, mut book: Prepared) -> Option<Prepared> {
    loop {
        match books.recv_timeout(PAUSE) {
            Ok(newer) => book = newer,
            Err(RecvTimeoutError::Timeout) => return Some(book),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn make_late(site: &Site, book: &Prepared, folder: &Path) -> anyhow::Result<()> {
    book.render(folder)?;
    let _files = site.files.write().unwrap_or_else(PoisonError::into_inner);
    for file in files(folder)?.into_iter().filter(|f| is_of_all_pages(&slashes(f))) {
        fs::rename(folder.join(&file), site.folder.join(&file))?;
    }
    Ok(())
}

/// A fault of an error's line, which may begin with its file: `book.toml: cannot be read`.
pub fn fault_of(line: &str) -> Fault {
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let (file, message) = match line.split_once(": ") {
        Some((file, message)) if !file.contains(' ') && file.contains('.') => (file, message),
        _ => ("", line.as_str()),
    };
    let (file, number) = match file.rsplit_once(':') {
        Some((file, number)) => (file, number.parse().unwrap_or(1)),
        None => (file, 1),
    };
    let severity = Severity::Fault;
    Fault { file: file.to_owned(), line: number, severity, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_file() {
        let place = |line: &str| {
            let fault = fault_of(line);
            (fault.file, fault.line, fault.message)
        };
        assert_eq!(
            place("book.toml: cannot be read (x: y)"),
            ("book.toml".into(), 1, "cannot be read (x: y)".into())
        );
        assert_eq!(place("a/b.rs:7: is wrong"), ("a/b.rs".into(), 7, "is wrong".into()));
        let told = "mdBook cannot load the book: no";
        assert_eq!(place(told), (String::new(), 1, told.into()));
    }
}
