//! Rendered books that tests only read: each kind is bound once, by whichever test asks first, and
//! stays in the build folder until something that it was bound from changes.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs::{self, File};
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use crate::{Copy, PARTS, bookbinder, checkout, said};

/// What a book is bound with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kind<'a> {
    /// The edition; the reader's where none is named.
    pub edition: Option<&'a str>,
    /// Where the site is to stand: its address or its path.
    pub site: Option<&'a str>,
    /// Where the repository is.
    pub repository: Option<&'a str>,
    /// What is added to `book.toml`.
    pub settings: &'a str,
}

impl Kind<'_> {
    /// The folder of the rendered book. It is shared: look, and change nothing.
    pub fn book(&self) -> PathBuf {
        let folder = build_folder().join("tmp/built").join(self.name());
        fs::create_dir_all(&folder).unwrap();
        // Tests run side by side, in one program and in several: the first binds, the others wait.
        let lock = File::create(folder.join("lock")).unwrap();
        lock.lock().unwrap();
        let (key, noted) = (self.key(), folder.join("key"));
        if fs::read_to_string(&noted).ok().as_ref() != Some(&key) {
            // Noted last, so that what was interrupted does not count.
            drop(fs::remove_file(&noted));
            drop(fs::remove_dir_all(folder.join("book")));
            let copy = self.bind();
            let rendered = copy.root().join("target").join(self.rendered());
            crate::copy_folder(&rendered, &folder.join("book"), true);
            fs::write(&noted, key).unwrap();
        }
        folder.join("book")
    }

    /// A copy of the checkout with the book bound in it.
    fn bind(&self) -> Copy {
        let copy = Copy::new();
        if !self.settings.is_empty() {
            copy.append("book.toml", self.settings);
        }
        let mut command = copy.command(&["--frozen"]);
        if let Some(edition) = self.edition {
            command.args(["--edition", edition]);
        }
        for (variable, value) in self.variables() {
            command.env(variable, value);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        copy
    }

    fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("MDBOOK_OUTPUT__HTML__SITE_URL", self.site),
            ("MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL", self.repository),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }

    /// The folder below `target` that the bookbinder writes.
    fn rendered(&self) -> String {
        self.edition.map_or_else(|| "book".to_owned(), |edition| format!("book-{edition}"))
    }

    fn name(&self) -> String {
        let mut hasher = DefaultHasher::new();
        format!("{self:?}").hash(&mut hasher);
        format!("{}-{:016x}", self.rendered(), hasher.finish())
    }

    /// Changes with everything that the book is bound from: the text of every file, and
    /// length and time of the program and of the data, which are large.
    fn key(&self) -> String {
        let mut hasher = DefaultHasher::new();
        format!("{self:?}").hash(&mut hasher);
        hash(bookbinder(), true, &mut hasher);
        for (part, is_data) in PARTS {
            hash(&checkout().join(part), is_data, &mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }
}

/// The book as a reader gets it, for no particular site.
pub fn book() -> PathBuf {
    Kind::default().book()
}

/// The folder that Cargo builds in.
pub fn build_folder() -> PathBuf {
    // target/debug/deps/book-… stands three folders below it.
    env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

fn hash(path: &Path, is_data: bool, hasher: &mut DefaultHasher) {
    let Ok(about) = fs::metadata(path) else { return };
    if about.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path).unwrap().flatten().map(|e| e.path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| hash(entry, is_data, hasher));
    } else {
        path.hash(hasher);
        if is_data {
            (about.len(), about.modified().unwrap()).hash(hasher);
        } else {
            fs::read(path).unwrap().hash(hasher);
        }
    }
}
