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
/// Marks and lines nearer to each other than this, in pixels, cover each other.
const NEAR: f64 = 4.0;
/// The part of its length that a curve may share with another before it is dashed.
const SHARED: f64 = 0.15;
/// The dash of what is no group.
const GUIDE: usize = 2;

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
    curves: Vec<Line>,
    references: Vec<(f64, String)>,
    markers: Option<bool>,
    height: f64,
}

/// A curve with its place along x.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    x: Vec<f64>,
    curve: Curve,
    /// Its number among what was measured; a guide has none.
    group: Option<usize>,
}

impl Line {
    fn ink(&self) -> Ink {
        self.group.map_or(Ink::Muted, Ink::Group)
    }

    fn words(&self) -> Ink {
        self.group.map_or(Ink::Muted, Ink::GroupText)
    }

    fn dash(&self) -> usize {
        self.group.unwrap_or(GUIDE)
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.x.iter().copied().zip(self.curve.values.iter().copied())
    }
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
        for curve in &series.y {
            self.add(series.x.clone(), curve.clone());
        }
        self
    }

    /// Adds one curve without a band.
    pub fn curve(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let (x, values) = points.into_iter().unzip();
        self.add(x, Curve { name: name.into(), values, ..Curve::default() });
        self
    }

    /// Adds a curve that was not measured, such as a theory: thin, dashed, without marks.
    pub fn guide(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let (x, values) = points.into_iter().unzip();
        let curve = Curve { name: name.into(), values, ..Curve::default() };
        self.curves.push(Line { x, curve, group: None });
        self
    }

    fn add(&mut self, x: Vec<f64>, curve: Curve) {
        let group = Some(self.measured().count());
        self.curves.push(Line { x, curve, group });
    }

    /// The curves that are no guides.
    fn measured(&self) -> impl Iterator<Item = &Line> {
        self.curves.iter().filter(|line| line.group.is_some())
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
        let xs = || self.curves.iter().flat_map(|line| line.x.iter().copied());
        let x = self.x.fit(xs(), Reach::Values, layout.pick(7, 5))?;
        let x = self.x.at_values(x, xs(), layout.pick(8, 7));
        let curves = self
            .curves
            .iter()
            .map(|line| &line.curve)
            .flat_map(|c| [&c.values, &c.low, &c.high].into_iter().flatten().copied());
        let y =
            self.y.fit(curves.chain(self.references.iter().map(|(y, _)| *y)), Reach::Tick, 6)?;
        let height = layout.pick(self.height, (0.8 * self.height).max(200.0));
        let bare = Plot::around(layout, height, (&x, &self.x.name), (&y, &self.y.name));
        let (mut plot, names) = self.named(bare, (&x, &y));
        let dashes = self.dashes(&plot, (&x, &y));
        let mut overlay = Overlay::new(layout);
        if names.is_none() {
            self.key_words(&mut overlay, &mut plot, &dashes);
        }
        plot.x_words(&mut overlay, &x, &self.x.name);
        plot.y_words(&mut overlay, &y, &self.y.name);
        self.reference_words(&mut overlay, &plot, (&x, &y));
        if let Some(names) = names {
            self.curve_words(&mut overlay, &plot, (&x, &y), &names);
        }
        plot.draw((&x, &y), overlay, |chart| self.shapes(chart, &plot, (&x, &y), &dashes))
    }

    /// The plot with room for the curves' names at their ends, and the names in lines; the plot as it
    /// is and none, where a key has to say them.
    fn named(&self, bare: Plot, rulers: (&Ruler, &Ruler)) -> (Plot, Option<Vec<Vec<String>>>) {
        let layout = bare.layout;
        let Some(names) = self.names(layout, bare.base() - bare.top) else { return (bare, None) };
        let widest = widest(names.iter().flatten().map(String::as_str), layout.text());
        let right = bare.right.max(widest + layout.pick(16.0, 14.0));
        let plot = Plot { right, ..bare };
        if self.ends_are_clear(&plot, rulers) { (plot, Some(names)) } else { (bare, None) }
    }

    /// Can a name stand at the end of each curve? Not where a line to it would cross the plot, or would
    /// begin where another begins.
    fn ends_are_clear(&self, plot: &Plot, rulers: (&Ruler, &Ruler)) -> bool {
        let ends = self.ends(plot, rulers);
        let reaches = |(at, _): &(f64, f64)| plot.end() - at <= 0.1 * (plot.end() - plot.left);
        let apart =
            |(i, (_, a)): (usize, &(f64, f64))| ends[..i].iter().all(|(_, b)| (a - b).abs() > NEAR);
        ends.iter().all(reaches) && ends.iter().enumerate().all(apart)
    }

    /// The last point of each curve, in pixels.
    fn ends(&self, plot: &Plot, rulers: (&Ruler, &Ruler)) -> Vec<(f64, f64)> {
        self.drawn(plot, rulers).iter().filter_map(|points| points.last().copied()).collect()
    }

    /// The names of the curves as they stand at their ends, in lines; none where there is no room
    /// for them beside the curves, which then have a key.
    fn names(&self, layout: Layout, height: f64) -> Option<Vec<Vec<String>>> {
        let (size, most) = (layout.text(), layout.pick(150.0, 96.0));
        let names: Vec<_> =
            self.curves.iter().map(|line| wrap(&line.curve.name, size, most)).collect();
        let wide = widest(names.iter().flatten().map(String::as_str), size);
        let tall = names.iter().flatten().count() as f64 * size * LINE;
        (!layout.is_narrow() || (wide <= 100.0 && tall <= height)).then_some(names)
    }

    /// A key above the axis's name: a sample of each curve with its name, in the order of their ends.
    fn key_words(&self, overlay: &mut Overlay, plot: &mut Plot, dashes: &[usize]) {
        let layout = plot.layout;
        let mut order: Vec<usize> = (0..self.curves.len()).collect();
        let end = |n: &usize| self.curves[*n].curve.values.last().copied().unwrap_or_default();
        order.sort_by(|a, b| end(b).total_cmp(&end(a)));
        let names: Vec<String> = order.iter().map(|n| self.curves[*n].curve.name.clone()).collect();
        let (places, lines) = legend(&names, SAMPLE, layout);
        let (pitch, above) = (layout.text() * LINE + 3.0, plot.top - 10.0);
        for ((n, name), (x, at)) in order.into_iter().zip(&names).zip(places) {
            let (line, y) = (&self.curves[n], above + (at as f64 + 0.5) * pitch);
            overlay.stroke((x, y), SAMPLE, line.ink(), dashes[n]);
            if self.shown(n) {
                let middle = (x + SAMPLE / 2.0, y);
                overlay.raw(&mark_markup(middle, line.dash(), line.ink(), 4.0));
            }
            overlay.label(&Label::new(x + SAMPLE + 6.0, y, name).ink(line.words()));
        }
        plot.top += lines as f64 * pitch;
        plot.height += lines as f64 * pitch;
    }

    /// Does the curve show its points?
    fn shown(&self, n: usize) -> bool {
        let line = &self.curves[n];
        let points = line.curve.values.len();
        line.group.is_some() && (points == 1 || self.markers.unwrap_or(points <= FEW))
    }

    fn checked(&self) -> Result<(), Fault> {
        if self.curves.is_empty() {
            return Err("has no curves".into());
        }
        let measured = self.measured().count();
        if measured > COLOURS {
            return Err(format!(
                "has {measured} curves; {COLOURS} is what a reader can tell apart"
            ));
        }
        for Line { x, curve, .. } in &self.curves {
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

    /// The dash of each curve. One is known by its marks or by its dash, besides its colour; where it runs
    /// upon another it has both, and that one is seen through the gaps.
    fn dashes(&self, plot: &Plot, rulers: (&Ruler, &Ruler)) -> Vec<usize> {
        let drawn = self.drawn(plot, rulers);
        let covers = |n: usize| drawn[..n].iter().any(|below| shared(&drawn[n], below) > SHARED);
        let dash = |n| if self.shown(n) && !covers(n) { 0 } else { self.curves[n].dash() };
        (0..drawn.len()).map(dash).collect()
    }

    /// The points of each curve, in pixels.
    fn drawn(&self, plot: &Plot, (x, y): (&Ruler, &Ruler)) -> Vec<Vec<(f64, f64)>> {
        let place = |(a, b)| (plot.x(x, a), plot.y(y, b));
        self.curves.iter().map(|line| line.points().map(place).collect()).collect()
    }

    fn shapes(
        &self,
        chart: &mut Chart<'_>,
        plot: &Plot,
        (x, y): (&Ruler, &Ruler),
        dashes: &[usize],
    ) -> Drawn {
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
        for Line { x, curve, group } in &self.curves {
            let band = x.iter().zip(&curve.low).chain(x.iter().zip(&curve.high).rev());
            let band: Vec<(f64, f64)> = band.map(|(x, y)| (*x, *y)).collect();
            if let Some(n) = group.filter(|_| band.len() > 2) {
                chart.draw_series([Polygon::new(
                    band,
                    Ink::Group(n).sentinel().mix(0.2).filled(),
                )])?;
            }
        }
        let drawn = self.drawn(plot, (x, y));
        for (n, line) in self.curves.iter().enumerate() {
            let wide = if line.group.is_some() { 2.5 } else { 1.8 };
            if line.x.len() > 1 {
                let path = PathElement::new(
                    line.points().collect::<Vec<_>>(),
                    stroke(line.ink().dashed(dashes[n]), wide),
                );
                chart.draw_series([path])?;
            }
            for (i, point) in line.points().enumerate().filter(|_| self.shown(n)) {
                let above = (n + 1..drawn.len())
                    .filter(|&m| {
                        self.shown(m) && drawn[m].iter().any(|p| are_near(*p, drawn[n][i]))
                    })
                    .count();
                // What lies under other marks is larger, so that it looks out.
                let radius = 4.0 + 3.0 * above.min(2) as f64;
                mark(chart, point, line.dash(), line.ink(), radius)?;
            }
        }
        Ok(())
    }

    /// The words of a level line stand over or under it, where they cover the curves least.
    fn reference_words(&self, overlay: &mut Overlay, plot: &Plot, (x, y): (&Ruler, &Ruler)) {
        let mut taken = Vec::new();
        for points in self.drawn(plot, (x, y)) {
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
        let ends = self.ends(plot, (x, y));
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
            overlay.lines(&Label::new(left, at, "").ink(self.curves[n].words()), lines);
        }
    }

    /// One row for each x that any curve has, in order; a curve without that x leaves a gap.
    fn table(&self) -> Table {
        let mut columns = vec![column(&self.x.name, self.x.format)];
        for Line { curve, .. } in &self.curves {
            columns.push(column(&curve.name, self.y.format));
            if !curve.low.is_empty() {
                columns.push(column(format!("{}, low", curve.name), self.y.format));
                columns.push(column(format!("{}, high", curve.name), self.y.format));
            }
        }
        let mut at: Vec<f64> = self.curves.iter().flat_map(|line| line.x.iter().copied()).collect();
        at.sort_by(f64::total_cmp);
        at.dedup();
        let row = |x: f64| {
            let mut row = vec![Scalar::from(x)];
            for Line { x: xs, curve, .. } in &self.curves {
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

fn are_near((x, y): (f64, f64), (to_x, to_y): (f64, f64)) -> bool {
    (x - to_x).abs() < NEAR && (y - to_y).abs() < NEAR
}

/// The part of a curve's width along which it runs upon another; both in pixels, from left to right.
fn shared(curve: &[(f64, f64)], other: &[(f64, f64)]) -> f64 {
    let [Some(first), Some(last)] = [curve.first(), curve.last()] else { return 0.0 };
    const STEPS: u32 = 60;
    let upon = (0..=STEPS).filter(|i| {
        let x = first.0 + (last.0 - first.0) * f64::from(*i) / f64::from(STEPS);
        let pair = (height_at(curve, x), height_at(other, x));
        matches!(pair, (Some(a), Some(b)) if (a - b).abs() < NEAR)
    });
    upon.count() as f64 / f64::from(STEPS + 1)
}

/// The height of a curve at `x`; none beyond its ends.
fn height_at(curve: &[(f64, f64)], x: f64) -> Option<f64> {
    curve.windows(2).find_map(|pair| {
        let ((from, y), (to, to_y)) = (pair[0], pair[1]);
        let within = from.min(to) <= x && x <= from.max(to);
        within.then(|| if to == from { y } else { y + (to_y - y) * (x - from) / (to - from) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn chart() -> LineChart {
        LineChart::new("T", Axis::linear("x"), Axis::linear("y"))
    }

    fn line(high: f64) -> Vec<(f64, f64)> {
        (0..5).map(|i| (f64::from(i), high * f64::from(i))).collect()
    }

    #[test]
    fn a_guide_has_no_marks_and_takes_no_colour() {
        let figure =
            chart().guide("theory", line(1.0)).curve("measured", line(2.0)).draw().unwrap();
        let svg = &figure.drawing;
        assert_eq!(svg.matches("<circle").count(), 2 * 5, "{svg}");
        assert!(svg.contains("--figure-1,") && !svg.contains("--figure-2,"), "{svg}");
        assert_eq!(figure.data.columns.len(), 3);
    }

    #[test]
    fn curves_that_end_together_or_early_have_a_key() {
        let threads = |chart: LineChart| chart.draw().unwrap().drawing.matches("<polyline").count();
        let plain = |chart: LineChart| {
            let drawing = chart.draw().unwrap().drawing;
            let key = format!("h{SAMPLE}");
            drawing.contains(&key)
        };
        let apart = || chart().curve("a", line(1.0)).curve("b", line(2.0));
        assert!(!plain(apart()));
        assert!(plain(apart().curve("c", line(2.001))), "two ends in one place");
        let short = line(3.0)[..3].to_vec();
        assert!(plain(apart().curve("c", short.clone())), "a name far from its curve");
        assert_eq!(threads(apart().curve("c", short)), 3, "the curves alone");
    }

    #[test]
    fn a_curve_upon_another_lets_it_look_through() {
        let dashes = |second: f64| {
            let figure = chart().curve("a", line(1.0)).curve("b", line(second)).draw().unwrap();
            figure.drawing.matches("stroke-dasharray").count()
        };
        assert_eq!((dashes(2.0), dashes(1.001) > 0), (0, true));
    }

    #[test]
    fn few_counts_have_a_tick_each() {
        let points = [1.0, 2.0, 4.0, 6.0, 12.0].map(|x| (x, x));
        let x = Axis::log("layers").format(Format::Int);
        let figure = LineChart::new("T", x, Axis::linear("y")).curve("c", points).draw().unwrap();
        for tick in [1, 2, 4, 6, 12] {
            assert!(figure.drawing.contains(&format!(">{tick}</text>")), "no tick at {tick}");
        }
    }
}
