//! Hand-ins: folders and archives of strangers, from which the answer files are taken and nothing else.
//!
//! Nothing is unpacked. An archive is read as a stream, within limits, and only entries called as an answer file is called are
//! looked at. In a folder, links are not followed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use flate2::read::GzDecoder;

/// The most bytes of an answer file.
pub const LARGEST_ANSWER: u64 = 256 << 10;
/// The most bytes of an archive.
const LARGEST_ARCHIVE: u64 = 64 << 20;
/// The most bytes that an archive is unpacked to while looking for answers.
const LARGEST_UNPACKED: u64 = 256 << 20;
/// The most entries of an archive or files of a folder that are looked at.
const MOST_ENTRIES: usize = 20_000;

/// What one student handed in.
#[derive(Debug, Clone)]
pub struct HandIn {
    /// Name of the folder or archive; safe as the name of a file.
    pub student: String,
    /// Where it is.
    pub path: PathBuf,
}

/// The answer files of a hand-in: the bytes of each, or why there are none.
pub type Answers = BTreeMap<String, Result<Vec<u8>, String>>;

/// Every hand-in that `paths` name: one, or a folder of them.
///
/// # Errors
/// Where a path does not exist, or two hand-ins have one name.
pub fn find(paths: &[PathBuf]) -> anyhow::Result<Vec<HandIn>> {
    let mut found = Vec::new();
    for path in paths {
        let absent = || format!("{}: no such folder or archive", path.display());
        let metadata = fs::metadata(path).with_context(absent)?;
        if metadata.is_file() || is_one(path) {
            found.push(path.canonicalize().unwrap_or_else(|_| path.clone()));
            continue;
        }
        let entries = fs::read_dir(path).with_context(absent)?;
        let entries = entries.filter_map(|e| e.ok().map(|e| e.path()));
        found.extend(entries.filter(|p| is_handed_in(p)));
    }
    let name = |path: PathBuf| HandIn { student: student(&path), path };
    let mut hand_ins: Vec<HandIn> = found.into_iter().map(name).collect();
    hand_ins.sort_by(|a, b| (&a.student, &a.path).cmp(&(&b.student, &b.path)));
    for pair in hand_ins.windows(2) {
        if let [a, b] = pair
            && a.student == b.student
        {
            bail!(
                "{} and {} would both be `{}`; rename one",
                a.path.display(),
                b.path.display(),
                a.student
            );
        }
    }
    if hand_ins.is_empty() {
        bail!("there is no hand-in: neither a folder nor a .zip nor a .tar.gz");
    }
    Ok(hand_ins)
}

/// Is the folder itself a hand-in rather than a folder of them?
fn is_one(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file() || folder.join("src").is_dir()
}

fn is_handed_in(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = name.starts_with('.') || name == "__MACOSX";
    !hidden && (is_link(path) || path.is_dir() || Format::of(path).is_some())
}

/// A link among hand-ins may lead to the folder of somebody else, or anywhere.
fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink())
}

/// The name of a folder or archive, made safe: it becomes the name of files and a cell of a table.
fn student(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bare =
        [".tar.gz", ".tgz", ".zip"].iter().find_map(|e| name.strip_suffix(e)).unwrap_or(&name);
    let safe = |c: char| if c.is_alphanumeric() || "_-.@".contains(c) { c } else { '_' };
    let name: String = bare.chars().map(safe).take(100).collect();
    let name = name.trim_start_matches(['.', '-', '@']);
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

#[derive(Clone, Copy)]
enum Format {
    Zip,
    TarGz,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        if name.ends_with(".zip") {
            Some(Format::Zip)
        } else {
            (name.ends_with(".tar.gz") || name.ends_with(".tgz")).then_some(Format::TarGz)
        }
    }
}

impl HandIn {
    /// Takes the answers called `names`. Whatever is wrong with the hand-in is an answer's fault, never an error.
    pub fn answers(&self, names: &[&str]) -> Answers {
        let mut taken = Taken { names, found: BTreeMap::new() };
        let done = match Format::of(&self.path) {
            _ if is_link(&self.path) => Err("is a link, which is not followed".to_owned()),
            _ if self.path.is_dir() => taken.folder(&self.path),
            Some(Format::Zip) => taken.zip(&self.path),
            Some(Format::TarGz) => taken.tar(&self.path),
            None => Err("is neither a folder nor a .zip nor a .tar.gz".to_owned()),
        };
        let fault = done.err();
        let missing = |name: &str| match &fault {
            Some(fault) => format!("the hand-in {fault}"),
            None => format!("the hand-in has no src/{name}.rs"),
        };
        let names = names.iter();
        names
            .map(|name| {
                let found = taken.found.remove(*name).map(|(_, answer)| answer);
                ((*name).to_owned(), found.unwrap_or_else(|| Err(missing(name))))
            })
            .collect()
    }
}

/// Answers as they turn up, each with how deep it lay.
struct Taken<'a> {
    names: &'a [&'a str],
    found: BTreeMap<String, (usize, Result<Vec<u8>, String>)>,
}

impl Taken<'_> {
    /// The name of the answer that lies at `path` in a hand-in, and how deep: `src/NAME.rs`, perhaps in one folder more, or bare.
    fn wanted(&self, path: &Path) -> Option<(String, usize)> {
        let plain =
            path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        let parts: Vec<_> =
            path.components().filter(|c| matches!(c, Component::Normal(_))).collect();
        let (last, folders) = parts.split_last()?;
        let name = last.as_os_str().to_str()?.strip_suffix(".rs")?;
        let in_src = folders.last().is_some_and(|f| f.as_os_str() == "src");
        let depth = match (folders.len(), in_src) {
            (0, _) => 1,
            (1, true) => 0,
            (2, true) => 2,
            _ => return None,
        };
        (plain && self.names.contains(&name)).then(|| (name.to_owned(), depth))
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

    /// Looks at the places of a folder where an answer may lie. Links are not followed.
    fn folder(&mut self, folder: &Path) -> Result<(), String> {
        let mut places = vec![PathBuf::new(), "src".into()];
        let entries = fs::read_dir(folder).map_err(|e| format!("cannot be read ({e})"))?;
        for entry in entries.take(MOST_ENTRIES).filter_map(Result::ok) {
            if entry.file_type().is_ok_and(|t| t.is_dir()) {
                places.push(Path::new(&entry.file_name()).join("src"));
            }
        }
        for place in places {
            let real = |p: &Path| fs::symlink_metadata(folder.join(p)).is_ok_and(|m| m.is_dir());
            if !place.ancestors().filter(|p| !p.as_os_str().is_empty()).all(real) {
                continue;
            }
            for name in self.names {
                let path = place.join(format!("{name}.rs"));
                let Some((name, depth)) = self.wanted(&path) else { continue };
                let path = folder.join(path);
                match fs::symlink_metadata(&path) {
                    Ok(m) if m.is_file() => self.keep(name, depth, read_file(&path)),
                    Ok(_) => {
                        let fault = format!("src/{name}.rs is no ordinary file");
                        self.keep(name, depth, Err(fault));
                    }
                    Err(_) => {}
                }
            }
        }
        Ok(())
    }

    fn zip(&mut self, path: &Path) -> Result<(), String> {
        let damaged = |e: zip::result::ZipError| format!("is no archive that can be read ({e})");
        let mut archive = zip::ZipArchive::new(open_archive(path)?).map_err(damaged)?;
        if archive.len() > MOST_ENTRIES {
            return Err(format!("has more than {MOST_ENTRIES} entries"));
        }
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(damaged)?;
            // A name that is no text is no name of an answer.
            let Ok(inside) = entry.name().map(|name| PathBuf::from(name.as_ref())) else {
                continue;
            };
            let Some((name, depth)) = self.wanted(&inside) else { continue };
            let answer = if entry.is_symlink() || !entry.is_file() {
                Err(format!("src/{name}.rs is no ordinary file"))
            } else {
                read_limited(&mut entry)
            };
            self.keep(name, depth, answer);
        }
        Ok(())
    }

    fn tar(&mut self, path: &Path) -> Result<(), String> {
        let damaged = |e: io::Error| format!("is no archive that can be read ({e})");
        let unpacked =
            Limited { inner: GzDecoder::new(open_archive(path)?), left: LARGEST_UNPACKED };
        let mut archive = tar::Archive::new(unpacked);
        for (count, entry) in archive.entries().map_err(damaged)?.enumerate() {
            if count >= MOST_ENTRIES {
                return Err(format!("has more than {MOST_ENTRIES} entries"));
            }
            let mut entry = entry.map_err(damaged)?;
            let path = entry.path().map_err(damaged)?.into_owned();
            let Some((name, depth)) = self.wanted(&path) else { continue };
            let answer = if entry.header().entry_type().is_file() {
                read_limited(&mut entry)
            } else {
                Err(format!("src/{name}.rs is no ordinary file"))
            };
            self.keep(name, depth, answer);
        }
        Ok(())
    }
}

fn open_archive(path: &Path) -> Result<File, String> {
    let unreadable = |e: io::Error| format!("cannot be read ({e})");
    let metadata = fs::symlink_metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is a link or a device, not an archive".to_owned());
    }
    if metadata.len() > LARGEST_ARCHIVE {
        return Err(format!("is larger than {} MB", LARGEST_ARCHIVE >> 20));
    }
    File::open(path).map_err(unreadable)
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
        let hand_in = HandIn { student: "x".into(), path };
        hand_in.answers(&["lbp"]).remove("lbp").unwrap()
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
        for name in ["../src/lbp.rs", "/src/lbp.rs", "a/b/src/lbp.rs", "tests/lbp.rs"] {
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
            assert!(fault.contains("is a link"), "{fault}");
        }
        // Whoever names a link on the command line means what it leads to.
        let named = find(&[class.join("eve")]).unwrap();
        assert_eq!(named[0].answers(&["lbp"])["lbp"], Ok(b"x".to_vec()));
    }

    #[test]
    fn students_names_are_safe() {
        assert_eq!(student(Path::new("/x/Ann Lee.tar.gz")), "Ann_Lee");
        assert_eq!(student(Path::new("/x/=1+2.zip")), "_1_2");
        assert_eq!(student(Path::new("/x/..zip")), "unnamed");
    }
}
