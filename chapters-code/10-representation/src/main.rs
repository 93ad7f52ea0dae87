//! `cargo run --release -p representation`: records the chapter's experiments, and names what is on a photograph.

fn main() -> std::process::ExitCode {
    representation::chapter().main()
}
