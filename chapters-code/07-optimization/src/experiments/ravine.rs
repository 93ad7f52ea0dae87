//! A narrow valley: a quadratic whose curvature differs by the factor `κ` between two directions.

use std::cell::Cell;
use std::f64::consts::FRAC_PI_4;

use anyhow::{Context as _, Result};
use backprop::Rule as _;
use notebook::Recorder;

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

/// Adam's rates in the race, as exponents of ten in sixths: each valley may have its best.
const RATES: std::ops::RangeInclusive<i32> = -18..=3;
/// Steps that Adam may take: more than any of these valleys needs at its best rate.
const MOST: usize = 50_000;
/// Steps for which it must stay: at a constant rate it may pass by and leave again.
const STAYS: usize = 100;

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

    /// The gradient of `f` at `w`.
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

    /// The start of all paths, turned with the valley.
    fn start(&self) -> [f64; 2] {
        self.turned(START, -self.angle)
    }

    /// Steps of the first three rules until they are near.
    fn race(&self) -> [usize; 3] {
        let steps =
            |i: usize| self.walk(self.rules()[i].1, self.start(), 2_000_000, is_near).len() - 1;
        [0, 1, 2].map(steps)
    }

    /// Steps until Adam is near, and stays so for [`STAYS`] steps, at the rate of [`RATES`] that needs the fewest, and that
    /// rate's exponent; nothing where no rate gets there.
    fn adam(&self) -> Option<(usize, i32)> {
        let steps = |sixths: i32| {
            let near = Cell::new(0);
            let stays = |w| {
                near.set(if is_near(w) { near.get() + 1 } else { 0 });
                near.get() == STAYS
            };
            let rate = 10_f64.powf(f64::from(sixths) / 6.0);
            let path = self.walk((Optimizer::ADAM, rate), self.start(), MOST, stays);
            (near.get() == STAYS).then_some((path.len() - STAYS, sixths))
        };
        RATES.filter_map(steps).min()
    }
}

/// Is a millionth of the distance left, or less?
fn is_near([x, y]: [f64; 2]) -> bool {
    x.hypot(y) <= NEAR * START[0].hypot(START[1])
}

/// Paths in a valley, what turning it changes, and steps against the condition number.
pub fn ravine(recorder: &mut Recorder) -> Result<()> {
    paths(recorder);
    race(recorder);
    turned(recorder)
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

/// The same valleys, turned by an eighth of a circle: who notices?
fn turned(recorder: &mut Recorder) -> Result<()> {
    let both = |kappa| [0.0, FRAC_PI_4].map(|angle| Ravine { kappa, angle });
    let stay = RACE.iter().filter(|&&kappa| {
        let [straight, turned] = both(kappa).map(|ravine| ravine.race());
        straight.iter().zip(turned).all(|(a, b)| a.abs_diff(b) <= 1)
    });
    let stay = stay.count();
    let adam = RACE.map(|kappa| both(kappa).map(|ravine| ravine.adam()));
    let (mut steps, mut inside) = ([Vec::new(), Vec::new()], 0);
    for (kappa, found) in RACE.iter().zip(adam) {
        for (way, (name, found)) in ["straight", "turned"].iter().zip(found).enumerate() {
            let (taken, sixths) =
                found.with_context(|| format!("κ {kappa}: Adam never arrives"))?;
            recorder.value(&format!("adam/{kappa}/{name}"), taken);
            let rate = 10_f64.powf(f64::from(sixths) / 6.0);
            recorder.value(&format!("adam/{kappa}/{name}/rate"), rate);
            inside += usize::from(sixths != *RATES.start() && sixths != *RATES.end());
            steps[way].push(taken as f64);
        }
    }
    recorder.value("adam/rates", RATES.count());
    recorder.value("adam/stays", STAYS);
    recorder
        .claim("adams-rates-suffice", "Adam's best rate is neither the lowest nor the highest that was tried, in any valley, straight or turned.")
        .all(inside, 2 * RACE.len(), "valleys");
    let momentum = RACE.map(|kappa| both(kappa)[0].race()[1] as f64);
    let [straight, turned] = &steps;
    recorder
        .series("turned", "Condition number", RACE)
        .curve("Adam, turned", turned.iter().copied())
        .curve("Adam, along the axes", straight.iter().copied())
        .curve("momentum, either way", momentum);
    recorder
        .claim("others-do-not-notice", "Turning the valley changes the steps of SGD, momentum and Nesterov's rule by at most one, for every condition number.")
        .all(stay, RACE.len(), "condition numbers");
    let narrow = RACE.iter().zip(straight.iter().zip(turned)).filter(|(kappa, _)| **kappa >= 3e3);
    let factors: Vec<f64> = narrow.map(|(_, (straight, turned))| turned / straight).collect();
    let least = factors.iter().copied().fold(f64::INFINITY, f64::min);
    recorder
        .claim("adam-knows-axes", "In valleys with condition numbers from 3,000, turned by an eighth of a circle, Adam takes more than three times as many steps as along the axes, at the best rate for each.")
        .record(least > 3.0, format!("{least:.2} times or more in {} valleys", factors.len()));
    Ok(())
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
