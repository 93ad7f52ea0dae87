//! What a stranger's file and a stranger's wish meet: one line that names thing, fault and fix.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use std::fs;
use std::path::Path;

use notebook::testing::Program;
use tempfile::TempDir;

const PROGRAM: Program = Program::new(env!("CARGO_BIN_EXE_features"), &["extract"]);

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/02-features");
    folder.join(name).display().to_string()
}

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

const NAMES: [&str; 5] = ["colour-histogram", "hu", "lbp", "glcm", "hog"];

#[test]
fn every_extractor_writes_json_and_draws() {
    let folder = TempDir::new().unwrap();
    for name in NAMES {
        let drawing = folder.path().join(format!("{name}.svg")).display().to_string();
        let output =
            PROGRAM.run(&[name, "--image", &fixture("rgba-cat-48.png"), "--draw", &drawing]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["extractor"], name);
        assert_eq!(
            json["length"].as_u64().unwrap() as usize,
            json["values"].as_array().unwrap().len()
        );
        assert!(fs::read_to_string(drawing).unwrap().starts_with("<svg"));
    }
}

#[test]
fn an_unknown_extractor_gets_the_nearest_name() {
    PROGRAM.refuses(
        &["hogg", "--image", &fixture("grey-noise-28.png")],
        &["hogg", "did you mean hog?"],
    );
    PROGRAM.refuses(
        &["zzz", "--image", &fixture("grey-noise-28.png")],
        &["there are colour-histogram"],
    );
}

#[test]
fn parameters_are_checked() {
    let image = fixture("grey-noise-28.png");
    PROGRAM.refuses(&["hog", "--image", &image, "--cell", "0"], &["--cell 0", "from 1"]);
    PROGRAM.refuses(&["lbp", "--image", &image, "--cell", "4"], &["belong to hog"]);
}

#[test]
fn images_that_are_too_small_are_refused() {
    let folder = TempDir::new().unwrap();
    let one = folder.path().join("one.png");
    image::GrayImage::new(1, 1).save(&one).unwrap();
    for name in NAMES {
        PROGRAM.refuses(&[name, "--image", &one.display().to_string()], &["1 × 1", "larger image"]);
    }
    let small = folder.path().join("small.png");
    image::GrayImage::new(15, 40).save(&small).unwrap();
    PROGRAM.refuses(
        &["hog", "--image", &small.display().to_string()],
        &["15 × 40", "16 × 16", "smaller cells"],
    );
}

#[test]
fn files_that_are_no_images_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().display().to_string();
    PROGRAM.refuses(&["hu", "--image", &path], &["is a folder"]);
    PROGRAM.refuses(&["hu", "--image", &format!("{path}/none.png")], &["no such file"]);
    PROGRAM.refuses(&["hu", "--image", &file(&folder, "empty.png", b"")], &["is empty"]);
    PROGRAM.refuses(
        &["hu", "--image", &file(&folder, "text.png", b"not an image at all, a text")],
        &["neither PNG nor JPEG"],
    );
    let whole = fs::read(fixture("rgb-chelsea-64x80.png")).unwrap();
    PROGRAM.refuses(
        &["hu", "--image", &file(&folder, "cut.png", &whole[..whole.len() / 2])],
        &["cannot be decoded"],
    );
    let mut broken = whole.clone();
    broken[40..60].fill(0x5a);
    PROGRAM
        .refuses(&["hu", "--image", &file(&folder, "broken.png", &broken)], &["cannot be decoded"]);
    PROGRAM.refuses(
        &["hu", "--image", &file(&folder, "cut.jpg", &[0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J'])],
        &["cannot be decoded"],
    );
}

/// A PNG chunk: length, type, data, checksum.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let crc = body.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 },
        )
    });
    [&(data.len() as u32).to_be_bytes(), body.as_slice(), &(!crc).to_be_bytes()].concat()
}

#[test]
fn a_small_file_that_claims_to_be_huge_is_refused_by_its_header() {
    let folder = TempDir::new().unwrap();
    for (width, height) in [(60_000_u32, 60_000_u32), (1, 4_000_000_000), (5_000, 5_000)] {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[16, 6, 0, 0, 0]].concat();
        let signature = b"\x89PNG\r\n\x1a\n".to_vec();
        let png = [
            signature,
            chunk(b"IHDR", &header),
            chunk(b"IDAT", &[0x78, 0x9c, 3, 0]),
            chunk(b"IEND", &[]),
        ]
        .concat();
        let path = file(&folder, "bomb.png", &png);
        PROGRAM.refuses(&["colour-histogram", "--image", &path], &["bomb.png", ";"]);
    }
}

#[test]
fn a_jpeg_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cat.jpg");
    image::open(fixture("rgb-chelsea-64x80.png")).unwrap().into_rgb8().save(&path).unwrap();
    let output = PROGRAM.run(&["lbp", "--image", &path.display().to_string()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let whole = fs::read(&path).unwrap();
    let half = file(&folder, "half.jpg", &whole[..whole.len() / 2]);
    PROGRAM.refuses(
        &["lbp", "--image", &half],
        &["half.jpg: is damaged or cut off", "download it again"],
    );
}

/// A message that shows its cause as part of itself shows it once.
#[test]
fn nothing_is_said_twice() {
    let folder = TempDir::new().unwrap();
    let one = folder.path().join("one.png");
    image::GrayImage::new(1, 1).save(&one).unwrap();
    let output = PROGRAM.run(&["hog", "--image", &one.display().to_string()]);
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(line.matches("1 × 1").count(), 1, "{line}");
}

#[test]
fn help_begins_with_what_the_command_is_for() {
    let said = String::from_utf8(PROGRAM.run(&["--help"]).stdout).unwrap();
    assert!(said.starts_with("What does an extractor see in an image?"), "{said}");
}
