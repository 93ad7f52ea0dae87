//! The works: six novels of Jane Austen, Moby-Dick, and the State of the Union addresses.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use bzip2::read::BzDecoder;
use md5::{Digest as _, Md5};
use thiserror::Error;

/// The file of the works, from the root of the workspace.
pub const FILE: &str = "data/text/english.txt.bz2";
/// Its MD5 sum.
pub const MD5: &str = "dca9bdfc320dc29c7623a37ffa6d99df";

/// A novel or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Its title; all addresses have the same.
    pub title: String,
    /// Who wrote or gave it.
    pub author: String,
    /// When it was first published or given.
    pub year: u16,
    /// Its text, as the source has it: a novel with the lines of its edition.
    pub text: String,
}

/// Why the works cannot be read.
#[derive(Debug, Error)]
pub enum LibraryError {
    /// There is no such file, or it cannot be read.
    #[error("{path}: {source}; restore it with `git checkout {FILE}`")]
    Io {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The bytes are not those that were committed.
    #[error("{path}: its MD5 is {found}, not {MD5}; restore it with `git checkout {FILE}`")]
    Changed {
        /// The file.
        path: PathBuf,
        /// Its sum.
        found: String,
    },
    /// What was unpacked is no library.
    #[error(
        "work {number} has no title, author and year in its first line; give `\\f`, then the three with tabs between"
    )]
    Heading {
        /// Which, from 1.
        number: usize,
    },
    /// It is not packed by bzip2, or not text.
    #[error("cannot be unpacked: {0}; give text in UTF-8 that bzip2 has packed")]
    Packed(std::io::Error),
}

/// All works of `file`, whose checksum is compared first, in the order of the file.
///
/// Unpacking 16 MB takes about a second.
///
/// # Errors
/// [`LibraryError`] where the file is missing or has changed.
pub fn library(file: &Path) -> Result<Vec<Work>, LibraryError> {
    let path = || file.to_owned();
    let bytes = std::fs::read(file).map_err(|source| LibraryError::Io { path: path(), source })?;
    let sum = Md5::digest(&bytes);
    let found: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    if found != MD5 {
        return Err(LibraryError::Changed { path: path(), found });
    }
    decode(&bytes)
}

/// The works in bytes that bzip2 has packed.
///
/// # Errors
/// [`LibraryError`] where they are no library.
pub fn decode(packed: &[u8]) -> Result<Vec<Work>, LibraryError> {
    let mut text = String::new();
    BzDecoder::new(packed).read_to_string(&mut text).map_err(LibraryError::Packed)?;
    text.split('\u{c}').skip(1).enumerate().map(|(place, work)| parse(place + 1, work)).collect()
}

fn parse(number: usize, work: &str) -> Result<Work, LibraryError> {
    let parts = || {
        let (heading, text) = work.split_once('\n')?;
        let [title, author, year] = heading.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let year = year.parse().ok()?;
        Some(Work { title: title.into(), author: author.into(), year, text: text.into() })
    };
    parts().ok_or(LibraryError::Heading { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn packed(text: &str) -> Vec<u8> {
        let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn works_are_told_apart() {
        let works = decode(&packed("\u{c}A\tB\t1811\none\ntwo\n\u{c}C\tD\t1851\nthree\n")).unwrap();
        assert_eq!(works.len(), 2);
        assert_eq!(
            (works[1].title.as_str(), works[1].author.as_str(), works[1].year),
            ("C", "D", 1851)
        );
        assert_eq!(works[0].text, "one\ntwo\n");
    }

    #[test]
    fn what_is_no_library_is_refused() {
        assert!(matches!(decode(b"no"), Err(LibraryError::Packed(_))));
        let heading = decode(&packed("\u{c}A\tB\t1811\none\n\u{c}C D 1851\n"));
        assert!(matches!(heading, Err(LibraryError::Heading { number: 2 })));
        assert!(matches!(library(Path::new("nowhere")), Err(LibraryError::Io { .. })));
    }
}
