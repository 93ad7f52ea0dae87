//! What several commands need.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::bail;
use notebook::{Workspace, terminal};

use crate::exercise::Exercise;
use crate::library::Library;

/// The exercises of the book, or of a folder of one's own.
pub fn library(workspace: &Workspace, private: Option<&Path>) -> anyhow::Result<Library> {
    match private {
        Some(folder) => Library::of_folder(folder),
        None => Library::of_book(workspace),
    }
}

/// The library, if nothing in it is at fault.
pub fn sound(workspace: &Workspace, private: Option<&Path>) -> anyhow::Result<Library> {
    let library = library(workspace, private)?;
    match library.faults.0.first() {
        Some(fault) => bail!("{fault}"),
        None => Ok(library),
    }
}

/// The exercises of these chapters; where names are given, those alone.
pub fn chosen<'a>(
    library: &'a Library,
    chapters: &[String],
    only: &[String],
) -> anyhow::Result<Vec<&'a Exercise>> {
    let of_chapters = library.of_chapters(chapters)?;
    if only.is_empty() {
        return Ok(of_chapters);
    }
    let named = only.iter().map(|name| library.find(name));
    let named = named.collect::<anyhow::Result<Vec<_>>>()?;
    // In the library's order, each once, whatever the order of the names.
    Ok(library.exercises.iter().filter(|e| named.iter().any(|n| n.name == e.name)).collect())
}

/// Prints a line at once.
pub fn println_flushed(text: &str) -> io::Result<()> {
    let mut out = terminal::stdout();
    writeln!(out, "{text}")?;
    out.flush()
}
