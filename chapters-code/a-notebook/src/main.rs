//! `cargo run --release -p notebook`: the appendix's own experiment, on the command line of every chapter.

fn main() -> std::process::ExitCode {
    notebook::chapter().main()
}
