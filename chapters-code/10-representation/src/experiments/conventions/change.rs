//! The conventions that are changed, and how each makes of a window what the network reads.

use ndarray::{Array3, ArrayView3, s};

use super::resize::{Kernel, weights};

/// Side of what the network reads.
pub const SIDE: usize = 128;
/// The share of the shorter side that is kept.
const KEPT: f64 = 0.875;

/// A rectangle out of a photograph.
pub struct Window {
    /// Which photograph.
    pub block: usize,
    /// Whether it has colours.
    pub coloured: bool,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Red, green and blue, row by row.
    pub pixels: Vec<[u8; 3]>,
}

/// What may be otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convention {
    /// Whether zeros are laid around an image as PyTorch does.
    pub symmetric: bool,
    /// Whether the ε of PyTorch was folded in.
    pub epsilon: bool,
    /// What a picture is resized with.
    pub kernel: Kernel,
    /// Whether the kernel grows when a picture is reduced.
    pub antialias: bool,
    /// Whether a window is squashed into the square, and not cropped.
    pub squash: bool,
    /// Whether levels are standardised by ImageNet's mean and deviation.
    pub imagenet: bool,
    /// Whether blue comes first.
    pub blue_first: bool,
}

const OURS: Convention = Convention {
    symmetric: false,
    epsilon: false,
    kernel: Kernel::Bicubic,
    antialias: true,
    squash: false,
    imagenet: false,
    blue_first: false,
};

/// Key, name, and what is otherwise; the first is what the network was trained with.
pub const CONVENTIONS: [(&str, &str, Convention); 8] = [
    ("ours", "nothing", OURS),
    ("epsilon", "ε of 10⁻⁵", Convention { epsilon: true, ..OURS }),
    ("bilinear", "bilinear, not bicubic", Convention { kernel: Kernel::Bilinear, ..OURS }),
    ("aliased", "no antialiasing", Convention { antialias: false, ..OURS }),
    ("squash", "squashed, not cropped", Convention { squash: true, ..OURS }),
    ("padding", "padding on both sides", Convention { symmetric: true, ..OURS }),
    ("imagenet", "ImageNet's mean and deviation", Convention { imagenet: true, ..OURS }),
    ("blue", "blue first", Convention { blue_first: true, ..OURS }),
];

impl Convention {
    /// What the network reads of a window, `(3, SIDE, SIDE)`.
    pub fn read(self, window: &Window) -> Array3<f32> {
        let (height, width) = (window.height, window.width);
        let levels = Array3::from_shape_fn((3, height, width), |(c, i, j)| {
            f64::from(window.pixels[i * width + j][if self.blue_first { 2 - c } else { c }])
        });
        let square = if self.squash {
            self.resize(levels.view(), SIDE, SIDE)
        } else {
            let shorter = height.min(width);
            let larger = (SIDE as f64 / KEPT) as usize;
            let side = |n: usize| n * larger / shorter;
            let resized = self.resize(levels.view(), side(height), side(width));
            let [top, left] = [side(height), side(width)].map(|n| (n - SIDE).div_ceil(2));
            resized.slice(s![.., top..top + SIDE, left..left + SIDE]).to_owned()
        };
        Array3::from_shape_fn((3, SIDE, SIDE), |(c, i, j)| {
            self.standardise(square[[c, i, j]].round().clamp(0.0, 255.0), c)
        })
    }

    fn standardise(self, level: f64, channel: usize) -> f32 {
        const MEAN: [f64; 3] = [0.485, 0.456, 0.406];
        const DEVIATION: [f64; 3] = [0.229, 0.224, 0.225];
        if self.imagenet {
            ((level / 255.0 - MEAN[channel]) / DEVIATION[channel]) as f32
        } else {
            ((level - 127.0) / 128.0) as f32
        }
    }

    fn resize(self, x: ArrayView3<'_, f64>, height: usize, width: usize) -> Array3<f64> {
        let (channels, rows, columns) = x.dim();
        let taps = |from: usize, to: usize| -> Vec<(usize, Vec<f64>)> {
            (0..to).map(|i| weights(i, from, to, self.kernel, self.antialias)).collect()
        };
        let sum = |taps: &(usize, Vec<f64>), at: &dyn Fn(usize) -> f64| -> f64 {
            taps.1.iter().enumerate().map(|(k, w)| w * at(taps.0 + k)).sum()
        };
        let (across, down) = (taps(columns, width), taps(rows, height));
        let wide = Array3::from_shape_fn((channels, rows, width), |(c, i, j)| {
            sum(&across[j], &|k| x[[c, i, k]])
        });
        Array3::from_shape_fn((channels, height, width), |(c, i, j)| {
            sum(&down[i], &|k| wide[[c, k, j]])
        })
    }
}
