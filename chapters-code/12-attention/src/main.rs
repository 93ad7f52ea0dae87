//! `cargo run --release -p attention`: records the chapter's experiments.

fn main() -> std::process::ExitCode {
    attention::chapter().main()
}
