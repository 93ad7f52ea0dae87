//! A step of training allocates nothing.
#![allow(clippy::unwrap_used)]
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use backprop::{Activation, Addition, Engine, Linear, Network, Options, Rows, Sgd, Shape};

/// Counts what the program asks of the system.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// ANCHOR: counting
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;
// ANCHOR_END: counting

#[test]
fn a_step_allocates_nothing() {
    let input = Network::<f32>::INPUT;
    let mut network = Network::new(Shape::row(30));
    let a = network.push("0", Linear::new(30, 40).with(Activation::Tanh), &[input]).unwrap();
    let b = network.push("1", Linear::new(40, 40).with(Activation::Relu), &[a]).unwrap();
    let c = network.push("2", Addition::default(), &[a, b]).unwrap();
    network.push("3", Linear::new(40, 10), &[c]).unwrap();
    let mut engine =
        Engine::new(network, Options { batch: 32, shards: 8, threads: 3, training: true }).unwrap();
    let x = vec![0.5; 32 * 30];
    let labels: Vec<usize> = (0..32).map(|i| i % 10).collect();
    let batch = Rows { x: &x, labels: &labels };
    let rule = Sgd { rate: 0.1 };
    // ANCHOR: count
    for _ in 0..3 {
        engine.step(&batch, &rule).unwrap();
    }
    let before = ALLOCATIONS.load(Ordering::SeqCst);
    for _ in 0..100 {
        engine.step(&batch, &rule).unwrap();
    }
    let after = ALLOCATIONS.load(Ordering::SeqCst);
    assert_eq!(after - before, 0);
    // And the counter counts.
    drop(vec![1_u8; 100]);
    assert!(ALLOCATIONS.load(Ordering::SeqCst) > after);
    // ANCHOR_END: count
}
