//! Shapes as readers know them, and where their elements lie in memory.

use std::fmt;

use crate::kernels::LANES;

/// The shape of one sample: `channels × height × width`. A row of `d` features is `d × 1 × 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Features of each pixel.
    pub channels: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Pixels from left to right.
    pub width: usize,
}

impl Shape {
    /// A row of `features` numbers.
    pub const fn row(features: usize) -> Self {
        Shape { channels: features, height: 1, width: 1 }
    }

    /// An image, `(C, H, W)`.
    pub const fn image(channels: usize, height: usize, width: usize) -> Self {
        Shape { channels, height, width }
    }

    /// How many numbers one sample has.
    pub const fn elements(self) -> usize {
        self.channels * self.height * self.width
    }

    /// True for a row of features.
    pub const fn is_row(self) -> bool {
        self.height == 1 && self.width == 1
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Shape { channels, height: 1, width: 1 } => write!(f, "{channels}"),
            Shape { channels, height, width } => write!(f, "{channels} × {height} × {width}"),
        }
    }
}

/// Where the elements of a sample lie: pixel by pixel, the channels of a pixel side by side (*channels
/// last*), with `border` pixels of zeros on all four sides.
///
/// Zeros are also in what fills a pixel up to a multiple of sixteen channels and a sample up to its stride. The
/// stride is an odd number of cache lines: with a power of two, the samples of a mini-batch would compete
/// for the same few places of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The shape that readers know.
    pub shape: Shape,
    /// Pixels of zeros on each side.
    pub border: usize,
    /// Numbers from one pixel to the next, at least `shape.channels`.
    pub pixel: usize,
    /// Numbers from one sample to the next.
    pub stride: usize,
}

impl Layout {
    /// A layout with whole panels of sixteen channels in each pixel.
    pub fn new(shape: Shape, border: usize) -> Self {
        Layout::with_pixel(shape, border, shape.channels.next_multiple_of(LANES))
    }

    /// A layout for the input of a network: an image has no more than its channels in each pixel.
    pub fn input(shape: Shape, border: usize) -> Self {
        if shape.is_row() {
            Layout::new(shape, border)
        } else {
            Layout::with_pixel(shape, border, shape.channels)
        }
    }

    // ANCHOR: stride
    fn with_pixel(shape: Shape, border: usize, pixel: usize) -> Self {
        let mut layout = Layout { shape, border, pixel, stride: 0 };
        layout.stride = (layout.extent().div_ceil(LANES) | 1) * LANES;
        layout
    }
    // ANCHOR_END: stride

    /// Numbers from one row of pixels to the next, borders included.
    pub fn line(&self) -> usize {
        (self.shape.width + 2 * self.border) * self.pixel
    }

    /// Numbers of a sample, borders included.
    pub fn extent(&self) -> usize {
        (self.shape.height + 2 * self.border) * self.line()
    }

    /// Where channel 0 of the pixel `(row, column)` is.
    pub fn at(&self, row: usize, column: usize) -> usize {
        (row + self.border) * self.line() + (column + self.border) * self.pixel
    }

    /// Where element `i` of the shape is, counted as in `(C, H, W)`: the last index runs fastest.
    pub fn index(&self, i: usize) -> usize {
        let Shape { height, width, .. } = self.shape;
        let (channel, rest) = (i / (height * width), i % (height * width));
        self.at(rest / width, rest % width) + channel
    }

    /// True if element `i` of the shape is number `i` of the sample.
    pub fn is_plain(&self) -> bool {
        self.shape.is_row() || (self.border == 0 && self.shape.channels == 1 && self.pixel == 1)
    }

    /// Writes a sample, given in the order `(C, H, W)`, to its place; all else becomes zero.
    pub fn write<T: Copy + Default>(&self, canonical: &[T], sample: &mut [T]) {
        let Shape { height, width, .. } = self.shape;
        sample.fill(T::default());
        for (channel, plane) in canonical.chunks_exact(height * width).enumerate() {
            for (row, pixels) in plane.chunks_exact(width).enumerate() {
                let to = &mut sample[self.at(row, 0) + channel..];
                to.iter_mut().step_by(self.pixel).zip(pixels).for_each(|(to, &from)| *to = from);
            }
        }
    }

    /// Sets the border of one sample to zero.
    pub fn clear_border<T: Copy + Default>(&self, sample: &mut [T]) {
        if self.border == 0 {
            return;
        }
        let (line, inside) = (self.line(), self.shape.width * self.pixel);
        let (zero, mut from) = (T::default(), 0);
        for row in 0..self.shape.height {
            let at = self.at(row, 0);
            sample[from..at].fill(zero);
            from = at + inside;
        }
        sample[from..(self.shape.height + 2 * self.border) * line].fill(zero);
    }

    /// The rows of pixels of a sample: where each begins. Each has `width · pixel` numbers.
    pub fn lines(&self) -> impl Iterator<Item = usize> + use<> {
        let layout = *self;
        (0..layout.shape.height).map(move |row| layout.at(row, 0))
    }

    /// Numbers of a row of pixels without its border.
    pub fn line_inside(&self) -> usize {
        self.shape.width * self.pixel
    }
}
