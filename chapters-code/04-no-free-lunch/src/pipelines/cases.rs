//! The seven problems: pictures of six kinds, and passages of three authors.

use features::{photographs, problems};
use learning::FashionMnist;
use notebook::Data;
use notebook::fault::Unknown;

use super::authors::authors;
use super::problem::{Cases, Problem, Raw};

/// The names of all problems: chapter 2's six, then the authors.
pub const NAMES: [&str; 7] =
    ["garments", "textures", "colours", "shapes", "inspection", "places", "authors"];

/// Garments of one draw, to learn from and to be tested on.
const GARMENTS: [usize; 2] = [2_000, 600];

/// Far enough from the seeds that one draw of chapter 2's problems takes.
const APART: u64 = 1_000;

/// The files that the problems are made of, from the workspace's root.
pub fn paths() -> Vec<String> {
    let mut paths: Vec<String> = FashionMnist::paths().to_vec();
    paths.extend(photographs::paths());
    paths.push(classifiers::text::FILE.to_owned());
    paths
}

/// Every problem in so many draws, `[problem][draw]`, at most three.
///
/// Patches and figures are drawn anew in each draw, from the same parts of the same photographs. Garments are the
/// next thousands of the data set; passages are drawn anew from the same works.
///
/// # Errors
/// A file that cannot be read.
pub fn all(data: &(impl Data + ?Sized), draws: u64) -> anyhow::Result<Vec<Vec<Problem>>> {
    let mut of_problem: Vec<Vec<Problem>> = vec![Vec::new(); 6];
    for draw in 0..draws {
        let six = problems::all(data, problems::SEED + APART * draw)?;
        for (all, problem) in of_problem.iter_mut().zip(six) {
            all.push(pictures(problem, draw));
        }
    }
    of_problem.push(authors(data, draws)?);
    Ok(of_problem)
}

/// The first draw of the problem of this name.
///
/// # Errors
/// An unknown name, or a file that cannot be read.
pub fn named(data: &(impl Data + ?Sized), name: &str) -> anyhow::Result<Problem> {
    let unknown = || {
        let hint = format!("there are {}", NAMES.join(", "));
        Unknown { kind: "problem", name: name.chars().take(60).collect(), hint }
    };
    if !NAMES.contains(&name) {
        return Err(unknown().into());
    }
    let mut problems = if name == "authors" {
        authors(data, 1)?
    } else {
        problems::all(data, problems::SEED)?.into_iter().map(|p| pictures(p, 0)).collect()
    };
    problems.retain(|problem| problem.name == name);
    Ok(problems.pop().ok_or_else(unknown)?)
}

/// A problem of chapter 2. Garments are not drawn, so draws take different ones.
fn pictures(problem: problems::Problem, draw: u64) -> Problem {
    let cases = |examples: problems::Examples, some: usize| {
        let problems::Examples { images, labels, blocks } = examples;
        let cases = Cases { raw: Raw::Images(images), labels, blocks };
        if problem.name != "garments" {
            return cases;
        }
        let first = draw as usize * some;
        cases.select(&(first..first + some).collect::<Vec<_>>())
    };
    Problem {
        name: problem.name,
        classes: problem.classes,
        train: cases(problem.train, GARMENTS[0]),
        test: cases(problem.test, GARMENTS[1]),
    }
}
