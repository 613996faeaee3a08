//! A real listener that does not know yet what a peer speaks, and a peer that sends anything.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hallway_core::identity::Identity;
use hallway_core::net::{Encryption, ListenAddress, Listener, Reactor};
use hallway_core::wire::Opening;

/// Bytes of the longest line.
const LONGEST: usize = 1024;

/// How long one connection may take: nothing waits longer than for a handshake that stalls, and that
/// peer has closed.
const PATIENCE: Duration = Duration::from_secs(4);

struct World {
    context: glib::MainContext,
    /// Held: without it nobody listens.
    _listener: Listener,
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
    ended: Arc<AtomicUsize>,
}

impl World {
    fn new() -> Self {
        let context = glib::MainContext::default();
        let reactor = Reactor::new(glib::Priority::DEFAULT).expect("a reactor");
        let listener = Listener::new(&reactor);
        listener.set_longest_line(LONGEST);
        let identity = Identity::make().expect("a certificate");
        listener.set_identity(&identity).expect("it will do");
        listener.set_encryption(Encryption::WhenBothCan);
        let heard = Arc::<Mutex<Vec<u8>>>::default();
        let ended = Arc::<AtomicUsize>::default();
        let (record, count) = (Arc::clone(&heard), Arc::clone(&ended));
        listener.connect_new_connection(move |_, connection| {
            let record = Arc::clone(&record);
            connection.connect_lines_received(move |_, lines| {
                let mut record = record.lock().expect("one thread");
                for line in lines.iter() {
                    record.extend_from_slice(&line.bytes);
                    record.push(b'\n');
                }
            });
            let count = Arc::clone(&count);
            connection.connect_disconnected(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
            });
        });
        listener
            .listen(ListenAddress::ThisComputer, 0)
            .expect("a port");
        let port = listener.local().expect("it listens").port();
        Self {
            context,
            _listener: listener,
            port,
            heard,
            ended,
        }
    }

    fn until(&self, what: &str, done: impl Fn() -> bool) {
        let late = Instant::now() + PATIENCE;
        while !done() {
            assert!(Instant::now() < late, "{what} never came");
            self.context.iteration(false);
        }
    }
}

/// Text arrives as it was sent, and whatever begins like TLS ends without a byte of text.
pub(crate) fn opening(data: &[u8]) {
    thread_local! {
        static WORLD: World = World::new();
    }
    let Some(&first) = data.first() else { return };
    WORLD.with(|world| {
        world.heard.lock().expect("one thread").clear();
        let ended = world.ended.load(Ordering::Relaxed);
        let mut peer = TcpStream::connect(("127.0.0.1", world.port)).expect("a connection");
        // It may have been refused already.
        let _ = peer.write_all(data);
        let _ = peer.shutdown(Shutdown::Write);
        world.until("the end", || world.ended.load(Ordering::Relaxed) > ended);
        let mut answer = Vec::new();
        let _ = peer.read_to_end(&mut answer);
        let heard = world.heard.lock().expect("one thread");
        if Opening::of(first) == Opening::Tls {
            assert!(heard.is_empty(), "{heard:?}");
            assert!(
                answer
                    .first()
                    .is_none_or(|byte| (0x14..=0x17).contains(byte))
            );
        } else {
            assert!(heard.len() <= data.len() + 1);
        }
    });
}
