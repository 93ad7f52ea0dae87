//! Operations of the engine that this chapter adds, one a file: a forward, and beside it the backward that belongs to it.
//! [`Gelu`](crate::Gelu) is one, too, in both its forms.

mod attention;
mod embedding;
mod first;
mod gelu;
mod layer_norm;
mod lines;
mod refusal;
mod sums;
mod tokens;

pub use attention::Attention;
pub use embedding::Embedding;
pub use first::First;
pub use layer_norm::LayerNorm;
pub use tokens::Tokens;
