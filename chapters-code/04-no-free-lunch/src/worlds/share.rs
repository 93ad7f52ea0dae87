//! A share as two whole numbers, so that equal means equal.

use std::fmt;

// ANCHOR: share
/// So many of so many: an exact rational number between 0 and 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    /// How many.
    pub part: u64,
    /// Of how many.
    pub of: u64,
}

impl PartialEq for Share {
    /// a/b = c/d where a·d = c·b, in 128 bits, which hold every product.
    fn eq(&self, other: &Share) -> bool {
        let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
        product(self.part, other.of) == product(other.part, self.of)
    }
}
// ANCHOR_END: share

impl Share {
    /// One of two.
    pub const HALF: Share = Share { part: 1, of: 2 };

    /// In lowest terms; of nothing it stays as it is.
    pub fn reduced(self) -> Share {
        let (mut a, mut b) = (self.part, self.of);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = a.max(1);
        Share { part: self.part / divisor, of: self.of / divisor }
    }

    /// As a number.
    pub fn number(self) -> f64 {
        self.part as f64 / self.of as f64
    }
}

/// In lowest terms: `1/2`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Share { part, of } = self.reduced();
        write!(f, "{part}/{of}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_equal_as_rationals_are() {
        let share = |part, of| Share { part, of };
        assert_eq!(share(3_294_720, 6_589_440), Share::HALF);
        assert_ne!(share(u64::MAX / 2, u64::MAX), Share::HALF);
        assert_eq!(share(6, 8).to_string(), "3/4");
        assert_eq!(share(0, 7).to_string(), "0/1");
        assert_eq!(share(3, 4).number(), 0.75);
    }
}
