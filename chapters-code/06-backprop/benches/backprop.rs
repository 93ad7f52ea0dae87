//! The matrix product: the definition, as compiled for any processor, and as compiled for this one.

use std::hint::black_box;

use backprop::kernels::product::{Order, Product, naive};
use backprop::kernels::{run_f32, run_portable};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// A way to compute a product.
type Way = fn(Product<'_, f32>);

fn product(c: &mut Criterion) {
    let (rows, depth) = (128, 784);
    let a: Vec<f32> = (0..rows * depth).map(|i| (i % 17) as f32 / 17.0).collect();
    let b: Vec<f32> = (0..depth * 16).map(|i| (i % 13) as f32 / 13.0).collect();
    let mut result = vec![0.0; rows * 16];
    let mut group = c.benchmark_group("product");
    // Operations, so that the report is in operations a second.
    group.throughput(Throughput::Elements((2 * rows * depth * 16) as u64));
    let ways: [(&str, Way); 3] =
        [("definition", naive), ("portable", |p| run_portable(p)), ("dispatched", |p| run_f32(p))];
    for (name, way) in ways {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let (order, c) = (Order::Rows(depth), &mut result[..]);
                let (a, b) = (black_box(&a[..]), black_box(&b[..]));
                way(Product {
                    rows,
                    depth,
                    a,
                    order,
                    b,
                    b_stride: 16,
                    c,
                    c_stride: 16,
                    add: false,
                });
                black_box(&mut result);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, product);
criterion_main!(benches);
