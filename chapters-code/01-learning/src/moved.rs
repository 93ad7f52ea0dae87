//! Pictures moved by whole pixels, and the part of them that a move pushes over the edge.

use ndarray::{Array3, ArrayView2, ArrayView3, ArrayViewMut2, s};
use notebook::Rng;
use rand::RngExt as _;

/// One of four ways to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the first row.
    Up,
    /// Towards the last row.
    Down,
    /// Towards the first column.
    Left,
    /// Towards the last column.
    Right,
}

impl Direction {
    /// Every direction.
    pub const ALL: [Direction; 4] =
        [Direction::Up, Direction::Down, Direction::Left, Direction::Right];

    /// `n` directions, drawn.
    pub fn draw(n: usize, rng: &mut Rng) -> Vec<Direction> {
        (0..n).map(|_| Direction::ALL[rng.random_range(0..4)]).collect()
    }
}

/// What becomes of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It moves; what crosses the edge is lost and black comes in at the other side.
    Moved,
    /// It stays where it is, but what a move would have lost is black: the control.
    Cut,
}

/// Each of the pictures `(N, H, W)` moved `by` pixels in its own direction, or only cut.
///
/// # Panics
/// If there are not as many directions as pictures.
pub fn moved(
    images: ArrayView3<'_, u8>,
    directions: &[Direction],
    by: usize,
    fate: Fate,
) -> Array3<u8> {
    assert_eq!(
        images.dim().0,
        directions.len(),
        "{} pictures for {} directions",
        images.dim().0,
        directions.len()
    );
    let mut out = Array3::zeros(images.dim());
    for ((from, to), &direction) in images.outer_iter().zip(out.outer_iter_mut()).zip(directions) {
        place(from, to, direction, by, fate);
    }
    out
}

// ANCHOR: place
/// The part of `from` that survives, put where it moves to, or left where it was.
fn place(
    from: ArrayView2<'_, u8>,
    mut to: ArrayViewMut2<'_, u8>,
    direction: Direction,
    by: usize,
    fate: Fate,
) {
    let (h, w) = from.dim();
    let (down, right) = (by.min(h), by.min(w));
    let (kept, landed) = match direction {
        Direction::Up => (s![down.., ..], s![..h - down, ..]),
        Direction::Down => (s![..h - down, ..], s![down.., ..]),
        Direction::Left => (s![.., right..], s![.., ..w - right]),
        Direction::Right => (s![.., ..w - right], s![.., right..]),
    };
    let there = if fate == Fate::Moved { landed } else { kept };
    to.slice_mut(there).assign(&from.slice(kept));
}
// ANCHOR_END: place
