//! What the chapter does on the command line: `count`, `layers`, `fit` and `models`.
//!
//! Each command is a function of its parsed arguments, a [`Style`] and a writer, so that tests and
//! pages can call it. [`add`] adds them to the chapter's command line.

mod count;
mod fit;
mod layers;
mod list;

pub use count::{CountArgs, count};
pub use fit::{FitArgs, fit};
pub use layers::{LayersArgs, layers};
pub use list::{ListArgs, list};

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use comfy_table::{Attribute, Cell, CellAlignment, LineStyle, Table, TableStyle};
use notebook::Chapter;
use notebook::fault::Usage;
use notebook::terminal::wants_colour;

use crate::architectures::Model;
use crate::config::{self, one_line};
use crate::error::{ConfigError, Result};
use crate::registry::{self, Entry};

/// How tables look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colour and bold type.
    pub colour: bool,
}

impl Style {
    /// Colour where standard output is a terminal that wants it.
    pub fn of_stdout() -> Style {
        Style { colour: wants_colour(io::stdout().is_terminal()) }
    }

    /// An empty table: a bold header, a line under it, and nothing around the cells.
    fn table(self, header: &[&str]) -> Table {
        let mut table = Table::new();
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
        table.force_no_tty();
        if self.colour {
            table.enforce_styling();
        }
        let cells = header.iter().map(|title| Cell::new(title).add_attribute(Attribute::Bold));
        table.set_header(cells);
        table
    }
}

/// Aligns the columns from `first` on to the right: they hold numbers.
fn align_numbers(table: &mut Table, first: usize) {
    for column in table.column_iter_mut().skip(first) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// Writes a table without the spaces that fill its last column.
fn write_table(table: &Table, out: &mut dyn Write) -> Result<()> {
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes a value as indented JSON.
fn write_json(value: &impl serde::Serialize, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// Which network a command is about.
#[derive(Args, Clone, Debug, Default)]
pub struct Selection {
    /// The name of a model; `list` names them all
    #[arg(value_name = "MODEL")]
    pub model: Option<String>,
    /// A Hugging Face config.json of a language model, such as Llama, Qwen3 or DeepSeek-V3
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// A network that was found.
struct Selected {
    name: String,
    model: Model,
    entry: Option<&'static Entry>,
}

impl Selection {
    fn resolve(&self) -> Result<Selected> {
        match (&self.model, &self.config) {
            (Some(name), None) => {
                let entry = registry::find(name)?;
                Ok(Selected { name: name.clone(), model: entry.model.clone(), entry: Some(entry) })
            }
            (None, Some(path)) => Ok(Selected {
                name: one_line(&path.display().to_string()),
                model: config::read(path)?,
                entry: None,
            }),
            (None, None) => {
                Err(Usage("no model: give a MODEL (`list` names them all) or --config FILE").into())
            }
            (Some(_), Some(_)) => {
                Err(Usage("two models: give either a MODEL or --config FILE, not both").into())
            }
        }
    }
}

/// A context that the model can read: the one asked for, or the default.
fn context_of(model: &Model, asked: Option<u64>) -> Result<u64> {
    let Some(context) = asked else {
        return Ok(model.default_context());
    };
    let fault = |fault: String, fix: String| Err(ConfigError::new("--context", fault, fix).into());
    match model.max_context() {
        None => fault("the model reads images, not tokens".into(), "leave the option out".into()),
        Some(most) if context == 0 || context > most => fault(
            format!("{context} tokens are out of range"),
            format!("this model reads from 1 to {most}"),
        ),
        Some(_) => Ok(context),
    }
}

/// The largest batch that an option takes.
const BATCH_LIMIT: u64 = 1 << 20;

/// A batch within its bounds.
fn batch_of(asked: u64) -> Result<u64> {
    match asked {
        1..=BATCH_LIMIT => Ok(asked),
        _ => {
            let fix = format!("give a number from 1 to {BATCH_LIMIT}");
            Err(ConfigError::new("--batch", format!("{asked} is out of range"), fix).into())
        }
    }
}

/// Adds the chapter's commands to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .command::<CountArgs>("count", |args, _, out| Ok(count(&args, Style::of_stdout(), out)?))
        .command::<LayersArgs>("layers", |args, _, out| Ok(layers(&args, Style::of_stdout(), out)?))
        .command::<FitArgs>("fit", |args, _, out| Ok(fit(&args, Style::of_stdout(), out)?))
        .command::<ListArgs>("models", |args, _, out| Ok(list(&args, Style::of_stdout(), out)?))
        .listing(|out| Ok(list(&ListArgs::default(), Style::of_stdout(), out)?))
}
