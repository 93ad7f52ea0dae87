//! A table in colour: rows, columns, and a value in each cell.

use plotters::element::PathElement;

use super::axis::Ruler;
use super::labels::{Anchor, LINE, Label, Overlay, widest, width, wrap};
use super::layout::Layout;
use super::plot::{Chart, Drawn, Plot, line, rectangle};
use super::theme::{Ink, RAMP};
use super::{Fault, Figure, FigureError, column, words};
use crate::Format;
use crate::results::Table;
use crate::scalar::Scalar;

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
    confusions: bool,
}

/// How the numbers stand in the cells of a layout.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Numbers {
    writing: Writing,
    size: f64,
}

/// A way to write numbers in cells, the plainest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    /// As the format says.
    Whole,
    /// Without the unit, which the key says once.
    Bare,
    /// Without the unit, and without decimals that say little.
    Rounded,
    /// In thousands, `1.2k`.
    Thousands,
    /// Not at all: the colours speak, and the table has the numbers.
    Absent,
}

impl Writing {
    const ALL: [Writing; 4] = [Writing::Whole, Writing::Bare, Writing::Rounded, Writing::Thousands];

    /// The number as a cell has it; none, where this way would hide what it is.
    fn of(self, x: f64, format: Format) -> Option<String> {
        let whole = format.number(x);
        let bare = whole.split('\u{a0}').next().unwrap_or_default().to_owned();
        match self {
            Writing::Whole => Some(whole),
            // A unit that changes from cell to cell cannot be said once.
            Writing::Bare => matches!(format, Format::Percent(_)).then_some(bare),
            Writing::Rounded => match format {
                Format::Percent(_) => Writing::Bare.of(x, Format::Percent(0)),
                Format::Fixed(_) if x.abs() < 99.95 => Some(whole),
                Format::Fixed(_) => Some(Format::Fixed(0).number(x)),
                _ => None,
            },
            Writing::Thousands => match format {
                Format::Int if x.abs() < 999.5 => Some(whole),
                Format::Int => {
                    let decimals = usize::from(x.abs() < 9_950.0);
                    Some(format!("{}k", Format::Fixed(decimals).number(x / 1000.0)))
                }
                _ => None,
            },
            Writing::Absent => None,
        }
    }

    /// What the key adds to the quantity's name.
    fn note(self, format: Format) -> &'static str {
        match (self, format) {
            (Writing::Bare | Writing::Rounded, Format::Percent(_)) => ", in\u{a0}%",
            (Writing::Thousands, _) => ", k: thousand",
            _ => "",
        }
    }
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
            confusions: false,
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

    /// Rows are what something is, columns what it is taken for: the colours are for what lies off
    /// the diagonal, which would be lost beside it. The diagonal has a frame and its numbers.
    pub fn confusions(mut self) -> Self {
        self.confusions = true;
        self
    }

    /// Draws it.
    ///
    /// # Errors
    /// No cells, rows of unequal lengths, or values that are not numbers.
    pub fn draw(self) -> Result<Figure, FigureError> {
        Figure::drawn(&self.title, |layout| self.drawing(layout), self.table())
    }

    fn drawing(&self, layout: Layout) -> Result<String, Fault> {
        let range = self.checked()?;
        let (text, count) = (layout.text(), self.columns.len());
        let most = layout.pick(170.0, 88.0);
        let names: Vec<_> = self.rows.iter().map(|(label, _)| wrap(label, text, most)).collect();
        let left = widest(names.iter().flatten().map(String::as_str), text).max(20.0)
            + layout.pick(12.0, 8.0);
        let room = layout.width() - left;
        let (cell, heads) = Heads::fit(&self.columns, count, room, 120.0, layout);
        let tall = names.iter().map(Vec::len).max().unwrap_or(1) as f64 * text * LINE + 6.0;
        let bottom = layout.small() * LINE * layout.pick(1.0, 2.0) + 26.0;
        let pitch = tall.max((cell * 0.7).clamp(layout.pick(34.0, 30.0), 44.0));
        let plot = Plot {
            layout,
            height: heads.height + pitch * self.rows.len() as f64 + bottom,
            left,
            right: room - cell * count as f64,
            top: heads.height,
            bottom,
        };
        let numbers = self.numbers(layout, cell)?;
        let mut overlay = Overlay::new(layout);
        heads.write(&mut overlay, &plot, &self.columns);
        self.row_words(&mut overlay, &plot, &names);
        self.cell_words(&mut overlay, &plot, numbers, range);
        self.ramp_words(&mut overlay, &plot, numbers.writing, range);
        let rulers = (Ruler::bare(count as f64), Ruler::bare(self.rows.len() as f64));
        plot.draw((&rulers.0, &rulers.1), overlay, |chart| self.shapes(chart, range))
    }

    /// The range of the ramp.
    fn checked(&self) -> Result<(f64, f64), Fault> {
        if self.columns.is_empty() || self.rows.is_empty() {
            return Err("has no cells; name the columns with `.columns(…)` and add rows".into());
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for (i, (label, row)) in self.rows.iter().enumerate() {
            if row.len() != self.columns.len() {
                return Err(format!(
                    "the row `{label}` has {} cells for {} columns",
                    row.len(),
                    self.columns.len()
                ));
            }
            for (j, x) in row.iter().enumerate() {
                let Some(x) = x else { continue };
                if !x.is_finite() {
                    return Err(format!(
                        "the row `{label}` has the value {x}; leave the cell empty with None"
                    ));
                }
                if !self.is_diagonal(i, j) {
                    (low, high) = (low.min(*x), high.max(*x));
                }
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
                if self.is_diagonal(i, j) {
                    let corners = vec![a, (b.0, a.1), b, (a.0, b.1), a];
                    chart.draw_series([PathElement::new(corners, line(Ink::Rule, 1.2))])?;
                } else {
                    chart.draw_series([rectangle(a, b, Ink::Ramp(self.step(*x, range)))])?;
                }
            }
        }
        Ok(())
    }

    /// Is the cell one that the colours leave out?
    fn is_diagonal(&self, row: usize, column: usize) -> bool {
        self.confusions && row == column
    }

    fn row_words(&self, overlay: &mut Overlay, plot: &Plot, names: &[Vec<String>]) {
        let ruler = Ruler::bare(self.rows.len() as f64);
        let away = plot.layout.pick(10.0, 6.0);
        for (i, lines) in names.iter().enumerate() {
            let y = plot.y(&ruler, self.rows.len() as f64 - i as f64 - 0.5);
            overlay.lines(&Label::new(plot.left - away, y, "").anchor(Anchor::End), lines);
        }
    }

    fn cell_words(&self, overlay: &mut Overlay, plot: &Plot, numbers: Numbers, range: (f64, f64)) {
        let cell = (plot.end() - plot.left) / self.columns.len() as f64;
        let ruler = Ruler::bare(self.rows.len() as f64);
        for (i, (_, row)) in self.rows.iter().enumerate() {
            let y = plot.y(&ruler, self.rows.len() as f64 - i as f64 - 0.5);
            for (j, x) in row.iter().enumerate() {
                let at = plot.left + (j as f64 + 0.5) * cell;
                let (text, ink, size) = match x {
                    Some(x) if self.is_diagonal(i, j) => {
                        (self.written(*x, numbers), Ink::Text, numbers.size)
                    }
                    Some(x) => {
                        let ink = Ink::OnRamp(self.step(*x, range));
                        (self.written(*x, numbers), ink, numbers.size)
                    }
                    None => ("–".to_owned(), Ink::Muted, plot.layout.small()),
                };
                overlay
                    .label(&Label::new(at, y, &text).sized(size).ink(ink).anchor(Anchor::Middle));
            }
        }
    }

    fn written(&self, x: f64, numbers: Numbers) -> String {
        numbers.writing.of(x, self.format).unwrap_or_default()
    }

    /// The plainest way to write all numbers of the layout, in the largest size, in which each fits
    /// its cell. On a phone there may be none.
    fn numbers(&self, layout: Layout, cell: f64) -> Result<Numbers, Fault> {
        let values = || self.rows.iter().flat_map(|(_, row)| row).flatten();
        let room = cell - layout.pick(0.0, 2.0);
        for writing in Writing::ALL {
            for size in [layout.small(), layout.tiny()] {
                let fits = |x: &f64| {
                    writing.of(*x, self.format).is_some_and(|text| width(&text, size) <= room)
                };
                if values().all(fits) {
                    return Ok(Numbers { writing, size });
                }
            }
        }
        match layout {
            Layout::Narrow => Ok(Numbers { writing: Writing::Absent, size: layout.tiny() }),
            Layout::Wide => Err("has numbers that are wider than its cells; \
                                 give it a shorter format or fewer columns"
                .into()),
        }
    }

    /// The key: what the values are, and the ramp from its low to its high end; on a phone on two
    /// lines.
    fn ramp_words(
        &self,
        overlay: &mut Overlay,
        plot: &Plot,
        writing: Writing,
        (low, high): (f64, f64),
    ) {
        let layout = plot.layout;
        let small = layout.small();
        let y = plot.height - small * LINE / 2.0 - 2.0;
        let quantity = format!("{}{}", self.quantity, writing.note(self.format));
        let texts = [quantity, self.format.number(low), self.format.number(high)];
        let wide = |n: usize| width(&texts[n], small);
        let step = 18.0;
        let ramp = wide(1) + wide(2) + step * RAMP as f64 + 16.0;
        let begin = |key: f64| plot.left.min(layout.width() - key).max(0.0);
        let mut x = match layout {
            Layout::Wide => {
                let x = begin(wide(0) + 14.0 + ramp);
                overlay.label(&Label::new(x, y, &texts[0]).small());
                x + wide(0) + 14.0
            }
            Layout::Narrow => {
                let above = y - small * LINE - 2.0;
                overlay.label(&Label::new(begin(wide(0)), above, &texts[0]).small());
                begin(ramp.max(wide(0)))
            }
        };
        overlay.label(&Label::new(x, y, &texts[1]).small().ink(Ink::Muted));
        x += wide(1) + 4.0;
        for n in 0..RAMP {
            overlay.swatch((x + (n as f64 + 0.5) * step, y), (step, 14.0), Ink::Ramp(n));
        }
        let end = x + step * RAMP as f64 + 8.0;
        overlay.label(&Label::new(end, y, &texts[2]).small().ink(Ink::Muted));
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

/// How the heads of columns stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Level,
    Slanting,
    Upright,
}

/// The heads of columns: level where their words fit, else slanting, or upright on a phone, where
/// slanting ones would take the room of a column.
pub(super) struct Heads {
    lines: Vec<Vec<String>>,
    stand: Stand,
    /// Height of the heads, in pixels.
    pub height: f64,
    /// How far the last one reaches beyond the middle of its column.
    beyond: f64,
}

impl Heads {
    /// The width of `count` columns in `room` pixels, at most `most` each, and their heads.
    pub(super) fn fit(
        names: &[String],
        count: usize,
        room: f64,
        most: f64,
        layout: Layout,
    ) -> (f64, Self) {
        let cell = (room / count as f64).min(most);
        let heads = Heads::new(names, cell, layout);
        if cell * (count as f64 - 0.5) + heads.beyond <= room {
            return (cell, heads);
        }
        ((room - heads.beyond) / (count as f64 - 0.5), heads)
    }

    /// Heads for columns `cell` wide.
    fn new(names: &[String], cell: f64, layout: Layout) -> Self {
        let text = layout.text();
        let lines: Vec<_> = names.iter().map(|name| wrap(name, text, cell - 6.0)).collect();
        let widest_line = widest(lines.iter().flatten().map(String::as_str), text);
        let most = lines.iter().map(Vec::len).max().unwrap_or(0) as f64;
        if widest_line <= cell - layout.pick(0.0, 3.0) {
            let height = most * text * LINE + 8.0;
            return Heads { lines, stand: Stand::Level, height, beyond: 0.0 };
        }
        let longest = widest(names.iter().map(String::as_str), text);
        match layout {
            Layout::Wide => {
                let (height, beyond) = (longest * 0.71 + text + 8.0, longest * 0.71 + text / 2.0);
                Heads { lines, stand: Stand::Slanting, height, beyond }
            }
            Layout::Narrow => {
                // Two lines side by side, where a column is wide enough for them.
                let most = if cell >= 2.0 * text * LINE + 2.0 { longest * 0.62 } else { longest };
                let lines: Vec<_> = names.iter().map(|name| wrap(name, text, most)).collect();
                let lines: Vec<_> = lines
                    .into_iter()
                    .zip(names)
                    .map(|(lines, name)| if lines.len() > 2 { vec![name.clone()] } else { lines })
                    .collect();
                let height = widest(lines.iter().flatten().map(String::as_str), text) + 10.0;
                Heads { lines, stand: Stand::Upright, height, beyond: 0.0 }
            }
        }
    }

    /// Writes them above the columns of `plot`.
    pub(super) fn write(&self, overlay: &mut Overlay, plot: &Plot, names: &[String]) {
        let text = plot.layout.text();
        let cell = (plot.end() - plot.left) / names.len() as f64;
        for (j, name) in names.iter().enumerate() {
            let x = plot.left + (j as f64 + 0.5) * cell;
            let lines = &self.lines[j];
            match self.stand {
                Stand::Level => {
                    let y = plot.top - 5.0 - lines.len() as f64 * text * LINE / 2.0;
                    overlay.lines(&Label::new(x, y, "").anchor(Anchor::Middle), lines);
                }
                Stand::Slanting => {
                    overlay.label(&Label::new(x, plot.top - 12.0, name).turned(-45.0));
                }
                Stand::Upright => {
                    let first = x - text * LINE * (lines.len() as f64 - 1.0) / 2.0;
                    for (i, line) in lines.iter().enumerate() {
                        let x = first + text * LINE * i as f64;
                        overlay.label(&Label::new(x, plot.top - 6.0, line).turned(-90.0));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of `size` by `size` with `of` in its cells.
    fn square(size: usize, format: Format, of: impl Fn(usize, usize) -> f64) -> HeatMap {
        let names = (0..size).map(|i| format!("c{i}"));
        let map = HeatMap::new("T", "q", format).columns(names);
        (0..size).fold(map, |map, i| map.row("a class with a name", (0..size).map(|j| of(i, j))))
    }

    /// The texts of a drawing.
    fn texts(drawing: &str) -> Vec<&str> {
        drawing.split("</text>").filter_map(|t| t.rsplit('>').next()).collect()
    }

    #[test]
    fn every_cell_has_its_number_or_none_has() {
        let shares = |i, j| if i == j { 0.808 } else { 0.021 };
        let figure = square(10, Format::Percent(1), shares).draw().unwrap();
        for drawing in [&figure.drawing, &figure.narrow] {
            let texts = texts(drawing);
            let with = |start: &str| texts.iter().filter(|t| t.starts_with(start)).count();
            assert_eq!((with("8"), with("2")), (11, 91), "{texts:?}");
            assert!(texts.contains(&"q, in\u{a0}%"), "{texts:?}");
        }
        let counts = square(10, Format::Int, |i, j| 1234.0 * (i + j) as f64).draw().unwrap();
        let texts = texts(&counts.narrow);
        assert!(texts.contains(&"1.2k") && texts.contains(&"22k"), "{texts:?}");
        assert!(texts.contains(&"q, k: thousand"), "{texts:?}");
    }

    #[test]
    fn numbers_without_room_are_refused() {
        let wide = square(12, Format::Fixed(9), |i, j| 1e4 * (i + j) as f64).draw();
        assert!(wide.unwrap_err().to_string().contains("wider than its cells"));
    }

    #[test]
    fn the_diagonal_takes_no_colour() {
        let shares = |i, j| if i == j { 0.9 } else { 0.01 * j as f64 };
        let map = || square(4, Format::Percent(0), shares);
        let steps = |map: HeatMap| map.draw().unwrap().drawing.matches("--figure-ramp-0,").count();
        assert!(steps(map()) > 2 * steps(map().confusions()), "off the diagonal all is one colour");
    }
}
