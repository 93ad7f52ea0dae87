//! `cargo run --release -p features`: records the chapter's experiments, and extracts features.

fn main() -> std::process::ExitCode {
    features::chapter().main()
}
