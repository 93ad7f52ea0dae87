//! What a part of a schematic means, and how that is seen.

use crate::figure::theme::Ink;

/// What a line, a frame or a word means. Each meaning has a colour, and a dash, a thickness or a
/// slant besides, so that it is known without colour too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Meaning {
    /// A part like any other.
    #[default]
    Plain,
    /// A number that flows forward: solid.
    Value,
    /// A derivative that flows backward: dashed lines, slanted words.
    Gradient,
    /// A number that is learned: thick lines.
    Weight,
    /// What the drawing is about: the thickest lines.
    Focus,
    /// What was there before, or is only implied: dotted lines.
    Quiet,
}

impl Meaning {
    /// The ink of lines and shapes.
    pub(super) fn ink(self) -> Ink {
        match self {
            Meaning::Plain | Meaning::Quiet => Ink::Muted,
            Meaning::Value => Ink::Group(0),
            Meaning::Gradient => Ink::Group(1),
            Meaning::Weight => Ink::Group(2),
            Meaning::Focus => Ink::Group(3),
        }
    }

    /// The ink of words.
    pub(super) fn words(self) -> Ink {
        match (self, self.ink()) {
            (Meaning::Plain, _) => Ink::Text,
            (_, Ink::Group(n)) => Ink::GroupText(n),
            (_, ink) => ink,
        }
    }

    /// The number of the dash of lines.
    pub(super) fn dash(self) -> usize {
        match self {
            Meaning::Gradient => 1,
            Meaning::Quiet => 2,
            _ => 0,
        }
    }

    /// The thickness of lines, in pixels.
    pub(super) fn thick(self) -> f64 {
        match self {
            Meaning::Plain => 1.4,
            Meaning::Value | Meaning::Gradient => 1.8,
            Meaning::Weight => 2.6,
            Meaning::Focus => 3.2,
            Meaning::Quiet => 1.2,
        }
    }

    /// Are its words slanted?
    pub(super) fn slanted(self) -> bool {
        self == Meaning::Gradient
    }

    /// How strongly its colour fills a shape, from 0 to 1; words upon it stay legible.
    pub(super) fn tint(self) -> f64 {
        match self {
            Meaning::Plain | Meaning::Quiet => 0.0,
            _ => 0.16,
        }
    }
}
