//! Small networks for garments from the parts of MobileNetV3, so that one part can be exchanged at a time: what looks at
//! neighbours and mixes channels, the way around it, the gate, the activation.
//!
//! Images of 28 × 28 become 14 × 14 in the first layer and 7 × 7 in the second block; there the width doubles.

use backprop::{Addition, Linear, Network, Operation, Real, Result, Shape, Value};
use convolution::networks::{CLASSES, INPUT};
use convolution::{BatchNorm, Convolution, Pool};

use crate::mobilenet::squeezed;
use crate::operations::{Depthwise, Gate, HardSwish};

/// The stride of each block; with a stride of 2 the width doubles.
const BLOCKS: [usize; 4] = [1, 2, 1, 1];
/// How many times wider an inverted residual is in its middle.
pub const EXPANSION: usize = 3;

/// What a block is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// A convolution of 3 × 3.
    Full,
    /// A depthwise convolution of 3 × 3, and one of 1 × 1 behind it.
    Separable,
    /// 1 × 1 to more channels, depthwise 3 × 3, 1 × 1 to few.
    Inverted,
}

/// A network: its blocks, and what they have besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Design {
    /// What blocks are made of.
    pub block: Block,
    /// Whether the input of an inverted residual is added to its output.
    pub skip: bool,
    /// Whether an inverted residual has a gate.
    pub gate: bool,
    /// Whether activations are hard-swish, not ReLU.
    pub swish: bool,
    /// Channels of the first blocks.
    pub width: usize,
}

/// What one image costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Numbers that training changes.
    pub parameters: usize,
    /// Multiply-adds.
    pub multiply_adds: u64,
    /// Bytes: every number that an operation reads or writes once, and every weight once, four bytes each.
    pub bytes: usize,
}

impl Design {
    /// The network.
    ///
    /// # Errors
    /// Where a width is nought.
    pub fn network<T: Real>(self) -> Result<Network<T>> {
        Ok(self.built()?.network)
    }

    /// What one image costs.
    ///
    /// # Errors
    /// As [`Design::network`].
    pub fn cost(self) -> Result<Cost> {
        let Builder { network, handed, .. } = self.built::<f32>()?;
        let parameters = network.parameters();
        let multiply_adds = network.multiply_adds().forward;
        Ok(Cost { parameters, multiply_adds, bytes: 4 * (handed + parameters) })
    }

    // ANCHOR: near
    /// The same with the width that comes nearest to so many multiply-adds.
    pub fn near(self, multiply_adds: u64) -> Result<Design> {
        let mut nearest = (u64::MAX, self);
        for width in 4..=96 {
            let design = Design { width, ..self };
            let apart = design.cost()?.multiply_adds.abs_diff(multiply_adds);
            if apart < nearest.0 {
                nearest = (apart, design);
            }
        }
        Ok(nearest.1)
    }
    // ANCHOR_END: near

    fn built<T: Real>(self) -> Result<Builder<T>> {
        let mut b = Builder { network: Network::new(INPUT), last: Network::<T>::INPUT, handed: 0 };
        let mut width = self.width;
        b.push("stem", Convolution::new(1, width, 3).stride(2).padding(1).without_bias())?;
        self.activate(&mut b, "stem", width)?;
        for (i, stride) in BLOCKS.into_iter().enumerate() {
            let (inputs, outputs) = (width, stride * width);
            let sizes = [inputs, outputs, stride];
            match self.block {
                Block::Full => self.full(&mut b, i, sizes)?,
                Block::Separable => self.separable(&mut b, i, sizes)?,
                Block::Inverted => self.inverted(&mut b, i, sizes)?,
            }
            width = outputs;
        }
        b.push("mean", Pool::global())?;
        b.push("head", Linear::new(width, CLASSES))?;
        Ok(b)
    }

    /// Batch normalisation and the activation.
    fn activate<T: Real>(self, b: &mut Builder<T>, name: &str, width: usize) -> Result<()> {
        let norm = BatchNorm::new(width);
        if !self.swish {
            return b.push(&format!("{name}.norm"), norm.with_relu());
        }
        b.push(&format!("{name}.norm"), norm)?;
        b.push(&format!("{name}.swish"), HardSwish)
    }

    fn full<T: Real>(self, b: &mut Builder<T>, i: usize, sizes: [usize; 3]) -> Result<()> {
        let [inputs, outputs, stride] = sizes;
        let convolution = Convolution::new(inputs, outputs, 3).stride(stride).padding(1);
        b.push(&format!("{i}.full"), convolution.without_bias())?;
        self.activate(b, &format!("{i}.full"), outputs)
    }

    fn separable<T: Real>(self, b: &mut Builder<T>, i: usize, sizes: [usize; 3]) -> Result<()> {
        let [inputs, outputs, stride] = sizes;
        b.push(&format!("{i}.depthwise"), Depthwise::new(inputs, 3).stride(stride).padding(1))?;
        self.activate(b, &format!("{i}.depthwise"), inputs)?;
        b.push(&format!("{i}.mix"), Convolution::new(inputs, outputs, 1).without_bias())?;
        self.activate(b, &format!("{i}.mix"), outputs)
    }

    // ANCHOR: inverted
    fn inverted<T: Real>(self, b: &mut Builder<T>, i: usize, sizes: [usize; 3]) -> Result<()> {
        let [inputs, outputs, stride] = sizes;
        let (before, wide) = (b.last, EXPANSION * inputs);
        let name = |part: &str| format!("{i}.{part}");
        b.push(&name("expand"), Convolution::new(inputs, wide, 1).without_bias())?;
        self.activate(b, &name("expand"), wide)?;
        b.push(&name("depthwise"), Depthwise::new(wide, 3).stride(stride).padding(1))?;
        self.activate(b, &name("depthwise"), wide)?;
        if self.gate {
            b.push(&name("gate"), Gate::new(wide, squeezed(wide)))?;
        }
        b.push(&name("project"), Convolution::new(wide, outputs, 1).without_bias())?;
        b.push(&name("project.norm"), BatchNorm::new(outputs))?;
        if self.skip && inputs == outputs {
            b.add(&name("add"), before)?;
        }
        Ok(())
    }
    // ANCHOR_END: inverted
}

/// A network that grows, and the numbers that its operations read and write.
struct Builder<T> {
    network: Network<T>,
    last: Value,
    handed: usize,
}

impl<T: Real> Builder<T> {
    fn push(&mut self, name: &str, operation: impl Operation<T> + 'static) -> Result<()> {
        let before = self.last;
        self.last = self.network.push(name, operation, &[before])?;
        self.handed += self.numbers(before) + self.numbers(self.last);
        Ok(())
    }

    fn add(&mut self, name: &str, before: Value) -> Result<()> {
        let branch = self.last;
        self.last = self.network.push(name, Addition::default(), &[before, branch])?;
        self.handed += 3 * self.numbers(self.last);
        Ok(())
    }

    fn numbers(&self, value: Value) -> usize {
        self.network.shape(value).map_or(0, Shape::elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Design =
        Design { block: Block::Inverted, skip: true, gate: false, swish: false, width: 16 };

    #[test]
    fn a_full_network_is_counted_by_hand() {
        let cost = Design { block: Block::Full, width: 4, ..BASE }.cost().unwrap();
        let blocks = 196 * 9 * 16 + 49 * 9 * 4 * 8 + 49 * 2 * 9 * 64;
        assert_eq!(cost.multiply_adds, 196 * 9 * 4 + blocks + 80);
        let weights = 9 * 4 + 9 * 16 + 9 * 32 + 2 * 9 * 64 + 8 * 10;
        let norms = 2 * (2 * 4 + 3 * 8) + 10;
        assert_eq!(cost.parameters, weights + norms);
    }

    #[test]
    fn skips_and_swish_cost_no_multiply_add_and_gates_few() {
        let count = |design: Design| design.cost().unwrap().multiply_adds;
        let base = count(BASE);
        assert_eq!(count(Design { skip: false, ..BASE }), base);
        assert_eq!(count(Design { swish: true, ..BASE }), base);
        let gated = count(Design { gate: true, ..BASE });
        assert!(gated > base && 100 * (gated - base) < 3 * base, "{gated} {base}");
    }
}
