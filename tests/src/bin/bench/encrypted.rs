//! What it costs that nobody else can read it, and that nothing is lost.
//!
//! - [`handshakes`]: how many a second, beside a bare loop of rustls;
//! - [`echo`]: lines over TLS beside plain ones, both over the engine;
//! - [`messages`]: messages that are on the disk when they are acknowledged; memory of a connection.
//!
//! [`people`] are the clients: the engine's own connections, on one main loop.

mod echo;
mod handshakes;
mod messages;
mod people;

use anyhow::Result;

use crate::effort::Effort;
use crate::section::Section;
use crate::table::Table;

pub(crate) use echo::run as run_echo;
pub(crate) use handshakes::run as run_handshakes;

const ABOUT: &str = "Handshakes are with certificates on both sides, as `hallway/1` wants them; both \
servers are told by their processor time. The echo is the engine's, over TLS and plain: 20 clients, \
each with one line under way or with 20. A message is \
sent, and the next one when it is acknowledged: then it is on the disk, synced. The disk is that of \
the build.";

/// Measures it.
///
/// # Errors
/// A server does not start, or something is lost.
pub(crate) fn measure(effort: Effort) -> Result<Section> {
    let mut table = Table::new("encrypted", "Encrypted");
    handshakes::measure(effort, &mut table)?;
    echo::measure(effort, &mut table)?;
    messages::measure(effort, &mut table)?;
    table.goal(
        "handshake_rate_ratio",
        "handshakes for the same processor time ≥ 0.3 of a bare loop's",
        |ratio| ratio >= 0.3,
    );
    table.goal(
        "tls_connection_kib",
        "KiB of a connection, all of its objects included, ≤ 40",
        |kib| kib <= 40.0,
    );
    for (name, _) in echo::WINDOWS {
        table.goal(
            &format!("{name}_ratio"),
            &format!("{name}: CPU of a line over TLS ≤ 2.5 of a plain one's"),
            |ratio| ratio <= 2.5,
        );
    }
    Ok(table.section(ABOUT))
}
