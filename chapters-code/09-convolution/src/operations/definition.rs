//! Convolution by its definition: seven loops, over samples, outputs, two coordinates of the output, channels, and two
//! coordinates of the kernel. Nobody should train with it. It is the judge of the fast ways, and the first row of the
//! benchmark. All tensors lie as PyTorch has them, the last index running fastest.

/// What a convolution is between: `x` is `(N, C, H, W)`, `w` is `(O, C, K, K)`, `z` is `(N, O, H′, W′)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Samples, `N`.
    pub samples: usize,
    /// Channels of the input, `C`.
    pub channels: usize,
    /// Rows and columns of the input, `H` and `W`.
    pub image: [usize; 2],
    /// Channels of the output, `O`.
    pub outputs: usize,
    /// Side of the kernel, `K`, at least 1.
    pub kernel: usize,
    /// Step from window to window, at least 1.
    pub stride: usize,
    /// Rows of zeros around the image. With them, the kernel must fit.
    pub padding: usize,
}

impl Sizes {
    /// Rows and columns of the output, `H′` and `W′`.
    pub fn output(&self) -> [usize; 2] {
        self.image.map(|n| (n + 2 * self.padding - self.kernel) / self.stride + 1)
    }

    /// Numbers of `x`, `w` and `z`.
    pub fn numbers(&self) -> [usize; 3] {
        let [[h, w], [i, j]] = [self.image, self.output()];
        [
            self.samples * self.channels * h * w,
            self.outputs * self.channels * self.kernel.pow(2),
            self.samples * self.outputs * i * j,
        ]
    }

    /// Where `x[n, c, i·s + u − p, j·s + v − p]` is; nothing in the padding.
    pub fn pixel(
        &self,
        [n, c]: [usize; 2],
        [i, j]: [usize; 2],
        [u, v]: [usize; 2],
    ) -> Option<usize> {
        let [height, width] = self.image;
        let row = (i * self.stride + u).checked_sub(self.padding).filter(|&row| row < height)?;
        let column = (j * self.stride + v).checked_sub(self.padding).filter(|&c| c < width)?;
        Some(((n * self.channels + c) * height + row) * width + column)
    }
}

/// Gradients of the three things that a convolution reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients {
    /// As `x`.
    pub x: Vec<f32>,
    /// As `w`.
    pub w: Vec<f32>,
    /// As `b`, `(O)`.
    pub b: Vec<f32>,
}

// ANCHOR: seven
/// Calls `term` for every multiply-add, with where its three numbers are in `x`, `w` and `z`.
fn seven_loops(sizes: Sizes, mut term: impl FnMut(usize, usize, usize)) {
    let Sizes { samples, channels, outputs, kernel, .. } = sizes;
    let [rows, columns] = sizes.output();
    for n in 0..samples {
        for o in 0..outputs {
            for i in 0..rows {
                for j in 0..columns {
                    let z = ((n * outputs + o) * rows + i) * columns + j;
                    for c in 0..channels {
                        for u in 0..kernel {
                            for v in 0..kernel {
                                let w = ((o * channels + c) * kernel + u) * kernel + v;
                                if let Some(x) = sizes.pixel([n, c], [i, j], [u, v]) {
                                    term(x, w, z);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
// ANCHOR_END: seven

// ANCHOR: gradients
/// `z = b + Σ w · x`. The slices have the sizes' [numbers](Sizes::numbers).
pub fn forward(sizes: Sizes, x: &[f32], w: &[f32], b: &[f32]) -> Vec<f32> {
    let [rows, columns] = sizes.output();
    let bias = |z: usize| b[z / (rows * columns) % sizes.outputs];
    let mut sum: Vec<f32> = (0..sizes.numbers()[2]).map(bias).collect();
    seven_loops(sizes, |x_at, w_at, z_at| sum[z_at] += w[w_at] * x[x_at]);
    sum
}

/// The gradients, given the gradient `dz` of the output: each term hands it on to both its factors.
pub fn backward(sizes: Sizes, x: &[f32], w: &[f32], dz: &[f32]) -> Gradients {
    let zeros = |n| vec![0.0; n];
    let mut of = Gradients { x: zeros(x.len()), w: zeros(w.len()), b: zeros(sizes.outputs) };
    seven_loops(sizes, |x_at, w_at, z_at| {
        of.w[w_at] += dz[z_at] * x[x_at];
        of.x[x_at] += dz[z_at] * w[w_at];
    });
    let [rows, columns] = sizes.output();
    for (z, &dz) in dz.iter().enumerate() {
        of.b[z / (rows * columns) % sizes.outputs] += dz;
    }
    of
}
// ANCHOR_END: gradients
