//! `cargo run --release -p learning`: records the chapter's experiments, and looks into IDX files.

fn main() -> std::process::ExitCode {
    learning::chapter().main()
}
