//! Counting every named model, from naive to what is shipped; `rank_all` is the cost of the chapter's
//! own use, a table of all models with their memory.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use parameters::memory::{Load, Need, Precision};
use parameters::{Count, MODELS, Model, ladder};

/// A way to count a network at a context.
type Rung = fn(&Model, u64) -> Count;

/// The sum over all named models, so that nothing is left out.
fn count_all(count: Rung) -> Count {
    MODELS
        .iter()
        .map(|entry| count(black_box(&entry.model), entry.model.default_context()))
        .fold(Count::default(), |a, b| a + b)
}

fn counting(c: &mut Criterion) {
    let rungs: [(&str, Rung); 5] = [
        ("walk_naive", ladder::names),
        ("walk_tree", ladder::tree),
        ("walk_every_block", ladder::every_block),
        ("walk", ladder::walk),
        ("closed_form", ladder::closed_form),
    ];
    let mut group = c.benchmark_group("count_all");
    for (name, count) in rungs {
        group.bench_function(name, |b| b.iter(|| count_all(count)));
    }
    group.finish();
}

fn fitting(c: &mut Criterion) {
    c.bench_function("rank_all/memory", |b| {
        b.iter(|| {
            let needs = MODELS.iter().flat_map(|entry| {
                let model = black_box(&entry.model);
                Precision::ALL
                    .map(|precision| Need::inference(model, precision, Load::single(model)).total())
            });
            needs.max()
        });
    });
}

criterion_group!(benches, counting, fitting);
criterion_main!(benches);
