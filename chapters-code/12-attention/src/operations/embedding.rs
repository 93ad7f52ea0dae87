//! What enters a transformer that reads words: a learned row for each word, plus a learned row for its place.
//!
//! `x` is `(T, 1)`, the numbers of the words; `y` is `(T, C)`, with `y[t] = W[x[t]] + P[t]`. Backward there is nothing to hand
//! on. A row of `dW` is the sum of `dy` where its word stood, a row of `dP` the sum over the samples.

use backprop::{
    Backward, First, Forward, Needs, Operation, Outline, Piece, Place, Real, Result, Shape, Weight,
    Whole, exactly,
};

use super::refusal::refuse;

/// Looks words up in a table, and adds their places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Embedding {
    /// Words of the table.
    pub words: usize,
    /// Numbers of a token, `C`.
    pub width: usize,
    /// Standard deviation of the first numbers of both tables.
    pub deviation: f64,
}

impl<T: Real> Operation<T> for Embedding {
    fn name(&self) -> &'static str {
        "embedding"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if !input.tokens || input.channels != 1 {
            let fix = "give it a sequence of one number each";
            return refuse(format!("it takes the numbers of words, not {input}"), fix);
        }
        if self.words == 0 || self.width == 0 {
            return refuse("a table without numbers", "give it words, and a width");
        }
        let output = Shape::sequence(input.width, self.width);
        Ok(Outline { ids: Some(self.words), ..output.into() })
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let first = First::Normal(self.deviation);
        let of = |name, rows| Weight::plain(name, vec![rows, self.width]).first(first);
        let weights = vec![of("weight", self.words), of("positions", place.input().shape.width)];
        Needs { weights, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let [table, places] = [0, 1].map(|i| &at.weights.get(i)[0].weights[..]);
        let (from, to, c) = (place.input(), place.output, self.width);
        at.y.fill(T::ZERO);
        let samples = at.x[0].chunks_exact(from.stride).zip(at.y.chunks_exact_mut(to.stride));
        for (x, y) in samples {
            for t in 0..from.shape.width {
                let word = &table[x[from.at(0, t)].to_index() * c..][..c];
                let y = y[to.at(0, t)..][..c].iter_mut();
                for ((y, &word), &place) in y.zip(word).zip(&places[t * c..]) {
                    *y = word + place;
                }
            }
        }
    }

    fn backward(&self, _: &Place, at: Backward<'_, T>) {
        // A word has no slope.
        at.dx.into_iter().for_each(|dx| dx.fill(T::ZERO));
    }

    fn gradient(&self, place: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        let (from, to) = (place.input(), place.output);
        if !of.add {
            gradient.fill(T::ZERO);
        }
        let samples = whole.x[0].chunks_exact(from.stride).zip(whole.dy.chunks_exact(to.stride));
        for (x, dy) in samples.take(whole.rows) {
            for t in 0..from.shape.width {
                let row = if of.weight == 0 { x[from.at(0, t)].to_index() } else { t };
                let sums = gradient[row * self.width..].iter_mut();
                sums.zip(&dy[to.at(0, t)..][..self.width]).for_each(|(sum, &dy)| *sum += dy);
            }
        }
    }
}
