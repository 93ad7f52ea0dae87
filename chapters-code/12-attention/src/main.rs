//! `cargo run --release -p attention`: records the chapter's experiments, and runs networks whose weights a reader has.

fn main() -> std::process::ExitCode {
    attention::chapter().main()
}
