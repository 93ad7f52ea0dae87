//! The bytes that the two ways ask for, beside the counts of the chapter.
#![allow(unsafe_code)] // an allocator is a promise that only `unsafe` can give

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use attention::head::{bytes_in_matrices, bytes_in_tiles};
use attention::{Head, Mask, formula};
use ndarray::Array2;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

/// Counts, for each thread, the bytes that it holds and the most that it held.
struct Peak;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Peak {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.with(|held| held.set(held.get().wrapping_add(layout.size())));
        MOST.with(|most| most.set(most.get().max(HELD.with(Cell::get))));
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.with(|held| held.set(held.get().saturating_sub(layout.size())));
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static PEAK: Peak = Peak;

/// The most bytes that this thread held within `f`, beyond those before.
fn peak<T>(f: impl FnOnce() -> T) -> usize {
    let before = HELD.with(Cell::get);
    MOST.with(|most| most.set(before));
    let kept = f();
    let most = MOST.with(Cell::get);
    drop(kept);
    most - before
}

#[test]
fn both_ways_hold_what_is_counted() {
    // Twice as long would be four times as much for matrices.
    for t in [1024, 2048] {
        hold(t);
    }
}

fn hold(t: usize) {
    let (d, tile) = (64, [64, 128]);
    let array = |seed| Array2::from_shape_vec((t, d), formula::numbers(seed, t * d)).unwrap();
    let (q, k, v) = (array(1), array(2), array(3));
    let head = Head::new(q.view(), k.view(), v.view(), &Mask::None).unwrap();
    // What a product of matrices needs for itself is not counted: it does not grow with the length.
    let product = 2 << 20;
    let found = [peak(|| head.in_matrices()), peak(|| head.in_tiles(tile))];
    let counted = [bytes_in_matrices([t, t, d]), bytes_in_tiles([t, t, d], tile)];
    for (found, counted) in found.into_iter().zip(counted) {
        assert!((counted..counted + product).contains(&found), "{t}: {found}, and not {counted}");
    }
}
