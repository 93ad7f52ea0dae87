//! Every hostile hand-in of the corpus in one class with two honest ones: none gains a point, none changes another's grade, none reads or
//! writes what is not its own, and each gets the verdict that the table in `hostile/README.md` promises.
//!
//! Nothing here measures time. That the grading ends is a matter of its limits: [`Limits::longest`] adds them up, and the test
//! sets shorter ones, with which no answer can take longer than 130 seconds of its own. Hardly any comes near.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use gradebook::bounded::Bounds;
use gradebook::grade::{Grader, Status, Student};
use gradebook::handin;
use gradebook::kit::Kit;
use gradebook::library::Library;
use gradebook::limits::{Allowance, Judging, Limits};
use gradebook::report;
use gradebook::sandbox::Place;
use indicatif::ProgressBar;
use notebook::{Workspace, testing};
use pulldown_cmark::{Event, Options, Parser, Tag};

/// What the canary file holds, and what the answers that panic say.
const SECRETS: [&str; 2] = ["the canary sings", "HIDDEN INPUT"];
/// The name of files that hostile code tries to write.
const WRITTEN: &str = "hostile";

fn limits() -> Limits {
    let usual = Limits::default();
    let brief = Bounds {
        time: Duration::from_secs(20),
        memory: Some(1 << 30),
        seconds: Some(1),
        ..usual.judging.together
    };
    let limits = Limits {
        compile_time: Duration::from_secs(25),
        compiling: Allowance { seconds: 8, ..usual.compiling },
        judging: Judging { together: brief, alone: brief, most_broken: 2 },
        ..usual
    };
    assert_eq!(limits.longest(1.0), Duration::from_secs(2 * (25 + 10 + 20) + 20));
    limits
}

/// The folders that the attacks are pointed at, and the doors that they knock at.
struct Stage {
    scratch: tempfile::TempDir,
    target: tempfile::TempDir,
    tcp: TcpListener,
    udp: UdpSocket,
    sockets: [UnixListener; 2],
    workspace: Workspace,
}

impl Stage {
    fn set() -> Self {
        let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let scratch = tempfile::Builder::new().prefix("hostile-").tempdir().unwrap();
        let target = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        // Nothing but the sandbox may keep them out: whoever they are, they could read and write here.
        for folder in [scratch.path(), target.path()] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
            fs::write(folder.join("canary"), SECRETS[0]).unwrap();
            fs::set_permissions(folder.join("canary"), fs::Permissions::from_mode(0o666)).unwrap();
        }
        let socket = scratch.path().join("socket");
        let hidden = SocketAddr::from_abstract_name(hidden_name()).unwrap();
        let sockets = [UnixListener::bind(&socket), UnixListener::bind_addr(&hidden)];
        let stage = Stage {
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            udp: UdpSocket::bind("0.0.0.0:0").unwrap(),
            sockets: sockets.map(Result::unwrap),
            scratch,
            target,
            workspace,
        };
        stage.tcp.set_nonblocking(true).unwrap();
        stage.udp.set_nonblocking(true).unwrap();
        stage.sockets.iter().for_each(|s| s.set_nonblocking(true).unwrap());
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).unwrap();
        stage
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// The text of an attack, pointed at what there is on this machine.
    fn pointed(&self, text: &str) -> String {
        let home = std::env::var("HOME").unwrap_or_else(|_| "/root".into());
        let path = |path: &Path| path.display().to_string();
        let places = [
            ("@CANARY@", path(&self.at("canary"))),
            ("@SCRATCH@", path(self.scratch.path())),
            ("@TARGET@", path(self.target.path())),
            ("@ROOT@", path(self.workspace.root())),
            ("@CLASS@", path(&self.at("class"))),
            ("@REPORT@", path(&self.at("report"))),
            ("@SOCKET@", path(&self.at("socket"))),
            ("@HOME@", home),
            ("@ABSTRACT@", hidden_name()),
            ("@TCP@", self.tcp.local_addr().unwrap().port().to_string()),
            ("@UDP@", self.udp.local_addr().unwrap().port().to_string()),
        ];
        places.iter().fold(text.to_owned(), |text, (mark, place)| text.replace(mark, place))
    }

    /// Nobody came through the network.
    fn was_quiet(&self) {
        assert!(self.tcp.accept().is_err(), "somebody connected");
        assert!(self.udp.recv(&mut [0; 9]).is_err(), "somebody sent a packet");
        assert!(self.sockets.iter().all(|s| s.accept().is_err()), "somebody opened a socket");
    }
}

fn hidden_name() -> String {
    format!("gradebook-{}", std::process::id())
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

/// Is an attack of this name for the processor of this machine?
fn fits(name: &str) -> bool {
    cfg!(target_arch = "x86_64") || !name.starts_with("x86_")
}

/// A line of the table: the attack, what becomes of it, and words of its feedback.
struct Promise {
    /// The heading in the table under which it stands.
    kind: String,
    attack: String,
    status: String,
    words: String,
}

fn promises() -> Vec<Promise> {
    let text = fs::read_to_string(corpus().join("README.md")).unwrap();
    let bare = |s: &str| s.trim_matches(['`', '*']).to_owned();
    let (mut promises, mut kind) = (Vec::new(), String::new());
    for row in text.lines().filter(|l| l.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        if cells[0].starts_with("**") {
            kind = bare(cells[0]);
        } else if cells[0].starts_with('`') && fits(&bare(cells[0])) {
            let [attack, _, status, words] = cells[..] else { panic!("four cells: {row}") };
            let (attack, status, words) = (bare(attack), status.to_owned(), bare(words));
            promises.push(Promise { kind: kind.clone(), attack, status, words });
        }
    }
    promises
}

fn word_for(status: &Status) -> &'static str {
    match status {
        Status::Run => "run",
        Status::Missing(_) => "not taken",
        Status::Unread(_) => "not read",
        Status::DoesNotCompile(_) => "not compiled",
        Status::CompilerStopped => "compiler stopped",
        Status::NotGraded(_) => "not graded",
    }
}

/// Puts the whole class into `class`, those of the files and those that no file can be.
fn hand_in_all(stage: &Stage, class: &Path) {
    for entry in fs::read_dir(corpus()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let read = || stage.pointed(&fs::read_to_string(&path).unwrap());
        if let Some(student) = name.strip_suffix(".rs.txt").filter(|n| fits(n)) {
            put(&class.join(student).join("src/run_lengths.rs"), read().as_bytes());
        } else if let Some(student) = name.strip_suffix(".files.txt") {
            for part in read().split("=== ").skip(1) {
                let (path, text) = part.split_once('\n').unwrap();
                put(&class.join(student).join(path), text.as_bytes());
            }
        }
    }
    hand_in_files(stage, class);
    hand_in_archives(class);
}

const WRONG: &str =
    "pub fn run_lengths(_: &[u8]) -> (u64, Vec<(u8, u64)>) {\n    (0, Vec::new())\n}\n";

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Hand-ins that git would not keep as they are.
fn hand_in_files(stage: &Stage, class: &Path) {
    let answer = |student: &str| {
        let path = class.join(student).join("src/run_lengths.rs");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    let right = class.join("honest_right/src/run_lengths.rs");
    answer("file_missing");
    fs::create_dir(answer("file_is_a_folder")).unwrap();
    symlink(&right, answer("file_is_a_link")).unwrap();
    symlink("/dev/zero", answer("file_is_a_link_to_a_device")).unwrap();
    symlink(stage.at("canary"), answer("file_is_a_link_to_a_secret")).unwrap();
    let mut pipes = Command::new("mkfifo");
    pipes.arg(answer("file_is_a_pipe")).arg(class.join("archive_is_a_pipe.zip"));
    assert!(pipes.status().unwrap().success());
    fs::create_dir(class.join("folder_is_a_link")).unwrap();
    symlink(right.parent().unwrap(), class.join("folder_is_a_link/src")).unwrap();
    symlink(class.join("honest_right"), class.join("hand_in_is_a_link")).unwrap();
    symlink("/", class.join("hand_in_is_a_link_to_everything")).unwrap();
    fs::write(answer("file_is_large"), vec![b'/'; 10 << 20]).unwrap();
    fs::write(answer("file_is_no_text"), b"pub fn run_lengths() { \xff\xfe }").unwrap();
    fs::write(answer("file_is_empty"), "").unwrap();
    fs::write(answer("file_has_zeros"), WRONG.replace("Vec::new()", "Vec::\0new()")).unwrap();
    fs::write(answer("=1+1|<b>markup_in_name"), WRONG).unwrap();
    let deep = |open: &str, close: &str| {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        WRONG.replace("(0,", &format!("({open}0{close},"))
    };
    fs::write(answer("deep_brackets"), deep("(", ")")).unwrap();
    fs::write(answer("long_name"), WRONG.replace("(0,", &format!("({},", "n".repeat(200_000))))
        .unwrap();
    fs::write(answer("deep_negation"), deep("!", "")).unwrap();
    fs::write(
        answer("steered_text"),
        format!("{WRONG}// \u{202e}thgir\nconst X: u8 = \"\u{1b}[2J\u{202e}\";\n"),
    )
    .unwrap();
}

fn hand_in_archives(class: &Path) {
    let gzip = |name: &str| {
        let file = File::create(class.join(format!("{name}.tar.gz"))).unwrap();
        flate2::write::GzEncoder::new(file, flate2::Compression::fast())
    };
    let tar = |name: &str, entries: &[(&str, tar::EntryType, &[u8])]| {
        let mut tar = tar::Builder::new(gzip(name));
        for (path, kind, bytes) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            header.set_mode(0o4777);
            // Past the builder's own check of paths.
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            header.as_mut_bytes()[157..168].copy_from_slice(b"/etc/passwd");
            header.set_cksum();
            tar.append(&header, *bytes).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
    };
    let zip = |name: &str, entries: &[(&str, &[u8])]| {
        let mut zip = zip::ZipWriter::new(File::create(class.join(format!("{name}.zip"))).unwrap());
        for (path, bytes) in entries {
            zip.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
    };
    let (file, answer) = (tar::EntryType::Regular, "src/run_lengths.rs");
    fs::write(class.join("archive_of_no_bytes.zip"), "").unwrap();
    fs::write(class.join("archive_is_text.tar.gz"), "pub fn run_lengths() {}").unwrap();
    zip("archive_is_empty", &[]);
    tar("archive_is_empty_too", &[]);
    zip("zip_leads_out", &[("../honest_right/src/run_lengths.rs", WRONG.as_bytes())]);
    tar(
        "tar_leads_out",
        &[("../../hostile", file, b"was here"), ("/src/run_lengths.rs", file, b"")],
    );
    zip("zip_bomb", &[(answer, &vec![0; 32 << 20])]);
    tar("tar_bomb", &[("x", file, &vec![0; 200 << 20]), ("y", file, &vec![0; 200 << 20])]);
    tar("tar_with_a_link", &[(answer, tar::EntryType::Symlink, b"")]);
    tar("tar_with_a_hard_link", &[(answer, tar::EntryType::Link, b"")]);
    tar("tar_with_a_device", &[(answer, tar::EntryType::Char, b"")]);
    tar("tar_with_two", &[(answer, file, WRONG.as_bytes()), (answer, file, WRONG.as_bytes())]);
    let mut linked = zip::ZipWriter::new(File::create(class.join("zip_with_a_link.zip")).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    linked.add_symlink(answer, "../../honest_right/src/run_lengths.rs", options).unwrap();
    linked.finish().unwrap();
    let mut cut = fs::read(class.join("tar_bomb.tar.gz")).unwrap();
    cut.truncate(cut.len() / 2);
    fs::write(class.join("archive_is_cut.tar.gz"), cut).unwrap();
}

/// Every file below `folder` with its length and time; links are named and not followed.
fn seen(folder: &Path) -> BTreeMap<PathBuf, (u64, Option<SystemTime>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let metadata = entry.metadata().unwrap();
        if metadata.is_dir() {
            found.extend(seen(&entry.path()));
        }
        found.insert(entry.path(), (metadata.len(), metadata.modified().ok()));
    }
    found
}

/// Processes that see a folder of this run, which is how those in a sandbox are known from outside.
fn left_over(marker: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|e| e.path());
    let own = format!("/proc/{}", std::process::id());
    let processes = processes.filter(|p| *p != Path::new(&own));
    let sees = |p: &PathBuf| {
        let mounts = fs::read_to_string(p.join("mountinfo")).unwrap_or_default();
        let words = fs::read(p.join("cmdline")).unwrap_or_default();
        mounts.contains(marker) || String::from_utf8_lossy(&words).contains(marker)
    };
    processes.filter(sees).map(|p| p.display().to_string()).collect()
}

/// What was said stays text: no heading, link or HTML but the report's own.
fn is_only_text(page: &str, student: &str) {
    let (mut headings, mut text) = (0, String::new());
    for event in Parser::new_ext(page, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock) => {
                panic!("{student}: {page}")
            }
            Event::Html(_) | Event::InlineHtml(_) => panic!("{student}: {page}"),
            Event::Text(piece) => text.push_str(&piece),
            _ => {}
        }
    }
    assert_eq!(headings, 2, "{student}: {page}");
    let steers = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!page.contains(steers), "{student}: {page:?}");
}

#[test]
fn an_attack_of_each_kind_gains_nothing() {
    let mut few = promises();
    few.dedup_by(|later, first| later.kind == first.kind);
    assert!(few.len() > 5);
    gain_nothing(&few);
}

#[test]
#[ignore = "takes minutes: grades every attack"]
fn the_corpus_gains_nothing() {
    let all = promises();
    assert!(all.len() >= 100);
    gain_nothing(&all);
}

/// Of the class only the honest stay, and those of whom something is promised. Somebody of whom nothing is stays where
/// the whole corpus is graded, and is a fault.
fn leave(class: &Path, promises: &[Promise]) {
    if promises.len() == self::promises().len() {
        return;
    }
    for entry in fs::read_dir(class).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let student = name.trim_end_matches(".zip").trim_end_matches(".tar.gz");
        let stays = student.starts_with("honest") || promises.iter().any(|p| p.attack == student);
        if stays {
            continue;
        }
        match path.symlink_metadata().unwrap().is_dir() {
            true => fs::remove_dir_all(&path).unwrap(),
            false => fs::remove_file(&path).unwrap(),
        }
    }
}

fn gain_nothing(promises: &[Promise]) {
    let stage = Stage::set();
    let workspace = &stage.workspace;
    let library = Library::of_folder(&corpus().join("exercise")).unwrap();
    assert!(library.faults.is_empty(), "{}", library.faults);
    let exercise = library.find("run_lengths").unwrap();
    let kit = Kit::build(workspace).unwrap();
    // All folders of sandboxes are below this one, so that it shows what is left.
    let temporary = stage.at("temporary");
    fs::create_dir(&temporary).unwrap();
    tempfile::env::override_temp_dir(&temporary).unwrap();
    let place = || Place::sandbox(&kit);
    let first = match place() {
        Ok(place) => place,
        Err(error) => return testing::skip("hostile hand-ins", &format!("{error:#}")),
    };
    let grade = |place: Place, class: &Path, out: &Path| -> Vec<Student> {
        let target = workspace.target();
        let grader = Grader::new(&[exercise], &kit, place, 5, &target, out.join(".state")).unwrap();
        let hand_ins = handin::find(&[class.to_owned()]).unwrap();
        let grader = grader.with_limits(limits());
        let students = grader.grade(&hand_ins, &ProgressBar::hidden()).unwrap();
        report::write(out, &[exercise], &students).unwrap();
        students
    };
    let (class, report) = (stage.at("class"), stage.at("report"));
    hand_in_all(&stage, &class);
    leave(&class, promises);
    let before = [seen(&class), seen(stage.target.path())];
    let students = grade(first, &class, &report);

    // Nothing was read, nothing written, nobody came out, nothing is left.
    assert_eq!(before, [seen(&class), seen(stage.target.path())], "files of others changed");
    assert_eq!(fs::read_to_string(stage.at("canary")).unwrap(), SECRETS[0]);
    stage.was_quiet();
    for path in seen(&report).keys().filter(|p| p.is_file()) {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        assert!(!SECRETS.iter().any(|s| text.contains(s)), "{}", path.display());
    }
    let written = seen(stage.scratch.path());
    let written: Vec<_> = written.keys().filter(|p| p.ends_with(WRITTEN)).collect();
    assert!(written.is_empty(), "{written:?}");
    for place in [workspace.root(), Path::new(&std::env::var("HOME").unwrap_or("/".into()))] {
        assert!(!place.join(WRITTEN).exists(), "{}", place.display());
    }
    assert!(seen(&temporary).is_empty(), "{:?}", seen(&temporary));
    // A namespace that was told to end needs a moment.
    let marker = temporary.display().to_string();
    let gone = (0..100).any(|_| {
        let left = left_over(&marker);
        std::thread::sleep(Duration::from_millis(if left.is_empty() { 0 } else { 100 }));
        left.is_empty()
    });
    assert!(gone, "{:?}", left_over(&marker));

    // The honest ones get what they get alone.
    let (few, few_report) = (stage.at("few"), stage.at("few-report"));
    for name in ["honest_right", "honest_half"] {
        let path = format!("{name}/src/run_lengths.rs");
        put(&few.join(&path), &fs::read(class.join(&path)).unwrap());
    }
    let alone = grade(place().unwrap(), &few, &few_report);
    let of = |students: &[Student], name: &str| {
        students.iter().find(|s| s.student == name).cloned().unwrap()
    };
    for (name, earned) in [("honest_right", 10.0), ("honest_half", 7.5)] {
        assert_eq!(of(&students, name), of(&alone, name));
        assert_eq!(of(&alone, name).earned, earned, "{name}");
    }

    every_promise_is_kept(promises, &students, &report);
}

/// No point gained, and the verdict of the table, for every student who is not honest.
fn every_promise_is_kept(promises: &[Promise], students: &[Student], report: &Path) {
    let mut broken = Vec::new();
    for student in students.iter().filter(|s| !s.student.starts_with("honest")) {
        let name = student.student.as_str();
        let page = fs::read_to_string(report.join("feedback").join(format!("{name}.md"))).unwrap();
        is_only_text(&page, name);
        assert!(!page.contains("/registry/src/"), "{name}: {page}");
        let status = word_for(&student.answers[0].status);
        let Some(promise) = promises.iter().find(|p| p.attack == name) else {
            broken.push(format!("{name} is not in the table: {status}\n{page}"));
            continue;
        };
        if student.earned != 0.0 || status != promise.status || !page.contains(&promise.words) {
            broken.push(format!("{name}: {} points, {status}\n{page}", student.earned));
        }
    }
    for promise in promises {
        if !students.iter().any(|s| s.student == promise.attack) {
            broken.push(format!("{} is in the table and not in the class", promise.attack));
        }
    }
    assert!(broken.is_empty(), "{} of {}:\n{}", broken.len(), promises.len(), broken.join("\n"));
    let csv = fs::read_to_string(report.join("grades.csv")).unwrap();
    assert!(!csv.lines().any(|l| l.starts_with(['=', '+', '-', '@'])), "{csv}");
}
