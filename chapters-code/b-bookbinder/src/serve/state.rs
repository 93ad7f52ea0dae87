//! What the open pages are told: which of them changed, and what is wrong.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::faults::Fault;

/// What a binding changed in the served folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// Every page: the book's structure, its theme or a script.
    pub all: bool,
    /// A style sheet.
    pub style: bool,
    /// Pages, by address from the book's root: `14-parameters/index.html`.
    pub pages: Vec<String>,
}

impl Update {
    /// Did nothing change that a page shows?
    pub fn is_empty(&self) -> bool {
        *self == Update::default()
    }
}

/// What is served right now. Changes are counted, so that a page can ask what it missed.
#[derive(Debug)]
pub struct State {
    /// Names this run of the server: a page of an earlier run reloads.
    pub server: String,
    inner: Mutex<Inner>,
    told: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    version: u64,
    all: u64,
    style: u64,
    pages: BTreeMap<String, u64>,
    faults: Vec<Fault>,
    notice: String,
}

/// What a page has seen when it asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The run of the server that it was loaded from.
    pub server: String,
    /// The page, by address from the book's root.
    pub page: String,
    /// The version with which it was loaded.
    pub loaded: u64,
    /// The version of the last answer; none before the first.
    pub answered: Option<u64>,
}

impl State {
    /// Nothing is served yet; `server` names this run.
    pub fn new(server: String) -> Self {
        State { server, inner: Mutex::default(), told: Condvar::new() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many changes there were.
    pub fn version(&self) -> u64 {
        self.inner().version
    }

    /// Tells every open page that the book was bound, and what that changed.
    pub fn bound(&self, update: &Update) {
        let mut inner = self.inner();
        if update.is_empty() && inner.faults.is_empty() && inner.notice.is_empty() {
            return;
        }
        inner.version += 1;
        let version = inner.version;
        if update.all {
            inner.all = version;
        }
        if update.style {
            inner.style = version;
        }
        inner.pages.extend(update.pages.iter().map(|page| (page.clone(), version)));
        inner.faults.clear();
        inner.notice.clear();
        self.told.notify_all();
    }

    /// Tells every open page what is wrong; the last good book stays.
    pub fn failed(&self, faults: Vec<Fault>) {
        let mut inner = self.inner();
        inner.version += 1;
        inner.faults = faults;
        inner.notice.clear();
        self.told.notify_all();
    }

    /// Tells every open page what is going on, until the next change.
    pub fn notice(&self, notice: &str) {
        let mut inner = self.inner();
        inner.version += 1;
        inner.notice = notice.to_owned();
        self.told.notify_all();
    }

    /// Waits until there is news for the page, at most `limit`, and gives them as JSON.
    pub fn wait(&self, seen: &Seen, limit: Duration) -> Value {
        let until = Instant::now() + limit;
        let mut inner = self.inner();
        while seen.server == self.server && seen.answered == Some(inner.version) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            inner = self.told.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let faults: Vec<Value> = inner
            .faults
            .iter()
            .map(|f| json!({ "file": f.file, "line": f.line, "message": f.message }))
            .collect();
        json!({
            "server": self.server,
            "version": inner.version,
            "action": if seen.server == self.server { inner.action(seen) } else { "reload" },
            "faults": faults,
            "notice": inner.notice,
        })
    }
}

impl Inner {
    /// What the page has to do.
    fn action(&self, seen: &Seen) -> &'static str {
        let page = self.pages.get(&seen.page).copied().unwrap_or_default();
        if self.all.max(page) > seen.loaded {
            "reload"
        } else if self.style > seen.loaded.max(seen.answered.unwrap_or_default()) {
            "style"
        } else {
            "none"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(state: &State, page: &str, loaded: u64, answered: Option<u64>) -> Value {
        let seen = Seen { server: "s".into(), page: page.into(), loaded, answered };
        state.wait(&seen, Duration::ZERO)
    }

    #[test]
    fn a_page_is_told_of_its_own_changes() {
        let state = State::new("s".into());
        let pages = vec!["a/index.html".to_owned()];
        state.bound(&Update { pages, ..Update::default() });
        assert_eq!(ask(&state, "a/index.html", 0, None)["action"], "reload");
        assert_eq!(ask(&state, "a/index.html", 1, None)["action"], "none");
        assert_eq!(ask(&state, "b/index.html", 0, None)["action"], "none");
        state.bound(&Update { style: true, ..Update::default() });
        assert_eq!(ask(&state, "b/index.html", 0, Some(1))["action"], "style");
        assert_eq!(ask(&state, "b/index.html", 0, Some(2))["action"], "none");
        assert_eq!(ask(&state, "a/index.html", 0, Some(1))["action"], "reload");
        state.bound(&Update { all: true, ..Update::default() });
        assert_eq!(ask(&state, "b/index.html", 2, Some(2))["action"], "reload");
        state.bound(&Update::default());
        assert_eq!(state.version(), 3, "nothing changed, and nobody is told");
    }

    #[test]
    fn faults_stay_until_the_book_binds() {
        let state = State::new("s".into());
        let fault = Fault {
            file: "book/a.md".into(),
            line: 3,
            severity: crate::faults::Severity::Fault,
            message: "is wrong; mend it".into(),
        };
        state.failed(vec![fault]);
        let told = ask(&state, "a.html", 0, None);
        assert_eq!(told["faults"][0]["line"], 3);
        assert_eq!(told["action"], "none", "the last good book stays");
        state.bound(&Update::default());
        assert_eq!(ask(&state, "a.html", 0, Some(1))["faults"], json!([]));
        assert_eq!(state.version(), 2, "that it is mended is news");
    }

    #[test]
    fn a_page_of_an_earlier_run_reloads() {
        let state = State::new("s".into());
        let seen = Seen { server: "earlier".into(), answered: Some(0), ..Seen::default() };
        assert_eq!(state.wait(&seen, Duration::from_secs(60))["action"], "reload");
    }

    #[test]
    fn a_page_waits_for_news() {
        let state = State::new("s".into());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let seen = Seen { server: "s".into(), answered: Some(0), ..Seen::default() };
                state.wait(&seen, Duration::from_secs(60))
            });
            state.notice("compiling");
            assert_eq!(waiting.join().unwrap()["notice"], "compiling");
        });
    }
}
