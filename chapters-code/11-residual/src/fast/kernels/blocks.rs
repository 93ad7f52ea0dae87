//! A map cut into blocks of channels and pixels, each of which one thread writes.

#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ops::Range;

use backprop::kernels::threads::Threads;

use super::lane::Lane;

/// Which part of a map a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its groups of channels.
    pub groups: Range<usize>,
    /// Its pixels.
    pub pixels: Range<usize>,
}

/// Some pixels of some groups of channels, for one thread to write.
#[derive(Debug)]
pub struct Block<'a> {
    base: *mut Lane,
    /// From one group to the next.
    stride: usize,
    groups: usize,
    pixels: usize,
    map: PhantomData<&'a mut [Lane]>,
}

impl Block<'_> {
    /// The pixels of group `i` of the block.
    ///
    /// # Panics
    /// Where the block has no such group.
    pub fn group(&mut self, i: usize) -> &mut [Lane] {
        assert!(i < self.groups, "group {i} of {}", self.groups);
        // SAFETY: `each` makes blocks whose groups begin `stride` lanes apart inside of the map, and lie within it with all
        // their pixels. No two blocks share a pixel, each is given to one call, and `&mut self` lends one group at a time.
        unsafe { std::slice::from_raw_parts_mut(self.base.add(i * self.stride), self.pixels) }
    }
}

/// A pointer that threads may share.
struct Base(*mut Lane);

// SAFETY: it is used for blocks that do not overlap, and numbers may be sent.
unsafe impl Sync for Base {}

impl Base {
    fn at(&self, i: usize) -> *mut Lane {
        self.0.wrapping_add(i)
    }
}

/// Cuts a map, whose groups have `pixels` lanes each, into blocks of `cut` groups and pixels, and calls `task` with each of them
/// once, on all threads.
pub fn each(
    threads: &mut Threads,
    map: &mut [Lane],
    pixels: usize,
    cut: (usize, usize),
    task: impl Fn(Place, Block<'_>) + Sync,
) {
    let groups = map.len().checked_div(pixels).unwrap_or(0);
    let (high, wide) = (cut.0.clamp(1, groups.max(1)), cut.1.clamp(1, pixels.max(1)));
    let across = pixels.div_ceil(wide);
    let base = Base(map.as_mut_ptr());
    threads.run(groups.div_ceil(high) * across, &|i| {
        let (group, pixel) = (i / across * high, i % across * wide);
        let place = Place {
            groups: group..(group + high).min(groups),
            pixels: pixel..(pixel + wide).min(pixels),
        };
        let (base, stride) = (base.at(group * pixels + pixel), pixels);
        let (groups, pixels) = (place.groups.len(), place.pixels.len());
        // Blocks do not overlap: their numbers of groups or of pixels differ. `map` is borrowed until `run` has returned.
        task(place, Block { base, stride, groups, pixels, map: PhantomData });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_of_every_group_is_written_once() {
        let mut threads = Threads::new(2);
        for (groups, pixels, cut) in
            [(3, 7, (2, 3)), (1, 1, (1, 1)), (4, 5, (9, 9)), (0, 4, (1, 1)), (2, 3, (0, 0))]
        {
            let mut map = vec![Lane::default(); groups * pixels];
            each(&mut threads, &mut map, pixels, cut, |place, mut block| {
                for (i, g) in place.groups.clone().enumerate() {
                    for (lane, p) in block.group(i).iter_mut().zip(place.pixels.clone()) {
                        lane.0[0] += (g * 10 + p + 1) as f32;
                    }
                }
            });
            for (i, lane) in map.iter().enumerate() {
                assert_eq!(lane.0[0], (i / pixels * 10 + i % pixels + 1) as f32);
            }
        }
    }
}
