//! A transformer with nothing but attention: no layers between tokens and themselves.

use backprop::{Addition, Linear, Network, Result, Shape};

use super::repeats::{TOKENS, WORDS};
use crate::operations::{Attention, Embedding, LayerNorm};

/// What layer normalisation adds to a variance.
pub const EPS: f64 = 1e-5;

/// How large a copier is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Copier {
    /// Layers of attention, `L`.
    pub layers: usize,
    /// Heads of a layer, `h`.
    pub heads: usize,
    /// Numbers of a token, `C`.
    pub width: usize,
    /// Standard deviation of the first numbers of words and places.
    pub spread: f64,
}

impl Copier {
    // ANCHOR: network
    /// Words come in, and for each place come scores of the next word.
    ///
    /// # Errors
    /// Where heads do not divide the width.
    pub fn network(&self) -> Result<Network<f32>> {
        let Copier { layers, heads, width: c, spread } = *self;
        let mut network = Network::new(Shape::sequence(TOKENS, 1));
        let table = Embedding { words: WORDS, width: c, deviation: spread };
        let mut x = network.push("words", table, &[Network::<f32>::INPUT])?;
        for i in 0..layers {
            let name = |part: &str| format!("{i}.{part}");
            let y = network.push(&name("norm"), LayerNorm { eps: EPS }, &[x])?;
            let packed = Linear::new(c, 3 * c).without_bias();
            let y = network.push(&name("packed"), packed, &[y])?;
            let y = network.push(&name("heads"), Attention { heads, causal: true }, &[y])?;
            let y = network.push(&name("out"), Linear::new(c, c).without_bias(), &[y])?;
            x = network.push(&name("add"), Addition::default(), &[x, y])?;
        }
        network.push("next", Linear::new(c, WORDS).without_bias(), &[x])?;
        Ok(network)
    }
    // ANCHOR_END: network

    /// Names and shapes of its tensors, a vector as one row.
    pub fn tensors(&self) -> Vec<(String, [usize; 2])> {
        let c = self.width;
        let mut list = vec![
            ("words.weight".to_owned(), [WORDS, c]),
            ("words.positions".to_owned(), [TOKENS, c]),
            ("next.weight".to_owned(), [WORDS, c]),
        ];
        for i in 0..self.layers {
            let parts = [
                ("norm.weight", [1, c]),
                ("norm.bias", [1, c]),
                ("packed.weight", [3 * c, c]),
                ("out.weight", [c, c]),
            ];
            list.extend(parts.map(|(part, shape)| (format!("{i}.{part}"), shape)));
        }
        list
    }

    /// Numbers that training changes.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(|(_, [rows, columns])| rows * columns).sum()
    }
}
