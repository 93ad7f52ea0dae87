//! # A cache in pages
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: medium
//! - section: memory
//!
//! A server answers many people at once, and keeps the keys and values of all their texts. Nobody knows beforehand how long a text will be. To
//! reserve room for the longest context for each of them would leave most of the memory empty. So the cache is handed out in *pages*, each with room
//! for the same number of tokens. A text gets a new page when its last one is full, and nothing but the rest of its last page is lost.
//!
//! Pages can be shared, too. All texts of a server often begin with the same instructions. Their keys and values are the same in every text, so they
//! are kept once. But a page can be shared only if *all* of it is the same: in the page where the instructions end, each text goes on in its own way,
//! and so each has a copy of that page.
//!
//! Write a function that gets the attention of a model, the number of tokens in a page, the lengths of the texts and the length of their common
//! beginning. It gives a `Usage` with three fields: the `pages` that are used, their `bytes`, and how many of these bytes hold nothing, `empty`.
//!
//! - A token has, in each of the `layers`, one key and one value for each of the `key_value_heads`, with `head_width` numbers of `number_bytes` bytes
//!   each. The number of heads of queries, `heads`, is given as well.
//! - A text's length counts all its tokens, those of the common beginning too. No text is shorter than the common beginning. Lengths may be 0.
//! - The full pages of the common beginning are kept once, if there is any text. A text that is only just as long as these needs no page of its own.
//!   Everything else is in pages that belong to one text.
//! - A page takes all its bytes even if it holds a single token.
//! - The list of texts may be empty, and the common beginning may have length 0. Where the list is empty, nothing is kept.
//!
//! Nothing comes close to the limits of `u64`.
//!
//! ## Hint 1
//!
//! How many pages of the common beginning are full? Take these away from every text and forget that the texts had anything in common.
//!
//! ## Hint 2
//!
//! What is left of a text needs its length divided by the page, rounded up. That is 0 for 0 tokens, and 1 and not 2 for a page that is just filled.
//!
//! ## Hint 3
//!
//! What holds nothing is the room in all pages less the tokens that are kept. Those of the shared pages are kept once.
//!
//! ## Solution
//!
//! After the shared pages are taken off, each text is on its own. Room and tokens are counted side by side, in tokens, and turned into bytes at the
//! end. A text loses less than a page, whatever its length. That is the point of pages.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That pages are needed for the sum of the lengths: a page belongs to one text. That the whole common beginning can be shared.
//! That grouped-query attention keeps a key for each head of queries.
//!
//! **Discussion.** What speaks for large pages and what for small ones? (Small pages lose less and share more; each costs an entry in a table and a
//! jump in memory, and the kernel that reads them likes long runs.) With pages of 16 tokens and texts of 500, at most how large is the loss? (15 of
//! 500, or 3 per cent.) What was it when room for 4,096 tokens was reserved?

/// What the exercise gives.
pub mod given {
    /// What the cache depends on.
    #[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
    pub struct Attention {
        pub layers: u64,
        /// Heads of queries.
        pub heads: u64,
        /// Heads of keys and values.
        pub key_value_heads: u64,
        /// Numbers in a key, and in a value.
        pub head_width: u64,
        /// Bytes of a number.
        pub number_bytes: u64,
    }

    /// What the texts of a server take.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    pub struct Usage {
        /// Pages in use, each counted once.
        pub pages: u64,
        /// Bytes of these pages.
        pub bytes: u64,
        /// Bytes of these pages that hold no token.
        pub empty: u64,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::{Attention, Usage};

    /// The pages of texts with these lengths, whose first `common` tokens agree.
    pub fn cache_pages(attention: Attention, page: u64, texts: &[u64], common: u64) -> Usage {
        todo!("shared pages, and those of each text")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::{Attention, Usage};

    /// The pages of texts with these lengths, whose first `common` tokens agree.
    pub fn cache_pages(attention: Attention, page: u64, texts: &[u64], common: u64) -> Usage {
        let shared = if texts.is_empty() { 0 } else { shared_pages(common, page) };
        let (mut pages, mut tokens) = (shared, shared * page);
        for &text in texts {
            let own = text - shared * page;
            pages += own_pages(own, page);
            tokens += own;
        }
        let token = token_bytes(attention);
        Usage { pages, bytes: pages * page * token, empty: (pages * page - tokens) * token }
    }

    /// Pages of the common beginning that all texts can share.
    pub fn shared_pages(common: u64, page: u64) -> u64 {
        common / page
    }

    /// Pages that hold so many tokens of one text.
    pub fn own_pages(tokens: u64, page: u64) -> u64 {
        tokens.div_ceil(page)
    }

    /// Bytes of the keys and values of one token.
    pub fn token_bytes(attention: Attention) -> u64 {
        let Attention { layers, key_value_heads, head_width, number_bytes, .. } = attention;
        2 * layers * key_value_heads * head_width * number_bytes
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::{Attention, Usage};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub attention: Attention,
        pub page: u64,
        pub texts: Vec<u64>,
        pub common: u64,
    }

    pub type Output = Usage;

    pub fn call(input: &Input) -> Output {
        super::solution::cache_pages(input.attention, input.page, &input.texts, input.common)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Attention;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general(
            "texts with nothing in common, one head of keys for each of queries",
            5,
            |rng| {
                let mut input = server(rng, 0);
                input.attention.key_value_heads = input.attention.heads;
                input
            },
        );
        cases.general("texts with nothing in common, grouped queries", 4, |rng| server(rng, 0));
        cases.general("texts with the same instructions", 5, |rng| {
            let common = rng.random_range(40..400);
            server(rng, common)
        });
        cases.edge("lengths that fill their pages", 3, |rng| {
            let mut input = server(rng, 0);
            let page = input.page;
            input.texts.iter_mut().for_each(|text| *text = text.div_ceil(page) * page);
            input
        });
        cases.edge(
            "instructions that fill their pages, or have one token more or less",
            3,
            |rng| {
                let mut input = server(rng, 0);
                input.common = input.page * rng.random_range(1..4) + rng.random_range(0..3) - 1;
                let common = input.common;
                input.texts.iter_mut().for_each(|text| *text += common);
                input
            },
        );
        cases.edge("instructions shorter than a page", 3, |rng| {
            let mut input = server(rng, 0);
            input.common = rng.random_range(1..input.page);
            let common = input.common;
            input.texts.iter_mut().for_each(|text| *text += common);
            input
        });
        cases.edge("texts that consist of the instructions alone", 3, |rng| {
            let mut input = server(rng, 0);
            input.common = input.page * rng.random_range(1..4) + rng.random_range(0..2);
            input.texts = vec![input.common; rng.random_range(1..4)];
            input
        });
        let mut instructions = 0;
        cases.edge("no texts", 2, |rng| {
            let mut input = server(rng, instructions);
            instructions = 500;
            input.texts.clear();
            input
        });
        cases.edge("texts of length 0, and pages of one token", 2, |rng| {
            let mut input = server(rng, 0);
            input.texts.extend([0, 0, 1]);
            input.page = [1, input.page][rng.random_range(0..2)];
            input
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::equal("the pages", &expected.pages, &found.pages)?;
        compare::equal("the bytes of all pages", &expected.bytes, &found.bytes)?;
        compare::equal("the bytes that hold nothing", &expected.empty, &found.empty)
    }

    /// A few texts, each at least as long as what they have in common.
    fn server(rng: &mut Rng, common: u64) -> Input {
        let key_value_heads = rng.random_range(1..=8);
        let attention = Attention {
            layers: rng.random_range(2..=80),
            heads: key_value_heads * rng.random_range(2..=8),
            key_value_heads,
            head_width: [64, 80, 128][rng.random_range(0..3)],
            number_bytes: [1, 2, 4][rng.random_range(0..3)],
        };
        let page = [8, 12, 16, 32][rng.random_range(0..4)];
        let texts =
            (0..rng.random_range(2..12)).map(|_| common + rng.random_range(1..900)).collect();
        Input { attention, page, texts, common }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::{Attention, Usage};
    use super::solution::cache_pages;

    /// Two numbers of one byte for each token.
    const SMALL: Attention =
        Attention { layers: 1, heads: 4, key_value_heads: 1, head_width: 1, number_bytes: 1 };

    #[test]
    fn nothing_in_common() {
        // Pages of 4: 5 tokens need 2 and leave 3 places, 8 need 2 and leave none. 2 bytes each.
        let expected = Usage { pages: 4, bytes: 32, empty: 6 };
        assert_eq!(cache_pages(SMALL, 4, &[5, 8], 0), expected);
    }

    #[test]
    fn one_full_page_is_shared() {
        // Of 6 common tokens, 4 fill a page that is kept once. Left are 2, 3 and 7 tokens: 1, 1 and 2 pages with 2, 1 and 1 places.
        let expected = Usage { pages: 5, bytes: 40, empty: 8 };
        assert_eq!(cache_pages(SMALL, 4, &[6, 7, 11], 6), expected);
    }

    #[test]
    fn nobody_is_there() {
        assert_eq!(cache_pages(SMALL, 4, &[], 6), Usage { pages: 0, bytes: 0, empty: 0 });
    }

    #[test]
    fn llama_3_8b() {
        // The chapter: 131,072 bytes per token, 1 GiB for 8,192 tokens.
        let attention = Attention {
            layers: 32,
            heads: 32,
            key_value_heads: 8,
            head_width: 128,
            number_bytes: 2,
        };
        let expected = Usage { pages: 512, bytes: 1 << 30, empty: 0 };
        assert_eq!(cache_pages(attention, 16, &[8192], 0), expected);
    }
}

/// Gives every text one page more than it has filled.
///
/// # Feedback
///
/// A text that just fills its pages gets an empty one from you. `length / page + 1` is right only where something is left over.
pub mod mutant_opens_an_empty_page {
    pub use super::solution::*;

    /// The full pages and one more.
    pub fn own_pages(tokens: u64, page: u64) -> u64 {
        tokens / page + 1
    }
}

/// Shares the page in which the common beginning ends.
///
/// # Feedback
///
/// You share the page in which the instructions end. What follows in it is different in every text. Only pages that are the same to their last token
/// can be shared.
pub mod mutant_shares_the_last_page {
    use super::given::{Attention, Usage};
    pub use super::solution::*;

    /// All tokens in common are kept once, with the rest of their last page.
    pub fn cache_pages(attention: Attention, page: u64, texts: &[u64], common: u64) -> Usage {
        let shared = if texts.is_empty() { 0 } else { common.div_ceil(page) };
        let (mut pages, mut tokens) = (shared, if texts.is_empty() { 0 } else { common });
        for &text in texts {
            let own = text - common;
            pages += own_pages(own, page);
            tokens += own;
        }
        let token = token_bytes(attention);
        Usage { pages, bytes: pages * page * token, empty: (pages * page - tokens) * token }
    }
}

/// Keeps the common beginning once for each text.
///
/// # Feedback
///
/// Each of your texts has its own copy of the instructions. The pages that they fill are the same in all texts and are kept once.
pub mod mutant_shares_nothing {
    pub use super::solution::*;

    /// No page is shared.
    pub fn shared_pages(_: u64, _: u64) -> u64 {
        0
    }
}

/// Puts all texts one behind the other into the same pages.
///
/// # Feedback
///
/// Your pages hold the tokens of several texts. A page belongs to one text, so each text rounds up for itself. The loss is less than a page for each
/// of them, and not for all together.
pub mod mutant_mixes_texts_in_a_page {
    use super::given::{Attention, Usage};
    pub use super::solution::*;

    /// Pages for the sum of all lengths.
    pub fn cache_pages(attention: Attention, page: u64, texts: &[u64], common: u64) -> Usage {
        let shared = if texts.is_empty() { 0 } else { shared_pages(common, page) };
        let own: u64 = texts.iter().map(|text| text - shared * page).sum();
        let pages = shared + own_pages(own, page);
        let tokens = shared * page + own;
        let token = token_bytes(attention);
        Usage { pages, bytes: pages * page * token, empty: (pages * page - tokens) * token }
    }
}

/// Keeps keys and values for every head of queries.
///
/// # Feedback
///
/// Your pages are right and their bytes are too many where queries are grouped. Several heads of queries then read the same keys and values, and the
/// cache keeps these once.
pub mod mutant_keeps_keys_for_every_query_head {
    use super::given::{Attention, Usage};
    pub use super::solution::*;

    /// Bytes of a token, with as many keys as queries.
    pub fn token_bytes(attention: Attention) -> u64 {
        let Attention { layers, heads, head_width, number_bytes, .. } = attention;
        2 * layers * heads * head_width * number_bytes
    }
}

/// Counts tokens that are in shared pages once for each text.
///
/// # Feedback
///
/// Your pages are right. What holds nothing comes out too small, because you take away the tokens of the shared pages once for each text. They are
/// kept once.
pub mod mutant_counts_shared_tokens_again {
    use super::given::{Attention, Usage};
    pub use super::solution::*;

    /// The room less the lengths of all texts.
    pub fn cache_pages(attention: Attention, page: u64, texts: &[u64], common: u64) -> Usage {
        let shared = if texts.is_empty() { 0 } else { shared_pages(common, page) };
        let own = texts.iter().map(|text| own_pages(text - shared * page, page));
        let pages = shared + own.sum::<u64>();
        let tokens: u64 = texts.iter().sum();
        let token = token_bytes(attention);
        let empty = (pages * page).saturating_sub(tokens) * token;
        Usage { pages, bytes: pages * page * token, empty }
    }
}
