//! What stands before the first block of a transformer: patches become a sequence, a learned token before them, and a
//! learned vector is added to each.
//!
//! `x` is an image `(C, H, W)`, whose pixels are tokens row by row, or a sequence `(T, C)`. With `c` the class token and `P`
//! the positions, `(T + 1, C)`:
//!
//! ```text
//! y[0] = c + P[0]        y[t + 1] = x[t] + P[t + 1]
//! ```
//!
//! Backward: `dx[t] = dy[t + 1]`, `dc = Σₙ dy[0]`, `dP = Σₙ dy`.

use backprop::{
    Backward, First, Forward, Needs, Operation, Outline, Piece, Place, Real, Result, Shape, Weight,
    Whole, exactly,
};

use super::lines::token;

/// The standard deviation of positions before training, as torchvision has it.
const DEVIATION: f64 = 0.02;

/// Makes a sequence of patches, or of tokens, ready for the first block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Whether a learned token stands before the others.
    pub class: bool,
    /// Whether a learned vector is added to each.
    pub positions: bool,
}

impl Tokens {
    /// Tokens that are put before the others: one or none.
    fn before(self) -> usize {
        usize::from(self.class)
    }
}

impl<T: Real> Operation<T> for Tokens {
    fn name(&self) -> &'static str {
        "tokens"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(Shape::sequence(input.positions() + self.before(), input.channels).into())
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let Shape { width: tokens, channels, .. } = place.output.shape;
        let mut weights = Vec::new();
        if self.class {
            weights.push(Weight::plain("class_token", vec![1, 1, channels]));
        }
        if self.positions {
            let positions = Weight::plain("encoder.pos_embedding", vec![1, tokens, channels]);
            weights.push(positions.first(First::Normal(DEVIATION)));
        }
        Needs { weights, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b, before) = (place.input(), place.output, self.before());
        let Shape { width: tokens, channels: c, .. } = b.shape;
        for (x, y) in at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride)) {
            y.fill(T::ZERO);
            if self.class {
                y[..c].copy_from_slice(&at.weights.get(0)[0].weights);
            }
            for t in before..tokens {
                y[token(&b, t)..][..c].copy_from_slice(&x[token(&a, t - before)..][..c]);
            }
            if self.positions {
                let positions = &at.weights.get(before)[0].weights;
                for (t, position) in positions.chunks_exact(c).enumerate() {
                    let y = &mut y[token(&b, t)..][..c];
                    y.iter_mut().zip(position).for_each(|(y, &p)| *y += p);
                }
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b, before) = (place.input(), place.output, self.before());
        let Shape { width: tokens, channels: c, .. } = b.shape;
        let [dx, ..] = at.dx;
        for (dx, dy) in dx.chunks_exact_mut(a.stride).zip(at.dy.chunks_exact(b.stride)) {
            dx.fill(T::ZERO);
            for t in before..tokens {
                dx[token(&a, t - before)..][..c].copy_from_slice(&dy[token(&b, t)..][..c]);
            }
        }
    }

    fn gradient(&self, place: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        let b = place.output;
        if !of.add {
            gradient.fill(T::ZERO);
        }
        for dy in whole.dy.chunks_exact(b.stride).take(whole.rows) {
            // The class token is the first of the tokens, and its gradient the first of theirs.
            for (t, gradient) in gradient.chunks_exact_mut(b.shape.channels).enumerate() {
                let dy = &dy[token(&b, t)..];
                gradient.iter_mut().zip(dy).for_each(|(g, &dy)| *g += dy);
            }
        }
    }
}
