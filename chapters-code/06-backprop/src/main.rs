//! `cargo run --release -p backprop`: records the chapter's experiments.

fn main() -> std::process::ExitCode {
    backprop::chapter().main()
}
