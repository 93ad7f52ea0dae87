//! The fused pass against the plain one.

use std::path::Path;
use std::sync::LazyLock;

use backprop::kernels::Path as Processor;
use ndarray::{Array3, ArrayView3};
use notebook::Rng;
use proptest::prelude::*;
use rand::SeedableRng as _;
use representation::features::HEAD;
use representation::fused::{Fused, Way, Workspace};
use representation::lite0::{Weights, plain};

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Weights::read(&root.join(representation::lite0::weights::FILE)).expect("the weights are there")
});

static FUSED: LazyLock<Fused> = LazyLock::new(|| Fused::new(&WEIGHTS));

/// Fused multiply-adds and separate ones round in different ways; all else is the same.
#[test]
fn every_way_computes_the_same() {
    let fused = &*FUSED;
    let image = picture((65, 47));
    let (_, _, expected) = all(fused, &mut Workspace::new(1), image.view());
    for path in [Processor::best(), Processor::Portable] {
        for apart in [false, true] {
            let mut space = Workspace::with(2, Way { path, apart });
            let (_, _, logits) = all(fused, &mut space, image.view());
            assert_close(&format!("{path:?}, apart {apart}"), &logits, &expected);
        }
    }
}

/// Sides of pictures: those of the chapter, odd ones, and some smaller than a window.
const SIDES: [(usize, usize); 9] =
    [(224, 224), (96, 96), (33, 33), (65, 47), (100, 31), (7, 7), (3, 2), (1, 1), (1, 40)];

fn picture((height, width): (usize, usize)) -> Array3<f32> {
    let level = |c: usize, i: usize, j: usize| ((c * 37 + i * 101 + j * 53 + i * j) % 255) as f32;
    Array3::from_shape_fn((3, height, width), |(c, i, j)| (level(c, i, j) - 127.0) / 128.0)
}

fn all(
    fused: &Fused,
    space: &mut Workspace,
    image: ArrayView3<'_, f32>,
) -> (Vec<Array3<f32>>, Vec<f32>, Vec<f32>) {
    let mut blocks = vec![fused.stem(space, image)];
    let head = fused.pass(space, image, HEAD, |_, map| blocks.push(map.to_array()));
    let logits = fused.classify(space, &head);
    (blocks, head, logits)
}

fn assert_close<'a>(
    what: &str,
    found: impl IntoIterator<Item = &'a f32>,
    expected: impl IntoIterator<Item = &'a f32>,
) {
    let expected: Vec<f32> = expected.into_iter().copied().collect();
    let largest = expected.iter().fold(1.0_f32, |max, x| max.max(x.abs()));
    let mut count = 0;
    for (found, expected) in found.into_iter().zip(&expected) {
        let error = (found - expected).abs();
        assert!(error <= 1e-4 * largest, "{what}: {found} instead of {expected}");
        count += 1;
    }
    assert_eq!(count, expected.len(), "{what}");
}

#[test]
fn every_block_answers_as_in_the_plain_pass() {
    let fused = &*FUSED;
    let mut space = Workspace::new(1);
    for side in SIDES {
        let image = picture(side);
        let plain = plain::forward(&WEIGHTS, image.view());
        let (blocks, head, logits) = all(fused, &mut space, image.view());
        assert_eq!(blocks.len(), plain.blocks.len());
        for (b, (found, expected)) in blocks.iter().zip(&plain.blocks).enumerate() {
            assert_eq!(found.dim(), expected.dim(), "{side:?}, block {b}");
            assert_close(&format!("{side:?}, block {b}"), found, expected);
        }
        assert_close(&format!("{side:?}, head"), &head, &plain.head);
        assert_close(&format!("{side:?}, logits"), &logits, &plain.logits);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let fused = &*FUSED;
    let spaces = [1, 2, 3].map(Workspace::new);
    let [mut one, mut two, mut three] = spaces;
    for side in SIDES {
        let image = picture(side);
        let expected = all(fused, &mut one, image.view());
        for space in [&mut two, &mut three] {
            assert_eq!(all(fused, space, image.view()), expected, "{side:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_picture_gives_the_logits_of_the_plain_pass(
        (height, width) in (1_usize..50, 1_usize..50), seed in any::<u64>(), threads in 1_usize..4,
    ) {
        let mut rng = Rng::seed_from_u64(seed);
        let image = Array3::from_shape_simple_fn((3, height, width), || rng.random_range(-1.0..1.0_f32));
        let mut space = Workspace::new(threads);
        let logits = FUSED.logits(&mut space, image.view());
        let plain = plain::forward(&WEIGHTS, image.view());
        assert_close(&format!("{height} × {width}"), &logits, &plain.logits);
    }
}
