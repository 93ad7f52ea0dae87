//! `cargo run --release -p no-free-lunch`: records the chapter's experiments.

fn main() -> std::process::ExitCode {
    no_free_lunch::chapter().main()
}
