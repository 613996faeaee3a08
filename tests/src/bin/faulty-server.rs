//! Hallway Server with faults that can be switched on: see `hallway_core::faults`.

fn main() -> std::process::ExitCode {
    hallway_server::main()
}
