//! `cargo run --release -p classifiers`: records the chapter's experiments.

fn main() -> std::process::ExitCode {
    classifiers::chapter().main()
}
