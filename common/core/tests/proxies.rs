//! Connecting through real proxies: microsocks (SOCKS5) and tinyproxy (HTTP CONNECT).

mod support;

use std::net::TcpListener;
use std::time::Duration;

use hallway_core::net::connector::Authenticator;
use hallway_core::net::{Connection, Ended, Error, State, limits};

use support::proxy::{KINDS, Kind, USER, free_port, through};
use support::{Bench, CONNECTED, Heard, batches, life, localhost, on_loop};

/// Sees lines travel both ways between `connection` and who connected to `server`.
fn talk(bench: &Bench, connection: &Connection, server: &TcpListener) {
    let (stream, _) = server.accept().unwrap();
    let mut peer = support::Peer::new(stream);
    let heard = batches(connection);
    connection.write(b"ping\n").unwrap();
    bench.until("ping", || peer.has(b"ping\n"));
    peer.send(b"pong\n");
    bench.until("pong", || heard.len() == 1);
    assert_eq!(heard.all(), [["pong"]]);
    drop(peer);
    bench.until_over(connection);
    assert_eq!(connection.ended(), Some(Ended::ByPeer));
}

/// A server at every address that a proxy may find for "localhost": some try only the first.
fn server() -> (TcpListener, u16) {
    let everywhere = TcpListener::bind("[::]:0");
    let server = everywhere.unwrap_or_else(|_| TcpListener::bind(localhost(0)).unwrap());
    let port = server.local_addr().unwrap().port();
    (server, port)
}

fn questions(connection: &Connection) -> Heard<(String, bool)> {
    let asked = Heard::default();
    let told = asked.clone();
    connection.connect_proxy_authentication_required(move |_, question| {
        told.add((question.proxy().to_owned(), question.is_refused()));
    });
    asked
}

#[test]
fn an_open_proxy_connects() {
    for kind in KINDS {
        let Some(proxy) = kind.start(false) else {
            continue;
        };
        on_loop(|bench| {
            for host in ["127.0.0.1", "localhost"] {
                let (server, port) = server();
                let connection = Connection::new(&bench.reactor, limits::LINE);
                let heard = life(&connection);
                let asked = questions(&connection);
                proxy.connector(kind, "").connect(&connection, host, port);
                bench.until("connected", || connection.is_connected());
                assert_eq!(heard.all(), CONNECTED);
                assert_eq!(connection.peer(), Some(localhost(proxy.port)));
                assert_eq!(asked.len(), 0);
                talk(bench, &connection, &server);
            }
        });
    }
}

#[test]
fn a_login_is_asked_for_and_the_retry_succeeds() {
    for kind in KINDS {
        let Some(proxy) = kind.start(true) else {
            continue;
        };
        on_loop(|bench| {
            let (server, port) = server();
            let connection = Connection::new(&bench.reactor, limits::LINE);
            let asked = questions(&connection);
            connection.connect_proxy_authentication_required(move |_, question| {
                if question.is_refused() {
                    question.answer(USER, kind.password().0);
                } else {
                    question.answer(USER, "wrong");
                }
            });
            proxy
                .connector(kind, "")
                .connect(&connection, "127.0.0.1", port);
            bench.until("connected", || connection.is_connected());
            let shown = proxy.shown(kind);
            assert_eq!(asked.all(), [(shown.clone(), false), (shown, true)]);
            talk(bench, &connection, &server);
        });
    }
}

#[test]
fn an_answer_may_take_longer_than_the_deadline() {
    for kind in KINDS {
        let Some(proxy) = kind.start(true) else {
            continue;
        };
        on_loop(|bench| {
            let (server, port) = server();
            let mut connector = proxy.connector(kind, "");
            connector.deadline = Duration::from_millis(400);
            let connection = Connection::new(&bench.reactor, limits::LINE);
            let kept: Heard<Authenticator> = Heard::default();
            let keep = kept.clone();
            connection.connect_proxy_authentication_required(move |_, question| keep.add(question));
            connector.connect(&connection, "127.0.0.1", port);
            bench.until("the question", || kept.len() == 1);
            bench.linger(Duration::from_millis(600));
            assert_eq!(connection.state(), State::Connecting);
            kept.all()[0].answer(USER, kind.password().0);
            bench.until("connected", || connection.is_connected());
            talk(bench, &connection, &server);
        });
    }
}

#[test]
fn credentials_in_the_uri_are_used_and_refused_ones_are_told() {
    for kind in KINDS {
        let Some(proxy) = kind.start(true) else {
            continue;
        };
        on_loop(|bench| {
            let (server, port) = server();
            let good = proxy.connector(kind, &format!("{USER}:{}@", kind.password().1));
            let connection = bench.connecting(&good, "127.0.0.1", port);
            let asked = questions(&connection);
            bench.until("connected", || connection.is_connected());
            assert_eq!(asked.len(), 0);
            talk(bench, &connection, &server);

            let bad = proxy.connector(kind, "ana:wrong@");
            let connection = bench.connecting(&bad, "127.0.0.1", port);
            let asked = questions(&connection);
            bench.until_over(&connection);
            let shown = proxy.shown(kind);
            assert_eq!(asked.all(), [(shown.clone(), true)]);
            assert_eq!(
                connection.ended(),
                Some(Ended::Failed(Error::ProxyLogin {
                    proxy: shown,
                    refused: true
                }))
            );
        });
    }
}

#[test]
fn a_question_that_nobody_answers_is_an_error() {
    for kind in KINDS {
        let Some(proxy) = kind.start(true) else {
            continue;
        };
        on_loop(|bench| {
            let (_server, port) = server();
            let connection = bench.connecting(&proxy.connector(kind, ""), "127.0.0.1", port);
            let heard = life(&connection);
            bench.until_over(&connection);
            let proxy = proxy.shown(kind);
            let refused = false;
            assert_eq!(
                connection.ended(),
                Some(Ended::Failed(Error::ProxyLogin { proxy, refused }))
            );
            let end = ["error-occurred", "Unconnected", "disconnected"];
            assert!(heard.all().ends_with(&end.map(str::to_owned)));
        });
    }
}

#[test]
fn giving_up_while_a_question_is_open_leaves_it_without_effect() {
    let Some(proxy) = Kind::Socks.start(true) else {
        return;
    };
    on_loop(|bench| {
        let (_server, port) = server();
        let connection = Connection::new(&bench.reactor, limits::LINE);
        let kept: Heard<Authenticator> = Heard::default();
        let keep = kept.clone();
        connection.connect_proxy_authentication_required(move |_, question| keep.add(question));
        let connector = proxy.connector(Kind::Socks, "");
        connector.connect(&connection, "127.0.0.1", port);
        bench.until("the question", || kept.len() == 1);
        connection.close();
        assert_eq!(connection.ended(), Some(Ended::ByUs));
        kept.all()[0].answer(USER, Kind::Socks.password().0);
        bench.linger(Duration::from_millis(200));
        assert_eq!(connection.state(), State::Unconnected);
    });
}

#[test]
fn a_target_that_refuses_is_told_as_far_as_the_proxy_tells() {
    for kind in KINDS {
        let Some(proxy) = kind.start(false) else {
            continue;
        };
        on_loop(|bench| {
            let port = free_port();
            let connection = bench.connecting(&proxy.connector(kind, ""), "127.0.0.1", port);
            bench.until_over(&connection);
            let ended = connection.ended().unwrap();
            let host = "127.0.0.1".to_owned();
            match kind {
                Kind::Socks => {
                    assert_eq!(ended, Ended::Failed(Error::Refused { host, port }));
                }
                // HTTP knows no more than "it did not work".
                Kind::Http => assert!(
                    matches!(&ended, Ended::Failed(Error::Proxy { proxy: uri, .. })
                        if *uri == proxy.shown(kind)),
                    "{ended:?}"
                ),
            }
        });
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_the_proxys_error() {
    on_loop(|bench| {
        let (_server, port) = server();
        let nobody = free_port();
        for (uri, shown) in [
            (
                format!("socks5://u:secret@127.0.0.1:{nobody}"),
                format!("socks5://127.0.0.1:{nobody}"),
            ),
            (
                format!("http://127.0.0.1:{nobody}"),
                format!("http://127.0.0.1:{nobody}"),
            ),
            (
                "gopher://127.0.0.1:70".to_owned(),
                "gopher://127.0.0.1:70".to_owned(),
            ),
            ("no uri".to_owned(), "no uri".to_owned()),
        ] {
            let connection = bench.connecting(&through(uri.clone()), "127.0.0.1", port);
            bench.until_over(&connection);
            let ended = connection.ended().unwrap();
            assert!(
                matches!(&ended, Ended::Failed(Error::Proxy { proxy, .. }) if *proxy == shown),
                "{uri}: {ended:?}"
            );
            assert!(!format!("{ended:?}").contains("secret"), "{ended:?}");
        }
    });
}

#[test]
fn a_silent_proxy_meets_the_deadline() {
    on_loop(|bench| {
        // Listens and never says a word.
        let (_silent, port) = server();
        let mut connector = through(format!("socks5://127.0.0.1:{port}"));
        connector.deadline = Duration::from_millis(300);
        let connection = bench.connecting(&connector, "192.0.2.1", 4255);
        bench.until_over(&connection);
        let (host, port) = ("192.0.2.1".to_owned(), 4255);
        assert_eq!(
            connection.ended(),
            Some(Ended::Failed(Error::ConnectTimedOut { host, port }))
        );
    });
}
