//! Words for the terminal: tables, marks and a reader that hangs up.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use comfy_table::{CellAlignment, LineStyle, TableStyle};

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
            let line = format!("{error:#}").lines().map(str::trim).collect::<Vec<_>>().join(" ");
            eprintln!("{} {line}", paint("error:", "1;31", io::stderr().is_terminal()));
            ExitCode::from(BAD_INPUT)
        }
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
    let wanted = on_terminal && std::env::var_os("NO_COLOR").is_none();
    if wanted { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
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
