//! L-BFGS (Liu and Nocedal 1989): a step towards the lowest point of the parabola that the last few steps suggest, with a line
//! search that asks for both of Wolfe's conditions (Nocedal and Wright 2006, algorithms 3.5, 3.6 and 7.4).

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lbfgs {
    /// Steps that are remembered. Default 10.
    pub memory: usize,
    /// The most iterations.
    pub iterations: usize,
    /// Where no component of the gradient is larger, it ends.
    pub tolerance: f64,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ended {
    /// Steps taken.
    pub iterations: usize,
    /// How often the function was asked.
    pub evaluations: usize,
    /// The function at the end.
    pub value: f64,
    /// The largest component of the gradient at the end, in magnitude.
    pub gradient: f64,
    /// True if that is within the tolerance.
    pub converged: bool,
}

/// A place, with the value and the gradient there.
#[derive(Clone)]
struct At {
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// One remembered step: the change of place, that of the gradient, and one over their product.
struct Step {
    s: Vec<f64>,
    y: Vec<f64>,
    rho: f64,
}

impl Lbfgs {
    // ANCHOR: minimise
    /// Makes `x` a place where `f` is low. `f(x, gradient)` gives the value
    /// and writes the gradient. `seen` is called with the number of each
    /// iteration and the value after it.
    pub fn minimise(
        &self,
        x: &mut Vec<f64>,
        mut f: impl FnMut(&[f64], &mut [f64]) -> f64,
        mut seen: impl FnMut(usize, f64),
    ) -> Ended {
        let mut here = At { x: x.clone(), value: 0.0, gradient: vec![0.0; x.len()] };
        here.value = f(&here.x, &mut here.gradient);
        let (mut steps, mut iterations, mut evaluations) = (Vec::<Step>::new(), 0, 1);
        while iterations < self.iterations && largest(&here.gradient) > self.tolerance {
            let direction = direction(&steps, &here.gradient);
            let first = if steps.is_empty() { 1.0 / norm(&here.gradient).max(1.0) } else { 1.0 };
            let (there, asked) = search(&here, &direction, first, &mut f);
            evaluations += asked;
            let Some(there) = there else { break };
            remember(&mut steps, self.memory, &here, &there);
            here = there;
            iterations += 1;
            seen(iterations, here.value);
        }
        let gradient = largest(&here.gradient);
        *x = here.x;
        let converged = gradient <= self.tolerance;
        Ended { iterations, evaluations, value: here.value, gradient, converged }
    }
    // ANCHOR_END: minimise
}

// ANCHOR: direction
/// `−H g`, where `H` is the inverse curvature that the remembered steps
/// suggest: two loops over them, newest first, then oldest first.
fn direction(steps: &[Step], gradient: &[f64]) -> Vec<f64> {
    let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut alphas = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        let alpha = step.rho * dot(&step.s, &q);
        add(-alpha, &step.y, &mut q);
        alphas.push(alpha);
    }
    if let Some(last) = steps.last() {
        let scale = 1.0 / (last.rho * dot(&last.y, &last.y));
        q.iter_mut().for_each(|q| *q *= scale);
    }
    for (step, alpha) in steps.iter().zip(alphas.into_iter().rev()) {
        let beta = step.rho * dot(&step.y, &q);
        add(alpha - beta, &step.s, &mut q);
    }
    q
}
// ANCHOR_END: direction

/// Remembers the step from one place to the next, and forgets the oldest.
fn remember(steps: &mut Vec<Step>, memory: usize, from: &At, to: &At) {
    let difference =
        |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
    let (s, y) = (difference(&to.x, &from.x), difference(&to.gradient, &from.gradient));
    let curvature = dot(&s, &y);
    // Without curvature along it a step says nothing.
    if curvature > f64::EPSILON * dot(&y, &y) {
        steps.push(Step { s, y, rho: 1.0 / curvature });
        if steps.len() > memory.max(1) {
            steps.remove(0);
        }
    }
}

/// Enough descent: this share of what the slope promises.
const DESCENT: f64 = 1e-4;
/// Flat enough: this share of the slope may be left.
const FLAT: f64 = 0.9;
/// The most places that a line search looks at.
const PLACES: usize = 25;

/// A place along the line.
#[derive(Clone, Copy)]
struct Along {
    step: f64,
    value: f64,
    slope: f64,
}

/// A place along `direction` that is low enough and flat enough, and how often `f` was asked. None where
/// the rounding of `f` leaves no lower place.
fn search(
    from: &At,
    direction: &[f64],
    first: f64,
    f: &mut impl FnMut(&[f64], &mut [f64]) -> f64,
) -> (Option<At>, usize) {
    let start = Along { step: 0.0, value: from.value, slope: dot(&from.gradient, direction) };
    let (mut low, mut high) = (start, None::<Along>);
    let mut there = from.clone();
    let mut step = first;
    for asked in 1..=PLACES {
        there.x.copy_from_slice(&from.x);
        add(step, direction, &mut there.x);
        there.value = f(&there.x, &mut there.gradient);
        let now = Along { step, value: there.value, slope: dot(&there.gradient, direction) };
        let enough = start.value + DESCENT * step * start.slope;
        if now.value.is_nan() || now.value > enough.min(low.value) {
            high = Some(now);
        } else if now.slope.abs() <= -FLAT * start.slope {
            return (Some(there), asked);
        } else {
            if now.slope * (high.map_or(f64::INFINITY, |high| high.step) - low.step) >= 0.0 {
                high = Some(low);
            }
            low = now;
        }
        step = high.map_or(2.0 * step, |high| between(low, high));
    }
    // Low, though not flat, is better than nothing.
    there.x.copy_from_slice(&from.x);
    add(low.step, direction, &mut there.x);
    there.value = f(&there.x, &mut there.gradient);
    ((there.value < from.value).then_some(there), PLACES + 1)
}

/// The lowest point of the cubic through two places and their slopes, not too near to either.
fn between(a: Along, b: Along) -> f64 {
    let width = b.step - a.step;
    let d = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.step - b.step);
    let root = (d * d - a.slope * b.slope).max(0.0).sqrt() * width.signum();
    let cubic = b.step - width * (b.slope + root - d) / (b.slope - a.slope + 2.0 * root);
    let (near, far) = (a.step + 0.1 * width, a.step + 0.9 * width);
    if cubic.is_finite() { cubic.clamp(near.min(far), near.max(far)) } else { a.step + 0.5 * width }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(factor: f64, x: &[f64], to: &mut [f64]) {
    to.iter_mut().zip(x).for_each(|(to, x)| *to += factor * x);
}

fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |most, x| most.max(x.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_bottom_of_a_bent_valley() {
        let rosenbrock = |x: &[f64], g: &mut [f64]| {
            g[0] = -2.0 * (1.0 - x[0]) - 400.0 * x[0] * (x[1] - x[0] * x[0]);
            g[1] = 200.0 * (x[1] - x[0] * x[0]);
            (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2)
        };
        let mut x = vec![-1.2, 1.0];
        let settings = Lbfgs { memory: 10, iterations: 200, tolerance: 1e-9 };
        let mut values = Vec::new();
        let ended = settings.minimise(&mut x, rosenbrock, |_, value| values.push(value));
        assert!(ended.converged && ended.evaluations < 100, "{ended:?}");
        assert!((x[0] - 1.0).abs() < 1e-6 && (x[1] - 1.0).abs() < 1e-6, "{x:?}");
        assert!(values.is_sorted_by(|a, b| a >= b), "it never goes up");
    }

    #[test]
    fn where_there_is_nothing_lower_it_ends() {
        // A slope that is a lie: the function is constant.
        let mut x = vec![0.0];
        let settings = Lbfgs { memory: 3, iterations: 10, tolerance: 0.0 };
        let ended = settings.minimise(
            &mut x,
            |_, g| {
                g[0] = 1.0;
                2.0
            },
            |_, _| {},
        );
        assert_eq!((ended.iterations, ended.converged, x), (0, false, vec![0.0]));
    }
}
