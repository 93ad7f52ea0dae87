//! What the appendix measures: how long it takes to grade a class, and how that grows.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use indicatif::ProgressBar;
use notebook::{Recorder, Workspace};

use crate::exercise::Exercise;
use crate::grade::Grader;
use crate::handin;
use crate::kit::Kit;
use crate::library::Library;
use crate::sandbox::Place;

/// Hand-ins of each class.
const CLASSES: [usize; 3] = [10, 50, 200];
/// The exercise that they hand in.
const EXERCISE: &str = "rotation_invariant_lbp";

/// How long does it take to grade a class of honest hand-ins, and how does that grow with the class?
pub fn classes(recorder: &mut Recorder) -> anyhow::Result<()> {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    let library = Library::of_book(&workspace)?;
    let exercise = library.find(EXERCISE)?;
    let kit = Kit::build(&workspace)?;
    let mut all_right = true;
    for size in CLASSES {
        let (class, out) = (tempfile::tempdir()?, tempfile::tempdir()?);
        hand_in(class.path(), exercise, size)?;
        let (place, target) = (Place::sandbox(&kit)?, workspace.target());
        let state = out.path().join(".state");
        let grader = Grader::new(&[exercise], &kit, place, 2026, &target, state)?;
        let hand_ins = handin::find(&[class.path().to_owned()])?;
        let start = Instant::now();
        let students = grader.grade(&hand_ins, &ProgressBar::hidden())?;
        let seconds = start.elapsed().as_secs_f64();
        all_right &= students.iter().all(|s| s.earned == f64::from(s.points));
        recorder.timing(&format!("class/{size}"), seconds);
        recorder.timing(&format!("each/{size}"), seconds / size as f64);
    }
    recorder
        .claim("right", "Every hand-in of the three classes gets all its points.")
        .record(all_right, format!("{} hand-ins", CLASSES.iter().sum::<usize>()));
    Ok(())
}

/// Hands in the solution so many times, each time a little different, so that none is known from before.
fn hand_in(class: &Path, exercise: &Exercise, size: usize) -> anyhow::Result<()> {
    for number in 0..size {
        let folder = class.join(format!("student-{number:03}")).join("src");
        fs::create_dir_all(&folder)?;
        let own = format!("\n/// A line of her own.\npub const NUMBER: usize = {number};\n");
        let file = folder.join(format!("{}.rs", exercise.name));
        fs::write(&file, exercise.solution.clone() + &own)
            .with_context(|| file.display().to_string())?;
    }
    Ok(())
}
