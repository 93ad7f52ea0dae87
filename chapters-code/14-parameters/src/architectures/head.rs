//! What stands on the blocks of a language model.

use crate::count::Count;
use crate::layers::{Linear, linear};
use crate::visitor::{Role, Visitor};

/// What makes an answer of the vectors that the last block gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// A score for each word, with a weight of its own.
    Words,
    /// A score for each word. Its weight is a second name for the embedding, which costs no parameter and the same
    /// operations.
    Tied,
    /// So many scores for a text, as of a reward model: transformers' `LlamaForSequenceClassification`.
    Scores(u64),
    /// None: the vectors are the answer, as of a model for embeddings: transformers' `LlamaModel`.
    None,
}

impl Head {
    /// What it adds to the count of a model of that width with so many words.
    pub fn count(self, width: u64, vocabulary: u64) -> Count {
        let (parameters, multiply_adds) = match self {
            Head::Words => (width * vocabulary, width * vocabulary),
            Head::Tied => (0, width * vocabulary),
            Head::Scores(scores) => (width * scores, width * scores),
            Head::None => (0, 0),
        };
        let tensors = u64::from(parameters > 0);
        Count { parameters, tensors, multiply_adds, ..Count::default() }
    }

    /// The model, whose blocks `body` describes, as the module `name`; without a head they stand alone.
    pub(super) fn describe<V: Visitor>(
        self,
        v: &mut V,
        name: &'static str,
        (width, vocabulary): (u64, u64),
        body: impl FnOnce(&mut V),
    ) {
        if self == Head::None {
            return body(v);
        }
        v.module(name, "transformer", body);
        let head = |outputs| Linear { inputs: width, outputs, bias: false, positions: 1 };
        match self {
            Head::Tied => v.module("lm_head", "linear, tied", |v| {
                v.tensor(Role::Tied, "weight", &[vocabulary, width]);
                v.work(head(vocabulary).work());
            }),
            Head::Scores(scores) => linear(v, "score", head(scores)),
            Head::Words | Head::None => linear(v, "lm_head", head(vocabulary)),
        }
    }
}
