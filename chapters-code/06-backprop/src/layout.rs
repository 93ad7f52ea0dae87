//! Shapes as readers know them, and where their elements lie in memory.

use std::fmt;

use crate::kernels::LANES;

/// The shape of one sample: `channels × height × width`. A row of `d` features is `d × 1 × 1`, a sequence of `T`
/// tokens with `C` channels is `C × 1 × T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Features of each pixel, or of each token.
    pub channels: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Pixels from left to right, or tokens.
    pub width: usize,
    /// True for a sequence: readers know it as `(T, C)`, the channels of a token side by side.
    pub tokens: bool,
}

impl Shape {
    /// A row of `features` numbers.
    pub const fn row(features: usize) -> Self {
        Shape { channels: features, height: 1, width: 1, tokens: false }
    }

    /// An image, `(C, H, W)`.
    pub const fn image(channels: usize, height: usize, width: usize) -> Self {
        Shape { channels, height, width, tokens: false }
    }

    /// A sequence, `(T, C)`.
    pub const fn sequence(tokens: usize, channels: usize) -> Self {
        Shape { channels, height: 1, width: tokens, tokens: true }
    }

    /// How many numbers one sample has.
    pub const fn elements(self) -> usize {
        self.channels * self.height * self.width
    }

    /// True for a row of features.
    pub const fn is_row(self) -> bool {
        self.height == 1 && self.width == 1 && !self.tokens
    }

    /// True for an image of more than one pixel.
    pub const fn is_image(self) -> bool {
        !self.is_row() && !self.tokens
    }

    /// How many outputs of `channels` numbers one sample has: 1 for a row, `T` for a sequence.
    pub const fn positions(self) -> usize {
        self.height * self.width
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Shape { channels, width, tokens: true, .. } => {
                write!(f, "{width} tokens × {channels}")
            }
            Shape { channels, height: 1, width: 1, .. } => write!(f, "{channels}"),
            Shape { channels, height, width, .. } => write!(f, "{channels} × {height} × {width}"),
        }
    }
}

/// Where the elements of a sample lie: pixel by pixel, the channels of a pixel side by side (*channels
/// last*), with `border` pixels of zeros on all four sides.
///
/// Zeros are also in what fills a pixel up to a multiple of sixteen channels and a sample up to its stride. The
/// stride is an odd number of cache lines: with a power of two, the samples of a mini-batch would compete
/// for the same few places of the cache.
///
/// In a sequence it is the token that has an odd number of cache lines, and samples follow one another without a
/// gap: the tokens of all samples are the rows of one matrix.
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
        let odd_lines = |numbers: usize| (numbers.div_ceil(LANES) | 1) * LANES;
        let mut layout = Layout { shape, border, pixel, stride: 0 };
        if shape.tokens {
            // Ids and other thin tokens lie side by side.
            layout.pixel = if pixel < LANES { pixel } else { odd_lines(pixel) };
            layout.stride = layout.extent();
        } else {
            layout.stride = odd_lines(layout.extent());
        }
        layout
    }
    // ANCHOR_END: stride

    /// The vectors that a matrix takes one by one, in `n` samples: how many, and numbers from one to the next. Each
    /// token of a sequence is a vector, and so is each whole row or image.
    pub fn vectors(&self, n: usize) -> (usize, usize) {
        if self.shape.tokens { (n * self.shape.width, self.pixel) } else { (n, self.stride) }
    }

    /// In how many lines a sample can be cut: lines of an image, tokens of a sequence, panels of a row.
    pub fn cuts(&self) -> usize {
        match self.shape {
            Shape { tokens: true, width, .. } => width,
            shape if shape.is_row() => self.stride / LANES,
            shape => shape.height,
        }
    }

    /// Where line `i` of those begins. The first takes the border before it, the last what is after it.
    pub fn cut(&self, i: usize) -> usize {
        match i {
            0 => 0,
            i if i >= self.cuts() => self.stride,
            i if self.shape.tokens => i * self.pixel,
            i if self.shape.is_row() => i * LANES,
            i => (i + self.border) * self.line(),
        }
    }

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

    /// Where element `i` of the shape is, counted as in `(C, H, W)` or `(T, C)`: the last index runs fastest.
    pub fn index(&self, i: usize) -> usize {
        let Shape { height, width, channels, tokens } = self.shape;
        if tokens {
            return self.at(0, i / channels) + i % channels;
        }
        let (channel, rest) = (i / (height * width), i % (height * width));
        self.at(rest / width, rest % width) + channel
    }

    /// True if element `i` of the shape is number `i` of the sample.
    pub fn is_plain(&self) -> bool {
        let Shape { channels, tokens, .. } = self.shape;
        let side_by_side = self.border == 0 && self.pixel == channels;
        self.shape.is_row() || (side_by_side && (tokens || channels == 1))
    }

    /// Writes a sample, given in the order `(C, H, W)` or `(T, C)`, to its place; all else becomes zero.
    pub fn write<T: Copy + Default>(&self, canonical: &[T], sample: &mut [T]) {
        let Shape { height, width, .. } = self.shape;
        sample.fill(T::default());
        if self.shape.tokens {
            let tokens = canonical.chunks_exact(self.shape.channels);
            for (to, token) in sample.chunks_exact_mut(self.pixel).zip(tokens) {
                to[..token.len()].copy_from_slice(token);
            }
            return;
        }
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
