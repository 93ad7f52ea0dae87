//! What the chapter times, on one thread: `cargo bench -p no-free-lunch`.

use std::hint::black_box;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};

use no_free_lunch::worlds::count::scores;
use no_free_lunch::worlds::learners::{self, Learner, Nearest};
use no_free_lunch::worlds::{Cube, Family, count, tilt};

fn worlds(c: &mut Criterion) {
    let (three, four) = (Cube::new(3).expect("three bits"), Cube::new(4).expect("four bits"));
    let learners = learners::all();
    // One thread, so that the fast count of all sets stands beside the plain one of a single set.
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    let counted = |cube: &Cube, taught: u32, learners: &[Box<dyn Learner>]| {
        one.install(|| count(black_box(cube), taught, learners, |_| {}).expect("half are taught"))
    };
    let mut group = c.benchmark_group("no-free-lunch");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.bench_function("count_3_bits", |b| {
        b.iter(|| counted(&three, 4, &learners));
    });
    let nearest: [Box<dyn Learner>; 1] = [Box::new(Nearest)];
    group.bench_function("nearest_4_bits", |b| {
        b.iter(|| counted(&four, 8, &nearest));
    });
    // The plain count, for one set of the 12,870.
    group.bench_function("nearest_plain_1_set", |b| {
        b.iter(|| scores(&Nearest, black_box(&four), 0x0f0f));
    });
    let family = Family::rough(&three);
    group.bench_function("tilt_3_bits", |b| {
        b.iter(|| {
            let tilted = || tilt(black_box(&three), 4, &family, &[0.5], &learners, |_| {});
            one.install(tilted).expect("half are taught")
        });
    });
    group.finish();
}

criterion_group!(benches, worlds);
criterion_main!(benches);
