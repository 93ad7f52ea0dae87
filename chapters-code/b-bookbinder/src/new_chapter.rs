//! `cargo book new-chapter NAME`: the skeleton of a chapter, which builds and passes at once.

use std::process::ExitCode;

use notebook::Workspace;

/// What the command line says.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Does it.
///
/// # Errors
/// Not written yet.
pub fn run(_: &Workspace, _: &Arguments) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not written yet")
}
