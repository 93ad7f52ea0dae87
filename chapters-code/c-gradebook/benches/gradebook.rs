//! The parts of grading that are not the compiler's: taking an answer out of a hand-in, and judging what it gave.
//!
//! How long whole classes take is an experiment: `cargo run --release -p gradebook -- run classes`.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use gradebook::converse::Outcome;
use gradebook::handin;
use gradebook::kit::Kit;
use gradebook::library::Library;
use gradebook::prove;
use notebook::Workspace;

const EXERCISE: &str = "rotation_invariant_lbp";

/// A folder, a `.zip` and a `.tar.gz`, each with an answer among a hundred files.
fn reading(c: &mut Criterion) {
    let class = tempfile::tempdir().expect("there is room for a folder");
    let text = vec![b'/'; 8 << 10];
    let answer = format!("src/{EXERCISE}.rs");
    let names: Vec<String> =
        (0..99).map(|n| format!("src/other_{n}.rs")).chain([answer.clone()]).collect();
    let folder = class.path().join("ann");
    fs::create_dir_all(folder.join("src")).expect("a folder can be made");
    for name in &names {
        fs::write(folder.join(name), &text).expect("a file can be written");
    }
    zip_of(&class.path().join("bob.zip"), &names, &text).expect("an archive can be written");
    tar_of(&class.path().join("eve.tar.gz"), &names, &text).expect("an archive can be written");
    let found = handin::find(&[class.path().to_owned()]).expect("there are three hand-ins");
    let mut group = c.benchmark_group("gradebook");
    for (name, hand_in) in ["read_folder", "read_zip", "read_tar"].into_iter().zip(&found) {
        group.bench_function(name, |b| b.iter(|| black_box(hand_in.answers(&[EXERCISE]))));
    }
    group.finish();
}

fn zip_of(path: &Path, names: &[String], text: &[u8]) -> zip::result::ZipResult<()> {
    let mut zip = zip::ZipWriter::new(File::create(path)?);
    for name in names {
        zip.start_file(name, zip::write::SimpleFileOptions::default())?;
        zip.write_all(text)?;
    }
    zip.finish().map(drop)
}

fn tar_of(path: &Path, names: &[String], text: &[u8]) -> std::io::Result<()> {
    let gzip = flate2::write::GzEncoder::new(File::create(path)?, flate2::Compression::default());
    let mut tar = tar::Builder::new(gzip);
    for name in names {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text)?;
    }
    tar.into_inner()?.finish().map(drop)
}

/// All cases of an exercise, with the outputs of its solution.
fn judging(c: &mut Criterion) {
    let workspace =
        Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("this is the checkout");
    let library = Library::of_book(&workspace).expect("the exercises can be read");
    let exercise = library.find(EXERCISE).expect("it is an exercise of the book");
    let kit = Kit::build(&workspace).expect("the crates compile");
    let (judge, _) =
        prove::prepare(exercise, &kit, &workspace.target(), 1).expect("the exercise holds");
    let cases = judge.told.cases.iter();
    let outcomes: Vec<Outcome> = cases.map(|c| Outcome::Output(c.expected.clone())).collect();
    let mut group = c.benchmark_group("gradebook");
    group.bench_function("judge", |b| b.iter(|| black_box(judge.judge(&outcomes))));
    group.finish();
}

criterion_group!(benches, reading, judging);
criterion_main!(benches);
