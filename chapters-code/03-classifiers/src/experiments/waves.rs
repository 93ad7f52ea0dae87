//! How near do random waves come to the kernel, and what does twice as many buy?

use learning::normal;
use ndarray::Array2;
use notebook::Recorder;

use crate::model::Inputs;
use crate::random_features::Projection;

/// How many waves.
const WAVES: [usize; 7] = [16, 64, 256, 1_024, 4_096, 16_384, 65_536];
/// Samples, all pairs of which are compared.
const SAMPLES: usize = 60;
/// Features of a sample.
const D: usize = 10;
const GAMMA: f64 = 0.05;

/// The mean distance of the inner products of waves from the kernel.
pub fn waves(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let x = Array2::from_shape_simple_fn((SAMPLES, D), || normal(&mut rng) as f32);
    let kernel = Array2::from_shape_fn((SAMPLES, SAMPLES), |(i, j)| {
        let squares: f32 = (&x.row(i) - &x.row(j)).mapv(|d| d * d).sum();
        (-GAMMA as f32 * squares).exp()
    });
    let mut errors = Vec::new();
    for n in WAVES {
        let waves = Projection::draw(D, n, GAMMA, &mut rng).apply(Inputs::Reals(x.view()));
        let error = (waves.dot(&waves.t()) - &kernel).mapv(f32::abs).mean().unwrap_or(0.0);
        errors.push(f64::from(error));
        recorder.value(&format!("error/{n}"), f64::from(error));
    }
    recorder
        .series("errors", "Waves", WAVES.map(|n| n as f64))
        .curve("random waves", errors.clone());
    let (first, last) = (errors[0], errors[WAVES.len() - 1]);
    let (few, many) = (WAVES[0] as f64, WAVES[WAVES.len() - 1] as f64);
    let slope = (last / first).ln() / (many / few).ln();
    recorder.value("slope", slope);
    recorder
        .claim("root", "The error falls like one over the root of the number of waves: the slope on two logarithmic axes is −1/2, to a tenth.")
        .close(slope, -0.5, 0.1);
    Ok(())
}
