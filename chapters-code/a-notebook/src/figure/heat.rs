//! A table in colour: rows, columns, and a value in each cell.

use super::axis::Ruler;
use super::labels::{Anchor, LINE, Label, Overlay, SMALL, TEXT, widest, width, wrap};
use super::plot::{Chart, Drawn, Plot, WIDTH, rectangle};
use super::theme::{Ink, RAMP};
use super::{Fault, Figure, FigureError, column, words};
use crate::Format;
use crate::results::{Scalar, Table};

const NAME: f64 = 170.0;

/// Values by row and column, the larger the further from the colour of the page.
///
/// ```
/// use notebook::{Format, figure::HeatMap};
/// let figure = HeatMap::new("Accuracy by extractor and problem", "Accuracy", Format::Percent(0))
///     .columns(["shape", "texture", "colour"])
///     .row("colour histogram", [0.31, 0.52, 0.97])
///     .row("gradients", [0.88, 0.71, 0.34])
///     .range(0.0, 1.0)
///     .draw()?;
/// # Ok::<(), notebook::figure::FigureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    title: String,
    quantity: String,
    format: Format,
    columns: Vec<String>,
    rows: Vec<(String, Vec<Option<f64>>)>,
    range: Option<(f64, f64)>,
    log: bool,
}

impl HeatMap {
    /// A map without cells. `quantity` is what the values are.
    pub fn new(title: impl Into<String>, quantity: impl Into<String>, format: Format) -> Self {
        let (title, quantity) = (title.into(), quantity.into());
        HeatMap {
            title,
            quantity,
            format,
            columns: Vec::new(),
            rows: Vec::new(),
            range: None,
            log: false,
        }
    }

    /// Names the columns.
    pub fn columns<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.columns = names.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a row: a value for each column, or `None` for an empty cell.
    pub fn row<C: Into<Option<f64>>>(
        mut self,
        label: impl Into<String>,
        cells: impl IntoIterator<Item = C>,
    ) -> Self {
        self.rows.push((label.into(), cells.into_iter().map(Into::into).collect()));
        self
    }

    /// The values at the two ends of the ramp, instead of the smallest and the largest.
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Gives equal ratios equal steps of colour; every value must be positive.
    pub fn log(mut self) -> Self {
        self.log = true;
        self
    }

    /// Draws it.
    ///
    /// # Errors
    /// No cells, rows of unequal lengths, or values that are not numbers.
    pub fn draw(self) -> Result<Figure, FigureError> {
        Figure::drawn(&self.title, self.drawing(), self.table())
    }

    fn drawing(&self) -> Result<String, Fault> {
        let range = self.checked()?;
        let names: Vec<_> = self.rows.iter().map(|(label, _)| wrap(label, TEXT, NAME)).collect();
        let left = widest(names.iter().flatten().map(String::as_str), TEXT).max(20.0) + 12.0;
        let (cell, heads) = Heads::fit(&self.columns, self.columns.len(), WIDTH - left, 120.0);
        let tall = names.iter().map(Vec::len).max().unwrap_or(1) as f64 * TEXT * LINE + 6.0;
        let pitch = tall.max((cell * 0.7).clamp(34.0, 44.0));
        let plot = Plot {
            width: WIDTH,
            height: heads.height + pitch * self.rows.len() as f64 + SMALL * LINE + 26.0,
            left,
            right: WIDTH - left - cell * self.columns.len() as f64,
            top: heads.height,
            bottom: SMALL * LINE + 26.0,
        };
        let mut overlay = Overlay::default();
        heads.write(&mut overlay, &plot, &self.columns);
        self.row_words(&mut overlay, &plot, &names, range);
        self.ramp_words(&mut overlay, &plot, range);
        let rulers = (Ruler::bare(self.columns.len() as f64), Ruler::bare(self.rows.len() as f64));
        plot.draw((&rulers.0, &rulers.1), overlay, |chart| self.shapes(chart, range))
    }

    /// The range of the ramp.
    fn checked(&self) -> Result<(f64, f64), Fault> {
        if self.columns.is_empty() || self.rows.is_empty() {
            return Err("has no cells; name the columns with `.columns(…)` and add rows".into());
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for (label, row) in &self.rows {
            if row.len() != self.columns.len() {
                return Err(format!(
                    "the row `{label}` has {} cells for {} columns",
                    row.len(),
                    self.columns.len()
                ));
            }
            for x in row.iter().flatten() {
                if !x.is_finite() {
                    return Err(format!(
                        "the row `{label}` has the value {x}; leave the cell empty with None"
                    ));
                }
                (low, high) = (low.min(*x), high.max(*x));
            }
        }
        if low > high {
            return Err("has no value in any cell".into());
        }
        if self.log && self.range.map_or(low, |(a, _)| a.min(low)) <= 0.0 {
            return Err(format!("has the value {low}, which a logarithmic ramp has no place for"));
        }
        match self.range {
            Some((a, b)) if !(a < b && (b - a).is_finite()) => {
                Err(format!("cannot have the range {a} to {b}"))
            }
            Some((a, b)) if low < a || high > b => {
                Err(format!("has values from {low} to {high}, outside its range {a} to {b}"))
            }
            range => Ok(range.unwrap_or((low, high))),
        }
    }

    fn shapes(&self, chart: &mut Chart<'_>, range: (f64, f64)) -> Drawn {
        for (i, (_, row)) in self.rows.iter().enumerate() {
            let y = (self.rows.len() - i) as f64;
            for (j, x) in row.iter().enumerate() {
                let Some(x) = x else { continue };
                let (a, b) = ((j as f64 + 0.015, y - 0.03), (j as f64 + 0.985, y - 0.97));
                chart.draw_series([rectangle(a, b, Ink::Ramp(self.step(*x, range)))])?;
            }
        }
        Ok(())
    }

    fn row_words(
        &self,
        overlay: &mut Overlay,
        plot: &Plot,
        names: &[Vec<String>],
        range: (f64, f64),
    ) {
        let cell = (plot.end() - plot.left) / self.columns.len() as f64;
        let ruler = Ruler::bare(self.rows.len() as f64);
        for (i, (_, row)) in self.rows.iter().enumerate() {
            let y = plot.y(&ruler, self.rows.len() as f64 - i as f64 - 0.5);
            overlay.lines(&Label::new(plot.left - 10.0, y, "").anchor(Anchor::End), &names[i]);
            for (j, x) in row.iter().enumerate() {
                let at = plot.left + (j as f64 + 0.5) * cell;
                match x {
                    Some(x) => {
                        let text = self.format.number(*x);
                        // Where a cell is too narrow for its value, the colour speaks and the table has it.
                        if width(&text, SMALL) <= cell {
                            let ink = Ink::OnRamp(self.step(*x, range));
                            overlay.label(
                                &Label::new(at, y, &text).small().ink(ink).anchor(Anchor::Middle),
                            );
                        }
                    }
                    None => overlay.label(
                        &Label::new(at, y, "–").small().ink(Ink::Muted).anchor(Anchor::Middle),
                    ),
                }
            }
        }
    }

    /// The key: what the values are, and the ramp from its low to its high end.
    fn ramp_words(&self, overlay: &mut Overlay, plot: &Plot, (low, high): (f64, f64)) {
        let y = plot.height - SMALL * LINE / 2.0 - 2.0;
        let texts = [self.quantity.clone(), self.format.number(low), self.format.number(high)];
        let key: f64 =
            texts.iter().map(|t| width(t, SMALL)).sum::<f64>() + 18.0 * RAMP as f64 + 30.0;
        let mut x = plot.left.min(WIDTH - key).max(0.0);
        overlay.label(&Label::new(x, y, &texts[0]).small());
        x += width(&texts[0], SMALL) + 14.0;
        overlay.label(&Label::new(x, y, &texts[1]).small().ink(Ink::Muted));
        x += width(&texts[1], SMALL) + 4.0;
        for n in 0..RAMP {
            overlay.swatch((x + 9.0 + 18.0 * n as f64, y), (18.0, 14.0), Ink::Ramp(n));
        }
        overlay
            .label(&Label::new(x + 18.0 * RAMP as f64 + 8.0, y, &texts[2]).small().ink(Ink::Muted));
    }

    /// The step of the ramp for a value.
    fn step(&self, x: f64, (low, high): (f64, f64)) -> usize {
        if self.log { step(x.ln(), (low.ln(), high.ln())) } else { step(x, (low, high)) }
    }

    fn table(&self) -> Table {
        let mut columns = vec![words("")];
        columns.extend(self.columns.iter().map(|name| column(name, self.format)));
        let row = |(label, cells): &(String, Vec<Option<f64>>)| {
            let mut row = vec![Scalar::from(label.as_str())];
            row.extend(cells.iter().map(|x| Scalar::from(*x)));
            row
        };
        Table { columns, rows: self.rows.iter().map(row).collect() }
    }
}

/// The step of the ramp for a value; all the same where there is only one value.
fn step(x: f64, (low, high): (f64, f64)) -> usize {
    if high <= low {
        return RAMP / 2;
    }
    // Halved first: the difference of two large numbers may not be a number.
    let share = (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    ((share * RAMP as f64) as usize).min(RAMP - 1)
}

/// The heads of columns: level where their words fit, else slanting.
pub(super) struct Heads {
    lines: Vec<Vec<String>>,
    slanting: bool,
    /// Height of the heads, in pixels.
    pub height: f64,
    /// How far the last one reaches beyond the middle of its column.
    beyond: f64,
}

impl Heads {
    /// The width of `count` columns in `room` pixels, at most `most` each, and their heads.
    pub(super) fn fit(names: &[String], count: usize, room: f64, most: f64) -> (f64, Self) {
        let cell = (room / count as f64).min(most);
        let heads = Heads::new(names, cell);
        if !heads.slanting || cell * (count as f64 - 0.5) + heads.beyond <= room {
            return (cell, heads);
        }
        ((room - heads.beyond) / (count as f64 - 0.5), heads)
    }

    /// Heads for columns `cell` wide.
    fn new(names: &[String], cell: f64) -> Self {
        let lines: Vec<_> = names.iter().map(|name| wrap(name, TEXT, cell - 6.0)).collect();
        let widest_line = widest(lines.iter().flatten().map(String::as_str), TEXT);
        if widest_line <= cell {
            let most = lines.iter().map(Vec::len).max().unwrap_or(0) as f64;
            return Heads { lines, slanting: false, height: most * TEXT * LINE + 8.0, beyond: 0.0 };
        }
        let longest = widest(names.iter().map(String::as_str), TEXT);
        Heads {
            lines,
            slanting: true,
            height: longest * 0.71 + TEXT + 8.0,
            beyond: longest * 0.71 + TEXT / 2.0,
        }
    }

    /// Writes them above the columns of `plot`.
    pub(super) fn write(&self, overlay: &mut Overlay, plot: &Plot, names: &[String]) {
        let cell = (plot.end() - plot.left) / names.len() as f64;
        for (j, name) in names.iter().enumerate() {
            let x = plot.left + (j as f64 + 0.5) * cell;
            if self.slanting {
                overlay.label(&Label::new(x, plot.top - 12.0, name).turned(-45.0));
            } else {
                let lines = &self.lines[j];
                let y = plot.top - 5.0 - lines.len() as f64 * TEXT * LINE / 2.0;
                overlay.lines(&Label::new(x, y, "").anchor(Anchor::Middle), lines);
            }
        }
    }
}
