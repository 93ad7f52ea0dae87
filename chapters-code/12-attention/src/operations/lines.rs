//! Where tokens lie in memory: a sequence's follow one another, a row is one, and each pixel of an image is one.

use backprop::Layout;

/// Where token `i` of a sample begins.
pub(super) fn token(layout: &Layout, i: usize) -> usize {
    let width = layout.shape.width;
    layout.at(i / width, i % width)
}
