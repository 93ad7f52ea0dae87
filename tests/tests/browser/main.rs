//! The book as a browser shows it. Where no Chromium is found these tests say so and pass;
//! with `BOOK_REQUIRE_TOOLS=1`, which `.ci/run` sets, they fail.
//!
//! What is looked at: every page once with everything (both widths, print, axe-core, weight), in a
//! theme that goes round; pages that together show all that the book has ([`Site::kinds`]), in each
//! theme, and in each theme and width over all of them. The full product, every page in each theme and
//! width, takes ten minutes: `cargo test -p book-tests browser:: -- --ignored`.
//!
//! A fault is told in a line: page, theme, width, what, how to mend it. Pictures of the pages that
//! have one are in `target/browser-failures`.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

#[cfg(doc)]
use book_tests::site::Site;

mod accessibility;
mod around;
mod checks;
mod output;
mod pages;
mod reading;
mod search;

/// mdBook's themes.
const THEMES: [&str; 5] = ["light", "rust", "coal", "navy", "ayu"];

/// A laptop's window and a phone's, in CSS pixels.
const WIDE: (u32, u32) = (1280, 900);
const NARROW: (u32, u32) = (390, 844);
