//! The sheet on which parts stand, and the pen that draws them.

use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::Color as _;

use super::meaning::Meaning;
use super::{Layout, Place};
use crate::figure::axis::Ruler;
use crate::figure::labels::{Anchor, Area, LINE, Label, Overlay, width};
use crate::figure::plot::{Chart, Drawn, Plot, corners, line, stroke, units};
use crate::figure::theme::Ink;
use crate::figure::{Fault, legible};

/// Something that stands on a sheet. A chapter may make its own of those that are here.
pub trait Part {
    /// Puts it on the sheet.
    fn put(&self, sheet: &mut Sketch);
}

impl<P: Part> Part for &P {
    fn put(&self, sheet: &mut Sketch) {
        (**self).put(sheet);
    }
}

/// A point in pixels from the upper left corner.
pub(super) type Pixel = (f64, f64);

/// A shape for plotters, in pixels.
#[derive(Debug)]
enum Shape {
    /// A line through points, with the number of its dash and its thickness.
    Line(Vec<Pixel>, Ink, usize, f64),
    /// A filled polygon and how strongly it is filled.
    Area(Vec<Pixel>, Ink, f64),
    /// A filled circle, its radius, and how strongly it is filled.
    Disc(Pixel, f64, Ink, f64),
    /// The outline of a circle, and its thickness.
    Ring(Pixel, f64, Ink, f64),
}

/// How words are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    pub size: f64,
    pub ink: Ink,
    pub anchor: Anchor,
    pub halo: bool,
    pub slanted: bool,
}

/// The sheet of a schematic in one layout. Parts are drawn in the order in which they are added,
/// and all words above all shapes.
#[derive(Debug)]
pub struct Sketch {
    layout: Layout,
    size: Place,
    shapes: Vec<Shape>,
    overlay: Overlay,
    said: Vec<(String, String)>,
    /// Where nodes are: no words beside theirs may stand there.
    solid: Vec<(Area, String)>,
    /// Words that stand on no part.
    loose: Vec<(Area, String)>,
    faults: Vec<Fault>,
}

impl Sketch {
    pub(super) fn new(layout: Layout, size: Place) -> Self {
        Sketch {
            layout,
            size,
            shapes: Vec::new(),
            overlay: Overlay::new(layout),
            said: Vec::new(),
            solid: Vec::new(),
            loose: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Puts a part on the sheet.
    pub fn add(&mut self, part: impl Part) {
        part.put(self);
    }

    /// Puts several parts on the sheet.
    pub fn all<P: Part>(&mut self, parts: impl IntoIterator<Item = P>) {
        for part in parts {
            part.put(self);
        }
    }

    /// One of two: what the sheet for a page takes, and what the one for a phone takes.
    pub fn pick<T>(&self, wide: T, narrow: T) -> T {
        self.layout.pick(wide, narrow)
    }

    /// Is it the sheet for a phone?
    pub fn is_narrow(&self) -> bool {
        self.layout.is_narrow()
    }

    /// Width and height of the sheet, in units.
    pub fn size(&self) -> Place {
        self.size
    }

    /// Pixels in a unit.
    pub(super) fn unit(&self) -> f64 {
        self.layout.width() / self.size.0
    }

    /// A place of the sheet in pixels.
    pub(super) fn pixel(&self, (x, y): Place) -> Pixel {
        (x * self.unit(), y * self.unit())
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// Words of this meaning, as large as labels are, about their middle.
    pub(super) fn pen(&self, meaning: Meaning) -> Pen {
        Pen {
            size: self.layout.text(),
            ink: meaning.words(),
            anchor: Anchor::Middle,
            halo: false,
            slanted: meaning.slanted(),
        }
    }

    /// Notes what a part says, for the data of the figure.
    pub(super) fn say(&mut self, part: impl Into<String>, words: impl Into<String>) {
        let (part, words) = (part.into(), words.into());
        if !words.is_empty() {
            self.said.push((part, words));
        }
    }

    pub(super) fn said(&self) -> &[(String, String)] {
        &self.said
    }

    /// Refuses the drawing.
    pub(super) fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    /// Writes words that belong to a part; `at` is the middle of their height.
    pub(super) fn write(&mut self, (x, y): Pixel, text: &str, pen: Pen) {
        let mut label = Label::new(x, y, text).sized(pen.size).ink(pen.ink).anchor(pen.anchor);
        label = label.slanted(pen.slanted);
        self.overlay.label(&if pen.halo { label.halo() } else { label });
    }

    /// Writes words that stand beside the parts, where no node may be.
    pub(super) fn write_loose(&mut self, at: Pixel, text: &str, pen: Pen) {
        self.write(at, text, pen);
        let (wide, half) = (width(text, pen.size), 0.4 * pen.size);
        let left = match pen.anchor {
            Anchor::Start => at.0,
            Anchor::Middle => at.0 - wide / 2.0,
            Anchor::End => at.0 - wide,
        };
        self.loose.push((Area(left, at.1 - half, left + wide, at.1 + half), text.to_owned()));
    }

    /// Writes lines of words one under another, centred in height on `at`.
    pub(super) fn write_lines(&mut self, at: Pixel, lines: &[String], pen: Pen) {
        let step = LINE * pen.size;
        let first = at.1 - step * (lines.len() as f64 - 1.0) / 2.0;
        for (i, text) in lines.iter().enumerate() {
            self.write((at.0, first + step * i as f64), text, pen);
        }
    }

    /// A node takes the area: no loose words may stand there.
    pub(super) fn occupy(&mut self, area: Area, name: &str) {
        self.solid.push((area, name.to_owned()));
    }

    /// A line through points in pixels.
    pub(super) fn line(&mut self, points: Vec<Pixel>, meaning: Meaning) {
        self.shapes.push(Shape::Line(points, meaning.ink(), meaning.dash(), meaning.thick()));
    }

    /// A line of the grid of a part, or its outline.
    pub(super) fn thin(&mut self, points: Vec<Pixel>, ink: Ink) {
        self.shapes.push(Shape::Line(points, ink, 0, 1.0));
    }

    /// A filled polygon.
    pub(super) fn area(&mut self, points: Vec<Pixel>, ink: Ink, strength: f64) {
        if strength > 0.0 {
            self.shapes.push(Shape::Area(points, ink, strength));
        }
    }

    /// A rectangle with the outline and the tint of its meaning, over whatever is below it.
    pub(super) fn rectangle(&mut self, from: Pixel, to: Pixel, meaning: Meaning) {
        let corners = rectangle(from, to);
        self.area(corners.clone(), Ink::Background, 1.0);
        self.area(corners.clone(), meaning.ink(), meaning.tint());
        self.line(closed(corners), meaning);
    }

    /// A circle with the outline and the tint of its meaning.
    pub(super) fn circle(&mut self, at: Pixel, radius: f64, meaning: Meaning) {
        self.shapes.push(Shape::Disc(at, radius, Ink::Background, 1.0));
        if meaning.tint() > 0.0 {
            self.shapes.push(Shape::Disc(at, radius, meaning.ink(), meaning.tint()));
        }
        self.shapes.push(Shape::Ring(at, radius, meaning.ink(), meaning.thick()));
    }

    /// The mark of group `n`: disc, square, triangle, diamond and so on.
    pub(super) fn mark(&mut self, (x, y): Pixel, n: usize, radius: f64) {
        for (ink, radius) in [(Ink::Background, radius + 1.5), (Ink::Group(n), radius)] {
            let Some(corners) = corners(n, radius) else {
                self.shapes.push(Shape::Disc((x, y), radius, ink, 1.0));
                continue;
            };
            let scale = f64::from(units(1.0));
            let at = |(a, b): (i32, i32)| (x + f64::from(a) / scale, y + f64::from(b) / scale);
            self.area(corners.into_iter().map(at).collect(), ink, 1.0);
        }
    }

    /// The head of an arrow that comes from `from` and has its point at `tip`.
    pub(super) fn head(&mut self, from: Pixel, tip: Pixel, meaning: Meaning) {
        let (dx, dy) = direction(from, tip);
        let (long, half) = (9.0 + meaning.thick(), 3.2 + meaning.thick());
        let foot = (tip.0 - long * dx, tip.1 - long * dy);
        let sides = [1.0, -1.0].map(|s| (foot.0 - s * half * dy, foot.1 + s * half * dx));
        self.area(vec![tip, sides[0], sides[1]], meaning.ink(), 1.0);
    }

    /// The drawing.
    pub(super) fn finished(mut self) -> Result<String, Fault> {
        if self.said.is_empty() && self.shapes.is_empty() && self.faults.is_empty() {
            return Err("has no parts; put some on the sheet with `add`".into());
        }
        for (area, text) in &self.loose {
            let under = self.solid.iter().filter(|(node, _)| node.shared(area) > 0.0);
            self.faults.extend(under.map(|(_, node)| format!("`{text}` covers `{node}`")));
        }
        let (wide, tall) = (self.layout.width(), self.size.1 * self.unit());
        let plot = Plot {
            layout: self.layout,
            height: tall,
            left: 0.0,
            right: 0.0,
            top: 0.0,
            bottom: 0.0,
        };
        let rulers = (Ruler::bare(wide), Ruler::bare(tall));
        let (shapes, overlay) = (self.shapes, self.overlay);
        let drawing = plot.draw((&rulers.0, &rulers.1), overlay, |chart| {
            shapes.iter().try_for_each(|shape| shape.draw(chart, tall))
        })?;
        let name = self.layout.pick("wide", "narrow");
        self.faults.extend(legible::crowded(name, &drawing));
        if self.faults.is_empty() { Ok(drawing) } else { Err(self.faults.join("; ")) }
    }
}

impl Shape {
    /// Draws it on a chart in pixels, on which y grows upwards.
    fn draw(&self, chart: &mut Chart<'_>, tall: f64) -> Drawn {
        let up = |(x, y): Pixel| (x, tall - y);
        let all = |points: &[Pixel]| points.iter().copied().map(up).collect::<Vec<_>>();
        match self {
            Shape::Line(points, ink, dash, thick) => {
                let style = stroke(ink.dashed(*dash), *thick);
                chart.draw_series([PathElement::new(all(points), style)])?;
            }
            Shape::Area(points, ink, strength) => {
                let style = ink.sentinel().mix(*strength).filled();
                chart.draw_series([Polygon::new(all(points), style)])?;
            }
            Shape::Disc(at, radius, ink, strength) => {
                let style = ink.sentinel().mix(*strength).filled();
                chart.draw_series([Circle::new(up(*at), units(*radius), style)])?;
            }
            Shape::Ring(at, radius, ink, thick) => {
                let style = line(*ink, *thick);
                chart.draw_series([Circle::new(up(*at), units(*radius), style)])?;
            }
        }
        Ok(())
    }
}

/// The direction from one point to another, of length one; to the right where they are the same.
pub(super) fn direction(from: Pixel, to: Pixel) -> (f64, f64) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    if length == 0.0 { (1.0, 0.0) } else { (dx / length, dy / length) }
}

/// The corners of a rectangle between two of them.
pub(super) fn rectangle(from: Pixel, to: Pixel) -> Vec<Pixel> {
    vec![from, (to.0, from.1), to, (from.0, to.1)]
}

/// A way through the points and back to the first.
pub(super) fn closed(mut points: Vec<Pixel>) -> Vec<Pixel> {
    points.extend(points.first().copied());
    points
}
