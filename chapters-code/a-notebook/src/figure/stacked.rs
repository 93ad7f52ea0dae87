//! Parts of a whole: each row is one bar of the full width.

use super::axis::Ruler;
use super::labels::{Anchor, LINE, Label, Overlay, legend, widest, width, wrap};
use super::layout::Layout;
use super::plot::{Chart, Drawn, Plot, rectangle};
use super::theme::{COLOURS, Ink};
use super::{Fault, Figure, FigureError, column, words};
use crate::Format;
use crate::results::Table;
use crate::scalar::Scalar;

/// The widest that the name of a row is set before it is broken into lines.
const NAME: f64 = 170.0;
/// Height of a bar.
const THICK: f64 = 28.0;

/// Shares of a whole, a row for each whole. Values may be counts: each row is divided by its sum.
///
/// ```
/// use notebook::{Format, figure::StackedBars};
/// let figure = StackedBars::new("Where the parameters sit")
///     .parts(["embedding", "attention", "feed-forward"])
///     .row("GPT-2", [39.4e6, 28.3e6, 56.7e6])
///     .row("GPT-3", [0.6e9, 58.0e9, 116.0e9])
///     .totals("Parameters", Format::Count(0))
///     .draw()?;
/// # Ok::<(), notebook::figure::FigureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StackedBars {
    title: String,
    parts: Vec<String>,
    rows: Vec<(String, Vec<f64>)>,
    totals: Option<(String, Format)>,
}

impl StackedBars {
    /// A chart without rows.
    pub fn new(title: impl Into<String>) -> Self {
        StackedBars { title: title.into(), parts: Vec::new(), rows: Vec::new(), totals: None }
    }

    /// Names the parts, in the order in which every row has them.
    pub fn parts<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.parts = names.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a whole: one value, zero or more, for each part.
    pub fn row(mut self, label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        self.rows.push((label.into(), values.into_iter().collect()));
        self
    }

    /// Writes the sum of each row at its end, under the head `name`.
    pub fn totals(mut self, name: impl Into<String>, format: Format) -> Self {
        self.totals = Some((name.into(), format));
        self
    }

    /// Draws it.
    ///
    /// # Errors
    /// No rows, rows of unequal lengths, negative values, or a row that sums to nothing.
    pub fn draw(self) -> Result<Figure, FigureError> {
        Figure::drawn(&self.title, |layout| self.drawing(layout), self.table())
    }

    fn drawing(&self, layout: Layout) -> Result<String, Fault> {
        self.checked()?;
        let mut overlay = Overlay::new(layout);
        let plot = match layout {
            Layout::Wide => self.beside(&mut overlay),
            Layout::Narrow => self.above(&mut overlay),
        };
        self.textures(&mut overlay, &plot);
        self.share_words(&mut overlay, &plot);
        let rulers = (Ruler::bare(1.0), Ruler::bare(self.rows.len() as f64));
        plot.draw((&rulers.0, &rulers.1), overlay, |chart| self.shapes(chart, &plot))
    }

    /// Wide: the name of a row left of its bar, the total right of it.
    fn beside(&self, overlay: &mut Overlay) -> Plot {
        let layout = Layout::Wide;
        let (text, small) = (layout.text(), layout.small());
        let names: Vec<_> = self.rows.iter().map(|(label, _)| wrap(label, text, NAME)).collect();
        let totals: Vec<String> = self.rows.iter().filter_map(|(_, row)| self.total(row)).collect();
        let left = widest(names.iter().flatten().map(String::as_str), text).max(20.0) + 12.0;
        let right = widest(totals.iter().map(String::as_str), small)
            + if totals.is_empty() { 2.0 } else { 12.0 };
        let direct = self.direct(layout.width() - left - right);
        let lines = if direct.is_some() { 1 } else { legend(&self.parts, 14.0, layout).1 };
        let head_line = usize::from(!self.head().is_empty() && direct.is_none());
        let tall = names.iter().map(Vec::len).max().unwrap_or(1).max(1) as f64;
        let pitch = (THICK + 12.0).max(tall * text * LINE + 6.0);
        let top = (lines + head_line) as f64 * (text * LINE + 3.0);
        let height = top + pitch * self.rows.len() as f64 + 2.0;
        let plot = Plot { layout, height, left, right, top, bottom: 2.0 };
        match direct {
            Some(places) => self.part_words(overlay, &plot, &places),
            None => self.legend_words(overlay, layout),
        }
        self.head_words(overlay, layout, top);
        for (i, (_, row)) in self.rows.iter().enumerate() {
            let y = self.bar_middle(&plot, i);
            overlay.lines(&Label::new(left - 10.0, y, "").anchor(Anchor::End), &names[i]);
            if let Some(total) = self.total(row) {
                overlay.label(&Label::new(plot.width(), y, &total).small().anchor(Anchor::End));
            }
        }
        plot
    }

    /// Narrow: the name of a row and its total above a bar of the whole width.
    fn above(&self, overlay: &mut Overlay) -> Plot {
        let layout = Layout::Narrow;
        let text = layout.text();
        let totals: Vec<String> = self.rows.iter().filter_map(|(_, row)| self.total(row)).collect();
        let room =
            layout.width() - widest(totals.iter().map(String::as_str), layout.small()) - 12.0;
        let names: Vec<_> = self.rows.iter().map(|(label, _)| wrap(label, text, room)).collect();
        let lines = names.iter().map(Vec::len).max().unwrap_or(1).max(1) as f64;
        let head_line = usize::from(!self.head().is_empty());
        let top = (legend(&self.parts, 14.0, layout).1 + head_line) as f64 * (text * LINE + 3.0);
        let pitch = THICK + lines * text * LINE + 14.0;
        let height = top + pitch * self.rows.len() as f64 + 2.0;
        let plot = Plot { layout, height, left: 0.0, right: 0.0, top, bottom: 2.0 };
        self.legend_words(overlay, layout);
        self.head_words(overlay, layout, top);
        for (i, (_, row)) in self.rows.iter().enumerate() {
            let foot = self.bar_middle(&plot, i) - THICK / 2.0 - 4.0;
            let y = foot - names[i].len() as f64 * text * LINE / 2.0;
            overlay.lines(&Label::new(0.0, y, ""), &names[i]);
            if let Some(total) = self.total(row) {
                let y = foot - text * LINE / 2.0;
                overlay.label(&Label::new(plot.width(), y, &total).small().anchor(Anchor::End));
            }
        }
        plot
    }

    /// What the totals are.
    fn head(&self) -> &str {
        self.totals.as_ref().map_or("", |(name, _)| name)
    }

    fn head_words(&self, overlay: &mut Overlay, layout: Layout, top: f64) {
        let at = (layout.width(), top - layout.text() * LINE / 2.0);
        let head = Label::new(at.0, at.1, self.head()).small();
        overlay.label(&head.ink(Ink::Muted).anchor(Anchor::End));
    }

    /// The middle of the bar of row `i`, in pixels from the top: in the middle of its row where the
    /// name stands beside it, at the foot of it where the name stands above.
    fn bar_middle(&self, plot: &Plot, i: usize) -> f64 {
        let pitch = (plot.base() - plot.top) / self.rows.len() as f64;
        let foot = plot.layout.pick((pitch - THICK) / 2.0, 3.0);
        plot.top + pitch * (i as f64 + 1.0) - foot - THICK / 2.0
    }

    fn checked(&self) -> Result<(), Fault> {
        if self.rows.is_empty() || self.parts.is_empty() {
            return Err("has no parts; name them with `.parts(…)` and add rows".into());
        }
        if self.parts.len() > COLOURS {
            return Err(format!(
                "has {} parts; {COLOURS} is what a reader can tell apart: join the smallest",
                self.parts.len()
            ));
        }
        for (label, row) in &self.rows {
            if row.len() != self.parts.len() {
                return Err(format!(
                    "the row `{label}` has {} values for {} parts",
                    row.len(),
                    self.parts.len()
                ));
            }
            if let Some(x) = row.iter().find(|x| !x.is_finite() || **x < 0.0) {
                return Err(format!(
                    "the row `{label}` has the value {x}, which is no part of a whole"
                ));
            }
            let total: f64 = row.iter().sum();
            if total <= 0.0 || !total.is_finite() {
                return Err(format!("the row `{label}` sums to {total}"));
            }
        }
        Ok(())
    }

    fn total(&self, row: &[f64]) -> Option<String> {
        let (_, format) = self.totals.as_ref()?;
        Some(format.number(row.iter().sum()))
    }

    /// Where each part of the first row begins, in pixels of `room`, if its name fits over it.
    fn direct(&self, room: f64) -> Option<Vec<f64>> {
        let (_, row) = self.rows.first()?;
        let shares = shares(row);
        let mut begin = 0.0;
        let mut places = Vec::new();
        for (name, share) in self.parts.iter().zip(shares) {
            let last = places.len() + 1 == self.parts.len();
            if width(name, Layout::Wide.text()) + if last { 0.0 } else { 8.0 } > share * room {
                return None;
            }
            places.push(begin * room);
            begin += share;
        }
        Some(places)
    }

    fn part_words(&self, overlay: &mut Overlay, plot: &Plot, places: &[f64]) {
        for (n, (name, x)) in self.parts.iter().zip(places).enumerate() {
            let y = plot.layout.text() * LINE / 2.0;
            overlay.label(&Label::new(plot.left + x, y, name).ink(Ink::GroupText(n)));
        }
    }

    fn legend_words(&self, overlay: &mut Overlay, layout: Layout) {
        for (n, (name, (x, line))) in
            self.parts.iter().zip(legend(&self.parts, 14.0, layout).0).enumerate()
        {
            let y = (line as f64 + 0.5) * (layout.text() * LINE + 3.0);
            overlay.swatch((x + 7.0, y), (14.0, 14.0), Ink::Group(n));
            overlay.texture((x, y - 7.0), (14.0, 14.0), n);
            overlay.label(&Label::new(x + 20.0, y, name));
        }
    }

    /// The texture of each part, by which it is known where its colour is not.
    fn textures(&self, overlay: &mut Overlay, plot: &Plot) {
        let room = plot.end() - plot.left;
        for (i, (_, row)) in self.rows.iter().enumerate() {
            let top = self.bar_middle(plot, i) - THICK / 2.0;
            let mut begin = 0.0;
            for (n, share) in shares(row).into_iter().enumerate() {
                let wide = share * room - gap(plot, share) * room;
                overlay.texture((plot.left + begin * room, top), (wide, THICK), n);
                begin += share;
            }
        }
    }

    /// The shares, upon the parts that have room for them.
    fn share_words(&self, overlay: &mut Overlay, plot: &Plot) {
        let room = plot.end() - plot.left;
        for (i, (_, row)) in self.rows.iter().enumerate() {
            let y = self.bar_middle(plot, i);
            let mut begin = 0.0;
            for (n, share) in shares(row).into_iter().enumerate() {
                let text = Format::Percent(0).number(share);
                let wide = width(&text, plot.layout.small()) + 4.0;
                if wide < share * room {
                    let x = plot.left + (begin + share / 2.0) * room;
                    // A plain ground, so that the texture does not run through the number.
                    overlay.swatch((x, y), (wide, plot.layout.small() * LINE), Ink::Group(n));
                    overlay.label(
                        &Label::new(x, y, &text).small().ink(Ink::OnGroup).anchor(Anchor::Middle),
                    );
                }
                begin += share;
            }
        }
    }

    fn shapes(&self, chart: &mut Chart<'_>, plot: &Plot) -> Drawn {
        let pitch = (plot.base() - plot.top) / self.rows.len() as f64;
        let half = THICK / 2.0 / pitch;
        for (i, (_, row)) in self.rows.iter().enumerate() {
            let y = (plot.base() - self.bar_middle(plot, i)) / pitch;
            let mut begin = 0.0;
            for (n, share) in shares(row).into_iter().enumerate() {
                let end = begin + share;
                if share > 0.0 {
                    let (a, b) = ((begin, y + half), (end - gap(plot, share), y - half));
                    chart.draw_series([rectangle(a, b, Ink::Group(n))])?;
                }
                begin = end;
            }
        }
        Ok(())
    }

    fn table(&self) -> Table {
        let mut columns = vec![words("")];
        columns.extend(self.parts.iter().map(|part| column(part, Format::Percent(1))));
        columns.extend(self.totals.iter().map(|(name, format)| column(name, *format)));
        let row = |(label, row): &(String, Vec<f64>)| {
            let mut cells = vec![Scalar::from(label.as_str())];
            cells.extend(shares(row).into_iter().map(Scalar::from));
            cells.extend(self.totals.iter().map(|_| Scalar::from(row.iter().sum::<f64>())));
            cells
        };
        Table { columns, rows: self.rows.iter().map(row).collect() }
    }
}

/// The gap after a part, in the colour of the page, which keeps neighbours apart without their colours.
fn gap(plot: &Plot, share: f64) -> f64 {
    plot.layout.pick(0.003f64, 0.004).min(share / 3.0)
}

/// Each value as a share of their sum.
fn shares(row: &[f64]) -> Vec<f64> {
    let total: f64 = row.iter().sum();
    row.iter().map(|x| x / total).collect()
}
