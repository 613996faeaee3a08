//! The signals of a connection.

use std::sync::OnceLock;

use super::{Connection, Lines};
use crate::net::connector::Authenticator;
use crate::net::encryption::Question;
use crate::net::error::Error;
use crate::net::signals::{signals, wanted};

const LINES_RECEIVED: &str = "lines-received";

impl Connection {
    /// Whether copies of lines are worth making.
    pub(super) fn wants_lines_received(&self) -> bool {
        static ID: OnceLock<glib::subclass::SignalId> = OnceLock::new();
        wanted(self, LINES_RECEIVED, &ID).is_some()
    }
}

signals! { Connection:
    /// The addresses of the name are known (Qt: `hostFound`).
    signal "host-found", connect_host_found, emit_host_found;

    /// Both sides can send, encrypted where that was asked for (Qt: `connected`).
    signal "connected", connect_connected, emit_connected;

    /// The peer has shown its certificate, and nothing was said yet (Qt: `sslErrors`). Refuse it
    /// while this is emitted; else it is spoken with.
    signal "certificate-questioned", connect_certificate_questioned, emit_certificate_questioned,
        Question;

    /// From here on everything is encrypted (Qt: `encrypted`). What was queued before on a
    /// connection that could have been plain is gone.
    signal "encrypted", connect_encrypted, emit_encrypted;

    /// A proxy wants a name and a password (Qt: `proxyAuthenticationRequired`). Answer the
    /// authenticator now or later; dropped unanswered, the connection fails.
    signal "proxy-authentication-required", connect_proxy_authentication_required,
        emit_proxy_authentication_required, Authenticator;

    /// Lines arrived: a batch a read, as owned copies (Qt: `readyRead` with `canReadLine`).
    signal LINES_RECEIVED, connect_lines_received, emit_lines_received, Lines;

    /// Bytes arrived, where bytes are read rather than lines (Qt: `readyRead`).
    signal "ready-read", connect_ready_read, emit_ready_read;

    /// The kernel took so many bytes (Qt: `bytesWritten`).
    signal "bytes-written", connect_bytes_written, emit_bytes_written, u64;

    /// The peer's TCP has acknowledged the output up to this position. Emitted after
    /// `watch_acknowledgements()`, and once more when it has acknowledged our FIN.
    signal "bytes-acknowledged", connect_bytes_acknowledged, emit_bytes_acknowledged, u64;

    /// Something failed (Qt: `errorOccurred`); `disconnected` follows.
    signal "error-occurred", connect_error_occurred, emit_error_occurred, Error;

    /// The connection is about to close: what is written now is still sent (Qt: `aboutToClose`).
    signal "about-to-close", connect_about_to_close, emit_about_to_close;

    /// The connection is over (Qt: `disconnected`); it can be connected anew.
    signal "disconnected", connect_disconnected, emit_disconnected;
}
