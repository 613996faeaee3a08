//! Commands in a sandbox, and what Flatpak tells of an application.

use hallway_tests::desktop::Desktop;
use hallway_tests::program::Program;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::foreign_with;

/// The ids of both applications.
pub(crate) const BOTH: [&str; 2] = ["chat.hallway.Server", "chat.hallway.Client"];

/// What `flatpak` prints; it must end well.
#[track_caller]
pub(crate) fn flatpak(desktop: &Desktop, arguments: &[&str]) -> String {
    let mut command = foreign_with("flatpak", arguments).expect("the Flatpaks were built with it");
    desktop.settle(&mut command);
    let (code, out, said) = Program::spawn(command).outcome(PATIENCE);
    assert_eq!(code, Some(0), "flatpak {arguments:?}: {said}");
    out
}

/// What a command of the shell prints inside of the sandbox of an application.
#[track_caller]
pub(crate) fn shell(desktop: &Desktop, options: &[&str], id: &str, script: &str) -> String {
    let mut arguments = vec!["run", "--command=sh"];
    arguments.extend(options);
    arguments.extend([id, "-c", script]);
    flatpak(desktop, &arguments)
}
