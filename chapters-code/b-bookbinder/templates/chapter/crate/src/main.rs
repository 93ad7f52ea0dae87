//! `cargo run --release -p @name@`: records the chapter's experiments.

fn main() -> std::process::ExitCode {
    @crate@::chapter().main()
}
