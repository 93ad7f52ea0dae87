//! Addition with a weighted branch, and an activation if wanted: `y = f(a + α b)`. Backward: `dz = dy · f′`, then `da = dz`,
//! `db = α dz`. With α = 0 and ReLU it gives back an input `a` that has no negative numbers.

use backprop::{
    Activation, Backward, Error, Forward, Needs, Operation, Outline, Place, Real, Result, Shape,
    exactly,
};

/// The sum of a value and a multiple of another of the same shape, and a function of it.
#[derive(Clone, Copy, Debug)]
pub struct ScaledAddition {
    /// What the second input is multiplied by.
    pub alpha: f64,
    /// The function.
    pub activation: Activation,
}

impl<T: Real> Operation<T> for ScaledAddition {
    fn name(&self) -> &'static str {
        "scaled addition"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [a, b] = exactly(inputs)?;
        if a != b {
            let (what, fault) = (String::new(), format!("its inputs are {a} and {b}"));
            return Err(Error::Shape { what, fault, fix: "give it one shape twice" });
        }
        Ok(a.into())
    }

    fn needs(&self, _: &Place) -> Needs<T> {
        Needs::default()
    }

    // ANCHOR: passes
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (alpha, [a, b, ..]) = (T::of(self.alpha), at.x);
        at.y.fill(T::ZERO);
        each(place, at.rows, |[from_a, from_b], to, channels| {
            let (a, b) = (&a[from_a..][..channels], &b[from_b..][..channels]);
            for ((y, &a), &b) in at.y[to..][..channels].iter_mut().zip(a).zip(b) {
                *y = self.activation.forward(a + alpha * b);
            }
        });
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (alpha, [da, db, ..]) = (T::of(self.alpha), at.dx);
        da.fill(T::ZERO);
        db.fill(T::ZERO);
        each(place, at.rows, |[to_a, to_b], from, channels| {
            for i in 0..channels {
                let dz = self.activation.backward(at.y[from + i], at.dy[from + i]);
                if let Some(da) = da.get_mut(to_a + i) {
                    *da = dz;
                }
                if let Some(db) = db.get_mut(to_b + i) {
                    *db = alpha * dz;
                }
            }
        });
    }
    // ANCHOR_END: passes
}

/// Calls `at` for each pixel of each sample with where it begins in both inputs and in the output, and its channels.
fn each(place: &Place, rows: usize, mut at: impl FnMut([usize; 2], usize, usize)) {
    let (inputs, output) = ([place.inputs[0], place.inputs[1]], place.output);
    for row in 0..rows {
        for line in 0..output.shape.height {
            for pixel in 0..output.shape.width {
                let of = |layout: backprop::Layout| row * layout.stride + layout.at(line, pixel);
                at(inputs.map(of), of(output), output.shape.channels);
            }
        }
    }
}
