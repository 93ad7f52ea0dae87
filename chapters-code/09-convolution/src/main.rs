//! `cargo run --release -p convolution`: records the chapter's experiments, trains a network on garments, and asks it about others.

fn main() -> std::process::ExitCode {
    convolution::chapter().main()
}
