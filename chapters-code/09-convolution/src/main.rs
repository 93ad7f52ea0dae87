//! `cargo run --release -p convolution`: trains a network on garments, and asks it about others.

fn main() -> std::process::ExitCode {
    convolution::commands::main()
}
