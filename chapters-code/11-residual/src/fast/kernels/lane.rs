//! Sixteen channels side by side, and what is done to sums when they are stored.

#![allow(unsafe_code)]

use crate::description::Activation;

/// Channels that stand side by side.
pub const LANES: usize = 16;

/// Sixteen channels of one pixel, or the weights of sixteen outputs for one input: a cache line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct Lane(pub [f32; LANES]);

/// How many pixels to take next of `left`: six, or four where that leaves no thin rest.
#[inline(always)]
pub fn height(left: usize) -> usize {
    match left {
        7 | 8 => 4,
        _ => left.min(6),
    }
}

/// Calls a method with a constant number of pixels.
macro_rules! with_pixels {
    ($pixels:expr, $self:ident . $method:ident ( $($argument:expr),* )) => {
        match $pixels {
            6 => $self.$method::<A, 6>($($argument),*),
            5 => $self.$method::<A, 5>($($argument),*),
            4 => $self.$method::<A, 4>($($argument),*),
            3 => $self.$method::<A, 3>($($argument),*),
            2 => $self.$method::<A, 2>($($argument),*),
            _ => $self.$method::<A, 1>($($argument),*),
        }
    };
}
pub(crate) use with_pixels;

/// What is done to sums that have been stored, as long as they are in the first cache.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finish<'a> {
    /// What is added.
    pub add: Option<&'a [Lane]>,
    /// What is applied then.
    pub activation: Activation,
}

impl Finish<'_> {
    // ANCHOR: finish
    /// Adds and activates sums, of which the first is number `from`. They are
    /// stored already: what is done to them before makes the compiler take them
    /// out of the registers while they are still sums.
    #[inline(always)]
    pub fn apply(&self, from: usize, y: &mut [Lane]) {
        let add = self.add.map(|add| &add[from..][..y.len()]);
        match self.activation {
            Activation::None if add.is_none() => {}
            Activation::None => each(y, add, |z| z),
            Activation::Relu => each(y, add, |z| z.max(0.0)),
            Activation::HardSwish => {
                each(y, add, |z| z * ((z + 3.0).clamp(0.0, 6.0) * (1.0 / 6.0)));
            }
        }
    }
    // ANCHOR_END: finish
}

#[inline(always)]
fn each(y: &mut [Lane], add: Option<&[Lane]>, f: impl Fn(f32) -> f32) {
    let y = flat_mut(y);
    match add {
        Some(add) => y.iter_mut().zip(flat(add)).for_each(|(y, add)| *y = f(*y + add)),
        None => y.iter_mut().for_each(|y| *y = f(*y)),
    }
}

/// The numbers of some lanes, one behind another.
#[inline(always)]
pub fn flat(lanes: &[Lane]) -> &[f32] {
    // SAFETY: a lane is sixteen `f32` and nothing else (`repr(C)`, 64 bytes), and its alignment is more than theirs.
    unsafe { std::slice::from_raw_parts(lanes.as_ptr().cast(), lanes.len() * LANES) }
}

/// The numbers of some lanes, one behind another.
#[inline(always)]
pub fn flat_mut(lanes: &mut [Lane]) -> &mut [f32] {
    // SAFETY: as in `flat`; the borrow is exclusive.
    unsafe { std::slice::from_raw_parts_mut(lanes.as_mut_ptr().cast(), lanes.len() * LANES) }
}
