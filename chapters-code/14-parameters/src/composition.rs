//! Where the parameters sit: a visitor that sorts every tensor into the part of the network it
//! belongs to.

use std::ops::{Add, Mul, Range};

use crate::architectures::{Architecture, Model};
use crate::count::Count;
use crate::visitor::{Name, Role, Visitor, Work};

/// A part of a network, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Tables of words and positions; the projection of an image's patches.
    Embedding,
    /// Convolutions whose kernel is larger than one pixel.
    WideConvolution,
    /// Convolutions of one pixel: a linear layer at each place.
    PointConvolution,
    /// Squeeze and excitation: two layers that weigh the channels.
    SqueezeExcitation,
    /// Queries, keys, values and the output of attention.
    Attention,
    /// The layers of each block that act on one position alone.
    FeedForward,
    /// Gains and shifts of normalisation.
    Normalisation,
    /// The layers that turn the last features into scores.
    Head,
}

impl Part {
    /// In the order in which data pass through them.
    pub const ALL: [Part; 8] = [
        Part::Embedding,
        Part::WideConvolution,
        Part::PointConvolution,
        Part::SqueezeExcitation,
        Part::Attention,
        Part::FeedForward,
        Part::Normalisation,
        Part::Head,
    ];

    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Part::Embedding => "embedding",
            Part::WideConvolution => "k×k convolution",
            Part::PointConvolution => "1×1 convolution",
            Part::SqueezeExcitation => "squeeze-excitation",
            Part::Attention => "attention",
            Part::FeedForward => "feed-forward",
            Part::Normalisation => "normalisation",
            Part::Head => "head",
        }
    }
}

/// Trainable parameters by [`Part`], in the order of [`Part::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Composition(pub [u64; 8]);

impl Composition {
    /// Sorts the parameters of a network. Equal blocks are visited once; nothing depends on the
    /// context.
    pub fn of(model: &Model) -> Composition {
        let mut sorter = Sorter::default();
        model.describe(&mut sorter, 1);
        sorter.sum
    }

    /// Parameters of one part.
    pub fn parameters(&self, part: Part) -> u64 {
        self.0[part as usize]
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// One part's share of the whole, from 0 to 1.
    pub fn share(&self, part: Part) -> f64 {
        self.parameters(part) as f64 / self.total() as f64
    }
}

impl Add for Composition {
    type Output = Composition;

    fn add(self, other: Composition) -> Composition {
        Composition(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }
}

impl Mul<u64> for Composition {
    type Output = Composition;

    fn mul(self, times: u64) -> Composition {
        Composition(self.0.map(|n| n * times))
    }
}

/// The visitor: it knows which modules are open, and so what a tensor is for.
#[derive(Debug, Default)]
struct Sorter {
    open: Vec<&'static str>,
    sum: Composition,
}

// ANCHOR: part_of
impl Sorter {
    /// The part that a tensor of the innermost open module belongs to. Normalisation is asked first,
    /// then the block's two halves, which contain linear layers, and last what stands alone.
    fn part_of(&self, shape: &[u64]) -> Part {
        let within = |kind: &str| self.open.contains(&kind);
        let innermost = self.open.last().copied().unwrap_or("network");
        match innermost {
            "batch norm" | "layer norm" | "RMS norm" => Part::Normalisation,
            _ if within("squeeze and excite") => Part::SqueezeExcitation,
            _ if within("attention") => Part::Attention,
            _ if within("two-layer network")
                || within("gated network")
                || within("mixture of experts") =>
            {
                Part::FeedForward
            }
            // The only convolution with a bias, or with a kernel that large, cuts an image into patches.
            "convolution" => match *shape {
                [_] => Part::Embedding,
                [_, _, kernel, _] if kernel >= 14 => Part::Embedding,
                [_, _, 1, 1] => Part::PointConvolution,
                _ => Part::WideConvolution,
            },
            "linear" => Part::Head,
            _ => Part::Embedding,
        }
    }
}
// ANCHOR_END: part_of

impl Visitor for Sorter {
    fn enter(&mut self, _name: Name, kind: &'static str) {
        self.open.push(kind);
    }

    fn leave(&mut self) {
        self.open.pop();
    }

    fn tensor(&mut self, role: Role, _name: &'static str, shape: &[u64]) {
        let part = self.part_of(shape);
        self.sum.0[part as usize] += Count::of_tensor(role, shape).parameters;
    }

    fn work(&mut self, _work: Work) {}

    fn repeat(&mut self, indices: Range<u64>, mut part: impl FnMut(&mut Self, u64)) {
        if let Some(first) = indices.clone().next() {
            let before = std::mem::take(&mut self.sum);
            part(self, first);
            self.sum = before + self.sum * (indices.end - indices.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{MODELS, find};

    fn composition(name: &str) -> Composition {
        Composition::of(&find(name).unwrap().model)
    }

    #[test]
    fn the_parts_add_up_to_the_whole() {
        for entry in MODELS {
            let whole = entry.model.closed_form(1).parameters;
            assert_eq!(Composition::of(&entry.model).total(), whole, "{}", entry.name);
        }
    }

    #[test]
    fn a_gpt_is_embedding_attention_and_feed_forward() {
        let c = 768;
        let parts = composition("gpt2");
        assert_eq!(parts.parameters(Part::Embedding), (50_257 + 1024) * c);
        assert_eq!(parts.parameters(Part::Attention), 12 * (4 * c * c + 4 * c));
        assert_eq!(parts.parameters(Part::FeedForward), 12 * (8 * c * c + 5 * c));
        assert_eq!(parts.parameters(Part::Normalisation), 25 * 2 * c);
        assert_eq!(parts.parameters(Part::Head), 0, "tied to the embedding");
    }

    #[test]
    fn image_networks_sort_their_convolutions() {
        let resnet = composition("resnet50");
        assert_eq!(resnet.parameters(Part::Head), 2049 * 1000);
        assert_eq!(resnet.parameters(Part::Embedding), 0);
        assert!(
            resnet.parameters(Part::PointConvolution) > resnet.parameters(Part::WideConvolution)
        );
        let vit = composition("vit_b_16");
        assert_eq!(vit.parameters(Part::Embedding), 3 * 256 * 768 + 768 + 768 + 197 * 768);
        assert_eq!(vit.parameters(Part::WideConvolution), 0);
        let mobile = composition("mobilenet_v3_large");
        assert_eq!(mobile.parameters(Part::Head), 961 * 1280 + 1281 * 1000);
        assert!(mobile.parameters(Part::SqueezeExcitation) > 0);
    }
}
