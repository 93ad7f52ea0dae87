//! `cargo run --release -p optimization`: records the chapter's experiments.

fn main() -> std::process::ExitCode {
    optimization::chapter().main()
}
