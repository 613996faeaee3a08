//! Who shows notifications on a desktop, and what was asked of it.

use std::process::Command;

use glib::variant::{ToVariant, Variant};

use super::Desktop;
use super::link::Link;
use crate::program::Program;
use crate::wait::{PATIENCE, until};
use crate::world::{foreign, skip};

/// The Python of the distribution, which has the packages of the distribution.
const PYTHON: &str = "/usr/bin/python3";

/// What most desktops show notifications by.
const FREEDESKTOP: &str = "org.freedesktop.Notifications";

/// What GNOME Shell shows them by.
const GTK: &str = "org.gtk.Notifications";

const MOCK: &str = "org.freedesktop.DBus.Mock";

/// A notification, as it was sent.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its number.
    pub id: u32,
    /// Whether it takes the place of an earlier one of that number.
    pub replaces: bool,
    /// Its first line.
    pub title: String,
    /// What stands below.
    pub body: String,
    /// Names and labels of what can be done with it, alternately.
    pub actions: Vec<String>,
    /// 0 is low, 1 normal, 2 critical.
    pub urgency: u8,
}

/// Notifications that are noted down instead of shown.
#[derive(Debug)]
pub struct Notices {
    bus: Link,
    name: &'static str,
    path: String,
    _mock: Program,
}

impl Notices {
    /// Of a program that can do this besides showing a body, in words of the specification:
    /// "body-markup".
    #[track_caller]
    pub fn with(desktop: &Desktop, capabilities: &str) -> Option<Self> {
        let parameters = format!("{{\"capabilities\": \"body actions {capabilities}\"}}");
        let arguments = ["--template", "notification_daemon", "-p", &parameters];
        Self::start(desktop, FREEDESKTOP, &arguments)
    }

    /// As GNOME Shell takes them.
    #[track_caller]
    pub fn of_the_shell(desktop: &Desktop) -> Option<Self> {
        let path = "/org/gtk/Notifications";
        let notices = Self::start(desktop, GTK, &[GTK, path, GTK])?;
        for (method, signature) in [("AddNotification", "ssa{sv}"), ("RemoveNotification", "ss")] {
            let arguments = (GTK, method, signature, "", "").to_variant();
            notices.mock::<()>("AddMethod", Some(&arguments));
        }
        Some(notices)
    }

    #[track_caller]
    fn start(desktop: &Desktop, name: &'static str, arguments: &[&str]) -> Option<Self> {
        let mut command = python()?;
        command.args(["-m", "dbusmock"]).args(arguments);
        desktop.settle(&mut command);
        let mut mock = Program::spawn(command);
        let bus = Link::to(desktop.variable("DBUS_SESSION_BUS_ADDRESS"));
        until(PATIENCE, "a program for notifications", || {
            assert!(mock.ended().is_none(), "{:#?}", mock.err().all());
            bus.has(name).then_some(())
        });
        Some(Self {
            bus,
            name,
            path: format!("/{}", name.replace('.', "/")),
            _mock: mock,
        })
    }

    #[track_caller]
    fn mock<T: glib::variant::FromVariant>(&self, method: &str, arguments: Option<&Variant>) -> T {
        let answer = self
            .bus
            .call(self.name, &self.path, MOCK, method, arguments);
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The arguments of every call of a method, the oldest first.
    #[track_caller]
    pub fn calls(&self, method: &str) -> Vec<Vec<Variant>> {
        type Call = (u64, Vec<Variant>);
        let (calls,): (Vec<Call>,) = self.mock("GetMethodCalls", Some(&(method,).to_variant()));
        calls.into_iter().map(|(_, arguments)| arguments).collect()
    }

    /// All that were sent.
    #[track_caller]
    pub fn all(&self) -> Vec<Notice> {
        let mut next = 1;
        let calls = self.calls("Notify").into_iter();
        calls
            .map(|call| {
                let replaced: u32 = call[1].get().expect("a number");
                let id = if replaced == 0 { next } else { replaced };
                next += u32::from(replaced == 0);
                Notice {
                    id,
                    replaces: replaced != 0,
                    title: call[3].get().expect("a text"),
                    body: call[4].get().expect("a text"),
                    actions: call[5].get().expect("texts"),
                    urgency: urgency(&call[6]).expect("an urgency"),
                }
            })
            .collect()
    }

    /// Waits until so many were sent; gives the last of them.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Notice {
        let what = format!("notification {count}");
        until(PATIENCE, &what, || self.all().into_iter().nth(count - 1))
    }

    /// Waits until one was taken back.
    #[track_caller]
    pub fn wait_for_end_of(&self, notice: &Notice) {
        until(PATIENCE, "a notification that is withdrawn", || {
            let calls = self.calls("CloseNotification").into_iter();
            let mut ids = calls.filter_map(|call| number(call.first()?));
            ids.any(|id| id == notice.id).then_some(())
        });
    }

    /// Clicks on a notification, or on a button of it.
    #[track_caller]
    pub fn click(&self, notice: &Notice, label: Option<&str>) {
        let mut pairs = notice.actions.chunks_exact(2);
        let action = match label {
            None => "default",
            Some(label) => {
                let pair = pairs.find(|pair| pair[1] == label);
                &pair.unwrap_or_else(|| panic!("no button {label}: {notice:?}"))[0]
            }
        };
        let arguments = vec![notice.id.to_variant(), action.to_variant()];
        let signal = (self.name, "ActionInvoked", "us", arguments).to_variant();
        self.mock::<()>("EmitSignal", Some(&signal));
    }
}

/// Python with the package that pretends to be services.
#[track_caller]
pub(crate) fn python() -> Option<Command> {
    let has_mock = |python: &str| {
        let mut command = Command::new(python);
        let output = command.args(["-c", "import dbusmock"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    if has_mock(PYTHON) {
        return Some(Command::new(PYTHON));
    }
    let python = foreign("python3")?;
    let name = python.get_program().to_string_lossy().into_owned();
    if has_mock(&name) {
        return Some(python);
    }
    skip("python3-dbusmock is not installed");
    None
}

/// The mock takes whole numbers of any kind.
fn number(value: &Variant) -> Option<u32> {
    let signed = || value.get::<i32>().and_then(|id| u32::try_from(id).ok());
    value.get::<u32>().or_else(signed)
}

fn urgency(hints: &Variant) -> Option<u8> {
    glib::VariantDict::new(Some(hints)).lookup("urgency").ok()?
}
