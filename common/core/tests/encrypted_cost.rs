//! What encrypted connections take, and leave behind. The only test of its process: others would
//! be counted with it.

mod support;

use std::time::Duration;

use glib::prelude::*;
use hallway_core::net::Connection;
use support::encrypted::{Server, only};
use support::{Bench, descriptors};

/// Connections at once.
const PAIRS: usize = 40;

#[test]
fn a_connection_is_small_and_nothing_is_left_of_two_hundred() {
    only(|bench, server| {
        go(bench, server, vec![server.pair(bench)]);
        let memory = resident();
        let pairs = come(bench, server);
        let each = resident().saturating_sub(memory) / (2 * PAIRS);
        assert!(each <= 40, "{each} KiB");
        go(bench, server, pairs);
        let (before, memory) = (descriptors(), resident());
        for _ in 0..5 {
            come_and_go(bench, server);
        }
        assert_eq!(descriptors(), before);
        let grown = resident().saturating_sub(memory);
        assert!(grown < 2 * 1024, "{grown} KiB more");
    });
}

fn come_and_go(bench: &Bench, server: &Server) {
    let pairs = come(bench, server);
    go(bench, server, pairs);
}

/// Connections that have said much and are idle.
fn come(bench: &Bench, server: &Server) -> Vec<(Connection, Connection)> {
    let pairs: Vec<_> = (0..PAIRS).map(|_| server.pair(bench)).collect();
    let line = [&[b'x'; 10_000][..], b"\n"].concat();
    for (client, peer) in &pairs {
        for connection in [client, peer] {
            connection.write(&line.repeat(3)).unwrap();
        }
    }
    bench.linger(Duration::from_millis(100));
    pairs
}

fn go(bench: &Bench, server: &Server, pairs: Vec<(Connection, Connection)>) {
    for (client, _) in &pairs {
        client.close();
    }
    for (client, peer) in &pairs {
        bench.until_over(client);
        bench.until_over(peer);
    }
    server.accepted.borrow_mut().clear();
    assert_eq!(server.listener.connections(), 0);
    let gone: Vec<_> = pairs.iter().map(|(_, peer)| peer.downgrade()).collect();
    drop(pairs);
    bench.linger(Duration::from_millis(20));
    assert!(gone.iter().all(|peer| peer.upgrade().is_none()));
}

/// Memory of this process, in KiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has /proc");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let words = line.and_then(|line| line.split_whitespace().nth(1));
    words.expect("proc(5)").parse().expect("KiB")
}
