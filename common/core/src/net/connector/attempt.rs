//! One attempt to connect a connection, which can be given up at any moment.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use gio::prelude::*;

use super::authenticator::{Authenticator, Credentials};
use super::race::race;
use super::{Connector, Proxy};
use crate::net::connection::{Connection, State};
use crate::net::error::Error;
use crate::net::timer::Timer;

/// An attempt under way. Dropping it gives it up: its task, its sources and its descriptors go.
pub(in crate::net) struct Attempt {
    cancellable: gio::Cancellable,
    /// Keeps the deadline's source alive.
    deadline: Option<Timer>,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.deadline.take();
        self.cancellable.cancel();
    }
}

/// Where in connecting an attempt is, for telling whose error an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Lookup,
    Connecting,
    /// The proxy is connected and asked for the peer.
    AskingProxy,
}

pub(super) fn begin(connector: Connector, connection: &Connection, host: &str, port: u16) {
    connection.abort();
    let host = host.trim().to_owned();
    let cancellable = gio::Cancellable::new();
    connection.set_attempt(Attempt {
        cancellable: cancellable.clone(),
        deadline: None,
    });
    connection.set_connecting(State::HostLookup);
    let task = Task {
        connector,
        // Weak: who drops the connection gives it up.
        connection: connection.downgrade(),
        host,
        port,
        phase: Rc::new(Cell::new(Phase::Lookup)),
        answered: Cell::default(),
    };
    let work = gio::CancellableFuture::new(async move { task.run().await }, cancellable);
    glib::MainContext::ref_thread_default().spawn_local(async move {
        // Given up: nobody waits for an outcome.
        drop(work.await);
    });
}

struct Task {
    connector: Connector,
    connection: glib::WeakRef<Connection>,
    host: String,
    port: u16,
    phase: Rc<Cell<Phase>>,
    /// Somebody answered the proxy's question.
    answered: Cell<bool>,
}

impl Task {
    async fn run(self) {
        let mut credentials = None;
        let outcome = loop {
            self.wind_deadline();
            self.answered.set(credentials.is_some());
            let outcome = self.open(credentials.as_ref()).await;
            match outcome {
                Err(Error::ProxyLogin { proxy, refused }) => {
                    match self.ask_for_login(&proxy, refused).await {
                        Some(answer) => credentials = Some(answer),
                        None => break Err(Error::ProxyLogin { proxy, refused }),
                    }
                }
                outcome => break outcome,
            }
        };
        let Some(connection) = self.connection.upgrade() else {
            return;
        };
        match outcome.and_then(|(stream, peer)| self.set_options(stream, peer)) {
            Ok((stream, peer)) => connection.attempt_succeeded(stream, peer),
            Err(error) => connection.attempt_failed(error),
        }
    }

    /// Fails the connection when the time is up.
    fn wind_deadline(&self) {
        let Some(connection) = self.connection.upgrade() else {
            return;
        };
        let (host, port, phase) = (self.host.clone(), self.port, Rc::clone(&self.phase));
        let late = connection.downgrade();
        let timer = Timer::once(
            self.connector.deadline,
            glib::Priority::DEFAULT,
            move || {
                let Some(connection) = late.upgrade() else {
                    return;
                };
                connection.attempt_failed(match phase.get() {
                    Phase::Lookup => Error::NameServiceSilent { host },
                    Phase::Connecting | Phase::AskingProxy => Error::ConnectTimedOut { host, port },
                });
            },
        );
        connection.with_attempt(|attempt| attempt.deadline = Some(timer));
    }

    async fn open(
        &self,
        credentials: Option<&Credentials>,
    ) -> Result<(gio::SocketConnection, SocketAddr), Error> {
        let client = gio::SocketClient::new();
        let (host, port) = (self.host.as_str(), self.port);
        let stream = match &self.connector.proxy {
            Proxy::None => {
                client.set_enable_proxy(false);
                let addresses = self.addresses().await?;
                self.enter(Phase::Connecting);
                race(&client, addresses)
                    .await
                    .map_err(|error| Error::connecting(host, port, &error))?
            }
            Proxy::System => self.open_by_proxy(&client, "the system's").await?,
            Proxy::Manual(uri) => {
                let shown = without_credentials(uri);
                let uri = with_credentials(uri, credentials).map_err(|error| Error::Proxy {
                    proxy: shown.clone(),
                    detail: error.message().to_owned(),
                })?;
                let resolver = gio::SimpleProxyResolver::new(Some(&uri), Vec::<String>::new());
                client.set_proxy_resolver(Some(&resolver));
                self.open_by_proxy(&client, &shown).await?
            }
        };
        let peer = rustix::net::getpeername(stream.socket())
            .map_err(Error::established)?
            .and_then(|peer| SocketAddr::try_from(peer).ok())
            .ok_or(Error::Reset)?;
        Ok((stream, peer))
    }

    /// The peer's addresses: its own, or what its name stands for.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, Error> {
        let (host, port) = (self.host.as_str(), self.port);
        // With a scope, `fe80::1%eth0`, the address is one of GIO's.
        if let Some(address) = numeric(host, port) {
            return Ok(vec![address]);
        }
        self.enter(Phase::Lookup);
        let addresses = self.connector.lookups.addresses(host, port).await?;
        Ok(addresses
            .into_iter()
            .map(|ip| SocketAddr::new(ip, port))
            .collect())
    }

    async fn open_by_proxy(
        &self,
        client: &gio::SocketClient,
        proxy: &str,
    ) -> Result<gio::SocketConnection, Error> {
        let phase = Rc::clone(&self.phase);
        let connection = self.connection.clone();
        client.connect_event(move |_, event, _, _| {
            let next = match event {
                gio::SocketClientEvent::Resolving => Phase::Lookup,
                gio::SocketClientEvent::Resolved | gio::SocketClientEvent::Connecting => {
                    Phase::Connecting
                }
                gio::SocketClientEvent::ProxyNegotiating => Phase::AskingProxy,
                _ => return,
            };
            if let Some(connection) = connection.upgrade() {
                enter(&connection, &phase, next);
            }
        });
        let address = gio::NetworkAddress::new(&self.host, self.port);
        let stream = client.connect_future(&address).await;
        let stream = stream.map_err(|error| self.proxy_error(proxy, &error))?;
        if stream.is::<gio::TcpWrapperConnection>() {
            // A proxy behind TLS, whose bytes are not the socket's.
            return Err(Error::Proxy {
                proxy: proxy.to_owned(),
                detail: "encrypted proxies are not supported".to_owned(),
            });
        }
        Ok(stream)
    }

    /// Whose error `error` is: the proxy's, or the peer's as the proxy tells it.
    fn proxy_error(&self, proxy: &str, error: &glib::Error) -> Error {
        use gio::IOErrorEnum as Io;
        let proxy = proxy.to_owned();
        match error.kind::<Io>() {
            Some(Io::ProxyNeedAuth) => Error::ProxyLogin {
                proxy,
                refused: false,
            },
            // SOCKS5 says the same to a client that offered no login at all.
            Some(Io::ProxyAuthFailed) => Error::ProxyLogin {
                refused: self.has_sent_login(),
                proxy,
            },
            // What tinyproxy answers to a wrong login; GIO has the number in its message only.
            Some(Io::ProxyFailed) if self.has_sent_login() && error.message().ends_with("401") => {
                Error::ProxyLogin {
                    refused: true,
                    proxy,
                }
            }
            Some(Io::ProxyFailed | Io::ProxyNotAllowed | Io::NotSupported) => Error::Proxy {
                proxy,
                detail: error.message().to_owned(),
            },
            _ if self.phase.get() != Phase::AskingProxy && self.is_manual() => Error::Proxy {
                proxy,
                detail: error.message().to_owned(),
            },
            _ => Error::connecting(&self.host, self.port, error),
        }
    }

    /// Whether the proxy was sent a login: an answer's, or one in the settings.
    fn has_sent_login(&self) -> bool {
        let in_settings = match &self.connector.proxy {
            Proxy::Manual(uri) => glib::Uri::parse(uri, URI_FLAGS),
            _ => return self.answered.get(),
        };
        self.answered.get() || in_settings.is_ok_and(|uri| uri.userinfo().is_some())
    }

    fn is_manual(&self) -> bool {
        matches!(self.connector.proxy, Proxy::Manual(_))
    }

    async fn ask_for_login(&self, proxy: &str, refused: bool) -> Option<Credentials> {
        let (authenticator, answer) = Authenticator::ask(proxy, refused);
        {
            let connection = self.connection.upgrade()?;
            connection.with_attempt(|attempt| attempt.deadline = None);
            connection.emit_proxy_authentication_required(&authenticator);
        }
        drop(authenticator);
        // The channel closes with the last copy of the question.
        answer.recv().await.ok()
    }

    fn set_options(
        &self,
        stream: gio::SocketConnection,
        peer: SocketAddr,
    ) -> Result<(gio::SocketConnection, SocketAddr), Error> {
        let cap = self
            .connection
            .upgrade()
            .map_or(0, |connection| connection.queue_cap());
        self.connector
            .options
            .apply(stream.socket(), cap)
            .map_err(Error::established)?;
        Ok((stream, peer))
    }

    fn enter(&self, next: Phase) {
        if let Some(connection) = self.connection.upgrade() {
            enter(&connection, &self.phase, next);
        }
    }
}

/// Enters a phase and tells it.
fn enter(connection: &Connection, phase: &Cell<Phase>, next: Phase) {
    let before = phase.replace(next);
    match next {
        Phase::Lookup => connection.set_connecting(State::HostLookup),
        Phase::Connecting | Phase::AskingProxy => {
            connection.set_connecting(State::Connecting);
            if before == Phase::Lookup {
                connection.emit_host_found();
            }
        }
    }
}

/// An address given as such, IPv6 with or without brackets and scope.
fn numeric(host: &str, port: u16) -> Option<SocketAddr> {
    match host.parse::<crate::net::ListenAddress>().ok()? {
        crate::net::ListenAddress::One(mut address) => {
            address.set_port(port);
            Some(address)
        }
        _ => host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .ok()
            .map(|ip| SocketAddr::new(ip, port)),
    }
}

const URI_FLAGS: glib::UriFlags = glib::UriFlags::HAS_PASSWORD.union(glib::UriFlags::ENCODED);

/// A proxy's URI as it may be shown.
fn without_credentials(uri: &str) -> String {
    match glib::Uri::parse(uri, URI_FLAGS) {
        Ok(parsed) => parsed
            .to_string_partial(glib::UriHideFlags::USERINFO)
            .to_string(),
        Err(_) => match uri.rsplit_once('@') {
            Some((_, host)) => host.to_owned(),
            None => uri.to_owned(),
        },
    }
}

/// A proxy's URI with what a person answered in the place of credentials.
fn with_credentials(uri: &str, credentials: Option<&Credentials>) -> Result<String, glib::Error> {
    let parsed = glib::Uri::parse(uri, URI_FLAGS)?;
    let Some(Credentials { user, password }) = credentials else {
        return Ok(uri.to_owned());
    };
    let escaped = |text: &str| glib::Uri::escape_string(text, None, false);
    let (user, password) = (escaped(user), escaped(password));
    let joined = glib::Uri::join_with_user(
        URI_FLAGS,
        Some(&parsed.scheme()),
        Some(&user),
        Some(&password),
        None,
        parsed.host().as_deref(),
        parsed.port(),
        &parsed.path(),
        None,
        None,
    );
    Ok(joined.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_put_in_and_never_shown() {
        let uri = "socks5://ana:se%40cret@192.0.2.1:1080";
        assert_eq!(without_credentials(uri), "socks5://192.0.2.1:1080");
        assert_eq!(
            without_credentials("http://u:p@[::1]:8080"),
            "http://[::1]:8080"
        );
        assert_eq!(without_credentials("no uri u:p@host"), "host");
        let credentials = Credentials {
            user: "a b".into(),
            password: "p@:/".into(),
        };
        let with = with_credentials("http://192.0.2.1:80", Some(&credentials)).unwrap();
        assert_eq!(with, "http://a%20b:p%40%3A%2F@192.0.2.1:80");
        assert!(with_credentials("nonsense", None).is_err());
    }

    #[test]
    fn addresses_need_no_look_up() {
        let ours = |host: &str| numeric(host, 7).map(|address| address.to_string());
        assert_eq!(ours("127.0.0.1").as_deref(), Some("127.0.0.1:7"));
        assert_eq!(ours("::1").as_deref(), Some("[::1]:7"));
        assert_eq!(ours("[::1]").as_deref(), Some("[::1]:7"));
        assert_eq!(ours("::").as_deref(), Some("[::]:7"));
        assert_eq!(ours("localhost"), None);
        assert_eq!(ours("ten.example"), None);
    }
}
