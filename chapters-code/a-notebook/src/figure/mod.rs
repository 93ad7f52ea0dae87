//! Figures: drawn by plotters from recorded results, made to live in a page.
//!
//! A chart is a small builder: [`LineChart`], [`BarChart`], [`StackedBars`], [`ScatterPlot`],
//! [`HeatMap`], [`ImageGrid`]. Its `draw` gives a [`Figure`], to which the chapter adds the finding
//! as caption and a description for who cannot see it. The page takes [`Figure::svg`].
//! What shows no data but how something works is a [`Schematic`](schematic::Schematic).
//!
//! ```
//! use notebook::figure::{Axis, BarChart};
//! use notebook::Format;
//!
//! let figure = BarChart::new("Parameters by network", Axis::linear("Parameters").format(Format::Count(1)))
//!     .bar("MobileNetV3-Large", 5_483_032.0)
//!     .bar("ResNet-152", 60_192_808.0)
//!     .draw()?
//!     .caption("ResNet-152 is eleven times the size of MobileNetV3.")
//!     .description("Two horizontal bars. MobileNetV3-Large has 5.5 million parameters, ResNet-152 60.2 million.");
//! assert!(figure.faults().is_empty());
//! assert!(figure.svg("sizes").starts_with("<svg id=\"sizes\" class=\"figure-drawing\" role=\"img\""));
//! # Ok::<(), notebook::figure::FigureError>(())
//! ```

mod axis;
mod bars;
mod heat;
mod images;
mod labels;
mod layout;
mod legible;
mod lines;
mod plot;
mod scatter;
pub mod schematic;
mod stacked;
mod theme;

pub use axis::Axis;
pub use bars::{Bar, BarChart};
pub use heat::HeatMap;
pub use images::{ImageGrid, NotHex, Tile, hex};
pub use lines::LineChart;
pub use scatter::{Point, ScatterPlot};
pub use stacked::StackedBars;
pub use theme::{COLOURS, CSS};

use layout::Layout;
use serde::{Deserialize, Serialize};

use crate::Format;
use crate::escape::html;
use crate::results::{Column, Table};

/// A finished figure: what is drawn, what it says, and the numbers behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Short title, read first by a screen reader.
    pub title: String,
    /// The finding in a sentence or two of inline Markdown. The page shows it below the figure.
    pub caption: String,
    /// What a person who cannot see the figure should know: kind of chart, axes, what stands out.
    pub description: String,
    /// The drawing: one `<svg>` element without role, title or ids; [`Figure::svg`] adds those.
    #[serde(with = "by_line")]
    pub drawing: String,
    /// The drawing for a phone's width; empty where one drawing serves for all. Its pictures are
    /// those of `drawing`, by reference.
    #[serde(with = "by_line")]
    pub narrow: String,
    /// The numbers drawn.
    pub data: Table,
    /// Experiments that the figure was drawn from.
    pub sources: Vec<String>,
}

/// Why a figure could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("figure `{figure}`: {fault}")]
pub struct FigureError {
    /// Title of the figure.
    pub figure: String,
    /// What is wrong with it.
    pub fault: String,
}

/// What is wrong, before it is known in which figure.
type Fault = String;

impl Figure {
    /// A figure drawn in both layouts, without caption and description yet.
    fn drawn(
        title: &str,
        draw: impl Fn(Layout) -> Result<String, Fault>,
        data: Table,
    ) -> Result<Self, FigureError> {
        let drawing =
            |layout| draw(layout).map_err(|fault| FigureError { figure: title.to_owned(), fault });
        Ok(Figure {
            title: title.to_owned(),
            caption: String::new(),
            description: String::new(),
            drawing: drawing(Layout::Wide)?,
            narrow: drawing(Layout::Narrow)?,
            data,
            sources: Vec::new(),
        })
    }

    /// States the finding, in a sentence or two of inline Markdown.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Says what a person who cannot see the figure should know.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Replaces the table that the chart made of what it drew.
    pub fn data(mut self, data: Table) -> Self {
        self.data = data;
        self
    }

    /// The wide drawing for a page: one `<svg>` that a screen reader announces, without a blank line,
    /// with `id` on the element and at the front of every id within. Colours come from [`CSS`].
    pub fn svg(&self, id: &str) -> String {
        self.marked(id, "figure-drawing")
    }

    /// Both drawings for a page, of which [`CSS`] shows the one that fits its container; the wide
    /// one alone where there is no other. Pictures are embedded in the wide one and referred to by
    /// the narrow one, which has the same title and description.
    pub fn layouts(&self, id: &str) -> String {
        if self.narrow.is_empty() {
            return self.svg(id);
        }
        let wide = self.marked(id, "figure-drawing figure-wide");
        let id = html(id);
        let (attributes, contents) = opened(&self.narrow);
        let narrow = format!(
            "<svg class=\"figure-drawing figure-narrow\" role=\"img\" \
             aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\"{attributes}>{}",
            contents.replace("href=\"#", &format!("href=\"#{id}-"))
        );
        format!("{wide}\n{}", without_blank_lines(&narrow))
    }

    /// The wide drawing with its title, description and ids.
    fn marked(&self, id: &str, class: &str) -> String {
        let id = html(id);
        let (attributes, contents) = opened(&self.drawing);
        let contents = contents
            .replace(" id=\"", &format!(" id=\"{id}-"))
            .replace("url(#", &format!("url(#{id}-"))
            .replace("href=\"#", &format!("href=\"#{id}-"));
        let svg = format!(
            "<svg id=\"{id}\" class=\"{class}\" role=\"img\" aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\"{attributes}>\n\
             <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{contents}",
            html(&self.title),
            html(&self.description),
        );
        without_blank_lines(&svg)
    }

    /// The figure as a file: valid XML with colours of its own, light or dark as the reader's system is.
    pub fn standalone(&self) -> String {
        let (attributes, contents) = opened(&self.drawing);
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title\" aria-describedby=\"desc\"{attributes}>\n\
             <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n{}\n{contents}",
            html(&self.title),
            html(&self.description),
            theme::standalone_style(),
        );
        without_blank_lines(&svg)
    }

    /// Words of either drawing that reach beyond its edge or cover each other, one line each.
    pub fn crowded(&self) -> Vec<String> {
        let both = [("wide", &self.drawing), ("narrow", &self.narrow)];
        both.into_iter().flat_map(|(name, drawing)| legible::crowded(name, drawing)).collect()
    }

    /// What keeps the figure off a page, one line each.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let name = if self.title.trim().is_empty() {
            "a figure without title"
        } else {
            self.title.as_str()
        };
        let mut fault = |holds: bool, text: &str| {
            if holds {
                faults.push(format!("figure `{name}`: {text}"));
            }
        };
        let alike = |a: &str, b: &str| {
            let plain = |t: &str| t.trim().trim_end_matches('.').to_lowercase();
            plain(a) == plain(b)
        };
        fault(self.title.trim().is_empty(), "has no title; give the chart one in `new`");
        fault(
            self.caption.trim().is_empty(),
            "has no caption; state the finding with `.caption(…)`",
        );
        if self.description.trim().is_empty() {
            fault(true, "has no description; say with `.description(…)` what is to be seen");
        } else {
            let repeats =
                alike(&self.description, &self.title) || alike(&self.description, &self.caption);
            fault(
                repeats,
                "has a description that repeats its title or caption; say what is to be seen",
            );
        }
        fault(self.data.rows.is_empty(), "has no data; give its table with `.data(…)`");
        fault(
            !self.drawing.trim_start().starts_with("<svg"),
            "has a drawing that is not an <svg> element",
        );
        faults
    }
}

/// A drawing in a file: a list of its lines, so that a change shows where it is.
mod by_line {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(drawing: &str, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(drawing.split('\n'))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        Ok(Vec::<String>::deserialize(from)?.join("\n"))
    }
}

/// The attributes of a drawing's `<svg>`, and all that follows the tag.
fn opened(drawing: &str) -> (&str, &str) {
    let inner = drawing.trim_start().strip_prefix("<svg").unwrap_or("></svg>");
    inner.split_once('>').unwrap_or(("", "</svg>"))
}

/// A blank line would end an HTML block of Markdown.
fn without_blank_lines(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// Head of a column whose numbers are written in `format`.
fn column(name: impl Into<String>, format: Format) -> Column {
    Column { name: name.into(), format: Some(format.to_string()) }
}

/// Head of a column of words.
fn words(name: impl Into<String>) -> Column {
    Column { name: name.into(), format: None }
}
