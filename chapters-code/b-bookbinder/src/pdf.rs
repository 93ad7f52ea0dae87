//! `cargo book pdf`: the whole book as one PDF file, printed by Chromium.

use std::process::ExitCode;

use notebook::{Chapter, Workspace};

/// What the command line says.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Does it.
///
/// # Errors
/// Not written yet.
pub fn run(_: &Workspace, _: &[Chapter], _: &Arguments) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not written yet")
}
