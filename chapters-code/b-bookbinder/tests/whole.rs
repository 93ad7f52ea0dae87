//! The fixture book from its experiment to its pages, and the command line.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bookbinder::bind::{Bound, load};
use bookbinder::book::Book;
use bookbinder::faults::Faults;
use bookbinder::passes::InPasses;
use bookbinder::render::{self, Prepared};
use bookbinder::settings::Settings;
use mdbook_html::HtmlHandlebars;
use mdbook_renderer::Renderer;
use notebook::results::Timing;
use notebook::{
    Chapter, Contents, Drawing, Experiment, Figure, Recorded, Recorder, TIMINGS, Table, Workspace,
};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn rolls(recorder: &mut Recorder) -> anyhow::Result<()> {
    recorder.value("mean", 3.5).interval(3.4, 3.6);
    recorder.value("rolls", 10_000);
    let mut faces = Table::new(["Face", "Count | int"]);
    faces.row(["one".into(), 1667.into()]);
    recorder.table("faces", faces);
    recorder.claim("settles", "The mean settles.").less(3.4, 3.5);
    Ok(())
}

fn mean(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("rolls")?;
    Ok(Figure {
        title: "Mean".into(),
        caption: "The mean settles.".into(),
        description: "A line.".into(),
        drawing: "<svg viewBox=\"0 0 1 1\"></svg>".into(),
        narrow: "<svg viewBox=\"0 0 1 2\"></svg>".into(),
        data: results.table("faces")?.clone(),
        sources: Vec::new(),
    })
}

fn dice() -> Chapter {
    Chapter::new("dice", "/nowhere", "Dice")
        .experiment(Experiment::new("rolls", "Rolls", rolls))
        .figure("mean", mean)
}

/// The fixture, recorded, bound and rendered in a temporary folder.
fn bound(root: &Path) -> (Book, Bound, Faults) {
    let workspace = Workspace::open(root).unwrap();
    let chapter = dice();
    notebook::run::record(&chapter, &workspace, &chapter.experiments[0], 1).unwrap();
    let mut timings =
        Recorder::new("dice", TIMINGS, "Timings", 0, 1).finish(Default::default()).unwrap();
    timings.provenance.date = notebook::provenance::now();
    timings.timings.insert("roll".into(), Timing { seconds: 0.001, interval: None });
    timings.write(&chapter.results_file(&workspace, TIMINGS)).unwrap();
    chapter.keep_drawing(&workspace, "mean").unwrap();
    Contents::write(&chapter, &workspace).unwrap();

    load(&workspace, &Settings::read(root).unwrap()).unwrap()
}

#[test]
fn a_book_goes_from_experiment_to_page() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), root);
    let (book, bound, faults) = bound(root);
    assert!(faults.is_fine(), "{faults}");
    assert_eq!(faults.counts().1, 0, "{faults}");

    let index = render::render(root, book, bound).unwrap();
    assert_eq!(index, root.join("target/book/index.html"));
    let page = fs::read_to_string(root.join("target/book/01-dice/index.html")).unwrap();
    for part in [
        "<aside class=\"card\"",
        "<dt>Run</dt>",
        "<b>Figure 1.1.</b> The mean settles.",
        "<a class=\"ref\" href=\"#figure-mean\">Figure 1.1</a>",
        "<caption><b>Table 1.1.</b> How often each face came.</caption>",
        "(1.1)</span>",
        "href=\"../references.html#ref-pascal1654\"",
        "href=\"../argument.html#claim-dice-rolls-settles\"",
        "href=\"../glossary.html#die-dado\"",
        "class=\"listing-source\"",
        "class=\"timings-note\"",
        "{{#value is never expanded}}",
        "<code>{{#value}}</code>",
    ] {
        assert!(page.contains(part), "the page has no {part}");
    }
    let claims = fs::read_to_string(root.join("target/book/argument.html")).unwrap();
    assert!(claims.contains("id=\"claim-dice-rolls-settles\""));
    let references = fs::read_to_string(root.join("target/book/references.html")).unwrap();
    assert!(references.contains("id=\"ref-pascal1654\""));
    let glossary = fs::read_to_string(root.join("target/book/glossary.html")).unwrap();
    assert!(glossary.contains("class=\"term-defined\" href=\"01-dice/index.html#term-die\""));
}

#[test]
fn appendices_have_letters_in_mdbook_too() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), root);
    fs::create_dir(root.join("book/a-notes")).unwrap();
    for page in ["index", "deep"] {
        fs::write(root.join(format!("book/a-notes/{page}.md")), "# Notes\n").unwrap();
    }
    let summary = fs::read_to_string(root.join("book/SUMMARY.md")).unwrap();
    let appendix = "# Appendices\n\n- [Notes](a-notes/index.md)\n  - [Deep](a-notes/deep.md)\n";
    fs::write(root.join("book/SUMMARY.md"), summary.replace("# Appendices\n", appendix)).unwrap();
    let (book, bound, _) = bound(root);
    render::render(root, book, bound).unwrap();
    let toc = fs::read_to_string(root.join("target/book/toc.html")).unwrap();
    assert!(toc.contains(">A. Notes</a>") && toc.contains(">A.1 Deep</a>"), "{toc}");
}

fn bookbinder(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bookbinder"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

#[test]
fn the_command_line_says_what_is_wrong_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code, said) in [
        (&["--nonsense"][..], 2, "error: "),
        (&["run", "--nonsense"], 2, "error: "),
        (&[], 2, "not inside a checkout of the book"),
        (&["check", "--root", "/nonexistent"], 2, "error: /nonexistent"),
        (&["preprocess"], 2, "standard input is not a book"),
        (&["preprocess", "supports", "html"], 0, ""),
        (&["--help"], 0, ""),
    ] {
        let output = bookbinder(arguments, folder.path());
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(said), "{arguments:?}: {errors}");
        assert!(errors.lines().count() <= 1, "{arguments:?}: {errors}");
    }
}

/// What mdBook warns of comes out broken, and stops the build; in a pipe nothing is coloured.
#[test]
fn what_mdbook_warns_of_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), root);
    bound(root);
    let page = root.join("book/01-dice/index.md");
    let text = fs::read_to_string(&page).unwrap();
    let frozen = |more: &str| {
        fs::write(&page, format!("{text}{more}")).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_bookbinder"))
            .args(["--frozen", "--root"])
            .arg(root)
            .env("NO_COLOR", "")
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(frozen("\nText.\n"), (Some(0), String::new()));
    let (code, said) = frozen("\nAn <em>open tag.\n");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("unclosed HTML tag `<em>`") && said.contains("1 warning of mdBook"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "{said:?}");
}

/// Two bindings of one book write one after the other, and both give the whole of it.
#[test]
fn two_at_once_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), root);
    bound(root);
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bookbinder"));
        command.args(["--frozen", "--root"]).arg(root).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let runs: Vec<_> = (0..3).map(|_| start()).collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(root.join("target/book/index.html").is_file());
}

/// Every file below `folder` with its text, by path.
fn texts(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).unwrap().flatten() {
            if entry.path().is_dir() {
                waiting.push(entry.path());
            } else {
                let name =
                    entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

/// The files without the index of the search and its name, and without the scripts of the previews, which our
/// renderer writes: in these alone the two ways differ.
fn without_index(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let name = files.keys().find(|name| name.starts_with("searchindex-")).cloned().unwrap();
    files.remove(&name);
    files.retain(|name, _| !name.starts_with("previews/"));
    for (_, text) in files.iter_mut().filter(|(n, _)| n.ends_with(".html") || n.ends_with(".js")) {
        *text = String::from_utf8_lossy(text).replace(&name, "searchindex.js").into_bytes();
    }
    files
}

/// The book itself, by `cargo book --frozen` and by mdBook with the command preprocessor.
#[test]
fn stock_mdbook_gives_the_same_book() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for part in ["book", "chapters-code", "data", "tests/peers"] {
        copy(&workspace.join(part), &root.join(part));
    }
    for file in ["Cargo.toml", "Cargo.lock", "book.toml"] {
        fs::copy(workspace.join(file), root.join(file)).unwrap();
    }
    let output = bookbinder(&["--frozen"], root);
    if output.status.code() != Some(0) {
        // Whether the book itself is without faults is for the tests of the whole book to say.
        eprintln!("skipped: {}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let ours = without_index(texts(&root.join("target/book")));

    let mut config = mdbook_driver::config::Config::from_disk(root.join("book.toml")).unwrap();
    let command = format!("\"{}\" preprocess", env!("CARGO_BIN_EXE_bookbinder"));
    config.set("preprocessor.bookbinder.command", command).unwrap();
    let build = |config| mdbook_driver::MDBook::load_with_config(root, config).unwrap().build();
    build(config.clone()).unwrap();
    let theirs = without_index(texts(&root.join("target/book")));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    let different: Vec<_> =
        ours.iter().filter(|(name, text)| theirs[*name] != **text).map(|(name, _)| name).collect();
    assert!(different.is_empty(), "{different:?}");

    let preface = root.join("book/preface.md");
    let text = fs::read_to_string(&preface).unwrap();
    fs::write(&preface, text + "\n{{#nonsense}}\n").unwrap();
    assert!(build(config).unwrap_err().to_string().contains("exited unsuccessfully"));
}

/// The checkout.
fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The book itself, by mdBook at once and a few pages at a time, in the book's theme and in mdBook's.
#[test]
fn pages_rendered_in_passes_are_those_of_the_whole_book() {
    let root = checkout();
    let workspace = Workspace::open(&root).unwrap();
    let (book, bound, _) = load(&workspace, &Settings::read(&root).unwrap()).unwrap();
    let prepared = Prepared::new(&root, book, bound).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    fs::create_dir(&plain).unwrap();
    let redirects = BTreeMap::from([
        ("/glossary.html#old", "argument.html"),
        ("/preface.html#old", "argument.html"),
        ("/old/page.html", "../glossary.html"),
        ("/old/page.html#part", "../glossary.html#part"),
    ]);
    let rendered = |renderer: &dyn Renderer, theme: Option<&Path>| {
        let mut context = prepared.context(&folder.path().join("book"));
        context.config.set("output.html.hash-files", true).unwrap();
        context.config.set("output.html.redirect", &redirects).unwrap();
        if let Some(theme) = theme {
            context.config.set("output.html.theme", theme).unwrap();
        }
        renderer.render(&context).unwrap();
        texts(&context.destination)
    };
    for (at_once, theme) in [(1, None), (7, None), (7, Some(plain.as_path()))] {
        let whole = rendered(&HtmlHandlebars::new(), theme);
        assert!(whole.len() > 100 && whole.contains_key("old/page.html"), "{:?}", whole.keys());
        let passes = rendered(&InPasses { at_once }, theme);
        assert_eq!(passes.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
        let different: Vec<_> = whole.keys().filter(|name| whole[*name] != passes[*name]).collect();
        assert!(different.is_empty(), "{at_once} at once: {different:?}");
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2, "files of a pass are left");
    }
}

#[test]
fn no_words_of_a_figure_cover_each_other() {
    let workspace = Workspace::open(&checkout()).unwrap();
    let mut crowded = Vec::new();
    let mut drawn = 0;
    for member in workspace.members() {
        let chapter = Contents::read(&workspace, member).unwrap();
        for name in &chapter.figures {
            let drawing = Drawing::read(&chapter, &workspace, name).unwrap();
            drawn += 1;
            let found = drawing.figure.crowded().into_iter();
            crowded.extend(found.map(|what| format!("{}/{name}: {what}", chapter.name)));
        }
    }
    assert!(drawn > 0);
    assert!(crowded.is_empty(), "{}", crowded.join("\n"));
}
