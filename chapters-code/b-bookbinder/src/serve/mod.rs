//! `cargo book serve`: the book in a browser, bound again when something changes.
//!
//! [`watch`] tells of files that changed, [`site`] binds again and renders what that changes,
//! [`server`] serves it, and [`state`] tells the open pages. A change of a chapter's code has the
//! chapter draw its figures again; a change of the machinery's compiles this program again
//! ([`restart`]). Experiments are not run: what is stale is a fault on the page.

pub mod restart;
pub mod server;
pub mod site;
pub mod state;
pub mod watch;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use notebook::Workspace;
use notebook::cli::plural;

use crate::book::Book;
use crate::chapters;
use crate::faults::{Fault, Faults};
use crate::settings::Settings;
use restart::Restart;
use server::Site;
use site::{Binder, fault_of};
use state::{State, Update};
use watch::{Changed, Kind, Watch};

/// What the command line says.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Port to listen on [default: 3000, or the next that is free]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Name or address to listen on
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    hostname: String,
    /// Open the book in the browser when it is bound
    #[arg(long)]
    open: bool,
}

/// Serves the book until Ctrl-C.
///
/// # Errors
/// An absent book, a port that is taken.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(workspace.root())?;
    Book::read(workspace.root(), &settings.source, &mut Faults::default())?;
    let listener = server::listen(&arguments.hostname, arguments.port)?;
    let address = listener.local_addr()?;
    ctrlc::set_handler(|| std::process::exit(0))?;
    // Before the book is read: a change in between is told.
    let watch = Watch::start(workspace.root(), &settings.source)?;
    let target = workspace.target().join("serve").join(address.port().to_string());
    let site = Arc::new(Site {
        folder: target.join("book"),
        hostname: arguments.hostname.clone(),
        state: State::new(run_name()),
        files: RwLock::default(),
    });
    let mut serve = Serve {
        binder: Binder::new(workspace, Arc::clone(&site), &target),
        restart: Restart::of(workspace.root()),
        again: again(workspace, &arguments.hostname, address),
        site: Arc::clone(&site),
    };
    serve.bind("the book");
    server::start(listener, site)?;
    let url = url(&arguments.hostname, address);
    say(&format!("Serving {url} (Ctrl-C stops it)"));
    if arguments.open
        && let Err(error) = open::that_detached(&url)
    {
        eprintln!("warning: the browser cannot be opened ({error}); open {url} yourself");
    }
    while let Some(changed) = watch.next() {
        serve.follow(&changed);
    }
    Ok(ExitCode::SUCCESS)
}

/// What goes on between two changes.
struct Serve {
    binder: Binder,
    restart: Option<Restart>,
    /// The arguments of the program that replaces this one.
    again: Vec<OsString>,
    site: Arc<Site>,
}

impl Serve {
    /// Does what the changes ask for.
    fn follow(&mut self, changed: &BTreeSet<Changed>) {
        let what = watch::in_words(changed);
        match changed.iter().map(|(kind, _)| *kind).max() {
            Some(Kind::Code) if self.is_machinery(changed) => self.compile(&what),
            Some(Kind::Code) => self.redraw(&what),
            Some(Kind::Data) => self.read_again(&what),
            _ => self.bind(&what),
        }
    }

    /// Binds what stands on disk, and tells the pages and the terminal.
    fn bind(&mut self, what: &str) {
        let started = Instant::now();
        let outcome = self.binder.bind();
        let seconds = started.elapsed().as_secs_f64();
        eprint!("{}", outcome.told);
        match outcome.result {
            Ok(update) => {
                self.site.state.bound(&update);
                say(&format!("{what}: {} in {seconds:.2} s", in_words(&update)));
            }
            Err(faults) => {
                say(&format!(
                    "{what}: {}; the last good book stays",
                    plural(faults.len(), "fault")
                ));
                self.site.state.failed(faults);
            }
        }
    }

    /// Binds with nothing kept of the crates and the data.
    fn read_again(&mut self, what: &str) {
        match self.binder.forget() {
            Ok(()) => self.bind(what),
            Err(error) => self.fail(vec![fault_of(&format!("{error:#}"))]),
        }
    }

    /// Does a change touch this program itself, and not a chapter's alone?
    fn is_machinery(&self, changed: &BTreeSet<Changed>) -> bool {
        let code = changed.iter().filter(|(kind, _)| *kind == Kind::Code);
        let chapters = self.binder.chapters();
        code.map(|(_, path)| path)
            .any(|path| !chapters.iter().any(|folder| path.starts_with(folder)))
    }

    /// Has every chapter draw again whose figures alone are stale, then binds.
    fn redraw(&mut self, what: &str) {
        if let Err(error) = self.binder.forget() {
            return self.fail(vec![fault_of(&format!("{error:#}"))]);
        }
        let stale = match chapters::to_draw(self.binder.workspace()) {
            Ok(stale) => stale,
            Err(error) => return self.fail(vec![fault_of(&format!("{error:#}"))]),
        };
        for chapter in stale {
            say(&format!("{what}: compiling {chapter} and drawing its figures"));
            self.site.state.notice(&format!("The code of {chapter} changed: compiling."));
            if let Err(faults) = restart::draw(self.binder.workspace(), &chapter) {
                return self.fail(faults);
            }
        }
        self.bind(what);
    }

    /// Tells faults to the terminal and to the open pages.
    fn fail(&mut self, faults: Vec<Fault>) {
        for fault in &faults {
            eprintln!("{fault}");
        }
        self.site.state.failed(faults);
    }

    /// Compiles this program again, and becomes the new one.
    fn compile(&mut self, what: &str) {
        let Some(restart) = &self.restart else {
            say(&format!(
                "{what}: code changed; stop `cargo book serve` and start it again to compile it"
            ));
            self.site.state.notice("The code changed: stop `cargo book serve` and start it again.");
            return;
        };
        say(&format!("{what}: compiling"));
        self.site.state.notice("The code changed: compiling.");
        match restart.compile() {
            Ok(true) => {
                let error = restart.replace(&self.again);
                eprintln!("{error}");
                self.site.state.failed(vec![fault_of(&error.to_string())]);
            }
            Ok(false) => self.read_again(what),
            Err(faults) => self.fail(faults),
        }
    }
}

/// The arguments with which this program serves the same book at the same address.
fn again(workspace: &Workspace, hostname: &str, address: SocketAddr) -> Vec<OsString> {
    let root = workspace.root().canonicalize().unwrap_or_else(|_| workspace.root().to_owned());
    let port = address.port().to_string();
    let words = ["serve", "--port", &port, "--hostname", hostname, "--root"];
    words.map(OsString::from).into_iter().chain([root.into()]).collect()
}

/// The address that a person opens.
fn url(hostname: &str, address: SocketAddr) -> String {
    let port = address.port();
    match address.ip() {
        ip if ip.is_unspecified() => format!("http://localhost:{port}/"),
        ip if hostname.parse() == Ok(ip) => format!("http://{address}/"),
        _ => format!("http://{hostname}:{port}/"),
    }
}

/// A name that no earlier run had.
fn run_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}", std::process::id(), now.as_micros())
}

/// What a binding changed, in words.
fn in_words(update: &Update) -> String {
    match (update.all, update.pages.len(), update.style) {
        (true, ..) => "every page".into(),
        (false, 0, false) => "no page changed".into(),
        (false, 0, true) => "styles".into(),
        (false, pages, false) => plural(pages, "page"),
        (false, pages, true) => format!("{} and styles", plural(pages, "page")),
    }
}

/// A line for the terminal; a terminal that is gone is no reason to stop.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_can_be_opened() {
        let at = |address: &str| address.parse::<SocketAddr>().unwrap();
        assert_eq!(url("127.0.0.1", at("127.0.0.1:3000")), "http://127.0.0.1:3000/");
        assert_eq!(url("::1", at("[::1]:3000")), "http://[::1]:3000/");
        assert_eq!(url("0.0.0.0", at("0.0.0.0:3000")), "http://localhost:3000/");
        assert_eq!(url("localhost", at("127.0.0.1:3000")), "http://localhost:3000/");
    }

    #[test]
    fn an_update_is_told_in_words() {
        let pages = vec!["a.html".to_owned()];
        assert_eq!(in_words(&Update { pages, style: true, all: false }), "1 page and styles");
        assert_eq!(in_words(&Update::default()), "no page changed");
        assert_eq!(in_words(&Update { all: true, ..Update::default() }), "every page");
    }
}
