//! Single layers at the sizes of MobileNetV3-Large and ResNet-152: what each counts, and a network that is the layer many
//! times over, so that a bench can time it.

use backprop::{Addition, Network, Result, Shape, Value};
use convolution::{Convolution, Pool};

use crate::mobilenet::squeezed;
use crate::operations::{Depthwise, Gate, HardSwish};

/// What a layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A full convolution with a window of so many pixels a side.
    Full(usize),
    /// A convolution of 1 × 1 to so many channels, and one back.
    Pointwise(usize),
    /// A depthwise convolution with a window of so many pixels a side.
    Depthwise(usize),
    /// Squeeze and excitation.
    Gate,
    /// Hard-swish.
    HardSwish,
    /// The sum of two values.
    Addition,
}

/// A layer that gives back the shape that it takes: so many channels of so many pixels a side.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Its name among the timings.
    pub id: &'static str,
    /// What it does.
    pub work: Work,
    /// Channels.
    pub channels: usize,
    /// Pixels a side.
    pub side: usize,
}

const fn layer(id: &'static str, work: Work, channels: usize, side: usize) -> Layer {
    Layer { id, work, channels, side }
}

/// The layers.
pub const LAYERS: [Layer; 22] = [
    layer("full3_64_56", Work::Full(3), 64, 56),
    layer("full3_128_28", Work::Full(3), 128, 28),
    layer("full3_256_14", Work::Full(3), 256, 14),
    layer("full3_512_7", Work::Full(3), 512, 7),
    layer("full3_480_14", Work::Full(3), 480, 14),
    layer("pointwise_256_56", Work::Pointwise(64), 256, 56),
    layer("pointwise_1024_14", Work::Pointwise(256), 1024, 14),
    layer("pointwise_24_56", Work::Pointwise(72), 24, 56),
    layer("pointwise_112_14", Work::Pointwise(672), 112, 14),
    layer("pointwise_160_7", Work::Pointwise(960), 160, 7),
    layer("depthwise3_16_112", Work::Depthwise(3), 16, 112),
    layer("depthwise3_72_56", Work::Depthwise(3), 72, 56),
    layer("depthwise3_480_14", Work::Depthwise(3), 480, 14),
    layer("depthwise5_120_28", Work::Depthwise(5), 120, 28),
    layer("depthwise5_960_7", Work::Depthwise(5), 960, 7),
    layer("gate_120_28", Work::Gate, 120, 28),
    layer("gate_480_14", Work::Gate, 480, 14),
    layer("gate_960_7", Work::Gate, 960, 7),
    layer("swish_480_14", Work::HardSwish, 480, 14),
    layer("swish_960_7", Work::HardSwish, 960, 7),
    layer("addition_256_56", Work::Addition, 256, 56),
    layer("addition_112_14", Work::Addition, 112, 14),
];

impl Layer {
    /// What it is, in words.
    pub fn name(&self) -> String {
        let Layer { channels: c, side, .. } = *self;
        match self.work {
            Work::Full(k) => format!("full {k} × {k}, {c} channels, {side} × {side}"),
            Work::Pointwise(d) => format!("1 × 1, {c} to {d} and back, {side} × {side}"),
            Work::Depthwise(k) => format!("depthwise {k} × {k}, {c} channels, {side} × {side}"),
            Work::Gate => format!("gate, {c} channels, {side} × {side}"),
            Work::HardSwish => format!("hard-swish, {c} channels, {side} × {side}"),
            Work::Addition => format!("addition, {c} channels, {side} × {side}"),
        }
    }

    /// Numbers of the value that it takes.
    fn value(&self) -> usize {
        self.channels * self.side.pow(2)
    }

    /// Weights, biases included.
    pub fn weights(&self) -> usize {
        let c = self.channels;
        match self.work {
            Work::Full(k) => k * k * c * c + c,
            Work::Pointwise(d) => 2 * c * d + c + d,
            Work::Depthwise(k) => k * k * c,
            Work::Gate => 2 * c * squeezed(c) + c + squeezed(c),
            Work::HardSwish | Work::Addition => 0,
        }
    }

    // ANCHOR: counts
    /// Multiply-adds: one for each use of each weight of a sum.
    pub fn multiply_adds(&self) -> u64 {
        let Layer { channels: c, side, .. } = *self;
        let pixels = side.pow(2);
        let count = match self.work {
            Work::Full(k) => k * k * c * c * pixels,
            Work::Pointwise(d) => 2 * c * d * pixels,
            Work::Depthwise(k) => k * k * c * pixels,
            Work::Gate => 2 * c * squeezed(c),
            Work::HardSwish | Work::Addition => 0,
        };
        count as u64
    }

    /// Bytes: each number that goes in or out once, and each weight once.
    pub fn bytes(&self) -> usize {
        let values = match self.work {
            Work::Addition => 3 * self.value(),
            Work::Pointwise(d) => 2 * self.value() + 2 * d * self.side.pow(2),
            _ => 2 * self.value(),
        };
        4 * (values + self.weights())
    }
    // ANCHOR_END: counts

    /// A network that makes a value of the layer's shape from a picture of one channel, applies the layer so many times, and
    /// takes the mean of each channel. The time of one layer is the difference of two such networks, by the number of layers
    /// that one has more.
    ///
    /// # Errors
    /// Never: the shapes fit.
    pub fn network(&self, copies: usize) -> Result<Network<f32>> {
        let mut network = Network::new(Shape::image(1, self.side, self.side));
        let picture = Network::<f32>::INPUT;
        let other = network.push("other", Convolution::new(1, self.channels, 1), &[picture])?;
        let lifted = network.push("lifted", Convolution::new(1, self.channels, 1), &[picture])?;
        let mut x = network.push("sum", Addition::default(), &[lifted, other])?;
        for i in 0..copies {
            x = self.push(&mut network, &i.to_string(), x, other)?;
        }
        network.push("mean", Pool::global(), &[x])?;
        Ok(network)
    }

    fn push(
        &self,
        network: &mut Network<f32>,
        name: &str,
        x: Value,
        other: Value,
    ) -> Result<Value> {
        let c = self.channels;
        match self.work {
            Work::Full(k) => network.push(name, Convolution::new(c, c, k).padding(k / 2), &[x]),
            Work::Pointwise(d) => {
                let there = Convolution::new(c, d, 1);
                let x = network.push(&format!("{name}.there"), there, &[x])?;
                network.push(&format!("{name}.back"), Convolution::new(d, c, 1), &[x])
            }
            Work::Depthwise(k) => network.push(name, Depthwise::new(c, k).padding(k / 2), &[x]),
            Work::Gate => network.push(name, Gate::new(c, squeezed(c)), &[x]),
            Work::HardSwish => network.push(name, HardSwish, &[x]),
            Work::Addition => network.push(name, Addition::default(), &[x, other]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_what_the_operations_say() {
        for layer in LAYERS {
            let [none, two] = [0, 2].map(|copies| layer.network(copies).unwrap());
            let count = |network: &Network<f32>| network.multiply_adds().forward;
            assert_eq!(count(&two) - count(&none), 2 * layer.multiply_adds(), "{}", layer.id);
            assert_eq!(two.parameters() - none.parameters(), 2 * layer.weights(), "{}", layer.id);
        }
    }
}
