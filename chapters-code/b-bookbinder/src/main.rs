//! `cargo book`: binds the book.

use std::process::ExitCode;

fn main() -> ExitCode {
    bookbinder::cli::main()
}
