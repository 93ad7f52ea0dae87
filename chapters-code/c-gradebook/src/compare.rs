//! Words and tolerances for an exercise's comparison.
//!
//! A message is read by the student, who does not see the input. It says in the exercise's words what was
//! expected and what came: "the share of class 3: expected 0.25, found 0.5".

use std::fmt::Debug;

/// Are two numbers equal up to `tolerance`, absolute near zero and relative away from it?
///
/// A number that is not finite is equal only to itself; NaN is taken as equal to NaN.
pub fn close(expected: f64, found: f64, tolerance: f64) -> bool {
    if !expected.is_finite() || !found.is_finite() {
        return expected == found || expected.is_nan() && found.is_nan();
    }
    (expected - found).abs() <= tolerance * expected.abs().max(1.0)
}

/// One number, up to `tolerance` as in [`close`].
///
/// # Errors
/// The message for the student where they differ.
pub fn number(what: &str, expected: f64, found: f64, tolerance: f64) -> Result<(), String> {
    if close(expected, found, tolerance) {
        return Ok(());
    }
    Err(format!("{what}: expected {}, found {}", short(expected), short(found)))
}

/// Two values that must be equal exactly.
///
/// # Errors
/// The message for the student where they differ.
pub fn equal<T: PartialEq + Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

/// Two sequences that must be equally long.
///
/// # Errors
/// The message for the student where they are not.
pub fn length<T>(what: &str, expected: &[T], found: &[T]) -> Result<(), String> {
    if expected.len() == found.len() {
        return Ok(());
    }
    Err(format!("expected {} {what}, found {}", expected.len(), found.len()))
}

/// Two sequences of numbers, item by item, up to `tolerance` as in [`close`]; `name` says what item `i` is.
///
/// # Errors
/// The message for the student at the first item that differs, or where the lengths do.
pub fn each(
    expected: &[f64],
    found: &[f64],
    tolerance: f64,
    name: impl Fn(usize) -> String,
) -> Result<(), String> {
    length("numbers", expected, found)?;
    for (i, (&expected, &found)) in expected.iter().zip(found).enumerate() {
        if !close(expected, found, tolerance) {
            return number(&name(i), expected, found, tolerance);
        }
    }
    Ok(())
}

/// A number with as many digits as a person reads.
fn short(x: f64) -> String {
    if x == 0.0 || (1e-4..1e9).contains(&x.abs()) {
        let text = format!("{x:.6}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        text.to_owned()
    } else {
        format!("{x:.4e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerance_is_relative_for_large_numbers_and_absolute_for_small() {
        assert!(close(1e9, 1e9 + 0.5, 1e-9) && !close(1e9, 1e9 + 2.0, 1e-9));
        assert!(close(0.0, 1e-10, 1e-9) && !close(0.0, 1e-8, 1e-9));
    }

    #[test]
    fn what_is_not_finite_is_equal_only_to_itself() {
        assert!(close(f64::NAN, f64::NAN, 1.0) && close(f64::INFINITY, f64::INFINITY, 1.0));
        assert!(!close(f64::INFINITY, f64::NEG_INFINITY, 1.0) && !close(0.0, f64::NAN, 1.0));
    }

    #[test]
    fn messages_name_the_thing_and_both_values() {
        let fault = each(&[0.25, 0.5], &[0.25, 0.125], 1e-9, |i| format!("share {i}"));
        assert_eq!(fault.unwrap_err(), "share 1: expected 0.5, found 0.125");
        assert_eq!(length("classes", &[1, 2], &[1]).unwrap_err(), "expected 2 classes, found 1");
        assert_eq!(
            number("mean", 1e-7, 0.0, 1e-9).unwrap_err(),
            "mean: expected 1.0000e-7, found 0"
        );
    }
}
