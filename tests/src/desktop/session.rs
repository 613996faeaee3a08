//! The session bus: settings made before a start, programs started by being asked for, and what
//! the desktop asks of them.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::DirBuilderExt;

use glib::variant::{FromVariant, ToVariant, Variant};

use super::Desktop;
use super::link::Link;
use super::notices::python;
use crate::program::Program;
use crate::wait::{PATIENCE, until};
use crate::world::{foreign_with, ours};

const DAEMON: &str = "org.freedesktop.DBus";
const DAEMON_PATH: &str = "/org/freedesktop/DBus";

/// What a program is asked by a desktop that found it (Desktop Entry Specification, D-Bus
/// activation).
const APPLICATION: &str = "org.freedesktop.Application";

/// What the shell asks that searches.
const SEARCH: &str = "org.gnome.Shell.SearchProvider2";

/// What the search shows of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Its name.
    pub name: String,
    /// The line below.
    pub description: String,
    /// Its icon.
    pub icon: String,
}

impl Desktop {
    /// Writes a setting, before the program is started that reads it. The desktop must be one that
    /// [remembers](super::Look::remembers).
    pub fn choose(&self, id: &str, key: &str, value: &str) {
        let folder = self.home().join("config/glib-2.0/settings");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .expect("a folder of the test's own can be written");
        let group = id.replace('.', "/");
        let file = folder.join("keyfile");
        let before = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, format!("{before}[{group}]\n{key}={value}\n"))
            .expect("a folder of the test's own can be written");
    }

    /// Lets the bus start a program of ours when it is asked for, as when it is installed.
    #[track_caller]
    pub fn install_service(&self, id: &str, program: &str) {
        let program = ours(program).get_program().to_owned();
        let service = format!(
            "[D-BUS Service]\nName={id}\nExec={} --gapplication-service\n",
            program.display()
        );
        let file = format!("data/dbus-1/services/{id}.service");
        fs::write(self.home().join(file), service)
            .expect("a folder of the test's own can be written");
        self.session()
            .call::<()>(DAEMON, DAEMON_PATH, DAEMON, "ReloadConfig", None)
            .expect("the bus reads its folders again");
    }

    /// Whether a program with this name is running.
    pub fn is_running(&self, id: &str) -> bool {
        self.session().has(id)
    }

    /// The process that has this name.
    #[track_caller]
    pub fn pid_of(&self, id: &str) -> u32 {
        let arguments = (id,).to_variant();
        let method = "GetConnectionUnixProcessID";
        let (pid,) = self
            .session()
            .call(DAEMON, DAEMON_PATH, DAEMON, method, Some(&arguments))
            .unwrap_or_else(|error| panic!("{id} does not run: {error}"));
        pid
    }

    /// Has a program show itself, as a menu does.
    #[track_caller]
    pub fn activate(&self, id: &str) {
        let data = glib::VariantDict::new(None).end();
        let arguments = Variant::tuple_from_iter([data]);
        self.ask::<()>(id, "", APPLICATION, "Activate", &arguments);
    }

    /// Has a program do something, as the menu of its icon does.
    #[track_caller]
    pub fn act(&self, id: &str, action: &str) {
        let data = glib::VariantDict::new(None).end();
        let nothing: Vec<Variant> = Vec::new();
        let arguments = [action.to_variant(), nothing.to_variant(), data];
        let arguments = Variant::tuple_from_iter(arguments);
        self.ask::<()>(id, "", APPLICATION, "ActivateAction", &arguments);
    }

    /// Searches: the numbers of what a program finds.
    #[track_caller]
    pub fn search(&self, id: &str, terms: &[&str]) -> Vec<String> {
        let arguments = (terms,).to_variant();
        let (found,) = self.ask(
            id,
            "/SearchProvider",
            SEARCH,
            "GetInitialResultSet",
            &arguments,
        );
        found
    }

    /// Searches among what was found before.
    #[track_caller]
    pub fn search_further(&self, id: &str, before: &[String], terms: &[&str]) -> Vec<String> {
        let arguments = (before, terms).to_variant();
        let method = "GetSubsearchResultSet";
        let (found,) = self.ask(id, "/SearchProvider", SEARCH, method, &arguments);
        found
    }

    /// What the search shows of what was found.
    #[track_caller]
    pub fn metas(&self, id: &str, found: &[String]) -> Vec<Meta> {
        let arguments = (found,).to_variant();
        let (metas,): (Vec<HashMap<String, Variant>>,) =
            self.ask(id, "/SearchProvider", SEARCH, "GetResultMetas", &arguments);
        let read = |meta: &HashMap<String, Variant>| {
            let text = |key| meta.get(key).and_then(Variant::get).unwrap_or_default();
            Meta {
                name: text("name"),
                description: text("description"),
                icon: text("gicon"),
            }
        };
        metas.iter().map(read).collect()
    }

    /// Chooses what was found.
    #[track_caller]
    pub fn choose_found(&self, id: &str, found: &str, terms: &[&str]) {
        let arguments = (found, terms, 0_u32).to_variant();
        self.ask::<()>(id, "/SearchProvider", SEARCH, "ActivateResult", &arguments);
    }

    /// Goes on searching in the program.
    #[track_caller]
    pub fn go_on_searching(&self, id: &str, terms: &[&str]) {
        let arguments = (terms, 0_u32).to_variant();
        self.ask::<()>(id, "/SearchProvider", SEARCH, "LaunchSearch", &arguments);
    }

    #[track_caller]
    fn ask<T: FromVariant>(
        &self,
        id: &str,
        below: &str,
        interface: &str,
        method: &str,
        arguments: &Variant,
    ) -> T {
        let path = format!("/{}{below}", id.replace('.', "/"));
        self.session()
            .call(id, &path, interface, method, Some(arguments))
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    pub(super) fn session(&self) -> Link {
        Link::to(self.variable("DBUS_SESSION_BUS_ADDRESS"))
    }
}

const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_PATH: &str = "/org/freedesktop/login1";

/// A system bus with a logind that says whatever a test lets it say.
#[derive(Debug)]
pub struct Sleeper {
    bus: Link,
    // In the order in which they go.
    _logind: Program,
    _daemon: Program,
}

impl Sleeper {
    /// One that is awake. None where that cannot be done.
    #[track_caller]
    pub fn new() -> Option<Self> {
        // A file: an abstract name would not be seen from another network.
        let arguments = ["--session", "--nofork", "--nopidfile", "--print-address=1"];
        let mut command = foreign_with("dbus-daemon", arguments)?;
        command.arg("--address=unix:dir=/tmp");
        let daemon = Program::spawn(command);
        let address = daemon.out().at_least(PATIENCE, 1).swap_remove(0);
        let mut command = python()?;
        command.args(["-m", "dbusmock", "--system", "--template", "logind"]);
        command.env("DBUS_SYSTEM_BUS_ADDRESS", &address);
        let mut logind = Program::spawn(command);
        let bus = Link::to(&address);
        until(PATIENCE, "logind", || {
            assert!(logind.ended().is_none(), "{:#?}", logind.err().all());
            bus.has(LOGIND).then_some(())
        });
        Some(Self {
            bus,
            _logind: logind,
            _daemon: daemon,
        })
    }

    /// Where programs find it.
    pub fn address(&self) -> &str {
        self.bus.address()
    }

    /// Tells everybody that this computer is about to sleep.
    #[track_caller]
    pub fn falls_asleep(&self) {
        self.tell(true);
    }

    /// Tells everybody that it has slept.
    #[track_caller]
    pub fn wakes(&self) {
        self.tell(false);
    }

    #[track_caller]
    fn tell(&self, is_before: bool) {
        let (interface, signal) = ("org.freedesktop.login1.Manager", "PrepareForSleep");
        let arguments = vec![is_before.to_variant()];
        let arguments = (interface, signal, "b", arguments).to_variant();
        let mock = "org.freedesktop.DBus.Mock";
        self.bus
            .call::<()>(LOGIND, LOGIND_PATH, mock, "EmitSignal", Some(&arguments))
            .unwrap_or_else(|error| panic!("{signal}: {error}"));
    }
}
