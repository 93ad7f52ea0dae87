//! What a person meets at the command line: answers about photographs, and one line with exit status 2 for bad input.

#![allow(clippy::unwrap_used)] // a test may panic

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use image::{DynamicImage, ImageFormat, Luma, LumaA, Rgb, RgbImage};
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_representation"));
    command.current_dir(root()).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command prints that ends well.
fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(!said.contains('\x1b'), "colours are for terminals: {said}");
    said
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&said(arguments)).unwrap()
}

/// Bad input is told in a line with the fix.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(error.trim_end().lines().count(), 1, "{arguments:?}: {error}");
    assert!(error.starts_with("error: ") && error.contains("; "), "{arguments:?}: {error}");
    error
}

/// A folder for a test's files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn picture(&self, name: &str, picture: &DynamicImage) -> String {
        let format = ImageFormat::from_path(name).unwrap();
        self.write(name, encoded(picture, format))
    }
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn photograph(name: &str) -> DynamicImage {
    image::open(root().join(format!("data/photographs/{name}.png"))).unwrap()
}

/// A chunk of a PNG: length, kind, data, checksum.
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

/// A PNG of a size and a kind of colour, with chunks behind its header.
fn png(side: u32, colour: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let size = [side.to_be_bytes(), side.to_be_bytes()].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunk(b"IHDR", &[size.as_slice(), &[8, colour, 0, 0, 0]].concat()));
    chunks.iter().for_each(|(kind, data)| bytes.extend(chunk(kind, data)));
    bytes.extend(chunk(b"IEND", &[]));
    bytes
}

/// EXIF that says which side is up, as in a PNG's chunk.
fn exif(orientation: u8) -> Vec<u8> {
    let field = [0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0];
    [b"II*\0\x08\0\0\0\x01\0".as_slice(), &field, &[0; 4]].concat()
}

/// `  94.7 %  espresso`
fn answers(said: &str) -> Vec<(String, f64)> {
    let answer = |line: &str| {
        let (percent, class) = line.split_once(" %  ")?;
        Some((class.to_owned(), percent.trim().parse().ok()?))
    };
    said.lines().filter_map(answer).collect()
}

#[test]
fn a_photograph_has_five_names_the_most_probable_first() {
    let said = said(&["classify", "data/photographs/coffee.png"]);
    let found = answers(&said);
    assert_eq!((found.len(), found[0].0.as_str()), (5, "espresso"), "{said}");
    assert!(found.windows(2).all(|two| two[0].1 >= two[1].1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "data/photographs/coffee.png");
    let column = |line: &str| line.find('%').unwrap();
    assert!(lines[1..6].iter().all(|line| column(line) == column(lines[1])), "{said}");
    assert!(said.contains("not how often it is right"), "{said}");
}

#[test]
fn a_folder_is_walked_in_order_and_programs_read_json() {
    let folder = Folder::new();
    let coffee = photograph("coffee");
    for name in ["b.png", "a/z.JPG", "a/deep/er/c.jpeg", ".hidden/d.png", ".e.png"] {
        let end = name.rsplit('.').next().unwrap().to_lowercase();
        folder.write(name, encoded(&coffee, ImageFormat::from_extension(end).unwrap()));
    }
    folder.write("notes.txt", "no photograph");
    let named = json(&["classify", "--json", &folder.path(""), "data/photographs/chelsea.png"]);
    let files: Vec<&str> =
        named.as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    let ends = ["a/deep/er/c.jpeg", "a/z.JPG", "b.png", "chelsea.png"];
    assert_eq!(files.len(), ends.len(), "{files:?}");
    assert!(files.iter().zip(ends).all(|(file, end)| file.ends_with(end)), "{files:?}");
    for one in named.as_array().unwrap() {
        let classes = one["classes"].as_array().unwrap();
        assert_eq!(classes.len(), 5);
        let probability = |class: &Value| class["probability"].as_f64().unwrap();
        assert!(classes.iter().map(probability).sum::<f64>() <= 1.0001);
    }
    assert!(named[3]["classes"][0]["name"].as_str().unwrap().contains("cat"), "{named}");
}

#[test]
fn threads_change_nothing() {
    let on = |threads| said(&["classify", "data/photographs", "--json", "--threads", threads]);
    let (one, three): (Value, Value) =
        (serde_json::from_str(&on("1")).unwrap(), serde_json::from_str(&on("3")).unwrap());
    assert_eq!(one, three);
}

#[test]
fn one_that_cannot_be_read_does_not_keep_the_others_from_being_named() {
    let folder = Folder::new();
    folder.picture("a.png", &photograph("coffee"));
    folder.write("b.png", "text");
    folder.picture("c.png", &photograph("chelsea"));
    let output = run(&["classify", &folder.path("")]);
    let (said, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(answers(&said).len(), 10, "{said}");
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[0].contains("b.png: is neither PNG nor JPEG; "), "{error}");
    assert!(lines[1].contains("1 of 3 photographs could not be read; "), "{error}");
}

/// What a camera has turned is seen upright, in a PNG as in a JPEG.
#[test]
fn a_turned_photograph_is_named_as_the_upright_one() {
    let folder = Folder::new();
    let upright = photograph("chelsea").crop_imm(0, 0, 192, 150);
    let lying = upright.rotate270();
    let whole = encoded(&lying, ImageFormat::Png);
    let turned = [&whole[..33], &chunk(b"eXIf", &exif(6)), &whole[33..]].concat();
    let classes = |path: &str| json(&["classify", "--json", path])[0]["classes"].clone();
    let plain = classes(&folder.picture("plain.png", &upright));
    assert_eq!(classes(&folder.write("turned.png", turned)), plain);
    assert_ne!(classes(&folder.picture("lying.png", &lying)), plain);

    let whole = encoded(&lying, ImageFormat::Jpeg);
    let body = [b"Exif\0\0".as_slice(), &exif(6)].concat();
    let length = (body.len() as u16 + 2).to_be_bytes();
    let turned = [&whole[..2], &[0xff, 0xe1], &length, &body, &whole[2..]].concat();
    let of_jpeg = classes(&folder.write("turned.jpg", turned));
    let plain = classes(&folder.picture("plain.jpg", &upright));
    let probability = |classes: &Value| classes[0]["probability"].as_f64().unwrap();
    assert_eq!(of_jpeg[0]["name"], plain[0]["name"]);
    // The blocks of the two JPEG lie elsewhere.
    assert!((probability(&of_jpeg) - probability(&plain)).abs() < 0.1, "{of_jpeg} {plain}");
}

#[test]
fn photographs_of_every_kind_are_named() {
    let folder = Folder::new();
    let grey = photograph("brick").into_luma8();
    let palette = png(1, 3, &[(b"PLTE", &[9, 8, 7]), (b"IDAT", &stored(&[0, 0]))]);
    let kinds = [
        folder.picture("one.png", &RgbImage::from_pixel(1, 1, Rgb([9, 8, 7])).into()),
        folder.picture("one.jpg", &RgbImage::from_pixel(1, 1, Rgb([9, 8, 7])).into()),
        folder.picture("tall.png", &image::GrayImage::from_pixel(1, 5000, Luma([90])).into()),
        folder.picture("wide.jpg", &image::GrayImage::from_pixel(5000, 1, Luma([90])).into()),
        folder.picture("16.png", &DynamicImage::from(grey.clone()).into_rgb16().into()),
        folder
            .picture("alpha.png", &image::GrayAlphaImage::from_pixel(30, 30, LumaA([0, 0])).into()),
        folder.picture("large.jpg", &image::GrayImage::from_pixel(6000, 4000, Luma([90])).into()),
        folder.write("palette.png", palette),
    ];
    let paths: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let named = json(&[&["classify", "--json"], paths.as_slice()].concat());
    let named = named.as_array().unwrap();
    assert_eq!(named.len(), kinds.len());
    // One pixel in a palette is that pixel.
    assert_eq!(named[0]["classes"], named[7]["classes"]);
}

/// Bytes as zlib holds them without compressing.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() as u16;
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (a + b) % 65_521)
    });
    let check = (b << 16 | a).to_be_bytes();
    [&[0x78, 1, 1], &length.to_le_bytes()[..], &(!length).to_le_bytes(), bytes, &check].concat()
}

#[test]
fn what_is_no_photograph_is_refused_in_a_line() {
    let folder = Folder::new();
    let jpeg = encoded(&photograph("coffee"), ImageFormat::Jpeg);
    let whole = encoded(&photograph("coffee"), ImageFormat::Png);
    folder.write("empty/notes.txt", "no photograph");
    let cases = [
        (folder.path("absent.png"), "there is no such file"),
        (folder.path("empty"), "holds no PNG and no JPEG"),
        (folder.write("cut.jpg", &jpeg[..jpeg.len() / 2]), "damaged or cut off"),
        (folder.write("cut.png", &whole[..whole.len() / 2]), "cannot be decoded"),
        (folder.write("text.png", "a photograph, they said"), "neither PNG nor JPEG"),
        (folder.write("nothing.png", ""), "is empty"),
        (folder.write("huge.png", png(10_000, 2, &[(b"IDAT", &stored(&[0]))])), "10000 × 10000"),
        (folder.write("none.png", png(0, 2, &[])), "cannot be decoded"),
        (folder.path("line\nbreak.png"), "line?break.png"),
    ];
    let list = folder.path("e.csv");
    for (path, fault) in &cases {
        let error = refused(&["classify", path]);
        assert!(error.contains(fault), "{path}: {error}");
        refused(&["embed", path, "--out", &list]);
        refused(&["neighbours", path, "--among", "data/photographs"]);
        assert!(!Path::new(&list).exists(), "nothing is written about {path}");
    }
}

#[test]
fn an_explanation_is_a_drawing_that_can_be_read_aloud() {
    let folder = Folder::new();
    let svg = folder.path("why.svg");
    let said = said(&["classify", "data/photographs/coffee.png", "--explain", &svg]);
    assert_eq!(answers(&said).len(), 5);
    let drawn = std::fs::read_to_string(&svg).unwrap();
    assert!(drawn.starts_with("<svg ") && drawn.trim_end().ends_with("</svg>"));
    assert_eq!(drawn.matches("<image ").count(), 3, "photograph, occlusion, gradient");
    let between = |tag: &str| {
        let start = drawn.find(&format!("<{tag} ")).unwrap();
        drawn[start..].split(['<', '>']).nth(2).unwrap().to_owned()
    };
    assert!(between("title").contains("espresso"), "{}", between("title"));
    assert!(between("desc").contains("probability falls most"), "{}", between("desc"));
    assert!(std::fs::read_dir(folder.path("")).unwrap().count() == 1, "nothing else is left");

    refused(&["classify", "data/photographs", "--explain", &svg]);
    let one = "data/photographs/coffee.png";
    let lost = run(&["classify", one, "--explain", &folder.path("none/why.svg")]);
    assert_eq!(lost.status.code(), Some(2));
    assert_eq!(text(&lost.stderr).lines().count(), 1, "{}", text(&lost.stderr));
}

#[test]
fn photographs_become_rows_of_numbers() {
    let folder = Folder::new();
    let (one, out) = (folder.picture("a, b.png", &photograph("coffee")), folder.path("e.csv"));
    let said = said(&["embed", &one, "data/photographs/coffee.png", "--out", &out]);
    assert!(said.starts_with("2 × 1280 numbers"), "{said}");
    let mut reader = csv::Reader::from_path(&out).unwrap();
    assert_eq!(reader.headers().unwrap().len(), 1281);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), &rows[0][0]), (2, one.as_str()));
    let numbers = |row: &csv::StringRecord| -> Vec<f32> {
        row.iter().skip(1).map(|number| number.parse().unwrap()).collect()
    };
    assert_eq!(numbers(&rows[0]), numbers(&rows[1]));
    assert!(numbers(&rows[0]).iter().any(|&x| x > 0.0));

    // Where it fails, the old file is as it was.
    let before = std::fs::read(&out).unwrap();
    refused(&["embed", &folder.path("absent.png"), "--out", &out]);
    assert_eq!(std::fs::read(&out).unwrap(), before);
    refused(&["embed", &one, "--out", &folder.path("none/e.csv")]);
    refused(&["embed", &one, "--out", &folder.path("")]);
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn the_same_thing_in_another_light_is_the_nearest() {
    let folder = Folder::new();
    for name in ["brick", "chelsea", "grass", "hubble"] {
        folder.picture(&format!("{name}.png"), &photograph(name));
    }
    let asked = folder.picture("coffee.png", &photograph("coffee"));
    folder.picture("other.png", &photograph("coffee").fliph().brighten(25));
    let among = folder.path("");
    let said = said(&["neighbours", &asked, "--among", &among]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 5, "not itself: {said}");
    assert!(lines[0].ends_with("other.png"), "{said}");
    let found = json(&["neighbours", &asked, "--among", &among, "--count", "2", "--json"]);
    let similar = |i: usize| found[i]["similarity"].as_f64().unwrap();
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert!(similar(0) > 0.5 && similar(0) > similar(1) && similar(0) <= 1.0, "{found}");
    refused(&["neighbours", &asked, "--among", &among, "--count", "0"]);
    refused(&["neighbours", &asked, "--among", &asked]);
}

/// Parts of photographs of three surfaces, with a list of them.
fn surfaces(folder: &Folder, each: usize) -> String {
    let mut list = "file,label\n".to_owned();
    for name in ["brick", "grass", "gravel"] {
        for i in 0..each {
            let (x, y) = ((i % 3 * 64) as u32, (i / 3 * 64) as u32);
            let file = format!("{name}/{i}.png");
            folder.picture(&file, &photograph(name).crop_imm(x, y, 128, 128));
            list += &format!("{file}, {name}\n");
        }
    }
    folder.write("labels.csv", list)
}

#[test]
fn ones_own_classes_are_learned_and_tested() {
    let folder = Folder::new();
    let list = surfaces(&folder, 5);
    let told = said(&["probe", "--labels", &list]);
    assert!(told.starts_with("15 photographs of 3 classes"), "{told}");
    for word in ["accuracy", "baseline", "95 % interval", "as gravel", "grass"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let found = json(&["probe", "--labels", &list, "--json", "--threads", "1"]);
    assert_eq!(found, json(&["probe", "--labels", &list, "--json", "--threads", "2"]));
    let number = |key: &str| found[key].as_f64().unwrap();
    assert!(number("accuracy") > 0.8, "{found}");
    assert!((number("baseline") - 1.0 / 3.0).abs() < 1e-9, "{found}");
    let interval = |end: usize| found["interval"][end].as_f64().unwrap();
    assert!(interval(0) < number("accuracy") && interval(1) >= number("accuracy"), "{found}");
    let counts = found["confusion"].as_array().unwrap().iter().flat_map(|r| r.as_array().unwrap());
    assert_eq!(counts.map(|n| n.as_u64().unwrap()).sum::<u64>(), 15);
}

#[test]
fn a_list_that_cannot_be_learned_from_is_refused_in_a_line() {
    let folder = Folder::new();
    let whole = std::fs::read_to_string(surfaces(&folder, 4)).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    folder.write("text.png", "text");
    let cases = [
        ("", "has no column file"),
        ("photo,class\na.png,b\n", "has no column file"),
        ("file,kind\na.png,b\n", "has no column label"),
        ("file,label\n", "has 0 classes"),
        ("file,label\nbrick/0.png\n", "cannot be read"),
        ("file,label\nbrick/0.png,\n", "line 2 lacks"),
        ("file,label\nabsent.png,brick\n", "line 2: there is no file"),
        ("file,label\nbrick,brick\n", "line 2: there is no file"),
        ("file,label\nbrick/0.png,a\n./brick/0.png,b\n", "listed twice"),
        (&lines[..5].join("\n"), "has 1 classes"),
        (&lines[..8].join("\n"), "has 3 of class \"grass\""),
        ("file,label\n\u{fffd}\0,\u{1}\n", "line 2"),
    ];
    for (list, fault) in cases {
        let error = refused(&["probe", "--labels", &folder.write("list.csv", list)]);
        assert!(error.contains(fault), "{list:?}: {error}");
    }
    refused(&["probe", "--labels", &folder.path("absent.csv")]);
    refused(&["probe", "--labels", &folder.write("bytes.csv", [0xff, 0xfe, 0, b'f', 10, 0xff])]);
    // A photograph that is damaged is found when it is read.
    let list = folder.write("list.csv", whole.clone() + "text.png,brick\n");
    let output = run(&["probe", "--labels", &list]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("text.png: is neither PNG nor JPEG"));
    // Spreadsheets begin with a mark and end lines in two characters.
    let list = "\u{feff}".to_owned() + &lines.join("\r\n");
    said(&["probe", "--labels", &folder.write("list.csv", list)]);
}

/// Each command says what it does, and shows how it is called.
#[test]
fn help_begins_with_what_a_command_is_for() {
    for (command, about) in [
        ("classify", "What is on your own photographs?"),
        ("embed", "Your own photographs as 1,280 numbers each"),
        ("neighbours", "Which of your own photographs are most like one of them?"),
        ("probe", "How well does the network tell your own classes apart?"),
    ] {
        let said = said(&[command, "--help"]);
        assert!(said.starts_with(about), "{command}: {said}");
        assert!(said.contains("Examples:\n"), "{command}: {said}");
        assert!(text(&run(&["--help"]).stdout).contains(about), "{command} in the list");
    }
}

#[test]
fn the_weights_are_found_from_any_folder() {
    let folder = Folder::new();
    folder.picture("mine.png", &photograph("coffee"));
    let mut command = program();
    command.current_dir(folder.path("")).args(["classify", "mine.png"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("mine.png\n"));
}
