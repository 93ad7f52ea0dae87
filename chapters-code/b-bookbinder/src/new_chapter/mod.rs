//! `cargo book new-chapter NAME`: the skeleton of a chapter, which builds and passes at once.
//!
//! Everything is checked and every text is made before the first file is written ([`place`]). What is
//! written is undone where a later step fails ([`files`]). The templates are the files below
//! `templates/chapter/`. The workspace takes every crate in `chapters-code`, and the binder reads what
//! the crate's program writes: neither has a list to extend.

pub mod files;
pub mod place;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, bail, ensure};
use notebook::{Workspace, terminal};

use crate::settings::Settings;
use crate::text::slashes;
use files::Changes;
use place::{Place, Wanted};

/// What the command line says.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name of the crate: the concept, in lower case
    name: String,
    /// Number of the chapter [default: that of the first draft]
    #[arg(long, value_name = "N", conflicts_with = "after")]
    number: Option<usize>,
    /// The question that the chapter asks [default: the draft's]
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// The chapter that it follows: a name, a folder or a number
    #[arg(long, value_name = "CHAPTER")]
    after: Option<String>,
}

/// A chapter's files: where each goes, and its template.
const PROSE: [(&str, &str); 4] = [
    ("index.md", include_str!("../../templates/chapter/prose/index.md")),
    ("share.md", include_str!("../../templates/chapter/prose/share.md")),
    ("summary.md", include_str!("../../templates/chapter/prose/summary.md")),
    ("exercises.md", include_str!("../../templates/chapter/prose/exercises.md")),
];
const CRATE: [(&str, &str); 8] = [
    ("Cargo.toml", include_str!("../../templates/chapter/crate/Cargo.toml")),
    ("src/lib.rs", include_str!("../../templates/chapter/crate/src/lib.rs")),
    ("src/share.rs", include_str!("../../templates/chapter/crate/src/share.rs")),
    (
        "src/experiments/mod.rs",
        include_str!("../../templates/chapter/crate/src/experiments/mod.rs"),
    ),
    (
        "src/experiments/throws.rs",
        include_str!("../../templates/chapter/crate/src/experiments/throws.rs"),
    ),
    ("src/figures.rs", include_str!("../../templates/chapter/crate/src/figures.rs")),
    ("src/main.rs", include_str!("../../templates/chapter/crate/src/main.rs")),
    ("benches/@name@.rs", include_str!("../../templates/chapter/crate/benches/bench.rs")),
];
/// The pages below the chapter's first one, as SUMMARY.md lists them.
const PAGES: [(&str, &str); 3] = [
    ("How many throws?", "share.md"),
    ("What was measured", "summary.md"),
    ("Exercises", "exercises.md"),
];

/// The chapter that is to be written.
#[derive(Debug)]
struct NewChapter {
    name: String,
    title: String,
    number: usize,
    folder: String,
}

impl NewChapter {
    fn fill(&self, template: &str) -> String {
        template
            .replace("@name@", &self.name)
            .replace("@crate@", &self.name.replace('-', "_"))
            .replace("@title@", &self.title)
            .replace("@number@", &self.number.to_string())
            .replace("@folder@", &self.folder)
    }
}

/// Writes the skeleton, lists its pages, records its experiment and draws its figure.
///
/// # Errors
/// A name that is taken or is none, a place that is taken, a file that cannot be understood; then
/// nothing is written. A crate that does not run; then everything is undone.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let root = workspace.root();
    let source = Settings::read(root)?.source;
    let read = |path: &Path| {
        std::fs::read_to_string(root.join(path)).with_context(|| {
            format!("{}: cannot be read; restore it from version control", slashes(path))
        })
    };
    let summary_path = source.join("SUMMARY.md");
    let summary = read(&summary_path)?;
    let lock = read(Path::new("Cargo.lock"))?;
    check_name(&arguments.name, workspace, &lock)?;

    let wanted = Wanted { number: arguments.number, after: arguments.after.as_deref() };
    let place = Place::find(&summary, wanted)?;
    let title = title(arguments, &place)?;
    let folder = format!("{:02}-{}", place.number, arguments.name);
    let chapter = NewChapter { name: arguments.name.clone(), title, number: place.number, folder };

    let mut changes = Changes::new(root);
    for (folder, templates) in [
        (source.join(&chapter.folder), &PROSE[..]),
        (Path::new("chapters-code").join(&chapter.folder), &CRATE[..]),
    ] {
        changes.folder(&folder)?;
        for (path, template) in templates {
            changes.create(folder.join(chapter.fill(path)), chapter.fill(template))?;
        }
    }
    let NewChapter { name, folder, title, .. } = &chapter;
    changes.replace(summary_path, summary.clone(), place.list(&summary, title, folder, &PAGES));
    if let Ok(published) = read(&source.join("published.txt")) {
        let pages = PAGES.iter().map(|(_, page)| *page).chain(["index.md"]);
        let new = with_addresses(&published, folder, pages);
        changes.replace(source.join("published.txt"), published, new);
    }
    // The run below locks the new crate; undoing brings the old file back.
    changes.replace("Cargo.lock".into(), lock.clone(), lock);

    let written = changes.write()?;
    let mut said = format!("Chapter {}, {title}\n", chapter.number);
    written.paths().for_each(|path| said += &format!("  {}\n", slashes(path)));
    said += "Compiling it, recording its experiment, drawing its figure and checking the book";
    // Whether anybody reads it changes nothing of what was asked for.
    let _ = writeln!(terminal::stdout(), "{said}");
    if let Err(error) = prove(workspace, name) {
        written.undo();
        bail!("{error:#}; everything is as it was before");
    }
    writeln!(terminal::stdout(), "It builds and passes. Now `cargo book serve`, and write.")?;
    Ok(ExitCode::SUCCESS)
}

/// The title of the new chapter, which stands in Markdown, in TOML and in Rust.
fn title(arguments: &Arguments, place: &Place) -> anyhow::Result<String> {
    let title = arguments.title.clone().or_else(|| place.title.clone());
    let title = title.unwrap_or_else(|| format!("What is {}?", arguments.name.replace('-', " ")));
    let title = title.trim();
    let odd = |c: char| c.is_control() || "\"\\[](){}<>`@|*_$#".contains(c);
    ensure!(
        !title.is_empty() && title.chars().count() <= 80 && !title.contains(odd),
        "the title `{title}` is empty, too long or has marks that Markdown reads; give plain words, at most 80 characters"
    );
    Ok(title.to_owned())
}

/// Can a crate and a chapter be called so?
fn check_name(name: &str, workspace: &Workspace, lock: &str) -> anyhow::Result<()> {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    ensure!(
        starts && plain && !name.ends_with('-') && !name.contains("--") && name.len() <= 40,
        "`{name}` is not a crate's name; use lower-case letters, digits and single hyphens, for example `word-vectors`"
    );
    ensure!(
        !RESERVED.contains(&name),
        "`{name}` means something to Rust or Cargo; name the chapter's concept in another word"
    );
    if let Some(member) = workspace.member(name) {
        bail!(
            "the crate `{name}` is there already, in {}; choose another name",
            slashes(member.folder.strip_prefix(workspace.root()).unwrap_or(&member.folder))
        );
    }
    ensure!(
        !lock.lines().any(|line| line.trim() == format!("name = \"{name}\"")),
        "a library called `{name}` is in Cargo.lock; choose another name"
    );
    Ok(())
}

/// Names that compile to confusion.
const RESERVED: [&str; 58] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "use",
    "where",
    "while",
    "yield",
];

/// Records the experiment and draws the figure by the new crate's own program, and checks the book
/// with the new chapter in it. The program is compiled in the profile of the binder, with which it
/// shares its libraries.
fn prove(workspace: &Workspace, name: &str) -> anyhow::Result<()> {
    let root = workspace.root();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut program = Command::new(cargo);
    program.args(["run", "--quiet", "--package", name, "--target-dir"]).arg(workspace.target());
    program.args(["--", "run"]).current_dir(root);
    succeed(&mut program, "it cannot be compiled, recorded or drawn")?;
    let binder = std::env::current_exe().context("the bookbinder cannot find itself")?;
    let mut check = Command::new(binder);
    check.args(["check", "--without-exercises", "--root"]).arg(root);
    succeed(&mut check, "the book with it does not bind")
}

/// The list of addresses with those of the chapter's pages.
fn with_addresses<'a>(text: &str, folder: &str, pages: impl Iterator<Item = &'a str>) -> String {
    let mut new = text.trim_end().to_owned();
    for page in pages {
        new.push_str(&format!("\n{folder}/{}", page.replace(".md", ".html")));
    }
    new + "\n"
}

/// Runs a program to its end.
fn succeed(command: &mut Command, fault: &str) -> anyhow::Result<()> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) => ensure!(status.success(), "{fault} (see above)"),
        Err(error) => {
            let program = command.get_program().to_string_lossy();
            bail!("{program} cannot be started ({error}); install Rust with Cargo")
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let workspace = Workspace::open(root).unwrap();
        let lock = "[[package]]\nname = \"rand\"\n";
        let check = |name: &str| check_name(name, &workspace, lock);
        assert!(check("word-vectors").is_ok() && check("depth2").is_ok());
        for name in ["", "Depth", "2deep", "a--b", "a-", "-a", "a_b", "a.b", "a/b", "ä", "a b"] {
            assert!(check(name).unwrap_err().to_string().contains("not a crate's name"), "{name}");
        }
        for name in ["fn", "test", "core"] {
            assert!(check(name).unwrap_err().to_string().contains("another word"), "{name}");
        }
        let fault = check("bookbinder").unwrap_err().to_string();
        assert_eq!(
            fault,
            "the crate `bookbinder` is there already, in chapters-code/b-bookbinder; choose another name"
        );
        assert!(check("rand").unwrap_err().to_string().contains("in Cargo.lock"));
    }

    #[test]
    fn titles_are_plain() {
        let arguments = |title: Option<&str>| Arguments {
            name: "word-vectors".into(),
            number: None,
            title: title.map(str::to_owned),
            after: None,
        };
        let place = |title: Option<&str>| Place {
            number: 3,
            title: title.map(str::to_owned),
            line: 0,
            replaces: true,
        };
        assert_eq!(title(&arguments(None), &place(None)).unwrap(), "What is word vectors?");
        assert_eq!(title(&arguments(None), &place(Some("Why?"))).unwrap(), "Why?");
        assert_eq!(title(&arguments(Some("How?")), &place(Some("Why?"))).unwrap(), "How?");
        for bad in ["", " ", "a\"b", "a\\b", "[a](b)", "{{#value}}", "a\nb", &"x".repeat(81)] {
            assert!(title(&arguments(Some(bad)), &place(None)).is_err(), "{bad}");
        }
    }

    #[test]
    fn templates_are_filled() {
        let chapter = NewChapter {
            name: "word-vectors".into(),
            title: "What is a word?".into(),
            number: 3,
            folder: "03-word-vectors".into(),
        };
        for (path, template) in PROSE.iter().chain(&CRATE) {
            let filled = chapter.fill(template);
            assert!(!filled.contains('@') && filled.ends_with('\n'), "{path}: {filled}");
        }
        assert!(chapter.fill(CRATE[6].1).contains("word_vectors::chapter()"));
        let listed: Vec<_> = PROSE.iter().skip(1).map(|(path, _)| *path).collect();
        assert_eq!(listed, PAGES.map(|(_, path)| path));
    }

    #[test]
    fn addresses_are_added_at_the_end() {
        let new = with_addresses("a.html\n", "05-depth", ["index.md", "more.md"].into_iter());
        assert_eq!(new, "a.html\n05-depth/index.html\n05-depth/more.html\n");
    }
}
