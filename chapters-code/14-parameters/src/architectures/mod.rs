//! Architectures as data: a family is a structure of numbers, a model is one such structure.

pub mod attention;
pub mod decoder;
pub mod feed_forward;
pub mod gpt;
pub mod head;
pub mod llama;
pub mod mobilenet;
pub mod resnet;
pub mod vit;

pub use attention::{Attention, Grouped, Latent, QueryKeyNorm};
pub use decoder::{Block, Decoder, Frame, Run};
pub use feed_forward::{ExpertNames, Experts, FeedForward, Gated};
pub use gpt::{AttentionWidth, Gpt};
pub use head::Head;
pub use llama::{Biases, Llama};
pub use mobilenet::{Bottleneck, MobileNetV3};
pub use resnet::{BlockKind, ResNet};
pub use vit::VisionTransformer;

use crate::count::{Count, Totals};
use crate::tree::{Builder, Folding, Module};
use crate::visitor::{Counter, Visitor};

// ANCHOR: architecture
/// A family of networks: numbers that fix every tensor, and two ways to count them.
///
/// The operations of a language model depend on how many tokens it looks back at, its *context*,
/// the newest token included. Networks for images ignore the context.
pub trait Architecture {
    /// The count by algebra on the hyper-parameters.
    fn closed_form(&self, context: u64) -> Count;

    /// The network's description of itself, module by module and tensor by tensor.
    fn describe<V: Visitor>(&self, visitor: &mut V, context: u64);
}
// ANCHOR_END: architecture

/// A network of one of the families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Model {
    /// A residual network.
    ResNet(ResNet),
    /// A MobileNet of the third version.
    MobileNetV3(MobileNetV3),
    /// A transformer over patches of an image.
    VisionTransformer(VisionTransformer),
    /// GPT-2 or GPT-3.
    Gpt(Gpt),
    /// Llama, Mistral or Qwen2.
    Llama(Llama),
    /// A language model whose blocks may differ: the families of today.
    Decoder(Decoder),
}

/// One token is stated at this context unless the reader asks for another: GPT-2's maximum, and
/// the same for all language models so that they can be compared.
pub const DEFAULT_CONTEXT: u64 = 1024;

impl Architecture for Model {
    fn closed_form(&self, context: u64) -> Count {
        match self {
            Model::ResNet(network) => network.closed_form(context),
            Model::MobileNetV3(network) => network.closed_form(context),
            Model::VisionTransformer(network) => network.closed_form(context),
            Model::Gpt(network) => network.closed_form(context),
            Model::Llama(network) => network.closed_form(context),
            Model::Decoder(network) => network.closed_form(context),
        }
    }

    fn describe<V: Visitor>(&self, visitor: &mut V, context: u64) {
        match self {
            Model::ResNet(network) => network.describe(visitor, context),
            Model::MobileNetV3(network) => network.describe(visitor, context),
            Model::VisionTransformer(network) => network.describe(visitor, context),
            Model::Gpt(network) => network.describe(visitor, context),
            Model::Llama(network) => network.describe(visitor, context),
            Model::Decoder(network) => network.describe(visitor, context),
        }
    }
}

impl Model {
    /// The totals by a walk that visits one of several equal blocks and allocates nothing.
    pub fn walk(&self, context: u64) -> Totals {
        let mut counter = Counter::default();
        self.describe(&mut counter, context);
        counter.totals
    }

    /// The tree of modules, with equal blocks folded or written out.
    pub fn tree(&self, context: u64, folding: Folding) -> Module {
        let mut builder = Builder::new(self.family(), folding);
        self.describe(&mut builder, context);
        builder.finish()
    }

    /// The family's name for people.
    pub fn family(&self) -> &'static str {
        match self {
            Model::ResNet(_) => "ResNet",
            Model::MobileNetV3(_) => "MobileNetV3",
            Model::VisionTransformer(_) => "ViT",
            Model::Gpt(_) => "GPT",
            Model::Llama(network) => network.family,
            Model::Decoder(network) => network.family,
        }
    }

    /// What stands on a language model's blocks; none for a network that reads images.
    pub fn head(&self) -> Option<Head> {
        match self {
            Model::Gpt(network) => Some(network.head),
            Model::Llama(network) => Some(network.head),
            Model::Decoder(network) => Some(network.frame.head),
            _ => None,
        }
    }

    /// What its configuration speaks of and the count leaves out.
    pub fn notes(&self) -> &[&'static str] {
        match self {
            Model::Decoder(network) => &network.notes,
            _ => &[],
        }
    }

    /// What one input is: an image, or a token.
    pub fn unit(&self) -> &'static str {
        if self.max_context().is_some() { "token" } else { "image" }
    }

    /// The longest context, in tokens; none for a network that reads images.
    pub fn max_context(&self) -> Option<u64> {
        match self {
            Model::Gpt(network) => Some(network.positions),
            Model::Llama(network) => Some(network.positions),
            Model::Decoder(network) => Some(network.positions),
            _ => None,
        }
    }

    /// [`DEFAULT_CONTEXT`], or the model's maximum where that is shorter.
    pub fn default_context(&self) -> u64 {
        self.max_context().unwrap_or(1).min(DEFAULT_CONTEXT)
    }

    /// Values that the key and value cache holds for one text of `context` tokens: in blocks with a
    /// window, no more than the window. None for images.
    pub fn cache_values(&self, context: u64) -> u64 {
        match self {
            Model::Gpt(network) => context * network.cache_values(),
            Model::Llama(network) => {
                network.runs().iter().map(|run| run.cache_values(context)).sum()
            }
            Model::Decoder(network) => {
                network.runs.iter().map(|run| run.cache_values(context)).sum()
            }
            _ => 0,
        }
    }

    /// Attention's scores for one input, over all heads and blocks: those of an image, or of the newest
    /// of `context` tokens.
    pub fn scores(&self, context: u64) -> u64 {
        match self {
            Model::VisionTransformer(network) => {
                network.layers * network.heads * network.positions().pow(2)
            }
            Model::Gpt(network) => network.layers * network.heads * context,
            Model::Llama(network) => network.runs().iter().map(|run| run.scores(context)).sum(),
            Model::Decoder(network) => network.runs.iter().map(|run| run.scores(context)).sum(),
            _ => 0,
        }
    }
}
