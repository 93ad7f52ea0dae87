//! Receptive fields: which part of the image can an output see?

// ANCHOR: receptive_field
/// A layer whose outputs look through windows: a convolution or a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Side of the window.
    pub side: usize,
    /// Step from window to window.
    pub stride: usize,
}

/// Side of the square of pixels that one output of the last layer depends on, the image's edges apart.
pub fn receptive_field(layers: &[Window]) -> usize {
    let (mut field, mut jump) = (1, 1);
    for layer in layers {
        field += (layer.side - 1) * jump;
        jump *= layer.stride;
    }
    field
}
// ANCHOR_END: receptive_field
