//! What is looked at from time to time while a room is open.

use std::time::Duration;

use adw::subclass::prelude::*;
use glib::prelude::*;
use gtk::glib;
use hallway_core::net::{Timer, Wake};

use super::ServerWindow;
use crate::window::row::{Row, Traffic};

/// How often the traffic is read again.
const TRAFFIC: Duration = Duration::from_secs(1);

/// Before sockets are read (125): a flood must not hide how great it is.
const REFRESHING: i32 = 110;

impl ServerWindow {
    /// Asks everybody whether they are there when they may be gone unnoticed.
    pub(super) fn watch_network(&self, is_on: bool) {
        let wake = is_on.then(|| {
            let hub = self.hub().clone();
            Wake::new(move || hub.probe())
        });
        self.imp().wake.replace(wake);
    }

    /// Shows traffic while somebody can make some.
    pub(super) fn watch_traffic(&self, is_on: bool) {
        let timer = is_on.then(|| {
            let weak = self.downgrade();
            Timer::repeating(TRAFFIC, REFRESHING.into(), move || {
                let Some(window) = weak.upgrade() else {
                    return glib::ControlFlow::Break;
                };
                window.refresh_traffic();
                glib::ControlFlow::Continue
            })
        });
        self.imp().traffic.replace(timer);
    }

    fn refresh_traffic(&self) {
        let hub = self.hub();
        self.room().sidebar().refresh(|row: &Row| {
            let connection = row.id().and_then(|id| hub.connection(id));
            connection.is_some_and(|connection| {
                if row.behind().is_some() {
                    row.set_behind(Some(connection.held()));
                }
                row.set_traffic(Traffic {
                    received: connection.received(),
                    sent: connection.written_position(),
                })
            })
        });
    }
}
