//! What a hundred mini-batches cost, from seven loops to the fused kernel, beside PyTorch.

use backprop::count::{Layer, MultiplyAdds, by_formula};
use notebook::ladder::{self, Rung};
use notebook::{Chapter, Experiment, Figure, Recorded, Recorder};

use crate::networks;

/// Samples of a mini-batch.
pub const BATCH: usize = 64;

/// Mini-batches that are timed.
pub const BATCHES: usize = 100;

/// Adds what is measured and drawn here.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .experiment(Experiment::new("counts", "What a step costs, in operations", counts))
        .experiment(ladder::experiment())
        .bench("cnn")
        .bench("cnn_peak")
        .figure("ladder", rungs)
}

/// The multiply-adds of [`networks::sequential`] by formula.
pub fn multiply_adds() -> MultiplyAdds {
    by_formula(&[
        Layer { inputs: 1, outputs: 32, kernel: 3, pixels: 28 * 28 },
        Layer { inputs: 32, outputs: 64, kernel: 3, pixels: 14 * 14 },
        Layer::linear(64 * 7 * 7, 128),
        Layer::linear(128, networks::CLASSES as u64),
    ])
}

/// The count of the network, and where it is.
fn counts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (formula, network) = (multiply_adds(), networks::sequential::<f32>()?);
    recorder.value("forward", formula.forward);
    recorder.value("step", formula.forward + formula.weights + formula.inputs);
    recorder.value("operations/step", formula.operations(BATCH as u64));
    recorder.value("operations/all", formula.operations((BATCH * BATCHES) as u64));
    let second = 32 * 64 * 9 * 14 * 14;
    recorder.value("second/share", second as f64 / formula.forward as f64);
    recorder.value("parameters", network.parameters());
    // 64 images, each window of 3 × 3 pixels of 32 channels written out in four bytes a number.
    let windows = BATCH * 14 * 14 * 32 * 9 * size_of::<f32>();
    recorder.value("windows/bytes", windows);
    recorder.value("windows/input-bytes", BATCH * 14 * 14 * 32 * size_of::<f32>());
    let walk = network.multiply_adds();
    recorder
        .claim(
            "two-counts",
            "A walk through the network's operations counts what the formula says.",
        )
        .record(walk == formula, format!("{walk:?} and {formula:?}"));
    recorder
        .claim(
            "second-convolution",
            "The second convolution has most of the multiply-adds and few of the parameters.",
        )
        .record(
            2 * second > formula.forward && 10 * 32 * 64 * 9 < network.parameters() as u64,
            format!(
                "{second} of {} multiply-adds, 18,432 of {} weights",
                formula.forward,
                network.parameters()
            ),
        );
    Ok(())
}

fn rungs(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let rung = |name, id, threads| Rung { name, id, threads };
    let rungs = [
        rung("seven loops", "seven_loops_on_a_part/cnn_100", 1),
        rung("im2col", "im2col_on_a_part/cnn_100", 1),
        rung("rows as products", "plain_on_a_part/cnn_100", 1),
        rung("fused, one thread", "fused_one_thread/cnn_100", 1),
        rung("fused, two threads", "fused_two_threads/cnn_100_batches", 2),
    ];
    let title = "A hundred mini-batches of the convolutional network";
    ladder::draw(recorded, title, ("cnn", "cnn_100_batches"), &rungs)
}
