//! Several addresses of one name: each gets a head start over the next (RFC 8305).

use std::net::SocketAddr;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use gio::prelude::*;

use crate::net::limits;

/// Connects to the first of `addresses` that answers. The other attempts are given up.
pub(super) async fn race(
    client: &gio::SocketClient,
    addresses: Vec<SocketAddr>,
) -> Result<gio::SocketConnection, glib::Error> {
    let mut waiting = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure: Option<glib::Error> = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(client.connect_future(&of_gio(address)));
        }
        let outcome = if waiting.len() > 0 {
            let head_start = glib::timeout_future(limits::CONNECT_STAGGER);
            match select(attempts.next(), head_start).await {
                Either::Left((outcome, _)) => outcome,
                Either::Right(((), _)) => continue,
            }
        } else {
            attempts.next().await
        };
        match outcome {
            Some(Ok(stream)) => return Ok(stream),
            // "Nothing listens there" tells a person more than "no route" of another address.
            Some(Err(error)) if error.matches(gio::IOErrorEnum::ConnectionRefused) => {
                failure = Some(error);
            }
            Some(Err(error)) => failure = failure.or(Some(error)),
            None => {
                let none = || glib::Error::new(gio::IOErrorEnum::HostNotFound, "no address");
                return Err(failure.unwrap_or_else(none));
            }
        }
    }
}

/// The address as GIO has it, with the scope that its own conversion leaves out.
fn of_gio(address: SocketAddr) -> gio::InetSocketAddress {
    let SocketAddr::V6(v6) = address else {
        return address.into();
    };
    glib::Object::builder()
        .property("address", gio::InetAddress::from(address.ip()))
        .property("port", u32::from(v6.port()))
        .property("scope-id", v6.scope_id())
        .build()
}
