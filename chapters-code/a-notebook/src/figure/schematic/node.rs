//! A node: a unit, a number, an operation.

use super::Place;
use super::meaning::Meaning;
use super::sketch::{Part, Pixel, Sketch};
use crate::figure::labels::{Area, width};

/// A labelled circle, or a square for what is a number rather than an operation. A value stands
/// below it and a gradient above.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    at: Place,
    label: String,
    square: bool,
    meaning: Meaning,
    value: String,
    gradient: String,
}

impl Node {
    /// A circle about `at` that holds a short label.
    pub fn new(at: Place, label: impl Into<String>) -> Self {
        Node {
            at,
            label: label.into(),
            square: false,
            meaning: Meaning::Plain,
            value: String::new(),
            gradient: String::new(),
        }
    }

    /// Makes it a square, as wide as its label needs.
    pub fn square(mut self) -> Self {
        self.square = true;
        self
    }

    /// What it means.
    pub fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }

    /// Writes a value below it.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Writes a gradient above it.
    pub fn gradient(mut self, gradient: impl Into<String>) -> Self {
        self.gradient = gradient.into();
        self
    }

    pub(super) fn at(&self) -> Place {
        self.at
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Half its width and half its height, in pixels.
    fn half(&self, sheet: &Sketch) -> (f64, f64) {
        let text = sheet.layout().text();
        let (wide, least) = (width(&self.label, text) / 2.0, 1.05 * text);
        match self.square {
            true => ((wide + 7.0).max(least), least),
            false => {
                let radius = (wide + 3.0).max(least);
                (radius, radius)
            }
        }
    }

    /// Where a line from its middle towards `other` leaves it, in pixels.
    pub(super) fn rim(&self, sheet: &Sketch, other: Pixel) -> Pixel {
        let (x, y) = sheet.pixel(self.at);
        let half = self.half(sheet);
        let (dx, dy) = (other.0 - x, other.1 - y);
        let part = if self.square {
            let within = |d: f64, half: f64| if d == 0.0 { f64::MAX } else { half / d.abs() };
            within(dx, half.0).min(within(dy, half.1))
        } else {
            half.0 / dx.hypot(dy).max(f64::MIN_POSITIVE)
        };
        (x + dx * part, y + dy * part)
    }
}

impl Part for Node {
    fn put(&self, sheet: &mut Sketch) {
        let (x, y) = sheet.pixel(self.at);
        let half = self.half(sheet);
        if self.square {
            let (from, to) = ((x - half.0, y - half.1), (x + half.0, y + half.1));
            sheet.rectangle(from, to, self.meaning);
        } else {
            sheet.circle((x, y), half.0, self.meaning);
        }
        sheet.occupy(Area(x - half.0, y - half.1, x + half.0, y + half.1), &self.label);
        sheet.write((x, y), &self.label, sheet.pen(Meaning::Plain));
        let away = half.1 + 3.0 + 0.5 * sheet.layout().text();
        for (text, meaning, y) in
            [(&self.value, Meaning::Value, y + away), (&self.gradient, Meaning::Gradient, y - away)]
        {
            let mut pen = sheet.pen(meaning);
            pen.halo = true;
            sheet.write_loose((x, y), text, pen);
        }
        let named = |name: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!("{name} {text}") }
        };
        let words = [named("value", &self.value), named("gradient", &self.gradient)];
        let words: Vec<_> = words.into_iter().filter(|w| !w.is_empty()).collect();
        let words = if words.is_empty() { self.label.clone() } else { words.join(", ") };
        sheet.say(format!("node {}", self.label), words);
    }
}
