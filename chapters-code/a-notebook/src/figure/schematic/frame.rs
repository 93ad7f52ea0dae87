//! A frame: a box with a name, or a box around other parts.

use super::Place;
use super::meaning::Meaning;
use super::sketch::{Part, Pixel, Sketch};
use crate::figure::labels::{Anchor, LINE, widest, width, wrap};

/// A rectangle with a label in its middle, and a smaller note below the label.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    at: Place,
    size: Place,
    label: String,
    note: String,
    meaning: Meaning,
    around: bool,
}

impl Frame {
    /// A box whose upper left corner is `at`.
    pub fn new(at: Place, size: Place, label: impl Into<String>) -> Self {
        Frame {
            at,
            size,
            label: label.into(),
            note: String::new(),
            meaning: Meaning::Plain,
            around: false,
        }
    }

    /// A dotted box around parts, which are added after it; its label stands in its upper left corner.
    pub fn around(at: Place, size: Place, label: impl Into<String>) -> Self {
        Frame { around: true, meaning: Meaning::Quiet, ..Frame::new(at, size, label) }
    }

    /// A smaller line below the label: a shape, a count.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// What it means.
    pub fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn middle(&self) -> Place {
        (self.at.0 + self.size.0 / 2.0, self.at.1 + self.size.1 / 2.0)
    }

    /// Where an edge to `other` leaves it: straight, where it can, else from the middle of a side.
    pub(super) fn rim(&self, sheet: &Sketch, (x, y): Pixel) -> Pixel {
        let (left, top) = sheet.pixel(self.at);
        let (right, foot) = sheet.pixel((self.at.0 + self.size.0, self.at.1 + self.size.1));
        let middle = sheet.pixel(self.middle());
        let (beside, above) = ((left..=right).contains(&x), (top..=foot).contains(&y));
        match (beside, above) {
            (true, _) => (x, if y < middle.1 { top } else { foot }),
            (_, true) => (if x < middle.0 { left } else { right }, y),
            _ if y < top => (middle.0, top),
            _ => (middle.0, foot),
        }
    }

    /// Writes the label and the note in the middle.
    fn inside(&self, sheet: &mut Sketch) {
        if self.label.is_empty() && self.note.is_empty() {
            return;
        }
        let (text, small) = (sheet.layout().text(), sheet.layout().small());
        let room = (self.size.0 * sheet.unit() - 6.0, self.size.1 * sheet.unit() - 4.0);
        let label = wrap(&self.label, text, room.0);
        let note = wrap(&self.note, small, room.0);
        let tall = LINE * (text * label.len() as f64 + small * note.len() as f64);
        let widths = [(&label, text), (&note, small)]
            .map(|(lines, size)| widest(lines.iter().map(String::as_str), size));
        if tall > room.1 || widths.iter().any(|w| *w > room.0) {
            let on = sheet.pick("", " on a phone");
            sheet.fault(format!("the box `{}` is too small for its words{on}", self.label));
        }
        let (x, y) = sheet.pixel(self.middle());
        let top = y - tall / 2.0;
        let first = LINE * text * label.len() as f64;
        let pen = sheet.pen(Meaning::Plain);
        sheet.write_lines((x, top + first / 2.0), &label, pen);
        let mut pen = sheet.pen(Meaning::Quiet);
        pen.size = small;
        sheet.write_lines((x, top + (first + tall) / 2.0), &note, pen);
    }

    /// Writes the label in the upper left corner.
    fn corner(&self, sheet: &mut Sketch) {
        let (left, top) = sheet.pixel(self.at);
        let mut pen = sheet.pen(self.meaning);
        (pen.size, pen.anchor) = (sheet.layout().small(), Anchor::Start);
        if width(&self.label, pen.size) + 12.0 > self.size.0 * sheet.unit() {
            sheet.fault(format!("the box around is narrower than its label `{}`", self.label));
        }
        sheet.write((left + 7.0, top + 4.0 + pen.size * LINE / 2.0), &self.label, pen);
    }
}

impl Part for Frame {
    fn put(&self, sheet: &mut Sketch) {
        let from = sheet.pixel(self.at);
        let to = sheet.pixel((self.at.0 + self.size.0, self.at.1 + self.size.1));
        sheet.rectangle(from, to, self.meaning);
        if self.around {
            self.corner(sheet);
        } else {
            self.inside(sheet);
        }
        let name = if self.around { "box around parts" } else { "box" };
        let words = [self.label.as_str(), self.note.as_str()];
        let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
        sheet.say(name, words.join(", "));
    }
}
