//! The peak: the speed of this machine's matrix product when everything lies in the cache. Other times are compared
//! with it, because it is what the kernel could do if data came for nothing.

use std::hint::black_box;
use std::time::Instant;

use crate::kernels::buffer::Buffer;
use crate::kernels::product::{Order, Product};
use crate::kernels::threads::Threads;
use crate::kernels::{LANES, run_f32};

/// Rows and depth of the products that are tried. The smallest lies in the first cache, the largest in the second.
const SHAPES: [(usize, usize); 4] = [(48, 128), (96, 256), (192, 256), (96, 512)];

/// What one thread multiplies.
#[derive(Debug)]
struct Matrices {
    a: Buffer<f32>,
    b: Buffer<f32>,
    c: Buffer<f32>,
}

/// Threads that multiply small matrices and do nothing else.
#[derive(Debug)]
pub struct Peak {
    threads: Threads,
    matrices: Vec<Matrices>,
    shape: (usize, usize),
}

impl Peak {
    /// Tries a few products on `threads` threads and keeps the fastest.
    pub fn new(threads: usize) -> Peak {
        let three = |_| Matrices {
            a: Buffer::zeros(SHAPES.iter().map(|(r, d)| r * d).max().unwrap_or(0)),
            b: Buffer::zeros(SHAPES.iter().map(|(_, d)| d * LANES).max().unwrap_or(0)),
            c: Buffer::zeros(SHAPES.iter().map(|(r, _)| r * LANES).max().unwrap_or(0)),
        };
        let matrices = (0..threads.max(1)).map(three).collect();
        let mut peak = Peak { threads: Threads::new(threads.max(1)), matrices, shape: SHAPES[0] };
        let fastest = SHAPES.map(|shape| {
            peak.shape = shape;
            (shape, peak.seconds())
        });
        let fastest = fastest.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        peak.shape = fastest.map_or(SHAPES[0], |&(shape, _)| shape);
        peak
    }

    /// Rows and depth of the product that was fastest.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    // ANCHOR: peak
    /// Does `operations` operations, all threads together, rounded up to whole products.
    pub fn run(&mut self, operations: u64) {
        let (rows, depth) = self.shape;
        let product = (2 * LANES * rows * depth) as u64;
        let each = operations.div_ceil(product).div_ceil(self.matrices.len() as u64);
        self.threads.for_each_mut(&mut self.matrices, |_, three| {
            for _ in 0..each {
                run_f32(Product {
                    rows,
                    depth,
                    a: black_box(&three.a[..]),
                    order: Order::Rows(depth),
                    b: &three.b,
                    b_stride: LANES,
                    c: &mut three.c,
                    c_stride: LANES,
                    add: false,
                });
            }
        });
    }
    // ANCHOR_END: peak

    /// Seconds for 10⁹ operations, the best of five.
    fn seconds(&mut self) -> f64 {
        let once = |_| {
            let began = Instant::now();
            self.run(1_000_000_000);
            began.elapsed().as_secs_f64()
        };
        (0..5).map(once).fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_runs_one_of_its_products_on_any_number_of_threads() {
        for threads in [0, 1, 3] {
            let mut peak = Peak::new(threads);
            assert!(SHAPES.contains(&peak.shape()));
            assert_eq!(peak.matrices.len(), threads.max(1));
            peak.matrices.iter_mut().for_each(|three| {
                three.a.fill(1.0);
                three.b.fill(1.0);
                three.c.fill(-1.0);
            });
            peak.run(1);
            // Each sum of the chosen product has `depth` terms that are 1; every desk did its share.
            let (rows, depth) = peak.shape();
            for three in &peak.matrices {
                assert!(three.c[..rows * LANES].iter().all(|&sum| sum == depth as f32));
            }
        }
    }
}
