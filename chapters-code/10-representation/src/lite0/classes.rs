//! The names of the thousand classes of ImageNet's challenge, in the order of the network's outputs, as torchvision spells them.

use std::path::Path;

use notebook::Data;

use super::description::CLASSES;
use crate::{Error, Result};

/// Where the file is, from the root of the workspace: a name a line.
pub const FILE: &str = "data/lite0/classes.txt";

/// The names.
#[derive(Clone, Debug)]
pub struct Classes(Vec<String>);

impl Classes {
    /// The names of the workspace.
    ///
    /// # Errors
    /// Where the file is missing, or has another number of lines than the network has classes.
    pub fn of(data: &(impl Data + ?Sized)) -> Result<Classes> {
        Classes::read(&data.data(FILE))
    }

    /// The names of a file.
    ///
    /// # Errors
    /// As [`Classes::of`].
    pub fn read(path: &Path) -> Result<Classes> {
        let fault = |fault: String, fix| Err(Error::Classes { file: path.into(), fault, fix });
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) => return fault(format!("cannot be read ({e})"), "restore it with Git"),
        };
        let names: Vec<String> = text.lines().map(str::to_owned).collect();
        if names.len() != CLASSES || names.iter().any(String::is_empty) {
            let found = names.iter().filter(|name| !name.is_empty()).count();
            return fault(format!("has {found} names, not {CLASSES}"), "give one a line");
        }
        Ok(Classes(names))
    }

    /// The name of a class, counted from 0; nothing where there is no such class.
    pub fn name(&self, class: usize) -> &str {
        self.0.get(class).map_or("", String::as_str)
    }

    /// All names in order.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// The `count` largest of some numbers, the largest first: which, and how large. Of equal ones the first comes first.
pub fn largest(numbers: &[f32], count: usize) -> Vec<(usize, f32)> {
    let mut all: Vec<(usize, f32)> = numbers.iter().copied().enumerate().collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.truncate(count);
    all
}
