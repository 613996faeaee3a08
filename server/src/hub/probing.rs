//! Whether everybody is still there.

use std::time::Duration;

use hallway_core::net::Connection;

use super::Hub;

/// Peers asked in one turn of the main loop: about a millisecond's worth of system calls.
const AT_ONCE: usize = 64;

impl Hub {
    /// Asks every peer's system whether it is still there ([`Connection::probe`]): for when this
    /// computer has slept or its network has changed.
    pub fn probe(&self) {
        let mut connections = self.0.room.borrow().connections();
        connections.extend(self.0.guests.borrow().connections());
        glib::MainContext::ref_thread_default().spawn_local(async move {
            for some in connections.chunks(AT_ONCE) {
                some.iter().for_each(Connection::probe);
                glib::timeout_future(Duration::ZERO).await;
            }
        });
    }
}
