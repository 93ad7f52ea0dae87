//! A plane: two axes, with lines, half planes, arrows, curves and points.

use super::Place;
use super::meaning::Meaning;
use super::sketch::{Part, Pixel, Sketch, closed, rectangle};
use crate::figure::labels::{Anchor, LINE};
use crate::figure::theme::Ink;

/// Where the words of a point stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Left of it.
    Left,
    /// Right of it.
    Right,
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// What lies in a plane, in the numbers of its axes.
#[derive(Debug, Clone, PartialEq)]
enum Item {
    Curve(Vec<Place>, Meaning),
    Half([f64; 3], Meaning),
    Arrow(Place, Place, Meaning),
    Point(Place, usize),
    Words(Place, String, Side, Meaning),
}

/// A rectangle of a plane. Names of its axes and numbers along them stand left of it and below.
///
/// ```
/// use notebook::figure::schematic::{Meaning, Plane, Schematic, Side};
/// let figure = Schematic::new("A line", (8.0, 6.0)).draw(|sheet| {
///     sheet.add(
///         Plane::new((1.0, 0.5), (6.0, 4.6), (0.0, 4.0), (0.0, 3.0))
///             .axes("x", "y")
///             .ticks([0.0, 2.0, 4.0], [0.0, 3.0])
///             .half([1.0, 1.0, -3.0], Meaning::Value)
///             .line([1.0, 1.0, -3.0], Meaning::Plain)
///             .point((3.0, 2.0), 0, "inside", Side::Above),
///     );
/// })?;
/// # Ok::<(), notebook::figure::FigureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    at: Place,
    size: Place,
    x: (f64, f64),
    y: (f64, f64),
    names: (String, String),
    ticks: (Vec<f64>, Vec<f64>),
    items: Vec<Item>,
}

impl Plane {
    /// The plane over `x` (from, to) and `y` (from, to) in a rectangle of the sheet whose upper left
    /// corner is `at`.
    pub fn new(at: Place, size: Place, x: (f64, f64), y: (f64, f64)) -> Self {
        Plane {
            at,
            size,
            x,
            y,
            names: (String::new(), String::new()),
            ticks: (Vec::new(), Vec::new()),
            items: Vec::new(),
        }
    }

    /// Names the axes.
    pub fn axes(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        self.names = (x.into(), y.into());
        self
    }

    /// Numbers along the axes.
    pub fn ticks(
        mut self,
        x: impl IntoIterator<Item = f64>,
        y: impl IntoIterator<Item = f64>,
    ) -> Self {
        self.ticks = (x.into_iter().collect(), y.into_iter().collect());
        self
    }

    /// The line a·x + b·y + c = 0, from `[a, b, c]`.
    pub fn line(self, [a, b, c]: [f64; 3], meaning: Meaning) -> Self {
        let length = a.hypot(b).max(f64::MIN_POSITIVE);
        let foot = (-a * c / length.powi(2), -b * c / length.powi(2));
        // Farther than any corner is from the foot.
        let reach = [self.x.0, self.x.1, self.y.0, self.y.1].iter().map(|x| x.abs()).sum::<f64>()
            + foot.0.abs()
            + foot.1.abs();
        let way = (-b / length * reach, a / length * reach);
        let ends = [(foot.0 - way.0, foot.1 - way.1), (foot.0 + way.0, foot.1 + way.1)];
        self.curve(ends, meaning)
    }

    /// Tints where a·x + b·y + c > 0.
    pub fn half(mut self, line: [f64; 3], meaning: Meaning) -> Self {
        self.items.push(Item::Half(line, meaning));
        self
    }

    /// A curve through points, as far as the plane reaches.
    pub fn curve(mut self, points: impl IntoIterator<Item = Place>, meaning: Meaning) -> Self {
        self.items.push(Item::Curve(points.into_iter().collect(), meaning));
        self
    }

    /// An arrow.
    pub fn arrow(mut self, from: Place, to: Place, meaning: Meaning) -> Self {
        self.items.push(Item::Arrow(from, to, meaning));
        self
    }

    /// A point of group `n`, by colour and by the form of its mark, with words beside it.
    pub fn point(mut self, at: Place, n: usize, label: impl Into<String>, side: Side) -> Self {
        self.items.push(Item::Point(at, n));
        self.words(at, label, side, Meaning::Plain)
    }

    /// Words beside a place.
    pub fn words(
        mut self,
        at: Place,
        text: impl Into<String>,
        side: Side,
        meaning: Meaning,
    ) -> Self {
        self.items.push(Item::Words(at, text.into(), side, meaning));
        self
    }

    /// The place on the sheet of a point of the plane, for an edge to it.
    pub fn place(&self, (x, y): Place) -> Place {
        let share = |v: f64, (low, high): (f64, f64)| (v - low) / (high - low);
        (
            self.at.0 + share(x, self.x) * self.size.0,
            self.at.1 + (1.0 - share(y, self.y)) * self.size.1,
        )
    }

    fn pixel(&self, sheet: &Sketch, at: Place) -> Pixel {
        sheet.pixel(self.place(at))
    }

    /// The part of a straight line that lies within the plane.
    fn within(&self, (from, to): (Place, Place)) -> Option<(Place, Place)> {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut first, mut last) = (0.0f64, 1.0f64);
        let sides = [
            (-dx, from.0 - self.x.0),
            (dx, self.x.1 - from.0),
            (-dy, from.1 - self.y.0),
            (dy, self.y.1 - from.1),
        ];
        for (step, room) in sides {
            if step == 0.0 && room < 0.0 {
                return None;
            }
            if step < 0.0 {
                first = first.max(room / step);
            } else if step > 0.0 {
                last = last.min(room / step);
            }
        }
        let at = |t: f64| (from.0 + t * dx, from.1 + t * dy);
        (first <= last).then(|| (at(first), at(last)))
    }

    /// The corners of the part of the plane where the line's form is positive.
    fn positive(&self, [a, b, c]: [f64; 3]) -> Vec<Place> {
        let form = |(x, y): Place| a * x + b * y + c;
        let corners = rectangle((self.x.0, self.y.0), (self.x.1, self.y.1));
        let mut kept = Vec::new();
        for (i, &corner) in corners.iter().enumerate() {
            let next = corners[(i + 1) % corners.len()];
            let (here, there) = (form(corner), form(next));
            if here >= 0.0 {
                kept.push(corner);
            }
            if (here >= 0.0) != (there >= 0.0) {
                let t = here / (here - there);
                kept.push((corner.0 + t * (next.0 - corner.0), corner.1 + t * (next.1 - corner.1)));
            }
        }
        kept
    }

    fn curve_within(&self, sheet: &mut Sketch, points: &[Place], meaning: Meaning) {
        let mut run: Vec<Pixel> = Vec::new();
        for pair in points.windows(2) {
            let part = self.within((pair[0], pair[1]));
            let part = part.map(|(a, b)| (self.pixel(sheet, a), self.pixel(sheet, b)));
            match part {
                Some((a, b)) if run.last() == Some(&a) => run.push(b),
                Some((a, b)) => {
                    if run.len() > 1 {
                        sheet.line(std::mem::take(&mut run), meaning);
                    }
                    run = vec![a, b];
                }
                None => {}
            }
        }
        if run.len() > 1 {
            sheet.line(run, meaning);
        }
    }

    fn item(&self, sheet: &mut Sketch, item: &Item) {
        match item {
            Item::Curve(points, meaning) => self.curve_within(sheet, points, *meaning),
            Item::Half(line, meaning) => {
                let corners = self.positive(*line);
                let corners = corners.into_iter().map(|at| self.pixel(sheet, at)).collect();
                sheet.area(corners, meaning.ink(), meaning.tint().max(0.1));
            }
            Item::Arrow(from, to, meaning) => {
                let (from, to) = (self.pixel(sheet, *from), self.pixel(sheet, *to));
                let (dx, dy) = super::sketch::direction(from, to);
                sheet.line(vec![from, (to.0 - 7.0 * dx, to.1 - 7.0 * dy)], *meaning);
                sheet.head(from, to, *meaning);
            }
            Item::Point(at, n) => {
                let at = self.pixel(sheet, *at);
                sheet.mark(at, *n, 6.5);
            }
            Item::Words(at, text, side, meaning) => {
                let mut pen = sheet.pen(*meaning);
                pen.halo = true;
                let (x, y) = self.pixel(sheet, *at);
                let (anchor, dx, dy) = match side {
                    Side::Left => (Anchor::End, -12.0, 0.0),
                    Side::Right => (Anchor::Start, 12.0, 0.0),
                    Side::Above => (Anchor::Middle, 0.0, -11.0 - 0.45 * pen.size),
                    Side::Below => (Anchor::Middle, 0.0, 11.0 + 0.45 * pen.size),
                };
                pen.anchor = anchor;
                sheet.write((x + dx, y + dy), text, pen);
            }
        }
    }

    /// The ground: outline, lines at the ticks, and the axes where zero is.
    fn ground(&self, sheet: &mut Sketch) {
        let across = |sheet: &mut Sketch, x: f64, ink: Ink| {
            let ends = [(x, self.y.0), (x, self.y.1)].map(|at| self.pixel(sheet, at));
            sheet.thin(ends.to_vec(), ink);
        };
        let along = |sheet: &mut Sketch, y: f64, ink: Ink| {
            let ends = [(self.x.0, y), (self.x.1, y)].map(|at| self.pixel(sheet, at));
            sheet.thin(ends.to_vec(), ink);
        };
        self.ticks.0.iter().for_each(|x| across(sheet, *x, Ink::Grid));
        self.ticks.1.iter().for_each(|y| along(sheet, *y, Ink::Grid));
        if self.x.0 < 0.0 && self.x.1 > 0.0 {
            across(sheet, 0.0, Ink::Rule);
        }
        if self.y.0 < 0.0 && self.y.1 > 0.0 {
            along(sheet, 0.0, Ink::Rule);
        }
        let (from, to) = ((self.x.0, self.y.0), (self.x.1, self.y.1));
        let corners = rectangle(self.pixel(sheet, from), self.pixel(sheet, to));
        sheet.thin(closed(corners), Ink::Grid);
    }

    /// Numbers along the axes and their names.
    fn names(&self, sheet: &mut Sketch) {
        let mut pen = sheet.pen(Meaning::Quiet);
        pen.size = sheet.layout().small();
        let line = LINE * pen.size;
        let (left, foot) = self.pixel(sheet, (self.x.0, self.y.0));
        let (right, top) = self.pixel(sheet, (self.x.1, self.y.1));
        let number = |x: f64| crate::Format::Plain.number(x).replace('-', "−");
        for x in &self.ticks.0 {
            let at = self.pixel(sheet, (*x, self.y.0)).0;
            sheet.write((at, foot + 3.0 + line / 2.0), &number(*x), pen);
        }
        let mut end = pen;
        end.anchor = Anchor::End;
        for y in &self.ticks.1 {
            let at = self.pixel(sheet, (self.x.0, *y)).1;
            sheet.write((left - 5.0, at), &number(*y), end);
        }
        let mut name = sheet.pen(Meaning::Plain);
        name.size = pen.size;
        let under = if self.ticks.0.is_empty() { 0.0 } else { line };
        sheet.write(((left + right) / 2.0, foot + 3.0 + under + line / 2.0), &self.names.0, name);
        name.anchor = Anchor::Start;
        sheet.write((left, top - 3.0 - line / 2.0), &self.names.1, name);
    }
}

impl Part for Plane {
    fn put(&self, sheet: &mut Sketch) {
        let finite = [self.x, self.y].iter().all(|(low, high)| low < high && high - low < f64::MAX);
        if !finite {
            sheet.fault(format!("a plane cannot reach over {:?} and {:?}", self.x, self.y));
            return;
        }
        self.ground(sheet);
        for half in [true, false] {
            let of = |item: &&Item| matches!(item, Item::Half(..)) == half;
            self.items.iter().filter(of).for_each(|item| self.item(sheet, item));
        }
        self.names(sheet);
        let axes = [self.names.0.as_str(), self.names.1.as_str()];
        let axes: Vec<&str> = axes.into_iter().filter(|name| !name.is_empty()).collect();
        sheet.say("plane", axes.join(" and "));
        for item in &self.items {
            if let Item::Words((x, y), text, ..) = item {
                let number = |x: f64| crate::Format::Plain.number(x).replace('-', "−");
                sheet.say(format!("at {}, {}", number(*x), number(*y)), text.as_str());
            }
        }
    }
}
