//! `exp`, `tanh` and `erf` against other ways to compute them, over the whole range of numbers.

#![allow(clippy::unwrap_used)]

use std::f64::consts::PI;

use backprop::Real;
use backprop::kernels::curves::{Curve, Each};
use backprop::kernels::{Fused, Kernel as _, Separate, run_f32, run_portable};

/// The error function, for tests alone: the series of its integrand's terms, and beyond 1 a continued fraction.
fn erf(x: f64) -> f64 {
    let z = x.abs();
    let value = if z < 1.0 {
        let (mut sum, mut power, mut n) = (0.0, z, 0.0);
        while power > 1e-20 * z {
            sum += if n % 2.0 == 0.0 { power } else { -power } / (2.0 * n + 1.0);
            n += 1.0;
            power *= z * z / n;
        }
        2.0 / PI.sqrt() * sum
    } else if z < 7.0 {
        let fraction = (1..=300).rev().fold(z, |below, k| z + 0.5 * f64::from(k) / below);
        1.0 - (-z * z).exp() / (PI.sqrt() * fraction)
    } else {
        // One; and NaN where there is no number.
        1.0 + 0.0 * z.min(1.0)
    };
    value.copysign(x)
}

/// Values by a computation with 60 digits.
const ERF: [(f64, f64); 12] = [
    (1e-300, 1.1283791670955126e-300),
    (1e-08, 1.1283791670955126e-08),
    (0.03, 0.03384122234173543),
    (0.3, 0.3286267594591274),
    (0.5, 0.5204998778130465),
    (0.84375, 0.7672256612323416),
    (1.0, 0.8427007929497149),
    (1.25, 0.9229001282564583),
    (1.75, 0.9866716712191824),
    (2.0, 0.9953222650189527),
    (3.0, 0.9999779095030014),
    (5.5, 0.9999999999999927),
];

#[test]
fn the_other_way_to_compute_erf_is_right() {
    for (x, value) in ERF {
        assert!((erf(x) / value - 1.0).abs() < 4.0 * f64::EPSILON, "{x}: {} {value}", erf(x));
        assert_eq!(erf(-x), -erf(x));
    }
}

fn exact(curve: Curve) -> fn(f64) -> f64 {
    match curve {
        Curve::Exp => f64::exp,
        Curve::Tanh => f64::tanh,
        Curve::Erf => erf,
    }
}

const CURVES: [Curve; 3] = [Curve::Exp, Curve::Tanh, Curve::Erf];

/// The largest distance from the exact values, in units in the last place of these, and where.
fn worst_f32(curve: Curve, found: impl Fn(&mut [f32])) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    // One of 4,093 patterns of bits, a prime, so each exponent has two thousand.
    let xs: Vec<f32> = (0..=u32::MAX).step_by(4093).map(f32::from_bits).collect();
    let mut ys = xs.clone();
    found(&mut ys);
    for (&x, &y) in xs.iter().zip(&ys) {
        let expected = exact(curve)(f64::from(x));
        if expected.is_nan() {
            assert!(y.is_nan(), "{curve:?}({x}) = {y}");
            continue;
        }
        let near = expected as f32;
        if near.is_infinite() || y.is_infinite() {
            // One step beyond the largest number is no error of two.
            let last = f64::from(f32::MAX) * (1.0 - 2e-7);
            assert!(y == near || expected.abs() > last, "{curve:?}({x}) = {y}");
            continue;
        }
        let unit = f64::from(near.abs().next_up()) - f64::from(near.abs());
        let error = (f64::from(y) - expected).abs() / unit;
        if error > worst.0 {
            worst = (error, x);
        }
    }
    worst
}

fn worst_f64(curve: Curve, found: impl Fn(&mut [f64])) -> (f64, f64) {
    let mut worst = (0.0, 0.0);
    let step = (1 << 42) + 12_345_678_901;
    let whole = (0..u64::MAX / step).map(|i| f64::from_bits(i * step));
    let xs: Vec<f64> = whole.chain((-800_000..800_000).map(|i| f64::from(i) * 1e-5)).collect();
    let mut ys = xs.clone();
    found(&mut ys);
    for (&x, &y) in xs.iter().zip(&ys) {
        let expected = exact(curve)(x);
        if expected.is_nan() || expected.is_infinite() {
            assert!(
                y.is_nan() == expected.is_nan() && (y.is_nan() || y == expected),
                "{curve:?}({x}) = {y}"
            );
            continue;
        }
        let unit = expected.abs().next_up() - expected.abs();
        let error = (y - expected).abs() / unit;
        if error > worst.0 {
            worst = (error, x);
        }
    }
    worst
}

#[test]
fn errors_are_as_small_as_the_table_says() {
    // For `f64` the errors of the other way count, too; those of its `erf` are the larger part.
    let bounds = [(1.0, 1.01), (2.3, 4.1), (1.2, 5.1)];
    for (curve, (single, double)) in CURVES.into_iter().zip(bounds) {
        type Way = (&'static str, fn(Curve, &mut [f32]));
        let ways: [Way; 3] = [
            ("dispatched", |curve, numbers| run_f32(Each { curve, numbers })),
            ("portable", |curve, numbers| run_portable(Each { curve, numbers })),
            ("separate", |curve, numbers| Each { curve, numbers }.run::<Separate>()),
        ];
        for (name, way) in ways {
            let (error, at) = worst_f32(curve, |x| way(curve, x));
            println!("{curve:?}, f32, {name}: {error:.3} at {at}");
            assert!(error < single, "{curve:?}, f32, {name}: {error:.3} at {at}");
        }
        let (error, at) = worst_f64(curve, |numbers| f64::vectorised(Each { curve, numbers }));
        println!("{curve:?}, f64: {error:.3} at {at}");
        assert!(error < double, "{curve:?}, f64: {error:.3} at {at}");
    }
}

#[test]
fn ends_of_the_range() {
    fn of<T: Real>(curve: Curve, x: f64) -> f64 {
        let mut x = [T::of(x)];
        T::vectorised(Each { curve, numbers: &mut x });
        x[0].to_f64()
    }
    fn ends<T: Real>() {
        let inf = f64::INFINITY;
        assert_eq!([inf, -inf, 0.0, -0.0].map(|x| of::<T>(Curve::Exp, x)), [inf, 0.0, 1.0, 1.0]);
        for curve in [Curve::Tanh, Curve::Erf] {
            let ends = [inf, -inf, 50.0, -50.0, 0.0].map(|x| of::<T>(curve, x));
            assert_eq!(ends, [1.0, -1.0, 1.0, -1.0, 0.0]);
            assert!(of::<T>(curve, -0.0).is_sign_negative());
        }
        CURVES.into_iter().for_each(|curve| assert!(of::<T>(curve, f64::NAN).is_nan()));
    }
    ends::<f32>();
    ends::<f64>();
    assert_eq!(of::<f32>(Curve::Exp, 88.72284), f64::from(f32::exp(88.72284)));
    assert_eq!(of::<f32>(Curve::Exp, -103.9), f64::from(f32::from_bits(1)));
    assert_eq!(of::<f32>(Curve::Exp, -104.1), 0.0);
    assert_eq!(of::<f64>(Curve::Exp, -745.0), f64::from_bits(1));
    let tiny = f64::from(f32::from_bits(12_345));
    assert_eq!(of::<f32>(Curve::Tanh, tiny), tiny);
}

/// The same operations in the same order: only how a product and a sum are rounded may change bits.
#[test]
fn bits_depend_on_fused_multiply_adds_alone() {
    let bits = |curve, way: &dyn Fn(Each<'_, f32>), length: usize| {
        let mut numbers: Vec<f32> = (0..length).map(|i| (i as f32 - 7000.0) * 0.00137).collect();
        way(Each { curve, numbers: &mut numbers });
        numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    for curve in CURVES {
        let dispatched = bits(curve, &|each| run_f32(each), 15_003);
        let fused = bits(curve, &|each| each.run::<Fused>(), 15_003);
        let separate = bits(curve, &|each| each.run::<Separate>(), 15_003);
        assert!(dispatched == fused || dispatched == separate, "{curve:?}");
        // A number's place in the slice does not matter.
        for length in 1..20 {
            assert_eq!(bits(curve, &|each| run_f32(each), length), dispatched[..length]);
        }
    }
}
