//! The signals of a listener.

use super::Listener;
use crate::net::admission::Refused;
use crate::net::connection::Connection;
use crate::net::error::Error;
use crate::net::signals::signals;

signals! { Listener:
    /// Somebody connected (Qt: `newConnection`).
    signal "new-connection", connect_new_connection, emit_new_connection, Connection;

    /// Accepting failed (Qt: `acceptError`); it is tried again by itself.
    signal "accept-error", connect_accept_error, emit_accept_error, Error;

    /// Somebody connected and was refused because of a limit.
    signal "connection-refused", connect_connection_refused, emit_connection_refused, Refused;
}
