//! `cargo book` over a synthetic book, to measure it by hand:
//!
//! ```console
//! $ BOOK_CHAPTERS=20 cargo run -p book-tests --example synthetic -- serve
//! ```

use std::process::ExitCode;

use book_tests::{Copy, synthetic};

fn main() -> ExitCode {
    let chapters = std::env::var("BOOK_CHAPTERS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let copy = Copy::new();
    synthetic::enlarge(&copy, chapters);
    eprintln!("{chapters} chapters in {}", copy.root().display());
    if let Err(error) = std::env::set_current_dir(copy.root()) {
        eprintln!("{error}");
        return ExitCode::from(2);
    }
    bookbinder::cli::main()
}
