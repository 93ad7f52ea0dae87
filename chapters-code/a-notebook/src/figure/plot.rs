//! A canvas with margins: plotters draws the shapes and the grid, the book writes the words.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea as _};
use plotters::element::{Circle, EmptyElement, PathElement, Polygon, Rectangle};
use plotters::prelude::{DrawingBackend, SVGBackend};
use plotters::style::{Color as _, RGBColor, ShapeStyle};

use super::Fault;
use super::axis::Ruler;
use super::labels::{Anchor, LINE, Label, Overlay, widest, width, wrap};
use super::layout::Layout;
use super::theme::{Ink, UNIT, decimal, finish};

/// What plotters draws on: two rulers over an SVG.
pub(super) type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Ruler, Ruler>>;

/// What drawing a shape gives.
pub(super) type Drawn =
    Result<(), DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>>;

/// The size of a figure and the margins around its shapes, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plot {
    pub layout: Layout,
    pub height: f64,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Plot {
    /// Margins that hold the ticks of `y` at the left, those of `x` below, and the axes' names.
    pub(super) fn around(
        layout: Layout,
        height: f64,
        (x, x_name): (&Ruler, &str),
        (y, y_name): (&Ruler, &str),
    ) -> Self {
        let small = layout.small();
        let last = x.ticks().last().map_or(0.0, |(_, t)| width(t, small));
        Plot {
            layout,
            height,
            left: widest(y.ticks().iter().map(|(_, t)| t.as_str()), small).max(14.0) + 10.0,
            right: last / 2.0 + 4.0,
            top: axis_name(layout, y_name).len().max(1) as f64 * small * LINE + 14.0,
            bottom: Plot::foot(layout, x_name),
        }
    }

    /// Height of what stands below the shapes: the ticks of an axis and its name.
    pub(super) fn foot(layout: Layout, name: &str) -> f64 {
        let lines = 1 + axis_name(layout, name).len().max(1);
        lines as f64 * layout.small() * LINE + 14.0
    }

    /// Width of the drawing.
    pub(super) fn width(&self) -> f64 {
        self.layout.width()
    }

    /// Where `value` lies from the left, in pixels.
    pub(super) fn x(&self, ruler: &Ruler, value: f64) -> f64 {
        self.left + ruler.fraction(value) * (self.width() - self.left - self.right)
    }

    /// Where `value` lies from the top, in pixels.
    pub(super) fn y(&self, ruler: &Ruler, value: f64) -> f64 {
        self.base() - ruler.fraction(value) * (self.height - self.top - self.bottom)
    }

    /// The right end of the shapes.
    pub(super) fn end(&self) -> f64 {
        self.width() - self.right
    }

    /// The lower end of the shapes.
    pub(super) fn base(&self) -> f64 {
        self.height - self.bottom
    }

    /// The drawing: the grid, the shapes, and the words over them.
    pub(super) fn draw(
        &self,
        (x, y): (&Ruler, &Ruler),
        overlay: Overlay,
        shapes: impl FnOnce(&mut Chart<'_>) -> Drawn,
    ) -> Result<String, Fault> {
        if self.end() - self.left < 40.0 || self.base() - self.top < 1.0 {
            let place = self.layout.pick("", " on a phone");
            return Err(format!("there is no room between its labels{place}; shorten them"));
        }
        let mut drawn = String::new();
        self.shapes(&mut drawn, x, y, shapes)
            .map_err(|e| format!("plotters could not draw it: {e}"))?;
        Ok(format!(
            "<svg viewBox=\"0 0 {0} {1}\" style=\"max-width:{0}px\">\n{2}{3}</svg>",
            decimal(self.width()),
            decimal(self.height),
            finish(&drawn),
            overlay.into_markup(),
        ))
    }

    fn shapes(
        &self,
        drawn: &mut String,
        x: &Ruler,
        y: &Ruler,
        shapes: impl FnOnce(&mut Chart<'_>) -> Drawn,
    ) -> Drawn {
        let whole = (units(self.width()) as u32, units(self.height) as u32);
        let area = SVGBackend::with_string(drawn, whole).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin_left(units(self.left))
            .margin_right(units(self.right))
            .margin_top(units(self.top))
            .margin_bottom(units(self.bottom))
            .build_cartesian_2d(x.clone(), y.clone())?;
        chart.configure_mesh().disable_axes().bold_line_style(line(Ink::Grid, 1.0)).draw()?;
        shapes(&mut chart)?;
        area.present()
    }

    /// Writes the ticks of `x` below the shapes, and the axis's name under them.
    pub(super) fn x_words(&self, overlay: &mut Overlay, ruler: &Ruler, name: &str) {
        let (small, whole) = (self.layout.small(), self.width());
        let y = self.base() + 6.0 + small * LINE / 2.0;
        let mut free = 0.0;
        for (value, text) in ruler.ticks() {
            let half = width(text, small) / 2.0;
            let at = self.x(ruler, *value).clamp(half, (whole - half).max(half));
            // A tick that would touch the one before it keeps its grid line and loses its words.
            if at - half >= free {
                overlay
                    .label(&Label::new(at, y, text).small().ink(Ink::Muted).anchor(Anchor::Middle));
                free = at + half + 6.0;
            }
        }
        let lines = axis_name(self.layout, name);
        let middle = (self.left + self.end()) / 2.0;
        let half = widest(lines.iter().map(String::as_str), small) / 2.0;
        let at = middle.clamp(half.min(whole / 2.0), (whole - half).max(whole / 2.0));
        let y = y + 3.0 + small * LINE * (lines.len() as f64 + 1.0) / 2.0;
        overlay.lines(&Label::new(at, y, "").small().anchor(Anchor::Middle), &lines);
    }

    /// Writes the ticks of `y` left of the shapes, and the axis's name above them.
    pub(super) fn y_words(&self, overlay: &mut Overlay, ruler: &Ruler, name: &str) {
        for (value, text) in ruler.ticks() {
            let at = self.y(ruler, *value);
            overlay.label(
                &Label::new(self.left - 8.0, at, text).small().ink(Ink::Muted).anchor(Anchor::End),
            );
        }
        let lines = axis_name(self.layout, name);
        let y = self.layout.small() * LINE * lines.len() as f64 / 2.0;
        overlay.lines(&Label::new(0.0, y, "").small(), &lines);
    }
}

/// The name of an axis in lines as wide as the figure.
fn axis_name(layout: Layout, name: &str) -> Vec<String> {
    wrap(name, layout.small(), layout.width())
}

/// Pixels as plotters' whole units.
pub(super) fn units(pixels: f64) -> i32 {
    (pixels * f64::from(UNIT)).round() as i32
}

/// A line of `pixels` width.
pub(super) fn line(ink: Ink, pixels: f64) -> ShapeStyle {
    stroke(ink.sentinel(), pixels)
}

/// A line in a sentinel that may carry a dash.
pub(super) fn stroke(sentinel: RGBColor, pixels: f64) -> ShapeStyle {
    sentinel.stroke_width(units(pixels) as u32)
}

/// A filled rectangle between two corners of the rulers.
pub(super) fn rectangle(a: (f64, f64), b: (f64, f64), ink: Ink) -> Rectangle<(f64, f64)> {
    Rectangle::new([a, b], ink.sentinel().filled())
}

/// Draws the mark of group `n` at a point: disc, square, triangle, diamond and so on, ringed by the page.
pub(super) fn mark(
    chart: &mut Chart<'_>,
    at: (f64, f64),
    n: usize,
    ink: Ink,
    radius: f64,
) -> Drawn {
    for (ink, radius) in [(Ink::Background, radius + 1.5), (ink, radius)] {
        let style = ink.sentinel().filled();
        let Some(corners) = corners(n, radius) else {
            chart.draw_series([Circle::new(at, units(radius), style)])?;
            continue;
        };
        chart.draw_series([EmptyElement::at(at) + Polygon::new(corners, style)])?;
    }
    Ok(())
}

/// The corners of the mark of group `n`, in plotters' units; a disc has none.
pub(super) fn corners(n: usize, radius: f64) -> Option<Vec<(i32, i32)>> {
    let shape: &[(f64, f64)] = match n % 7 {
        0 => return None,
        1 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        2 => &[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
        3 => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
        4 => &[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)],
        5 => &[(-1.2, -0.6), (1.2, -0.6), (1.2, 0.6), (-1.2, 0.6)],
        _ => &[(-0.6, -1.2), (0.6, -1.2), (0.6, 1.2), (-0.6, 1.2)],
    };
    Some(shape.iter().map(|(x, y)| (units(x * radius), units(y * radius))).collect())
}

/// The mark of group `n` as markup, for a legend.
pub(super) fn mark_markup((x, y): (f64, f64), n: usize, ink: Ink, radius: f64) -> String {
    match corners(n, radius) {
        None => format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>\n",
            decimal(x),
            decimal(y),
            decimal(radius),
            ink.css()
        ),
        Some(corners) => {
            let scale = f64::from(UNIT);
            let corner = |(a, b): &(i32, i32)| {
                format!(
                    "{},{}",
                    decimal(x + f64::from(*a) / scale),
                    decimal(y + f64::from(*b) / scale)
                )
            };
            let points: Vec<String> = corners.iter().map(corner).collect();
            format!("<polygon points=\"{}\" fill=\"{}\"/>\n", points.join(" "), ink.css())
        }
    }
}

/// A straight line between two points of the rulers.
pub(super) fn segment(a: (f64, f64), b: (f64, f64), style: ShapeStyle) -> PathElement<(f64, f64)> {
    PathElement::new(vec![a, b], style)
}
