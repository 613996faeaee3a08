//! Hallway Server.

fn main() -> std::process::ExitCode {
    hallway_server::main()
}
