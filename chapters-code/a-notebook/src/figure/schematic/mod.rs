//! Schematics: drawings of how something works, from a few lines of code each.
//!
//! A [`Schematic`] has a title and a sheet of so many units by so many, measured from its upper left
//! corner. On it stand parts: [`Node`]s and the [`Edge`]s between them, [`Frame`]s, [`Grid`]s of cells
//! with windows, [`Plane`]s with lines and points, [`Strips`] of what lives from when to when,
//! [`Words`], and a [`Key`]. A part says what it means by a [`Meaning`], which has a colour, a dash and
//! a slant. The sheet is drawn twice, for a page and for a phone, and may be arranged anew for the
//! phone: [`Sketch::pick`] chooses.
//!
//! Words have the sizes of all figures, whatever the unit is; a drawing in which they would leave
//! their part or the sheet, or cover each other, is refused.
//!
//! ```
//! use notebook::figure::schematic::{Edge, Node, Schematic};
//!
//! let figure = Schematic::new("The product of two numbers", (7.0, 3.2))
//!     .draw(|sheet| {
//!         let a = Node::new((0.8, 0.8), "a");
//!         let b = Node::new((0.8, 2.6), "b");
//!         let product = Node::new((5.0, 1.7), "×");
//!         sheet.add(Edge::new(&a, &product).value("3").gradient("2"));
//!         sheet.add(Edge::new(&b, &product).value("2").gradient("3"));
//!         sheet.all([a, b, product]);
//!     })?
//!     .caption("Each factor's gradient is the other factor.")
//!     .description("Two nodes, a and b, with arrows to a node for their product.");
//! assert!(figure.faults().is_empty());
//! # Ok::<(), notebook::figure::FigureError>(())
//! ```

mod edge;
mod frame;
mod grid;
mod meaning;
mod node;
mod plane;
mod sketch;
mod strips;
mod words;

pub use edge::{Edge, End};
pub use frame::Frame;
pub use grid::Grid;
pub use meaning::Meaning;
pub use node::Node;
pub use plane::{Plane, Side};
pub use sketch::{Part, Sketch};
pub use strips::{Span, Strips};
pub use words::{Key, Words};

use super::layout::Layout;
use super::{Figure, FigureError, words as column_of_words};
use crate::results::Table;
use crate::scalar::Scalar;

/// A place, or the width and height of something, in units of the sheet; y grows downwards.
pub type Place = (f64, f64);

/// A drawing of how something works.
#[derive(Debug, Clone, PartialEq)]
pub struct Schematic {
    title: String,
    wide: Place,
    narrow: Place,
}

impl Schematic {
    /// An empty sheet of `size` units. It is as wide as figures are, so that the width in units
    /// says how large a unit is.
    pub fn new(title: impl Into<String>, size: Place) -> Self {
        Schematic { title: title.into(), wide: size, narrow: size }
    }

    /// The size in units of the sheet for a phone, where that is another one.
    pub fn narrow(mut self, size: Place) -> Self {
        self.narrow = size;
        self
    }

    /// Draws it: `arrange` puts the parts on the sheet, once for each of the two layouts. The
    /// figure's data are the words of its parts.
    ///
    /// # Errors
    /// Words that leave the sheet or their part, cover each other or a node; a part whose rows have
    /// unequal lengths; a sheet without parts.
    pub fn draw(self, arrange: impl Fn(&mut Sketch)) -> Result<Figure, FigureError> {
        let arranged = |layout: Layout| {
            let mut sketch = Sketch::new(layout, layout.pick(self.wide, self.narrow));
            arrange(&mut sketch);
            sketch
        };
        let table = table(arranged(Layout::Wide).said());
        Figure::drawn(&self.title, |layout| arranged(layout).finished(), table)
    }
}

/// What the parts say, for who cannot see them.
fn table(said: &[(String, String)]) -> Table {
    let rows = said
        .iter()
        .map(|(part, words)| vec![Scalar::from(part.as_str()), Scalar::from(words.as_str())]);
    Table { columns: vec![column_of_words("Part"), column_of_words("Words")], rows: rows.collect() }
}
