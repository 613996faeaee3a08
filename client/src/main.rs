//! Hallway.

fn main() -> std::process::ExitCode {
    hallway::main()
}
