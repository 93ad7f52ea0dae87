//! Curves over one axis, with bands, each named at its end.

use plotters::element::{PathElement, Polygon};
use plotters::style::Color as _;

use super::axis::{Axis, Reach, Ruler};
use super::labels::{
    Area, LINE, Label, Overlay, along, clearest, legend, spread, widest, width, wrap,
};
use super::layout::Layout;
use super::plot::{Chart, Drawn, Plot, line, mark, mark_markup, segment, stroke};
use super::theme::{COLOURS, Ink};
use super::{Fault, Figure, FigureError, column};
use crate::results::{Curve, Series, Table};
use crate::scalar::Scalar;

/// Width of the sample of a curve in a key.
const SAMPLE: f64 = 26.0;

/// With at most this many points, a curve shows each of them.
const FEW: usize = 12;

/// Curves, such as a loss by epoch.
///
/// ```
/// use notebook::{Format, Series, figure::{Axis, LineChart}};
///
/// let mut series = Series { x_name: "Images".into(), x: vec![1e3, 1e4, 6e4], y: vec![] };
/// series.banded("gradients", [[0.70, 0.72, 0.74], [0.80, 0.81, 0.82], [0.87, 0.88, 0.89]]);
/// series.curve("raw pixels", [0.60, 0.74, 0.82]);
/// let figure = LineChart::new(
///     "Accuracy by number of training images",
///     Axis::log("Training images").format(Format::Count(0)),
///     Axis::linear("Accuracy").format(Format::Percent(0)),
/// )
/// .series(&series)
/// .reference(0.1, "guessing")
/// .draw()?
/// .caption("Ten times the images are worth as much as the better features.")
/// .description("Two rising curves over 1,000 to 60,000 images: gradients from 72 to 88 %, raw pixels below.");
/// # assert!(figure.faults().is_empty());
/// # Ok::<(), notebook::figure::FigureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
    title: String,
    x: Axis,
    y: Axis,
    curves: Vec<(Vec<f64>, Curve)>,
    references: Vec<(f64, String)>,
    markers: Option<bool>,
    height: f64,
}

impl LineChart {
    /// A chart without curves.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        let title = title.into();
        LineChart {
            title,
            x,
            y,
            curves: Vec::new(),
            references: Vec::new(),
            markers: None,
            height: 380.0,
        }
    }

    /// Adds every curve of a series.
    pub fn series(mut self, series: &Series) -> Self {
        self.curves.extend(series.y.iter().map(|curve| (series.x.clone(), curve.clone())));
        self
    }

    /// Adds one curve without a band.
    pub fn curve(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let (x, values) = points.into_iter().unzip();
        self.curves.push((x, Curve { name: name.into(), values, ..Curve::default() }));
        self
    }

    /// Draws a level line over the whole width, with words upon it.
    pub fn reference(mut self, y: f64, label: impl Into<String>) -> Self {
        self.references.push((y, label.into()));
        self
    }

    /// Shows each point, or none. Otherwise curves of at most twelve points show them.
    pub fn markers(mut self, shown: bool) -> Self {
        self.markers = Some(shown);
        self
    }

    /// Height in pixels, of a figure 640 wide. On a phone it is lower, for its width is less.
    pub fn height(mut self, pixels: u32) -> Self {
        self.height = f64::from(pixels.clamp(200, 2000));
        self
    }

    /// Draws it.
    ///
    /// # Errors
    /// Curves without points, of unequal lengths, or with values that an axis has no place for.
    pub fn draw(self) -> Result<Figure, FigureError> {
        Figure::drawn(&self.title, |layout| self.drawing(layout), self.table())
    }

    fn drawing(&self, layout: Layout) -> Result<String, Fault> {
        self.checked()?;
        let x = self.x.fit(
            self.curves.iter().flat_map(|(x, _)| x.iter().copied()),
            Reach::Values,
            layout.pick(7, 5),
        )?;
        let curves = self
            .curves
            .iter()
            .flat_map(|(_, c)| [&c.values, &c.low, &c.high].into_iter().flatten().copied());
        let y =
            self.y.fit(curves.chain(self.references.iter().map(|(y, _)| *y)), Reach::Tick, 6)?;
        let height = layout.pick(self.height, (0.8 * self.height).max(200.0));
        let mut plot = Plot::around(layout, height, (&x, &self.x.name), (&y, &self.y.name));
        let names = self.names(layout, plot.base() - plot.top);
        let mut overlay = Overlay::new(layout);
        match &names {
            Some(names) => {
                let widest = widest(names.iter().flatten().map(String::as_str), layout.text());
                plot.right = plot.right.max(widest + layout.pick(16.0, 14.0));
            }
            None => self.key_words(&mut overlay, &mut plot, layout),
        }
        plot.x_words(&mut overlay, &x, &self.x.name);
        plot.y_words(&mut overlay, &y, &self.y.name);
        self.reference_words(&mut overlay, &plot, (&x, &y));
        if let Some(names) = names {
            self.curve_words(&mut overlay, &plot, (&x, &y), &names);
        }
        plot.draw((&x, &y), overlay, |chart| self.shapes(chart, (&x, &y)))
    }

    /// The names of the curves as they stand at their ends, in lines; none where there is no room
    /// for them beside the curves, which then have a key.
    fn names(&self, layout: Layout, height: f64) -> Option<Vec<Vec<String>>> {
        let (size, most) = (layout.text(), layout.pick(150.0, 96.0));
        let names: Vec<_> = self.curves.iter().map(|(_, c)| wrap(&c.name, size, most)).collect();
        let wide = widest(names.iter().flatten().map(String::as_str), size);
        let tall = names.iter().flatten().count() as f64 * size * LINE;
        (!layout.is_narrow() || (wide <= 100.0 && tall <= height)).then_some(names)
    }

    /// A key above the axis's name: a sample of each curve with its name, in the order of their ends.
    fn key_words(&self, overlay: &mut Overlay, plot: &mut Plot, layout: Layout) {
        let mut order: Vec<usize> = (0..self.curves.len()).collect();
        let end = |n: &usize| self.curves[*n].1.values.last().copied().unwrap_or_default();
        order.sort_by(|a, b| end(b).total_cmp(&end(a)));
        let names: Vec<String> = order.iter().map(|n| self.curves[*n].1.name.clone()).collect();
        let (places, lines) = legend(&names, SAMPLE, layout);
        let (pitch, above) = (layout.text() * LINE + 3.0, plot.top - 10.0);
        for ((n, name), (x, at)) in order.into_iter().zip(&names).zip(places) {
            let y = above + (at as f64 + 0.5) * pitch;
            overlay.stroke((x, y), SAMPLE, n, !self.shown(n));
            if self.shown(n) {
                overlay.raw(&mark_markup((x + SAMPLE / 2.0, y), n, Ink::Group(n), 4.0));
            }
            overlay.label(&Label::new(x + SAMPLE + 6.0, y, name).ink(Ink::GroupText(n)));
        }
        plot.top += lines as f64 * pitch;
        plot.height += lines as f64 * pitch;
    }

    /// Does the curve show its points?
    fn shown(&self, n: usize) -> bool {
        let points = self.curves[n].1.values.len();
        points == 1 || self.markers.unwrap_or(points <= FEW)
    }

    fn checked(&self) -> Result<(), Fault> {
        if self.curves.is_empty() {
            return Err("has no curves".into());
        }
        if self.curves.len() > COLOURS {
            return Err(format!(
                "has {} curves; {COLOURS} is what a reader can tell apart",
                self.curves.len()
            ));
        }
        for (x, curve) in &self.curves {
            let (name, n) = (&curve.name, x.len());
            if n == 0 {
                return Err(format!("the curve `{name}` has no points"));
            }
            for (what, len) in [
                ("values", curve.values.len()),
                ("lower ends", curve.low.len()),
                ("upper ends", curve.high.len()),
            ] {
                if len != n
                    && (what == "values" || !(curve.low.is_empty() && curve.high.is_empty()))
                {
                    return Err(format!("the curve `{name}` has {n} x but {len} {what}"));
                }
            }
        }
        Ok(())
    }

    fn shapes(&self, chart: &mut Chart<'_>, (x, y): (&Ruler, &Ruler)) -> Drawn {
        for (level, _) in &self.references {
            chart.draw_series([segment(
                (x.low(), *level),
                (x.high(), *level),
                line(Ink::Rule, 1.2),
            )])?;
        }
        if y.low() < 0.0 && y.high() > 0.0 && !self.y.is_log() {
            chart.draw_series([segment((x.low(), 0.0), (x.high(), 0.0), line(Ink::Rule, 1.0))])?;
        }
        for (n, (x, curve)) in self.curves.iter().enumerate() {
            let band = x.iter().zip(&curve.low).chain(x.iter().zip(&curve.high).rev());
            let band: Vec<(f64, f64)> = band.map(|(x, y)| (*x, *y)).collect();
            if band.len() > 2 {
                chart.draw_series([Polygon::new(
                    band,
                    Ink::Group(n).sentinel().mix(0.2).filled(),
                )])?;
            }
        }
        for (n, (x, curve)) in self.curves.iter().enumerate() {
            let points: Vec<(f64, f64)> =
                x.iter().copied().zip(curve.values.iter().copied()).collect();
            let shown = self.shown(n);
            // A curve is known by its marks or by its dash, besides its colour.
            let ink = if shown { Ink::Group(n).sentinel() } else { Ink::Group(n).dashed(n) };
            if points.len() > 1 {
                chart.draw_series([PathElement::new(points.clone(), stroke(ink, 2.5))])?;
            }
            for point in points.into_iter().filter(|_| shown) {
                mark(chart, point, n, Ink::Group(n), 4.0)?;
            }
        }
        Ok(())
    }

    /// The words of a level line stand over or under it, where they cover the curves least.
    fn reference_words(&self, overlay: &mut Overlay, plot: &Plot, (x, y): (&Ruler, &Ruler)) {
        let mut taken = Vec::new();
        for (xs, curve) in &self.curves {
            let points: Vec<_> =
                xs.iter().zip(&curve.values).map(|(a, b)| (plot.x(x, *a), plot.y(y, *b))).collect();
            taken.extend(along(&points));
            taken.extend(points.iter().map(|(a, b)| Area(a - 5.0, b - 5.0, a + 5.0, b + 5.0)));
        }
        for (level, text) in &self.references {
            let (wide, at, tall) =
                (width(text, plot.layout.small()), plot.y(y, *level), plot.layout.small() * LINE);
            let room = (plot.end() - plot.left - wide - 12.0).max(0.0);
            let places = [at - tall - 1.0, at + 1.0].into_iter().flat_map(|top| {
                (0..=8).map(move |step| {
                    let left = plot.left + 6.0 + room * f64::from(step) / 8.0;
                    Area(left, top, left + wide, top + tall)
                })
            });
            if let Some(place) = clearest(places, &taken) {
                taken.push(place);
                overlay.label(
                    &Label::new(place.0, place.middle(), text).small().ink(Ink::Muted).halo(),
                );
            }
        }
    }

    /// The name of a curve stands at its end, with a thread to it where it had to give way.
    fn curve_words(
        &self,
        overlay: &mut Overlay,
        plot: &Plot,
        (x, y): (&Ruler, &Ruler),
        names: &[Vec<String>],
    ) {
        let text = plot.layout.text();
        let ends: Vec<(f64, f64)> = self
            .curves
            .iter()
            .filter_map(|(xs, c)| Some((plot.x(x, *xs.last()?), plot.y(y, *c.values.last()?))))
            .collect();
        let wanted: Vec<f64> = ends.iter().map(|(_, y)| *y).collect();
        let heights: Vec<f64> =
            names.iter().map(|lines| lines.len() as f64 * text * LINE + 2.0).collect();
        let placed = spread(&wanted, &heights, plot.top - text / 2.0, plot.base() + 2.0);
        for (n, (lines, at)) in
            names.iter().zip(placed).enumerate().filter(|(_, (lines, _))| !lines.is_empty())
        {
            let (end_x, end_y) = ends[n];
            let left = plot.end() + 12.0;
            if (at - end_y).abs() > 8.0 || plot.end() - end_x > 8.0 {
                overlay.thread(&[(end_x + 5.0, end_y), (left - 2.0, at)], Ink::Rule);
            }
            overlay.lines(&Label::new(left, at, "").ink(Ink::GroupText(n)), lines);
        }
    }

    /// One row for each x that any curve has, in order; a curve without that x leaves a gap.
    fn table(&self) -> Table {
        let mut columns = vec![column(&self.x.name, self.x.format)];
        for (_, curve) in &self.curves {
            columns.push(column(&curve.name, self.y.format));
            if !curve.low.is_empty() {
                columns.push(column(format!("{}, low", curve.name), self.y.format));
                columns.push(column(format!("{}, high", curve.name), self.y.format));
            }
        }
        let mut at: Vec<f64> = self.curves.iter().flat_map(|(x, _)| x.iter().copied()).collect();
        at.sort_by(f64::total_cmp);
        at.dedup();
        let row = |x: f64| {
            let mut row = vec![Scalar::from(x)];
            for (xs, curve) in &self.curves {
                let i = xs.iter().position(|other| *other == x);
                let cell = |values: &[f64]| Scalar::from(i.and_then(|i| values.get(i)).copied());
                row.push(cell(&curve.values));
                if !curve.low.is_empty() {
                    row.extend([cell(&curve.low), cell(&curve.high)]);
                }
            }
            row
        };
        Table { columns, rows: at.into_iter().map(row).collect() }
    }
}
