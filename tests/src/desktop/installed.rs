//! Programs that are installed, started as a person's desktop starts them.

use super::app::App;
use super::process::Process;
use super::{Desktop, settle};
use crate::program::Program;
use crate::wait::{PATIENCE, until};
use crate::world::foreign_with;

/// Where desktop files are installed.
const MENU: &str = "/usr/share/applications";

/// Who starts a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// The menu, by the desktop file.
    Menu,
    /// Another program, which calls its name on the session bus.
    Bus,
}

impl Desktop {
    /// Starts the program with this id and waits for its window. None of its kind may run yet.
    /// None where what starts programs is missing: see [`skip`](crate::world::skip).
    #[track_caller]
    pub fn launch(&self, id: &str, starter: Starter) -> Option<App<'_>> {
        let mut command = match starter {
            Starter::Menu => {
                let file = format!("{MENU}/{id}.desktop");
                foreign_with("gio", ["launch", &file])?
            }
            Starter::Bus => {
                let path = format!("/{}", id.replace('.', "/"));
                let method = "org.freedesktop.Application.Activate";
                let call = ["call", "--session", "--dest", id, "--object-path", &path];
                let call = call.into_iter().chain(["--method", method, "@a{sv} {}"]);
                foreign_with("gdbus", call)?
            }
        };
        settle(&mut command, &self.variables);
        let mut launcher = Program::spawn(command);
        let status = launcher.end(PATIENCE);
        let said = launcher.err().all();
        assert!(status.success(), "{id} is not started, {status}: {said:#?}");
        let session = self.session();
        let pid = until(PATIENCE, &format!("{id} on the bus"), || session.pid_of(id));
        Some(match starter {
            Starter::Menu => App::of_process(self, Process::Launched { pid, launcher }),
            Starter::Bus => App::activated(self, pid),
        })
    }
}
