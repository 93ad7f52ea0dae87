//! Where exercises are found: in the `exercises` folder of every chapter, or in a folder of an instructor's own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use notebook::Workspace;
use rayon::prelude::*;
use serde::Deserialize;
use strsim::jaro_winkler;

use crate::exercise::Exercise;
use crate::fault::{Fault, Faults};
use crate::front_matter::FrontMatter;

/// A question to think about: no code, but a model answer.
#[derive(Debug, Clone)]
pub struct Question {
    /// The file's name without `.md`.
    pub name: String,
    /// Package of the chapter.
    pub chapter: String,
    /// The file.
    pub path: PathBuf,
    /// Title, question, hints, model answer and notes.
    pub front: FrontMatter,
}

/// Exercises and questions, in the order of their chapters, easy ones first.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// Coding exercises.
    pub exercises: Vec<Exercise>,
    /// Questions to think about.
    pub questions: Vec<Question>,
    /// What could not be read, and files that are no part of any exercise.
    pub faults: Faults,
}

impl Library {
    /// The exercises of every chapter of the book.
    ///
    /// # Errors
    /// Where a folder cannot be listed. What is wrong in a file is among the faults.
    pub fn of_book(workspace: &Workspace) -> anyhow::Result<Self> {
        let mut library = Library::default();
        for member in workspace.members() {
            let folder = member.folder.join("exercises");
            if folder.is_dir() {
                library.add(&folder, &member.name, true)?;
            }
        }
        library.check_names();
        Ok(library)
    }

    /// The exercises in one folder. Inside a package they are that package's; elsewhere the folder's name stands
    /// for the chapter, and an exercise must list its crates.
    ///
    /// # Errors
    /// As [`of_book`](Self::of_book), and where there is no exercise.
    pub fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        let mut library = Library::default();
        let folder = folder
            .canonicalize()
            .with_context(|| format!("{}: no such folder", folder.display()))?;
        match package_around(&folder) {
            Some(package) => library.add(&folder, &package, true)?,
            None => {
                let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                library.add(&folder, &name, false)?;
            }
        }
        library.check_names();
        if library.exercises.is_empty() && library.faults.is_empty() {
            bail!("{}: holds no exercise (NAME.rs)", folder.display());
        }
        Ok(library)
    }

    fn add(&mut self, folder: &Path, chapter: &str, of_package: bool) -> anyhow::Result<()> {
        let (mut exercises, mut questions) = (Vec::new(), Vec::new());
        let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
        paths.sort();
        // Reading one is parsing it many times: as a whole, and each of its parts.
        let read = |path: &PathBuf| {
            path.extension().is_some_and(|e| e == "rs").then(|| Exercise::read(path, chapter))
        };
        let read: Vec<_> = paths.par_iter().map(read).collect();
        for (path, read) in paths.iter().zip(read) {
            match (read, path.extension().and_then(|e| e.to_str())) {
                (Some(read), _) => match read {
                    Ok(mut exercise) => {
                        if exercise.front.crates.is_empty() && of_package {
                            exercise.front.crates.push(chapter.to_owned());
                        }
                        exercises.push(exercise);
                    }
                    Err(faults) => self.faults.extend(faults),
                },
                (None, Some("md")) => questions.extend(self.question(path, chapter)),
                _ => self.faults.push(Fault::new(
                    path,
                    None,
                    "is no exercise (.rs) and no question (.md); move it elsewhere",
                )),
            }
        }
        exercises.sort_by(|a, b| (a.front.difficulty, &a.name).cmp(&(b.front.difficulty, &b.name)));
        self.exercises.extend(exercises);
        self.questions.extend(questions);
        Ok(())
    }

    fn question(&mut self, path: &Path, chapter: &str) -> Option<Question> {
        let name = path.file_stem()?.to_string_lossy().into_owned();
        match fs::read_to_string(path) {
            Ok(text) => {
                let front = FrontMatter::parse_question(path, &text, &mut self.faults);
                Some(Question { name, chapter: chapter.to_owned(), path: path.to_owned(), front })
            }
            Err(e) => {
                self.faults.push(Fault::new(
                    path,
                    None,
                    format!("cannot be read ({e}); restore it"),
                ));
                None
            }
        }
    }

    /// Names must be Rust's, and unique, since a student's file is known by its name alone.
    fn check_names(&mut self) {
        let mut seen: Vec<&str> = Vec::new();
        for exercise in &self.exercises {
            let (name, path) = (exercise.name.as_str(), &exercise.path);
            let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !fits || ["given", "answer", "lib", "main"].contains(&name) {
                let what = format!("`{name}` cannot be the name of a module; use snake case");
                self.faults.push(Fault::new(path, None, what));
            }
            if seen.contains(&name) {
                let what = format!("another exercise is called `{name}`, too; rename one");
                self.faults.push(Fault::new(path, None, what));
            }
            seen.push(name);
        }
    }

    /// The exercise called `name`; `chapter/name` does as well.
    ///
    /// # Errors
    /// Where there is none: the nearest name is offered.
    pub fn find(&self, name: &str) -> anyhow::Result<&Exercise> {
        let bare = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".rs");
        let bare = bare.replace('-', "_");
        if let Some(found) = self.exercises.iter().find(|e| e.name == bare) {
            return Ok(found);
        }
        let names = self.exercises.iter().map(|e| e.name.as_str());
        bail!("there is no exercise `{name}`{}", nearest(&bare, names))
    }

    /// The exercises of the chapters called so, by package, folder or number; all, where none is named.
    ///
    /// # Errors
    /// Where a chapter has no exercises.
    pub fn of_chapters(&self, chapters: &[String]) -> anyhow::Result<Vec<&Exercise>> {
        let names: Vec<&str> = self.exercises.iter().map(|e| e.chapter.as_str()).collect();
        for chapter in chapters {
            if !self.exercises.iter().any(|e| is_of(e, chapter)) {
                bail!(
                    "there is no chapter `{chapter}` with exercises{}",
                    nearest(chapter, names.into_iter())
                );
            }
        }
        let wanted =
            |e: &&Exercise| chapters.is_empty() || chapters.iter().any(|chapter| is_of(e, chapter));
        Ok(self.exercises.iter().filter(wanted).collect())
    }
}

/// Is the exercise of the chapter called so? A chapter's folder, such as `02-features`, begins with its number.
fn is_of(exercise: &Exercise, chapter: &str) -> bool {
    let folder = exercise.path.ancestors().nth(2).and_then(Path::file_name);
    let folder = folder.unwrap_or_default().to_string_lossy();
    let number = folder.split('-').next().and_then(|n| n.parse::<u32>().ok());
    exercise.chapter == chapter
        || folder == chapter
        || number.is_some() && number == chapter.parse().ok()
}

/// "; did you mean `x`?" for the nearest of `names`, if one is near.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let likeness = |n: &str| jaro_winkler(name, n);
    let best = names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|n| likeness(n) > 0.7) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => "; `exercises` lists what there is".to_owned(),
    }
}

/// The name of the package that `folder` lies in.
fn package_around(folder: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Option<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
    }
    let manifest = fs::read_to_string(folder.parent()?.join("Cargo.toml")).ok()?;
    let manifest: Manifest = toml::from_str(&manifest).ok()?;
    (folder.ends_with("exercises")).then_some(manifest.package?.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chapter_is_called_by_package_folder_or_number() {
        let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let library = Library::of_book(&workspace).unwrap();
        let names = |word: &str| -> anyhow::Result<Vec<&str>> {
            let found = library.of_chapters(&[word.to_owned()])?;
            Ok(found.iter().map(|e| e.name.as_str()).collect())
        };
        let wanted = names("features").unwrap();
        assert!(wanted.contains(&"otsu_threshold"));
        for word in ["2", "02", "02-features"] {
            assert_eq!(names(word).unwrap(), wanted, "{word}");
        }
        assert!(names("99").is_err());
        let said = names("feature").unwrap_err().to_string();
        assert!(said.contains("did you mean `features`?"), "{said}");
    }
}
