//! Is a printed figure the true one, rounded, or cut off, or neither?

/// How a printed figure relates to the true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the true one, rounded.
    Rounded,
    /// It is the true one, cut off.
    Truncated,
    /// It is neither.
    Wrong,
}

impl Verdict {
    // ANCHOR: verdict
    /// Is `printed`, with so many decimals, `truth` rounded, or cut off, or neither?
    pub fn of(printed: f64, decimals: u32, truth: f64) -> Verdict {
        let unit = 10_f64.powi(decimals as i32);
        let printed = (printed * unit).round();
        if printed == (truth * unit).round() {
            Verdict::Rounded
        } else if printed == (truth * unit).floor() {
            Verdict::Truncated
        } else {
            Verdict::Wrong
        }
    }
    // ANCHOR_END: verdict

    /// The verdict in a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Rounded => "rounded",
            Verdict::Truncated => "cut off",
            Verdict::Wrong => "wrong",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_tells_rounding_from_cutting_off() {
        assert_eq!(Verdict::of(652.0, 0, 651.93), Verdict::Rounded);
        assert_eq!(Verdict::of(651.0, 0, 651.93), Verdict::Truncated);
        assert_eq!(Verdict::of(650.0, 0, 651.93), Verdict::Wrong);
        assert_eq!(Verdict::of(0.22, 2, 0.2242), Verdict::Rounded);
        assert_eq!(Verdict::of(1.14, 2, 1.1419), Verdict::Rounded);
        assert_eq!(Verdict::of(0.24, 2, 0.2242), Verdict::Wrong);
    }
}
