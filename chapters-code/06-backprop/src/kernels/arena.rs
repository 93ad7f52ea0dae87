//! One piece of memory for all that a step computes. It is divided into *slots*, a slot into rows, one for
//! each sample; a shard of the mini-batch has some of the rows of every slot.

use std::marker::PhantomData;
use std::ops::Range;

use super::buffer::Buffer;
use super::threads::Threads;
use crate::Real;

/// A number of the slots of an arena, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(Option<usize>);

impl Slot {
    /// No slot: its rows are empty.
    pub const NONE: Slot = Slot(None);
}

/// Memory of `rows` rows in each of its slots. Two slots never share a number.
#[derive(Debug)]
pub struct Arena<T> {
    memory: Buffer<T>,
    /// Where each slot begins, and its numbers from row to row.
    slots: Vec<(usize, usize)>,
    length: usize,
    rows: usize,
}

impl<T: Real> Arena<T> {
    /// An arena without slots, for `rows` rows.
    pub fn new(rows: usize) -> Self {
        Arena { memory: Buffer::zeros(0), slots: Vec::new(), length: 0, rows }
    }

    /// A new slot with `stride` numbers in each row; none for a stride of 0. Call [`Arena::allocate`] after the last.
    pub fn slot(&mut self, stride: usize) -> Slot {
        if stride == 0 {
            return Slot::NONE;
        }
        self.slots.push((self.length, stride));
        self.length += stride * self.rows;
        Slot(Some(self.slots.len() - 1))
    }

    /// Numbers from row to row of a slot.
    pub fn stride(&self, slot: Slot) -> usize {
        slot.0.map_or(0, |slot| self.slots[slot].1)
    }

    /// Takes the memory, all zeros.
    pub fn allocate(&mut self) {
        self.memory = Buffer::zeros(self.length);
    }

    /// How many numbers the arena has.
    pub fn len(&self) -> usize {
        self.length
    }

    /// True without slots.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// All rows of a slot.
    pub fn all(&self, slot: Slot) -> &[T] {
        let Some(slot) = slot.0 else { return &[] };
        let (start, stride) = self.slots[slot];
        &self.memory[start..start + stride * self.rows]
    }

    /// Cuts the first `rows` rows into `shards` shards and calls `task` with each: its number, its rows, and a
    /// view of them. Allocates nothing.
    ///
    /// # Panics
    /// If the arena has fewer rows.
    pub fn for_each_shard(
        &mut self,
        threads: &mut Threads,
        rows: usize,
        shards: usize,
        task: impl Fn(usize, Range<usize>, View<'_, T>) + Sync,
    ) {
        assert!(rows <= self.rows, "{rows} rows in an arena of {}", self.rows);
        let base = Base(self.memory.as_mut_ptr());
        let (slots, length) = (&self.slots[..], self.memory.len());
        threads.run(shards, &|shard| {
            let range = shard * rows / shards..(shard + 1) * rows / shards;
            let base = base.get();
            task(shard, range.clone(), View { base, length, slots, range, lives: PhantomData });
        });
    }
}

impl<T: Real> Arena<T> {
    /// Cuts the first `rows` rows of one slot at `edges`, which rise from 0 to its stride, and calls `task` with each
    /// piece: its row, its number, its numbers to be written, and the same row of all other slots to be read. So
    /// several threads write to one sample. Allocates nothing.
    ///
    /// # Panics
    /// If the arena has fewer rows, or the edges do not rise from 0 to the stride.
    pub fn for_each_cut(
        &mut self,
        threads: &mut Threads,
        rows: usize,
        slot: Slot,
        edges: &[usize],
        task: impl Fn(usize, usize, &mut [T], Rest<'_, T>) + Sync,
    ) {
        assert!(rows <= self.rows, "{rows} rows in an arena of {}", self.rows);
        let stride = self.stride(slot);
        let ends = (edges.first(), edges.last());
        assert_eq!(ends, (Some(&0), Some(&stride)), "edges from 0 to the stride");
        assert!(edges.is_sorted(), "edges rise");
        let base = Base(self.memory.as_mut_ptr());
        let (slots, length) = (&self.slots[..], self.memory.len());
        let start = slot.0.map_or(0, |slot| slots[slot].0);
        assert!(start + rows * stride <= length, "the arena is not allocated");
        let pieces = edges.len() - 1;
        threads.run(rows * pieces, &|i| {
            let (row, piece) = (i / pieces, i % pieces);
            let (from, base) = (start + row * stride + edges[piece], base.get());
            let numbers = edges[piece + 1] - edges[piece];
            // SAFETY: `run` gives each row and piece to one call. Pieces of a row do not overlap, because the edges rise;
            // rows do not, because no edge is beyond the stride; and all are inside the memory (checked above). `Rest`
            // gives out no part of this slot. The memory is exclusively borrowed until `run` has returned.
            let y = unsafe { std::slice::from_raw_parts_mut(base.add(from), numbers) };
            let lives = PhantomData;
            task(row, piece, y, Rest { base, length, slots, written: slot, row, lives });
        });
    }
}

/// One row of all slots but one, to be read.
#[derive(Debug)]
pub struct Rest<'a, T> {
    base: *const T,
    length: usize,
    slots: &'a [(usize, usize)],
    written: Slot,
    row: usize,
    lives: PhantomData<&'a [T]>,
}

impl<'a, T: Real> Rest<'a, T> {
    /// The row of a slot.
    ///
    /// # Panics
    /// If it is the slot that is being written.
    pub fn get(&self, slot: Slot) -> &'a [T] {
        let Some(number) = slot.0 else { return &[] };
        assert!(slot != self.written, "{slot:?} is being written");
        let (start, stride) = self.slots[number];
        let from = start + self.row * stride;
        assert!(from + stride <= self.length, "the arena is not allocated");
        // SAFETY: the range is inside the memory, which `for_each_cut` has borrowed exclusively for longer than `'a`. Slots
        // do not overlap, and while its tasks run nothing but the slot `written` is written.
        unsafe { std::slice::from_raw_parts(self.base.add(from), stride) }
    }
}

/// A pointer that threads may share.
struct Base<T>(*mut T);

// SAFETY: the pointer stands for the exclusive reference to the memory that `for_each_shard` or `for_each_cut` holds
// until all tasks have ended. The first uses it through views alone. Their rows are disjoint, because `run` gives each
// shard to one call and the ranges of shards do not overlap. The second says there why what it hands out is disjoint.
// `Real` numbers are `Send` and `Sync`.
unsafe impl<T: Real> Sync for Base<T> {}

impl<T> Base<T> {
    fn get(&self) -> *mut T {
        self.0
    }
}

/// Some rows of every slot.
#[derive(Debug)]
pub struct View<'a, T> {
    base: *mut T,
    length: usize,
    slots: &'a [(usize, usize)],
    range: Range<usize>,
    lives: PhantomData<&'a mut [T]>,
}

impl<T: Real> View<'_, T> {
    /// These rows of some slots, no slot twice.
    ///
    /// # Panics
    /// If a slot is named twice.
    pub fn get<const N: usize>(&mut self, slots: [Slot; N]) -> [&mut [T]; N] {
        for (i, slot) in slots.iter().enumerate() {
            assert!(
                *slot == Slot::NONE || !slots[..i].contains(slot),
                "{slot:?} is asked for twice"
            );
        }
        slots.map(|slot| {
            let Some(slot) = slot.0 else { return &mut [][..] };
            let (start, stride) = self.slots[slot];
            let from = start + self.range.start * stride;
            let length = self.range.len() * stride;
            assert!(from + length <= self.length, "the arena is not allocated");
            // SAFETY: the range is inside the memory, which is exclusively borrowed for `'a` (checked
            // above). Slots do not overlap and are asked for once, so the slices of one call do not
            // overlap; `&mut self` keeps two calls apart; and other views have other rows.
            unsafe { std::slice::from_raw_parts_mut(self.base.add(from), length) }
        })
    }
}
