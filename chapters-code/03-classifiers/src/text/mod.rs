//! A second kind of data: English prose, and who wrote it.
//!
//! [`library`] reads the works, each with its title, author and year. [`passages`] cuts them into passages of
//! whole sentences, and takes out what tells the edition and not the author. [`Trigrams`] counts which three
//! letters follow each other.

mod authors;
mod library;
mod passages;
mod trigrams;

pub use authors::{AUTHORS, author, tested_from};
pub use library::{FILE, LibraryError, MD5, Work, decode, library};
pub use passages::{Passage, letters, passages};
pub use trigrams::Trigrams;
