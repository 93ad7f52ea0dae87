//! The matrix product: the definition, the kernel as compiled for any processor and for this one, and `ndarray`'s. Then
//! functions of many numbers at once, and two things on which speed depends: how the rows of a matrix lie in the cache,
//! and how threads get their work.

use std::hint::black_box;
use std::time::Duration;

use backprop::kernels::buffer::Buffer;
use backprop::kernels::curves::{Curve, Each};
use backprop::kernels::product::{Order, Product, naive};
use backprop::kernels::threads::Threads;
use backprop::kernels::{LANES, run_f32, run_portable};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array2, ArrayView2, linalg::general_mat_mul};

/// A way to compute a product.
type Way = fn(Product<'_, f32>);

/// Rows, and depth: what the first layer of chapter 7's network has for a mini-batch of 128.
const ROWS: usize = 128;
const DEPTH: usize = 784;

fn quick<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sample_size(20).warm_up_time(Duration::from_millis(500));
    group.measurement_time(Duration::from_secs(2));
    group
}

/// Numbers that are not all alike.
fn numbers(n: usize) -> Buffer<f32> {
    let mut numbers = Buffer::zeros(n);
    numbers.iter_mut().enumerate().for_each(|(i, x)| *x = (i % 17) as f32 / 17.0);
    numbers
}

/// The kernel on one row at a time, so that no row shares a load of `B` with another.
fn row_by_row(p: Product<'_, f32>) {
    let Order::Rows(stride) = p.order else { return };
    for (a, c) in p.a.chunks_exact(stride).zip(p.c.chunks_exact_mut(p.c_stride)) {
        run_f32(Product { rows: 1, a, c, ..p });
    }
}

fn product(c: &mut Criterion) {
    let (a, b) = (numbers(ROWS * DEPTH), numbers(DEPTH * LANES));
    let mut result = Buffer::zeros(ROWS * LANES);
    let mut group = quick(c, "product");
    // Operations, so that the report is in operations a second.
    group.throughput(Throughput::Elements((2 * ROWS * DEPTH * LANES) as u64));
    let ways: [(&str, Way); 4] = [
        ("definition", naive),
        ("portable", |p| run_portable(p)),
        ("one_row_at_a_time", row_by_row),
        ("dispatched", |p| run_f32(p)),
    ];
    for (name, way) in ways {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                way(Product {
                    rows: ROWS,
                    depth: DEPTH,
                    a: black_box(&a[..]),
                    order: Order::Rows(DEPTH),
                    b: black_box(&b[..]),
                    b_stride: LANES,
                    c: &mut result,
                    c_stride: LANES,
                    add: false,
                });
                black_box(&mut result);
            });
        });
    }
    let view = |rows, columns, data| ArrayView2::from_shape((rows, columns), data);
    let a = view(ROWS, DEPTH, &a[..]).expect("as many numbers");
    let b = view(DEPTH, LANES, &b[..]).expect("as many numbers");
    let mut result = Array2::zeros((ROWS, LANES));
    group.bench_function("ndarray", |bench| {
        bench.iter(|| general_mat_mul(1.0, black_box(&a), black_box(&b), 0.0, &mut result));
    });
    group.finish();
}

/// The gradient of weights goes down the columns of its matrix. With a power of two from row to row, the rows
/// compete for the same places of the cache.
fn stride(c: &mut Criterion) {
    let (depth, rows) = (128, 512);
    let b = numbers(depth * LANES);
    let mut result = Buffer::zeros(rows * LANES);
    let mut group = quick(c, "stride");
    group.throughput(Throughput::Elements((2 * rows * depth * LANES) as u64));
    for (name, stride) in [("power_of_two", 1024), ("odd_lines", 1024 + LANES)] {
        let a = numbers(depth * stride);
        group.bench_function(name, |bench| {
            bench.iter(|| {
                run_f32(Product {
                    rows,
                    depth,
                    a: black_box(&a[..]),
                    order: Order::Columns(stride),
                    b: &b,
                    b_stride: LANES,
                    c: &mut result,
                    c_stride: LANES,
                    add: false,
                });
                black_box(&mut result);
            });
        });
    }
    group.finish();
}

/// Functions of many numbers: the library's, one number after another, and those that take eight at once.
fn curves(c: &mut Criterion) {
    let x: Vec<f32> = (0..4096).map(|i| (i % 997) as f32 / 100.0 - 5.0).collect();
    let mut y = x.clone();
    let mut group = quick(c, "curves");
    group.throughput(Throughput::Elements(x.len() as u64));
    type Function = fn(f32) -> f32;
    let library: [(&str, Function); 2] = [("exp", f32::exp), ("tanh", f32::tanh)];
    for (name, function) in library {
        group.bench_function(format!("{name}_of_the_library"), |bench| {
            bench.iter(|| {
                y.iter_mut().zip(black_box(&x)).for_each(|(y, &x)| *y = function(x));
                black_box(&mut y);
            });
        });
    }
    for (name, curve) in [("exp", Curve::Exp), ("tanh", Curve::Tanh), ("erf", Curve::Erf)] {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                y.copy_from_slice(black_box(&x));
                run_f32(Each { curve, numbers: &mut y });
                black_box(&mut y);
            });
        });
    }
    group.finish();
}

/// What it costs to give two threads nothing to do.
fn hand_over(c: &mut Criterion) {
    let mut group = quick(c, "hand_over");
    group.bench_function("two_new_threads", |bench| {
        bench.iter(|| {
            std::thread::scope(|scope| {
                (0..2).for_each(|i| drop(scope.spawn(move || black_box(i))));
            });
        });
    });
    let mut pool = Threads::new(2);
    group.bench_function("pool_of_two", |bench| {
        bench.iter(|| {
            pool.run(2, &|i| {
                black_box(i);
            });
        });
    });
    group.finish();
}

criterion_group!(benches, product, curves, stride, hand_over);
criterion_main!(benches);
