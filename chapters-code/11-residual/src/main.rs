//! `cargo run --release -p residual`: records the chapter's experiments, and runs networks whose weights a reader has.

fn main() -> std::process::ExitCode {
    residual::chapter().main()
}
