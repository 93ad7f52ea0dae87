//! A large book as `cargo book serve` binds it: whole at first, and again where
//! a page was saved.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use bookbinder::serve::server::Site;
use bookbinder::serve::site::{Binder, Outcome};
use bookbinder::serve::state::State;
use notebook::Workspace;

use crate::{Copy, synthetic};

/// The page that is saved.
const SAVED: &str = "14-parameters/where";

/// A book, the folder that it is served from, and who binds it.
pub struct Served {
    copy: Copy,
    site: Arc<Site>,
    binder: Binder,
}

impl Served {
    /// A book of so many chapters, of which nothing is bound yet.
    pub fn new(chapters: usize) -> Self {
        let copy = Copy::new();
        synthetic::enlarge(&copy, chapters);
        let site = Arc::new(Site {
            folder: target(&copy).join("book"),
            hostname: "127.0.0.1".into(),
            state: State::new("test".into()),
            files: RwLock::default(),
        });
        let binder = binder(&copy, &site);
        Served { copy, site, binder }
    }

    /// Binds what changed.
    pub fn bind(&mut self) -> Outcome {
        self.binder.bind()
    }

    /// Binds the whole book, as if it had not been bound before.
    pub fn bind_whole(&mut self) -> Outcome {
        self.binder = binder(&self.copy, &self.site);
        self.bind()
    }

    /// Saves a page with one more sentence.
    pub fn save(&self, sentence: &str) {
        self.copy.append(&format!("book/{SAVED}.md"), sentence);
    }

    /// The address of that page.
    pub fn address(&self) -> String {
        format!("{SAVED}.html")
    }

    /// That page as it is served.
    pub fn page(&self) -> String {
        fs::read_to_string(self.site.folder.join(self.address())).unwrap()
    }
}

fn target(copy: &Copy) -> PathBuf {
    copy.root().join("target/serve/0")
}

fn binder(copy: &Copy, site: &Arc<Site>) -> Binder {
    Binder::new(&Workspace::open(copy.root()).unwrap(), Arc::clone(site), &target(copy))
}
