//! The reader of IDX files against files that are not what they say.

#![allow(clippy::unwrap_used)] // a test may panic

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use learning::idx::{Idx, LARGEST, decode};
use proptest::prelude::*;

fn gz(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The content of an IDX file: a header for `shape`, then `bytes`, whether they fit or not.
fn idx(shape: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut content = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|length| content.extend(length.to_be_bytes()));
    content.extend(bytes);
    content
}

#[track_caller]
fn refused(file: &[u8], because: &str) {
    let fault = decode(file).unwrap_err().to_string();
    assert!(fault.contains(because), "{fault:?} does not say {because:?}");
    assert!(!fault.contains('\n') && fault.contains("; "), "{fault:?} is not one line with a fix");
}

/// Files that once went wrong somewhere, or could: what the fuzz target starts from.
fn corpus() -> Vec<(Vec<u8>, &'static str)> {
    let good = gz(&idx(&[2, 2, 2], &[7; 8]));
    let mut flipped = good.clone();
    let last = flipped.len() - 6;
    flipped[last] ^= 1;
    let mut other_type = idx(&[1], &[1]);
    other_type[2] = 0x0d;
    let mut no_type = idx(&[1], &[1]);
    no_type[2] = 0x42;
    vec![
        (Vec::new(), "is empty"),
        (b"hello, this is a text file".to_vec(), "is not compressed by gzip"),
        (idx(&[1], &[1]), "is not compressed; compress it"),
        (good[..good.len() - 4].to_vec(), "cut off"),
        (good[..4].to_vec(), "ends within its header"),
        (flipped, "is damaged"),
        ([good.clone(), b"and something behind it".to_vec()].concat(), "is damaged"),
        (gz(&[]), "ends within its header"),
        (gz(&[0, 0, 8, 3, 0, 0]), "ends within its header"),
        (gz(b"a compressed text"), "not an IDX file"),
        (gz(&other_type), "32-bit floating-point"),
        (gz(&no_type), "unknown type 0x42"),
        (gz(&idx(&[], &[])), "0 dimensions"),
        (gz(&idx(&[1; 5], &[1])), "5 dimensions"),
        (gz(&idx(&[0, 28, 28], &[])), "is empty"),
        (gz(&idx(&[2, 2], &[1, 2, 3])), "ends after 3 of the 4 bytes"),
        (gz(&idx(&[2, 2], &[1, 2, 3, 4, 5])), "goes on after the 4 bytes"),
        (gz(&idx(&[u32::MAX; 4], &[1])), "more than can be counted"),
        (gz(&idx(&[u32::MAX, 28, 28], &[1])), "more than 256 MiB"),
        (gz(&idx(&[60_000, 28, 28], &[1])), "compressed bytes cannot hold"),
        ([good.clone(), good].concat(), "goes on after"),
    ]
}

#[test]
fn every_fault_is_named() {
    for (file, because) in corpus() {
        refused(&file, because);
    }
}

#[test]
fn a_bomb_is_not_unfolded() {
    // A header for one byte, then 64 MiB of zeros that gzip packs into 64 kB.
    let mut content = idx(&[1], &[0]);
    content.resize(64 << 20, 0);
    refused(&gz(&content), "goes on after the 1 bytes");
    // A header just within what the file could hold, and nothing behind it.
    let file = gz(&idx(&[LARGEST as u32], &vec![0; 1 << 20]));
    refused(&file, "cannot hold");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read(shape in proptest::collection::vec(1_u32..6, 1..5), seed: u8) {
        let size = shape.iter().product::<u32>() as usize;
        let bytes: Vec<u8> = (0..size).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed)).collect();
        let read = decode(&gz(&idx(&shape, &bytes))).unwrap();
        prop_assert_eq!(read.bytes, bytes);
        prop_assert_eq!(read.shape, shape.iter().map(|&l| l as usize).collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), wrap: bool, head: bool) {
        let content = if head { [vec![0, 0, 8, 3], bytes].concat() } else { bytes };
        learning::idx::fuzz(&if wrap { gz(&content) } else { content });
    }

    #[test]
    fn no_changed_file_makes_it_panic(at in any::<prop::sample::Index>(), to: u8, cut in any::<prop::sample::Index>()) {
        let mut file = gz(&idx(&[2, 3, 4], &[9; 24]));
        let place = at.index(file.len());
        file[place] = to;
        file.truncate(cut.index(file.len()) + 1);
        learning::idx::fuzz(&file);
    }
}

#[test]
fn the_corpus_goes_through_the_fuzz_target() {
    corpus().iter().for_each(|(file, _)| learning::idx::fuzz(file));
}

#[test]
fn what_gunzip_takes_is_taken() {
    let content = idx(&[2, 2, 2], &[7; 8]);
    let (first, second) = content.split_at(11);
    let whole = decode(&gz(&content)).unwrap();
    // Padding, as tapes and block devices leave it, and a file in two members, as `cat` leaves it.
    let padded = [gz(&content), vec![0; 512]].concat();
    let parts = [gz(first), gz(second)].concat();
    for file in [&padded, &parts, &[parts.clone(), vec![0; 3]].concat()] {
        assert_eq!(decode(file).unwrap(), whole);
    }
    refused(&[padded, vec![1]].concat(), "is damaged");
}

fn error_of(path: &Path) -> String {
    Idx::read(path).unwrap_err().to_string()
}

#[test]
fn a_path_that_is_no_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(error_of(folder.path()).ends_with("is a directory; give the file itself"));
    let absent = folder.path().join("absent.gz");
    assert!(error_of(&absent).starts_with(&absent.display().to_string()));
    assert!(error_of(&absent).contains("check its path and rights"));
    let large = folder.path().join("large.gz");
    fs::File::create(&large).unwrap().set_len(LARGEST as u64 + 1).unwrap();
    assert!(error_of(&large).contains("larger than 256 MiB"));
    #[cfg(unix)]
    assert!(error_of(Path::new("/dev/zero")).contains("is not a regular file"));
}

#[test]
fn another_file_is_not_the_published_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.gz");
    fs::write(&path, gz(&idx(&[1], &[1]))).unwrap();
    let error =
        Idx::read_checked(&path, "8d4fb7e6c68d591d4c3dfef9ec88bf0d").unwrap_err().to_string();
    assert!(error.contains("was published; download it again"), "{error}");
    assert!(
        Idx::read(&path)
            .unwrap()
            .images()
            .unwrap_err()
            .to_string()
            .contains("not that of pictures")
    );
}
