//! Hand-ins: folders and archives of strangers, from which the answer files are taken and nothing else.
//!
//! Nothing is unpacked. An archive is read as a stream, within limits, and only entries called as an answer file is called are
//! looked at. In a folder, links are not followed.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use zip::result::ZipError;

use crate::hash;

/// The most bytes of an answer file.
pub const LARGEST_ANSWER: u64 = 256 << 10;
/// The most bytes of an archive.
const LARGEST_ARCHIVE: u64 = 64 << 20;
/// The most bytes that an archive is unpacked to while looking for answers.
const LARGEST_UNPACKED: u64 = 256 << 20;
/// The most entries of an archive or files of a folder that are looked at.
const MOST_ENTRIES: usize = 20_000;

/// The most folders around an answer.
const DEEPEST: usize = 6;

/// What one student handed in.
#[derive(Debug, Clone)]
pub struct HandIn {
    /// Name of the row; safe as the name of a file, and nobody else's.
    pub student: String,
    /// The same as the entry has it.
    pub name: String,
    /// Who gave the entry its name.
    pub origin: Origin,
    /// Where it is. Canvas makes a file of each that a student uploads; where nothing was handed in, there is none.
    pub paths: Vec<PathBuf>,
}

/// Who gave an entry its name, and the number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Anybody.
    Anybody,
    /// Moodle, which calls a participant by this number.
    Moodle(u64),
    /// Canvas.
    Canvas {
        /// The number of the user.
        user: u64,
        /// Is a file marked as late?
        late: bool,
    },
}

impl Origin {
    /// Of two entries of one student.
    fn and(self, other: Origin) -> Origin {
        match (self, other) {
            (Origin::Canvas { user, late }, Origin::Canvas { late: also, .. }) => {
                Origin::Canvas { user, late: late || also }
            }
            _ => self,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absent {
    /// There is none, or none that could be an answer; why.
    Missing(String),
    /// There may be one, in a form that this program does not read; which.
    Unread(String),
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Absent::Missing(why) | Absent::Unread(why) => f.write_str(why),
        }
    }
}

/// The answer files of a hand-in: the bytes of each, or why there are none.
pub type Answers = BTreeMap<String, Result<Vec<u8>, Absent>>;

/// Every hand-in that `paths` name. A single folder is a class, whose every entry is a hand-in, unless it looks like one
/// hand-in itself. Of several paths each is one hand-in. So what lies inside of an entry never makes another row.
///
/// # Errors
/// Where a path does not exist, or there is no hand-in.
pub fn find(paths: &[PathBuf]) -> anyhow::Result<Vec<HandIn>> {
    find_beside(paths, None)
}

/// The same, where the folder of the report may lie among the hand-ins.
///
/// # Errors
/// As [`find`].
pub fn find_beside(paths: &[PathBuf], report: Option<&Path>) -> anyhow::Result<Vec<HandIn>> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let report = report.map(real);
    let mut found = Vec::new();
    for path in paths {
        let absent = || format!("{}: no such folder or archive", path.display());
        if paths.len() > 1 && path.file_name().is_some() {
            fs::symlink_metadata(path).with_context(absent)?;
            found.push(path.clone());
        } else if fs::metadata(path).with_context(absent)?.is_file() || is_one(path) {
            if is_download(path) {
                bail!(
                    "{}: is the download of a whole class; unpack it and name the folder",
                    path.display()
                );
            }
            // Whoever names one link means what it leads to.
            found.push(real(path));
        } else {
            for entry in fs::read_dir(path).with_context(absent)? {
                found.push(entry.with_context(absent)?.path());
            }
        }
    }
    found.retain(|p| !is_litter(p) && (report.is_none() || report.as_ref() != Some(&real(p))));
    found.sort();
    found.dedup();
    let mut owners: Owners = BTreeMap::new();
    for path in found {
        let (owner, origin) = Owner::of(&path);
        let (known, paths) = owners.entry(owner).or_insert((origin, Vec::new()));
        *known = known.and(origin);
        paths.push(path);
    }
    if owners.is_empty() {
        bail!("there is no hand-in: neither a folder nor an archive nor a .rs file");
    }
    Ok(named_apart(owners))
}

/// The folder or archive at `path` as one hand-in, whatever it looks like.
///
/// # Errors
/// Where there is none.
pub fn one(path: &Path) -> anyhow::Result<Vec<HandIn>> {
    let path = path.canonicalize();
    let path = path.with_context(|| "there is no such folder or archive".to_owned())?;
    let (owner, origin) = Owner::of(&path);
    Ok(named_apart(BTreeMap::from([(owner, (origin, vec![path]))])))
}

/// Is the archive what Moodle or Canvas gives for a whole class, rather than what one student handed in?
fn is_download(path: &Path) -> bool {
    let Ok(archive) = File::open(path).map_err(ZipError::Io).and_then(zip::ZipArchive::new) else {
        return false;
    };
    let is_students = |name: &str| {
        let top = name.split('/').next().unwrap_or_default();
        moodle(top).is_some() || top == name && canvas(name).is_some()
    };
    let mut names = archive.file_names().take(MOST_ENTRIES);
    !archive.is_empty() && names.all(|name| name.is_ok_and(|name| is_students(&name)))
}

/// Who handed in what.
type Owners = BTreeMap<Owner, (Origin, Vec<PathBuf>)>;

/// Whose an entry is, as far as its name tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Owner {
    /// The name as it becomes the row's.
    shown: String,
    /// What tells this owner from all others.
    key: String,
}

impl Owner {
    /// Moodle's `NAME_NUMBER_assignsubmission_file` and Canvas's `name_NUMBER_NUMBER_FILE` begin with the name; of any other entry, the whole is
    /// the name. In what Canvas gives, the student chose the end, so that is looked at first: Moodle has no `_` in a name.
    fn of(path: &Path) -> (Self, Origin) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file()
            && let Some(upload) = canvas(&name)
        {
            let (shown, user, late) = (upload.shown, upload.user, upload.late);
            let key = format!("{shown}_{user}");
            return (Owner { shown: shown.to_owned(), key }, Origin::Canvas { user, late });
        }
        if let Some((shown, number)) = moodle(&name) {
            let key = format!("{shown}_{number}_assignsubmission_");
            return (Owner { shown: shown.to_owned(), key }, Origin::Moodle(number));
        }
        let bare = if path.is_dir() { name.as_str() } else { without_ending(&name) };
        (Owner { shown: bare.to_owned(), key: name.clone() }, Origin::Anybody)
    }
}

/// Name and number of a student as Moodle calls an entry: `Olga Ott_123_assignsubmission_file`.
fn moodle(name: &str) -> Option<(&str, u64)> {
    let (before, _) = name.split_once("_assignsubmission_")?;
    let (shown, number) = before.rsplit_once('_')?;
    Some((shown, number.parse().ok().filter(|_| is_number(number))?))
}

/// The file's own name, where Moodle puts no folders around files: `Olga Ott_123_assignsubmission_file_answer.rs`.
fn moodle_file(name: &str) -> Option<&str> {
    let (_, file) = name.split_once("_assignsubmission_file_")?;
    moodle(name).map(|_| file)
}

/// An upload as Canvas calls it: `leeann_LATE_123_456_answer.rs`.
struct Upload<'a> {
    shown: &'a str,
    late: bool,
    user: u64,
    file: &'a str,
}

fn canvas(name: &str) -> Option<Upload<'_>> {
    let (shown, rest) = name.split_once('_')?;
    let (late, rest) = rest.strip_prefix("LATE_").map_or((false, rest), |rest| (true, rest));
    let (number, rest) = rest.split_once('_')?;
    let (upload, file) = rest.split_once('_')?;
    let is_name = !shown.is_empty() && !shown.contains(char::is_whitespace);
    let user = number.parse().ok().filter(|_| is_number(number) && is_number(upload))?;
    is_name.then_some(Upload { shown, late, user, file })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A row for each owner, no two of one name, not even where a file system takes capitals for small letters.
fn named_apart(owners: Owners) -> Vec<HandIn> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for owner in owners.keys() {
        *count.entry(safe(&owner.shown).to_lowercase()).or_default() += 1;
    }
    let name = |(owner, (origin, paths)): (Owner, (Origin, Vec<PathBuf>))| {
        let mut student = safe(&owner.shown);
        if count.get(&student.to_lowercase()).is_some_and(|n| *n > 1) {
            student = format!("{student}~{}", short_hash(&owner.key));
        }
        HandIn { student, name: owner.shown, origin, paths }
    };
    let mut hand_ins: Vec<HandIn> = owners.into_iter().map(name).collect();
    hand_ins.sort_by(|a, b| a.student.cmp(&b.student));
    hand_ins
}

fn short_hash(text: &str) -> String {
    hash::short(text.as_bytes()).chars().take(8).collect()
}

/// Is the folder itself a hand-in rather than a folder of them? Then it holds nothing that could be another's.
fn is_one(folder: &Path) -> bool {
    if !folder.join("Cargo.toml").is_file() && !folder.join("src").is_dir() {
        return false;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let own = [
        "src",
        "tests",
        "chapters-code",
        "crates",
        "given",
        "target",
        "vendor",
        "examples",
        "benches",
        "Cargo.lock",
    ];
    entries.into_iter().all(|entry| {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        own.contains(&name.as_str())
            || name.starts_with('.')
            || path.is_file() && !is_archive_name(&name)
    })
}

/// What systems leave in folders.
fn is_litter(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let litter = ["__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".gitignore"];
    litter.contains(&name.as_ref()) || name.starts_with("._")
}

/// A link among hand-ins may lead to the folder of somebody else, or anywhere.
fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink())
}

/// Endings that are no part of a name.
const ENDINGS: [&str; 14] = [
    ".tar.gz", ".tar.xz", ".tar.bz2", ".tgz", ".txz", ".tbz2", ".tbz", ".tar", ".zip", ".7z",
    ".rar", ".gz", ".xz", ".bz2",
];

fn is_archive_name(name: &str) -> bool {
    let name = name.to_lowercase();
    ENDINGS.iter().any(|e| name.ends_with(e))
}

fn without_ending(name: &str) -> &str {
    let small = name.to_ascii_lowercase();
    let ending = ENDINGS.iter().chain([&".rs"]).find(|e| small.ends_with(**e));
    ending.map_or(name, |e| &name[..name.len() - e.len()])
}

/// A name made safe: it becomes the name of files and a cell of a table.
fn safe(name: &str) -> String {
    const LONGEST: usize = 100;
    let safe = |c: char| if c.is_alphanumeric() || "_-.@".contains(c) { c } else { '_' };
    let all: String = name.chars().map(safe).collect();
    let all = all.trim_start_matches(['.', '-', '@']);
    let end = (0..=LONGEST.min(all.len())).rev().find(|&i| all.is_char_boundary(i)).unwrap_or(0);
    match &all[..end] {
        "" => "unnamed".to_owned(),
        cut if end < all.len() => format!("{cut}~{}", short_hash(name)),
        whole => whole.to_owned(),
    }
}

/// What the bytes of an archive say that it is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Zip,
    Gzip,
    Xz,
    Bzip2,
    Tar,
    Unread(&'static str),
}

impl Format {
    fn of(bytes: &[u8]) -> Option<Self> {
        let begins: [(&[u8], Format); 7] = [
            (b"PK", Format::Zip),
            (b"\x1f\x8b", Format::Gzip),
            (b"\xfd7zXZ\0", Format::Xz),
            (b"BZh", Format::Bzip2),
            (b"7z\xbc\xaf\x27\x1c", Format::Unread("7z")),
            (b"Rar!", Format::Unread("rar")),
            (b"\x28\xb5\x2f\xfd", Format::Unread("Zstandard")),
        ];
        let found = begins.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, f)| *f);
        found.or_else(|| (bytes.get(257..262) == Some(b"ustar")).then_some(Format::Tar))
    }
}

impl HandIn {
    /// Somebody who handed in nothing, under a name that none of `others` has.
    pub fn missing(name: &str, others: &[HandIn]) -> Self {
        let mut student = safe(name);
        let small = student.to_lowercase();
        if others.iter().any(|o| o.student.to_lowercase() == small) {
            student = format!("{student}~{}", short_hash(&format!("{name}/{}", others.len())));
        }
        HandIn { student, name: name.to_owned(), origin: Origin::Anybody, paths: Vec::new() }
    }

    /// Takes the answers called `names`. Whatever is wrong with the hand-in is an answer's fault, never an error.
    pub fn answers(&self, names: &[&str]) -> Answers {
        let mut taken = Taken { names, found: BTreeMap::new(), unread: None };
        let mut fault = None;
        for path in &self.paths {
            if let Err(said) = taken.entry(path) {
                fault.get_or_insert(said);
            }
        }
        let Taken { mut found, unread, .. } = taken;
        let absent = |name: &str| match (&unread, &fault) {
            _ if self.paths.is_empty() => Absent::Missing("nothing was handed in".to_owned()),
            (Some(what), _) => Absent::Unread(format!("the hand-in {what}")),
            (None, Some(fault)) => Absent::Missing(format!("the hand-in {fault}")),
            (None, None) => Absent::Missing(format!("the hand-in has no src/{name}.rs")),
        };
        let answer = |name: &&str| {
            let found = found.remove(*name).map(|(_, answer)| answer.map_err(Absent::Missing));
            ((*name).to_owned(), found.unwrap_or_else(|| Err(absent(name))))
        };
        names.iter().map(answer).collect()
    }
}

/// Answers as they turn up, each with how deep it lay.
struct Taken<'a> {
    names: &'a [&'a str],
    found: BTreeMap<String, (usize, Result<Vec<u8>, String>)>,
    /// What cannot be read although it is sound.
    unread: Option<String>,
}

/// Folders in which no answer lies, but files that may be called like one.
const NO_ANSWERS: [&str; 10] = [
    "tests",
    "chapters-code",
    "crates",
    "given",
    "target",
    "vendor",
    "examples",
    "benches",
    "__macosx",
    "node_modules",
];

impl Taken<'_> {
    /// Whatever a student handed in: a folder, an archive, or the answer itself.
    fn entry(&mut self, path: &Path) -> Result<(), String> {
        if is_link(path) {
            return Err("is a link, which is not followed".to_owned());
        }
        if path.is_dir() {
            return self.folder(path, &mut 0, Path::new(""));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.to_ascii_lowercase().ends_with(".rs") {
            return self.single(path, &name);
        }
        self.archive(&read_archive(path)?, Path::new(""), false)
    }

    /// One file, called like its exercise, or the only one that was asked for.
    fn single(&mut self, path: &Path, name: &str) -> Result<(), String> {
        let file = canvas(name).map(|upload| upload.file).or(moodle_file(name)).unwrap_or(name);
        let stem = file.get(..file.len() - 3).unwrap_or_default();
        // Canvas numbers what is handed in again.
        let stem = stem.rsplit_once('-').filter(|(_, n)| is_number(n)).map_or(stem, |(s, _)| s);
        let named = self.names.iter().find(|n| **n == stem).map(|n| (n, 1));
        // A file that is called otherwise gives way to any that is called so.
        let only = self.names.first().filter(|_| self.names.len() == 1);
        let Some((named, depth)) = named.or(only.map(|n| (n, usize::MAX))) else {
            return Err(format!("is {stem}.rs, and no exercise is called so"));
        };
        let answer = read_file(path);
        self.keep((*named).to_owned(), depth, answer);
        Ok(())
    }

    /// The name of the answer that lies at `path` in a hand-in, and how deep: `src/NAME.rs` or bare, perhaps in a few folders more.
    fn wanted(&self, path: &Path) -> Option<(String, usize)> {
        let plain =
            path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        let parts = path.components().filter(|c| matches!(c, Component::Normal(_)));
        let parts: Vec<String> =
            parts.map(|c| c.as_os_str().to_str().map(str::to_owned)).collect::<Option<_>>()?;
        let (last, folders) = parts.split_last()?;
        let name = last.strip_suffix(".rs")?;
        let small: Vec<String> = folders.iter().map(|f| f.to_lowercase()).collect();
        let barren = |f: &String| NO_ANSWERS.contains(&f.as_str()) || f.starts_with('.');
        let in_src = small.last().is_some_and(|f| f == "src");
        let around = &small[..small.len() - usize::from(in_src)];
        if !plain
            || around.len() > DEEPEST
            || small.iter().any(barren)
            || around.iter().any(|f| f == "src")
        {
            return None;
        }
        let depth = 2 * around.len() + usize::from(!in_src);
        self.names.contains(&name).then(|| (name.to_owned(), depth))
    }

    /// Keeps an answer, unless one that lies less deep is known; two at the same place are one too many.
    fn keep(&mut self, name: String, depth: usize, answer: Result<Vec<u8>, String>) {
        let twice = || Err(format!("the hand-in has several {name}.rs; leave one"));
        match self.found.get(&name) {
            Some((known, _)) if *known < depth => {}
            Some((known, _)) if *known == depth => {
                let twice = twice();
                self.found.insert(name, (depth, twice));
            }
            _ => {
                self.found.insert(name, (depth, answer));
            }
        }
    }

    /// Looks for answers, and for archives, in a folder. Links are not followed.
    fn folder(&mut self, folder: &Path, seen: &mut usize, inside: &Path) -> Result<(), String> {
        let entries = fs::read_dir(folder).map_err(|e| format!("cannot be read ({e})"))?;
        let mut fault = None;
        for entry in entries.filter_map(Result::ok) {
            *seen += 1;
            if *seen > MOST_ENTRIES {
                return Err(format!("has more than {MOST_ENTRIES} files"));
            }
            let (path, name) = (entry.path(), entry.file_name());
            let inside = inside.join(&name);
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                // One deeper than answers may lie, for `src`; a folder that is called like an answer is none.
                match self.wanted(&inside) {
                    Some((name, depth)) => self.keep(name.clone(), depth, not_ordinary(&name)),
                    None if inside.components().count() <= DEEPEST + 1 => {
                        self.folder(&path, seen, &inside)?;
                    }
                    None => {}
                }
            } else if let Some((name, depth)) = self.wanted(&inside) {
                let answer = if kind.is_file() { read_file(&path) } else { not_ordinary(&name) };
                self.keep(name, depth, answer);
            } else if kind.is_file() && is_archive_name(&name.to_string_lossy()) {
                let around = inside.parent().unwrap_or(Path::new(""));
                let read = read_archive(&path).and_then(|b| self.archive(&b, around, true));
                let said = |e: String| format!("holds {}, which {e}", name.to_string_lossy());
                fault = fault.or(read.map_err(said).err());
            }
        }
        fault.map_or(Ok(()), Err)
    }

    /// Looks into an archive that lies in the folder `around`; into one that lies in another only if that lies in none.
    fn archive(&mut self, bytes: &[u8], around: &Path, is_nested: bool) -> Result<(), String> {
        let damaged = |e: io::Error| format!("is no archive that can be read ({e})");
        match Format::of(bytes) {
            Some(Format::Zip) => self.zip(bytes, around, is_nested),
            Some(Format::Gzip) => {
                let (now, rest) = (GzDecoder::new(bytes), |d: &GzDecoder<_>| *d.get_ref());
                let inner = Pieces { magic: b"\x1f\x8b", open: GzDecoder::new, rest, now };
                self.tar(inner, around, is_nested)
            }
            Some(Format::Bzip2) => {
                let (now, rest) = (BzDecoder::new(bytes), |d: &BzDecoder<_>| *d.get_ref());
                let inner = Pieces { magic: b"BZh", open: BzDecoder::new, rest, now };
                self.tar(inner, around, is_nested)
            }
            Some(Format::Xz) => {
                // Zeros may follow; the file itself ends with letters.
                let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
                let bytes = &bytes[..end];
                if unpacked_xz(bytes).is_none_or(|size| size > LARGEST_UNPACKED) {
                    let most = LARGEST_UNPACKED >> 20;
                    return Err(format!("is damaged or unpacks to more than {most} MB"));
                }
                let mut unpacked = Vec::new();
                let done = lzma_rs::xz_decompress(&mut &bytes[..], &mut unpacked);
                done.map_err(|e| damaged(io::Error::other(format!("{e:?}"))))?;
                self.tar(unpacked.as_slice(), around, is_nested)
            }
            Some(Format::Tar) => self.tar(bytes, around, is_nested),
            Some(Format::Unread(what)) => Err(self.does_not_read(format!(
                "is a {what} archive, which is not read; pack it anew as .zip or .tar.gz"
            ))),
            None => Err("is no archive that can be read: neither zip nor tar, nor a tar packed with gzip, xz or bzip2".to_owned()),
        }
    }

    /// Notes that something sound cannot be read, and says so.
    fn does_not_read(&mut self, what: String) -> String {
        self.unread.get_or_insert(what.clone());
        what
    }

    fn zip(&mut self, bytes: &[u8], around: &Path, is_nested: bool) -> Result<(), String> {
        let damaged = |e: ZipError| format!("is no archive that can be read ({e})");
        let unknown =
            |how: &str| format!("is packed in a way that is not read ({how}); pack it anew");
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).map_err(damaged)?;
        if archive.len() > MOST_ENTRIES {
            return Err(format!("has more than {MOST_ENTRIES} entries"));
        }
        let mut fault = None;
        for index in 0..archive.len() {
            let mut entry = match archive.by_index(index) {
                Ok(entry) => entry,
                // One entry that cannot be read leaves the others as they are.
                Err(e) => {
                    let said = match e {
                        ZipError::UnsupportedArchive(how) => self.does_not_read(unknown(how)),
                        e => damaged(e),
                    };
                    fault.get_or_insert(said);
                    continue;
                }
            };
            // A name that is no text is no name of an answer.
            let Ok(name) = entry.name().map(|name| name.into_owned()) else { continue };
            let is_file = !entry.is_symlink() && entry.is_file();
            let method = entry.compression();
            let is_known =
                matches!(method, zip::CompressionMethod::Stored | zip::CompressionMethod::Deflated);
            if is_file && !is_known {
                if name.ends_with(".rs") || is_archive_name(&name) {
                    fault.get_or_insert(self.does_not_read(unknown(&method.to_string())));
                }
                continue;
            }
            let read = self.inside(&name, around, is_file, is_nested, &mut entry);
            fault = fault.or(read.err());
        }
        fault.map_or(Ok(()), Err)
    }

    fn tar(&mut self, unpacked: impl Read, around: &Path, is_nested: bool) -> Result<(), String> {
        let damaged = |e: io::Error| format!("is no archive that can be read ({e})");
        let limited = Limited { inner: unpacked, left: LARGEST_UNPACKED };
        let mut archive = tar::Archive::new(limited);
        for (count, entry) in archive.entries().map_err(damaged)?.enumerate() {
            if count >= MOST_ENTRIES {
                return Err(format!("has more than {MOST_ENTRIES} entries"));
            }
            let mut entry = entry.map_err(damaged)?;
            let path = entry.path().map_err(damaged)?.into_owned();
            let is_file = entry.header().entry_type().is_file();
            self.inside(&path.to_string_lossy(), around, is_file, is_nested, &mut entry)?;
        }
        Ok(())
    }

    /// One entry of an archive.
    fn inside(
        &mut self,
        name: &str,
        around: &Path,
        is_file: bool,
        is_nested: bool,
        reader: &mut dyn Read,
    ) -> Result<(), String> {
        // Some programs on Windows write `\` where the format wants `/`.
        let path = name.replace('\\', "/");
        if path.starts_with('/') {
            return Ok(());
        }
        let path = around.join(path);
        if let Some((name, depth)) = self.wanted(&path) {
            let answer = if is_file { read_limited(reader) } else { not_ordinary(&name) };
            self.keep(name, depth, answer);
        } else if is_file && !is_nested && is_archive_name(name) {
            let mut bytes = Vec::new();
            let read = reader.take(LARGEST_ARCHIVE + 1).read_to_end(&mut bytes);
            read.map_err(|e| format!("holds an archive that cannot be read ({e})"))?;
            if bytes.len() as u64 <= LARGEST_ARCHIVE {
                let around = path.parent().unwrap_or(Path::new("")).to_owned();
                return self
                    .archive(&bytes, &around, true)
                    .map_err(|e| format!("holds one that {e}"));
            }
        }
        Ok(())
    }
}

fn not_ordinary(name: &str) -> Result<Vec<u8>, String> {
    Err(format!("src/{name}.rs is no ordinary file"))
}

/// The pieces of a packed file, one after another. What follows the last one, such as the zeros that fill a block, is left
/// aside, as `gunzip` does it.
struct Pieces<'a, D> {
    /// How a piece begins.
    magic: &'static [u8],
    open: fn(&'a [u8]) -> D,
    /// What a decoder has not read.
    rest: fn(&D) -> &'a [u8],
    now: D,
}

impl<D: Read> Read for Pieces<'_, D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.now.read(buffer)?;
            let rest = (self.rest)(&self.now);
            if read > 0 || buffer.is_empty() || !rest.starts_with(self.magic) {
                return Ok(read);
            }
            self.now = (self.open)(rest);
        }
    }
}

/// The number of bytes to which an xz file unpacks, from the head of each of its pieces: the library that unpacks it has no limit
/// of its own. Nothing where it is damaged or made in a way that the library does not know.
fn unpacked_xz(bytes: &[u8]) -> Option<u64> {
    let check = match bytes.get(7)? & 15 {
        0 => 0,
        1 => 4,
        4 => 8,
        10 => 32,
        _ => return None,
    };
    let (mut at, mut sum) = (12, 0_u64);
    // A block begins with its length; the index behind the last one begins with 0.
    while *bytes.get(at)? != 0 {
        at += (usize::from(bytes[at]) + 1) * 4;
        loop {
            let control = *bytes.get(at)?;
            let word =
                |i: usize| Some(usize::from(*bytes.get(i)?) << 8 | usize::from(*bytes.get(i + 1)?));
            match control {
                0 => break at += 1,
                1 | 2 => {
                    let size = word(at + 1)? + 1;
                    sum += size as u64;
                    at += 3 + size;
                }
                0x80.. => {
                    sum += ((usize::from(control & 31) << 16 | word(at + 1)?) + 1) as u64;
                    at += 5 + usize::from(control >= 0xc0) + word(at + 3)? + 1;
                }
                _ => return None,
            }
        }
        at = at.next_multiple_of(4) + check;
    }
    Some(sum)
}

/// The bytes of an archive, if it is an ordinary file and not too large.
fn read_archive(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |e: io::Error| format!("cannot be read ({e})");
    let metadata = fs::symlink_metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is a link or a device, not an archive".to_owned());
    }
    if metadata.len() > LARGEST_ARCHIVE {
        return Err(format!("is larger than {} MB", LARGEST_ARCHIVE >> 20));
    }
    fs::read(path).map_err(unreadable)
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    read_limited(&mut File::open(path).map_err(|e| format!("cannot be read ({e})"))?)
}

/// Reads an answer, if it is not too large.
fn read_limited(reader: &mut dyn Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST_ANSWER + 1).read_to_end(&mut bytes);
    read.map_err(|e| format!("the answer cannot be read ({e})"))?;
    if bytes.len() as u64 > LARGEST_ANSWER {
        return Err(format!("the answer is larger than {} kB", LARGEST_ANSWER >> 10));
    }
    Ok(bytes)
}

/// A reader that fails, rather than ends, after so many bytes.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!("it unpacks to more than {} MB", LARGEST_UNPACKED >> 20))
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn zip_of(folder: &Path, entries: &[(&str, &[u8])]) -> PathBuf {
        let path = folder.join("ann.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for (name, bytes) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    fn tar_of(folder: &Path, entries: &[(&str, &[u8])]) -> PathBuf {
        let path = folder.join("bob.tar.gz");
        let gzip = flate2::write::GzEncoder::new(
            File::create(&path).unwrap(),
            flate2::Compression::fast(),
        );
        let mut tar = tar::Builder::new(gzip);
        for (name, bytes) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            // Past the builder's own check of the path.
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            tar.append(&header, *bytes).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        path
    }

    fn answer(path: PathBuf) -> Result<Vec<u8>, String> {
        let hand_in = HandIn { paths: vec![path], ..HandIn::missing("x", &[]) };
        hand_in.answers(&["lbp"]).remove("lbp").unwrap().map_err(|e| e.to_string())
    }

    #[test]
    fn the_answer_is_found_wherever_archives_put_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["src/lbp.rs", "hand-in/src/lbp.rs", "lbp.rs", "./src/lbp.rs"] {
            assert_eq!(answer(zip_of(folder.path(), &[(name, b"a")])), Ok(b"a".to_vec()), "{name}");
            assert_eq!(answer(tar_of(folder.path(), &[(name, b"a")])), Ok(b"a".to_vec()), "{name}");
        }
    }

    #[test]
    fn paths_that_lead_out_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../src/lbp.rs", "/src/lbp.rs", "src/a/lbp.rs", "tests/lbp.rs"] {
            assert!(answer(zip_of(folder.path(), &[(name, b"a")])).is_err(), "{name}");
            assert!(answer(tar_of(folder.path(), &[(name, b"a")])).is_err(), "{name}");
        }
    }

    #[test]
    fn the_answer_nearest_to_the_top_counts_and_two_are_one_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let entries: [(&str, &[u8]); 2] = [("old/src/lbp.rs", b"old"), ("src/lbp.rs", b"new")];
        assert_eq!(answer(tar_of(folder.path(), &entries)), Ok(b"new".to_vec()));
        let entries: [(&str, &[u8]); 2] = [("a/src/lbp.rs", b"1"), ("b/src/lbp.rs", b"2")];
        assert!(answer(tar_of(folder.path(), &entries)).unwrap_err().contains("several"));
    }

    #[test]
    fn bombs_are_not_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let zeros = vec![0; 1 << 20];
        let fault = answer(zip_of(folder.path(), &[("src/lbp.rs", &zeros)])).unwrap_err();
        assert!(fault.contains("larger"), "{fault}");
        let mut many: Vec<(&str, &[u8])> = vec![("x", &zeros); 300];
        many.push(("src/lbp.rs", b"a"));
        let fault = answer(tar_of(folder.path(), &many)).unwrap_err();
        assert!(fault.contains("unpacks"), "{fault}");
    }

    #[test]
    fn what_is_no_archive_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x.zip", "x.tar.gz"] {
            for text in ["", "no archive"] {
                let path = folder.path().join(name);
                fs::write(&path, text).unwrap();
                assert!(answer(path).is_err(), "{name}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        let hand_in = folder.path().join("eve");
        fs::create_dir_all(hand_in.join("src")).unwrap();
        std::os::unix::fs::symlink(&secret, hand_in.join("src/lbp.rs")).unwrap();
        assert!(answer(hand_in.clone()).unwrap_err().contains("no ordinary file"));
        fs::remove_dir_all(hand_in.join("src")).unwrap();
        fs::create_dir(folder.path().join("other")).unwrap();
        fs::write(folder.path().join("other/lbp.rs"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path().join("other"), hand_in.join("src")).unwrap();
        assert!(answer(hand_in).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_among_hand_ins_is_one_without_answers() {
        let folder = tempfile::tempdir().unwrap();
        let (class, ann) = (folder.path().join("class"), folder.path().join("ann"));
        fs::create_dir_all(ann.join("src")).unwrap();
        fs::write(ann.join("src/lbp.rs"), "x").unwrap();
        fs::create_dir(&class).unwrap();
        std::os::unix::fs::symlink(&ann, class.join("eve")).unwrap();
        std::os::unix::fs::symlink("nowhere", class.join("eva")).unwrap();
        let found = find(std::slice::from_ref(&class)).unwrap();
        assert_eq!(found.len(), 2);
        for hand_in in found {
            let fault = hand_in.answers(&["lbp"]).remove("lbp").unwrap().unwrap_err();
            assert!(fault.to_string().contains("is a link"), "{fault}");
        }
        // Whoever names a link on the command line means what it leads to.
        let named = find(&[class.join("eve")]).unwrap();
        assert_eq!(named[0].answers(&["lbp"])["lbp"], Ok(b"x".to_vec()));
    }

    #[test]
    fn students_names_are_safe() {
        let of = |name: &str| safe(&Owner::of(Path::new(name)).0.shown);
        assert_eq!(of("/x/Ann Lee.tar.gz"), "Ann_Lee");
        assert_eq!(of("/x/JOE.ZIP"), "JOE");
        assert_eq!(of("/x/=1+2.zip"), "_1_2");
        assert_eq!(of("/x/..zip"), "unnamed");
        let long = of(&"普".repeat(85));
        assert!(long.len() < 120 && long.starts_with("普普"), "{long}");
        assert_ne!(long, of(&"普".repeat(84)));
    }

    fn put(path: PathBuf) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "right").unwrap();
    }

    fn rows(paths: &[PathBuf]) -> Vec<(String, bool)> {
        let found = find(paths).unwrap();
        found.iter().map(|h| (h.student.clone(), h.answers(&["lbp"])["lbp"].is_ok())).collect()
    }

    fn row(name: &str, is_right: bool) -> (String, bool) {
        (name.to_owned(), is_right)
    }

    #[test]
    fn an_entry_makes_one_row_by_where_it_lies() {
        let class = tempfile::tempdir().unwrap();
        let at = |name: &str| class.path().join(name);
        for path in ["ann/src/lbp.rs", "bob/assignment/src/lbp.rs", "eve/carol/src/lbp.rs"] {
            put(at(path));
        }
        put(at("eve/eve/src/lbp.rs"));
        let wanted = [row("ann", true), row("bob", true), row("eve", false)];
        assert_eq!(rows(&[at("ann"), at("bob"), at("eve")]), wanted);
        assert_eq!(rows(&[class.path().to_owned()]), wanted);
        // A folder called `src` is a student among others.
        put(at("src/lbp.rs"));
        assert_eq!(rows(&[class.path().to_owned()])[3], row("src", true));
        assert_eq!(rows(&[at("ann")]), [row("ann", true)]);
        // The report may lie among them.
        fs::create_dir(at("report")).unwrap();
        let found = find_beside(&[class.path().to_owned()], Some(&at("report"))).unwrap();
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn names_that_become_equal_are_told_apart() {
        let class = tempfile::tempdir().unwrap();
        for name in ["Ann Lee", "Ann_Lee", "ann_lee", "a,b", "a\"b", "bob"] {
            put(class.path().join(name).join("lbp.rs"));
        }
        let found = rows(&[class.path().to_owned()]);
        assert_eq!(found.len(), 6);
        assert!(found.iter().all(|(_, is_right)| *is_right));
        let names: std::collections::BTreeSet<String> =
            found.iter().map(|(n, _)| n.to_lowercase()).collect();
        assert!(names.len() == 6 && names.contains("bob"), "{names:?}");
    }

    #[test]
    fn downloads_of_moodle_and_canvas_are_read_as_they_come() {
        let class = tempfile::tempdir().unwrap();
        let at = |name: &str| class.path().join(name);
        fs::create_dir(at("Olga Ott_123_assignsubmission_file")).unwrap();
        let zip = zip_of(class.path(), &[("hw\\src\\lbp.rs", b"a")]);
        fs::rename(zip, at("Olga Ott_123_assignsubmission_file/hw.zip")).unwrap();
        put(at("Olga Ott_123_assignsubmission_onlinetext/onlinetext.html"));
        put(at("leeann_LATE_71_81_lbp-2.rs"));
        put(at("leeann_71_82_notes.txt"));
        put(at("roebob_72_83_lbp.rs"));
        // Another file beside the answer, and one by which a student would like to be somebody else.
        put(at("roebob_72_84_helper.rs"));
        put(at("roebob_72_85_x_123_assignsubmission_file_lbp.txt"));
        let wanted = [row("Olga_Ott", true), row("leeann", true), row("roebob", true)];
        assert_eq!(rows(&[class.path().to_owned()]), wanted);
        let found = find(&[class.path().to_owned()]).unwrap();
        let origins: Vec<Origin> = found.iter().map(|h| h.origin).collect();
        let canvas = |user, late| Origin::Canvas { user, late };
        assert_eq!(origins, [Origin::Moodle(123), canvas(71, true), canvas(72, false)]);
        assert_eq!(found[0].name, "Olga Ott");
        // Without folders, and where several exercises are asked for.
        let flat = at("Ann Lee_124_assignsubmission_file_lbp.rs");
        put(flat.clone());
        assert!(one(&flat).unwrap()[0].answers(&["hog", "lbp"])["lbp"].is_ok());
        // A download that is still packed is no hand-in.
        let entries: [(&str, &[u8]); 1] = [("Olga Ott_123_assignsubmission_file/lbp.rs", b"a")];
        let packed = zip_of(class.path(), &entries);
        let said = find(std::slice::from_ref(&packed)).unwrap_err().to_string();
        assert!(said.contains("unpack it"), "{said}");
        assert_eq!(one(&packed).unwrap().len(), 1);
    }

    #[test]
    fn what_is_sound_and_not_read_is_told_from_what_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let absent = |path: PathBuf| {
            let hand_in = HandIn { paths: vec![path], ..HandIn::missing("x", &[]) };
            hand_in.answers(&["lbp"]).remove("lbp").unwrap().unwrap_err()
        };
        fs::create_dir(at("ann")).unwrap();
        fs::write(at("ann/hw.7z"), b"7z\xbc\xaf\x27\x1c").unwrap();
        assert!(matches!(absent(at("ann")), Absent::Unread(what) if what.contains("7z")));
        // A zip whose one entry is packed in a way that nobody knows.
        let mut bytes = fs::read(zip_of(folder.path(), &[("src/lbp.rs", b"a")])).unwrap();
        let central = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        bytes[central + 10] = 77;
        fs::write(at("bob.zip"), &bytes).unwrap();
        assert!(matches!(absent(at("bob.zip")), Absent::Unread(_)), "{:?}", absent(at("bob.zip")));
        bytes.truncate(bytes.len() / 2);
        fs::write(at("cut.zip"), &bytes).unwrap();
        assert!(matches!(absent(at("cut.zip")), Absent::Missing(_)));
        assert!(matches!(absent(at("ann.txt")), Absent::Missing(_)));
    }

    #[test]
    fn zeros_behind_a_packed_file_are_no_fault() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = fs::read(tar_of(folder.path(), &[("src/lbp.rs", b"a")])).unwrap();
        let mut tar = Vec::new();
        GzDecoder::new(bytes.as_slice()).read_to_end(&mut tar).unwrap();
        // Without the zeros at the end of the tar itself, so that whoever reads comes to the end of the file; and in two pieces.
        tar.truncate(1024);
        let gzip = |bytes: &[u8]| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(bytes).unwrap();
            packed.finish().unwrap()
        };
        let bzip2 = |bytes: &[u8]| {
            let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            packed.write_all(bytes).unwrap();
            packed.finish().unwrap()
        };
        let mut xz = Vec::new();
        lzma_rs::xz_compress(&mut tar.as_slice(), &mut xz).unwrap();
        let gzips = [gzip(&tar[..700]), gzip(&tar[700..])].concat();
        let bzips = [bzip2(&tar[..700]), bzip2(&tar[700..])].concat();
        for (name, packed) in [("a.tar.gz", gzips), ("a.tar.bz2", bzips), ("a.tar.xz", xz)] {
            for zeros in [0, 3, 512] {
                let path = folder.path().join(name);
                fs::write(&path, [packed.as_slice(), &vec![0; zeros]].concat()).unwrap();
                assert_eq!(answer(path), Ok(b"a".to_vec()), "{name}, {zeros}");
            }
        }
    }

    #[test]
    fn every_kind_of_archive_has_a_row_and_is_known_by_its_bytes() {
        let class = tempfile::tempdir().unwrap();
        let at = |name: &str| class.path().join(name);
        let gzip = tar_of(class.path(), &[("a/b/SRC/lbp.rs", b"a")]);
        let mut tar = Vec::new();
        GzDecoder::new(fs::read(&gzip).unwrap().as_slice()).read_to_end(&mut tar).unwrap();
        fs::write(at("cleo.tar"), &tar).unwrap();
        let mut xz = Vec::new();
        lzma_rs::xz_compress(&mut tar.as_slice(), &mut xz).unwrap();
        assert_eq!(unpacked_xz(&xz), Some(tar.len() as u64));
        fs::write(at("dora.tar.xz"), &xz).unwrap();
        let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        packed.write_all(&tar).unwrap();
        fs::write(at("emil.tar.bz2"), packed.finish().unwrap()).unwrap();
        let zip = fs::read(zip_of(class.path(), &[("src/lbp.rs", b"a")])).unwrap();
        fs::write(at("fay.tar.gz"), &zip).unwrap();
        fs::rename(zip_of(class.path(), &[("in/hand-in.zip", &zip)]), at("gil.zip")).unwrap();
        put(at("lbp.rs"));
        fs::write(at("hal.7z"), b"7z\xbc\xaf\x27\x1c").unwrap();
        fs::write(at("ida.rar"), b"Rar!\x1a").unwrap();
        fs::write(at("jim.txt"), b"later").unwrap();
        let names = ["bob", "cleo", "dora", "emil", "fay", "gil", "hal", "ida", "jim.txt", "lbp"];
        let read = |name: &str| !["hal", "ida", "jim.txt"].contains(&name);
        let wanted: Vec<_> = names.iter().map(|n| row(n, read(n))).collect();
        assert_eq!(rows(&[class.path().to_owned()]), wanted);
    }

    #[test]
    fn an_xz_file_says_how_large_it_is_and_is_believed_only_piece_by_piece() {
        let mut packed = Vec::new();
        lzma_rs::xz_compress(&mut vec![0; 300 << 10].as_slice(), &mut packed).unwrap();
        assert_eq!(unpacked_xz(&packed), Some(300 << 10));
        for cut in [0, 5, 12, 20, packed.len() / 2] {
            assert_eq!(unpacked_xz(&packed[..cut]), None, "{cut}");
        }
    }
}
