//! Words that stand beside the parts, and the key to what the parts mean.

use super::Place;
use super::meaning::Meaning;
use super::sketch::{Part, Sketch};
use crate::figure::labels::{Anchor, LINE, width, wrap};

/// Words at a place, which is the middle of their height.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    at: Place,
    text: String,
    anchor: Anchor,
    meaning: Meaning,
    small: bool,
    within: f64,
}

impl Words {
    /// Words that begin at `at`.
    pub fn new(at: Place, text: impl Into<String>) -> Self {
        Words {
            at,
            text: text.into(),
            anchor: Anchor::Start,
            meaning: Meaning::Plain,
            small: false,
            within: f64::INFINITY,
        }
    }

    /// Words whose middle is at `at`.
    pub fn middle(at: Place, text: impl Into<String>) -> Self {
        Words { anchor: Anchor::Middle, ..Words::new(at, text) }
    }

    /// Words that end at `at`.
    pub fn end(at: Place, text: impl Into<String>) -> Self {
        Words { anchor: Anchor::End, ..Words::new(at, text) }
    }

    /// What they mean.
    pub fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }

    /// As small as ticks are.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// Breaks them into lines of at most so many units.
    pub fn within(mut self, units: f64) -> Self {
        self.within = units;
        self
    }
}

impl Part for Words {
    fn put(&self, sheet: &mut Sketch) {
        let mut pen = sheet.pen(self.meaning);
        pen.anchor = self.anchor;
        pen.halo = true;
        if self.small {
            pen.size = sheet.layout().small();
        }
        let lines = wrap(&self.text, pen.size, self.within * sheet.unit());
        let (x, y) = sheet.pixel(self.at);
        let first = y - LINE * pen.size * (lines.len() as f64 - 1.0) / 2.0;
        for (i, line) in lines.iter().enumerate() {
            sheet.write_loose((x, first + LINE * pen.size * i as f64), line, pen);
        }
        sheet.say("words", self.text.as_str());
    }
}

/// A line of samples, each with what it means, broken where the sheet ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    at: Place,
    entries: Vec<(Meaning, String)>,
}

impl Key {
    /// An empty key from `at`, the middle of the height of its first line.
    pub fn new(at: Place) -> Self {
        Key { at, entries: Vec::new() }
    }

    /// Adds what a meaning is called here.
    pub fn entry(mut self, meaning: Meaning, name: impl Into<String>) -> Self {
        self.entries.push((meaning, name.into()));
        self
    }
}

impl Part for Key {
    fn put(&self, sheet: &mut Sketch) {
        const SAMPLE: f64 = 26.0;
        let (left, mut y) = sheet.pixel(self.at);
        let mut x = left;
        for (meaning, name) in &self.entries {
            let mut pen = sheet.pen(*meaning);
            pen.anchor = Anchor::Start;
            let wide = SAMPLE + 6.0 + width(name, pen.size);
            if x > left && x + wide > sheet.layout().width() {
                (x, y) = (left, y + 1.3 * LINE * pen.size);
            }
            sheet.line(vec![(x, y), (x + SAMPLE, y)], *meaning);
            sheet.write((x + SAMPLE + 6.0, y), name, pen);
            x += wide + sheet.pick(20.0, 16.0);
        }
    }
}
