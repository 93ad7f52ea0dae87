//! The two layouts of a figure: one for the width of a page, one for the width of a phone.
//!
//! A wide drawing that is scaled down to a phone has words of eight pixels. So every chart is drawn
//! twice from the same numbers, and the page shows the drawing that fits its container.

/// For which width a figure is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A page, a screen in a lecture room, paper.
    Wide,
    /// A phone held upright.
    Narrow,
}

impl Layout {
    /// Width of the drawing, in pixels of its own.
    pub(super) fn width(self) -> f64 {
        match self {
            Layout::Wide => 640.0,
            Layout::Narrow => 360.0,
        }
    }

    /// Size of labels. No page shows a drawing so small that they fall below eleven pixels.
    pub(super) fn text(self) -> f64 {
        match self {
            Layout::Wide => 16.0,
            Layout::Narrow => 13.5,
        }
    }

    /// Size of ticks and of the names of axes.
    pub(super) fn small(self) -> f64 {
        match self {
            Layout::Wide => 15.0,
            Layout::Narrow => 12.5,
        }
    }

    /// The smallest size of words, for numbers in narrow cells.
    pub(super) fn tiny(self) -> f64 {
        match self {
            Layout::Wide => 15.0,
            Layout::Narrow => 11.0,
        }
    }

    /// Is it the narrow one?
    pub(super) fn is_narrow(self) -> bool {
        self == Layout::Narrow
    }

    /// One of two: what the wide layout takes, and what the narrow one takes.
    pub(super) fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Layout::Wide => wide,
            Layout::Narrow => narrow,
        }
    }
}
