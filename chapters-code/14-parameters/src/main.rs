//! `cargo run --release -p parameters`: records the chapter's experiments, and counts networks.

fn main() -> std::process::ExitCode {
    parameters::chapter().main()
}
