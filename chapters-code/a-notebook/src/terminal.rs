//! Words for the terminal: tables, marks and a reader that hangs up.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use comfy_table::{CellAlignment, LineStyle, TableStyle};

use crate::fault::WriteFault;
use crate::results::Table;

/// Exit status for faults found in what was checked.
pub const FAULTS: u8 = 1;
/// Exit status for bad input or usage.
pub const BAD_INPUT: u8 = 2;

/// Ends a command: an error becomes one line on standard error and exit status 2.
///
/// A reader that closes the pipe early, such as `head`, is no error.
pub fn finish(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    match outcome {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let line = line_of(&error);
            eprintln!("{} {line}", paint("error:", "1;31", io::stderr().is_terminal()));
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// An error and what caused it, as one line. A cause that was said already is not said again: many
/// errors show their source as part of their own text.
pub fn line_of(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            line = text;
        } else if !line.contains(&text) {
            line += &format!(": {text}");
        }
    }
    line
}

/// Standard output, whose faults name it and the fix.
pub fn stdout() -> Named<io::StdoutLock<'static>> {
    Named(io::stdout().lock())
}

/// A writer of what a command prints: its faults say what could not be written, and what to do.
#[derive(Debug)]
pub struct Named<W>(pub W);

fn named(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), WriteFault::from(error))
}

impl<W: Write> Write for Named<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |e: &io::Error| e.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(broken))
}

/// What a command line that does not parse earns: help and version on standard output with 0; a
/// fault as one line on standard error with 2.
pub fn usage(error: &clap::Error) -> ExitCode {
    if error.exit_code() == 0 {
        // Nobody is left to tell if even this cannot be printed.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    let said = text
        .lines()
        .take_while(|l| !l.starts_with("Usage:") && !l.starts_with("For more"))
        .map(str::trim)
        .filter(|l| !l.is_empty());
    let line = said.collect::<Vec<_>>().join("; ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    finish(Err(anyhow::anyhow!(
        "{}; `--help` lists what there is",
        line.trim_end_matches(['.', ';'])
    )))
}

/// `text` in the colour of an ANSI code, on a terminal that wants colours.
pub fn paint(text: &str, code: &str, on_terminal: bool) -> String {
    let wanted = wants_colour(on_terminal);
    if wanted { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Colours on a terminal, unless `NO_COLOR` is there and not empty (no-color.org).
pub fn wants_colour(on_terminal: bool) -> bool {
    on_terminal && std::env::var_os("NO_COLOR").is_none_or(|refused| refused.is_empty())
}

/// Writes a recorded table for a person: numbers aligned right, no lines between rows.
///
/// # Errors
/// What the writer said.
pub fn write_table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    drawn.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    drawn.set_header(table.columns.iter().map(|c| c.name.as_str()));
    for cells in table.cells() {
        drawn.add_row(cells);
    }
    for (drawn, column) in drawn.column_iter_mut().zip(&table.columns) {
        if column.is_numeric() {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in drawn.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    /// Shows its source as part of its own text, as `#[error("{0}")]` with `#[from]` does.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Shows(#[source] io::Error);

    #[test]
    fn a_cause_is_said_once() {
        let full = || io::Error::new(io::ErrorKind::StorageFull, "no space left");
        let said = |error: anyhow::Error| line_of(&error);
        assert_eq!(said(Shows(full()).into()), "no space left");
        let outer = Err::<(), _>(full()).context("a.json: cannot be written").unwrap_err();
        assert_eq!(said(outer), "a.json: cannot be written: no space left");
        let lines = io::Error::other("two\n  lines");
        assert_eq!(said(lines.into()), "two lines");
    }

    #[test]
    fn a_fault_of_the_output_names_it_and_the_fix() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let whole = "cannot write the output: no space left; check where it goes";
        let error = writeln!(Named(Full), "x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(line_of(&WriteFault::from(error).into()), whole);
        assert_eq!(line_of(&writeln!(Named(Full), "x").unwrap_err().into()), whole);
    }
}
