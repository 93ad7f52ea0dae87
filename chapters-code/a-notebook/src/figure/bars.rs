//! Horizontal bars: the name at the left, the value at the end.

use super::axis::{Axis, Reach, Ruler};
use super::labels::{Anchor, LINE, Label, Overlay, legend, widest, width, wrap};
use super::layout::Layout;
use super::plot::{Chart, Drawn, Plot, line, mark, mark_markup, rectangle, segment};
use super::theme::{COLOURS, Ink};
use super::{Fault, Figure, FigureError, column, words};
use crate::Format;
use crate::results::Table;
use crate::scalar::Scalar;

/// The widest that the name of a row is set before it is broken into lines.
const NAME: f64 = 190.0;
/// The widest that names may be on a phone to stand beside their bars and not above them.
const BESIDE: f64 = 84.0;

/// One bar: a value, with an interval and a mark to compare it with where it has them.
///
/// ```
/// use notebook::figure::Bar;
/// let measured = Bar::new(0.91).interval(0.90, 0.92);
/// let recounted = Bar::new(60_192_808.0).mark(6e6);
/// let plain: Bar = 3.0.into();
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    value: f64,
    interval: Option<(f64, f64)>,
    mark: Option<f64>,
}

impl Bar {
    /// A bar of this length.
    pub fn new(value: f64) -> Self {
        Bar { value, interval: None, mark: None }
    }

    /// Draws a whisker from `low` to `high`.
    pub fn interval(mut self, low: f64, high: f64) -> Self {
        self.interval = Some((low, high));
        self
    }

    /// Draws an upright stroke across the bar at `x`; [`BarChart::marks`] says what it is.
    pub fn mark(mut self, x: f64) -> Self {
        self.mark = Some(x);
        self
    }

    /// Everything of it that needs a place on the axis.
    fn numbers(&self) -> impl Iterator<Item = f64> {
        let (low, high) = self.interval.unzip();
        [Some(self.value), low, high, self.mark].into_iter().flatten()
    }
}

impl From<f64> for Bar {
    fn from(value: f64) -> Self {
        Bar::new(value)
    }
}

/// Horizontal bars, one or a group in each row. On an axis without zero, a logarithmic one among them, the length of
/// a bar would mean nothing; there a row is a thread that ends in a mark.
///
/// ```
/// use notebook::{Format, figure::{Axis, BarChart}};
/// let figure = BarChart::new("Memory by type", Axis::linear("Memory").format(Format::Gigabytes(1)))
///     .groups(["float32", "int8"])
///     .row("Llama 3 8B", [32.1e9, 8.0e9])
///     .row("GPT-2 XL", [6.2e9, 1.6e9])
///     .reference(24e9, "24 GB")
///     .draw()?;
/// # Ok::<(), notebook::figure::FigureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    title: String,
    axis: Axis,
    format: Option<Format>,
    groups: Vec<String>,
    rows: Vec<(String, Vec<Bar>)>,
    references: Vec<(f64, String)>,
    marks: Option<String>,
}

/// Where everything stands, in pixels.
struct Places {
    plot: Plot,
    ruler: Ruler,
    rows: Ruler,
    names: Vec<Vec<String>>,
    /// Height of the names above the bars of a row; zero where they stand beside them.
    above: f64,
}

impl BarChart {
    /// A chart without rows.
    pub fn new(title: impl Into<String>, axis: Axis) -> Self {
        BarChart {
            title: title.into(),
            axis,
            format: None,
            groups: Vec::new(),
            rows: Vec::new(),
            references: Vec::new(),
            marks: None,
        }
    }

    /// Names the bars of a row, where it has several.
    pub fn groups<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.groups = names.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a row with one bar.
    pub fn bar(self, label: impl Into<String>, bar: impl Into<Bar>) -> Self {
        self.row(label, [bar])
    }

    /// Adds a row with a bar for each group.
    pub fn row<B: Into<Bar>>(
        mut self,
        label: impl Into<String>,
        bars: impl IntoIterator<Item = B>,
    ) -> Self {
        self.rows.push((label.into(), bars.into_iter().map(Into::into).collect()));
        self
    }

    /// How the value at the end of a bar is written, if not as on the axis.
    pub fn values(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Draws an upright line over all rows, with words above it.
    pub fn reference(mut self, x: f64, label: impl Into<String>) -> Self {
        self.references.push((x, label.into()));
        self
    }

    /// Says what the marks on the bars are, such as "as published".
    pub fn marks(mut self, label: impl Into<String>) -> Self {
        self.marks = Some(label.into());
        self
    }

    /// Draws it.
    ///
    /// # Errors
    /// No rows, rows of unequal lengths, or values that the axis has no place for.
    pub fn draw(self) -> Result<Figure, FigureError> {
        Figure::drawn(&self.title, |layout| self.drawing(layout), self.table())
    }

    fn drawing(&self, layout: Layout) -> Result<String, Fault> {
        let bars = self.checked()?;
        let places = self.places(layout, bars)?;
        let mut overlay = Overlay::new(layout);
        self.legend_words(&mut overlay, layout);
        self.reference_words(&mut overlay, &places);
        self.row_words(&mut overlay, &places, bars);
        places.plot.x_words(&mut overlay, &places.ruler, &self.axis.name);
        places
            .plot
            .draw((&places.ruler, &places.rows), overlay, |chart| self.shapes(chart, &places, bars))
    }

    /// The number of bars in a row, the same in each.
    fn checked(&self) -> Result<usize, Fault> {
        let bars = self.rows.first().map_or(0, |(_, bars)| bars.len());
        if bars == 0 {
            return Err("has no bars".into());
        }
        if bars > COLOURS {
            return Err(format!(
                "has {bars} bars in a row; {COLOURS} is what a reader can tell apart"
            ));
        }
        if bars > 1 && self.groups.len() != bars {
            return Err(format!(
                "has {bars} bars in a row but {} names of groups; give each with `.groups(…)`",
                self.groups.len()
            ));
        }
        match self.rows.iter().find(|(_, row)| row.len() != bars) {
            Some((label, row)) => {
                Err(format!("the row `{label}` has {} bars where the first has {bars}", row.len()))
            }
            None => Ok(bars),
        }
    }

    fn places(&self, layout: Layout, bars: usize) -> Result<Places, Fault> {
        let numbers = self.rows.iter().flat_map(|(_, row)| row.iter().flat_map(Bar::numbers));
        let numbers = numbers.chain(self.references.iter().map(|(x, _)| *x));
        let axis =
            if self.axis.is_log() { self.axis.clone() } else { self.axis.clone().from_zero() };
        // The names of rows leave room for about five ticks.
        let ruler = axis.fit(numbers, Reach::Tick, 5)?;
        let (text, small) = (layout.text(), layout.small());
        let written = |bar| width(&self.written(bar), small);
        let values = self.rows.iter().flat_map(|(_, row)| row).map(written).fold(0.0, f64::max);
        let (names, left, above) = self.names(layout);
        let lines = names.iter().map(Vec::len).max().unwrap_or(1).max(1) as f64 * text * LINE;
        let thick = thickness(bars) * bars as f64;
        let pitch =
            if above > 0.0 { thick + above + 12.0 } else { (thick + 12.0).max(lines + 6.0) };
        let legend_lines = legend(&self.legend_names(), 14.0, layout).1;
        let top = legend_lines as f64 * (text * LINE + 4.0)
            + self.reference_lines() as f64 * (small * LINE)
            + 8.0;
        let bottom = Plot::foot(layout, &self.axis.name);
        let height = top + bottom + pitch * self.rows.len() as f64;
        let plot = Plot { layout, height, left, right: values + 16.0, top, bottom };
        let rows = Ruler::bare(self.rows.len() as f64);
        Ok(Places { plot, ruler, rows, names, above })
    }

    /// The names of the rows in lines, the room left of the bars, and the room above them.
    fn names(&self, layout: Layout) -> (Vec<Vec<String>>, f64, f64) {
        let text = layout.text();
        let wrapped = |most: f64| -> Vec<_> {
            self.rows.iter().map(|(label, _)| wrap(label, text, most)).collect()
        };
        let names = wrapped(layout.pick(NAME, BESIDE));
        let wide = widest(names.iter().flatten().map(String::as_str), text);
        if layout == Layout::Wide || (wide <= BESIDE && names.iter().all(|n| n.len() <= 2)) {
            return (names, wide.max(20.0) + 12.0, 0.0);
        }
        let names = wrapped(layout.width() - 12.0);
        let lines = names.iter().map(Vec::len).max().unwrap_or(1).max(1) as f64;
        (names, 8.0, lines * text * LINE + 2.0)
    }

    /// Lines of words above the rows: references stand on two where there are several.
    fn reference_lines(&self) -> usize {
        self.references.len().min(2)
    }

    fn legend_names(&self) -> Vec<String> {
        let groups = if self.groups.len() > 1 { self.groups.clone() } else { Vec::new() };
        let marked = self.rows.iter().any(|(_, row)| row.iter().any(|bar| bar.mark.is_some()));
        groups.into_iter().chain(self.marks.clone().filter(|_| marked)).collect()
    }

    /// The value of a bar as it stands at its end.
    fn written(&self, bar: &Bar) -> String {
        self.format.unwrap_or(self.axis.format).number(bar.value)
    }

    /// The middle of a bar along the rows, whose first is on top, in rows from the foot.
    fn middle(&self, places: &Places, row: usize, bar: usize, bars: usize) -> f64 {
        let off = (bar as f64 - (bars as f64 - 1.0) / 2.0) * thickness(bars) + places.above / 2.0;
        self.rows.len() as f64 - row as f64 - 0.5 - off / self.pitch(places)
    }

    /// Height of a row, in pixels.
    fn pitch(&self, places: &Places) -> f64 {
        (places.plot.base() - places.plot.top) / self.rows.len() as f64
    }

    fn shapes(&self, chart: &mut Chart<'_>, places: &Places, bars: usize) -> Drawn {
        let half = (thickness(bars) - 2.0) / self.pitch(places) / 2.0;
        let threads = !self.axis.has_zero();
        let zero = if threads {
            places.ruler.low()
        } else {
            0.0f64.clamp(places.ruler.low(), places.ruler.high())
        };
        for (x, _) in &self.references {
            let ends = [(*x, 0.0), (*x, places.rows.high())];
            chart.draw_series([segment(ends[0], ends[1], line(Ink::Rule, 1.5))])?;
        }
        for (row, (_, members)) in self.rows.iter().enumerate() {
            for (n, bar) in members.iter().enumerate() {
                let y = self.middle(places, row, n, bars);
                if threads {
                    chart.draw_series([segment(
                        (zero, y),
                        (bar.value, y),
                        line(Ink::Group(n), 2.0),
                    )])?;
                    whisker(chart, bar, y, half)?;
                    mark(chart, (bar.value, y), n, Ink::Group(n), 5.0)?;
                } else {
                    chart.draw_series([rectangle(
                        (zero, y + half),
                        (bar.value, y - half),
                        Ink::Group(n),
                    )])?;
                    whisker(chart, bar, y, half)?;
                }
            }
        }
        if !threads {
            chart.draw_series([segment(
                (zero, 0.0),
                (zero, places.rows.high()),
                line(Ink::Rule, 1.2),
            )])?;
        }
        Ok(())
    }

    fn row_words(&self, overlay: &mut Overlay, places: &Places, bars: usize) {
        let Places { plot, ruler, rows, names, above } = places;
        for (row, (_, members)) in self.rows.iter().enumerate() {
            if *above > 0.0 {
                // The last line of a name stands just above the first bar.
                let tall = names[row].len() as f64 * plot.layout.text() * LINE;
                let first = plot.y(rows, self.middle(places, row, 0, bars));
                let at = first - thickness(bars) / 2.0 - 1.0 - tall / 2.0;
                // Beside the line of zero, and readable where it crosses a line of the grid.
                overlay.lines(&Label::new(plot.left + 4.0, at, "").halo(), &names[row]);
            } else {
                let at = plot.y(rows, self.rows.len() as f64 - row as f64 - 0.5);
                overlay
                    .lines(&Label::new(plot.left - 10.0, at, "").anchor(Anchor::End), &names[row]);
            }
            for (n, bar) in members.iter().enumerate() {
                let furthest = bar.interval.map_or(bar.value, |(_, high)| high.max(bar.value));
                // A mark just beyond the bar would stand in the words.
                let beyond = bar.mark.filter(|m| {
                    *m > furthest && plot.x(ruler, *m) - plot.x(ruler, furthest) < 90.0
                });
                let x = plot.x(ruler, beyond.unwrap_or(furthest).max(ruler.low().max(0.0))) + 9.0;
                let y = plot.y(rows, self.middle(places, row, n, bars));
                overlay.label(&Label::new(x, y, &self.written(bar)).small().halo());
            }
        }
    }

    fn legend_words(&self, overlay: &mut Overlay, layout: Layout) {
        let names = self.legend_names();
        let (places, _) = legend(&names, 14.0, layout);
        for (n, (name, (x, at))) in names.iter().zip(places).enumerate() {
            let y = (at as f64 + 0.5) * (layout.text() * LINE + 4.0);
            let is_mark = self.groups.len() < 2 || n >= self.groups.len();
            let (size, ink) =
                if is_mark { ((3.0, 18.0), Ink::Text) } else { ((14.0, 14.0), Ink::Group(n)) };
            if !self.axis.has_zero() && !is_mark {
                overlay.raw(&mark_markup((x + 7.0, y), n, ink, 5.5));
            } else {
                overlay.swatch((x + 7.0, y), size, ink);
            }
            overlay.label(&Label::new(x + 20.0, y, name));
        }
    }

    /// The words of reference lines stand above the rows, every second one a line higher.
    fn reference_words(&self, overlay: &mut Overlay, places: &Places) {
        let (small, whole) = (places.plot.layout.small(), places.plot.width());
        let mut references: Vec<_> = self.references.iter().collect();
        references.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (i, (x, text)) in references.into_iter().enumerate() {
            let half = width(text, small) / 2.0;
            let at = places.plot.x(&places.ruler, *x);
            let clear = at.clamp(half.min(whole / 2.0), (whole - half).max(whole / 2.0));
            let y = places.plot.top - 3.0 - small * LINE * (0.5 + (i % 2) as f64);
            overlay.label(
                &Label::new(clear, y, text).small().ink(Ink::Muted).anchor(Anchor::Middle).halo(),
            );
        }
    }

    fn table(&self) -> Table {
        let format = self.format.unwrap_or(self.axis.format);
        let any = |has: fn(&Bar) -> bool| self.rows.iter().any(|(_, row)| row.iter().any(has));
        let (intervals, marks) = (any(|b| b.interval.is_some()), any(|b| b.mark.is_some()));
        let names =
            if self.groups.is_empty() { vec![self.axis.name.clone()] } else { self.groups.clone() };
        let mut columns = vec![words("")];
        for name in &names {
            columns.push(column(name, format));
            if intervals {
                columns.extend([
                    column(format!("{name}, low"), format),
                    column(format!("{name}, high"), format),
                ]);
            }
            if marks {
                columns.push(column(self.marks.clone().unwrap_or_else(|| "mark".into()), format));
            }
        }
        let cells = |bar: &Bar| {
            let (low, high) = bar.interval.unzip();
            let mut cells = vec![Scalar::from(bar.value)];
            cells.extend([low, high].into_iter().filter(|_| intervals).map(Scalar::from));
            cells.extend([bar.mark].into_iter().filter(|_| marks).map(Scalar::from));
            cells
        };
        let row = |(label, bars): &(String, Vec<Bar>)| {
            let mut row = vec![Scalar::from(label.as_str())];
            row.extend(bars.iter().flat_map(cells));
            row
        };
        Table { columns, rows: self.rows.iter().map(row).collect() }
    }
}

/// Height of a bar with the gap below it, in pixels, by the number of bars in a row.
fn thickness(bars: usize) -> f64 {
    if bars == 1 { 22.0 } else { 19.0 }
}

/// The interval of a bar, and the mark across it.
fn whisker(chart: &mut Chart<'_>, bar: &Bar, y: f64, half: f64) -> Drawn {
    if let Some((low, high)) = bar.interval {
        chart.draw_series([segment((low, y), (high, y), line(Ink::Background, 5.0))])?;
        chart.draw_series([segment((low, y), (high, y), line(Ink::Text, 1.8))])?;
        for end in [low, high] {
            chart.draw_series([segment(
                (end, y - half / 2.0),
                (end, y + half / 2.0),
                line(Ink::Text, 1.8),
            )])?;
        }
    }
    if let Some(x) = bar.mark {
        let ends = [(x, y - 1.35 * half), (x, y + 1.35 * half)];
        chart.draw_series([segment(ends[0], ends[1], line(Ink::Background, 6.0))])?;
        chart.draw_series([segment(ends[0], ends[1], line(Ink::Text, 3.0))])?;
    }
    Ok(())
}
