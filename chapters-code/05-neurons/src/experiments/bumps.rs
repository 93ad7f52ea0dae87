//! How near sums of bumps come, for a function that is continuous and for one that jumps.

use ndarray::array;
use notebook::Recorder;

use crate::bumps::approximate;

/// The interval.
const ENDS: [f64; 2] = [0.0, 1.0];
/// Numbers of bumps.
const BUMPS: [usize; 8] = [4, 8, 16, 32, 64, 128, 256, 512];
/// The first of them with bumps that are narrow beside the bends of the wave.
const SETTLED: usize = 2;
/// Points at which the error is taken.
const POINTS: usize = 20_000;
/// Where the second function jumps: at no edge of a bump.
const JUMP: f64 = 0.618;
/// Bumps that the figure shows.
const SHOWN: usize = 12;

/// Two periods of a wave on a slope.
fn wave(x: f64) -> f64 {
    0.4 * (4.0 * std::f64::consts::PI * x).sin() + 0.5 * x
}

/// The same with a step down by 1.
fn jump(x: f64) -> f64 {
    wave(x) - f64::from(u8::from(x > JUMP))
}

/// Errors by number of bumps and by slope.
pub fn bumps(recorder: &mut Recorder) -> anyhow::Result<()> {
    let of = |f: fn(f64) -> f64, slope: f64| BUMPS.map(|bumps| errors(f, bumps, slope));
    let (smooth, torn) = (of(wave, 1.0), of(jump, 1.0));
    let worst = |errors: &[[f64; 2]; 8]| errors.map(|[worst, _]| worst);
    let mean = |errors: &[[f64; 2]; 8]| errors.map(|[_, mean]| mean);
    recorder
        .series("errors", "Bumps", BUMPS.map(|bumps| bumps as f64))
        .curve("wave, largest error", worst(&smooth))
        .curve("with a jump, largest error", worst(&torn))
        .curve("with a jump, mean error", mean(&torn));
    let last = BUMPS.len() - 1;
    recorder.value("bumps/fewest", BUMPS[0]);
    recorder.value("bumps/most", BUMPS[last]);
    recorder.value("bumps/from", BUMPS[SETTLED]);
    recorder.value("units/most", 4 * BUMPS[last]);
    recorder.value("wave/first", smooth[0][0]);
    recorder.value("wave/second", smooth[1][0]);
    recorder.value("wave/last", smooth[last][0]);
    recorder.value("jump/worst/last", torn[last][0]);
    recorder.value("jump/mean/last", torn[last][1]);
    let factors =
        |errors: &[f64]| errors.windows(2).map(|two| two[0] / two[1]).collect::<Vec<f64>>();
    let (quarters, falls) = (factors(&worst(&smooth)[SETTLED..]), factors(&mean(&torn)));
    recorder
        .claim("square", "From sixteen bumps on, twice the bumps leave about a quarter of the largest error of the wave.")
        .record(quarters.iter().all(|f| (3.2..4.8).contains(f)), format!("factors {quarters:.2?}"));
    recorder
        .claim(
            "jump",
            "With any number of bumps, the largest error at a jump is more than half of its height.",
        )
        .record(torn.iter().all(|[worst, _]| *worst > 0.5), format!("{:.3?}", worst(&torn)));
    recorder
        .claim(
            "mean",
            "The mean error of the function with a jump falls with every doubling of the bumps.",
        )
        .record(falls.iter().all(|f| *f > 1.2), format!("factors {falls:.2?}"));
    steepness(recorder);
    shown(recorder);
    dimensions(recorder);
    Ok(())
}

/// Largest and mean error away from the ends, where the outermost half of a bump has no neighbour.
fn errors(f: fn(f64) -> f64, bumps: usize, slope: f64) -> [f64; 2] {
    let network = approximate(f, ENDS, bumps, slope);
    let margin = 1.0 / bumps as f64;
    let (mut worst, mut sum) = (0.0_f64, 0.0);
    for i in 0..POINTS {
        let x = margin + (1.0 - 2.0 * margin) * (i as f64 + 0.5) / POINTS as f64;
        let error = (network.forward(array![x].view())[0] - f(x)).abs();
        (worst, sum) = (worst.max(error), sum + error);
    }
    [worst, sum / POINTS as f64]
}

/// The largest weight that a steeper slope asks for.
fn steepness(recorder: &mut Recorder) {
    let largest = |slope: f64| {
        let network = approximate(jump, ENDS, 64, slope);
        network.layers[1].weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()))
    };
    let (gentle, steep) = (largest(1.0), largest(0.01));
    recorder.value("weights/gentle", gentle);
    recorder.value("weights/steep", steep);
    recorder
        .claim(
            "steep-is-large",
            "Slopes a hundred times as steep take output weights a hundred times as large.",
        )
        .close(steep / gentle, 100.0, 1e-6);
}

/// Curves for the figure: a few bumps with steep slopes, and as many with slopes that meet.
fn shown(recorder: &mut Recorder) {
    let at: Vec<f64> = (0..=480).map(|i| f64::from(i) / 480.0).collect();
    let curve = |slope: f64| -> Vec<f64> {
        let network = approximate(wave, ENDS, SHOWN, slope);
        at.iter().map(|&x| network.forward(array![x].view())[0]).collect()
    };
    let (steep, gentle) = (curve(0.05), curve(1.0));
    recorder
        .series("curves", "Input", at.iter().copied())
        .curve("wave", at.iter().map(|&x| wave(x)))
        .curve("steep bumps", steep)
        .curve("bumps that meet", gentle);
    recorder.value("shown", SHOWN);
}

/// How many bumps fill a cube with as many dimensions as a garment has pixels, ten along each.
fn dimensions(recorder: &mut Recorder) {
    recorder.value("pixels", learning::fashion::PIXELS);
}
