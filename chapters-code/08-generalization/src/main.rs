//! `cargo run --release -p generalization`: records the chapter's experiments.

fn main() -> std::process::ExitCode {
    generalization::chapter().main()
}
