//! A narrow valley: a quadratic whose curvature differs by the factor `κ` between two directions.

use anyhow::Result;
use backprop::Rule as _;
use notebook::{Recorder, Table};

use crate::Optimizer;

/// Condition number of the valley that is drawn.
const KAPPA: f64 = 50.0;
/// Steps of the paths that are drawn.
const STEPS: usize = 60;
/// Where every path begins.
const START: [f64; 2] = [-1.0, 0.3];
/// A run has arrived when its distance to the lowest point is this part of what it was.
const NEAR: f64 = 1e-6;
/// Condition numbers of the race.
const RACE: [f64; 9] = [3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 3e4];

/// `f(w) = ½ (u² + κ v²)`, where `(u, v)` is `w`, turned by an angle.
// ANCHOR: ravine
pub struct Ravine {
    /// Condition number `κ`.
    pub kappa: f64,
    /// By how much the valley is turned against the axes.
    pub angle: f64,
}

impl Ravine {
    fn turned(&self, [x, y]: [f64; 2], angle: f64) -> [f64; 2] {
        let (sin, cos) = angle.sin_cos();
        [cos * x + sin * y, cos * y - sin * x]
    }

    /// The loss.
    pub fn loss(&self, w: [f64; 2]) -> f64 {
        let [u, v] = self.turned(w, self.angle);
        0.5 * (u * u + self.kappa * v * v)
    }

    /// Its gradient.
    pub fn gradient(&self, w: [f64; 2]) -> [f64; 2] {
        let [u, v] = self.turned(w, self.angle);
        self.turned([u, self.kappa * v], -self.angle)
    }
}
// ANCHOR_END: ravine

impl Ravine {
    /// The path of a rule from `w`, its start included. `stop` may end it early.
    // ANCHOR: walk
    pub fn walk(
        &self,
        (optimizer, rate): (Optimizer, f64),
        mut w: [f64; 2],
        steps: usize,
        stop: impl Fn([f64; 2]) -> bool,
    ) -> Vec<[f64; 2]> {
        let (mut first, mut second) = ([0.0; 2], [0.0; 2]);
        let mut path = vec![w];
        for step in 1..=steps as u64 {
            let g = self.gradient(w);
            optimizer.at(step, rate).update(&mut w, &g, [&mut first, &mut second], true);
            path.push(w);
            if stop(w) {
                break;
            }
        }
        path
    }
    // ANCHOR_END: walk

    /// Each rule with the numbers that theory says are best for this `κ`. For Adam there is no such theory.
    // ANCHOR: best
    pub fn rules(&self) -> [(&'static str, (Optimizer, f64)); 4] {
        let (kappa, root) = (self.kappa, self.kappa.sqrt());
        let heavy = ((root - 1.0) / (root + 1.0)).powi(2);
        let ahead = (root - 1.0) / (root + 1.0);
        [
            ("SGD", (Optimizer::Sgd, 2.0 / (1.0 + kappa))),
            ("momentum", (Optimizer::Momentum { keep: heavy }, (2.0 / (1.0 + root)).powi(2))),
            ("Nesterov", (Optimizer::Nesterov { keep: ahead }, 1.0 / kappa)),
            ("Adam", (Optimizer::ADAM, 0.1)),
        ]
    }
    // ANCHOR_END: best

    /// Steps of the first three rules until they are near.
    fn race(&self) -> [usize; 3] {
        let length = |[x, y]: [f64; 2]| x.hypot(y);
        let near = |w| length(w) <= NEAR * length(START);
        let steps = |i: usize| self.walk(self.rules()[i].1, START, 2_000_000, near).len() - 1;
        [0, 1, 2].map(steps)
    }
}

/// Paths in a valley, what turning it changes, and steps against the condition number.
pub fn ravine(recorder: &mut Recorder) -> Result<()> {
    paths(recorder);
    turned(recorder);
    race(recorder);
    Ok(())
}

fn paths(recorder: &mut Recorder) {
    let ravine = Ravine { kappa: KAPPA, angle: 0.0 };
    recorder.value("kappa", KAPPA);
    recorder.value("steps", STEPS);
    for (name, (rule, rate)) in ravine.rules() {
        let path = ravine.walk((rule, rate), START, STEPS, |_| false);
        let key = name.to_lowercase();
        recorder
            .series(&format!("path/{key}"), "Step", (0..path.len()).map(|step| step as f64))
            .curve("x", path.iter().map(|w| w[0]))
            .curve("y", path.iter().map(|w| w[1]));
        recorder.value(&format!("rate/{key}"), rate);
        if let Optimizer::Momentum { keep } | Optimizer::Nesterov { keep } = rule {
            recorder.value(&format!("keep/{key}"), keep);
        }
    }
}

/// The same valley, turned: who notices?
fn turned(recorder: &mut Recorder) {
    let straight = Ravine { kappa: KAPPA, angle: 0.0 };
    let turned = Ravine { kappa: KAPPA, angle: std::f64::consts::FRAC_PI_4 };
    let start = turned.turned(START, -turned.angle);
    let mut table = Table::new(["Rule", "Along the axes | sci 1", "Turned | sci 1"]);
    let mut changes = Vec::new();
    for (name, rule) in straight.rules() {
        let end = |ravine: &Ravine, start| {
            let path = ravine.walk(rule, start, STEPS, |_| false);
            ravine.loss(path[path.len() - 1])
        };
        let losses = [end(&straight, START), end(&turned, start)];
        changes.push((losses[1] / losses[0]).ln().abs());
        table.row([name.into(), losses[0].into(), losses[1].into()]);
        recorder.value(&format!("loss/{}/straight", name.to_lowercase()), losses[0]);
        recorder.value(&format!("loss/{}/turned", name.to_lowercase()), losses[1]);
    }
    recorder.table("turned", table);
    recorder
        .claim("adam-knows-axes", "Turning the valley leaves the losses of SGD, momentum and Nesterov as they were, and changes Adam's by more than a factor of two.")
        .record(
            changes[..3].iter().all(|change| *change < 1e-6) && changes[3] > 2_f64.ln(),
            format!("{} of 3 stay; Adam's changes by the factor {:.3}", changes[..3].iter().filter(|c| **c < 1e-6).count(), changes[3].exp()),
        );
}

fn race(recorder: &mut Recorder) {
    let steps = RACE.map(|kappa| Ravine { kappa, angle: 0.0 }.race());
    let theory = RACE.map(|kappa| {
        let root = kappa.sqrt();
        let factors = [(kappa - 1.0) / (kappa + 1.0), (root - 1.0) / (root + 1.0)];
        factors.map(|factor| NEAR.ln() / factor.ln())
    });
    let of = |rule: usize| steps.iter().map(move |steps| steps[rule] as f64);
    recorder
        .series("race", "Condition number", RACE)
        .curve("SGD", of(0))
        .curve("momentum", of(1))
        .curve("Nesterov", of(2))
        .curve("theory for SGD", theory.iter().map(|t| t[0]))
        .curve("theory for momentum", theory.iter().map(|t| t[1]));
    for (i, kappa) in RACE.iter().enumerate() {
        for (rule, name) in ["sgd", "momentum", "nesterov"].iter().enumerate() {
            recorder.value(&format!("race/{kappa}/{name}"), steps[i][rule]);
        }
    }
    let misses = (0..RACE.len()).map(|i| (steps[i][0] as f64 / theory[i][0] - 1.0).abs());
    recorder
        .claim("sgd-theory", "SGD takes as many steps as theory says, to within two per cent and one step, for every condition number.")
        .all(
            misses.zip(&theory).filter(|(miss, theory)| *miss <= 0.02 + 1.0 / theory[0]).count(),
            RACE.len(),
            "condition numbers",
        );
    // The slope between κ = 100 and κ = 10,000, on logarithmic scales.
    let slope = |rule: usize| (steps[7][rule] as f64 / steps[3][rule] as f64).log(100.0);
    for (rule, name) in ["sgd", "momentum", "nesterov"].iter().enumerate() {
        recorder.value(&format!("slope/{name}"), slope(rule));
    }
    recorder
        .claim("sgd-is-linear", "The steps of SGD grow in proportion to the condition number.")
        .close(slope(0), 1.0, 0.05);
    recorder
        .claim(
            "momentum-is-a-root",
            "The steps of momentum grow like the square root of the condition number.",
        )
        .close(slope(1), 0.5, 0.05);
    recorder
        .claim(
            "nesterov-is-a-root",
            "The steps of Nesterov's rule grow like the square root of the condition number.",
        )
        .close(slope(2), 0.5, 0.05);
}
