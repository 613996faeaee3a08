//! `org.freedesktop.portal.Background`, through which a sandboxed program asks for leave to run
//! unseen. Nothing here waits for anybody but in a future.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use gio::{DBusCallFlags, DBusConnection, DBusSignalFlags};
use glib::prelude::*;
use hallway_core::text::cut;

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.Background";
const REQUEST: &str = "org.freedesktop.portal.Request";

/// Milliseconds until a portal must have taken a call; the person's answer may take longer.
const PATIENCE: i32 = 10_000;

/// Bytes of a status, at most.
const STATUS_BYTES: usize = 96;

/// The version from which on there is a status.
const WITH_STATUS: u32 = 2;

/// The system outside.
pub(super) struct Portal {
    bus: DBusConnection,
    requests: Cell<u32>,
    /// Which version of the interface it is, once asked.
    version: Rc<Cell<Option<u32>>>,
}

impl Portal {
    pub(super) fn new(bus: DBusConnection) -> Self {
        Self {
            bus,
            requests: Cell::default(),
            version: Rc::default(),
        }
    }

    /// Asks whether the program may run in the background.
    pub(super) async fn request(&self, reason: &str) -> Result<bool, glib::Error> {
        let number = self.requests.get() + 1;
        self.requests.set(number);
        let token = format!("hallway{number}");
        let (bell, answers) = async_channel::bounded(1);
        // Before it is asked: the answer may come at once.
        let _answer = self.bus.subscribe_to_signal(
            Some(NAME),
            Some(REQUEST),
            Some("Response"),
            Some(&self.path_of(&token)),
            None,
            DBusSignalFlags::NONE,
            move |signal| {
                // One answer is enough.
                let _ = bell.try_send(signal.parameters.clone());
            },
        );
        let options = glib::VariantDict::new(None);
        options.insert("handle_token", &token);
        options.insert("reason", reason);
        options.insert("autostart", false);
        options.insert("dbus-activatable", true);
        // No window: it is about to go, and the question stands for itself.
        let arguments = glib::Variant::tuple_from_iter(["".to_variant(), options.end()]);
        self.call(INTERFACE, "RequestBackground", &arguments)
            .await?;
        let answer = answers.recv().await.ok();
        let answer =
            answer.and_then(|answer| answer.get::<(u32, HashMap<String, glib::Variant>)>());
        Ok(answer.is_some_and(|(response, results)| {
            let leave = results.get("background").and_then(glib::Variant::get);
            response == 0 && leave == Some(true)
        }))
    }

    /// Tells what goes on, where the system shows it.
    pub(super) fn set_status(&self, status: &str) {
        let longest = STATUS_BYTES - '…'.len_utf8();
        let status = if status.len() > STATUS_BYTES {
            cut(status, longest).into_owned()
        } else {
            status.to_owned()
        };
        let this = Self {
            bus: self.bus.clone(),
            requests: Cell::default(),
            version: Rc::clone(&self.version),
        };
        glib::MainContext::ref_thread_default().spawn_local(async move {
            if this.version().await < WITH_STATUS {
                return;
            }
            let options = glib::VariantDict::new(None);
            options.insert("message", status);
            let arguments = glib::Variant::tuple_from_iter([options.end()]);
            if let Err(error) = this.call(INTERFACE, "SetStatus", &arguments).await {
                tracing::info!(%error, "the status in the background is not told");
            }
        });
    }

    async fn version(&self) -> u32 {
        if let Some(version) = self.version.get() {
            return version;
        }
        let arguments = (INTERFACE, "version").to_variant();
        let answer = self
            .call("org.freedesktop.DBus.Properties", "Get", &arguments)
            .await;
        let version = answer.ok().and_then(|answer| {
            let (version,): (glib::Variant,) = answer.get()?;
            version.get()
        });
        let version = version.unwrap_or(0);
        self.version.set(Some(version));
        version
    }

    async fn call(
        &self,
        interface: &str,
        method: &str,
        arguments: &glib::Variant,
    ) -> Result<glib::Variant, glib::Error> {
        let flags = DBusCallFlags::NONE;
        let (name, arguments) = (Some(NAME), Some(arguments));
        self.bus
            .call_future(
                name, PATH, interface, method, arguments, None, flags, PATIENCE,
            )
            .await
    }

    /// Where the answer to a request comes from (org.freedesktop.portal.Request).
    fn path_of(&self, token: &str) -> String {
        let sender = self.bus.unique_name().unwrap_or_default();
        let sender = sender.trim_start_matches(':').replace('.', "_");
        format!("{PATH}/request/{sender}/{token}")
    }
}
