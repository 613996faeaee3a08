//! The accessibility bus.

use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use gio::{Cancellable, DBusCallFlags, DBusConnection, DBusConnectionFlags};
use glib::MainContext;
use glib::variant::{FromVariant, ObjectPath, ToVariant, Variant};

use crate::wait::{PATIENCE, until};

/// An object: the name of its program on the bus, and its path there.
pub(crate) type Reference = (String, ObjectPath);

/// Where the list of programs is, and each program's own root.
pub(crate) const ROOT: &str = "/org/a11y/atspi/accessible/root";

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";

/// A connection to a bus: the accessibility bus of a desktop, unless its address is given.
#[derive(Debug)]
pub(crate) struct Link {
    bus: DBusConnection,
    address: String,
}

impl Link {
    /// The one that belongs to this session bus.
    #[track_caller]
    pub(crate) fn new(variables: &[(String, String)]) -> Self {
        let is_session = |(name, _): &&(String, String)| name == "DBUS_SESSION_BUS_ADDRESS";
        let (_, session) = variables
            .iter()
            .find(is_session)
            .expect("the session bus was started before");
        let session = Self::to(session);
        let (address,): (String,) = session
            .call(
                "org.a11y.Bus",
                "/org/a11y/bus",
                "org.a11y.Bus",
                "GetAddress",
                None,
            )
            .expect("at-spi2-core is installed");
        Self::to(&address)
    }

    /// Any bus.
    #[track_caller]
    pub(crate) fn to(address: &str) -> Self {
        Self {
            bus: connect(address),
            address: address.to_owned(),
        }
    }

    /// Where the bus is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Calls a method.
    pub(crate) fn call<T: FromVariant>(
        &self,
        name: &str,
        path: &str,
        interface: &str,
        method: &str,
        arguments: Option<&Variant>,
    ) -> Result<T, glib::Error> {
        let answer = self.bus.call_sync(
            Some(name),
            path,
            interface,
            method,
            arguments,
            None,
            DBusCallFlags::NONE,
            milliseconds(PATIENCE),
            Cancellable::NONE,
        )?;
        answer.get().ok_or_else(|| {
            let kind = answer.type_();
            let text = format!("{interface}.{method} answers {kind}");
            glib::Error::new(gio::IOErrorEnum::InvalidData, &text)
        })
    }

    /// A property.
    pub(crate) fn property<T: FromVariant>(
        &self,
        name: &str,
        path: &str,
        interface: &str,
        property: &str,
    ) -> Result<T, glib::Error> {
        let arguments = (interface, property).to_variant();
        let interface = "org.freedesktop.DBus.Properties";
        let (value,): (Variant,) = self.call(name, path, interface, "Get", Some(&arguments))?;
        value.get().ok_or_else(|| {
            let text = format!("{property} is {value}");
            glib::Error::new(gio::IOErrorEnum::InvalidData, &text)
        })
    }

    /// The children of an object, as it tells them now.
    pub(crate) fn children(&self, name: &str, path: &str) -> Result<Vec<Reference>, glib::Error> {
        let (children,) = self.call(name, path, ACCESSIBLE, "GetChildren", None)?;
        Ok(children)
    }

    /// [`Link::children`] of many objects, all asked at once: of one that is gone there are none.
    pub(crate) fn children_of_all(&self, name: &str, paths: &[String]) -> Vec<Vec<Reference>> {
        let ask = |path| {
            let (method, flags) = ("GetChildren", DBusCallFlags::NONE);
            let patience = milliseconds(PATIENCE);
            let bus = &self.bus;
            bus.call_future(
                Some(name),
                path,
                ACCESSIBLE,
                method,
                None,
                None,
                flags,
                patience,
            )
        };
        let context = MainContext::new();
        let answers = context
            .with_thread_default(|| context.block_on(join_all(paths.iter().map(|path| ask(path)))))
            .expect("nobody else has this context");
        let children =
            |answer: Result<Variant, glib::Error>| answer.ok()?.get().map(|(children,)| children);
        let answers = answers.into_iter();
        answers
            .map(|answer| children(answer).unwrap_or_default())
            .collect()
    }

    /// Waits until the process has a window, and gives its name on the bus, and who speaks there
    /// for it: itself, or what carries its words out of a sandbox.
    pub(crate) fn name_of(&self, pid: u32, mut dead: impl FnMut()) -> (String, u32) {
        until(PATIENCE, "a window of the program", || {
            dead();
            let programs = self
                .children("org.a11y.atspi.Registry", ROOT)
                .unwrap_or_default();
            let names = programs.into_iter().map(|(name, _)| name);
            let mut ours = names.filter_map(|name| {
                let speaker = self.pid_of(&name)?;
                speaks_for(speaker, pid).then_some((name, speaker))
            });
            ours.find(|(name, _)| {
                self.children(name, ROOT)
                    .is_ok_and(|windows| !windows.is_empty())
            })
        })
    }

    /// Whether somebody has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let daemon = "org.freedesktop.DBus";
        let arguments = (name,).to_variant();
        let path = "/org/freedesktop/DBus";
        let answer = self.call(daemon, path, daemon, "NameHasOwner", Some(&arguments));
        answer.is_ok_and(|(has,)| has)
    }

    /// The process that has this name on the bus.
    pub(crate) fn pid_of(&self, name: &str) -> Option<u32> {
        let daemon = "org.freedesktop.DBus";
        let arguments = (name,).to_variant();
        let method = "GetConnectionUnixProcessID";
        let (pid,) = self
            .call(
                daemon,
                "/org/freedesktop/DBus",
                daemon,
                method,
                Some(&arguments),
            )
            .ok()?;
        Some(pid)
    }
}

/// Whether a process is this one, or speaks for the sandbox that this one has made around a child.
fn speaks_for(speaker: u32, pid: u32) -> bool {
    let of_sandbox = || {
        let sandbox = sandbox(speaker)?;
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        let mut children = children
            .split_whitespace()
            .filter_map(|pid| pid.parse().ok());
        children.find(|&child| self::sandbox(child).as_deref() == Some(&sandbox))
    };
    speaker == pid || of_sandbox().is_some()
}

/// What Flatpak calls the sandbox that a process is in.
fn sandbox(pid: u32) -> Option<String> {
    let told = fs::read_to_string(format!("/proc/{pid}/root/.flatpak-info")).ok()?;
    let mut lines = told.lines();
    lines.find_map(|line| line.strip_prefix("instance-id=").map(str::to_owned))
}

#[track_caller]
fn connect(address: &str) -> DBusConnection {
    let flags =
        DBusConnectionFlags::AUTHENTICATION_CLIENT | DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
    DBusConnection::for_address_sync(address, flags, None, Cancellable::NONE)
        .unwrap_or_else(|error| panic!("no connection to {address}: {error}"))
}

fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
