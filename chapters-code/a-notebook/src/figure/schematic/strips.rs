//! Strips over time: what lives in a slot from when to when, what is trained on in which fold.

use super::Place;
use super::meaning::Meaning;
use super::sketch::{Part, Sketch, closed, rectangle};
use crate::figure::labels::{Anchor, LINE, width};
use crate::figure::theme::Ink;

/// What a strip holds from the beginning of one column to the beginning of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    from: usize,
    to: usize,
    label: String,
    meaning: Meaning,
}

impl Span {
    /// Columns `from` to `to`, the last not among them.
    pub fn new(from: usize, to: usize, label: impl Into<String>) -> Self {
        Span { from, to, label: label.into(), meaning: Meaning::Value }
    }

    /// What it means.
    pub fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }
}

/// Rows of spans over the same columns: slots of memory over the steps of a run, folds over a data
/// set, shards over processors.
///
/// ```
/// use notebook::figure::schematic::{Meaning, Schematic, Span, Strips};
/// let figure = Schematic::new("Two slots", (8.0, 3.0)).draw(|sheet| {
///     sheet.add(
///         Strips::new((2.0, 0.7), (5.8, 2.0), 4)
///             .heads(["1", "2", "3", "4"])
///             .row("slot 1", [Span::new(0, 3, "x")])
///             .row("slot 2", [Span::new(1, 2, "z"), Span::new(2, 4, "dx").meaning(Meaning::Gradient)]),
///     );
/// })?;
/// # Ok::<(), notebook::figure::FigureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Strips {
    at: Place,
    size: Place,
    columns: usize,
    heads: Vec<String>,
    rows: Vec<(String, Vec<Span>)>,
}

impl Strips {
    /// Strips of `columns` columns in a rectangle whose upper left corner is `at`. The names of the
    /// rows stand left of it and those of the columns above.
    pub fn new(at: Place, size: Place, columns: usize) -> Self {
        Strips { at, size, columns, heads: Vec::new(), rows: Vec::new() }
    }

    /// Names the columns.
    pub fn heads<T: ToString>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.heads = names.into_iter().map(|name| name.to_string()).collect();
        self
    }

    /// Adds a strip below those that are there.
    pub fn row(mut self, name: impl Into<String>, spans: impl IntoIterator<Item = Span>) -> Self {
        self.rows.push((name.into(), spans.into_iter().collect()));
        self
    }

    /// The place at the beginning of `column`, which may lie between two, in the middle of row `r`.
    pub fn place(&self, r: usize, column: f64) -> Place {
        let tall = self.size.1 / self.rows.len().max(1) as f64;
        let wide = self.size.0 / self.columns.max(1) as f64;
        (self.at.0 + column * wide, self.at.1 + (r as f64 + 0.5) * tall)
    }

    fn span(&self, sheet: &mut Sketch, r: usize, span: &Span) {
        if span.from >= span.to || span.to > self.columns {
            sheet.fault(format!(
                "`{}` goes from column {} to {} of {}",
                span.label, span.from, span.to, self.columns
            ));
            return;
        }
        let half = self.size.1 / self.rows.len() as f64 / 2.0 * sheet.unit() - 2.0;
        let (left, y) = sheet.pixel(self.place(r, span.from as f64));
        let (right, _) = sheet.pixel(self.place(r, span.to as f64));
        let (from, to) = ((left + 1.5, y - half), (right - 1.5, y + half));
        sheet.rectangle(from, to, span.meaning);
        let mut pen = sheet.pen(Meaning::Plain);
        pen.slanted = span.meaning.slanted();
        let layout = sheet.layout();
        let fits = |size: &f64| width(&span.label, *size) <= to.0 - from.0 - 2.0;
        let size = [layout.text(), layout.small(), layout.tiny()].into_iter().find(fits);
        if size.is_none() {
            let on = sheet.pick("", " on a phone");
            sheet.fault(format!("`{}` is wider than its strip{on}", span.label));
        }
        pen.size = size.unwrap_or(layout.tiny());
        sheet.write(((left + right) / 2.0, y), &span.label, pen);
    }

    /// The lines between the columns, and the names.
    fn ground(&self, sheet: &mut Sketch) {
        let (left, top) = sheet.pixel(self.at);
        let (right, foot) = sheet.pixel((self.at.0 + self.size.0, self.at.1 + self.size.1));
        for column in 0..=self.columns {
            let x = sheet.pixel(self.place(0, column as f64)).0;
            sheet.thin(vec![(x, top), (x, foot)], Ink::Grid);
        }
        sheet.thin(closed(rectangle((left, top), (right, foot))), Ink::Grid);
        let mut pen = sheet.pen(Meaning::Quiet);
        pen.size = sheet.layout().small();
        for (column, name) in self.heads.iter().enumerate() {
            let x = sheet.pixel(self.place(0, column as f64 + 0.5)).0;
            sheet.write((x, top - pen.size * LINE / 2.0 - 2.0), name, pen);
        }
        pen.anchor = Anchor::End;
        pen.ink = Ink::Text;
        for (r, (name, _)) in self.rows.iter().enumerate() {
            let y = sheet.pixel(self.place(r, 0.0)).1;
            sheet.write((left - 7.0, y), name, pen);
        }
    }
}

impl Part for Strips {
    fn put(&self, sheet: &mut Sketch) {
        self.ground(sheet);
        for (r, (name, spans)) in self.rows.iter().enumerate() {
            spans.iter().for_each(|span| self.span(sheet, r, span));
            let head = |column: usize| {
                self.heads.get(column).cloned().unwrap_or_else(|| (column + 1).to_string())
            };
            let said = |span: &Span| match span.to - span.from.min(span.to) {
                0 | 1 => format!("{} at {}", span.label, head(span.from)),
                _ => format!("{} from {} to {}", span.label, head(span.from), head(span.to - 1)),
            };
            sheet.say(name.as_str(), spans.iter().map(said).collect::<Vec<_>>().join("; "));
        }
    }
}
