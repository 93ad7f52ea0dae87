//! The examples of the page "The Rust and `ndarray` that you need": each is a test, so each still runs.

#![allow(clippy::unwrap_used)] // a test may panic

use ndarray::{Array1, Array2, ArrayView2, Axis, Zip, array, s};

#[test]
fn names_and_loops() {
    // ANCHOR: names
    let n = 3; // an integer that never changes
    let mut sum = 0.0; // a number that may; f64, 64 bits
    for i in 0..n {
        sum += f64::from(i) * 0.5;
    }
    let word = if sum > 1.0 { "large" } else { "small" };
    assert_eq!(word, "large");
    // ANCHOR_END: names
}

#[test]
fn ownership_and_borrowing() {
    // ANCHOR: borrow
    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    fn centre(values: &mut [f64]) {
        let middle = mean(values);
        for value in values {
            *value -= middle;
        }
    }

    let mut heights = vec![1.0, 2.0, 6.0];
    assert_eq!(mean(&heights), 3.0); // lent for reading
    centre(&mut heights); // lent for changing
    assert_eq!(heights, [-2.0, -1.0, 3.0]);
    let others = heights; // moved: `heights` cannot be used any more
    assert_eq!(others.len(), 3);
    // ANCHOR_END: borrow
}

#[test]
fn results_and_the_question_mark() {
    // ANCHOR: results
    use std::num::ParseIntError;

    fn pixels(size: &str) -> Result<usize, ParseIntError> {
        let side: usize = size.trim().parse()?; // a failed parse ends the function
        Ok(side * side)
    }

    assert_eq!(pixels("28"), Ok(784));
    assert!(pixels("wide").is_err());
    match pixels("8") {
        Ok(count) => assert_eq!(count, 64),
        Err(fault) => println!("that was no number: {fault}"),
    }
    // ANCHOR_END: results
}

#[test]
fn options() {
    // ANCHOR: options
    let levels = [12, 200, 48];
    let brightest: Option<&i32> = levels.iter().max();
    assert_eq!(brightest, Some(&200));
    let none: [i32; 0] = [];
    let Some(most) = none.iter().max() else {
        return; // nothing there: leave
    };
    panic!("{most} of nothing");
    // ANCHOR_END: options
}

#[test]
fn iterators_and_closures() {
    // ANCHOR: iterators
    let truth = [0, 1, 1, 2];
    let answers = [0, 1, 2, 2];
    let right = truth.iter().zip(&answers).filter(|(t, a)| t == a).count();
    assert_eq!(right, 3);
    let squares: Vec<i32> = (1..=3).map(|x| x * x).collect();
    assert_eq!(squares, [1, 4, 9]);
    let number = squares.iter().fold(0, |number, x| 10 * number + x);
    assert_eq!(number, 149);
    let rate = 0.5;
    let step = |x: f64| x - rate * 2.0 * x; // a closure: it uses `rate` from outside
    assert_eq!(step(8.0), 0.0);
    // ANCHOR_END: iterators
}

#[test]
fn traits_and_generics() {
    // ANCHOR: traits
    trait Rule {
        fn answer(&self, x: f64) -> u8;
    }

    struct Threshold {
        at: f64,
    }

    impl Rule for Threshold {
        fn answer(&self, x: f64) -> u8 {
            u8::from(x > self.at)
        }
    }

    fn count_ones<R: Rule>(rule: &R, cases: &[f64]) -> usize {
        cases.iter().filter(|x| rule.answer(**x) == 1).count()
    }

    assert_eq!(count_ones(&Threshold { at: 0.5 }, &[0.2, 0.7, 0.9]), 2);
    // ANCHOR_END: traits
}

#[test]
fn arrays_have_shapes() {
    // ANCHOR: shapes
    let x: Array2<f32> = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    assert_eq!(x.dim(), (2, 3)); // rows, columns
    assert_eq!(x[[1, 2]], 6.0);
    let zeros = Array2::<f32>::zeros((2, 3));
    let index = Array2::from_shape_fn((2, 3), |(i, j)| (3 * i + j) as f32);
    assert_eq!(x, zeros + index + 1.0);
    // ANCHOR_END: shapes
}

#[test]
fn views_and_slices() {
    // ANCHOR: views
    fn largest(x: ArrayView2<'_, f32>) -> f32 {
        x.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }

    let mut x = array![[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
    assert_eq!(largest(x.view()), 6.0);
    assert_eq!(largest(x.slice(s![.., ..2])), 5.0); // all rows, the first two columns
    assert_eq!(x.row(0).sum(), 6.0);
    x.slice_mut(s![0, ..]).fill(0.0); // changes x itself
    assert_eq!(x.sum(), 15.0);
    let chosen = x.select(Axis(0), &[1, 1]); // a copy of rows 1 and 1
    assert_eq!(chosen.dim(), (2, 3));
    // ANCHOR_END: views
}

#[test]
fn axes_and_products() {
    // ANCHOR: axes
    let x = array![[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
    let of_columns: Array1<f32> = x.sum_axis(Axis(0)); // axis 0, the rows, is summed away
    assert_eq!(of_columns, array![5.0, 7.0, 9.0]);
    let of_rows = x.mean_axis(Axis(1)).unwrap(); // None if there were no columns
    assert_eq!(of_rows, array![2.0, 5.0]);
    let w = array![1.0_f32, 0.0, -1.0];
    assert_eq!(x.dot(&w), array![-2.0, -2.0]); // (2, 3) times (3)
    assert_eq!(x.dot(&x.t()).dim(), (2, 2)); // (2, 3) times (3, 2)
    // ANCHOR_END: axes
}

#[test]
fn broadcasting() {
    // ANCHOR: broadcasting
    let x = array![[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
    let mean = array![2.5_f32, 3.5, 4.5];
    let centred = &x - &mean; // a row is taken from every row
    assert_eq!(centred.row(1), array![1.5, 1.5, 1.5]);
    let by_row = array![1.0_f32, 4.0].insert_axis(Axis(1)); // shape (2, 1)
    assert_eq!(&x - &by_row, array![[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]]);
    let squares = x.mapv(|v| v * v); // a function of every element, in a new array
    assert_eq!(squares.sum(), 91.0);
    // ANCHOR_END: broadcasting
}

#[test]
fn several_arrays_together() {
    // ANCHOR: zip
    let gradient = array![4.0_f32, -2.0];
    let mut weights = array![1.0_f32, 1.0];
    Zip::from(&mut weights).and(&gradient).for_each(|w, &g| *w -= 0.5 * g);
    assert_eq!(weights, array![-1.0, 2.0]);

    let x = array![[1.0_f32, 2.0], [3.0, 4.0]];
    let mut lengths = Array1::zeros(2);
    Zip::from(x.rows()).and(&mut lengths).for_each(|row, length| *length = row.dot(&row).sqrt());
    assert_eq!(lengths[1], 5.0_f32);
    // ANCHOR_END: zip
}
