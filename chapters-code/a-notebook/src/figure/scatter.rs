//! Points on two axes, each named beside it.

use plotters::element::PathElement;

use super::axis::{Axis, Reach, Ruler};
use super::labels::{Anchor, Area, LINE, Label, Overlay, along, clearest, legend, place, width};
use super::layout::Layout;
use super::plot::{Chart, Drawn, Plot, line, mark, mark_markup, segment, stroke};
use super::theme::{COLOURS, Ink};
use super::{Fault, Figure, FigureError, column, words};
use crate::results::Table;
use crate::scalar::Scalar;

/// A point with its name; a point without one is drawn and not named.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    name: String,
    x: f64,
    y: f64,
}

impl Point {
    /// A point.
    pub fn new(name: impl Into<String>, x: f64, y: f64) -> Self {
        Point { name: name.into(), x, y }
    }
}

/// Points in groups, known by colour and by shape, with reference lines.
///
/// ```
/// use notebook::{Format, figure::{Axis, Point, ScatterPlot}};
/// let figure = ScatterPlot::new(
///     "Operations by parameters",
///     Axis::log("Parameters").format(Format::Count(0)),
///     Axis::log("Operations for an image").format(Format::Count(0)),
/// )
/// .group("convolutional", [Point::new("ResNet-50", 25.6e6, 8.2e9), Point::new("ResNet-152", 60.2e6, 23.0e9)])
/// .group("transformer", [Point::new("ViT-L/32", 306.5e6, 30.6e9)])
/// .line("two operations a parameter", [(25.6e6, 51.2e6), (306.5e6, 613e6)])
/// .vertical(100e6, "100 M")
/// .draw()?;
/// # Ok::<(), notebook::figure::FigureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ScatterPlot {
    title: String,
    x: Axis,
    y: Axis,
    groups: Vec<(String, Vec<Point>)>,
    vertical: Vec<(f64, String)>,
    horizontal: Vec<(f64, String)>,
    lines: Vec<(String, Vec<(f64, f64)>)>,
    joined: bool,
    height: f64,
}

impl ScatterPlot {
    /// A plot without points.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        ScatterPlot {
            title: title.into(),
            x,
            y,
            groups: Vec::new(),
            vertical: Vec::new(),
            horizontal: Vec::new(),
            lines: Vec::new(),
            joined: false,
            height: 460.0,
        }
    }

    /// Adds a group of points.
    pub fn group(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = Point>,
    ) -> Self {
        self.groups.push((name.into(), points.into_iter().collect()));
        self
    }

    /// Draws an upright line at `x`, with words at its top.
    pub fn vertical(mut self, x: f64, label: impl Into<String>) -> Self {
        self.vertical.push((x, label.into()));
        self
    }

    /// Draws a level line at `y`, with words at its left.
    pub fn horizontal(mut self, y: f64, label: impl Into<String>) -> Self {
        self.horizontal.push((y, label.into()));
        self
    }

    /// Draws a line through points, such as a fitted one: two points are straight on the axes' scales.
    pub fn line(
        mut self,
        label: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        self.lines.push((label.into(), points.into_iter().collect()));
        self
    }

    /// Joins the points of each group in their order, as a path; the marks become smaller from the
    /// first to the last, so that the way is seen.
    pub fn joined(mut self) -> Self {
        self.joined = true;
        self
    }

    /// Height in pixels, of a figure 640 wide. On a phone it is a little lower.
    pub fn height(mut self, pixels: u32) -> Self {
        self.height = f64::from(pixels.clamp(200, 2000));
        self
    }

    /// Draws it.
    ///
    /// # Errors
    /// No points, or values that an axis has no place for.
    pub fn draw(self) -> Result<Figure, FigureError> {
        Figure::drawn(&self.title, |layout| self.drawing(layout), self.table())
    }

    fn points(&self) -> impl Iterator<Item = &Point> {
        self.groups.iter().flat_map(|(_, points)| points)
    }

    fn drawing(&self, layout: Layout) -> Result<String, Fault> {
        if self.points().next().is_none() {
            return Err("has no points".into());
        }
        if self.groups.len() > COLOURS {
            return Err(format!(
                "has {} groups; {COLOURS} is what a reader can tell apart",
                self.groups.len()
            ));
        }
        let on_lines = || self.lines.iter().flat_map(|(_, points)| points.iter().copied());
        let xs = self
            .points()
            .map(|p| p.x)
            .chain(on_lines().map(|p| p.0))
            .chain(self.vertical.iter().map(|v| v.0));
        let ys = self
            .points()
            .map(|p| p.y)
            .chain(on_lines().map(|p| p.1))
            .chain(self.horizontal.iter().map(|h| h.0));
        let x = self.x.fit(xs, Reach::Tick, layout.pick(7, 5))?;
        let y = self.y.fit(ys, Reach::Tick, 8)?;
        let height = layout.pick(self.height, (0.9 * self.height).max(200.0));
        let mut plot = Plot::around(layout, height, (&x, &self.x.name), (&y, &self.y.name));
        // Names of the points at the right end reach beyond it; on a phone they turn to the left.
        let text = layout.text();
        let last = self.points().filter(|p| x.fraction(p.x) > 0.85).map(|p| width(&p.name, text));
        plot.right = plot.right.max(last.fold(0.0, f64::max).min(layout.pick(120.0, 24.0)));
        let legend_top = plot.top;
        let key = legend(&self.legend_names(), 14.0, layout).1 as f64 * (text * LINE + 4.0);
        plot.top += key;
        plot.height += layout.pick(0.0, key);
        let mut overlay = Overlay::new(layout);
        plot.x_words(&mut overlay, &x, &self.x.name);
        plot.y_words(&mut overlay, &y, &self.y.name);
        self.legend_words(&mut overlay, layout, legend_top - 8.0);
        let obstacles = self.reference_words(&mut overlay, &plot, (&x, &y));
        let obstacles = self.line_words(&mut overlay, &plot, (&x, &y), obstacles);
        self.point_words(&mut overlay, &plot, (&x, &y), &obstacles);
        plot.draw((&x, &y), overlay, |chart| self.shapes(chart, (&x, &y)))
    }

    fn legend_names(&self) -> Vec<String> {
        let names: Vec<String> = self.groups.iter().map(|(name, _)| name.clone()).collect();
        if names.len() > 1 { names } else { Vec::new() }
    }

    fn shapes(&self, chart: &mut Chart<'_>, (x, y): (&Ruler, &Ruler)) -> Drawn {
        for (at, _) in &self.vertical {
            chart.draw_series([segment((*at, y.low()), (*at, y.high()), line(Ink::Rule, 1.2))])?;
        }
        for (at, _) in &self.horizontal {
            chart.draw_series([segment((x.low(), *at), (x.high(), *at), line(Ink::Rule, 1.2))])?;
        }
        for (n, (_, points)) in self.lines.iter().enumerate() {
            chart.draw_series([PathElement::new(
                points.clone(),
                stroke(Ink::Muted.dashed(n + 1), 1.8),
            )])?;
        }
        if self.joined {
            for (n, (_, points)) in self.groups.iter().enumerate() {
                let path: Vec<(f64, f64)> = points.iter().map(|p| (p.x, p.y)).collect();
                chart.draw_series([PathElement::new(path, line(Ink::Group(n), 1.4))])?;
            }
        }
        for (n, (_, points)) in self.groups.iter().enumerate() {
            for (i, point) in points.iter().enumerate() {
                let left = 1.0 - i as f64 / points.len() as f64;
                let radius = if self.joined { 2.0 + 4.0 * left } else { 5.0 };
                mark(chart, (point.x, point.y), n, Ink::Group(n), radius)?;
            }
        }
        Ok(())
    }

    fn legend_words(&self, overlay: &mut Overlay, layout: Layout, top: f64) {
        let pitch = layout.text() * LINE + 4.0;
        let names = self.legend_names();
        for (n, (name, (x, at))) in names.iter().zip(legend(&names, 14.0, layout).0).enumerate() {
            let y = top + (at as f64 + 0.5) * pitch;
            overlay.raw(&mark_markup((x + 7.0, y), n, Ink::Group(n), 5.5));
            overlay.label(&Label::new(x + 20.0, y, name).ink(Ink::GroupText(n)));
        }
    }

    /// Words of the reference lines; gives the areas that the lines and their words take.
    fn reference_words(
        &self,
        overlay: &mut Overlay,
        plot: &Plot,
        (x, y): (&Ruler, &Ruler),
    ) -> Vec<Area> {
        let mut taken = Vec::new();
        let small = plot.layout.small();
        let half = small * LINE / 2.0;
        for (i, (at, text)) in self.vertical.iter().enumerate() {
            let (at, wide) = (plot.x(x, *at), width(text, small));
            // Every second label hangs a line lower, and one without room stands left of its line.
            let top = plot.top + half + (i % 2) as f64 * 2.0 * half;
            let turns = at + 6.0 + wide > plot.width();
            let (anchor, from) =
                if turns { (Anchor::End, at - 6.0) } else { (Anchor::Start, at + 6.0) };
            overlay
                .label(&Label::new(from, top, text).small().ink(Ink::Muted).anchor(anchor).halo());
            let left = if turns { from - wide } else { from };
            taken.push(Area(left, top - half, left + wide, top + half));
            taken.push(Area(at - 1.0, plot.top, at + 1.0, plot.base()));
        }
        for (at, text) in &self.horizontal {
            let (at, wide) = (plot.y(y, *at), width(text, small));
            let middle = at - half - 1.0;
            overlay
                .label(&Label::new(plot.left + 4.0, middle, text).small().ink(Ink::Muted).halo());
            taken.push(Area(plot.left, middle - half, plot.left + 4.0 + wide, middle + half));
            taken.push(Area(plot.left, at - 1.0, plot.end(), at + 1.0));
        }
        taken
    }

    /// Words of the lines, beside them where they cover least; gives the areas that both take.
    fn line_words(
        &self,
        overlay: &mut Overlay,
        plot: &Plot,
        (x, y): (&Ruler, &Ruler),
        mut taken: Vec<Area>,
    ) -> Vec<Area> {
        let small = plot.layout.small();
        let place = |(a, b): &(f64, f64)| (plot.x(x, *a), plot.y(y, *b));
        let lines: Vec<Vec<_>> =
            self.lines.iter().map(|(_, points)| points.iter().map(place).collect()).collect();
        taken.extend(lines.iter().flat_map(|points| along(points)));
        let marks = self.points().map(|p| place(&(p.x, p.y)));
        let with_marks: Vec<Area> = taken
            .iter()
            .copied()
            .chain(marks.map(|(a, b)| Area(a - 7.0, b - 7.0, a + 7.0, b + 7.0)))
            .collect();
        for ((text, _), points) in self.lines.iter().zip(&lines) {
            let (wide, tall) = (width(text, small), small * LINE);
            let (left, right) = (plot.left + 4.0, (plot.width() - wide).max(plot.left + 4.0));
            // Under the line at its right, or over it at its left, wherever there is room.
            let places = along(points).flat_map(|on| {
                let at = ((on.0 + on.2) / 2.0, on.middle());
                [(at.0 + 8.0, at.1 + 4.0), (at.0 - wide - 8.0, at.1 - tall - 4.0)].map(
                    |(a, top)| {
                        let (a, top) =
                            (a.clamp(left, right), top.clamp(plot.top, plot.base() - tall));
                        Area(a, top, a + wide, top + tall)
                    },
                )
            });
            if let Some(place) = clearest(places, &with_marks) {
                overlay.label(
                    &Label::new(place.0, place.middle(), text).small().ink(Ink::Muted).halo(),
                );
                taken.push(place);
            }
        }
        taken
    }

    /// Names of the points, with a thread to the point where a name had to go far.
    fn point_words(
        &self,
        overlay: &mut Overlay,
        plot: &Plot,
        (x, y): (&Ruler, &Ruler),
        obstacles: &[Area],
    ) {
        let at = |p: &Point| (plot.x(x, p.x), plot.y(y, p.y));
        let (mut named, mut inks) = (Vec::new(), Vec::new());
        let mut obstacles = obstacles.to_vec();
        for (n, (_, points)) in self.groups.iter().enumerate() {
            for point in points {
                if point.name.is_empty() {
                    let (a, b) = at(point);
                    obstacles.push(Area(a - 5.0, b - 5.0, a + 5.0, b + 5.0));
                } else {
                    named.push((at(point), point.name.as_str()));
                    inks.push(Ink::GroupText(n));
                }
            }
        }
        let bounds = Area(plot.left, plot.top - 4.0, plot.width(), plot.base());
        let placed = place(&named, bounds, &obstacles, plot.layout);
        for (to, (from, _)) in placed.iter().zip(&named).filter(|(to, _)| to.far) {
            overlay.thread(&[*from, (to.x, to.y)], Ink::Rule);
        }
        for ((to, (_, text)), ink) in placed.iter().zip(&named).zip(inks) {
            overlay.label(&Label::new(to.x, to.y, text).ink(ink).anchor(to.anchor).halo());
        }
    }

    fn table(&self) -> Table {
        let grouped = self.groups.len() > 1;
        let mut columns = vec![words("")];
        columns.extend(grouped.then(|| words("Group")));
        columns.extend([column(&self.x.name, self.x.format), column(&self.y.name, self.y.format)]);
        let mut rows = Vec::new();
        for (group, points) in &self.groups {
            for point in points {
                let mut row = vec![Scalar::from(point.name.as_str())];
                row.extend(grouped.then(|| Scalar::from(group.as_str())));
                row.extend([Scalar::from(point.x), Scalar::from(point.y)]);
                rows.push(row);
            }
        }
        Table { columns, rows }
    }
}
