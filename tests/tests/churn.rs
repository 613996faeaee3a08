//! After ten thousand connections came and went, all is as it was.

use std::thread;
use std::time::Duration;

use hallway_tests::peer::Peer;
use hallway_tests::server::Server;

const CONNECTIONS: usize = 10_000;

/// Brings caches, tables and the allocator's pools to the size that they keep.
const WARM_UP: usize = 2_000;

/// Connections at once.
const BATCH: usize = 100;

/// How much larger the memory may be, in KiB: 105 bytes a connection. The smallest thing that could
/// be left of each, a `GObject` of the engine, has 280 bytes; pools of the allocator are a few
/// hundred KiB.
const MEMORY: usize = 1024;

/// Clock ticks that a second of idleness may take: 2 %.
const IDLE: u64 = 2;

/// People who come, say something, and go in each of the ways that there are.
fn come_and_go(server: &Server, count: usize) {
    for _ in 0..count / BATCH {
        let mut peers: Vec<_> = (0..BATCH)
            .map(|_| Peer::connect(server.address()))
            .collect();
        for (number, mut peer) in peers.drain(..).enumerate() {
            match number % 5 {
                0 => drop(peer),
                1 => peer.reset(),
                2 => {
                    peer.line("/who");
                    peer.half_close();
                    let (answer, _) = peer.rest();
                    assert!(answer.contains("here"), "{answer}");
                }
                3 => {
                    // What the others said, then the goodbye.
                    peer.line(&format!("/name N{number}"));
                    peer.line("/quit");
                    peer.rest();
                }
                _ => peer.try_send(b"said and gone\nnot ended"),
            }
        }
    }
}

#[test]
fn ten_thousand_come_and_go() {
    let mut server = Server::start(&[]);
    server.serves();
    come_and_go(&server, WARM_UP);
    let warm = server.usage_alone();
    come_and_go(&server, CONNECTIONS);
    let after = server.usage_alone();
    // Since it got warm: by then it has opened what tells it of networks and of waking up.
    assert_eq!(after.descriptors, warm.descriptors);
    let grown = after.memory.saturating_sub(warm.memory);
    println!("memory: {} KiB, then {} KiB", warm.memory, after.memory);
    assert!(grown <= MEMORY, "{grown} KiB more than before");

    let arrived = server
        .entries()
        .iter()
        .filter(|e| e.tells(&["connected:"]))
        .count();
    assert!(arrived >= CONNECTIONS, "{arrived}");

    // Nothing goes on that nobody asked for.
    let before = server.usage().ticks;
    thread::sleep(Duration::from_secs(1));
    let ticks = server.usage().ticks - before;
    assert!(ticks <= IDLE, "{ticks} clock ticks in an idle second");
    server.serves();
}
