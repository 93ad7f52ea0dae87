//! The corners of a cube as the bits of a number.

use thiserror::Error;

/// A bit for each input: a set of inputs, or those at which a target says 1.
pub type Table = u32;

/// What cannot be enumerated.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum WorldError {
    /// Too many bits, or none.
    #[error(
        "the inputs have {0} bits; give 1, 2, 3 or 4: five bits have four thousand million targets"
    )]
    Bits(u32),
    /// Nothing is taught, or nothing is left to ask.
    #[error("{taught} of {inputs} inputs are taught; give a number from 1 to {}", inputs - 1)]
    Taught {
        /// Inputs of the training set.
        taught: u32,
        /// All inputs.
        inputs: u32,
    },
}

/// All inputs of `n` bits: the corners of a cube of `n` dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cube {
    bits: u32,
    /// For each input and distance, the inputs that differ from it in so many bits.
    spheres: Vec<Vec<Table>>,
}

impl Cube {
    /// The most bits whose targets can be gone through, all of them.
    pub const MOST: u32 = 4;

    /// The cube of `bits` bits, 1 to 4.
    ///
    /// # Errors
    /// [`WorldError::Bits`] for any other number.
    pub fn new(bits: u32) -> Result<Cube, WorldError> {
        if !(1..=Cube::MOST).contains(&bits) {
            return Err(WorldError::Bits(bits));
        }
        let inputs = 1 << bits;
        let sphere = |input: u32, distance: u32| {
            (0..inputs)
                .filter(|other| (input ^ other).count_ones() == distance)
                .fold(0, |set, other| set | 1 << other)
        };
        let spheres =
            (0..inputs).map(|input| (0..=bits).map(|d| sphere(input, d)).collect()).collect();
        Ok(Cube { bits, spheres })
    }

    /// The number of bits `n`.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The number of inputs, 2ⁿ.
    pub fn inputs(&self) -> u32 {
        1 << self.bits
    }

    /// The set of all inputs.
    pub fn all(&self) -> Table {
        Table::MAX >> (Table::BITS - self.inputs())
    }

    /// The number of targets, 2 to the number of inputs.
    pub fn targets(&self) -> u64 {
        1 << self.inputs()
    }

    /// The inputs that differ from `input` in `distance` bits. Both are as small as the cube allows.
    pub fn at(&self, input: u32, distance: u32) -> Table {
        self.spheres[input as usize][distance as usize]
    }

    /// The inputs whose bit number `bit`, counted from the last digit, is 1.
    pub fn half(&self, bit: u32) -> Table {
        (0..self.inputs()).filter(|input| input >> bit & 1 == 1).fold(0, |set, i| set | 1 << i)
    }

    /// Every set of `size` inputs, in ascending order.
    ///
    /// # Errors
    /// [`WorldError::Taught`] where the set is empty or holds every input.
    pub fn sets(&self, size: u32) -> Result<Vec<Table>, WorldError> {
        if !(1..self.inputs()).contains(&size) {
            return Err(WorldError::Taught { taught: size, inputs: self.inputs() });
        }
        Ok(subsets(self.all()).filter(|set| set.count_ones() == size).collect())
    }

    /// An input as its digits: `011`.
    pub fn digits(&self, input: u32) -> String {
        format!("{input:0width$b}", width = self.bits as usize)
    }
}

// ANCHOR: subsets
/// Every subset of a set, in ascending order, from the empty one to the whole.
/// Of a set that is a training set these are its labellings; of the rest, all
/// that a target may say there.
pub fn subsets(of: Table) -> impl Iterator<Item = Table> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let now: Table = next?;
        // Subtracting carries through the places outside the set.
        next = (now != of).then(|| now.wrapping_sub(of) & of);
        Some(now)
    })
}
// ANCHOR_END: subsets

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_come_in_order_and_are_all_there() {
        assert_eq!(subsets(0b1011).collect::<Vec<_>>(), [0, 1, 2, 3, 8, 9, 10, 11]);
        assert_eq!(subsets(0).collect::<Vec<_>>(), [0]);
        let all = subsets(0xffff).collect::<Vec<_>>();
        assert_eq!(all.len(), 65_536);
        assert!(all.is_sorted());
    }

    #[test]
    fn a_cube_has_its_corners_and_its_spheres() {
        let cube = Cube::new(3).unwrap();
        assert_eq!((cube.inputs(), cube.targets(), cube.all()), (8, 256, 0xff));
        // 000 has the neighbours 001, 010 and 100.
        assert_eq!(cube.at(0, 1), 0b1_0110);
        assert_eq!(cube.at(0, 3), 0b1000_0000);
        assert_eq!(cube.half(0), 0b1010_1010);
        assert_eq!(cube.half(2), 0b1111_0000);
        assert_eq!(cube.sets(4).unwrap().len(), 70);
        assert_eq!(cube.digits(3), "011");
        assert_eq!(Cube::new(4).unwrap().sets(8).unwrap().len(), 12_870);
    }

    #[test]
    fn what_cannot_be_gone_through_is_refused() {
        assert_eq!(Cube::new(0), Err(WorldError::Bits(0)));
        assert!(Cube::new(5).unwrap_err().to_string().contains("give 1, 2, 3 or 4"));
        let cube = Cube::new(2).unwrap();
        assert_eq!(cube.sets(4), Err(WorldError::Taught { taught: 4, inputs: 4 }));
        assert!(cube.sets(0).unwrap_err().to_string().contains("from 1 to 3"));
    }
}
