//! # What a token meets
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: medium
//! - section: experts
//!
//! Two language models have equally many parameters. One needs ten times the operations of the other for each token, and a sixth of its cache. The
//! descriptions of their blocks say why.
//!
//! Write a function that gets the width of a model, its blocks and the length of a text. It gives a `Met` with three fields: how many `parameters` the
//! blocks have, how many of these are `active` for a token, and how many numbers the cache keeps, `cached`, when the text has been read.
//!
//! - Attention has four matrices without biases: queries of `heads` × `head_width` numbers, keys and values of `key_value_heads` × `head_width` each,
//!   and an output that leads from all heads back to the width of the model. The heads together need not be as wide as the model.
//! - A block has `experts` equal gated networks, each with three matrices of the model's width times `inner`. Where there are several, a *router* gives
//!   a score to each: a matrix of experts times width. Where there is one, it is the feed-forward network of old, and there is no router.
//! - A token meets attention, the router and `chosen` experts. `chosen` is at least 1 and at most `experts`.
//! - Two norms have one gain for each number of the width.
//! - The cache keeps a key and a value for each head of keys and values. With a `window` a token looks back at so many tokens at most, itself included,
//!   and older ones are dropped. Without a window all are kept.
//!
//! Tables, the last norm and the head are left out. The list may be empty and the text may have no token. Nothing comes close to the limits of `u64`.
//!
//! ## Hint 1
//!
//! Write one function for each half of a block and one for its cache. Then the sum is a loop.
//!
//! ## Hint 2
//!
//! The second half gives two numbers, all and active. They differ only in how many experts are counted. The router is in both.
//!
//! ## Hint 3
//!
//! A window is the smaller of two numbers: its own length and the text's.
//!
//! ## Solution
//!
//! Each half of a block has a function of its own. The second returns a pair, since all and active share the router and the size of an expert.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That the router rests with the experts: it has to score all of them before any is chosen. That heads times head width is the
//! width of the model. That a window makes a model smaller. That the cache is kept for heads of queries.
//!
//! **Discussion.** Why does nobody store the active parameters alone? (The next token meets others. Over a batch of texts nearly all experts are met in
//! every step.) What does that say about the memory that must be read for one token of one text, and for one token of each of a hundred texts?

/// What the exercise gives.
pub mod given {
    /// A block of a language model.
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
    pub struct Block {
        /// Heads of queries.
        pub heads: u64,
        /// Heads of keys and values.
        pub key_value_heads: u64,
        /// Length of each head's queries, keys and values.
        pub head_width: u64,
        /// The most tokens that a token looks back at, itself included; none: all.
        pub window: Option<u64>,
        /// Gated networks; one: no router.
        pub experts: u64,
        /// How many of them a token meets.
        pub chosen: u64,
        /// The inner width of each.
        pub inner: u64,
    }

    /// What the blocks have, what a token meets of it, and what is kept.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    pub struct Met {
        /// All parameters of the blocks.
        pub parameters: u64,
        /// Those that one token meets.
        pub active: u64,
        /// Numbers in the cache.
        pub cached: u64,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::{Block, Met};

    /// What blocks of a model of this width have, meet and keep for a text of so many tokens.
    pub fn resting_parameters(width: u64, blocks: &[Block], tokens: u64) -> Met {
        todo!("attention, experts and cache, block by block")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Block;
    use super::given::Met;

    /// What blocks of a model of this width have, meet and keep for a text of so many tokens.
    pub fn resting_parameters(width: u64, blocks: &[Block], tokens: u64) -> Met {
        let mut met = Met { parameters: 0, active: 0, cached: 0 };
        for block in blocks {
            let both = attention(width, block) + 2 * width;
            let (all, active) = feed_forward(width, block);
            met.parameters += both + all;
            met.active += both + active;
            met.cached += kept(block, tokens);
        }
        met
    }

    /// Weights of queries, keys, values and the output.
    pub fn attention(width: u64, block: &Block) -> u64 {
        let queries = block.heads * block.head_width;
        let keys = block.key_value_heads * block.head_width;
        2 * width * queries + 2 * width * keys
    }

    /// Weights of the experts and their router: all, and those that a token meets.
    pub fn feed_forward(width: u64, block: &Block) -> (u64, u64) {
        let expert = 3 * width * block.inner;
        let router = if block.experts > 1 { block.experts * width } else { 0 };
        (router + block.experts * expert, router + block.chosen * expert)
    }

    /// Numbers of a block in the cache.
    pub fn kept(block: &Block, tokens: u64) -> u64 {
        let seen = block.window.map_or(tokens, |window| window.min(tokens));
        2 * block.key_value_heads * block.head_width * seen
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::{Block, Met};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub width: u64,
        pub blocks: Vec<Block>,
        pub tokens: u64,
    }

    pub type Output = Met;

    pub fn call(input: &Input) -> Output {
        super::solution::resting_parameters(input.width, &input.blocks, input.tokens)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Block;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("mixtures of experts", 5, |rng| {
            let mut input = model(rng);
            for block in &mut input.blocks {
                block.experts = rng.random_range(4..40);
                block.chosen = rng.random_range(1..block.experts);
            }
            input
        });
        cases.general("windows in some blocks", 4, |rng| {
            let mut input = model(rng);
            for block in input.blocks.iter_mut().step_by(2) {
                block.window = Some(rng.random_range(1..input.tokens));
            }
            input
        });
        cases.edge("heads that are not as wide as the model together", 3, |rng| {
            let mut input = model(rng);
            input.width += 8 * rng.random_range(1..9);
            input
        });
        cases.edge("a mixture whose first blocks have one network", 3, |rng| {
            let mut input = model(rng);
            for block in input.blocks.iter_mut().skip(1) {
                (block.experts, block.chosen) = (16, 2);
            }
            input
        });
        cases.edge("several experts, all of them chosen", 2, |rng| {
            let mut input = model(rng);
            for block in &mut input.blocks {
                (block.experts, block.chosen) = (4, 4);
            }
            input
        });
        cases.edge("windows that are longer than the text, or just as long", 3, |rng| {
            let mut input = model(rng);
            let longer = rng.random_range(1..99);
            for (i, block) in input.blocks.iter_mut().enumerate() {
                block.window = Some(input.tokens + if i % 2 == 0 { 0 } else { longer });
            }
            input
        });
        let mut first = true;
        cases.edge("no block, or no token", 2, |rng| {
            let mut input = model(rng);
            match first {
                true => input.blocks.clear(),
                false => input.tokens = 0,
            }
            first = false;
            input
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::equal("all parameters", &expected.parameters, &found.parameters)?;
        compare::equal("the active parameters", &expected.active, &found.active)?;
        compare::equal("the numbers in the cache", &expected.cached, &found.cached)
    }

    /// A model of blocks with one network each, without windows.
    fn model(rng: &mut Rng) -> Input {
        let (groups, each) = (rng.random_range(1..5), rng.random_range(2..5));
        let head_width = 8 * rng.random_range(1..9);
        let block = Block {
            heads: groups * each,
            key_value_heads: groups,
            head_width,
            window: None,
            experts: 1,
            chosen: 1,
            inner: 8 * rng.random_range(4..40),
        };
        let blocks = vec![block; rng.random_range(2..7)];
        Input { width: groups * each * head_width, blocks, tokens: rng.random_range(100..5000) }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::{Block, Met};
    use super::solution::resting_parameters;

    const PLAIN: Block = Block {
        heads: 4,
        key_value_heads: 2,
        head_width: 5,
        window: None,
        experts: 1,
        chosen: 1,
        inner: 30,
    };

    #[test]
    fn one_network() {
        // Width 10: queries and output 2 · 10 · 20, keys and values 2 · 10 · 10, 3 · 10 · 30, two norms.
        let parameters = 400 + 200 + 900 + 20;
        let expected = Met { parameters, active: parameters, cached: 2 * 10 * 7 };
        assert_eq!(resting_parameters(10, &[PLAIN], 7), expected);
    }

    #[test]
    fn six_experts() {
        let block = Block { experts: 6, chosen: 2, ..PLAIN };
        let met = resting_parameters(10, &[block], 7);
        assert_eq!(met.parameters, 600 + 20 + 6 * 10 + 6 * 900);
        assert_eq!(met.active, 600 + 20 + 6 * 10 + 2 * 900);
    }

    #[test]
    fn a_window_beside_none() {
        let short = Block { window: Some(3), ..PLAIN };
        assert_eq!(resting_parameters(10, &[short, PLAIN], 7).cached, 2 * 10 * (3 + 7));
    }

    #[test]
    fn mixtral() {
        let block = Block {
            heads: 32,
            key_value_heads: 8,
            head_width: 128,
            window: None,
            experts: 8,
            chosen: 2,
            inner: 14_336,
        };
        let met = resting_parameters(4096, &vec![block; 32], 1);
        // Around the blocks stand two tables of 32,000 words and a norm.
        let around = 2 * 32_000 * 4096 + 4096;
        assert_eq!(met.parameters + around, 46_702_792_704);
        assert_eq!(met.active + around, 12_879_925_248);
    }
}

/// Lets the router rest with the experts.
///
/// # Feedback
///
/// Your active parameters are too few by a part of the router. It scores all experts before any is chosen, so each token meets all of it.
pub mod mutant_router_rests {
    use super::given::Block;
    pub use super::solution::*;

    /// All, and a share.
    pub fn feed_forward(width: u64, block: &Block) -> (u64, u64) {
        let expert = 3 * width * block.inner;
        let router = if block.experts > 1 { width } else { 0 };
        (block.experts * (router + expert), block.chosen * (router + expert))
    }
}

/// Gives a router to every block.
///
/// # Feedback
///
/// Where a block has one network there is nothing to choose, and no router. You count one there.
pub mod mutant_router_for_one {
    use super::given::Block;
    pub use super::solution::*;

    /// All, and those that a token meets.
    pub fn feed_forward(width: u64, block: &Block) -> (u64, u64) {
        let expert = 3 * width * block.inner;
        let router = block.experts * width;
        (router + block.experts * expert, router + block.chosen * expert)
    }
}

/// Has a router only where an expert rests.
///
/// # Feedback
///
/// Where all of several experts are chosen you count no router. It weighs what the experts answer, and is there wherever there are several.
pub mod mutant_no_router_where_all_are_chosen {
    use super::given::Block;
    pub use super::solution::*;

    /// All, and those that a token meets.
    pub fn feed_forward(width: u64, block: &Block) -> (u64, u64) {
        let expert = 3 * width * block.inner;
        let router = if block.chosen < block.experts { block.experts * width } else { 0 };
        (router + block.experts * expert, router + block.chosen * expert)
    }
}

/// Takes all heads together for as wide as the model.
///
/// # Feedback
///
/// You take the width of the model for that of all heads. Queries have heads times head width numbers, which may be more or fewer.
pub mod mutant_heads_fill_the_width {
    use super::given::Block;
    pub use super::solution::*;

    /// Two square matrices and two narrow ones.
    pub fn attention(width: u64, block: &Block) -> u64 {
        let keys = block.key_value_heads * block.head_width;
        2 * width * width + 2 * width * keys
    }
}

/// Keeps everything.
///
/// # Feedback
///
/// Your cache grows with the text in every block. Where a block has a window, no later token looks at what is older, and it is dropped.
pub mod mutant_forgets_the_window {
    use super::given::Block;
    pub use super::solution::*;

    /// Numbers of all tokens.
    pub fn kept(block: &Block, tokens: u64) -> u64 {
        2 * block.key_value_heads * block.head_width * tokens
    }
}

/// Reserves the whole window.
///
/// # Feedback
///
/// A window is a limit. A text that is shorter than it keeps only as many tokens as it has.
pub mod mutant_reserves_the_window {
    use super::given::Block;
    pub use super::solution::*;

    /// Numbers of a full window.
    pub fn kept(block: &Block, tokens: u64) -> u64 {
        2 * block.key_value_heads * block.head_width * block.window.unwrap_or(tokens)
    }
}

/// Caches for heads of queries.
///
/// # Feedback
///
/// You keep a key and a value for each head of queries. Several of these share one head of keys and values, and its keys are kept once.
pub mod mutant_caches_queries {
    use super::given::Block;
    pub use super::solution::*;

    /// Numbers of all heads.
    pub fn kept(block: &Block, tokens: u64) -> u64 {
        let seen = block.window.map_or(tokens, |window| window.min(tokens));
        2 * block.heads * block.head_width * seen
    }
}
