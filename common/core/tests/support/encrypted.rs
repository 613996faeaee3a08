//! Listeners that encrypt, and clients of our own kind.

use std::cell::RefCell;
use std::rc::Rc;

use hallway_core::identity::Identity;
use hallway_core::net::tls::{self, Session};
use hallway_core::net::{Connection, Connector, Encryption, Ended, Error, Listener, limits};

use super::{Bench, Peer, on_loop};

pub(crate) const HOST: &str = "127.0.0.1";

/// A listener that encrypts, its identity, and where its connections appear.
pub(crate) struct Server {
    pub(crate) listener: Listener,
    pub(crate) identity: Identity,
    pub(crate) accepted: Rc<RefCell<Vec<Connection>>>,
}

impl Server {
    pub(crate) fn new(bench: &Bench, how: Encryption) -> Self {
        let identity = Identity::make().unwrap();
        let listener = Listener::new(&bench.reactor);
        listener.set_identity(&identity).unwrap();
        listener.set_encryption(how);
        listener.listen(super::here(), 0).unwrap();
        let accepted = Rc::<RefCell<Vec<Connection>>>::default();
        let place = Rc::clone(&accepted);
        listener.connect_new_connection(move |_, connection| place.borrow_mut().push(connection));
        Self {
            listener,
            identity,
            accepted,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local().unwrap().port()
    }

    pub(crate) fn plain_peer(&self, bench: &Bench) -> (Connection, Peer) {
        let before = self.accepted.borrow().len();
        let peer = Peer::connect(self.listener.local().unwrap());
        bench.until("accepted", || self.accepted.borrow().len() > before);
        let connection = self.accepted.borrow()[before].clone();
        (connection, peer)
    }

    /// A client of our own kind that is connecting, and who it is.
    pub(crate) fn client(&self, bench: &Bench) -> (Connection, Identity) {
        let identity = Identity::make().unwrap();
        let connection = Connection::new(&bench.reactor, limits::LINE);
        connection.set_encryption(Some(tls::Client::hallway(&identity).unwrap()));
        Connector::default().connect(&connection, HOST, self.port());
        (connection, identity)
    }

    /// Both ends of an encrypted connection.
    pub(crate) fn pair(&self, bench: &Bench) -> (Connection, Connection) {
        let before = self.accepted.borrow().len();
        let (client, _) = self.client(bench);
        bench.until("encrypted", || {
            let accepted = self.accepted.borrow();
            let at_server = accepted.get(before).is_some_and(Connection::is_encrypted);
            at_server && client.is_encrypted()
        });
        let connection = self.accepted.borrow()[before].clone();
        (client, connection)
    }
}

pub(crate) fn with_server(how: Encryption, test: impl FnOnce(&Bench, &Server)) {
    on_loop(|bench| test(bench, &Server::new(bench, how)));
}

pub(crate) fn only(test: impl FnOnce(&Bench, &Server)) {
    with_server(Encryption::Only, test);
}

pub(crate) fn both(test: impl FnOnce(&Bench, &Server)) {
    with_server(Encryption::WhenBothCan, test);
}

/// Why a connection failed.
pub(crate) fn failure(connection: &Connection) -> Option<Error> {
    match connection.ended() {
        Some(Ended::Failed(error)) => Some(error),
        _ => None,
    }
}

/// A whole `ClientHello`.
pub(crate) fn hello() -> Vec<u8> {
    let identity = Identity::make().unwrap();
    let mut session = Session::client(&tls::Client::hallway(&identity).unwrap()).unwrap();
    let mut hello = Vec::new();
    session.take_output(&mut hello);
    hello
}

/// Shakes hands by hand.
pub(crate) fn shake(
    bench: &Bench,
    session: &mut Session,
    peer: &mut Peer,
    connection: &Connection,
) {
    let mut plain = Vec::new();
    let mut taken = 0;
    bench.until("hands are shaken", || {
        let mut cipher = Vec::new();
        session.take_output(&mut cipher);
        peer.send(&cipher);
        peer.take(usize::MAX);
        session.receive(&peer.got[taken..], &mut plain).unwrap();
        taken = peer.got.len();
        connection.is_encrypted()
    });
}
