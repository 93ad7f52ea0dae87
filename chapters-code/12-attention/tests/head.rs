//! One head: three ways that agree, PyTorch's answers and gradients, masks, and faults.

use attention::{Head, Mask, formula};
use backprop::fixtures::{assert_close, floats};
use ndarray::Array2;

/// Queries, keys, numbers in a query, numbers in a value.
const SIZES: [(&str, [usize; 4]); 3] =
    [("square", [7, 7, 8, 8]), ("across", [5, 9, 4, 6]), ("long", [33, 70, 16, 16])];

fn array(seed: u64, rows: usize, columns: usize) -> Array2<f32> {
    let x = formula::numbers(seed, rows * columns).into_iter().map(|x| 4.0 * x).collect();
    Array2::from_shape_vec((rows, columns), x).unwrap()
}

fn mask(kind: &str, t: usize, s: usize) -> Mask {
    match kind {
        "none" => Mask::None,
        "causal" => Mask::Causal,
        _ => {
            let x = formula::numbers(9, t * s);
            Mask::Allowed(Array2::from_shape_fn((t, s), |(i, j)| i != 2 && x[i * s + j] > -0.2))
        }
    }
}

/// Calls `hold` for each size and mask.
fn each(hold: impl Fn(&str, &Head<'_>, [usize; 4])) {
    for (name, size @ [t, s, d, dv]) in SIZES {
        for kind in ["none", "causal", "holes"] {
            let (q, k, v) = (array(1, t, d), array(2, s, d), array(3, s, dv));
            let mask = mask(kind, t, s);
            let head = Head::new(q.view(), k.view(), v.view(), &mask).unwrap();
            hold(&format!("{name}/{kind}"), &head, size);
        }
    }
}

fn flat(x: &Array2<f32>) -> Vec<f32> {
    x.iter().copied().collect()
}

#[test]
fn three_ways_agree() {
    each(|name, head, _| {
        let expected = flat(&head.by_definition());
        assert_close(name, &flat(&head.in_matrices()), &expected, 1e-5);
        for tile in [[1, 1], [2, 3], [16, 16], [64, 128]] {
            assert_close(
                &format!("{name}, {tile:?}"),
                &flat(&head.in_tiles(tile)),
                &expected,
                1e-5,
            );
        }
    });
}

#[test]
fn outputs_equal_pytorch() {
    let record = crate::vit::record();
    each(|name, head, _| {
        let expected = floats(&record["attention"][name]["y"]);
        assert_close(name, &flat(&head.by_definition()), &expected, 1e-5);
        assert_close(name, &flat(&head.in_matrices()), &expected, 1e-5);
        assert_close(name, &flat(&head.in_tiles([4, 5])), &expected, 1e-5);
    });
}

#[test]
fn gradients_equal_pytorch() {
    let record = crate::vit::record();
    each(|name, head, [t, _, _, dv]| {
        let found = head.backward(array(4, t, dv).view()).unwrap();
        for (key, found) in [("dq", found.dq), ("dk", found.dk), ("dv", found.dv)] {
            let expected = floats(&record["attention"][name][key]);
            assert_close(&format!("{name}, {key}"), &flat(&found), &expected, 1e-5);
        }
    });
}

#[test]
fn who_may_look_nowhere_has_zeros() {
    let (q, v) = (array(1, 3, 4), array(3, 3, 2));
    let mask = Mask::Allowed(Array2::from_shape_fn((3, 3), |(i, _)| i != 1));
    let head = Head::new(q.view(), q.view(), v.view(), &mask).unwrap();
    let ways = [head.by_definition(), head.in_matrices(), head.in_tiles([2, 2])];
    for y in ways {
        assert_eq!(flat(&y)[2..4], [0.0, 0.0]);
        assert!(y.iter().all(|y| y.is_finite()));
    }
    let found = head.backward(array(4, 3, 2).view()).unwrap();
    assert!(found.dq.row(1).iter().all(|&x| x == 0.0));
    assert!(found.dk.iter().chain(&found.dv).all(|x| x.is_finite()));
}

#[test]
fn large_scores_do_not_overflow() {
    let (q, v) = (array(1, 4, 4) * 1e3, array(3, 4, 2));
    let head = Head::new(q.view(), q.view(), v.view(), &Mask::None).unwrap();
    let y = head.in_tiles([1, 1]);
    assert!(y.iter().all(|y| y.is_finite()));
    assert_close("large", &flat(&y), &flat(&head.in_matrices()), 1e-5);
}

#[test]
fn shapes_that_do_not_fit() {
    let (q, k, v) = (array(1, 3, 4), array(2, 5, 4), array(3, 5, 2));
    let fault = |q: &Array2<f32>, k: &Array2<f32>, v: &Array2<f32>, mask: &Mask| {
        Head::new(q.view(), k.view(), v.view(), mask).unwrap_err().to_string()
    };
    assert_eq!(
        fault(&q, &v, &v, &Mask::None),
        "keys: [5, 2] where the other arrays have [5, 4]; give arrays of one problem"
    );
    assert!(fault(&q, &k, &q, &Mask::None).starts_with("values: [3, 4] "));
    let mask = Mask::Allowed(Array2::from_elem((3, 4), true));
    assert!(fault(&q, &k, &v, &mask).starts_with("mask: [3, 4] "));
    let head = Head::new(q.view(), k.view(), v.view(), &Mask::None).unwrap();
    let fault = head.backward(q.view()).unwrap_err().to_string();
    assert!(fault.starts_with("gradient of the outputs: [3, 4] "), "{fault}");
}

proptest::proptest! {
    #[test]
    fn tiles_of_any_size_agree(
        t in 1..20_usize, s in 1..20_usize, d in 1..6_usize, tile in [1..9_usize, 1..9], seed in 0..99_u64,
    ) {
        let (q, k, v) = (array(seed, t, d), array(seed + 1, s, d), array(seed + 2, s, 3));
        let allowed = formula::numbers(seed, t * s);
        let mask = Mask::Allowed(Array2::from_shape_fn((t, s), |(i, j)| allowed[i * s + j] > 0.2));
        let head = Head::new(q.view(), k.view(), v.view(), &mask).unwrap();
        assert_close("tiles", &flat(&head.in_tiles(tile)), &flat(&head.by_definition()), 1e-5);
    }
}
