//! An edge: an arrow or a line between nodes, frames and places.

use super::Place;
use super::frame::Frame;
use super::meaning::Meaning;
use super::node::Node;
use super::sketch::{Part, Pixel, Sketch, direction};
use crate::figure::labels::width;

/// Where an edge begins or ends.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// At a place.
    At(Place),
    /// At the rim of a node.
    Node(Node),
    /// At the rim of a frame.
    Frame(Frame),
}

impl From<Place> for End {
    fn from(at: Place) -> Self {
        End::At(at)
    }
}

impl From<&Node> for End {
    fn from(node: &Node) -> Self {
        End::Node(node.clone())
    }
}

impl From<&Frame> for End {
    fn from(frame: &Frame) -> Self {
        End::Frame(frame.clone())
    }
}

impl End {
    /// Its middle.
    fn middle(&self) -> Place {
        match self {
            End::At(at) => *at,
            End::Node(node) => node.at(),
            End::Frame(frame) => frame.middle(),
        }
    }

    /// Where a line towards `other` leaves it, in pixels.
    fn rim(&self, sheet: &Sketch, other: Pixel) -> Pixel {
        match self {
            End::At(at) => sheet.pixel(*at),
            End::Node(node) => node.rim(sheet, other),
            End::Frame(frame) => frame.rim(sheet, other),
        }
    }

    fn name(&self) -> &str {
        match self {
            End::At(_) => "",
            End::Node(node) => node.label(),
            End::Frame(frame) => frame.label(),
        }
    }
}

/// An arrow. Words stand above it and below, in a graph of a computation the gradient above and the
/// value below; beside an upright edge, right is above and left is below.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    from: End,
    to: End,
    corners: Vec<Place>,
    meaning: Meaning,
    plain: bool,
    share: f64,
    above: (String, Meaning),
    below: (String, Meaning),
}

impl Edge {
    /// An arrow between nodes, frames or places.
    pub fn new(from: impl Into<End>, to: impl Into<End>) -> Self {
        let nothing = (String::new(), Meaning::Plain);
        Edge {
            from: from.into(),
            to: to.into(),
            corners: Vec::new(),
            meaning: Meaning::Plain,
            plain: false,
            share: 0.5,
            above: nothing.clone(),
            below: nothing,
        }
    }

    /// What it means.
    pub fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }

    /// Leads it round these corners.
    pub fn through(mut self, corners: impl IntoIterator<Item = Place>) -> Self {
        self.corners = corners.into_iter().collect();
        self
    }

    /// Leaves out the head.
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// Where its words stand: the share of the way along its longest straight part, one half at first.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Words above it, in the ink of its meaning.
    pub fn above(mut self, text: impl Into<String>) -> Self {
        self.above = (text.into(), self.meaning);
        self
    }

    /// Words below it, in the ink of its meaning.
    pub fn below(mut self, text: impl Into<String>) -> Self {
        self.below = (text.into(), self.meaning);
        self
    }

    /// Words below it that mean something else than the edge.
    pub fn below_as(mut self, text: impl Into<String>, meaning: Meaning) -> Self {
        self.below = (text.into(), meaning);
        self
    }

    /// A value below it.
    pub fn value(mut self, text: impl Into<String>) -> Self {
        self.below = (text.into(), Meaning::Value);
        self
    }

    /// A gradient above it.
    pub fn gradient(mut self, text: impl Into<String>) -> Self {
        self.above = (text.into(), Meaning::Gradient);
        self
    }

    /// A weight above it.
    pub fn weight(mut self, text: impl Into<String>) -> Self {
        self.above = (text.into(), Meaning::Weight);
        self
    }

    /// The points that the line goes through, in pixels.
    fn way(&self, sheet: &Sketch) -> Vec<Pixel> {
        let corners: Vec<Pixel> = self.corners.iter().map(|at| sheet.pixel(*at)).collect();
        let middles = [&self.from, &self.to].map(|end| sheet.pixel(end.middle()));
        let first = self.from.rim(sheet, corners.first().copied().unwrap_or(middles[1]));
        let last = self.to.rim(sheet, corners.last().copied().unwrap_or(middles[0]));
        std::iter::once(first).chain(corners).chain([last]).collect()
    }

    /// Writes words on one side of the longest straight part.
    fn words(
        &self,
        sheet: &mut Sketch,
        way: &[Pixel],
        (text, meaning): &(String, Meaning),
        side: f64,
    ) {
        let long = |pair: &&[Pixel]| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
        let Some(part) = way.windows(2).max_by(|a, b| long(a).total_cmp(&long(b))) else { return };
        if text.is_empty() {
            return;
        }
        let (from, to) = (part[0], part[1]);
        let (mut dx, mut dy) = direction(from, to);
        if dx < 0.0 || (dx == 0.0 && dy < 0.0) {
            (dx, dy) = (-dx, -dy);
        }
        let mut pen = sheet.pen(*meaning);
        pen.halo = true;
        // As far from the line as it takes that no corner of the words touches it.
        let away = dy.abs() * width(text, pen.size) / 2.0 + dx * 0.48 * pen.size + 4.0;
        let at = (
            from.0 + (to.0 - from.0) * self.share + side * away * dy,
            from.1 + (to.1 - from.1) * self.share - side * away * dx,
        );
        sheet.write_loose(at, text, pen);
    }
}

impl Part for Edge {
    fn put(&self, sheet: &mut Sketch) {
        let mut way = self.way(sheet);
        if let [.., from, tip] = way[..] {
            if !self.plain {
                sheet.head(from, tip, self.meaning);
                // The line ends within the head, whose point would be blunt under it.
                let (dx, dy) = direction(from, tip);
                let end = way.len() - 1;
                way[end] = (tip.0 - 7.0 * dx, tip.1 - 7.0 * dy);
            }
            sheet.line(way.clone(), self.meaning);
            self.words(sheet, &way, &self.above, 1.0);
            self.words(sheet, &way, &self.below, -1.0);
        }
        let words = [&self.above, &self.below].map(|(text, _)| text.as_str());
        let words: Vec<&str> = words.into_iter().filter(|text| !text.is_empty()).collect();
        let (from, to) = (self.from.name(), self.to.name());
        let name = format!("edge {from} → {to}");
        sheet.say(name.trim().replace("  ", " "), words.join(", "));
    }
}
