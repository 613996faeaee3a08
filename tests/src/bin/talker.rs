//! Hallway's client without a window: see [`hallway_tests::talker`].

fn main() -> std::process::ExitCode {
    hallway_tests::talker::main()
}
