//! Weights in the order in which the kernels read them.

use super::kernels::lane::{LANES, Lane};
use super::kernels::winograd::Form;
use crate::weights::Layer;

/// The weights of a layer in panels of sixteen outputs, in a panel a lane for each input. Outputs that do not fill a panel are
/// followed by zeros.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    each: usize,
    weights: Vec<Lane>,
    bias: Vec<Lane>,
}

impl Packed {
    /// `weight` gives the weight of an output and one of its `each` inputs.
    fn new(each: usize, bias: &[f32], weight: impl Fn(usize, usize) -> f32) -> Packed {
        let panels = bias.len().div_ceil(LANES);
        let mut packed = Packed {
            each,
            weights: vec![Lane::default(); panels * each],
            bias: vec![Lane::default(); panels],
        };
        for (o, &b) in bias.iter().enumerate() {
            let (q, j) = (o / LANES, o % LANES);
            packed.bias[q].0[j] = b;
            for (i, lane) in packed.weights[q * each..][..each].iter_mut().enumerate() {
                lane.0[j] = weight(o, i);
            }
        }
        packed
    }

    /// The weights as they are, `(outputs, each)`.
    pub fn rows(layer: &Layer) -> Packed {
        let each = layer.weight.len().checked_div(layer.bias.len()).unwrap_or(0);
        Packed::new(each, &layer.bias, |o, i| layer.weight[o * each + i])
    }

    /// The weights of `(outputs, inputs, K, K)` for windows that are gathered: the
    /// places of the window in turn, for each all inputs, filled up to sixteen.
    pub fn gathered(layer: &Layer, inputs: usize, window: usize) -> Packed {
        let (filled, places) = (inputs.next_multiple_of(LANES), window * window);
        Packed::new(places * filled, &layer.bias, |o, at| {
            let (place, i) = (at / filled, at % filled);
            if i < inputs { layer.weight[(o * inputs + i) * places + place] } else { 0.0 }
        })
    }

    /// The transformed weights of `(outputs, inputs, 3, 3)`: the places of the tile in turn, for each all inputs.
    pub fn winograd<F: Form>(layer: &Layer, inputs: usize) -> Packed {
        let places = F::IN * F::IN;
        let each = places * inputs;
        let mut packed = Packed::new(each, &layer.bias, |_, _| 0.0);
        for o in 0..layer.bias.len() {
            let panel = &mut packed.weights[o / LANES * each..][..each];
            for i in 0..inputs {
                let window = &layer.weight[(o * inputs + i) * 9..][..9];
                let there = transformed::<F>(window);
                for u in 0..F::IN {
                    for v in 0..F::IN {
                        panel[(u * F::IN + v) * inputs + i].0[o % LANES] = there[u][v] as f32;
                    }
                }
            }
        }
        packed
    }

    /// Weights of a panel.
    pub fn each(&self) -> usize {
        self.each
    }

    /// Panels of sixteen outputs.
    pub fn panels(&self) -> usize {
        self.bias.len()
    }

    /// The weights of panel `q`.
    pub fn weights(&self, q: usize) -> &[Lane] {
        &self.weights[q * self.each..][..self.each]
    }

    /// The numbers at which the sums of panel `q` begin.
    pub fn bias(&self, q: usize) -> Lane {
        self.bias[q]
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        (self.weights.len() + self.bias.len()) * size_of::<Lane>()
    }
}

/// The transform of a window along its rows and its columns.
fn transformed<F: Form>(window: &[f32]) -> [[f64; 6]; 6] {
    let at = |i: usize| f64::from(window[i]);
    let rows = [0, 1, 2].map(|u| F::weights([at(3 * u), at(3 * u + 1), at(3 * u + 2)]));
    let mut there = [[0.0; 6]; 6];
    for v in 0..6 {
        let column = F::weights([rows[0][v], rows[1][v], rows[2][v]]);
        (0..6).for_each(|u| there[u][v] = column[u]);
    }
    there
}
