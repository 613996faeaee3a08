//! Programs that are installed, started as a person's desktop starts them.

use std::process::Command;

use super::app::App;
use super::link::Link;
use super::{Desktop, run};
use crate::wait::{PATIENCE, until};

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
    #[track_caller]
    pub fn launch(&self, id: &str, starter: Starter) -> App<'_> {
        let mut command = match starter {
            Starter::Menu => {
                let mut gio = Command::new("gio");
                gio.args(["launch", &format!("{MENU}/{id}.desktop")]);
                gio
            }
            Starter::Bus => {
                let mut gdbus = Command::new("gdbus");
                let path = format!("/{}", id.replace('.', "/"));
                gdbus.args(["call", "--session", "--dest", id, "--object-path", &path]);
                gdbus.args([
                    "--method",
                    "org.freedesktop.Application.Activate",
                    "@a{sv} {}",
                ]);
                gdbus
            }
        };
        self.settle(&mut command);
        run(&mut command);
        let session = Link::to(self.variable("DBUS_SESSION_BUS_ADDRESS"));
        let pid = until(PATIENCE, &format!("{id} on the bus"), || session.pid_of(id));
        App::activated(self, pid)
    }
}
