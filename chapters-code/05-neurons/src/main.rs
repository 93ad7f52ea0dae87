//! `cargo run --release -p neurons`: records the chapter's experiments.

fn main() -> std::process::ExitCode {
    neurons::chapter().main()
}
