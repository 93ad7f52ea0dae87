//! A table with a row for each word.
//!
//! Will move to chapter 13.

use backprop::{
    Backward, First, Forward, Matrix, Needs, Operation, Outline, Piece, Place, Real, Result, Shape,
    Weight, Whole, exactly,
};

use super::{bad, each};

/// A row of a table for each whole number. The table is packed as a [`Matrix`], so that a head may share it.
#[derive(Debug)]
pub struct Embedding {
    pub words: usize,
    pub width: usize,
}

impl Embedding {
    fn matrix(&self) -> Matrix {
        Matrix::new(self.width, self.words)
    }
}

impl<T: Real> Operation<T> for Embedding {
    fn name(&self) -> &'static str {
        "embedding"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [x] = exactly(inputs)?;
        if x.channels != 1 {
            return bad("embedding", "it takes one number for each token");
        }
        let output =
            if x.tokens { Shape::sequence(x.width, self.width) } else { Shape::row(self.width) };
        Ok(Outline { ids: Some(self.words), ..output.into() })
    }
    fn needs(&self, _: &Place) -> Needs<T> {
        let packing = self.matrix();
        let shape = vec![self.words, self.width];
        Needs {
            weights: vec![Weight::matrix("weight", shape, 1, packing).first(First::Normal(0.02))],
            ..Needs::default()
        }
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (m, table) = (self.matrix(), at.weights.get(0));
        at.y.fill(T::ZERO);
        each(place, at.rows, |_, from, to, _| {
            let word = at.x[0][from].to_index();
            for c in 0..self.width {
                let (block, i) = m.at(word, c);
                at.y[to + c] = table[block].weights[i];
            }
        });
    }
    fn backward(&self, _: &Place, _: Backward<'_, T>) {}
    fn gradient(&self, place: &Place, piece: Piece, whole: Whole<'_, T>, g: &mut [T]) {
        let m = self.matrix();
        if !piece.add {
            g.fill(T::ZERO);
        }
        let first = m.first(piece.block);
        each(place, whole.rows, |_, from, to, _| {
            let word = whole.x[0][from].to_index();
            for c in first..first + m.len(piece.block) {
                g[m.at(word, c).1] += whole.dy[to + c];
            }
        });
    }
}
