//! What the tests of all passes share: the fixture book in a temporary folder, with one page whose
//! text the test gives.

use std::fs;
use std::path::Path;

use notebook::provenance::Machine;
use notebook::results::Timing;
use notebook::staleness::Fingerprint;
use notebook::{
    Chapter, Contents, Experiment, Figure, Recorded, Recorder, Results, TIMINGS, Table, Workspace,
};
use tempfile::TempDir;

use crate::bind::{Bound, bind};
use crate::book::Book;
use crate::faults::{Fault, Faults, Severity};
use crate::settings::Settings;
use crate::site::Repository;

/// A book of pages, the first of a chapter at `folder/index.md` and those below it.
pub fn book(pages: &[(&str, &str)]) -> Book {
    let folder = tempfile::tempdir().unwrap();
    let mut summary = String::new();
    for (path, text) in pages {
        let file = folder.path().join("book").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        let margin = if path.ends_with("index.md") { "" } else { "  " };
        summary.push_str(&format!("{margin}- [{path}]({path})\n"));
    }
    fs::write(folder.path().join("book/SUMMARY.md"), summary).unwrap();
    Book::read(folder.path(), Path::new("book"), &mut Faults::default()).unwrap()
}

/// The fixture book with its results recorded.
pub struct Fixture {
    folder: TempDir,
    chapter: Chapter,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::write(target, fs::read(entry.path()).unwrap()).unwrap()
        }
    }
}

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), folder.path());
        let fixture = Fixture { folder, chapter: chapter() };
        fixture.record(|_| {});
        fixture
    }

    pub fn with_false_claim(self) -> Self {
        self.record(|recorder| recorder.claim("loaded", "Sixes win.").greater(1, 2));
        self
    }

    fn workspace(&self) -> Workspace {
        Workspace::open(self.folder.path()).unwrap()
    }

    /// Writes the results of the two experiments as if they had run on 23 November 2026.
    fn record(&self, more: fn(&mut Recorder)) {
        let workspace = self.workspace();
        let mut recorder = Recorder::new("dice", "rolls", "Rolls", 1, 1);
        rolls(&mut recorder).unwrap();
        more(&mut recorder);
        let mut rolls =
            recorder.finish(Fingerprint::take(&workspace, "dice", &[]).unwrap()).unwrap();
        rolls.provenance.seconds = 1.5;
        let fingerprint = Fingerprint::take(&workspace, "dice", &[]).unwrap();
        let mut timings =
            Recorder::new("dice", TIMINGS, "Timings", 0, 1).finish(fingerprint).unwrap();
        let timing = |seconds| Timing { seconds, interval: Some((0.9 * seconds, 1.1 * seconds)) };
        timings.timings =
            [("roll", 0.001), ("slow_roll", 0.002)].map(|(k, s)| (k.to_owned(), timing(s))).into();
        for mut results in [rolls, timings] {
            results.provenance.date = "2026-11-23T10:35:03Z".to_owned();
            results.provenance.machine =
                Machine { cpu: "A processor".into(), system: "test".into(), threads: 1 };
            results.write(&self.chapter.results_file(&workspace, &results.experiment)).unwrap();
        }
        for figure in &self.chapter.figures {
            self.chapter.keep_drawing(&workspace, figure).unwrap();
        }
        Contents::write(&self.chapter, &workspace).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn bind_all(&self, text: &str) -> (Bound, Vec<Fault>) {
        self.bind_in(text, None)
    }

    fn bind_in(&self, text: &str, repository: Option<Repository>) -> (Bound, Vec<Fault>) {
        self.write("book/01-dice/index.md", text);
        let mut faults = Faults::default();
        let settings = Settings { source: "book".into(), repository, ..Settings::default() };
        let book = Book::read(self.folder.path(), &settings.source, &mut faults).unwrap();
        let bound = bind(&self.workspace(), &book, &settings, &mut faults);
        (bound, faults.iter().cloned().collect())
    }

    /// What `page` becomes when the chapter's page has `text`.
    pub fn bind(&self, page: &str, text: &str) -> String {
        self.bind_all(text).0.pages[Path::new(page)].clone()
    }

    /// The same, of a book whose repository is known.
    pub fn bind_at(&self, page: &str, text: &str, repository: Option<Repository>) -> String {
        self.bind_in(text, repository).0.pages[Path::new(page)].clone()
    }

    pub fn faults(&self, text: &str) -> Vec<Fault> {
        let (_, faults) = self.bind_all(text);
        faults.into_iter().filter(|f| f.severity == Severity::Fault).collect()
    }

    pub fn warnings(&self, text: &str) -> Vec<String> {
        let (_, faults) = self.bind_all(text);
        faults
            .into_iter()
            .filter(|f| f.severity == Severity::Warning)
            .map(|f| f.to_string())
            .collect()
    }
}

/// What `page` becomes when the chapter's page has `text`, which must be without faults.
pub fn bind_page(page: &str, text: &str) -> String {
    let fixture = Fixture::new();
    let faults = fixture.faults(text);
    assert!(faults.is_empty(), "{faults:?}");
    fixture.bind(page, text)
}

/// What the text of the chapter's page becomes.
pub fn bind_text(text: &str) -> String {
    bind_page("01-dice/index.md", text)
}

/// The first fault of the chapter's page with this text.
pub fn fault_of(text: &str) -> String {
    let fixture = Fixture::new();
    let fixture = if text.contains("loaded") { fixture.with_false_claim() } else { fixture };
    let faults = fixture.faults(text);
    assert!(!faults.is_empty(), "no fault in {text:?}");
    faults[0].message.clone()
}

fn chapter() -> Chapter {
    Chapter::new("dice", "/nowhere", "Dice, rolled")
        .experiment(Experiment::new("rolls", "Rolls", rolls))
        .figure("mean", mean)
        .figure("bare", |recorded| Ok(Figure { caption: String::new(), ..mean(recorded)? }))
}

fn rolls(recorder: &mut Recorder) -> anyhow::Result<()> {
    recorder.value("mean", 3.5).interval(3.4, 3.6);
    recorder.value("rolls", 10_000);
    recorder.value("name", "d_six");
    let mut faces = Table::new(["Face", "Count | int"]);
    faces.row(["a<b".into(), 1667.into()]);
    recorder.table("faces", faces);
    recorder.claim("settles", "The mean settles.").less(3.4, 3.5);
    Ok(())
}

fn mean(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results: std::rc::Rc<Results> = recorded.experiment("rolls")?;
    Ok(Figure {
        title: "Mean".into(),
        caption: "The mean *settles*.".into(),
        description: "A line.".into(),
        drawing: "<svg viewBox=\"0 0 1 1\"></svg>".into(),
        narrow: "<svg viewBox=\"0 0 1 2\"></svg>".into(),
        data: results.table("faces")?.clone(),
        sources: Vec::new(),
    })
}

#[test]
fn the_fixture_binds_without_faults() {
    let fixture = Fixture::new();
    let text = fixture.read("book/01-dice/index.md");
    let (bound, faults) = fixture.bind_all(&text);
    assert!(faults.iter().all(|f| f.severity == Severity::Warning), "{faults:?}");
    let tally = bound.tally;
    assert_eq!((tally.pages, tally.figures, tally.values, tally.claims), (4, 1, 3, 1));
    assert_eq!((tally.formulas, tally.references), (2, 2));
    assert_eq!(tally.oldest, Some(("dice/rolls".into(), "2026-11-23T10:35:03Z".into())));
}
