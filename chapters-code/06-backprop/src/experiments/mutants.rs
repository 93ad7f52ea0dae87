//! Faults of a backward, one at a time, for the gradient checker to find; and one that no check of this kind can find.

use notebook::{Recorder, Rng, Table};
use rand::RngExt as _;

use super::checker::{CASES, disagreements};
use crate::operation::exactly;
use crate::{Activation, Backward, Forward, Linear, Needs, Network, Operation, Outline};
use crate::{Piece, Place, Real, Result, Shape, Weight, Whole};

/// Disagreement from which a fault counts as found: that of the checker's own claim.
const FOUND: f64 = 1e-6;

/// What is wrong with a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Transposed,
    NoBias,
    Sum,
    NoSlope,
    WrongSlope,
    LastSample,
    Overwritten,
    OneReader,
    OtherFunction,
}

/// Each with its words. The first is no fault, and the last one that is the same in forward and backward.
const FAULTS: [(Fault, &str); 10] = [
    (Fault::None, "nothing"),
    (Fault::Transposed, "to the input: the weights transposed"),
    (Fault::NoBias, "to the bias: no gradient"),
    (Fault::Sum, "to the weights: the sum over the samples for the mean"),
    (Fault::NoSlope, "through tanh: the derivative left out"),
    (Fault::WrongSlope, "through tanh: 1 − y in place of 1 − y²"),
    (Fault::LastSample, "to the weights: the last sample left out"),
    (Fault::Overwritten, "to the weights: each sample overwrites the one before"),
    (Fault::OneReader, "of two readers of a value, the gradient from one lost"),
    (Fault::OtherFunction, "sigmoid in place of tanh, forward and backward"),
];

/// How far each faulty backward is from a difference, and in how many networks it shows.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let heads = ["What is wrong", "Networks that show it | int", "Largest disagreement | sci 1"];
    let mut table = Table::new(heads);
    let (mut found, mut shown) = (0, Vec::new());
    for (fault, words) in FAULTS {
        let (errors, _) = disagreements(&mut rng, |rng| network(rng, fault))?;
        let networks = errors.iter().filter(|error| **error > FOUND).count();
        let largest = errors.into_iter().fold(0.0, f64::max);
        table.row([words.into(), networks.into(), largest.into()]);
        match fault {
            Fault::None | Fault::OtherFunction => shown.push(networks),
            _ => found += usize::from(networks > 0),
        }
    }
    let faults = FAULTS.len() - 2;
    recorder.table("faults", table);
    recorder.value("faults", faults);
    recorder.value("cases", CASES);
    recorder
        .claim("each-is-found", "The checker finds each fault of a backward in some network.")
        .all(found, faults, "faults");
    recorder
        .claim(
            "no-false-alarm",
            "The checker finds nothing where nothing is wrong, nor where forward and backward belong to the same wrong function.",
        )
        .equal(shown.iter().sum::<usize>(), 0);
    Ok(())
}

/// A layer under test that reads a layer, and the sum of both.
fn network(rng: &mut Rng, fault: Fault) -> Result<Network<f64>> {
    let d = rng.random_range(2..12);
    let mut network = Network::new(Shape::row(d));
    let a = network.push("0", Linear::new(d, d), &[Network::<f64>::INPUT])?;
    let b = network.push("1", Layer { d, fault }, &[a])?;
    let sum = network.push("2", Sum { fault }, &[a, b])?;
    network.push("3", Linear::new(d, 3), &[sum])?;
    Ok(network)
}

/// `y = tanh(W x + b)` from `d` to `d` numbers, sum by sum, with one fault.
#[derive(Clone, Copy, Debug)]
struct Layer {
    d: usize,
    fault: Fault,
}

impl Layer {
    fn activation(&self) -> Activation {
        match self.fault {
            Fault::OtherFunction => Activation::Sigmoid,
            _ => Activation::Tanh,
        }
    }

    /// The gradient with respect to `z`, from the output and the gradient with respect to it.
    fn through<T: Real>(&self, y: T, dy: T) -> T {
        match self.fault {
            Fault::NoSlope => dy,
            Fault::WrongSlope => dy * (T::ONE - y),
            _ => self.activation().backward(y, dy),
        }
    }
}

impl<T: Real> Operation<T> for Layer {
    fn name(&self) -> &'static str {
        "layer under test"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }

    fn needs(&self, _: &Place) -> Needs<T> {
        let weight = Weight::plain("weight", vec![self.d, self.d]);
        Needs { weights: vec![weight, Weight::plain("bias", vec![self.d])], ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let [w, b] = [0, 1].map(|tensor| &at.weights.get(tensor)[0].weights);
        let samples = at.x[0].chunks_exact(place.input().stride);
        for (x, y) in samples.zip(at.y.chunks_exact_mut(place.output.stride)) {
            y.fill(T::ZERO);
            for (i, (y, row)) in y.iter_mut().zip(w.chunks_exact(self.d)).enumerate() {
                let z = row.iter().zip(x).fold(b[i], |z, (&w, &x)| z + w * x);
                *y = self.activation().forward(z);
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (d, w, [dx, ..]) = (self.d, &at.weights.get(0)[0].weights, at.dx);
        at.dy.iter_mut().zip(at.y).for_each(|(dy, &y)| *dy = self.through(y, *dy));
        let samples = at.dy.chunks_exact(place.output.stride);
        for (dz, dx) in samples.zip(dx.chunks_exact_mut(place.input().stride)) {
            dx.fill(T::ZERO);
            for (j, dx) in dx[..d].iter_mut().enumerate() {
                let at = |i| if self.fault == Fault::Transposed { j * d + i } else { i * d + j };
                *dx = (0..d).fold(T::ZERO, |sum, i| sum + dz[i] * w[at(i)]);
            }
        }
    }

    fn gradient(&self, place: &Place, piece: Piece, at: Whole<'_, T>, gradient: &mut [T]) {
        if !piece.add {
            gradient.fill(T::ZERO);
        }
        let of_bias = piece.weight == 1;
        if of_bias && self.fault == Fault::NoBias {
            return;
        }
        let samples = at.x[0].chunks_exact(place.input().stride);
        let samples = samples.zip(at.dy.chunks_exact(place.output.stride));
        let left_out = usize::from(self.fault == Fault::LastSample);
        let scale = if self.fault == Fault::Sum { T::of(at.rows as f64) } else { T::ONE };
        for (x, dz) in samples.take(at.rows - left_out) {
            for (i, gradient) in
                gradient.chunks_exact_mut(if of_bias { 1 } else { self.d }).enumerate()
            {
                for (j, gradient) in gradient.iter_mut().enumerate() {
                    let term = scale * dz[i] * if of_bias { T::ONE } else { x[j] };
                    match self.fault {
                        Fault::Overwritten => *gradient = term,
                        _ => *gradient += term,
                    }
                }
            }
        }
    }
}

/// The sum of two values. With its fault, only the first receives a gradient.
#[derive(Clone, Copy, Debug)]
struct Sum {
    fault: Fault,
}

impl<T: Real> Operation<T> for Sum {
    fn name(&self) -> &'static str {
        "sum under test"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [a, _] = exactly(inputs)?;
        Ok(a.into())
    }

    fn forward(&self, _: &Place, at: Forward<'_, T>) {
        let pairs = at.x[0].iter().zip(at.x[1]);
        at.y.iter_mut().zip(pairs).for_each(|(y, (&a, &b))| *y = a + b);
    }

    fn backward(&self, _: &Place, at: Backward<'_, T>) {
        let [da, db, ..] = at.dx;
        da.copy_from_slice(at.dy);
        match self.fault {
            Fault::OneReader => db.fill(T::ZERO),
            _ => db.copy_from_slice(at.dy),
        }
    }
}
